"""A loose file that grows while its pieces wait: each is read again as it was when it came, and counts once."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import migrated
from local.stack.database import Database
from operations.audit.differences import Difference
from operations.audit.evidence import Evidence
from operations.audit.run import Audit
from tests.support.bucket import BUCKET, Bucket, bare, emulated_s3

LINE, OTHER = "SPEP-ENV-D", "SPEP-ENV-E"
KEY = "avulsos/linha d.txt"
HEADER = "timestamp,linha_id,producao_count,rejeicao_count\n"


@pytest.fixture
def s3() -> Iterator[Any]:
    with emulated_s3() as client:
        yield client


class Folder:
    """One growing file of two lines that are nobody's yet, and what people do about its pieces."""

    def __init__(self, s3: Any, db: Database, beginning: str = "") -> None:
        self.bucket, self.db = Bucket(s3, db), db
        self.text = beginning
        self.versions: dict[str, dict[str, Any]] = {}
        self.boss = db.person("GESTOR")

    def grow(self, *records: tuple[int, int], line: str = LINE) -> str:
        """More lines; the situation of the version they make."""
        self.text += "".join(bare(line, second, made) for second, made in records)
        one = self.bucket.put(KEY, self.text.encode())
        self.versions[one["versionId"]] = one
        (situation,) = self.bucket.parse(one)
        return situation

    def own(self, *lines: str) -> None:
        for line in lines:
            self.db.owner(line, "avulso")

    def open_pieces(self) -> list[int]:
        return [row["id"] for row in self.db.sql("select id from quarentena where resolvida_em is null order by id")]

    def read_again(self, *ids: int) -> list[str]:
        self.db.call(self.boss, "reprocessar_quarentena", p_ids=list(ids), p_motivo="a linha agora tem dono")
        with self.db.as_role("service_role"):
            pieces = self.db.one("select quarentenas_a_reprocessar(100)")
        said = []
        for piece in pieces:
            said += self.bucket.parse(self.versions[piece["versao_id"]], reprocessar=piece["id"])
        return said

    def counted(self, line: str = LINE) -> tuple[int, int]:
        """Without order, in quarantine."""
        balance = self.db.balance(line)
        return balance["sem_ordem"][0], balance["quarentena"][0]

    def differences(self) -> list[Difference]:
        found: list[Difference] = []
        with self.db.connection.transaction():
            Audit(Evidence(self.db.connection), self.bucket.s3, BUCKET, found.append, grace_s=0).run()
        return [one for one in found if one.key == KEY or one.line in (LINE, OTHER)]


@pytest.fixture
def folder(cluster: migrated.Cluster, s3: Any) -> Iterator[Folder]:
    with cluster.fresh() as url:
        db = Database(url)
        yield Folder(s3, db)
        db.close()


def test_p1_each_stage_of_a_grown_file_is_read_again_as_it_was(folder: Folder) -> None:
    assert folder.grow((1, 10), (2, 8)) == "APLICADO"
    assert folder.grow((2, 16), (1, 6)) == "APLICADO"  # the same seconds once more: events come out of order
    folder.own(LINE)
    assert folder.read_again(*folder.open_pieces()) == ["APLICADO", "APLICADO"]
    assert folder.counted() == (40, 0)
    assert folder.differences() == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_p1_the_stages_are_settled_in_any_order_and_some_given_up(folder: Folder, order: tuple[int, ...]) -> None:
    for made in (1, 2, 4):
        folder.grow((5, made))
    folder.own(LINE)
    pieces = folder.open_pieces()
    first, second, third = (pieces[n] for n in order)
    assert folder.read_again(first) == ["APLICADO"]
    folder.db.call(folder.boss, "resolver_quarentena", p_id=second, p_motivo="contado à mão")
    assert folder.grow((5, 64)) == "APLICADO"
    assert folder.read_again(third) == ["APLICADO"]
    given_up = 2 ** order[1]
    assert folder.counted() == (64 + 7 - given_up, given_up)
    assert folder.differences() == []


def test_p1_a_stage_is_read_again_under_the_header_of_the_first(cluster: migrated.Cluster, s3: Any) -> None:
    with cluster.fresh() as url:
        folder = Folder(s3, Database(url), HEADER)
        folder.grow((1, 3))
        folder.grow((1, 4))
        folder.own(LINE)
        assert folder.read_again(*folder.open_pieces()) == ["APLICADO", "APLICADO"]
        assert folder.counted() == (7, 0)
        folder.db.close()


def test_p1_without_versions_a_piece_is_the_bytes_it_came_in(folder: Folder) -> None:
    """A bucket that keeps no versions has the grown file only."""
    for made in (1, 2, 4):
        folder.grow((5, made))
    folder.db.sql("set session_replication_role = replica")
    folder.db.sql("update arquivos_ingeridos set versao_id = null")
    folder.db.sql("update quarentena set versao_id = null")
    folder.db.sql("set session_replication_role = origin")
    newest = {"key": KEY, "versionId": None, "size": len(folder.text)}
    folder.versions = {None: newest}  # type: ignore[dict-item]
    folder.own(LINE)
    assert folder.read_again(*folder.open_pieces()) == ["APLICADO"] * 3
    assert folder.counted() == (7, 0)


def test_p1_a_file_written_over_since_is_not_counted_for_the_piece(folder: Folder) -> None:
    folder.grow((5, 3))
    (piece,) = folder.open_pieces()
    folder.own(LINE)
    other = folder.bucket.put(KEY, bare(LINE, 5, 3).replace(".000Z", ".001Z").encode())
    folder.versions = dict.fromkeys(folder.versions, other)
    assert folder.read_again(piece) == ["QUARENTENA"]
    assert folder.counted() == (0, 3)


@pytest.mark.parametrize("seed", range(6))
def test_p1_growth_owners_and_decisions_in_any_order_count_each_unit_once(folder: Folder, seed: int) -> None:
    chance = random.Random(seed)
    made = {LINE: 0, OTHER: 0}
    given_up = {LINE: 0, OTHER: 0}
    acts = ["grow"] * 6 + ["decide"] * 5 + [LINE, OTHER]
    chance.shuffle(acts)
    for act in ["grow", *acts]:
        if act == "grow":
            line = chance.choice((LINE, OTHER))
            records = [(chance.randint(0, 3), chance.randint(1, 9)) for _ in range(chance.randint(1, 4))]
            made[line] += sum(one for _, one in records)
            assert folder.grow(*records, line=line) == "APLICADO"
        elif act != "decide":
            folder.own(act)
        elif pieces := folder.open_pieces():
            piece = chance.choice(pieces)
            if chance.random() < 0.3:
                (row,) = folder.db.sql("select linha_id, producao from quarentena where id = %s", piece)
                given_up[row["linha_id"]] += row["producao"]
                folder.db.call(folder.boss, "resolver_quarentena", p_id=piece, p_motivo="contado à mão")
            else:
                assert folder.read_again(piece) == ["APLICADO"]
    if pieces := folder.open_pieces():
        assert set(folder.read_again(*pieces)) == {"APLICADO"}
    assert {line: folder.counted(line) for line in made} == {
        line: (made[line] - given_up[line], given_up[line]) for line in made
    }
    assert folder.differences() == []
