"""`sicfar dlq`: asks the function DlqRedrive, one portion after the other, and shows a person how far it is.

Every figure is the function's answer. An invocation is made once: an answer that is lost is said to be lost, and what
was done is then asked of the record the function keeps. Interrupted and started again, the command goes on with what is
left: a portion takes seconds, ends by itself and holds no letter afterwards.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)

from sicfar.aws.identity import prove
from sicfar.dead_letters.command import Action, Command, CommandError, Done, read_answer
from sicfar.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PORTION_S = 10
_LONGEST_FUNCTION_S = 900  # Lambda's own limit
_LOST_IN_A_ROW = 3
_ASK_AGAIN_S = 5.0
_WIDTH = 40

INVOKE = Config(
    connect_timeout=5,
    read_timeout=_LONGEST_FUNCTION_S + 30,
    retries={"total_max_attempts": 1, "mode": "standard"},
    tcp_keepalive=True,
)
"""One invocation, waited for longer than any function runs: a repeated one would work beside the first."""


class LostAnswerError(TransientError):
    """The function was called, or may have been, and what it answered is not known."""


class Ask(Protocol):
    """What carries a command to the function."""

    def __call__(self, command: Command) -> Done:
        """The answer. Raises LostAnswerError, CommandError or botocore's exceptions."""
        ...


class Function:
    """The function DlqRedrive of an environment."""

    def __init__(self, environment: str) -> None:
        """Raises botocore's exceptions."""
        self._session = boto3.Session()
        self._client: LambdaClient = self._session.client("lambda", config=INVOKE)
        self.name = f"sicfar-{environment}-dlq-redrive"

    def __call__(self, command: Command) -> Done:
        """Invoke it once; what changes anything carries a proof of who asks."""
        proof = None
        if command.action in (Action.REPLAY, Action.DISCARD) and not command.dry_run:
            proof = prove(self._session, f"{self.name}/{command.run}")
        payload = json.dumps(command.event(proof)).encode()
        try:
            answer = self._client.invoke(FunctionName=self.name, Payload=payload)
            body = answer["Payload"].read()
        except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError):
            raise  # never arrived
        except (HTTPClientError, ConnectionClosedError) as cause:
            raise LostAnswerError(
                "answer_lost", f"a resposta da função se perdeu ({type(cause).__name__})", where=self.name
            ) from cause
        if "FunctionError" in answer:
            raise LostAnswerError(
                "function_failed", f"a função parou no meio ({body[:300].decode(errors='replace')})", where=self.name
            )
        return read_answer(body, where=self.name)


class Run:
    """One run of replaying or throwing away: portions, with the figures so far."""

    def __init__(self, ask: Ask, command: Command, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
        """``say`` shows a line to the person."""
        self._ask = ask
        self._command = command.model_copy(update={"seconds": PORTION_S})
        self._say = say
        self._pause = pause
        self._limit = command.limit
        self.total = 0
        self.moved = 0
        self.left: int | None = None
        self.failed: dict[str, str] = {}
        self.lost = False
        self._returned = 0

    def go(self) -> bool:
        """Work until nothing is left that can be moved; whether all of it was. Raises as `ask` does."""
        self._say("contando as cartas…")
        first = self._ask(self._command.model_copy(update={"dry_run": True, "seconds": None}))
        self._command = self._command.model_copy(update={"until_ms": first.until_ms})
        self.total = min(first.found, self._limit or first.found)
        at_least = "" if first.complete else "pelo menos "
        self._say(f"{at_least}{first.found} cartas" + (f", até {self._limit} delas agora" if self._limit else ""))
        lost_in_a_row = 0
        while self._limit is None or self.moved + len(self.failed) < self._limit:
            try:
                done = self._ask(self._next())
            except LostAnswerError as lost:
                lost_in_a_row += 1
                self.lost = True
                self._say(f"{lost}; perguntando o que foi feito")
                if lost_in_a_row == _LOST_IN_A_ROW:
                    raise
                self._ask_what_was_done()
                continue
            lost_in_a_row = 0
            self._take(done)
            self.show_progress()
            if done.stopped:
                raise CommandError(done.stopped.code, done.stopped.message)
            if done.complete:
                self.left = done.left
                break
            if not done.moved:
                break
        if self.lost:
            self._ask_what_was_done()
        return self.left == 0 or (self._limit is not None and self.moved >= self._limit)

    def _next(self) -> Command:
        update: dict[str, object] = {"skipped": tuple(self.failed)}
        if self._limit is not None:
            update["limit"] = self._limit - self.moved - len(self.failed)
        return self._command.model_copy(update=update)

    def _take(self, done: Done) -> None:
        self.moved += done.moved or 0
        self.failed |= {one.id: one.reason for one in done.failed}
        self._returned = max(self._returned, done.returned)
        self.total = max(self.total, self.moved + len(self.failed))

    def _ask_what_was_done(self) -> None:
        """The figures of the function's own record; it is asked until it stands still, for a portion may still work."""
        before = -1
        while True:
            self._pause(_ASK_AGAIN_S)
            known = self._ask(self._command.model_copy(update={"action": Action.PROGRESS, "dry_run": False}))
            if known.found == before:
                break
            before = known.found
        self.moved = known.moved or 0
        unknown = known.found - self.moved - (known.failed_count or 0)
        self._say(
            f"no registro: {known.found} pedidas, {self.moved} feitas, {known.failed_count or 0} falharam"
            + (f", {unknown} sem resultado (podem ir duas vezes, o que não dobra nada)" if unknown > 0 else "")
        )

    def show_progress(self) -> None:
        """A line that is written over, where a person looks at it."""
        filled = _WIDTH * self.moved // self.total if self.total else _WIDTH
        bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self.moved}/{self.total}"
        self._say(bar)

    def summary(self, moved: str) -> list[str]:
        """What it came to. ``moved``: what is said of a letter that was moved."""
        left = self.left if self.left is not None else max(0, self.total - self.moved)
        sure = "" if self.left is not None else "pelo menos " if left else ""
        lines = [f"{self.moved} cartas {moved}; restam {sure}{left}; falharam {len(self.failed)}"]
        lines += [f"  {one}: {why}" for one, why in list(self.failed.items())[:20]]
        if self._returned:
            lines.append(f"{self._returned} cartas chegaram à fila de mortos depois do início: veja por que falham")
        return lines


def move_whole_queues(
    ask: Ask, command: Command, say: Callable[[str], None], pause: Callable[[float], None] = time.sleep
) -> bool:
    """Let SQS move whole queues and tell what it says, until it is done; whether it moved them all."""
    done = ask(command)
    asking = command.model_copy(update={"action": Action.PROGRESS})
    told = ""
    while True:
        moves = done.native or ()
        now = "; ".join(
            f"{move.queue}: {move.status}, cerca de {move.moved}"
            + (f" de {move.total}" if move.total is not None else "")
            + (f" ({move.reason})" if move.reason else "")
            for move in moves
        )
        if now != told:
            say(now)
            told = now
        if not any(move.status in ("RUNNING", "CANCELLING") for move in moves):
            return all(move.status == "COMPLETED" for move in moves)
        pause(2)
        done = ask(asking)


def listing(done: Done) -> list[str]:
    """One line a letter, then how many there are of each kind."""
    letters = done.letters or ()
    lines = [f"{one.id}  {one.queue}  {one.code or '?'}: {one.reason or one.body}" for one in letters]
    if done.found > len(letters):
        lines.append(f"… e mais {done.found - len(letters)}; escolha com --fila, --codigo, --texto ou --id")
    if len(done.groups or ()) > 1:
        lines += [f"{one.count:>7}  {one.queue}  {one.code or '?'}" for one in done.groups or ()]
    if not done.complete:
        lines.append("nem todas foram lidas: o tempo da função acabou; escolha uma fila com --fila")
    if done.hidden:
        lines.append(
            f"o SQS diz que cerca de {done.hidden} estão ocultas: outro leitor as tem, ou foram lidas há menos de 1 min"
        )
    lines.append(f"{'' if done.complete else 'pelo menos '}{done.found} cartas")
    return lines


def in_place(text: str) -> None:
    """Show a line; a progress bar is written over the one before if a person looks at it."""
    bar = text.startswith("[")
    if bar and sys.stdout.isatty():
        sys.stdout.write(f"\r{text}")
    else:
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
