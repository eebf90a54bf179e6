"""Signing in: cookies, who stays how long, forms that are not ours, and what a stranger gets."""

import base64
import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from painel import page as pages
from tests.painel.forms import form_token, signed_in

HERE = Path(__file__).parent


@pytest.fixture
def client():
    with httpx.Client(timeout=60) as made:
        yield made


def test_p9_a_stranger_sees_the_sign_in_page_and_nothing_else(plant, client) -> None:
    for screen in ("agora", "nada"):
        answer = client.get(f"{plant.url}/{screen}")
        assert answer.status_code in (303, 404)
        assert "article" not in answer.text
    assert client.get(plant.url).headers["location"] == "painel/entrar"


def test_p9_sessions_are_cookies_no_script_and_no_other_site_can_use(plant, client) -> None:
    answer = signed_in(plant, client, "OPERADOR", "SPEP")
    assert answer.status_code == 303
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
    policy = client.get(f"{plant.url}/agora").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_p9_a_wrong_password_says_nothing_about_the_login(plant, client) -> None:
    seen = set()
    for login in (plant.login("OPERADOR", "SPEP").name, "ninguem"):
        fields = {"forma": form_token(client, f"{plant.url}/entrar"), "login": login, "senha": "errada-errada"}
        answer = client.post(f"{plant.url}/entrar", data=fields)
        assert answer.status_code == 403
        seen.add(re.sub(r'value="\w+"', "", answer.text))
    assert len(seen) == 1


def test_p9_a_form_of_another_session_or_site_does_nothing(plant, client) -> None:
    signed_in(plant, client, "OPERADOR", "SPEP")
    own = form_token(client, f"{plant.url}/agora")
    with httpx.Client(timeout=60) as thief:
        stolen = form_token(thief, f"{plant.url}/entrar")
        assert thief.post(f"{plant.url}/sair", data={"forma": own}).status_code == 403
    assert client.post(f"{plant.url}/sair", data={"forma": stolen}).status_code == 403
    assert client.post(f"{plant.url}/sair", data={}).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{plant.url}/sair", data={"forma": own}, headers=foreign).status_code == 403
    assert client.get(f"{plant.url}/agora").status_code == 200
    assert client.post(f"{plant.url}/sair", data={"forma": own}).status_code == 303
    assert client.get(f"{plant.url}/agora").status_code == 303


def test_p9_a_persons_session_ends_idle_and_polling_keeps_none_alive(plant, client) -> None:
    signed_in(plant, client, "SUPERVISOR", "SPEP")

    def until() -> int:
        packed = client.cookies["sicfar-pessoa"]
        return int(json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))["until"])

    first = until()
    client.get(f"{plant.url}/agora", headers={"HX-Request": "true", "HX-Trigger": "vivo"})
    assert until() == first
    held = json.loads(base64.urlsafe_b64decode(client.cookies["sicfar-pessoa"] + "==="))
    held["until"] = 1
    client.cookies["sicfar-pessoa"] = base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")
    assert client.get(f"{plant.url}/agora").status_code == 303


def test_p9_without_a_persons_session_the_panel_stays(plant, page_as) -> None:
    page: Page = page_as("POSTO", "SPEP")
    page.get_by_role("link", name="Entrar").click()
    person = plant.login("OPERADOR", "SPEP")
    page.get_by_label("Nome de login").fill(person.name)
    page.get_by_label("Senha").fill(person.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_text("Operador de SPEP")).to_be_visible()
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_text("(posto)")).to_be_visible()


def test_the_served_htmx_is_the_locked_one(plant) -> None:
    locked = HERE / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    served = httpx.get(f"{plant.url}/estatico/htmx.min.js", timeout=60)
    assert served.content == locked.read_bytes()
    assert pages.number(1234567) == "1.234.567"


def test_p9_nothing_outside_the_static_folder_is_served(plant) -> None:
    for name in ("base.html", "..%2Fpage.py", "%2e%2e%2fpage.py"):
        assert httpx.get(f"{plant.url}/estatico/{name}", timeout=60).status_code in (403, 404)
