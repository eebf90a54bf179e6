"""*Lotes*: a lot that closes, an adjustment decided by clicks, and the way back to the bytes."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from local.stack.usuarios import as_person, create_operator
from local.waiting import until
from tests.painel.forms import form_token, signed_in
from tests.support.gateway import START, Gateway

LINE = "LIQ-ENV-A"
HOSTILE = "<img src=x onerror=alert(1)>"


class Closed:
    """Orders that ran on the line for ten seconds each, counted by a gateway and closed."""

    def __init__(self, plant: Any) -> None:
        self._plant = plant
        self._ran = 0
        stack = plant.stack
        self._supervisor = as_person(stack.supabase, create_operator(stack, "lotes@planta.example", "SUPERVISOR"))
        plant.do("insert into gateways (gateway) values ('teste-lotes')")
        plant.do(
            "insert into fontes_linha (linha_id, fonte, de) values (%s, 'teste-lotes', %s)",
            *(LINE, START - timedelta(days=1)),
        )
        self.gateway = Gateway(stack.aws.s3, stack.deployment.outputs["BucketName"], "teste-lotes", LINE)
        self.gateway.upload(self.gateway.seal((0, 0), second=3600))

    def order(self, made: int, rejected: int) -> str:
        """One more, closed; TOTVS has taken it in."""
        op: str = self._plant.order(LINE)
        begun = START + timedelta(seconds=10 * self._ran)
        self.gateway.upload(self.gateway.seal((made, rejected), *[(0, 0)] * 9, second=10 * self._ran))
        self._ran += 1
        self._act("abrir_ordem", p_numero_op=op, p_linha_id=LINE, p_aberta_em=begun.isoformat())
        ended = (begun + timedelta(seconds=10)).isoformat()
        self._act("encerrar_ordem", p_numero_op=op, p_linha_id=LINE, p_encerrada_em=ended)
        counted = "select producao_acumulada n from ordens_producao_ativas where numero_op = %s"
        until(lambda: self._plant.sql(counted, op) == [{"n": made}], "the batch is counted")
        self.sign()

        def taken() -> bool:
            assert self._plant.stack.wake_closing().status_code == 200
            reports = self._plant.sql("select situacao from envios_totvs where numero_op = %s", op)
            return bool(reports) and {one["situacao"] for one in reports} == {"CONFIRMADO"}

        missing = "select faltas from fechamentos_pendentes where numero_op = %s"
        until(taken, "TOTVS took it in", state=lambda: self._plant.sql(missing, op), pause_s=0.6)
        return op

    def adjustment(self, op: str) -> None:
        """Three units come after the closing; the shift is signed again."""
        self.gateway.upload(self.gateway.seal((3, 0), *[(0, 0)] * 4, second=10 * self._ran - 5))

        def proposed() -> bool:
            assert self._plant.stack.wake_closing().status_code == 200
            return bool(self._proposed(op))

        until(proposed, "an adjustment is proposed", pause_s=0.6)
        self.sign()

    def _proposed(self, op: str) -> list[dict[str, Any]]:
        return list(
            self._plant.sql(
                "select a.* from ajustes_fechamento a join fechamentos_lote f on f.id = a.fechamento_id"
                " where f.numero_op = %s and a.situacao = 'PROPOSTO'",
                op,
            )
        )

    def sign(self) -> None:
        self._act("assinar_diario", p_linha_id=LINE, p_data="2026-03-15", p_turno="D1")

    def _act(self, function: str, **arguments: object) -> None:
        self._supervisor.rpc(function, {**arguments, "p_motivo": "roteiro de teste"}).execute()


@pytest.fixture(scope="module")
def closed(plant) -> Closed:
    return Closed(plant)


def test_p4_p7_a_closed_lot_shows_totals_totvs_and_the_bytes(closed, plant, page_as, accessible) -> None:
    op = closed.order(20, 3)
    page: Page = page_as("OPERADOR", "LIQUIDOS", "lotes")
    page.get_by_label("OP ou lote").fill(op)
    page.get_by_label("Situação").select_option("fechado")
    page.get_by_role("button", name="Procurar").click()
    accessible(page)
    page.get_by_role("link", name=op, exact=True).click()
    expect(page.get_by_role("heading", name=f"OP {op}")).to_be_visible()
    expect(page.locator("main")).to_contain_text("17 boas de 20 produzidas; 3 refugo, 0 amostras")
    expect(page.get_by_role("region", name="Totais congelados")).to_contain_text("produzidas")
    expect(page.locator("main")).to_contain_text(re.compile("assinado por .* \\(supervisor\\)"))
    told = page.get_by_role("listitem").filter(has_text="Produção do lote: o TOTVS aceitou")
    told.locator("summary").last.click()
    expect(told).to_contain_text("(201)")
    expect(told).to_contain_text("Respondido:")
    page.get_by_role("link", name="08:00: 20 produzidas, 3 refugo").click()
    page.locator("summary").filter(has_text="20 contagens em 10 registros").click()
    (stored,) = plant.sql(
        "select a.sha256, l ->> 'byte_de' de, l ->> 'byte_ate' ate from arquivos_ingeridos a,"
        " jsonb_array_elements(a.linhas) l where l ->> 'linha_id' = %s and (l ->> 'producao')::int = 20",
        LINE,
    )
    expect(page.locator("main")).to_contain_text(f"bytes {stored['de']} a {stored['ate']} (sem o último)")
    expect(page.locator("main")).to_contain_text(stored["sha256"])
    accessible(page)


def test_p4_p10_a_manager_approves_an_adjustment_by_clicks(closed, plant, page_as, accessible) -> None:
    op = closed.order(5, 0)
    closed.adjustment(op)
    page: Page = page_as("GESTOR", None, f"lotes?op={op}")
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("+3")
    accessible(page)
    page.get_by_role("button", name="Aprovar").click()  # without a reason the browser does not send it
    page.get_by_label("Motivo").fill("contagem atrasada, conferida na linha")
    page.get_by_role("button", name="Aprovar").click()
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("aprovado")
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("por Gestor de todos: contagem atrasada")
    expect(page.get_by_role("button", name="Aprovar")).to_have_count(0)

    def told() -> list[Any]:
        plant.stack.wake_closing()
        booked = plant.stack.totvs.booked()
        return [one.get("boas") for one in booked if one["numero_op"] == op and one["operacao"] == "AJUSTE"]

    until(lambda: told() == [3], "TOTVS has the adjustment", pause_s=0.6)


def test_p4_what_was_not_seen_is_not_decided_and_the_reason_stays(closed, page_as) -> None:
    op = closed.order(6, 0)
    closed.adjustment(op)
    page: Page = page_as("GESTOR", None, f"lotes?op={op}")
    page.get_by_label("Motivo").fill("conferido antes")
    page.evaluate("document.querySelector('[name=ajuste]').value = '1'")  # another than what is proposed now
    page.get_by_role("button", name="Recusar").click()
    expect(page.get_by_role("alert")).to_contain_text("mudou depois de os ajustes serem propostos")
    expect(page.get_by_label("Motivo")).to_have_value("conferido antes")
    page.get_by_role("button", name="Recusar").click()
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("recusado")


def test_p9_an_operator_has_no_decision_and_a_request_is_refused(closed, plant, page_as) -> None:
    op = closed.order(7, 0)
    closed.adjustment(op)
    page: Page = page_as("OPERADOR", "LIQUIDOS", f"lotes?op={op}")
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("a decidir")
    expect(page.get_by_role("button", name="Aprovar")).to_have_count(0)
    expect(page.get_by_label("Motivo")).to_have_count(0)
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, "OPERADOR", "LIQUIDOS")
        url = f"{plant.url}/lotes"
        fields = {"forma": form_token(client, url), "op": op, "decisao": "APROVAR", "motivo": "quero"}
        answer = client.post(url, data=fields)
        assert (answer.status_code, "Esta ação exige um dos papéis GESTOR" in answer.text) == (403, True)
        assert client.post(url, data={**fields, "forma": "x"}).status_code == 403
    assert plant.sql(
        "select distinct situacao from ajustes_fechamento a join fechamentos_lote f on f.id = a.fechamento_id"
        " where f.numero_op = %s",
        op,
    ) == [{"situacao": "PROPOSTO"}]


def test_p4_a_waiting_lot_says_for_what_in_the_plants_words(plant, page_as, accessible) -> None:
    op = plant.order("LIQ-ENV-B")
    missing = [
        {"codigo": "QUARENTENA", "detalhe": "Quarentena 7 …", "funcao": "resolver_quarentena", "argumentos": {}},
        {
            "codigo": "DIARIO_NAO_ASSINADO", "detalhe": "Falta assinar o Diário de Bordo.", "funcao": "assinar_diario",
            "argumentos": {"p_linha_id": "LIQ-ENV-B", "p_data": "2026-03-15", "p_turno": "D1"},
        },
    ]  # fmt: skip
    plant.do("insert into fechamentos_pendentes values (%s, now(), %s)", op, json.dumps(missing))
    page: Page = page_as("SUPERVISOR", "LIQUIDOS", f"lotes?estado=ESPERA&busca={op}")
    page.get_by_role("link", name=op, exact=True).click()
    main = page.locator("main")
    expect(main).to_contain_text("Um arquivo não lido pode ter contagens desta OP.")
    expect(main).not_to_contain_text("Quarentena 7")
    link = page.get_by_role("link", name="Assinar o Diário").get_attribute("href")
    assert link == "turno?linha=LIQ-ENV-B&data=2026-03-15&turno=D1"
    accessible(page)


def test_p9_hostile_answers_and_names_stay_text(plant, page_as) -> None:
    op = plant.order("LIQ-ENV-C")
    plant.do("update lotes_producao set numero_lote = %s where numero_op = %s", HOSTILE, op)
    plant.do("select interno.criar_envio(%s, 'PARCIAL', '{}')", op)
    plant.do(
        "insert into tentativas_integracao (em, sistema, sentido, operacao, resultado, envio_id, erro, corpo, resposta)"
        " select now(), 'TOTVS', 'SAIDA', %s, 'OK', id, %s, %s, %s from envios_totvs where numero_op = %s",
        *(HOSTILE, HOSTILE, HOSTILE, f"</pre>{HOSTILE}", op),
    )
    page: Page = page_as("OPERADOR", "LIQUIDOS", f"lotes?op={op}")
    page.locator(".tempo summary").click()
    expect(page.locator(".tempo")).to_contain_text(f"</pre>{HOSTILE}")
    assert page.locator("img").count() == 0
    page.goto(f"{plant.url}/lotes?busca=%22%3E{HOSTILE}")
    expect(page.get_by_label("OP ou lote")).to_have_value(f'">{HOSTILE}')
    expect(page.get_by_text("Nenhum lote assim.")).to_be_visible()
    assert page.locator("img").count() == 0


def test_p10_a_broken_link_is_a_readable_page(plant, page_as) -> None:
    page: Page = page_as("OPERADOR", "LIQUIDOS")
    for target, words in (("op=999999", "999999"), ("op=%3Cb%3E", "letras ou algarismos")):
        page.goto(f"{plant.url}/lotes?{target}")
        expect(page.get_by_role("alert")).to_contain_text(words)
    for number in ("99999999999", "-1", "%C2%B2"):  # no page's number: the first
        page.goto(f"{plant.url}/lotes?pagina={number}")
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_have_text("Lotes")


def test_p10_a_shared_panel_asks_who_decides(closed, plant, page_as: Callable[..., Page]) -> None:
    op = closed.order(8, 0)
    closed.adjustment(op)
    manager = plant.login("GESTOR")
    page = page_as("POSTO", "LIQUIDOS", f"lotes?op={op}")
    page.get_by_label("Motivo").fill("pulso de teste da manutenção")
    page.get_by_label("Gestor de todos").check()
    page.get_by_label("Senha").fill(manager.password)
    page.get_by_role("button", name="Recusar").click()
    expect(page.get_by_role("region", name="Ajustes")).to_contain_text("recusado")
    expect(page.get_by_text("(posto)")).to_be_visible()


def test_p10_a_planned_order_that_never_ran_is_set_aside_and_resumed(plant, page_as) -> None:
    op = plant.order(LINE)
    state = "select status from lotes_producao where numero_op = %s"
    page: Page = page_as("GESTOR", None, f"lotes?op={op}")
    for link, button, status in (
        ("Não vai rodar", "Pôr a OP de lado", "POSTO_DE_LADO"), ("Retomar", "Retomar a OP", "PLANEJADO")
    ):  # fmt: skip
        page.get_by_role("link", name=link).click()
        expect(page.get_by_label("OP", exact=True)).to_have_value(op)
        page.get_by_label("Motivo").fill("lote cancelado no plano")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text(f"Feito: {button}")
        assert plant.sql(state, op) == [{"status": status}]
        page.goto(f"{plant.url}/lotes?op={op}")
    page.get_by_role("button", name="Sair").click()
    page = page_as("OPERADOR", "LIQUIDOS", f"lotes?op={op}")
    expect(page.get_by_role("link", name="Não vai rodar")).to_have_count(0)
