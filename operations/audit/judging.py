"""Where a file's increments belong: counted in a second, one by one in an interval, shown only, or refused.

Judged by the owners and limits of the instant the file was recorded, or read again; what was recorded then follows what
was said later about who counts the line. Where a person decided on the clock of its gateway, what had been counted or
held of it is judged once more, at the instants of the decision. A refusal is on record (`quarentena`), and what the
record says must be what the object says.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from operations.audit.differences import Difference, Pair, counts, instant
from operations.audit.evidence import Filed
from operations.audit.files import Reading
from operations.audit.history import Configuration, Place
from operations.audit.increments import Increment, increments, moved
from operations.audit.rows.ledger import FileStanding, QuarantineRow, SpanRow, SpanStanding
from operations.audit.unreadable import check_unreadable
from sicfar.counts.codes import Flag, Reason
from sicfar.instants import format_instant, to_ms

PARTS = (Reason.LINHA_DESCONHECIDA, Reason.NAO_DONO, Reason.EPOCA_ANTERIOR)
"""Why a part of a file that was counted otherwise is in quarantine; more than one of them can hold of one piece."""

_KEPT = frozenset(SpanStanding) - {SpanStanding.MOVED}

_VECTOR = 1_000_000  # below it a second's sum cannot pass 32 bits, and nothing is held for that


@dataclass(slots=True)
class Judged:
    """What becomes of a file. ``refused``: machine counts in quarantine, by line."""

    seconds: list[Increment] = field(default_factory=list)
    spans: list[tuple[Increment, SpanRow | None]] = field(default_factory=list)
    """With the row that keeps them, if there is one."""
    shown: list[Increment] = field(default_factory=list)
    taken: list[Increment] = field(default_factory=list)
    """Seconds counted once, of a source that did not own the line: taken out again."""
    apart: list[tuple[Increment, SpanRow, Place]] = field(default_factory=list)
    """With the row that keeps them: one by one, shown or taken out."""
    refused: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    differences: list[Difference] = field(default_factory=list)
    claimed: set[int] = field(default_factory=set)
    """Quarantine rows the object explains."""


@dataclass(frozen=True, slots=True)
class _Placing:
    """One judgement of increments: as configured at which instant; the piece in quarantine they were, read again then;
    whether their times are those a decision on their gateway's clock gave."""

    at: datetime
    of: QuarantineRow | None
    moved: bool


class Judge:
    """One file at a time. ``filed`` None: the object has no ledger row, and what would become of it is asked."""

    def __init__(self, configuration: Configuration, source: str, key: str, filed: Filed | None) -> None:
        self._configuration = configuration
        self._source = source
        self._key = key
        self._filed = filed
        self._spans = list(filed.spans) if filed else []
        self._rows = [row for row in filed.quarantined if row.produced is not None] if filed else []
        self._judged = Judged()
        self._move = filed.move if filed else None
        self._moving: list[Increment] = []  # counted or held where the file said, until the clock was decided on

    def judge(self, reading: Reading, at: datetime) -> Judged:
        """Place all of it, as configured at that instant."""
        self._place(increments(reading), _Placing(at, None, moved=False))
        if self._move:
            self._place(moved(self._moving, self._move), _Placing(self._move.at, None, moved=True))
        if self._filed:
            for row in self._spans:
                self._differ(
                    "INTERVALO_SEM_ORIGEM",
                    f"a contagem {row.id} não está no objeto",
                    line=row.line,
                    at=format_instant(to_ms(row.until)),
                    found=counts(row.pair),
                )
        return self._judged

    def _place(self, found: Iterable[Increment], by: _Placing) -> None:
        """Place increments of the file."""
        groups: dict[tuple[str, str | None], list[Increment]] = defaultdict(list)
        found = list(found)
        limits = {line: self._configuration.limit(by.at, line) for line in {one.line for one in found}}
        for one in found:
            owner = self._configuration.owner(by.at, one.line, self._source, one.first, one.second)
            if limits[one.line] is None:
                groups[one.line, Reason.LINHA_DESCONHECIDA].append(one)
            elif owner is None:
                groups[one.line, Reason.NAO_DONO].append(one)
            else:
                groups[one.line, None].append(one)
        for (line, why), group in groups.items():
            certain = self._certain(line, why, group, by)
            if why is not None:
                self._refuse(line, why, certain, by)
                continue
            for one in certain:
                self._take(one, limits[line] or 0, by)

    def _decided_before(self, one: Increment) -> bool:
        """Whether a person had decided on the increment before its batch was moved; else its row is of the past."""
        far = replace(one, span=True, flags=(*one.flags, Flag.IMPLAUSIBLE, Flag.FUTURE))
        shapes = (one, far) if one.span else (replace(one, span=True, flags=(Flag.IMPLAUSIBLE,)), far)
        if any(self._found(shape, {SpanStanding.MOVED}) for shape in shapes):
            return False
        for shape in shapes:
            if row := self._found(shape, {SpanStanding.DECIDED, SpanStanding.DISCARDED}):
                self._judged.spans.append((shape, row))
                return True
        return False

    def _born(self, line: str, why: str, by: _Placing) -> list[QuarantineRow]:
        """The pieces of the line that this placing of its increments made, with that as their first reason."""
        of = by.of
        parents = {of and of.id}
        if of is not None and of.other_reasons is None and why != Reason.EPOCA_ANTERIOR:
            parents.add(None)  # before all reasons were kept, what was left of a piece did not name it
        return [
            row
            for row in self._rows
            if (row.line, row.reason, row.moved) == (line, why, by.moved)
            and row.id not in self._judged.claimed
            and row.left_of in parents
        ]

    def _certain(self, line: str, why: str | None, group: list[Increment], by: _Placing) -> list[Increment]:
        """The increments no earlier época of the gateway may have counted.

        What that was thought of when the file came is on record: of the line's increments, those that began first, as
        many as give what the record says. That doubt stays on a piece read again for another reason.
        """
        rows = [
            row for row in self._born(line, why or Reason.EPOCA_ANTERIOR, by) if Reason.EPOCA_ANTERIOR in row.reasons
        ]
        if by.of is not None and Reason.EPOCA_ANTERIOR in by.of.reasons[1:] and _sum(rows) != _made(group):
            self._missing(line, Reason.EPOCA_ANTERIOR, group)
            return []
        running = [0, 0]
        ordered = sorted(group, key=lambda one: (one.since_ms, one.until_ms))
        for number, one in enumerate(ordered, 1 if rows else len(ordered) + 1):
            _add(running, one.pair)
            if tuple(running) == _sum(rows):
                for row in rows:
                    self._claim(line, row, ordered[:number], by)
                return ordered[number:]
        return group

    def _claim(self, line: str, row: QuarantineRow, group: list[Increment], by: _Placing) -> None:
        """A piece's increments: refused, or placed again when a person had them read again."""
        self._judged.claimed.add(row.id)
        if row.reread_at is None:
            _add(self._judged.refused[line], row.pair)
            return
        piece = [one for one in group if one.second in row.seconds]
        if self._move and not by.moved and row.reread_at > self._move.at:
            self._place(moved(piece, self._move), _Placing(row.reread_at, row, moved=True))
        else:
            self._place(piece, _Placing(row.reread_at, row, moved=by.moved))

    def _kept_as_future(self, one: Increment) -> tuple[Increment, SpanRow] | None:
        """An increment that is held because it is dated after its file came, with the row that keeps it."""
        if self._filed is None or one.until_ms <= to_ms(self._filed.row.written_at):
            return None
        held = replace(one, span=True, flags=(*one.flags, Flag.IMPLAUSIBLE, Flag.FUTURE))
        row = self._found(held)
        return (held, row) if row else None

    def _take(self, one: Increment, limit: int, by: _Placing) -> None:
        where = (one.line, self._source, one.first, one.second)
        if self._move and not by.moved and self._counted(by.at, *where):
            if not self._decided_before(one):
                self._moving.append(one)
            return
        place = self._configuration.place(by.at, *where)
        if place is not Place.COUNTED:
            self._set_apart(one, limit, place)
        elif kept := self._kept_as_future(one):
            self._judged.spans.append(kept)
        elif one.span:
            self._judged.spans.append((one, self._kept(one)))
        else:
            self._count(one, limit)

    def _counted(self, at: datetime, line: str, source: str, first: int, last: int) -> bool:
        owner = self._configuration.owner(at, line, source, first, last)
        return owner is not None and owner.adds

    def _set_apart(self, one: Increment, limit: int, place: Place) -> None:
        """An increment of a second sensor, or of a source that does not count the line: by itself, or in its second.

        Shown before there were rows for them, those that span time have none.
        """
        doubtful = replace(one, flags=(Flag.IMPLAUSIBLE,)) if max(one.pair) > min(limit, _VECTOR) else one
        if kept := self._kept_as_future(one):
            self._judged.apart.append((*kept, place))
        elif (one.span or doubtful is not one) and (row := self._found(one if one.span else doubtful)):
            self._judged.apart.append((one, row, place))
        elif place is Place.SHOWN:
            self._judged.shown.append(one)
        elif one.span or max(one.pair) > limit:
            self._kept(one if one.span else doubtful)
            _add(self._judged.refused[one.line], one.pair)
        else:
            self._judged.taken.append(one)

    def _count(self, one: Increment, limit: int) -> None:
        """A second's counts: into its minute, or held if they are more than the line can make."""
        most = max(one.pair)
        if most <= limit and most <= _VECTOR:
            self._judged.seconds.append(one)
            return
        alone = replace(one, span=True, flags=(Flag.IMPLAUSIBLE,))
        if most > limit:
            self._judged.spans.append((alone, self._kept(alone)))
        elif row := self._found(alone):
            self._judged.spans.append((alone, row))
        else:
            self._judged.seconds.append(one)

    def _found(self, one: Increment, standings: Collection[SpanStanding] = _KEPT) -> SpanRow | None:
        """The interval row that keeps it, taken once."""
        for row in self._spans:
            if row.standing not in standings:
                continue
            same = (row.line, to_ms(row.since), to_ms(row.until), row.pair, row.flags)
            if same == (one.line, one.since_ms, one.until_ms, one.pair, frozenset(one.flags)):
                self._spans.remove(row)
                return row
        return None

    def _kept(self, one: Increment) -> SpanRow | None:
        """The interval row that must keep it."""
        row = self._found(one)
        if row or self._filed is None:
            return row
        self._differ(
            "INTERVALO_AUSENTE",
            "o objeto traz um incremento que o banco não guarda",
            line=one.line,
            at=format_instant(one.until_ms),
            byte_from=one.byte_from,
            byte_to=one.byte_to,
            expected=counts(one.pair),
        )
        return None

    def _refuse(self, line: str, why: str, group: list[Increment], by: _Placing) -> None:
        if not group:
            return
        if self._filed is None:
            _add(self._judged.refused[line], _made(group))
            return
        # One piece, or one for each stretch of time between what was counted.
        for row in self._born(line, why, by):
            piece = [one for one in group if one.second in row.seconds]
            seconds = {one.second for one in piece}
            if row.seconds and {row.seconds[0], row.seconds[-1]} <= seconds and row.pair == _made(piece):
                self._claim(line, row, piece, by)
                group = [one for one in group if one.second not in seconds]
        if group:
            self._missing(line, why, group)

    def _missing(self, line: str, why: str, group: list[Increment]) -> None:
        """Increments that are not counted and not in quarantine, though they should be."""
        pair = _made(group)
        _add(self._judged.refused[line], pair)
        self._differ(
            "QUARENTENA_AUSENTE",
            f"{why}: não está em quarentena o que não podia ser contado",
            line=line,
            at=instant(min(one.second for one in group)),
            byte_from=min(one.byte_from for one in group),
            byte_to=max(one.byte_to for one in group),
            expected=counts(pair),
        )

    def _differ(self, code: str, detail: str, **more: str | int) -> None:
        self._judged.differences.append(Difference(code=code, detail=detail, key=self._key, **more))


def _made(group: Iterable[Increment]) -> Pair:
    group = list(group)
    return sum(one.pair[0] for one in group), sum(one.pair[1] for one in group)


def _sum(rows: Iterable[QuarantineRow]) -> Pair:
    rows = list(rows)
    return sum(row.pair[0] for row in rows), sum(row.pair[1] for row in rows)


def _add(to: list[int], pair: Pair) -> None:
    to[0] += pair[0]
    to[1] += pair[1]


_LedgerLine = tuple[int, int, int, int, int, int, int]
"""Records, first and last (ms), produced, rejected, byte range."""


def _ledger_lines(reading: Reading) -> dict[str, _LedgerLine]:
    """What the ledger must say of each line."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in increments(reading):
        _add(totals[one.line], one.pair)
    found: dict[str, _LedgerLine] = {}
    for line, sums in reading.tally.lines.items():
        made, rejected = totals[line]
        found[line] = (sums.records, sums.first_ms, sums.last_ms, made, rejected, sums.byte_from, sums.byte_to)
    return found


_NOWHERE: _LedgerLine = (0, 0, 0, 0, 0, 0, 0)


def check_ledger(filed: Filed, reading: Reading, tell: Callable[[Difference], None]) -> None:
    """Hold a ledger row's own words against its object."""
    row = filed.row
    repeated = row.standing is FileStanding.REPEATED
    for name, expected, found in (
        ("sha256", reading.sha256, row.sha256),
        ("aceito_sha256", reading.accepted or None, row.accepted_sha256),
        ("inicio_sha256", reading.beginning or None, row.beginning_sha256),
        ("registros", 0 if repeated else reading.tally.records, row.records),
    ):
        if found != expected:
            tell(
                Difference(
                    code="RAZAO_DIVERGE",
                    detail=f"{name} do lançamento {row.id}",
                    key=row.key,
                    expected=str(expected),
                    found=str(found),
                )
            )
    if repeated:
        return
    expected_lines = _ledger_lines(reading)
    found_lines: dict[str, _LedgerLine] = {
        line: (one.records, to_ms(one.since), to_ms(one.until), *one.pair, one.byte_from, one.byte_to)
        for line, one in filed.lines.items()
    }
    for line in sorted(expected_lines.keys() | found_lines.keys()):
        wanted, said = expected_lines.get(line), found_lines.get(line)
        if wanted != said:
            tell(
                Difference(
                    code="RAZAO_DIVERGE",
                    detail=f"a linha no lançamento {row.id} (registros, de, até, produção, rejeição, bytes)",
                    line=line,
                    key=row.key,
                    byte_from=(wanted or said or _NOWHERE)[5],
                    byte_to=(wanted or said or _NOWHERE)[6],
                    expected=str(wanted) if wanted else None,
                    found=str(said) if said else None,
                )
            )
    check_unreadable(filed, reading, tell)
