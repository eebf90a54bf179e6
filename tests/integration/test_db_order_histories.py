"""Whole histories of orders: TOTVS, people, machines and rounds in any order; afterwards people settle what waits.

Whatever happened, following `pendencias` comes to an end: every order that counted is closed or set aside, and TOTVS
has booked what was made.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from local.stack.database import Database, batch
from local.stack.migrated import Cluster
from tests.integration.test_db_totvs import Erp, order, product
from tests.support.ended_order import DAY
from tests.support.plant_time import at
from tests.support.sampling import is_long

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
"""Counted by a gateway, eight units a cycle; counted by hand."""

OPS = ("000123", "000124")
HOURS = st.integers(8, 17)


@dataclass
class Plant:
    db: Database
    erp: Erp
    batches: int = 0
    booked: dict[str, Counter[str]] = field(default_factory=lambda: {op: Counter() for op in OPS})
    lots: dict[str, list[str]] = field(default_factory=lambda: {op: [] for op in OPS})

    def person(self, function: str, **arguments: Any) -> dict[str, Any]:
        return self.db.call(self.db.manager, function, **arguments)

    def decides(self, function: str, **arguments: Any) -> None:
        self.person(function, **arguments, p_motivo="roteiro do teste")

    def count(self, made: int, refused: int, hour: int) -> None:
        self.batches += 1
        self.db.record(batch(self.batches, {A: {at(f"{hour:02}:30") + self.batches: (made, refused)}}))

    def round(self) -> None:
        self.db.close_lots()
        assert self.db.sql("select * from ordens_sem_destino") == []

    def post(self) -> None:
        """Every report goes to TOTVS, which books it."""
        while waiting := self.db.sql(
            "select min(id) as id from envios_totvs where situacao = 'PENDENTE' and numero_op not in"
            " (select numero_op from envios_totvs where situacao not in ('PENDENTE', 'CONFIRMADO', 'DESCARTADO'))"
            " group by numero_op having min(id) is not null"
        ):
            with self.db.as_role("service_role"):
                claim = self.db.one("select reivindicar_envio(%s, 'm', 60, true)", waiting[0]["id"])
                assert claim["situacao"] == "ENVIAR", claim
                answer = {"id_externo": claim["id_externo"], "lease": claim["lease"], "situacao": "CONFIRMADO"}
                answer |= {"conta": True, "espera_s": None, "disjuntor": True, "falhas": 5, "aberto_s": 30}
                self.db.one("select concluir_envio(%s::jsonb, '[]')", json.dumps(answer))
            self.book(claim["numero_op"], claim["tipo"], claim["conteudo"])

    def book(self, op: str, kind: str, said: dict[str, Any]) -> None:
        booked, sign = self.booked[op], -1 if kind == "ESTORNO" else 1
        booked[kind] += 1
        booked["boas"] += sign * said.get("boas", 0)
        booked["refugo"] += sign * sum(one["quantidade"] for one in said.get("refugos", []))
        booked["perdas"] += sign * sum(one["quantidade"] for one in said.get("perdas", []))
        if booked["PRODUCAO"]:
            self.lots[op].append(said["numero_lote"])


@dataclass(frozen=True)
class Act:
    """Something that happens, by the name that a counterexample is printed with."""

    name: str
    do: Callable[[Plant], object] = field(repr=False)


# What happens ---------------------------------------------------------------------------------------------------------


def of_totvs() -> st.SearchStrategy[Act]:
    """TOTVS says something of an order: also ended, cancelled or deleted, restored, opened again, another lot."""

    def say(op: str, situation: str, lot: str) -> Act:
        event = order(op, lot=lot, quantity="1000", situacao=situation)
        return Act(f"TOTVS: {op} {lot} {situation}", lambda plant: plant.erp.tell(event))

    situations = st.sampled_from(["ABERTA", "ENCERRADA", "CANCELADA"])
    return st.builds(say, st.sampled_from(OPS), situations, st.sampled_from(["26C000123A", "26C000999A"]))


def of_the_line() -> st.SearchStrategy[Act]:
    def opened(op: str, line: str, hour: int) -> Act:
        moment = {"p_numero_op": op, "p_linha_id": line, "p_aberta_em": at(f"{hour:02}:00")}
        return Act(f"open {op} {line} {hour}", lambda plant: plant.decides("abrir_ordem", **moment))

    def shut(op: str, line: str, hour: int) -> Act:
        moment = {"p_numero_op": op, "p_linha_id": line, "p_encerrada_em": at(f"{hour:02}:00")}
        return Act(f"shut {op} {line} {hour}", lambda plant: plant.decides("encerrar_ordem", **moment))

    def run(op: str, line: str, hour: int) -> Act:
        def all_of_it(plant: Plant) -> None:
            opened(op, line, hour).do(plant)
            if line == A:
                plant.count(10, 1, hour)
            else:
                count_by_hand(plant, op, 100)
            shut(op, line, hour + 1).do(plant)

        return Act(f"run {op} {line} {hour}", all_of_it)

    where = (st.sampled_from(OPS), st.sampled_from([A, B]), HOURS)
    return st.one_of(st.builds(opened, *where), *(st.builds(shut, *where),) * 2, st.builds(run, *where))


def counted() -> st.SearchStrategy[Act]:
    def machine(hour: int, made: int, refused: int) -> Act:
        return Act(f"count {made}/{refused} at {hour}:30", lambda plant: plant.count(made, refused, hour))

    def by_hand(op: str, made: int) -> Act:
        count = {"p_numero_op": op, "p_linha_id": B, "p_data": DAY, "p_turno": "D1", "p_producao": made}
        return Act(f"by hand {op} {made}", lambda plant: plant.decides("registrar_contagem_manual", **count))

    def lost(op: str, line: str, hour: int) -> Act:
        loss = {"p_numero_op": op, "p_linha_id": line, "p_quantidade": 1, "p_tipo": "RETEM"}
        moment = at(f"{hour:02}:30")
        return Act(f"lost {op} {line} {hour}:30", lambda plant: plant.person("registrar_refugo", **loss, p_em=moment))

    ops = st.sampled_from(OPS)
    return st.one_of(
        st.builds(machine, HOURS, st.integers(1, 9), st.integers(0, 1)),
        st.builds(by_hand, ops, st.integers(0, 50)),
        st.builds(lost, ops, st.sampled_from([A, B]), HOURS),
    )


def decided() -> st.SearchStrategy[Act]:
    def of_an_order(function: str, op: str) -> Act:
        return Act(f"{function} {op}", lambda plant: plant.decides(function, p_numero_op=op))

    def of_adjustments(op: str) -> Act:
        decision = {"p_numero_op": op, "p_decisao": "APROVAR"}
        return Act(f"adjust {op}", lambda plant: plant.decides("decidir_ajustes", **decision))

    functions = ["por_ordem_de_lado", "retomar_ordem", "fechar_com_ressalva", "reconhecer_alteracao_op"]
    return st.one_of(
        st.builds(of_an_order, st.sampled_from(functions), st.sampled_from(OPS)),
        st.builds(of_adjustments, st.sampled_from(OPS)),
    )


def passing() -> st.SearchStrategy[Act]:
    """Rounds, messages to TOTVS, signatures and marks."""

    def signed(line: str) -> Act:
        return Act(f"sign {line}", lambda plant: plant.db.sign(plant.db.manager, line, DAY, "D1", "roteiro do teste"))

    rounds = [Act("round", Plant.round), Act("round", Plant.round), Act("post", Plant.post), Act("mark", reported)]
    return st.sampled_from([signed(A), signed(B), *rounds])


def reported(plant: Plant) -> None:
    plant.db.mark(A, at("19:00"))


def acts() -> st.SearchStrategy[Act]:
    return st.one_of(of_totvs(), of_the_line(), of_the_line(), counted(), counted(), decided(), passing())


# What people do about what waits --------------------------------------------------------------------------------------


def settle(plant: Plant) -> None:
    """End what is still open, then follow `pendencias`: each matter by the function it names, until none is left."""
    reported(plant)
    for row in plant.db.sql("select numero_op, linha_id from periodos_ordem where upper_inf(intervalo)"):
        moment = {"p_numero_op": row["numero_op"], "p_linha_id": row["linha_id"], "p_encerrada_em": at("18:00")}
        plant.decides("encerrar_ordem", **moment)
    for _ in range(12):
        plant.round()
        plant.post()
        matters = plant.db.sql("select * from pendencias order by tipo, chave")
        if not matters:
            return
        refusals = [refusal for refusal in (attempt(plant, matter) for matter in matters) if refusal]
    raise AssertionError(f"still waits: {matters}, refused: {refusals}")


def refused(error: psycopg.Error) -> bool:
    """Whether it is a refusal of ours, in four hundred."""
    return str(error.sqlstate).startswith("PT4")


def attempt(plant: Plant, matter: dict[str, Any]) -> str | None:
    try:
        follow(plant, matter)
    except psycopg.Error as error:
        if not refused(error):
            raise
        return f"{matter['funcao']}: {error.diag.message_primary}: {error.diag.message_detail}"
    return None


def follow(plant: Plant, matter: dict[str, Any]) -> None:
    function, details = matter["funcao"], matter["detalhes"]
    named = {name: value for name, value in details.items() if name.startswith("p_")}
    match function:
        case "justificar_sem_ordem" | "resolver_quarentena" | "reconhecer_alteracao_op":
            plant.decides(function, **named)
        case "encerrar_ordem":
            plant.decides(function, **named, p_encerrada_em=at("18:00"))
        case "assinar_diario":
            sign(plant, details["p_linha_id"])
        case "abrir_ordem" | "fechar_com_ressalva" | "por_ordem_de_lado":
            plant.decides("por_ordem_de_lado", p_numero_op=named["p_numero_op"])
        case "decidir_ajustes":
            plant.decides(function, **named, p_decisao="APROVAR")
        case "estornar_refugo":
            take_back_losses(plant)
        case _:
            raise AssertionError(f"no way to settle {matter}")


def sign(plant: Plant, line: str) -> None:
    """What keeps the shift from being signed is settled as its hints say."""
    seen = plant.person("verificar_diario", p_linha_id=line, p_data=DAY, p_turno="D1")
    for obstacle in {one["codigo"] for one in seen["motivos"]}:
        match obstacle:
            case "CONTAGEM_MANUAL_SEM_PERIODO":
                for row in plant.db.sql("select * from contagens_manuais_atuais where producao > 0"):
                    count_by_hand(plant, row["numero_op"], 0)
            case "SEM_CONTAGEM_MANUAL":
                for row in plant.db.sql("select distinct numero_op from periodos_ordem where linha_id = %s", B):
                    if not plant.db.sql(
                        "select 1 from contagens_manuais_atuais where numero_op = %s", row["numero_op"]
                    ):
                        count_by_hand(plant, row["numero_op"], 0)
            case "PERDA_SEM_PERIODO" | "PERDAS_MAIORES":
                take_back_losses(plant)
    plant.db.sign(plant.db.manager, line, DAY, "D1", "roteiro do teste")


def count_by_hand(plant: Plant, op: str, made: int) -> None:
    shift = {"p_numero_op": op, "p_linha_id": B, "p_data": DAY, "p_turno": "D1"}
    plant.decides("registrar_contagem_manual", **shift, p_producao=made)


def take_back_losses(plant: Plant) -> None:
    for row in plant.db.sql("select id from perdas_vigentes"):
        plant.decides("estornar_refugo", p_id=row["id"])


# What must hold -------------------------------------------------------------------------------------------------------


def check(plant: Plant) -> None:
    for row in plant.db.sql("select numero_op, status from lotes_producao"):
        op, status = row["numero_op"], row["status"]
        assert status in ("CONCLUIDO", "POSTO_DE_LADO", "PLANEJADO"), row
        made, refused, lost = plant.db.sql(
            "select coalesce(sum(producao_acumulada), 0)::int as made,"
            " coalesce(sum(rejeicao_acumulada), 0)::int as refused,"
            " (select coalesce(sum(quantidade), 0)::int from perdas_vigentes where numero_op = %s) as lost"
            " from ordens_producao_ativas where numero_op = %s",
            op,
            op,
        )[0].values()
        booked = plant.booked[op]
        event(f"{status}, {' '.join(kind for kind in ('PARCIAL', 'AJUSTE', 'ESTORNO') if booked[kind])}")
        assert booked["PRODUCAO"] == (status == "CONCLUIDO")
        wanted = (made - refused - lost, refused, lost) if status == "CONCLUIDO" else (0, 0, 0)
        assert (booked["boas"], booked["refugo"], booked["perdas"]) == wanted, (op, status)
        assert len(set(plant.lots[op])) <= 1, plant.lots[op]
        assert status != "PLANEJADO" or made == 0


def test_p4_p5_every_counted_order_ends_and_totvs_books_what_was_made(cluster: Cluster) -> None:
    @settings(max_examples=300 if is_long() else 12, suppress_health_check=list(HealthCheck))
    @given(st.lists(acts(), min_size=5, max_size=30), st.lists(acts(), max_size=15), st.booleans())
    def history(first: list[Act], late: list[Act], partial: bool) -> None:
        with cluster.fresh() as url:
            db = Database(url)
            play(db, (first, late), partial=partial)
            db.close()

    history()


def play(db: Database, phases: Sequence[list[Act]], *, partial: bool) -> None:
    """Each phase ends with everything settled, so that the next one comes to orders that are closed or set aside."""
    db.gateway("planta-1", A)
    db.owner(B, "manual")
    db.boss = db.manager = db.person("GESTOR")
    db.sql("update parametros set valor = 0 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    db.sql("update parametros set valor = %s where nome = 'PARCIAIS_SEGUNDOS'", int(partial))
    plant = Plant(db, Erp(db))
    plant.count(0, 0, 8)  # the gateway's spool is older than its marks
    plant.erp.tell(product(), *(order(op, lot="26C000123A", quantity="1000") for op in OPS))
    for phase in phases:
        for act in phase:
            try:
                act.do(plant)
            except psycopg.Error as error:
                if not refused(error):
                    raise
        settle(plant)
        check(plant)
