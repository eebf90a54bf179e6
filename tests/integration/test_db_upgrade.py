"""An installed database with its data, brought forward, is what a fresh installation of the definitions is."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from local.schema import catalog, databases
from local.schema.catalog import Catalog
from local.schema.command import MIGRATIONS, SCHEMAS
from local.stack.database import EPOCH, T0, Database, batch, span
from local.stack.migrated import Cluster

FROZEN = "20260101*.sql"
A, B = "SPEP-ENV-A", "SPEP-ENV-B"
OP, OPEN = "000123", "000124"
HOUR = 3600
DAY = "2026-03-15"


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> str:
    return cluster.url("postgres")


@pytest.fixture(scope="module")
def defined(server: str) -> Iterator[tuple[Catalog, Catalog]]:
    """Definitions and rows of a fresh installation of the definitions."""
    with databases.temporary(server, "definida") as url:
        databases.install(url, SCHEMAS)
        with psycopg.connect(url) as connection:
            yield catalog.read(connection), catalog.rows(connection)


@pytest.fixture
def old(server: str) -> Iterator[Database]:
    """What the frozen migrations install, with something of everything counted, decided, signed and closed in it."""
    with databases.temporary(server, "antiga") as url:
        databases.install(url, MIGRATIONS, FROZEN)
        database = Database(url)
        fill(database)
        yield database
        database.close()


def fill(db: Database) -> None:
    db.gateway("planta-1", A, B)
    db.lot(OP, OPEN)
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.open(db.boss, OP, A, T0)
    db.record(
        batch(1, {A: {T0 + 60: (10, 1), T0 + 61: (5, 2)}, B: {T0: (7, 0)}}),
        batch(2, {A: {T0 + 2 * HOUR: (3, 0)}}, spans=[span(B, T0, T0 + 5, 3, 2, "implausivel")]),
        batch(3, {"LINHA-X": {T0: (1, 0)}}),
        batch(5, {B: {T0 + 9: (1, 1)}}),
    )
    db.shut(db.boss, OP, A, T0 + HOUR)
    db.call(db.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=4, p_tipo="RETEM")
    db.mark(A, T0 + 3 * HOUR)
    db.call(
        db.boss, "justificar_sem_ordem", p_linha_id=A, p_de=T0 + HOUR, p_ate=T0 + 3 * HOUR, p_motivo="teste da linha"
    )
    db.sign(db.boss, A, DAY, "D1")
    assert db.close_lots()["fechadas"] == [OP]
    db.open(db.boss, OPEN, B, T0 + 4 * HOUR)
    db.record(batch(4, {B: {T0 + 4 * HOUR: (2, 0)}}))


def forward(db: Database) -> None:
    frozen = set(MIGRATIONS.glob(FROZEN))
    for file in sorted(set(MIGRATIONS.glob("*.sql")) - frozen):
        databases.execute(db.connection, file)


ADDED = {"apontamentos_linha", "parametros", "quarentena_somas", "regras_totvs", "trilha_auditoria"}
"""Tables to which a migration adds rows: lines that stay reported, new parameters, what is to be added up."""


def contents(db: Database) -> dict[str, list[dict[str, Any]]]:
    tables = db.sql(
        "select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return {
        table["name"]: [row["r"] for row in db.sql(f"select to_jsonb(t) as r from {table['name']} t order by r")]
        for table in tables
    }


def answers(db: Database) -> dict[str, Any]:
    """What people read of it."""
    return {
        "totals": db.totals(),
        "balance": {line: db.balance(line) for line in (A, B, "LINHA-X")},
        "pending": {
            (row["tipo"], row["detalhes"].get("p_id", row["chave"]), row["funcao"])
            for row in db.sql("select * from pendencias")
        },
        "signature": db.one("select bool_and(verificar_assinatura(id)) from diarios_bordo"),
        "trace": db.one("select rastrear(%s)", OP),
    }


def test_p1_migrations_install_what_the_schemas_define(server: str, defined: tuple[Catalog, Catalog]) -> None:
    """If it fails: `make migration NAME=…` was forgotten after a change in supabase/schemas."""
    with databases.temporary(server, "migrada") as url:
        databases.install(url, MIGRATIONS)
        with psycopg.connect(url) as connection:
            migrated = {**catalog.read(connection), **catalog.rows(connection)}
    assert catalog.compare(migrated, {**defined[0], **defined[1]}) == {}


def test_p1_an_upgraded_database_is_defined_like_a_fresh_one(old: Database, defined: tuple[Catalog, Catalog]) -> None:
    forward(old)
    with psycopg.connect(old.url) as connection:
        assert catalog.compare(catalog.read(connection), defined[0]) == {}


def test_p1_an_upgrade_keeps_every_row_and_what_people_read_of_it(old: Database) -> None:
    rows, said = contents(old), answers(old)
    assert said["signature"] is True
    assert {kind for kind, _, _ in said["pending"]} >= {"SEM_ORDEM", "RETIDA", "QUARENTENA"}
    forward(old)
    said["trace"]["fechamento"] |= {"informado": True, "cadastro": None}
    said["trace"]["lote"]["numero_op_totvs"] = None
    for report in said["trace"]["envios"]:
        report |= {"chave_erp": None, "pode_ter_entrado": False}
    for table, after in contents(old).items():
        before = rows.get(table, [])
        columns = set(before[0]) & set(after[0]) if before and after else set()
        kept = [{c: row[c] for c in columns} for row in after]
        for row in before:
            kept.remove({c: row[c] for c in columns})
        assert not kept or table in ADDED, table
    assert answers(old) == said


def test_p1_what_was_begun_before_an_upgrade_goes_on_after_it(old: Database) -> None:
    forward(old)
    old.record(batch(4, {B: {T0 + 4 * HOUR: (2, 0)}}), batch(6, {B: {T0 + 5 * HOUR: (1, 0)}, A: {T0 + 62: (1, 0)}}))
    old.call(
        old.boss, "decidir_retido", p_id=old.one("select id from contagens_retidas"), p_decisao="DESCARTAR",
        p_numero_op=None, p_motivo="pulso falso",
    )  # fmt: skip
    old.close_lots()
    assert len(old.pending("AJUSTE")) == 1
    assert old.totals() == {(OP, A): (16 * 8, 3), (OPEN, B): (3, 0)}
    assert old.balance(B)["retido"] == (3, 2)


def test_p5_lines_of_an_installation_in_use_stay_reported_after_an_upgrade(server: str, old: Database) -> None:
    """Those of a new one begin in parallel run."""
    forward(old)
    assert old.one("select count(*) from linhas as l where interno.linha_apontada(l.linha_id, '2001-01-01')") == 37
    old.shut(old.boss, OPEN, B, T0 + 5 * HOUR)
    assert old.one("select interno.op_apontada(%s)", OPEN) is True
    with databases.temporary(server, "nova") as url:
        databases.install(url, MIGRATIONS)
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from apontamentos_linha").fetchone() == (0,)


def test_p10_an_upgrade_makes_ranges_of_voided_sequences(old: Database) -> None:
    """And what was voided past the highest received counts as received no more: the declared end can be corrected."""
    manager = old.person("GESTOR")
    source = {"p_gateway": "planta-1", "p_epoca": EPOCH, "p_motivo": "disco perdido"}
    old.record(batch(8))
    old.call(manager, "encerrar_epoca", **source, p_ultima_seq=10)
    for number in (7, 10):
        old.call(manager, "anular_sequencia", **source, p_seq=number)
    forward(old)
    voided = old.sql("select seq, ate_seq, motivo from sequencias_anuladas order by seq")
    assert voided == [{"seq": n, "ate_seq": n, "motivo": "disco perdido"} for n in (7, 10)]
    assert old.one("select maior_seq from epocas_gateway where epoca = %s", EPOCH) == 8
    assert old.call(manager, "encerrar_epoca", **source, p_ultima_seq=8)["ultima_seq_declarada"] == 8
    assert old.call(manager, "anular_sequencia", **source, p_seq=6, p_ate_seq=6)["ultima_seq_continua"] == 8


@pytest.mark.parametrize("alone", [True, False])
def test_p9_an_upgrade_leaves_who_granted_and_decided_one_kind(old: Database, alone: bool) -> None:
    """Whoever would be the only one left to administer does nothing else any more; others go on in the plant."""
    mixed, sector = old.person("ADMIN"), old.person("ADMIN", "SPEP")
    for user in (mixed, sector):
        old.sql("insert into papeis_usuario (usuario_id, papel) values (%s, 'GESTOR'), (%s, 'OPERADOR')", user, user)
    if not alone:
        old.person("ADMIN")
    forward(old)
    held = "select papel from papeis_usuario where usuario_id = %s order by papel"
    kept = {user: [row["papel"] for row in old.sql(held, user)] for user in (mixed, sector)}
    assert kept == {mixed: ["ADMIN"] if alone else ["GESTOR", "OPERADOR"], sector: ["GESTOR", "OPERADOR"]}
    taken = old.sql(
        "select objeto, antes ->> 'papel' as papel, motivo from trilha_auditoria where papel = 'MIGRACAO' order by id"
    )
    assert {(row["objeto"], row["papel"]) for row in taken} == {
        *((f"papeis_usuario:{mixed}", role) for role in (["GESTOR", "OPERADOR"] if alone else ["ADMIN"])),
        (f"papeis_usuario:{sector}", "ADMIN"),
    }
    assert {row["motivo"] for row in taken} == {"Quem concede papéis (ADMIN) não tem outro papel."}
    assert old.sql("select papel from papeis_usuario where usuario_id = %s", old.boss) == [{"papel": "SUPERVISOR"}]
