"""Signing in and posting forms without a browser: what a request does that no button sends."""

import re
from typing import Any

import httpx


def form_token(client: httpx.Client, url: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="forma" value="(\w+)"', client.get(url).text)
    assert found
    return found.group(1)


def signed_in(plant: Any, client: httpx.Client, papel: str, setor: str | None = None) -> httpx.Response:
    """Sign somebody of a role and sector in; the answer of the form."""
    login = plant.login(papel, setor)
    fields = {"forma": form_token(client, f"{plant.url}/entrar"), "login": login.name, "senha": login.password}
    return client.post(f"{plant.url}/entrar", data=fields)
