"""`check --sample`: what a configuration makes of one real file, line by line. Reads that file and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from edge_gateway.config import Config, ConfigError, FolderConfig
from edge_gateway.folders.files import open_to_read
from edge_gateway.folders.lines import Context, LineReader
from edge_gateway.folders.names import fits
from edge_gateway.folders.running import Pass
from edge_gateway.folders.source import counters_of, dialect_of
from sicfar.counts.codes import Flag, Reason
from sicfar.counts.record import MAX_LINE_BYTES, Record, excerpt
from sicfar.errors import PermanentError
from sicfar.instants import PLANT_TZ, from_ms, now_ms

MOST_SHOWN = 50
"""Lines shown of each file, and beyond them unreadable ones; the summary counts all."""


class SampleError(PermanentError):
    """The sample cannot be read."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__("sample_unreadable", what, where=where, action="confira o nome do arquivo e as permissões")


def show_samples(config: Config, paths: Sequence[Path], entry: str | None) -> int:
    """Print what the configuration makes of each file. Returns 1 if any has a line that would go to quarantine, else 0.

    Raises ConfigError or SampleError.
    """
    samples = [Sample(config, path, entry) for path in paths]
    for sample in samples:
        for line in sample.report():
            print(line, flush=True)
    return 1 if any(sample.unreadable for sample in samples) else 0


@dataclass(slots=True)
class _Line:
    """What one line came to: `records` that count, or a `reason` for which it goes to quarantine."""

    meaning: str
    records: list[Record] = field(default_factory=list)
    reason: str = ""


class Sample:
    """One sample file. `unreadable`: how many of its lines would go to quarantine, once `report` has ended.

    `entry`: the entry of ``clps`` it belongs to; by default the one whose files are called so. Raises ConfigError where
    that is not one.
    """

    def __init__(self, config: Config, path: Path, entry: str | None = None) -> None:
        self.unreadable = 0
        self._path = path
        self._files = _folder_of(config, path.name, entry)
        self._now_ms = now_ms()
        self._latest_ms = self._now_ms + self._files.clock_tolerance_s * 1000

    def report(self) -> Iterator[str]:
        """Its lines as text: number, what stands there, what it becomes; then a summary. Raises SampleError."""
        counters = counters_of(self._files, {})
        counted = None if counters is None else counters.begin(self._latest_ms)
        yield f"amostra {self._path.name} lida como em clps.{self._files.name}"
        tally, reasons = _Tally(), Counter[str]()
        lines = shown_lines = 0
        try:
            with BufferedReader(open_to_read(str(self._path))) as handle:
                for number, (raw, found) in enumerate(self._read(handle, counted), start=1):
                    lines = number
                    if found.reason:
                        reasons[found.reason] += 1
                    tally.add(found.records)
                    if number <= MOST_SHOWN or (found.reason and shown_lines < 2 * MOST_SHOWN):
                        shown_lines += 1
                        yield f"{number:>7}  {excerpt(raw)}"
                        yield f"         → {found.meaning}"
        except OSError as error:
            raise SampleError(f"não pode ser lido: {error.strerror or error}", str(self._path)) from error
        self.unreadable = reasons.total()
        if lines > shown_lines:
            yield f"         … {lines - shown_lines} linhas não mostradas, todas contadas no resumo"
        yield from tally.summary(lines, reasons)
        if counted is not None:
            yield from sorted(counted.stopped.values())

    def _read(self, handle: BinaryIO, counted: Pass | None) -> Iterator[tuple[bytes, _Line]]:
        dialect = dialect_of(self._files)
        context = Context(named=dialect.named(self._path.name))
        reader = dialect.reader(self._path.name, context, latest_ms=self._latest_ms)
        offset = 0
        while raw := handle.readline(MAX_LINE_BYTES + 16):
            length = len(raw)
            while not raw.endswith(b"\n") and (rest := handle.readline(1 << 16)):
                length += len(rest)
                raw += b"\n" if rest.endswith(b"\n") else b""
            yield raw.rstrip(b"\r\n"), self._line(reader, raw, offset, counted)
            offset += length

    def _line(self, reader: LineReader, raw: bytes, offset: int, counted: Pass | None) -> _Line:
        if not raw.endswith(b"\n"):
            # As `run` would, once the file has been at rest for a minute.
            whole = self._line(reader, raw + b"\n", offset, counted)
            if whole.reason:
                reason = Reason.LINHA_INCOMPLETA
                return _Line(f"ilegível ({reason}): {reader.fault}; sem fim de linha", reason=reason)
            return replace(whole, meaning=f"{whole.meaning}; sem fim de linha: só depois de um minuto sem mudança")
        before = reader.context.header
        for _, item in reader.lines(raw, offset, in_long_line=False):
            if not isinstance(item, Record):
                return _Line(f"ilegível ({item.reason}): {reader.fault}", reason=item.reason)
            if item.at_ms > self._latest_ms:
                # As `run` would: a record of the future counts when it is read.
                item = replace(item, at_ms=self._now_ms, flags=(*item.flags, Flag.CLOCK))
            if counted is None:
                return _Line(shown(item), [item])
            return _counted(item, counted)
        return _Line(
            "cabeçalho" if reader.context.header != before else "nada a contar (em branco, ou repete o cabeçalho)"
        )


@dataclass(slots=True)
class _Tally:
    """Sums per line: produced, rejected, both once more for what is held, first and last instant."""

    sums: dict[str, list[int]] = field(default_factory=dict)

    def add(self, records: list[Record]) -> None:
        for record in records:
            known = self.sums.setdefault(record.line, [0, 0, 0, 0, record.at_ms, record.at_ms])
            kind = 2 if Flag.IMPLAUSIBLE in record.flags else 0
            known[kind] += record.produced
            known[kind + 1] += record.rejected
            known[4], known[5] = min(known[4], record.at_ms), max(known[5], record.at_ms)

    def summary(self, lines: int, reasons: Counter[str]) -> Iterator[str]:
        yield f"resumo: {lines} linhas, {reasons.total()} ilegíveis" + (
            f" ({', '.join(f'{reason} {count}' for reason, count in sorted(reasons.items()))})" if reasons else ""
        )
        for line, (produced, rejected, *held, first, last) in sorted(self.sums.items()):
            kept = f", retidas para uma pessoa decidir {held[0]} e {held[1]}" if any(held) else ""
            yield f"  {line}: produção {produced}, rejeição {rejected}{kept}, de {_instant(first)} a {_instant(last)}"


def shown(record: Record, *, counts: bool = True) -> str:
    """A record in the words of the plant, in the plant's time; without `counts`, a reading nothing was counted from."""
    parts = [_instant(record.at_ms), record.line]
    if counts:
        parts.append(f"produção {record.produced} rejeição {record.rejected}")
    raws = [str(value) for value in (record.produced_raw, record.rejected_raw) if value is not None]
    if raws:
        parts.append(f"contadores {' e '.join(raws)}")
    if record.since_ms is not None:
        parts.append(f"desde {_instant(record.since_ms)}")
    if record.flags:
        parts.append(f"[{', '.join(record.flags)}]")
    return " ".join(parts)


def _counted(row: Record, counted: Pass) -> _Line:
    made = counted.take(row)
    if isinstance(made, Reason):
        why = "mais antiga que a última contada" if made is Reason.FORA_DE_ORDEM else "mais do que um contador mostra"
        return _Line(f"ilegível ({made}): {why}, {shown(row, counts=False)}", reason=made)
    return _Line("; ".join(map(shown, made)) or f"{shown(row, counts=False)}, nada de novo", made)


def _instant(at_ms: int) -> str:
    return from_ms(at_ms).astimezone(PLANT_TZ).isoformat(timespec="milliseconds")


def _folder_of(config: Config, name: str, entry: str | None) -> FolderConfig:
    entries = {folder.name: folder for folder in config.files}
    if entry is not None and entry in entries:
        return entries[entry]
    fitting = [folder for folder in config.files if len(entries) == 1 or fits(name, folder.files)]
    if entry is None and len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{folder.name} ({folder.files})" for folder in config.files)
    raise ConfigError(
        f"não há clps.{entry} de arquivos" if entry else f"{name} serve a {len(fitting)} entradas de arquivos",
        "--fonte",
        f"escolha uma: {known}" if known else "descreva em clps uma pasta de arquivos",
    )
