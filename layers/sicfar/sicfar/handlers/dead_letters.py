"""Dead letters: what they are, why they failed, and their way back or out.

SQS itself put them where they are, so each knows its source queue by name (`x-dlq` is `x`'s). Sending one back is safe
however late: whatever was done already is known to the ledger, the inbox or the outbox.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from sicfar.boundary import Boundary
from sicfar.database import supabase
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from sicfar.database.supabase import Client

SUFFIX = "-dlq"
_HELD_S = 300  # how long a letter is hidden from others while it is looked at
_NO_SUCH_CALL = ("InvalidAction", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")


class CommandError(PermanentError):
    """What was asked for cannot be done as asked."""


class Action(StrEnum):
    """What can be done with dead letters."""

    LIST = "listar"
    SHOW = "mostrar"
    REPLAY = "reenviar"
    DISCARD = "descartar"


class Letter(Boundary, frozen=True):
    """A dead letter. ``sent_ms`` is since the epoch; ``code`` and ``reason`` say why it failed, if known."""

    queue: str = Field(alias="fila")
    id: str
    sent_ms: int = Field(alias="enviada_ms")
    body: str = Field(alias="corpo")
    code: str | None = Field(alias="codigo")
    reason: str | None = Field(alias="motivo")


class Filter(Boundary, frozen=True, extra="forbid"):
    """Which letters: all conditions that are given must hold. A condition that is misspelt is none, hence refused."""

    ids: tuple[str, ...] = ()
    code: str | None = Field(None, alias="codigo")
    text: str | None = Field(None, alias="texto")

    def takes(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        return (
            (not self.ids or letter.id in self.ids)
            and (self.code is None or letter.code == self.code)
            and (self.text is None or self.text in letter.body or self.text in (letter.reason or ""))
        )

    @property
    def everything(self) -> bool:
        """Whether no condition is given."""
        return not self.ids and self.code is None and self.text is None


class Command(Boundary, frozen=True, extra="forbid"):
    """What is asked for, as the function's event and the command line give it.

    ``queue``: one queue, by its name or a part of it; else all. ``dry_run``: only say which. ``per_second``, ``limit``:
    of letters moved. ``native``: let SQS move whole queues by itself, if it can. ``reason``, ``who``: for a letter
    thrown away.
    """

    action: Action = Field(Action.LIST, alias="acao")
    queue: str | None = Field(None, alias="fila")
    chosen: Filter | None = Field(None, alias="filtro")
    dry_run: bool = Field(False, alias="simular")
    per_second: int = Field(10, alias="por_segundo", ge=1)
    limit: int | None = Field(None, alias="limite", ge=1)
    native: bool = Field(False, alias="nativo")
    reason: str = Field("", alias="motivo")
    who: str = Field("", alias="quem")

    @classmethod
    def parse(cls, event: Mapping[str, object]) -> "Command":
        """Read a command. Raises CommandError."""
        try:
            return cls.model_validate(event, by_alias=True, by_name=False)
        except ValidationError as cause:
            first = cause.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            if place == "acao":
                what, action = f"ação {first['input']!r}", f"use {', '.join(Action)}"
                raise CommandError("unknown_action", what, action=action) from cause
            raise CommandError("command_invalid", f"{place}: {first['msg']}") from cause


class Done(Boundary, frozen=True):
    """What was found, and shown or moved. ``left``: found, and not moved yet; ``native``: SQS moves them by itself."""

    action: Action = Field(alias="acao")
    found: int = Field(alias="encontradas")
    letters: tuple[Letter, ...] | None = Field(None, alias="cartas")
    moved: int | None = Field(None, alias="movidas")
    left: int | None = Field(None, alias="restam")
    native: bool | None = Field(None, alias="nativo")


class _Why(Boundary, frozen=True):
    code: str = Field(alias="codigo")
    message: str = Field(alias="mensagem")


class Refused(Boundary, frozen=True):
    """Why a command was not carried out."""

    error: _Why = Field(alias="erro")

    @classmethod
    def because(cls, error: CommandError) -> "Refused":
        """The answer to the command the error is about."""
        return cls(error=_Why(code=error.code, message=str(error)))


_ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Done | Refused, config=ConfigDict(defer_build=True))


def read_answer(body: bytes, *, where: str) -> Done:
    """What a function answered to a command. Raises CommandError with what it said against it."""
    try:
        answer = _ANSWER.validate_json(body, by_alias=True, by_name=False)
    except ValidationError as cause:
        what = f"a resposta não é de uma função desta versão: {body[:200]!r}"
        raise CommandError("answer_unreadable", what, where=where) from cause
    if isinstance(answer, Refused):
        raise CommandError(answer.error.code, answer.error.message, where=where)
    return answer


class DeadLetters:
    """The dead letter queues of an environment."""

    def __init__(
        self,
        sqs: "SQSClient",
        database: "Client",
        urls: Sequence[str],
        *,
        pause: Callable[[float], None] = time.sleep,
        wait_s: int = 1,
    ) -> None:
        """``urls`` are the dead letter queues'. ``wait_s``: how long a queue is asked before it counts as empty."""
        self._sqs = sqs
        self._database = database
        self._urls = {url.rsplit("/", 1)[-1]: url for url in urls}
        self._pause = pause
        self._wait_s = wait_s

    def do(self, command: Command) -> Done:
        """Carry out one command. Raises CommandError."""
        action = command.action
        chosen = command.chosen or Filter()
        if action is Action.REPLAY and command.native and chosen.everything and not command.dry_run:
            with self._held(command.queue) as held:
                everyone = list(held)
            # Only now: SQS moves what no receiver holds.
            if self._moved_natively(everyone, command.per_second):
                return Done(action=action, found=len(everyone), moved=len(everyone), left=0, native=True)
        with self._held(command.queue) as held:
            letters = tuple(letter for letter in held if chosen.takes(letter))
            if action is Action.SHOW:
                return Done(action=action, found=len(letters), letters=letters)
            if action is Action.LIST or command.dry_run:
                short = tuple(letter.model_copy(update={"body": letter.body[:200]}) for letter in letters)
                return Done(action=action, found=len(letters), letters=short)
            if action is Action.REPLAY:
                return self._each(letters, held, command, self._send_back)
            if len(command.reason.strip()) < 5 or not command.who.strip():
                raise CommandError("reason_missing", "descartar exige motivo (5 letras ou mais) e quem descarta")

            def throw_away(letter: Letter, handle: str) -> None:
                supabase.registrar_descarte(
                    self._database, letter.queue, letter.id, letter.body, command.who, command.reason
                )
                self._sqs.delete_message(QueueUrl=self._urls[letter.queue], ReceiptHandle=handle)

            return self._each(letters, held, command, throw_away)

    def _each(
        self,
        letters: Sequence[Letter],
        held: dict[Letter, str],
        command: Command,
        act: Callable[[Letter, str], None],
    ) -> Done:
        limit = command.limit or len(letters)
        for letter in letters[:limit]:
            act(letter, held.pop(letter))
            self._pause(1 / command.per_second)
        return Done(
            action=command.action,
            found=len(letters),
            moved=min(limit, len(letters)),
            left=max(0, len(letters) - limit),
            native=False,
        )

    def _send_back(self, letter: Letter, handle: str) -> None:
        # Sent before it is deleted: a crash in between doubles it, which harms nothing; the other order would lose it.
        source = self._urls[letter.queue].removesuffix(SUFFIX)
        self._sqs.send_message(QueueUrl=source, MessageBody=letter.body)
        self._sqs.delete_message(QueueUrl=self._urls[letter.queue], ReceiptHandle=handle)

    def _moved_natively(self, letters: Sequence[Letter], per_second: int) -> bool:
        """Let SQS move whole queues, where it can; False if it knows no such call."""
        for queue in {letter.queue for letter in letters}:
            arn = self._sqs.get_queue_attributes(QueueUrl=self._urls[queue], AttributeNames=["QueueArn"])
            try:
                self._sqs.start_message_move_task(
                    SourceArn=arn["Attributes"]["QueueArn"], MaxNumberOfMessagesPerSecond=per_second
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _NO_SUCH_CALL:
                    return False
                raise
        return bool(letters)

    @contextmanager
    def _held(self, queue: str | None) -> Iterator[dict[Letter, str]]:
        """Every letter of the queues with its receipt handle, hidden from others meanwhile; what is left in the
        dictionary afterwards is put back."""
        names = [name for name in self._urls if queue is None or queue in name]
        if not names:
            raise CommandError("unknown_queue", f"fila {queue!r}", action=f"as filas são {', '.join(self._urls)}")
        raw: list[tuple[str, MessageTypeDef]] = []
        for name in names:
            while True:
                received = self._sqs.receive_message(
                    QueueUrl=self._urls[name],
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=_HELD_S,
                    WaitTimeSeconds=self._wait_s,
                    AttributeNames=["All"],
                )
                messages = received.get("Messages", [])
                if not messages:
                    break
                raw += [(name, message) for message in messages]
        reasons = supabase.motivos_falhas(self._database, [message["MessageId"] for _, message in raw]) if raw else {}
        held: dict[Letter, str] = {}
        for name, message in raw:
            reason = reasons.get(message["MessageId"])
            letter = Letter(
                queue=name,
                id=message["MessageId"],
                sent_ms=int(message["Attributes"]["SentTimestamp"]),
                body=message["Body"],
                code=reason.code if reason else None,
                reason=reason.reason if reason else None,
            )
            held[letter] = message["ReceiptHandle"]
        try:
            yield held
        finally:
            for letter, handle in held.items():
                self._sqs.change_message_visibility(
                    QueueUrl=self._urls[letter.queue], ReceiptHandle=handle, VisibilityTimeout=0
                )
