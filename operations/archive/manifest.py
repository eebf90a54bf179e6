"""What an archive holds, with the hash of each file: nothing of it is restored that is not what was written."""

import hashlib
from pathlib import Path

from pydantic import Field, ValidationError

from sicfar.boundary import Boundary
from sicfar.errors import PermanentError

NAME = "manifesto.json"


class ArchiveDamagedError(PermanentError):
    """A file of the archive is missing, or not what was written."""


class ArchivedTable(Boundary, frozen=True):
    """A table's file."""

    columns: tuple[str, ...] = Field(alias="colunas")
    rows: int = Field(alias="linhas")
    sha256: str


class ArchivedObjects(Boundary, frozen=True):
    """The file with the bucket's objects."""

    objects: int = Field(alias="objetos")
    sha256: str


class Manifest(Boundary, frozen=True):
    """The archive's description."""

    year: int = Field(alias="ano")
    made_at: str = Field(alias="feito_em")
    software: str = Field(alias="programa")
    migration: str | None = Field(alias="migracao")
    tables: dict[str, ArchivedTable] = Field(alias="tabelas")
    objects: ArchivedObjects | None = Field(None, alias="arquivos")


def read(folder: Path) -> Manifest:
    """The manifest, after every file it names was found to be what it says. Raises ArchiveDamagedError."""
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes(), by_alias=True, by_name=False)
    except ValidationError as cause:
        raise _damaged(NAME, folder) from cause
    wanted = {table_file(name): one.sha256 for name, one in manifest.tables.items()}
    if manifest.objects:
        wanted[OBJECTS] = manifest.objects.sha256
    for name, digest in wanted.items():
        path = folder / name
        if not path.is_file() or sha256(path) != digest:
            raise _damaged(name, folder)
    return manifest


OBJECTS = "objetos.tar"


def table_file(name: str) -> str:
    """The file of a table."""
    return f"{name}.copy.gz"


def sha256(path: Path) -> str:
    """A file's hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(name: str, folder: Path) -> ArchiveDamagedError:
    return ArchiveDamagedError(
        "archive_damaged",
        f"{name} falta ou não é o que se arquivou",
        where=str(folder),
        action="use outra cópia do arquivo",
    )
