"""`run`: spool, sources, uploader and page together, until a signal; a spool found damaged is replaced on the way."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing

from edge_gateway.clock import OwnClock, instant
from edge_gateway.config import Config, ConfigError, GatewayConfig
from edge_gateway.engine import Engine
from edge_gateway.folders.source import FolderSource
from edge_gateway.machines.source import machine_source
from edge_gateway.page import open_page
from edge_gateway.source import AnySource
from edge_gateway.spool.store import Spool, SpoolDamagedError, SpoolError
from edge_gateway.uploader import S3Store, Uploader
from edge_gateway.worker import in_time
from sicfar.errors import SicfarError

_log = logging.getLogger(__name__)

_FIRST_ANSWER_S = 5.0
_OPEN_AGAIN_S = 4.0
_SOON_S = 60.0
"""Damage met again so soon after the spool was opened is one that opening does not see."""


def run(config: Config) -> None:
    """Read, store and send until SIGINT or SIGTERM. Raises SicfarError if it cannot begin."""
    gateway = config.require_gateway()
    if not config.files and not config.machines:
        raise ConfigError("nenhuma fonte a ler", "clps", "descreva em clps a pasta dos arquivos TXT ou uma máquina")
    page = open_page(gateway.spool, gateway.page)
    damage = ""
    clock = OwnClock()
    store = S3Store(gateway.bucket, gateway.region, clock)
    try:
        _ask_first(store, gateway)
        while True:
            with closing(_opened(config, gateway, damage)) as spool:
                opened = time.monotonic()
                try:
                    _run(config, gateway, spool, store, clock)
                except SpoolDamagedError as error:
                    _log.exception("o spool está danificado; é aberto de novo", extra={"event": "spool_damaged"})
                    damage = error.what if time.monotonic() - opened < _SOON_S else ""
                else:
                    break
    except KeyboardInterrupt:
        # Windows delivers Ctrl+C this way; the engine has already stopped in order.
        pass
    finally:
        if page is not None:
            page.stop()
    _log.info("gateway encerrado", extra={"event": "stopped"})


def reads_again(config: Config) -> frozenset[str]:
    """The sources that, without their positions, read again what is in their files."""
    return frozenset(folder.name for folder in config.files)


def _opened(config: Config, gateway: GatewayConfig, damage: str) -> Spool:
    """The spool, as soon as the disk lets it be opened: what is to be read waits where it is."""
    while True:
        try:
            return Spool(
                gateway.spool,
                gateway.id,
                seal_records=gateway.seal_records,
                read_again=reads_again(config),
                damage=damage,
            )
        except SpoolError as error:
            _log.warning("%s", error, extra={"event": "spool_failed", "code": error.code})
            time.sleep(_OPEN_AGAIN_S)


def _ask_first(store: S3Store, gateway: GatewayConfig) -> None:
    """Have S3 say what time it is before anything is read; without an answer, reading begins all the same."""

    def ask() -> None:
        try:
            store.check(gateway.id)
        except SicfarError as error:
            # A refusal says what time it is as well; what it means, the uploader finds and tells.
            _log.info("%s", error, extra={"event": "first_answer", "code": error.code})

    in_time(ask, _FIRST_ANSWER_S)


def _run(config: Config, gateway: GatewayConfig, spool: Spool, store: S3Store, clock: OwnClock) -> None:
    clock.has_passed(spool.past_ms(), instant())
    sources = list(_sources(config, spool, clock))
    uploader = Uploader(spool, store, clock=clock)
    engine = Engine(
        sources,
        spool,
        uploader,
        seal_seconds=gateway.seal_seconds,
        seal_records=gateway.seal_records,
        clock=clock,
    )
    facts = {"event": "started", "gateway": gateway.id, "epoca": spool.epoch, "bucket": gateway.bucket}
    asyncio.run(_until_signalled(engine, facts, spool.notices()))


def _sources(config: Config, spool: Spool, clock: OwnClock) -> Iterator[AnySource]:
    for folder in config.files:
        positions, marks = spool.positions(folder.name), spool.marks(folder.name)
        elsewhere = config.counted_elsewhere(folder)
        yield FolderSource(folder, positions, marks, elsewhere=elsewhere, own_clock=clock)
    for machine in config.machines:
        positions, marks = spool.positions(machine.name), spool.marks(machine.name)
        yield machine_source(machine, positions, marks, own_clock=clock)


async def _until_signalled(engine: Engine, facts: Mapping[str, str], notices: Iterable[object]) -> None:
    stop = asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Said once it is true that a signal ends it in order.
    _log.info("gateway iniciado", extra=facts)
    for notice in notices:
        _log.warning("%s", notice, extra={"event": "spool_notice"})
    await engine.run(stop)
