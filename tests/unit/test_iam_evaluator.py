"""The evaluator the permission tests rely on, against the examples and tables of AWS's own documentation.

User Guide pages: reference_policies_evaluation-logic, reference_policies_elements_condition_operators,
reference_policies_multi-value-conditions, reference_policies_variables, reference_policies_elements_resource.
"""

from typing import Any

import pytest

from tests.support.iam import Request, Verdict, judge

USER = "arn:aws:iam::111122223333:user/carlos"
BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket-carlos-logs"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def ask(
    *identity: dict[str, Any], action: str = "s3:GetObject", resource: str = f"{BUCKET}/a", **context: Any
) -> Verdict:
    named = {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
    return judge(Request(USER, action, resource, named), identity=[policy(*identity)] if identity else [])


def test_nothing_is_allowed_that_no_statement_allows():
    assert ask() is Verdict.NOT_ALLOWED
    assert ask(allow("s3:ListBucket")) is Verdict.NOT_ALLOWED


def test_an_explicit_deny_wins_over_any_allow():
    # "Example policy evaluation": Carlos may do all of his own S3 but for the bucket of logs.
    carlos = (allow(["s3:*"]), deny("s3:*Object*", f"{BUCKET}/*"))
    assert ask(*carlos, action="s3:ListBucket", resource=BUCKET) is Verdict.ALLOWED
    assert ask(*carlos) is Verdict.DENIED


def test_in_one_account_an_allow_of_either_side_is_enough():
    request = Request(USER, "s3:GetObject", f"{BUCKET}/a")
    theirs = policy(allow(Principal={"AWS": USER}))
    assert judge(request, resource=[theirs]) is Verdict.ALLOWED
    assert judge(request, identity=[policy(allow())], resource=[policy(deny(Principal="*"))]) is Verdict.DENIED
    assert judge(request, resource=[policy(allow(Principal={"AWS": "arn:aws:iam::111122223333:user/ana"}))]) is (
        Verdict.NOT_ALLOWED
    )


def test_a_service_is_named_as_a_service():
    request = Request("s3.amazonaws.com", "sqs:SendMessage", "arn:aws:sqs:sa-east-1:1:q")
    ours = allow("sqs:SendMessage", Principal={"Service": "s3.amazonaws.com"})
    assert judge(request, resource=[policy(ours)]) is Verdict.ALLOWED
    for other in ({"Service": "sns.amazonaws.com"}, {"AWS": "*"}):
        assert judge(request, resource=[policy({**ours, "Principal": other})]) is Verdict.NOT_ALLOWED


def test_not_principal_spares_whom_it_names():
    spared = policy(deny(NotPrincipal={"AWS": USER}), allow(Principal="*"))
    assert judge(Request(USER, "s3:GetObject", BUCKET), resource=[spared]) is Verdict.ALLOWED
    assert judge(Request(USER[:-6] + "ana", "s3:GetObject", BUCKET), resource=[spared]) is Verdict.DENIED


@pytest.mark.parametrize(
    ("pattern", "action", "fits"),
    [
        ("s3:*", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),  # "the prefix and the action name are case insensitive"
        ("s3:Get*", "s3:PutObject", False),
        ("*", "sqs:SendMessage", True),
        ("iam:*AccessKey*", "iam:UpdateAccessKey", True),
        ("s3:GetObject", "s3:GetObjectVersion", False),
    ],
)
def test_actions_match_by_wildcard_and_in_any_case(pattern, action, fits):
    assert (ask(allow(pattern), action=action) is Verdict.ALLOWED) == fits


@pytest.mark.parametrize(
    ("pattern", "resource", "fits"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/1/2/object.jpg", True),  # a wildcard reaches over slashes
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test/object.jpg", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/1", False),
        ("arn:aws:secretsmanager:r:1:secret:nome-??????", "arn:aws:secretsmanager:r:1:secret:nome-AbC123", True),
        ("arn:aws:secretsmanager:r:1:secret:nome-??????", "arn:aws:secretsmanager:r:1:secret:nome-x-AbC123", False),
        ("arn:aws:secretsmanager:r:1:secret:nome-*", "arn:aws:secretsmanager:r:1:secret:nome-x-AbC123", True),
    ],
)
def test_resources_match_by_star_and_by_question_mark(pattern, resource, fits):
    assert (ask(allow("*", pattern), resource=resource) is Verdict.ALLOWED) == fits


def test_not_action_and_not_resource_are_all_the_others():
    assert ask({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}) is Verdict.ALLOWED
    assert ask({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}) is Verdict.NOT_ALLOWED
    assert ask({"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}) is Verdict.NOT_ALLOWED
    assert ask({"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}) is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "fits"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),  # "the key is not present": a negated operator is true
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringLike", "a/*", "a/b/c", True),
        ("StringLike", "a/?", "a/bc", False),
        ("StringNotLike", "a/*", "a/b", False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("Bool", "false", "false", True),
        ("Bool", False, "false", True),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "*", False),
        ("Null", False, "*", True),
        ("Null", "false", None, False),
        ("ArnLike", "arn:aws:s3:::b-*", "arn:aws:s3:::b-1", True),
        ("ArnLike", "arn:aws:*:b", "arn:aws:s3:::b", False),  # each part is matched by itself
        ("ArnEquals", "arn:aws:s3:*:*:b", "arn:aws:s3:::b", True),
        ("ArnNotLike", "arn:aws:s3:::b", "arn:aws:s3:::c", True),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
        ("NotIpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", False),
        ("NotIpAddress", ["203.0.113.0/24"], "198.51.100.1", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericGreaterThan", "10", "9", False),
    ],
)
def test_condition_operators(operator, wanted, found, fits):
    context = {} if found is None else {"aws__key": found}
    assert (ask(allow(Condition={operator: {"AWS:Key": wanted}}), **context) is Verdict.ALLOWED) == fits


def test_all_keys_of_all_operators_must_hold():
    both = allow(Condition={"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}})
    assert ask(both, aws__a="1", aws__b="2", aws__c="true") is Verdict.ALLOWED
    assert ask(both, aws__a="1", aws__b="2", aws__c="false") is Verdict.NOT_ALLOWED
    assert ask(both, aws__a="1", aws__c="true") is Verdict.NOT_ALLOWED


@pytest.mark.parametrize(
    ("operator", "found", "fits"),
    [
        # The table of the page on multivalued keys: the policy names environment and webserver.
        ("ForAllValues:StringEquals", ["environment", "webserver"], True),
        ("ForAllValues:StringEquals", ["environment", "costcenter"], False),
        ("ForAllValues:StringEquals", None, True),
        ("ForAnyValue:StringEquals", ["environment", "costcenter"], True),
        ("ForAnyValue:StringEquals", ["costcenter"], False),
        ("ForAnyValue:StringEquals", None, False),
    ],
)
def test_sets_of_values(operator, found, fits):
    context = {} if found is None else {"aws__TagKeys": found}
    condition = {operator: {"aws:TagKeys": ["environment", "webserver"]}}
    assert (ask(allow(Condition=condition), **context) is Verdict.ALLOWED) == fits


def test_policy_variables_are_the_requests_values_or_match_nothing():
    home = allow("s3:*", "arn:aws:s3:::b/home/${aws:username}/*")
    own, other = "arn:aws:s3:::b/home/carlos/x", "arn:aws:s3:::b/home/ana/x"
    assert ask(home, resource=own, aws__username="carlos") is Verdict.ALLOWED
    assert ask(home, resource=other, aws__username="carlos") is Verdict.NOT_ALLOWED
    assert ask(home, resource=own) is Verdict.NOT_ALLOWED
    prefix = allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}})
    listing = {"action": "s3:ListBucket", "resource": "arn:aws:s3:::b", "aws__username": "carlos"}
    assert ask(prefix, **listing, s3__prefix="home/carlos/") is Verdict.ALLOWED
    assert ask(prefix, **listing, s3__prefix="home/ana/") is Verdict.NOT_ALLOWED


def test_a_policy_the_evaluator_does_not_cover_is_an_error_not_a_verdict():
    with pytest.raises(KeyError):
        ask(allow(Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}), aws__CurrentTime="2025-01-01")
    with pytest.raises(NotImplementedError):
        ask(allow(resource="arn:aws:s3:::b/${*}"))
