"""What one call of registrar_contagens costs, and whether it stays so when a week of history lies under it.

Each message is sealed, read and turned into an entry by the product's own code. The same calls go straight to
PostgreSQL and through Supabase's API, both as the service, each its own committed transaction, with PostgreSQL's
durable settings. History is written into the tables directly, shaped as the product leaves it: one batch every 5 s from
one gateway (ledger and, per line of the ten, its bytes), one row of seconds a minute for each of the 37 lines, an order
of eight hours after the other on every line.
"""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks.figures import block, share, table
from local.stack.run_folder import temporary_folder
from local.stack.stack import Stack
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import Mark, Sealed, read_batch, seal
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record, format_record
from sicfar.database import supabase
from sicfar.ingest.entries import batch_entry

HOUR = 3600
WEEK = 7 * 24 * HOUR
BATCH_SECONDS = 5
SHIFT = 8 * HOUR
BACKLOG_FILES, BACKLOG_SECONDS = 10, 5_000
BACKLOG_CALLS = 5
WARM_UP_CALLS = 10

Call = Callable[[list[dict[str, object]]], Sequence[str]]
"""Records files; returns what became of each."""

SETUP = """
insert into public.gateways (gateway) values ('bench-1');
insert into public.fontes_linha (linha_id, fonte, de) select linha_id, 'bench-1', '2000-01-01Z' from public.linhas;
insert into public.produtos (produto_codigo) values ('07010012');
"""
# Between two instants: what a gateway of ten lines, 37 lines and their orders have left behind.
_HISTORY = """
insert into public.lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)
select t.linha || '-' || t.turno, 'L', '07010012', 1000
from (
    select row_number() over (order by linha_id) as linha, s / %(shift)s as turno
    from public.linhas cross join generate_series(%(from)s, %(to)s - 1, %(shift)s) as s
) as t
on conflict do nothing;
insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
select t.linha || '-' || t.turno, t.linha_id, tstzrange(to_timestamp(t.de), to_timestamp(t.ate)), 1, 1
from (
    select row_number() over (order by linha_id) as linha, s / %(shift)s as turno, linha_id, s as de,
        case when s + %(shift)s < %(to)s then s + %(shift)s else %(to)s + %(rest)s end as ate
    from public.linhas cross join generate_series(%(from)s, %(to)s - 1, %(shift)s) as s
) as t;
insert into public.ordens_producao_ativas (numero_op, linha_id)
select numero_op, linha_id from public.periodos_ordem on conflict do nothing;
insert into public.contagens_minuto (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao)
select linha_id, to_timestamp(m), array_fill(5, array[60]), case when m %% 180 = 0 then array_fill(1, array[60]) end,
    300, case when m %% 180 = 0 then 60 else 0 end
from public.linhas cross join generate_series(%(from)s, %(to)s - 1, 60) as m;
insert into public.arquivos_ingeridos
    (bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate, registros, situacao,
     ingerido_em)
select 'bench', 'contagens/bench-1/' || %(epoch)s || '/' || s, 4000, encode(sha256(s::text::bytea), 'hex'),
    to_timestamp(s), 'gateway', 'bench-1', %(epoch)s, (s - %(from)s) / %(every)s + 1,
    (
        select jsonb_agg(jsonb_build_object(
            'linha_id', l.linha_id, 'registros', 20, 'de', to_timestamp(s), 'ate', to_timestamp(s + %(every)s),
            'producao', 25, 'rejeicao', 0, 'byte_de', 200, 'byte_ate', 4000
        ))
        from (select linha_id from public.linhas order by linha_id limit %(lines)s) as l
    ),
    to_timestamp(s), to_timestamp(s + %(every)s), 200, 'APLICADO', to_timestamp(s)
from generate_series(%(from)s, %(to)s - 1, %(every)s) as s;
insert into public.epocas_gateway (gateway, epoca, ultima_seq_continua, maior_seq)
select 'bench-1', %(epoch)s, max(seq), max(seq) from public.arquivos_ingeridos where epoca = %(epoch)s
on conflict (gateway, epoca) do update
set ultima_seq_continua = excluded.ultima_seq_continua, maior_seq = excluded.maior_seq;
"""


class Gateway:
    """Messages of the gateway that has written the history, going on where it ended."""

    def __init__(self, lines: list[str], epoch: str, seq: int, at: int) -> None:
        self._lines = lines
        self._epoch = epoch
        self._seq = seq
        self.at = at
        """The next second to report, seconds since the epoch."""

    def live(self, lines: int) -> list[dict[str, object]]:
        """A batch of five seconds, four records a second and line."""
        return [_entry(self.sealed(lines))]

    def sealed(self, lines: int) -> Sealed:
        """The same, as the gateway uploads it."""
        return self._seal(self._lines[:lines], BATCH_SECONDS, per_second=4)

    def backlog(self) -> list[dict[str, object]]:
        """Ten batches at once, each of 5,000 seconds, 500 of each of ten lines; records a second do not matter here."""
        lines, seconds = self._lines[:10], BACKLOG_SECONDS // 10
        return [_entry(self._seal(lines, seconds, per_second=1)) for _ in range(BACKLOG_FILES)]

    def _seal(self, lines: list[str], seconds: int, *, per_second: int) -> Sealed:
        self._seq += 1
        begin, self.at = self.at, self.at + seconds
        step = 1000 // per_second
        stamps = range(begin * 1000, self.at * 1000, step)
        records = (format_record(Record(at, line, 1, int(at % 180_000 == 0))) for at in stamps for line in lines)
        return seal(
            gateway="bench-1",
            epoch=self._epoch,
            seq=self._seq,
            sealed_at=datetime.fromtimestamp(self.at, UTC),
            marks=[Mark(line, self.at * 1000, "ok") for line in lines],
            lines=records,
            unreadable=[],
        )


def _entry(sealed: Sealed) -> dict[str, object]:
    """What the parser makes of a batch."""
    batch = read_batch(BatchKey.parse(sealed.key), [sealed.body])
    ref = ObjectRef("bench", sealed.key, None, len(sealed.body), batch.sealed_at)
    return batch_entry(ref, sealed.sha256, batch, arrived_at=None).json


def run(calls: int) -> str:
    """Measure all cases, so many live batches in each; the report."""
    with temporary_folder() as folder:
        stack = Stack(folder / "run")
        stack.begin()
        try:
            stack.start_supabase()
            with psycopg.connect(stack.database.url, autocommit=True) as database:
                costs = _measure(stack, database, calls)
        finally:
            stack.down()
    rows = []
    for case in ("live, 10 lines", "live, 37 lines", f"{BACKLOG_FILES} files × {BACKLOG_SECONDS:,} seconds"):
        for way in ("SQL", "API"):
            little, much = costs["1 h", case, way], costs["7 d", case, way]
            spreads = (f"{share(took, part) * 1000:.1f}" for took in (little, much) for part in (0.5, 0.99))
            rows.append((f"{case}, {way}", *spreads, f"{share(much, 0.5) / share(little, 0.5):.2f} ×"))
    head = ("call", "1 h: p50 ms", "p99", "7 days: p50 ms", "p99", "p50, 7 days : 1 h")
    said = f"{calls} live calls and {BACKLOG_CALLS} of the backlog in each case, of which the largest stands for p99."
    return block("recording", [said], table(head, rows))


def _measure(stack: Stack, database: psycopg.Connection, calls: int) -> dict[tuple[str, str, str], list[float]]:
    client = supabase.connect(stack.supabase.url, stack.supabase.secret_key)

    def over_api(files: list[dict[str, object]]) -> list[str]:
        return [answer.situation for answer in supabase.registrar_contagens(client, files)]

    def straight(files: list[dict[str, object]]) -> list[str]:
        text = json.dumps(files)
        row = database.execute("select public.registrar_contagens(%s::jsonb)", (text,)).fetchone()
        return [answer["situacao"] for answer in row[0]] if row else []

    database.execute(SETUP.encode())
    lines = [line for (line,) in database.execute("select linha_id from public.linhas order by linha_id").fetchall()]
    costs: dict[tuple[str, str, str], list[float]] = {}
    for name, length, year in (("1 h", HOUR, 2020), ("7 d", WEEK, 2024)):
        gateway = lay(database, lines, datetime(year, 3, 1, tzinfo=UTC), length)
        for way, call in (("SQL", straight), ("API", over_api)):
            for files in (gateway.live(10) for _ in range(WARM_UP_CALLS)):
                _timed(call, files)
            costs[name, "live, 10 lines", way] = [_timed(call, gateway.live(10)) for _ in range(calls)]
            costs[name, "live, 37 lines", way] = [_timed(call, gateway.live(37)) for _ in range(calls)]
            case = f"{BACKLOG_FILES} files × {BACKLOG_SECONDS:,} seconds"
            costs[name, case, way] = [_timed(call, gateway.backlog()) for _ in range(BACKLOG_CALLS)]
    return costs


def lay(
    database: psycopg.Connection[Any], lines: list[str], begin: datetime, seconds: int, *, lines_a_file: int = 10
) -> Gateway:
    """Lay so much history down and return the gateway that goes on after it, with orders open."""
    start = int(begin.timestamp())
    epoch = uuid.uuid4().hex
    parameters = {
        "from": start,
        "to": start + seconds,
        "rest": WEEK,  # the last order runs on while calls are measured
        "shift": SHIFT,
        "every": BATCH_SECONDS,
        "lines": lines_a_file,
        "epoch": epoch,
    }
    with psycopg.ClientCursor(database) as cursor:  # parameters into several statements at once
        cursor.execute(_HISTORY.encode(), parameters)
    database.execute("vacuum analyze")
    return Gateway(lines, epoch, seconds // BATCH_SECONDS, start + seconds)


def _timed(call: Call, files: list[dict[str, object]]) -> float:
    begun = time.perf_counter()
    situations = call(files)
    took = time.perf_counter() - begun
    if any(situation != "APLICADO" for situation in situations):
        raise RuntimeError(f"not applied: {situations}")
    return took
