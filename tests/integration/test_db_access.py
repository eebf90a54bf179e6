"""Who may read and write what, and what the schema promises about itself."""

import json
import re
from collections.abc import Iterator

import psycopg
import pytest

from local.schema import databases
from local.schema.command import SCHEMAS
from local.stack.database import T0, Database, batch
from local.stack.migrated import Cluster

A = "SPEP-ENV-A"
APPEND_ONLY = [
    "arquivos_ingeridos",
    "trilha_auditoria",
    "sequencias_anuladas",
    "reconhecimentos_op",
    "contagens_manuais",
    "conciliacoes_refugo",
    "diarios_bordo",
    "fechamentos_lote",
    "falhas_mensagens",
    "mensagens_descartadas",
    "tratamentos_mensagens",
    "restauracoes",
    "contagens_retiradas",
    "conferencia_manual",
    "confirmacoes_turno",
    "devolucoes_diario",
    "selos",
    "auditorias",
]


@pytest.fixture(scope="module")
def hosted(cluster: Cluster) -> Iterator[Database]:
    """The definitions on the hosted Supabase, which gives the API's roles everything on each new object."""
    with databases.temporary(cluster.url("postgres"), "hospedada") as url:
        databases.install(url, SCHEMAS)
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A)
    db.lot("000123")
    db.open(db.person(), "000123", A, T0)
    db.record(batch(1, {A: {T0: (1, 0)}, "LINHA-X": {T0: (1, 0)}}), batch(3))
    return db


def relations(db: Database, kinds: str = "rv") -> list[str]:
    rows = db.sql(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = any(%s) order by 1",
        list(kinds),
    )
    return [row["relname"] for row in rows]


def test_p9_nobody_reads_or_writes_anything_without_signing_in(plant: Database) -> None:
    for relation in relations(plant):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), plant.as_role("anon"):
            plant.sql(f"select 1 from {relation}")


def test_p9_nothing_is_open_that_does_not_say_so_beside_its_definition(hosted: Database) -> None:
    """What says nothing keeps the hosted Supabase's rights for `anon`, or PostgreSQL's for everybody."""
    entries = (
        "select oid::regclass::text as name, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end"
        '::"char", relowner)) as acl from pg_class'
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
        " union all select oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)) from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'interno'::regnamespace)"
    )
    undeclared = hosted.sql(
        f"select distinct e.name from ({entries}) e cross join aclexplode(e.acl) x"
        " where x.grantee in (0, 'anon'::regrole) order by 1"
    )
    assert undeclared == []


def test_p9_every_table_says_who_reads_which_rows(db: Database) -> None:
    silent = db.sql(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and (not relrowsecurity or not exists (select from pg_policy where polrelid = pg_class.oid))"
    )
    assert silent == []


def test_p9_a_person_changes_something_only_by_a_function_that_names_roles(db: Database) -> None:
    functions = db.sql(
        "select proname as name, papeis_da_funcao(proname::text) <> '{}' as names_roles,"
        " has_function_privilege('authenticated', oid, 'execute') as person_may"
        " from pg_proc where pronamespace = 'public'::regnamespace and provolatile = 'v'"
    )
    assert {True, False} == {function["person_may"] for function in functions}
    assert [function for function in functions if function["person_may"] is not function["names_roles"]] == []


def test_p9_the_internal_schema_is_closed_to_the_api_roles(db: Database) -> None:
    for role in ("anon", "authenticated", "service_role"):
        assert not db.one("select has_schema_privilege(%s, 'interno', 'usage')", role)


def test_p9_every_table_has_rls_and_every_view_its_readers_rights(db: Database) -> None:
    rows = db.sql(
        "select relname, relkind, relrowsecurity, reloptions from pg_class where relnamespace = 'public'::regnamespace"
    )
    assert all(row["relrowsecurity"] for row in rows if row["relkind"] == "r")
    assert all(row["reloptions"] == ["security_invoker=true"] for row in rows if row["relkind"] == "v")


def test_p9_a_person_reads_the_plant_and_own_roles_and_writes_nothing(plant: Database) -> None:
    person = plant.person("OPERADOR", "SPPV")
    with plant.as_role("authenticated", person):
        assert plant.one("select count(*) from linhas") == 37
        assert plant.one("select producao_acumulada from ordens_producao_ativas") == 8
        assert plant.sql("select papel, setor from papeis_usuario") == [{"papel": "OPERADOR", "setor": "SPPV"}]
        assert plant.one("select count(*) from pendencias") == 1
        for relation in relations(plant):
            plant.sql(f"select * from {relation}")
    for table in relations(plant, "r"):
        for statement in (f"delete from {table}", f"insert into {table} default values", f"truncate {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), plant.as_role("authenticated", person):
                plant.sql(statement)


def test_p9_a_person_cannot_record_counts(plant: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), plant.as_role("authenticated", plant.person("ADMIN")):
        plant.one("select registrar_contagens(%s::jsonb)", json.dumps([batch(2)]))


def test_p9_no_role_of_the_api_writes_any_table(hosted: Database) -> None:
    """Nor the service key: all that changes a row is a function, which knows who asks and why."""
    rights = hosted.sql(
        "select c.oid::regclass::text as name, x.grantee::regrole::text as role, x.privilege_type as what"
        " from pg_class as c cross join aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as x"
        " where c.relnamespace in ('public'::regnamespace, 'interno'::regnamespace)"
        " and c.relkind in ('r', 'p', 'v', 'm', 'f') and x.privilege_type <> 'SELECT'"
        " and (x.grantee = 0 or x.grantee::regrole::text in ('anon', 'authenticated', 'service_role'))"
    )
    columns = hosted.sql(
        "select attrelid::regclass::text as name from pg_attribute where attacl is not null"
        " and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)"
    )
    assert (rights, columns) == ([], [])


def test_p7_what_is_a_fact_is_append_only_by_trigger(plant: Database) -> None:
    guarded = plant.sql(
        "select distinct tgrelid::regclass::text as name from pg_trigger"
        " where tgfoid in ('interno.impedir_alteracao'::regproc, 'interno.proteger_evento'::regproc)"
    )
    assert {row["name"] for row in guarded} >= set(APPEND_ONLY)


def test_an_order_number_that_is_none_is_refused_by_the_table(plant: Database) -> None:
    with pytest.raises(psycopg.Error) as refused:
        plant.sql(
            "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)"
            " values ('1 2', 'L', '07010012', 1)"
        )
    assert (refused.value.sqlstate, refused.value.diag.message_primary) == ("PT422", "OP_INVALIDA")


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"])
def test_p7_records_of_fact_are_never_changed_even_by_their_owner(plant: Database, table: str, statement: str) -> None:
    column = plant.one(
        "select attname from pg_attribute where attrelid = %s::regclass order by attnum desc limit 1", table
    )
    with pytest.raises(psycopg.Error) as refused:
        plant.sql(statement.format(table, column, column))
    assert (refused.value.sqlstate, refused.value.diag.message_primary) == ("PT403", "SOMENTE_ACRESCIMO")


@pytest.mark.parametrize("table", ["quarentena", "contagens_intervalo", "ajustes_fechamento", "envios_totvs"])
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
def test_p10_what_waited_for_a_person_is_never_deleted(plant: Database, table: str, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        plant.sql(statement.format(table))
    assert refused.value.diag.message_primary == "SOMENTE_ACRESCIMO"


def test_p7_a_change_of_what_decides_totals_leaves_a_trail(plant: Database) -> None:
    plant.sql("update fatores_linha set fator = 6 where linha_id = %s", A)
    rows = plant.sql("select * from trilha_auditoria where objeto = %s order by id", f"fatores_linha:{A}")
    assert [one["acao"] for one in rows] == ["existente", "update"]  # what stood there before there was a trail
    (_, row) = rows
    assert (row["acao"], row["antes"]["fator"], row["depois"]["fator"]) == ("update", 8, 6)


def test_p9_every_table_view_function_and_quantity_has_a_comment(db: Database) -> None:
    """A name and a type say what a text or an instant is, but not in which unit a number counts."""
    silent = db.sql(
        "select relname as name from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null"
        " union all select proname from pg_proc where pronamespace in ('public'::regnamespace,"
        " 'interno'::regnamespace) and obj_description(oid, 'pg_proc') is null"
        " union all select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " and a.attnum > 0 and not a.attisdropped where c.relnamespace = 'public'::regnamespace"
        " and c.relkind in ('r', 'v') and a.atttypid in ('int4'::regtype, 'int8'::regtype, 'numeric'::regtype)"
        " and a.attname !~ '^(id|seq|.*_id)$' and col_description(c.oid, a.attnum) is null"
    )
    assert silent == []


def test_p10_every_function_a_pendency_names_exists_and_people_may_call_it(db: Database) -> None:
    definition = db.one("select pg_get_viewdef('pendencias'::regclass)")
    named = set(re.findall(r"'(\w+)'::text AS funcao", definition))
    assert named >= {"justificar_sem_ordem", "decidir_retido", "resolver_quarentena", "anular_sequencia"}
    for name in named:
        assert db.one("select papeis_da_funcao(%s)", name)
        assert db.one("select bool_and(has_function_privilege('authenticated', oid, 'execute')) from pg_proc"
                      " where pronamespace = 'public'::regnamespace and proname = %s", name)  # fmt: skip


def test_lots_are_followed_live_and_counts_are_not(db: Database) -> None:
    rows = db.sql("select tablename from pg_publication_tables where pubname = 'supabase_realtime'")
    assert rows == [{"tablename": "lotes_producao"}]


def test_the_plant_has_its_thirty_seven_lines(db: Database) -> None:
    rows = db.sql("select setor, etapa, count(*) n from linhas group by 1, 2 order by 1, 2")
    assert [tuple(row.values()) for row in rows] == [
        ("CPHD", "ENVASE", 2),
        ("LIQUIDOS", "EMBALAGEM", 2),
        ("LIQUIDOS", "ENVASE", 3),
        ("SPEP", "EMBALAGEM", 10),
        ("SPEP", "ENVASE", 10),
        ("SPPV", "EMBALAGEM", 5),
        ("SPPV", "ENVASE", 5),
    ]


def test_two_sources_cannot_count_one_line_at_one_instant(plant: Database) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation):
        plant.owner(A, "avulso")
    plant.owner(A, "avulso", role="conferencia")
