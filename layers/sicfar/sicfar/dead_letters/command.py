"""What is asked about dead letters, as the function's event, and what it answers; for the function and `sicfar dlq`.

An answer is bounded far below the 6 MB that Lambda lets through: letters beyond the bound are counted, not shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from sicfar.boundary import Boundary
from sicfar.errors import PermanentError, SicfarError

FASTEST_MOVE = 500
"""Letters a second that SQS's own move takes at most."""


class CommandError(PermanentError):
    """What was asked for cannot be done as asked."""


class Action(StrEnum):
    """What can be done with dead letters."""

    LIST = "listar"
    SHOW = "mostrar"
    REPLAY = "reenviar"
    DISCARD = "descartar"
    PROGRESS = "andamento"
    """What a run has come to: asked for when an answer was lost, and while SQS moves a queue by itself."""


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
    of letters treated. ``native``: let SQS move whole queues by itself. ``reason``: for a letter thrown away.

    A run is one or more commands of one ``run``, each of which works for ``seconds`` and leaves the rest to the next.
    It takes letters sent up to ``until_ms`` only: what comes back to the dead letters meanwhile is not sent again and
    again. ``skipped``: letters that failed before in this run. ``proof``: see `sicfar.aws.identity`; a credential.
    """

    action: Action = Field(Action.LIST, alias="acao")
    queue: str | None = Field(None, alias="fila")
    chosen: Filter = Field(Filter(), alias="filtro")
    dry_run: bool = Field(False, alias="simular")
    per_second: int = Field(10, alias="por_segundo", ge=1)
    limit: int | None = Field(None, alias="limite", ge=1)
    native: bool = Field(False, alias="nativo")
    reason: str = Field("", alias="motivo")
    run: UUID = Field(default_factory=uuid4, alias="execucao")
    seconds: int | None = Field(None, alias="segundos", ge=1)
    until_ms: int | None = Field(None, alias="ate_ms")
    skipped: tuple[str, ...] = Field((), alias="exceto")
    proof: SecretStr | None = Field(None, alias="prova")

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
                raise CommandError("unknown_action", what, action=action) from None
            # Not chained: pydantic's text shows what was given, and that may be the proof.
            raise CommandError("command_invalid", f"{place}: {first['msg']}") from None

    def event(self, proof: str | None = None) -> dict[str, object]:
        """The function's event; the only place where a proof is written out."""
        given = self.model_dump(mode="json", by_alias=True, exclude={"proof"}, exclude_none=True)
        return {**given, "prova": proof} if proof else given


class Why(Boundary, frozen=True):
    """An error's code and its sentence."""

    code: str = Field(alias="codigo")
    message: str = Field(alias="mensagem")

    @classmethod
    def of(cls, error: SicfarError) -> "Why":
        """What is said of an error."""
        return cls(code=error.code, message=str(error))


class Failed(Boundary, frozen=True):
    """A letter that could not be sent back or taken out, and why; it is still a dead letter."""

    id: str
    reason: str = Field(alias="motivo")


class Group(Boundary, frozen=True):
    """How many letters of a queue failed with one code."""

    queue: str = Field(alias="fila")
    code: str | None = Field(alias="codigo")
    count: int = Field(alias="quantas")


class Move(Boundary, frozen=True):
    """A queue that SQS moves by itself, and what SQS says of it; its counts are approximate."""

    queue: str = Field(alias="fila")
    status: str = Field(alias="situacao")
    moved: int = Field(alias="movidas")
    total: int | None = Field(None, alias="de")
    reason: str | None = Field(None, alias="motivo")


class Done(Boundary, frozen=True):
    """What one command found, showed or moved.

    ``found``: letters meant that were looked at. ``complete``: every letter was looked at; else there may be more.
    ``left``: letters meant that are still dead letters, known only if complete. ``returned``: letters that came after
    ``until_ms``, hence not this run's. ``hidden``: letters another reader holds now, about as many as SQS says.
    ``stopped``: what ended the work early; the figures are of what was done before.
    """

    action: Action = Field(alias="acao")
    found: int = Field(alias="encontradas")
    complete: bool = Field(True, alias="completa")
    letters: tuple[Letter, ...] | None = Field(None, alias="cartas")
    groups: tuple[Group, ...] | None = Field(None, alias="grupos")
    asked: int | None = Field(None, alias="pedidas")
    moved: int | None = Field(None, alias="movidas")
    left: int | None = Field(None, alias="restam")
    failed_count: int | None = Field(None, alias="falharam")
    failed: tuple[Failed, ...] = Field((), alias="falhas")
    returned: int = Field(0, alias="voltaram")
    hidden: int = Field(0, alias="ocultas")
    until_ms: int | None = Field(None, alias="ate_ms")
    native: tuple[Move, ...] | None = Field(None, alias="nativo")
    who: str | None = Field(None, alias="quem")
    stopped: Why | None = Field(None, alias="parou_por")


class Refused(Boundary, frozen=True):
    """Why a command was not carried out."""

    error: Why = Field(alias="erro")

    @classmethod
    def because(cls, error: SicfarError) -> "Refused":
        """The answer to the command the error is about."""
        return cls(error=Why.of(error))


_ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Done | Refused, config=ConfigDict(defer_build=True))


def read_answer(body: bytes, *, where: str) -> Done:
    """What a function answered to a command. Raises CommandError with what it said against it."""
    try:
        answer = _ANSWER.validate_json(body, by_alias=True, by_name=False)
    except ValidationError as cause:
        what = f"a resposta não é de uma função desta versão: {body[:200]!r}"
        raise CommandError("answer_unreadable", what, where=where, action="publique a função desta versão") from cause
    if isinstance(answer, Refused):
        raise CommandError(answer.error.code, answer.error.message, where=where)
    return answer
