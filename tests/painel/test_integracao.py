"""*Integração* as managers and IT see it."""

import httpx
from playwright.sync_api import Page, expect

from tests.painel.forms import signed_in


def test_p10_a_silent_gateway_and_an_open_breaker_are_shown(plant, page_as, accessible) -> None:
    plant.counted_by("CPHD-BASICA", "teste-mudo")
    plant.do("update gateways set criado_em = now() - interval '1 day' where gateway = 'teste-mudo'")
    plant.do(
        "update disjuntores set estado = 'ABERTO', falhas = 3, aberto_em = now(), sonda_em = now() + interval '1 hour',"
        " ultimo_erro = '<script>alert(1)</script> recusou a conexão'"
    )
    try:
        page: Page = page_as("GESTOR", "CPHD", "integracao")
        gateway = page.get_by_role("region", name="Gateways").get_by_role("row").filter(has_text="teste-mudo")
        expect(gateway).to_contain_text("em silêncio")
        line = page.get_by_role("region", name="Fontes das linhas").get_by_role("row").filter(has_text="Linha Básica")
        expect(line).to_contain_text("em silêncio")
        expect(page.locator("main")).to_contain_text("Disjuntor aberto desde")
        expect(page.locator("main")).to_contain_text("<script>alert(1)</script> recusou a conexão")
        expect(page.locator("main")).to_contain_text("Nenhuma auditoria está registrada")
        accessible(page)
    finally:
        plant.do("update disjuntores set estado = 'FECHADO', falhas = 0, aberto_em = null, sonda_em = null")
    expect(page.locator("main")).to_contain_text("Disjuntor fechado")  # the page fetches itself again


def test_p9_whoever_is_neither_manager_nor_it_has_no_integration(plant, page_as) -> None:
    page: Page = page_as("SUPERVISOR", "CPHD")
    expect(page.get_by_role("link", name="Integração")).to_have_count(0)
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, "SUPERVISOR", "CPHD")
        answer = client.get(f"{plant.url}/integracao")
        assert (answer.status_code, "GESTOR, ADMIN" in answer.text) == (403, True)


def test_p10_an_administrator_begins_at_the_integration(page_as) -> None:
    page: Page = page_as("ADMIN", None, "entrar")
    expect(page.get_by_role("heading", name="Integração", exact=True)).to_be_visible()
