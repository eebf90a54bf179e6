"""The spool and the uploader: nothing lost, nothing doubled, the same bytes under the same key."""

from __future__ import annotations

import gzip
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from edge_gateway.clock import Instant, Judgement, OwnClock
from edge_gateway.spool.status import NoSpoolError, read_status
from edge_gateway.spool.store import SealedBatch, Spool, SpoolConfigurationError, SpoolError
from edge_gateway.spool.tables import PIECE_COLUMNS, Piece
from edge_gateway.uploader import BACKOFF_CAP_S, UploadConfigurationError, Uploader, UploadUnavailableError
from sicfar.counts.batch import Batch, ClockDoubt, Mark, Unreadable, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from tests.support.reading import Reading

NOW = 1_773_573_301_250


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, "farmace-spep", seal_records=10)


def reading(count: int, *, until: int = 0, position: bytes = b"1") -> Reading:
    records = [Record(NOW + number, "SPEP-ENV-A", 1, 0) for number in range(count)]
    return Reading(records, {"file": position}, [Mark("SPEP-ENV-A", until, "ok", -5)] if until else [])


def sealed(spool: Spool) -> Batch:
    batch = spool.next_sealed()
    assert batch is not None
    return read_batch(BatchKey.parse(batch.key), [batch.body])


def test_p1_records_and_position_are_one_transaction(tmp_path: Path, spool: Spool) -> None:
    class Bad(dict[str, bytes]):
        def items(self) -> object:  # type: ignore[override]
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        spool.store("keyence", *Reading([Record(NOW, "SPEP-ENV-A", 1, 0)], Bad()).stored, NOW)
    assert spool.positions("keyence") == {}
    assert read_status(tmp_path).pending_records == 0
    assert spool.waiting() == (0, 0)


def test_p1_what_was_stored_is_there_after_a_restart(tmp_path: Path, spool: Spool) -> None:
    spool.store("keyence", *reading(3, until=NOW).stored, NOW)
    epoch = spool.epoch
    spool.close()
    again = Spool(tmp_path, "farmace-spep", seal_records=10)
    assert (again.epoch, again.positions("keyence"), again.waiting()) == (epoch, {"file": b"1"}, (3, 0))
    assert again.marks("keyence") == {"SPEP-ENV-A": NOW}


def test_p1_a_sealed_batch_keeps_its_bytes_and_key_until_it_is_confirmed(tmp_path: Path, spool: Spool) -> None:
    spool.store("keyence", *reading(3).stored, NOW)
    assert spool.seal({}, NOW, allow_empty=False) == 1
    first = spool.next_sealed()
    spool.close()
    again = Spool(tmp_path, "farmace-spep", seal_records=10)
    assert again.next_sealed() == first
    again.confirm(1, NOW)
    assert again.next_sealed() is None
    assert read_status(tmp_path).last_upload_seq == 1


def test_a_batch_holds_at_most_seal_records_and_sequences_have_no_gap(spool: Spool) -> None:
    spool.store("keyence", *reading(35).stored, NOW)
    sizes = []
    while spool.waiting()[0]:
        seq = spool.seal({}, NOW, allow_empty=False)
        assert seq is not None
        sizes.append(sealed(spool).tally.records)
        spool.confirm(seq, NOW)
    assert sizes == [10, 10, 10, 5]
    assert read_status(spool._folder).next_seq == 5


def test_p4_marks_travel_only_with_the_batch_that_empties_the_spool(spool: Spool) -> None:
    spool.store("keyence", *reading(15, until=NOW + 14).stored, NOW)
    spool.seal({}, NOW + 14, allow_empty=False)
    assert sealed(spool).marks == ()
    spool.confirm(1, NOW)
    spool.seal({}, NOW + 14, allow_empty=False)
    assert sealed(spool).marks == (Mark("SPEP-ENV-A", NOW + 14, "ok", -5),)


def test_an_idle_batch_carries_marks_only_and_an_empty_one_is_not_made(spool: Spool) -> None:
    assert spool.seal({}, NOW, allow_empty=True) is None
    spool.store("keyence", *reading(1, until=NOW).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    spool.confirm(1, NOW)
    assert spool.seal({}, NOW, allow_empty=False) is None
    later = NOW + 60_000
    assert spool.seal({"keyence": [Mark("SPEP-ENV-A", later, "ok")]}, later, allow_empty=True) == 2
    batch = sealed(spool)
    assert (batch.tally.records, batch.marks[0].until_ms) == (0, later)


def clocks(ahead_ms: int, *, answered: bool) -> Judgement:
    """What is believed of a clock that is so much ahead, before or after S3 has answered."""
    clock, now = OwnClock(), Instant(NOW + ahead_ms, 5_000)
    if answered:
        clock.s3(formatdate(NOW // 1000, usegmt=True), now, now)
    return clock.judge(now)


def test_p11_no_mark_passes_the_sealing_nor_what_is_true(spool: Spool) -> None:
    hour = 3_600_000
    spool.store("keyence", *reading(1, until=NOW + hour).stored, NOW + hour, clocks(hour, answered=False))
    spool.seal({}, NOW + hour, allow_empty=False, clock=clocks(hour, answered=True))
    first = sealed(spool)
    assert NOW - 1_000 <= first.marks[0].until_ms <= NOW
    assert first.clock is not None
    spool.confirm(1, NOW)
    assert NOW - 1_000 <= spool.marks("keyence")["SPEP-ENV-A"] <= NOW, "the stored one has come down"


def test_p11_marks_stay_below_what_machines_say_of_the_time(spool: Spool) -> None:
    hour = 3_600_000
    clock, now = OwnClock(), Instant(NOW + hour, 5_000)
    for name in ("clp", "opc"):
        clock.source(name, "", NOW, now)
    spool.store("keyence", *reading(1, until=NOW + hour).stored, NOW + hour, clock.judge(now))
    spool.seal({}, NOW + hour, allow_empty=False, clock=clock.judge(now))
    batch = sealed(spool)
    assert batch.marks[0].until_ms <= NOW
    assert batch.clock == ClockDoubt(hour, "fontes")


def test_p11_a_right_mark_outlasts_a_clock_that_is_behind(spool: Spool) -> None:
    behind = -3_600_000
    spool.store("keyence", *reading(1, until=NOW).stored, NOW, clocks(0, answered=True))
    spool.seal({}, NOW + behind, allow_empty=False, clock=clocks(behind, answered=True))
    assert sealed(spool).marks[0].until_ms == NOW + behind
    assert NOW - 1_000 <= spool.marks("keyence")["SPEP-ENV-A"] <= NOW, "by what S3 says of the time"


def test_p11_a_doubt_of_what_waits_survives_the_spool(tmp_path: Path) -> None:
    first = Spool(tmp_path / "mended", "farmace-spep", seal_records=10)
    first.store("keyence", *reading(1, until=NOW).stored, NOW, clocks(3_600_000, answered=True))
    first.beat({}, NOW, clocks(3_600_000, answered=True))
    first.close()
    second = Spool(tmp_path / "mended", "farmace-spep", seal_records=10, damage="para o teste")
    assert NOW - 2_000 <= second.past_ms() <= NOW
    for seq in range(1, 4):
        second.seal({}, NOW, allow_empty=False, clock=clocks(0, answered=True))
        batch = sealed(second)
        if batch.tally.records:
            break
        second.confirm(seq, NOW)
    second.close()
    assert batch.tally.records == 1
    assert batch.clock is not None
    assert round(batch.clock.offset_ms / 60_000) == 60


@pytest.mark.parametrize("began", [0, 4_102_444_800_000])
def test_p8_a_spool_made_in_a_year_no_batch_can_say_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began: int
) -> None:
    monkeypatch.setattr("edge_gateway.spool.store.now_ms", lambda: began)
    made = Spool(tmp_path / "early", "farmace-spep", seal_records=10)
    made.store("keyence", *reading(1, until=NOW).stored, NOW)
    made.seal({}, NOW, allow_empty=False)
    assert sealed(made).tally.records == 1
    made.close()


def test_p8_unreadable_bytes_travel_as_they_were(spool: Spool) -> None:
    item = Unreadable("produção 1.txt@88", "COLUNAS", b"\xff\x00,\r\n")
    spool.store("keyence", *Reading(unreadable=[item]).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    assert sealed(spool).unreadable == (item,)


def test_p7_a_machines_own_time_travels_with_the_time_it_counts_at(spool: Spool) -> None:
    record = Record(NOW, "SPEP-ENV-A", 1, 0, flags=("relogio",), source_time="2031-01-01 00:00:00")
    spool.store("keyence", *Reading([record]).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    batch = spool.next_sealed()
    assert batch is not None
    header, line = gzip.decompress(batch.body).decode().splitlines()[1:3]
    assert header.endswith(",timestamp_fonte")
    assert line.endswith(",relogio,,2031-01-01%2000:00:00")


def test_p1_stored_records_of_an_earlier_version_are_sealed_as_records(spool: Spool) -> None:
    spool.store("keyence", *reading(3).stored, NOW)
    row = spool._db.execute(f"SELECT {PIECE_COLUMNS} FROM pendentes").fetchone()
    piece = Piece(*row[:-1])
    older = replace(piece, body=piece.body.replace(",,,,,,", ",,,,,"))
    spool._db.execute("UPDATE pendentes SET corpo = ?, soma = ?", (older.body, older.sum))
    spool.seal({}, NOW, allow_empty=False)
    batch = sealed(spool)
    assert (batch.tally.records, batch.unreadable) == (3, ())


def test_a_spool_in_use_is_refused(tmp_path: Path, spool: Spool) -> None:
    with pytest.raises(SpoolConfigurationError, match="outro gateway em execução"):
        Spool(tmp_path, "farmace-spep", seal_records=10)
    spool.close()
    Spool(tmp_path, "farmace-spep", seal_records=10).close()


def test_a_spool_of_another_gateway_is_refused(tmp_path: Path, spool: Spool) -> None:
    spool.close()
    with pytest.raises(SpoolConfigurationError, match="pertence ao gateway 'farmace-spep'"):
        Spool(tmp_path, "outro", seal_records=10)


def test_p6_a_full_disk_is_told_and_nothing_is_taken_as_stored(spool: Spool) -> None:
    stored = 0
    pages = spool._db.execute("PRAGMA page_count").fetchone()[0]
    spool._db.execute(f"PRAGMA max_page_count = {pages}")
    refused = ""
    while not refused:
        try:
            spool.store("keyence", *reading(10, position=b"2" * 2000).stored, NOW)
            stored += 10
        except SpoolError as error:
            refused = str(error)
    assert "libere espaço em disco" in refused
    spool._db.execute("PRAGMA max_page_count = 100000")
    spool.store("keyence", *reading(10).stored, NOW)
    assert spool.waiting()[0] == stored + 10
    assert sealed_records(spool) == stored + 10


def sealed_records(spool: Spool) -> int:
    total = 0
    while (seq := spool.seal({}, NOW, allow_empty=False)) is not None:
        total += sealed(spool).tally.records
        spool.confirm(seq, NOW)
    return total


def test_status_of_a_spool_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSpoolError, match="ainda não há spool"):
        read_status(tmp_path / "none")


class Store:
    """An object store that fails as told, then takes everything."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.seen: list[SealedBatch] = []

    def put(self, batch: SealedBatch) -> None:
        self.seen.append(batch)
        if self.failures:
            raise self.failures.pop(0)

    def check(self, _gateway: str) -> None:
        """It is not asked."""


def test_p6_an_upload_is_retried_with_the_same_bytes_until_it_is_taken(tmp_path: Path, spool: Spool) -> None:
    spool.store("keyence", *reading(3).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    refused = UploadConfigurationError("bucket_refused", "o bucket não existe", "s3://x", "crie o bucket")
    store = Store(UploadUnavailableError("sem conexão", "s3://x"), refused)
    uploader = Uploader(spool, store, first_wait_s=0.01)
    uploader.start()
    for _ in range(400):
        if spool.waiting() == (0, 0):
            break
        uploader._thread.join(0.01)
    uploader.stop(5)
    assert len(store.seen) == 3
    assert len(set(store.seen)) == 1
    assert read_status(tmp_path).upload_error == ""
    assert not uploader.alive
    assert BACKOFF_CAP_S <= 9, "the first batch within ten seconds of the end of an outage"


def test_p1_data_older_than_the_spool_is_sealed_apart_with_its_birth(tmp_path: Path, spool: Spool) -> None:
    news = Record(NOW + 9, "SPEP-ENV-A", 2, 0)
    garbage = Unreadable("keyence_output.txt@1", "COLUNAS", b"?")
    spool.store("keyence", *Reading([news], earlier=reading(3).records, unreadable=[garbage]).stored, NOW)
    found = []
    for seq in (1, 2):
        assert spool.seal({}, NOW, allow_empty=False) == seq
        batch = sealed(spool)
        found.append((batch.earlier, batch.tally.records, len(batch.unreadable)))
        spool.confirm(seq, NOW)
    assert found == [(True, 3, 0), (False, 1, 1)]
    assert spool.seal({}, NOW, allow_empty=False) is None
    began = batch.epoch_began
    spool.close()
    again = Spool(tmp_path, "farmace-spep", seal_records=10)
    again.store("keyence", *reading(1).stored, NOW)
    again.seal({}, NOW, allow_empty=False)
    assert sealed(again).epoch_began == began is not None
