"""A disk that can fail under SQLite: every operation is logged and may be refused; from the log any crash can be made.

A VFS is put before SQLite's own (`sqlite3_vfs`, by ctypes), so that the code under test stays as it is. Real files take
every operation at once, but for the syncs, which cost time and prove nothing here. What a power cut would leave is made
from the log (`Disk.crash`): of what was not synced nothing, all, any part, or a torn last write.

Rules, as a file system may keep them and no kinder:

- Bytes written are certain after a successful sync of their file; until then any sector of them (512 bytes) may be
  there or not, in any order; the same holds for a change of length.
- After a sync that failed, a later one that succeeds makes nothing certain of what was before (its pages were dropped).
- A file created or deleted is certain after a sync of the folder; SQLite asks for that with the first sync of a journal
  and with some deletions. Until then any number of those changes, in their order, may be there.
- The shared memory (`-shm`) does not survive.
"""

from __future__ import annotations

import ctypes
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SECTOR = 512
Survival = Literal["nothing", "everything", "torn", "some"]
SURVIVALS: tuple[Survival, ...] = ("nothing", "everything", "torn", "some")

_P, _I, _L, _S = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_char_p
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = ctypes.CFUNCTYPE(_I, _P, _S, _I)
_CLOSE = ctypes.CFUNCTYPE(_I, _P)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", _I),
        ("szOsFile", _I),
        ("mxPathname", _I),
        ("pNext", _P),
        ("zName", _S),
        ("pAppData", _P),
        ("xOpen", _P),
        ("xDelete", _P),
        *((name, _P) for name in ("xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym", "xDlClose")),
        *((name, _P) for name in ("xRandomness", "xSleep", "xCurrentTime", "xGetLastError", "xCurrentTimeInt64")),
        *((name, _P) for name in ("xSetSystemCall", "xGetSystemCall", "xNextSystemCall")),
    ]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("iVersion", _I),
        *((name, _P) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock")),
        *((name, _P) for name in ("xCheckReservedLock", "xFileControl", "xSectorSize", "xDeviceCharacteristics")),
        *((name, _P) for name in ("xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap", "xFetch", "xUnfetch")),
    ]


@dataclass(frozen=True, slots=True)
class Op:
    """One operation on one file. `data`: of a write; `at`: its offset, or the length after a truncation.

    `ok`: a sync that succeeded; `folder`: it makes the folder certain too.
    """

    kind: Literal["create", "write", "truncate", "sync", "delete", "note"]
    name: str = ""
    at: int = 0
    data: bytes = field(default=b"", repr=False)
    ok: bool = True
    folder: bool = False
    note: Any = None


Refusal = Callable[[int, Op], int]
"""Asked before each operation with its number: an SQLite error code, or 0 to let it be."""


class Disk:
    """The log of all operations on files in `folder`; `refuse` makes them fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log: list[Op] = []
        self.refuse: Refusal = lambda _number, _op: 0
        self.operations = 0
        self._before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def note(self, what: Any) -> None:
        """Put an event of the test into the log."""
        self.log.append(Op("note", note=what))

    def asked(self, op: Op) -> int:
        """An operation is about to happen. Returns the error it ends with, 0 for none."""
        refused = self.refuse(self.operations, op)
        self.operations += 1
        return refused

    def crash(self, into: Path, until: int, survival: Survival, seed: int = 0) -> None:
        """Make in folder `into` what a power cut after `until` entries of the log would leave."""
        _Image(self._before, survival, random.Random(seed)).play(self.log[:until], into)


@dataclass(slots=True)
class _File:
    certain: bytearray = field(default_factory=bytearray)
    unsynced: list[Op] = field(default_factory=list)
    new: bool = True


class _Image:
    """Plays a log into what is certain and what is not."""

    def __init__(self, before: dict[str, bytes], survival: Survival, chance: random.Random) -> None:
        self.survival = survival
        self.chance = chance
        self.certain = {name: _File(bytearray(content), new=False) for name, content in before.items()}
        self.live = dict(self.certain)
        self.unsynced: list[tuple[str, _File | None]] = []

    def play(self, log: list[Op], into: Path) -> None:
        for op in log:
            self._take(op)
        last = next((op for op in reversed(log) if op.kind != "note"), None)
        kept = {"nothing": 0, "some": self.chance.randint(0, len(self.unsynced))}
        for name, file in self.unsynced[: kept.get(self.survival, len(self.unsynced))]:
            _set(self.certain, name, file)
        into.mkdir(parents=True, exist_ok=True)
        for name, file in self.certain.items():
            for op in file.unsynced:
                self._survive(file.certain, op, torn=op is last)
            (into / name).write_bytes(file.certain)

    def _take(self, op: Op) -> None:
        if op.kind == "create":
            self._link(op.name, _File())
        elif op.kind in ("write", "truncate"):
            self.live[op.name].unsynced.append(op)
        elif op.kind == "delete":
            self._link(op.name, None)
            if op.folder:
                self._sync_folder()
        elif op.kind == "sync":
            file = self.live[op.name]
            for waiting in file.unsynced:
                if op.ok:
                    _apply(file.certain, waiting)
                else:
                    self._survive(file.certain, waiting, torn=False)
            file.unsynced.clear()
            if op.ok and op.folder and file.new:
                self._sync_folder()
                file.new = False

    def _link(self, name: str, file: _File | None) -> None:
        _set(self.live, name, file)
        self.unsynced.append((name, file))

    def _sync_folder(self) -> None:
        for name, file in self.unsynced:
            _set(self.certain, name, file)
        self.unsynced.clear()

    def _survive(self, content: bytearray, op: Op, *, torn: bool) -> None:
        if self.survival == "everything" or (self.survival == "torn" and not torn):
            _apply(content, op)
        elif self.survival == "torn" and op.kind == "write":
            _apply(content, Op("write", op.name, op.at, op.data[: len(op.data) // 2 // SECTOR * SECTOR]))
        elif self.survival == "some" and op.kind == "write":
            for begin in range(0, len(op.data), SECTOR):
                if self.chance.random() < 0.5:
                    _apply(content, Op("write", op.name, op.at + begin, op.data[begin : begin + SECTOR]))
        elif self.survival == "some" and self.chance.random() < 0.5:
            _apply(content, op)


def _set(names: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == "truncate":
        del content[op.at :]
        return
    if len(content) < op.at:
        content.extend(bytes(op.at - len(content)))
    content[op.at : op.at + len(op.data)] = op.data


_CREATE = 0x00000004
"""SQLITE_OPEN_CREATE."""
_JOURNALS = 0x00000800 | 0x00080000
"""SQLITE_OPEN_MAIN_JOURNAL, SQLITE_OPEN_WAL: whose first sync makes the folder certain."""


class _Shim:
    """The VFS itself: registered once in a process, its callbacks must outlive every connection."""

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self._library = ctypes.CDLL("libsqlite3.so.0")
        self._library.sqlite3_vfs_find.restype = _P
        self._library.sqlite3_vfs_find.argtypes = [_S]
        self._inner = _Vfs.from_address(self._library.sqlite3_vfs_find(None))
        self._open = _OPEN(self._inner.xOpen)
        self._delete = _DELETE(self._inner.xDelete)
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}
        self._files: dict[int, tuple[Disk, str, bool, _Methods]] = {}
        self._callbacks = (
            _OPEN(self._on_open),
            _DELETE(self._on_delete),
            _CLOSE(self._on_close),
            _WRITE(self._on_write),
            _TRUNCATE(self._on_truncate),
            _SYNC(self._on_sync),
        )
        self.vfs = _Vfs()
        ctypes.pointer(self.vfs)[0] = self._inner
        self.vfs.zName = b"faulty"
        self.vfs.pNext = None
        self.vfs.xOpen = ctypes.cast(self._callbacks[0], _P)
        self.vfs.xDelete = ctypes.cast(self._callbacks[1], _P)

    def use(self, *, default: bool) -> None:
        """Put it before SQLite's own VFS, or behind."""
        first, second = (self.vfs, self._inner) if default else (self._inner, self.vfs)
        self._library.sqlite3_vfs_register(ctypes.byref(second), 0)
        self._library.sqlite3_vfs_register(ctypes.byref(first), 1)

    def _place(self, path: bytes | None) -> tuple[Disk, str] | None:
        """The disk that a file lies on and its name there; None for any file elsewhere."""
        if path is None or self.disk is None:
            return None
        found = Path(path.decode())
        return (self.disk, found.name) if found.parent == self.disk.folder else None

    def _on_open(self, _vfs: int, path: int | None, file: int, flags: int, out: int) -> int:
        place = self._place(None if path is None else ctypes.string_at(path))
        new = None
        if place is not None and flags & _CREATE and not (place[0].folder / place[1]).exists():
            new = Op("create", place[1])
            if refused := place[0].asked(new):
                return refused
        result: int = self._open(ctypes.addressof(self._inner), path, file, flags, out)
        if result == 0 and place is not None:
            self._files[file] = (*place, bool(flags & _JOURNALS), self._take_over(file))
            if new is not None:
                place[0].log.append(new)
        return result

    def _take_over(self, file: int) -> _Methods:
        """Put our methods into a file just opened. Returns those it had."""
        pointer = ctypes.c_void_p.from_address(file)
        address = pointer.value
        assert address is not None
        if address not in self._methods:
            original, ours = _Methods.from_address(address), _Methods()
            ctypes.pointer(ours)[0] = original
            for name, callback in zip(("xClose", "xWrite", "xTruncate", "xSync"), self._callbacks[2:], strict=True):
                setattr(ours, name, ctypes.cast(callback, _P))
            self._methods[address] = (original, ours)
        original, ours = self._methods[address]
        pointer.value = ctypes.addressof(ours)
        return original

    def _on_delete(self, _vfs: int, path: bytes, sync: int) -> int:
        place = self._place(path)
        op = None
        if place is not None and (place[0].folder / place[1]).exists():
            op = Op("delete", place[1], folder=bool(sync))
            if refused := place[0].asked(op):
                return refused
        result: int = self._delete(ctypes.addressof(self._inner), path, 0)
        if result == 0 and place is not None and op is not None:
            place[0].log.append(op)
        return result

    def _on_close(self, file: int) -> int:
        return int(_CLOSE(self._files.pop(file)[3].xClose)(file))

    def _on_write(self, file: int, data: int, amount: int, offset: int) -> int:
        disk, name, _, original = self._files[file]
        write = _WRITE(original.xWrite)
        op = Op("write", name, offset, ctypes.string_at(data, amount))
        if refused := disk.asked(op):
            part = amount // 2 // SECTOR * SECTOR  # it may have begun
            write(file, data, part, offset)
            disk.log.append(Op("write", name, offset, op.data[:part]))
            return refused
        disk.log.append(op)
        return int(write(file, data, amount, offset))

    def _on_truncate(self, file: int, size: int) -> int:
        disk, name, _, original = self._files[file]
        op = Op("truncate", name, size)
        if refused := disk.asked(op):
            return refused
        disk.log.append(op)
        return int(_TRUNCATE(original.xTruncate)(file, size))

    def _on_sync(self, file: int, _flags: int) -> int:
        disk, name, journal, _ = self._files[file]
        refused = disk.asked(Op("sync", name))
        disk.log.append(Op("sync", name, ok=not refused, folder=journal))
        return refused


_shim: _Shim | None = None


@contextmanager
def faulty(disk: Disk) -> Iterator[Disk]:
    """SQLite works on this disk; connections opened inside must be closed inside."""
    global _shim
    if _shim is None:
        _shim = _Shim()
    _shim.disk = disk
    _shim.use(default=True)
    try:
        yield disk
    finally:
        _shim.disk = None
        _shim.use(default=False)


def is_effective() -> bool:
    """Whether Python's sqlite3 uses the library that ctypes finds: else nothing of this is tested."""
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_libversion.restype = _S
    return bool(library.sqlite3_libversion().decode() == sqlite3.sqlite_version)
