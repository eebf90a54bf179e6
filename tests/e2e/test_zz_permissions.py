"""After all the others: every call the functions made, judged by the deployed policies as a real account would.

The emulator enforces no policy. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import json
from pathlib import Path

import pytest

from local.stack.emulator import ACCOUNT
from tests.support.iam import Request, Verdict
from tests.support.permissions import OVER_TLS, Account, Grant
from tests.support.recorder import Call, arn, secret_arn

FUNCTIONS = (
    "TxtParser",
    "TotvsWebhook",
    "TotvsApply",
    "TotvsSync",
    "LotClosure",
    "TotvsPost",
    "DlqRedrive",
    "DailyDigest",
    "Auditoria",
)
POLLED = {"TxtParser": "sicfar-local-txt", "TotvsApply": "sicfar-local-totvs", "TotvsPost": "sicfar-local-post"}
POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
MOVING = ("sqs:StartMessageMoveTask", *POLLING)
"""What the caller of StartMessageMoveTask needs on the dead letter queue; on the destination it is SendMessage.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html"""


def made_by_aws() -> set[Call]:
    """Calls with a function's role that its code does not make: Lambda's own, and what SQS does in a move it began."""
    polls = {
        Call(function, action, arn("sqs", queue)) for function, queue in POLLED.items() for action in POLLING
    }  # the event source mapping: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    moves = {
        Call("DlqRedrive", action, arn("sqs", f"{queue}-dlq")) for queue in POLLED.values() for action in MOVING
    } | {Call("DlqRedrive", "sqs:SendMessage", arn("sqs", queue)) for queue in POLLED.values()}
    return polls | moves


def without_a_call(grant: Grant) -> bool:
    """What a role needs though no code calls it."""
    # Lambda itself writes what a function prints, with its role.
    logs = grant.action in {"logs:CreateLogStream", "logs:PutLogEvents"}
    # With it S3 answers a missing object 404, else 403, which is a fault of configuration to the parser.
    missing = (grant.function, grant.action) == ("TxtParser", "s3:ListBucket")
    # How far a native move is; the emulator begins none.
    progress = (grant.function, grant.action) == ("DlqRedrive", "sqs:ListMessageMoveTasks")
    # A loose file is announced with its version; an event written by hand, as the guide's, names none.
    by_hand = (grant.function, grant.action) == ("TxtParser", "s3:GetObject") and grant.resource.endswith("/avulsos/*")
    # Where the chain is meant to be locked, the audit looks whether it is; the emulator's is not.
    lock = (grant.function, grant.action) == ("Auditoria", "s3:GetBucketObjectLockConfiguration")
    return logs or missing or progress or by_hand or lock


@pytest.fixture(scope="module")
def account(stack) -> Account:
    return Account(stack)


def test_p9_a_native_redrive_is_asked_of_sqs_by_its_queue(plant, recorder, eventually):
    plant.sqs.send_message(QueueUrl=plant.queue, MessageBody="permissões: não é uma notificação")
    eventually(lambda: len(plant.dead_letters()), 1)
    plant.invoke("DlqRedriveName", acao="reenviar", fila="txt-dlq", nativo=True)
    asked = Call("DlqRedrive", "sqs:StartMessageMoveTask", arn("sqs", "sicfar-local-txt-dlq"))
    assert asked in recorder.calls()
    command = {"acao": "descartar", "fila": "txt-dlq", "motivo": "teste das permissões"}
    eventually(lambda: plant.invoke("DlqRedriveName", **command).get("movidas"), 1, pause_s=1)
    eventually(plant.idle)


def test_p9_whatever_a_function_called_its_role_allows(plant, account, recorder):
    plant.invoke("LotClosureName")  # alone too, there is something to judge
    calls = recorder.calls() | made_by_aws()
    refused = {call: verdict for call in calls if (verdict := account.of_call(call)) is not Verdict.ALLOWED}
    assert refused == {}
    assert {call.function for call in recorder.calls()} >= {"LotClosure"}


def test_p9_no_role_allows_what_no_call_of_the_whole_run_used(account, recorder):
    calls = recorder.calls() | made_by_aws()
    # Of several queues that a function treats alike the run need not meet each.
    met = {(call.function, call.action) for call in calls if call.action.startswith("sqs:")}
    unused = [
        f"{grant.function}: {grant.action} on {grant.resource}"
        for grant in account.grants()
        if not without_a_call(grant)
        and (grant.function, grant.action) not in met
        and not any(grant.uses(call) for call in calls)
    ]
    assert unused == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p9_a_role_allows_no_other_functions_business(stack, account, function):
    """What the other functions need and this one does not, and what nobody may."""
    bucket = f"arn:aws:s3:::{stack.deployment.outputs['BucketName']}"
    own = {(grant.action, grant.resource) for grant in account.grants() if grant.function == function}
    others = {(grant.action, grant.resource) for grant in account.grants()} - own
    foreign = {(action, resource) for action, resource in others if "*" not in resource and "?" not in resource}
    nobodys = {
        ("s3:PutObject", f"{bucket}/contagens/x/y"),
        ("s3:DeleteObject", f"{bucket}/contagens/x/y"),
        ("s3:GetObject", "arn:aws:s3:::outro/contagens/x"),
        ("sqs:PurgeQueue", arn("sqs", "sicfar-local-txt")),
        ("sqs:DeleteQueue", arn("sqs", "sicfar-local-txt-dlq")),
        ("secretsmanager:GetSecretValue", secret_arn("sicfar/local/outro")),
        ("secretsmanager:PutSecretValue", secret_arn("sicfar/local/supabase")),
        ("ssm:PutParameter", arn("ssm", "parameter/sicfar/local/totvs")),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x"),
        ("lambda:InvokeFunction", arn("lambda", "function:sicfar-local-dlq-redrive")),
    }
    for action, resource in foreign | nobodys:
        assert account.of_call(Call(function, action, resource)) is not Verdict.ALLOWED, (action, resource)


def test_p9_a_role_reads_no_secret_whose_name_begins_like_its_own(account):
    names = {
        "TxtParser": {"supabase"},
        "TotvsWebhook": {"totvs-webhook"},
        "TotvsApply": {"supabase"},
        "TotvsSync": {"supabase", "totvs"},
        "LotClosure": {"supabase", "fechamentos"},
        "TotvsPost": {"supabase", "totvs"},
        "DailyDigest": {"supabase"},
        "DlqRedrive": {"supabase"},
        "Painel": set(),
        "Auditoria": {"auditoria"},
    }
    every = {"supabase", "supabase-antigo", "totvs", "totvs-webhook", "totvs-webhook-novo", "fechamentos", "auditoria"}
    read = {
        function: {
            name
            for name in every
            if account.of_call(Call(function, "secretsmanager:GetSecretValue", secret_arn(f"sicfar/local/{name}")))
            is Verdict.ALLOWED
        }
        for function in account.roles
    }
    assert read == names


def gateway_stack(stack):
    """A second gateway's identity, as docs/operacao.md says: a stack of gateway.yaml."""
    parameters = {"Ambiente": "local", "GatewayId": "outra"}
    stack.aws.cloudformation.create_stack(
        StackName="sicfar-local-gateway-outra",
        TemplateBody=Path("gateway.yaml").read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack.aws.cloudformation.get_waiter("stack_create_complete").wait(
        StackName="sicfar-local-gateway-outra", WaiterConfig={"Delay": 1}
    )
    (made,) = stack.aws.cloudformation.describe_stacks(StackName="sicfar-local-gateway-outra")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}["GatewayUserName"]


def test_p9_a_gateway_only_writes_each_of_its_batches_once(stack, account):
    bucket = f"arn:aws:s3:::{stack.deployment.outputs['BucketName']}"
    once = {"s3:if-none-match": "*"}
    users = {"farmace-spep": stack.deployment.outputs["GatewayUserName"], "outra": gateway_stack(stack)}
    for gateway, user in users.items():
        (other,) = users.keys() - {gateway}
        own, theirs = f"{bucket}/contagens/{gateway}", f"{bucket}/contagens/{other}"
        policies = account.user(user)

        def ask(action, resource, user=user, policies=policies, **context):
            caller = f"arn:aws:iam::{ACCOUNT}:user/{user}"
            keys = {**OVER_TLS, **context}
            return account.verdict(Request(caller, f"s3:{action}", resource, keys), policies)

        allowed = {
            "upload": ask("PutObject", f"{own}/e/1.gz", **once),
            "check": ask("ListBucket", bucket, **{"s3:prefix": f"contagens/{gateway}/", "s3:max-keys": "1"}),
        }
        refused = {
            "overwrite": ask("PutObject", f"{own}/e/1.gz"),
            "plain HTTP": ask("PutObject", f"{own}/e/1.gz", **once, **{"aws:SecureTransport": "false"}),
            "foreign prefix": ask("PutObject", f"{theirs}/e/1.gz", **once),
            "prefix that begins like its own": ask("PutObject", f"{own}-2/e/1.gz", **once),
            "loose file": ask("PutObject", f"{bucket}/avulsos/x.txt", **once),
            "read": ask("GetObject", f"{own}/e/1.gz"),
            "delete": ask("DeleteObject", f"{own}/e/1.gz"),
            "delete a version": ask("DeleteObjectVersion", f"{own}/e/1.gz"),
            "list all": ask("ListBucket", bucket),
            "list another's": ask("ListBucket", bucket, **{"s3:prefix": f"contagens/{other}/"}),
            "list a level up": ask("ListBucket", bucket, **{"s3:prefix": "contagens/"}),
            "bucket policy": ask("PutBucketPolicy", bucket),
        }
        assert set(allowed.values()) == {Verdict.ALLOWED}, allowed
        assert Verdict.ALLOWED not in refused.values(), refused


def test_p9_not_even_an_administrator_deletes_a_record_or_a_queue_unawares(stack, account):
    everything = [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]
    bucket = f"arn:aws:s3:::{stack.deployment.outputs['BucketName']}"
    admin = f"arn:aws:iam::{ACCOUNT}:user/admin"

    def ask(action, resource):
        return account.verdict(Request(admin, action, resource, OVER_TLS), everything)

    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert ask(action, f"{bucket}/contagens/x/y") is ask(action, f"{bucket}/avulsos/x") is Verdict.DENIED
    assert ask("s3:DeleteBucket", bucket) is Verdict.DENIED
    for queue in stack.deployment.queues:
        for action in ("sqs:DeleteQueue", "sqs:PurgeQueue"):
            assert ask(action, arn("sqs", queue)) is Verdict.DENIED
        assert ask("sqs:DeleteMessage", arn("sqs", queue)) is Verdict.ALLOWED
    # Deliberately it stays possible: the policy itself can be changed.
    assert ask("s3:PutBucketPolicy", bucket) is Verdict.ALLOWED


def test_p9_only_this_bucket_announces_files(stack, account):
    def ask(bucket, owner, service="s3.amazonaws.com"):
        source = {"aws:SourceArn": f"arn:aws:s3:::{bucket}", "aws:SourceAccount": owner, **OVER_TLS}
        return account.verdict(Request(service, "sqs:SendMessage", arn("sqs", "sicfar-local-txt"), source), [])

    own = stack.deployment.outputs["BucketName"]
    assert ask(own, ACCOUNT) is Verdict.ALLOWED
    for wrong in (("outro", ACCOUNT), (own, "111122223333"), (own, ACCOUNT, "sns.amazonaws.com")):
        assert ask(*wrong) is not Verdict.ALLOWED


def test_a_recorded_call_is_what_was_called(recorder):
    """The record's own check: no function's start is without the secret of its database."""
    called = {json.dumps([call.action, call.resource]) for call in recorder.calls() if call.function == "LotClosure"}
    assert json.dumps(["secretsmanager:GetSecretValue", secret_arn("sicfar/local/supabase")]) in called
