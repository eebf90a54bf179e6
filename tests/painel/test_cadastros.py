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


def test_p9_p10_a_manager_asks_it_grants_and_takes_away(plant, page_as, accessible) -> None:
    new = plant.login("QUALIDADE", "CPHD").name
    ((user, name),) = [
        (str(row["usuario_id"]), row["nome"])
        for row in plant.sql("select usuario_id, nome from pessoas where nome_login = %s", new)
    ]
    held = "select papel, setor from papeis_usuario where usuario_id = %s order by papel"
    page: Page = page_as("GESTOR", "CPHD", "cadastros")
    expect(page.get_by_role("link", name="Tirar um papel de alguém")).to_have_count(0)
    page.get_by_role("link", name="Pedir um papel para alguém").click()
    expect(page.locator(f"#pessoas option[value='{user}']")).to_have_text(name)
    accessible(page)
    page.get_by_label("Pessoa", exact=True).fill(user)
    page.get_by_role("radio", name="Supervisor").check()
    page.get_by_role("radio", name="CPHD").check()
    page.get_by_label("Motivo").fill("cobre as férias")
    page.get_by_role("button", name="Pedir um papel").click()
    expect(page.get_by_role("status")).to_contain_text("Feito: Pedir um papel para alguém")
    assert plant.sql(held, user) == [{"papel": "QUALIDADE", "setor": "CPHD"}]
    page.get_by_role("button", name="Sair").click()

    page = page_as("ADMIN", None, "pendencias")
    page.get_by_role("link", name=f"para {name}: cobre as férias").click()
    page.get_by_role("radio", name="Conceder").check()
    page.get_by_role("textbox", name="Motivo").fill("conferido com o RH")
    page.get_by_role("button", name="Responder ao pedido de papel").click()
    expect(page.get_by_role("status")).to_contain_text("Responder ao pedido de papel: 1")
    assert len(plant.sql(held, user)) == 2
    page.goto(f"{plant.url}/cadastros?ato=tirar_papel")
    page.get_by_label("Pessoa", exact=True).fill(user)
    page.get_by_label("Motivo").fill("saiu da fábrica")
    page.get_by_role("button", name="Tirar um papel").click()
    expect(page.get_by_role("status")).to_contain_text("Feito: Tirar um papel de alguém")
    assert plant.sql(held, user) == []
    expect(page.get_by_role("row").filter(has_text="saiu da fábrica").first).to_contain_text("papel: SUPERVISOR")


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
