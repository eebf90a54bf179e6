"""The engine: every source read on its own grid, every reading made durable at once, what waits sealed on time.

Reconnecting and backing off live here and nowhere else: 1, 2, 4 … s up to a cap, for ever, per source. Each source has
a task of its own, so a dead or hanging one delays no other; its lines keep their last mark with the state ``erro``.

This computer's clock is judged at every reading and every sealing (`clock`). Until S3's first answer nothing is sealed:
what was read by a clock that nobody has witnessed waits for that, and could not be sent before it.

Damage of the spool ends the engine (SpoolDamagedError), for no reading and no upload can be trusted to it then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from edge_gateway.clock import STEP_MS, Judgement, OwnClock, can_be_written, instant
from edge_gateway.source import Reading, Source, SourceError
from edge_gateway.spool.store import Spool, SpoolDamagedError, SpoolError
from edge_gateway.uploader import Uploader
from sicfar.counts.batch import Mark
from sicfar.errors import SicfarError
from sicfar.instants import from_ms, now_ms

_log = logging.getLogger(__name__)

BACKOFF_CAP_S = 30.0
DISK_CAP_S = 4.0
"""The disk is asked oftener: it is near, and what waits for it loses its resolution."""
SILENT_S = 30.0
"""How long a source may take to answer before it is told as failing."""
IDLE_SEAL_S = 60.0
SEALED_WAITING = 2
"""Sealed batches that may wait for the uploader; what comes after them accumulates unsealed."""
BEAT_S = 10.0
"""How often the spool is told that the gateway works."""
_TICK_S = 0.1

T = TypeVar("T")


@dataclass(slots=True)
class _State:
    """What was last said about a source, so that only changes are written."""

    state: str = ""
    detail: str = ""


class Engine:
    """Runs sources into a spool until `stop` is set. `clock`: the one the sources and the uploader report to."""

    def __init__(
        self,
        sources: Sequence[Source],
        spool: Spool,
        uploader: Uploader,
        *,
        seal_seconds: int,
        seal_records: int,
        clock: OwnClock | None = None,
    ) -> None:
        self._sources = sources
        self._spool = spool
        self._uploader = uploader
        self._clock = clock or OwnClock()
        self._judged: Judgement | None = None
        self._seal_seconds = seal_seconds
        self._seal_records = seal_records
        self._marks: dict[str, Sequence[Mark]] = {
            source.name: [Mark(line, until, "erro") for line, until in spool.marks(source.name).items() if until]
            for source in sources
        }
        self._states = {source.name: _State() for source in sources}
        self._read_ms = dict.fromkeys((source.name for source in sources), 0)

    async def run(self, stop: asyncio.Event) -> None:
        """Read, store and seal until `stop`; then store and seal what was read, once more."""
        self._uploader.start()
        tasks = [asyncio.create_task(self._follow(source), name=source.name) for source in self._sources]
        tasks.append(asyncio.create_task(self._seal_on_time(), name="seal"))
        tasks.append(asyncio.create_task(self._beat(), name="beat"))
        stopped = asyncio.create_task(stop.wait())
        try:
            # A task ends only by an error nobody expected: better to fall and be restarted than to run without it.
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            for source in self._sources:
                await source.close()
            if self._spool.waiting()[1] < SEALED_WAITING and self._may_seal():
                with suppress(SpoolError, SpoolDamagedError):
                    # What cannot be sealed now is in the spool all the same, for the next process.
                    await self._seal(idle=False)
            await asyncio.to_thread(self._uploader.stop, 5.0)

    async def _follow(self, source: Source) -> None:
        """Read on a fixed grid, for ever; a read longer than its period skips ticks, a failure starts a new grid."""
        loop = asyncio.get_running_loop()
        period = source.period_ms / 1000
        failures = 0
        connected = False
        while True:
            try:
                _check_calendar()
                if not connected:
                    await self._patiently(source, source.connect())
                    connected = True
                    due = loop.time()
                reading = await self._patiently(source, source.read())
                await self._keep(source, reading)
            except SpoolDamagedError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault in one source must not end the others; it is told below
                failures += 1
                connected = connected and isinstance(error, SpoolError)
                cap_s = DISK_CAP_S if isinstance(error, SpoolError) else BACKOFF_CAP_S
                wait_s = min(2.0 ** min(failures - 1, 10), cap_s)
                await self._failed(source, error, failures, wait_s)
                await asyncio.sleep(wait_s)
                due = loop.time()
                continue
            failures = 0
            if reading.more:
                due = loop.time()
                continue
            due = max(due + period, loop.time() - (loop.time() - due) % period)
            await asyncio.sleep(due - loop.time())

    async def _patiently(self, source: Source, asked: Coroutine[Any, Any, T]) -> T:
        """Wait however long it takes: to ask again beside a hanging answer could double what it brings. But tell."""
        answer = asyncio.ensure_future(asked)
        try:
            done, _ = await asyncio.wait({answer}, timeout=SILENT_S)
            if not done:
                self._mark_as_failing(source)
                detail = f"sem resposta há mais de {SILENT_S:.0f} s; o gateway continua à espera"
                with suppress(SpoolError):
                    await self._say(source, "erro", detail)
            return await answer
        finally:
            answer.cancel()

    async def _keep(self, source: Source, reading: Reading) -> None:
        """Make a reading durable, then acknowledge it: never the other way round."""
        clock = self._judge()
        marks = _lowered(reading.marks, clock.earliest_ms)
        if reading.has_news:
            await asyncio.to_thread(self._spool.store, source.name, replace(reading, marks=marks), now_ms(), clock)
        reading.ack()
        self._read_ms[source.name] = now_ms()
        self._marks[source.name] = marks
        for note in reading.notes:
            _log.warning("%s", note, extra={"event": "source_note", "source": source.name})
        await self._say(source, "ok", reading.trouble)

    async def _failed(self, source: Source, error: Exception, failures: int, wait_s: float) -> None:
        if not isinstance(error, SicfarError):
            _log.error("erro inesperado na fonte %s", source.name, exc_info=error, extra={"event": "source_broken"})
            error = SourceError(f"erro inesperado: {error!r}", source.name, "envie o log do gateway a quem o mantém")
        facts = {"source": source.name, "code": error.code, "failures": failures, "retry_in_s": wait_s}
        _log.warning("%s", error, extra={"event": "source_failed", **facts})
        self._mark_as_failing(source)
        with suppress(SpoolError):
            # The log line above stands if the disk cannot take this.
            await self._say(source, "erro", str(error))

    def _mark_as_failing(self, source: Source) -> None:
        self._marks[source.name] = [replace(mark, state="erro") for mark in self._marks[source.name]]

    async def _say(self, source: Source, state: str, detail: str) -> None:
        said = self._states[source.name]
        if (said.state, said.detail) != (state, detail):
            await asyncio.to_thread(self._spool.set_state, source.name, state, detail, now_ms())
            said.state, said.detail = state, detail
            _log.info("fonte %s: %s", source.name, detail or state, extra={"event": "source_state", "state": state})

    async def _beat(self) -> None:
        while True:
            # What the disk cannot take now is told by the source that has something to store.
            with suppress(SpoolError):
                await asyncio.to_thread(self._spool.beat, dict(self._read_ms), now_ms(), self._judge())
            await asyncio.sleep(BEAT_S)

    async def _seal_on_time(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(_TICK_S)
            if not self._uploader.alive:
                raise self._uploader.damage or RuntimeError("the uploading thread has ended")
            waiting, sealed = self._spool.waiting()
            elapsed = loop.time() - last
            idle = elapsed >= IDLE_SEAL_S
            due = waiting >= self._seal_records or (waiting and elapsed >= self._seal_seconds) or idle
            if not due or sealed >= SEALED_WAITING or not self._may_seal():
                continue
            try:
                await self._seal(idle=idle)
            except SpoolError as error:
                _log.warning("%s", error, extra={"event": "spool_failed", "code": error.code})
                await asyncio.sleep(self._seal_seconds)
                continue
            if not idle and waiting >= self._seal_records:
                continue  # a backlog drains batch after batch; the grid of a live line starts behind it
            last = loop.time()

    def _may_seal(self) -> bool:
        return can_be_written(now_ms()) and not self._uploader.unanswered

    async def _seal(self, *, idle: bool) -> None:
        clock = self._judge()
        if clock.witnessed:
            self._marks = {name: _lowered(marks, clock.earliest_ms) for name, marks in self._marks.items()}
        marks = dict(self._marks)
        seq = await asyncio.to_thread(self._spool.seal, marks, now_ms(), allow_empty=idle, clock=clock)
        if seq is not None:
            self._uploader.wake()

    def _judge(self) -> Judgement:
        """What is believed of this computer's clock now; changes are written to the log."""
        clock, before = self._clock.judge(instant()), self._judged
        self._judged = clock
        if before is not None and abs(clock.setting_ms - before.setting_ms) > STEP_MS:
            facts = {"event": "clock_set", "by_ms": clock.setting_ms - before.setting_ms}
            _log.warning("a hora deste computador foi mudada", extra=facts)
        if (clock.doubt is None) != (before is None or before.doubt is None):
            facts = {"event": "clock_doubt", "offset_ms": clock.doubt.offset_ms if clock.doubt else 0}
            told = "está em dúvida" if clock.doubt else "voltou a ser acreditada"
            _log.warning("a hora deste computador %s", told, extra=facts)
        return clock


def _lowered(marks: Sequence[Mark], until_ms: int) -> Sequence[Mark]:
    """The marks, none later than this: no line is known beyond the present."""
    if all(mark.until_ms <= until_ms for mark in marks):
        return marks
    return [replace(mark, until_ms=min(mark.until_ms, until_ms)) for mark in marks]


def _check_calendar() -> None:
    """Raise SourceError while the clock shows a year that no batch can carry: what is to be read waits where it is."""
    at_ms = now_ms()
    if not can_be_written(at_ms):
        what = f"o relógio deste computador mostra o ano {from_ms(at_ms).year}: nada é lido"
        raise SourceError(what, "", "acerte a hora deste computador; a leitura recomeça sozinha")
