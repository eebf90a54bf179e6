"""What the deployed account allows whom: its policies, read back, asked for verdicts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from local.stack.emulator import ACCOUNT, REGION
from local.stack.stack import Stack
from tests.support.iam import Request, Verdict, applies, as_list, judge
from tests.support.recorder import Call, arn

OVER_TLS = {"aws:SecureTransport": "true", "aws:PrincipalAccount": ACCOUNT}
"""What every call to the real AWS carries; the emulator's are plain HTTP."""


@dataclass(frozen=True)
class Grant:
    """One action on one resource that a statement of a function's role allows."""

    function: str
    action: str
    resource: str
    statement: str

    def uses(self, call: Call) -> bool:
        """Whether a call is one this grant is there for."""
        request = Request("", call.action, call.resource, {**OVER_TLS, **dict(call.context)})
        wanted = {**json.loads(self.statement), "Action": self.action, "Resource": self.resource}
        return call.function == self.function and applies(wanted, request, named=False)


class Account:
    """The policies of a deployed stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @cached_property
    def _iam(self) -> Any:
        session = boto3.Session("test", "test", region_name=REGION)
        return session.client("iam", endpoint_url=self._stack.aws.endpoint_url)

    @cached_property
    def roles(self) -> dict[str, list[dict[str, Any]]]:
        """Logical id of each function → the policies of its role."""
        found = {}
        for function, name in self._stack.deployment.functions.items():
            role = self._stack.aws.functions.get_function_configuration(FunctionName=name)["Role"].rsplit("/", 1)[1]
            names = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
            attached = self._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            # Lambda's own, for its network interfaces in the plant's network; the emulator attaches it without one too.
            assert {one["PolicyName"] for one in attached} <= {"AWSLambdaVPCAccessExecutionRole"}, (role, attached)
            found[function] = [
                self._iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"] for policy in names
            ]
        return found

    def user(self, name: str) -> list[dict[str, Any]]:
        """A user's own policies."""
        names = self._iam.list_user_policies(UserName=name)["PolicyNames"]
        return [self._iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"] for policy in names]

    @cached_property
    def _of_resources(self) -> dict[str, dict[str, Any]]:
        buckets = [self._stack.deployment.outputs[name] for name in ("BucketName", "SelosBucketName")]
        policies = {
            f"arn:aws:s3:::{bucket}": self._stack.aws.s3.get_bucket_policy(Bucket=bucket)["Policy"]
            for bucket in buckets
        }
        for name, url in self._stack.deployment.queues.items():
            answer = self._stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            policies[arn("sqs", name)] = answer["Attributes"]["Policy"]
        return {resource: json.loads(text) for resource, text in policies.items()}

    def verdict(self, request: Request, identity: list[dict[str, Any]]) -> Verdict:
        """What AWS would answer to a request of an identity with these policies."""
        resource = request.resource.split("/")[0] if request.action.startswith("s3:") else request.resource
        policies = [self._of_resources[resource]] if resource in self._of_resources else []
        return judge(request, identity=identity, resource=policies)

    def of_call(self, call: Call) -> Verdict:
        """What AWS would answer to a function's call."""
        caller = f"arn:aws:iam::{ACCOUNT}:role/{call.function}"
        return self.verdict(
            Request(caller, call.action, call.resource, {**OVER_TLS, **dict(call.context)}), self.roles[call.function]
        )

    def grants(self) -> Iterator[Grant]:
        """All that the functions' roles allow, one action and resource each."""
        for function, policies in self.roles.items():
            for statement in (one for policy in policies for one in as_list(policy["Statement"])):
                for action in as_list(statement["Action"]):
                    for resource in as_list(statement["Resource"]):
                        yield Grant(function, action, resource, json.dumps(statement, sort_keys=True))
