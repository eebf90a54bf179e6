"""registrar_contagens: files in any shape and order become counts exactly once; what cannot is kept with its reason."""

import base64
from typing import Any

import psutil
import pytest

from local.stack.database import EPOCH, T0, Database, batch, iso, loose, sha, span

A, B, C = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"
HOUR = 3_600


@pytest.fixture
def plant(db: Database) -> Database:
    """Line A has OP 000123 open from T0 on; B has none; both are counted by planta-1."""
    db.gateway("planta-1", A, B)
    db.lot("000123")
    db.open(db.person(), "000123", A, T0)
    return db


def test_p1_a_batch_delivered_twice_counts_once(plant: Database) -> None:
    message = batch(1, {A: {T0: (2, 1)}, B: {T0: (5, 0)}})
    assert plant.situations(message) == ["APLICADO"]
    assert plant.situations(message, message) == ["JA_APLICADO"] * 2
    assert plant.balance(A)["atribuido"] == (2, 1)
    assert plant.balance(B)["sem_ordem"] == (5, 0)


def test_p1_a_batch_given_twice_in_one_call_counts_once(plant: Database) -> None:
    message = batch(1, {A: {T0: (2, 1)}})
    assert plant.situations(message, message) == ["APLICADO", "JA_APLICADO"]
    assert plant.balance(A)["atribuido"] == (2, 1)


def test_p2_cycles_become_units_by_frozen_factor_and_rejects_by_theirs(plant: Database) -> None:
    # The plant's own sheet: 2,215 cycles of line A are 17,720 bottles, 94 rejects are bottles already.
    plant.record(batch(1, {A: {T0 + n: (1, 1 if n < 94 else 0) for n in range(2215)}}))
    assert plant.totals() == {("000123", A): (17_720, 94)}
    plant.sql("update fatores_linha set fator = 4 where linha_id = %s", A)
    plant.record(batch(2, {A: {T0 + 3000: (1, 0)}}))
    assert plant.totals() == {("000123", A): (17_728, 94)}


def test_p2_a_count_belongs_to_the_order_of_its_second_not_its_arrival(plant: Database) -> None:
    person = plant.person()
    plant.lot("000124")
    plant.shut(person, "000123", A, T0 + 60)
    plant.open(person, "000124", A, T0 + 60)
    plant.record(batch(1, {A: {T0 + 60: (1, 0), T0 + 59: (1, 0), T0 - 1: (1, 0)}}))
    assert plant.totals() == {("000123", A): (8, 0), ("000124", A): (8, 0)}
    assert plant.balance(A)["sem_ordem"] == (1, 0)


def test_counts_are_kept_to_the_second_and_an_all_zero_vector_is_null(plant: Database) -> None:
    plant.record(batch(1, {B: {T0 + 3: (7, 0)}}), batch(2, {B: {T0 + 3: (1, 0), T0 + 59: (2, 0)}}))
    (row,) = plant.sql("select * from contagens_minuto where linha_id = %s", B)
    assert (row["producao"][3], row["producao"][59], len(row["producao"])) == (8, 2, 60)
    assert row["rejeicao"] is None
    assert (row["total_producao"], row["sem_ordem_producao"]) == (10, 10)


def test_p8_a_bad_file_hurts_only_itself(plant: Database) -> None:
    good, bad, other = batch(1, {A: {T0: (1, 0)}}), batch(2, {A: {T0: (-1, 0)}}), batch(3, {A: {T0: (1, 0)}})
    answers = plant.record(good, bad, other)
    assert [a["situacao"] for a in answers] == ["APLICADO", "ERRO", "APLICADO"]
    assert answers[1]["erro"]["sqlstate"] == "23514"
    assert answers[1]["chave"] == bad["chave"]
    assert plant.balance(A)["atribuido"] == (2, 0)
    assert plant.one("select count(*) from arquivos_ingeridos") == 2


def test_a_file_of_an_unknown_type_is_refused_with_our_own_code(plant: Database) -> None:
    (answer,) = plant.record(batch(1) | {"tipo": "outro"})
    assert (answer["situacao"], answer["erro"]["sqlstate"], answer["erro"]["codigo"]) == (
        "ERRO",
        "PT422",
        "TIPO_DESCONHECIDO",
    )


def test_p1_the_same_sequence_with_other_content_is_quarantined(plant: Database) -> None:
    plant.record(batch(1, {A: {T0: (1, 0)}}))
    impostor = batch(1, {A: {T0: (9, 3)}}, content="outro")
    assert plant.record(impostor)[0] == {
        "chave": impostor["chave"],
        "versao_id": None,
        "situacao": "QUARENTENA",
        "motivo": "SEQ_DUPLICADA",
    }
    assert plant.situations(impostor) == ["QUARENTENA"]
    assert plant.balance(A) | {"recebido": None} == {
        "recebido": None,
        "atribuido": (1, 0),
        "sem_ordem": (0, 0),
        "retido": (0, 0),
        "quarentena": (9, 3),
    }
    assert len(plant.pending("QUARENTENA")) == 1


def test_p9_an_unknown_gateway_counts_nothing_until_it_is_registered(plant: Database) -> None:
    message = batch(1, {A: {T0: (4, 0)}}, gateway="planta-9")
    assert plant.record(message)[0]["motivo"] == "GATEWAY_DESCONHECIDO"
    assert plant.balance(A)["quarentena"] == (4, 0)
    plant.sql("delete from fontes_linha where linha_id = %s", A)
    plant.gateway("planta-9", A)
    assert plant.situations(message) == ["APLICADO"]
    assert plant.balance(A) == {
        "recebido": (4, 0),
        "atribuido": (4, 0),
        "sem_ordem": (0, 0),
        "retido": (0, 0),
        "quarentena": (0, 0),
    }
    assert plant.pending("QUARENTENA") == []
    assert plant.situations(message) == ["JA_APLICADO"]


def test_a_quarantined_batch_a_person_discarded_is_not_counted_by_a_replay(plant: Database) -> None:
    message = batch(1, {A: {T0: (4, 0)}}, gateway="planta-9")
    plant.record(message)
    (waiting,) = plant.pending("QUARENTENA")
    plant.call(plant.person(), "resolver_quarentena", p_id=waiting["detalhes"]["p_id"], p_motivo="gateway de teste")
    plant.gateway("planta-9")
    assert plant.situations(message) == ["QUARENTENA"]
    assert plant.balance(A)["quarentena"] == (4, 0)


def test_p8_a_refused_file_is_quarantined_whole_and_leaves_no_gap(plant: Database) -> None:
    plant.record(batch(1), batch(3, marks=[(A, T0 + 9)]))
    refused = batch(2, rejeitado={"motivo": "BATCH_MISMATCH", "detalhe": "o cabeçalho diz outro gateway"}, sha256=None)
    assert plant.situations(refused, refused) == ["QUARENTENA", "QUARENTENA"]
    assert plant.one("select ultima_seq_continua from epocas_gateway") == 3
    (waiting,) = plant.pending("QUARENTENA")
    assert waiting["descricao"] == "o cabeçalho diz outro gateway"
    assert waiting["setor"] is None


def test_p9_counts_of_a_source_that_owns_no_line_are_quarantined(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.sql("update fontes_linha set ate = %s where linha_id = %s", iso(T0 + 10), B)
    plant.owner(B, "planta-2", since=T0 + 10)
    plant.record(batch(1, {B: {T0 + 9: (1, 0), T0 + 10: (2, 1)}}, gateway="planta-2"))
    plant.record(batch(1, {B: {T0 + 9: (4, 0), T0 + 10: (8, 0)}}, spans=[span(B, T0 + 5, T0 + 10, 16)]))
    assert plant.balance(B) == {
        "recebido": (31, 1),
        "atribuido": (0, 0),
        "sem_ordem": (6, 1),
        "retido": (0, 0),
        "quarentena": (25, 0),
    }
    rows = plant.sql("select * from quarentena order by id")
    assert [(r["motivo"], r["producao"], r["byte_de"]) for r in rows] == [("NAO_DONO", 1, 100), ("NAO_DONO", 24, 100)]


def test_an_unknown_line_is_quarantined_with_sums_shown_in_the_balance(plant: Database) -> None:
    plant.record(batch(1, {"LINHA-X": {T0: (3, 1)}, A: {T0: (1, 0)}}))
    assert plant.balance("LINHA-X")["quarentena"] == (3, 1)
    (waiting,) = plant.pending("QUARENTENA")
    assert (waiting["linha_id"], waiting["detalhes"]["motivo"]) == ("LINHA-X", "LINHA_DESCONHECIDA")
    assert waiting["detalhes"]["registros"] == 1
    assert waiting["descricao"] == "A linha LINHA-X não está cadastrada."


def test_a_second_sensor_is_shown_and_never_added(plant: Database) -> None:
    plant.gateway("planta-2", A, role="conferencia")
    plant.record(batch(1, {A: {T0: (6, 1)}}, gateway="planta-2", spans=[span(A, T0, T0 + 9, 2)]))
    assert plant.totals() == {("000123", A): (0, 0)}
    assert plant.balance(A)["recebido"] == (0, 0)
    assert plant.sql("select fonte, producao, rejeicao from contagens_conferencia") == [
        {"fonte": "planta-2", "producao": 8, "rejeicao": 1}
    ]


def test_p1_only_what_a_second_sensor_saw_is_shown_as_its_own(plant: Database) -> None:
    plant.gateway("planta-2", A, role="conferencia")
    plant.owner(C, "planta-2")
    plant.record(batch(1, {A: {T0: (6, 1)}, C: {T0: (4, 0)}}, gateway="planta-2"))
    assert plant.sql("select linha_id, producao from contagens_conferencia") == [{"linha_id": A, "producao": 6}]
    assert plant.balance(C)["sem_ordem"] == (4, 0)


def test_a_second_above_the_lines_maximum_is_held_for_a_person(plant: Database) -> None:
    plant.sql("update linhas set maximo_por_segundo = 5 where linha_id = %s", A)
    plant.record(batch(1, {A: {T0: (5, 0), T0 + 1: (6, 0), T0 + 2: (1, 6)}}))
    assert plant.totals() == {("000123", A): (40, 0)}
    assert plant.balance(A)["retido"] == (7, 6)
    (waiting,) = plant.pending("RETIDA")
    assert (waiting["detalhes"]["motivo"], waiting["detalhes"]["itens"]) == ("IMPLAUSIVEL", 2)


@pytest.mark.parametrize("counter", [0, 1])
def test_a_second_that_would_overflow_its_vector_is_held_and_not_lost(plant: Database, counter: int) -> None:
    plant.sql("update linhas set maximo_por_segundo = null where linha_id = %s", B)
    top = 999_999_999
    pair = (top, 0) if counter == 0 else (0, top)
    second = T0 + 7  # not the first of its minute
    assert plant.situations(*(batch(n, {B: {second: pair}}) for n in (1, 2, 3))) == ["APLICADO"] * 3
    assert plant.balance(B)["sem_ordem"][counter] == 2 * top
    assert plant.balance(B)["retido"][counter] == top
    assert plant.situations(batch(4, {B: {second + 1: pair, second + 60: pair}})) == ["APLICADO"]
    assert plant.balance(B)["retido"][counter] == top, "other seconds have room"


@pytest.mark.parametrize(
    ("since", "until", "where"),
    [
        (T0 + 100.9, T0 + 159.9, "atribuido"),  # within the order
        (T0 - 60, T0 - 0.001, "sem_ordem"),  # within none
        (T0 - 0.5, T0, "retido"),  # the opening lies between
        (T0, T0 + 30, "atribuido"),  # from the very opening
        (T0 + 590, T0 + 599.999, "atribuido"),  # until just before the closing
        (T0 + 590, T0 + 600, "retido"),  # the closing lies between
        (T0 + 600, T0 + 610, "sem_ordem"),  # after it
        (T0 - 60, T0 + 700, "retido"),
    ],
)
def test_p2_a_span_is_attributed_unless_a_boundary_lies_inside(
    plant: Database, since: float, until: float, where: str
) -> None:
    plant.shut(plant.person(), "000123", A, T0 + 600)
    plant.record(batch(1, spans=[span(A, since, until, 5, 2)]))
    found = plant.balance(A)
    assert {part for part, pair in found.items() if pair == (5, 2)} == {"recebido", where}


def test_an_implausible_increment_is_held_even_where_one_order_covers_it(plant: Database) -> None:
    plant.record(batch(1, spans=[span(A, T0 + 1, T0 + 5, 5, 0, "implausivel")]))
    assert plant.balance(A)["retido"] == (5, 0)


def test_p8_what_could_not_be_read_is_kept_with_reason_bytes_and_place(plant: Database) -> None:
    torn = {
        "motivo": "CONTAGEM_ABSURDA",
        "detalhe": "a produção 12000000000 passa do maior contador",
        "linha_id": A,
        "registros": 1,
        "producao": 12_000_000_000,
        "rejeicao": 2,
        "byte_de": 40,
        "byte_ate": 90,
        "origem": "spep01.txt@88213",
        "amostra_base64": base64.b64encode(b"\xffx,1").decode(),
    }
    plant.record(batch(1, {A: {T0: (1, 0)}}, quarentena=[torn]))
    (row,) = plant.sql("select * from quarentena")
    assert (row["motivo"], row["amostra"], row["origem"]) == ("CONTAGEM_ABSURDA", b"\xffx,1", "spep01.txt@88213")
    assert (row["byte_de"], row["byte_ate"], row["detalhe"]) == (40, 90, torn["detalhe"])
    assert plant.balance(A)["quarentena"] == (12_000_000_000, 2)
    cut = torn | {"motivo": "LINHA_INCOMPLETA", "producao": 5, "rejeicao": 1}
    plant.record(batch(2, {A: {T0: (1, 0)}}, quarentena=[cut]))
    (last,) = plant.sql("select producao, rejeicao from quarentena where motivo = 'LINHA_INCOMPLETA'")
    assert tuple(last.values()) == (None, None), "no record yet: it comes again, whole"
    assert plant.balance(A)["quarentena"] == (12_000_000_000, 2)


def test_p7_a_total_walks_back_to_file_and_bytes(plant: Database) -> None:
    message = batch(1, {A: {T0: (2, 1), T0 + 5: (1, 0)}})
    message["linhas"][0]["flags"] = {"relogio": 2}
    plant.record(message)
    (row,) = plant.sql("select * from arquivos_linhas inner join arquivos_ingeridos on id = arquivo_id")
    assert (row["chave"], row["sha256"]) == (message["chave"], message["sha256"])
    assert (row["linha_id"], row["producao"], row["rejeicao"], row["byte_de"], row["byte_ate"]) == (A, 3, 1, 100, 900)
    assert row["flags"] == {"relogio": 2}
    assert (row["de"].timestamp(), row["ate"].timestamp()) == (T0, T0 + 5)


# Sequences and marks ------------------------------------------------------------------------------------------------


def mark(db: Database, line: str = A) -> float | None:
    rows = db.sql("select ate from marcas_linha where linha_id = %s", line)
    return rows[0]["ate"].timestamp() if rows else None


def test_p4_a_mark_advances_only_over_a_gap_free_prefix_of_sequences(plant: Database) -> None:
    plant.record(batch(1, marks=[(A, T0 + 1)]))
    plant.record(batch(3, marks=[(A, T0 + 3)]), batch(4, marks=[(A, T0 + 4)]))
    assert mark(plant) == T0 + 1
    plant.record(batch(2, marks=[(A, T0 + 2)]))
    assert mark(plant) == T0 + 4
    (row,) = plant.sql("select ultima_seq_continua, maior_seq from epocas_gateway")
    assert (row["ultima_seq_continua"], row["maior_seq"]) == (4, 4)


def test_p1_a_span_across_two_assignments_of_one_gateway_is_its_own(plant: Database) -> None:
    plant.sql("delete from fontes_linha where linha_id = %s", B)
    plant.owner(B, "planta-1", T0 - HOUR, T0 + 10)
    plant.owner(B, "planta-1", T0 + 10, T0 + 20)
    plant.owner(B, "planta-2", T0 + 20, None)
    plant.record(batch(1, {B: {T0 + 10: (1, 0)}}, spans=[span(B, T0 + 5, T0 + 19, 4), span(B, T0 + 5, T0 + 20, 8)]))
    assert plant.balance(B)["sem_ordem"] == (5, 0)
    assert plant.balance(B)["quarentena"] == (8, 0), "part of it is another gateway's"


def test_p11_a_mark_is_what_the_highest_sequence_says_even_if_earlier(plant: Database) -> None:
    earlier = batch(2, marks=[(A, T0 + 5)])
    earlier["marcas"][0] |= {"estado": "erro", "relogio_ms": -180}
    plant.record(earlier, batch(1, marks=[(A, T0 + 9)]))
    (row,) = plant.sql("select * from marcas_linha")
    assert (row["ate"].timestamp(), row["estado"], row["relogio_ms"]) == (T0 + 5, "erro", -180)


def test_p10_a_sequence_missing_for_ten_minutes_waits_and_may_be_voided(plant: Database) -> None:
    admin = plant.person("GESTOR")
    plant.record(batch(1), batch(4, marks=[(A, T0 + 4)]))
    assert plant.pending("SEQUENCIA_AUSENTE") == []
    plant.sql("set session_replication_role = replica")  # the ledger's own clock is set back, past its trigger
    plant.sql("update arquivos_ingeridos set ingerido_em = ingerido_em - interval '11 minutes'")
    plant.sql("set session_replication_role = origin")
    waiting = plant.pending("SEQUENCIA_AUSENTE")
    assert [(p["detalhes"]["p_seq"], p["detalhes"]["p_ate_seq"]) for p in waiting] == [(2, 3)]
    for row in waiting:
        arguments = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
        plant.call(admin, row["funcao"], p_motivo="disco do gateway perdido", **arguments)
    assert plant.pending("SEQUENCIA_AUSENTE") == []
    assert mark(plant) == T0 + 4


def test_p1_a_voided_sequence_that_arrives_is_counted_with_a_trail(plant: Database) -> None:
    plant.record(batch(1), batch(3))
    plant.call(
        plant.person("GESTOR"), "anular_sequencia", p_gateway="planta-1", p_epoca=EPOCH, p_seq=2, p_motivo="perdida"
    )
    assert plant.situations(batch(2, {A: {T0: (3, 0)}})) == ["APLICADO"]
    assert plant.balance(A)["atribuido"] == (3, 0)
    assert plant.one("select count(*) from trilha_auditoria where acao = 'sequencia_anulada_chegou'") == 1


def test_p10_a_new_epoch_waits_for_the_old_ones_last_sequence(plant: Database) -> None:
    admin, new = plant.person("GESTOR"), "f" * 32
    plant.record(batch(1), batch(2))
    plant.record(batch(1, epoch=new))
    (row,) = plant.pending("EPOCA_NOVA")
    assert (row["funcao"], row["detalhes"]["p_epoca"], row["detalhes"]["maior_seq"]) == ("encerrar_epoca", EPOCH, 2)
    plant.call(
        admin, "encerrar_epoca", p_gateway="planta-1", p_epoca=EPOCH, p_ultima_seq=4, p_motivo="spool substituído"
    )
    assert plant.pending("EPOCA_NOVA") == []
    plant.sql("update epocas_gateway set declarada_em = declarada_em - interval '11 minutes' where epoca = %s", EPOCH)
    waiting = [p["detalhes"] for p in plant.pending("SEQUENCIA_AUSENTE")]
    assert [(one["p_seq"], one["p_ate_seq"]) for one in waiting] == [(3, 4)]


# Loose files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def floor(plant: Database) -> Database:
    """Line C is counted by loose files."""
    plant.owner(C, "avulso")
    return plant


def test_p1_a_loose_file_counts_once_under_any_name(floor: Database) -> None:
    assert floor.situations(loose("um.txt", "", "abc", {C: {T0: (3, 0)}})) == ["APLICADO"]
    assert floor.situations(loose("um.txt", "", "abc", {C: {T0: (3, 0)}})) == ["JA_APLICADO"]
    assert floor.situations(loose("cópia.txt", "", "abc", {C: {T0: (3, 0)}})) == ["JA_APLICADO"]
    assert floor.balance(C)["sem_ordem"] == (3, 0)


def test_p1_a_grown_loose_file_adds_its_tail_and_the_answer_says_so(floor: Database) -> None:
    floor.record(loose("um.txt", "", "abc", {C: {T0: (3, 0)}}))
    (answer,) = floor.record(loose("um.txt", "", "abcdef", {C: {T0: (3, 0), T0 + 1: (2, 0)}}, "v2"))
    counted = loose("um.txt", "", "abc", {})["aceito"]
    assert (answer["situacao"], answer["prefixo"]) == (
        "PREFIXO",
        {**counted, "chave": "avulsos/um.txt", "versao_id": "v1"},
    )
    assert floor.situations(loose("um.txt", "abc", "abcdef", {C: {T0 + 1: (2, 0)}}, "v2")) == ["APLICADO"]
    assert floor.situations(loose("um.txt", "", "abc", {C: {T0: (3, 0)}})) == ["JA_APLICADO"]
    assert floor.balance(C)["sem_ordem"] == (5, 0)


def test_p1_a_copy_of_a_counted_file_may_grow_from_there(floor: Database) -> None:
    floor.record(loose("um.txt", "", "abc", {C: {T0: (3, 0)}}))
    floor.record(loose("dois.txt", "", "abc", {C: {T0: (3, 0)}}))
    assert floor.record(loose("dois.txt", "", "abcdef", {C: {T0: (5, 0)}}))[0]["prefixo"]["tamanho"] == 3
    assert floor.situations(loose("dois.txt", "abc", "abcdef", {C: {T0 + 1: (2, 0)}})) == ["APLICADO"]
    assert floor.balance(C)["sem_ordem"] == (5, 0)


def test_a_first_sight_that_claims_a_counted_part_is_told_there_is_none(floor: Database) -> None:
    assert floor.record(loose("um.txt", "abc", "abcdef", {}))[0]["prefixo"] == {
        "tamanho": 0,
        "sha256": None,
        "chave": "avulsos/um.txt",
        "versao_id": None,
    }


def begun(name: str, before: str, text: str, made: int, version: str = "v1") -> dict[str, Any]:
    """A loose file of the content that begins with an "a"."""
    return loose(name, before, text, {C: {T0 + len(text): (made, 0)}}, version, inicio_sha256=sha("a"))


def test_p1_a_content_counts_once_under_any_names_and_order_of_stages(floor: Database) -> None:
    assert floor.situations(begun("dois.txt", "", "abcd", 4)) == ["APLICADO"]
    # An earlier stage under another name: nothing of it is new. The answer says which object to compare it with.
    (answer,) = floor.record(begun("um.txt", "", "ab", 2))
    assert answer["situacao"] == "PREFIXO"
    assert (answer["prefixo"]["tamanho"], answer["prefixo"]["chave"]) == (4, "avulsos/dois.txt")
    # A later stage under the other name adds what follows; then the first name's own later stage adds nothing.
    assert floor.situations(begun("um.txt", "abcd", "abcdef", 2, "v2")) == ["APLICADO"]
    assert floor.situations(begun("dois.txt", "abcd", "abcdef", 2, "v2")) == ["JA_APLICADO"]
    assert floor.situations(begun("dois.txt", "abcd", "abcdefg", 3, "v3")) == ["PREFIXO"]
    assert floor.situations(begun("dois.txt", "abcdef", "abcdefg", 1, "v3")) == ["APLICADO"]
    assert floor.balance(C)["sem_ordem"] == (7, 0)
    walked = floor.sql(
        "select chave, contado_antes, aceito_tamanho from arquivos_ingeridos where situacao = 'APLICADO'"
    )
    assert [tuple(row.values()) for row in walked] == [
        ("avulsos/dois.txt", 0, 4), ("avulsos/um.txt", 4, 6), ("avulsos/dois.txt", 6, 7),
    ]  # fmt: skip


def test_p1_other_content_under_a_counted_name_is_compared_with_it(floor: Database) -> None:
    floor.record(begun("um.txt", "", "ab", 2), loose("tres.txt", "", "xy", {C: {T0: (1, 0)}}, inicio_sha256=sha("x")))
    (answer,) = floor.record(loose("um.txt", "", "xyz", {C: {T0: (1, 0)}}, "v2", inicio_sha256=sha("x")))
    assert (answer["situacao"], answer["prefixo"]["tamanho"]) == ("PREFIXO", 2)
    assert answer["prefixo"]["chave"] == "avulsos/um.txt"


def test_p1_a_file_without_records_keeps_its_place_for_its_first_one(floor: Database) -> None:
    assert floor.situations(loose("um.txt", "", "??", {})) == ["APLICADO"]
    (answer,) = floor.record(loose("um.txt", "", "??a", {C: {T0: (1, 0)}}, "v2", inicio_sha256=sha("??a")))
    assert answer["prefixo"]["tamanho"] == 2
    assert floor.situations(loose("um.txt", "??", "??a", {C: {T0: (1, 0)}}, "v2", inicio_sha256=sha("??a"))) == [
        "APLICADO"
    ]


def test_p1_a_second_without_owner_beside_counted_ones_can_be_read_again(plant: Database) -> None:
    plant.sql("delete from fontes_linha where linha_id = %s", B)
    for since, until in ((T0 - HOUR, T0 + 1), (T0 + 2, T0 + 3), (T0 + 4, None)):
        plant.owner(B, "planta-1", since, until)
    files = batch(1, {B: {T0 + n: (2**n, 0) for n in range(6)}})
    plant.record(files)
    assert plant.balance(B)["sem_ordem"] == (1 + 4 + 16 + 32, 0)
    waiting = plant.sql("select * from quarentena order by id")
    assert [row["producao"] for row in waiting] == [2, 8]
    plant.sql("delete from fontes_linha where linha_id = %s", B)
    plant.owner(B, "planta-1", T0 - HOUR, None)
    admin = plant.person("GESTOR")
    for row in waiting:
        number = row["id"]
        plant.call(admin, "reprocessar_quarentena", p_id=number, p_motivo="era dele")
        assert plant.situations(files | {"reprocessar": number}) == ["APLICADO"]
    assert plant.pending("QUARENTENA") == []
    assert plant.balance(B)["sem_ordem"] == (63, 0)


def test_p1_a_piece_read_again_in_vain_leaves_the_others_asked_for(plant: Database) -> None:
    files = batch(1, {C: {T0: (3, 0)}, "LINHA-X": {T0: (4, 0)}})
    plant.record(files)
    admin = plant.person("GESTOR")
    first, other = (row["id"] for row in plant.sql("select id from quarentena order by linha_id desc"))
    for number in (first, other):
        plant.call(admin, "reprocessar_quarentena", p_id=number, p_motivo="era dele")
    changed = batch(1, {C: {T0: (99, 0)}, "LINHA-X": {T0: (4, 0)}})
    (answer,) = plant.record(changed | {"reprocessar": first})
    assert (answer["situacao"], answer["motivo"]) == ("QUARENTENA", "REPROCESSO_DIVERGENTE")
    rows = plant.sql("select reprocessar_em is not null as asked, detalhe from quarentena order by linha_id desc")
    assert [row["asked"] for row in rows] == [False, True]
    assert ["Lido de novo" in row["detalhe"] for row in rows] == [True, False]


def test_p1_a_piece_still_without_owner_keeps_what_is_not_its_own(plant: Database) -> None:
    plant.sql("delete from fontes_linha where linha_id = %s", B)
    plant.owner(B, "planta-1", T0 - HOUR)
    own = span(B, T0 - HOUR - 9, T0, 5)  # begun before any owner, so only it waits; the second it ends in counts
    files = batch(1, {B: {T0: (3, 0)}}, spans=[own])
    plant.record(files)
    admin = plant.person("GESTOR")
    for since, left in ((T0 - HOUR, (5, 0)), (T0 - 2 * HOUR, (0, 0))):
        plant.sql("update fontes_linha set de = %s where linha_id = %s", iso(since), B)
        (row,) = plant.sql("select * from quarentena where resolvida_em is null")
        assert (row["outros_segundos"], row["relogio_corrigido"]) == ([T0], False)
        plant.call(admin, "reprocessar_quarentena", p_id=row["id"], p_motivo="era dele")
        assert plant.situations(files | {"reprocessar": row["id"]}) == ["APLICADO"]
        assert plant.balance(B)["quarentena"] == left
    assert plant.balance(B)["sem_ordem"] == (8, 0)


def test_p10_a_batch_read_again_in_vain_is_asked_for_no_more(plant: Database) -> None:
    files = batch(1, {B: {T0: (3, 0)}}, gateway="planta-9")
    plant.record(files)
    (row,) = plant.pending("QUARENTENA")
    plant.call(
        plant.person("GESTOR"), "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="gateway cadastrado"
    )
    assert plant.situations(files) == ["QUARENTENA"]
    assert plant.one("select count(*) from quarentena where reprocessar_em is not null") == 0
    assert len(plant.pending("QUARENTENA")) == 1


def test_p1_a_batch_read_again_says_what_of_it_still_waits(plant: Database) -> None:
    files = batch(1, {B: {T0: (3, 0)}, C: {T0: (4, 0)}}, gateway="planta-9")
    plant.record(files)
    plant.sql("insert into gateways (gateway) values ('planta-9')")
    plant.owner(C, "planta-9")
    (row,) = plant.pending("QUARENTENA")
    admin = plant.person("GESTOR")
    plant.call(admin, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="gateway cadastrado")
    assert plant.situations(files) == ["APLICADO"]
    done = plant.sql(
        "select decisao, decisao_motivo, resolvida_por::text from quarentena where resolvida_em is not null"
    )
    assert {(one["decisao"], one["resolvida_por"]) for one in done} == {("REPROCESSADO", admin)}
    (left,) = plant.pending("QUARENTENA")
    assert (left["linha_id"], left["detalhes"]["motivo"], left["detalhes"]["producao"]) == (B, "NAO_DONO", 3)


def test_a_torn_last_line_is_settled_by_the_version_that_completes_it(floor: Database) -> None:
    torn = {"motivo": "LINHA_INCOMPLETA", "detalhe": "a última linha não termina", "registros": 1, "byte_de": 3}
    first = loose("um.txt", "", "abc", {C: {T0: (3, 0)}}, quarentena=[torn])
    floor.record(first)
    assert len(floor.pending("QUARENTENA")) == 1
    floor.record(loose("um.txt", "abc", "abcdef", {C: {T0 + 1: (2, 0)}}, "v2"))
    assert floor.pending("QUARENTENA") == []
    assert floor.one("select decisao from quarentena") == "SUPERADO"


def test_p1_a_stage_that_counts_leaves_what_waits_of_the_one_before(floor: Database) -> None:
    floor.record(loose("um.txt", "", "abc", {B: {T0: (3, 0)}}))
    floor.record(loose("um.txt", "abc", "abcdef", {C: {T0: (2, 0)}}, "v2"))
    (row,) = floor.pending("QUARENTENA")
    assert (row["linha_id"], row["detalhes"]["motivo"], row["detalhes"]["producao"]) == (B, "NAO_DONO", 3)


def test_p1_a_stage_read_again_names_the_part_counted_before_it(floor: Database) -> None:
    floor.record(loose("outro.txt", "", "xy", {C: {T0 + 9: (1, 0)}}))
    floor.record(loose("um.txt", "", "abc", {C: {T0: (3, 0)}}))
    floor.record(loose("um.txt", "abc", "abcdef", {B: {T0: (2, 0)}}, "v2"))
    whole = loose("um.txt", "abcdef", "abcdefghi", {C: {T0 + 1: (1, 0)}}, "v3")
    floor.record(whole)
    (row,) = floor.pending("QUARENTENA")
    number = row["detalhes"]["p_id"]
    floor.call(floor.person("GESTOR"), "reprocessar_quarentena", p_id=number, p_motivo="era avulso")
    (answer,) = floor.record(whole | {"reprocessar": number})
    assert answer["situacao"] == "PREFIXO"
    found = {name: answer["prefixo"][name] for name in ("tamanho", "sha256", "ate", "versao_id")}
    assert found == {"tamanho": 3, "sha256": sha("abc"), "ate": 6, "versao_id": "v2"}


def test_a_loose_file_with_no_complete_line_yet_is_recorded_and_grows(floor: Database) -> None:
    torn = {"motivo": "LINHA_INCOMPLETA", "detalhe": "a última linha não termina", "registros": 1, "byte_de": 0}
    start = loose("um.txt", "", "", {}, quarentena=[torn])
    assert floor.situations(start, start) == ["APLICADO", "JA_APLICADO"]
    assert floor.situations(loose("um.txt", "", "abc", {C: {T0: (3, 0)}}, "v2")) == ["APLICADO"]
    assert floor.pending("QUARENTENA") == []


def test_p8_changed_content_under_a_counted_name_is_quarantined_once(floor: Database) -> None:
    floor.record(loose("um.txt", "", "abc", {C: {T0: (3, 0)}}))
    changed = loose("um.txt", "", "xyz", {}, "v2") | {
        "rejeitado": {"motivo": "CONTEUDO_ALTERADO", "detalhe": "o conteúdo mudou em vez de crescer"},
        "aceito": None,
        "sha256": None,
    }
    assert floor.situations(changed, changed) == ["QUARENTENA", "QUARENTENA"]
    assert [p["descricao"] for p in floor.pending("QUARENTENA")] == ["o conteúdo mudou em vez de crescer"]
    assert floor.situations(loose("um.txt", "abc", "abcd", {C: {T0: (1, 0)}}, "v3")) == ["APLICADO"]


@pytest.mark.parametrize("given_up", [False, True])
def test_p8_a_refused_file_that_can_be_read_counts_unless_given_up(floor: Database, given_up: bool) -> None:
    readable = loose("um.txt", "", "abc", {C: {T0: (3, 0)}})
    refused = {"rejeitado": {"motivo": "ZIP_CORROMPIDO", "detalhe": "o gzip não abre"}, "aceito": None, "sha256": None}
    assert floor.situations(readable | refused) == ["QUARENTENA"]
    if given_up:
        (row,) = floor.pending("QUARENTENA")
        why = {"p_id": row["detalhes"]["p_id"], "p_motivo": "o original foi contado à mão"}
        floor.call(floor.person("GESTOR"), "resolver_quarentena", **why)
    assert floor.situations(readable) == ["QUARENTENA" if given_up else "APLICADO"]
    assert floor.balance(C)["sem_ordem"] == ((0, 0) if given_up else (3, 0))
    assert floor.one("select decisao from quarentena") == ("DESCARTADO" if given_up else "REPROCESSADO")


def test_p9_a_loose_file_may_not_count_a_gateways_line(floor: Database) -> None:
    floor.record(loose("um.txt", "", "abc", {A: {T0: (3, 0)}}))
    assert floor.balance(A)["quarentena"] == (3, 0)


# Economy ------------------------------------------------------------------------------------------------------------


def versions(db: Database) -> dict[str, list[dict[str, object]]]:
    tables = (
        "linhas",
        "arquivos_ingeridos",
        "contagens_minuto",
        "ordens_producao_ativas",
        "epocas_gateway",
        "marcas_linha",
        "contagens_intervalo",
        "lotes_producao",
        "quarentena",
        "periodos_ordem",
    )
    return {table: db.sql(f"select ctid, xmin from {table} order by ctid") for table in tables}


def test_no_row_is_written_where_nothing_changed(plant: Database) -> None:
    person = plant.person()
    first = batch(1, {A: {T0: (1, 0)}, B: {T0: (1, 0)}}, marks=[(A, T0), (B, T0)], spans=[span(A, T0 - 5, T0 + 5, 1)])
    plant.record(first)
    before = versions(plant)
    plant.record(first, first)
    plant.open(person, "000123", A, T0)
    plant.open(person, "000123", A)
    assert versions(plant) == before


def test_a_batch_of_marks_alone_touches_no_count(plant: Database) -> None:
    plant.record(batch(1, {A: {T0: (1, 0)}}, marks=[(A, T0)]))
    before = versions(plant)
    plant.record(batch(2, marks=[(A, T0)]))
    after = versions(plant)
    assert {table for table in before if before[table] != after[table]} == {"arquivos_ingeridos", "epocas_gateway"}


def test_recording_reads_no_history(plant: Database) -> None:
    """A hundred thousand minutes of the past must not be visited to record a second of the present."""
    plant.sql(
        "insert into contagens_minuto (linha_id, minuto, total_producao)"
        " select %s, to_timestamp(60 * n), 1 from generate_series(1, 100000) n",
        B,
    )
    plant.sql("analyze contagens_minuto")
    plant.record(batch(1, {A: {T0: (1, 0)}}))
    plant.sql("select pg_stat_force_next_flush()")
    before = plant.sql("select seq_tup_read, idx_tup_fetch from pg_stat_user_tables where relname = 'contagens_minuto'")
    plant.record(batch(2, {A: {T0: (1, 0)}, B: {T0: (1, 0)}}))
    plant.open(plant.person(), "000123", B)
    plant.sql("select pg_stat_force_next_flush()")
    after = plant.sql("select seq_tup_read, idx_tup_fetch from pg_stat_user_tables where relname = 'contagens_minuto'")
    assert before[0]["seq_tup_read"] == after[0]["seq_tup_read"]
    assert after[0]["idx_tup_fetch"] - before[0]["idx_tup_fetch"] < 10


def test_p3_many_files_in_one_call_cost_no_more_than_each_alone(plant: Database) -> None:
    """Ten of five thousand seconds each; `make bench` has what that takes."""
    names = plant.sql("select linha_id from linhas where setor = 'SPEP' and etapa = 'ENVASE' order by 1")
    plant.gateway("planta-1", *(row["linha_id"] for row in names if row["linha_id"] not in (A, B)))
    files = [
        batch(f + 1, {row["linha_id"]: {T0 + 500 * f + n: (1, 0) for n in range(500)} for row in names})
        for f in range(10)
    ]
    server = psutil.Process(plant.one("select pg_backend_pid()"))

    def cost(*some: dict[str, Any]) -> float:
        """Seconds of a core that the database worked: others on this machine do not make it more."""
        before = server.cpu_times().user
        assert plant.situations(*some) == ["APLICADO"] * len(some)
        return server.cpu_times().user - before

    alone = cost(files[0])
    assert cost(*files[1:]) < 3 * 9 * alone
    assert plant.totals() == {("000123", A): (5_000 * 8, 0)}


def unread(
    reason: str, line: str | None, begin: int, counts: tuple[int | None, int | None], **more: Any
) -> dict[str, Any]:
    """A line of 50 bytes that the reader could not count."""
    return {
        "motivo": reason,
        "detalhe": f"faltam {2_000 - begin}",
        "linha_id": line,
        "registros": 1,
        "producao": counts[0],
        "rejeicao": counts[1],
        "byte_de": begin,
        "byte_ate": begin + 50,
        "origem": f"spep{2_000 - begin}.txt",
        "amostra_base64": base64.b64encode(bytes([255 - begin // 10])).decode(),
        **more,
    }


def test_p7_the_ledger_says_of_each_line_what_the_file_brought(plant: Database) -> None:
    spans = [span(A, T0 + 60, T0 + 120, 4) | {"byte_de": 50, "byte_ate": 99}]
    spans += [span(C, T0 + n, T0 + n + 5, n) | {"byte_de": n, "byte_ate": n + 9} for n in (10, 20)]
    unreadable = [
        unread("CONTAGEM_ABSURDA", A, 950, (None, 3)),
        unread("CONTAGEM_ABSURDA", B, 1_000, (7, None)),
        unread("LINHA_INCOMPLETA", B, 1_050, (50, 50)),
        unread("ILEGIVEL", B, 1_100, (None, None)),
        unread("ILEGIVEL", None, 1_150, (60, 60)),
        unread("ILEGIVEL", "LINHA-X", 1_200, (None, 1)),
    ]
    counts = {A: {T0 + 5: (2, 1), T0 + 7: (1, 0)}}
    file = batch(1, counts, spans=spans, quarentena=unreadable)
    file["linhas"][0]["flags"] = {"relogio": 1}
    plant.record(file)
    found = {row.pop("linha_id"): row for row in plant.sql("select * from arquivos_linhas")}
    names = ("registros", "producao", "rejeicao", "byte_de", "byte_ate")
    assert {line: tuple(row[name] for name in names) for line, row in found.items()} == {
        A: (2, 7, 4, 50, 1_000),
        B: (0, 7, 0, 1_000, 1_050),
        C: (2, 30, 0, 10, 29),
        "LINHA-X": (0, 0, 1, 1_200, 1_250),
    }
    times = {line: tuple(at and at.timestamp() - T0 for at in (row["de"], row["ate"])) for line, row in found.items()}
    assert times == {A: (5, 120), B: (None, None), C: (15, 25), "LINHA-X": (None, None)}
    assert {line: row["flags"] for line, row in found.items() if row["flags"]} == {A: {"relogio": 1}}
    (whole,) = plant.sql("select de, ate from arquivos_ingeridos")
    assert [at.timestamp() - T0 for at in whole.values()] == [5, 120]


def test_p7_a_line_that_counted_nothing_is_in_the_ledger(plant: Database) -> None:
    nothing = batch(1, {A: {T0: (1, 1)}})
    nothing["linhas"][0]["segundos"] = []
    plant.record(nothing)
    (row,) = plant.sql("select registros, producao, rejeicao from arquivos_linhas")
    assert tuple(row.values()) == (1, 0, 0)


def test_p8_unreadable_for_one_reason_is_one_item_in_file_order(plant: Database) -> None:
    pieces = [
        unread("ZERO", None, 500, (None, None)),
        unread("ILEGIVEL", A, 300, (1, None), registros=2),
        unread("ILEGIVEL", A, 100, (4, 2)),
        unread("ILEGIVEL", A, 700, (None, 8), byte_ate=700),
        unread("ABSURDA", None, 500, (None, None)),
        unread("CAMPOS", B, 200, (None, None)),
    ]
    plant.record(batch(1, {A: {T0: (1, 0)}}, quarentena=pieces))
    rows = plant.sql("select *, trechos::text as places from quarentena order by id")
    assert [(row["motivo"], row["linha_id"], row["byte_de"]) for row in rows] == [
        ("ILEGIVEL", A, 100),
        ("CAMPOS", B, 200),
        ("ABSURDA", None, 500),
        ("ZERO", None, 500),
    ]
    first, alone, *_ = rows
    assert first["detalhe"] == "faltam 1900; e mais 2 trechos do arquivo, pelo mesmo motivo"
    assert alone["detalhe"] == "faltam 1800"
    assert [first[name] for name in ("registros", "producao", "rejeicao", "byte_ate")] == [4, 5, 10, 700]
    assert (first["origem"], first["amostra"]) == ("spep1900.txt", bytes([245]))
    assert first["places"] == "{[100,150),[300,350)}", "what is empty has no place"
