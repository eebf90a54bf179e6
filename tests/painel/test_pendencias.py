"""*Pendências*: what waits for a person is settled by clicks, and by nobody else."""

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from local.stack.database import T0, Database, batch, span

HOSTILE = "<script>alert(1)</script>"
WHY = "conferido na linha com a equipe"
MANY = 3_600


@pytest.fixture(scope="session")
def db(stack) -> Iterator[Database]:
    made = Database(stack.database.url)
    made.sql("set statement_timeout = '30s'")
    yield made
    made.close()


@pytest.fixture
def new_line(db: Database) -> Callable[[], str]:
    """Lines of SPEP that no other test uses, each counted by a gateway of its own."""

    def made() -> str:
        name = f"PEND-{uuid.uuid4().hex[:8].upper()}"
        db.sql(
            "insert into linhas (linha_id, nome, setor, etapa, maximo_por_segundo)"
            " values (%s, %s, 'SPEP', 'ENVASE', 100)",
            *(name, f"Linha {name}"),
        )
        db.gateway(gateway(name), name)
        return name

    return made


@pytest.fixture
def line(new_line: Callable[[], str]) -> str:
    """One of them."""
    return new_line()


def gateway(line: str) -> str:
    return line.lower()


def hold(db: Database, line: str, seq: int = 1, **more: Any) -> None:
    """A count no machine can make."""
    doubt = span(line, T0, T0 + 60, 9_999, 0, "implausivel")
    db.record(batch(seq, spans=[doubt], gateway=gateway(line), **more))


def held(db: Database, line: str) -> list[dict[str, Any]]:
    return db.sql("select situacao, decisao_motivo from contagens_intervalo where linha_id = %s order by id", line)


def matter(page: Page, text: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=text).filter(has=page.get_by_role("link", name="Decidir"))


def opened(page: Page, plant: Any, text: str) -> None:
    page.goto(f"{plant.url}/pendencias")
    matter(page, text).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Decidir", exact=True)).to_be_visible()


def settled(page: Page, button: str, why: str = WHY) -> None:
    page.get_by_role("textbox", name="Motivo").fill(why)
    page.locator("main form").get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_contain_text(f"Feito. {button}")


# By clicks -----------------------------------------------------------------------------------------------------------


def test_p10_a_doubtful_count_is_settled_by_clicks(plant, db, line, page_as, accessible) -> None:
    hold(db, line)
    page: Page = page_as("SUPERVISOR", "SPEP", "pendencias")
    expect(page.get_by_role("region", name="Contagem duvidosa")).to_contain_text("9999")
    accessible(page)
    opened(page, plant, line)
    expect(page.locator("main")).to_contain_text("Contagem implausível de 9999")
    accessible(page)
    page.get_by_label("Não contar").check()
    settled(page, "Decidir a contagem duvidosa")
    assert held(db, line) == [{"situacao": "DESCARTADA", "decisao_motivo": WHY}]
    expect(matter(page, line)).to_have_count(0)


def test_p10_several_of_one_cause_are_settled_with_one_reason(db, new_line, page_as) -> None:
    lines = [new_line(), new_line()]
    for one in lines:
        hold(db, one)
    page: Page = page_as("SUPERVISOR", "SPEP", "pendencias")
    for one in lines:
        matter(page, one).get_by_role("checkbox").check()
    page.get_by_role("region", name="Contagem duvidosa").get_by_role("button", name="Decidir os marcados").click()
    page.get_by_label("Não contar").check()
    page.get_by_role("textbox", name="Motivo").fill(WHY)
    page.get_by_role("button", name="Decidir a contagem duvidosa (2)").click()
    expect(page.get_by_role("status")).to_contain_text("Decidir a contagem duvidosa: 2")
    assert [held(db, one) for one in lines] == [[{"situacao": "DESCARTADA", "decisao_motivo": WHY}]] * 2


def test_p10_a_quarantine_of_3600_lines_is_settled_by_clicks(plant, db, line, page_as, accessible) -> None:
    bad = [
        {
            "motivo": "COLUNAS", "detalhe": f"9 campos em {HOSTILE}", "registros": 1, "byte_de": n * 100,
            "byte_ate": n * 100 + 50, "amostra_base64": base64.b64encode(HOSTILE.encode() + b"\x00\xff").decode(),
            "origem": f"{HOSTILE}.txt@{n}",
        }
        for n in range(MANY)
    ]  # fmt: skip
    db.record(batch(1, quarentena=bad, gateway=gateway(line)))
    page: Page = page_as("GESTOR", None, "pendencias")
    opened(page, plant, "mais 3599 trechos")
    expect(page.locator("pre")).to_have_text(f"{HOSTILE}\\000\\377")
    expect(page.locator("main")).to_contain_text(f"Como chegou: {HOSTILE}.txt@0")
    assert page.locator("main script").count() == 0
    accessible(page)
    settled(page, "Não contar")
    (row,) = db.sql("select decisao, registros from quarentena where chave like %s", f"contagens/{gateway(line)}/%")
    assert row == {"decisao": "DESCARTADO", "registros": MANY}


def test_p10_an_unknown_gateway_and_its_line_are_settled_by_clicks(plant, db, line, page_as) -> None:
    db.record(batch(1, {line: {T0: (2, 0)}}, gateway="pend-novo"))
    page: Page = page_as("GESTOR", None, "pendencias")
    opened(page, plant, "O gateway pend-novo não está cadastrado")
    page.get_by_label("Onde fica").fill("sala da linha")
    settled(page, "Cadastrar o gateway")
    assert db.sql("select descricao from gateways where gateway = 'pend-novo'") == [{"descricao": "sala da linha"}]
    db.record(batch(2, {line: {T0 + 60: (3, 0)}}, gateway="pend-novo"))
    opened(page, plant, f"A fonte pend-novo não conta a linha {line}")
    expect(page.get_by_label("A partir de")).to_have_value("2026-03-15T08:01")
    page.get_by_label("Conta a linha").check()
    settled(page, "Dizer quem conta a linha")
    assert db.sql("select papel, de from fontes_linha where linha_id = %s and fonte = 'pend-novo'", line) == [
        {"papel": "contagem", "de": db.one("select to_timestamp(%s)", T0 + 60)}
    ]


def report(db: Database, op: str) -> None:
    """A report of which it is not known whether TOTVS has it."""
    db.lot(op)
    db.sql(
        "insert into envios_totvs"
        " (numero_op, ordem, id_externo, tipo, conteudo, situacao, proxima_em, pode_ter_entrado)"
        " values (%s, 1, %s, 'PRODUCAO', %s, 'INCERTO', null, true)",
        *(op, f"SF-{op}-PRODUCAO-0001", json.dumps({"boas": 1234, "descricao": HOSTILE})),
    )


def test_p10_a_doubtful_report_is_settled_by_clicks(plant, db, page_as) -> None:
    report(db, "888001")
    page: Page = page_as("GESTOR", None, "pendencias")
    opened(page, plant, "OP 888001")
    expect(page.locator("main")).to_contain_text("boas: 1234")
    expect(page.locator("main")).to_contain_text(f"descricao: {HOSTILE}")
    page.get_by_label("Está no TOTVS", exact=False).first.check()
    page.get_by_label("Número no TOTVS").fill("000777")
    settled(page, "Decidir o apontamento")
    assert db.sql(
        "select situacao, chave_erp, decisao_motivo from envios_totvs where id_externo = 'SF-888001-PRODUCAO-0001'"
    ) == [{"situacao": "CONFIRMADO", "chave_erp": "000777", "decisao_motivo": WHY}]


def test_p10_an_overdue_closing_is_settled_by_clicks(plant, db, line, page_as, enter) -> None:
    op, boss = "888002", db.person("SUPERVISOR", "SPEP")
    db.lot(op)
    db.open(boss, op, line, T0)
    db.record(batch(1, {line: {T0 + 60: (5, 0)}}, gateway=gateway(line)))
    db.shut(boss, op, line, T0 + 3_600)
    db.close_lots()
    page: Page = page_as("SUPERVISOR", "SPEP", "pendencias")
    opened(page, plant, f"Falta assinar o Diário de Bordo da linha {line}")
    link = page.get_by_role("link", name="Assinar o Diário de Bordo")
    expect(link).to_have_attribute("href", f"turno?linha={line}&data=2026-03-15&turno=D1&op={op}")
    client = enter("SUPERVISOR", "SPEP")  # a signature is not to be had without its password
    (wanted,) = [
        row
        for row in db.pending("FECHAMENTO")
        if (row["detalhes"]["codigo"], row["detalhes"]["numero_op"]) == ("DIARIO_NAO_ASSINADO", op)
    ]
    signing = {"funcao": "assinar_diario", "item": f"FECHAMENTO|{wanted['chave']}", "visto": "{}", "p_motivo": WHY}
    forma = token(client.get(f"{plant.url}/pendencias"))
    assert client.post(f"{plant.url}/pendencias", data={**signing, "forma": forma}).status_code == 403
    db.sign(boss, line, "2026-03-15", "D1")
    db.close_lots()
    opened(page, plant, f"reportou a linha {line} até")
    settled(page, "Fechar o lote com ressalva")
    (closing,) = db.sql("select motivo, ressalvas from fechamentos_lote where numero_op = %s", op)
    assert (closing["motivo"], closing["ressalvas"][0]["codigo"]) == (WHY, "FONTE_ATRASADA")


def test_p10_on_a_panel_a_name_and_password_decide(plant, db, line, page_as) -> None:
    hold(db, line)
    boss, operator = plant.login("SUPERVISOR", "SPEP"), plant.login("OPERADOR", "SPEP")
    page: Page = page_as("POSTO", "SPEP", "pendencias")
    opened(page, plant, line)
    expect(page.get_by_label("Operador de SPEP")).to_have_count(0)
    page.get_by_label("Não contar").check()
    page.get_by_label("Supervisor de SPEP").check()
    page.get_by_label("Senha").fill("errada-errada")
    page.get_by_role("textbox", name="Motivo").fill(WHY)
    page.get_by_role("button", name="Decidir a contagem duvidosa").click()
    expect(page.get_by_role("alert")).to_contain_text("não conferem")
    expect(page.get_by_role("textbox", name="Motivo")).to_have_value(WHY)
    expect(page.get_by_label("Não contar")).to_be_checked()
    page.get_by_label("Supervisor de SPEP").check()
    page.get_by_label("Senha").fill(boss.password)
    settled(page, "Decidir a contagem duvidosa")
    expect(page.get_by_text("(posto)")).to_be_visible()
    assert held(db, line)[0]["situacao"] == "DESCARTADA"
    assert operator.password != boss.password


def test_p10_what_others_decide_is_a_line_with_name_and_telephone(plant, db, page_as) -> None:
    report(db, "888003")
    manager = db.person("GESTOR")
    db.call(
        manager, "definir_plantao", p_papel="GESTOR", p_setor=None, p_nome=f"Ana {HOSTILE}", p_telefone="ramal 1234",
        p_motivo=WHY,
    )  # fmt: skip
    page: Page = page_as("SUPERVISOR", "SPEP", "pendencias")
    expect(page.get_by_text("OP 888003")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(f"Ana {HOSTILE}, ramal 1234")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# By nobody else ------------------------------------------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as made:
        yield made


@pytest.fixture
def enter(plant: Any, client: httpx.Client) -> Callable[[str, str | None], httpx.Client]:
    """A client with nothing but HTTP, signed in."""

    def signed_in(papel: str, setor: str | None) -> httpx.Client:
        login = plant.login(papel, setor)
        fields = {"forma": token(client.get(f"{plant.url}/entrar")), "login": login.name, "senha": login.password}
        assert client.post(f"{plant.url}/entrar", data=fields).status_code == 303
        return client

    return signed_in


def token(answer: httpx.Response) -> str:
    found = re.search(r'name="forma" value="(\w+)"', answer.text)
    assert found
    return found[1]


def form(db: Database, line: str, forma: str) -> dict[str, str]:
    """What the browser posts to discard the line's doubtful count."""
    (row,) = [one for one in db.pending("RETIDA") if one["linha_id"] == line]
    shown = {key: row["detalhes"][key] for key in ("p_id", "p_assunto")}
    return {
        "forma": forma, "funcao": "decidir_retido", "item": f"RETIDA|{row['chave']}", "visto": json.dumps(shown),
        "p_decisao": "DESCARTAR", "p_numero_op": "", "p_motivo": WHY,
    }  # fmt: skip


def test_p9_an_operator_has_neither_button_nor_request(plant, db, line, page_as, enter) -> None:
    hold(db, line)
    page: Page = page_as("OPERADOR", "SPEP", "pendencias")
    expect(page.get_by_role("region", name="Contagem duvidosa")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("De outras pessoas")
    item = form(db, line, "")["item"]
    page.goto(f"{plant.url}/pendencias?item={item}")
    expect(page.locator("main")).to_contain_text("Você não decide este assunto.")
    expect(page.locator("main form")).to_have_count(0)
    client = enter("OPERADOR", "SPEP")
    answer = client.post(f"{plant.url}/pendencias", data=form(db, line, token(client.get(f"{plant.url}/pendencias"))))
    assert answer.status_code == 409
    assert "Esta ação exige um dos papéis" in answer.text
    assert held(db, line)[0]["situacao"] == "RETIDA"


def test_p9_a_stolen_forged_or_replayed_form_does_nothing(plant, db, line, enter) -> None:
    hold(db, line)
    client = enter("SUPERVISOR", "SPEP")
    page = client.get(f"{plant.url}/pendencias")
    good = form(db, line, token(page))
    with httpx.Client(timeout=60) as thief:
        assert thief.post(f"{plant.url}/pendencias", data=good).status_code == 403
    for forged in (
        {"forma": "0" * 64},
        {"funcao": "tirar_papel"},
        {"visto": "{}"},
        {"visto": json.dumps({"p_id": 1, "p_assunto": "outro"})},
        {"p_motivo": "ok"},
        {"p_decisao": "APAGAR"},
        {"item": "RETIDA|outra"},
    ):
        assert client.post(f"{plant.url}/pendencias", data={**good, **forged}).status_code in (403, 409), forged
        assert held(db, line)[0]["situacao"] == "RETIDA", forged
    # What the form adds beside the matter is not looked at.
    answer = client.post(f"{plant.url}/pendencias", data={**good, "p_id": "1", "p_ids": "1", "p_assunto": "outro"})
    assert answer.headers["location"] == "pendencias?feito=decidir_retido&n=1"
    facts = db.one("select count(*) from trilha_auditoria where acao = 'decidir_retido'")
    replayed = client.post(f"{plant.url}/pendencias", data=good)
    assert replayed.status_code == 409
    assert "não espera mais" in replayed.text
    assert db.one("select count(*) from trilha_auditoria where acao = 'decidir_retido'") == facts


def test_p9_what_a_link_says_was_done_is_only_what_there_is(plant, enter) -> None:
    client = enter("SUPERVISOR", "SPEP")
    assert "Feito." in client.get(f"{plant.url}/pendencias?feito=decidir_retido&n=2").text
    for query in ("feito=alerta&n=1", "feito=decidir_retido&n=<b>", "feito=&n="):
        assert "Feito." not in client.get(f"{plant.url}/pendencias?{query}").text
    for query in ("pagina=x", "pagina=-1", "pagina=99999", "linha='", "item=x", "item=%7C", "item=A|b&ato=nada"):
        assert client.get(f"{plant.url}/pendencias?{query}").status_code in (200, 409)


def test_p10_what_counts_after_the_page_was_shown_is_not_decided(plant, db, line, enter) -> None:
    for seq in (1, 2):
        db.record(
            batch(seq, spans=[span(line, T0 + seq, T0 + seq + 60, 9_999, 0, "implausivel")], gateway=gateway(line))
        )
        if seq == 1:
            client = enter("SUPERVISOR", "SPEP")
            shown = form(db, line, token(client.get(f"{plant.url}/pendencias")))
    assert client.post(f"{plant.url}/pendencias", data=shown).status_code == 303
    assert [row["situacao"] for row in held(db, line)] == ["DESCARTADA", "RETIDA"]
