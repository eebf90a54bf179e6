"""From a machine's display to units in an order: the plant's own sheet of line A, 6 June 2025, and a count too high."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_gateway.config import load_config
from edge_gateway.machines.counters import CounterBook, Observation
from edge_gateway.machines.description import Line
from edge_gateway.spool.store import Spool
from local.stack.database import Database
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.ingest.entries import batch_entry
from tests.support.reading import Reading

A = "SPEP-ENV-A"
GATEWAY = "farmace-spep"
DAY = datetime(2025, 6, 6, 3, tzinfo=UTC)  # midnight at the plant
EXAMPLE = Path(__file__).parents[2] / "config" / "gateway-bottelpack.json"


def at(hour: int, minute: int = 0, second: int = 0) -> int:
    return int((DAY + timedelta(hours=hour, minutes=minute, seconds=second)).timestamp())


@pytest.fixture
def line() -> Line[object]:
    """Line A as the example configures it: cycles, at most 600 an hour."""
    return load_config(EXAMPLE).machines[0].lines[0]


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway(GATEWAY)
    db.owner(A, GATEWAY, since=at(0))
    # The machine's factor has been what it is since before the system was there.
    db.sql("update fatores_linha set validade = '(,)' where linha_id = %s and contador = 'producao'", A)
    db.lot("000226", "000227")
    return db


def record(db: Database, folder: Path, line: Line[object], seen: list[tuple[int, int, int]]) -> list[str]:
    """Read (second, production, rejects) as a gateway does: into its spool, sealed, and to the database."""
    spool = Spool(folder, GATEWAY, seal_records=100_000)
    book = CounterBook("bottelpack_a", [line], {}, {})
    for second, production, rejected in seen:
        reading = Reading.of(book.take([Observation(A, second * 1000, production, rejected)]))
        if reading.has_news:
            spool.store("bottelpack_a", *reading.stored, second * 1000)
        reading.ack()
    spool.seal({}, seen[-1][0] * 1000, allow_empty=False)
    sealed = spool.next_sealed()
    spool.close()
    assert sealed is not None
    batch = read_batch(BatchKey.parse(sealed.key), [sealed.body])
    ref = ObjectRef("teste", sealed.key, None, len(sealed.body), datetime.now(UTC))
    return db.situations(batch_entry(ref, sealed.sha256, batch, arrived_at=None).json)


def lot(start: int, end: int, first: int, last: int, rejects: int) -> list[tuple[int, int, int]]:
    """A reading a second over a lot in which the counters grow evenly."""
    span = end - start
    return [(start + s, first + (last - first) * s // span, rejects * s // span) for s in range(span + 1)]


def test_p1_line_a_s_two_lots_of_the_sheet_are_17720_and_17600_units(
    plant: Database, tmp_path: Path, line: Line[object]
) -> None:
    who = plant.person()
    plant.open(who, "000226", A, at(6))
    plant.shut(who, "000226", A, at(11, 17, 30))
    plant.open(who, "000227", A, at(12, 40))
    first = lot(at(6), at(11, 17), 2_211, 4_426, 94)
    pause = [(second, 4_426, 94) for second in range(at(11, 17, 1), at(12, 45))]
    zeroed = [(second, 0, 0) for second in range(at(12, 45), at(12, 47))]
    second = lot(at(12, 47), at(18), 0, 2_200, 90)
    assert record(plant, tmp_path, line, [*first, *pause, *zeroed, *second]) == ["APLICADO"]
    assert plant.totals() == {("000226", A): (17_720, 94), ("000227", A): (17_600, 90)}
    assert plant.balance(A)["atribuido"] == (2_215 + 2_200, 184)
    assert plant.pending("RETIDA") == []


def test_p1_read_only_at_both_ends_the_lot_is_the_same_17720_units(
    plant: Database, tmp_path: Path, line: Line[object]
) -> None:
    plant.open(plant.person(), "000226", A, at(5, 59))
    assert record(plant, tmp_path, line, [(at(6), 2_211, 0), (at(11, 17), 4_426, 94)]) == ["APLICADO"]
    assert plant.totals() == {("000226", A): (17_720, 94)}


def test_p1_28900_in_six_hours_wait_for_a_person_and_are_in_no_total(
    plant: Database, tmp_path: Path, line: Line[object]
) -> None:
    plant.open(plant.person(), "000226", A, at(5, 59))
    end = at(6) + round(5.97 * 3600)
    assert record(plant, tmp_path, line, [(at(6), 0, 0), (end, 28_900, 12)]) == ["APLICADO"]
    assert plant.balance(A) == {
        "recebido": (28_900, 12),
        "atribuido": (0, 12),
        "sem_ordem": (0, 0),
        "retido": (28_900, 0),
        "quarentena": (0, 0),
    }
    assert [row["linha_id"] for row in plant.pending("RETIDA")] == [A]
