"""Who may read and write what, and what the schema promises about itself."""

import json

import psycopg
import pytest

from local.stack.database import T0, Database, batch

A = "SPEP-ENV-A"
FUNCTIONS = {
    "registrar_contagens": {"service_role"},
    "normalizar_op": {"authenticated", "service_role"},
    "papeis_da_funcao": {"authenticated", "service_role"},
    "abrir_ordem": {"authenticated", "service_role"},
    "encerrar_ordem": {"authenticated", "service_role"},
    "justificar_sem_ordem": {"authenticated", "service_role"},
    "resolver_quarentena": {"authenticated", "service_role"},
    "decidir_retido": {"authenticated", "service_role"},
    "anular_sequencia": {"authenticated", "service_role"},
    "encerrar_epoca": {"authenticated", "service_role"},
    "receber_eventos_totvs": {"service_role"},
    "registrar_tentativas": {"service_role"},
    "iniciar_sincronizacao_totvs": {"service_role"},
    "concluir_sincronizacao_totvs": {"service_role"},
    "resolver_evento_totvs": {"authenticated", "service_role"},
    "reconhecer_alteracao_op": {"authenticated", "service_role"},
    "verificar_abertura": {"authenticated", "service_role"},
    "registrar_refugo": {"authenticated", "service_role"},
    "estornar_refugo": {"authenticated", "service_role"},
    "registrar_contagem_manual": {"authenticated", "service_role"},
    "conciliar_refugo": {"authenticated", "service_role"},
    "assinar_diario": {"authenticated", "service_role"},
    "verificar_diario": {"authenticated", "service_role"},
    "verificar_assinatura": {"authenticated", "service_role"},
    "fechar_com_ressalva": {"authenticated", "service_role"},
    "decidir_ajustes": {"authenticated", "service_role"},
    "decidir_envio": {"authenticated", "service_role"},
    "rastrear": {"authenticated", "service_role"},
    "arquivos_da_linha": {"authenticated", "service_role"},
    "producao_janela": {"authenticated", "service_role"},
    "producao_hora": {"authenticated", "service_role"},
    "producao_turno": {"authenticated", "service_role"},
    "producao_op": {"authenticated", "service_role"},
    "paradas_linha": {"authenticated", "service_role"},
    "reprocessar_quarentena": {"authenticated", "service_role"},
    "fechar_lotes": {"service_role"},
    "reivindicar_envio": {"service_role"},
    "concluir_envio": {"service_role"},
    "campainhas_totvs": {"service_role"},
    "disjuntor_aberto": {"service_role"},
    "registrar_falha": {"service_role"},
    "motivos_falhas": {"service_role"},
    "registrar_descarte": {"service_role"},
    "saude_integracao": {"service_role"},
    "lacunas_gateways": {"service_role"},
    "anunciar_lacuna": {"service_role"},
    "quarentenas_a_reprocessar": {"service_role"},
    "declarar_restauracao": {"service_role"},
}
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
    "restauracoes",
]
MASTER_DATA = {
    "linhas",
    "fatores_linha",
    "fontes_linha",
    "gateways",
    "produtos",
    "lotes_producao",
    "papeis_usuario",
    "velocidades_nominais",
    "tipos_insumo",
    "familias_sem_lote",
    "insumos",
    "lotes_insumo",
    "parametros",
    "pessoas",
    "turnos",
    "etapas_familia",
}


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
    for function in FUNCTIONS:
        assert not executable(plant, function) & {"anon", "public"}


def executable(db: Database, function: str) -> set[str]:
    (row,) = db.sql("select oid, proacl::text as acl from pg_proc where proname = %s", function)
    roles = ("anon", "authenticated", "service_role")
    able = {r for r in roles if db.one("select has_function_privilege(%s, %s, 'execute')", r, row["oid"])}
    return able | ({"public"} if row["acl"] is None or "{=" in row["acl"] or ",=" in row["acl"] else set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p9_each_function_is_executed_by_those_it_is_meant_for(db: Database, function: str) -> None:
    assert executable(db, function) == FUNCTIONS[function]


def test_p9_there_is_no_public_function_but_the_listed(db: Database) -> None:
    rows = db.sql("select proname from pg_proc where pronamespace = 'public'::regnamespace")
    assert {row["proname"] for row in rows} == set(FUNCTIONS)


def test_p9_the_internal_schema_is_closed_to_the_api_roles(db: Database) -> None:
    for role in ("anon", "authenticated", "service_role"):
        assert not db.one("select has_schema_privilege(%s, 'interno', 'usage')", role)


def test_p9_every_table_has_row_level_security_and_every_view_its_readers_rights(db: Database) -> None:
    rows = db.sql(
        "select relname, relkind, relrowsecurity, reloptions from pg_class where relnamespace = 'public'::regnamespace"
    )
    assert all(row["relrowsecurity"] for row in rows if row["relkind"] == "r")
    assert all(row["reloptions"] == ["security_invoker=true"] for row in rows if row["relkind"] == "v")


def test_p9_a_signed_in_person_reads_the_plant_and_only_his_own_roles_and_writes_nothing(plant: Database) -> None:
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


def test_p9_the_service_key_keeps_master_data_and_changes_counts_through_functions_only(plant: Database) -> None:
    for table in relations(plant, "r"):
        for privilege in ("insert", "update", "delete"):
            allowed = plant.one("select has_table_privilege('service_role', %s, %s)", f"public.{table}", privilege)
            assert allowed is (table in MASTER_DATA), (table, privilege)
    with plant.as_role("service_role"):
        plant.sql("update produtos set descricao = 'SOL. CLORETO DE SODIO'")
        plant.sql("insert into gateways (gateway) values ('planta-7')")
        plant.sql("insert into fontes_linha (linha_id, fonte, de) values ('SPEP-ENV-I', 'planta-7', '2026-01-01Z')")
        plant.sql("update linhas set maximo_por_segundo = 100 where linha_id = 'SPEP-ENV-I'")
    with pytest.raises(psycopg.Error) as refused, plant.as_role("service_role"):
        plant.sql(
            "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)"
            " values ('1 2', 'L', '07010012', 1)"
        )
    assert refused.value.sqlstate == "PT422"


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"])
def test_p7_records_of_fact_are_never_changed_even_by_their_owner(plant: Database, table: str, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        plant.sql(statement.format(table, "motivo", "motivo"))
    assert (refused.value.sqlstate, refused.value.diag.message_primary) == ("PT403", "SOMENTE_ACRESCIMO")


@pytest.mark.parametrize("table", ["quarentena", "contagens_intervalo", "ajustes_fechamento", "envios_totvs"])
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
def test_p10_what_waited_for_a_person_is_never_deleted(plant: Database, table: str, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        plant.sql(statement.format(table))
    assert refused.value.diag.message_primary == "SOMENTE_ACRESCIMO"


def test_p7_a_change_of_what_decides_totals_leaves_a_trail_whoever_makes_it(plant: Database) -> None:
    with plant.as_role("service_role"):
        plant.sql("update fatores_linha set fator = 6 where linha_id = %s", A)
    (row,) = plant.sql("select * from trilha_auditoria where objeto = %s", f"fatores_linha:{A}")
    assert (row["acao"], row["antes"]["fator"], row["depois"]["fator"]) == ("update", 8, 6)


def test_every_table_column_and_function_is_explained_in_the_database(db: Database) -> None:
    silent = db.sql(
        "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0"
        " and not a.attisdropped where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')"
        " and col_description(c.oid, a.attnum) is null"
        " union all select relname, null from pg_class c where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null"
        " union all select proname, null from pg_proc where pronamespace in ('public'::regnamespace,"
        " 'interno'::regnamespace) and obj_description(oid, 'pg_proc') is null"
    )
    assert silent == []


def test_p10_every_function_a_pendency_names_exists_and_somebody_may_call_it(db: Database) -> None:
    definition = db.one("select pg_get_viewdef('pendencias'::regclass)")
    named = {name for name in FUNCTIONS if f"'{name}'::text AS funcao" in definition or f"'{name}'::text" in definition}
    assert {
        "justificar_sem_ordem",
        "decidir_retido",
        "resolver_quarentena",
        "anular_sequencia",
        "encerrar_epoca",
    } <= named
    for name in named - {"abrir_ordem"}:
        assert db.one("select papeis_da_funcao(%s)", name)


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
