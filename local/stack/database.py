"""A way into the database, for tests and benchmarks: as the parser, as a person, without a role; its messages."""

import hashlib
import json
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sicfar.counts.keys import LOOSE, epoch_prefix

EPOCH = "0123456789abcdef" * 2
T0 = int(datetime(2026, 3, 15, 11, 0, tzinfo=UTC).timestamp())
Counts = Mapping[str, Mapping[int, tuple[int, int]]]  # line → second → produced, rejected


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def sha(text: str) -> str:
    """The SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines(counts: Counts) -> list[dict[str, Any]]:
    """The `linhas` of an entry: all counts of each line."""
    return [
        {
            "linha_id": line,
            "registros": len(seconds),
            "de": iso(min(seconds)),
            "ate": iso(max(seconds)),
            "byte_de": 100,
            "byte_ate": 900,
            "flags": {},
            "segundos": [[second, *pair] for second, pair in seconds.items()],
        }
        for line, seconds in counts.items()
        if seconds
    ]


def batch(
    seq: int,
    counts: Counts | None = None,
    *,
    gateway: str = "planta-1",
    epoch: str = EPOCH,
    content: str = "",
    spans: Sequence[dict[str, Any]] = (),
    marks: Iterable[tuple[str, int]] = (),
    **more: Any,
) -> dict[str, Any]:
    """A sealed batch; the same arguments give the same key. `marks`: (line, second reported up to)."""
    digest = sha(f"{gateway}{epoch}{seq}{content}")
    return {
        "bucket": "teste",
        "chave": f"{epoch_prefix(gateway, epoch)}2026/03/15/{seq:012}-{digest[:16]}.txt.gz",
        "versao_id": None,
        "tamanho": 1234,
        "sha256": digest,
        "gravado_em": iso(T0),
        "tipo": "gateway",
        "gateway": gateway,
        "epoca": epoch,
        "seq": seq,
        "marcas": [{"linha_id": line, "ate": iso(at), "estado": "ok", "relogio_ms": None} for line, at in marks],
        "registros": sum(len(seconds) for seconds in (counts or {}).values()) + len(spans),
        "linhas": lines(counts or {}),
        "intervalos": list(spans),
        "quarentena": [],
        "rejeitado": None,
        **more,
    }


def loose(name: str, before: str, text: str, counts: Counts, version: str = "v1", **more: Any) -> dict[str, Any]:
    """A loose file of which `before` was counted and `text` (it starts with `before`) is complete."""

    def prefix(part: str) -> dict[str, Any]:
        return {"tamanho": len(part), "sha256": sha(part) if part else None}

    return {
        "bucket": "teste",
        "chave": f"{LOOSE}{name}",
        "versao_id": version,
        "tamanho": len(text),
        "sha256": sha(text),
        "gravado_em": iso(T0),
        "tipo": "avulso",
        "prefixo": prefix(before),
        "aceito": prefix(text),
        "registros": sum(len(seconds) for seconds in counts.values()),
        "linhas": lines(counts),
        "intervalos": [],
        "quarentena": [],
        "rejeitado": None,
        **more,
    }


def span(line: str, since: float, until: float, produced: int, rejected: int = 0, *flags: str) -> dict[str, Any]:
    """An interval of an entry; seconds since the epoch. Its place in the file follows from what it says: no two records
    of a file begin at the same byte."""
    begin = zlib.crc32(repr((line, since, until, produced, rejected, flags)).encode())
    return {
        "linha_id": line,
        "desde": iso(since),
        "ate": iso(until),
        "producao": produced,
        "rejeicao": rejected,
        "flags": list(flags),
        "byte_de": begin,
        "byte_ate": begin + 50,
    }


def as_instant(name: str, value: object) -> object:
    """Numbers given for instants are seconds since the epoch."""
    return iso(value) if name.endswith(("_em", "_de", "_ate")) and isinstance(value, int | float) else value


class Database:
    """One connection to a migrated database, superuser unless a method says otherwise."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.claimed: dict[str, object] = {}  # what people's tokens say besides who they are
        self.boss = self.manager = ""
        self.connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def sql(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Run one statement; its rows, none if it returns nothing."""
        cursor = self.connection.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *parameters: object) -> Any:
        """The only value of the only row."""
        (row,) = self.sql(query, *parameters)
        (value,) = row.values()
        return value

    @contextmanager
    def as_role(self, role: str, user: str | None = None) -> Iterator[None]:
        """Act as PostgREST does for a request: a role and the token's claims, for one transaction."""
        signed_in = {"sub": user, "amr": [{"method": "password", "timestamp": int(time.time())}], **self.claimed}
        claims = {"role": role} if user is None else {"role": role, **signed_in}
        with self.connection.transaction():
            self.sql("select set_config('request.jwt.claims', %s, true)", json.dumps(claims))
            self.sql(f"set local role {role}")
            yield

    # The plant ------------------------------------------------------------------------------------------------------

    def gateway(self, name: str = "planta-1", *owned: str, role: str = "contagem") -> None:
        """Make a gateway known, and the owner of these lines."""
        self.sql("insert into gateways (gateway) values (%s) on conflict do nothing", name)
        for line in owned:
            self.owner(line, name, role=role)

    def owner(
        self, line: str, source: str, since: int = T0 - 86_400, until: int | None = None, role: str = "contagem"
    ) -> None:
        """Make a source the owner of a line for a time; seconds since the epoch."""
        self.sql(
            "insert into fontes_linha (linha_id, fonte, papel, de, ate) values (%s, %s, %s, %s, %s)",
            line,
            source,
            role,
            iso(since),
            iso(until) if until is not None else None,
        )

    def lot(self, *ops: str) -> None:
        """Make a lot per order."""
        self.sql("insert into produtos (produto_codigo) values ('07010012') on conflict do nothing")
        for op in ops:
            self.sql(
                "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)"
                " values (%s, %s, '07010012', 1000)",
                op,
                f"26C{op}A",
            )

    def person(self, role: str = "SUPERVISOR", sector: str | None = None) -> str:
        """Make somebody with a role and return the user id."""
        user = str(uuid.uuid4())
        self.sql("insert into papeis_usuario (usuario_id, papel, setor) values (%s, %s, %s)", user, role, sector)
        self.sql("insert into pessoas (usuario_id, nome) values (%s, %s)", user, f"Maria das Dores ({role})")
        return user

    # Calls ----------------------------------------------------------------------------------------------------------

    def record(self, *files: dict[str, Any]) -> list[dict[str, Any]]:
        """The parser's call."""
        with self.as_role("service_role"):
            answer: list[dict[str, Any]] = self.one("select registrar_contagens(%s::jsonb)", json.dumps(files))
        return answer

    def situations(self, *files: dict[str, Any]) -> list[str]:
        """The parser's call: what became of each file."""
        return [answer["situacao"] for answer in self.record(*files)]

    def call(self, user: str, function: str, **arguments: Any) -> dict[str, Any]:
        """A person's call of one of the functions; instants as seconds since the epoch or ISO text."""
        named = {name: as_instant(name, value) for name, value in arguments.items()}
        places = ", ".join(f"{name} => %s" for name in named)
        with self.as_role("authenticated", user):
            answer: dict[str, Any] = self.one(f"select {function}({places})", *named.values())
        return answer

    def open(self, user: str, op: str, line: str, at: int | None = None, why: str | None = "roteiro") -> dict[str, Any]:
        """Open an order on a line."""
        return self.call(user, "abrir_ordem", p_numero_op=op, p_linha_id=line, p_aberta_em=at, p_motivo=why)

    def shut(self, user: str, op: str, line: str, at: int | None = None, why: str | None = "roteiro") -> dict[str, Any]:
        """End an order on a line."""
        return self.call(user, "encerrar_ordem", p_numero_op=op, p_linha_id=line, p_encerrada_em=at, p_motivo=why)

    # What came of it ------------------------------------------------------------------------------------------------

    def totals(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Units made and rejected, by order and line."""
        rows = self.sql(
            "select numero_op, linha_id, producao_acumulada, rejeicao_acumulada from ordens_producao_ativas"
        )
        return {
            (r["numero_op"], r["linha_id"]): (r["producao_acumulada"], r["rejeicao_acumulada"]) for r in rows
        }  # fmt: skip

    def balance(self, line: str) -> dict[str, tuple[int, int]]:
        """The line's balance in machine counts; fails if it does not balance."""
        (row,) = self.sql("select * from conservacao_linhas where linha_id = %s", line)
        parts = ("recebido", "atribuido", "sem_ordem", "retido", "quarentena")
        found = {part: (row[f"{part}_producao"], row[f"{part}_rejeicao"]) for part in parts}
        for counter in (0, 1):
            assert found["recebido"][counter] == sum(found[part][counter] for part in parts[1:]), found
        return found

    def pending(self, kind: str) -> list[dict[str, Any]]:
        """What waits for a person, of one kind."""
        return self.sql("select * from pendencias where tipo = %s order by desde, chave", kind)

    # Closing --------------------------------------------------------------------------------------------------------

    def mark(self, line: str, until: int, *, gateway: str = "planta-1") -> None:
        """The gateway has reported the line until then, without a gap."""
        mark = {"linha_id": line, "ate": iso(until), "estado": "ok", "relogio_ms": None}
        epoch = hashlib.md5(f"{gateway}{line}{until}".encode(), usedforsecurity=False).hexdigest()
        self.record(batch(1, gateway=gateway, epoch=epoch, marcas=[mark]))
        self.sql(
            "update epocas_gateway set ultima_seq_declarada = greatest(maior_seq, ultima_seq_continua),"
            " ultima_seq_continua = greatest(maior_seq, ultima_seq_continua), declarada_em = now() where gateway = %s",
            gateway,
        )

    def sign(self, user: str, line: str, day: str, shift: str, why: str | None = None) -> dict[str, Any]:
        """Sign the Diário of a line, day and shift."""
        return self.call(user, "assinar_diario", p_linha_id=line, p_data=day, p_turno=shift, p_motivo=why)

    def close_lots(self) -> dict[str, Any]:
        """The schedule's call."""
        with self.as_role("service_role"):
            answer: dict[str, Any] = self.one("select fechar_lotes()")
        assert answer["erros"] == [], answer
        return answer

    def missing(self, op: str) -> list[str]:
        """Codes of what the closing of an order waits for."""
        rows = self.sql("select faltas from fechamentos_pendentes where numero_op = %s", op)
        return [falta["codigo"] for row in rows for falta in row["faltas"]]


class Rpc:
    """Supabase's client as far as our code needs it, over a plain connection. `before` and `after` are called with the
    function's name; what they raise is what the network does."""

    base_url = "http://banco"

    def __init__(self, db: Database) -> None:
        self.db = db
        self.before: Callable[[str], None] = lambda _function: None
        self.after: Callable[[str], None] = lambda _function: None

    def rpc(self, function: str, params: dict[str, Any]) -> "Rpc":
        """Name the call."""
        self.function, self.params = function, params
        return self

    def execute(self) -> "Rpc":
        """Make it, as the service; its answer is `data`."""
        self.before(self.function)
        given = [json.dumps(value) if isinstance(value, dict | list) else value for value in self.params.values()]
        places = ", ".join(f"{name} => %s" for name in self.params)
        with self.db.as_role("service_role"):
            self.data = self.db.one(f"select {self.function}({places})", *given)
        self.after(self.function)
        return self
