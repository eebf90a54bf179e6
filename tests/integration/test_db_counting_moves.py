"""What a late fact about a source or a clock moves: every row that changes, beside what must stay where it is."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch, iso, loose, span
from tests.support.rows import answers, changes, told

A, B, C = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"
ONE, TWO = "planta-1", "planta-2"
OLD, NEW = "a" * 32, "b" * 32
TABLES = [
    *("contagens_minuto", "contagens_intervalo", "contagens_conferencia", "contagens_retiradas", "contagens_em_duvida"),
    *("ordens_producao_ativas", "quarentena", "duvidas_relogio", "duvidas_relogio_lotes"),
]


@contextmanager
def undone(db: Database) -> Iterator[None]:
    """What is done here is taken back afterwards."""
    with db.connection.transaction(force_rollback=True):
        yield


def call(db: Database, name: str, **arguments: Any) -> Callable[[], object]:
    return lambda: db.call(db.boss, name, p_motivo="visto na linha", **arguments)


@pytest.fixture
def plant(db: Database) -> Database:
    """Line B is planta-1's until T0+600, A always; 000123 runs on B until T0+120, 000125 before it, 000124 on A."""
    db.gateway(ONE, A)
    db.gateway(TWO)
    db.owner(B, ONE, T0 - 86_400, T0 + 600)
    db.lot("000123", "000124", "000125")
    db.boss = db.person("GESTOR")
    db.open(db.boss, "000125", B, T0 - 3600)
    db.shut(db.boss, "000125", B, T0 - 1800)
    db.open(db.boss, "000123", B, T0)
    db.shut(db.boss, "000123", B, T0 + 120)
    db.open(db.boss, "000124", A, T0)
    return db


# The clock ------------------------------------------------------------------------------------------------------------


def doubted(seq: int, counts: Any, *, spans: Any = (), sources: Any = (), **more: Any) -> dict[str, Any]:
    """A batch of a gateway whose clock is 60 s ahead; `sources` of its first line."""
    said: dict[str, Any] = {"relogio": {"desvio_ms": 60_000, "testemunha": "s3"}, "chegada": iso(T0 + 86_400)}
    entry = batch(seq, counts, spans=spans, epoch=OLD, **said, **more)
    if sources:
        entry["linhas"][0]["fontes"] = [list(source) for source in sources]
    return entry


@pytest.fixture
def clock(plant: Database) -> Database:
    """Three batches of planta-1 in doubt beside counts that are not, and one of planta-2 in a doubt of its own."""
    plant.owner(C, TWO)
    plant.sql("update linhas set maximo_por_segundo = 500 where linha_id = %s", B)
    plant.record(
        batch(
            1,
            {B: {T0 + 70: (10, 5), T0 + 200: (20, 2)}, A: {T0 + 70: (7, 1)}},
            epoch=OLD,
            spans=[span(B, T0 + 70, T0 + 75, 9)],
        ),
        doubted(
            2,
            {B: {T0 + 70: (3, 2), T0 + 119: (1, 0), T0 + 200: (4, 1), T0 + 71: (600, 0)}, A: {T0 + 70: (2, 1)}},
            spans=[span(B, T0 + 62, T0 + 65, 5, 1), span(B, T0 + 115, T0 + 121, 6), span(B, T0 + 300, T0 + 305, 8)],
            sources=[(T0 + 70, T0 + 40, 2, 1), (T0 + 200, T0 + 100, 4, 0)],
        ),
        doubted(3, {B: {T0 + 70: (0, 1), T0 + 201: (2, 0), T0 - 1: (1, 1)}}, spans=[span(A, T0 + 62, T0 + 65, 50, 1)]),
        doubted(4, {A: {T0 + 10: (1, 0)}}, spans=[{**span(B, T0 + 130, T0 + 135, 1), "fonte": iso(T0 + 100)}]),
        doubted(1, {C: {T0 + 70: (3, 3)}}, gateway=TWO),
    )  # fmt: skip
    call(plant, "justificar_sem_ordem", p_linha_id=B, p_de=T0 + 200, p_ate=T0 + 320)()
    (held,) = plant.sql("select id from contagens_intervalo where situacao = 'RETIDA' and motivo = 'FRONTEIRA'")
    call(plant, "decidir_retido", p_id=held["id"], p_decisao="ATRIBUIR", p_numero_op="000125")()
    return plant


def test_p2_a_decided_clock_moves_its_batches_and_nothing_else(clock: Database) -> None:
    decided: dict[str, Any] = {"p_id": clock.one("select id from duvidas_relogio where gateway = %s", ONE)}

    def apply(limit: int) -> object:
        with clock.as_role("service_role"):
            return clock.one("select aplicar_decisoes_relogio(%s)", limit)

    told_of = (
        "select d.gateway, decisao, deslocar_s, aplicada_em is not null as done from duvidas_relogio as d order by 1"
    )
    with undone(clock):
        assert apply(5) == {"lotes": 0, "restam": False}
        assert changes(clock, call(clock, "decidir_relogio", **decided, p_decisao="MANTER"), TABLES) == told("""
        contagens_em_duvida 2 SPEP-ENV-A: gone
        contagens_em_duvida 2 SPEP-ENV-B: gone
        contagens_em_duvida 3 SPEP-ENV-B: gone
        contagens_em_duvida 4 SPEP-ENV-A: gone
        duvidas_relogio 1: decisao - -> MANTER, decidida_em - -> now, decidida_por - -> somebody, decisao_motivo -
        … -> visto na linha, aplicada_em - -> now
        """)
        assert answers(clock, told_of) == told("""
        planta-1 | MANTER | - | True
        planta-2 | - | - | False
        """)
        assert apply(5) == {"lotes": 0, "restam": False}
    with undone(clock):
        call(clock, "decidir_relogio", **decided, p_decisao="DESLOCAR", p_deslocar_s=60)()
        assert changes(clock, lambda: apply(0), TABLES) == told("""
        contagens_minuto SPEP-ENV-A +0: producao 10:1 -> 10:3, rejeicao - -> 10:1, total_producao 1 -> 3,
        … total_rejeicao - -> 1
        contagens_minuto SPEP-ENV-A +60: producao 10:9 -> 10:7, rejeicao 10:2 -> 10:1, total_producao 9 -> 7,
        … total_rejeicao 2 -> 1
        contagens_minuto SPEP-ENV-B +0: producao 10:3 59:1, rejeicao 10:2, total_producao 4, total_rejeicao 2
        contagens_minuto SPEP-ENV-B +60: producao 10:13 59:1 -> 10:10, rejeicao 10:8 -> 10:6, total_producao 14 ->
        … 10, total_rejeicao 8 -> 6
        contagens_minuto SPEP-ENV-B +120: producao 20:4, rejeicao 20:1, total_producao 4, total_rejeicao 1,
        … sem_ordem_producao 4, sem_ordem_rejeicao 1
        contagens_minuto SPEP-ENV-B +180: producao 20:24 21:2 -> 20:20 21:2, rejeicao 20:3 -> 20:2, total_producao
        … 26 -> 22, total_rejeicao 3 -> 2, sem_ordem_producao 26 -> 22, sem_ordem_rejeicao 3 -> 2,
        … justificada_producao 26 -> 22, justificada_rejeicao 3 -> 2, justificada_segundos_producao 20:24 21:2 ->
        … 20:20 21:2, justificada_segundos_rejeicao 20:3 -> 20:2
        contagens_intervalo SPEP-ENV-B +2 +5 5: rejeicao 1, situacao ATRIBUIDA, numero_op 000123, fator_producao
        … 1, fator_rejeicao 1, arquivo_id 2, byte_de 1315162410, byte_ate 1315162460
        contagens_intervalo SPEP-ENV-B +11 +11 600: flags ["implausivel"], situacao RETIDA, motivo IMPLAUSIVEL,
        … arquivo_id 2, byte_de 100, byte_ate 4200070095
        contagens_intervalo SPEP-ENV-B +62 +65 5: situacao ATRIBUIDA -> CORRIGIDA, numero_op 000123 -> -,
        … fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +71 +71 600: situacao RETIDA -> CORRIGIDA
        contagens_intervalo SPEP-ENV-B +240 +245 8: situacao SEM_ORDEM, arquivo_id 2, byte_de 3896724111, byte_ate
        … 3896724161
        contagens_intervalo SPEP-ENV-B +300 +305 8: situacao SEM_ORDEM -> CORRIGIDA, justificada True -> -
        contagens_em_duvida 2 SPEP-ENV-A: gone
        contagens_em_duvida 2 SPEP-ENV-B: gone
        ordens_producao_ativas 000123 SPEP-ENV-B: primeira_contagem +65 -> +5, ultima_contagem +119 -> +75
        duvidas_relogio_lotes 2: corrigido_em - -> now
        """)
        assert changes(clock, lambda: apply(1000), TABLES) == told("""
        contagens_minuto SPEP-ENV-A -60: producao 10:1, total_producao 1, sem_ordem_producao 1
        contagens_minuto SPEP-ENV-A +0: producao 10:3 -> 10:2, total_producao 3 -> 2
        contagens_minuto SPEP-ENV-B -120: producao 59:1, rejeicao 59:1, total_producao 1, total_rejeicao 1,
        … sem_ordem_producao 1, sem_ordem_rejeicao 1
        contagens_minuto SPEP-ENV-B -60: producao 59:1 -> -, rejeicao 59:1 -> -, total_producao 1 -> -,
        … total_rejeicao 1 -> -, sem_ordem_producao 1 -> -, sem_ordem_rejeicao 1 -> -
        contagens_minuto SPEP-ENV-B +0: rejeicao 10:2 -> 10:3, total_rejeicao 2 -> 3
        contagens_minuto SPEP-ENV-B +60: rejeicao 10:6 -> 10:5, total_rejeicao 6 -> 5
        contagens_minuto SPEP-ENV-B +120: producao 20:4 -> 20:4 21:2, total_producao 4 -> 6, sem_ordem_producao 4
        … -> 6
        contagens_minuto SPEP-ENV-B +180: producao 20:20 21:2 -> 20:20, total_producao 22 -> 20,
        … sem_ordem_producao 22 -> 20, justificada_producao 22 -> 20, justificada_segundos_producao 20:20 21:2 ->
        … 20:20
        contagens_intervalo SPEP-ENV-A +2 +5 50: rejeicao 1, situacao ATRIBUIDA, numero_op 000124, fator_producao
        … 8, fator_rejeicao 1, arquivo_id 3, byte_de 1687244885, byte_ate 1687244935
        contagens_intervalo SPEP-ENV-A +62 +65 50: situacao ATRIBUIDA -> CORRIGIDA, numero_op 000124 -> -,
        … fator_producao 8 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +70 +75 1: situacao ATRIBUIDA, numero_op 000123, fator_producao 1,
        … fator_rejeicao 1, arquivo_id 4, byte_de 954444171, byte_ate 954444221, fonte_em +100
        contagens_intervalo SPEP-ENV-B +130 +135 1: situacao SEM_ORDEM -> CORRIGIDA
        contagens_em_duvida 3 SPEP-ENV-B: gone
        contagens_em_duvida 4 SPEP-ENV-A: gone
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 28 -> 29, producao_maquina 28 -> 29
        ordens_producao_ativas 000124 SPEP-ENV-A: producao_acumulada 480 -> 472, producao_maquina 60 -> 59,
        … primeira_contagem +10 -> +5
        duvidas_relogio_lotes 3: corrigido_em - -> now
        duvidas_relogio_lotes 4: corrigido_em - -> now
        """)
        assert [apply(9), apply(9)] == [{"lotes": 0, "restam": True}, {"lotes": 0, "restam": False}]
        assert answers(clock, told_of) == told("""
        planta-1 | DESLOCAR | 60 | True
        planta-2 | - | - | False
        """)
        asked = "select acao, objeto, depois from trilha_auditoria where acao = 'decidir_relogio'"
        assert answers(clock, asked) == told("""
        decidir_relogio | duvidas_relogio:1 | {"ate": +305, "desde": -61, "lotes": 3, "linhas": ["SPEP-ENV-A",
        … "SPEP-ENV-B"], "decisao": "DESLOCAR", "gateway": "planta-1", "desvio_ms": 60000, "deslocar_s": 60}
        """)
    with undone(clock):
        call(clock, "decidir_relogio", **decided, p_decisao="FONTE")()
        assert changes(clock, lambda: apply(1000), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 40:2, rejeicao 40:1, total_producao 2, total_rejeicao 1
        contagens_minuto SPEP-ENV-B +60: producao 10:13 59:1 -> 10:11 40:4 59:1, rejeicao 10:8 -> 10:7,
        … total_producao 14 -> 16, total_rejeicao 8 -> 7
        contagens_minuto SPEP-ENV-B +180: producao 20:24 21:2 -> 20:20 21:2, total_producao 26 -> 22,
        … sem_ordem_producao 26 -> 22, justificada_producao 26 -> 20, justificada_rejeicao 3 -> 2,
        … justificada_segundos_producao 20:24 21:2 -> 20:20, justificada_segundos_rejeicao 20:3 -> 20:2
        contagens_intervalo SPEP-ENV-A +62 +65 50: situacao ATRIBUIDA -> CORRIGIDA, numero_op 000124 -> -,
        … fator_producao 8 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-A +62 +65 50 again: rejeicao 1, situacao ATRIBUIDA, numero_op 000124,
        … fator_producao 8, fator_rejeicao 1, arquivo_id 3, byte_de 1687244885, byte_ate 1687244935
        contagens_intervalo SPEP-ENV-B +62 +65 5: situacao ATRIBUIDA -> CORRIGIDA, numero_op 000123 -> -,
        … fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +62 +65 5 again: rejeicao 1, situacao ATRIBUIDA, numero_op 000123,
        … fator_producao 1, fator_rejeicao 1, arquivo_id 2, byte_de 1315162410, byte_ate 1315162460
        contagens_intervalo SPEP-ENV-B +71 +71 600: situacao RETIDA -> CORRIGIDA
        contagens_intervalo SPEP-ENV-B +71 +71 600 again: flags ["implausivel"], situacao RETIDA, motivo
        … IMPLAUSIVEL, arquivo_id 2, byte_de 100, byte_ate 4200070095
        contagens_intervalo SPEP-ENV-B +95 +100 1: situacao ATRIBUIDA, numero_op 000123, fator_producao 1,
        … fator_rejeicao 1, arquivo_id 4, byte_de 954444171, byte_ate 954444221, fonte_em +100
        contagens_intervalo SPEP-ENV-B +130 +135 1: situacao SEM_ORDEM -> CORRIGIDA
        contagens_intervalo SPEP-ENV-B +300 +305 8: situacao SEM_ORDEM -> CORRIGIDA, justificada True -> -
        contagens_intervalo SPEP-ENV-B +300 +305 8 again: situacao SEM_ORDEM, arquivo_id 2, byte_de 3896724111,
        … byte_ate 3896724161
        contagens_em_duvida 2 SPEP-ENV-A: gone
        contagens_em_duvida 2 SPEP-ENV-B: gone
        contagens_em_duvida 3 SPEP-ENV-B: gone
        contagens_em_duvida 4 SPEP-ENV-A: gone
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 28 -> 33, producao_maquina 28 -> 33,
        … primeira_contagem +65 -> +40
        duvidas_relogio_lotes 2: corrigido_em - -> now
        duvidas_relogio_lotes 3: corrigido_em - -> now
        duvidas_relogio_lotes 4: corrigido_em - -> now
        """)


def test_p2_decisions_about_clocks_are_applied_one_after_the_other(clock: Database) -> None:
    for row in clock.sql("select id from duvidas_relogio order by id desc"):
        call(clock, "decidir_relogio", p_id=row["id"], p_decisao="FONTE")()
    with clock.as_role("service_role"):
        moved = [clock.one("select aplicar_decisoes_relogio(2)") for _ in range(6)]
    assert [(answer["lotes"], answer["restam"]) for answer in moved] == [
        (2, True), (1, True), (0, True), (1, True), (0, True), (0, False),
    ]  # fmt: skip


def test_p2_a_batch_in_doubt_is_what_nobody_has_decided_of_it(clock: Database) -> None:
    asked = "select interno.lote_em_duvida(a) -> %s as parts from arquivos_ingeridos as a where id = %s"
    found = [
        f"{file} {part}: {answers(clock, asked, part, file)[0]}"
        for file in (2, 3, 4)
        for part in ("linhas", "intervalos")
    ]
    assert found == told("""
        2 linhas: [{"fontes": [[+70, +40, 2, 1], [+200, +100, 4, 0]], "byte_de": 100, "byte_ate": 4200070095,
        … "linha_id": "SPEP-ENV-B", "segundos": [[+70, 3, 2], [+119, 1, 0], [+200, 4, 1], [+71, 600, 0]]},
        … {"fontes": [], "byte_de": 100, "byte_ate": 900, "linha_id": "SPEP-ENV-A", "segundos": [[+70, 2, 1]]}]
        2 intervalos: [{"ate": +65, "desde": +62, "flags": [], "fonte": null, "byte_de": 1315162410, "byte_ate":
        … 1315162460, "linha_id": "SPEP-ENV-B", "producao": 5, "rejeicao": 1}, {"ate": +305, "desde": +300, "flags":
        … [], "fonte": null, "byte_de": 3896724111, "byte_ate": 3896724161, "linha_id": "SPEP-ENV-B", "producao": 8,
        … "rejeicao": 0}]
        3 linhas: [{"fontes": [], "byte_de": 100, "byte_ate": 900, "linha_id": "SPEP-ENV-B", "segundos": [[-1, 1,
        … 1], [+70, 0, 1], [+201, 2, 0]]}, {"fontes": [], "byte_de": 1687244885, "byte_ate": 1687244935, "linha_id":
        … "SPEP-ENV-A", "segundos": []}]
        3 intervalos: [{"ate": +65, "desde": +62, "flags": [], "fonte": null, "byte_de": 1687244885, "byte_ate":
        … 1687244935, "linha_id": "SPEP-ENV-A", "producao": 50, "rejeicao": 1}]
        4 linhas: [{"fontes": [], "byte_de": 100, "byte_ate": 900, "linha_id": "SPEP-ENV-A", "segundos": [[+10, 1,
        … 0]]}, {"fontes": [], "byte_de": 954444171, "byte_ate": 954444221, "linha_id": "SPEP-ENV-B", "segundos":
        … []}]
        4 intervalos: [{"ate": +135, "desde": +130, "flags": [], "fonte": +100, "byte_de": 954444171, "byte_ate":
        … 954444221, "linha_id": "SPEP-ENV-B", "producao": 1, "rejeicao": 0}]
        """)
    far = doubted(9, {B: {T0 + 200_000: (1, 1)}}, spans=[span(B, T0 + 199_999, T0 + 200_000, 2, 0, "reset")])
    clock.record(far)
    file = clock.one("select max(id) from arquivos_ingeridos")
    assert [answers(clock, asked, part, file)[0] for part in ("linhas", "intervalos")] == told("""
        [{"fontes": [], "byte_de": 100, "byte_ate": 3686474497, "linha_id": "SPEP-ENV-B", "segundos": []}]
        []
        """)


# Who counts -----------------------------------------------------------------------------------------------------------


def test_p1_a_change_of_owners_is_told_by_source_and_role(plant: Database) -> None:
    def said(*ranges: tuple[str, str, int, int]) -> str:
        roles: dict[tuple[str, str], list[str]] = {}
        for source, role, since, until in ranges:
            roles.setdefault((source, role), []).append(f"[{iso(T0 + since)},{iso(T0 + until)})")
        return json.dumps(
            [{"fonte": s, "papel": r, "faixas": "{" + ",".join(parts) + "}"} for (s, r), parts in roles.items()]
        )

    before = said(
        ("x", "contagem", 0, 30), ("x", "conferencia", 40, 80), ("y", "contagem", 30, 60), ("z", "conferencia", 0, 9)
    )
    after = said(
        ("x", "contagem", 20, 50),
        ("x", "conferencia", 0, 10),
        ("x", "conferencia", 70, 90),
        ("y", "contagem", 30, 60),
        ("z", "conferencia", 0, 9),
    )
    cell = (
        f"(select string_agg(extract(epoch from lower(r))::bigint - {T0} || '-'"
        f" || extract(epoch from upper(r))::bigint - {T0}, ' ' order by r) from unnest(faixas) as r)"
    )
    asked = f"select fonte, de_papel, para_papel, {cell} as f from interno.trocas_de_papel(%s, %s) order by 1, 2, 3"
    assert answers(plant, asked, before, after) == told("""
        x | conferencia | contagem | 40-50
        x | conferencia | nenhum | 50-70
        x | contagem | conferencia | 0-10
        x | contagem | nenhum | 10-20
        x | nenhum | conferencia | 80-90
        x | nenhum | contagem | 30-40
        """)
    role = "interno.papel_da_fonte(%s, %s, %s, %s)"
    found = [
        f"{source} {since} {until}: {plant.one('select ' + role, after, source, iso(T0 + since), iso(T0 + until))}"
        for source, since, until in (
            ("x", 20, 49),
            ("x", 20, 50),
            ("x", 19, 30),
            ("x", 0, 9),
            ("x", 0, 10),
            ("x", 70, 89),
            ("y", 20, 49),
            ("z", 0, 0),
            ("w", 0, 0),
        )
    ]
    assert found == told("""
        x 20 49: contagem
        x 20 50: nenhum
        x 19 30: nenhum
        x 0 9: conferencia
        x 0 10: nenhum
        x 70 89: conferencia
        y 20 49: nenhum
        z 0 0: conferencia
        w 0 0: nenhum
        """)
    plant.owner(B, TWO, T0 - 500, T0 + 500, role="conferencia")
    asked = "select * from jsonb_to_recordset(interno.faixas_das_fontes(%s)) as f (fonte text, papel text, faixas text)"
    assert answers(plant, asked, B) == told("""
        planta-1 | contagem | {["2026-03-14 11:00:00+00","2026-03-15 11:10:00+00")}
        planta-2 | conferencia | {["2026-03-15 10:51:40+00","2026-03-15 11:08:20+00")}
        """)


SECONDS = {T0 + n: (n // 10 + 2, 1 if n in (29, 30, 65) else 0) for n in (-1, 0, 29, 30, 59, 60, 65, 89, 90, 130, 599)}
SPANS = (
    *((10, 29.9, 100), (29, 30, 200), (30, 40, 300), (80, 89, 400), (85, 90, 500)),
    *((110, 125, 600), (90, 100, 700), (130, 140, 800)),
)
"""Around T0+30, T0+90 and the order's end: since, until, made."""


@pytest.fixture
def shared(plant: Database) -> Database:
    """B's counts around T0+30 and T0+90, of planta-1; planta-2 and a loose file had no role. A has the same."""
    plant.record(
        batch(
            1,
            {B: SECONDS, A: SECONDS},
            epoch=OLD,
            spans=[
                span(line, T0 + since, T0 + until, made, 1)
                for line in (B, A)
                for since, until, made in SPANS
            ],
        ),
        batch(
            1,
            {B: {T0 + 30: (1, 1), T0 + 89: (2, 0), T0 + 90: (4, 0)}, C: {T0 + 30: (9, 9)}},
            epoch=OLD,
            gateway=TWO,
            spans=[span(B, T0 + 40, T0 + 50, 8)],
        ),
        loose("turno.txt", "", "b", {B: {T0 + 35: (1, 0), T0 + 95: (1, 1)}}),
    )  # fmt: skip
    call(plant, "justificar_sem_ordem", p_linha_id=B, p_de=T0 - 60, p_ate=T0)()
    call(plant, "justificar_sem_ordem", p_linha_id=B, p_de=T0 + 125, p_ate=T0 + 300)()
    held = plant.sql("select id from contagens_intervalo where situacao = 'RETIDA' and linha_id = %s order by id", B)
    call(plant, "decidir_retido", p_id=held[0]["id"], p_decisao="ATRIBUIR", p_numero_op="000125")()
    return plant


def define(db: Database, source: str, role: str, since: int, until: int | None) -> Callable[[], object]:
    until_at = T0 + until if until is not None else None
    return call(db, "definir_fonte", p_linha_id=B, p_fonte=source, p_papel=role, p_de=T0 + since, p_ate=until_at)


def test_p1_a_stretch_that_changes_its_owner_changes_and_nothing_else(shared: Database) -> None:
    with undone(shared):
        assert changes(shared, define(shared, TWO, "contagem", 30, 90), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 0:2 29:4 30:5 59:7 -> 0:2 29:4, rejeicao 29:1 30:1 -> 29:1,
        … total_producao 18 -> 6, total_rejeicao 2 -> 1
        contagens_minuto SPEP-ENV-B +60: producao 0:8 5:8 29:10 30:11 -> 30:11, total_producao 37 -> 11, rejeicao
        … 5:1 -> -, total_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 4, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 4, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 4, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 4, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_retiradas 4 +0: producao 30:5 59:7, rejeicao 30:1
        contagens_retiradas 4 +60: producao 0:8 5:8 29:10, rejeicao 5:1
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 2255 -> 817, rejeicao_acumulada 9 -> 3,
        … producao_maquina 2255 -> 817, rejeicao_maquina 9 -> 3
        quarentena 1: reprocessar_em - -> now, reprocessar_por - -> somebody, reprocessar_motivo - -> visto na linha
        quarentena 4: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 1438, rejeicao 6, de +29, ate +90, fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "contagem", 30, 60), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 0:2 29:4 -> 0:2 29:4 30:5 59:7, rejeicao 29:1 -> 29:1 30:1,
        … total_producao 6 -> 18, total_rejeicao 1 -> 2
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 4 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 4 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: retirada_id 4 -> 5
        contagens_intervalo SPEP-ENV-B +85 +90 500: retirada_id 4 -> 5
        contagens_retiradas 5 +60: producao 0:8 5:8 29:10, rejeicao 5:1
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 817 -> 1329, rejeicao_acumulada 3 -> 6,
        … producao_maquina 817 -> 1329, rejeicao_maquina 3 -> 6
        quarentena 4: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> visto na linha,
        … resolvida_por - -> somebody
        quarentena 5: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 926, rejeicao 3, de +60, ate +90, anterior_id 4,
        … fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "conferencia", 60, 90), TABLES) == told("""
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao RETIRADA -> CONFERENCIA, retirada_id 5 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: retirada_id 5 -> 6
        contagens_conferencia SPEP-ENV-B planta-1 +60: producao 426, rejeicao 2, segundos_producao 0:8 5:8 29:10,
        … segundos_rejeicao 5:1
        quarentena 5: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> visto na linha,
        … resolvida_por - -> somebody
        quarentena 6: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 500, rejeicao 1, de +85, ate +90, anterior_id 5,
        … fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "contagem", 60, 90), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +60: producao 30:11 -> 0:8 5:8 29:10 30:11, rejeicao - -> 5:1, total_producao
        … 11 -> 37, total_rejeicao - -> 1
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao CONFERENCIA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1
        contagens_intervalo SPEP-ENV-B +85 +90 500: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 6 -> -
        contagens_conferencia SPEP-ENV-B planta-1 +60: gone
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 1329 -> 2255, rejeicao_acumulada 6 -> 9,
        … producao_maquina 1329 -> 2255, rejeicao_maquina 6 -> 9
        quarentena 6: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> visto na linha,
        … resolvida_por - -> somebody
        """)
    with undone(shared):
        assert changes(shared, define(shared, ONE, "nenhum", 0, None), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: gone
        contagens_minuto SPEP-ENV-B +60: gone
        contagens_minuto SPEP-ENV-B +120: gone
        contagens_minuto SPEP-ENV-B +540: gone
        contagens_intervalo SPEP-ENV-B +10 +29.9 100: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7,
        … numero_op 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +90 +100 700: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 7, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +110 +125 600: situacao DECIDIDA -> RETIRADA, retirada_id - -> 7,
        … decidida_como - -> {"motivo": "FRONTEIRA", "situacao": "DECIDIDA", "numero_op": "000125",
        … "fator_producao": 1, "fator_rejeicao": 1}, motivo FRONTEIRA -> -, numero_op 000125 -> -, fator_producao 1
        … -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +130 +140 800: situacao SEM_ORDEM -> RETIRADA, retirada_id - -> 7,
        … justificada True -> -
        contagens_retiradas 7 +0: producao 0:2 29:4 30:5 59:7, rejeicao 29:1 30:1
        contagens_retiradas 7 +60: producao 0:8 5:8 29:10 30:11, rejeicao 5:1
        contagens_retiradas 7 +120: producao 10:15
        contagens_retiradas 7 +540: producao 59:61
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 2255 -> -, rejeicao_acumulada 9 -> -,
        … producao_maquina 2255 -> -, rejeicao_maquina 9 -> -, primeira_contagem +0 -> -, ultima_contagem +100 -> -
        ordens_producao_ativas 000125 SPEP-ENV-B: producao_acumulada 600 -> -, rejeicao_acumulada 1 -> -,
        … producao_maquina 600 -> -, rejeicao_maquina 1 -> -, primeira_contagem +125 -> -, ultima_contagem +125 -> -
        quarentena 7: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 3731, rejeicao 11, de +0, ate +599, fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "contagem", 0, None), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 0:2 29:4 30:5 59:7, rejeicao 29:1 30:1, total_producao 18,
        … total_rejeicao 2
        contagens_minuto SPEP-ENV-B +60: producao 0:8 5:8 29:10 30:11, rejeicao 5:1, total_producao 37,
        … total_rejeicao 1
        contagens_minuto SPEP-ENV-B +120: producao 10:15, total_producao 15, sem_ordem_producao 15
        contagens_minuto SPEP-ENV-B +540: producao 59:61, total_producao 61, sem_ordem_producao 61
        contagens_intervalo SPEP-ENV-B +10 +29.9 100: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +90 +100 700: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -
        contagens_intervalo SPEP-ENV-B +110 +125 600: situacao RETIRADA -> DECIDIDA, motivo - -> FRONTEIRA,
        … numero_op - -> 000125, fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 7 -> -, decidida_como
        … {"motivo": "FRONTEIRA", "situacao": "DECIDIDA", "numero_op": "000125", "fator_producao": 1,
        … "fator_rejeicao": 1} -> -
        contagens_intervalo SPEP-ENV-B +130 +140 800: situacao RETIRADA -> SEM_ORDEM, retirada_id 7 -> -
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada - -> 2255, rejeicao_acumulada - -> 9,
        … producao_maquina - -> 2255, rejeicao_maquina - -> 9, primeira_contagem - -> +0, ultima_contagem - -> +100
        ordens_producao_ativas 000125 SPEP-ENV-B: producao_acumulada - -> 600, rejeicao_acumulada - -> 1,
        … producao_maquina - -> 600, rejeicao_maquina - -> 1, primeira_contagem - -> +125, ultima_contagem - -> +125
        quarentena 7: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> visto na linha,
        … resolvida_por - -> somebody
        """)
    with undone(shared):
        assert changes(shared, define(shared, ONE, "conferencia", 30, 90), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 0:2 29:4 30:5 59:7 -> 0:2 29:4, rejeicao 29:1 30:1 -> 29:1,
        … total_producao 18 -> 6, total_rejeicao 2 -> 1
        contagens_minuto SPEP-ENV-B +60: producao 0:8 5:8 29:10 30:11 -> 30:11, total_producao 37 -> 11, rejeicao
        … 5:1 -> -, total_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 8, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao ATRIBUIDA -> CONFERENCIA, numero_op 000123 -> -,
        … fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao ATRIBUIDA -> CONFERENCIA, numero_op 000123 -> -,
        … fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: situacao ATRIBUIDA -> RETIRADA, retirada_id - -> 8, numero_op
        … 000123 -> -, fator_producao 1 -> -, fator_rejeicao 1 -> -
        contagens_conferencia SPEP-ENV-B planta-1 +0: producao 312, rejeicao 2, segundos_producao 30:5 59:7,
        … segundos_rejeicao 30:1
        contagens_conferencia SPEP-ENV-B planta-1 +60: producao 426, rejeicao 2, segundos_producao 0:8 5:8 29:10,
        … segundos_rejeicao 5:1
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 2255 -> 817, rejeicao_acumulada 9 -> 3,
        … producao_maquina 2255 -> 817, rejeicao_maquina 9 -> 3
        quarentena 8: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 700, rejeicao 2, de +29, ate +90, fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "nenhum", 60, 90), TABLES) == told("""
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao CONFERENCIA -> RETIRADA, retirada_id - -> 9
        contagens_conferencia SPEP-ENV-B planta-1 +60: gone
        contagens_retiradas 9 +60: producao 0:8 5:8 29:10, rejeicao 5:1
        quarentena 9: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 426, rejeicao 2, de +60, ate +89, fonte planta-1
        """)
        assert changes(shared, define(shared, ONE, "contagem", 0, 60), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 0:2 29:4 -> 0:2 29:4 30:5 59:7, rejeicao 29:1 -> 29:1 30:1,
        … total_producao 6 -> 18, total_rejeicao 1 -> 2
        contagens_intervalo SPEP-ENV-B +29 +30 200: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 8 -> -
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao CONFERENCIA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1
        contagens_intervalo SPEP-ENV-B +85 +90 500: retirada_id 8 -> 10
        contagens_conferencia SPEP-ENV-B planta-1 +0: gone
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada 817 -> 1329, rejeicao_acumulada 3 -> 6,
        … producao_maquina 817 -> 1329, rejeicao_maquina 3 -> 6
        quarentena 8: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> visto na linha,
        … resolvida_por - -> somebody
        quarentena 10: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 500, rejeicao 1, de +85, ate +90, anterior_id 8,
        … fonte planta-1
        """)


def test_p1_what_left_the_totals_stays_discarded_when_some_comes_back(shared: Database) -> None:
    define(shared, ONE, "nenhum", 0, 100)()
    define(shared, ONE, "nenhum", 100, 600)()
    for item in shared.sql("select id from quarentena where fonte = %s and de < %s", ONE, iso(T0 + 100)):
        call(shared, "resolver_quarentena", p_id=item["id"])()
    assert changes(shared, define(shared, ONE, "contagem", 30, 90), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 30:5 59:7, rejeicao 30:1, total_producao 12, total_rejeicao 1
        contagens_minuto SPEP-ENV-B +60: producao 0:8 5:8 29:10, rejeicao 5:1, total_producao 26, total_rejeicao 1
        contagens_intervalo SPEP-ENV-B +10 +29.9 100: retirada_id 4 -> 6
        contagens_intervalo SPEP-ENV-B +29 +30 200: retirada_id 4 -> 6
        contagens_intervalo SPEP-ENV-B +30 +40 300: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 4 -> -
        contagens_intervalo SPEP-ENV-B +80 +89 400: situacao RETIRADA -> ATRIBUIDA, numero_op - -> 000123,
        … fator_producao - -> 1, fator_rejeicao - -> 1, retirada_id 4 -> -
        contagens_intervalo SPEP-ENV-B +85 +90 500: retirada_id 4 -> 6
        contagens_intervalo SPEP-ENV-B +90 +100 700: retirada_id 4 -> 6
        contagens_retiradas 6 +0: producao 0:2 29:4, rejeicao 29:1
        contagens_retiradas 6 +60: producao 30:11
        ordens_producao_ativas 000123 SPEP-ENV-B: producao_acumulada - -> 738, rejeicao_acumulada - -> 4,
        … producao_maquina - -> 738, rejeicao_maquina - -> 4, primeira_contagem - -> +30, ultima_contagem - -> +89
        quarentena 4: decisao DESCARTADO -> REPROCESSADO
        quarentena 6: motivo NAO_DONO, detalhe A fonte planta-1 contou a linha SPEP-ENV-B enquanto ela era de
        … outra: visto na linha, linha_id SPEP-ENV-B, producao 1517, rejeicao 5, de +0, ate +100, resolvida_em now,
        … decisao DESCARTADO, decisao_motivo visto na linha, resolvida_por somebody, anterior_id 4, fonte planta-1
        """)
    trail = (
        "select papel, acao, objeto, depois from trilha_auditoria where papel = 'SISTEMA' and acao = 'definir_fonte'"
    )
    assert answers(shared, trail) == told("""
        SISTEMA | definir_fonte | quarentena:6 | {"motivo": "NAO_DONO", "decisao": "DESCARTADO", "linha_id":
        … "SPEP-ENV-B", "producao": 1517, "rejeicao": 5, "anterior_id": 4}
        """)
    assert changes(shared, define(shared, TWO, "conferencia", 30, 90), ["quarentena"]) == told("""
        quarentena 1: reprocessar_em - -> now, reprocessar_por - -> somebody, reprocessar_motivo - -> visto na linha
        """)


def test_p1_what_waits_for_its_owner_is_asked_for_again(plant: Database) -> None:
    def entered(gateway: str | None, state: str, seq: int) -> int:
        row: dict[str, Any] = {
            "bucket": "t", "chave": f"{gateway}{seq}", "tamanho": 1, "sha256": "0" * 64,
            "gravado_em": iso(T0), "registros": 1,
            "tipo": "gateway" if gateway else "avulso", "gateway": gateway, "epoca": OLD if gateway else None,
            "seq": seq if gateway else None, "situacao": state, "motivo": "X" if state == "QUARENTENA" else None,
            "aceito_tamanho": None if gateway else 0,
        }  # fmt: skip
        places = ", ".join(["%s"] * len(row))
        insert = f"insert into arquivos_ingeridos ({', '.join(row)}) values ({places}) returning id"
        return int(plant.one(insert, *row.values()))

    mine, theirs, other = entered(ONE, "APLICADO", 1), entered(TWO, "APLICADO", 1), entered("planta-3", "APLICADO", 1)
    refused, dropped = entered(TWO, "QUARENTENA", 2), entered(None, "APLICADO", 3)
    insert = (
        "insert into quarentena (arquivo_id, bucket, chave, motivo, detalhe, linha_id, de, ate, outros_motivos,"
        " decisao, resolvida_em) values (%s, 't', 'k', %s, %s, %s, %s, %s, %s, %s, %s)"
    )
    for n, (file, motive, line, since, until, others, decision) in enumerate(
        (
            (theirs, "NAO_DONO", B, 10, 20, [], None),
            (theirs, "LINHA_DESCONHECIDA", B, 10, 20, ["EPOCA_ANTERIOR"], None),
            (theirs, "EPOCA_ANTERIOR", B, 10, 20, [], None),
            (theirs, "NAO_DONO", B, 10, 20, [], "DESCARTADO"),
            (theirs, "NAO_DONO", B, 10, 20, ["EPOCA_ANTERIOR"], "DESCARTADO"),
            (theirs, "NAO_DONO", B, 10, 20, None, "DESCARTADO"),
            (theirs, "NAO_DONO", B, 10, 20, [], "REPROCESSADO"),
            (theirs, "NAO_DONO", A, 10, 20, [], None),
            (theirs, "NAO_DONO", B, -9, -1, [], None),
            (theirs, "NAO_DONO", B, -9, 0, [], None),
            (theirs, "NAO_DONO", B, 29, 50, [], None),
            (theirs, "NAO_DONO", B, 30, 50, [], None),
            (theirs, "NAO_DONO", B, 60, 70, [], None),
            (theirs, "NAO_DONO", B, 100, 110, [], None),
            (refused, "NAO_DONO", B, 10, 20, [], None),
            (mine, "NAO_DONO", B, 10, 20, [], None),
            (other, "NAO_DONO", B, 10, 20, [], None),
            (dropped, "NAO_DONO", B, 10, 20, [], None),
            (dropped, "NAO_DONO", B, 62, 65, [], None),
        )
    ):
        end = iso(T0) if decision else None
        plant.sql(insert, file, motive, str(n), line, iso(T0 + since), iso(T0 + until), others, decision, end)

    def said(*ranges: tuple[str, str, int, int]) -> str:
        faixas = [(s, r, f"{{[{iso(T0 + a)},{iso(T0 + b)})}}") for s, r, a, b in ranges]
        return json.dumps([{"fonte": s, "papel": r, "faixas": f} for s, r, f in faixas])

    before = said((ONE, "contagem", 0, 60), ("avulso", "contagem", 0, 60), (TWO, "contagem", 60, 90))
    after = said(
        (TWO, "contagem", 0, 30),
        (ONE, "contagem", 30, 60),
        ("avulso", "conferencia", 0, 65),
        (TWO, "conferencia", 60, 90),
    )
    asked: list[object] = []
    ask = "select interno.pedir_releitura(%s, %s, %s, 'agora é dele')"

    def act() -> None:
        asked.append(plant.one(ask, B, before, after))

    with plant.connection.transaction(force_rollback=True):
        assert changes(plant, act, ["quarentena"]) == told("""
        quarentena 1: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        quarentena 2: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        quarentena 4: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele, resolvida_em +0 -> -, decisao
        … DESCARTADO -> -
        quarentena 10: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        quarentena 11: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        quarentena 18: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        quarentena 19: reprocessar_em - -> now, reprocessar_motivo - -> agora é dele
        """)
    assert asked == [7]


def test_p11_a_clock_is_decided_once_within_a_year(clock: Database) -> None:
    def refused(**arguments: Any) -> str:
        with pytest.raises(psycopg.Error) as error, clock.connection.transaction():
            clock.call(clock.boss, "decidir_relogio", p_motivo="visto na linha", **arguments)
        return f"{error.value.sqlstate} {error.value.diag.message_primary}: {error.value.diag.message_hint}"

    year = 31_622_400
    found = [
        refused(p_id=99, p_decisao="MANTER"),
        refused(p_id=1, p_decisao="OUTRA"),
        *(refused(p_id=1, p_decisao="DESLOCAR", p_deslocar_s=shift) for shift in (0, year + 1, -year - 1, None)),
        *(refused(p_id=1, p_decisao=other, p_deslocar_s=60) for other in ("MANTER", "FONTE")),
    ]
    for shift in (year, -year):
        with clock.connection.transaction(force_rollback=True):
            clock.call(
                clock.boss, "decidir_relogio", p_id=1, p_decisao="DESLOCAR", p_motivo="visto", p_deslocar_s=shift
            )
    clock.call(clock.boss, "decidir_relogio", p_id=1, p_decisao="FONTE", p_motivo="visto na linha")
    found.append(refused(p_id=1, p_decisao="MANTER"))
    assert found == told("""
        PT404 DUVIDA_DESCONHECIDA: Atualize a tela de pendências.
        PT422 DECISAO_INVALIDA: Escolha uma das três.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT422 DESLOCAMENTO_INVALIDO: O desvio medido foi de 60 s.
        PT409 JA_DECIDIDO: Atualize a tela de pendências.
        """)
