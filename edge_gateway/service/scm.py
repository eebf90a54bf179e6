"""The Windows service control manager (SCM) through its C interface, winsvc.h: administration, and the service's side.

By ctypes: a dozen functions, for which a dependency would bring 10 MB. Names and values are those of winsvc.h.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
import winreg
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import wintypes
from enum import IntEnum
from typing import cast

if sys.platform != "win32":
    raise ImportError("the service control manager is a part of Windows")

_MANAGER_ALL, _SERVICE_ALL = 0xF003F, 0xF01FF
_OWN_PROCESS, _AUTO_START, _ERROR_NORMAL = 0x10, 2, 1
_NO_CHANGE = 0xFFFF_FFFF
_DESCRIPTION, _FAILURE_ACTIONS, _DELAYED_AUTO_START, _FAILURE_FLAG = 1, 2, 3, 4
_RESTART = 1
_ACCEPT_STOP_AND_SHUTDOWN = 0x1 | 0x4
_CONTROL_STOP, _CONTROL_INTERROGATE, _CONTROL_SHUTDOWN = 1, 4, 5
_NO_ERROR, _NOT_IMPLEMENTED, _SERVICE_SPECIFIC = 0, 120, 1066
_DOES_NOT_EXIST, _CANNOT_ACCEPT, _NOT_ACTIVE = 1060, 1061, 1062
_STOP_HINT_MS = 60_000
_REGISTRY = r"SYSTEM\CurrentControlSet\Services"


class State(IntEnum):
    """dwCurrentState."""

    STOPPED = 1
    START_PENDING = 2
    STOP_PENDING = 3
    RUNNING = 4


class _Status(ctypes.Structure):
    _fields_ = (
        ("type", wintypes.DWORD),
        ("state", wintypes.DWORD),
        ("accepted", wintypes.DWORD),
        ("exit_code", wintypes.DWORD),
        ("specific_exit_code", wintypes.DWORD),
        ("check_point", wintypes.DWORD),
        ("wait_hint", wintypes.DWORD),
    )


class _Description(ctypes.Structure):
    _fields_ = (("text", wintypes.LPCWSTR),)


class _Action(ctypes.Structure):
    _fields_ = (("kind", wintypes.DWORD), ("delay_ms", wintypes.DWORD))


class _FailureActions(ctypes.Structure):
    _fields_ = (
        ("reset_s", wintypes.DWORD),
        ("message", wintypes.LPCWSTR),
        ("command", wintypes.LPCWSTR),
        ("count", wintypes.DWORD),
        ("actions", ctypes.POINTER(_Action)),
    )


class _Flag(ctypes.Structure):
    _fields_ = (("value", wintypes.BOOL),)


_ServiceMain = ctypes.WINFUNCTYPE(None, wintypes.DWORD, wintypes.LPVOID)
_Control = ctypes.WINFUNCTYPE(wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID, wintypes.LPVOID)


class _Entry(ctypes.Structure):
    _fields_ = (("name", wintypes.LPCWSTR), ("main", _ServiceMain))


_library = ctypes.WinDLL("advapi32", use_last_error=True)


def _function(name: str, result: type, *arguments: object) -> Callable[..., int]:
    """A function of advapi32 that raises OSError where it returns zero."""

    def refuse_zero(value: int | None, _function: object, _arguments: object) -> int:
        if not value:
            raise ctypes.WinError(ctypes.get_last_error())
        return value

    function = getattr(_library, name)
    function.restype, function.argtypes, function.errcheck = result, arguments, refuse_zero
    return cast("Callable[..., int]", function)


_H, _D, _S, _B, _P = wintypes.HANDLE, wintypes.DWORD, wintypes.LPCWSTR, wintypes.BOOL, wintypes.LPVOID
_open_manager = _function("OpenSCManagerW", _H, _S, _S, _D)
_create = _function("CreateServiceW", _H, _H, _S, _S, _D, _D, _D, _D, _S, _S, _P, _S, _S, _S)
_open = _function("OpenServiceW", _H, _H, _S, _D)
_change = _function("ChangeServiceConfigW", _B, _H, _D, _D, _D, _S, _S, _P, _S, _S, _S, _S)
_change_more = _function("ChangeServiceConfig2W", _B, _H, _D, _P)
_start = _function("StartServiceW", _B, _H, _D, _P)
_control = _function("ControlService", _B, _H, _D, ctypes.POINTER(_Status))
_query = _function("QueryServiceStatus", _B, _H, ctypes.POINTER(_Status))
_delete = _function("DeleteService", _B, _H)
_close = _function("CloseServiceHandle", _B, _H)
_dispatch = _function("StartServiceCtrlDispatcherW", _B, ctypes.POINTER(_Entry))
_register = _function("RegisterServiceCtrlHandlerExW", _H, _S, _Control, _P)
_set_status = _function("SetServiceStatus", _B, _H, ctypes.POINTER(_Status))


@contextmanager
def _manager() -> Iterator[int]:
    handle = _open_manager(None, None, _MANAGER_ALL)
    try:
        yield handle
    finally:
        _close(handle)


@contextmanager
def _service(name: str) -> Iterator[int]:
    with _manager() as manager:
        handle = _open(manager, name, _SERVICE_ALL)
        try:
            yield handle
        finally:
            _close(handle)


def create(name: str, shown: str, command: str, account: str) -> None:
    """Register a service that starts with the computer, as an account without a password. Raises OSError."""
    with _manager() as manager:
        kind = (_OWN_PROCESS, _AUTO_START, _ERROR_NORMAL)
        _close(_create(manager, name, shown, _SERVICE_ALL, *kind, command, None, None, None, account, None))


def set_command(name: str, command: str) -> None:
    """Change what the service starts the next time. Raises OSError."""
    with _service(name) as service:
        same = (None,) * 6
        _change(service, _NO_CHANGE, _NO_CHANGE, _NO_CHANGE, command, *same)


def describe(name: str, text: str) -> None:
    """Set the text that services.msc shows. Raises OSError."""
    _set_more(name, _DESCRIPTION, _Description(text))


def restart_after_failure(name: str, delays_ms: tuple[int, ...], reset_s: int) -> None:
    """Restart after a crash: these delays one after the other, then the last for ever. Raises OSError."""
    actions = (_Action * len(delays_ms))(*(_Action(_RESTART, delay) for delay in delays_ms))
    _set_more(name, _FAILURE_ACTIONS, _FailureActions(reset_s, None, None, len(delays_ms), actions))


def restart_after_error_exit(name: str) -> None:
    """Restart also after an end in order with an exit code that is not 0. Raises OSError."""
    _set_more(name, _FAILURE_FLAG, _Flag(value=True))


def start_late(name: str) -> None:
    """Start a little after the other automatic services, the network's among them. Raises OSError."""
    _set_more(name, _DELAYED_AUTO_START, _Flag(value=True))


def _set_more(name: str, level: int, value: ctypes.Structure) -> None:
    with _service(name) as service:
        _change_more(service, level, ctypes.byref(value))


def state(name: str) -> State | None:
    """What the service does; None where there is none of this name. Raises OSError."""
    try:
        with _service(name) as service:
            status = _Status()
            _query(service, ctypes.byref(status))
            return State(status.state)
    except OSError as error:
        if error.winerror == _DOES_NOT_EXIST:
            return None
        raise


def account(name: str) -> str:
    """The account that the service runs as, as Windows stores it. Raises OSError."""
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_REGISTRY}\{name}") as key:
        return str(winreg.QueryValueEx(key, "ObjectName")[0])


def start(name: str) -> None:
    """Ask for its start, and do not wait for it. Raises OSError."""
    with _service(name) as service:
        _start(service, 0, None)


def stop(name: str, within_s: float) -> bool:
    """Ask for its end and wait for it; whether it ended. Raises OSError."""
    deadline = time.monotonic() + within_s
    while state(name) != State.STOPPED:
        try:
            with _service(name) as service:
                _control(service, _CONTROL_STOP, ctypes.byref(_Status()))
        except OSError as error:
            # Ended meanwhile, or starting or ending just now.
            if error.winerror not in (_NOT_ACTIVE, _CANNOT_ACCEPT):
                raise
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def delete(name: str) -> None:
    """Remove the service from Windows' list. Raises OSError."""
    with _service(name) as service:
        _delete(service)


class Connection:
    """A service process's own connection to the SCM. `on_stop` is called in another thread, once per request.

    The SCM calls back in threads of its own, so that the main thread stays free for the gateway and its signals.
    """

    def __init__(self, name: str, on_stop: Callable[[], None]) -> None:
        self._name = name
        self._on_stop = on_stop
        self._handle = 0
        self._stopping = False
        self._ended = threading.Event()
        self._connected = threading.Event()
        self._failure: OSError | None = None
        # The SCM keeps these addresses for as long as the process runs.
        self._main = _ServiceMain(self._serve)
        self._handler = _Control(self._obey)
        self._table = (_Entry * 2)(_Entry(name, self._main), _Entry())
        self._thread = threading.Thread(target=self._dispatch, name="scm", daemon=True)

    def open(self) -> None:
        """Connect. Raises OSError 1063 in a process that the SCM did not start."""
        self._thread.start()
        self._connected.wait()
        if self._failure is not None:
            raise self._failure

    def running(self) -> None:
        """Report that the service does its work."""
        self._report(State.RUNNING)

    def close(self, exit_code: int) -> None:
        """Report its end; Windows takes a code that is not 0 for a failure."""
        self._report(State.STOPPED, exit_code=exit_code)
        self._ended.set()
        self._thread.join(timeout=5)

    def _dispatch(self) -> None:
        try:
            _dispatch(self._table)
        except OSError as error:
            self._failure = error
            self._connected.set()

    def _serve(self, _count: int, _words: int | None) -> None:
        self._handle = _register(self._name, self._handler, None)
        self._report(State.START_PENDING)
        self._connected.set()
        self._ended.wait()

    def _obey(self, control: int, _kind: int, _data: int | None, _context: int | None) -> int:
        if control in (_CONTROL_STOP, _CONTROL_SHUTDOWN):
            if not self._stopping:
                self._stopping = True
                self._report(State.STOP_PENDING)
                self._on_stop()
            return _NO_ERROR
        return _NO_ERROR if control == _CONTROL_INTERROGATE else _NOT_IMPLEMENTED

    def _report(self, new: State, *, exit_code: int = 0) -> None:
        pending = new in (State.START_PENDING, State.STOP_PENDING)
        status = _Status(
            type=_OWN_PROCESS,
            state=new,
            accepted=_ACCEPT_STOP_AND_SHUTDOWN if new == State.RUNNING else 0,
            exit_code=_SERVICE_SPECIFIC if exit_code else _NO_ERROR,
            specific_exit_code=exit_code,
            check_point=1 if pending else 0,
            wait_hint=_STOP_HINT_MS if pending else 0,
        )
        _set_status(self._handle, ctypes.byref(status))
