"""How the integration stands, as managers and IT see it."""

import json
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch, iso

A = "SPEP-ENV-A"
B = "SPEP-ENV-B"


@pytest.fixture
def plant(db: Database) -> Database:
    db.manager = db.person("GESTOR", "SPEP")
    db.gateway("planta-1", A)
    db.gateway("planta-2", role="conferencia")
    db.owner(A, "planta-2", role="conferencia")
    db.lot("000123")
    return db


def seen(db: Database) -> dict[str, Any]:
    return db.call(db.manager, "integracao")


def gateway(db: Database) -> Any:
    (found,) = [one for one in seen(db)["gateways"] if one["gateway"] == "planta-1"]
    return found


def source(db: Database, line: str) -> Any:
    (found,) = [one for one in seen(db)["fontes"] if one["linha_id"] == line]
    return found


@pytest.mark.parametrize(("role", "sector"), [("SUPERVISOR", None), ("OPERADOR", "SPEP"), ("POSTO", "SPEP")])
def test_p9_only_managers_and_it_see_the_integration(plant: Database, role: str, sector: str | None) -> None:
    with pytest.raises(psycopg.Error) as error:
        plant.call(plant.person(role, sector), "integracao")
    assert error.value.sqlstate == "PT403"
    for allowed in (("ADMIN", None), ("GESTOR", "SPPV")):
        assert plant.call(plant.person(*allowed), "integracao")["gateways"]


def test_p10_a_gateway_shows_its_last_batch_gaps_clock_and_silence(plant: Database) -> None:
    assert gateway(plant)["recebido_em"] is None
    marks = [{"linha_id": A, "ate": iso(T0), "estado": "erro", "relogio_ms": -1800}]
    plant.record(batch(1, {A: {T0: (3, 0)}}, marcas=marks), batch(4, marks=[(A, T0 + 60)]))
    found = gateway(plant)
    assert (found["seq"], found["buracos"], found["a_espera"], found["epocas_abertas"]) == (4, 3, 1, 1)
    assert (found["marca"][:19], found["relogio_ms"], found["duvida"]) == (iso(T0)[:19], -1800, None)
    assert found["lido_em"] > found["recebido_em"]
    clock = {"desvio_ms": 90_000, "testemunha": "s3"}
    plant.record(batch(5, {A: {T0 + 90: (1, 0)}}, relogio=clock, selado_em=iso(T0)))
    assert "90 s adiantado (testemunha: s3)" in gateway(plant)["duvida"]
    line = source(plant, A)
    assert (line["fonte"], line["estado"], line["conferencia"]) == ("planta-1", "erro", ["planta-2"])
    assert source(plant, B)["fonte"] is None
    plant.sql("update gateways set criado_em = now() - interval '1 day'")
    plant.sql("update marcas_linha set atualizada_em = now() - interval '1 day'")
    assert seen(plant)["saude"]["gateways_em_silencio"] == ["planta-1"]
    assert A in seen(plant)["saude"]["linhas_em_silencio"]


def test_p10_totvs_shows_breaker_last_notice_and_what_each_pull_repaired(plant: Database) -> None:
    assert seen(plant)["totvs"]["aviso"] is None
    plant.sql("update disjuntores set estado = 'ABERTO', aberto_em = now(), sonda_em = now(), ultimo_erro = 'recusou'")
    for origin, key in (("webhook", "a"), ("consulta", "b")):
        plant.sql(
            "insert into recebimentos_totvs (chave, origem, recebido_em, bruto) values (%s, %s, %s, '')",
            *(key, origin, iso(T0)),
        )
    plant.sql(
        "insert into eventos_totvs (recebimento_id, indice, chave, tipo, referencia, recebido_em, situacao)"
        " select id, 0, 'e', 'ordem', '000123', recebido_em, 'APLICADO' from recebimentos_totvs where chave = 'a'"
    )
    for repaired in (1, 12):
        repairs = [f"ordem {n}" for n in range(repaired)]
        summary = {"paginas": 1, "linhas": 30, "reparados": repaired, "reparos": repairs}
        plant.sql(
            "insert into sincronizacoes_totvs (entidade, iniciada_em, situacao, resumo)"
            " values ('ordens', %s, 'COMPLETA', %s)",
            *(iso(T0), json.dumps(summary)),
        )
    found = seen(plant)["totvs"]
    assert (found["disjuntor"]["estado"], found["disjuntor"]["ultimo_erro"]) == ("ABERTO", "recusou")
    assert found["aviso"]["eventos"] == ["ordem 000123 aplicado"]
    (pull,) = found["consultas"]
    assert (pull["entidade"], pull["reparados"], len(pull["reparos"]), pull["erro"]) == ("ordens", 12, 10, None)


def test_p10_what_was_refused_shows_its_reason_and_how_much_waits(plant: Database) -> None:
    plant.record(batch(1, {"LINHA-X": {T0: (1, 0)}, A: {T0: (1, 0)}}), batch(2, {"LINHA-X": {T0 + 9: (1, 0)}}))
    plant.sql("insert into recebimentos_totvs (chave, origem, recebido_em, bruto) values ('a', 'webhook', now(), '')")
    for n in range(25):
        plant.sql(
            "insert into eventos_totvs (recebimento_id, indice, chave, recebido_em, situacao, codigo, motivo)"
            " select id, %s, %s, now(), 'RECUSADO', 'CAMPO_AUSENTE', %s from recebimentos_totvs",
            *(n, f"e{n}", f"falta o campo {n}"),
        )
    plant.sql("select registrar_falha('sicfar-txt', 'm1', 'txt_parser', 'not_an_s3_event', 'o corpo não é do S3')")
    treated = {
        "execucao": "00000000-0000-4000-8000-000000000001", "acao": "REENVIAR", "fase": "FEITO", "fila": "txt-dlq",
        "quem": "arn:aws:iam::1:user/ti", "comprovado": True, "requisicao": "r", "mensagens": [{"id": "m1"}],
    }  # fmt: skip
    plant.sql("select registrar_tratamento(%s)", json.dumps(treated))
    plant.sql("select interno.criar_envio('000123', 'PARCIAL', '{}')")
    plant.sql("update envios_totvs set situacao = 'RECUSADO', codigo = 'erp_refused', erro = 'não cadastrado'")
    found = seen(plant)["falhas"]
    assert [(one["numero_op"], one["erro"]) for one in found["envios"]] == [("000123", "não cadastrado")]
    assert (found["quantos_eventos"], len(found["eventos"])) == ({"RECUSADO": 25}, 20)
    assert found["eventos"][0]["motivo"] == "falta o campo 24"
    (held,) = found["quarentena"]
    assert (held["motivo"], held["assuntos"], held["itens"]) == ("LINHA_DESCONHECIDA", 1, 2)
    assert [one["motivo"] for one in found["mensagens"]] == ["o corpo não é do S3"]
    assert [(one["acao"], one["fase"], one["quem"]) for one in found["tratamentos"]] == [
        ("REENVIAR", "FEITO", "arn:aws:iam::1:user/ti")
    ]
    assert seen(plant)["saude"]["envios_parados"] == 1


def test_p7_the_last_seal_and_the_last_audit_are_shown(plant: Database) -> None:
    assert set(seen(plant)["auditoria"].values()) == {None}
    plant.sql("insert into selos (posicao, sha256, selado_em, registros) values (1, %s, now(), 3)", "a" * 64)
    for differences in (0, 2):
        plant.sql("select interno.registrar_auditoria(now() - interval '1 day', now(), 1, %s, '{}', '[]')", differences)
        shown = seen(plant)["auditoria"]
        assert (shown["selo"], shown["diferencas"]) == (1, differences)
    assert shown["selado_em"]
    assert shown["em"]
