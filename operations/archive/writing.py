"""A year's rows and objects into a folder: one snapshot of the database, each object held against the ledger's hash."""

import gzip
import hashlib
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from operations.archive.manifest import NAME, OBJECTS, ArchivedObjects, ArchivedTable, Manifest, sha256, table_file
from operations.archive.tables import Table, migration, tables
from operations.audit.evidence import connected
from operations.dossier.rendering import software
from sicfar.errors import PermanentError
from sicfar.instants import PLANT_TZ

if TYPE_CHECKING:
    import psycopg
    from mypy_boto3_s3 import S3Client


class YearOpenError(PermanentError):
    """The year is not over."""


class ObjectAlteredError(PermanentError):
    """An object is not what was counted."""


def archive(database_url: str, year: int, folder: Path, s3: "S3Client") -> Manifest:
    """Write the archive of a year into a new folder. Raises YearOpenError or ObjectAlteredError."""
    if datetime.now(PLANT_TZ).year <= year:
        raise YearOpenError("year_open", f"{year} ainda não acabou", action="arquive um ano encerrado")
    folder.mkdir(parents=True)
    with connected(database_url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        kept = {table.name: _copy(connection, table, year, folder) for table in tables(connection)}
        manifest = Manifest(
            year=year,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            software=software(),
            migration=migration(connection),
            tables=kept,
            objects=_objects(connection, year, folder / OBJECTS, s3),
        )
    (folder / NAME).write_text(manifest.model_dump_json(by_alias=True, indent=1), encoding="utf-8")
    return manifest


def _copy(connection: "psycopg.Connection[tuple[object, ...]]", table: Table, year: int, folder: Path) -> ArchivedTable:
    path = folder / table_file(table.name)
    with gzip.GzipFile(path, "wb", mtime=0) as file, connection.cursor() as cursor:
        with cursor.copy(sql.SQL("copy ({}) to stdout").format(table.rows_of(year))) as copied:
            for block in copied:
                file.write(block)
        rows = cursor.rowcount
    return ArchivedTable(columns=table.columns, rows=rows, sha256=sha256(path))


def _objects(
    connection: "psycopg.Connection[tuple[object, ...]]", year: int, path: Path, s3: "S3Client"
) -> ArchivedObjects:
    first, last = (datetime(one, 1, 1, tzinfo=PLANT_TZ) for one in (year, year + 1))
    query = (
        "select bucket, chave, versao_id, sha256 from arquivos_ingeridos"
        " where ingerido_em >= %s and ingerido_em < %s and sha256 is not null order by id"
    )
    count = 0
    with tarfile.open(path, "w") as packed, connection.cursor(name="arquivo") as cursor:
        for bucket, key, version, digest in cursor.execute(query, (first, last)):
            body = s3.get_object(Bucket=str(bucket), Key=str(key), VersionId=str(version))["Body"].read()
            if hashlib.sha256(body).hexdigest() != digest:
                raise ObjectAlteredError(
                    "object_altered", "o objeto não é o que se contou", where=str(key), action="rode sicfar auditar"
                )
            entry = tarfile.TarInfo(f"{key}@{version}")
            entry.size = len(body)
            packed.addfile(entry, io.BytesIO(body))
            count += 1
    return ArchivedObjects(objects=count, sha256=sha256(path))
