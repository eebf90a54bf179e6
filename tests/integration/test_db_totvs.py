"""The ERP's events in the database: each applied once, newest wins, what waits heals by itself, nothing is lost."""

import base64
import hashlib
import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch, iso

PRODUCT = "07010012"
LINE = "SPEP-ENV-A"


def event(kind: str, version: int | None = None, **fields: Any) -> dict[str, Any]:
    content = json.dumps([kind, fields, version], sort_keys=True)
    return {
        "indice": 0,
        "tipo": kind,
        "evento_id": None,
        "versao": None if version is None else str(version),
        "ocorrido_em": None,
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "dados": fields,
    }


def order(
    op: str = "146734", lot: str | None = "25L5480A", product: str = PRODUCT, quantity: str = "37254", **more: Any
):
    return event("ordem", numero_op=op, produto_codigo=product, quantidade=quantity, numero_lote=lot, **more)


def product(code: str = PRODUCT, text: str = "SOL. CLORETO DE SODIO 0,9% 100ML - SF", **more: Any) -> dict[str, Any]:
    return event("produto", produto_codigo=code, descricao=text, **more)


class Erp:
    """Sends what the ERP says, each request a second later than the one before unless told otherwise."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = T0

    def tell(
        self, *events: dict[str, Any], at: float | None = None, key: str | None = None, origin: str = "webhook"
    ) -> list[dict[str, Any]]:
        self.clock += 1
        request = {
            "chave": key or str(uuid.uuid4()),
            "origem": origin,
            "recebido_em": iso(self.clock if at is None else at),
            "correlacao": "teste",
            "remetente": "hmac:1",
            "tipo_conteudo": "application/json",
            "bruto": base64.b64encode(b"\xe7 as sent").decode(),
            "eventos": [{**one, "indice": n} for n, one in enumerate(events)],
        }
        with self.db.as_role("service_role"):
            answer: list[dict[str, Any]] = self.db.one("select receber_eventos_totvs(%s::jsonb)", json.dumps(request))
        assert [one["indice"] for one in answer] == list(range(len(events)))
        return answer

    def situations(self, *events: dict[str, Any], **more: Any) -> list[str]:
        return [answer["situacao"] for answer in self.tell(*events, **more)]

    def lot(self, op: str = "146734") -> dict[str, Any]:
        (row,) = self.db.sql("select * from lotes_producao where numero_op = %s", op)
        return row


@pytest.fixture
def erp(db: Database) -> Erp:
    return Erp(db)


# ------------------------------------------------------------------------------------------------------------ orders


def test_an_order_of_a_known_product_is_a_lot_with_everything_told(erp: Erp) -> None:
    told = order(descricao="SOL", dossie="5480A/25", volume_ml="2.5", data_emissao="2025-10-31", unidade="UN")
    assert erp.situations(product(), told) == ["APLICADO", "APLICADO"]
    lot = erp.lot()
    assert (lot["numero_lote"], lot["produto_codigo"], lot["status"]) == ("25L5480A", PRODUCT, "PLANEJADO")
    assert (lot["quantidade_planejada"], str(lot["volume_ml"]), lot["dossie"]) == (37254, "2.5", "5480A/25")
    assert lot["data_emissao"].isoformat() == "2025-10-31"
    stored = erp.db.sql("select bruto, recebido_em from recebimentos_totvs")
    assert [bytes(row["bruto"]) for row in stored] == [b"\xe7 as sent"]


def test_number_and_number_with_first_item_and_sequence_are_one_order(erp: Erp) -> None:
    erp.tell(product(), order("146734"))
    assert erp.situations(order("14673401001", quantity="10")) == ["APLICADO"]
    assert erp.lot()["quantidade_planejada"] == 10
    assert erp.db.one("select count(*) from lotes_producao") == 1


def test_p1_an_order_of_an_unknown_product_applies_when_it_comes(erp: Erp) -> None:
    (waiting,) = erp.tell(order())
    assert (waiting["situacao"], waiting["codigo"]) == ("ESTACIONADO", "FALTA_CADASTRO")
    assert "07010012" in waiting["motivo"]
    assert erp.db.one("select count(*) from lotes_producao") == 0
    erp.tell(product())
    assert erp.lot()["numero_lote"] == "25L5480A"
    assert erp.db.one("select situacao from eventos_totvs where tipo = 'ordem'") == "APLICADO"


def test_of_two_that_waited_for_one_product_the_newer_is_what_stays(erp: Erp) -> None:
    erp.tell(order(quantity="2"), at=T0 + 20)
    erp.tell(order(quantity="1"), at=T0 + 10)
    erp.tell(product(), at=T0 + 30)
    assert erp.lot()["quantidade_planejada"] == 2
    assert erp.db.one("select count(*) from eventos_totvs where situacao = 'ESTACIONADO'") == 0


@pytest.mark.parametrize(("code", "family"), [("08040015", "0804"), ("12030001", "1203")])
def test_orders_of_intermediates_and_drums_open_no_lot_with_reason(erp: Erp, code: str, family: str) -> None:
    (ignored,) = erp.tell(order(product=code, lot="DP25L295/1"))
    assert (ignored["situacao"], ignored["codigo"]) == ("IGNORADO", "FAMILIA_SEM_LOTE")
    assert family in ignored["motivo"]
    assert erp.db.one("select count(*) from lotes_producao") == 0


@pytest.mark.parametrize("origin", ["webhook", "consulta"])
def test_p2_an_order_that_does_not_count_here_opens_no_lot(erp: Erp, origin: str) -> None:
    erp.tell(product())
    (ignored,) = erp.tell({**order(filial="0102"), "ignorado": "OPs de filial 0102 não contam."}, origin=origin)
    assert (ignored["situacao"], ignored["codigo"], ignored["referencia"]) == ("IGNORADO", "NAO_CONTA", "146734")
    assert erp.db.one("select count(*) from lotes_producao") == 0
    kept = erp.db.one("select count(*) from eventos_totvs where situacao = 'IGNORADO'")
    assert kept == (1 if origin == "webhook" else 0)  # a pull brings it again every few minutes


def test_p2_another_branchs_same_number_is_refused(erp: Erp) -> None:
    erp.tell(product())
    erp.tell(order(filial="0101"))
    (other,) = erp.tell(order(quantity="5", lot="25L9999B", filial="0102"))
    assert (other["situacao"], other["codigo"]) == ("RECUSADO", "OUTRA_FILIAL")
    assert "é da filial 0101; chegou outra, com o mesmo número, da filial 0102" in other["motivo"]
    assert erp.lot()["numero_lote"] == "25L5480A"
    (same,) = erp.tell(order(quantity="7", filial="0101"))
    assert same["situacao"] == "APLICADO"


def test_p2_what_waits_of_another_branch_is_refused_and_not_superseded(erp: Erp) -> None:
    erp.tell(product())
    erp.tell(order(product="07010099", lot="25L9999B", filial="0102"))
    erp.tell(order(filial="0101"))
    waiting = "select situacao, codigo from eventos_totvs where dados ->> 'filial' = '0102'"
    assert [row["situacao"] for row in erp.db.sql(waiting)] == ["ESTACIONADO"]
    erp.tell(product("07010099"))
    assert [tuple(row.values()) for row in erp.db.sql(waiting)] == [("RECUSADO", "OUTRA_FILIAL")]
    assert erp.lot()["numero_lote"] == "25L5480A"


def test_p10_another_branchs_refusal_clears_by_its_own_id_only(erp: Erp) -> None:
    erp.tell(product(), order(filial="0101"))
    erp.tell({**order(quantity="5", filial="0102"), "evento_id": "SC2-9"})
    erp.tell(order(quantity="7", filial="0101"))
    assert len(erp.db.pending("EVENTO_RECUSADO")) == 1
    erp.tell({**order(quantity="9", filial="0101"), "evento_id": "SC2-9"})
    assert erp.db.pending("EVENTO_RECUSADO") == []


def test_p10_the_branch_that_counts_takes_the_number_back_from_another(erp: Erp) -> None:
    erp.tell(product())
    erp.tell(order(quantity="5", lot="25L9999B", filial="0102"))
    (ours,) = erp.tell(order())  # told without its branch: the only one that counts
    assert ours["situacao"] == "APLICADO"
    assert erp.lot()["numero_lote"] == "25L5480A"


@pytest.mark.parametrize(
    ("code", "lot", "line"),
    [
        (PRODUCT, "25L16503F", "SPEP-ENV-F"),
        (PRODUCT, "25J5480B", "SPEP-ENV-B"),
        (PRODUCT, "25L0958-R", None),
        (PRODUCT, "25L5480J", None),
        ("07040015", "DP25L295", None),
        ("07040015", "25L16503F", None),
    ],
)
def test_a_spep_lots_last_letter_proposes_its_line_others_get_none(
    erp: Erp, code: str, lot: str, line: str | None
) -> None:
    erp.tell(product(code), order(product=code, lot=lot))
    assert (erp.lot()["linha_id"], erp.lot()["linha_origem"]) == (line, line and "PROPOSTA")


def test_a_line_the_erp_names_beats_the_letter_and_an_unknown_one_waits(erp: Erp) -> None:
    erp.tell(product(), order(linha_id="SPEP-ENV-B"))
    assert (erp.lot()["linha_id"], erp.lot()["linha_origem"]) == ("SPEP-ENV-B", "TOTVS")
    erp.tell(order(quantity="5"))
    assert erp.lot()["linha_id"] == "SPEP-ENV-B"
    (waiting,) = erp.tell(order(linha_id="L99"))
    assert waiting["situacao"] == "ESTACIONADO"
    erp.db.sql("insert into linhas (linha_id, nome, setor, etapa) values ('L99', 'Nova', 'SPEP', 'ENVASE')")
    assert heal(erp) == 1
    assert erp.lot()["linha_id"] == "L99"


def heal(erp: Erp) -> int:
    with erp.db.as_role("service_role"):
        done = erp.db.one(
            "select concluir_sincronizacao_totvs('ordens', %s::timestamptz, 'COMPLETA', 1, '{}'::jsonb)", iso(T0)
        )
    return int(done["reaplicados"])


def test_a_lot_with_two_orders_is_two_rows(erp: Erp) -> None:
    erp.tell(product(), order("146734"), order("146735"))
    assert erp.db.one("select count(*) from lotes_producao where numero_lote = '25L5480A'") == 2


def test_an_order_without_a_lot_is_refused_and_settled_by_a_later_one(erp: Erp) -> None:
    erp.tell(product())
    (refused,) = erp.tell(order(lot=None))
    assert (refused["situacao"], refused["codigo"]) == ("RECUSADO", "LOTE_AUSENTE")
    (waiting,) = erp.db.pending("EVENTO_RECUSADO")
    assert "146734" in waiting["descricao"]
    erp.tell(order())
    assert erp.db.pending("EVENTO_RECUSADO") == []


def test_a_field_not_sent_stays_and_one_sent_blank_is_cleared(erp: Erp) -> None:
    erp.tell(product(), order(dossie="5480A/25", descricao="SOL"))
    erp.tell(order())
    assert (erp.lot()["dossie"], erp.lot()["descricao"]) == ("5480A/25", "SOL")
    erp.tell(order(dossie=None))
    assert (erp.lot()["dossie"], erp.lot()["descricao"]) == (None, "SOL")


def test_of_master_data_too_a_field_not_sent_stays_and_a_blank_clears(erp: Erp) -> None:
    stored = event(
        "lote", produto_codigo="MP1", numero_lote="L1", quantidade="5", fornecedor="X", data_validade="2027-01-31"
    )
    erp.tell(product(volume_ml="100", codigo_barras="789"), event("insumo", insumo_codigo="MP1", unidade="KG"), stored)
    erp.tell(
        product(volume_ml=None),
        event("insumo", insumo_codigo="MP1", tipo="MP"),
        event("lote", produto_codigo="MP1", numero_lote="L1", fornecedor=None),
    )
    (row,) = erp.db.sql("select volume_ml, codigo_barras from produtos")
    assert row == {"volume_ml": None, "codigo_barras": "789"}
    (row,) = erp.db.sql("select unidade, tipo from insumos")
    assert row == {"unidade": "KG", "tipo": "MP"}
    (row,) = erp.db.sql("select quantidade, fornecedor, data_validade::text from lotes_insumo")
    assert row == {"quantidade": 5, "fornecedor": None, "data_validade": "2027-01-31"}


def test_a_field_named_like_a_column_that_is_ours_sets_nothing(erp: Erp) -> None:
    long_ago = "2001-01-01T00:00:00Z"
    one, other = product(atualizado_em=long_ago), order(criado_em=long_ago, atualizado_em=long_ago, status="CONCLUIDO")
    assert erp.situations(one, other) == ["APLICADO", "APLICADO"]
    lot = erp.lot()
    assert (lot["status"], lot["criado_em"].year > 2001) == ("PLANEJADO", True)
    assert erp.situations(one, other) == ["SEM_EFEITO", "SEM_EFEITO"]


def test_another_description_updates_and_is_flagged_once_in_any_order(erp: Erp) -> None:
    older, newer = order(descricao="SOL"), order(descricao="SOLUÇÃO")
    erp.tell(product(), at=T0)
    erp.tell(newer, at=T0 + 20)
    assert erp.situations(older, at=T0 + 10) == ["SUPERADO"]
    assert erp.lot()["descricao"] == "SOLUÇÃO"
    assert erp.situations(older, at=T0 + 30) == ["APLICADO"]
    (flag,) = erp.db.sql("select * from alteracoes_op")
    assert (flag["codigo"], {flag["antes"], flag["depois"]}) == ("DESCRICAO_DIFERENTE", {"SOL", "SOLUÇÃO"})


# ------------------------------------------------------------------------------------------------- newest, and once


def test_an_older_event_never_overwrites_a_newer_one(erp: Erp) -> None:
    erp.tell(product(), order(quantity="2"), at=T0 + 20)
    assert erp.situations(order(quantity="1"), at=T0 + 10) == ["SUPERADO"]
    assert erp.lot()["quantidade_planejada"] == 2


def test_a_declared_version_outweighs_the_order_of_arrival(erp: Erp) -> None:
    def at(version: int, quantity: str) -> dict[str, Any]:
        return event(
            "ordem", version=version, numero_op="146734", produto_codigo=PRODUCT, quantidade=quantity, numero_lote="X"
        )

    erp.tell(product(), at(7, "7"))
    assert erp.situations(at(6, "6")) == ["SUPERADO"]
    assert erp.situations(at(8, "8")) == ["APLICADO"]
    assert erp.lot()["quantidade_planejada"] == 8


def test_a_declared_instant_orders_events_that_declare_no_version(erp: Erp) -> None:
    erp.tell(product(), {**order(quantity="2"), "ocorrido_em": iso(T0 + 20)})
    assert erp.situations({**order(quantity="1"), "ocorrido_em": iso(T0 + 10)}) == ["SUPERADO"]
    assert erp.lot()["quantidade_planejada"] == 2


def test_p1_the_same_request_twice_changes_nothing(erp: Erp) -> None:
    erp.tell(product(), order(quantity="1"), key="assinatura:1")
    erp.tell(order(quantity="2"), key="assinatura:2")
    assert erp.situations(product(), order(quantity="1"), key="assinatura:1") == ["JA_RECEBIDO", "JA_RECEBIDO"]
    assert erp.lot()["quantidade_planejada"] == 2
    assert erp.db.one("select count(*) from eventos_totvs") == 3


def test_p1_an_event_id_with_the_same_content_is_known_again_however_late(erp: Erp) -> None:
    first = {**order(quantity="1"), "evento_id": "SC2-1"}
    erp.tell(product(), first)
    erp.tell(order(quantity="2"))
    assert erp.situations(first) == ["JA_RECEBIDO"]
    assert erp.lot()["quantidade_planejada"] == 2


def test_an_event_id_used_again_for_other_content_is_another_event(erp: Erp) -> None:
    erp.tell(product(), {**order(quantity="1"), "evento_id": "146734"})
    assert erp.situations({**order(quantity="2"), "evento_id": "146734"}) == ["APLICADO"]
    assert erp.lot()["quantidade_planejada"] == 2


def test_the_same_content_again_has_no_effect_and_touches_no_row(erp: Erp) -> None:
    erp.tell(product(), order())
    before = erp.db.sql("select xmin::text, * from lotes_producao")
    assert erp.situations(product(), order()) == ["SEM_EFEITO", "SEM_EFEITO"]
    assert erp.db.sql("select xmin::text, * from lotes_producao") == before


def test_a_pull_keeps_only_what_it_repaired(erp: Erp) -> None:
    erp.tell(product())
    assert erp.situations(product(), order(), origin="consulta") == ["SEM_EFEITO", "APLICADO"]
    assert erp.situations(product(), order(), origin="consulta") == ["SEM_EFEITO", "SEM_EFEITO"]
    kept = erp.db.sql(
        "select r.origem, e.tipo from eventos_totvs e join recebimentos_totvs r on r.id = e.recebimento_id"
    )
    assert sorted((row["origem"], row["tipo"]) for row in kept) == [("consulta", "ordem"), ("webhook", "produto")]


def test_a_pull_that_meets_a_parked_or_refused_row_again_keeps_it_once(erp: Erp) -> None:
    refusal = {"indice": 0, "tipo": "ordem", "evento_id": None, "referencia": "x",
               "recusa": [{"campo": "C2_QUANT", "codigo": "TIPO", "mensagem": "não é número"}]}  # fmt: skip
    for _ in range(3):
        assert erp.situations(order(), refusal, origin="consulta") == ["ESTACIONADO", "RECUSADO"]
    assert erp.db.one("select count(*) from eventos_totvs") == 2


def test_two_rows_of_one_order_in_a_pull_do_not_swap_at_every_pull(erp: Erp) -> None:
    rows = [order(descricao="SOL"), order(descricao="SOLUÇÃO")]
    erp.tell(product())
    erp.tell(*rows, origin="consulta")
    settled = erp.lot()
    for again in (rows, rows[::-1], rows):
        answers = erp.tell(*again, origin="consulta")
        assert {answer["mudou"] for answer in answers} == {False}
    assert erp.lot() == settled
    assert erp.db.one("select count(*) from alteracoes_op") == 1


def test_p8_one_bad_event_hurts_only_itself(erp: Erp) -> None:
    refusal = {"indice": 0, "tipo": None, "evento_id": None, "referencia": None,
               "recusa": [{"campo": "", "codigo": "JSON", "mensagem": "não é JSON"}]}  # fmt: skip
    broken = event("produto", produto_codigo="9" * 40, descricao="código longo demais para a tabela")
    answers = erp.tell(product(), refusal, broken, order())
    assert [answer["situacao"] for answer in answers] == ["APLICADO", "RECUSADO", "RECUSADO", "APLICADO"]
    assert answers[2]["codigo"] == "ERRO_DO_BANCO"
    assert ["não é JSON" in waiting["descricao"] for waiting in erp.db.pending("EVENTO_RECUSADO")] == [True, False]


def test_an_order_number_that_is_none_is_refused(erp: Erp) -> None:
    (refused,) = erp.tell(order("#!?"))
    assert (refused["situacao"], refused["codigo"]) == ("RECUSADO", "OP_INVALIDA")


# -------------------------------------------------------------------------------------------- status and what counts


def person(erp: Erp) -> str:
    return erp.db.person("SUPERVISOR")


def count(erp: Erp, seq: int = 1) -> None:
    erp.db.record(batch(seq, {LINE: {T0 + 30 + seq: (5, 1)}}))


@pytest.fixture
def counted(erp: Erp) -> Erp:
    """An order open on its line that has counted six."""
    erp.db.gateway("planta-1", LINE)
    erp.tell(product(), order())
    erp.db.open(person(erp), "146734", LINE, T0)
    count(erp)
    return erp


def test_cancelled_and_reopened_in_the_erp(erp: Erp) -> None:
    erp.tell(product(), order())
    erp.tell(order(situacao="CANCELADA"))
    assert (erp.lot()["situacao_totvs"], erp.lot()["status"]) == ("CANCELADA", "PLANEJADO")
    assert erp.db.pending("OP_CANCELADA") == []
    for said in ("ABERTA", "ENCERRADA"):
        erp.tell(order(situacao=said))
        assert (erp.lot()["situacao_totvs"], erp.lot()["status"]) == (said, "PLANEJADO")


def test_p10_a_cancelled_order_waits_for_a_person_and_again_if_it_counts(counted: Erp) -> None:
    counted.tell(order(situacao="CANCELADA"))
    (waiting,) = counted.db.pending("OP_CANCELADA")
    assert (waiting["funcao"], waiting["detalhes"]["contagens"]) == ("encerrar_ordem", 6)
    assert waiting["setor"] == "SPEP"
    counted.db.shut(person(counted), "146734", LINE, T0 + 60)
    (waiting,) = counted.db.pending("OP_CANCELADA")
    assert waiting["funcao"] == "por_ordem_de_lado"
    stranger = counted.db.person("SUPERVISOR", "SPPV")
    with pytest.raises(psycopg.Error, match="SEM_PERMISSAO"):
        counted.db.call(stranger, "por_ordem_de_lado", p_numero_op="146734", p_motivo="não é do setor")
    who = counted.db.person("SUPERVISOR", "SPEP")
    counted.db.call(who, "por_ordem_de_lado", p_numero_op="146734", p_motivo="lote descartado, ver desvio 12")
    assert counted.db.pending("OP_CANCELADA") == counted.db.pending("OP_POSTA_DE_LADO") == []
    count(counted, 2)
    assert len(counted.db.pending("OP_POSTA_DE_LADO")) == 1
    counted.db.call(who, "por_ordem_de_lado", p_numero_op="146734", p_motivo="contagem atrasada do mesmo lote")
    assert counted.db.pending("OP_POSTA_DE_LADO") == []
    trail = counted.db.sql("select motivo from trilha_auditoria where acao = 'por_ordem_de_lado' order by id")
    assert [row["motivo"] for row in trail] == ["lote descartado, ver desvio 12", "contagem atrasada do mesmo lote"]


def test_an_order_that_counted_stays_under_way_when_the_erp_reopens_it(counted: Erp) -> None:
    counted.tell(order(situacao="CANCELADA"))
    counted.tell(order(situacao="ABERTA"))
    assert counted.lot()["status"] == "EM_ANDAMENTO"
    counted.tell(order(situacao="ENCERRADA"))
    assert counted.lot()["status"] == "EM_ANDAMENTO"


def test_p10_another_product_or_lot_after_counting_is_seen_by_a_person(counted: Erp) -> None:
    counted.tell(product("07010013", "OUTRO"), order(lot="25L5480B", product="07010013"))
    (waiting,) = counted.db.pending("OP_ALTERADA")
    assert "25L5480B" in waiting["descricao"]
    assert "07010013" in waiting["descricao"]
    counted.db.call(person(counted), "reconhecer_alteracao_op", p_numero_op="146734", p_motivo="conferido com o PCP")
    assert counted.db.pending("OP_ALTERADA") == []
    with pytest.raises(psycopg.Error, match="NADA_A_RECONHECER"):
        counted.db.call(person(counted), "reconhecer_alteracao_op", p_numero_op="146734", p_motivo="outra vez")


def test_p10_what_waits_too_long_for_its_product_may_be_set_aside(erp: Erp) -> None:
    erp.tell(order(), at=time.time() - 60)
    assert erp.db.pending("EVENTO_ESTACIONADO") == []
    erp.tell(order("146735"), at=time.time() - 3600)
    (waiting,) = erp.db.pending("EVENTO_ESTACIONADO")
    erp.db.call(
        person(erp), "resolver_evento_totvs", p_id=waiting["detalhes"]["p_id"], p_motivo="produto descontinuado"
    )
    assert erp.db.pending("EVENTO_ESTACIONADO") == []
    erp.tell(product())
    assert erp.db.one("select array_agg(numero_op) from lotes_producao") == ["146734"]


# ------------------------------------------------------------------------------------------------- opening checks


def why_not(erp: Erp, op: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as refused:
        erp.db.open(person(erp), op, LINE)
    return refused.value


def test_why_an_order_cannot_be_opened_is_said_readably(erp: Erp) -> None:
    erp.tell(product(bloqueado=True), order())
    erp.tell(order("146735", product="07010099"), order("146736", product="08040015"), order("146737", lot=None))
    assert "está bloqueado" in str(why_not(erp, "146734").diag.message_detail)
    assert "espera um cadastro: O produto 07010099" in str(why_not(erp, "146735").diag.message_detail)
    assert "não abre lote" in str(why_not(erp, "146736").diag.message_detail)
    assert "com erro: A OP 146737 não diz o número do lote" in str(why_not(erp, "146737").diag.message_detail)
    assert "ainda não chegou" in str(why_not(erp, "146738").diag.message_detail)


def test_a_screen_is_told_everything_at_once_before_opening(erp: Erp) -> None:
    erp.tell(product(bloqueado=True), order(situacao="CANCELADA", lot="25L5480B"))
    erp.db.sql("update linhas set ativa = false where linha_id = %s", LINE)
    answer = erp.db.call(person(erp), "verificar_abertura", p_numero_op="146734", p_linha_id=LINE)
    assert answer["pode_abrir"] is False
    assert [one["codigo"] for one in answer["motivos"]] == ["LINHA_INATIVA", "OP_CANCELADA", "PRODUTO_BLOQUEADO"]
    assert [one["codigo"] for one in answer["avisos"]] == ["SEM_VELOCIDADE", "LINHA_DIFERENTE"]
    answer = erp.db.call(person(erp), "verificar_abertura", p_numero_op="1", p_linha_id="NADA")
    assert [one["codigo"] for one in answer["motivos"]] == ["LINHA_DESCONHECIDA", "OP_DESCONHECIDA"]


def test_a_nominal_speed_silences_the_warning(erp: Erp) -> None:
    erp.tell(product(), order())
    assert [one["codigo"] for one in erp.db.open(person(erp), "146734", LINE)["avisos"]] == ["SEM_VELOCIDADE"]
    erp.tell(speed("2025-01-01", "4000"))
    assert erp.db.open(person(erp), "146734", LINE)["avisos"] == []


# ----------------------------------------------------------------------------------- products, inputs, lots, speeds


def test_the_type_decides_between_a_product_and_an_input(erp: Erp) -> None:
    erp.tell(product("07010012", tipo="PA"), product("01010001", "POLIETILENO", tipo="MP", unidade="KG"))
    assert erp.db.one("select array_agg(produto_codigo) from produtos") == ["07010012"]
    assert erp.db.one("select array_agg(insumo_codigo) from insumos") == ["01010001"]


def test_a_product_deleted_in_the_erp_is_blocked_here(erp: Erp) -> None:
    erp.tell(product(), order())
    erp.tell(product(excluido=True, bloqueado=False))
    assert erp.db.one("select bloqueado from produtos") is True
    erp.tell(product(excluido=False, bloqueado=False))
    assert erp.db.one("select bloqueado from produtos") is False


def test_an_input_lot_waits_for_its_input(erp: Erp) -> None:
    lot = event("lote", produto_codigo="01010001", numero_lote="L1", quantidade="3022.52", data_validade="2027-01-31")
    assert erp.situations(lot) == ["ESTACIONADO"]
    erp.tell(event("insumo", insumo_codigo="01010001", descricao="POLIETILENO"))
    (row,) = erp.db.sql("select * from lotes_insumo")
    assert (str(row["quantidade"]), row["data_validade"].isoformat(), row["situacao"]) == (
        "3022.52",
        "2027-01-31",
        "EM_ESTOQUE",
    )


@pytest.mark.parametrize("lot_first", [True, False])
def test_the_stock_lot_of_a_product_dates_its_orders_whichever_came_first(erp: Erp, lot_first: bool) -> None:
    lot = event("lote", produto_codigo=PRODUCT, numero_lote="25L5480A", data_fabricacao="2025-11-01")
    told = [lot, order(data_fabricacao=None)] if lot_first else [order(data_fabricacao=None), lot]
    erp.tell(product())
    for one in told:
        erp.tell(one)
    erp.tell(order(data_fabricacao=None, quantity="9"))
    assert erp.lot()["data_fabricacao"].isoformat() == "2025-11-01"


def speed(since: str | None, units: str, until: str | None = None) -> dict[str, Any]:
    dates: dict[str, Any] = {} if since is None else {"vigente_desde": since}
    return event("velocidade", linha_id=LINE, produto_codigo=PRODUCT, velocidade=units, vigente_ate=until, **dates)


@pytest.mark.parametrize("backwards", [False, True])
def test_speeds_keep_their_history_in_whatever_order_they_come(erp: Erp, backwards: bool) -> None:
    told = [speed("2025-01-01", "4000"), speed("2025-06-01", "4200", "2025-06-30"), speed("2025-09-01", "3900")]
    erp.tell(product())
    for one in reversed(told) if backwards else told:
        erp.tell(one)
    rows = erp.db.sql("select velocidade::int as v, validade::text as d from velocidades_nominais order by de")
    assert [(row["v"], row["d"]) for row in rows] == [
        (4000, "[2025-01-01,2025-06-01)"),
        (4200, "[2025-06-01,2025-07-01)"),
        (3900, "[2025-09-01,)"),
    ]


def test_a_speed_without_a_day_holds_from_its_receipt_and_repeats_nothing(erp: Erp) -> None:
    erp.tell(product())
    assert erp.situations(speed(None, "4000")) == ["APLICADO"]
    assert erp.situations(speed(None, "4000"), at=T0 + 90_000) == ["SEM_EFEITO"]
    assert erp.db.one("select array_agg(de::text) from velocidades_nominais") == ["2026-03-15"]


def test_a_corrected_speed_leaves_the_old_one_in_the_trail(erp: Erp) -> None:
    erp.tell(product(), speed("2025-01-01", "4000"))
    erp.tell(speed("2025-01-01", "4100"))
    (trail,) = erp.db.sql("select antes, depois from trilha_auditoria where acao = 'velocidade_corrigida'")
    assert (trail["antes"]["velocidade"], trail["depois"]["velocidade"]) == (4000, 4100)


# -------------------------------------------------------------------------------------------- access and the record


def test_p7_what_was_told_cannot_change_even_by_the_service_key(erp: Erp) -> None:
    erp.tell(product(), order())
    for statement in (
        "update eventos_totvs set dados = '{}'",
        "delete from eventos_totvs",
        "truncate recebimentos_totvs cascade",
        "update recebimentos_totvs set bruto = ''",
        "delete from tentativas_integracao",
    ):
        with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
            erp.db.sql(statement)


def test_p9_only_the_service_key_delivers_events_signed_in_people_read(erp: Erp) -> None:
    erp.tell(product())
    for role in ("anon", "authenticated"):
        with pytest.raises(psycopg.Error, match="permission denied"), erp.db.as_role(role, str(uuid.uuid4())):
            erp.db.sql("select receber_eventos_totvs('{}'::jsonb)")
    with erp.db.as_role("authenticated", str(uuid.uuid4())):
        assert erp.db.one("select count(*) from eventos_totvs") == 1
    with pytest.raises(psycopg.Error, match="permission denied"), erp.db.as_role("service_role"):
        erp.db.sql("insert into estado_totvs select 'x', 'y', null, null, now(), '', '{}'")


def test_p7_every_request_of_the_erp_is_on_record_as_an_attempt(erp: Erp) -> None:
    erp.tell(product())
    (row,) = erp.db.sql("select * from tentativas_integracao")
    assert (row["sentido"], row["operacao"], row["status_http"], row["resultado"]) == ("ENTRADA", "eventos", 200, "OK")
    assert row["bytes_recebidos"] == len(b"\xe7 as sent")


def known(at: float) -> str:
    """An instant as the database says it."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def test_a_pull_resumes_and_moves_its_mark_only_when_complete(erp: Erp) -> None:
    def start() -> tuple[str | None, int]:
        answer = erp.db.one("select iniciar_sincronizacao_totvs('ordens')")
        return answer["alterado_desde"], answer["proxima_pagina"]

    def end(at: float, how: str, page: int) -> None:
        erp.db.sql("select concluir_sincronizacao_totvs('ordens', %s::timestamptz, %s, %s, '{}')", iso(at), how, page)

    now = erp.db.one("select extract(epoch from clock_timestamp())::bigint")
    assert start() == (None, 1)
    end(now, "INCOMPLETA", 5)
    end(now + 100, "FALHOU", 9)
    assert start() == (None, 5)
    end(now + 200, "COMPLETA", 1)
    assert start() == (known(now), 1)
    end(now + 300, "COMPLETA", 1)
    assert start() == (known(now + 300), 1)


@pytest.mark.parametrize(("late", "page"), [("COMPLETA", 1), ("INCOMPLETA", 12)])
def test_p6_a_pull_beside_which_another_ended_moves_no_mark(erp: Erp, late: str, page: int) -> None:
    """It began from a mark that stands no more: what changed meanwhile on pages before its own, nobody would read."""

    def end(at: float, how: str, page: int) -> None:
        erp.db.sql("select concluir_sincronizacao_totvs('ordens', %s::timestamptz, %s, %s, '{}')", iso(at), how, page)

    def start() -> tuple[str | None, int]:
        answer = erp.db.one("select iniciar_sincronizacao_totvs('ordens')")
        return answer["alterado_desde"], answer["proxima_pagina"]

    now = erp.db.one("select extract(epoch from clock_timestamp())::bigint")
    end(now - 60, "COMPLETA", 1)
    assert start() == (known(now - 60), 1)
    end(now - 50, late, page)  # begun before the first had ended
    assert start() == (known(now - 60), 1)
    assert erp.db.one("select count(*) from sincronizacoes_totvs") == 2
    end(now + 100, "COMPLETA", 1)
    assert start() == (known(now + 100), 1)


def test_p1_deliveries_at_once_leave_nothing_parked_and_nothing_twice(erp: Erp) -> None:
    events = [product(f"0701{n:04}") for n in range(8)]
    events += [order(f"1467{n:02}", product=f"0701{n % 8:04}", lot=f"25L{5000 + n}A", version=n) for n in range(24)]
    errors: list[BaseException] = []

    def deliver(worker: int) -> None:
        try:
            database = Database(erp.db.url)
            mine = events[worker:] + events[:worker]
            for n, one in enumerate(mine[::-1] if worker % 2 else mine):
                Erp(database).tell(one, at=T0 + n)
            database.close()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    workers = [threading.Thread(target=deliver, args=(n * 5,)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert erp.db.one("select count(*) from lotes_producao") == 24
    assert erp.db.one("select count(*) from eventos_totvs where situacao = 'ESTACIONADO'") == 0
