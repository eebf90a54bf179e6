"""*Ordens* in a browser: an order comes from TOTVS and is opened, re-dated and closed, each effect shown before."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from sicfar.instants import PLANT_TZ
from tests.painel.forms import form_token, signed_in

C, D, E, F = (f"SPEP-ENV-{letter}" for letter in "CDEF")
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
AN_HOUR_AGO = NOW - timedelta(hours=1)


def count(plant: Any, line: str, per_minute: int) -> None:
    """The machine counted, each minute of the last two hours, without an order."""
    plant.do("delete from fatores_linha where linha_id = %s", line)
    plant.do(
        "insert into contagens_minuto (linha_id, minuto, producao, total_producao, sem_ordem_producao)"
        " select %s, m, array_prepend(%s, array_fill(0, array[59])), %s, %s"
        " from generate_series(%s, %s, interval '1 minute') as m",
        *(line, per_minute, per_minute, per_minute, NOW - timedelta(hours=2), NOW - timedelta(minutes=5)),
    )


def local(instant: datetime) -> str:
    return instant.astimezone(PLANT_TZ).strftime("%Y-%m-%dT%H:%M:%S")


def periods(plant: Any, line: str) -> list[tuple[str, datetime, datetime | None]]:
    rows = plant.sql(
        "select numero_op, lower(intervalo) as de, upper(intervalo) as ate from periodos_ordem"
        " where linha_id = %s order by id",
        line,
    )
    return [(row["numero_op"], row["de"], row["ate"]) for row in rows]


def test_p2_an_order_from_totvs_is_opened_in_three_touches_then_re_dated(
    plant: Any, page_as: Callable[..., Page], accessible: Callable[[Page], None]
) -> None:
    count(plant, C, 10)
    plant.announce("810001", "26K81001C")
    page = page_as("OPERADOR", "SPEP")
    card = page.get_by_role("article").filter(has_text="Linha C - Envase")
    expect(card).to_contain_text("Sem OP")
    card.get_by_role("link", name="Abrir OP").click()
    lot = page.get_by_role("article").filter(has_text="26K81001C")
    expect(lot).to_contain_text("a letra do lote é desta linha")
    accessible(page)
    lot.get_by_role("link", name="Abrir agora").click()
    expect(page.get_by_label("O que muda")).to_contain_text("A OP fica aberta a partir de agora")
    accessible(page)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("heading", name="OP 810001")).to_be_visible()
    ((op, opened, closed),) = periods(plant, C)
    assert (op, closed) == ("810001", None)
    assert datetime.now(UTC) - opened < timedelta(minutes=5)

    page.get_by_role("link", name="Corrigir a abertura").click()
    expect(page.get_by_label("O que muda")).to_contain_text("já está assim")
    page.get_by_label("Em outro instante").fill(local(AN_HOUR_AGO))
    page.get_by_role("button", name="Ver o que muda").click()
    expect(page.get_by_label("O que muda")).to_contain_text("560 unidades passam de sem OP para a OP 810001")
    page.get_by_label("Motivo").fill("Ninguém registrou na hora")
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_text("560 unidades, 0 de refugo")).to_be_visible()
    assert periods(plant, C) == [("810001", AN_HOUR_AGO, None)]

    page.get_by_role("link", name="Encerrar agora").click()
    expect(page.get_by_label("O que muda")).to_contain_text("A OP encerra agora")
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("heading", name="Sem OP")).to_be_visible()
    page.get_by_role("link", name="Corrigir o encerramento").click()
    page.get_by_label("Em outro instante").fill(local(NOW - timedelta(minutes=30)))
    page.get_by_role("button", name="Ver o que muda").click()
    expect(page.get_by_label("O que muda")).to_contain_text("260 unidades passam da OP 810001 para sem OP")
    page.get_by_label("Motivo").fill("Registrada na hora errada")
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_text("260 contagens sem OP desde")).to_be_visible()
    assert periods(plant, C) == [("810001", AN_HOUR_AGO, NOW - timedelta(minutes=30))]


def test_p9_at_a_shared_panel_somebody_signs_in_for_the_act_alone(plant: Any, page_as: Callable[..., Page]) -> None:
    op = plant.order(D)
    person = plant.login("OPERADOR", "SPEP")
    page = page_as("POSTO", "SPEP", f"ordens?linha={D}")
    page.get_by_role("article").filter(has_text=op).get_by_role("link", name="Abrir agora").click()
    page.get_by_label("Operador de SPEP").check()
    page.get_by_label("Senha").fill("não é esta")
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("alert")).to_contain_text("Nome ou senha não conferem")
    assert periods(plant, D) == []
    page.get_by_label("Operador de SPEP").check()
    page.get_by_label("Senha").fill(person.password)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("heading", name=f"OP {op}")).to_be_visible()
    expect(page.get_by_text("(posto)")).to_be_visible()
    ((who, role),) = [
        tuple(row.values())
        for row in plant.sql(
            "select p.nome, t.papel from trilha_auditoria as t join pessoas as p using (usuario_id)"
            " where t.acao = 'abrir_ordem' and t.depois ->> 'numero_op' = %s",
            op,
        )
    ]
    assert (who, role) == ("Operador de SPEP", "OPERADOR")


def posted(plant: Any, client: httpx.Client, line: str, op: str, **more: str) -> httpx.Response:
    shown = client.get(f"{plant.url}/ordens", params={"linha": line, "op": op, "ato": "abrir"}).text
    seen = re.search(r'name="visto" value="([^"]+)"', shown)
    fields = {"forma": form_token(client, f"{plant.url}/agora"), "linha": line, "op": op, "ato": "abrir"}
    return client.post(f"{plant.url}/ordens", data={**fields, "visto": seen.group(1) if seen else "", **more})


@pytest.mark.parametrize(("role", "sector", "status"), [("POSTO", "SPEP", 403), ("SUPERVISOR", "SPPV", 403)])
def test_p9_who_may_not_open_an_order_cannot_by_a_request_either(
    plant: Any, role: str, sector: str, status: int
) -> None:
    op = plant.order(E)
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, role, sector)
        assert posted(plant, client, E, op).status_code == status
    assert periods(plant, E) == []


def test_p10_a_changed_effect_is_shown_again_a_replay_does_nothing(plant: Any) -> None:
    op = plant.order(F)
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, "OPERADOR", "SPEP")
        when = {"quando": local(AN_HOUR_AGO), "motivo": "Ninguém registrou na hora"}
        shown = client.get(f"{plant.url}/ordens", params={"linha": F, "op": op, "ato": "abrir", **when}).text
        count(plant, F, 3)
        stale = re.search(r'name="visto" value="([^"]+)"', shown)
        assert stale
        answer = posted(plant, client, F, op, **when, visto=stale.group(1))
        assert answer.status_code == 409
        assert "O efeito mudou desde que foi mostrado" in answer.text
        assert "168 unidades passam de sem OP para a OP" in " ".join(answer.text.split())
        assert "Ninguém registrou na hora" in answer.text
        assert periods(plant, F) == []
        seen = re.search(r'name="visto" value="([^"]+)"', answer.text)
        assert seen
        assert posted(plant, client, F, op, **when, visto=seen.group(1)).status_code == 303
        opened = periods(plant, F)
        ended = "update periodos_ordem set intervalo = tstzrange(lower(intervalo), %s) where numero_op = %s"
        plant.do(ended, NOW - timedelta(minutes=10), op)
        closed = periods(plant, F)
        assert closed != opened
        for moment in (when, {"quando": ""}):
            posted(plant, client, F, op, **moment, visto=seen.group(1))
        assert periods(plant, F) == closed
        assert client.post(f"{plant.url}/ordens", data={"linha": F, "op": op, "ato": "abrir"}).status_code == 403


def test_p10_what_cannot_be_is_said_on_the_page(
    plant: Any, page_as: Callable[..., Page], context: BrowserContext
) -> None:
    page = page_as("SUPERVISOR", "SPEP", "ordens?linha=SPEP-ENV-G")
    expect(page.get_by_text("Nenhum lote proposto")).to_be_visible()
    page.get_by_label("Outra OP").fill("999999")
    page.get_by_role("button", name="Ver").click()
    expect(page.get_by_role("alert")).to_contain_text("A OP 999999 ainda não chegou do TOTVS")
    expect(page.get_by_role("button", name="Confirmar")).to_have_count(0)
    for target in (
        "ordens?linha=SPEP-ENV-Z",
        "ordens?linha=SPEP-ENV-G&op=1&quando=ontem",
        "ordens?linha=SPEP-ENV-G&antes=x",
    ):
        page.goto(f"{plant.url}/{target}")
        expect(page.get_by_role("heading", name="Não deu certo")).to_be_visible()
    page.goto(f"{plant.url}/ordens")
    expect(page.get_by_role("heading", name="Agora")).to_be_visible()
