"""`sicfar implantar`: a release becomes a CloudFormation stack, through a change set that a person sees first."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.deployment.aws import Account
from operations.deployment.environment import Environment
from operations.deployment.failure import first_failure, found_before
from operations.deployment.release import CODE, TEMPLATE, Release
from sicfar.errors import ConfigurationError, PermanentError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef, StackEventTypeDef, StackTypeDef

_NOTHING = ("The submitted information didn't contain changes", "No updates are to be performed")
"""How CloudFormation says that a change set is empty; it has no code for it. The SAM CLI compares the same texts:
https://github.com/aws/aws-sam-cli/blob/develop/samcli/lib/deploy/deployer.py"""
_HOLDS = {
    "AWS::S3::Bucket": "os arquivos de contagem",
    "AWS::SQS::Queue": "as mensagens que esperam",
    "AWS::ApiGateway::RestApi": "o endereço que o TOTVS chama",
    "AWS::IAM::User": "a chave de acesso do gateway",
    "AWS::Logs::LogGroup": "os logs guardados",
}
"""Kinds of resource that hold what the template does not make again."""
_NOTHING_WORKS = "nada dela ficou no ar"
_CORRECT = "corrija essa causa e repita; a versão anterior segue no ar"
_PAUSE_S = 2.0
_LONGEST_S = 3600.0


class StackBusyError(TransientError):
    """Somebody else deploys, or the stack has not ended what it did."""


class StackUnusableError(ConfigurationError):
    """The stack is in a state from which no deploy goes on."""


class DeliveryFailedError(PermanentError):
    """CloudFormation refused the template or could not make it so; an older version, if there is one, runs on."""


@dataclass(frozen=True)
class Change:
    """One resource of a change set."""

    action: str
    """Add, Modify or Remove."""
    resource: str
    kind: str
    replacement: str
    """True, False or Conditional: whether a new one takes its place."""

    @property
    def loses(self) -> str:
        """What may go with the resource that is no part of the template; empty if nothing."""
        gone = self.action == "Remove" or self.replacement != "False"
        return _HOLDS.get(self.kind, "") if gone else ""

    def __str__(self) -> str:
        word = {"Add": "cria", "Modify": "altera", "Remove": "REMOVE"}.get(self.action, self.action)
        word = {"True": "SUBSTITUI", "Conditional": "TALVEZ SUBSTITUA"}.get(self.replacement, word)
        return f"{word:9} {self.resource} ({self.kind})"


@dataclass(frozen=True)
class Prepared:
    """A change set that waits to be applied; without changes it is gone already."""

    stack: str
    name: str
    new: bool
    changes: tuple[Change, ...]


class Delivery:
    """One deploy of a release to an environment."""

    def __init__(
        self, account: Account, environment: Environment, release: Release, say: Callable[[str], None]
    ) -> None:
        """Raises SettingError for parameters that the template does not take."""
        release.check_parameters(environment.parameters, environment.own_parameters)
        self._account = account
        self._environment = environment
        self._release = release
        self._say = say
        self._stack = environment.stack

    def upload(self) -> str:
        """Put code and template into the bucket of artifacts, what is there already not again; the template's URL."""
        template = json.loads(self._release.template_text)
        for resource in template["Resources"].values():
            if place := CODE.get(resource["Type"]):
                name = resource["Properties"][place]
                self._put(name, (self._release.folder / name).read_bytes())
                resource["Properties"][place] = f"s3://{self._account.artifacts}/{name}"
        text = json.dumps(template, ensure_ascii=False, separators=(",", ":"))
        key = f"{self._environment.name}/{self._release.description.version}-{TEMPLATE}"
        self._account.s3.put_object(Bucket=self._account.artifacts, Key=key, Body=text.encode())
        endpoint = self._account.s3.meta.endpoint_url
        return f"{endpoint}/{self._account.artifacts}/{key}"

    def _put(self, name: str, content: bytes) -> None:
        """Names hold their content's digest: what is there under this name is this."""
        bucket = self._account.artifacts
        try:
            if self._account.s3.head_object(Bucket=bucket, Key=name)["ContentLength"] == len(content):
                return
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
        self._say(f"envia {name} ({len(content) / 1e6:.1f} MB)")
        self._account.s3.put_object(Bucket=bucket, Key=name, Body=content)

    def prepare(self, template_url: str) -> Prepared:
        """Have CloudFormation work out what would change.

        Raises StackBusyError, StackUnusableError or DeliveryFailedError.
        """
        there = self._described()
        new = there is None or there["StackStatus"] == "REVIEW_IN_PROGRESS"
        if there and not new:
            self._require_usable(there["StackStatus"])
        given = {**self._environment.own_parameters, **self._environment.parameters}
        name = f"sicfar-{uuid.uuid4()}"
        self._account.cloudformation.create_change_set(
            StackName=self._stack,
            ChangeSetName=name,
            ChangeSetType="CREATE" if new else "UPDATE",
            TemplateURL=template_url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[{"Key": "sicfar:versao", "Value": self._release.description.version}],
        )
        end = time.monotonic() + _LONGEST_S
        while True:
            page = self._account.cloudformation.describe_change_set(StackName=self._stack, ChangeSetName=name)
            if page["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                break
            self._wait(end)
        reason = page.get("StatusReason", "")
        if page["Status"] == "FAILED":
            found = found_before(self._account, self._stack, name)
            self._account.cloudformation.delete_change_set(StackName=self._stack, ChangeSetName=name)
            if any(text in reason for text in _NOTHING):
                return Prepared(self._stack, name, new, ())
            raise DeliveryFailedError("changeset_failed", found or reason, where=self._stack, action="corrija e repita")
        return Prepared(self._stack, name, new, tuple(self._changes(name)))

    def _changes(self, name: str) -> Iterator[Change]:
        token: dict[str, str] = {}
        while True:
            page = self._account.cloudformation.describe_change_set(
                StackName=self._stack,
                ChangeSetName=name,
                **token,  # type: ignore[arg-type]
            )
            yield from map(_change, page.get("Changes", []))
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def abandon(self, prepared: Prepared) -> None:
        """Delete the change set, and with it a stack that was only to be made."""
        self._account.cloudformation.delete_change_set(StackName=prepared.stack, ChangeSetName=prepared.name)
        if prepared.new:
            self._account.cloudformation.delete_stack(StackName=prepared.stack)

    def apply(self, prepared: Prepared) -> None:
        """Apply it and wait for the end. Raises DeliveryFailedError with CloudFormation's reasons."""
        since = self._newest_event()
        self._account.cloudformation.execute_change_set(StackName=prepared.stack, ChangeSetName=prepared.name)
        end = time.monotonic() + _LONGEST_S
        # By events and not by the stack's status: it may still be that of the deploy before.
        while not (status := _ended(self._fresh(since, pages=1))):
            self._wait(end)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            cause = first_failure(self._account, self._stack, self._fresh(since))
            raise DeliveryFailedError(
                "stack_failed",
                f"a pilha terminou em {status}: " + (f"{_NOTHING_WORKS}; {cause}" if prepared.new else cause),
                where=self._stack,
                action=f"corrija essa causa; {self._to_delete}" if prepared.new else _CORRECT,
            )

    def protect(self) -> None:
        """Nobody deletes the stack by one click."""
        self._account.cloudformation.update_termination_protection(
            StackName=self._stack, EnableTerminationProtection=True
        )

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        stack = self._described()
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])} if stack else {}

    def _described(self) -> StackTypeDef | None:
        return described(self._account, self._stack)

    def _require_usable(self, status: str) -> None:
        if status.endswith("_IN_PROGRESS"):
            raise StackBusyError(
                "stack_busy", f"a pilha está em {status}", where=self._stack, action="espere que termine e repita"
            )
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            cause = first_failure(self._account, self._stack, self._fresh(None))
            raise StackUnusableError(
                "stack_unusable",
                f"a primeira implantação terminou em {status}: {_NOTHING_WORKS}; {cause}",
                where=self._stack,
                action=f"se essa causa já não existe, {self._to_delete}",
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise StackUnusableError(
                "stack_unusable",
                "a volta à versão anterior não terminou",
                where=self._stack,
                action="em CloudFormation: Ações da pilha, Continuar a reversão da atualização; depois repita",
            )

    @property
    def _to_delete(self) -> str:
        """A stack that was never made can only be deleted; what it held went with the rollback."""
        return f"exclua a pilha {self._stack} (CloudFormation, Excluir; não guarda dado nenhum) e repita este comando"

    def _newest_event(self) -> str | None:
        return next((event["EventId"] for event in self._fresh(None, pages=1)), None)

    def _fresh(self, since: str | None, pages: int | None = None) -> list[StackEventTypeDef]:
        """The stack's events after one of them, newest first; all of them since None, or those of the newest pages."""
        found: list[StackEventTypeDef] = []
        paginator = self._account.cloudformation.get_paginator("describe_stack_events")
        for page in islice(paginator.paginate(StackName=self._stack), pages):
            for event in page["StackEvents"]:
                if event["EventId"] == since:
                    return found
                found.append(event)
        return found

    def _wait(self, end: float) -> None:
        if time.monotonic() > end:
            raise StackBusyError(
                "stack_slow", "a pilha não terminou em uma hora", where=self._stack, action="veja a aba Eventos"
            )
        time.sleep(0.2 if self._account.emulated else _PAUSE_S)


def described(account: Account, stack: str) -> StackTypeDef | None:
    """A stack, or None if there is none of this name."""
    try:
        found = account.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # CloudFormation answers ValidationError for a name it does not have.
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return found[0] if found else None


def _ended(events: Sequence[StackEventTypeDef]) -> str:
    """In which status the stack itself ended, empty if it has not; events come newest first."""
    for event in events:
        status = event.get("ResourceStatus", "")
        if event["PhysicalResourceId"] == event["StackId"]:
            return "" if status.endswith("_IN_PROGRESS") else status
    return ""


def _change(one: ChangeTypeDef) -> Change:
    told = one["ResourceChange"]
    return Change(told["Action"], told["LogicalResourceId"], told["ResourceType"], told.get("Replacement", "False"))
