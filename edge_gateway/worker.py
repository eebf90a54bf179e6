"""Blocking calls that may never return, such as reading a network share whose server has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """A thread of its own for one source's calls, one after the other: it delays no other source.

    It is a daemon: hanging in a call, it does not keep the process from ending. Started by the first call, ended by
    `end`; may be used again after that.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[Callable[[], None] | None] | None = None
        self._ended = threading.Event()

    async def run(self, call: Callable[[], T]) -> T:
        """Make a call in the thread. Raises whatever it raises; cancelled, nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def make() -> None:
            result, error = None, None
            try:
                result = call()
            except BaseException as caught:  # noqa: BLE001 - it belongs to whoever awaits
                error = caught
            with suppress(RuntimeError):  # the loop has ended without waiting for us
                loop.call_soon_threadsafe(settle, result, error)

        if self._calls is None:
            self._calls = SimpleQueue()
            self._ended.clear()
            threading.Thread(target=_work, args=(self._calls,), name=self._name, daemon=True).start()
        self._calls.put(make)
        return await future

    def pause(self, seconds: float) -> bool:
        """Wait in a call; true, and at once, if the thread is to end."""
        return self._ended.wait(seconds)

    def end(self) -> None:
        """End the thread once its calls are made; one that hangs is left to itself."""
        self._ended.set()
        if self._calls is not None:
            self._calls.put(None)
            self._calls = None


def in_time(call: Callable[[], T], seconds: float) -> T | None:
    """What a call returns in a thread of its own within so many seconds; None if it takes longer, which it may."""
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(call()), name="in-time", daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def _work(calls: SimpleQueue[Callable[[], None] | None]) -> None:
    while (make := calls.get()) is not None:
        make()
