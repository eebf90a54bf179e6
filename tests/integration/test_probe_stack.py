"""The supervisor of the embedded stack: what it starts is its own, what fails says why, and nothing is left behind."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from local.processes import Launch, StackError, free_port, port_is_taken, wait_until_gone
from local.stack import emulator, postgres, run_folder, supabase_lite
from local.stack.run_folder import RunFolder, temporary_folder, temporary_run
from local.stack.stack import Stack
from local.waiting import LAST_RESORT_S, until

MIGRATIONS = Path(__file__).parent / "probe" / "migrations"
# A part with a child of its own, as the emulated AWS has its functions.
SERVER = """
import http.server, subprocess, sys
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]])
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


def server(folder: Path, text: str = SERVER) -> Callable[[int], Launch]:
    return lambda port: Launch([sys.executable, "-c", text, str(port)], folder, dict(os.environ))


def test_the_parts_listen_on_loopback_keep_secrets_and_leave_nothing() -> None:
    with temporary_run() as run:
        database = postgres.start(run)
        supabase = supabase_lite.start(run, database, MIGRATIONS)
        emulator.start(run)
        assert run.alive()
        for part in run.parts:
            process = part.process()
            assert process is not None
            addresses = {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
            assert addresses == {"127.0.0.1"}
        for path in run.path.rglob("*"):
            if path.is_file() and path.name != "PG_VERSION" and "data" not in path.parts:
                text = path.read_text(encoding="utf-8", errors="replace")
                if supabase.secret_key in text or database.url in text:
                    # The file itself or a folder above it is closed to everybody else.
                    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)]
                    assert any(mode & 0o077 == 0 for mode in modes), path
        assert supabase.secret_key not in f"{supabase} {database}"
        processes = [psutil.Process(part.pid) for part in run.parts]
        children = [child for process in processes for child in process.children(recursive=True)]
    assert not run.path.exists()
    assert [each for each in processes + children if each.is_running() and each.status() != "zombie"] == []


def test_a_failed_migration_shows_the_end_of_its_log_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "20260101000000_torta.sql").write_text("insert into public.nao_existe values (1);\n")
    with temporary_run() as run:
        database = postgres.start(run)
        with pytest.raises(StackError, match=r"migrations failed with exit code 1(?s:.*)nao_existe") as failed:
            supabase_lite.start(run, database, tmp_path)
    assert database.url not in str(failed.value)


def test_a_part_that_dies_at_start_says_so_with_the_end_of_its_log(tmp_path: Path) -> None:
    with temporary_run() as run:
        dies = server(tmp_path, "import sys; print('the disk is full'); sys.exit(3)")
        with pytest.raises(StackError, match=r"dying ended with exit code 3(?s:.*)the disk is full"):
            run.start("dying", dies, lambda _: True)


def test_a_port_taken_by_somebody_else_is_never_mistaken_for_our_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with temporary_run() as theirs, temporary_run() as ours:
        first = theirs.start("first", server(tmp_path), port_is_taken)
        ports = iter([first.port, free_port()])
        monkeypatch.setattr(run_folder, "free_port", lambda: next(ports))
        second = ours.start("second", server(tmp_path), port_is_taken)
        assert second.port != first.port
        assert first.listens()
        assert second.listens()
        [first_child] = psutil.Process(first.pid).children()
        kin = [each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == first_child.cmdline()]
        assert kin == [first_child]  # the attempt on the taken port left none


def test_a_stale_pid_file_never_ends_a_process_that_got_the_same_pid() -> None:
    with temporary_folder() as folder, contextlib.ExitStack() as after:
        bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        after.callback(bystander.wait)
        after.callback(bystander.kill)
        started = psutil.Process(bystander.pid).create_time() - 3600  # ours had this pid an hour ago
        part = {"name": "postgres", "pid": bystander.pid, "started": started, "port": 1, "stop_signal": 2}
        state = {"token": "0" * 32, "parts": [part], "folders": ["logs"], "elsewhere": []}
        (folder / "run").mkdir()
        (folder / "run" / "pids.json").write_text(json.dumps(state))
        assert Stack(folder / "run").down()
        assert bystander.poll() is None
        assert not (folder / "run").exists()


def test_what_a_killed_part_started_is_ended_by_another_process_later(tmp_path: Path) -> None:
    with temporary_folder() as folder:
        run = RunFolder(folder / "run")
        with run.locked():
            run.create()
        part = run.start("leader", server(tmp_path), port_is_taken)
        [orphan] = psutil.Process(part.pid).children()
        os.kill(part.pid, signal.SIGKILL)
        until(lambda: not part.process(), "the end of the killed part", pause_s=0.01)
        later = RunFolder(folder / "run")
        assert later.load()
        assert not later.alive()
        later.end()
        later.wipe()
        with run.locked():
            run.end()
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_part_that_was_started_and_not_yet_noted_down_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, real = [], psutil.Process

    def interrupted(pid: int) -> psutil.Process:
        started.append(real(pid))
        raise SystemExit(128 + signal.SIGTERM)

    with temporary_run() as run:
        monkeypatch.setattr(psutil, "Process", interrupted)
        with pytest.raises(SystemExit):
            run.start("leader", server(tmp_path), port_is_taken)
        monkeypatch.undo()
        assert run.parts == []
        [process] = started
        assert process.is_running()
    assert wait_until_gone([process], 0) == []


def test_postgresql_runs_in_a_folder_that_its_system_user_may_not_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with RunFolder(tmp_path / "run") as run:
        with psycopg.connect(postgres.start(run).url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            row = connection.execute("show data_directory").fetchone()
        assert row is not None
        data = Path(row[0])
        assert data.is_dir()
    assert not data.parent.exists()


def test_down_is_idempotent_and_leaves_what_others_keep_in_the_folder() -> None:
    with temporary_folder() as folder:
        (folder / "mine.txt").write_text("not the stack's")
        stack = Stack(folder)
        stack.begin()
        assert stack.down()
        assert not Stack(folder).down()
        assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_sigterm_while_starting_ends_every_part() -> None:
    with temporary_folder() as folder:
        command = [sys.executable, "-m", "local", "up", "--run-dir", str(folder / "run")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("migrations and Supabase Lite"):
                break
        pids = [part["pid"] for part in json.loads((folder / "run" / "pids.json").read_text())["parts"]]
        processes = [psutil.Process(pid) for pid in pids]
        child.terminate()
        assert child.wait(LAST_RESORT_S) == 128 + signal.SIGTERM
        child.stdout.close()
        assert len(processes) >= 2
        assert wait_until_gone(processes, 0) == [], "what was started outlives its starter"
