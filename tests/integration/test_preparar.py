"""`sicfar preparar` and `sicfar migrar`: each thing that is missing is named with its next step, or made."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local.bundle import ROOT
from local.processes import LOOPBACK, free_port
from local.release import lay
from local.stack import emulator, erp
from local.stack.emulator import Emulator
from local.stack.erp import Erp
from local.stack.run_folder import temporary_run
from local.stack.stack import Stack
from operations import cli

ALL = {
    *(
        "parâmetros",
        "credenciais",
        "cota do Lambda",
        "bucket do deploy",
        "segredo totvs-webhook",
        "segredo fechamentos",
    ),
    *("segredo supabase", "segredo totvs", "segredo auditoria", "parâmetro do TOTVS", "TOTVS", "Supabase", "migrações"),
    *("e-mail dos alarmes", "remetente do resumo"),
}
Said = tuple[int, dict[str, tuple[str, str]]]
Prepare = Callable[..., Said]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(ROOT, tmp_path_factory.mktemp("versao"), "teste")


@pytest.fixture
def account() -> Iterator[tuple[Emulator, Erp]]:
    """An empty account, and an ERP."""
    with temporary_run() as run:
        yield emulator.start(run), erp.start(run)


@pytest.fixture
def prepare(
    account: tuple[Emulator, Erp],
    supabase_stack: Stack,
    release: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Prepare:
    """Runs the command; returns its exit code and, by thing, how it was found and the rest of its lines."""
    aws, totvs = account
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    config = tmp_path / "endpoints.json"
    config.write_text(totvs.configuration(), encoding="utf-8")

    def run(*words: str, answers: str = "", **said: object) -> Said:
        file = tmp_path / "homolog.json"
        environment = {"ambiente": "homolog", "supabaseUrl": supabase_stack.supabase.url, "totvsConfig": str(config)}
        file.write_text(json.dumps({**environment, **said}), encoding="utf-8")
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        code = cli.main(["preparar", "--ambiente", "homolog", "--arquivo", str(file), "--versao", str(release), *words])
        output = capsys.readouterr().out
        for secret in (supabase_stack.supabase.secret_key, totvs.password):
            assert secret not in output
        rows: dict[str, tuple[str, str]] = {}
        what = ""
        for line in output.splitlines():
            if line[15:37].strip():
                what = line[15:37].strip()
                rows[what] = (line[:13].strip(), line[39:])
            elif "→" in line:
                rows[what] = (rows[what][0], rows[what][1] + " " + line.strip())
        return code, {name: row for name, row in rows.items() if name in ALL}

    return run


def answers(stack: Stack, totvs: Erp) -> str:
    """What a person types: the project's key, the ERP's user and password, the audit's way into the database."""
    return f"{stack.supabase.secret_key}\n{totvs.username}\n{totvs.password}\n{stack.database.url}\n"


def states(rows: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: state for name, (state, _) in rows.items()}


def test_p9_from_an_empty_account_to_nothing_missing(
    prepare: Prepare, account: tuple[Emulator, Erp], supabase_stack: Stack, tmp_path: Path
) -> None:
    aws, totvs = account
    code, rows = prepare("--simular")
    assert code == 1
    assert set(rows) == ALL
    assert states(rows)["segredo fechamentos"] == "seria criado"
    assert aws.secrets.list_secrets()["SecretList"] == []
    assert aws.s3.list_buckets()["Buckets"] == []
    code, rows = prepare(answers=answers(supabase_stack, totvs))
    assert code == 1, rows
    assert {name for name, state in states(rows).items() if state == "criado"} == {
        *("bucket do deploy", "segredo totvs-webhook", "segredo fechamentos", "segredo supabase", "segredo totvs"),
        "segredo auditoria",
    }
    assert {name for name, state in states(rows).items() if state == "falta"} == {"parâmetro do TOTVS"}
    words = rows["parâmetro do TOTVS"][1].split("→ sicfar ")[1].split()
    assert cli.main(words) == 0
    code, rows = prepare()
    assert code == 0, rows
    assert set(states(rows).values()) == {"OK", "não conferido"}
    made = {
        one: aws.secrets.get_secret_value(SecretId=f"sicfar/homolog/{one}")["SecretString"]
        for one in ("totvs-webhook", "fechamentos", "totvs")
    }
    assert len(made["totvs-webhook"]) >= 43
    assert made["totvs-webhook"] != made["fechamentos"]
    assert json.loads(made["totvs"]) == {"username": totvs.username, "password": totvs.password}
    # Once more changes nothing.
    assert prepare()[0] == 0
    assert aws.secrets.get_secret_value(SecretId="sicfar/homolog/fechamentos")["SecretString"] == made["fechamentos"]


@pytest.fixture
def prepared(prepare: Prepare, account: tuple[Emulator, Erp], supabase_stack: Stack) -> Prepare:
    """The command, where nothing is missing."""
    aws, totvs = account
    prepare(answers=answers(supabase_stack, totvs))
    aws.ssm.put_parameter(Name="/sicfar/homolog/totvs", Value="{}", Type="String")
    assert prepare()[0] == 0
    return prepare


def test_each_thing_that_is_missing_is_named_with_its_next_step(
    prepared: Prepare, account: tuple[Emulator, Erp], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws, totvs = account

    def missing(*words: str, **said: object) -> dict[str, str]:
        code, rows = prepared(*words, **said)
        assert code == 1
        found = {name: rest for name, (state, rest) in rows.items() if state == "falta"}
        assert all("→" in rest for rest in found.values()), found
        return found

    closed = f"http://{LOOPBACK}:{free_port()}"
    assert set(missing(supabaseUrl=closed)) == {"Supabase"}
    assert "parâmetros" in missing(parametros={"NivelLogs": "DEBUG"})
    assert "SES" in missing(parametros={"ResumoRemetente": "sicfar@planta.example"})["remetente do resumo"]
    totvs.leave()
    assert set(missing()) == {"TOTVS"}
    assert prepared("--sem-totvs")[0] == 0
    totvs.come_back()
    aws.ssm.delete_parameter(Name="/sicfar/homolog/totvs")
    aws.secrets.delete_secret(SecretId="sicfar/homolog/supabase", ForceDeleteWithoutRecovery=True)
    assert set(missing("--simular")) == {"parâmetro do TOTVS", "segredo supabase"}
    aws.secrets.create_secret(Name="sicfar/homolog/supabase", SecretString="sb_secret_de_outro_projeto")
    assert set(missing()) == {"parâmetro do TOTVS", "Supabase"}
    # Without AWS what is not on AWS is looked at all the same.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert set(missing()) == {"credenciais"}
    code, rows = prepared(supabaseUrl=closed)
    assert (code, rows["Supabase"][0]) == (1, "falta")


def test_an_identity_verified_by_its_domain_sends_the_digest(prepared: Prepare, account: tuple[Emulator, Erp]) -> None:
    account[0].emails.create_email_identity(EmailIdentity="planta.example")
    _, rows = prepared(parametros={"ResumoRemetente": "sicfar@planta.example", "AlarmesEmail": "ti@planta.example"})
    assert rows["remetente do resumo"] == ("OK", "planta.example verificado no SES")
    assert rows["e-mail dos alarmes"][0] == "OK"


def test_a_database_without_the_last_migration_is_named(prepared: Prepare, supabase_stack: Stack) -> None:
    with psycopg.connect(supabase_stack.database.url, autocommit=True) as connection:
        (last,) = connection.execute("select max(version) from supabase_migrations.schema_migrations").fetchone() or ()
        connection.execute("delete from supabase_migrations.schema_migrations where version = %s", (last,))
        try:
            assert prepared()[1]["migrações"] == (
                "falta",
                f"faltam 1, a primeira é {last} → sicfar migrar --ambiente homolog",
            )
        finally:
            connection.execute("insert into supabase_migrations.schema_migrations (version) values (%s)", (last,))
        connection.execute("insert into supabase_migrations.schema_migrations (version) values ('99990101000000')")
        try:
            assert "mais nova" in prepared()[1]["migrações"][1]
        finally:
            connection.execute("delete from supabase_migrations.schema_migrations where version = '99990101000000'")


def migrate(monkeypatch: pytest.MonkeyPatch, url: str, release: Path, *words: str) -> int:
    monkeypatch.setenv("DATABASE_URL", url)
    options = ("--ambiente", "homolog", "--supabase-url", "https://abc.supabase.co", "--versao", str(release))
    return cli.main(["migrar", *options, *words])


def test_an_empty_database_is_migrated_once_and_goes_on_after_a_fault(
    supabase_stack: Stack, release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(supabase_stack.database.url, autocommit=True) as connection:
        connection.execute("create database vazio")
    url = make_conninfo(supabase_stack.database.url, dbname="vazio")
    count = len(list((release / "migrations").glob("*.sql")))
    try:
        assert migrate(monkeypatch, url, release, "--simular") == 0
        assert f"{count} migrações por aplicar" in capsys.readouterr().out
        with psycopg.connect(url, autocommit=True) as connection:
            # What the first migration makes is in its way.
            connection.execute("create schema interno")
        assert migrate(monkeypatch, url, release) == 2
        assert "20260101000100_roles_and_helpers.sql" in capsys.readouterr().err
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("drop schema interno")
        assert migrate(monkeypatch, url, release) == 0
        assert f"{count} migrações aplicadas" in capsys.readouterr().out
        assert migrate(monkeypatch, url, release) == 0
        assert "já era desta versão" in capsys.readouterr().out
        with psycopg.connect(url) as connection:
            (listed,) = connection.execute("select migracoes_aplicadas()").fetchone() or ()
            kept = "select count(*) from supabase_migrations.schema_migrations where statements is not null"
            assert connection.execute(kept).fetchone() == (count,)
        assert len(listed) == count
    finally:
        with psycopg.connect(supabase_stack.database.url, autocommit=True) as connection:
            connection.execute("drop database vazio with (force)")


def test_p9_a_refused_connection_does_not_show_the_password(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"postgresql://postgres:senha-secreta@{LOOPBACK}:{free_port()}/postgres"
    assert migrate(monkeypatch, url, release) == 2
    output = "".join(capsys.readouterr())
    assert "DATABASE_URL" in output
    assert "senha-secreta" not in output
