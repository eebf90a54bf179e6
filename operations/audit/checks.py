"""What the objects come to, held against what the database says: totals, minutes, closings, sequences, acts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from operations.audit.apart import cells
from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.evidence import Evidence, Row
from operations.audit.history import Periods, Role
from operations.audit.judging import Increment, Judged
from operations.audit.sequences import Sequences
from operations.audit.sums import Balance, Expected, Prints, Total, situation
from sicfar.counts.codes import Reason
from sicfar.counts.keys import epoch_prefix
from sicfar.instants import format_instant, to_ms

_PARTS = ("recebido", "atribuido", "sem_ordem", "retido", "quarentena")
_OPEN = ("ATRIBUIDA", "SEM_ORDEM", "RETIDA")
_APART = {Role.SHOWN: "CONFERENCIA", Role.NONE: "RETIRADA"}


class Checks:
    """One snapshot's totals. ``since``: what changed after it may not have been looked at by the closing yet."""

    def __init__(
        self, evidence: Evidence, periods: Periods, period_rows: Sequence[Row], since: datetime, tell: Tell
    ) -> None:
        self._evidence = evidence
        self._periods = periods
        self._period_rows = period_rows
        self._since = since
        self._tell = tell

    def orders(self, expected: Expected) -> int:
        """Units, machine counts, first and last second of each order on each line; returns how many there are."""
        found = {
            (row["numero_op"], row["linha_id"]): row
            for row in self._evidence.stream(
                "select *, extract(epoch from primeira_contagem)::bigint as primeira,"
                " extract(epoch from ultima_contagem)::bigint as ultima from ordens_producao_ativas"
            )
        }
        for op, line in sorted(found.keys() | expected.orders.keys()):
            row, total = found.get((op, line)), expected.orders.get((op, line), Total())
            have = (
                Total(
                    [row["producao_acumulada"], row["rejeicao_acumulada"]],
                    [row["producao_maquina"], row["rejeicao_maquina"]],
                    row["primeira"],
                    row["ultima"],
                )
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
                        "TOTAL_OP",
                        f"ordens_producao_ativas, {what} (produção/rejeição)",
                        linha_id=line,
                        numero_op=op,
                        esperado=counts(wanted),
                        encontrado=counts(found),
                    )
                )
        for what, at, seen in (("primeira", total.first, have.first), ("última", total.last, have.last)):
            if at != seen:
                self._tell(
                    Difference(
                        "TOTAL_OP",
                        f"ordens_producao_ativas, {what} contagem",
                        linha_id=line,
                        numero_op=op,
                        esperado=None if at is None else instant(at),
                        encontrado=None if seen is None else instant(seen),
                    )
                )

    def lines(self, expected: Expected) -> int:
        """The balance of each line, as screens read it; returns how many there are."""
        attributed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (_, line), total in expected.orders.items():
            for counter in (0, 1):
                attributed[line][counter] += total.machine[counter]
        found = {
            row["linha_id"]: [[row[f"{part}_producao"], row[f"{part}_rejeicao"]] for part in _PARTS]
            for row in self._evidence.all("select * from conservacao_linhas")
        }
        for line in sorted(found.keys() | expected.lines.keys()):
            sums = expected.lines.get(line, Balance())
            wanted = [sums.received, attributed.get(line, [0, 0]), sums.without, sums.held, sums.refused]
            for part, want, have in zip(_PARTS, wanted, found.get(line, [[0, 0]] * len(_PARTS)), strict=True):
                if want != have:
                    self._tell(
                        Difference(
                            "BALANCO",
                            f"conservacao_linhas, {part.replace('_', ' ')} (produção/rejeição)",
                            linha_id=line,
                            esperado=counts(want),
                            encontrado=counts(have),
                        )
                    )
        return len(found)

    def minutes(self, prints: Prints) -> int:
        """Each minute in itself, and its seconds into `prints`; returns how many there are."""
        number = 0
        for row in self._evidence.stream("select *, extract(epoch from minuto)::bigint as em from contagens_minuto"):
            number += 1
            line = row["linha_id"]
            total, without = [0, 0], [0, 0]
            for second, pair in cells(row):
                prints.add((line,), second, pair)
                nobody = self._periods.at(line, second) is None
                for counter in (0, 1):
                    total[counter] += pair[counter]
                    without[counter] += pair[counter] * nobody
            for name, wanted in (("total", total), ("sem_ordem", without)):
                found = [row[f"{name}_producao"], row[f"{name}_rejeicao"]]
                if found != wanted:
                    self._minute(row, f"contagens_minuto, {name}", wanted, found)
            justified = [row["justificada_producao"], row["justificada_rejeicao"]]
            if any(not 0 <= have <= most for have, most in zip(justified, without, strict=True)):
                self._minute(row, "contagens_minuto, justificada: mais que o que está sem ordem", without, justified)
        return number

    def _minute(self, row: Row, what: str, wanted: Sequence[int], found: Sequence[int]) -> None:
        period = self._periods.at(row["linha_id"], row["em"])
        self._tell(
            Difference(
                "MINUTO",
                what,
                linha_id=row["linha_id"],
                numero_op=period.op if period else None,
                em=instant(row["em"]),
                esperado=counts(wanted),
                encontrado=counts(found),
            )
        )

    def cells(self, line: str, first: int, last: int) -> dict[int, dict[int, Pair]]:
        """The seconds the database holds of a line in [first, last), by minute."""
        rows = self._evidence.all(
            "select *, extract(epoch from minuto)::bigint as em from contagens_minuto"
            " where linha_id = %s and minuto >= to_timestamp(%s) and minuto < to_timestamp(%s)",
            line,
            first,
            last,
        )
        return {row["em"]: dict(cells(row)) for row in rows}

    def spans(self, judged: Judged, key: str, tell: Tell) -> None:
        """The rows of increments that span time: where the periods put them, or a person's decision on record."""
        for one, row in judged.spans:
            if row is None:
                continue
            have = (row["situacao"], row["numero_op"], row["fator_producao"], row["fator_rejeicao"])
            if row["situacao"] in _OPEN:
                must = situation(self._periods, one)
                period = must.period
                wanted = (must.name, *((period.op, *period.factors) if period else (None, None, None)))
            else:
                acts = [act for act in self._evidence.acts[f"contagens_intervalo:{row['id']}"] if act["depois"]]
                told = acts[-1]["depois"] if acts else {}
                wanted = (told.get("situacao"), told.get("numero_op"), *have[2:])
            if have != wanted:
                tell(_misplaced(one, row, key, wanted, have))
        for one, row, role in judged.apart:
            if row["situacao"] != _APART[role]:
                tell(_misplaced(one, row, key, [_APART[role]], [row["situacao"]]))

    # Closings ---------------------------------------------------------------------------------------------------------

    def closings(self, expected: Expected) -> None:
        """What was frozen adds up, and with its adjustments gives what counts now."""
        frozen: dict[int, list[Row]] = defaultdict(list)
        for row in self._evidence.stream("select * from fechamento_totais"):
            frozen[row["fechamento_id"]].append(row)
        adjusted: dict[tuple[int, str, str], int] = defaultdict(int)
        for row in self._evidence.stream("select * from ajustes_fechamento where situacao <> 'SUPERADO'"):
            adjusted[row["fechamento_id"], row["linha_id"], row["tipo"]] += row["diferenca"]
        by_people = {
            (row["numero_op"], row["linha_id"])
            for row in self._evidence.all(
                "select numero_op, linha_id from conciliacoes_refugo union select null, linha_id from linhas"
                " where regra_refugo <> 'MAQUINA'"
            )
        }
        opened = self._periods.open_orders()
        for row in self._evidence.stream(
            "select f.*, exists (select from apuracoes_pendentes as a where a.numero_op = f.numero_op) as a_apurar"
            " from fechamentos_lote as f"
        ):
            self._header(row, frozen[row["id"]])
            # What changed a moment ago is proposed by the next round; of an order that runs again, at its end.
            if not row["a_apurar"] and row["numero_op"] not in opened:
                self._closed(row, frozen[row["id"]], adjusted, by_people, expected)

    def _header(self, row: Row, totals: Sequence[Row]) -> None:
        own = [one for one in totals if one["etapa"] == row["etapa"]]
        made = sum(one["quantidade"] for one in own if one["tipo"] == "PRODUZIDA")
        refused = sum(one["quantidade"] for one in own if one["tipo"] == "REFUGO")
        samples = sum(one["quantidade"] for one in own if one["tipo"] not in ("PRODUZIDA", "REFUGO"))
        counter = sum(one["maquina"] or 0 for one in own)
        wanted = (made, refused, samples, counter)
        found = (row["produzidas"], row["refugo"], row["amostras"], row["contador_final"])
        if wanted != found:
            self._tell(
                Difference(
                    "FECHAMENTO",
                    "fechamentos_lote não é a soma de fechamento_totais (produzidas, refugo, amostras, contador)",
                    numero_op=row["numero_op"],
                    esperado=counts(wanted),
                    encontrado=counts(found),
                )
            )

    def _closed(
        self,
        row: Row,
        totals: Sequence[Row],
        adjusted: dict[tuple[int, str, str], int],
        by_people: set[tuple[str | None, str]],
        expected: Expected,
    ) -> None:
        op = row["numero_op"]
        lines = {one["linha_id"] for one in totals} | {line for at, line in expected.orders if at == op}
        for line in sorted(lines):
            total = expected.orders.get((op, line), Total())
            for kind, now in (("PRODUZIDA", total.units[0]), ("REFUGO", total.units[1])):
                if kind == "REFUGO" and by_people & {(op, line), (None, line)}:
                    continue
                was = sum(one["quantidade"] for one in totals if (one["linha_id"], one["tipo"]) == (line, kind))
                more = adjusted.get((row["id"], line, kind), 0)
                if was + more != now:
                    self._tell(
                        Difference(
                            "FECHAMENTO",
                            f"{kind.lower()}: congelado {was}, ajustes {more:+}, não dão o total de agora",
                            linha_id=line,
                            numero_op=op,
                            esperado=str(now),
                            encontrado=str(was + more),
                        )
                    )

    # Sequences --------------------------------------------------------------------------------------------------------

    def epochs(self) -> None:
        """Each época's sequences: how far without a gap, how far at all, and what is missing."""
        seen: dict[tuple[str, str], Sequences] = defaultdict(Sequences)
        highest: dict[tuple[str, str], int] = defaultdict(int)
        for row in self._evidence.stream(
            "select gateway, epoca, seq from arquivos_ingeridos where tipo = 'gateway' and motivo is distinct from %s",
            Reason.SEQ_ABSURDA,
        ):
            epoch = row["gateway"], row["epoca"]
            seen[epoch].add(row["seq"], row["seq"])
            highest[epoch] = max(highest[epoch], row["seq"])
        for row in self._evidence.stream("select gateway, epoca, seq, ate_seq from sequencias_anuladas"):
            seen[row["gateway"], row["epoca"]].add(row["seq"], row["ate_seq"])
        young = {
            (row["gateway"], row["epoca"], row["anterior"] + 1)
            for row in self._evidence.all(
                "select gateway, epoca, anterior from lacunas_sequencia where seq - anterior > 1 and desde >= %s",
                self._since,
            )
        }
        for row in self._evidence.all("select * from epocas_gateway order by gateway, epoca"):
            name = epoch_prefix(row["gateway"], row["epoca"])
            numbers, received = seen[row["gateway"], row["epoca"]], highest[row["gateway"], row["epoca"]]
            end = max(received, row["ultima_seq_declarada"] or 0)
            for what, wanted, found in (
                ("última sequência contínua", min(numbers.prefix(), end), row["ultima_seq_continua"]),
                ("maior sequência", received, row["maior_seq"]),
            ):
                if wanted != found:
                    self._tell(Difference("SEQUENCIA", what, objeto=name, esperado=str(wanted), encontrado=str(found)))
            for first, last in numbers.gaps(end):
                if (row["gateway"], row["epoca"], first) not in young:
                    self._tell(Difference("SEQUENCIA", f"faltam as sequências de {first} a {last}", objeto=name))

    # Acts -------------------------------------------------------------------------------------------------------------

    def acts(self) -> None:
        """What decides totals and no object can explain has its fact in the trail, and says the same."""
        self._check_periods()
        facts = self._evidence.acts
        for query in (
            "select 'contagens_manuais:' || id as fato, linha_id, numero_op from contagens_manuais",
            (
                "select 'quarentena:' || id as fato, linha_id, null as numero_op from quarentena"
                " where decisao = 'DESCARTADO'"
            ),
        ):
            for row in self._evidence.stream(query):
                if not facts[row["fato"]]:
                    self._unexplained(row["fato"], row["linha_id"], row["numero_op"])
        for row in self._evidence.stream("select gateway, epoca, seq, ate_seq from sequencias_anuladas"):
            voided = facts[f"epocas_gateway:{row['gateway']}:{row['epoca']}"]
            if not any(
                act["acao"] == "anular_sequencia" and _voided(act) == (row["seq"], row["ate_seq"]) for act in voided
            ):
                which = f"sequências de {row['seq']} a {row['ate_seq']}"
                self._unexplained(f"{which}, anuladas, de {row['gateway']}/{row['epoca']}", None, None)

    def _check_periods(self) -> None:
        found = {f"periodos_ordem:{row['id']}": _stored_period(row) for row in self._period_rows}
        told = {
            name: _told_period(facts[-1]["depois"])
            for name, facts in self._evidence.acts.items()
            if name.startswith("periodos_ordem:") and facts and facts[-1]["depois"]
        }
        for name in sorted(found.keys() | told.keys()):
            wanted, have = told.get(name), found.get(name)
            known = have or wanted
            if wanted != have and known:
                op, line, opened, *_ = known
                self._tell(
                    Difference(
                        "PERIODO",
                        f"{name}: não é o que a trilha diz (OP, linha, aberta, encerrada, fatores)",
                        linha_id=line,
                        numero_op=op,
                        em=opened,
                        esperado=" ".join(map(str, wanted)) if wanted else None,
                        encontrado=" ".join(map(str, have)) if have else None,
                    )
                )

    def _unexplained(self, what: str, line: str | None, op: str | None) -> None:
        self._tell(Difference("ATO_SEM_TRILHA", f"{what}: ninguém o fez, pela trilha", linha_id=line, numero_op=op))


def _misplaced(one: Increment, row: Row, key: str, wanted: Sequence[object], found: Sequence[object]) -> Difference:
    """An increment whose row says something else of it."""
    return Difference(
        "INTERVALO",
        f"contagens_intervalo {row['id']} (situação, OP, fatores)",
        linha_id=one.line,
        numero_op=row["numero_op"],
        em=format_instant(one.until_ms),
        objeto=key,
        byte_de=one.byte_from,
        byte_ate=one.byte_to,
        esperado=" ".join(map(str, wanted)),
        encontrado=" ".join(map(str, found)),
    )


def _voided(act: Row) -> tuple[int, int]:
    """The range an act voided; before there were ranges, one sequence."""
    said = act["depois"]
    return said["seq"], said.get("ate_seq", said["seq"])


_Period = tuple[str, str, str | None, str | None, int, int]


def _stored_period(row: Row) -> _Period:
    closed = None if row["ate"] is None else instant(row["ate"])
    return row["numero_op"], row["linha_id"], instant(row["de"]), closed, row["fator_producao"], row["fator_rejeicao"]


def _told_period(told: Row) -> _Period:
    ends = (told["aberta_em"], told["encerrada_em"])
    opened, closed = (None if end is None else format_instant(to_ms(datetime.fromisoformat(end))) for end in ends)
    return told["numero_op"], told["linha_id"], opened, closed, told["fator_producao"], told["fator_rejeicao"]
