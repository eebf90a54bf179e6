"""People of the plant for demonstrations and tests: signed up and logged in through Supabase's own auth."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

import psycopg
from supabase import Client, create_client

from local.plain_http import http
from local.processes import StackError, write_private
from local.stack.stack import LOGIN_DOMAIN, Stack
from local.stack.supabase_lite import Supabase


def create_operator(stack: Stack, email: str, papel: str, setor: str | None = None) -> str:
    """Sign a person up, give him his role, and return his access token (a JWT, valid for an hour).

    Args:
        stack: the running stack.
        email: not signed up yet.
        papel: OPERADOR, ENCARREGADO, SUPERVISOR, GESTOR, QUALIDADE or ADMIN.
        setor: the sector he works in; None for all.

    Raises:
        StackError: sign-up was refused.
        psycopg.Error: the role was refused, e.g. because there is no such role.
    """
    user, token = sign_up(stack.supabase, email)
    grant(stack.database.url, user, papel, setor)
    return token


def grant(database_url: str, user: str, papel: str, setor: str | None = None) -> None:
    """Give somebody a role and a name, as the database's owner: nobody has to ask for it.

    Raises:
        psycopg.Error: the role was refused.
    """
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into papeis_usuario (usuario_id, papel, setor) values (%s, %s, %s)", (user, papel, setor)
        )
        connection.execute(
            "insert into pessoas (usuario_id, nome) values (%s, %s) on conflict do nothing",
            (user, f"Pessoa de {papel.title()}"),
        )


def sign_up(supabase: Supabase, email: str, password: str | None = None) -> tuple[str, str]:
    """Sign somebody up without any role and return his user id and access token. Without `password` nobody knows it.

    Raises:
        StackError: sign-up was refused.
    """
    # Not by the client's auth.sign_up: it cannot read the time stamps of Supabase Lite ("2026-11-23 19:38:00.5+00").
    response = http.post(
        f"{supabase.url}/auth/v1/signup",
        headers={"apikey": supabase.publishable_key},
        json={"email": email, "password": password or secrets.token_urlsafe(16)},
    )
    if response.is_error:
        raise StackError(f"signing up {email} gave {response.status_code}: {response.text}", where=supabase.url)
    session = response.json()
    return session["user"]["id"], session["access_token"]


@dataclass(frozen=True)
class Login:
    """Somebody who can sign in at the screens."""

    name: str
    password: str = field(repr=False)


def create_login(stack: Stack, login: str, papel: str, setor: str | None = None, nome: str | None = None) -> Login:
    """Sign somebody up for the screens, with a role, a name and a password. Raises as `create_operator`."""
    made = Login(login, secrets.token_urlsafe(9))
    user, _token = sign_up(stack.supabase, f"{login}@{LOGIN_DOMAIN}", made.password)
    grant(stack.database.url, user, papel, setor)
    with psycopg.connect(stack.database.url) as connection:
        connection.execute(
            "update pessoas set nome_login = %s, nome = coalesce(%s, nome) where usuario_id = %s", (login, nome, user)
        )
    return made


LOGINS_FILE = "logins.json"
_EVERYBODY = (
    ("ana.operadora", "OPERADOR", "SPEP", "Ana Operadora"),
    ("sofia.supervisora", "SUPERVISOR", "SPEP", "Sofia Supervisora"),
    ("gil.gestor", "GESTOR", None, "Gil Gestor"),
    ("ivo.ti", "ADMIN", None, "Ivo da TI"),
    ("posto.spep", "POSTO", "SPEP", "Painel do SPEP"),
)


def create_everybody(stack: Stack) -> list[Login]:
    """One person for each kind of screen, and a shared panel; remembered in `logins.json` of the run folder."""
    made = [create_login(stack, *one) for one in _EVERYBODY]
    write_private(stack.run.path / LOGINS_FILE, json.dumps({one.name: one.password for one in made}, indent=2) + "\n")
    return made


def as_person(supabase: Supabase, token: str) -> Client:
    """Return a client that acts as the person the token belongs to, as the plant's screens do."""
    client = create_client(supabase.url, supabase.publishable_key)
    client.postgrest.auth(token)
    return client
