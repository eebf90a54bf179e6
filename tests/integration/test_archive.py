"""A closed year as files: restored into an empty database it is the same, and what is not itself is not restored."""

import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from local.stack import migrated
from local.stack.database import Database
from operations.archive import writing
from operations.archive.manifest import ArchiveDamagedError, Manifest, read
from operations.archive.restoring import NotEmptyError, restore
from operations.archive.tables import BY_YEAR, tables
from operations.archive.writing import ObjectAlteredError, archive
from operations.cli import main
from tests.support.bucket import BUCKET, Bucket, emulated_s3
from tests.support.lot_story import OP, lot_story


@pytest.fixture(scope="module")
def s3() -> Iterator[object]:
    with emulated_s3() as client:
        yield client


@pytest.fixture(scope="module")
def plant(cluster: migrated.Cluster, s3) -> Iterator[Database]:
    with cluster.fresh() as url:
        db = Database(url)
        lot_story(Bucket(s3, db))
        yield db
        db.close()


@pytest.fixture(scope="module")
def year(plant: Database) -> int:
    """The year of the ledger and the trail, which the database's clock gave."""
    return int(plant.one("select extract(year from now() at time zone 'America/Fortaleza')"))


@pytest.fixture(scope="module")
def kept(plant, s3, year, tmp_path_factory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("arquivo") / "ano"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "datetime", _a_year_later(year))
        manifest = archive(plant.url, year, folder, s3)
    return folder, manifest


def _a_year_later(year: int) -> type[datetime]:
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(year + 1, 6, 1, tzinfo=tz)

    return Later


def contents(db: Database, year: int) -> dict[str, list[str]]:
    """What belongs to the year, as text, table by table."""
    with psycopg.connect(db.url) as connection:
        return {
            table.name: sorted(map(str, connection.execute(table.rows_of(year)).fetchall()))
            for table in tables(connection)
        }


def test_p7_a_year_restored_into_an_empty_database_is_the_same(cluster, plant, year, kept, monkeypatch, capsys):
    folder, manifest = kept
    with cluster.fresh() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        assert main(["arquivar", "restaurar", "--pasta", str(folder)]) == 0
        rows = sum(one.rows for one in manifest.tables.values())
        assert f"{year}: {rows} linhas" in capsys.readouterr().out
        empty = Database(url)
        assert contents(empty, year) == contents(plant, year)
        assert empty.one("select verificar_assinatura(max(id)) from diarios_bordo") is True
        assert empty.one("select producao_acumulada > 0 from ordens_producao_ativas where numero_op = %s limit 1", OP)
        assert empty.one("select nextval('trilha_auditoria_id_seq')") > empty.one(
            "select max(id) from trilha_auditoria"
        )
        empty.close()
        with pytest.raises(NotEmptyError):
            restore(url, folder)


def test_p7_every_object_of_the_year_is_in_it_with_its_bytes(plant, s3, kept):
    folder, manifest = kept
    rows = plant.sql("select chave, versao_id from arquivos_ingeridos where sha256 is not null")
    assert manifest.objects is not None
    assert manifest.objects.objects == len(rows) > 0
    with tarfile.open(folder / "objetos.tar") as packed:
        for row in rows:
            inside = packed.extractfile(f"{row['chave']}@{row['versao_id']}")
            assert inside is not None
            stored = s3.get_object(Bucket=BUCKET, Key=row["chave"], VersionId=row["versao_id"])["Body"].read()
            assert inside.read() == stored


def test_p7_only_the_year_s_rows_of_what_grows_are_taken(plant, s3, year, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "datetime", _a_year_later(year))
    other = archive(plant.url, year - 5, tmp_path / "outro", s3)
    assert {other.tables[name].rows for name in BY_YEAR} == {0}
    assert other.tables["fechamentos_lote"].rows == 1


def test_p11_a_changed_file_is_not_restored(cluster, kept, tmp_path):
    folder, _ = kept
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fechamentos_lote.copy.gz").write_bytes(b"outra coisa")
    with pytest.raises(ArchiveDamagedError, match="fechamentos_lote"):
        read(tmp_path)


def test_p11_an_object_that_is_not_what_was_counted_stops_it(plant, s3, year, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "datetime", _a_year_later(year))
    plant.sql("set session_replication_role = replica")
    plant.sql("update arquivos_ingeridos set sha256 = reverse(sha256)")
    try:
        with pytest.raises(ObjectAlteredError):
            archive(plant.url, year, tmp_path / "ano", s3)
    finally:
        plant.sql("update arquivos_ingeridos set sha256 = reverse(sha256)")
        plant.sql("set session_replication_role = origin")


def test_p11_a_year_that_is_not_over_is_not_archived(plant, year, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", plant.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert main(["arquivar", "ano", str(year), "--pasta", str(tmp_path / "ano")]) == 2
    assert f"{year} ainda não acabou" in capsys.readouterr().err
    assert not (tmp_path / "ano").exists()
