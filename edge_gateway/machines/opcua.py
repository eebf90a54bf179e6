"""An OPC UA server: its counters by subscription, every change with the time the machine gives it.

- **Only read.** The session subscribes, reads the server's status and nothing else; nothing is written or called.
- **Time** of a change is the machine's (source timestamp, else the server's). If the server's clock is off beyond the
  tolerance, or a change just published claims to be older or newer than that, the change takes the time of the
  publication, flagged ``relogio``. While this computer's own clock is in doubt (`edge_gateway.clock`) it proves nothing
  about the server's, whose time stands; the server is a witness of ours.
- **Known until**: the server's clock at its last publication or good status, less the time a change may take to be
  published. Silence of a subscription that lives means "unchanged", and is counted as a reading of every good counter.
- **Reconnecting** reads every counter anew: they run on, so nothing that happened meanwhile is missing.
- **One bad node** (absent, not readable, not an integer, Bad or Uncertain) keeps its own line's mark and no other's. It
  is asked for again once a minute: machines are reprogrammed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_gateway.clock import OwnClock, instant
from edge_gateway.machines.counters import CounterBook, Observation
from edge_gateway.machines.description import Line
from edge_gateway.machines.opcua_client import Change, Session
from edge_gateway.machines.opcua_config import OpcUaConfig, OpcUaPoint
from edge_gateway.machines.opcua_identity import OpcUaRefusedError
from edge_gateway.machines.opcua_values import Value
from edge_gateway.source import Content, ReadResult, SourceError
from sicfar.counts.codes import Flag
from sicfar.counts.record import Record

_STATUS_S: Final = 5.0
_RETRY_S: Final = 60.0
_SET_BACK_MS: Final = 5_000
"""More than a server's publications and answers can differ by, each from the other."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose counter a handle is."""

    line: Line[OpcUaPoint]
    production: bool
    point: OpcUaPoint

    def __str__(self) -> str:
        return f"{self.line.line}, {'production' if self.production else 'rejected'}"


@dataclass(slots=True)
class _Draft:
    """What one reading will change, until it is acknowledged."""

    values: dict[int, Value]
    last_ms: dict[str, int]
    doubted: bool
    """Whether this computer's own clock is in doubt."""


class OpcUaSource:
    """A `Source` over one server. `positions` and `marks` are what the spool holds of it.

    `own_clock`: the judge of this computer's clock.
    """

    def __init__(
        self,
        config: OpcUaConfig,
        positions: Mapping[str, bytes],
        marks: Mapping[str, int],
        *,
        own_clock: OwnClock | None = None,
    ) -> None:
        self._config = config
        self._own_clock = own_clock or OwnClock()
        self._witness_ms = 0
        self._book = CounterBook(config.name, config.lines, positions, marks)
        self._places: dict[int, _Place] = {}
        for line in config.lines:
            for counter in line.counters:
                is_production = counter is line.production
                self._places[len(self._places)] = _Place(line, is_production, counter.point)
        self._handles: dict[str, list[int]] = {}
        """Of a line's counters, production first."""
        for handle, place in self._places.items():
            self._handles.setdefault(place.line.line, []).append(handle)
        self._session: Session | None = None
        self._problems: dict[int, str] = {}
        self._values: dict[int, Value] = {}
        self._last_ms = dict(marks)
        self._status_ms = 0
        self._status_due = self._retry_due = 0.0

    @property
    def name(self) -> str:
        """The machine's key in the configuration."""
        return self._config.name

    @property
    def period_ms(self) -> int:
        """Time between two reads of what was published, milliseconds."""
        return self._config.poll_ms

    async def connect(self) -> None:
        """Open a session and subscribe to every counter. Raises SourceError or OpcUaRefusedError."""
        await self.close()
        session = await Session.open(self._config)
        self._session = session
        self._values, self._status_ms = {}, 0
        self._problems = await session.watch({handle: place.point for handle, place in self._places.items()})
        now = time.monotonic()
        self._status_due, self._retry_due = now + _STATUS_S, now + _RETRY_S
        if len(self._problems) == len(self._places):
            raise OpcUaRefusedError(
                self._trouble(),
                f"clps.{self._config.name}.lines",
                "confira os node ids com check --probe e as permissões do usuário na máquina",
            )

    async def read(self) -> ReadResult:
        """What was published since the last acknowledged read. Raises SourceError once the session has broken."""
        session = self._session
        if session is None:
            raise SourceError("fonte lida antes de conectada", self.name)
        session.check()
        await self._look_after(session)
        taken = len(session.pending)
        draft = self._draft(session)
        observations, retimed = self._replay(session.pending[:taken], draft)
        seen = {(each.line, each.at_ms) for each in observations}
        observations += self._confirm(session, draft, seen)
        content, progress, ack = self._book.take(observations)

        def accept() -> None:
            ack()
            del session.pending[:taken]
            self._values, self._last_ms = draft.values, draft.last_ms

        if retimed:
            flagged = {kind: [_flagged(record, retimed) for record in found] for kind, found in content.records.items()}
            content = Content(flagged, content.unreadable)
        return ReadResult(content, replace(progress, trouble=self._trouble(draft.values)), accept)

    def _draft(self, session: Session) -> _Draft:
        """The state this reading begins with, once the server's clock and ours have been put beside each other."""
        now = instant()
        if session.read_ms != self._witness_ms:
            self._witness_ms = session.read_ms
            if session.publish_ms != session.read_ms:  # a server that says no time is none
                self._own_clock.source(self.name, "", session.publish_ms, now)
        draft = _Draft(dict(self._values), dict(self._last_ms), self._own_clock.judge(now).doubt is not None)
        if session.read_ms:
            # What is known to a later time was timed by a clock that has been set back since, the server's or ours.
            limit_ms = self._alive_ms(session, draft) + _SET_BACK_MS
            draft.last_ms = {line: min(ms, limit_ms) for line, ms in draft.last_ms.items()}
        return draft

    def _alive_ms(self, session: Session, draft: _Draft) -> int:
        """When the server last published, by its clock if that is believed, else by ours."""
        off_ms = abs(session.publish_ms - session.read_ms)
        trusted = draft.doubted or off_ms <= self._config.clock_tolerance_s * 1000
        return session.publish_ms if trusted else session.read_ms

    async def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _look_after(self, session: Session) -> None:
        now = time.monotonic()
        if now >= self._status_due:
            self._status_ms = await session.ask_status()
            self._status_due = now + _STATUS_S
        if self._problems and now >= self._retry_due:
            self._problems = await session.watch({handle: self._places[handle].point for handle in self._problems})
            self._retry_due = now + _RETRY_S

    def _replay(self, changes: list[Change], draft: _Draft) -> tuple[list[Observation], set[tuple[str, int]]]:
        """The changes as observations in order of time; which of them (line, instant) lost their own time."""
        observations: dict[tuple[str, int], Observation] = {}
        retimed: set[tuple[str, int]] = set()
        timed = [(*self._time_of(change, draft), change) for change in changes]
        for at_ms, doubted, change in sorted(timed, key=lambda item: item[0]):
            line = self._places[change.handle].line
            draft.values[change.handle] = change.value
            at_ms = max(at_ms, draft.last_ms.get(line.line, 0))
            seen = self._observe(line, at_ms, None if draft.doubted else change.publish_ms - change.read_ms, draft)
            if seen is None:
                continue
            draft.last_ms[line.line] = at_ms
            observations[line.line, at_ms] = seen
            if doubted:
                retimed.add((line.line, at_ms))
        return list(observations.values()), retimed

    def _time_of(self, change: Change, draft: _Draft) -> tuple[int, bool]:
        """When it happened, and whether that is not what the machine says because its clock is not believed."""
        tolerance_ms = self._config.clock_tolerance_s * 1000
        if not draft.doubted and abs(change.publish_ms - change.read_ms) > tolerance_ms:
            return change.read_ms, True
        if change.at_ms is None:
            return change.publish_ms, False
        age_ms = change.publish_ms - change.at_ms
        if age_ms < -tolerance_ms or (age_ms > tolerance_ms and not change.initial):
            return change.publish_ms, True
        # What is as old as what was already counted happened since, whatever its time says.
        known_ms = draft.last_ms.get(self._places[change.handle].line.line, 0)
        return (change.at_ms, False) if change.at_ms >= known_ms else (change.publish_ms, False)

    def _confirm(self, session: Session, draft: _Draft, seen: set[tuple[str, int]]) -> list[Observation]:
        """Every line once more: unchanged up to the last sign of life; but not what was `seen` at that very instant."""
        if not session.publish_ms:
            return []
        clock_ms = None if draft.doubted else session.publish_ms - session.read_ms
        alive_ms = self._alive_ms(session, draft)
        if alive_ms == session.publish_ms and session.complete:
            alive_ms = max(alive_ms, self._status_ms)
        observations = []
        for line in self._config.lines:
            at_ms = max(alive_ms - session.margin_ms, draft.last_ms.get(line.line, 0))
            if (line.line, at_ms) in seen:
                continue
            confirmed = self._observe(line, at_ms, clock_ms, draft)
            if confirmed is not None:
                draft.last_ms[line.line] = at_ms
                observations.append(confirmed)
        return observations

    def _observe(self, line: Line[OpcUaPoint], at_ms: int, clock_ms: int | None, draft: _Draft) -> Observation | None:
        """The line's counters as they stand; None while one that is watched has not spoken."""
        raws: list[int | None] = []
        for handle in self._handles[line.line]:
            if handle in self._problems:
                raws.append(None)
            elif (value := draft.values.get(handle)) is None:
                return None
            else:
                raws.append(value.raw)
        production, rejected = (*raws, None)[:2]
        return Observation(line.line, at_ms, production, rejected, clock_ms)

    def _trouble(self, values: Mapping[int, Value] | None = None) -> str:
        """What is wrong with which counter, for a person."""
        parts = []
        for handle, place in self._places.items():
            value = (values or {}).get(handle)
            if handle in self._problems:
                parts.append(f"{place}: {self._problems[handle]}")
            elif value is not None and value.raw is None:
                parts.append(f"{place}: {value.reason} ({place.point})")
        return "; ".join(parts)


def _flagged(record: Record, retimed: set[tuple[str, int]]) -> Record:
    if (record.line, record.at_ms) not in retimed:
        return record
    return replace(record, flags=(*record.flags, Flag.CLOCK))
