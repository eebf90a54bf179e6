"""Why CloudFormation could not make a stack: the resource that failed first, or what it found before it began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from operations.deployment.aws import Account

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef


def first_failure(account: Account, stack: str, events: Sequence[StackEventTypeDef]) -> str:
    """The resource that failed first and AWS's reason, from the events of one deploy, newest first.

    Resources that failed after it were cancelled because of it.
    """
    failed = [
        event
        for event in events
        if event.get("ResourceStatus", "").endswith("_FAILED") and event["PhysicalResourceId"] != event["StackId"]
    ]
    if not failed:
        return found_before(account, stack) or "a causa não está entre os eventos dela"
    first = failed[-1]
    more = f" (e mais {len(failed) - 1} depois dele)" if len(failed) > 1 else ""
    reason = first.get("ResourceStatusReason", "sem motivo dito")
    return f"{first['LogicalResourceId']} ({first['ResourceType']}) falhou primeiro{more}: {reason}"


def found_before(account: Account, stack: str, change_set: str = "") -> str:
    """What CloudFormation's validation found wrong before it made anything; empty if that is not why.

    Those are no events of the stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
    """
    asked = {"ChangeSetName": change_set} if change_set else {}
    found = []
    for page in account.cloudformation.get_paginator("describe_events").paginate(StackName=stack, **asked):  # type: ignore[arg-type]
        found += [one for one in page["OperationEvents"] if one.get("ValidationStatusReason")]
    # Newest first, and an operation's events stand together.
    latest = [one for one in found if one.get("OperationId") == found[0].get("OperationId")]
    return "; ".join(
        f"{one.get('LogicalResourceId', stack)} ({one.get('ResourceType', '')}): {one['ValidationStatusReason']}"
        for one in latest
    )
