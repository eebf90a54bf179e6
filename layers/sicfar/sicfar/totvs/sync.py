"""What webhooks missed, fetched: changed rows of each service, through the same inbox, and what that repaired.

References come first, so that an order finds its product. Rows read twice cost nothing: only what changes something is
kept. A run that ends early goes on where it stopped; the mark of what is known moves only when a run is complete.

The pages of a run are one answer: a live row beats a deleted one of the same key. The deleted rows of a page go
after the living ones of the next page, for the two rows of a key may be on either side of the border.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from sicfar.boundary import Boundary
from sicfar.database import supabase
from sicfar.database.answers import EventAnswer, EventDecided, EventFailed
from sicfar.database.codes import EventSituation, PullSituation
from sicfar.database.reception import Origin, Reception
from sicfar.errors import Fate, SicfarError
from sicfar.totvs import waiting
from sicfar.totvs.client import PageAnswer, TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.door import read_rows
from sicfar.totvs.events import Event, Refusal
from sicfar.totvs.model import Kind
from sicfar.totvs.subjects import subject

if TYPE_CHECKING:
    from sicfar.database.supabase import Client

ENTITIES = {
    "produtos": Kind.PRODUCT,
    "insumos": Kind.MATERIAL,
    "lotes": Kind.LOT,
    "lotesInsumo": Kind.LOT,
    "ordens": Kind.ORDER,
    "velocidades": Kind.SPEED,
}
"""Endpoint → what its rows are, in the order they are fetched."""

_REAPPLIED = "REAPLICADO"
_NAMED = 50  # repairs named one by one in the record; the rest is counted


class Outcome(Boundary):
    """What the pull of one entity achieved: its entry in the record of pulls.

    ``repaired`` is how many rows changed something that a webhook had missed, ``repairs`` names them; ``fate`` is that
    of the error that ended it. ``situations`` counts what became of the rows, and what was applied at last.
    """

    entity: str = Field(alias="entidade")
    situation: PullSituation = Field(PullSituation.COMPLETE, alias="situacao")
    pages: int = Field(0, alias="paginas")
    rows: int = Field(0, alias="linhas")
    situations: dict[str, int] = Field(default_factory=dict, alias="situacoes")
    repaired: int = Field(0, alias="reparados")
    repairs: list[str] = Field(default_factory=list, alias="reparos")
    error: str | None = Field(None, alias="erro")
    code: str | None = Field(None, alias="codigo")
    fate: Fate | None = Field(None, alias="destino")


@dataclass(slots=True)
class _Run:
    """One pull of an entity.

    ``living``: what its rows that are not deleted are about, and of which branches: None is a row that does not say its
    own or could not be read. Rows that do not count here are not among them. ``deleted``: the deleted rows of the last
    page, which are not received yet, and that page.
    """

    entity: str
    name: str
    begun: datetime
    living: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))
    deleted: tuple[PageAnswer, list[Event]] | None = None

    def lives(self, event: Event) -> bool:
        """Whether a living row is about what a deleted one is about: the same key, and of the same branch if both say
        theirs."""
        branches = self.living.get(subject(event.kind, event.data) or "", set())
        own = event.data.get("filial")
        return bool(branches) and (own is None or not branches.isdisjoint({None, own}))


def _is_deleted(event: Event) -> bool:
    return event.data.get("excluido") is True or event.data.get("situacao") == "CANCELADA"


class Sync:
    """Pulls every configured entity once.

    ``time_left`` returns how many seconds the run may still take; the pull of a page is begun only if `page_seconds`
    are left.
    """

    def __init__(
        self,
        config: TotvsConfig,
        client: TotvsClient,
        database: "Client",
        time_left: Callable[[], float],
        page_seconds: float,
    ) -> None:
        self._config = config
        self._client = client
        self._database = database
        self._time_left = time_left
        self._page_seconds = page_seconds

    def run(self) -> list[Outcome]:
        """Pull everything; one entity's failure stops no other. Errors of TOTVS are told, never raised.

        Raises what the database raises: without it there is nothing to do.
        """
        return [self._pull(entity) for entity in ENTITIES if entity in self._config.endpoints]

    def _pull(self, entity: str) -> Outcome:
        begun = datetime.now(UTC)
        start = supabase.iniciar_sincronizacao(self._database, entity)
        changed = self._config.changed_since
        known_until = start.changed_since
        since = known_until - timedelta(minutes=changed.overlap_minutes) if changed and known_until else None
        outcome = Outcome(entity=entity)
        # Rows may have moved up since: the last page read is read again.
        next_page = first_page = max(1, start.next_page - 1)
        run = _Run(entity, uuid.uuid4().hex, begun)
        pages = self._client.pages(entity, since=since, first_page=first_page)
        try:
            while True:
                if not self._enough_time() or outcome.pages >= self._config.max_pages:
                    outcome.situation = PullSituation.INCOMPLETE
                    break
                page = next(pages, None)
                if page is None:
                    break
                self._apply(run, page, outcome)
                next_page = page.number + 1
        except SicfarError as error:
            if isinstance(error, supabase.DATABASE_ERRORS):
                raise
            # Pages that were read need not be read again.
            goes_on = outcome.pages and error.fate is Fate.TRANSIENT
            outcome.situation = PullSituation.INCOMPLETE if goes_on else PullSituation.FAILED
            outcome.error, outcome.code, outcome.fate = str(error), error.code, error.fate
        self._delete(run, outcome)
        end = supabase.concluir_sincronizacao(
            self._database, entity, begun, outcome.situation, next_page, outcome.as_json()
        )
        outcome.situations[_REAPPLIED] = end.reapplied
        if end.more:
            outcome.situations[_REAPPLIED] += waiting.release(self._database, self._enough_time)
        return outcome

    def _enough_time(self) -> bool:
        return self._time_left() >= self._page_seconds

    def _apply(self, run: _Run, page: PageAnswer, outcome: Outcome) -> None:
        rows = page.page.rows
        outcome.pages += 1
        outcome.rows += len(rows)
        found = read_rows(ENTITIES[run.entity], rows, self._config, page.requested_at)
        deleted = [one for one in found if isinstance(one, Event) and _is_deleted(one)]
        living = [one for one in found if not (isinstance(one, Event) and _is_deleted(one))]
        for one in living:
            if isinstance(one, Refusal):
                about, branch = one.reference, None
            else:
                about, branch = subject(one.kind, one.data), one.data.get("filial")
            if about and not (isinstance(one, Event) and one.ignored):
                run.living[about].add(branch)
        self._receive(run, page, living, page.requested_at, outcome)
        self._delete(run, outcome)
        run.deleted = (page, deleted)

    def _delete(self, run: _Run, outcome: Outcome) -> None:
        """Receive the deleted rows that wait, except those whose subject has a live row."""
        if run.deleted is None:
            return
        page, deleted = run.deleted
        run.deleted = None
        alone = [one for one in deleted if one.ignored or not run.lives(one)]
        superseded = EventSituation.SUPERSEDED.value
        outcome.situations[superseded] = outcome.situations.get(superseded, 0) + len(deleted) - len(alone)
        # What is deleted is never newer than anything that came while the pages were read.
        self._receive(run, page, alone, run.begun, outcome)

    def _receive(
        self, run: _Run, page: PageAnswer, found: Sequence[Event | Refusal], at: datetime, outcome: Outcome
    ) -> None:
        if not found:
            return
        reception = Reception(
            key=f"consulta:{run.entity}:{run.name}:{page.number}",
            origin=Origin.PULL,
            received_at=at.isoformat(),
            correlation=self._client.correlation,
            sender=f"consulta {run.entity}",
            content_type=page.answer.headers.get("content-type"),
            raw=page.answer.body,
            events=[one.as_json() for one in found],
        )
        self._count(supabase.receber_eventos_totvs(self._database, reception), outcome)

    def _count(self, answers: Sequence[EventAnswer], outcome: Outcome) -> None:
        for situation, times in Counter(answer.situation for answer in answers).items():
            outcome.situations[situation.value] = outcome.situations.get(situation.value, 0) + times
        repaired = [
            str(answer.reference)
            for answer in answers
            if isinstance(answer, EventDecided) and answer.changed and answer.situation is EventSituation.APPLIED
        ]
        outcome.repaired += len(repaired)
        outcome.repairs += repaired[: _NAMED - len(outcome.repairs)]
        for answer in answers:
            if isinstance(answer, EventFailed):
                raise supabase.error_of(answer.refusal, outcome.entity)
