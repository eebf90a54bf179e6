"""`sicfar implantar` and `sicfar testar` on an account of their own: a first deploy, a second one, and the probes."""

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from local.bundle import ROOT
from local.release import lay
from local.stack import emulator
from local.stack.emulator import REGION, Emulator
from local.stack.run_folder import temporary_run
from local.stack.stack import Stack
from operations import cli

SHIPPED = str(ROOT / "config" / "endpoints.json")
NOT_SHOWN = {"devolução da fila de mortos", "lote gravado não é substituído", "gateway fora da sua pasta"}


@pytest.fixture(scope="module")
def release(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of what the session's stack was built from, without what only AWS knows and the emulator refuses."""
    built = tmp_path_factory.mktemp("construido")
    shutil.copytree(stack.run.path / "build" / "product", built, dirs_exist_ok=True)
    template = built / "template.yaml"
    text, found = re.subn(
        r"(?m)^  NaAws:\n(?:    .*\n)+",
        "  NaAws:\n    Fn::Equals: [aws, emulada]\n",
        template.read_text(encoding="utf-8"),
    )
    assert found == 1
    template.write_text(text, encoding="utf-8")
    return lay(built, tmp_path_factory.mktemp("versao"), "teste")


@contextmanager
def empty_account() -> Iterator[Emulator]:
    """An account of its own, which every command acts on meanwhile."""
    with temporary_run() as run, pytest.MonkeyPatch.context() as patched:
        aws = emulator.start(run)
        for name, value in aws.environment().items():
            patched.setenv(name, value)
        yield aws


@pytest.fixture
def account() -> Iterator[Emulator]:
    with empty_account() as made:
        yield made


def deploy(stack: Stack, release: Path, *words: str) -> int:
    options = ("--ambiente", "homolog", "--supabase-url", stack.supabase.url, "--versao", str(release))
    return cli.main(["implantar", *options, "--totvs-config", SHIPPED, "--sem-envios", *words])


def prepared(stack: Stack, release: Path) -> None:
    """What `sicfar preparar` makes; the ERP of the shipped file is nowhere."""
    answers = "\n".join((stack.supabase.secret_key, "usuario", "senha", stack.audit_url, ""))
    options = ("--ambiente", "homolog", "--supabase-url", stack.supabase.url, "--versao", str(release))
    with pytest.MonkeyPatch.context() as typed:
        typed.setattr("sys.stdin", io.StringIO(answers))
        cli.main(["preparar", *options, "--sem-totvs", "--totvs-config", SHIPPED])


def api(account: Emulator) -> str:
    """Where the emulator serves what the stack's output names by AWS's name."""
    (found,) = account.apigateway.get_rest_apis()["items"]
    return f"{account.endpoint_url}/restapis/{found['id']}/homolog/_user_request_"


def probe(account: Emulator, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, str]]:
    capsys.readouterr()
    code = cli.main(["testar", "--ambiente", "homolog", "--endereco", api(account), *words])
    lines = [line for line in capsys.readouterr().out.splitlines() if line[19:20].strip()]
    return code, {line[19:53].strip(): line[:17].strip() for line in lines if len(line) > 54}


def test_p9_a_release_is_deployed_once_protected_and_probed(
    stack: Stack, release: Path, account: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["testar", "--ambiente", "homolog"]) == 2  # there is no stack yet
    assert "sicfar implantar" in capsys.readouterr().err
    prepared(stack, release)
    assert deploy(stack, release, "--simular") == 0
    assert (
        account.cloudformation.list_stacks()["StackSummaries"] == []
        or not account.functions.list_functions()["Functions"]
    )
    assert deploy(stack, release, "--sim", "--parametro", "AlarmesEmail=ti@planta.example") == 0
    output = capsys.readouterr().out
    assert "uma pilha nova" in output
    assert "Implantado." in output
    described = account.cloudformation.describe_stacks(StackName="sicfar-homolog")["Stacks"][0]
    assert described["EnableTerminationProtection"] is True
    # Nothing to change is no failure, and says so.
    assert deploy(stack, release, "--sim", "--parametro", "AlarmesEmail=ti@planta.example") == 0
    assert "a pilha já era assim" in capsys.readouterr().out
    code, probes = probe(account, capsys, "--alarme")
    assert {what for what, outcome in probes.items() if outcome == "não mostrado aqui"} == NOT_SHOWN
    assert {what for what, outcome in probes.items() if outcome == "falhou"} <= {"inscrição dos alarmes confirmada"}
    assert len(probes) == 17
    assert code == (1 if "falhou" in probes.values() else 0)


def test_a_deploy_that_is_not_confirmed_changes_nothing(
    stack: Stack, release: Path, account: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(stack, release)
    monkeypatch.setattr("operations.deployment.commands._confirmed", lambda: False)
    assert deploy(stack, release) == 1
    assert "Nada foi feito." in capsys.readouterr().out
    assert account.functions.list_functions()["Functions"] == []
    with pytest.raises(account.ssm.exceptions.ParameterNotFound):
        account.ssm.get_parameter(Name="/sicfar/homolog/totvs")
    assert deploy(stack, release, "--sim", "--parametro", "NivelLogs=DEBUG") == 2
    assert "seria NivelLog?" in capsys.readouterr().err


def test_a_failed_first_deploy_says_its_cause_and_what_to_do(
    stack: Stack, release: Path, account: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(stack, release)
    bucket, user = "sicfar-contagens-homolog-000000000000", "sicfar-homolog-gateway-farmace-spep"  # somebody has them
    account.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    iam = boto3.client("iam")
    iam.create_user(UserName=user)
    for cause, undo in (
        # What CloudFormation found before it began, and what failed half way.
        ("PlantBucket (AWS::S3::Bucket): ", lambda: account.s3.delete_bucket(Bucket=bucket)),
        ("GatewayUser (AWS::IAM::User) falhou primeiro", lambda: iam.delete_user(UserName=user)),
    ):
        for _ in range(2):  # once more from the stack's own events, to whoever comes later
            capsys.readouterr()
            assert deploy(stack, release, "--sim") == 2
            told = capsys.readouterr().err
            for text in ("terminou em ROLLBACK_COMPLETE", cause, "exclua a pilha sicfar-homolog"):
                assert text in told
            assert "versão anterior" not in told
        undo()
        account.cloudformation.delete_stack(StackName="sicfar-homolog")
        account.cloudformation.get_waiter("stack_delete_complete").wait(StackName="sicfar-homolog")
    assert deploy(stack, release, "--sim") == 0
