"""Dead letters: what they are, why they failed, and their way back or out.

SQS itself put them where they are, so each knows its source queue by name (`x-dlq` is `x`'s). Sending one back is safe
however late: whatever was done already is known to the ledger, the inbox or the outbox.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sicfar.database import supabase
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from supabase import Client

SUFFIX = "-dlq"
_HELD_S = 300  # how long a letter is hidden from others while it is looked at
_NO_SUCH_CALL = ("InvalidAction", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")


class CommandError(PermanentError):
    """What was asked for cannot be done as asked."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter. ``enviada_ms`` is since the epoch; ``codigo`` and ``motivo`` say why it failed, if known."""

    fila: str
    id: str
    enviada_ms: int
    corpo: str
    codigo: str | None
    motivo: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters: all conditions that are given must hold."""

    ids: Sequence[str] = ()
    codigo: str | None = None
    texto: str | None = None

    def takes(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        return (
            (not self.ids or letter.id in self.ids)
            and (self.codigo is None or letter.codigo == self.codigo)
            and (self.texto is None or self.texto in letter.corpo or self.texto in (letter.motivo or ""))
        )

    @property
    def everything(self) -> bool:
        """Whether no condition is given."""
        return not self.ids and self.codigo is None and self.texto is None


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

    def do(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command, as the function's event and the command line give it.

        ``acao``: listar, mostrar, reenviar, descartar. ``fila``: one queue, by its name or a part of it; else all.
        ``filtro``: {ids, codigo, texto}. ``simular``: only say which. ``por_segundo``, ``limite``: of letters moved.
        ``nativo``: let SQS move whole queues by itself, if it can. ``motivo``, ``quem``: for a letter thrown away.
        Raises CommandError.
        """
        action = command.get("acao", "listar")
        chosen = Filter(**command.get("filtro") or {})
        if action == "reenviar" and command.get("nativo") and chosen.everything and not command.get("simular"):
            with self._held(command.get("fila")) as held:
                everyone = list(held)
            # Only now: SQS moves what nobody holds.
            if self._moved_natively(everyone, command):
                moved = {"encontradas": len(everyone), "movidas": len(everyone), "restam": 0}
                return {"acao": action, **moved, "nativo": True}
        with self._held(command.get("fila")) as held:
            letters = [letter for letter in held if chosen.takes(letter)]
            answer: dict[str, Any] = {"acao": action, "encontradas": len(letters)}
            if action == "mostrar":
                return {**answer, "cartas": [asdict(letter) for letter in letters]}
            if action == "listar" or command.get("simular"):
                return {**answer, "cartas": [{**asdict(letter), "corpo": letter.corpo[:200]} for letter in letters]}
            if action == "reenviar":
                return {**answer, **self._each(letters, held, command, self._send_back)}
            if action == "descartar":
                reason, who = command.get("motivo") or "", command.get("quem") or ""
                if len(reason.strip()) < 5 or not who.strip():
                    raise CommandError("reason_missing", "descartar exige motivo (5 letras ou mais) e quem descarta")

                def throw_away(letter: Letter, handle: str) -> None:
                    supabase.registrar_descarte(self._database, letter.fila, letter.id, letter.corpo, who, reason)
                    self._sqs.delete_message(QueueUrl=self._urls[letter.fila], ReceiptHandle=handle)

                return {**answer, **self._each(letters, held, command, throw_away)}
        raise CommandError("unknown_action", f"ação {action!r}", action="use listar, mostrar, reenviar ou descartar")

    def _each(
        self,
        letters: Sequence[Letter],
        held: dict[Letter, str],
        command: Mapping[str, Any],
        act: Callable[[Letter, str], None],
    ) -> dict[str, Any]:
        limit = command.get("limite") or len(letters)
        rate = float(command.get("por_segundo") or 10)
        for letter in letters[:limit]:
            act(letter, held.pop(letter))
            self._pause(1 / rate)
        return {"movidas": min(limit, len(letters)), "restam": max(0, len(letters) - limit), "nativo": False}

    def _send_back(self, letter: Letter, handle: str) -> None:
        # Sent before it is deleted: a crash in between doubles it, which harms nothing; the other order would lose it.
        source = self._urls[letter.fila].removesuffix(SUFFIX)
        self._sqs.send_message(QueueUrl=source, MessageBody=letter.corpo)
        self._sqs.delete_message(QueueUrl=self._urls[letter.fila], ReceiptHandle=handle)

    def _moved_natively(self, letters: Sequence[Letter], command: Mapping[str, Any]) -> bool:
        """Let SQS move whole queues, where it can; False if it knows no such call."""
        rate = int(command.get("por_segundo") or 10)
        for queue in {letter.fila for letter in letters}:
            arn = self._sqs.get_queue_attributes(QueueUrl=self._urls[queue], AttributeNames=["QueueArn"])
            try:
                self._sqs.start_message_move_task(
                    SourceArn=arn["Attributes"]["QueueArn"], MaxNumberOfMessagesPerSecond=rate
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
        raw: list[tuple[str, Any]] = []
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
            reason = reasons.get(message["MessageId"], {})
            letter = Letter(
                fila=name,
                id=message["MessageId"],
                enviada_ms=int(message["Attributes"]["SentTimestamp"]),
                corpo=message["Body"],
                codigo=reason.get("codigo"),
                motivo=reason.get("motivo"),
            )
            held[letter] = message["ReceiptHandle"]
        try:
            yield held
        finally:
            for letter, handle in held.items():
                self._sqs.change_message_visibility(
                    QueueUrl=self._urls[letter.fila], ReceiptHandle=handle, VisibilityTimeout=0
                )
