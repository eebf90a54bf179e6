"""Supabase's own lightweight server on a PostgreSQL: REST, rpc and auth as the product sees them in production."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from local.plain_http import http
from local.processes import LOOPBACK, Launch, StackError, plain_environment, write_private
from local.stack import table_rights
from local.stack.postgres import Database
from local.stack.run_folder import HEALTH_S, RunFolder

NODE_MODULES = Path(__file__).parent / "supabase" / "node_modules"
_COMMAND = NODE_MODULES / "@supabase" / "lite" / "dist" / "cli" / "index.js"
_OLDEST_NODE = 20

# The port and the database come from this file only. Confirmation mails are off: nobody reads them here.
# The server's own "already exists" notices would bury what matters in its log.
_CONFIG = """\
[api]
port = {port}

[db]
driver = "postgres"
url = "{database_url}?client_min_messages=warning"

[auth]
enabled = true
jwt_secret = "{jwt_secret}"
enable_signup = true
publishable_key = "{publishable_key}"
secret_key = "{secret_key}"

[auth.email]
enable_confirmations = false
"""


@dataclass(frozen=True)
class Supabase:
    """A running server and its keys."""

    url: str
    """The project's URL, as the ``supabase`` client wants it."""
    publishable_key: str
    secret_key: str = field(repr=False)


def _accept_issue_as_login(url: str) -> None:
    """Let a token's issue stand for the login: this server's tokens do not say by which method and when it was."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("alter database {} set sicfar.login_por_iat = 'sim'").format(name))


def start(run: RunFolder, database: Database, migrations: Path) -> Supabase:
    """Apply the migrations to the database and start the server on it.

    Args:
        run: the folder of this run.
        database: an empty database.
        migrations: folder of ``<timestamp>_<name>.sql``, in Supabase CLI's order.

    Raises:
        StackError: node or its packages are missing, a migration failed, or the server did not start.
    """
    node = _node()
    project = run.folder("supabase")
    project.chmod(0o700)
    shutil.copytree(migrations, project / "supabase" / "migrations")
    env = plain_environment(DO_NOT_TRACK="1", LITE_NON_INTERACTIVE="1", HOME=str(project), TZ="UTC")
    keys = {
        "database_url": database.url,
        "jwt_secret": run.secret(secrets.token_hex(32)),
        "publishable_key": f"sb_publishable_{secrets.token_urlsafe(24)}",
        "secret_key": run.secret(f"sb_secret_{secrets.token_urlsafe(24)}"),
    }

    def configure(port: int) -> None:
        write_private(project / "supabase" / "config.toml", _CONFIG.format(port=port, **keys))

    def launch(port: int) -> Launch:
        configure(port)
        # Without --no-admin a request without any key is served as service_role, and RLS is not tested at all.
        return Launch([node, str(_COMMAND), "start", "--host", LOOPBACK, "--no-admin"], project, env)

    def healthy(port: int) -> bool:
        if _status(f"http://{LOOPBACK}:{port}/auth/v1/health", keys["secret_key"]) != 200:
            return False
        if _status(f"http://{LOOPBACK}:{port}/rest/v1/", None) != 401:
            raise StackError("Supabase Lite serves requests without a key; row level security would not be tested")
        return True

    configure(0)
    run.run("migrations", [node, str(_COMMAND), "migration", "up"], cwd=project, env=env)
    _accept_issue_as_login(database.url)
    given = table_rights.rights(database.url)
    part = run.start("supabase-lite", launch, healthy)
    for table in sorted({right.table for right in given if right.schema == "public"})[:1]:
        # The first request for a table is when the server gives the rights away.
        _status(f"http://{LOOPBACK}:{part.port}/rest/v1/{table}?limit=1", keys["secret_key"])
        table_rights.take_back(database.url, given)
    return Supabase(f"http://{LOOPBACK}:{part.port}", keys["publishable_key"], keys["secret_key"])


def _status(url: str, key: str | None) -> int:
    try:
        return http.get(url, headers={} if key is None else {"apikey": key}, timeout=HEALTH_S).status_code
    except httpx.TransportError as not_yet:
        raise ConnectionError from not_yet


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise StackError(
            "Node.js is not installed", action=f"install Node.js {_OLDEST_NODE} or newer, then `make setup`"
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < _OLDEST_NODE:
        raise StackError(f"Node.js {version} is too old", where=node, action=f"install Node.js {_OLDEST_NODE} or newer")
    if not _COMMAND.is_file():
        raise StackError("Supabase Lite is not installed", where=str(_COMMAND), action="run `make setup`")
    pinned = json.loads((NODE_MODULES.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for package, version in pinned.items():
        manifest = NODE_MODULES / package / "package.json"
        installed = json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else "nothing"
        if installed != version:
            raise StackError(f"{package} {version} is wanted, {installed} is installed", action="run `make setup`")
    return node
