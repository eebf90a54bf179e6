"""A batch: the file a gateway uploads. Sealed once at the plant, read whole or not at all in the cloud.

    # sicfar-batch 1 gateway=farmace-spep epoca=9f3c... seq=184467 selado_em=2026-03-15T11:15:06.000Z
    # relogio estado=duvida desvio_ms=7200000 testemunha=s3
    # marca linha=SPEP-ENV-A ate=2026-03-15T11:15:05.000Z estado=ok relogio_ms=-180
    timestamp,linha_id,producao_count,rejeicao_count,desde,producao_raw,rejeicao_raw,flags,origem,timestamp_fonte
    2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,18234,77,,keyence_output.txt@88170,
    # ilegivel origem=keyence_output.txt@88213 motivo=COLUNAS bytes=<base64>
    # fim registros=812 sha256=<of all preceding bytes>

Values in ``#`` lines are percent-encoded; unknown keys and unknown ``#`` lines are ignored. The object's own digest
stands in its key, so that a cut or damaged object is told from one that was written wrongly.

A gateway that cannot believe its own clock says so in a ``# relogio`` line; one that can writes none, or estado=ok.

A spool that was lost is replaced by one that knows nothing of it, and may read again what the lost one has sent. So the
first line may also say ``inicio=<instant>``, when this época's spool was made, and ``anterior=sim``: the records were
read from what was there before it. Whether an earlier época can have counted them, only the cloud knows.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sicfar.counts.codes import Reason
from sicfar.counts.compression import QuarantineError, plain_chunks
from sicfar.counts.keys import BATCHES, BatchKey
from sicfar.counts.record import CANONICAL, COLUMNS, LINE_ID, LineError, comment_values, escape, excerpt, parse_record
from sicfar.counts.sums import Tally
from sicfar.counts.txt import tally
from sicfar.counts.verification import Ending, StoredBytes
from sicfar.errors import PermanentError
from sicfar.instants import format_instant, from_ms, parse_instant, to_ms

VERSION = 1
ACCEPTED_VERSIONS = (1,)
"""This version and the one before it, of which there is none yet."""
MAX_BATCH_BYTES = 32 * 1024 * 1024
"""Plain bytes of one batch: ``seal`` refuses to write more."""
MAX_UNREADABLE_BYTES = 65_536
"""Bytes of one ``Unreadable``; longer garbage is given in several, each with its own origin."""

_HEADER = f"{','.join(COLUMNS)}\n".encode()
_VERSION = re.compile(r"[0-9]{1,9}")
_CLOCK = re.compile(r"-?[0-9]{1,12}")
_WITNESS = re.compile(r"[a-z0-9_]{1,20}")
_STATES = ("ok", "erro", "parado")


class NotABatchError(QuarantineError):
    """The object is whole but is no batch."""

    reason = Reason.NOT_A_BATCH


class BatchMismatchError(QuarantineError):
    """The batch says it is another one than its key says."""

    reason = Reason.BATCH_MISMATCH


class UnknownVersionError(PermanentError):
    """A batch of a version this code does not know: replay it after a deploy, do not quarantine it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to when (ms, UTC) a gateway has seen everything of a line. ``state``: ok, erro or parado.

    ``clock_ms``: the source's clock minus the gateway's, if measured.
    """

    line: str
    until_ms: int
    state: str
    clock_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """The gateway's clock cannot be believed. ``offset_ms``: by how much it is ahead, negative if behind.

    ``witness``: what it was compared with: s3, marca or fontes.
    """

    offset_ms: int
    witness: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes the gateway could not read as a record, kept as they were. ``reason``: a ``Reason`` as a rule.

    ``byte_from``/``byte_to``: where its line stands in the uncompressed batch; set by ``read_batch``, not compared.
    """

    origin: str
    reason: str
    data: bytes
    byte_from: int = field(default=0, compare=False)
    byte_to: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch ready to upload under ``key``: ``body`` is gzip (mtime 0), ``sha256`` the hex digest of it."""

    key: str
    body: bytes
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was whole and true to its key. ``sealed_at`` in UTC.

    ``epoch_began``: when the época's spool was made, UTC, if the batch says so. ``earlier``: its records were read from
    what was there before that. ``clock``: the gateway's own doubt of its clock.
    """

    key: BatchKey
    version: int
    sealed_at: datetime
    epoch_began: datetime | None
    earlier: bool
    clock: ClockDoubt | None
    marks: tuple[Mark, ...]
    unreadable: tuple[Unreadable, ...]
    tally: Tally


def seal(
    *,
    gateway: str,
    epoch: str,
    seq: int,
    sealed_at: datetime,
    marks: Iterable[Mark],
    lines: Iterable[str],
    unreadable: Iterable[Unreadable],
    epoch_began: datetime | None = None,
    earlier: bool = False,
    clock: ClockDoubt | None = None,
) -> Sealed:
    """Write a batch; the same arguments give the same bytes on one machine.

    ``epoch_began``, ``earlier``, ``clock``: see ``Batch``.
    ``lines`` are canonical records (``format_record`` with all columns), without newline; one that is no record travels
    as unreadable, so that it neither stops the sealing nor gets lost. Raises BatchKeyError for a malformed name and
    ValueError for a naive instant, an unknown mark state, or more bytes than a batch or an unreadable may have.
    """
    sealed_ms = to_ms(sealed_at)
    when = format_instant(sealed_ms)
    began = "" if epoch_began is None else f" inicio={format_instant(to_ms(epoch_began))}"
    which = " anterior=sim" if earlier else ""
    text = [f"# sicfar-batch {VERSION} gateway={gateway} epoca={epoch} seq={seq} selado_em={when}{began}{which}"]
    text += [] if clock is None else [_clock_line(clock)]
    text += map(_mark_line, marks)
    text.append(",".join(COLUMNS))
    text += map(_unreadable_line, unreadable)
    rows = list(lines)
    records = len(rows)
    if not _are_records(rows):
        rows, records = _told_apart(rows)
    text += rows
    text.append("")
    plain = "\n".join(text).encode()
    plain += f"# fim registros={records} sha256={hashlib.sha256(plain).hexdigest()}\n".encode()
    if len(plain) > MAX_BATCH_BYTES:
        raise ValueError(f"um lote de {len(plain)} bytes; o máximo é {MAX_BATCH_BYTES}")
    packer = zlib.compressobj(level=6, wbits=16 + zlib.MAX_WBITS)  # zlib's own gzip header: mtime 0, no file name
    body = packer.compress(plain) + packer.flush()
    digest = hashlib.sha256(body).hexdigest()
    key = BatchKey(gateway, epoch, seq, from_ms(sealed_ms).date(), digest[:16])
    return Sealed(key.format(), body, digest, records)


def _are_records(rows: Sequence[str]) -> bool:
    """Whether each of these lines is a canonical record beyond doubt: read all at once, by the cloud's own reader.

    One of which it is not sure makes it False; ``parse_record`` then has the word on each.
    """
    block = "".join(f"{row}\n" for row in rows).encode("utf-8", "surrogatepass")
    # A line in which there is another one could stand for two.
    if not block.isascii() or block.count(b"\n") != len(rows):
        return False
    found = tally((_HEADER, block))
    return found.records == len(rows) and not found.problems


def _told_apart(rows: Iterable[str]) -> tuple[list[str], int]:
    """The lines with those that are no records as unreadable ones, and how many are records."""
    text: list[str] = []
    records = 0
    for row in rows:
        try:
            parse_record(row, CANONICAL)
        except LineError as error:
            text += map(_unreadable_line, _refused(row, error))
        else:
            text.append(row)
            records += 1
    return text, records


def _clock_line(doubt: ClockDoubt) -> str:
    text = f"# relogio estado=duvida desvio_ms={doubt.offset_ms} testemunha={escape(doubt.witness)}"
    _read_clock(comment_values(text))
    return text


def _mark_line(mark: Mark) -> str:
    clock = "" if mark.clock_ms is None else f" relogio_ms={mark.clock_ms}"
    text = f"# marca linha={escape(mark.line)} ate={format_instant(mark.until_ms)} estado={escape(mark.state)}{clock}"
    _read_mark(comment_values(text))
    return text


def _refused(line: str, error: LineError) -> Iterator[Unreadable]:
    data = line.encode("utf-8", "surrogatepass")
    for begin in range(0, max(len(data), 1), MAX_UNREADABLE_BYTES):
        yield Unreadable("gateway", error.reason, data[begin : begin + MAX_UNREADABLE_BYTES])


def _unreadable_line(item: Unreadable) -> str:
    if len(item.data) > MAX_UNREADABLE_BYTES:
        raise ValueError(f"{len(item.data)} bytes ilegíveis de uma vez; o máximo é {MAX_UNREADABLE_BYTES}")
    data = base64.b64encode(item.data).decode()
    return f"# ilegivel origem={escape(item.origin)} motivo={escape(item.reason)} bytes={data}"


def read_batch(key: BatchKey, chunks: Iterable[bytes], *, limit: int = MAX_BATCH_BYTES) -> Batch:
    """Read the object (gzip or plain) that stands under ``key``; nothing is returned before all of it is verified.

    Raises TornBatchError if the object is not the one its key names, has no or a wrong ``# fim``; UnknownVersionError;
    and, for objects that are whole, NotABatchError, BatchMismatchError or DecompressedTooLargeError (more than
    ``limit`` plain bytes), which are QuarantineErrors.
    """
    stored = StoredBytes(chunks)
    try:
        batch = _Reader(key).read(plain_chunks(stored, limit=limit))
    except (QuarantineError, UnknownVersionError):
        # What a damaged object seems to say is no reason to give it up: the damage comes first.
        stored.verify(key)
        raise
    stored.verify(key)
    return batch


class _Reader:
    """Collects what the ``#`` lines of one batch say while its records are tallied."""

    def __init__(self, key: BatchKey) -> None:
        self._key = key
        self._version = 0
        self._sealed_ms = 0
        self._began_ms: int | None = None
        self._earlier = False
        self._clock: ClockDoubt | None = None
        self._marks: list[Mark] = []
        self._unreadable: list[Unreadable] = []
        self._ends = 0

    def read(self, pieces: Iterable[bytes]) -> Batch:
        """Take all pieces. Raises as ``read_batch`` does."""
        ending = Ending(pieces)
        counts = tally(ending, on_comment=self._comment)
        if not self._version:
            raise _not_a_batch("não há linhas '#'", 0)
        ending.verify(counts.records + counts.bad_lines)
        if self._ends != 1:
            raise _not_a_batch(f"{self._ends} linhas '# fim'; esperado uma, a última", counts.consumed)
        return Batch(
            key=self._key,
            version=self._version,
            sealed_at=from_ms(self._sealed_ms),
            epoch_began=None if self._began_ms is None else from_ms(self._began_ms),
            earlier=self._earlier,
            clock=self._clock,
            marks=tuple(self._marks),
            unreadable=tuple(self._unreadable),
            tally=counts,
        )

    def _comment(self, text: str, begin: int) -> None:
        kind = text.split(" ", 2)[1:2]
        try:
            if not self._version:
                self._header(text, begin)
            elif kind == ["marca"]:
                self._marks.append(_read_mark(comment_values(text)))
            elif kind == ["relogio"]:
                self._clock = _read_clock(comment_values(text))
            elif kind == ["ilegivel"]:
                self._unreadable.append(_read_unreadable(text, begin))
            elif kind == ["fim"]:
                self._ends += 1
        except (KeyError, ValueError) as error:
            raise _not_a_batch(f"{error} em {excerpt(text)}", begin) from error

    def _header(self, text: str, begin: int) -> None:
        if begin > 0 or not text.startswith("# sicfar-batch "):
            raise ValueError("a primeira linha não é '# sicfar-batch ...'")
        version = text.split(" ")[2:3]
        if not version or not _VERSION.fullmatch(version[0]):
            raise ValueError("versão ausente")
        if int(version[0]) not in ACCEPTED_VERSIONS:
            raise UnknownVersionError(
                "batch_version_unknown",
                f"lote de versão {version[0]}; aceitas: {', '.join(map(str, ACCEPTED_VERSIONS))}",
                where=self._key.format(),
                action="atualize a parte na nuvem e reenvie da DLQ; o arquivo continua no bucket",
            )
        self._version = int(version[0])
        values = comment_values(text)
        self._sealed_ms = parse_instant(values["selado_em"])
        self._began_ms = parse_instant(values["inicio"]) if "inicio" in values else None
        self._earlier = _yes(values.get("anterior", "nao"))
        key = self._key
        for name, found, expected in (
            ("gateway", values["gateway"], key.gateway),
            ("epoca", values["epoca"], key.epoch),
            ("seq", values["seq"], str(key.seq)),
            ("selado_em", from_ms(self._sealed_ms).date().isoformat(), key.sealed_on.isoformat()),
        ):
            if found != expected:
                raise BatchMismatchError(
                    "batch_mismatch",
                    f"o lote diz {name}={excerpt(found)} e a sua chave diz {expected}",
                    where=key.format(),
                    action="confira quem gravou o objeto: foi renomeado ou copiado de outro",
                )


def _yes(text: str) -> bool:
    if text not in ("sim", "nao"):
        raise ValueError(f"anterior {excerpt(text)}; esperado sim ou nao")
    return text == "sim"


def _read_clock(values: dict[str, str]) -> ClockDoubt | None:
    if values["estado"] != "duvida":
        return None
    offset, witness = values["desvio_ms"], values["testemunha"]
    if not _CLOCK.fullmatch(offset) or not _WITNESS.fullmatch(witness):
        raise ValueError(f"relógio {excerpt(offset)} {excerpt(witness)} inválido")
    return ClockDoubt(int(offset), witness)


def _read_mark(values: dict[str, str]) -> Mark:
    clock = values.get("relogio_ms")
    if not LINE_ID.fullmatch(values["linha"]):
        raise ValueError(f"linha {excerpt(values['linha'])} inválida")
    if values["estado"] not in _STATES:
        raise ValueError(f"estado {excerpt(values['estado'])}; esperado {', '.join(_STATES)}")
    if clock is not None and not _CLOCK.fullmatch(clock):
        raise ValueError(f"relogio_ms {excerpt(clock)} inválido")
    until_ms = parse_instant(values["ate"])
    return Mark(values["linha"], until_ms, values["estado"], None if clock is None else int(clock))


def _read_unreadable(text: str, begin: int) -> Unreadable:
    values = comment_values(text)
    data = base64.b64decode(values["bytes"], validate=True)  # binascii.Error is a ValueError
    return Unreadable(values["origem"], values["motivo"], data, begin, begin + len(text.encode()) + 1)


def _not_a_batch(what: str, begin: int) -> NotABatchError:
    return NotABatchError(
        "not_a_batch",
        f"o objeto não é um lote do gateway: {what}",
        where=f"byte {begin}",
        action=f"confira quem gravou o objeto; só o gateway escreve em {BATCHES}",
    )
