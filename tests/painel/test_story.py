"""The demonstration's story, settled by clicks: from an order of TOTVS's to the lot that TOTVS has, with troubles."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from local.waiting import until
from sicfar.counts.batch import Mark, seal
from tests.support.gateway import START, Gateway

LINE, OTHER = "ROTEIRO-ENV-A", "ROTEIRO-ENV-B"
OP = "820001"
WHY = "conferido na linha com a equipe"


def as_somebody_else(page: Page, plant: Any, papel: str, target: str) -> None:
    """The desk changes hands."""
    login = plant.login(papel)
    page.get_by_role("button", name="Sair").click()
    page.goto(f"{plant.url}/{target}")
    page.get_by_label("Nome de login").fill(login.name)
    page.get_by_label("Senha").fill(login.password)
    page.get_by_role("button", name="Entrar").click()
    page.get_by_role("button", name="Sair").wait_for()


def settle(page: Page, plant: Any, text: str, choice: str | None, button: str) -> None:
    """Decide one matter; what a choice needs else is filled in before."""
    page.goto(f"{plant.url}/pendencias")
    matter = page.get_by_role("listitem").filter(has_text=text).filter(has=page.get_by_role("link", name="Decidir"))
    matter.first.get_by_role("link").click()
    if choice:
        page.get_by_label(choice, exact=False).first.check()
    place = page.get_by_label("Onde fica")
    if place.count():
        place.fill("sala da linha")
    page.get_by_role("textbox", name="Motivo").fill(WHY)
    page.locator("main form").get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_contain_text(f"Feito. {button}")


def at_the_instant(page: Page, clock: str, effect: str, why: str) -> None:
    """Of what is shown for now: another instant, its effect, and confirm."""
    page.get_by_label("Em outro instante").fill(f"2026-03-15T{clock}")
    page.get_by_role("button", name="Ver o que muda").click()
    expect(page.get_by_label("O que muda")).to_contain_text(effect)
    page.get_by_label("Motivo").fill(why)
    page.get_by_role("button", name="Confirmar").click()


def test_p10_the_demonstrations_story_is_settled_by_clicks(plant: Any, page_as: Callable[..., Page]) -> None:
    for line in (LINE, OTHER):
        plant.do(
            "insert into linhas (linha_id, nome, setor, etapa, maximo_por_segundo)"
            " values (%s, %s, 'SPPV', 'ENVASE', 100)",
            *(line, f"Linha {line}"),
        )
    plant.do("insert into gateways (gateway) values ('roteiro')")
    plant.do(
        "insert into fontes_linha (linha_id, fonte, de) values (%s, 'roteiro', %s)", LINE, START - timedelta(days=1)
    )
    bucket, s3 = plant.stack.deployment.outputs["BucketName"], plant.stack.aws.s3
    gateway = Gateway(s3, bucket, "roteiro", LINE)
    stranger = Gateway(s3, bucket, "roteiro-novo", OTHER)

    # It counts before anybody opens the order; a counter jumps; a file is garbage; a stranger reports.
    gateway.upload(gateway.seal((20, 3), *[(0, 0)] * 9))
    gateway.seq += 1
    jump, mark = START + timedelta(seconds=20), Mark(LINE, int((START.timestamp() + 30) * 1000), "ok", None)
    instant = jump.strftime("%Y-%m-%dT%H:%M:%S.250Z")
    doubt = f"{instant},{LINE},5000,0,{START.strftime('%Y-%m-%dT%H:%M:%S.250Z')},,,implausivel,"
    gateway.upload(
        seal(
            gateway="roteiro", epoch=gateway.epoch, seq=gateway.seq, sealed_at=jump, marks=[mark], lines=[doubt],
            unreadable=[],
        )
    )  # fmt: skip
    s3.put_object(Bucket=bucket, Key="avulsos/planilha do roteiro.txt", Body=b"isto\xff nao e contagem\r\n" * 3)
    stranger.upload(stranger.seal((7, 0)))
    plant.announce(OP, "26K82001A")
    arrived = "select count(*) n from pendencias where linha_id = %s or descricao like %s or descricao like %s"
    until(
        lambda: plant.sql(arrived, LINE, "%roteiro-novo%", "%planilha do roteiro%")[0]["n"] == 4, "four matters",
        state=lambda: plant.sql("select tipo, descricao from pendencias"),
    )  # fmt: skip

    # The operator opens the order as of when it began, and ends it.
    page = page_as("OPERADOR", None, f"ordens?linha={LINE}")
    page.get_by_label("Outra OP").fill(OP)
    page.get_by_role("button", name="Ver").click()
    at_the_instant(page, "08:00:00", f"20 unidades e 3 de refugo passam de sem OP para a OP {OP}", "Ninguém registrou")
    expect(page.get_by_text("20 unidades, 3 de refugo")).to_be_visible()
    page.get_by_role("link", name="Encerrar agora").click()
    at_the_instant(page, "08:01:00", "A OP encerra em 15/03/2026 08:01", "fim do lote")
    expect(page.get_by_role("cell", name=OP, exact=True)).to_be_visible()

    # The supervisor decides what no machine can have made, and signs; the manager what belongs to no sector.
    as_somebody_else(page, plant, "SUPERVISOR", "pendencias")
    settle(page, plant, "Contagem implausível de 5000", "Não contar", "Decidir a contagem duvidosa")
    page.goto(f"{plant.url}/turno?setor=SPPV&data=2026-03-15&turno=D1")
    row = page.locator(f"details[id='{LINE}']")
    row.locator("summary").click()
    expect(row).to_contain_text("26K82001A")
    row.get_by_label("Conferi esta linha").check()
    page.get_by_label("Sua senha").fill(plant.login("SUPERVISOR").password)
    page.get_by_role("button", name="Assinar as linhas marcadas").click()
    expect(page.get_by_text("1 assinadas")).to_be_visible()

    as_somebody_else(page, plant, "GESTOR", "pendencias")
    settle(page, plant, "O gateway roteiro-novo não está cadastrado", None, "Cadastrar o gateway")
    settle(page, plant, "planilha do roteiro", None, "Não contar")

    # TOTVS books the first report and its answer is lost; the lot closes though the gateway did not report its end.
    plant.stack.totvs.faults({"kind": "cut_after", "path": "/api/apontamentos"})
    plant.stack.wake_closing()
    settle(page, plant, f"reportou a linha {LINE} até", None, "Fechar o lote com ressalva")

    def sent() -> list[tuple[str, str]]:
        plant.stack.wake_closing()
        rows = plant.sql("select tipo, situacao from envios_totvs where numero_op = %s order by ordem", OP)
        return [(row["tipo"], row["situacao"]) for row in rows]

    until(lambda: sent()[:1] == [("PRODUCAO", "INCERTO")], "a doubtful report", state=sent, pause_s=0.6)
    doubtful = "select 1 from pendencias where tipo = 'ENVIO' and descricao like %s"
    until(lambda: plant.sql(doubtful, f"%{OP}%") != [], "a person is asked", state=sent)
    settle(page, plant, f"OP {OP}", "Está no TOTVS", "Decidir o apontamento")
    until(lambda: {state for _, state in sent()} == {"CONFIRMADO"}, "TOTVS has it all", state=sent, pause_s=0.6)

    page.goto(f"{plant.url}/lotes?op={OP}")
    expect(page.locator("main")).to_contain_text("17 boas de 20 produzidas; 3 refugo, 0 amostras")
    told = page.get_by_role("listitem").filter(has_text="o TOTVS aceitou")
    expect(told).to_have_count(len(sent()))
    booked = [one for one in plant.stack.totvs.booked() if one["numero_op"] == OP]
    assert [(one["operacao"], one.get("boas")) for one in booked] == [("TOTAL", 17), ("STATUS", None)]
