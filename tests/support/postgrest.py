"""A model of PostgREST as Supabase hosts it, on a server that has Supabase's roles: HTTP in, one transaction a request.

There is no PostgREST in the registries. Modelled is what happens to a call of ours: who it is made as, the transaction
and its settings, which function is meant, 1,000 rows at most, and errors as clients see them. Of a relation only
all rows can be asked for.

https://docs.postgrest.org/en/v12/references/transactions.html (access mode, settings, the roles' own time-outs)
https://docs.postgrest.org/en/v12/references/errors.html (codes and HTTP status)
https://docs.postgrest.org/en/v12/references/api/functions.html (which function a call means)
"""

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg import sql

from local.processes import LOOPBACK

MAX_ROWS = 1000  # the project's setting "Max rows", https://supabase.com/docs/guides/api/rest/pagination
_ROOT = "/rest/v1/"


class RefusedError(Exception):
    """A request that PostgREST answers by itself."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "details": None, "hint": None}


class Answer(NamedTuple):
    """What a request brought."""

    status: int
    body: Any


class Function(NamedTuple):
    """What PostgREST's schema cache knows of a function."""

    arguments: Mapping[str, str]  # name → type
    writes: bool
    rows: bool  # a set of them
    void: bool
    composite: bool


class Postgrest:
    """The server; `url` is the project's, as a Supabase client wants it."""

    def __init__(self, database_url: str) -> None:
        """`database_url`: as `authenticator`."""
        self.secret_key = f"sb_secret_{secrets.token_urlsafe(12)}"
        self.publishable_key = f"sb_publishable_{secrets.token_urlsafe(12)}"
        self._database_url = database_url
        self.answered: list[tuple[str, object]] = []  # function, answer
        self._people: dict[str, dict[str, object]] = {}
        self._turn = threading.Lock()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._http = ThreadingHTTPServer((LOOPBACK, 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://{LOOPBACK}:{self._http.server_port}"

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        if self._connection is not None:
            self._connection.close()

    def token(self, user: str, **claims: object) -> str:
        """Sign a person in; his access token."""
        token = secrets.token_urlsafe(12)
        self._people[token] = {"sub": user, "role": "authenticated", **claims}
        return token

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request."""
        address = urlsplit(target)
        try:
            claims = self._claims(headers)
            name = address.path.removeprefix(_ROOT)
            with self._turn:
                if name.startswith("rpc/"):
                    given = dict(parse_qsl(address.query)) if method == "GET" else json.loads(body or b"{}")
                    return self._call(method, name.removeprefix("rpc/"), given, claims, headers)
                return self._read(name, claims, headers)
        except RefusedError as refusal:
            return Answer(refusal.status, refusal.body)
        except psycopg.Error as error:
            said = error.diag
            code = error.sqlstate or "PGRST001"
            about = {"details": said.message_detail, "hint": said.message_hint}
            message = said.message_primary or str(error)
            return Answer(_status(code, claims), {"code": code, "message": message, **about})

    def _claims(self, headers: Mapping[str, str]) -> dict[str, object]:
        key = headers.get("apikey")
        if key not in {self.secret_key, self.publishable_key}:
            raise RefusedError(401, "401", "Invalid API key")
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token and token != key:
            if token not in self._people:
                raise RefusedError(401, "PGRST301", "JWT expired")
            return self._people[token]
        return {"role": "service_role" if key == self.secret_key else "anon"}

    def _call(
        self, method: str, name: str, given: dict[str, object], claims: dict[str, object], headers: Mapping[str, str]
    ) -> Answer:
        function = self.meant(name, set(given))
        called, place = sql.Identifier("public", name), sql.Identifier("corpo")
        types = [sql.SQL("{} {}").format(sql.Identifier(one), sql.SQL(function.arguments[one])) for one in given]
        passed = [sql.SQL("{} := {}.{}").format(sql.Identifier(one), place, sql.Identifier(one)) for one in given]
        source = sql.SQL("json_to_record(%s::json) as corpo ({})").format(sql.SQL(", ").join(types))
        call = sql.SQL("{}({})").format(called, sql.SQL(", ").join(passed))
        lateral = sql.SQL("select r.* from {}lateral {} as r").format(
            sql.SQL("{}, ").format(source) if given else sql.SQL(""), call
        )
        value = "to_json(linha)" if function.composite else "to_json(linha.r)"
        query = sql.SQL("select {} from ({}) as linha limit %s").format(sql.SQL(value), lateral)
        with self._transaction(claims, headers, writes=function.writes and method == "POST") as connection:
            parameters = [json.dumps(given)] if given else []
            found = [row for (row,) in connection.execute(query, [*parameters, MAX_ROWS], prepare=True)]
        if function.void:
            return Answer(204, None)
        self.answered.append((name, found if function.rows else found[0]))
        return Answer(200, self.answered[-1][1])

    def _read(self, name: str, claims: dict[str, object], headers: Mapping[str, str]) -> Answer:
        query = sql.SQL("select to_json(t) from {} as t limit %s").format(sql.Identifier("public", name))
        with self._transaction(claims, headers, writes=False) as connection:
            return Answer(200, [row for (row,) in connection.execute(query, [MAX_ROWS])])

    def meant(self, name: str, given: set[str]) -> Function:
        """The function that a call with these arguments means.

        Raises:
            RefusedError: none is, or more than one.
        """
        with self._connected().transaction():
            rows = self._connected().execute(_FUNCTIONS, [name]).fetchall()
        fitting = [
            Function(dict(zip(names, types, strict=True)), *rest)
            for names, types, required, *rest in rows
            if given <= set(names) and set(required) <= given
        ]
        if len(fitting) == 1:
            return fitting[0]
        with_these = f"public.{name}({', '.join(sorted(given))})"
        if fitting:
            raise RefusedError(300, "PGRST203", f"Could not choose the best candidate function between: {with_these}")
        raise RefusedError(404, "PGRST202", f"Could not find the function {with_these} in the schema cache")

    @contextmanager
    def _transaction(
        self, claims: dict[str, object], headers: Mapping[str, str], *, writes: bool
    ) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        connection = self._connected()
        role = str(claims["role"])
        settings = {
            "search_path": '"public", "extensions"',
            "role": role,
            "request.jwt.claims": json.dumps(claims),
            "request.headers": json.dumps({name.lower(): value for name, value in headers.items()}),
            **self._own_settings(role),
        }
        connection.execute(f"begin isolation level read committed {'read write' if writes else 'read only'}".encode())
        try:
            for name, value in settings.items():
                connection.execute("select set_config(%s, %s, true)", [name, value])
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.execute("commit")

    def _own_settings(self, role: str) -> dict[str, str]:
        rows = self._connected().execute("select unnest(rolconfig) from pg_roles where rolname = %s", [role]).fetchall()
        return dict(setting.split("=", 1) for (setting,) in rows)

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._database_url, autocommit=True)
        return self._connection


_FUNCTIONS = """
select
    coalesce(p.proargnames[1:p.pronargs], '{}'), array(select t::regtype::text from unnest(p.proargtypes) as t),
    coalesce(p.proargnames[1:p.pronargs - p.pronargdefaults], '{}'),
    p.provolatile = 'v', p.proretset, p.prorettype = 'void'::regtype,
    p.prorettype = 'record'::regtype or exists (select from pg_type where oid = p.prorettype and typtype = 'c')
from pg_proc as p
where p.pronamespace = 'public'::regnamespace and p.proname = %s and p.prokind = 'f'
"""


def _status(code: str, claims: Mapping[str, object]) -> int:
    if code.startswith("PT"):
        return int(code[2:])
    if code == "42501":
        return 401 if claims["role"] == "anon" else 403
    exact = {"23503": 409, "23505": 409, "25006": 405, "42883": 404, "42P01": 404, "P0001": 400, "PGRST001": 503}
    classes = {"08": 503, "53": 503, "40": 500, "54": 500, "55": 500, "57": 500, "58": 500, "XX": 500, "25": 500}
    return exact.get(code) or classes.get(code[:2], 400)


def _handler(server: Postgrest) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.answer(self.command, self.path, headers, body)
            content = b"" if answer.status == 204 else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("content-type", "application/json; charset=utf-8")
            if answer.status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _do  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Write no log."""

    return Handler
