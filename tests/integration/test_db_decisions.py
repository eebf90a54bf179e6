"""What waits for a person, and the functions that settle it: with a reason, keeping the original, leaving a trail."""

from typing import Any

import pytest

from local.stack.database import EPOCH, T0, Database, batch, span
from tests.support.refusals import code

A, B = "SPEP-ENV-A", "SPEP-ENV-B"


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.lot("000123", "000124")
    return db


@pytest.fixture
def who(plant: Database) -> str:
    return plant.person("ENCARREGADO", "SPEP")


def test_p1_what_is_counted_without_an_order_waits_by_line_and_plant_day(plant: Database) -> None:
    midnight = T0 - 8 * 3600  # 00:00 of 15 March in Fortaleza, 03:00 UTC
    plant.record(batch(1, {A: {midnight - 1: (1, 0), midnight: (2, 1), midnight + 60: (4, 0)}, B: {midnight: (8, 0)}}))
    waiting = {row["chave"]: row for row in plant.pending("SEM_ORDEM")}
    assert {key: (row["detalhes"]["producao"], row["detalhes"]["rejeicao"]) for key, row in waiting.items()} == {
        f"{A}:2026-03-14": (1, 0),
        f"{A}:2026-03-15": (6, 1),
        f"{B}:2026-03-15": (8, 0),
    }
    row = waiting[f"{A}:2026-03-15"]
    assert (row["setor"], row["quem_decide"]) == ("SPEP", "ENCARREGADO, SUPERVISOR, GESTOR")
    assert row["descricao"] == f"A linha {A} contou 6 (rejeição 1) sem ordem aberta em 15/03/2026."


def test_p10_every_matter_is_settled_by_its_own_function_and_arguments(plant: Database) -> None:
    admin = plant.person("GESTOR")
    plant.sql("update linhas set maximo_por_segundo = 5")
    plant.open(admin, "000123", B, T0)
    plant.record(
        batch(1, {A: {T0: (1, 0), T0 + 61: (9, 0)}}, spans=[span(A, T0, T0 + 90, 3), span(B, T0 - 1, T0 + 1, 3)]),
        batch(3, {"LINHA-X": {T0: (1, 0)}}),
        batch(1, epoch="f" * 32),
    )
    plant.sql("set session_replication_role = replica")
    plant.sql("update arquivos_ingeridos set ingerido_em = ingerido_em - interval '11 minutes'")
    plant.sql("set session_replication_role = origin")
    seen = set()
    while waiting := plant.sql("select * from pendencias"):
        row = waiting[0]
        arguments = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
        if row["funcao"] == "decidir_retido":
            arguments |= {"p_decisao": "DESCARTAR", "p_numero_op": None}
        if row["funcao"] == "encerrar_epoca":
            arguments["p_ultima_seq"] = row["detalhes"]["maior_seq"]
        plant.call(admin, row["funcao"], **arguments, p_motivo="conferido na linha")
        seen.add(row["tipo"])
    assert seen == {"SEM_ORDEM", "RETIDA", "QUARENTENA", "SEQUENCIA_AUSENTE", "EPOCA_NOVA"}
    for line in (A, B, "LINHA-X"):
        plant.balance(line)


def test_a_justified_minute_stays_and_later_arrivals_wait_again(plant: Database, who: str) -> None:
    plant.record(batch(1, {A: {T0: (5, 1)}}))
    answer = plant.call(who, "justificar_sem_ordem", p_linha_id=A, p_de=T0, p_ate=T0 + 1, p_motivo="teste da máquina")
    assert (answer["producao"], answer["rejeicao"]) == (5, 1)
    assert plant.pending("SEM_ORDEM") == []
    assert plant.balance(A)["sem_ordem"] == (5, 1)
    plant.record(batch(2, {A: {T0 + 30: (2, 0)}}))
    assert [p["detalhes"]["producao"] for p in plant.pending("SEM_ORDEM")] == [2]


def test_p2_a_justified_count_goes_to_an_order_and_comes_back_justified(plant: Database, who: str) -> None:
    plant.record(batch(1, {B: {T0: (5, 1)}}, spans=[span(B, T0 + 1, T0 + 3, 2)]))
    plant.call(who, "justificar_sem_ordem", p_linha_id=B, p_de=T0, p_ate=T0 + 60, p_motivo="teste da máquina")
    plant.open(who, "000123", B, T0)
    assert plant.totals() == {("000123", B): (7, 1)}
    plant.shut(who, "000123", B, T0)
    assert plant.pending("SEM_ORDEM") == []
    assert plant.balance(B)["sem_ordem"] == (7, 1)


def test_p2_an_order_put_onto_justified_counts_does_not_justify_others(plant: Database, who: str) -> None:
    plant.record(batch(1, {A: {T0 + 5: (4, 2), T0 + 40: (4, 2)}}))
    plant.open(who, "000123", A, T0 + 30)
    plant.shut(who, "000123", A, T0 + 50)
    plant.call(who, "justificar_sem_ordem", p_linha_id=A, p_de=T0, p_ate=T0 + 60, p_motivo="teste da máquina")
    assert plant.pending("SEM_ORDEM") == []
    plant.open(who, "000123", A, T0)
    plant.shut(who, "000123", A, T0 + 20)  # now the order has what was justified, and what it had waits
    (waiting,) = plant.pending("SEM_ORDEM")
    assert (waiting["detalhes"]["producao"], waiting["detalhes"]["rejeicao"]) == (4, 2)
    plant.open(who, "000123", A, T0 + 15)
    (waiting,) = plant.pending("SEM_ORDEM")
    assert waiting["detalhes"]["producao"] == 4, "what was justified is so again, what was not is not"
    plant.open(who, "000124", A, T0 + 30)
    assert plant.pending("SEM_ORDEM") == []


def test_p2_what_came_into_a_justified_second_later_waits_by_itself(plant: Database, who: str) -> None:
    plant.record(batch(1, {A: {T0: (5, 0)}}))
    plant.call(who, "justificar_sem_ordem", p_linha_id=A, p_de=T0, p_ate=T0 + 1, p_motivo="teste da máquina")
    plant.record(batch(2, {A: {T0: (2, 1)}}))
    plant.open(who, "000123", A, T0)
    plant.shut(who, "000123", A, T0)
    (waiting,) = plant.pending("SEM_ORDEM")
    assert (waiting["detalhes"]["producao"], waiting["detalhes"]["rejeicao"]) == (2, 1)
    plant.call(who, "justificar_sem_ordem", p_linha_id=A, p_de=T0, p_ate=T0 + 1, p_motivo="teste da máquina")
    assert plant.pending("SEM_ORDEM") == []


def test_nothing_to_justify_is_said(plant: Database, who: str) -> None:
    arguments = {"p_linha_id": A, "p_de": T0, "p_ate": T0 + 60, "p_motivo": "teste da máquina"}
    assert code(lambda: plant.call(who, "justificar_sem_ordem", **arguments)) == ("PT404", "NADA_A_JUSTIFICAR")
    backwards = arguments | {"p_ate": T0}
    assert code(lambda: plant.call(who, "justificar_sem_ordem", **backwards)) == ("PT422", "INTERVALO_INVALIDO")


def held(plant: Database) -> int:
    return int(plant.pending("RETIDA")[0]["detalhes"]["p_id"])


def test_a_held_count_given_to_an_order_uses_its_factor_and_is_kept(plant: Database, who: str) -> None:
    plant.open(who, "000123", A, T0)
    plant.record(batch(1, spans=[span(A, T0 - 5, T0 + 5, 3, 2)]))
    answer = plant.call(
        who, "decidir_retido", p_id=held(plant), p_decisao="ATRIBUIR", p_numero_op="00012301001", p_motivo="tudo depois"
    )
    assert answer["situacao"] == "DECIDIDA"
    assert plant.totals() == {("000123", A): (24, 2)}
    plant.open(who, "000123", A, T0 + 60)  # what a person decided is not decided again by periods
    assert plant.totals() == {("000123", A): (24, 2)}
    assert plant.balance(A)["atribuido"] == (3, 2)
    row = plant.sql("select * from contagens_intervalo")[0]
    assert (str(row["decidida_por"]), row["decisao_motivo"], row["motivo"]) == (who, "tudo depois", "FRONTEIRA")


def test_a_held_count_discarded_stays_in_the_balance(plant: Database, who: str) -> None:
    plant.record(batch(1, spans=[span(A, T0, T0 + 5, 3, 2, "implausivel")]))
    number = held(plant)
    discard = {"p_id": number, "p_decisao": "DESCARTAR", "p_numero_op": None, "p_motivo": "leitura falsa"}
    plant.call(who, "decidir_retido", **discard)
    assert plant.pending("RETIDA") == []
    assert plant.balance(A)["retido"] == (3, 2)
    assert code(lambda: plant.call(who, "decidir_retido", **discard)) == ("PT409", "JA_DECIDIDO")


def test_a_held_count_goes_only_to_an_order_that_ran_on_the_line(plant: Database, who: str) -> None:
    plant.record(batch(1, spans=[span(A, T0, T0 + 5, 3, 2, "implausivel")]))
    give = {"p_id": held(plant), "p_decisao": "ATRIBUIR", "p_numero_op": "000123", "p_motivo": "conferido"}
    assert code(lambda: plant.call(who, "decidir_retido", **give)) == ("PT409", "ORDEM_NAO_ABERTA")
    wrong = give | {"p_decisao": "TALVEZ"}
    assert code(lambda: plant.call(who, "decidir_retido", **wrong)) == ("PT422", "DECISAO_INVALIDA")


@pytest.mark.parametrize(
    ("read", "factor"),
    [
        (T0 - 10, 8),  # before all of them: the first
        (T0, 8),
        (T0 + 50, 8),
        (T0 + 190, 8),  # the one begun before, though the next begins sooner after it
        (T0 + 199, 8),
        (T0 + 200, 4),
        (T0 + 390, 4),
        (T0 + 500, 2),
    ],
)
def test_p2_a_held_count_takes_the_factor_of_the_period_begun_before_it(
    plant: Database, who: str, read: int, factor: int
) -> None:
    for begun, frozen in ((T0, 8), (T0 + 200, 4), (T0 + 400, 2)):
        plant.sql("update fatores_linha set fator = %s where linha_id = %s and contador = 'producao'", frozen, A)
        plant.open(who, "000123", A, begun)
        plant.shut(who, "000123", A, begun + 100)
    plant.open(who, "000124", A, T0 + 300)  # another order's factor is not asked
    plant.shut(who, "000124", A, T0 + 310)
    plant.record(batch(1, spans=[span(A, read - 5, read, 1, 0, "implausivel")]))
    give = {"p_id": held(plant), "p_decisao": "ATRIBUIR", "p_numero_op": "000123", "p_motivo": "conferido"}
    plant.call(who, "decidir_retido", **give)
    assert plant.totals()["000123", A] == (factor, 0)


@pytest.mark.parametrize("where", ["segundos", "intervalos"])
@pytest.mark.parametrize("said", [(11, 1), (9, 1), (10, 2), (10, 0), (1, 10), (0, 0), (11, 0)])
def test_p1_a_piece_read_again_counts_only_if_it_says_the_same(plant: Database, who: str, where: str, said) -> None:
    line = "SPEP-ENV-D"

    def file(produced: int, rejected: int):
        if where == "segundos":
            return batch(1, {line: {T0 + 4: (produced, rejected)}}, content="lote")
        return batch(1, spans=[span(line, T0, T0 + 4, produced, rejected)], content="lote")

    plant.record(file(10, 1))
    number = plant.pending("QUARENTENA")[0]["detalhes"]["p_id"]
    plant.owner(line, "planta-1")
    again = {"p_id": number, "p_motivo": "a linha agora tem dono"}
    plant.call(who, "reprocessar_quarentena", **again)
    assert plant.record({**file(*said), "reprocessar": number})[0]["motivo"] == "REPROCESSO_DIVERGENTE"
    assert plant.balance(line)["quarentena"] == (10, 1)
    plant.call(who, "reprocessar_quarentena", **again)
    assert plant.situations({**file(10, 1), "reprocessar": number}) == ["APLICADO"]
    assert plant.balance(line)["sem_ordem"] == (10, 1)


def test_a_resolved_quarantine_keeps_its_original_and_is_resolved_once(plant: Database, who: str) -> None:
    plant.gateway("planta-2")
    plant.record(batch(1, {A: {T0: (3, 0)}}, gateway="planta-2"))
    number = plant.pending("QUARENTENA")[0]["detalhes"]["p_id"]
    answer = plant.call(who, "resolver_quarentena", p_id=number, p_motivo="sensor de bancada")
    assert answer["decisao"] == "DESCARTADO"
    assert plant.balance(A)["quarentena"] == (3, 0)
    again = {"p_id": number, "p_motivo": "sensor de bancada"}
    assert code(lambda: plant.call(who, "resolver_quarentena", **again)) == ("PT409", "JA_DECIDIDO")


def test_only_a_sequence_that_is_missing_can_be_voided(plant: Database) -> None:
    admin = plant.person("GESTOR")
    plant.record(batch(1), batch(3))
    void = {"p_gateway": "planta-1", "p_epoca": EPOCH, "p_motivo": "disco perdido"}
    assert code(lambda: plant.call(admin, "anular_sequencia", p_seq=4, **void)) == ("PT422", "SEQUENCIA_FORA")
    assert code(lambda: plant.call(admin, "anular_sequencia", p_seq=0, **void)) == ("PT422", "SEQUENCIA_FORA")
    assert code(lambda: plant.call(admin, "anular_sequencia", p_seq=3, **void)) == ("PT409", "SEQUENCIA_RECEBIDA")
    assert plant.call(admin, "anular_sequencia", p_seq=2, **void)["ultima_seq_continua"] == 3
    assert code(lambda: plant.call(admin, "anular_sequencia", p_seq=2, **void)) == ("PT409", "JA_DECIDIDO")
    other = void | {"p_epoca": "e" * 32}
    assert code(lambda: plant.call(admin, "anular_sequencia", p_seq=1, **other)) == ("PT404", "EPOCA_DESCONHECIDA")


def test_an_epoch_cannot_end_before_what_arrived(plant: Database) -> None:
    admin = plant.person("GESTOR")
    plant.record(batch(1), batch(2))
    end = {"p_gateway": "planta-1", "p_epoca": EPOCH, "p_motivo": "spool trocado"}
    assert code(lambda: plant.call(admin, "encerrar_epoca", p_ultima_seq=1, **end)) == ("PT422", "SEQUENCIA_MENOR")
    assert plant.call(admin, "encerrar_epoca", p_ultima_seq=2, **end)["ultima_seq_declarada"] == 2


DECISIONS: dict[str, dict[str, Any]] = {
    "justificar_sem_ordem": {"p_linha_id": A, "p_de": T0, "p_ate": T0 + 60},
    "resolver_quarentena": {"p_id": 1},
    "decidir_retido": {"p_id": 1, "p_decisao": "DESCARTAR", "p_numero_op": None},
    "anular_sequencia": {"p_gateway": "planta-1", "p_epoca": EPOCH, "p_seq": 2},
    "encerrar_epoca": {"p_gateway": "planta-1", "p_epoca": EPOCH, "p_ultima_seq": 9},
}


@pytest.fixture
def troubled(plant: Database) -> Database:
    """Something to decide by each function: A without order, one held (id 1), one quarantined (id 1), seq 2 missing."""
    plant.gateway("planta-2")
    plant.record(batch(1, {A: {T0: (3, 0)}}, gateway="planta-2"))
    plant.record(batch(1, {A: {T0: (3, 0)}}, spans=[span(A, T0, T0 + 5, 3, 2, "implausivel")]), batch(3))
    return plant


@pytest.mark.parametrize("function", DECISIONS)
def test_p10_each_decision_demands_a_reason_and_leaves_a_trail(troubled: Database, function: str) -> None:
    admin = troubled.person("GESTOR")
    for reason in (None, "", "    ", "ok  "):
        attempt = code(lambda: troubled.call(admin, function, **DECISIONS[function], p_motivo=reason))  # noqa: B023
        assert attempt == ("PT422", "MOTIVO_OBRIGATORIO")
    troubled.call(admin, function, **DECISIONS[function], p_motivo="conferido na linha")
    (row,) = troubled.sql("select * from trilha_auditoria where usuario_id = %s", admin)
    assert (row["acao"], row["papel"], row["motivo"]) == (function, "GESTOR", "conferido na linha")


@pytest.mark.parametrize("function", DECISIONS)
@pytest.mark.parametrize(("role", "sector"), [("OPERADOR", "SPEP"), ("SUPERVISOR", "SPPV"), ("GESTOR", "LIQUIDOS")])
def test_p9_a_decision_is_refused_to_operators_and_to_other_sectors(
    troubled: Database, function: str, role: str, sector: str
) -> None:
    person = troubled.person(role, sector)
    attempt = code(lambda: troubled.call(person, function, **DECISIONS[function], p_motivo="conferido na linha"))
    assert attempt == ("PT403", "SEM_PERMISSAO")


def test_what_does_not_exist_is_404(plant: Database) -> None:
    admin = plant.person("GESTOR")
    assert code(lambda: plant.call(admin, "resolver_quarentena", p_id=7, p_motivo="conferido")) == (
        "PT404",
        "QUARENTENA_DESCONHECIDA",
    )
    arguments = {"p_id": 7, "p_decisao": "DESCARTAR", "p_numero_op": None, "p_motivo": "conferido"}
    assert code(lambda: plant.call(admin, "decidir_retido", **arguments)) == ("PT404", "RETIDA_DESCONHECIDA")
