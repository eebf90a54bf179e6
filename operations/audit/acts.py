"""What people did, held against the trail: it decides totals, and no object can explain it."""

from collections.abc import Sequence

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence, read_as
from operations.audit.rows.history import Act, FactRow, PeriodRow, PeriodSaid, VoidSaid
from operations.audit.rows.totals import VoidRow


class Acts:
    """One snapshot's periods, counts by hand, discarded pieces, moved batches and voided sequences."""

    def __init__(self, evidence: Evidence, periods: Sequence[PeriodRow], tell: Tell) -> None:
        self._evidence = evidence
        self._period_rows = periods
        self._tell = tell

    def check(self) -> None:
        """Find each that has no fact in the trail, or that the trail says otherwise."""
        self._check_periods()
        facts = self._evidence.acts
        for query in (
            "select 'contagens_manuais:' || id as fato, linha_id, numero_op from contagens_manuais",
            (
                "select 'quarentena:' || id as fato, linha_id, null as numero_op from quarentena"
                " where decisao = 'DESCARTADO'"
            ),
            (
                "select 'duvidas_relogio:' || id as fato, null as linha_id, null as numero_op from duvidas_relogio"
                " where decisao <> 'MANTER'"
            ),
        ):
            for fact in self._evidence.stream(FactRow, query):
                if not facts[fact.what]:
                    self._unexplained(fact.what, fact.line, fact.order)
        for row in self._evidence.stream(VoidRow, "select gateway, epoca, seq, ate_seq from sequencias_anuladas"):
            voided = facts[f"epocas_gateway:{row.gateway}:{row.epoch}"]
            if not any((row.first, row.last) in _voided(act) for act in voided):
                which = f"sequências de {row.first} a {row.last}"
                self._unexplained(f"{which}, anuladas, de {row.gateway}/{row.epoch}", None, None)

    def _check_periods(self) -> None:
        found = {f"periodos_ordem:{row.id}": row.terms for row in self._period_rows}
        told = {
            name: read_as(PeriodSaid, facts[-1].after).terms
            for name, facts in self._evidence.acts.items()
            if name.startswith("periodos_ordem:") and facts and facts[-1].after
        }
        for name in sorted(found.keys() | told.keys()):
            wanted, have = told.get(name), found.get(name)
            known = have or wanted
            if wanted != have and known:
                op, line, opened, *_ = known
                self._tell(
                    Difference(
                        code="PERIODO",
                        detail=f"{name}: não é o que a trilha diz (OP, linha, aberta, encerrada, fatores)",
                        line=line,
                        order=op,
                        at=opened,
                        expected=" ".join(map(str, wanted)) if wanted else None,
                        found=" ".join(map(str, have)) if have else None,
                    )
                )

    def _unexplained(self, what: str, line: str | None, op: str | None) -> None:
        self._tell(Difference(code="ATO_SEM_TRILHA", detail=f"{what}: ninguém o fez, pela trilha", line=line, order=op))


def _voided(act: Act) -> tuple[tuple[int, int], ...]:
    """The ranges an act voided, if that is what it did."""
    return read_as(VoidSaid, act.after).ranges if act.action == "anular_sequencia" and act.after else ()
