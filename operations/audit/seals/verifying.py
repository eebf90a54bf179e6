"""The rows, held against the seals: each that was changed, deleted, put in later or never sealed is named.

The bucket is believed, the database is not. Of a row that two seals name the first one counts.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import Field

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence
from operations.audit.rows import Row
from operations.audit.seals.chain import Chain, Kept
from operations.audit.seals.ranges import Ranges
from operations.audit.seals.rows import Columns, Rows, RowText
from operations.audit.seals.seal import Line, Seal, SealUnreadableError, row_hash
from operations.audit.seals.tables import BY_NAME, SEALED
from sicfar.instants import format_instant, to_ms

LATE = timedelta(minutes=15)
"""How much earlier than a seal a row may say it was made, and yet be in the next one: no transaction takes so long."""
SEALED_WITHIN = timedelta(minutes=15)
"""After so long a committed row is in a seal, or sealing has stopped."""


class _CopyRow(Row, frozen=True):
    position: int = Field(alias="posicao")
    previous: str | None = Field(alias="anterior")
    sha256: str
    read_at: datetime = Field(alias="selado_em")
    rows: int = Field(alias="registros")


class Verifying:
    """One snapshot's rows against a chain. ``since``, ``until``: instants between which seals are looked at; the chain
    before them is only followed where it is needed to go on."""

    def __init__(
        self,
        evidence: Evidence,
        rows: Rows,
        chain: Chain,
        tell: Tell,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._evidence = evidence
        self._rows = rows
        self._chain = chain
        self._tell = tell
        self._since = since
        self._until = until
        self.seals = 0
        self.sealed_rows = 0
        self.last = 0
        """The last position of the chain."""
        self._sealed: dict[str, Ranges] = defaultdict(Ranges)
        self._settled: dict[str, int] = {}  # the highest number sealed so long ago that none below it may be unsealed
        self._complete_at: datetime | None = None  # the last seal that left nothing

    @property
    def _whole(self) -> bool:
        return self._since is None and self._until is None

    def check(self) -> None:
        """Look at the chain, its copies and every row it names; of the whole chain also at what it does not name."""
        for table in SEALED:
            if table.name not in self._rows.columns:
                self._say("TABELA_TROCADA", table.name, None, None, "não é mais a tabela que foi selada")
        copies = {
            row.position: row
            for row in self._evidence.stream(
                _CopyRow, "select s.posicao, s.anterior, s.sha256, s.selado_em, s.registros from public.selos as s"
            )
        }
        seen: set[int] = set()
        for seal in self._followed(copies, seen):
            self._rows_of(seal)
        for position in sorted(copies.keys() - seen if self._whole else {one for one in copies if one > self.last}):
            self._say("SELO_DIVERGE", "selos", position, None, "está no banco e não no bucket dos selos")
        if self._whole:
            self._unsealed()

    # The chain --------------------------------------------------------------------------------------------------------

    def _followed(self, copies: dict[int, _CopyRow], seen: set[int]) -> Iterator[Seal]:
        expected, previous = self._first(copies), None
        for kept, seal in self._chain.read_all(self._chain.kept(expected)):
            seen.add(kept.position)
            self.last = kept.position
            if kept.rewritten:
                self._say("SELO_REGRAVADO", "selos", kept.position, None, "o objeto tem mais de uma versão")
            if kept.position != expected:
                gone = f"faltam no bucket os selos de {expected} a {kept.position - 1}"
                self._say("SELO_AUSENTE", "selos", expected, None, gone)
            if isinstance(seal, SealUnreadableError):
                self._say("SELO_ILEGIVEL", "selos", kept.position, None, seal.what)
                expected, previous = kept.position + 1, None
                continue
            self._linked(kept, seal, expected, previous)
            expected, previous = kept.position + 1, seal.sha256
            self._copied(seal, copies.get(kept.position))
            if (self._since is None or seal.header.read_at >= self._since) and (
                self._until is None or seal.header.read_at < self._until
            ):
                yield seal
            if seal.header.complete:
                self._complete_at = seal.header.read_at

    def _first(self, copies: dict[int, _CopyRow]) -> int:
        """Where to begin: with a seal before the span asked for, by the database's copies."""
        if self._since is None:
            return 1
        before = [position for position, row in copies.items() if row.read_at < self._since]
        return max(before, default=1)

    def _linked(self, kept: Kept, seal: Seal, expected: int, previous: str | None) -> None:
        if kept.position == expected and previous is not None and seal.header.previous != previous:
            self._say("SELO_QUEBRADO", "selos", kept.position, None, "não nomeia o selo anterior")
        if seal.header.position != kept.position:
            self._say("SELO_QUEBRADO", "selos", kept.position, None, f"diz ser o selo {seal.header.position}")

    def _copied(self, seal: Seal, copy: _CopyRow | None) -> None:
        header = seal.header
        if copy is None:
            # What was sealed a moment ago is copied by the next run.
            if self._rows.read_at - header.read_at > SEALED_WITHIN:
                self._say("SELO_DIVERGE", "selos", header.position, None, "está no bucket dos selos e não no banco")
            return
        wanted = (header.previous, seal.sha256, header.read_at, header.rows)
        if (copy.previous, copy.sha256, copy.read_at, copy.rows) != wanted:
            self._say("SELO_DIVERGE", "selos", header.position, None, "a cópia no banco não é a do bucket dos selos")

    # Its rows ---------------------------------------------------------------------------------------------------------

    def _rows_of(self, seal: Seal) -> None:
        self.seals += 1
        by_table: dict[str, list[Line]] = defaultdict(list)
        for line in seal.lines:
            by_table[line.table].append(line)
        old = self._rows.read_at - seal.header.read_at > SEALED_WITHIN
        for name, lines in by_table.items():
            table, sealed = BY_NAME.get(name), self._sealed[name]
            fresh = [line for line in lines if line.number not in sealed]
            if table is None or name not in self._rows.columns:
                continue
            there = {row.number: row for row in self._rows.of(table, [one.number for one in fresh], _known(seal, name))}
            for line in fresh:
                sealed.add(line.number)
                self._row(seal, line, there.get(line.number))
            if old:
                self._settled[name] = max(self._settled.get(name, 0), lines[-1].number)
            self.sealed_rows += len(fresh)

    def _row(self, seal: Seal, line: Line, row: RowText | None) -> None:
        position = seal.header.position
        if row is None:
            self._say("REGISTRO_APAGADO", line.table, line.number, position, "foi selado e não existe mais")
        elif row_hash(row.text) != line.sha256:
            self._say("REGISTRO_ALTERADO", line.table, line.number, position, "não é mais o que foi selado")
        elif row.made_at and self._complete_at and row.made_at < self._complete_at - LATE:
            what = (
                f"diz ser de {format_instant(to_ms(row.made_at))}, e o selo de"
                f" {format_instant(to_ms(self._complete_at))} não o tinha"
            )
            self._say("REGISTRO_RETRODATADO", line.table, line.number, position, what)

    def _unsealed(self) -> None:
        """What stands below a number sealed long ago has been hidden from the seals; what stands above waits."""
        waiting = 0
        for table in SEALED:
            if table.name not in self._rows.columns:
                continue
            sealed, settled = self._sealed[table.name], self._settled.get(table.name, 0)
            for number in self._rows.numbers(table):
                if number in sealed:
                    continue
                if number < settled:
                    self._say("REGISTRO_SEM_SELO", table.name, number, None, "selos posteriores não o têm")
                else:
                    waiting += 1
        if waiting and (self._complete_at is None or self._rows.read_at - self._complete_at > SEALED_WITHIN):
            at = "nunca" if self._complete_at is None else f"desde {format_instant(to_ms(self._complete_at))}"
            self._say("SELAGEM_PARADA", "selos", None, self.last or None, f"{waiting} registros sem selo; {at}")

    def _say(self, code: str, table: str, number: int | None, seal: int | None, what: str) -> None:
        which = table if number is None else f"{table}:{number}"
        place = f", selo {seal}" if seal is not None else ""
        self._tell(Difference(code=code, detail=f"{which}{place}: {what}", record=which, seal=seal))


def _known(seal: Seal, name: str) -> Columns:
    """The columns a table and its part had when it was sealed."""
    part = BY_NAME[name].part
    names = [name, part[0]] if part else [name]
    return {one: seal.header.columns[one] for one in names if one in seal.header.columns}
