"""A test's way to the database through Supabase's API: as nobody, as people of the plant, as the service.

Each test gets a line, orders and a gateway of its own, so that tests share one running stack without meeting.
"""

import itertools
import uuid
from collections.abc import Sequence
from typing import Any

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from psycopg.rows import dict_row
from supabase import Client, create_client

from local.plain_http import http
from local.stack.database import T0, Counts, batch, iso
from local.stack.stack import Stack
from local.stack.usuarios import as_person, grant, sign_up

_numbers = itertools.count(1)
RUN = uuid.uuid4().hex[:6]


class Caller:
    """Somebody at the API: a supabase client, and the same request bare where the HTTP status matters."""

    def __init__(self, url: str, headers: dict[str, str], client: Client, user: str | None = None) -> None:
        self.url = url
        self.headers = headers
        self.client = client
        self.user = user

    def http(self, method: str, path: str, body: object = None) -> httpx.Response:
        return http.request(method, f"{self.url}/rest/v1/{path}", headers=self.headers, json=body)

    def rpc(self, function: str, **arguments: Any) -> Any:
        return self.client.rpc(function, arguments).execute().data

    def refused(self, function: str, **arguments: Any) -> tuple[int, str]:
        """HTTP status and stable code of a refused call; fails unless the supabase client sees all of it, readably."""
        response = self.http("POST", f"rpc/{function}", arguments)
        assert response.is_error, response.text
        with pytest.raises(APIError) as error:
            self.client.rpc(function, arguments).execute()
        seen = error.value
        assert seen.json() == response.json()
        assert seen.code == f"PT{response.status_code}"
        assert seen.message is not None
        for text in (seen.details, seen.hint):
            assert text is not None
            assert text.endswith("."), text
            assert " " in text
            assert seen.message not in text
        return response.status_code, seen.message

    def rows(self, table: str, **equal: object) -> list[dict[str, Any]]:
        query = self.client.table(table).select("*")
        for column, value in equal.items():
            query = query.eq(column, value)
        return query.execute().data  # type: ignore[return-value]


class Api:
    """The running stack, and everybody who calls it."""

    def __init__(self, stack: Stack) -> None:
        self._supabase = stack.supabase
        self.database_url = stack.database.url
        self.url = url = stack.supabase.url
        publishable = stack.supabase.publishable_key
        self.anon = Caller(url, {"apikey": publishable}, create_client(url, publishable))
        secret = stack.supabase.secret_key
        self.service = Caller(url, {"apikey": secret}, create_client(url, secret))
        self._database = psycopg.connect(stack.database.url, autocommit=True, row_factory=dict_row)
        self.stranger = self.person()
        self.operator = self.person("OPERADOR", "SPEP")
        self.elsewhere = self.person("SUPERVISOR", "SPPV")
        self.supervisor = self.person("SUPERVISOR", "SPEP")
        self.manager = self.person("GESTOR")

    def close(self) -> None:
        self._database.close()

    def sql(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        cursor = self._database.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    def person(self, role: str | None = None, sector: str | None = None) -> Caller:
        """Somebody signed up, with a role or none."""
        user, token = sign_up(self._supabase, f"{uuid.uuid4()}@planta.example")
        if role is not None:
            grant(self.database_url, user, role, sector)
        headers = {"apikey": self._supabase.publishable_key, "Authorization": f"Bearer {token}"}
        return Caller(self._supabase.url, headers, as_person(self._supabase, token), user)

    def relations(self, kinds: str = "rv") -> list[str]:
        """Tables and views of the API."""
        query = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = any(%s)"
        return [row["relname"] for row in self.sql(query, list(kinds))]

    def functions(self) -> dict[str, dict[str, None]]:
        """Functions of the API, each with its arguments, all null."""
        rows = self.sql(
            "select proname as name, proargnames[1:pronargs] as names from pg_proc"
            " where pronamespace = 'public'::regnamespace"
        )
        return {row["name"]: dict.fromkeys(row["names"] or []) for row in rows}


class Scene:
    """A line of the SPEP sector with a gateway that counts it, one order open on it since T0 and one that waits."""

    def __init__(self, api: Api) -> None:
        self.api = api
        number = next(_numbers)
        self.line = self.new_line("A")
        self.gateway = f"api-{RUN}-{number}"
        self.epoch = uuid.uuid4().hex
        self.op, self.other, self.cancelled = (f"{RUN[:3]}{number:02}{kind}" for kind in "XYZ")
        api.sql("insert into gateways (gateway) values (%s)", self.gateway)
        self.owns(self.line)
        api.sql(
            "insert into produtos (produto_codigo, descricao) values ('07010012', 'SOL. CLORETO DE SODIO 0,9%%')"
            " on conflict do nothing"
        )
        for op, situation in ((self.op, "ABERTA"), (self.other, "ABERTA"), (self.cancelled, "CANCELADA")):
            api.sql(
                "insert into lotes_producao"
                " (numero_op, numero_lote, produto_codigo, quantidade_planejada, situacao_totvs)"
                " values (%s, %s, '07010012', 1000, %s)",
                op,
                f"26C{op}",
                situation,
            )
        self.opened = api.supervisor.rpc("abrir_ordem", **self.order(self.op, p_aberta_em=iso(T0)))

    def new_line(self, letter: str, sector: str = "SPEP", *, active: bool = True) -> str:
        line = f"API-{letter}-{uuid.uuid4().hex[:8].upper()}"
        self.api.sql(
            "insert into linhas (linha_id, nome, setor, etapa, ativa) values (%s, %s, %s, 'ENVASE', %s)",
            line,
            line,
            sector,
            active,
        )
        return line

    def owns(self, line: str) -> None:
        self.api.sql(
            "insert into fontes_linha (linha_id, fonte, de) values (%s, %s, %s)", line, self.gateway, iso(T0 - 86_400)
        )

    def order(self, op: str, **more: Any) -> dict[str, Any]:
        """Arguments of abrir_ordem and encerrar_ordem: long ago, hence with a reason."""
        return {"p_numero_op": op, "p_linha_id": self.line, "p_motivo": "conferido na ficha da linha", **more}

    def batch(
        self, seq: int, counts: Counts | None = None, *, spans: Sequence[dict[str, Any]] = (), epoch: str | None = None
    ) -> dict[str, Any]:
        """A batch of the scene's gateway."""
        return batch(seq, counts, spans=spans, gateway=self.gateway, epoch=epoch or self.epoch)

    def record(self, *files: dict[str, Any]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = self.api.service.rpc("registrar_contagens", p_arquivos=list(files))
        return answers

    def total(self, op: str) -> tuple[int, int]:
        (row,) = self.api.operator.rows("ordens_producao_ativas", numero_op=op, linha_id=self.line)
        return row["producao_acumulada"], row["rejeicao_acumulada"]

    def pending(self) -> list[dict[str, Any]]:
        """What waits for a person because of this scene."""
        rows = self.api.manager.rows("pendencias")
        sources = self.api.sql("select linha_id from fontes_linha where fonte = %s", self.gateway)
        lines = {source["linha_id"] for source in sources}
        return [row for row in rows if row["linha_id"] in lines or self.gateway in str(row["detalhes"])]
