"""Thousands of dead letters sent back by `sicfar dlq replay`, through the deployed functions into PostgreSQL.

Small batches of a gateway are announced while nobody works, and each announcement is received until SQS itself moves it
to the dead letters, as after a release that ends every run. Half of the batches are then counted by a second
announcement: their letters bring what is known already. The command runs as a person's process, is interrupted (Ctrl-C)
when a third is back, and started again. Then every batch must be counted once, no letter left, and the audit must find
nothing.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.deployed import Deployed, deployed
from benchmarks.figures import block, table
from local.stack.cloud import ROOT
from local.waiting import LAST_RESORT_S, until

_SECONDS = 1
_PORTIONS = 5
"""Of ten seconds; the rate asked for makes them so many, so that there is something to interrupt."""
_AT_ONCE = 8
_RECEIVED = 50
"""Times between two looks at how many are left, which cost the emulator as much as a receipt."""
_BAR = re.compile(r"\] (\d+)/(\d+)")


@dataclass(slots=True)
class _Shown:
    """What one run of the command showed. ``marks``: (seconds since it began, letters back so far)."""

    lines: list[str] = field(default_factory=list)
    marks: list[tuple[float, int]] = field(default_factory=list)
    took: float = 0.0
    code: int | None = None

    @property
    def moved(self) -> int:
        """Letters it says it sent back."""
        (said,) = [int(line.split()[0]) for line in self.lines if " cartas reenviadas; restam " in line]
        return said


def run(letters: int) -> str:
    """Send so many letters back; the report."""
    begin = int(time.time()) - letters * _SECONDS - 60
    with deployed(ROOT, begin) as site:
        site.open_orders(0)
        queue, dlq = site.stack.deployment.outputs["TxtQueueUrl"], site.stack.deployment.outputs["TxtDlqUrl"]
        source = _source(site)
        until(lambda: _held(site, queue) == 0, "the queue empty after the deploy", state=lambda: _held(site, queue))
        _enable(site, source, False)
        batches = [site.seal([site.lines[n % len(site.lines)]], _SECONDS, 1) for n in range(letters)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(site.upload, batches))
        announcements = _die(site, queue, dlq, letters)
        _enable(site, source, True)
        for first in range(0, letters // 2, 10):
            entries = [
                {"Id": str(n), "MessageBody": body}
                for n, body in enumerate(announcements[first : min(first + 10, letters // 2)])
            ]
            site.stack.aws.sqs.send_message_batch(QueueUrl=queue, Entries=entries)  # type: ignore[arg-type]
        site.wait_for(letters // 2)
        per_second = letters // (_PORTIONS * 10) + 1
        first_run = _replay(site, per_second, interrupt_at=letters // 3)
        second_run = _replay(site, per_second, interrupt_at=None)
        begun = time.monotonic()
        site.wait_for(letters)
        until(lambda: _held(site, queue) == 0, "the parser's queue empty", state=lambda: _held(site, queue))
        worked_off = time.monotonic() - begun
        if left := _held(site, dlq):
            raise RuntimeError(f"{left} letters are left")
        if first_run.code == 0:
            raise RuntimeError("the first run ended before it was interrupted")
        if second_run.code != 0:
            raise RuntimeError(f"the second run ended with {second_run.code}: {second_run.lines[-5:]}")
        site.check(audited=True)
        done = "from tratamentos_mensagens where acao = 'REENVIAR' and fase = 'FEITO'"
        recorded = site.one(f"select count(distinct mensagem_id) {done}")
        runs = site.runs(site.stack.deployment.functions["DlqRedrive"])
    rows = [
        ("the command, until it was interrupted", f"{first_run.took:.0f}"),
        ("the same command again, to its end", f"{second_run.took:.0f}"),
        ("then, until the parser had worked off its queue", f"{worked_off:.0f}"),
        ("runs of the function; the longest", f"{len(runs)}; {max(ms for ms, _ in runs) / 1000:.0f}"),
    ]
    said = (
        f"{letters:,} letters, each dead by SQS's redrive policy; {letters // 2:,} of their batches counted before."
        f" {per_second} a second asked for. Interrupted run: exit {first_run.code}, {first_run.moved:,} sent back by"
        f" its own figure, progress shown {len(first_run.marks)} times. Second run: exit 0, {second_run.moved:,} sent"
        f" back, progress shown {len(second_run.marks)} times. Letters on the function's record: {recorded:,}. Left: 0."
        f" Batches counted: {letters:,}, each once; the audit found nothing."
    )
    return block("letters", [said], table(["", "seconds"], rows))


def _source(site: Deployed) -> str:
    """The event source of the parser."""
    name = site.stack.deployment.functions["TxtParser"]
    (source,) = site.stack.aws.functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    return source["UUID"]


def _enable(site: Deployed, source: str, enabled: bool) -> None:
    functions = site.stack.aws.functions
    functions.update_event_source_mapping(UUID=source, Enabled=enabled)
    wanted = "Enabled" if enabled else "Disabled"
    until(lambda: functions.get_event_source_mapping(UUID=source)["State"] == wanted, f"the event source {wanted}")


def _held(site: Deployed, url: str) -> int:
    """Visible, in work and delayed."""
    found = site.stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(value) for name, value in found.items() if name.startswith("ApproximateNumberOfMessages"))


def _die(site: Deployed, queue: str, dlq: str, letters: int) -> list[str]:
    """Receive every message until SQS moves it to the dead letters; their bodies, of each once."""
    sqs = site.stack.aws.sqs
    until(lambda: _held(site, queue) >= letters, "every batch announced", state=lambda: _held(site, queue))
    bodies: dict[str, str] = {}
    moved, held = time.monotonic(), letters
    while held:
        for _ in range(_RECEIVED):
            received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
            bodies |= {one["MessageId"]: one["Body"] for one in received.get("Messages", [])}
        if (left := _held(site, queue)) < held:
            moved, held = time.monotonic(), left
        elif time.monotonic() - moved > LAST_RESORT_S:
            raise RuntimeError(f"{left} messages do not die")
    if (dead := _held(site, dlq)) != letters:
        raise RuntimeError(f"{letters} messages were to die, {dead} did")
    return [bodies[key] for key in sorted(bodies, key=lambda key: bodies[key])]


def _replay(site: Deployed, per_second: int, *, interrupt_at: int | None) -> _Shown:
    """Run the command as a process, and interrupt it as a person does when so many letters are back."""
    command = [str(Path(sys.executable).parent / "sicfar"), "dlq", "replay", "--ambiente", "local", "--fila", "txt"]
    # A shell starts what runs in its background without Ctrl-C, and so would we our child.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shown, begun = _Shown(), time.monotonic()
    process = subprocess.Popen(
        [*command, "--por-segundo", str(per_second)],
        env={**os.environ, **site.stack.aws.environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def read() -> None:
        for line in process.stdout or ():
            shown.lines.append(line.rstrip())
            if bar := _BAR.search(line):
                shown.marks.append((time.monotonic() - begun, int(bar[1])))
                if interrupt_at is not None and int(bar[1]) >= interrupt_at and process.poll() is None:
                    process.send_signal(signal.SIGINT)

    reader = threading.Thread(target=read)
    reader.start()
    until(lambda: process.poll() is not None, "sicfar dlq replay ended", state=lambda: len(shown.lines))
    reader.join()
    shown.took, shown.code = time.monotonic() - begun, process.returncode
    return shown
