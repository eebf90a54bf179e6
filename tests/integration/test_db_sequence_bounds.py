"""One wrong sequence number from outside stops nothing: gaps are ranges, an absurd number waits for a person."""

from typing import Any

import pytest

from local.stack.database import EPOCH, T0, Database, batch
from tests.support.refusals import code

A = "SPEP-ENV-A"
SOURCE = {"p_gateway": "planta-1", "p_epoca": EPOCH}
WHY = "disco do gateway perdido"
TYPO = 5_000_000_000
ABSURD = 999_999_999_999
STEP = 1_000_000  # SEQ_SALTO_MAXIMO
FIRST = 100_000_000  # SEQ_INICIAL_MAXIMA


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A)
    db.boss = db.person("GESTOR")
    db.sql("set statement_timeout = '8s'")  # Supabase's
    return db


def age(db: Database) -> None:
    """Eleven minutes pass for what arrived and was declared."""
    db.sql("set session_replication_role = replica")  # past the ledger's trigger
    db.sql("update arquivos_ingeridos set ingerido_em = ingerido_em - interval '11 minutes'")
    db.sql("set session_replication_role = origin")
    db.sql("update epocas_gateway set declarada_em = declarada_em - interval '11 minutes'")


def gaps(db: Database) -> list[tuple[int, int]]:
    """The missing sequences that wait, as ranges."""
    age(db)
    rows = db.sql("select detalhes from pendencias where tipo = 'SEQUENCIA_AUSENTE'")
    return sorted((first, last) for row in rows for first, last in row["detalhes"]["faixas"])


def void(db: Database, first: int, last: int | None = None) -> dict[str, Any]:
    more = {} if last is None else {"p_ate_seq": last}
    return db.call(db.boss, "anular_sequencia", **SOURCE, p_seq=first, p_motivo=WHY, **more)


def declare(db: Database, last: int | None) -> dict[str, Any]:
    return db.call(db.boss, "encerrar_epoca", **SOURCE, p_ultima_seq=last, p_motivo=WHY)


def epoch(db: Database) -> tuple[int, int, int | None]:
    (row,) = db.sql("select ultima_seq_continua, maior_seq, ultima_seq_declarada from epocas_gateway")
    return row["ultima_seq_continua"], row["maior_seq"], row["ultima_seq_declarada"]


def declared_before_bounds(db: Database, last: int) -> None:
    """What a person could declare when nothing refused it."""
    db.sql("update epocas_gateway set ultima_seq_declarada = %s, declarada_em = now()", last)


def mark(db: Database) -> float | None:
    until: float | None = db.one("select extract(epoch from max(ate))::float from marcas_linha")
    return until


# Declarations --------------------------------------------------------------------------------------------------------


def test_p11_a_last_sequence_far_above_what_arrived_is_refused(plant: Database) -> None:
    plant.record(batch(1), batch(2))
    assert code(lambda: declare(plant, TYPO)) == ("PT422", "SEQUENCIA_IMPLAUSIVEL")
    assert code(lambda: declare(plant, 3 + STEP)) == ("PT422", "SEQUENCIA_IMPLAUSIVEL")
    assert declare(plant, 2 + STEP)["ultima_seq_declarada"] == 2 + STEP


def test_p10_a_wrong_declaration_is_one_gap_and_one_call_puts_it_right(plant: Database) -> None:
    plant.record(batch(1), batch(2))
    declared_before_bounds(plant, TYPO)
    assert gaps(plant) == [(3, TYPO)]
    assert declare(plant, 4)["ultima_seq_declarada"] == 4
    assert gaps(plant) == [(3, 4)]
    (act,) = plant.sql("select antes, depois, motivo from trilha_auditoria where acao = 'encerrar_epoca'")
    assert act == {"antes": {"ultima_seq_declarada": TYPO}, "depois": {"ultima_seq_declarada": 4}, "motivo": WHY}


def test_p10_an_epoch_declared_ended_by_mistake_is_opened_again(plant: Database) -> None:
    plant.record(batch(1))
    assert code(lambda: declare(plant, None)) == ("PT422", "SEQUENCIA_MENOR")
    declare(plant, 3)
    answer = declare(plant, None)
    assert (answer["ultima_seq_declarada"], epoch(plant), gaps(plant)) == (None, (1, 1, None), [])
    assert plant.one("select depois from trilha_auditoria order by id desc limit 1") == {"ultima_seq_declarada": None}


def test_p4_what_was_voided_past_a_withdrawn_end_holds_no_mark_back(plant: Database) -> None:
    plant.record(batch(1, marks=[(A, T0 + 1)]))
    declare(plant, 900)
    assert void(plant, 2, 900)["ultima_seq_continua"] == 900
    declare(plant, None)
    assert epoch(plant) == (1, 1, None)
    plant.record(batch(2, {A: {T0: (3, 0)}}, marks=[(A, T0 + 2)]))
    assert (epoch(plant), mark(plant)) == ((2, 2, None), T0 + 2)
    declare(plant, 800)
    assert epoch(plant) == (800, 2, 800)
    assert gaps(plant) == []


# Voiding -------------------------------------------------------------------------------------------------------------


def test_p10_a_gap_of_billions_is_one_matter_voided_by_one_call(plant: Database) -> None:
    plant.record(batch(1, marks=[(A, T0 + 1)]), batch(2, marks=[(A, T0 + 2)]))
    declared_before_bounds(plant, TYPO)
    age(plant)
    (row,) = plant.pending("SEQUENCIA_AUSENTE")
    assert row["chave"] == f"planta-1:{EPOCH}:3-{TYPO}"
    assert row["descricao"] == f"Os lotes de 3 a {TYPO} do gateway planta-1 não chegaram ({TYPO - 2})."
    arguments = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
    answer = plant.call(plant.boss, row["funcao"], p_motivo=WHY, **arguments)
    assert answer["ultima_seq_continua"] == TYPO
    assert gaps(plant) == []
    assert epoch(plant) == (TYPO, 2, TYPO)
    assert plant.one("select depois from trilha_auditoria where acao = 'anular_sequencia'") == {
        "seq": 3,
        "ate_seq": TYPO,
    }


def test_p4_marks_pass_over_a_voided_range_in_one_step(plant: Database) -> None:
    plant.record(batch(1))
    plant.sql("update parametros set maximo = 2000000000, valor = 2000000000 where nome = 'SEQ_SALTO_MAXIMO'")
    plant.record(batch(2_000_000_000, marks=[(A, T0 + 9)]), batch(1_000, marks=[(A, T0 + 4)]))
    assert gaps(plant) == [(2, 999), (1_001, 1_999_999_999)]
    void(plant, 1_001, 1_999_999_999)
    assert mark(plant) is None
    void(plant, 2, 999)
    assert (mark(plant), epoch(plant)) == (T0 + 9, (2_000_000_000, 2_000_000_000, None))


def test_p4_what_is_voided_of_one_gateway_is_missing_of_another(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.record(batch(1, gateway="planta-2"), batch(3, gateway="planta-2"))  # its spool's name is the same by chance
    plant.record(batch(1), batch(3))
    void(plant, 2)
    rows = plant.sql("select gateway, ultima_seq_continua from epocas_gateway order by gateway")
    assert [row["ultima_seq_continua"] for row in rows] == [3, 1]
    plant.record(batch(4, gateway="planta-2"))
    assert plant.one("select ultima_seq_continua from epocas_gateway where gateway = 'planta-2'") == 1


def test_p10_a_gap_is_voided_in_parts_and_only_where_it_is_one(plant: Database) -> None:
    plant.record(batch(1), batch(10), batch(20))
    assert code(lambda: void(plant, 5, 4)) == ("PT422", "SEQUENCIA_FORA")
    assert code(lambda: void(plant, 11, 21)) == ("PT422", "SEQUENCIA_FORA")
    assert code(lambda: void(plant, 8, 12)) == ("PT409", "SEQUENCIA_RECEBIDA")
    void(plant, 4, 6)
    for first, last in ((4, 6), (2, 4), (6, 9), (2, 9), (5, 5)):
        assert code(lambda first=first, last=last: void(plant, first, last)) == ("PT409", "JA_DECIDIDO")
    assert gaps(plant) == [(2, 3), (7, 9), (11, 19)]
    void(plant, 2)
    void(plant, 3, 3)
    assert gaps(plant) == [(7, 9), (11, 19)]
    assert void(plant, 7, 9)["ultima_seq_continua"] == 10


def test_p10_batches_lost_now_and_then_are_one_matter_of_their_epoch(plant: Database) -> None:
    every_other = [batch(seq) for seq in range(1, 3_602, 2)]
    for at in range(0, len(every_other), 200):
        plant.record(*every_other[at : at + 200])
    age(plant)
    plant.record(batch(3_610))  # what it shows to be missing is on its way still
    (row,) = plant.pending("SEQUENCIA_AUSENTE")
    assert row["descricao"] == "Faltam 1800 lotes do gateway planta-1, em 1800 faixas de 2 a 3600."
    assert row["detalhes"]["faixas"][:2] == [[2, 2], [4, 4]]
    assert len(row["detalhes"]["faixas"]) == 50
    arguments = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
    assert plant.call(plant.boss, row["funcao"], p_motivo=WHY, **arguments)["ultima_seq_continua"] == 3_601
    again = code(lambda: plant.call(plant.boss, row["funcao"], p_motivo=WHY, **arguments))
    assert again == ("PT409", "JA_DECIDIDO")
    (act,) = plant.sql("select depois from trilha_auditoria where acao = 'anular_sequencia'")
    assert act["depois"]["faixas"] == [[seq, seq] for seq in range(2, 3_601, 2)]
    assert gaps(plant) == [(3_602, 3_609)]


def test_p10_only_what_is_missing_of_a_range_is_voided_if_one_asks_so(plant: Database) -> None:
    plant.record(batch(1), batch(4), batch(9))
    age(plant)
    arguments = {"p_seq": 3, "p_ate_seq": 6, "p_so_faltas": True, "p_motivo": WHY}
    plant.call(plant.boss, "anular_sequencia", **SOURCE, **arguments)
    assert gaps(plant) == [(2, 2), (7, 8)]
    plant.record(batch(20))
    plant.call(plant.boss, "anular_sequencia", **SOURCE, **(arguments | {"p_ate_seq": 19}))
    assert gaps(plant) == [(2, 2), (10, 19)], "what may be on its way is not given up"


def test_p1_a_batch_of_a_voided_range_that_comes_after_all_counts(plant: Database) -> None:
    plant.record(batch(1), batch(10))
    void(plant, 2, 9)
    assert plant.situations(batch(5, {A: {T0: (3, 0)}})) == ["APLICADO"]
    assert plant.balance(A)["sem_ordem"] == (3, 0)
    (act,) = plant.sql("select depois from trilha_auditoria where acao = 'sequencia_anulada_chegou'")
    assert act["depois"]["seq"] == 5
    assert gaps(plant) == []


def test_p10_no_two_voidings_overlap_whoever_writes_them(plant: Database) -> None:
    plant.record(batch(1), batch(10))
    void(plant, 4, 6)
    insert = (
        "insert into sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)"
        " values ('planta-1', %s, %s, %s, 'duas vezes', gen_random_uuid())"
    )
    assert code(lambda: plant.sql(insert, EPOCH, 3, 5))[0] == "23P01"
    assert code(lambda: plant.sql(insert, EPOCH, 9, 8))[0] == "23514"


def test_p10_what_is_past_the_arrivals_looked_at_is_not_called_missing(plant: Database) -> None:
    """Of a long row of arrivals past a gap only the first are looked at: past them nothing is known."""
    plant.record(batch(1), batch(3))
    plant.sql(
        "insert into arquivos_ingeridos (bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq,"
        " registros, situacao) select 'b', 'contagens/' || n, 1, repeat('0', 64), now(), 'gateway', 'planta-1', %s, n,"
        " 0, 'APLICADO' from generate_series(4, 20100) as n",
        EPOCH,
    )
    plant.sql("update epocas_gateway set maior_seq = 20100")
    declare(plant, 20_100)
    assert gaps(plant) == [(2, 2)]


# Absurd numbers ------------------------------------------------------------------------------------------------------


def test_p11_a_batch_with_an_absurd_number_waits_and_moves_nothing(plant: Database) -> None:
    plant.record(batch(1), batch(2))
    absurd = batch(ABSURD, {A: {T0: (7, 1)}}, marks=[(A, T0 + 99)])
    assert [answer["motivo"] for answer in plant.record(absurd)] == ["SEQ_ABSURDA"]
    assert plant.situations(absurd) == ["QUARENTENA"]
    (row,) = plant.pending("QUARENTENA")
    assert (row["detalhes"]["motivo"], row["detalhes"]["producao"]) == ("SEQ_ABSURDA", 7)
    assert row["descricao"] == (
        f"O envio {ABSURD} está longe demais do último recebido desta instalação (2); esperado até {2 + STEP}."
    )
    assert (epoch(plant), gaps(plant), mark(plant)) == ((2, 2, None), [], None)
    assert plant.balance(A)["quarentena"] == (7, 1)
    plant.call(plant.boss, row["funcao"], p_id=row["detalhes"]["p_id"], p_motivo=WHY)
    assert plant.situations(absurd, batch(3)) == ["QUARENTENA", "APLICADO"]
    assert epoch(plant) == (3, 3, None)


def test_p11_an_absurd_number_of_an_unknown_epoch_begins_none(plant: Database) -> None:
    new = "f" * 32
    plant.record(batch(1))
    assert plant.record(batch(FIRST + 1, epoch=new))[0]["motivo"] == "SEQ_ABSURDA"
    assert plant.pending("EPOCA_NOVA") == []
    assert plant.situations(batch(FIRST, epoch=new)) == ["APLICADO"]
    assert len(plant.pending("EPOCA_NOVA")) == 1


def test_p11_a_plausible_number_is_as_far_as_two_months_of_batches(plant: Database) -> None:
    plant.record(batch(5))
    assert plant.situations(batch(5 + STEP + 1), batch(5 + STEP)) == ["QUARENTENA", "APLICADO"]
    assert epoch(plant)[1] == 5 + STEP


@pytest.mark.parametrize("refused", [{"motivo": "BATCH_TORN", "detalhe": "Incompleto."}, None])
@pytest.mark.parametrize("gateway", ["planta-1", "planta-9"])
def test_p11_neither_a_torn_nor_an_unregistered_batch_lifts_the_number(plant: Database, gateway, refused) -> None:
    plant.record(batch(1), batch(1, gateway="planta-9"))
    absurd = batch(ABSURD, gateway=gateway, **({"rejeitado": refused, "sha256": None} if refused else {}))
    assert plant.record(absurd)[0]["motivo"] == "SEQ_ABSURDA"
    plant.gateway("planta-9")
    plant.record(batch(2), batch(2, gateway="planta-9"))
    assert plant.one("select max(maior_seq) from epocas_gateway") == 2
    assert gaps(plant) == []


def test_p10_a_person_may_have_an_absurd_number_counted_after_all(plant: Database) -> None:
    plant.record(batch(1))
    odd = batch(ABSURD, {A: {T0: (7, 1)}})
    plant.record(odd)
    (row,) = plant.pending("QUARENTENA")
    assert row["detalhes"]["alternativa"] == "reprocessar_quarentena"
    plant.call(plant.boss, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="o spool foi renumerado")
    assert plant.situations(odd) == ["APLICADO"]
    assert plant.pending("QUARENTENA") == []
    assert plant.balance(A)["sem_ordem"] == (7, 1)
    assert gaps(plant) == [(2, ABSURD - 1)]
    assert void(plant, 2, ABSURD - 1)["ultima_seq_continua"] == ABSURD


def test_p10_an_absurd_batch_discarded_and_written_over_waits_again(plant: Database) -> None:
    plant.record(batch(1))
    odd = batch(ABSURD, {A: {T0: (7, 1)}}, versao_id="v1")
    plant.record(odd)
    (row,) = plant.pending("QUARENTENA")
    plant.call(plant.boss, "resolver_quarentena", p_id=row["detalhes"]["p_id"], p_motivo=WHY)
    again = odd | {"versao_id": "v2"}
    assert plant.record(again)[0]["motivo"] == "SEQ_ABSURDA"
    assert (epoch(plant), gaps(plant)) == ((1, 1, None), [])
    (row,) = plant.pending("QUARENTENA")
    plant.call(plant.boss, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="o spool foi renumerado")
    assert plant.situations(again) == ["APLICADO"]


# The sweep of the bucket ---------------------------------------------------------------------------------------------


def test_p10_the_search_for_missing_files_ends_at_believed_neighbours(plant: Database) -> None:
    plant.record(batch(1), batch(4), batch(ABSURD))
    declared_before_bounds(plant, TYPO)
    age(plant)
    with plant.as_role("service_role"):
        found = plant.one("select lacunas_gateways(0)")
    keys = {seq: batch(seq)["chave"] for seq in (1, 4)}
    assert found == [
        {"gateway": "planta-1", "epoca": EPOCH, "de": 2, "ate": 3, "depois_de": keys[1], "antes_de": keys[4]},
        {"gateway": "planta-1", "epoca": EPOCH, "de": 5, "ate": TYPO, "depois_de": keys[4], "antes_de": None},
    ]
