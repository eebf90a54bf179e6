"""The deployed screens in a real browser: Debian's Chromium, driven by Playwright."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from psycopg.rows import dict_row

from local.stack.stack import Stack
from local.stack.usuarios import Login, create_login
from local.waiting import until
from sicfar.webhooks.signature import sign
from tests.support.stack import started

PATIENCE_MS = 120_000
"""How long a page may take on a machine that is busy with other tests."""
expect.set_options(timeout=PATIENCE_MS)
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


class Plant:
    """The stack, its database, and people who can sign in at the screens."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url = f"{stack.deployment.api_url}/painel"
        self._database = psycopg.connect(stack.database.url, autocommit=True, row_factory=dict_row)
        self._logins: dict[tuple[str, str | None], Login] = {}
        self._ops = 0

    def close(self) -> None:
        self._database.close()

    def sql(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        return self._database.execute(query, parameters).fetchall()

    def do(self, statement: str, *parameters: object) -> None:
        self._database.execute(statement, parameters)

    def login(self, papel: str, setor: str | None = None) -> Login:
        """One person per role and sector."""
        key = (papel, setor)
        if key not in self._logins:
            name = f"{papel}.{setor or 'todos'}".lower()
            self._logins[key] = create_login(self.stack, name, papel, setor, f"{papel.title()} de {setor or 'todos'}")
        return self._logins[key]

    def order(self, line: str, opened: datetime | None = None) -> str:
        """A planned order; open on the line since `opened`, if that is given."""
        self._ops += 1
        op = f"7{self._ops:05}"
        self.do(
            "insert into produtos (produto_codigo, descricao) values ('07010012', 'SOL. CLORETO DE SODIO 0,9%%')"
            " on conflict do nothing"
        )
        self.do(
            "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada, linha_id)"
            " values (%s, %s, '07010012', 1000, %s)",
            *(op, f"26K{op}", line),
        )
        if opened:
            self.do(
                "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
                " values (%s, %s, tstzrange(%s, null), 1, 1)",
                *(op, line, opened.replace(microsecond=0)),
            )
            self.do("insert into ordens_producao_ativas (numero_op, linha_id) values (%s, %s)", op, line)
        return op

    def announce(self, op: str, lot: str) -> None:
        """TOTVS says over its webhook that there is an order, and it arrives."""
        product = {"tipo": "produto", "dados": {"produto_codigo": "07010099", "descricao": "SOL. GLICOSE 5%"}}
        data = {"numero_op": op, "produto_codigo": "07010099", "quantidade": 5000, "numero_lote": lot}
        for said in (product, {"tipo": "ordem", "dados": data}):
            body, at = json.dumps(said).encode(), str(int(time.time()))
            headers = {"Content-Type": "application/json", "X-SicFar-Timestamp": at}
            headers["X-SicFar-Signature"] = sign(self.stack.totvs.webhook_secret, at, body)
            url = f"{self.stack.deployment.api_url}/totvs/eventos"
            httpx.post(url, content=body, headers=headers, timeout=60).raise_for_status()
        until(lambda: self.sql("select 1 from lotes_producao where numero_op = %s", op) != [], f"order {op}")

    def counted_by(self, line: str, source: str = "manual") -> None:
        """Somebody counts the line since a week ago."""
        since = (datetime.now(UTC) - timedelta(days=7)).replace(microsecond=0)
        if source not in ("manual", "avulso"):
            self.do("insert into gateways (gateway) values (%s) on conflict do nothing", source)
        self.do("insert into fontes_linha (linha_id, fonte, de) values (%s, %s, %s)", line, source, since)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with started(cloud=True) as made:
        yield made


@pytest.fixture(scope="session")
def plant(stack: Stack) -> Iterator[Plant]:
    made = Plant(stack)
    yield made
    made.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is missing: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser nobody has signed in with. An error in a page's script or a refused resource fails the test."""
    faults: list[str] = []
    made = chromium.new_context(locale="pt-BR", timezone_id="America/Fortaleza")
    made.set_default_timeout(PATIENCE_MS)
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield made
    made.close()
    assert faults == []


@pytest.fixture
def page_as(context: BrowserContext, plant: Plant) -> Callable[..., Page]:
    """A page on which somebody of a role and sector has signed in."""

    def signed_in(papel: str, setor: str | None = None, target: str = "") -> Page:
        login = plant.login(papel, setor)
        page = context.new_page()
        page.goto(f"{plant.url}/{target or 'agora'}")
        page.get_by_label("Nome de login").fill(login.name)
        page.get_by_label("Senha").fill(login.password)
        page.get_by_role("button", name="Entrar").click()
        page.get_by_role("button", name="Sair").wait_for()
        return page

    return signed_in


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails if axe finds anything serious or critical on the page."""

    def look(page: Page) -> None:
        # By DevTools, past the page's own policy, which refuses scripts that are not ours.
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []

    return look
