"""Blocking calls that may never return, such as reading a network share whose server has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def detached(call: Callable[[], T]) -> T:
    """Run a call in a thread of its own, which delays nobody and, hanging, does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as caught:  # noqa: BLE001 - it belongs to whoever awaits
            error = caught
        with suppress(RuntimeError):  # the loop has ended without waiting for us
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="detached", daemon=True).start()
    return await future
