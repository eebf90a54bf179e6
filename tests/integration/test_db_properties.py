"""The database against the oracle: whatever happens in whatever order, totals and balances are the obvious ones."""

import os
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from local.stack.database import T0, Database, batch, iso, span
from tests.support.against_oracle import AgainstOracle
from tests.support.effects import foretold
from tests.support.oracle import Oracle, Span, Unit
from tests.support.rereading import reread

LINES = ["SPEP-ENV-A", "SPEP-ENV-B"]
OPS = ["000123", "146734", "146735"]
GATEWAYS = ["planta-1", "planta-2"]
seconds = st.integers(T0, T0 + 130)
# Orders change on a coarse grid, and readings fall on it or just beside it: boundaries are met exactly, and often.
instants = st.integers(0, 9).map(lambda n: T0 + 12 * n)
readings = st.tuples(instants, st.sampled_from([-1, 0, 1, 500, 999])).map(lambda at: at[0] * 1000 + at[1])
counts = st.tuples(st.integers(0, 9), st.integers(0, 3))
HISTORIES = int(os.environ.get("ATTRIBUTION_EXAMPLES", "25"))


class PlantMachine(AgainstOracle, RuleBasedStateMachine):
    """Batches in any order with duplicates; orders opened, closed, back-dated, re-dated; owners changing; decisions.

    Each act on an order does what its effect said before, and no more."""

    new_database: Callable[[], AbstractContextManager[str]]

    def __init__(self) -> None:
        super().__init__()
        self.context = self.new_database()
        self.db = Database(self.context.__enter__())
        self.oracle = Oracle()
        self.sent: list[tuple[dict[str, Any], str, list[Unit], list[Span]]] = []
        self.seq = 0
        self.names = 0

    @initialize()
    def plant(self) -> None:
        # Line A makes eight units a cycle until the tool is changed, five after; line B has a plausible maximum.
        self.db.sql("delete from fatores_linha")
        insert = "insert into fatores_linha (linha_id, contador, fator, validade) values (%s, 'producao', %s, %s)"
        self.db.sql(insert, LINES[0], 8, f"(,{iso(T0 + 60)})")
        self.db.sql(insert, LINES[0], 5, f"[{iso(T0 + 60)},)")
        self.db.sql("update linhas set maximo_por_segundo = 7 where linha_id = %s", LINES[1])
        self.oracle.factors = {LINES[0]: [(0, (8, 1)), (T0 + 60, (5, 1))]}
        self.oracle.ceiling = {LINES[1]: 7}
        self.db.gateway(GATEWAYS[0], *LINES)
        self.db.gateway(GATEWAYS[1])
        self.oracle.owners = [(line, GATEWAYS[0], 0, None) for line in LINES]
        self.db.lot(*OPS)
        self.person = self.db.person("GESTOR")

    def teardown(self) -> None:
        self.db.close()
        self.context.__exit__(None, None, None)

    @rule(
        gateway=st.sampled_from(GATEWAYS),
        data=st.dictionaries(st.sampled_from(LINES), st.dictionaries(seconds, counts, min_size=1, max_size=12)),
        gaps=st.lists(st.tuples(st.sampled_from(LINES), readings, readings, counts, st.booleans()), max_size=3),
        now=st.booleans(),
    )
    def seal(self, gateway, data, gaps, now) -> None:
        self.seq += 1
        spans = []
        for line, one, other, pair, implausible in gaps:
            self.names += 1
            spans.append(Span(self.names, line, min(one, other), max(one, other), pair, implausible))
        units = [Unit(line, second, pair) for line, cells in data.items() for second, pair in cells.items()]
        message = batch(
            self.seq,
            data,
            gateway=gateway,
            spans=[
                span(s.line, s.since_ms / 1000, s.until_ms / 1000, *s.counts, *["implausivel"] * s.implausible)
                | {"byte_de": s.name, "byte_ate": s.name + 1}
                for s in spans
            ],
        )
        self.sent.append((message, gateway, units, spans))
        if now:
            self.deliver_all(self.sent[-1:])

    @rule(seed=st.integers(0, 2**32))
    def deliver(self, seed) -> None:
        if self.sent:
            chance = random.Random(seed)
            self.deliver_all(chance.choices(self.sent, k=chance.randint(1, 6)))

    def deliver_all(self, chosen) -> None:
        expected = []
        for message, gateway, units, spans in chosen:
            expected.append("JA_APLICADO" if message["chave"] in self.oracle.seen else "APLICADO")
            self.oracle.deliver(message["chave"], gateway, units, spans)
        assert self.db.situations(*(message for message, *_ in chosen)) == expected

    @rule(op=st.sampled_from(OPS), line=st.sampled_from(LINES), at=instants)
    def open(self, op, line, at) -> None:
        moment = {"p_numero_op": op, "p_linha_id": line, "p_aberta_em": at}
        self.both(
            lambda: self.oracle.open(op, line, at), lambda: foretold(self.db, self.person, "abrir_ordem", **moment)
        )

    @rule(op=st.sampled_from(OPS), line=st.sampled_from(LINES), at=instants)
    def close(self, op, line, at) -> None:
        moment = {"p_numero_op": op, "p_linha_id": line, "p_encerrada_em": at}
        self.both(
            lambda: self.oracle.close(op, line, at), lambda: foretold(self.db, self.person, "encerrar_ordem", **moment)
        )

    @rule(line=st.sampled_from(LINES), at=instants, swap=st.booleans())
    def hand_over(self, line, at, swap) -> None:
        """From `at` on the other gateway counts the line; what was counted follows, what waited is read again."""
        first, second = reversed(GATEWAYS) if swap else GATEWAYS
        for source, since, until in ((first, T0 - 86_400, at), (second, at, None)):
            self.oracle.hand_over(line, source, since, until)
            when = {"p_de": since, "p_ate": until, "p_motivo": "soube-se depois"}
            self.db.call(self.person, "definir_fonte", p_linha_id=line, p_fonte=source, p_papel="contagem", **when)
        self.oracle.read_again(line)
        reread(self.db, *(message for message, *_ in self.sent))

    @rule(seed=st.integers(0, 2**32), op=st.none() | st.sampled_from(OPS))
    def decide(self, seed, op) -> None:
        held = [s for s in self.oracle.spans if s.name > 0 and any(s.counts) and self.oracle.situation(s) == "RETIDA"]
        if held:
            chosen = random.Random(seed).choice(held)
            number = self.db.one("select id from contagens_intervalo where byte_de = %s", chosen.name)
            arguments = {"p_decisao": "ATRIBUIR" if op else "DESCARTAR", "p_numero_op": op, "p_motivo": "conferido"}
            self.both(
                lambda: self.oracle.decide(chosen, op),
                lambda: self.db.call(self.person, "decidir_retido", p_id=number, **arguments),
            )

    @rule(line=st.sampled_from(LINES), at=seconds, length=st.integers(1, 120))
    def justify(self, line, at, length) -> None:
        arguments = {"p_linha_id": line, "p_de": at, "p_ate": at + length, "p_motivo": "teste da máquina"}
        self.both(
            lambda: self.oracle.justify(line, at, at + length),
            lambda: self.db.call(self.person, "justificar_sem_ordem", **arguments),
        )

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.totals_agree()
        self.balances_agree(LINES)
        self.all_that_waits_is_pending(LINES)


def test_p1_p2_any_history_gives_the_totals_of_the_oracle(cluster) -> None:
    class Machine(PlantMachine):
        new_database = staticmethod(cluster.fresh)

    run_state_machine_as_test(
        Machine,
        settings=settings(max_examples=HISTORIES, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
