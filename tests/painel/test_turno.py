"""*Meu turno*: a shift is confirmed, returned and signed by clicks, by whom it is for and when it is time."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page, expect

from sicfar.instants import PLANT_TZ
from tests.painel.forms import form_token, signed_in

EPOCH = "0123456789abcdef" * 2
HOSTILE = "<img src=x onerror=alert(1)>"


class Ended(NamedTuple):
    """The shift that ended last in the plant."""

    data: str
    turno: str
    start: datetime
    end: datetime

    def link(self, setor: str, **more: str) -> str:
        """The screen's link to it."""
        return "turno?" + urlencode({"setor": setor, "data": self.data, "turno": self.turno, **more})


@pytest.fixture(scope="module")
def ended() -> Ended:
    now = datetime.now(PLANT_TZ)
    end = now.replace(hour=18 if now.hour >= 18 else 6 if now.hour >= 6 else 18, minute=0, second=0, microsecond=0)
    end -= timedelta(days=now.hour < 6)
    start = end - timedelta(hours=12)
    turno = "D1" if start.hour == 6 else "N1"
    return Ended(start.date().isoformat(), turno, start.astimezone(UTC), end.astimezone(UTC))


@pytest.fixture(autouse=True)
def patience(plant: Any) -> Iterator[None]:
    """How long late sources are waited for is a parameter; tests change it."""
    yield
    plant.do("update parametros set valor = 600 where nome = 'ASSINAR_ESPERA_SEGUNDOS'")


def ran(plant: Any, ended: Ended, line: str, reported: datetime | None = None) -> str:
    """An order ran on the line for an hour of the shift, 60 cycles and 2 refused; reported up to the end by default."""
    gateway = f"turno-{line.lower()}"
    plant.counted_by(line, gateway)
    op: str = plant.order(line)
    begun = ended.start + timedelta(hours=1)
    plant.do(
        "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
        " values (%s, %s, tstzrange(%s, %s), 8, 1)",
        *(op, line, begun, begun + timedelta(hours=1)),
    )
    plant.do(
        "insert into contagens_minuto (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao)"
        " select %s, %s::timestamptz + n * interval '1 minute', 1 || array_fill(0, array[59]),"
        " case when n < 2 then 1 || array_fill(0, array[59]) end, 1, (n < 2)::integer from generate_series(0, 59) as n",
        *(line, begun),
    )
    plant.do("insert into epocas_gateway (gateway, epoca) values (%s, %s) on conflict do nothing", gateway, EPOCH)
    plant.do(
        "insert into marcas_linha (linha_id, gateway, epoca, ate, estado) values (%s, %s, %s, %s, 'ok')",
        *(line, gateway, EPOCH, reported or ended.end),
    )
    return op


def lines_of(plant: Any, setor: str, number: int) -> list[str]:
    query = (
        "select l.linha_id from linhas as l where l.setor = %s and not exists ("
        "select from fontes_linha as f where f.linha_id = l.linha_id) order by l.etapa desc, l.linha_id limit %s"
    )
    rows = plant.sql(query, setor, number)
    return [row["linha_id"] for row in rows]


def tick(page: Page, line: str) -> None:
    """Open a line's row, then tick it: closed, it shows no box."""
    row = page.locator(f"details[id='{line}']")
    expect(row.get_by_label("Conferi esta linha")).to_be_hidden()
    row.locator("summary").click()
    row.get_by_label("Conferi esta linha").check()


def sign(page: Page, password: str) -> None:
    page.get_by_label("Sua senha").fill(password)
    page.get_by_role("button", name="Assinar as linhas marcadas").click()


def signatures(plant: Any, *lines: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = plant.sql(
        "select d.*, verificar_assinatura(d.id) as vale from diarios_bordo as d where linha_id = any(%s) order by id",
        list(lines),
    )
    return rows


def leave(page: Page) -> None:
    page.get_by_role("button", name="Sair").click()
    page.get_by_role("button", name="Entrar").wait_for()


def test_p10_a_shift_of_ten_lines_is_signed_with_one_password(
    plant: Any, ended: Ended, page_as: Callable[..., Page], accessible: Callable[[Page], None]
) -> None:
    lines = lines_of(plant, "SPEP", 10)
    ops = [ran(plant, ended, line) for line in lines]
    plant.do("update produtos set descricao = %s where produto_codigo = '07010012'", HOSTILE)
    page = page_as("SUPERVISOR", "SPEP", ended.link("SPEP"))
    expect(page.get_by_text("0 assinadas · 10 prontas")).to_be_visible()
    for line in lines[:9]:
        tick(page, line)
    row = page.locator(f"details[id='{lines[0]}']")
    for said in (f"OP {ops[0]}", "480", "478", "refugo da máquina: 2", "sem código", "não confirmou", HOSTILE):
        expect(row).to_contain_text(said)
    accessible(page)
    login = plant.login("SUPERVISOR", "SPEP")
    sign(page, "senha-errada")
    expect(page.get_by_role("alert")).to_contain_text("não conferem")
    assert signatures(plant, *lines) == []
    tick(page, lines[9])  # the others are still ticked
    plant.do("update contagens_minuto set total_rejeicao = 0 where linha_id = %s", lines[9])
    sign(page, login.password)
    changed = page.locator(f"details[id='{lines[9]}']").get_by_role("alert")
    expect(changed).to_contain_text("mudou enquanto você o conferia")
    expect(page.get_by_text("9 assinadas · 1 prontas")).to_be_visible()
    page.get_by_label("Conferi esta linha").check()
    sign(page, login.password)
    expect(page.get_by_text("10 assinadas · 0 prontas")).to_be_visible()
    signed = signatures(plant, *lines)
    assert [(one["nome"], one["vale"]) for one in signed] == [("Supervisor de SPEP", True)] * 10
    assert {one["significado"] for one in signed} == {
        "Conferi e aprovo este Diário de Bordo. O operador não confirmou o turno."
    }
    page.get_by_role("link", name="Para imprimir").click()
    expect(page.locator("details[open]")).to_have_count(10)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 10
    leave(page)

    plant.do("update contagens_minuto set total_producao = 2 where linha_id = %s and total_producao = 1", lines[3])
    page = page_as("ENCARREGADO", "SPEP", ended.link("SPEP"))
    expect(page.locator(f"details[id='{lines[3]}'] summary")).to_contain_text("mudou depois de assinado")
    tick(page, lines[3])
    sign(page, plant.login("ENCARREGADO", "SPEP").password)
    expect(page.get_by_role("alert").first).to_contain_text("Nem todas")
    expect(page.locator(f"details[id='{lines[3]}']")).to_contain_text("precisa de um motivo")
    page.get_by_label("Por que assina de novo o que mudou").fill("contagem que chegou depois")
    sign(page, plant.login("ENCARREGADO", "SPEP").password)
    expect(page.get_by_text("10 assinadas · 0 prontas")).to_be_visible()
    again = signatures(plant, lines[3])
    assert [(one["nome"], one["motivo"], one["vale"]) for one in again] == [
        ("Supervisor de SPEP", None, False), ("Encarregado de SPEP", "contagem que chegou depois", True)
    ]  # fmt: skip


def test_p9_an_operator_has_no_button_to_sign_and_the_request_is_refused(
    plant: Any, ended: Ended, page_as: Callable[..., Page]
) -> None:
    (line,) = lines_of(plant, "LIQUIDOS", 1)
    ran(plant, ended, line)
    page = page_as("OPERADOR", "LIQUIDOS", ended.link("LIQUIDOS"))
    page.locator(f"details[id='{line}'] summary").click()
    expect(page.get_by_role("link", name="Confirmar o turno")).to_be_visible()
    for name in ("Assinar as linhas marcadas", "Conferi esta linha", "Devolver"):
        expect(page.get_by_text(name)).to_have_count(0)
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, "OPERADOR", "LIQUIDOS")
        login = plant.login("OPERADOR", "LIQUIDOS")
        fields = {
            "forma": form_token(client, f"{plant.url}/agora"), "login": login.name, "senha": login.password,
            "setor": "LIQUIDOS", "data": ended.data, "turno": ended.turno, "linha": line, "motivo": "quero assinar",
        }  # fmt: skip
        for act in ("assinar", "devolver"):
            answer = client.post(f"{plant.url}/turno", data={**fields, "ato": act})
            assert answer.status_code in (403, 409)
            assert "ENCARREGADO, SUPERVISOR, GESTOR" in answer.text
        assert client.post(f"{plant.url}/turno", data={**fields, "forma": "0", "ato": "assinar"}).status_code == 403
    assert signatures(plant, line) == []
    assert plant.sql("select * from devolucoes_diario where linha_id = %s", line) == []


def test_p11_a_late_source_blocks_and_after_the_wait_the_signature_says_so(
    plant: Any, ended: Ended, page_as: Callable[..., Page]
) -> None:
    (line,) = lines_of(plant, "CPHD", 1)
    ran(plant, ended, line, ended.end - timedelta(minutes=10))
    plant.do("update parametros set valor = 86400 where nome = 'ASSINAR_ESPERA_SEGUNDOS'")
    page = page_as("SUPERVISOR", "CPHD", ended.link("CPHD"))
    expect(page.locator("#vivo")).to_contain_text(f"O gateway turno-{line.lower()} reportou a linha {line} até")
    expect(page.locator("#vivo")).to_contain_text("Pode ser assinada sem isso")
    page.locator(f"details[id='{line}'] summary").click()
    expect(page.get_by_text("Conferi esta linha")).to_have_count(0)
    login = plant.login("SUPERVISOR", "CPHD")
    with httpx.Client(timeout=60) as client:
        signed_in(plant, client, "SUPERVISOR", "CPHD")
        answer = client.post(
            f"{plant.url}/turno",
            data={
                "forma": form_token(client, f"{plant.url}/agora"), "login": login.name, "senha": login.password,
                "setor": "CPHD", "data": ended.data, "turno": ended.turno, "linha": line, "ato": "assinar",
            },
        )  # fmt: skip
    assert (answer.status_code, signatures(plant, line)) == (409, [])
    assert "Ainda não se assina: espera os dados da máquina." in answer.text
    plant.do("update parametros set valor = 0 where nome = 'ASSINAR_ESPERA_SEGUNDOS'")
    page.reload()
    tick(page, line)
    sign(page, login.password)
    expect(page.get_by_text("1 assinadas · 0 prontas")).to_be_visible()
    (signed,) = signatures(plant, line)
    assert f"Assinado sem esperar: O gateway turno-{line.lower()} reportou a linha {line} até" in signed["significado"]


def test_p10_a_returned_shift_goes_back_to_the_operator_and_is_then_signed(
    plant: Any, ended: Ended, page_as: Callable[..., Page], accessible: Callable[[Page], None]
) -> None:
    line = lines_of(plant, "LIQUIDOS", 2)[1]
    ran(plant, ended, line)
    here = ended.link("LIQUIDOS", linha=line)
    login = plant.login("SUPERVISOR", "LIQUIDOS")
    page = page_as("SUPERVISOR", "LIQUIDOS", here)
    row = page.locator(f"details[id='{line}']")
    row.get_by_role("link", name="Devolver").click()
    page.get_by_label("O que corrigir").fill("falta o refugo das 9 h")
    page.get_by_role("button", name="Devolver").click()
    expect(row).to_contain_text("falta o refugo das 9 h")
    expect(row).to_contain_text("devolvido")
    expect(row.get_by_text("Conferi esta linha")).to_have_count(0)
    leave(page)

    operator = plant.login("OPERADOR", "LIQUIDOS")
    page = page_as("POSTO", "LIQUIDOS", here)
    row = page.locator(f"details[id='{line}']")
    row.get_by_role("link", name="Confirmar o turno").click()
    page.get_by_label("Quem trabalhou na linha").fill("Jo")
    page.get_by_label("Operador de LIQUIDOS").check()
    page.get_by_label("Senha").fill(operator.password)
    page.get_by_role("button", name="Confirmar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("de 3 a 80 caracteres")
    expect(page.get_by_label("Quem trabalhou na linha")).to_have_value("Jo")  # what was typed is kept
    accessible(page)
    page.get_by_label("Quem trabalhou na linha").fill(f"Ana Lima\n{HOSTILE}")
    page.get_by_label("Operador de LIQUIDOS").check()
    page.get_by_label("Senha").fill(operator.password)
    page.get_by_role("button", name="Confirmar", exact=True).click()
    expect(row).to_contain_text(f"Ana Lima, {HOSTILE}")
    expect(row).to_contain_text("Confirmado por Operador de LIQUIDOS")
    expect(page.get_by_text("(posto)")).to_be_visible()

    row.get_by_label("Conferi esta linha").check()
    page.get_by_label("Supervisor de LIQUIDOS").check()
    page.get_by_label("Senha").fill(login.password)
    page.get_by_role("button", name="Assinar as linhas marcadas").click()
    expect(row).to_contain_text("Supervisor de LIQUIDOS (SUPERVISOR)")
    (signed,) = signatures(plant, line)
    assert (signed["vale"], signed["conteudo"]["confirmacao"]["equipe"]) == (True, ["Ana Lima", HOSTILE])
    assert [one["motivo"] for one in signed["conteudo"]["devolucoes"]] == ["falta o refugo das 9 h"]
