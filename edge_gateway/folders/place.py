"""Which local folder an entry of ``clps`` means, and whether two of them are one.

**What ``gateway`` + ``path`` mean** (`local_path`), first rule that fits:

1. ``path`` is a UNC path (``\\\\host\\share``) or starts with a drive letter (``D:\\dados``): taken literally.
2. ``gateway`` is absent or is this machine (localhost, its name, one of its addresses): ``path`` is a local folder.
3. the host is another machine and ``mount`` is given: ``mount`` is the local folder where that path is mounted.
4. the host is another machine, here is Windows and ``path`` starts with ``/``: the share
   ``\\\\host\\data\\production``.
5. the host is another machine, here is not Windows: ``path`` itself is the mount point and must exist.
"""

from __future__ import annotations

import ipaddress
import os
import posixpath
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self, TypeVar

from edge_gateway.filesystems import is_share
from edge_gateway.section import ConfigError
from edge_gateway.worker import in_time

T = TypeVar("T")

_LITERAL_PATH = re.compile(r"^(\\\\|//[^/]|[A-Za-z]:[\\/])")
_PATIENCE_S = 2.0


def is_this_machine(host: str) -> bool:
    """Whether `host` names this computer. An address is ours exactly when a socket can be bound to it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.casefold() in _own_names()
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def one_computer(ours: str, theirs: str) -> bool:
    """Whether two names or addresses are one computer's, as far as this one can find out now."""
    if ours.casefold() == theirs.casefold():
        return True
    if is_this_machine(ours) or is_this_machine(theirs):
        return is_this_machine(ours) and is_this_machine(theirs)
    return bool(_addresses(ours) & _addresses(theirs))


def local_path(
    host: str | None,
    path: str,
    mount: str | None,
    *,
    windows: bool = sys.platform == "win32",
    this_machine: Callable[[str], bool] = is_this_machine,
) -> str | None:
    """What the module's rules make of an entry; None where they need a share's full name."""
    if _LITERAL_PATH.match(path) or host is None or this_machine(host):
        return path
    if mount is not None:
        return mount
    if windows:
        return "\\\\" + host + path.replace("/", "\\") if path.startswith("/") else None
    return path


def resolve_folder(
    host: str | None,
    path: str,
    mount: str | None,
    *,
    entry: str = "clps.keyence",
    windows: bool = sys.platform == "win32",
    this_machine: Callable[[str], bool] = is_this_machine,
) -> Path:
    """The folder to read. Raises ConfigError when a foreign host's mount point does not exist.

    ``entry``: the path of the configuration's keys, for that message.
    """
    local = local_path(host, path, mount, windows=windows, this_machine=this_machine)
    if local is None:
        raise ConfigError(
            f"o caminho {path!r} fica em outra máquina ({host}) e não começa com '/'",
            f"{entry}.path",
            'escreva o compartilhamento completo, como "\\\\\\\\192.168.1.100\\\\data\\\\production"',
        )
    mounted_there = local == path and not _LITERAL_PATH.match(path) and host is not None and not this_machine(host)
    if mounted_there and not Path(path).is_dir():
        raise ConfigError(
            f"a pasta {path} fica em outra máquina ({host}) e não está montada aqui",
            f"{entry}.path",
            f"monte o compartilhamento de {host} em {path}, ou diga em {entry}.mount onde ele está montado",
        )
    return Path(local)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a local path leads, however it is written: `plain` is one spelling of it, `known` what the system knows the
    folder by, None if it cannot be asked now."""

    plain: str
    known: tuple[int, int] | None

    @classmethod
    def leads(cls, path: str) -> Self:
        """Follow slashes, ``.`` and ``..``, and symbolic links. A share is not asked: it may be away."""
        slashed = path.replace("\\", "/")
        plain, known = posixpath.normpath(slashed), None
        if not is_share(path):
            plain = _asked(lambda: os.path.realpath(slashed), plain)
            known = _asked(lambda: _known(path), None)
        return cls(plain.replace("\\", "/").rstrip("/").casefold(), known)

    def is_folder(self, other: Where) -> bool:
        """Whether both are one folder; of two that do not exist, as Windows compares names."""
        if self.known is not None and other.known is not None:
            return self.known == other.known
        return self.plain == other.plain

    def is_inside(self, other: Where) -> bool:
        """Whether it is below the other folder."""
        return self.plain.startswith(f"{other.plain}/")


@cache
def may_share(ours: str, theirs: str) -> bool:
    """Whether some file's name can fit both patterns; a set of characters ``[...]`` is taken for any one."""
    ours, theirs = (re.sub(r"\[[^]]+\]", "?", pattern) for pattern in (ours, theirs))
    if ours.startswith("*") or theirs.startswith("*"):
        wild, other = (ours, theirs) if ours.startswith("*") else (theirs, ours)
        return may_share(wild[1:], other) or (bool(other) and may_share(wild, other[1:]))
    if not ours or not theirs:
        return ours == theirs
    alike = ours[0] == theirs[0] or "?" in (ours[0], theirs[0])
    return alike and may_share(ours[1:], theirs[1:])


def _known(path: str) -> tuple[int, int] | None:
    found = Path(path).stat()
    return (found.st_dev, found.st_ino) if found.st_ino else None


@cache
def _own_names() -> frozenset[str]:
    return frozenset({"localhost", socket.gethostname().casefold(), socket.getfqdn().casefold()})


@cache
def _addresses(host: str) -> frozenset[str]:
    """The addresses of a name or address; itself if it has none now."""

    def ask() -> frozenset[str]:
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(host, None))

    return _asked(ask, frozenset({host.casefold()}))


def _asked(ask: Callable[[], T], otherwise: T) -> T:
    """What a call to a network that may be away returns; ``otherwise`` if it fails or takes long."""

    def safely() -> T:
        with suppress(OSError, ValueError):
            return ask()
        return otherwise

    found = in_time(safely, _PATIENCE_S)
    return otherwise if found is None else found
