"""*Cadastros*: master data changed by a form that is made from the functions' own description."""

from playwright.sync_api import Page, expect

LINE = "SPPV-ENV-VIDRO04"


def test_p7_a_manager_changes_a_factor_and_the_history_shows_it(plant, page_as, accessible) -> None:
    page: Page = page_as("GESTOR", None, "cadastros")
    page.get_by_role("link", name="Mudar o fator da linha").click()
    accessible(page)
    page.get_by_label("Linha").fill(LINE)
    page.get_by_role("radio", name="Produção").check()
    page.get_by_label("Unidades por contagem").fill("12")
    page.get_by_label("A partir de").fill("2026-03-15T06:00:00")
    page.get_by_label("Motivo").fill("12 frascos por ciclo")
    page.get_by_role("button", name="Mudar o fator da linha").click()
    expect(page.get_by_role("status")).to_contain_text("Feito: Mudar o fator da linha")
    row = page.get_by_role("row").filter(has_text="12 frascos por ciclo").first
    expect(row).to_contain_text("fator: 12")
    expect(row).to_contain_text("GESTOR")
    accessible(page)
    (factor,) = plant.sql(
        "select fator from fatores_linha where linha_id = %s and contador = 'producao' and validade @> now()", LINE
    )
    assert factor == {"fator": 12}


def test_p10_what_was_refused_or_not_filled_in_is_said_and_kept(plant, page_as) -> None:
    page: Page = page_as("GESTOR", None, "cadastros?ato=definir_fator")
    page.get_by_label("Linha").fill("LINHA-QUE-NAO-HA")
    page.get_by_role("radio", name="Produção").check()
    page.get_by_label("Unidades por contagem").fill("doze")
    page.get_by_label("A partir de").fill("2026-03-15T06:00:00")
    page.get_by_label("Motivo").fill("12 frascos por ciclo")
    page.get_by_role("button", name="Mudar o fator da linha").click()
    expect(page.get_by_role("alert")).to_contain_text("Unidades por contagem")
    page.get_by_label("Unidades por contagem").fill("12")
    page.get_by_role("button", name="Mudar o fator da linha").click()
    expect(page.get_by_role("alert")).to_contain_text("LINHA-QUE-NAO-HA")
    expect(page.get_by_label("Linha")).to_have_value("LINHA-QUE-NAO-HA")


def test_p9_an_operator_has_no_form_and_no_request(plant, page_as) -> None:
    page: Page = page_as("OPERADOR", "SPEP", "cadastros?ato=definir_fator")
    expect(page.get_by_role("link", name="Cadastros")).to_have_count(0)
    expect(page.get_by_role("button", name="Mudar o fator da linha")).to_have_count(0)
    forma = page.locator("input[name=forma]").first.get_attribute("value") or ""
    before = plant.sql("select count(*) as n from fatores_linha")
    answer = page.request.post(
        f"{plant.url}/cadastros",
        form={"forma": forma, "funcao": "definir_fator", "p_linha_id": LINE, "p_fator": "3", "p_contador": "producao"},
    )
    assert answer.status == 409
    assert plant.sql("select count(*) as n from fatores_linha") == before
