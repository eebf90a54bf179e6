"""Where a file's increments belong: counted in a second, one by one in an interval, shown only, or refused.

Judged by the owners and limits of the instant the file was recorded, or read again; what was recorded then follows what
was said later about who counts the line. A refusal is on record (`quarentena`), and what the record says must be what
the object says.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from operations.audit.differences import Difference, Pair, counts, instant
from operations.audit.evidence import Filed, Row
from operations.audit.files import Reading
from operations.audit.history import Configuration, Role
from sicfar.counts.codes import Flag, Reason
from sicfar.instants import format_instant, to_ms

PARTS = (Reason.LINHA_DESCONHECIDA, Reason.NAO_DONO, Reason.EPOCA_ANTERIOR)
"""Why a part of a file that was counted otherwise is in quarantine; more than one of them can hold of one piece."""

_VECTOR = 1_000_000  # below it a second's sum cannot pass 32 bits, and nothing is held for that


@dataclass(frozen=True, slots=True)
class Increment:
    """Counts of one second of a file, or one record that spans time. Milliseconds since the epoch."""

    line: str
    since_ms: int
    until_ms: int
    pair: Pair
    span: bool
    flags: tuple[str, ...]
    byte_from: int
    byte_to: int

    @property
    def first(self) -> int:
        """Its first second."""
        return self.since_ms // 1000

    @property
    def second(self) -> int:
        """Its last second."""
        return self.until_ms // 1000


@dataclass(slots=True)
class Judged:
    """What becomes of a file. ``refused``: machine counts in quarantine, by line."""

    seconds: list[Increment] = field(default_factory=list)
    spans: list[tuple[Increment, Row | None]] = field(default_factory=list)
    """With the row that keeps them, if there is one."""
    shown: list[Increment] = field(default_factory=list)
    taken: list[Increment] = field(default_factory=list)
    """Seconds counted once, of a source that did not own the line: taken out again."""
    apart: list[tuple[Increment, Row, Role]] = field(default_factory=list)
    """With the row that keeps them: one by one, shown or taken out."""
    refused: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    differences: list[Difference] = field(default_factory=list)
    claimed: set[int] = field(default_factory=set)
    """Quarantine rows the object explains."""


def increments(reading: Reading) -> Iterator[Increment]:
    """Everything an object counts that is not nothing."""
    for sums in reading.tally.lines.values():
        for second, (made, rejected) in sums.seconds.items():
            if made or rejected:
                at = second * 1000
                place = (sums.byte_from, sums.byte_to)
                yield Increment(sums.line, at, at, (made, rejected), False, (), *place)
    for span in reading.tally.spans:
        if span.produced or span.rejected:
            pair = (span.produced, span.rejected)
            place = (span.byte_from, span.byte_to)
            yield Increment(span.line, span.since_ms, span.at_ms, pair, True, span.flags, *place)


class Judge:
    """One file at a time. ``filed`` None: the object has no ledger row, and what would become of it is asked."""

    def __init__(self, configuration: Configuration, source: str, key: str, filed: Filed | None) -> None:
        self._configuration = configuration
        self._source = source
        self._key = key
        self._filed = filed
        self._spans = list(filed.spans) if filed else []
        self._rows = [row for row in filed.quarantined if row["producao"] is not None] if filed else []
        self._judged = Judged()

    def judge(self, reading: Reading, at: datetime) -> Judged:
        """Place all of it, as configured at that instant."""
        self._place(list(increments(reading)), at, None)
        if self._filed:
            for row in self._spans:
                self._differ(
                    "INTERVALO_SEM_ORIGEM",
                    f"a contagem {row['id']} não está no objeto",
                    linha_id=row["linha_id"],
                    em=format_instant(to_ms(row["ate"])),
                    encontrado=counts((row["producao"], row["rejeicao"])),
                )
        return self._judged

    def _place(self, found: Iterable[Increment], at: datetime, of: Row | None) -> None:
        """Place increments of the file, as configured at that instant; `of`: the piece they were, read again then."""
        groups: dict[tuple[str, str | None], list[Increment]] = defaultdict(list)
        found = list(found)
        limits = {line: self._configuration.limit(at, line) for line in {one.line for one in found}}
        for one in found:
            owner = self._configuration.owner(at, one.line, self._source, one.first, one.second)
            if limits[one.line] is None:
                groups[one.line, Reason.LINHA_DESCONHECIDA].append(one)
            elif owner is None:
                groups[one.line, Reason.NAO_DONO].append(one)
            else:
                groups[one.line, None].append(one)
        for (line, why), group in groups.items():
            certain = self._certain(line, why, group, of)
            if why is not None:
                self._refuse(line, why, certain, of)
                continue
            for one in certain:
                role = self._configuration.role(at, one.line, self._source, one.first, one.second)
                if role is not Role.COUNTED:
                    self._set_apart(one, limits[line] or 0, role)
                elif kept := self._kept_as_future(one):
                    self._judged.spans.append(kept)
                elif one.span:
                    self._judged.spans.append((one, self._kept(one)))
                else:
                    self._count(one, limits[line] or 0)

    def _born(self, line: str, why: str, of: Row | None) -> list[Row]:
        """The pieces of the line that this placing of its increments made, with that as their first reason."""
        parents = {of and of["id"]}
        if of is not None and of["outros_motivos"] is None and why != Reason.EPOCA_ANTERIOR:
            parents.add(None)  # before all reasons were kept, what was left of a piece did not name it
        return [
            row
            for row in self._rows
            if (row["linha_id"], row["motivo"]) == (line, why)
            and row["id"] not in self._judged.claimed
            and row["anterior_id"] in parents
        ]

    def _certain(self, line: str, why: str | None, group: list[Increment], of: Row | None) -> list[Increment]:
        """The increments no earlier época of the gateway may have counted.

        What that was thought of when the file came is on record: of the line's increments, those that began first, as
        many as give what the record says. That doubt stays on a piece read again for another reason.
        """
        rows = [
            row for row in self._born(line, why or Reason.EPOCA_ANTERIOR, of) if Reason.EPOCA_ANTERIOR in _reasons(row)
        ]
        if of is not None and Reason.EPOCA_ANTERIOR in _reasons(of)[1:] and _sum(rows) != _made(group):
            self._missing(line, Reason.EPOCA_ANTERIOR, group)
            return []
        running = [0, 0]
        ordered = sorted(group, key=lambda one: (one.since_ms, one.until_ms))
        for number, one in enumerate(ordered, 1 if rows else len(ordered) + 1):
            _add(running, one.pair)
            if tuple(running) == _sum(rows):
                for row in rows:
                    self._claim(row, ordered[:number])
                return ordered[number:]
        return group

    def _claim(self, row: Row, group: list[Increment]) -> None:
        """A piece's increments: refused, or placed again when a person had them read again."""
        self._judged.claimed.add(row["id"])
        if row["decisao"] != "REPROCESSADO":
            _add(self._judged.refused[row["linha_id"]], (row["producao"], row["rejeicao"]))
            return
        first, last = to_ms(row["de"]) // 1000, to_ms(row["ate"]) // 1000
        self._place([one for one in group if first <= one.second <= last], row["resolvida_em"], row)

    def _kept_as_future(self, one: Increment) -> tuple[Increment, Row] | None:
        """An increment that is held because it is dated after its file came, with the row that keeps it."""
        if self._filed is None or one.until_ms <= to_ms(self._filed.row["gravado_em"]):
            return None
        held = replace(one, span=True, flags=(*one.flags, Flag.IMPLAUSIBLE, Flag.FUTURE))
        row = self._found(held)
        return (held, row) if row else None

    def _set_apart(self, one: Increment, limit: int, role: Role) -> None:
        """An increment of a second sensor, or of a source that does not count the line: by itself, or in its second.

        Shown before there were rows for them, those that span time have none.
        """
        doubtful = replace(one, flags=(Flag.IMPLAUSIBLE,)) if max(one.pair) > min(limit, _VECTOR) else one
        if kept := self._kept_as_future(one):
            self._judged.apart.append((*kept, role))
        elif (one.span or doubtful is not one) and (row := self._found(one if one.span else doubtful)):
            self._judged.apart.append((one, row, role))
        elif role is Role.SHOWN:
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

    def _found(self, one: Increment) -> Row | None:
        """The interval row that keeps it, taken once."""
        for row in self._spans:
            same = (row["linha_id"], to_ms(row["desde"]), to_ms(row["ate"]), row["producao"], row["rejeicao"])
            if same == (one.line, one.since_ms, one.until_ms, *one.pair) and set(row["flags"]) == set(one.flags):
                self._spans.remove(row)
                return row
        return None

    def _kept(self, one: Increment) -> Row | None:
        """The interval row that must keep it."""
        row = self._found(one)
        if row or self._filed is None:
            return row
        self._differ(
            "INTERVALO_AUSENTE",
            "o objeto traz um incremento que o banco não guarda",
            linha_id=one.line,
            em=format_instant(one.until_ms),
            byte_de=one.byte_from,
            byte_ate=one.byte_to,
            esperado=counts(one.pair),
        )
        return None

    def _refuse(self, line: str, why: str, group: list[Increment], of: Row | None) -> None:
        if not group:
            return
        if self._filed is None:
            _add(self._judged.refused[line], _made(group))
            return
        # One piece, or one for each stretch of time between what was counted.
        for row in self._born(line, why, of):
            first, last = to_ms(row["de"]) // 1000, to_ms(row["ate"]) // 1000
            piece = [one for one in group if first <= one.second <= last]
            seconds = {one.second for one in piece}
            if {first, last} <= seconds and _sum([row]) == _made(piece):
                self._claim(row, piece)
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
            linha_id=line,
            em=instant(min(one.second for one in group)),
            byte_de=min(one.byte_from for one in group),
            byte_ate=max(one.byte_to for one in group),
            esperado=counts(pair),
        )

    def _differ(self, what: str, detail: str, **more: str | int) -> None:
        self._judged.differences.append(Difference(what, detail, objeto=self._key, **more))  # type: ignore[arg-type]


def _reasons(row: Row) -> tuple[str, ...]:
    return row["motivo"], *(row["outros_motivos"] or ())


def _made(group: Iterable[Increment]) -> Pair:
    group = list(group)
    return sum(one.pair[0] for one in group), sum(one.pair[1] for one in group)


def _sum(rows: Iterable[Row]) -> Pair:
    rows = list(rows)
    return sum(row["producao"] for row in rows), sum(row["rejeicao"] for row in rows)


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
    for name, expected in (
        ("sha256", reading.sha256),
        ("aceito_sha256", reading.accepted or None),
        ("inicio_sha256", reading.beginning or None),
        ("registros", 0 if row["situacao"] == "REPETIDO" else reading.tally.records),
    ):
        if row[name] != expected:
            tell(
                Difference(
                    "RAZAO_DIVERGE",
                    f"{name} do lançamento {row['id']}",
                    objeto=row["chave"],
                    esperado=str(expected),
                    encontrado=str(row[name]),
                )
            )
    if row["situacao"] == "REPETIDO":
        return
    expected_lines = _ledger_lines(reading)
    found_lines: dict[str, _LedgerLine] = {
        line: (
            one["registros"], to_ms(one["de"]), to_ms(one["ate"]), one["producao"], one["rejeicao"], one["byte_de"],
            one["byte_ate"],
        )
        for line, one in filed.lines.items()
    }  # fmt: skip
    for line in sorted(expected_lines.keys() | found_lines.keys()):
        wanted, found = expected_lines.get(line), found_lines.get(line)
        if wanted != found:
            tell(
                Difference(
                    "RAZAO_DIVERGE",
                    f"a linha no lançamento {row['id']} (registros, de, até, produção, rejeição, bytes)",
                    linha_id=line,
                    objeto=row["chave"],
                    byte_de=(wanted or found or _NOWHERE)[5],
                    byte_ate=(wanted or found or _NOWHERE)[6],
                    esperado=str(wanted) if wanted else None,
                    encontrado=str(found) if found else None,
                )
            )
    _check_unreadable(filed, reading, tell)


def _check_unreadable(filed: Filed, reading: Reading, tell: Callable[[Difference], None]) -> None:
    """What nobody could read must be in quarantine. A torn last line may have become whole since."""
    expected = {(str(one.reason), one.byte_from, one.byte_to) for one in reading.tally.problems}
    expected |= {(one.reason, one.byte_from, one.byte_to) for one in reading.unreadable}
    found = {(row["motivo"], row["byte_de"], row["byte_ate"]) for row in filed.quarantined if row["linha_id"] is None}
    for why, begin, end in sorted(expected - found):
        tell(
            Difference(
                "QUARENTENA_AUSENTE",
                f"{why}: não está em quarentena o que não pôde ser lido",
                objeto=filed.row["chave"],
                byte_de=begin,
                byte_ate=end,
            )
        )
