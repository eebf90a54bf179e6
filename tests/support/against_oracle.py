"""What a history played to the database and to an oracle must agree on."""

from collections.abc import Callable, Iterable

import psycopg
import pytest

from local.stack.database import Database
from tests.support.oracle import Oracle, Refused


class AgainstOracle:
    """A database and the oracle that sees the same history."""

    db: Database
    oracle: Oracle

    def both(self, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
        """Do it to both: what the oracle refuses the database refuses by the same code."""
        try:
            ours()
        except Refused as refusal:
            expected = str(refusal)
        else:
            theirs()
            return
        with pytest.raises(psycopg.Error) as refused:
            theirs()
        assert refused.value.diag.message_primary == expected

    def totals_agree(self) -> None:
        rows = self.db.sql(
            "select numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,"
            " extract(epoch from primeira_contagem)::bigint as primeira,"
            " extract(epoch from ultima_contagem)::bigint as ultima"
            " from ordens_producao_ativas"
        )
        found = {(r["numero_op"], r["linha_id"]): tuple(r.values())[2:] for r in rows}
        empty = (0, 0, 0, 0, None, None)
        assert {where: total for where, total in found.items() if total != empty} == self.oracle.totals()

    def balances_agree(self, lines: Iterable[str]) -> None:
        for line in lines:
            found = self.db.balance(line)
            parts = (found["atribuido"], found["sem_ordem"], found["retido"], found["quarentena"])
            assert parts == self.oracle.balance(line), line

    def all_that_waits_is_pending(self, lines: Iterable[str]) -> None:
        """What is not attributed waits for somebody."""
        waiting = {line: self.oracle.waiting(line) for line in lines}
        found = dict.fromkeys(waiting, (0, 0))
        for row in self.db.pending("SEM_ORDEM"):
            found[row["linha_id"]] = (row["detalhes"]["producao"], row["detalhes"]["rejeicao"])
        assert found == waiting
        held = sum(self.oracle.situation(s) == "RETIDA" and any(s.counts) for s in self.oracle.spans)
        assert sum(row["detalhes"]["itens"] for row in self.db.pending("RETIDA")) == held
