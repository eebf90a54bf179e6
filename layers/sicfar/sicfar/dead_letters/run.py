"""One command on the dead letter queues of an environment, within the time its invocation has.

SQS has no index and no way to look without taking: to find letters, all are received, which hides them, and those not
meant are let go at the end. They stay hidden at most until the invocation would have ended, so a run that is killed
loses none and hides none for long. A letter is sent before it is deleted: a crash in between doubles it, which harms
nothing, for what was done already is known to the ledger, the inbox or the outbox; the other order would lose it.
Who asked for it is on record before it is touched.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sicfar.aws.identity import Caller
from sicfar.database import supabase
from sicfar.database.fates import DatabaseRefusedError
from sicfar.database.requests import TreatedLetter, Treatment
from sicfar.dead_letters.command import (
    FASTEST_MOVE,
    Action,
    Command,
    CommandError,
    Done,
    Group,
    Letter,
    Move,
    Why,
)
from sicfar.dead_letters.queue import AT_ONCE, DeadQueue, Held, HiddenLimitError, Shown, failures, packed
from sicfar.errors import SicfarError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from sicfar.database.supabase import Client

RESERVE_S = 20.0
"""Of an invocation's time, for what is begun when its work must end."""
_LETTING_GO_S = 0.003
"""And for each letter held, to let it go."""
_GATHERED = 100  # letters whose reasons are asked for in one call
_LISTED_BYTES, _SHOWN_BYTES = 1_000_000, 3_000_000
_FAILURES = 100
_LONGEST_CODE, _GROUPS = 100, 100

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of the function: who asked, its id at AWS, and how many seconds it has left."""

    caller: Caller
    request: str
    left_s: Callable[[], float]


@dataclass(slots=True)
class _Work:
    """What one command has come to so far. ``held``: handles to let go, by queue."""

    command: Command
    invocation: Invocation
    until_ms: int
    clock: Callable[[], float]
    begun: float
    found: int = 0
    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    returned: int = 0
    complete: bool = True
    held: dict[str, str] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether as many letters were tried as were asked for."""
        return self.command.limit is not None and self.done + len(self.failed) >= self.command.limit

    @property
    def brief(self) -> bool:
        """Whether it ends with its portion whatever was found: each letter is meant, so none is only looked through."""
        command = self.command
        looks = command.dry_run or command.action in (Action.LIST, Action.SHOW)
        return command.seconds is not None and command.chosen.everything and not looks

    def over(self) -> bool:
        """Whether no more work may begin: this portion's time is up and something came of it, or the invocation's."""
        if self.invocation.left_s() < RESERVE_S + _LETTING_GO_S * len(self.held):
            return True
        came = self.brief or self.done + len(self.failed) > 0
        return self.command.seconds is not None and came and self.clock() - self.begun >= self.command.seconds

    def hidden_s(self) -> int:
        """How long a letter received now stays hidden if nobody lets it go: until no more of this work can follow.

        Shorter, and a letter would show itself again while the others are still looked through.
        """
        left = self.invocation.left_s()
        if self.brief and self.command.seconds is not None:
            left = min(left, self.begun + self.command.seconds - self.clock() + RESERVE_S)
        return max(1, round(left) + 1)


class DeadLetters:
    """The dead letter queues of an environment."""

    def __init__(
        self,
        sqs: "SQSClient",
        database: "Client",
        urls: Sequence[str],
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        wait_s: int = 1,
    ) -> None:
        """``urls`` are the dead letter queues'. ``wait_s``: how long a queue is asked before it counts as empty."""
        self._database = database
        self._queues = [DeadQueue(sqs, url, wait_s=wait_s) for url in urls]
        self._pause = pause
        self._clock = clock
        self._wall = wall

    def do(self, command: Command, invocation: Invocation) -> Done:
        """Carry out one command, or as much of it as the time allows. Raises SicfarError if nothing was done."""
        queues = self._named(command.queue)
        match command.action:
            case Action.PROGRESS:
                return self._progress(command, queues)
            case Action.DISCARD if not command.dry_run and len(command.reason.strip()) < 5:
                raise CommandError("reason_missing", "descartar exige motivo (5 letras ou mais)")
            case Action.REPLAY if command.native and not command.dry_run:
                return self._move_whole(command, queues, invocation)
        work = _Work(
            command,
            invocation,
            command.until_ms if command.until_ms is not None else round(self._wall() * 1000),
            self._clock,
            self._clock(),
        )
        if command.dry_run or command.action in (Action.LIST, Action.SHOW):
            return self._look(work, queues)
        return self._treat(work, queues)

    def _named(self, part: str | None) -> list[DeadQueue]:
        found = [queue for queue in self._queues if part is None or part in queue.name]
        if not found:
            names = ", ".join(queue.name for queue in self._queues)
            raise CommandError("unknown_queue", f"fila {part!r}", action=f"as filas são {names}")
        return found

    # Looking ----------------------------------------------------------------------------------------------------------

    def _look(self, work: _Work, queues: Sequence[DeadQueue]) -> Done:
        whole = work.command.action is Action.SHOW
        shown = Shown(_SHOWN_BYTES if whole else _LISTED_BYTES, None if whole else 200)
        groups: Counter[tuple[str, str | None]] = Counter()
        hidden = 0
        for queue in queues:
            try:
                for letters in self._gathered(work, queue):
                    for held, letter in letters:
                        work.held[held.id] = held.handle
                        if self._meant(work, letter):
                            shown.add(letter)
                            groups[queue.name, letter.code and letter.code[:_LONGEST_CODE]] += 1
            finally:
                self._let_go(work, queue)
            hidden += queue.hidden()
        return Done(
            action=work.command.action,
            found=work.found,
            complete=work.complete,
            letters=shown.letters(),
            groups=tuple(
                Group(queue=queue, code=code, count=count) for (queue, code), count in groups.most_common(_GROUPS)
            ),
            returned=work.returned,
            hidden=hidden,
            until_ms=work.until_ms,
        )

    def _meant(self, work: _Work, letter: Letter) -> bool:
        if not work.command.chosen.takes(letter):
            return False
        if letter.sent_ms > work.until_ms:
            work.returned += 1
            return False
        work.found += 1
        return letter.id not in work.command.skipped

    def _gathered(self, work: _Work, queue: DeadQueue) -> Iterator[list[tuple[Held, Letter]]]:
        """The queue's letters with their reasons, some at a time, until there are no more or the time is over."""
        more = True
        while more:
            gathered: list[Held] = []
            try:
                while more and len(gathered) < _GATHERED:
                    if work.over():
                        work.complete = more = False
                        break
                    try:
                        received = queue.receive(work.hidden_s())
                    except HiddenLimitError:
                        work.complete = more = False
                        break
                    gathered += received
                    more = bool(received)
                if not gathered:
                    return
                reasons = supabase.motivos_falhas(self._database, [held.id for held in gathered])
            except SicfarError:
                work.held |= {held.id: held.handle for held in gathered}
                raise
            yield [
                (
                    held,
                    Letter(
                        queue=queue.name,
                        id=held.id,
                        sent_ms=held.sent_ms,
                        body=held.body,
                        code=reasons[held.id].code if held.id in reasons else None,
                        reason=reasons[held.id].reason if held.id in reasons else None,
                    ),
                )
                for held in gathered
            ]

    def _let_go(self, work: _Work, queue: DeadQueue) -> None:
        handles = list(work.held.values())
        work.held.clear()
        try:
            still = queue.let_go(handles)
        except SicfarError as error:  # they show themselves when their time is over
            _logger.warning("cartas seguem ocultas até o prazo delas: %s", error)
        else:
            if still:
                _logger.warning("%d cartas de %s seguem ocultas até o prazo delas", still, queue.name)

    # Sending back, throwing away --------------------------------------------------------------------------------------

    def _treat(self, work: _Work, queues: Sequence[DeadQueue]) -> Done:
        stopped: Why | None = None
        hidden = 0
        for queue in queues:
            try:
                for letters in self._gathered(work, queue):
                    work.held |= {held.id: held.handle for held, _ in letters}
                    self._treat_some(work, queue, [held for held, letter in letters if self._meant(work, letter)])
                    if work.full or (not work.complete):
                        work.complete = False
                        break
            except SicfarError as error:
                if not work.done and not work.failed:
                    raise
                work.complete, stopped = False, Why.of(error)
            finally:
                self._let_go(work, queue)
            hidden += queue.hidden()
            if not work.complete:
                break
        return Done(
            action=work.command.action,
            found=work.found,
            complete=work.complete,
            moved=work.done,
            left=work.found - work.done if work.complete else None,
            failed_count=len(work.failed),
            failed=failures(work.failed, _FAILURES),
            returned=work.returned,
            hidden=hidden,
            until_ms=work.until_ms,
            who=work.invocation.caller.who,
            stopped=stopped,
        )

    def _treat_some(self, work: _Work, queue: DeadQueue, meant: Sequence[Held]) -> None:
        command = work.command
        # At a slow pace in small batches: the pause after each is then a second at most.
        for batch in packed(meant, min(AT_ONCE, command.per_second)):
            if command.limit is not None:
                batch = batch[: command.limit - work.done - len(work.failed)]
            if not batch or work.over():
                work.complete = False
                return
            begun = self._clock()
            self._note(work, queue, "PEDIDO", {held.id: command.reason or None for held in batch})
            failed = queue.send_back(batch) if command.action is Action.REPLAY else self._keep(work, queue, batch)
            ready = [held for held in batch if held.id not in failed]
            if ready:
                done_to_it = "foi reenviada" if command.action is Action.REPLAY else "foi guardada"
                for one, why in queue.delete(ready).items():
                    failed[one] = f"{done_to_it}, mas não saiu da fila de mortos ({why}); repetir não dobra nada"
            treated = [held.id for held in batch if held.id not in failed]
            work.done += len(treated)
            work.failed |= failed
            for one in treated:
                work.held.pop(one, None)
            self._note(work, queue, "FEITO", dict.fromkeys(treated))
            self._note(work, queue, "FALHOU", failed)
            self._pause(max(0.0, len(batch) / command.per_second - (self._clock() - begun)))

    def _keep(self, work: _Work, queue: DeadQueue, letters: Sequence[Held]) -> dict[str, str]:
        """Keep letters that are thrown away; returns why, for each that the database does not take."""
        failed = {}
        for held in letters:
            try:
                supabase.registrar_descarte(
                    self._database, queue.name, held.id, held.body, work.invocation.caller.who, work.command.reason
                )
            except DatabaseRefusedError as error:
                failed[held.id] = str(error)
        return failed

    def _note(
        self,
        work: _Work,
        queue: DeadQueue,
        phase: Literal["PEDIDO", "FEITO", "FALHOU"],
        letters: Mapping[str, str | None],
    ) -> None:
        if letters:
            told = tuple(TreatedLetter(id=one, detail=detail) for one, detail in letters.items())
            supabase.registrar_tratamento(self._database, _treatment(work.command, work.invocation, queue, phase, told))

    # Whole queues, by SQS itself --------------------------------------------------------------------------------------

    def _move_whole(self, command: Command, queues: Sequence[DeadQueue], invocation: Invocation) -> Done:
        if not command.chosen.everything or command.limit is not None:
            raise CommandError("native_takes_all", "o SQS move filas inteiras", action="tire o filtro e o limite")
        if command.per_second > FASTEST_MOVE:
            raise CommandError("native_too_fast", f"o SQS move no máximo {FASTEST_MOVE} por segundo")
        for queue in queues:
            told = (TreatedLetter(id=None, detail="a fila inteira, movida pelo próprio SQS"),)
            supabase.registrar_tratamento(self._database, _treatment(command, invocation, queue, "PEDIDO", told))
            queue.move_all(command.per_second)
        return Done(action=command.action, found=0, native=self._moves(queues), who=invocation.caller.who)

    def _progress(self, command: Command, queues: Sequence[DeadQueue]) -> Done:
        if command.native:
            return Done(action=command.action, found=0, native=self._moves(queues))
        known = supabase.andamento_tratamento(self._database, command.run)
        return Done(
            action=command.action,
            found=known.asked,
            asked=known.asked,
            moved=known.done,
            failed_count=known.failed,
            hidden=sum(queue.hidden() for queue in queues),
        )

    def _moves(self, queues: Sequence[DeadQueue]) -> tuple[Move, ...]:
        return tuple(move for queue in queues if (move := queue.move()))


def _treatment(
    command: Command,
    invocation: Invocation,
    queue: DeadQueue,
    phase: Literal["PEDIDO", "FEITO", "FALHOU"],
    letters: tuple[TreatedLetter, ...],
) -> Treatment:
    return Treatment(
        run=command.run,
        action="REENVIAR" if command.action is Action.REPLAY else "DESCARTAR",
        phase=phase,
        queue=queue.name,
        who=invocation.caller.who,
        proven=invocation.caller.proven,
        request=invocation.request,
        letters=letters,
    )
