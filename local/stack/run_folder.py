"""A run folder: the whole memory of a stack, its data, logs and ``pids.json``.

The file names each process by pid *and* start time: a pid alone is reused by the system, and a stale file must never
end somebody else's process.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import psutil

from local.processes import Launch, Part, StackError, free_port, port_is_taken, wait_until_gone, write_private
from local.waiting import Patience, StalledError

RUN_TOKEN = "SICFAR_LOCAL_RUN"  # noqa: S105 - the name of an environment variable that marks our processes
PIDS = "pids.json"
LOGS = "logs"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM_BYTES = 2 * 1024**3
HEALTH_S = 60
"""Seconds one question whether a part is healthy may take; then it is asked again."""


class RunFolder:
    """The folder of one run, and the processes started in it.

    As a context manager it ends them and deletes what it wrote, whatever happened inside.
    """

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is touched until :meth:`create`, :meth:`load` or :meth:`wipe`."""
        self.path = path.absolute()
        self.parts: list[Part] = []
        self._token = secrets.token_hex(16)
        self._children: list[subprocess.Popen[bytes]] = []
        self._secrets: list[str] = []
        self._folders = [LOGS]
        self._elsewhere: list[Path] = []

    # -- the folder ---------------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make the folder, empty of an earlier run of ours.

        Raises:
            StackError: parts of an earlier run are still alive.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if self.parts:
            raise StackError("the run folder still holds running parts", where=str(self.path))
        self.folder(LOGS).chmod(0o700)
        self._save()

    def load(self) -> bool:
        """Read which parts an earlier run left here; False if there was none."""
        try:
            stored = json.loads((self.path / PIDS).read_text(encoding="utf-8"))
            self.parts = [Part(**part) for part in stored["parts"]]
            self._token = stored["token"]
            self._folders = stored["folders"]
            self._elsewhere = [Path(path) for path in stored["elsewhere"]]
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError) as error:
            raise StackError(
                f"{PIDS} is not what this program wrote ({error})",
                where=str(self.path / PIDS),
                action="look with `ps` for postgres, node and ministack started from this folder, end them, delete it",
            ) from error
        return True

    def folder(self, name: str) -> Path:
        """Return a subfolder that belongs to the run and is deleted with it."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        if name not in self._folders:
            self._folders.append(name)
            self._save()
        return path

    def outside(self, path: Path) -> None:
        """Note a folder elsewhere that must be deleted with the run."""
        self._elsewhere.append(path)
        self._save()

    def secret(self, text: str) -> str:
        """Remember a secret so that no log tail in an error message repeats it."""
        self._secrets.append(text)
        return text

    def wipe(self, *, keep_logs: bool = False) -> None:
        """Delete what the run wrote, and nothing else that somebody keeps in the folder."""
        if keep_logs:
            self._folders.remove(LOGS)
        files = ("stack.json", "sam-local-env.json", "logins.json", PIDS)
        for path in [*self._elsewhere, *(self.path / name for name in (*self._folders, *files))]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._folders, self._elsewhere = [LOGS], []
        with contextlib.suppress(OSError):  # not empty: not all of it is ours, or the logs stay
            self.path.rmdir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second `up` or `down` of the same folder away meanwhile.

        Raises:
            StackError: another one is at work.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StackError(
                    "another command is starting or ending this stack", where=str(self.path), action="wait for it"
                ) from error
            yield
        finally:
            os.close(handle)

    def _save(self) -> None:
        state = {
            "token": self._token,
            "parts": [asdict(part) for part in self.parts],
            "folders": self._folders,
            "elsewhere": [str(path) for path in self._elsewhere],
        }
        write_private(self.path / PIDS, json.dumps(state, indent=2) + "\n")

    # -- the processes ------------------------------------------------------------------------------------------

    def start(self, name: str, launch: Callable[[int], Launch], healthy: Callable[[int], bool]) -> Part:
        """Start a part on a free port and return once it is healthy and holds that port itself.

        Args:
            name: of the part and of its log.
            launch: tells for a port how to start it.
            healthy: asks the port whether the part works; it may also raise OSError for "not yet".

        Raises:
            StackError: it ended, or neither became healthy nor wrote anything for minutes; the message holds the end
                of its log.
        """
        for _ in range(3):  # the port may be taken between the moment it was found free and the part's own bind
            part, child = self._spawn(name, launch)
            patience = Patience(f"{name} healthy", state=lambda: self.log(name).stat().st_size)
            while (ended := child.poll()) is None:
                with contextlib.suppress(OSError):
                    if part.listens() and healthy(part.port):
                        return part
                try:
                    patience.look()
                except StalledError as stalled:
                    self._fail(str(stalled), name)
                time.sleep(0.02)
            self._end(part, within_s=0)  # it may have left children
            self._forget(part)
            if not port_is_taken(part.port):
                self._fail(f"{name} ended with exit code {ended} while starting", name)
        raise StackError(f"{name} found its port taken three times", action="try again")

    def _spawn(self, name: str, launch: Callable[[int], Launch]) -> tuple[Part, subprocess.Popen[bytes]]:
        port = free_port()
        how = launch(port)
        log = os.open(self.log(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            child = subprocess.Popen(
                how.command,
                cwd=how.cwd,
                env={**how.env, RUN_TOKEN: self._token},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=how.user,
                group=_group_of(how.user),
                extra_groups=None if how.user is None else [],
            )
        finally:
            os.close(log)
        self._children.append(child)
        part = Part(name, child.pid, psutil.Process(child.pid).create_time(), port, int(how.stop_signal))
        self.parts.append(part)
        self._save()
        return part, child

    def run(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], user: str | None = None
    ) -> str:
        """Run a command to its end, its output in a log of its own, and return the output.

        Raises:
            StackError: it failed; the message holds the end of its log.
        """
        log = self.log(name)
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            result = subprocess.run(
                command,
                cwd=cwd,
                env={**env, RUN_TOKEN: self._token},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
                user=user,
                group=_group_of(user),
                extra_groups=None if user is None else [],
            )
        if result.returncode:
            self._fail(f"{name} failed with exit code {result.returncode}", name)
        return log.read_text(encoding="utf-8", errors="replace")

    def log(self, name: str) -> Path:
        """Return the path of a part's log."""
        return self.path / LOGS / f"{name}.log"

    def logged(self, name: str) -> list[str]:
        """Return the lines of a part's log, without the run's secrets."""
        text = self.log(name).read_text(encoding="utf-8", errors="replace")
        for hidden in self._secrets:
            text = text.replace(hidden, "***")
        return text.splitlines()

    def _fail(self, what: str, name: str) -> NoReturn:
        tail = "\n".join(f"  | {line}" for line in self.logged(name)[-25:])
        raise StackError(f"{what}. The end of its log:\n{tail}", where=f"whole log: {self.log(name)}")

    def _forget(self, part: Part) -> None:
        self.parts.remove(part)
        self._save()

    def alive(self) -> bool:
        """Tell whether every part runs and holds its port."""
        return bool(self.parts) and all(part.listens() for part in self.parts)

    def end(self, *, within_s: float = 15) -> None:
        """End all parts, the last started first, and whatever they started themselves."""
        for part in reversed(self.parts.copy()):
            self._end(part, within_s)
            self._forget(part)
        # A signal may have come between the start of a part and the moment it was noted down.
        _end_at_once(list(self._marked()))
        for child in self._children:
            child.wait()
        self._children.clear()

    def _end(self, part: Part, within_s: float) -> None:
        leader = part.process()
        family = self._family(part, leader)
        if leader is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                leader.send_signal(part.stop_signal)
            wait_until_gone([leader], within_s)
        # What is left now outlived its leader: psutil compares start times before it signals.
        _end_at_once(wait_until_gone(family, 0))

    def _family(self, part: Part, leader: psutil.Process | None) -> list[psutil.Process]:
        """Return the processes of a part: its session while its leader lives, else those that carry our mark."""
        candidates = self._marked() if leader is None else psutil.process_iter()
        family = [] if leader is None else [leader]
        for process in candidates:
            with contextlib.suppress(ProcessLookupError):
                if process.pid != part.pid and os.getsid(process.pid) == part.pid:
                    family.append(process)
        return family

    def _marked(self) -> Iterator[psutil.Process]:
        """The processes that carry our mark."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process.environ().get(RUN_TOKEN) == self._token:
                    yield process

    def __enter__(self) -> RunFolder:
        """Create the folder."""
        with self.locked():
            self.create()
        return self

    def __exit__(self, *_: object) -> None:
        """End the parts and delete the folder's contents."""
        with self.locked():
            self.end()
            self.wipe()


def _end_at_once(processes: list[psutil.Process]) -> None:
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                ask(process)
        processes = wait_until_gone(processes, 5) if processes else []


def _group_of(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


def in_memory() -> Path | None:
    """The system's folder in memory, where it has room for the databases of a test run; None elsewhere.

    A copy of the template is a thousand files: on a disk that other tests keep busy it took 700 ms, in memory 40.
    """
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    return _MEMORY if roomy else None


@contextlib.contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give a folder for a run of its own, gone afterwards; below ``parent``, or where the system keeps such.

    Not below pytest's ``tmp_path``: that is closed to the system user as whom PostgreSQL runs when we are root.
    """
    path = Path(tempfile.mkdtemp(prefix="sicfar-", dir=parent))
    try:
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def temporary_run(parent: Path | None = None) -> Iterator[RunFolder]:
    """Give a run in a temporary folder, ended and gone afterwards."""
    with temporary_folder(parent) as folder, RunFolder(folder / "run") as run:
        yield run
