"""What whole files must come to: bytes in the bucket in, counts out. Reads them itself, the slow and obvious way."""

import gzip
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.support.oracle import Oracle, Pair, Span, Unit, add

START = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = 1 << 62


@dataclass(frozen=True)
class Line:
    """One record as it is written: instants in ms, counts, since when, flags."""

    line: str
    at_ms: int
    counts: Pair
    since_ms: int
    implausible: bool

    @property
    def spans(self) -> bool:
        """Whether it is kept by itself, not in its second."""
        return self.implausible or self.since_ms // 1000 < self.at_ms // 1000

    @property
    def begins_ms(self) -> int:
        """Since when it may have been made, as exactly as it is kept."""
        return self.since_ms if self.spans else self.at_ms // 1000 * 1000


@dataclass
class Item:
    """Something that went to quarantine: of which file and line, all reasons why, at which second, and what it is."""

    key: str
    line: str
    reasons: tuple[str, ...]
    second: int
    counts: Pair
    what: Unit | Span
    counted: bool = False
    not_sent: bool = False
    """A person has said that the lost spool had not sent it."""


def instant(text: str) -> int:
    return (datetime.fromisoformat(text) - START) // timedelta(milliseconds=1)


def records(text: bytes) -> list[Line]:
    found = []
    for raw in text.decode("utf-8", "replace").splitlines():
        fields = raw.split(",")
        if raw.startswith("#") or fields[0] == "timestamp" or len(fields) < 4:
            continue
        since, flags = (fields[4], fields[7]) if len(fields) > 7 else ("", "")
        at_ms = instant(fields[0])
        counts = int(fields[2]), int(fields[3])
        since_ms = instant(since) if since else at_ms
        found.append(Line(fields[1], at_ms, counts, since_ms, "implausivel" in flags.split(";")))
    return found


@dataclass
class PathOracle(Oracle):
    """`epochs`: (época, ms of its beginning) in the order they became known."""

    epochs: list[tuple[str, int]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    damaged: set[tuple[str, str]] = field(default_factory=set)
    loose: dict[str, bytes] = field(default_factory=dict)
    reported: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    given_up: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What was made, by line, of batches that a person gave up."""

    def take_batch(self, key: str, version: str, body: bytes, *, readable: bool) -> str:
        """A sealed batch; `readable`: its bytes came whole. Returns what the database must say of it."""
        _, gateway, epoch, _, _, _, name = key.split("/")
        if not readable or hashlib.sha256(body).hexdigest()[:16] != name[13:29]:
            if key in self.seen and version == self.versions[key]:
                return "JA_APLICADO"
            self.know(epoch, FOREVER)
            if (key, version) not in self.damaged:
                self.latest[key] = version
            self.damaged.add((key, version))
            return "QUARENTENA"
        if key in self.seen:
            return "JA_APLICADO"
        if key in self.thrown_away:
            if self.asked_for.get(key) != version or self.latest.get(key) != version:
                if (key, version) not in self.damaged:
                    self.come_late(key, version, body)
                self.damaged.add((key, version))
                return "QUARENTENA"
            self.thrown_away.discard(key)
            del self.late[key]
        self.seen.add(key)
        self.versions[key] = version
        text = gzip.decompress(body)
        self.place(key, gateway, records(text), self.doubt_of(key, text))
        return "APLICADO"

    versions: dict[str, str] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """The version of a refused batch that was heard of last."""
    asked_for: dict[str, str] = field(default_factory=dict)
    """The version of a batch that a person wants counted though it had been given up."""
    late: dict[str, list[tuple[str, Pair]]] = field(default_factory=dict)
    """What a batch holds that came whole after it had been given up: in quarantine, for a person."""
    thrown_away: set[str] = field(default_factory=set)

    def come_late(self, key: str, version: str, body: bytes) -> None:
        """A version of a batch that was given up has come, whole and for the first time: it waits for a person."""
        self.latest[key] = version
        found = [(one.line, one.counts) for one in records(gzip.decompress(body))]
        self.late[key] = found
        for line, counts in found:
            self.given_up[line] -= counts[0]

    def throw_away(self, key: str, body: bytes) -> None:
        """A person gave up a batch that could never be read; what it held has its answer."""
        if key not in self.seen and key not in self.thrown_away:
            self.thrown_away.add(key)
            for one in records(gzip.decompress(body)):
                self.reported[one.line].add(one.at_ms)
                self.given_up[one.line] += one.counts[0]

    def know(self, epoch: str, began: int, *, earlier: bool = False) -> int:
        """Up to when (ms) another época may have counted the same."""
        names = [name for name, _ in self.epochs]
        if epoch not in names:
            self.epochs.append((epoch, began))
        at = names.index(epoch) if epoch in names else len(names)
        self.epochs[at] = (epoch, min(self.epochs[at][1], began))
        before = [known for _, known in self.epochs[:at]]
        if not before:
            return 0
        began = self.epochs[at][1]
        return FOREVER if earlier or max(before) > began else began

    def take_loose(self, key: str, content: bytes) -> str:
        """A loose file, as it stands at one version. What begins like another one is the same, wherever it lies."""
        whole = content[: content.rfind(b"\n") + 1]
        family = self.family(content)
        counted = max((self.loose[name] for name in family), key=len, default=b"")
        if self.loose.get(key) and key not in family:
            counted = self.loose[key]
        if not whole and key not in self.loose:
            self.loose[key] = b""
            return "APLICADO"
        if counted.startswith(whole):
            self.loose[key] = counted
            return "JA_APLICADO"
        if not whole.startswith(counted):
            return "QUARENTENA"
        self.loose[key] = whole
        self.place(key, "avulso", records(whole[len(counted) :]), 0)
        return "APLICADO"

    def family(self, content: bytes) -> list[str]:
        head = content[: content.find(b"\n") + 1]
        return [name for name, known in self.loose.items() if head and known.startswith(head)]

    def place(self, key: str, source: str, lines: list[Line], doubt: int) -> None:
        cells: dict[tuple[str, int], Pair] = {}
        spans = []
        for one in lines:
            self.reported[one.line].add(one.at_ms)
            if one.spans:
                spans.append(Span(-1, one.line, one.since_ms, one.at_ms, one.counts, one.implausible))
            else:
                where = one.line, one.at_ms // 1000
                cells[where] = add([cells.get(where, (0, 0)), one.counts])
        units = [Unit(line, second, counts) for (line, second), counts in cells.items()]
        for unit in units:
            if any(unit.counts):
                self.sort(key, source, unit, unit.second, unit.second * 1000, unit.second, doubt)
        for span in spans:
            if any(span.counts):
                self.sort(key, source, span, span.since_ms // 1000, span.since_ms, span.until_ms // 1000, doubt)

    def sort(self, key: str, source: str, what: Unit | Span, first: int, first_ms: int, last: int, doubt: int) -> None:
        """One increment to where it belongs: counted, or set aside with all that speaks against it."""
        reasons: tuple[str, ...] = () if self.owns(source, what.line, first, last) else ("NAO_DONO",)
        reasons += ("EPOCA_ANTERIOR",) if first_ms < doubt else ()
        if reasons:
            self.items.append(Item(key, what.line, reasons, last, what.counts, what))
        else:
            self.count(source, what)

    def count(self, source: str, what: Unit | Span) -> None:
        # An owned increment of no doubt: the plain oracle knows the rest.
        name = f"{len(self.seen)}-{len(self.units)}-{len(self.spans)}"
        self.deliver(name, source, [what] if isinstance(what, Unit) else [], [what] if isinstance(what, Span) else [])
        self.seen.discard(name)

    def reread(
        self, key: str, line: str, reasons: tuple[str, ...], source: str, first: int, last: int, text: bytes
    ) -> str:
        """A person had a quarantined piece of a file read again: seconds `first` to `last` of one line.

        That the lost spool had not sent it is settled by a person, and only where it is all there is to settle.
        """
        meant = [
            i
            for i in self.items
            if (i.key, i.line, i.reasons) == (key, line, reasons) and first <= i.second <= last and not i.counted
        ]
        doubt = self.doubt_of(key, text) if source != "avulso" else 0
        there = [one for one in records(text) if one.line == line and first <= one.at_ms // 1000 <= last]
        alike = [one for one in there if (one.begins_ms < doubt) == ("EPOCA_ANTERIOR" in reasons)]
        if add(item.counts for item in meant) not in (add(o.counts for o in there), add(o.counts for o in alike)):
            return "QUARENTENA"
        for item in meant:
            item.counted = True
            item.not_sent |= reasons == ("EPOCA_ANTERIOR",)
            what = item.what
            start_ms = what.second * 1000 if isinstance(what, Unit) else what.since_ms
            still = 0 if item.not_sent else FOREVER if "EPOCA_ANTERIOR" in reasons else doubt
            self.sort(key, source, what, start_ms // 1000, start_ms, item.second, still)
            if self.items[-1].what is what:
                self.items[-1].not_sent = item.not_sent
        return "APLICADO"

    def doubt_of(self, key: str, text: bytes) -> int:
        """Up to when (ms) another epoch may have counted what this batch brings, as is known now."""
        first = dict(word.split("=") for word in text.split(b"\n")[0].decode().split()[3:])
        return self.know(key.split("/")[2], instant(first["inicio"]), earlier="anterior" in first)

    def balance(self, line: str) -> tuple[Pair, Pair, Pair, Pair]:
        """Quarantined is what went there and was not counted after all, and what left the totals with its source."""
        self.quarantined = [(item.line, item.counts) for item in self.items if not item.counted]
        self.quarantined += [(a.what.line, a.what.counts) for a in self.arrivals if not self.counts(a)]
        self.quarantined += [piece for pieces in self.late.values() for piece in pieces]
        return super().balance(line)
