"""The dossier as one HTML text: nothing of it comes from elsewhere, nothing of it is run, every value is escaped."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import operations
import sicfar
from operations.audit.differences import Difference
from operations.audit.summary import Summary
from operations.dossier.agreement import agreements
from operations.dossier.gathering import Lot
from operations.dossier.rows import CallRow, Document, FileRow
from sicfar import plot
from sicfar.instants import PLANT_TZ

_TEMPLATES = Path(__file__).parent / "templates"
_BARS = (720, 90)
"""Width and height of a plot, in units of its drawing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit of the whole bucket found. ``differences``: those of this order and of its lines."""

    bucket: str
    at: datetime
    summary: Summary
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Bars:
    """A plot with what stands beside it."""

    title: str
    labels: Sequence[str]
    values: Sequence[int]

    @property
    def path(self) -> str:
        """The bars."""
        width, height = _BARS
        return plot.bars(self.values, width=width, height=height).bars

    @property
    def top(self) -> int:
        """The highest value."""
        return max(self.values)


@dataclass(frozen=True, slots=True)
class FileHour:
    """The files of a line whose first record is of one hour; ``digest`` stands for their list."""

    line: str
    at: datetime
    files: Sequence[FileRow]

    @property
    def records(self) -> int:
        """Records of the line in all of them."""
        return sum(one.records for one in self.files)

    @property
    def produced(self) -> int:
        """Machine counts in all of them."""
        return sum(one.produced for one in self.files)

    @property
    def rejected(self) -> int:
        """Rejects in all of them, in machine counts."""
        return sum(one.rejected for one in self.files)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines `key sha256 first end`, each with a newline."""
        listed = "".join(f"{one.key} {one.sha256} {one.first} {one.end}\n" for one in self.files)
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def folders(self) -> Iterator[tuple[str, Sequence[FileRow]]]:
        """The files by their folder in the bucket."""
        for folder, files in groupby(self.files, lambda one: one.key.rpartition("/")[0]):
            yield folder, list(files)


def render(lot: Lot, verdict: Verdict | None) -> str:
    """The page."""
    calls: dict[int, list[CallRow]] = defaultdict(list)
    for call in lot.calls:
        calls[call.report].append(call)
    return (
        _environment()
        .get_template("dossie.html")
        .render(
            lot=lot,
            order=lot.lot,
            closing=lot.closing,
            agreements=list(agreements(lot)),
            verdict=verdict,
            software=software(),
            hour_bars=list(_by_hour(lot)),
            shift_bars=list(_by_shift(lot)),
            file_hours=list(file_hours(lot.files)),
            calls=calls,
            box=_BARS,
        )
    )


def file_hours(files: Sequence[FileRow]) -> Iterator[FileHour]:
    """The files by line and hour, in their order."""
    for (line, at), found in groupby(files, lambda one: (one.line, _hour(one.since))):
        yield FileHour(line, at, list(found))


@cache
def software() -> str:
    """What made the page: the version, and a digest of the code itself, which a version alone does not prove."""
    digest = hashlib.sha256()
    for package in (sicfar, operations):
        folder = Path(package.__path__[0])
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html")]):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sicfar {version('sicfar-operations')}, código {digest.hexdigest()[:16]}"


def _by_hour(lot: Lot) -> Iterator[Bars]:
    for line, hours in groupby(lot.hours, lambda one: one.line):
        made = {one.at: one.produced for one in hours}
        first, last = min(made), max(made)
        at = [first + timedelta(hours=n) for n in range(int((last - first) / timedelta(hours=1)) + 1)]
        yield Bars(line, [_moment(one)[:-3] for one in at], [made.get(one, 0) for one in at])


def _by_shift(lot: Lot) -> Iterator[Bars]:
    shown = lot.frozen if lot.closing else lot.shifts
    for line, amounts in groupby((one for one in shown if one.kind == "PRODUZIDA"), lambda one: one.line):
        found = list(amounts)
        yield Bars(line, [f"{_day(one.day)} {one.shift}" for one in found], [one.amount for one in found])


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(numero=_number, momento=_moment, dia=_day, campos=_fields, palavras=_words)
    return made


def _number(value: int | Decimal | None) -> str:
    """1.234,5, as Brazil writes it. Nothing is a dash."""
    return "–" if value is None else f"{value:,}".translate(str.maketrans(",.", ".,"))


def _moment(value: datetime | None) -> str:
    """Day and second of the plant's clock."""
    return f"{value.astimezone(PLANT_TZ):%d/%m/%Y %H:%M:%S}" if value else "–"


def _hour(value: datetime) -> datetime:
    return value.replace(minute=0, second=0, microsecond=0)


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else "–"


def _words(code: str | None) -> str:
    """A code of the tables as words: AMOSTRA_ACABADO is `amostra acabado`."""
    return (code or "–").replace("_", " ").lower()


def _fields(document: Document | None) -> list[tuple[str, str]]:
    """A document field by field, each value as it is kept; nested ones as JSON."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in (document or {}).items()
    ]
