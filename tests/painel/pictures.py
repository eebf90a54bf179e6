"""`make painel-pictures`: the screens as people see them, in the three widths they are built for, for docs/painel.

A sector in the middle of a shift: lines that run, stand, are silent or have no order; matters that wait. The numbers
are made up; the pages are the deployed ones.
"""

import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.painel.conftest import PATIENCE_MS, Plant
from tests.support.stack import started

FOLDER = Path(__file__).parents[2] / "docs" / "painel"
WIDTHS = {390: 844, 670: 400, 1280: 800}
SCREENS = {
    "agora": "agora",
    "turno": "turno",
    "ordens": "ordens?linha=SPEP-ENV-D",
    "pendencias": "pendencias",
    "lotes": "lotes",
    "integracao": "integracao",
    "cadastros": "cadastros",
}
GATEWAY, EPOCH = "farmace-spep", "0123456789abcdef" * 2
RUNNING, STANDING, SILENT, FREE = ("A", "B", "C", "E"), ("F", "G"), ("H",), ("D", "I")


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with started(cloud=True) as stack:
        plant = Plant(stack)
        _tell(plant)
        login = plant.login("ADMIN")
        program = shutil.which("chromium") or "chromium"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            context = browser.new_context(locale="pt-BR", timezone_id="America/Fortaleza")
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(f"{plant.url}/entrar")
            page.get_by_label("Nome de login").fill(login.name)
            page.get_by_label("Senha").fill(login.password)
            page.get_by_role("button", name="Entrar").click()
            page.get_by_role("button", name="Sair").wait_for()
            for name, link in SCREENS.items():
                for width, height in WIDTHS.items():
                    page.set_viewport_size({"width": width, "height": height})
                    page.goto(f"{plant.url}/{link}" + ("&" if "?" in link else "?") + "setor=SPEP")
                    page.screenshot(path=FOLDER / f"{name}-{width}.png")
            browser.close()
        plant.close()


def _tell(plant: Plant) -> None:
    drawn = random.Random(7)
    now = datetime.now(UTC).replace(microsecond=0)
    minute = now.replace(second=0)
    plant.do(
        "insert into produtos (produto_codigo, descricao) values ('07010012', 'SOL. CLORETO DE SODIO 0,9%% 500ML')"
    )
    plant.do("insert into gateways (gateway) values (%s) on conflict do nothing", GATEWAY)
    plant.do("insert into epocas_gateway (gateway, epoca) values (%s, %s)", GATEWAY, EPOCH)
    for letter in (*RUNNING, *STANDING, *SILENT, *FREE):
        line = f"SPEP-ENV-{letter}"
        plant.counted_by(line, GATEWAY)
        heard = now - timedelta(minutes=25 if letter in SILENT else 0)
        plant.do(
            "insert into marcas_linha (linha_id, gateway, epoca, ate, estado) values (%s, %s, %s, %s, 'ok')",
            *(line, GATEWAY, EPOCH, heard),
        )
        op = plant.order(line, None if letter in FREE else minute - timedelta(hours=3))
        plant.do("update lotes_producao set quantidade_planejada = 30000 where numero_op = %s", op)
        plant.do(
            "insert into velocidades_nominais (linha_id, produto_codigo, de, velocidade, validade)"
            " values (%s, '07010012', '2026-01-01', 4000, '[2026-01-01,)')",
            line,
        )
        quiet = {"F": 12, "G": 40, "H": 25}.get(letter, 0)
        for ago in range(180, quiet, -1):
            made = drawn.randint(45, 68) if letter not in FREE else (drawn.randint(0, 2) if ago < 20 else 0)
            plant.do(
                "insert into contagens_minuto (linha_id, minuto, total_producao, total_rejeicao, sem_ordem_producao)"
                " values (%s, %s, %s, 0, %s)",
                *(line, minute - timedelta(minutes=ago), made, made if letter in FREE else 0),
            )
        plant.do(
            "update ordens_producao_ativas set producao_acumulada = %s, rejeicao_acumulada = %s where numero_op = %s",
            *((180 - quiet) * 57, drawn.randint(5, 60), op),
        )


if __name__ == "__main__":
    main()
