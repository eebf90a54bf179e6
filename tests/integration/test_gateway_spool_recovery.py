"""A spool that is damaged or fell back: found at the start, put aside, and nothing counted twice or lost in silence."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from edge_gateway.__main__ import main
from edge_gateway.commands.spool import explain
from edge_gateway.health import problems
from edge_gateway.spool import recovery
from edge_gateway.spool.findings import Findings, examine
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import DATABASE, Spool, SpoolDamagedError
from edge_gateway.spool.watermark import WATERMARK
from sicfar.counts.batch import Mark, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from tests.support.reading import Reading

NOW = 1_773_573_301_250
FILES, PLC = "keyence", "clp_spep"
PAGE = 4_096
FLIPS = 600 if os.environ.get("SPOOL_THOROUGH") else 12
"""Changed bytes that are tried; `make kill` tries many."""


@dataclass
class Site:
    """A folder of files and a PLC around a spool; what the cloud got, as plain records or as `anterior`."""

    folder: Path
    objects: dict[str, bytes] = field(default_factory=dict)
    issued: dict[str, int] = field(default_factory=lambda: {FILES: 0, PLC: 0})

    def __post_init__(self) -> None:
        self.spool = self.open()

    def open(self) -> Spool:
        spool = Spool(self.folder, "farmace-spep", seal_records=10, read_again={FILES})
        for db in (spool._db, spool._watermark._db):
            db.execute("PRAGMA synchronous=OFF")  # no power is cut here
        return spool

    def read(self, source: str, count: int = 0) -> None:
        """Issue so many records more and store what the spool's positions do not know of."""
        self.issued[source] += count
        position = self.spool.positions(source).get("at")
        fresh = position is None and self.issued[source] > count
        start = int(position or b"0")
        if fresh and source == PLC:
            start = self.issued[source] - count  # a counter without its state has only its present value
        records = [
            Record(NOW + number, f"SPEP-ENV-{source[0].upper()}", 1, 0, origin=f"{source}@{number}")
            for number in range(start + 1, self.issued[source] + 1)
        ]
        reading = Reading(earlier=records) if fresh and source == FILES else Reading(records)
        position_after = {"at": str(self.issued[source]).encode(), "pad": b"x" * 600}
        marks = [Mark(f"SPEP-ENV-{source[0].upper()}", NOW + self.issued[source], "ok")]
        self.spool.store(source, *Reading(reading.records, position_after, marks, earlier=reading.earlier).stored, NOW)

    def send(self, batches: int = 1 << 30) -> None:
        """Upload the oldest batches; the answer of the last one is lost."""
        while batches and (batch := self.spool.next_sealed()) is not None:
            assert self.objects.setdefault(batch.key, batch.body) == batch.body
            self.spool.confirm(batch.seq, NOW)
            batches -= 1

    def seal(self) -> None:
        self.spool.seal({}, NOW, allow_empty=False)

    def restart(self) -> None:
        self.spool.close()
        self.spool = self.open()

    def drain(self) -> None:
        for source in (FILES, PLC):
            self.read(source, 3)
        while self.spool.waiting()[0]:
            self.seal()
            self.send()
        self.send()

    def counted(self) -> tuple[Counter[str], set[str]]:
        """How often each record came plainly, and which came as what may have been counted before."""
        plain: Counter[str] = Counter()
        earlier: set[str] = set()
        for key, body in self.objects.items():
            batch = read_batch(BatchKey.parse(key), [body])
            rows = [line.split(",")[8] for line in gzip.decompress(body).decode().splitlines() if line[0].isdigit()]
            if batch.earlier:
                earlier |= set(rows)
            else:
                plain.update(rows)
        return plain, earlier

    def beginnings(self) -> set[datetime | None]:
        """When the épocas began, as the batches say."""
        return {read_batch(BatchKey.parse(key), [body]).epoch_began for key, body in self.objects.items()}

    def check(self) -> list[str]:
        """Nothing twice; what is missing is told. Returns what is missing."""
        plain, earlier = self.counted()
        assert not [record for record, times in plain.items() if times > 1], "counted twice"
        every = {f"{source}@{number}" for source, last in self.issued.items() for number in range(1, last + 1)}
        missing = sorted(every - set(plain) - earlier)
        notices = " ".join(notice.text for notice in read_status(self.folder).notices)
        assert not missing or "Perdidos: " in notices, f"lost in silence: {missing}"
        assert not missing or any("perdido no spool" in text for text in self.told()), "the cloud was not told"
        return missing

    def told(self) -> list[str]:
        """What the cloud got that is no record."""
        batches = [read_batch(BatchKey.parse(key), [body]) for key, body in self.objects.items()]
        return [item.data.decode(errors="replace") for batch in batches for item in batch.unreadable]


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Site]:
    """A site that sent two batches and has one sealed, readings that wait, and its log not yet in its file."""
    site = Site(tmp_path / "spool")
    for _ in range(3):
        site.read(FILES, 4)
        site.read(PLC, 2)
        site.seal()
        site.send()
    site.read(FILES, 5)
    site.seal()
    for count in (3, 1, 2):
        site.read(FILES, count)
        site.read(PLC, count)
    yield site
    site.spool.close()


def crashed(lived: Site, folder: Path, *, settled: bool = False) -> Site:
    """The same site on a copy of the folder as a kill leaves it, or (`settled`) as an orderly end does."""
    if settled:
        with sqlite3.connect(lived.folder / DATABASE) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
    ignore = shutil.ignore_patterns("*-shm")
    shutil.copytree(lived.folder, folder, ignore=ignore)
    made = Site.__new__(Site)
    made.folder, made.objects, made.issued = folder, dict(lived.objects), dict(lived.issued)
    return made


def survives(site: Site) -> list[str]:
    """Start on what is there, bring everything home. Returns what is missing, which must be told."""
    site.spool = site.open()
    try:
        site.drain()
        return site.check()
    finally:
        site.spool.close()


def put_aside(site: Site) -> list[Path]:
    return list(site.folder.glob("quarentena-*"))


def test_p1_undamaged_after_a_kill_nothing_is_put_aside(lived: Site, tmp_path: Path) -> None:
    for settled in (False, True):
        site = crashed(lived, tmp_path / str(settled), settled=settled)
        assert survives(site) == []
        assert put_aside(site) == []


def test_p1_any_one_page_damaged_costs_at_most_what_was_on_it(lived: Site, tmp_path: Path) -> None:
    pages = 1
    number = 0
    unharmed = 0
    while number < pages:
        site = crashed(lived, tmp_path / str(number), settled=True)
        file = site.folder / DATABASE
        pages = file.stat().st_size // PAGE
        with file.open("r+b") as handle:
            handle.seek(number * PAGE)
            handle.write(bytes(PAGE) if number % 2 else b"\xa5" * PAGE)
        unharmed += not survives(site)
        number += 1
    assert pages > 8
    # Of the first page there is a copy in every spool; and most pages hold what can be told from the rest.
    assert unharmed >= pages // 2


def test_p1_any_changed_byte_counts_nothing_twice_and_hides_no_loss(lived: Site, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(FLIPS):
        settled = number >= FLIPS // 2
        site = crashed(lived, tmp_path / str(number), settled=settled)
        file = site.folder / (DATABASE if settled else f"{DATABASE}-wal")
        content = bytearray(file.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        try:
            survives(site)
        except Exception as error:
            raise AssertionError(f"seed {seed}, file {number}") from error


def in_file(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = (folder / DATABASE).read_bytes()
        assert old in content
        (folder / DATABASE).write_bytes(content.replace(old, new))

    return change


def in_table(statement: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / DATABASE)) as db:
            assert db.execute(statement).rowcount > 0
            db.commit()

    return change


TURNED_BITS = {
    "the época in a sealed batch's key": in_table(
        "UPDATE selados SET chave = replace(chave, (SELECT valor FROM meta WHERE chave = 'epoca'), (SELECT"
        " iif(valor LIKE '0%', '1', '0') || substr(valor, 2) FROM meta WHERE chave = 'epoca'))"
    ),
    "a column's name": in_file(b"enviada_estado", b"enviada_estadp"),
    "a name that is no UTF-8": in_file(b"enviada_estado", b"enviada_\xe5stado"),
    "a sequence number of a billion": in_table("UPDATE selados SET seq = seq + (1 << 30)"),
    "the next sequence number": in_table("UPDATE meta SET valor = '1' || valor || '00000000' WHERE chave LIKE '%seq%'"),
}


@pytest.mark.parametrize("damage", TURNED_BITS.values(), ids=TURNED_BITS)
def test_p1_a_turned_bit_that_once_broke_the_start_is_survived(
    lived: Site, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    site = crashed(lived, tmp_path / "copy", settled=True)
    damage(site.folder)
    survives(site)
    assert put_aside(site)


def lose_file(folder: Path) -> None:
    for name in (DATABASE, f"{DATABASE}-wal"):
        (folder / name).unlink(missing_ok=True)


def lose_log(folder: Path) -> None:
    (folder / f"{DATABASE}-wal").unlink()


def empty_file(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"")
    (folder / f"{DATABASE}-wal").unlink()


def cut_file(folder: Path) -> None:
    content = (folder / DATABASE).read_bytes()
    (folder / f"{DATABASE}-wal").unlink(missing_ok=True)
    (folder / DATABASE).write_bytes(content[: len(content) // 2])


def no_database(folder: Path) -> None:
    (folder / DATABASE).write_text("isto não é um spool\n" * 500)
    (folder / f"{DATABASE}-wal").unlink()


@pytest.mark.parametrize("damage", [lose_file, lose_log, empty_file, cut_file, no_database])
def test_p1_a_file_that_is_gone_cut_or_another_one_is_no_new_beginning(
    lived: Site, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    site = crashed(lived, tmp_path / "copy")
    epoch = lived.spool.epoch
    damage(site.folder)
    survives(site)
    status = read_status(site.folder)
    assert status.epoch != epoch
    assert len(put_aside(site)) == 1
    assert len(site.beginnings()) == 2, "what is older than the new época goes before a person"
    assert epoch in status.notices[0].text
    assert "acabou na seq" in status.notices[0].text


def test_p1_a_restored_older_spool_is_detected_and_sends_sealed_only(lived: Site, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(lived.folder, older, ignore=shutil.ignore_patterns("*-shm"))
    for _ in range(2):
        lived.send()
        lived.read(FILES, 3)
        lived.read(PLC, 3)
        lived.seal()
    lived.send()
    site = crashed(lived, tmp_path / "copy")
    for name in (DATABASE, f"{DATABASE}-wal"):
        shutil.copyfile(older / name, site.folder / name)
    site.spool = site.open()
    assert put_aside(site)
    assert site.spool.waiting()[1] == 1  # what it had sealed; it has gone already, under the same key
    site.drain()
    site.check()
    site.spool.close()


def test_p1_what_a_damaged_spool_had_sealed_goes_first_under_its_key(lived: Site, tmp_path: Path) -> None:
    site = crashed(lived, tmp_path / "copy")
    batch = lived.spool.next_sealed()
    assert batch is not None
    site.spool = Spool(site.folder, "farmace-spep", seal_records=10, read_again={FILES}, damage="teste")
    first = site.spool.next_sealed()
    assert first is not None
    assert (first.key, first.body) == (batch.key, batch.body)
    assert first.seq < 0
    assert survives_open(site) == []
    # All of it was readable: no file is read again and no counter begins anew.
    plain, earlier = site.counted()
    assert (len(plain), earlier) == (sum(site.issued.values()), set())
    assert len(site.beginnings()) == 1, "the cloud has nothing to doubt"


def survives_open(site: Site) -> list[str]:
    try:
        site.drain()
        return site.check()
    finally:
        site.spool.close()


def test_p1_a_sealed_batch_that_cannot_be_read_is_named_with_its_sequence(lived: Site, tmp_path: Path) -> None:
    site = crashed(lived, tmp_path / "copy", settled=True)
    with sqlite3.connect(site.folder / DATABASE) as db:
        db.execute("DELETE FROM selados")  # as if its page had lost it
    db.close()
    missing = survives(site)
    assert [record.split("@")[0] for record in missing] == [FILES] * 5
    assert "o lote de seq 4: não pode ser lido" in read_status(site.folder).notices[0].text


def test_p1_damaged_twice_the_earlier_batches_are_still_there(lived: Site, tmp_path: Path) -> None:
    site = crashed(lived, tmp_path / "copy")
    for number in range(3):
        site.spool = Spool(site.folder, "farmace-spep", seal_records=10, read_again={FILES}, damage=f"teste {number}")
        site.spool.close()
    assert len(put_aside(site)) == 3
    assert survives(site) == []
    assert site.counted()[1] == set()


def test_p1_killed_anywhere_while_it_is_replaced_the_next_start_goes_on(
    lived: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace
    for moment in range(2):
        site = crashed(lived, tmp_path / str(moment))
        no_database(site.folder)
        left = [moment]

        def cut(path: Path, target: Path, left: list[int] = left) -> Path:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return real(path, target)

        monkeypatch.setattr(Path, "replace", cut)
        with pytest.raises(KeyboardInterrupt):
            site.open()
        monkeypatch.setattr(Path, "replace", real)
        survives(site)
        assert not list(site.folder.glob("spool.novo*"))
        assert read_status(site.folder).notices


def test_p1_damage_met_while_running_is_told_and_the_next_opening_mends_it(lived: Site, tmp_path: Path) -> None:
    site = crashed(lived, tmp_path / "copy")
    site.spool = site.open()
    site.spool._db.execute(
        "UPDATE pendentes SET corpo = replace(corpo, ',1,0', ',9,0') WHERE id = (SELECT min(id) FROM pendentes)"
    )
    with pytest.raises(SpoolDamagedError, match="mudou no disco"):
        site.spool.seal({}, NOW, allow_empty=False)
    site.spool.close()
    missing = survives(site)
    assert missing
    # Its text, as it is now, goes before a person in the cloud.
    assert any(f",9,0,,,,,{missing[0]}," in text for text in site.told())


@pytest.mark.parametrize("name", [WATERMARK, "spool.lock"])
def test_a_damaged_witness_or_lock_beside_a_whole_spool_changes_nothing(lived: Site, tmp_path: Path, name: str) -> None:
    site = crashed(lived, tmp_path / "copy")
    (site.folder / name).write_bytes(b"\xff" * 8_192)
    assert survives(site) == []
    assert put_aside(site) == []


def test_p10_a_notice_stays_in_status_until_a_person_acknowledges_it(
    lived: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = crashed(lived, tmp_path / "spool2")
    no_database(site.folder)
    survives(site)
    config = tmp_path / "gateway.json"
    config.write_text(f'{{"gateway": {{"id": "farmace-spep", "bucket": "sicfar", "spool": "{site.folder}"}}}}')
    assert [(each.level, each.where) for each in problems(read_status(site.folder)) if each.where == "spool"] == [
        ("aviso", "spool")
    ]
    main(["status", "--config", str(config)])
    assert "aviso spool: O spool foi substituído" in capsys.readouterr().out
    assert main(["spool", "reconhecer", "--por", "Ana", "--config", str(config)]) == 0
    assert "1 avisos reconhecidos" in capsys.readouterr().out
    main(["status", "--config", str(config)])
    assert "aviso spool" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["spool", "reconhecer", "--config", str(config)])


def test_spool_check_explains_a_spool_in_use_and_changes_nothing(lived: Site) -> None:
    before = {path.name: path.read_bytes() for path in lived.folder.iterdir() if not path.name.endswith("-shm")}
    told = [(result.level, result.text) for result in explain(lived.folder, {FILES})]
    assert {level for level, _ in told} == {"ok"}
    text = "\n".join(line for _, line in told)
    for part in (
        "íntegro",
        f"época {lived.spool.epoch}: 4 lotes selados",
        "sha256 confere",
        "continua exatamente daqui",
    ):
        assert part in text
    assert {path.name: path.read_bytes() for path in lived.folder.iterdir() if not path.name.endswith("-shm")} == before


def test_spool_check_explains_a_damaged_spool_and_what_a_start_would_do(
    lived: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = crashed(lived, tmp_path / "spool2", settled=True)
    with (site.folder / DATABASE).open("r+b") as file:
        file.write(bytes(PAGE))
    before = {path.name: path.read_bytes() for path in site.folder.iterdir()}
    config = tmp_path / "gateway.json"
    config.write_text(f'{{"gateway": {{"id": "farmace-spep", "bucket": "sicfar", "spool": "{site.folder}"}}}}')
    assert main(["spool", "check", "--config", str(config)]) == 1
    told = capsys.readouterr().out
    assert "danificado: file is not a database" in told
    assert "mantém: 1 lotes selados (5 registros), 6 leituras por selar" in told
    assert {path.name: path.read_bytes() for path in site.folder.iterdir()} == before
    assert survives(site) == []


def test_spool_check_without_a_spool_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "gateway.json"
    config.write_text(f'{{"gateway": {{"id": "farmace-spep", "bucket": "sicfar", "spool": "{tmp_path / "none"}"}}}}')
    assert main(["spool", "check", "--config", str(config)]) == 1
    assert "ainda não há spool" in capsys.readouterr().err


def test_damage_of_a_kind_nobody_thought_of_keeps_no_gateway_from_starting(
    lived: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = crashed(lived, tmp_path / "copy")
    no_database(site.folder)

    def nonsense(path: Path, *arguments: object) -> Findings:
        if path.name == DATABASE:
            raise TypeError("nonsense")
        return examine(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(recovery, "examine", nonsense)
    assert survives(site)
