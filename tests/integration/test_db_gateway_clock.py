"""From a gateway whose clock is wrong to the doubt a person decides, by way of the parser's own functions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_gateway.clock import Instant, Judgement, OwnClock
from edge_gateway.spool.store import Spool
from local.stack.database import T0, Database
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import Mark, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from sicfar.ingest.entries import batch_entry
from tests.support.reading import Reading

A, OP = "SPEP-ENV-A", "000123"
HOUR = 3_600


class Gateway:
    """A spool and a clock; `now`: the true second. What it sends is recorded as it arrives."""

    def __init__(self, folder: Path, db: Database) -> None:
        self.db = db
        self.spool = Spool(folder, "planta-1", seal_records=1_000)
        self.clock = OwnClock()
        self.now, self.ahead_s = T0, 0

    def instant(self) -> Instant:
        return Instant((self.now + self.ahead_s) * 1000, (self.now - T0) * 1000)

    def judge(self) -> Judgement:
        return self.clock.judge(self.instant())

    def read(self, produced: int) -> None:
        """A machine without a clock of its own."""
        at_ms = self.instant().wall_ms
        reading = Reading([Record(at_ms, A, produced, 0)], marks=[Mark(A, at_ms, "ok")])
        self.spool.store("plc", *reading.stored, at_ms, self.judge())

    def answered(self) -> None:
        date = datetime.fromtimestamp(self.now, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.clock.s3(date, self.instant(), self.instant())

    def send(self) -> None:
        self.spool.seal({}, self.instant().wall_ms, allow_empty=True, clock=self.judge())
        sealed = self.spool.next_sealed()
        assert sealed is not None
        batch = read_batch(BatchKey.parse(sealed.key), [sealed.body])
        arrived = datetime.fromtimestamp(self.now, UTC)
        ref = ObjectRef("teste", sealed.key, f"v{sealed.seq}", len(sealed.body), arrived)
        (told,) = self.db.record(dict(batch_entry(ref, sealed.sha256, batch, arrived_at=arrived).json))
        assert told["situacao"] == "APLICADO", told
        self.spool.confirm(sealed.seq, self.instant().wall_ms)

    def mark(self) -> float:
        return float(self.db.one("select extract(epoch from ate)::float8 from marcas_linha where linha_id = %s", A))

    def doubts(self) -> list[tuple[str, int]]:
        rows = [row["detalhes"] for row in self.db.pending("RELOGIO_EM_DUVIDA")]
        return [(row["testemunha"], round(row["desvio_ms"] / 1000 / HOUR)) for row in rows]


@pytest.fixture
def gateway(db: Database, tmp_path: Path) -> Gateway:
    db.gateway("planta-1", A)
    db.lot(OP)
    db.boss = db.person("GESTOR")
    db.open(db.boss, OP, A, T0 - 2 * HOUR)
    return Gateway(tmp_path, db)


@pytest.mark.parametrize("ahead_h", [-1, 1])
def test_p11_counts_of_a_wrong_clock_wait_for_a_person(gateway: Gateway, ahead_h: int) -> None:
    gateway.ahead_s = ahead_h * HOUR
    gateway.read(3)  # offline: nobody says what time it is
    gateway.now += 600
    gateway.answered()
    gateway.send()
    assert gateway.doubts() == [("s3", ahead_h)]
    assert gateway.mark() <= gateway.now, "no mark of a clock that is ahead"
    gateway.ahead_s = 0  # set right: the next batches say nothing, and the matter stays one
    gateway.now += 60
    gateway.read(5)
    gateway.send()
    assert gateway.mark() == gateway.now
    assert gateway.db.one("select lotes from duvidas_relogio") == 1
    assert gateway.db.totals()[OP, A] == (8 * 8, 0), "counted, all of it"


def test_p11_a_clock_of_2001_is_counted_and_in_doubt(gateway: Gateway) -> None:
    gateway.ahead_s = int(datetime(2001, 3, 1, tzinfo=UTC).timestamp()) - T0
    gateway.read(7)
    gateway.send()
    ((witness, _),) = gateway.doubts()
    assert witness == "marca"
    assert gateway.db.one("select sum(producao)::int from arquivos_linhas") == 7
