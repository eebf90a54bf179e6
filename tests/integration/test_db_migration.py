"""`make migration`: from a changed definition to the statements that bring an installed database there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from local.schema import catalog, command, databases
from local.schema.command import Folders, MigrationError
from local.schema.databases import InstallationError
from local.schema.migration import TO_BE_WRITTEN, Migration, between
from local.stack.migrated import Cluster

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
Connection = psycopg.Connection[Any]

# Two views, one on the other, as both databases have them.
VIEWS = """
create view public.base as select linha_id, nome, setor from public.linhas;
create view public.sobre as select linha_id from public.base;
grant select on public.sobre to authenticated;
comment on column public.sobre.linha_id is 'da linha';
"""


class Pair(NamedTuple):
    """A database as it is and one as it should be; the same until a test changes the second."""

    old: Connection
    new: Connection

    def both(self, statements: str) -> None:
        for connection in self:
            connection.execute(statements.encode())

    def migration(self, change: str) -> Migration:
        self.new.execute(change.encode())
        before = {**catalog.read(self.old), **catalog.rows(self.old)}
        after = {**catalog.read(self.new), **catalog.rows(self.new)}
        return between(before, after, lambda fact: databases.dependants(self.old, before, fact))

    def apply(self, migration: Migration) -> None:
        """Apply it to the old database, which then is as the new one."""
        self.old.execute(migration.sql().encode())
        assert catalog.compare(catalog.read(self.old), catalog.read(self.new)) == {}


@contextmanager
def copy(cluster: Cluster) -> Iterator[Connection]:
    with cluster.fresh() as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def pair(cluster: Cluster) -> Iterator[Pair]:
    with copy(cluster) as old, copy(cluster) as new:
        yield Pair(old, new)


def heads(statements: list[str]) -> list[str]:
    return [statement.split("\n")[0] for statement in statements]


def test_what_has_not_changed_needs_no_migration(pair: Pair) -> None:
    assert pair.migration("select 1") == Migration()


def test_p1_a_changed_body_replaces_the_function(pair: Pair) -> None:
    made = pair.migration(
        "create or replace function interno.hora_local(p_instante timestamptz) returns text language sql stable"
        " set search_path = '' as $$ select to_char(p_instante, 'HH24') $$"
    )
    assert made.before == []
    assert heads(made.after) == ["CREATE OR REPLACE FUNCTION interno.hora_local(p_instante timestamp with time zone)"]
    pair.apply(made)


def test_p1_a_changed_answer_drops_the_function_and_restores_its_access(pair: Pair) -> None:
    made = pair.migration(
        "drop function public.anunciar_lacuna(text);"
        " create function public.anunciar_lacuna(p_chave text) returns integer language sql as 'select 1';"
        " revoke all on function public.anunciar_lacuna(text) from public;"
        " grant execute on function public.anunciar_lacuna(text) to service_role;"
        " comment on function public.anunciar_lacuna(text) is 'Quantas vezes.'"
    )
    assert made.before == ["drop function public.anunciar_lacuna(text)"]
    assert heads(made.after) == [
        "CREATE OR REPLACE FUNCTION public.anunciar_lacuna(p_chave text)",
        "revoke all on function public.anunciar_lacuna(text) from public, anon, authenticated, service_role",
        "grant execute on function public.anunciar_lacuna(text) to service_role",
        "comment on function public.anunciar_lacuna(text) is 'Quantas vezes.'",
    ]
    pair.apply(made)


@pytest.mark.parametrize(
    "arguments",
    ["p_op text, p_depois text default ''", "p_numero_op text"],
    ids=["an added argument with a default", "a renamed argument"],
)
def test_p1_a_changed_signature_drops_the_function(pair: Pair, arguments: str) -> None:
    made = pair.migration(
        "drop function interno.op_aberta(text);"
        f" create function interno.op_aberta({arguments}) returns boolean language sql as 'select true'"
    )
    assert made.before == ["drop function interno.op_aberta(text)"]
    pair.apply(made)


def test_p1_a_changed_output_argument_drops_the_function(pair: Pair) -> None:
    pair.both("create function interno.par(out a integer, out b integer) language sql as 'select 1, 2'")
    made = pair.migration(
        "drop function interno.par();"
        " create function interno.par(out a integer, out b text) language sql as 'select 1, 2::text'"
    )
    assert made.before == ["drop function interno.par()"]
    pair.apply(made)


def test_p1_an_argument_gains_a_default_in_place_and_loses_it_by_drop(pair: Pair) -> None:
    def function(default: str) -> str:
        return (
            "drop function if exists interno.soma(integer, integer);"
            f" create function interno.soma(a integer, b integer{default}) returns integer language sql"
            " as 'select a + b'"
        )

    pair.both(function(""))
    made = pair.migration(function(" default 1"))
    assert made.before == []
    pair.apply(made)
    made = pair.migration(function(""))
    assert made.before == ["drop function interno.soma(integer,integer)"]
    pair.apply(made)


def test_p1_an_appended_view_column_replaces_the_view(pair: Pair) -> None:
    pair.both(VIEWS)
    made = pair.migration(
        "create or replace view public.base as select linha_id, nome, setor, etapa from public.linhas"
    )
    assert made.before == []
    pair.apply(made)


def test_p1_a_dropped_view_column_makes_again_what_stands_on_the_view(pair: Pair) -> None:
    pair.both(VIEWS)
    made = pair.migration("drop view public.base cascade;" + VIEWS.replace("linha_id, nome, setor", "linha_id, setor"))
    assert made.before == ["drop view public.sobre", "drop view public.base"]
    assert heads(made.after) == [
        "create or replace view public.base as",
        "create or replace view public.sobre as",
        "revoke all on table public.base from public, anon, authenticated, service_role",
        "revoke all on table public.sobre from public, anon, authenticated, service_role",
        "grant select on table public.sobre to authenticated",
        "comment on column public.sobre.linha_id is 'da linha'",
    ]
    pair.apply(made)


NO_TABLE = """
revoke select on public.linhas from authenticated; grant update on public.linhas to service_role
grant execute on function public.saude_integracao() to anon with grant option
revoke usage on schema public from authenticated
grant usage on sequence public.quarentena_id_seq to anon
comment on column public.linhas.nome is null; comment on table public.linhas is 'd''água'
create or replace trigger auditar after delete on public.linhas for each row execute function interno.auditar_cadastro()
drop trigger auditar on public.gateways
alter policy leitura on public.linhas to anon, service_role using (ativa)
create policy escrita on public.linhas as restrictive for insert to public with check (not ativa)
drop policy leitura on public.gateways
alter table public.gateways disable row level security
drop index public.lotes_producao_lote; create unique index lotes_producao_lote on public.lotes_producao (dossie)
drop index public.lotes_producao_produto
drop statistics public.contagens_minuto_sem_ordem_estatistica
alter publication supabase_realtime add table public.linhas
alter publication supabase_realtime drop table public.lotes_producao
create function interno.dobro(x integer) returns integer language sql as 'select 2 * x'
create view public.dobros with (security_invoker = true) as select interno.dobro(fator) as d from public.fatores_linha
drop function public.rastrear(text)
"""


def test_p1_whatever_is_no_table_is_brought_along(pair: Pair) -> None:
    for change in NO_TABLE.strip().split("\n"):
        made = pair.migration(change)
        assert made != Migration(), change
        assert made.by_hand == [], change
        pair.apply(made)


DATA = {
    "alter table public.linhas add column piso integer not null default 1": (
        "column public.linhas.piso is new: integer not null default 1"
    ),
    "alter table public.linhas drop column marca_clp": "column public.linhas.marca_clp is gone, it was: text",
    "alter table public.produtos alter column tipo type varchar(60)": (
        "column public.produtos.tipo was: text\n  and is: character varying(60)"
    ),
    "alter table public.gateways add check (descricao <> 'x')": (
        "constraint gateways_descricao_check on public.gateways is new: CHECK ((descricao <> 'x'::text))"
    ),
    "create table public.nova (id integer)": "table public.nova is new: r p",
    "alter domain interno.contagem add check (value < 9)": (
        "domain interno.contagem was: bigint CHECK ((VALUE >= 0))\n"
        "  and is: bigint CHECK ((VALUE >= 0)) CHECK ((VALUE < 9))"
    ),
    "insert into public.turnos (turno, inicio, fim) values ('X1', '06:00', '07:00')": (
        'row public.turnos {"fim": "07:00:00", "turno": "X1", "inicio": "06:00:00"} is new'
    ),
}


def test_p1_what_holds_data_is_left_to_a_person(pair: Pair) -> None:
    for change, difference in DATA.items():
        made = pair.migration(change)
        assert difference in made.by_hand
    assert TO_BE_WRITTEN in made.sql()


def test_p1_a_check_that_stands_on_a_dropped_function_is_left_to_a_person(pair: Pair) -> None:
    made = pair.migration(
        "alter table public.lotes_producao drop constraint lotes_producao_numero_op_check;"
        " drop function public.normalizar_op(text)"
    )
    assert (
        "constraint lotes_producao_numero_op_check on public.lotes_producao stands on function"
        " public.normalizar_op(text), which is dropped"
    ) in made.by_hand


def test_p9_a_new_object_takes_back_what_the_hosted_supabase_gives(cluster: Cluster) -> None:
    server = cluster.url("postgres")
    with (
        databases.temporary(server, "hospedada_a") as a,
        databases.temporary(server, "hospedada_b") as b,
        psycopg.connect(a, autocommit=True) as old,
        psycopg.connect(b, autocommit=True) as new,
    ):
        pair = Pair(old, new)
        made = pair.migration(
            "create function public.nova() returns integer language sql as 'select 1';"
            " revoke all on function public.nova() from public, anon, authenticated, service_role;"
            " grant execute on function public.nova() to authenticated"
        )
        pair.apply(made)
        assert old.execute("select has_function_privilege('anon', 'public.nova()', 'execute')").fetchone() == (False,)


# The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "migrations", tmp_path / "schemas")
    shutil.copytree(command.MIGRATIONS, made.migrations)
    shutil.copytree(command.SCHEMAS, made.schemas)
    return made


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> str:
    return cluster.url("postgres")


def edit(folders: Folders, old: str, new: str) -> None:
    (file,) = (file for file in folders.schemas.glob("*.sql") if old in file.read_text())
    file.write_text(file.read_text().replace(old, new, 1))


def test_p1_make_migration_writes_what_changed_and_then_nothing(server: str, folders: Folders) -> None:
    edit(folders, "'DD/MM/YYYY HH24:MI:SS'", "'DD/MM/YYYY HH24:MI'")
    written = command.write(server, "hora_curta", folders, NOW)
    assert written == folders.migrations / "20270102030405_hora_curta.sql"
    assert "CREATE OR REPLACE FUNCTION interno.hora_local" in written.read_text()
    assert command.write(server, "nada", folders, NOW + timedelta(seconds=1)) is None


def test_p1_a_table_is_written_by_hand_and_verified(server: str, folders: Folders) -> None:
    edit(
        folders,
        "    ativa boolean not null default true,",
        "    ativa boolean not null default true,\n    piso integer,",
    )
    with pytest.raises(MigrationError, match="piso is new: integer"):
        command.write(server, "piso", folders, NOW)
    (file,) = folders.migrations.glob("*_piso.sql")
    with pytest.raises(MigrationError, match="still has a part to be written by hand"):
        command.write(server, "piso", folders, NOW)
    file.write_text(file.read_text().replace(TO_BE_WRITTEN, "alter table public.linhas add column piso text;"))
    with pytest.raises(MigrationError, match=r"piso was: text\n\s+and is: integer"):
        command.write(server, "piso_ainda", folders, NOW + timedelta(seconds=1))
    next(folders.migrations.glob("*_piso_ainda.sql")).unlink()
    file.write_text(file.read_text().replace("piso text", "piso integer"))
    assert command.write(server, "piso", folders, NOW + timedelta(seconds=1)) is None


def test_p1_a_name_or_a_clock_that_would_break_the_order_is_refused(server: str, folders: Folders) -> None:
    edit(folders, "'DD/MM/YYYY HH24:MI:SS'", "'DD/MM/YYYY HH24:MI'")
    for name in ("", "Nova", "a-b", "../fora"):
        with pytest.raises(MigrationError, match="is no name for a migration"):
            command.write(server, name, folders, NOW)
    with pytest.raises(MigrationError, match="this computer's clock is wrong"):
        command.write(server, "cedo", folders, datetime(2025, 1, 1, tzinfo=UTC))


def test_a_definition_that_postgresql_refuses_is_named(server: str, folders: Folders) -> None:
    edit(folders, "create table public.linhas (", "create tabela public.linhas (")
    with pytest.raises(InstallationError, match=r'020_master_data\.sql: syntax error at or near "tabela"'):
        command.write(server, "erro", folders, NOW)
