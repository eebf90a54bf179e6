"""What webhooks missed, fetched: changed rows of each service, through the same inbox, and what that repaired.

References come first, so that an order finds its product. Rows read twice cost nothing: only what changes something is
kept. A run that ends early goes on where it stopped; the mark of what is known moves only when a run is complete.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sicfar.database import supabase
from sicfar.errors import Fate, SicfarError
from sicfar.totvs.client import PageAnswer, TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import read_row
from sicfar.totvs.inbox import page_reception
from sicfar.totvs.model import Kind

if TYPE_CHECKING:
    from supabase import Client

ENTITIES = {
    "produtos": Kind.PRODUTO,
    "insumos": Kind.INSUMO,
    "lotes": Kind.LOTE,
    "lotesInsumo": Kind.LOTE,
    "ordens": Kind.ORDEM,
    "velocidades": Kind.VELOCIDADE,
}
"""Endpoint → what its rows are, in the order they are fetched."""

_NAMED = 50  # repairs named one by one in the record; the rest is counted


@dataclass(slots=True)
class Outcome:
    """What the pull of one entity achieved. ``reparos`` names what changed something: a webhook had missed it."""

    entidade: str
    situacao: str = "COMPLETA"
    paginas: int = 0
    linhas: int = 0
    situacoes: dict[str, int] = field(default_factory=dict)
    reparados: int = 0
    reparos: list[str] = field(default_factory=list)
    erro: str | None = None
    codigo: str | None = None
    destino: str | None = None
    """The fate of the error that ended it."""


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
        known_until, first_page = supabase.iniciar_sincronizacao(self._database, entity)
        changed = self._config.changed_since
        since = known_until - timedelta(minutes=changed.overlap_minutes) if changed and known_until else None
        outcome = Outcome(entity)
        # Rows may have moved up since: the last page read is read again.
        next_page = first_page = max(1, first_page - 1)
        run = uuid.uuid4().hex
        pages = self._client.pages(entity, since=since, first_page=first_page)
        try:
            while True:
                if self._time_left() < self._page_seconds or outcome.paginas >= self._config.max_pages:
                    outcome.situacao = "INCOMPLETA"
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
            outcome.situacao = "INCOMPLETA" if outcome.paginas and error.fate is Fate.TRANSIENT else "FALHOU"
            outcome.erro, outcome.codigo, outcome.destino = str(error), error.code, error.fate.value
        outcome.situacoes["REAPLICADO"] = supabase.concluir_sincronizacao(
            self._database, entity, begun, outcome.situacao, next_page, asdict(outcome)
        )
        return outcome

    def _apply(self, entity: str, run: str, page: PageAnswer, outcome: Outcome) -> None:
        rows = page.page.rows
        outcome.paginas += 1
        outcome.linhas += len(rows)
        if not rows:
            return
        kind = ENTITIES[entity]
        events = [read_row(kind, row, self._config.mapping, n) for n, row in enumerate(rows)]
        answers = supabase.receber_eventos_totvs(
            self._database,
            {
                "chave": f"consulta:{entity}:{run}:{page.number}",
                "recebido_em": page.requested_at.isoformat(),
                "correlacao": self._client.correlation,
                "remetente": f"consulta {entity}",
                "tipo_conteudo": page.answer.headers.get("content-type"),
                **page_reception("consulta", page.answer.body, events),
            },
        )
        self._count(answers, outcome)

    def _count(self, answers: list[dict[str, Any]], outcome: Outcome) -> None:
        for situation, times in Counter(answer["situacao"] for answer in answers).items():
            outcome.situacoes[situation] = outcome.situacoes.get(situation, 0) + times
        repaired = [answer for answer in answers if answer["mudou"] and answer["situacao"] == "APLICADO"]
        outcome.reparados += len(repaired)
        outcome.reparos += [str(answer["referencia"]) for answer in repaired][: _NAMED - len(outcome.reparos)]
        for answer in answers:
            if answer["situacao"] == "ERRO":
                raise supabase.error_of(answer, outcome.entidade)
