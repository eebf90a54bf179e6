"""What `sicfar implantar` says of a stack that could not be made, from what CloudFormation answers page by page."""

import uuid
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.stub import Stubber

from operations.deployment.aws import Account
from operations.deployment.delivery import Delivery, DeliveryFailedError, Prepared, StackUnusableError
from operations.deployment.environment import Environment
from operations.deployment.failure import first_failure, found_before
from operations.deployment.release import Release

STACK = "sicfar-homolog"
STACK_ID = f"arn:aws:cloudformation:sa-east-1:1:stack/{STACK}/x"
Events = list[dict[str, Any]]


def event(status: str, name: str = STACK, reason: str = "") -> dict[str, Any]:
    of_stack = name == STACK
    return {
        "StackId": STACK_ID,
        "EventId": str(uuid.uuid4()),
        "StackName": STACK,
        "LogicalResourceId": name,
        "PhysicalResourceId": STACK_ID if of_stack else "",
        "ResourceType": "AWS::CloudFormation::Stack" if of_stack else "AWS::SQS::Queue",
        "Timestamp": "2026-11-29T09:00:00Z",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def failed(begin: str, end: str) -> Events:
    """A deploy that failed, newest event first: a second queue is cancelled because of the first one."""
    return [
        event(end),
        *(event("DELETE_COMPLETE", f"Outro{n}") for n in range(150)),
        event("ROLLBACK_IN_PROGRESS"),
        event("CREATE_FAILED", "Fila2", "Resource creation cancelled"),
        event("CREATE_FAILED", "Fila1", "Queue already exists"),
        event(begin),
    ]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return Account("sa-east-1")


def answered(stub: Stubber, events: Events) -> None:
    """CloudFormation gives a hundred events a page."""
    pages = [events[n : n + 100] for n in range(0, len(events), 100)] or [[]]
    for n, page in enumerate(pages):
        more = {"NextToken": str(n + 1)} if n + 1 < len(pages) else {}
        stub.add_response("describe_stack_events", {"StackEvents": page, **more})


def delivery(account: Account) -> Delivery:
    environment = Environment.model_validate({"ambiente": "homolog", "supabaseUrl": "https://a.supabase.co"})

    release = SimpleNamespace(check_parameters=lambda *_: None, description=SimpleNamespace(version="1"))
    return Delivery(account, environment, cast("Release", release), print)


@pytest.mark.parametrize(
    ("new", "begin", "end"),
    [(True, "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"), (False, "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")],
)
def test_the_first_failure_is_said_from_whichever_page(account: Account, new: bool, begin: str, end: str) -> None:
    older = [event("UPDATE_COMPLETE"), event("CREATE_FAILED", "Antiga", "de outra vez"), event("CREATE_IN_PROGRESS")]
    with Stubber(account.cloudformation) as aws:
        answered(aws, older)
        aws.add_response("execute_change_set", {})
        now = [*failed(begin, end), *older]
        aws.add_response("describe_stack_events", {"StackEvents": now[:100], "NextToken": "1"})
        answered(aws, now)
        with pytest.raises(DeliveryFailedError) as error:
            delivery(account).apply(Prepared(STACK, "x", new, ()))
    told = str(error.value)
    assert "Fila1 (AWS::SQS::Queue) falhou primeiro (e mais 1 depois dele): Queue already exists" in told
    assert "Antiga" not in told
    assert ("exclua a pilha sicfar-homolog" in told) is new
    assert ("a versão anterior segue no ar" in told) is not new


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_a_stack_that_was_never_made_says_why_when_it_is_met(account: Account, status: str) -> None:
    stack = {"StackName": STACK, "StackStatus": status, "CreationTime": "2026-11-29T09:00:00Z"}
    with Stubber(account.cloudformation) as aws:
        aws.add_response("describe_stacks", {"Stacks": [stack]})
        answered(aws, failed("CREATE_IN_PROGRESS", status))
        with pytest.raises(StackUnusableError) as error:
            delivery(account).prepare("https://s3/x")
        aws.assert_no_pending_responses()
    assert "Fila1 (AWS::SQS::Queue) falhou primeiro" in str(error.value)
    assert "exclua a pilha sicfar-homolog" in str(error.value)


def found(operation: str, name: str, reason: str) -> dict[str, Any]:
    said = {"EventId": str(uuid.uuid4()), "OperationId": operation, "LogicalResourceId": name, "ResourceType": "T"}
    return {**said, "ValidationStatusReason": reason}


def test_what_was_found_before_anything_was_made_is_said(account: Account) -> None:
    answer = {"OperationEvents": [found("2", "Bucket", "já existe"), {"OperationId": "2"}, found("1", "Antigo", "x")]}
    with Stubber(account.cloudformation) as aws:
        aws.add_response("describe_events", answer, {"StackName": STACK})
        assert first_failure(account, STACK, cast("Any", [event("CREATE_FAILED")])) == "Bucket (T): já existe"
        aws.add_response("describe_events", answer, {"StackName": STACK, "ChangeSetName": "mudança"})
        assert found_before(account, STACK, "mudança") == "Bucket (T): já existe"
        aws.add_response("describe_events", {"OperationEvents": []}, {"StackName": STACK})
        assert first_failure(account, STACK, []) == "a causa não está entre os eventos dela"


@pytest.mark.parametrize(
    ("events", "told"), [([found("1", "Bucket", "já existe")], "Bucket (T): já existe"), ([], "veja")]
)
def test_a_refused_change_set_says_what_was_found(account: Account, events: Events, told: str) -> None:
    with Stubber(account.cloudformation) as aws:
        aws.add_client_error("describe_stacks", "ValidationError")
        aws.add_response("create_change_set", {})
        aws.add_response("describe_change_set", {"Status": "FAILED", "StatusReason": "veja DescribeEvents"})
        aws.add_response("describe_events", {"OperationEvents": events})
        aws.add_response("delete_change_set", {})
        with pytest.raises(DeliveryFailedError) as error:
            delivery(account).prepare("https://s3/x")
        aws.assert_no_pending_responses()
    assert error.value.what.startswith(told)
