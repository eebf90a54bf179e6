"""`sicfar testar` on an account and a Supabase of its own: each probe sees what is broken, and with `--lote` a line of
its own counts, its lot closes, and no trace of it stays in what people and alarms look at."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.stack.cloud import repair_concurrency
from local.stack.emulator import REGION, Emulator
from local.stack.stack import Stack
from local.stack.usuarios import grant, sign_up
from operations import cli
from operations.deployment import trial
from operations.deployment.aws import Account
from operations.deployment.deployed import Deployed
from tests.e2e.test_deployment import (  # noqa: F401 - a fixture among them
    api,
    deploy,
    empty_account,
    prepared,
    probe,
    release,
)
from tests.support.stack import started

EMAIL, PASSWORD = "ti@planta.example", "uma senha da homologação"
NOBODY = "sem-papel@planta.example"
STEPS = (
    "pessoa da homologação",
    "OP de teste recebida",
    "linha de teste contada",
    "lote de teste fechado",
    "linha de teste desligada",
)


class Homolog:
    """A deployed environment with somebody of IT in it."""

    def __init__(self, stack: Stack, account: Emulator) -> None:
        self.stack, self.account = stack, account

    def sql(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.stack.database.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def probes(self, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
        """The outcome of each probe."""
        return probe(self.account, capsys)[1]

    def trial(self, capsys: pytest.CaptureFixture[str], password: str = PASSWORD, email: str = EMAIL) -> dict[str, str]:
        """The outcome of each step of one run."""
        capsys.readouterr()
        with pytest.MonkeyPatch.context() as typed:
            typed.setattr("sys.stdin", io.StringIO(f"{email}\n{password}\n"))
            cli.main(["testar", "--ambiente", "homolog", "--endereco", api(self.account), "--lote"])
        shown = capsys.readouterr()
        assert password not in shown.out + shown.err
        sys.stdout.write(shown.out + shown.err)  # for whoever reads why a test failed
        lines = [line for line in shown.out.splitlines() if line[19:53].strip() in STEPS]
        return {line[19:53].strip(): line[:17].strip() for line in lines}


@pytest.fixture(scope="module")
def homolog(release: Path) -> Iterator[Homolog]:  # noqa: F811
    with started(cloud=False) as stack, empty_account() as account:
        prepared(stack, release)
        assert deploy(stack, release, "--sim") == 0
        repair_concurrency(account)
        user, _ = sign_up(stack.supabase, EMAIL, PASSWORD)
        grant(stack.database.url, user, "GESTOR")
        sign_up(stack.supabase, NOBODY, PASSWORD)
        yield Homolog(stack, account)


def test_p1_p4_a_synthetic_line_counts_and_its_lot_closes_untold(
    homolog: Homolog, capsys: pytest.CaptureFixture[str]
) -> None:
    for runs in (1, 2):  # the second one goes on where the first one ended: its batch, its shift
        assert homolog.trial(capsys) == dict.fromkeys(STEPS, "ok")
        closed = homolog.sql("select produzidas, refugo, boas, informado from fechamentos_lote")
        assert closed == [(40, 3, 37, False)] * runs
    assert homolog.sql("select ultima_seq_continua from epocas_gateway") == [(2,)]
    assert homolog.sql("select * from envios_totvs") == []
    assert homolog.sql("select * from pendencias") == []
    assert homolog.sql("select linha_id from linhas where not ativa") == [(trial.LINE,)]
    assert homolog.sql("select linha_id from fontes_linha where ate is null") == []
    ((health,),) = homolog.sql("select saude_integracao()")
    assert (health["linhas_em_silencio"], health["gateways_em_silencio"]) == ([], [])  # type: ignore[index]


def test_p10_what_an_interrupted_trial_left_is_put_aside(homolog: Homolog, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> str:
        raise trial.TrialStalledError("trial_stalled", "interrompido")

    ((before,),) = homolog.sql("select coalesce(max(numero_op), '') from lotes_producao")
    for step, method in zip(STEPS[1:4], ("_count", "_close", "_switch_off"), strict=True):
        with pytest.MonkeyPatch.context() as cut:
            cut.setattr(trial.Trial, method, interrupted)
            outcomes = homolog.trial(capsys)
        assert list(outcomes.values())[-1] == "falhou"
        assert outcomes[step] == "ok"
    assert homolog.trial(capsys) == dict.fromkeys(STEPS, "ok")
    states = homolog.sql(
        f"select status, situacao_totvs from lotes_producao where numero_op > '{before}' order by numero_op"
    )
    assert [one[0] for one in states] == ["PLANEJADO", "POSTO_DE_LADO", "CONCLUIDO", "CONCLUIDO"]
    assert states[0][1] == "CANCELADA"
    assert homolog.sql("select * from pendencias") == []


def test_p9_a_trial_acts_as_nobody_else_and_never_in_production(
    homolog: Homolog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lots = homolog.sql("select count(*) from lotes_producao")
    assert homolog.trial(capsys, "outra senha") == {STEPS[0]: "falhou"}
    assert homolog.trial(capsys, email=NOBODY) == {STEPS[0]: "ok", STEPS[1]: "falhou"}
    # A database that another environment's bucket is counted in is none to try things in.
    homolog.sql(
        "insert into arquivos_ingeridos (bucket, chave, tamanho, gravado_em, tipo, registros, situacao, motivo)"
        " values ('sicfar-contagens-prod-1', 'avulsos/a.txt', 1, now(), 'avulso', 0, 'QUARENTENA', 'x') returning id"
    )
    assert homolog.trial(capsys) == {STEPS[0]: "falhou"}
    # Nor is one that production's stack of this account names.
    body = {
        "Parameters": {name: {"Type": "String"} for name in ("Ambiente", "SupabaseUrl")},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"ApiUrl": {"Value": "http://127.0.0.1:9"}},
    }
    given = {"Ambiente": "prod", "SupabaseUrl": homolog.stack.supabase.url}
    homolog.account.cloudformation.create_stack(
        StackName="sicfar-prod",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    monkeypatch.setattr("sys.stdin", None)  # nobody is asked for anything
    for name, told in (("homolog", "usa o Supabase da produção"), ("prod", "só da homologação")):
        assert cli.main(["testar", "--ambiente", name, "--lote"]) == 2
        assert told in capsys.readouterr().err
    assert homolog.sql("select count(*) from lotes_producao") == lots


def _empty_zip() -> bytes:
    made = io.BytesIO()
    zipfile.ZipFile(made, "w").close()
    return made.getvalue()


def test_p6_p9_what_is_switched_off_or_left_behind_is_told(
    homolog: Homolog, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Account(REGION)
    deployed = Deployed(aws, "homolog")
    made, outputs = deployed.made, deployed.outputs
    before = homolog.probes(capsys)
    aws.cloudformation.update_termination_protection(StackName="sicfar-homolog", EnableTerminationProtection=False)
    aws.events.disable_rule(Name=made["AWS::Events::Rule"][0])
    aws.functions.update_event_source_mapping(UUID=made["AWS::Lambda::EventSourceMapping"][0], Enabled=False)
    layer = aws.functions.publish_layer_version(LayerName="outra", Content={"ZipFile": _empty_zip()})["LayerVersionArn"]
    aws.functions.update_function_configuration(FunctionName=outputs["TxtParserName"], Layers=[layer])
    aws.logs.delete_retention_policy(logGroupName=f"/aws/lambda/{outputs['TxtParserName']}")
    aws.sqs.send_message(QueueUrl=outputs["PostDlqUrl"], MessageBody="carta")
    aws.ssm.put_parameter(Name="/sicfar/homolog/totvs", Value="{", Type="String", Overwrite=True)
    broken = {
        *("proteção contra exclusão", "agendamentos ligados", "filas ligadas às funções", "uma versão das camadas"),
        *("logs com prazo", "filas de mortos vazias", "webhook assinado, em ensaio"),
    }
    assert {before[what] for what in broken} == {"ok"}
    after = homolog.probes(capsys)
    assert {what for what in after if after[what] != before[what]} == broken
    assert {after[what] for what in broken} == {"falhou"}
