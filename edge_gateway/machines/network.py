"""Names of machines on the network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from edge_gateway.worker import Worker

T = TypeVar("T")


async def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order to try them. Raises OSError (socket.gaierror: no such name).

    A name server that does not answer blocks its caller for up to a minute: a thread of its own keeps that from
    delaying anything else, such as the end of the process.
    """
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        worker = Worker("names")
        try:
            found = await worker.run(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
        finally:
            worker.end()
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def connect_to_first(host: str, port: int, connect: Callable[[str], Awaitable[T]]) -> T:
    """Connect to the first address of a host that takes it. Raises the last one's OSError, or that of the name."""
    *others, last = await addresses_of(host, port)
    for address in others:
        with suppress(OSError):  # another address of the same device follows
            return await connect(address)
    return await connect(last)
