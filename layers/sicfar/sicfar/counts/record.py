"""One record: one line of text that says what a production line made since its last record.

    2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0

The first four columns are the sensors' own; the gateway adds the others. Everything that reads or writes a record, at
the plant or in the cloud, does it through ``parse_record`` and ``format_record``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote

from sicfar.counts.codes import Reason
from sicfar.errors import PermanentError
from sicfar.instants import EXPECTED, format_instant, parse_instant

COLUMNS = (
    "timestamp",
    "linha_id",
    "producao_count",
    "rejeicao_count",
    "desde",
    "producao_raw",
    "rejeicao_raw",
    "flags",
    "origem",
    "timestamp_fonte",
)
"""The canonical columns in their order; the first four are mandatory and are all a bare TXT has.

New ones are added at the end: readers go by the header, and those before ``timestamp_fonte`` wrote nine.
"""

MAX_COUNT = 999_999_999
"""The largest number a KEYENCE counter shows; one record above it is garbage."""
MAX_LINE_BYTES = 4_096
"""The longest line read as a record, without its newline."""
RAW_DIGITS = 20
"""Digits of a counter as read: the widest register has 64 bits."""
LINE_ID = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
"""The text code of a production line, such as ``SPEP-ENV-A``; to be matched in full."""


class LineError(PermanentError):
    """One line is no record: ``reason`` for programs, ``detail`` (Portuguese) for people.

    The detail says what was found and what is expected; where the line stands is known to whoever read the file.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__("line_invalid", detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Record:
    """What one machine counted, in the machine's own counts (no factor applied).

    ``at_ms``/``since_ms``: milliseconds since the epoch, UTC; ``since_ms`` only if the counts may have been made over a
    span (after a gap). ``produced`` is everything made, good and rejected. ``*_raw``: the counters as read, evidence
    only. ``flags``: what the gateway judged (``relogio``, ``implausivel``, ...). ``origin``: where it was read.
    ``source_time``: the timestamp of its source, where ``at_ms`` is not that but the gateway's; else empty. As written
    there, or in UTC where only the plant's configuration can read that.
    """

    at_ms: int
    line: str
    produced: int
    rejected: int
    since_ms: int | None = None
    produced_raw: int | None = None
    rejected_raw: int | None = None
    flags: tuple[str, ...] = ()
    origin: str = ""
    source_time: str = ""

    @property
    def source_ms(self) -> int | None:
        """``source_time`` in milliseconds since the epoch, UTC; None where there is none that can be read."""
        try:
            return parse_instant(self.source_time) if self.source_time else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column stands where. ``names`` are lower case; unknown ones are ignored.

    Raises LineError(COLUNAS) if a mandatory column is missing or a known one stands twice.
    """

    names: tuple[str, ...]
    positions: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Where each of ``COLUMNS`` stands, -1 for an absent one."""

    def __post_init__(self) -> None:
        """Find the columns once, not per line."""
        missing = [name for name in _MANDATORY if name not in self.names]
        twice = [name for name in COLUMNS if self.names.count(name) > 1]
        if missing or twice:
            fault = f"sem a coluna {missing[0]}" if missing else f"com a coluna {twice[0]} repetida"
            raise LineError(
                Reason.COLUNAS,
                f"cabeçalho {fault}: {excerpt(','.join(self.names))}; esperado ao menos {','.join(_MANDATORY)}",
            )
        positions = tuple(self.names.index(name) if name in self.names else -1 for name in COLUMNS)
        object.__setattr__(self, "positions", positions)

    @classmethod
    def from_header(cls, text: str) -> "Layout":
        """Read a header line; blanks around names and their case do not matter. Raises LineError(COLUNAS)."""
        return cls(tuple(name.strip().lower() for name in text.removeprefix(_BOM).split(",")))


def is_header(text: str) -> bool:
    """Tell whether a line declares columns: its first field is ``timestamp``, in any case."""
    return text.removeprefix(_BOM).partition(",")[0].strip().lower() == COLUMNS[0]


_BOM = "\ufeff"
_MANDATORY = COLUMNS[:4]
_FLAG = re.compile(r"[a-z][a-z0-9_]{0,31}")
_COUNT_DIGITS = len(str(MAX_COUNT))
_MAX_RAW = 10**RAW_DIGITS - 1
_FIRST_MS = parse_instant("2000-01-01T00:00:00Z")
_LAST_MS = parse_instant("2099-12-31T23:59:59.999Z")

BARE = Layout(COLUMNS[:4])
CANONICAL = Layout(COLUMNS)
_BY_WIDTH = {len(layout.names): layout for layout in (BARE, Layout(COLUMNS[:9]), CANONICAL)}


def parse_record(line: str | bytes, layout: Layout | None = None) -> Record:
    """Read one line, without its newline, as a record. Bytes are UTF-8; a BOM, a trailing CR and blanks are tolerated.

    Without ``layout``: four fields, or all ten (nine before there was ``timestamp_fonte``), by position.

    Raises LineError.
    """
    raw = line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_LINE_BYTES:
        raise too_long(len(raw), MAX_LINE_BYTES)
    return parse_text(decode_line(raw), layout)


def parse_text(text: str, layout: Layout | None) -> Record:
    """``parse_record`` for text that was a line of acceptable length and encoding. Raises LineError."""
    if "\n" in text:
        raise LineError(Reason.COLUNAS, f"quebra de linha dentro do registro {excerpt(text)}")
    fields = [part.strip(" \t") for part in text.removeprefix(_BOM).rstrip("\r").split(",")]
    if layout is None:
        layout = _BY_WIDTH.get(len(fields), BARE)
    if len(fields) != len(layout.names):
        raise _wrong_width(text, len(fields), layout)
    stamp, line_id, produced, rejected, since, produced_raw, rejected_raw, flags, origin, source_time = (
        fields[position] if position >= 0 else "" for position in layout.positions
    )
    at_ms = _instant(stamp, "timestamp")
    if not LINE_ID.fullmatch(line_id):
        raise LineError(
            Reason.LINHA_ID_INVALIDA,
            f"linha_id {excerpt(line_id)}; esperado até 32 letras maiúsculas, algarismos e hífens, como SPEP-ENV-A",
        )
    since_ms = _instant(since, "desde") if since else None
    if since_ms is not None and since_ms > at_ms:
        raise LineError(
            Reason.INTERVALO_INVALIDO, f"desde {excerpt(since)} é depois de timestamp {excerpt(stamp)}; esperado antes"
        )
    return Record(
        at_ms=at_ms,
        line=line_id,
        produced=parse_count(produced, "producao_count"),
        rejected=parse_count(rejected, "rejeicao_count"),
        since_ms=since_ms,
        produced_raw=parse_count(produced_raw, "producao_raw", RAW_DIGITS) if produced_raw else None,
        rejected_raw=parse_count(rejected_raw, "rejeicao_raw", RAW_DIGITS) if rejected_raw else None,
        flags=_flags(flags) if flags else (),
        origin=unescape(origin),
        source_time=unescape(source_time),
    )


def parse_count(text: str, column: str, digits: int = _COUNT_DIGITS) -> int:
    """Read a non-negative integer of at most ``digits`` digits; padding zeros do not matter. Raises LineError."""
    expected = f"esperado um inteiro de 0 a {'9' * digits}"
    if text.isascii() and text.isdigit():
        significant = text.lstrip("0")
        if len(significant) > digits:
            raise LineError(Reason.CONTAGEM_ABSURDA, f"{column} {excerpt(text)}; {expected}")
        return int(significant or "0")
    if text.isascii() and text[:1] == "-" and text[1:].isdigit():
        raise LineError(Reason.CONTAGEM_NEGATIVA, f"{column} {excerpt(text)}; {expected}")
    raise LineError(Reason.CONTAGEM_INVALIDA, f"{column} {excerpt(text)}; {expected}")


def format_record(record: Record, columns: Sequence[str] = COLUMNS) -> str:
    """Return the canonical line, without newline; instants in UTC with milliseconds.

    Raises LineError for a record that could not be read back, ValueError if ``columns`` would drop its ``desde`` or
    flags, without which its counts mean something else.
    """
    texts = (
        _instant_text(record.at_ms),
        record.line,
        str(record.produced),
        str(record.rejected),
        "" if record.since_ms is None else _instant_text(record.since_ms),
        "" if record.produced_raw is None else str(record.produced_raw),
        "" if record.rejected_raw is None else str(record.rejected_raw),
        ";".join(record.flags),
        _escaped(record.origin) if record.origin else "",
        escape(record.source_time) if record.source_time else "",
    )
    if columns is COLUMNS:
        text = ",".join(texts)
        # What was written is read back only where there is something in it that the reader may refuse.
        if not (_is_sound(record) and len(text) <= MAX_LINE_BYTES):
            parse_record(text, CANONICAL)
        return text
    named = dict(zip(COLUMNS, texts, strict=True))
    for essential in ("desde", "flags"):
        if named[essential] and essential not in columns:
            raise ValueError(f"a coluna {essential} tem valor e não seria escrita: {record}")
    text = ",".join(named[name] for name in columns)
    parse_record(text, Layout(tuple(columns)))
    return text


def _is_sound(record: Record) -> bool:
    """Whether a record, once written, can be read back beyond doubt: a sufficient condition, quick to check."""
    since_ms = record.at_ms if record.since_ms is None else record.since_ms
    return (
        _FIRST_MS <= since_ms <= record.at_ms <= _LAST_MS
        and 0 <= record.produced <= MAX_COUNT
        and 0 <= record.rejected <= MAX_COUNT
        and 0 <= (record.produced_raw or 0) <= _MAX_RAW
        and 0 <= (record.rejected_raw or 0) <= _MAX_RAW
        and not record.flags
        and LINE_ID.fullmatch(record.line) is not None
    )


def decode_line(raw: bytes) -> str:
    """Return the text of a line. Raises LineError for NUL bytes or anything but UTF-8, naming the byte."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise LineError(Reason.CODIFICACAO, f"texto em UTF-16: {excerpt(raw)}; esperado UTF-8")
    if (nul := raw.find(0)) >= 0:
        raise LineError(
            Reason.BYTES_NULOS,
            f"{raw.count(0)} bytes nulos a partir do byte {nul} da linha, como após queda de energia: {excerpt(raw)}; "
            "esperado texto UTF-8",
        )
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        byte = raw[error.start : error.start + 1]
        cp1252 = byte.decode("cp1252", "replace")
        meaning = "" if cp1252 == "\ufffd" else f" (em Windows-1252 seria {excerpt(cp1252)})"
        raise LineError(
            Reason.CODIFICACAO,
            f"byte 0x{byte.hex().upper()}{meaning} no byte {error.start} da linha: {excerpt(raw)}; esperado UTF-8",
        ) from None


def too_long(length: int, limit: int) -> LineError:
    """The error of a line of ``length`` bytes where ``limit`` are accepted."""
    return LineError(Reason.LINHA_LONGA, f"linha de {length} bytes; esperado no máximo {limit}")


def excerpt(found: str | bytes) -> str:
    """Quote what was found for a message: at most 60 characters, nothing invisible in it."""
    text = found[:61].decode("utf-8", "backslashreplace") if isinstance(found, bytes) else found[:61]
    shown = _visible(text[:60])
    return f"'{shown}'…" if len(found) > 60 else f"'{shown}'"


def _visible(text: str) -> str:
    return "".join(
        char if char.isprintable() else f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
        for char in text
    )


def escape(value: str) -> str:
    """Percent-encode a value so that blanks, commas and line ends cannot break the line it stands in."""
    # A Windows file name may hold a lone surrogate; an odd name must not stop the counting.
    return quote(value, safe="@:.+-_/=", errors="surrogatepass")


def unescape(text: str) -> str:
    """Undo ``escape``; what is no valid encoding is shown as U+FFFD."""
    return unquote(text, errors="replace")


def _instant(text: str, column: str) -> int:
    try:
        return parse_instant(text)
    except ValueError:
        raise LineError(Reason.INSTANTE_INVALIDO, f"{column} {excerpt(text)}; esperado {EXPECTED}") from None


def _instant_text(at_ms: int) -> str:
    try:
        return f"{_second_text(at_ms // 1000)}.{at_ms % 1000:03}Z"
    except OverflowError:
        raise LineError(Reason.INSTANTE_INVALIDO, f"instante {at_ms} ms; esperado um de 2000 a 2099") from None


@lru_cache(maxsize=4_096)
def _second_text(second: int) -> str:
    """The text of an instant up to its second: neighbouring records share it."""
    return format_instant(second * 1000)[:-5]


@lru_cache(maxsize=256)
def _escaped(origin: str) -> str:
    """``escape``, remembered: a machine's records all have one origin."""
    return escape(origin)


def _flags(text: str) -> tuple[str, ...]:
    flags = tuple(text.split(";"))
    if not all(map(_FLAG.fullmatch, flags)):
        raise LineError(
            Reason.FLAGS_INVALIDAS, f"flags {excerpt(text)}; esperado nomes em minúsculas separados por ';'"
        )
    return flags


def _wrong_width(text: str, found: int, layout: Layout) -> LineError:
    other = next((name for sign, name in ((";", "ponto e vírgula"), ("\t", "tabulação")) if sign in text), None)
    hint = f" (o separador parece ser {other})" if other and found == 1 else ""
    return LineError(
        Reason.COLUNAS,
        f"{found} campo(s) em {excerpt(text)}{hint}; esperado {len(layout.names)} separados por vírgula: "
        f"{_visible(','.join(layout.names)[:120])}",
    )


def comment_values(text: str) -> dict[str, str]:
    """The `name=value` pairs of a `#` line, unescaped."""
    pairs = (word.partition("=") for word in text.split())
    return {name: unescape(value) for name, sign, value in pairs if sign}
