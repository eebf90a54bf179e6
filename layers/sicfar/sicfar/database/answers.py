"""What the database's functions answer, a model per answer; the shapes are those of the SQL functions.

Instants are aware; an answer that depends on its situation is one class per situation.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from sicfar.boundary import Boundary
from sicfar.database.codes import ClaimSituation, EventSituation, FileSituation, ReportKind, ReportSituation

_LATER = ConfigDict(defer_build=True)


class Answer(Boundary, frozen=True):
    """An answer, or a part of one."""


class Refusal(Answer, frozen=True):
    """Why a part of a call failed while the rest of it took effect. ``sqlstate``: five characters."""

    sqlstate: str
    code: str = Field(alias="codigo")
    message: str = Field(alias="mensagem")


# Files ----------------------------------------------------------------------------------------------------------------


class CountedPrefix(Answer, frozen=True):
    """The part of a loose content that is counted: bytes of uncompressed text, their digest, the object they stood in.

    ``sha256`` is None if it is empty, ``version_id`` on an unversioned bucket. ``until``: what follows it is wanted
    up to there only, None for all of it.
    """

    length: int = Field(alias="tamanho")
    sha256: str | None
    key: str = Field(alias="chave")
    version_id: str | None = Field(alias="versao_id")
    until: int | None = Field(None, alias="ate")


class _File(Answer, frozen=True):
    key: str = Field(alias="chave")
    version_id: str | None = Field(alias="versao_id")


class FileRecorded(_File, frozen=True):
    """A file that is on the books, now or since before. ``reason``: why it is in quarantine."""

    situation: Literal[FileSituation.APPLIED, FileSituation.KNOWN, FileSituation.QUARANTINED] = Field(alias="situacao")
    reason: str | None = Field(None, alias="motivo")


class FileGrown(_File, frozen=True):
    """A loose file of which a part is counted: what follows `prefix` is missing."""

    situation: Literal[FileSituation.GROWN] = Field(alias="situacao")
    prefix: CountedPrefix = Field(alias="prefixo")


class FileFailed(_File, frozen=True):
    """A file that could not be recorded; the others of its call were."""

    situation: Literal[FileSituation.FAILED] = Field(alias="situacao")
    refusal: Refusal = Field(alias="erro")


FileAnswer = Annotated[FileRecorded | FileGrown | FileFailed, Field(discriminator="situation")]
FILES: TypeAdapter[tuple[FileAnswer, ...]] = TypeAdapter(tuple[FileAnswer, ...], config=_LATER)


# Events of the ERP ----------------------------------------------------------------------------------------------------


class _Event(Answer, frozen=True):
    index: int = Field(alias="indice")
    event_id: int | None = Field(alias="evento")
    kind: str | None = Field(alias="tipo")
    reference: str | None = Field(alias="referencia")
    changed: bool = Field(alias="mudou")


class EventDecided(_Event, frozen=True):
    """An event that was received; `changed`: something is other than before, or newly waits for somebody.

    ``event_id`` is None for a row of a pull that changed nothing: it is not kept.
    """

    situation: Literal[
        EventSituation.APPLIED,
        EventSituation.WITHOUT_EFFECT,
        EventSituation.SUPERSEDED,
        EventSituation.PARKED,
        EventSituation.IGNORED,
        EventSituation.REFUSED,
        EventSituation.KNOWN,
    ] = Field(alias="situacao")
    code: str | None = Field(alias="codigo")
    reason: str | None = Field(alias="motivo")


class EventFailed(_Event, frozen=True):
    """An event that could not be received; the others of its call were."""

    situation: Literal[EventSituation.FAILED] = Field(alias="situacao")
    refusal: Refusal = Field(alias="erro")


EventAnswer = Annotated[EventDecided | EventFailed, Field(discriminator="situation")]
EVENTS: TypeAdapter[tuple[EventAnswer, ...]] = TypeAdapter(tuple[EventAnswer, ...], config=_LATER)


class PullStart(Answer, frozen=True):
    """Where a pull begins: everything changed until that instant is known (None: nothing is), and the page to ask."""

    changed_since: datetime | None = Field(alias="alterado_desde")
    next_page: int = Field(alias="proxima_pagina")


class PullEnd(Answer, frozen=True):
    """How many parked events found what they waited for, and whether others may still be applied."""

    reapplied: int = Field(alias="reaplicados")
    more: bool = Field(False, alias="restam")


PULL_START = TypeAdapter(PullStart)
PULL_END = TypeAdapter(PullEnd)


# Reports to the ERP ---------------------------------------------------------------------------------------------------


class Claimed(Answer, frozen=True):
    """A report to send now. ``attempts``: how often the ERP answered and did not accept it.

    ``ask_first``: before it is sent, the ERP is asked whether it is there; ``compare``: and whether with these very
    amounts. ``in_doubt``: it may be there (None: a database of the previous release, which asks about no other).
    ``may_repeat``: if it is not there, it may be sent. ``probe``: the ERP did not answer the call before this one, so
    this one finds out whether it is back (False also from a database of the previous release, which does not tell).
    ``content`` is what is reported, by our names for it, ``master`` what of the master data was frozen with it (empty
    from an older database): the configuration says what each is to the ERP.
    """

    situation: Literal[ClaimSituation.SEND] = Field(alias="situacao")
    report_id: int = Field(alias="envio")
    lease: str
    external_id: str = Field(alias="id_externo")
    kind: ReportKind = Field(alias="tipo")
    attempts: int = Field(alias="tentativas")
    content: Mapping[str, object] = Field(alias="conteudo")
    master: Mapping[str, object] = Field({}, alias="cadastro")
    ask_first: bool = Field(alias="consultar")
    compare: bool = Field(alias="conferir")
    in_doubt: bool | None = Field(None, alias="em_duvida")
    may_repeat: bool = Field(True, alias="repetir")
    probe: bool = Field(False, alias="sonda")


class ClaimFailed(Answer, frozen=True):
    """The report was refused, or tried too often, by this very message."""

    situation: Literal[ClaimSituation.FAILED] = Field(alias="situacao")
    report_id: int = Field(alias="envio")
    code: str | None = Field(alias="codigo")
    error: str | None = Field(alias="erro")


class NothingToSend(Answer, frozen=True):
    """Not now, or nothing at all, for this message."""

    situation: Literal[ClaimSituation.WAIT, ClaimSituation.NOTHING] = Field(alias="situacao")


Claim = Annotated[Claimed | ClaimFailed | NothingToSend, Field(discriminator="situation")]
CLAIM: TypeAdapter[Claim] = TypeAdapter(Claim, config=_LATER)


class Concluded(Answer, frozen=True):
    """Where a report stands now (None: the database does not know it), and the order's next one if it may go."""

    situation: ReportSituation | None = Field(alias="situacao")
    following: int | None = Field(alias="proximo")


CONCLUDED = TypeAdapter(Concluded)


class Restoration(Answer, frozen=True):
    """How many reports the ERP may have been sent since the copy the database came back as."""

    in_doubt: int = Field(alias="em_duvida")


# Closing --------------------------------------------------------------------------------------------------------------


class ClosingFailed(Answer, frozen=True):
    """An order whose closing failed; the others of the round were closed."""

    order: str = Field(alias="numero_op")
    refusal: Refusal = Field(alias="erro")


class ClosingBusy(Answer, frozen=True):
    """Another run is closing; this one did nothing."""

    busy: Literal[True] = Field(alias="em_andamento")


class ClosingRound(Answer, frozen=True):
    """What one round of closings did. ``after``: where the next one begins; None if there is nothing more."""

    busy: Literal[False] = Field(alias="em_andamento")
    closed: tuple[str, ...] = Field(alias="fechadas")
    waiting: int = Field(alias="aguardam")
    adjustments: int = Field(alias="ajustes")
    partial_reports: int = Field(alias="parciais")
    failures: tuple[ClosingFailed, ...] = Field(alias="erros")
    after: str | None = Field(alias="depois")


ClosingAnswer = Annotated[ClosingBusy | ClosingRound, Field(discriminator="busy")]
CLOSING: TypeAdapter[ClosingAnswer] = TypeAdapter(ClosingAnswer, config=_LATER)


class Gap(Answer, frozen=True):
    """Sequences of a gateway's época that are missing, first to last, and the keys of the files on either side."""

    gateway: str
    epoch: str = Field(alias="epoca")
    first: int = Field(alias="de")
    last: int = Field(alias="ate")
    after_key: str | None = Field(alias="depois_de")
    before_key: str | None = Field(alias="antes_de")


class Reread(Answer, frozen=True):
    """A piece in quarantine somebody wants read again, and the file it stands in.

    ``part``: the rest of the file is counted already.
    """

    id: int
    bucket: str
    key: str = Field(alias="chave")
    version_id: str | None = Field(alias="versao_id")
    size: int = Field(alias="tamanho")
    written_at: datetime = Field(alias="gravado_em")
    part: bool = Field(alias="trecho")


class ClockRound(Answer, frozen=True):
    """How many batches of a decided clock doubt now count elsewhere, and whether more may be left to do."""

    batches: int = Field(alias="lotes")
    more: bool = Field(alias="restam")


class Health(Answer, frozen=True):
    """What the alarms and the dashboard show; ``breaker_open`` is 0 or 1. ``last_digest``: the plant's day of the last
    daily digest, None if there has never been one.

    ``oldest_report_s``: how long the oldest report that needs no person has waited; 0 if none does.
    ``counts_a_minute``: what each sector's machines counted in the last whole minute that is on the books, with the
    refused. ``marks_behind_s``: how long ago the mark furthest behind was, of the lines that are not silent; None if
    there are none.
    """

    breaker_open: int = Field(alias="disjuntor_aberto")
    overdue_closings: int = Field(alias="fechamentos_atrasados")
    stopped_reports: int = Field(alias="envios_parados")
    silent_lines: tuple[str, ...] = Field(alias="linhas_em_silencio")
    silent_gateways: tuple[str, ...] = Field(alias="gateways_em_silencio")
    last_digest: date | None = Field(None, alias="ultimo_resumo")
    oldest_report_s: int = Field(0, alias="envio_mais_antigo_s")
    open_reports: int = Field(0, alias="envios_abertos")
    open_orders: int = Field(0, alias="ordens_abertas")
    counts_a_minute: dict[str, int] = Field(default_factory=dict, alias="contagens_minuto")
    marks_behind_s: int | None = Field(None, alias="marca_mais_atrasada_s")


GAPS: TypeAdapter[tuple[Gap, ...]] = TypeAdapter(tuple[Gap, ...], config=_LATER)
REREADS: TypeAdapter[tuple[Reread, ...]] = TypeAdapter(tuple[Reread, ...], config=_LATER)
CLOCK_ROUND = TypeAdapter(ClockRound)
HEALTH = TypeAdapter(Health)
NUMBERS: TypeAdapter[tuple[int, ...]] = TypeAdapter(tuple[int, ...], config=_LATER)
YES_OR_NO = TypeAdapter(bool, config=ConfigDict(defer_build=True, strict=True))


# Digests --------------------------------------------------------------------------------------------------------------


class Matter(Answer, frozen=True):
    """One thing that waits for a person, since when; ``line`` and ``sector``: None if it is of no single one."""

    line: str | None = Field(alias="linha_id")
    sector: str | None = Field(alias="setor")
    text: str = Field(alias="descricao")
    since: datetime = Field(alias="desde")
    deciders: str = Field(alias="quem_decide")
    function: str = Field(alias="funcao")


class Matters(Answer, frozen=True):
    """The matters of one kind: how many there are, and those that have waited longest."""

    kind: str = Field(alias="tipo")
    total: int
    first: tuple[Matter, ...] = Field(alias="itens")


class Digest(Answer, frozen=True):
    """What one sector (None: the general address) is sent today, claimed under ``lease``; decided at ``taken_at``."""

    id: int
    sector: str | None = Field(alias="setor")
    addresses: tuple[str, ...] = Field(alias="enderecos")
    lease: str
    taken_at: datetime = Field(alias="apurado_em")
    groups: tuple[Matters, ...] = Field(alias="grupos")


class Digests(Answer, frozen=True):
    """The digests of a day that are to be sent now. ``hours``: how long their matters have waited at least;
    ``unaddressed``: how many matters have no address to go to."""

    day: date = Field(alias="dia")
    hours: int = Field(alias="horas")
    digests: tuple[Digest, ...] = Field(alias="resumos")
    unaddressed: int = Field(alias="sem_endereco")


DIGESTS = TypeAdapter(Digests)


# Messages -------------------------------------------------------------------------------------------------------------


class MessageFailure(Answer, frozen=True):
    """Why a message failed for good, the last time."""

    at: datetime = Field(alias="em")
    function: str = Field(alias="funcao")
    code: str = Field(alias="codigo")
    reason: str = Field(alias="motivo")


FAILURES: TypeAdapter[dict[str, MessageFailure]] = TypeAdapter(dict[str, MessageFailure], config=_LATER)


class Treated(Answer, frozen=True):
    """How many dead letters a run was asked to treat, has treated and has failed to treat."""

    asked: int = Field(alias="pedidas")
    done: int = Field(alias="feitas")
    failed: int = Field(alias="falhas")


TREATED = TypeAdapter(Treated)
