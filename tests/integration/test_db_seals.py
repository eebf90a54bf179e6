"""Sealing: which rows, in which order, as which text, and what becomes of it when something happens in between."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws
from psycopg.conninfo import make_conninfo

from local.stack.database import T0, Database
from operations.audit.evidence import DatabaseUnreadableError, connected
from operations.audit.master_data import MASTER
from operations.audit.nightly import audit_day
from operations.audit.seals.chain import Chain
from operations.audit.seals.rows import Rows
from operations.audit.seals.seal import Seal, row_hash
from operations.audit.seals.sealing import seal_rows
from operations.audit.seals.tables import BY_NAME, SEALED

A, OP = "SPEP-ENV-A", "000123"
BUCKET = "selos"
NOT_SEALED = {
    "arquivos_ingeridos": "what machines counted: the objects of the plant's bucket are its witness",
    "contagens_retiradas": "what machines counted",
    "fechamento_totais": "sealed with their row of fechamentos_lote",
    "falhas_mensagens": "why a message failed; what people did about it is sealed",
    "pedidos_respondidos": "answers kept so that a repeated request changes nothing",
    "selos": "copies of the chain",
    "auditorias": "copies of what lies in the chain's bucket",
}
"""Tables that only take additions and are not sealed, and why."""


@pytest.fixture
def s3() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        yield client


@pytest.fixture
def chain(s3: Any) -> Chain:
    return Chain(s3, BUCKET, locked=False)


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A)
    db.lot(OP)
    db.boss = db.person("SUPERVISOR")
    db.open(db.boss, OP, A, T0)
    return db


def refuse(db: Database, amount: int = 20) -> int:
    """A person types refused units; the row's number."""
    return int(
        db.call(
            db.boss,
            "registrar_refugo",
            p_numero_op=OP,
            p_linha_id=A,
            p_em=T0,
            p_codigo="",
            p_tipo="RETEM",
            p_quantidade=amount,
        )["id"]
    )


def seals(chain: Chain) -> list[Seal]:
    return [chain.read(kept) for kept in chain.kept()]


def sealed(chain: Chain, table: str) -> list[int]:
    return [line.number for seal in seals(chain) for line in seal.lines if line.table == table]


def texts(url: str, table: str) -> list[str]:
    with connected(url) as connection:
        rows = Rows(connection)
        return [row.text for row in rows.of(BY_NAME[table], list(rows.numbers(BY_NAME[table])), rows.columns)]


def test_p7_the_audit_replays_the_trail_of_every_table_that_has_one(db: Database) -> None:
    trailed = db.sql(
        "select distinct tgrelid::regclass::text as name from pg_trigger"
        " where tgfoid = 'interno.auditar_cadastro'::regproc"
    )
    assert {row["name"] for row in trailed} == set(MASTER)


def test_p9_the_audits_login_reads_what_is_sealed_and_writes_nothing(db: Database) -> None:
    rights = db.sql(
        "select c.relname, has_table_privilege('sicfar_auditoria', c.oid, 'select') as reads,"
        " has_table_privilege('sicfar_auditoria', c.oid, 'insert, update, delete, truncate') as writes"
        " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')"
    )
    assert {*MASTER, *(table.name for table in SEALED)} <= {row["relname"] for row in rights if row["reads"]}
    assert [row["relname"] for row in rights if row["writes"]] == []


def test_p7_every_append_only_table_is_sealed_or_says_why_not(db: Database) -> None:
    guarded = db.sql(
        "select tgrelid::regclass::text as name from pg_trigger where tgfoid = 'interno.impedir_alteracao'::regproc"
        " and tgtype & 16 = 16"  # UPDATE, too: a row that may change cannot be sealed
    )
    names = {table.name for table in SEALED}
    assert {row["name"] for row in guarded} == names | NOT_SEALED.keys()
    assert not names & NOT_SEALED.keys()


def test_p7_all_that_is_committed_is_sealed_once(plant: Database, chain: Chain) -> None:
    first = refuse(plant)
    done = seal_rows(plant.url, chain)
    assert (done.seals, done.last, done.disputed, done.adopted) == (1, 1, 0, 0)
    assert sealed(chain, "perdas_qualidade") == [first]
    assert seal_rows(plant.url, chain).seals == 0
    second = refuse(plant)
    assert seal_rows(plant.url, chain).last == 2
    assert sealed(chain, "perdas_qualidade") == [first, second]
    one, two = seals(chain)
    assert (one.header.previous, two.header.previous) == (None, one.sha256)
    assert two.header.complete
    copies = plant.sql("select posicao, anterior, sha256 from selos order by 1")
    assert [tuple(row.values()) for row in copies] == [(1, None, one.sha256), (2, one.sha256, two.sha256)]


def test_p7_a_row_that_commits_late_is_in_a_later_seal(plant: Database, chain: Chain) -> None:
    """Neither waits for the other: the writer commits while the seal is made, and the seal while the writer works."""
    late = psycopg.connect(plant.url)
    (number,) = late.execute(
        "insert into trilha_auditoria (papel, acao, objeto) values ('TESTE', 'teste', 'tarde') returning id"
    ).fetchone()  # type: ignore[misc]
    other = refuse(plant)
    assert seal_rows(plant.url, chain).seals == 1
    newest = plant.one("select max(id) from trilha_auditoria")
    assert number < newest
    assert number not in sealed(chain, "trilha_auditoria")
    late.commit()
    late.close()
    assert seal_rows(plant.url, chain).seals == 1
    assert sealed(chain, "trilha_auditoria").count(number) == 1
    assert sealed(chain, "perdas_qualidade") == [other]


def test_p7_writers_beside_a_sealer_lose_no_row(plant: Database, chain: Chain) -> None:
    def write(url: str, times: int) -> None:
        with psycopg.connect(url) as own:
            for n in range(times):
                own.execute("insert into trilha_auditoria (papel, acao, objeto) values ('T', 't', 'x')")
                (own.rollback if n % 5 == 0 else own.commit)()

    writers = [threading.Thread(target=write, args=(plant.url, 60)) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seal_rows(plant.url, chain, most=7)
    for writer in writers:
        writer.join()
    seal_rows(plant.url, chain, most=7)
    found = sealed(chain, "trilha_auditoria")
    there = [row["id"] for row in plant.sql("select id from trilha_auditoria order by id")]
    assert sorted(found) == there
    assert [seal.header.position for seal in seals(chain)] == list(range(1, len(seals(chain)) + 1))


def test_p7_two_sealers_make_one_chain(plant: Database, chain: Chain) -> None:
    for _ in range(30):
        refuse(plant)
    faults: list[BaseException] = []

    def seal() -> None:
        try:
            seal_rows(plant.url, chain, most=5)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert faults == []
    made = seals(chain)
    assert [seal.header.previous for seal in made] == [None, *(seal.sha256 for seal in made[:-1])]
    assert plant.one("select count(*) from selos") == len(made)


def test_p6_a_seal_whose_copy_was_lost_is_copied_by_the_next_run(plant: Database, chain: Chain) -> None:
    refuse(plant)
    seal_rows(plant.url, chain)
    refuse(plant)
    plant.sql("alter table selos add constraint fora_do_ar check (posicao < 2)")
    with pytest.raises(DatabaseUnreadableError):
        seal_rows(plant.url, chain)
    plant.sql("alter table selos drop constraint fora_do_ar")
    assert plant.one("select max(posicao) from selos") == 1
    assert len(seals(chain)) == 2
    done = seal_rows(plant.url, chain)
    assert (done.adopted, done.seals, done.last) == (1, 0, 2)
    assert plant.one("select max(posicao) from selos") == 2


def test_p7_numbers_that_were_sealed_are_not_given_again(plant: Database, chain: Chain) -> None:
    """The database comes back as an older copy: what it lost stays sealed, and new rows are told apart from it."""
    refuse(plant)
    seal_rows(plant.url, chain)
    lost = refuse(plant)
    seal_rows(plant.url, chain)
    plant.sql("set session_replication_role = replica")
    plant.sql("delete from perdas_qualidade where id = %s", lost)
    plant.sql("delete from trilha_auditoria where objeto = %s", f"perdas_qualidade:{lost}")
    plant.sql("delete from selos where posicao = 2")
    plant.sql("select setval('perdas_qualidade_id_seq', %s)", lost - 1)
    plant.sql("set session_replication_role = origin")
    assert seal_rows(plant.url, chain).adopted == 1
    assert refuse(plant) > lost


def test_p7_a_copy_that_says_more_than_the_bucket_is_not_believed(plant: Database, chain: Chain) -> None:
    refuse(plant)
    seal_rows(plant.url, chain)
    plant.sql("insert into selos select 2, %s, %s, now(), 1", "a" * 64, "b" * 64)
    number = refuse(plant)
    done = seal_rows(plant.url, chain)
    assert (done.last, done.disputed) == (2, 1)
    assert number in sealed(chain, "perdas_qualidade")
    assert seals(chain)[1].header.previous == seals(chain)[0].sha256


SETTINGS = (
    "set timezone = 'America/Fortaleza'",
    "set datestyle = 'German'",
    "set extra_float_digits = -5",
    "set intervalstyle = 'iso_8601'",
    "set bytea_output = 'escape'",
)


def test_p7_no_setting_changes_a_rows_text(plant: Database) -> None:
    refuse(plant)
    plant.sql(
        "insert into recebimentos_totvs (chave, origem, recebido_em, bruto) values ('x', 'webhook', now(), %s)",
        b"\x00\xff'",
    )
    before = {table.name: texts(plant.url, table.name) for table in SEALED}
    database = plant.one("select current_database()")
    for setting in SETTINGS:
        plant.sql(f"alter database {database} {setting}")
        assert {table.name: texts(plant.url, table.name) for table in SEALED} == before, setting


def test_p7_a_column_added_later_changes_no_sealed_text(plant: Database, chain: Chain) -> None:
    number = refuse(plant)
    seal_rows(plant.url, chain)
    (seal,) = seals(chain)
    (line,) = (one for one in seal.lines if one.table == "perdas_qualidade")
    plant.sql("alter table perdas_qualidade add column nova integer not null default 7")
    with connected(plant.url) as connection:
        rows = Rows(connection)
        (row,) = rows.of(BY_NAME["perdas_qualidade"], [number], seal.header.columns)
        assert row_hash(row.text) == line.sha256
        (whole,) = rows.of(BY_NAME["perdas_qualidade"], [number], rows.columns)
        assert '"nova": 7' in whole.text


def test_p7_a_function_made_to_lie_about_a_row_is_not_asked(plant: Database) -> None:
    before = texts(plant.url, "trilha_auditoria")
    plant.sql(
        "create function public.to_jsonb(public.trilha_auditoria) returns jsonb language sql"
        " as $$ select '{}'::jsonb $$"
    )
    assert texts(plant.url, "trilha_auditoria") == before


@pytest.fixture
def login(plant: Database) -> Iterator[str]:
    plant.sql("alter role sicfar_auditoria login bypassrls password 'x'")
    yield make_conninfo(plant.url, user="sicfar_auditoria", password="x")
    plant.sql("alter role sicfar_auditoria nologin nobypassrls password null")


def test_p9_its_own_login_seals_and_changes_no_row(plant: Database, chain: Chain, login: str) -> None:
    refuse(plant)
    assert seal_rows(login, chain).seals == 1
    with psycopg.connect(login) as own:
        rights = own.execute(
            "select c.relname from pg_class as c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
            " and has_table_privilege(c.oid, 'insert, update, delete, truncate, references, trigger')"
        ).fetchall()
        assert rights == []
        functions = own.execute(
            "select p.proname from pg_proc as p where p.pronamespace = 'interno'::regnamespace"
            " and has_function_privilege(p.oid, 'execute') order by 1"
        ).fetchall()
        assert functions == [("registrar_auditoria",), ("registrar_selo",)]


def test_p9_its_own_login_audits_a_night(plant: Database, chain: Chain, login: str) -> None:
    refuse(plant)
    seal_rows(login, chain)
    summary = audit_day(login, chain, datetime.now(UTC))
    assert (summary.differences, summary.last_seal) == (0, 1)
    assert plant.one("select diferencas from auditorias") == 0


def test_p7_a_login_that_sees_no_rows_is_no_empty_seal(plant: Database, chain: Chain, login: str) -> None:
    refuse(plant)
    plant.sql("alter role sicfar_auditoria nobypassrls")
    with pytest.raises(DatabaseUnreadableError, match="não vê todas as linhas"):
        seal_rows(login, chain)
    assert seals(chain) == []
