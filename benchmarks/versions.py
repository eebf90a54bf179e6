"""What people and the parser wait for, before and now: the calls of two versions of the database in turns.

Before: the migrations of the last release (`supabase/frozen.sha256`), or those of a folder. PostgreSQL alone, durable
commits. A server process's CPU time is not touched by what else runs here. Beside them the floor: the same seconds
appended as rows, from the same message, to tables without anything. Answers of both versions must be equal.
"""

import json
import re
import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks import recording
from benchmarks.figures import block, table
from local.schema import databases
from local.schema.command import MIGRATIONS
from local.stack import postgres
from local.stack.database import Database
from local.stack.run_folder import temporary_run

LINES = 37
DAY = 86_400
WARM_UP = 30
REPEATED = 5
WAITING = 100_000
"""Items in quarantine: of each line of the plant, one a file."""

_FLOOR = """
create table piso_arquivos (id bigint generated always as identity primary key, chave text, linhas jsonb);
create table piso_segundos (arquivo_id bigint, linha_id text, segundo bigint, producao integer, rejeicao integer);
"""
_APPEND = """
with arquivo as (
    insert into piso_arquivos (chave, linhas)
    select f ->> 'chave', f -> 'linhas' from jsonb_array_elements(%s::jsonb) as f
    returning id, linhas
)
insert into piso_segundos
select a.id, l.linha_id, (s ->> 0)::bigint, (s ->> 1)::integer, (s ->> 2)::integer
from arquivo as a
cross join lateral jsonb_to_recordset(a.linhas) as l (linha_id text, segundos jsonb)
cross join lateral jsonb_array_elements(l.segundos) as s
"""
_WAITING = """
insert into quarentena
    (bucket, chave, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate, byte_de, byte_ate)
select 'bench', 'contagens/bench-1/' || repeat('ab', 16) || '/' || lpad(n::text, 12, '0') || '-0123456789abcdef.txt.gz',
    'NAO_DONO', 'A fonte bench-1 não conta a linha neste intervalo.', l.linha_id, 20, 25, 1, to_timestamp(n),
    to_timestamp(n + 4), 100, 900
from linhas as l
"""

_MATTERS = """
select array_agg(
    concat_ws(' ', tipo, chave, linha_id, setor, quem_decide, funcao, detalhes - 'ultimo_em') order by tipo, chave
) from pendencias
"""
"""What both versions must list; the instants of arrival are each database's own."""


def run(calls: int, before: str | None) -> str:
    """Measure so many live batches of each version, then the other calls; the report."""
    with temporary_run() as folder, ExitStack() as stack:
        server = postgres.start(folder).url
        older = Path(before) if before else _released(folder.folder("released"))
        made = [
            stack.enter_context(_installed(server, name, migrations))
            for name, migrations in (("antes", older), ("agora", MIGRATIONS))
        ]
        versions = [Version(url) for url in made]
        live = _live(versions, calls)
        traced = _traced(versions)
        waiting = _waiting(versions)
        for version in versions:
            version.close()
    return block(
        "versions",
        [f"Before: {before or 'the last release'}. {calls} live batches of {LINES} lines × 5 s."],
        table(("live batch", "before", "now", "before : now", "append only"), live),
        table(("call", "before", "now", "before : now"), [traced, waiting]),
    )


class Version:
    """One installed version, on a connection of its own, with a day of history and the gateway that goes on."""

    def __init__(self, url: str) -> None:
        self._db = Database(url)
        self.one, self.database = self._db.one, self._db.connection
        self._server = psutil.Process(self.database.info.backend_pid)
        self.database.execute(recording.SETUP.encode())
        lines = self.one("select array_agg(linha_id order by linha_id) from linhas")
        self.gateway = recording.lay(
            self.database, lines, datetime(2024, 3, 1, tzinfo=UTC), DAY, lines_a_file=len(lines)
        )
        self.database.execute(_FLOOR.encode())

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def cpu_s(self) -> float:
        """CPU time of the server process so far."""
        times = self._server.cpu_times()
        return float(times.user + times.system)

    def wal_bytes(self) -> int:
        """Bytes written ahead so far, by everybody."""
        return int(self.one("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))

    def record(self, files: Sequence[dict[str, object]]) -> None:
        """The parser's call."""
        answers = self.one("select public.registrar_contagens(%s::jsonb)", json.dumps(files))
        if any(answer["situacao"] != "APLICADO" for answer in answers):
            raise RuntimeError(f"not applied: {answers}")

    def append(self, files: Sequence[dict[str, object]]) -> None:
        """The least that keeps the same: each second a row."""
        self.database.execute(_APPEND.encode(), (json.dumps(files),))


def _released(folder: Path) -> Path:
    for line in (MIGRATIONS.parent / "frozen.sha256").read_text(encoding="utf-8").splitlines():
        shutil.copy(MIGRATIONS.parent / line.split()[1], folder)
    return folder


@contextmanager
def _installed(server: str, name: str, migrations: Path) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = make_conninfo(server, dbname=name)
    databases.install(url, migrations)
    yield url


def _live(versions: Sequence[Version], calls: int) -> list[tuple[str, ...]]:
    spent: dict[str, list[float]] = {"record": [], "append": []}
    written: dict[str, list[float]] = {"record": [], "append": []}
    for way in spent:
        for _ in range(WARM_UP):
            for version in versions:
                getattr(version, way)(version.gateway.live(LINES))
        for version in versions:
            spent[way].append(-version.cpu_s())
            written[way].append(0)
        for _ in range(calls):
            for n, version in enumerate(versions):
                files, began = version.gateway.live(LINES), version.wal_bytes()
                getattr(version, way)(files)
                written[way][n] += (version.wal_bytes() - began) / calls / 1024
        for n, version in enumerate(versions):
            spent[way][n] = (spent[way][n] + version.cpu_s()) * 1000 / calls
    shares = [_hot(version) for version in versions]
    cpu, wal = spent["record"], written["record"]
    return [
        (
            "CPU of PostgreSQL, ms",
            f"{cpu[0]:.1f}",
            f"{cpu[1]:.1f}",
            f"{cpu[0] / cpu[1]:.2f} ×",
            f"{spent['append'][1]:.1f}",
        ),
        ("WAL, KB", f"{wal[0]:.1f}", f"{wal[1]:.1f}", f"{wal[0] / wal[1]:.2f} ×", f"{written['append'][1]:.1f}"),
        ("HOT share of `contagens_minuto`, %", f"{shares[0]:.0f}", f"{shares[1]:.0f}", "", ""),
    ]


def _hot(version: Version) -> float:
    version.one("select pg_stat_force_next_flush()")
    query = "select 100.0 * n_tup_hot_upd / n_tup_upd from pg_stat_user_tables where relname = 'contagens_minuto'"
    return float(version.one(query))


def _traced(versions: Sequence[Version]) -> tuple[str, ...]:
    op = versions[0].one("select min(numero_op) from periodos_ordem where upper(intervalo) < '2024-03-01T09:00Z'")
    spent: list[list[float]] = [[], []]
    answers: list[object] = [None, None]
    for _ in range(REPEATED):
        for n, version in enumerate(versions):
            began = version.cpu_s()
            answers[n] = version.one("select rastrear(%s)", op)
            spent[n].append((version.cpu_s() - began) * 1000)
    first, second = (_comparable(answer) for answer in answers)
    if first != second:
        raise RuntimeError("rastrear answers differently")
    before, now = (statistics.median(times) for times in spent)
    return ("`rastrear`, an order of 8 h, CPU ms", f"{before:.0f}", f"{now:.0f}", f"{before / now:.1f} ×")


def _comparable(answer: object) -> str:
    """Without what differs from one database to the other: the época, and when a row was written."""
    text = re.sub(r"bench-1/[0-9a-f]{32}", "bench-1", json.dumps(answer, sort_keys=True))
    return re.sub(r'"(ingerido|criado|atualizado)_em": "[^"]*"', "", text)


def _waiting(versions: Sequence[Version]) -> tuple[str, ...]:
    spent: list[list[float]] = [[], []]
    rows: list[list[str]] = [[], []]
    for version in versions:
        for n in range(WAITING // LINES + 1):
            version.database.execute(_WAITING.replace("n::", f"{n}::").replace("(n", f"({n}").encode())
        version.database.execute("vacuum analyze")
    for _ in range(REPEATED):
        for n, version in enumerate(versions):
            began = version.cpu_s()
            rows[n] = version.one(_MATTERS)
            spent[n].append((version.cpu_s() - began) * 1000)
    if rows[0] != rows[1]:
        raise RuntimeError("pendencias lists other matters")
    before, now = (statistics.median(times) for times in spent)
    name = f"`pendencias`, {WAITING:,} items in quarantine, CPU ms"
    return (name, f"{before:.0f}", f"{now:.0f}", f"{before / max(now, 1):.0f} ×")
