"""Judges a request to AWS by the policies of its account, as AWS documents it.

No emulator of ours does: moto ignores conditions; MiniStack's own check (AUTH=true) lacks `s3:if-none-match` and
refuses plain HTTP by our own policies. The evaluators on PyPI are not kept up (principalmapper, iamspy: 2022), the one
on npm is AGPL. This is the part our template needs: identity and resource policies of one account, without boundaries,
session and service control policies.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Policy = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]


class Verdict(StrEnum):
    """What AWS answers, and why."""

    ALLOWED = "allowed"
    DENIED = "explicitly denied"
    NOT_ALLOWED = "not allowed by any statement"


@dataclass(frozen=True)
class Request:
    """One call. `principal`: the caller's ARN, or a service's name; `context`: condition keys, in any case."""

    principal: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    def key(self, name: str) -> list[str] | None:
        """The values of a condition key; None if the request has none."""
        for key, value in self.context.items():
            if key.lower() == name.lower():
                return [value] if isinstance(value, str) else list(value)
        return None


def judge(request: Request, *, identity: Iterable[Policy] = (), resource: Iterable[Policy] = ()) -> Verdict:
    """The verdict for a caller of the resource's own account: a deny anywhere wins, else one allow on either side does.

    `identity` are the caller's policies, `resource` those of what it calls.
    """
    effects = {
        statement["Effect"]
        for policies, named in ((identity, False), (resource, True))
        for policy in policies
        for statement in as_list(policy["Statement"])
        if applies(statement, request, named=named)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.NOT_ALLOWED


def applies(statement: Mapping[str, Any], request: Request, *, named: bool) -> bool:
    """Whether a statement speaks of the request. `named`: it is a resource policy's, which names its principals."""
    if named and not _names(statement, request.principal):
        return False
    return (
        _one_of(statement, "Action", lambda pattern: matches(pattern.lower(), request.action.lower()))
        and _one_of(statement, "Resource", lambda pattern: _resource(pattern, request))
        and all(
            _condition(operator, key, as_list(wanted), request)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def as_list(value: Any) -> list[Any]:
    """What a policy may write alone or as a list."""
    return value if isinstance(value, list) else [value]


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern of `*` (any characters) and `?` (exactly one) is all of the text."""
    parts = ({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _one_of(statement: Mapping[str, Any], element: str, fits: Any) -> bool:
    if f"Not{element}" in statement:
        return not any(fits(pattern) for pattern in as_list(statement[f"Not{element}"]))
    return any(fits(pattern) for pattern in as_list(statement[element]))


def _resource(pattern: str, request: Request) -> bool:
    filled = _filled(pattern, request)
    return filled is not None and matches(filled, request.resource)


def _names(statement: Mapping[str, Any], caller: str) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(statement["NotPrincipal"], caller)
    return _is_named(statement["Principal"], caller)


def _is_named(principal: Any, caller: str) -> bool:
    if principal == "*":
        return True
    kind = "Service" if caller.endswith(".amazonaws.com") else "AWS"
    account = caller.split(":")[4] if caller.startswith("arn:") else ""
    everyone = {"*", caller, account, f"arn:aws:iam::{account}:root"}
    return any(name in everyone for name in as_list(principal.get(kind, [])))


_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def _filled(pattern: str, request: Request) -> str | None:
    """The pattern with its policy variables' values; None if one has no value: the statement then matches nothing.

    A value's own `*` and `?` are letters, as AWS takes them; no value of ours has any.
    """
    values: dict[str, str] = {}
    for name in _VARIABLE.findall(pattern):
        if name in {"*", "?", "$"}:
            raise NotImplementedError(f"escaped wildcard in {pattern!r}")
        found = request.key(name)
        if not found:
            return None
        values[name] = found[0]
    return _VARIABLE.sub(lambda match: values[match[1]], pattern)


def _arn_like(pattern: str, text: str) -> bool:
    """Each of an ARN's six parts by itself, so that no `*` reaches over a colon but in the last."""
    patterns, parts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(matches, patterns, parts))


def _in_network(network: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


_OPERATORS = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": matches,
    "ArnEquals": _arn_like,  # AWS: ArnEquals and ArnLike behave identically
    "ArnLike": _arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "IpAddress": _in_network,
    "NumericLessThan": lambda wanted, found: float(found) < float(wanted),
    "NumericGreaterThan": lambda wanted, found: float(found) > float(wanted),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}


def _condition(operator: str, key: str, wanted: list[Any], request: Request) -> bool:
    """One key of one operator. Several values are alternatives. A key the request lacks fails, except with a negated
    operator, `…IfExists` and `ForAllValues`."""
    found = request.key(key)
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in wanted]
    if operator == "Null":
        return any((found is None) == (text == "true") for text in texts)
    quantifier, _, name = operator.rpartition(":")
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negated = name in _NEGATED
    if found is None:
        return optional or negated or quantifier == "ForAllValues"
    compare = _OPERATORS[_NEGATED.get(name, name)]
    filled = [text for text in (_filled(text, request) for text in texts) if text is not None]

    def holds(value: str) -> bool:
        return any(compare(text, value) for text in filled) != negated

    if quantifier == "ForAnyValue":
        return any(map(holds, found))
    return all(map(holds, found))
