"""A simulated machine's server, in a thread of its own, that can go away and come back while the machine runs on."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any

_PATIENCE_S = 30.0


class Served(ABC):
    """Life of such a server. Every method may be called from any thread."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        if not self._thread.is_alive():
            self._thread.start()
        self._run(self._serve())

    def stop(self) -> None:
        """End for good."""
        if self._thread.is_alive():
            self.go_away()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def go_away(self) -> None:
        """The server ends, its machines go on counting."""
        self._run(self._leave())

    def come_back(self) -> None:
        """It serves again, with what its machines counted meanwhile."""
        self._run(self._serve())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    @abstractmethod
    async def _serve(self) -> None: ...

    @abstractmethod
    async def _leave(self) -> None: ...
