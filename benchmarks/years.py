"""What a plant of 37 lines leaves in the database a day, and whether calls cost the same over a day or a year of it.

PostgreSQL alone, called directly. Bytes: batches through `registrar_contagens`, beside autovacuum hurried as time is.
History: `years_history` writes it, a database for each length; rows as wide as the function's are insisted on. Then
the same calls over all of them in turns, durable commits.
"""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from benchmarks import years_history as history
from benchmarks.figures import block, share, table
from benchmarks.recording import BACKLOG_CALLS, WARM_UP_CALLS, Gateway
from local.stack import postgres
from local.stack.database import Database
from local.stack.migrated import TEMPLATE, Cluster
from local.stack.run_folder import temporary_run

LINES = 37
HALF_DAY = 43_200
LATE_CALLS = 10
QUIET_CALLS = 20
REWALKS = 3
ROUND = 20
"""Orders a round of closing takes."""

Costs = dict[str, list[float]]
Answer = TypeVar("Answer")

QUESTIONS = {
    "an hour of a line": sql.SQL("producao_hora(to_timestamp(%(hour)s), to_timestamp(%(next)s), %(line)s)"),
    "an hour of 37 lines": sql.SQL("producao_hora(to_timestamp(%(hour)s), to_timestamp(%(next)s))"),
    "a day of a line by hours": sql.SQL("producao_hora(to_timestamp(%(day)s), to_timestamp(%(after)s), %(line)s)"),
    "a day of a line by shifts": sql.SQL("producao_turno(%(date)s, %(date)s, %(line)s)"),
    "a day of 37 lines by shifts": sql.SQL("producao_turno(%(date)s, %(date)s)"),
    "12 h of a line's stops": sql.SQL("paradas_linha(%(line)s, to_timestamp(%(hour)s), to_timestamp(%(half)s))"),
    "an order": sql.SQL("producao_op((select min(numero_op) from fechamentos_lote))"),
    "a day of the MES's shifts": sql.SQL("mes_turno where data = %(date)s"),
    "a day of the MES's lots": sql.SQL("mes_turno_lote where data = %(date)s"),
    "a day of the MES's hours": sql.SQL("mes_producao_hora where data = %(date)s"),
    "a day of the MES's hours, a line": sql.SQL("mes_producao_hora where data = %(date)s and linha_id = %(line)s"),
    "a day of the MES's losses": sql.SQL("mes_perdas where data = %(date)s"),
    "a day of the MES's stops": sql.SQL("mes_paradas_detectadas where data = %(date)s"),
    "an hour of a line's files": sql.SQL("arquivos_da_linha(%(line)s, to_timestamp(%(hour)s), to_timestamp(%(next)s))"),
}
MADE = {
    "arquivos_ingeridos": "select count(*) from arquivos_ingeridos",
    "contagens_minuto": "select count(*) from contagens_minuto",
}
"""The tables that batches make grow."""
_WIDTHS = """
select 'arquivos_ingeridos', avg(pg_column_size(t.*)) from arquivos_ingeridos as t
union all select 'contagens_minuto', avg(pg_column_size(t.*)) from contagens_minuto as t
"""
_SIZES = """
select c.relname, pg_relation_size(c.oid), coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0),
    pg_indexes_size(c.oid)
from pg_class as c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
"""


def run(days: Sequence[int], calls: int, minutes: int) -> str:
    """Measure the bytes of so many minutes (a multiple of three), then calls over each length of history."""
    end = int(time.time()) // 300 * 300
    with _server() as cluster:
        with cluster.fresh() as url:
            sealed_lines, bytes_a_day = _bytes(url, end, minutes)
            made = _widths(url)
        with ExitStack() as stack:
            urls = {length: stack.enter_context(cluster.fresh()) for length in days}
            for length, url in urls.items():
                _lay(url, end, length, sealed_lines)
            _insist_alike(made, _widths(urls[days[0]]))
            costs = measure(urls, end, calls)
            longest = urls[days[-1]]
            plans = questions(longest, end, days[-1])
            sizes = _sizes(longest)
    size = sum(sizes.values())
    papers = size - sum(sizes[name] for name in MADE)
    spent = [(name, f"{rows:,}", f"{grown / rows:,.0f}", *_paces(grown)) for name, rows, grown in bytes_a_day]
    spent.append(("orders, signatures, reports, trail (laid)", "", "", *_paces(papers / days[-1])))
    return block(
        "years",
        [f"{minutes} minutes of batches through the function, as a day; {calls} live calls in each case."],
        table(("table", "rows a day", "bytes a row", "MB a day", "GB a year"), spent),
        table(_head(days), _rows(costs, days)),
        f"{days[-1]} days laid down: {size / 1e9:.1f} GB.",
        table(("question", "rows", "ms", "pages"), plans),
    )


def _paces(bytes_a_day: float) -> tuple[str, str]:
    return f"{bytes_a_day / 1e6:,.1f}", f"{bytes_a_day * 365 / 1e9:,.1f}"


@contextmanager
def _server() -> Iterator[Cluster]:
    with temporary_run() as run_folder:
        cluster = Cluster(postgres.start(run_folder).url)
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("alter system set max_wal_size = '4GB'")  # a year is written in one go
            connection.execute("alter system set autovacuum_naptime = 1")
            connection.execute("select pg_reload_conf()")
        with closing(cluster):
            cluster.migrate(TEMPLATE)
            yield cluster


def _prepare(database: psycopg.Connection, end: int) -> list[str]:
    values = {"gateway": history.GATEWAY, "epoch": history.EPOCH, "last": 365 * history.SEALS_A_DAY, "to": end}
    psycopg.ClientCursor(database).execute(history.SETUP.encode(), values)
    return [line for (line,) in database.execute("select linha_id from linhas order by linha_id").fetchall()]


def _all_applied(answers: Iterable[dict[str, Any]]) -> None:
    if any(answer["situacao"] != "APLICADO" for answer in answers):
        raise RuntimeError(f"not applied: {answers}")


def _bytes(url: str, end: int, minutes: int) -> tuple[str, list[tuple[str, int, int]]]:
    """What a file's row says of its lines, `#` and `@` for instants; rows and bytes a day of each table that grows."""
    with psycopg.connect(url, autocommit=True) as database:
        lines = _prepare(database, end)
    before = _sizes(url)
    db = Database(url)
    try:
        boss = db.person("SUPERVISOR")
        ops = [f"{n:06}" for n in range(LINES)]
        db.lot(*ops)
        for op, line in zip(ops, lines, strict=True):
            db.open(boss, op, line, end)
        gateway = Gateway(lines, history.EPOCH, 365 * history.SEALS_A_DAY, end)
        for _ in range(minutes * 60 // history.BATCH_SECONDS):
            _all_applied(db.record(*gateway.live(LINES)))
        said = db.one("select linhas::text from arquivos_ingeridos limit 1")
        rows = {name: db.one(count) for name, count in MADE.items()}
    finally:
        db.close()
    after, a_day = _sizes(url), 24 * 60 / minutes
    grown = [(name, round(n * a_day), round((after[name] - before[name]) * a_day)) for name, n in rows.items()]
    return re.sub(r'("ate": )"[^"]*"', r'\1"@"', re.sub(r'("de": )"[^"]*"', r'\1"#"', said)), grown


def _sizes(url: str) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    with psycopg.connect(url) as database:
        return {name: sum(parts) for name, *parts in database.execute(_SIZES.encode()).fetchall()}


def _widths(url: str) -> dict[str, float]:
    """Mean bytes of a row."""
    with psycopg.connect(url) as database:
        return {name: float(width) for name, width in database.execute(_WIDTHS.encode()).fetchall()}


def _insist_alike(made: dict[str, float], laid: dict[str, float]) -> None:
    if any(abs(laid[name] / made[name] - 1) > 0.05 for name in made):
        raise RuntimeError(f"rows as wide as {laid}, the function's {made}: the history is not what the product leaves")


def _lay(url: str, end: int, days: int, sealed_lines: str) -> None:
    begin = end - 365 * history.DAY
    with psycopg.connect(url, autocommit=True) as database:
        _prepare(database, end)
    newest = end - history.DAY
    history.lay(url, begin=begin, start=newest, end=end, newest=True, sealed_lines=sealed_lines)
    if days > 1:
        start = end - days * history.DAY
        history.lay(url, begin=begin, start=start, end=newest, newest=False, sealed_lines=sealed_lines)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("vacuum analyze")
        database.execute("checkpoint")


class Watch:
    """Seconds of each call, by its name."""

    def __init__(self) -> None:
        self.costs: Costs = {}

    def __call__(self, name: str, call: Callable[[], Answer]) -> Answer:
        begun = time.perf_counter()
        answer = call()
        self.costs.setdefault(name, []).append(time.perf_counter() - begun)
        return answer


def measure(urls: dict[int, str], end: int, calls: int) -> dict[int, Costs]:
    """Seconds of each call over each history that ends at `end`, in turns: what else runs here slows all alike."""
    watches = {days: Watch() for days in urls}
    for _ in zip_longest(*(_session(url, watches[days], end, calls) for days, url in urls.items())):
        pass
    return {days: watch.costs for days, watch in watches.items()}


def _session(url: str, timed: Watch, end: int, calls: int) -> Iterator[None]:
    """All calls over one history; it pauses after each repetition."""
    db = Database(url)
    try:
        boss = db.person("SUPERVISOR")
        yield from _recording(db, timed, end, calls)
        yield from _late_orders(db, timed, boss, end)
        yield from _closing(db, timed, boss, end)
        yield from _reading(db, timed)
    finally:
        db.close()


def _recording(db: Database, timed: Watch, end: int, calls: int) -> Iterator[None]:
    lines = [row["linha_id"] for row in db.sql("select linha_id from linhas order by linha_id")]
    gateway = Gateway(lines, history.EPOCH, 365 * history.SEALS_A_DAY, end)
    for _ in range(WARM_UP_CALLS):
        db.record(*gateway.live(LINES))
    for files in (gateway.live(LINES) for _ in range(calls)):
        _all_applied(timed("live batch, 37 lines", partial(db.record, *files)))
        yield
    for files in (gateway.backlog() for _ in range(BACKLOG_CALLS)):
        _all_applied(timed("10 files × 5,000 seconds", partial(db.record, *files)))
        yield


def _late_orders(db: Database, timed: Watch, boss: str, end: int) -> Iterator[None]:
    db.lot("LATE")
    line = history.SPARE[0]
    begun, ended = end - HALF_DAY - 3600, end - HALF_DAY
    for _ in range(LATE_CALLS):
        timed("abrir_ordem, 13 h late", lambda: db.open(boss, "LATE", line, begun))
        timed("encerrar_ordem, 12 h late", lambda: db.shut(boss, "LATE", line, ended))
        db.shut(boss, "LATE", line, begun)
        yield


def _closing(db: Database, timed: Watch, boss: str, end: int) -> Iterator[None]:
    db.close_lots()  # what opening LATE told is taken
    for _ in range(QUIET_CALLS):
        timed("fechar_lotes, nothing due", db.close_lots)
        yield
    shift = (end - HALF_DAY - 32_400) // HALF_DAY * HALF_DAY + 32_400
    for n, line in enumerate(history.SPARE):
        ops = [f"R{n}{k:02}" for k in range(ROUND)]
        _due(db, boss, line, shift, ops)
        closed = timed("fechar_lotes, 20 due", db.close_lots)["fechadas"]
        db.close_lots()
        db.shut(boss, ops[-1], line, shift + 10 * ROUND - 3)
        proposed = timed("fechar_lotes, a closed order changed", db.close_lots)["ajustes"]
        if (len(closed), proposed) != (ROUND, 1):
            raise RuntimeError(f"{len(closed)} closed, {proposed} adjustments; {[db.missing(op) for op in ops]}")
        yield


def _reading(db: Database, timed: Watch) -> Iterator[None]:
    person = db.person("OPERADOR")
    for _ in range(QUIET_CALLS):
        with db.as_role("authenticated", person):
            timed("pendencias, all", lambda: db.sql("select * from pendencias"))
        timed("saude_integracao", lambda: db.sql("select saude_integracao()"))
        timed("campainhas_totvs", lambda: db.sql("select campainhas_totvs(60, 100)"))
        yield
    op = db.one("select numero_op from fechamentos_lote where numero_op < 'L' order by numero_op desc limit 1")
    for _ in range(REWALKS):
        timed("rastrear, an order of 11 h", lambda: db.sql("select rastrear(%s)", op))
        yield
    begun = db.one("select lower(intervalo) + interval '2 hours' from periodos_ordem where numero_op = %s limit 1", op)
    manager = db.person("GESTOR")
    for _ in range(QUIET_CALLS):
        with db.as_role("authenticated", manager):
            timed("lotes, a page", lambda: db.sql("select * from lotes()"))
            timed("lote_detalhe, ten minutes", lambda: db.sql("select lote_detalhe(%s, null, %s)", op, begun))
            timed("integracao", lambda: db.sql("select integracao()"))
        yield


def _due(db: Database, boss: str, line: str, shift: int, ops: list[str]) -> None:
    """Orders of ten seconds each at the beginning of a shift, signed: all that closing asks for."""
    db.lot(*ops)
    for k, op in reversed(list(enumerate(ops))):  # the next one's opening ends each: one short window at a time
        db.open(boss, op, line, shift + 10 * k)
        if op == ops[-1]:
            db.shut(boss, op, line, shift + 10 * ROUND)
    instants = {"p_de": shift, "p_ate": shift + HALF_DAY}
    db.call(boss, "justificar_sem_ordem", p_linha_id=line, p_motivo="linha de medida", **instants)
    local = datetime.fromtimestamp(shift - 3 * 3600, UTC)
    db.sign(boss, line, str(local.date()), "D1" if local.hour == 6 else "N1")


def questions(url: str, end: int, days: int) -> list[tuple[str, str, str, str]]:
    """Rows, milliseconds and pages of what the OEE and an auditor ask, of the oldest day there is (second call)."""
    first = end - days * history.DAY
    hour, day = (math.ceil(first / unit) * unit for unit in (3600, history.DAY))
    values = {
        "hour": hour, "next": hour + 3600, "half": hour + HALF_DAY, "day": day, "after": day + history.DAY,
        "date": datetime.fromtimestamp(day, UTC).date(), "line": "SPEP-ENV-A",
    }  # fmt: skip
    rows = []
    with psycopg.connect(url) as database, psycopg.ClientCursor(database) as cursor:
        for name, question in QUESTIONS.items():
            for _ in range(2):
                cursor.execute(sql.SQL("explain (analyze, buffers, format json) select * from ") + question, values)
                ((answer,),) = cursor.fetchone() or ((),)
            plan = answer["Plan"]
            pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            rows.append((name, f"{plan['Actual Rows']:,.0f}", f"{answer['Execution Time']:.1f}", f"{pages:,}"))
    return rows


def _head(days: Sequence[int]) -> list[str]:
    spreads = [said for n in days for said in (f"{n} d: p50 ms", "p99")]
    return ["call", *spreads, f"p50, {days[-1]} d : {days[0]} d"]


def _rows(costs: dict[int, Costs], days: Sequence[int]) -> Iterator[list[str]]:
    for name in costs[days[0]]:
        figures = [f"{share(costs[n][name], part) * 1e3:.1f}" for n in days for part in (0.5, 0.99)]
        ratio = share(costs[days[-1]][name], 0.5) / share(costs[days[0]][name], 0.5)
        yield [name, *figures, f"{ratio:.2f} ×"]
