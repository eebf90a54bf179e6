"""What webhooks missed, fetched: changed rows of each service, through the same inbox, and what that repaired.

References come first, so that an order finds its product. Rows read twice cost nothing: only what changes something is
kept. A run that ends early goes on where it stopped; the mark of what is known moves only when a run is complete.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from sicfar.boundary import Boundary
from sicfar.database import supabase
from sicfar.database.answers import EventAnswer, EventDecided, EventFailed
from sicfar.database.codes import EventSituation, PullSituation
from sicfar.database.reception import Origin, Reception
from sicfar.errors import Fate, SicfarError
from sicfar.totvs.client import PageAnswer, TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import read_row
from sicfar.totvs.model import Kind

if TYPE_CHECKING:
    from supabase import Client

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
        run = uuid.uuid4().hex
        pages = self._client.pages(entity, since=since, first_page=first_page)
        try:
            while True:
                if self._time_left() < self._page_seconds or outcome.pages >= self._config.max_pages:
                    outcome.situation = PullSituation.INCOMPLETE
                    break
                page = next(pages, None)
                if page is None:
                    break
                self._apply(entity, run, page, outcome)
                next_page = page.number + 1
        except SicfarError as error:
            if isinstance(error, supabase.DATABASE_ERRORS):
                raise
            # Pages that were read need not be read again.
            goes_on = outcome.pages and error.fate is Fate.TRANSIENT
            outcome.situation = PullSituation.INCOMPLETE if goes_on else PullSituation.FAILED
            outcome.error, outcome.code, outcome.fate = str(error), error.code, error.fate
        end = supabase.concluir_sincronizacao(
            self._database, entity, begun, outcome.situation, next_page, outcome.as_json()
        )
        outcome.situations[_REAPPLIED] = end.reapplied
        return outcome

    def _apply(self, entity: str, run: str, page: PageAnswer, outcome: Outcome) -> None:
        rows = page.page.rows
        outcome.pages += 1
        outcome.rows += len(rows)
        if not rows:
            return
        kind = ENTITIES[entity]
        events = [read_row(kind, row, self._config.mapping, n) for n, row in enumerate(rows)]
        answers = supabase.receber_eventos_totvs(
            self._database,
            Reception(
                key=f"consulta:{entity}:{run}:{page.number}",
                origin=Origin.PULL,
                received_at=page.requested_at.isoformat(),
                correlation=self._client.correlation,
                sender=f"consulta {entity}",
                content_type=page.answer.headers.get("content-type"),
                raw=page.answer.body,
                events=[event.as_json() for event in events],
            ),
        )
        self._count(answers, outcome)

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
