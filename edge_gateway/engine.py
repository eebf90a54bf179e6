"""The engine: every source read on its own grid, every reading made durable at once, what waits sealed on time.

Reconnecting and backing off live here and nowhere else: 1, 2, 4 … s up to a cap, for ever, per source. Each source has
a task of its own, so a dead or hanging one delays no other; its lines keep their last mark with the state ``erro``.

This computer's clock is judged at every reading and every sealing (`clock`). Until S3's first answer nothing is sealed:
what was read by a clock that nobody has witnessed waits for that, and could not be sent before it.

Stopping takes seconds, whatever hangs: `STOP_S` for the sources, as long again for the upload under way.

Damage of the spool ends the engine (SpoolDamagedError), for no reading and no upload can be trusted to it then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

from edge_gateway.clock import STEP_MS, Judgement, OwnClock, can_be_written, instant
from edge_gateway.source import AnySource, BlockingSource, Progress, ReadResult, SourceError, UnexpectedSourceError
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
"""How long a source may take to answer before it is reported as failing."""
IDLE_SEAL_S = 60.0
SEALED_WAITING = 2
"""Sealed batches that may wait for the uploader; what comes after them accumulates unsealed."""
BEAT_S = 10.0
"""How often the sign of life is written into the spool."""
QUIET_S = 1.0
"""How long a blocking source's thread may go on reading by itself: the loop sleeps meanwhile."""
STOP_S = 2.0
"""How long the end waits for sources that are still connecting, reading or closing, before it leaves them behind."""
_NEVER = 1 << 62
_GRAIN_S = 0.001
"""A timer may end so much early."""

P = ParamSpec("P")
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
        sources: Sequence[AnySource],
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
        self._disk = ThreadPoolExecutor(1, "spool")
        self._changed = asyncio.Event()
        """Whether it is time to look again at what is to be sealed."""
        self._wake_at = 0
        """So many waiting records are reason enough for that."""

    async def run(self, stop: asyncio.Event) -> None:
        """Read, store and seal until `stop`; then store and seal what was read, once more."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._changed.set)

        self._uploader.start(changed)
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
            ended, _ = await asyncio.wait((*tasks, stopped), timeout=STOP_S)
            await asyncio.gather(*ended, return_exceptions=True)
            await self._close_sources()
            if self._spool.waiting()[1] < SEALED_WAITING and self._may_seal():
                with suppress(SpoolError, SpoolDamagedError):
                    # What cannot be sealed now is in the spool all the same, for the next process.
                    await self._seal(idle=False)
            await asyncio.to_thread(self._uploader.stop, STOP_S)
            self._disk.shutdown()

    async def _close_sources(self) -> None:
        """Close all at once: a machine that answers no goodbye keeps none of the others waiting."""
        if not self._sources:
            return
        closing = [asyncio.create_task(source.close(), name=source.name) for source in self._sources]
        _, hanging = await asyncio.wait(closing, timeout=STOP_S)
        for task in hanging:
            task.cancel()
            _log.warning("fonte %s abandonada sem resposta", task.get_name(), extra={"event": "source_abandoned"})

    async def _follow(self, source: AnySource) -> None:
        """Read on a fixed grid, for ever; a read longer than its period skips ticks, a failure starts a new grid."""
        loop = asyncio.get_running_loop()
        period = source.period_ms / 1000
        failures = 0
        connected = False
        while True:
            doing = "ler" if connected else "conectar"
            try:
                _check_calendar()
                if not connected:
                    await self._patiently(source, source.connect())
                    connected = True
                    due = loop.time()
                    doing = "ler"
                progress, due = await self._read(source, due)
            except SpoolDamagedError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault in one source must not end the others; it is reported below
                failures += 1
                connected = connected and isinstance(error, SpoolError)
                cap_s = DISK_CAP_S if isinstance(error, SpoolError) else BACKOFF_CAP_S
                wait_s = min(2.0 ** min(failures - 1, 10), cap_s)
                await self._failed(source, error, doing, failures, wait_s)
                await asyncio.sleep(wait_s)
                due = loop.time()
                continue
            failures = 0
            if progress.more:
                due = loop.time()
                continue
            due = _next_due(due, period, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _patiently(self, source: AnySource, asked: Coroutine[Any, Any, T], *, besides_s: float = 0.0) -> T:
        """Wait however long it takes: to ask again beside a hanging answer could double what it brings. But tell.

        `besides_s`: how long it may take for another reason.
        """
        loop = asyncio.get_running_loop()
        telling: list[asyncio.Task[None]] = []
        timer = loop.call_later(SILENT_S + besides_s, lambda: telling.append(loop.create_task(self._is_silent(source))))
        try:
            return await asked
        finally:
            timer.cancel()
            for task in telling:
                await task  # so that what is told next is told after it

    async def _is_silent(self, source: AnySource) -> None:
        self._mark_as_failing(source)
        detail = f"sem resposta há mais de {SILENT_S:.0f} s; o gateway continua à espera"
        with suppress(SpoolError):
            await self._say(source, "erro", detail)

    async def _read(self, source: AnySource, due: float) -> tuple[Progress, float]:
        """Read, make durable what that brought, acknowledge it: in this order. How far the source has come.

        `due`: when, by the loop's clock; returned is when the last reading was due, if there were several.
        """
        if isinstance(source, BlockingSource):
            # All in the one thread: to hand what was read to another one wakes up two more, four times a second.
            loop = asyncio.get_running_loop()
            turn = partial(self._read_in_turn, source, loop.time() - due)
            result, clock, late_s = await self._patiently(source, source.worker.run(turn), besides_s=QUIET_S)
            due = loop.time() - late_s
        else:
            result = await self._patiently(source, source.read())
            store = partial(self._store, source.name, result)
            clock, marks = await self._on_disk(store) if result.is_news else store()
            result.ack()
            self._has_read(source, marks)
        self._note(clock)
        if self._spool.waiting()[0] >= self._wake_at:
            self._changed.set()
        for note in result.progress.notes:
            _log.warning("%s", note, extra={"event": "source_note", "source": source.name})
        await self._say(source, "ok", result.progress.trouble)
        return result.progress, due

    def _read_in_turn(self, source: BlockingSource, late_s: float) -> tuple[ReadResult, Judgement, float]:
        """Read, store and acknowledge, and again on the grid for as long as there is nothing to tell the loop.

        `late_s`: how long ago the first reading was due; returned is the same of the last one.
        """
        begun = time.monotonic()
        due = begun - late_s
        while True:
            result = source.read_now()
            clock, marks = self._store(source.name, result)
            result.ack()
            self._has_read(source, marks)
            now = time.monotonic()
            following = _next_due(due, source.period_ms / 1000, now)
            quiet = following - begun < QUIET_S and not self._has_news(source, result, clock)
            if not quiet or source.worker.pause(following - now):
                return result, clock, time.monotonic() - due
            _check_calendar()
            due = following

    def _has_read(self, source: AnySource, marks: Sequence[Mark]) -> None:
        self._read_ms[source.name] = now_ms()
        self._marks[source.name] = marks

    def _has_news(self, source: BlockingSource, result: ReadResult, clock: Judgement) -> bool:
        """Whether a reading is to be told of or gives something to do."""
        said, progress = self._states[source.name], result.progress
        return (
            progress.more
            or bool(progress.notes)
            or (said.state, said.detail) != ("ok", progress.trouble)
            or self._spool.waiting()[0] >= self._wake_at
            or self._judged is None
            or any(_changes(self._judged, clock))
        )

    def _store(self, name: str, result: ReadResult) -> tuple[Judgement, Sequence[Mark]]:
        """Commit what a read brought, if anything; what is believed of the clock then, and the marks by that."""
        clock = self._clock.judge(instant())
        marks = _lowered(result.progress.marks, clock.earliest_ms)
        if result.is_news:
            self._spool.store(name, result.content, replace(result.progress, marks=marks), now_ms(), clock)
        return clock, marks

    async def _on_disk(self, call: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
        """Let the spool's own thread make a call: its calls wait for one another anyway."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, call, *arguments)

    async def _failed(self, source: AnySource, error: Exception, doing: str, failures: int, wait_s: float) -> None:
        if not isinstance(error, SicfarError):
            error, original = UnexpectedSourceError(error, doing, source.name), error
            error.__cause__ = original
        if isinstance(error, UnexpectedSourceError) and self._states[source.name].detail != str(error):
            _log.error("%s", error, exc_info=error.__cause__, extra={"event": "source_broken", "source": source.name})
        facts = {"source": source.name, "code": error.code, "failures": failures, "retry_in_s": wait_s}
        _log.warning("%s", error, extra={"event": "source_failed", **facts})
        self._mark_as_failing(source)
        with suppress(SpoolError):
            # The log line above stands if the disk cannot take this.
            await self._say(source, "erro", str(error))

    def _mark_as_failing(self, source: AnySource) -> None:
        self._marks[source.name] = [replace(mark, state="erro") for mark in self._marks[source.name]]

    async def _say(self, source: AnySource, state: str, detail: str) -> None:
        said = self._states[source.name]
        if (said.state, said.detail) != (state, detail):
            await self._on_disk(self._spool.set_state, source.name, state, detail, now_ms())
            said.state, said.detail = state, detail
            _log.info("fonte %s: %s", source.name, detail or state, extra={"event": "source_state", "state": state})

    async def _beat(self) -> None:
        while True:
            # What the disk cannot take now is reported by the source that has something to store.
            with suppress(SpoolError):
                await self._on_disk(self._spool.beat, dict(self._read_ms), now_ms(), self._judge())
            await asyncio.sleep(BEAT_S)

    async def _seal_on_time(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            if not self._uploader.alive:
                raise self._uploader.damage or RuntimeError("the uploading thread has ended")
            self._changed.clear()
            waiting, sealed = self._spool.waiting()
            elapsed = loop.time() - last + _GRAIN_S
            idle = elapsed >= IDLE_SEAL_S
            due = waiting >= self._seal_records or (waiting and elapsed >= self._seal_seconds) or idle
            if sealed >= SEALED_WAITING or self._uploader.unanswered:
                self._wake_at = _NEVER
                await self._change(until=None)  # a batch has gone, or S3 has answered
                continue
            if not due:
                self._wake_at = self._seal_records if waiting else 1
                await self._change(until=last + (self._seal_seconds if waiting else IDLE_SEAL_S))
                continue
            if not can_be_written(now_ms()):
                await asyncio.sleep(self._seal_seconds)
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

    async def _change(self, *, until: float | None) -> None:
        """Wait until something has changed that sealing depends on, or the loop's time is `until`."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()

    def _may_seal(self) -> bool:
        return can_be_written(now_ms()) and not self._uploader.unanswered

    async def _seal(self, *, idle: bool) -> None:
        clock = self._judge()
        if clock.witnessed:
            self._marks = {name: _lowered(marks, clock.earliest_ms) for name, marks in self._marks.items()}
        marks = dict(self._marks)
        seq = await self._on_disk(partial(self._spool.seal, marks, now_ms(), allow_empty=idle, clock=clock))
        if seq is not None:
            self._uploader.wake()

    def _judge(self) -> Judgement:
        """What is believed of this computer's clock now."""
        clock = self._clock.judge(instant())
        self._note(clock)
        return clock

    def _note(self, clock: Judgement) -> None:
        """Write to the log what has changed in the judgement of the clock."""
        before, self._judged = self._judged, clock
        was_set, doubted = (False, clock.doubt is not None) if before is None else _changes(before, clock)
        if was_set and before is not None:
            facts = {"event": "clock_set", "by_ms": clock.setting_ms - before.setting_ms}
            _log.warning("a hora deste computador foi mudada", extra=facts)
        if doubted:
            facts = {"event": "clock_doubt", "offset_ms": clock.doubt.offset_ms if clock.doubt else 0}
            now = "está em dúvida" if clock.doubt else "voltou a ser acreditada"
            _log.warning("a hora deste computador %s", now, extra=facts)


def _changes(before: Judgement, clock: Judgement) -> tuple[bool, bool]:
    """Whether the clock was set between two judgements, and whether the second one doubts it otherwise."""
    was_set = abs(clock.setting_ms - before.setting_ms) > STEP_MS
    return was_set, (clock.doubt is None) != (before.doubt is None)


def _next_due(due: float, period: float, now: float) -> float:
    """When the grid has its next reading: a reading longer than the period skips some."""
    return max(due + period, now - (now - due) % period)


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
