"""What the objects come to, held against what the database says: totals, minutes, closings, sequences."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.evidence import Evidence, read_as
from operations.audit.history import Periods, Place
from operations.audit.increments import Increment
from operations.audit.judging import Judged
from operations.audit.rows.history import DecisionSaid
from operations.audit.rows.ledger import SpanRow, SpanStanding
from operations.audit.rows.totals import (
    AdjustmentRow,
    BalanceRow,
    ClosingRow,
    EpochRow,
    Frozen,
    FrozenRow,
    GapRow,
    MinuteRow,
    OrderTotalRow,
    ReceivedRow,
    TypedRefuseRow,
    VoidRow,
)
from operations.audit.sequences import Sequences
from operations.audit.sums import Balance, Expected, Prints, Total, situation
from sicfar.counts.codes import Reason
from sicfar.counts.keys import epoch_prefix
from sicfar.instants import format_instant

_PARTS = ("recebido", "atribuido", "sem ordem", "retido", "quarentena")
_APART = {Place.SHOWN: SpanStanding.SHOWN, Place.NOWHERE: SpanStanding.TAKEN}
_OPEN = (SpanStanding.ATTRIBUTED, SpanStanding.WITHOUT_ORDER, SpanStanding.HELD)


class Checks:
    """One snapshot's totals. ``since``: what changed after it may not have been looked at by the closing yet."""

    def __init__(self, evidence: Evidence, periods: Periods, since: datetime, tell: Tell) -> None:
        self._evidence = evidence
        self._periods = periods
        self._since = since
        self._tell = tell

    def orders(self, expected: Expected) -> int:
        """Units, machine counts, first and last second of each order on each line; returns how many there are."""
        found = {
            (row.order, row.line): row
            for row in self._evidence.stream(
                OrderTotalRow,
                "select *, extract(epoch from primeira_contagem)::bigint as primeira,"
                " extract(epoch from ultima_contagem)::bigint as ultima from ordens_producao_ativas",
            )
        }
        for op, line in sorted(found.keys() | expected.orders.keys()):
            row, total = found.get((op, line)), expected.orders.get((op, line), Total())
            have = (
                Total([row.produced_units, row.rejected_units], [row.produced, row.rejected], row.first, row.last)
                if row
                else Total()
            )
            self._order(op, line, total, have)
        return len(found)

    def _order(self, op: str, line: str, total: Total, have: Total) -> None:
        for what, wanted, found in (
            ("unidades", total.units, have.units),
            ("contagens da máquina", total.machine, have.machine),
        ):
            if wanted != found:
                self._tell(
                    Difference(
                        code="TOTAL_OP",
                        detail=f"ordens_producao_ativas, {what} (produção/rejeição)",
                        line=line,
                        order=op,
                        expected=counts(wanted),
                        found=counts(found),
                    )
                )
        for what, at, seen in (("primeira", total.first, have.first), ("última", total.last, have.last)):
            if at != seen:
                self._tell(
                    Difference(
                        code="TOTAL_OP",
                        detail=f"ordens_producao_ativas, {what} contagem",
                        line=line,
                        order=op,
                        expected=None if at is None else instant(at),
                        found=None if seen is None else instant(seen),
                    )
                )

    def lines(self, expected: Expected) -> int:
        """The balance of each line, as screens read it; returns how many there are."""
        attributed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (_, line), total in expected.orders.items():
            for counter in (0, 1):
                attributed[line][counter] += total.machine[counter]
        found = {row.line: row.parts for row in self._evidence.all(BalanceRow, "select * from conservacao_linhas")}
        for line in sorted(found.keys() | expected.lines.keys()):
            sums = expected.lines.get(line, Balance())
            wanted = [sums.received, attributed.get(line, [0, 0]), sums.without, sums.held, sums.refused]
            for part, want, have in zip(_PARTS, wanted, found.get(line, ((0, 0),) * len(_PARTS)), strict=True):
                if tuple(want) != have:
                    self._tell(
                        Difference(
                            code="BALANCO",
                            detail=f"conservacao_linhas, {part} (produção/rejeição)",
                            line=line,
                            expected=counts(want),
                            found=counts(have),
                        )
                    )
        return len(found)

    def minutes(self, prints: Prints) -> int:
        """Each minute in itself, and its seconds into `prints`; returns how many there are."""
        number = 0
        for row in self._evidence.stream(
            MinuteRow, "select *, extract(epoch from minuto)::bigint as em from contagens_minuto"
        ):
            number += 1
            total, without, justified = [0, 0], [0, 0], [0, 0]
            for second, pair in row.cells():
                prints.add((row.line,), second, pair)
                nobody = self._periods.at(row.line, second) is None
                for counter, reasoned in enumerate(row.reasoned(second)):
                    total[counter] += pair[counter]
                    without[counter] += pair[counter] * nobody
                    justified[counter] += min(reasoned, pair[counter]) * nobody
            for name, wanted, found in (
                ("total", total, row.total),
                ("sem_ordem", without, row.without),
                ("justificada", justified, row.justified),
            ):
                if found != tuple(wanted):
                    self._minute(row, f"contagens_minuto, {name}", wanted, found)
        return number

    def _minute(self, row: MinuteRow, what: str, wanted: Sequence[int], found: Pair) -> None:
        period = self._periods.at(row.line, row.start)
        self._tell(
            Difference(
                code="MINUTO",
                detail=what,
                line=row.line,
                order=period.op if period else None,
                at=instant(row.start),
                expected=counts(wanted),
                found=counts(found),
            )
        )

    def cells(self, line: str, first: int, last: int) -> dict[int, dict[int, Pair]]:
        """The seconds the database holds of a line in [first, last), by minute."""
        rows = self._evidence.all(
            MinuteRow,
            "select *, extract(epoch from minuto)::bigint as em from contagens_minuto"
            " where linha_id = %s and minuto >= to_timestamp(%s) and minuto < to_timestamp(%s)",
            line,
            first,
            last,
        )
        return {row.start: dict(row.cells()) for row in rows}

    def spans(self, judged: Judged, key: str, tell: Tell) -> None:
        """The rows of increments that span time: where the periods put them, or a person's decision on record."""
        for one, row in judged.spans:
            if row is None:
                continue
            have = (row.standing, row.order, row.produced_factor, row.rejected_factor)
            wanted: tuple[str | int | None, ...]
            if row.standing in _OPEN:
                must = situation(self._periods, one)
                period = must.period
                wanted = (must.standing, *((period.op, *period.factors) if period else (None, None, None)))
            else:
                facts = [fact.after for fact in self._evidence.acts[f"contagens_intervalo:{row.id}"] if fact.after]
                told = read_as(DecisionSaid, facts[-1]) if facts else DecisionSaid()
                wanted = (told.situation, told.order, *have[2:])
            if have != wanted:
                tell(_misplaced(one, row, key, wanted, have))
        for one, row, place in judged.apart:
            if row.standing is not _APART[place]:
                tell(_misplaced(one, row, key, [_APART[place]], [row.standing]))

    # Closings ---------------------------------------------------------------------------------------------------------

    def closings(self, expected: Expected) -> None:
        """What was frozen adds up, and with its adjustments gives what counts now."""
        frozen: dict[int, list[FrozenRow]] = defaultdict(list)
        for amount in self._evidence.stream(FrozenRow, "select * from fechamento_totais"):
            frozen[amount.closing_id].append(amount)
        adjusted: dict[tuple[int, str, Frozen], int] = defaultdict(int)
        for change in self._evidence.stream(
            AdjustmentRow, "select * from ajustes_fechamento where situacao <> 'SUPERADO'"
        ):
            adjusted[change.closing_id, change.line, change.kind] += change.difference
        by_people = {
            (row.order, row.line)
            for row in self._evidence.all(
                TypedRefuseRow,
                "select numero_op, linha_id from conciliacoes_refugo union select null, linha_id from linhas"
                " where regra_refugo <> 'MAQUINA'",
            )
        }
        opened = self._periods.open_orders()
        for closing in self._evidence.stream(
            ClosingRow,
            "select f.*, exists (select from apuracoes_pendentes as a where a.numero_op = f.numero_op) as a_apurar"
            " from fechamentos_lote as f",
        ):
            self._header(closing, frozen[closing.id])
            # What changed a moment ago is proposed by the next round; of an order that runs again, at its end.
            if not closing.changed and closing.order not in opened:
                self._closed(closing, frozen[closing.id], adjusted, by_people, expected)

    def _header(self, row: ClosingRow, totals: Sequence[FrozenRow]) -> None:
        own = [one for one in totals if one.stage == row.stage]
        made = sum(one.amount for one in own if one.kind is Frozen.PRODUCED)
        refused = sum(one.amount for one in own if one.kind is Frozen.REFUSED)
        samples = sum(one.amount for one in own) - made - refused
        counter = sum(one.machine or 0 for one in own)
        wanted = (made, refused, samples, counter)
        found = (row.produced, row.refused, row.samples, row.counter)
        if wanted != found:
            self._tell(
                Difference(
                    code="FECHAMENTO",
                    detail="fechamentos_lote não é a soma de fechamento_totais"
                    " (produzidas, refugo, amostras, contador)",
                    order=row.order,
                    expected=counts(wanted),
                    found=counts(found),
                )
            )

    def _closed(
        self,
        row: ClosingRow,
        totals: Sequence[FrozenRow],
        adjusted: dict[tuple[int, str, Frozen], int],
        by_people: set[tuple[str | None, str]],
        expected: Expected,
    ) -> None:
        op = row.order
        lines = {one.line for one in totals} | {line for at, line in expected.orders if at == op}
        for line in sorted(lines):
            total = expected.orders.get((op, line), Total())
            for kind, now in ((Frozen.PRODUCED, total.units[0]), (Frozen.REFUSED, total.units[1])):
                if kind is Frozen.REFUSED and by_people & {(op, line), (None, line)}:
                    continue
                was = sum(one.amount for one in totals if (one.line, one.kind) == (line, kind))
                more = adjusted.get((row.id, line, kind), 0)
                if was + more != now:
                    self._tell(
                        Difference(
                            code="FECHAMENTO",
                            detail=f"{kind.lower()}: congelado {was}, ajustes {more:+}, não dão o total de agora",
                            line=line,
                            order=op,
                            expected=str(now),
                            found=str(was + more),
                        )
                    )

    # Sequences --------------------------------------------------------------------------------------------------------

    def epochs(self) -> None:
        """Each época's sequences: how far without a gap, how far at all, and what is missing."""
        seen: dict[tuple[str, str], Sequences] = defaultdict(Sequences)
        highest: dict[tuple[str, str], int] = defaultdict(int)
        for row in self._evidence.stream(
            ReceivedRow,
            "select gateway, epoca, seq from arquivos_ingeridos where tipo = 'gateway' and motivo is distinct from %s",
            Reason.SEQ_ABSURDA,
        ):
            epoch = row.gateway, row.epoch
            seen[epoch].add(row.seq, row.seq)
            highest[epoch] = max(highest[epoch], row.seq)
        for void in self._evidence.stream(VoidRow, "select gateway, epoca, seq, ate_seq from sequencias_anuladas"):
            seen[void.gateway, void.epoch].add(void.first, void.last)
        young = {
            (gap.gateway, gap.epoch, gap.previous + 1)
            for gap in self._evidence.all(
                GapRow,
                "select gateway, epoca, anterior from lacunas_sequencia where seq - anterior > 1 and desde >= %s",
                self._since,
            )
        }
        for at in self._evidence.all(EpochRow, "select * from epocas_gateway order by gateway, epoca"):
            name = epoch_prefix(at.gateway, at.epoch)
            numbers, received = seen[at.gateway, at.epoch], highest[at.gateway, at.epoch]
            end = max(received, at.declared or 0)
            for what, wanted, found in (
                ("última sequência contínua", min(numbers.prefix(), end), at.continuous),
                ("maior sequência", received, at.highest),
            ):
                if wanted != found:
                    self._tell(
                        Difference(code="SEQUENCIA", detail=what, key=name, expected=str(wanted), found=str(found))
                    )
            for first, last in numbers.gaps(end):
                if (at.gateway, at.epoch, first) not in young:
                    missing = f"faltam as sequências de {first} a {last}"
                    self._tell(Difference(code="SEQUENCIA", detail=missing, key=name))


def _misplaced(one: Increment, row: SpanRow, key: str, wanted: Sequence[object], found: Sequence[object]) -> Difference:
    """An increment whose row says something else of it."""
    return Difference(
        code="INTERVALO",
        detail=f"contagens_intervalo {row.id} (situação, OP, fatores)",
        line=one.line,
        order=row.order,
        at=format_instant(one.until_ms),
        key=key,
        byte_from=one.byte_from,
        byte_to=one.byte_to,
        expected=" ".join(map(str, wanted)),
        found=" ".join(map(str, found)),
    )
