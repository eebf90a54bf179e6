"""The audit's own login, as whoever installs a database admits it (docs/seguranca.md)."""

import secrets

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

LOGIN = "sicfar_auditoria"


def admit(database_url: str) -> str:
    """Give the audit's role a password and sight of every row; returns its address of the database.

    Raises:
        psycopg.Error: the role is not there, or this user may not change it.
    """
    password = secrets.token_urlsafe(24)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter role {} login bypassrls password {}").format(sql.Identifier(LOGIN), sql.Literal(password))
        )
    return make_conninfo(database_url, user=LOGIN, password=password)
