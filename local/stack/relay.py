"""Lets containers of this machine reach the stack, which listens on loopback only.

`sam local invoke` puts its container on the engine's default bridge (`--docker-network host` does not change that in
SAM CLI 1.170). There the machine itself is the bridge's gateway, an address no other machine can route to. Each port of
the stack is offered on that address under its own number and passed on to loopback. The address is bound whether the
engine is running yet or not.

Docker Desktop has no such bridge on the machine; its `host.docker.internal` leads to loopback by itself.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from local.processes import CONTAINER_BRIDGE, LOOPBACK, Launch, plain_environment
from local.stack.cloud import ROOT
from local.stack.run_folder import RunFolder

IP_FREEBIND = 15  # Linux: bind an address this machine does not have yet
SEEN_FROM_CONTAINERS = CONTAINER_BRIDGE if sys.platform == "linux" else "host.docker.internal"


def start(run: RunFolder, urls: list[str]) -> None:
    """Offer the servers at these loopback URLs to containers.

    Raises:
        StackError: the relay did not start.
    """
    if sys.platform != "linux":
        return

    ports = [str(urlsplit(url).port) for url in urls]

    def launch(port: int) -> Launch:
        return Launch([sys.executable, "-m", "local.stack.relay", str(port), *ports], ROOT, plain_environment())

    run.start("relay", launch, lambda _port: True)


def for_containers(environment: Mapping[str, str]) -> dict[str, str]:
    """The same settings with loopback addresses as a container must write them."""
    return {name: value.replace(f"//{LOOPBACK}:", f"//{SEEN_FROM_CONTAINERS}:") for name, value in environment.items()}


async def _serve(own: int, ports: list[int]) -> None:
    async with contextlib.AsyncExitStack() as servers:
        for port in ports:
            server = await asyncio.start_server(_passing_on(port), sock=_listener(port))
            await servers.enter_async_context(server)
        # Its own port tells the supervisor that all others are bound.
        await servers.enter_async_context(await asyncio.start_server(lambda _r, w: w.close(), LOOPBACK, own))
        await asyncio.Event().wait()


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((CONTAINER_BRIDGE, port))
    return listener


def _passing_on(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            upstream_reader, upstream_writer = await asyncio.open_connection(LOOPBACK, port)
            await asyncio.gather(_copy(reader, upstream_writer), _copy(upstream_reader, writer))

    return connected


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError), contextlib.closing(target):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
