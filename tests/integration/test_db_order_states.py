"""The states of an order: every cell of the table in docs/estados-da-op.md, tried on the database."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from local.stack.database import Database, batch
from tests.integration.test_db_totvs import Erp, order, product
from tests.support.ended_order import DAY, LINE, OP
from tests.support.plant_time import at

PAGE = Path(__file__).parents[2] / "docs" / "estados-da-op.md"
MATTERS = ("OP_CANCELADA", "OP_POSTA_DE_LADO", "OP_ALTERADA", "FECHAMENTO", "AJUSTE")


@dataclass
class Plant:
    """One order and everybody who does something to it."""

    db: Database
    erp: Erp
    counted: int = 1

    def totvs(self, **fields: str) -> None:
        self.erp.tell(order(OP, **{"lot": f"26C{OP}A", "quantity": "1000", **fields}))

    def count(self) -> None:
        self.counted += 1
        self.db.record(batch(self.counted, {LINE: {at("08:45") + self.counted: (1, 0)}}))

    def person(self, function: str, **arguments: str) -> None:
        self.db.call(self.db.manager, function, p_numero_op=OP, p_motivo="roteiro do teste", **arguments)

    def sign(self) -> None:
        self.db.sign(self.db.boss, LINE, DAY, "D1", "roteiro do teste")

    def round(self) -> None:
        self.db.close_lots()

    @property
    def status(self) -> str:
        status: str = self.db.one("select status from lotes_producao where numero_op = %s", OP)
        return status

    def matters(self) -> set[str]:
        rows = self.db.sql("select distinct tipo from pendencias where tipo = any(%s)", list(MATTERS))
        return {row["tipo"] for row in rows}

    def reports(self) -> list[str]:
        return [row["tipo"] for row in self.db.sql("select tipo from envios_totvs order by ordem")]


Event = Callable[[Plant], object]


# The states, each by the shortest way to it ---------------------------------------------------------------------------


def planned(plant: Plant) -> None:
    pass


def in_progress(plant: Plant) -> None:
    plant.db.open(plant.db.boss, OP, LINE, at("08:00"))
    plant.db.record(batch(1, {LINE: {at("08:30"): (10, 1), at("09:59"): (5, 2)}}))


def to_close(plant: Plant) -> None:
    in_progress(plant)
    plant.db.shut(plant.db.boss, OP, LINE, at("10:00"))


def closed(plant: Plant) -> None:
    to_close(plant)
    sign_and_report(plant)
    plant.round()


def set_aside(plant: Plant) -> None:
    to_close(plant)
    plant.person("por_ordem_de_lado")


STATES: dict[str, Callable[[Plant], None]] = {
    "PLANEJADO": planned,
    "EM_ANDAMENTO": in_progress,
    "A_FECHAR": to_close,
    "CONCLUIDO": closed,
    "POSTO_DE_LADO": set_aside,
}


# The events -----------------------------------------------------------------------------------------------------------


def sign_and_report(plant: Plant) -> None:
    """Sign the shift; the gateway has reported the line past the order's end."""
    plant.db.mark(LINE, at("10:00"))
    plant.sign()


def close_anyway(plant: Plant, *, signed: bool) -> None:
    if signed:
        plant.sign()
    plant.person("fechar_com_ressalva")


def approve(plant: Plant, *, signed: bool) -> None:
    plant.count()
    plant.round()
    if signed and plant.status == "CONCLUIDO":
        plant.sign()
        plant.round()
    plant.person("decidir_ajustes", p_decisao="APROVAR")


def shut(clock: str) -> Event:
    return lambda plant: plant.db.shut(plant.db.boss, OP, LINE, at(clock))


def reopen(why: str | None) -> Event:
    """Opened an hour later; without a reason that is possible for the last five minutes only, so: now."""
    return lambda plant: plant.db.open(plant.db.boss, OP, LINE, at("11:00") if why else None, why)


def acts(function: str) -> Event:
    return lambda plant: plant.person(function)


def says(*situations: str, **fields: str) -> Event:
    def send(plant: Plant) -> None:
        for situation in situations:
            plant.totvs(situacao=situation, **fields)

    return send


def counts_then(event: Event) -> Event:
    def both(plant: Plant) -> None:
        plant.count()
        plant.round()
        event(plant)

    return both


EVENTS: dict[str, Event] = {
    "abre-se de novo, com motivo": reopen("roteiro do teste"),
    "abre-se de novo, sem motivo": reopen(None),
    "encerra-se mais cedo": shut("09:00"),
    "anula-se a abertura": shut("08:00"),
    "chega uma contagem atrasada": Plant.count,
    "conta mais e põe-se de lado": counts_then(acts("por_ordem_de_lado")),
    "assina-se o que falta": sign_and_report,
    "chega uma contagem e assina-se de novo": counts_then(sign_and_report),
    "aprova-se o ajuste, assinado": lambda plant: approve(plant, signed=True),
    "aprova-se o ajuste, sem assinar de novo": lambda plant: approve(plant, signed=False),
    "fecha-se com ressalva, sem assinatura": lambda plant: close_anyway(plant, signed=False),
    "fecha-se com ressalva, assinada e sem marca": lambda plant: close_anyway(plant, signed=True),
    "põe-se de lado": acts("por_ordem_de_lado"),
    "retoma-se": acts("retomar_ordem"),
    "o TOTVS a encerra": says("ENCERRADA"),
    "o TOTVS a encerra e reabre": says("ENCERRADA", "ABERTA"),
    "o TOTVS a cancela": says("CANCELADA"),
    "o TOTVS a cancela e restaura": says("CANCELADA", "ABERTA"),
    "o TOTVS muda o lote": says("ABERTA", lot="26C999999A"),
}


# The table ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    event: str
    before: str
    refusal: str | None
    after: str
    matters: frozenset[str]
    reports: tuple[str, ...]


def _cell(event: str, before: str, text: str) -> Cell:
    if text.startswith("✗ "):
        return Cell(event, before, text.removeprefix("✗ "), before, frozenset(), ())
    found = re.fullmatch(r"(\w+)(?:: ([\w, ]+?))?(?: → ([\w, ]+))?", text)
    assert found, f"{event} × {before}: {text!r}"
    after, matters, reports = found.groups()
    return Cell(event, before, None, after, frozenset(_names(matters)), _names(reports))


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def cells() -> list[Cell]:
    rows = [
        [part.strip() for part in line.strip("|\n").split("|")]
        for line in PAGE.read_text(encoding="utf-8").split("## Estado e evento")[1].splitlines()
        if line.startswith("|") and not line.startswith("|-")
    ]
    states = [state.strip("`") for state in rows[0][1:]]
    return [_cell(row[0], state, text) for row in rows[1:] for state, text in zip(states, row[1:], strict=True)]


@pytest.fixture
def plant(db: Database) -> Plant:
    db.gateway("planta-1", LINE)
    db.sql("update parametros set valor = 0 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.manager = db.person("GESTOR")
    plant = Plant(db, Erp(db))
    plant.erp.tell(product())
    plant.totvs()
    return plant


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{cell.event} × {cell.before}")
def test_p4_every_cell_of_the_table_of_states_holds(plant: Plant, cell: Cell) -> None:
    STATES[cell.before](plant)
    assert plant.status == cell.before
    reported = plant.reports()
    *first, last = (EVENTS[part] for part in cell.event.split("; "))
    for event in first:
        event(plant)
    try:
        last(plant)
        refusal = None
    except psycopg.Error as error:
        refusal = error.diag.message_primary
    plant.round()
    assert (refusal, plant.status) == (cell.refusal, cell.after)
    assert plant.reports() == [*reported, *cell.reports]
    if refusal is None:
        assert plant.matters() == cell.matters
    assert plant.db.sql("select * from ordens_sem_destino") == []


def test_p4_the_table_knows_every_state_and_every_event(db: Database) -> None:
    constraint = db.one(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'lotes_producao_status_check'"
    )
    assert set(re.findall("'([A-Z_]+)'", constraint)) == set(STATES) == {cell.before for cell in cells()}
    assert {part for cell in cells() for part in cell.event.split("; ")} == set(EVENTS)
