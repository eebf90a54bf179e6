"""A closed lot reported by each template: what the ERP booked is what the machines made, after every correction too."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.simulators.totvs.moods import SUCCESS
from local.stack import erp
from local.stack.database import Database, Rpc, batch
from local.stack.run_folder import temporary_run
from sicfar.database.codes import ReportKind
from sicfar.database.requests import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.outbox import Poster, ReportFailedError
from sicfar.totvs.report_values import VALUES, Report, facts
from tests.support.ended_order import DAY, LINE, OP, one_order_ended, signed_and_closed
from tests.support.outbox import LIMITS, Office
from tests.support.plant_time import at

WHY = "pedido da integração"
# What each shape calls the reasons.
WORDS = {
    "canonico": {},
    "mata681": {"RT": "RETEM", "AS": "AMOSTRA_SEMIACABADO", "AA": "AMOSTRA_ACABADO"},
    "ttalk": {"AMSEMI": "AMOSTRA_SEMIACABADO", "AMACAB": "AMOSTRA_ACABADO"},
}
WHOLE = ("mata681", "ttalk")
SHAPES: dict[str, dict[str, Any]] = {
    "canonico": SUCCESS,
    "mata681": {"status": [201], "key": "H6_IDENT"},
    "ttalk": {
        "status": [200],
        "must": [{"field": "ProcessingInformation.Status", "values": ["ok"]}],
        "key": "ReturnContent.IntegrationReport",
    },
}


@pytest.fixture(scope="module")
def totvs() -> Iterator[erp.Erp]:
    with temporary_run() as folder:
        yield erp.start(folder)


class Reporting(Office):
    """The outbox of a database, emptied over HTTP into the simulated ERP by one template."""

    def __init__(self, db: Database, totvs: erp.Erp, name: str, shape: dict[str, Any] | None = None) -> None:
        self.db, self.totvs, self.name = db, totvs, name
        totvs.control(clear=True)
        template = json.loads(Path(f"config/relatorios/{name}.json").read_text(encoding="utf-8"))
        kinds = {kind: {"success": shape or SHAPES[name]} for kind in ("production", "losses", "status")}
        text = totvs.configuration(reports={"template": template, **kinds}, tenantId="01,0101")
        self.config = TotvsConfig.parse(text, "teste")
        self._bells = 0

    def ring(self, report: int, bell: str | None = None) -> list[Any]:
        self._bells += 1
        attempts: list[Attempt] = []
        client = TotvsClient(self.config, self.totvs.username, self.totvs.password, record=attempts.append)
        poster = Poster(self.config, client, Rpc(self.db), LIMITS, attempts)  # type: ignore[arg-type]
        try:
            return poster.ring(report, bell or f"mensagem-{self._bells}", lambda: False)
        finally:
            client.close()

    def drain(self) -> None:
        """What the schedule does until nothing is due."""
        while due := self.due():
            for report in due:
                self.ring(report)

    def booked(self) -> Counter[str]:
        """What the ERP's books come to: good units, and each reason, in our words."""
        books: Counter[str] = Counter()
        for one in self.totvs.booked():
            sign = -1 if one["operacao"] == "ESTORNO" else 1
            books["boas"] += sign * one.get("boas", 0)
            for row in [*one.get("refugos", []), *one.get("perdas", [])]:
                reason = row.get("codigo") or row["tipo"]
                books[WORDS[self.name].get(reason, reason)] += sign * row["quantidade"]
        return +books

    def operations(self) -> list[str]:
        return [one["operacao"] for one in self.totvs.booked()]


def made(db: Database) -> Counter[str]:
    """What the machines made and people typed of the order, now."""
    totals: dict[str, Any] = db.one("select interno.resumo_totais(interno.totais_json(%s), 'ENVASE')", OP)
    return +Counter({"boas": totals["boas"], **totals["refugos"], **totals["perdas"]})


@pytest.fixture
def plant(db: Database) -> Database:
    """The order ended, with samples; the ERP's words registered; the order came from TOTVS with 11 characters."""
    one_order_ended(db)
    admin = db.person("ADMIN")
    acts: list[tuple[str, dict[str, str]]] = [
        ("definir_recurso", {"p_linha_id": LINE, "p_recurso": "ENV01", "p_centro_custo": "3101"}),
        ("definir_operador", {"p_usuario_id": db.boss, "p_operador": "000777"}),
    ]
    operation = {"p_prefixo": "", "p_etapa": "ENVASE", "p_operacao": "10", "p_armazem": "01", "p_tipo_movimento": "010"}
    for function, arguments in [*acts, ("definir_operacao", operation)]:
        db.call(admin, function, **arguments, p_motivo=WHY)
    event = {
        "numero_op": f"{OP}01001",
        "produto_codigo": "07010012",
        "quantidade": "1000",
        "data_validade": "2028-03-31",
    }
    receive(db, {**event, "numero_lote": f"26C{OP}A", "unidade": "UN"})
    sampled(db, 4)
    return db


def receive(db: Database, data: dict[str, str], version: int = 1) -> None:
    event = {"indice": 0, "tipo": "ordem", "dados": data, "versao": str(version), "sha256": f"{version:064x}"}
    reception = {
        "chave": f"r{version}",
        "origem": "webhook",
        "recebido_em": "2026-03-15T10:00:00Z",
        "bruto": "",
        "eventos": [event],
    }
    with db.as_role("service_role"):
        (answer,) = db.one("select receber_eventos_totvs(%s::jsonb)", json.dumps(reception))
    assert answer["situacao"] in ("APLICADO", "SEM_EFEITO", "SUPERADO"), answer


def sampled(db: Database, amount: int) -> None:
    db.call(
        db.boss,
        "registrar_refugo",
        p_numero_op=OP,
        p_linha_id=LINE,
        p_quantidade=amount,
        p_tipo="RETEM",
        p_em=at("09:00"),
    )


def recounted(db: Database, units: int) -> None:
    """Each of the machine's cycles is worth so many units: fewer than the eight that were told."""
    factor = {
        "p_contador": "producao",
        "p_fator": units,
        "p_de": at("07:00"),
        "p_ate": None,
        "p_motivo": "cavidade fechada",
    }
    db.call(db.manager, "definir_fator", p_linha_id=LINE, **factor)


def corrected(db: Database, decision: str = "APROVAR") -> None:
    """The shift is signed again, what changed proposed, and decided."""
    db.sign(db.boss, LINE, DAY, "D1", "mudou depois de assinado")
    db.close_lots()
    db.call(db.manager, "decidir_ajustes", p_numero_op=OP, p_decisao=decision, p_motivo="diferença conferida")


def whole(db: Database, office: Reporting) -> None:
    db.sql("update parametros set valor = %s where nome = 'ESTORNO_INTEIRO'", int(office.name in WHOLE))


@pytest.mark.parametrize("name", WORDS)
def test_p5_a_closed_lot_and_its_corrections_are_booked_as_made(plant, totvs, name):
    office = Reporting(plant, totvs, name)
    whole(plant, office)
    signed_and_closed(plant)
    office.drain()
    assert office.booked() == made(plant) == {"boas": 113, "MAQUINA": 3, "RETEM": 4}
    status = plant.one("select situacao from envios_totvs where tipo = 'STATUS'")
    assert status == ("CONFIRMADO" if name == "canonico" else "DESCARTADO")
    # More good units and rejects; then fewer of each, and a sample back.
    plant.record(batch(2, {LINE: {at("09:10"): (5, 1)}}))
    corrected(plant)
    office.drain()
    assert office.booked() == made(plant) == {"boas": 152, "MAQUINA": 4, "RETEM": 4}
    (sample,) = plant.sql("select id from perdas_qualidade")
    plant.call(plant.boss, "estornar_refugo", p_id=sample["id"], p_motivo="amostra não retirada")
    recounted(plant, 7)
    corrected(plant)
    office.drain()
    assert office.booked() == made(plant)
    assert made(plant)["boas"] < 152
    assert "ESTORNO" in office.operations()
    assert plant.pending("ENVIO") == []


@pytest.mark.parametrize("name", WHOLE)
def test_p5_a_whole_report_is_reversed_once_by_its_key(plant, totvs, name):
    office = Reporting(plant, totvs, name)
    whole(plant, office)
    signed_and_closed(plant)
    office.drain()
    recounted(plant, 7)
    corrected(plant)
    office.drain()
    rows = plant.sql("select tipo, conteudo -> 'cadastro' -> 'estorna' as estorna from envios_totvs order by ordem")
    assert [row["tipo"] for row in rows] == ["PRODUCAO", "PERDAS", "STATUS", "ESTORNO", "AJUSTE"]
    key = plant.one("select chave_erp from envios_totvs where tipo = 'PRODUCAO'")
    assert rows[3]["estorna"] == {
        "id_externo": f"SF-{OP}-PRODUCAO-0001",
        "chave_erp": key,
        "tipo": "PRODUCAO",
        "inteiro": True,
    }
    # What was told anew is what is reversed the next time, not the closing again.
    recounted(plant, 6)
    corrected(plant)
    office.drain()
    assert office.booked() == made(plant)
    reversed_ = plant.sql(
        "select conteudo #>> '{cadastro,estorna,id_externo}' as de from envios_totvs where tipo = 'ESTORNO'"
    )
    assert [row["de"] for row in reversed_] == [f"SF-{OP}-PRODUCAO-0001", f"SF-{OP}-AJUSTE-0001"]


@pytest.mark.parametrize("name", WHOLE)
def test_p5_partial_reports_of_which_too_much_was_told_are_reversed_whole(plant, totvs, name):
    office = Reporting(plant, totvs, name)
    whole(plant, office)
    plant.sql("update parametros set valor = 1 where nome = 'PARCIAIS_SEGUNDOS'")
    plant.mark(LINE, at("10:00"))
    plant.close_lots()
    office.drain()
    assert office.operations() == ["PARCIAL"]
    recounted(plant, 7)
    signed_and_closed(plant)
    office.drain()
    assert office.booked() == made(plant)
    assert plant.pending("ENVIO") == []


def test_p5_only_what_the_erp_accepted_is_reversed_whole(plant, totvs):
    office = Reporting(plant, totvs, "mata681")
    whole(plant, office)
    signed_and_closed(plant)
    recounted(plant, 7)
    with pytest.raises(psycopg.Error) as error:
        corrected(plant)
    assert error.value.diag.message_primary == "ENVIO_PENDENTE"
    office.drain()
    corrected_after = {"p_numero_op": OP, "p_decisao": "APROVAR", "p_motivo": "diferença conferida"}
    plant.call(plant.manager, "decidir_ajustes", **corrected_after)
    office.drain()
    assert office.booked() == made(plant)


def test_p10_a_reversal_of_a_report_that_a_person_discarded_is_refused(plant, totvs):
    office = Reporting(plant, totvs, "mata681")
    whole(plant, office)
    signed_and_closed(plant)
    plant.sql("update envios_totvs set situacao = 'DESCARTADO', concluido_em = now()")
    recounted(plant, 7)
    with pytest.raises(psycopg.Error) as error:
        corrected(plant)
    assert error.value.diag.message_primary == "NADA_A_ESTORNAR"
    plant.call(plant.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="RECUSAR", p_motivo="acertado no TOTVS")


def test_p5_a_reversal_without_the_erps_key_waits_for_a_person(plant, totvs):
    office = Reporting(plant, totvs, "mata681", {"status": [201], "must": [{"field": "H6_IDENT"}]})
    whole(plant, office)
    signed_and_closed(plant)
    office.drain()
    recounted(plant, 7)
    corrected(plant)
    before = len(totvs.booked())
    with pytest.raises(ReportFailedError, match="estorna_chave_erp não tem valor"):
        office.drain()
    assert len(totvs.booked()) == before
    (waiting,) = plant.pending("ENVIO")
    assert waiting["funcao"] == "decidir_envio"


# What a report can say, as the database tells it --------------------------------------------------------------------


def claimed(db: Database, kind: str) -> Report:
    """The report as the poster is given it."""
    report = db.one("select max(id) from envios_totvs where tipo = %s", kind)
    with db.as_role("service_role"):
        claim = db.one("select reivindicar_envio(%s, 'a', 60, true)", report)
    return Report(ReportKind(claim["tipo"]), claim["id_externo"], claim["conteudo"], claim["cadastro"])


def unsaid(report: Report) -> set[str]:
    told = facts(report, "01,0101")
    return {value.name for value in VALUES if report.kind in value.kinds and told.get(value.name) is None}


def test_every_value_of_the_documents_table_is_told_by_the_database(plant):
    signed_and_closed(plant)
    plant.record(batch(2, {LINE: {at("09:10"): (5, 1)}}))
    sampled(plant, 1)
    corrected(plant)
    recounted(plant, 7)
    corrected(plant)
    seen: set[ReportKind] = set()
    for kind in ("PRODUCAO", "PERDAS", "STATUS", "AJUSTE", "ESTORNO"):
        before = "ordem < (select max(ordem) from envios_totvs where tipo = %s)"
        plant.sql(f"update envios_totvs set situacao = 'CONFIRMADO' where situacao = 'PENDENTE' and {before}", kind)
        report = claimed(plant, kind)
        seen.add(report.kind)
        told = facts(report, "01,0101")
        assert unsaid(report) == {"fabricacao"}, kind  # TOTVS had not said it
        (line,) = told["linhas"]
        assert (line["recurso"], line["centro_custo"], told["recurso"]) == ("ENV01", "3101", "ENV01")
        assert told["numero_op_totvs"] == f"{OP}01001"
        assert (told["operador"], told["turno"], told["validade"]) == ("000777", "D1", "2028-03-31")
        plant.sql(
            "update envios_totvs set situacao = 'CONFIRMADO', lease = null, chave_erp = 'K1' where lease is not null"
        )
    assert len(seen) == 5


def test_p4_reports_keep_the_master_data_of_the_closing(plant):
    signed_and_closed(plant)
    frozen = facts(claimed(plant, "PRODUCAO"), None)
    admin = plant.person("ADMIN")
    plant.call(admin, "definir_recurso", p_linha_id=LINE, p_recurso="NOVO", p_centro_custo=None, p_motivo=WHY)
    plant.sql("update lotes_producao set data_validade = '2030-01-01', unidade = 'CX', numero_op_totvs = 'outra'")
    plant.sql("update envios_totvs set situacao = 'CONFIRMADO', lease = null")
    plant.record(batch(2, {LINE: {at("09:10"): (5, 1)}}))
    corrected(plant)
    later = facts(claimed(plant, "AJUSTE"), None)
    names = (
        "recurso",
        "centro_custo",
        "validade",
        "unidade",
        "numero_op_totvs",
        "operacao_totvs",
        "armazem",
        "operador",
    )
    assert {name: later[name] for name in names} == {name: frozen[name] for name in names}


def test_an_older_closing_is_reported_with_todays_master_data(plant):
    signed_and_closed(plant)
    plant.sql("alter table fechamentos_lote disable trigger somente_acrescimo")
    plant.sql("update fechamentos_lote set cadastro = null")
    plant.one(
        "select interno.criar_envio(%s, 'AJUSTE', %s)", OP, json.dumps({"numero_op": OP, "boas": 1, "refugos": []})
    )
    plant.sql("update envios_totvs set situacao = 'CONFIRMADO' where tipo <> 'AJUSTE'")
    told = facts(claimed(plant, "AJUSTE"), None)
    assert (told["recurso"], told["numero_op_totvs"], told["boas"]) == ("ENV01", f"{OP}01001", 1)


@pytest.mark.parametrize("writings", [(f"{OP}01001", OP), (OP, f"{OP}01001"), (f"{OP}01001", OP, OP)])
def test_p2_of_two_writings_of_an_order_the_longer_is_kept_in_any_order(db, writings):
    db.lot(OP)
    event = {"produto_codigo": "07010012", "quantidade": "1000", "numero_lote": f"26C{OP}A"}
    for version, written in enumerate(writings, 1):
        receive(db, {**event, "numero_op": written}, version)
    for version, written in enumerate(reversed(writings), 11):
        receive(db, {**event, "numero_op": written}, 22 - version)
    assert db.one("select numero_op_totvs from lotes_producao where numero_op = %s", OP) == f"{OP}01001"


def test_p5_amounts_by_line_are_told_only_where_they_add_up(plant):
    plant.sql("update parametros set valor = 1 where nome = 'PARCIAIS_SEGUNDOS'")
    plant.mark(LINE, at("10:00"))
    plant.close_lots()
    partial = claimed(plant, "PARCIAL")
    assert unsaid(partial) == {"fabricacao", "assinante", "operador"}, "nobody has signed yet"
    plant.sql("update envios_totvs set situacao = 'CONFIRMADO', lease = null")
    plant.record(batch(2, {LINE: {at("09:10"): (5, 1)}}))
    signed_and_closed(plant)
    assert "por_linha" not in claimed(plant, "PRODUCAO").master


def test_the_amounts_of_each_line_are_told_with_a_closing_that_tells_all(plant):
    signed_and_closed(plant)
    by_line = claimed(plant, "PRODUCAO").master["por_linha"]
    assert by_line == {LINE: {"boas": 113, "refugos": [{"codigo": "MAQUINA", "quantidade": 3}]}}
