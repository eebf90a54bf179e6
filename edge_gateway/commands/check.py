"""`check`: what `run` would do with this configuration, without storing, sending or acknowledging anything."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.clock import TOLERANCE_MS, OwnClock, instant
from edge_gateway.commands.probe import probe
from edge_gateway.commands.report import Result
from edge_gateway.commands.sample import shown
from edge_gateway.commands.spool_folder import check_spool
from edge_gateway.config import Config, FolderConfig
from edge_gateway.conflicts import doubts
from edge_gateway.folders.chunks import read_chunk
from edge_gateway.folders.folder import refusal
from edge_gateway.folders.follower import Chunk, FolderState, Follower, Poll
from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import FOREVER_MS, Dialect
from edge_gateway.folders.names import fits
from edge_gateway.folders.source import dialect_of, saved_streams
from edge_gateway.machines.description import AnyMachine
from edge_gateway.machines.opcua_config import OpcUaConfig, Security
from edge_gateway.spool.store import DATABASE
from edge_gateway.uploader import S3Store
from sicfar.counts.batch import Unreadable
from sicfar.counts.keys import gateway_prefix
from sicfar.counts.record import Record
from sicfar.errors import ConfigurationError, SicfarError

_SAMPLE = 3
_NOTABLE_MS = 5_000
"""A clock that a time service keeps is off by less."""


@dataclass(slots=True)
class _File:
    """What waits in one file."""

    size: int = 0
    lines: int = 0
    unreadable: int = 0


def run_checks(config: Config, *, with_machines: bool = False) -> Iterator[Result]:
    """All checks, one result after the other; a failed one keeps none of the others from running.

    `with_machines`: also connect to each machine and read its counters.
    """
    for folder in config.files:
        yield from _check_files(config, folder)
    for machine in config.machines:
        yield from _check_machine(machine, connect=with_machines)
    for doubt in doubts(config):
        yield Result("aviso", doubt)
    if config.gateway is None:
        yield Result(
            "aviso", "sem a seção gateway: run não funcionará (faltam gateway.id, gateway.bucket, gateway.spool)"
        )
    else:
        yield from check_spool(config.gateway)
        clock = OwnClock()
        yield _check_bucket(config, clock)
        yield _check_clock(clock.s3_offset(instant()))


def _check_machine(machine: AnyMachine, *, connect: bool) -> Iterator[Result]:
    lines = ", ".join(line.line + (" (conferência)" if line.role == "conferencia" else "") for line in machine.lines)
    yield Result("ok", f"máquina: {machine.name} em {machine.address}, a cada {machine.poll_ms} ms: {lines}")
    if connect:
        for found in asyncio.run(_probed(machine)):
            yield Result(found.level, f"  {found.text}")
    elif isinstance(machine, OpcUaConfig) and machine.security is not None:
        yield _check_certificates(machine, machine.security)


async def _probed(machine: AnyMachine) -> list[Result]:
    return [found async for found in probe(machine)]


def _check_certificates(machine: OpcUaConfig, security: Security) -> Result:
    from edge_gateway.machines.opcua_identity import load_identity

    try:
        return Result("ok", f"  certificado do gateway: {load_identity(machine, security).shown}")
    except ConfigurationError as error:
        return Result("config", f"  {error}")


def _check_bucket(config: Config, clock: OwnClock) -> Result:
    gateway = config.require_gateway()
    try:
        S3Store(gateway.bucket, gateway.region, clock).check(gateway.id)
    except SicfarError as error:
        return Result("config" if isinstance(error, ConfigurationError) else "erro", f"bucket: {error}")
    where = f"s3://{gateway.bucket}/{gateway_prefix(gateway.id)}"
    return Result("ok", f"bucket: {where} responde a esta credencial; se ela pode gravar, mostra o primeiro envio")


def _check_clock(offset_ms: tuple[int, int] | None) -> Result:
    """This computer's clock beside the time in S3's answer, at least and at most; a refusal has one as well."""
    if offset_ms is None:
        return Result("aviso", "relógio: sem resposta do S3 não há com que comparar a hora deste computador")
    low, high = offset_ms
    error = (high - low) / 2000
    text = f"relógio: a hora deste computador é a do S3 {(low + high) / 2000:+.1f} s (± {error:.1f} s)".replace(
        ".", ","
    )
    mend = "; ligue o serviço de hora deste computador (docs/gateway.md)"
    if low > TOLERANCE_MS or high < -TOLERANCE_MS:
        return Result("erro", f"{text}: os lotes iriam à nuvem com o relógio em dúvida{mend}")
    if low > _NOTABLE_MS or high < -_NOTABLE_MS:
        return Result("aviso", f"{text}{mend}")
    return Result("ok", text)


def _check_files(config: Config, files: FolderConfig) -> Iterator[Result]:
    entry = f"clps.{files.name}"
    try:
        folder = files.folder()
    except SicfarError as error:
        yield Result("config", f"pasta: {error}")
        return
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        yield Result("erro", f"pasta: {folder} não pode ser lida ({error.strerror}); confira a rede e {entry}.path")
        return
    matching = [name for name in names if fits(name, files.files)]
    yield Result("ok", f"pasta: {folder}, {len(matching)} arquivo(s) com o padrão {files.files}")
    if not matching:
        yield Result("aviso", f"nenhum arquivo a seguir: confira {entry}.path e {entry}.files")
    if len(names) > len(matching):
        others = [name for name in names if name not in matching]
        yield Result(
            "aviso", f"fora do padrão, só lidos se forem a continuação de um já seguido: {', '.join(others[:5])}"
        )
    streams = [] if config.gateway is None else _saved(config.gateway.spool, files.name)
    follower = Follower(folder, files.files, streams, dialect=dialect_of(files), settled_s=0)
    yield from _check_contents(follower, files, config.counted_elsewhere(files))


class _Preview:
    """Everything that waits in a folder, read through once and only counted."""

    def __init__(self, follower: Follower, dialect: Dialect) -> None:
        self.files: dict[str, _File] = {}
        self.sample: list[Record] = []
        self.bad: Unreadable | None = None
        self.lines_seen: set[str] = set()
        self.failed: dict[str, str] = {}
        self.notes: list[str] = []
        self.folder = FolderState.SAME
        self._dialect = dialect
        more = True
        while more:
            poll = follower.poll()
            self.folder = poll.folder
            self.failed |= poll.unreadable
            self.notes += poll.notes
            for chunk in poll.chunks:
                self._count(chunk, poll)
            follower.accept(poll)
            more = poll.more

    def _count(self, chunk: Chunk, poll: Poll) -> None:
        file = self.files.setdefault(chunk.path, _File())
        file.size += len(chunk.data)
        content = read_chunk(self._dialect, chunk, poll, FOREVER_MS)
        bad = sum(max(1, item.data.count(b"\n")) for item in content.unreadable)
        file.unreadable += bad
        file.lines += bad + len(content.records)
        self.bad = self.bad or next(iter(content.unreadable), None)
        self.lines_seen.update(record.line for record in content.records)
        self.sample += content.records[: _SAMPLE - len(self.sample)]


def _check_contents(follower: Follower, files: FolderConfig, elsewhere: frozenset[str]) -> Iterator[Result]:
    known = len(follower.streams)
    found = _Preview(follower, dialect_of(files))
    error = refusal(found.folder, files, known)
    if error is not None:
        yield Result("erro", f"pasta: {error}")
    for line in sorted(found.lines_seen & elsewhere):
        text = f"{line} vem nos arquivos e é contada por outra fonte: se for uma máquina, dê a ela o role conferencia"
        yield Result("config", text)
    for name, file in sorted(found.files.items()):
        yield Result("ok", f"{name}: {file.size} bytes, {file.lines} linhas por ler, {file.unreadable} ilegíveis")
    for record in found.sample:
        yield Result("ok", f"  {shown(record, counts=not dialect_of(files).in_order)}")
    if found.bad is not None:
        text = found.bad.data[:60].decode("utf-8", errors="backslashreplace").rstrip()
        yield Result("aviso", f"ilegível em {found.bad.origin} ({found.bad.reason}): {text!r}; irá para a quarentena")
    for name, reason in found.failed.items():
        yield Result("erro", f"{name}: não pode ser aberto ({reason}); confira as permissões")
    for note in found.notes:
        yield Result("aviso", note)
    if found.sample:
        for line in sorted(set(files.lines) - found.lines_seen):
            yield Result("aviso", f"{line} não aparece no que há por ler: confira clps.{files.name}.aliases")


def _saved(spool: Path, source: str) -> list[Stream]:
    """The positions of an existing spool, without touching it."""
    path = spool / DATABASE
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            positions = db.execute("SELECT chave, valor FROM posicoes WHERE fonte = ?", (source,))
            return saved_streams(dict(positions.fetchall()))
    except sqlite3.Error:
        # status reports a spool that cannot be read; here it only means that everything counts as unread
        return []
