"""What becomes of a function's work while its secrets, parameters, settings or database cannot be had (P6)."""

import json
import subprocess
import sys
import threading
import time

import boto3
import pytest
from moto import mock_aws

from local.simulators.totvs.server import Simulator
from sicfar.aws import parameters
from sicfar.aws.queues import ATTEMPTS
from sicfar.database import supabase
from sicfar.settings import SettingError
from sicfar.totvs.answers import TotvsAccessError
from sicfar.webhooks.signature import sign
from tests.support.functions import (
    CONTEXT,
    FUNCTIONS,
    PASSWORD,
    SECRETS,
    WAKE_SECRET,
    WEBHOOK_SECRET,
    Fed,
    load,
    metric,
    proxy,
    put_config,
    put_secret,
    totvs_config,
    variables,
)

CONCLUSION = {
    "id_externo": "SF-1", "lease": "l", "situacao": "CONFIRMADO", "conta": True, "falhas": 5, "aberto_s": 60,
}  # fmt: skip
ATTEMPT = {
    "em": "2026-03-15T11:00:00Z", "operacao": "production", "metodo": "POST", "url": "x", "latencia_ms": 1,
    "resultado": "OK", "correlacao": "SF-1", "bytes_enviados": 1, "bytes_recebidos": 1,
}  # fmt: skip
FILE = "avulsos/a.txt"
BODIES = {
    "txt_parser": json.dumps(
        {
            "Records": [
                {
                    "eventName": "ObjectCreated:Put",
                    "eventTime": "2026-03-15T11:15:06Z",
                    "s3": {"bucket": {"name": "planta"}, "object": {"key": FILE, "size": 1}},
                }
            ]
        }
    ),
    "totvs_apply": json.dumps(
        {
            "v": 1, "chave": "pedido:1", "recebido_em": "2026-03-15T11:15:06Z", "correlacao": "c", "remetente": "r",
            "tipo_conteudo": "application/json", "bruto": "e30=",
        }
    ),
    "totvs_post": json.dumps({"envio": 1, "conclusao": CONCLUSION, "tentativas": [ATTEMPT]}),
}  # fmt: skip
"""A good message of each queue; the report's has been booked, and only the message knows it."""


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    parameters.forget()
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="planta", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
        boto3.client("s3").put_object(Bucket="planta", Key=FILE, Body=b"2026-03-15T08:15:01-03:00,SPEP-ENV-A,1,0\n")
        yield
    parameters.forget()


@pytest.fixture
def clock(monkeypatch):
    """SQS's clock: it stands until the test moves it, so that no delayed message comes back by itself."""
    begun = time.time()
    ahead = [0.0]
    monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda: (begun + ahead[0]) * 1000)

    def forward(seconds: float) -> None:
        ahead[0] += seconds

    return forward


@pytest.fixture
def process(monkeypatch):
    """A function as a new process has it, with the template's settings."""

    def start(name: str):
        for key, value in variables(name).items():
            monkeypatch.setenv(key, value)
        return load(name)

    return start


def reasons(caplog):
    """What was logged of messages that failed."""
    return [one for one in caplog.records if hasattr(one, "destino")]


def configured() -> None:
    for name in SECRETS:
        put_secret(name)
    put_config(totvs_config())


@pytest.mark.parametrize("name", BODIES)
def test_p6_fortieth_attempt_still_waits(process, clock, name):
    configured()
    queue = Fed(process(name))
    queue.send(BODIES[name])
    for earlier in range(40):
        (record,) = queue.feed()
        assert record["attributes"]["ApproximateReceiveCount"] == "1"
        assert int(record["messageAttributes"].get(ATTEMPTS, {}).get("stringValue", 0)) == earlier
        assert json.loads(record["body"]) == json.loads(BODIES[name]), "what the message carries is not lost"
        assert (queue.counted(queue.url), queue.counted(queue.url, "NotVisible")) == (0, 0)
        assert queue.counted(queue.url, "Delayed") == 1
        clock(301)
    assert queue.counted(queue.dlq) == 0


@pytest.mark.parametrize("name", BODIES)
def test_p6_a_message_waits_for_a_secret_and_the_same_process_goes_on(process, clock, capsys, caplog, name):
    put_config(totvs_config())
    queue = Fed(process(name))
    queue.send(BODIES[name])
    queue.feed()
    assert metric(capsys.readouterr().out, "ConfigurationFaults") == [1.0]
    (logged,) = reasons(caplog)
    assert (logged.codigo, logged.destino) == ("secret_unreadable", "configuration")
    assert "'supabase'" in logged.motivo

    configured()
    clock(301)
    caplog.clear()
    queue.feed()
    (logged,) = reasons(caplog)
    assert logged.codigo == "database_unreachable", "it got as far as the database, which is away"
    out = capsys.readouterr().out
    assert metric(out, "ConfigurationFaults") == metric(out, "UnknownFailures") == []
    clock(301)
    assert (queue.counted(queue.url), queue.counted(queue.dlq)) == (1, 0)


@pytest.mark.parametrize("name", BODIES)
def test_p6_a_message_waits_for_a_setting(process, clock, monkeypatch, capsys, caplog, name):
    configured()
    of_others = {"AMBIENTE", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "PYTHONWARNINGS"}
    settings = set(variables(name)) - of_others
    settings -= {"TOTVS_CONFIG"} if name == "txt_parser" else set()
    app = process(name)
    queue = Fed(app)
    for missing in sorted(settings):
        app = process(name)
        queue.app = app
        monkeypatch.delenv(missing)
        queue.send(BODIES[name])
        caplog.clear()
        queue.feed()
        out = capsys.readouterr().out
        assert queue.counted(queue.url, "NotVisible") == 0, missing
        if not missing.startswith("RETARDO"):
            assert metric(out, "ConfigurationFaults") == [1.0], missing
            named = "totvs.auth.username" if missing == "TOTVS_SECRET_ID" else missing
            assert named in "".join(logged.motivo for logged in reasons(caplog)), missing
    assert queue.counted(queue.url, "Delayed") == len(settings)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_p6_nothing_is_read_while_a_function_is_imported(name):
    code = (
        "import socket, sys\n"
        "def forbidden(*_a, **_k): raise AssertionError('read while imported')\n"
        "socket.socket.connect = forbidden\n"
        "from sicfar.aws import parameters\n"
        "parameters.parameter = parameters.secret = forbidden\n"
        "from sicfar import settings\n"
        "settings.text = forbidden\n"
        "if sys.argv[2] == 'True':\n"
        "    from sicfar.database import supabase\n"
        "    supabase.connect = forbidden\n"
        "from tests.support.functions import load\n"
        "assert callable(load(sys.argv[1]).handler)\n"
    )
    environment = {
        "AWS_DEFAULT_REGION": "sa-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "PYTHONPATH": "."
    }  # fmt: skip
    uses_database = str(name != "totvs_webhook")
    subprocess.run([sys.executable, "-c", code, name, uses_database], env=environment, check=True)


# ------------------------------------------------------------------------------------------------------- who is asked


def signed(secret: str) -> dict[str, object]:
    body = json.dumps({"tipo": "produto", "dados": {"produto_codigo": "1", "descricao": "x"}})
    at = str(int(time.time()))
    signature = sign(secret, at, body.encode())
    return proxy("/totvs/eventos", body, X_SicFar_Timestamp=at, X_SicFar_Signature=signature)


@pytest.fixture
def webhook(process, monkeypatch):
    queue = boto3.client("sqs").create_queue(QueueName="totvs")["QueueUrl"]
    app = process("totvs_webhook")
    monkeypatch.setenv("QUEUE_URL", queue)
    return app


@pytest.mark.parametrize("missing", ["webhook", "config", "QUEUE_URL", "TOTVS_CONFIG"])
def test_p6_a_webhook_without_its_configuration_is_to_come_again(webhook, monkeypatch, capsys, missing):
    put_config("{}") if missing == "config" else put_config(totvs_config())
    put_secret("webhook") if missing != "webhook" else None
    kept = {name: variables("totvs_webhook")[name] for name in ("TOTVS_CONFIG",)} | {
        "QUEUE_URL": boto3.client("sqs").get_queue_url(QueueName="totvs")["QueueUrl"]
    }
    if missing in kept:
        monkeypatch.delenv(missing)
    answer = webhook.handler(signed(WEBHOOK_SECRET), CONTEXT)
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "60")
    assert metric(capsys.readouterr().out, "ConfigurationFaults") == [1.0]
    if missing != "QUEUE_URL":
        assert webhook.handler(proxy("/saude"), CONTEXT)["statusCode"] == 503

    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    put_secret("webhook")
    put_config(totvs_config())
    parameters.forget()  # a text that was there and wrong is kept for its age
    assert webhook.handler(signed(WEBHOOK_SECRET), CONTEXT)["statusCode"] in (200, 422)
    assert webhook.handler(proxy("/saude"), CONTEXT)["statusCode"] == 200


def test_p6_a_defect_of_ours_does_not_cost_the_sender_a_webhook(webhook, monkeypatch, capsys):
    configured()
    monkeypatch.setattr(webhook, "take_in", lambda *_: {}["defect"])
    assert webhook.handler(signed(WEBHOOK_SECRET), CONTEXT)["statusCode"] == 503
    assert metric(capsys.readouterr().out, "UnknownFailures") == [1.0]


def test_p6_p9_a_rotated_webhook_secret_is_used_at_once(webhook):
    configured()
    assert webhook.handler(signed(WEBHOOK_SECRET), CONTEXT)["statusCode"] != 401
    put_secret("webhook", "novo-" + "b" * 16)
    assert webhook.handler(signed("novo-" + "b" * 16), CONTEXT)["statusCode"] != 401
    assert webhook.handler(signed(WEBHOOK_SECRET), CONTEXT)["statusCode"] == 401


def wake(secret: str) -> dict[str, object]:
    return proxy("/fechamentos", Authorization=f"Bearer {secret}")


def test_p6_p9_a_rotated_closing_secret_is_used_at_once(process, monkeypatch):
    configured()
    app = process("lot_closure")
    monkeypatch.setattr(app, "_run", lambda _more_time: type("R", (), {"closed": (), "waiting": 0, "busy": False}))
    assert app.handler(wake(WAKE_SECRET), CONTEXT)["statusCode"] == 200
    put_secret("fechamentos", "novo-" + "b" * 16)
    assert app.handler(wake("novo-" + "b" * 16), CONTEXT)["statusCode"] == 200
    assert app.handler(wake(WAKE_SECRET), CONTEXT)["statusCode"] == 401


@pytest.mark.parametrize("name", ["lot_closure", "totvs_sync", "daily_digest"])
def test_p6_a_schedule_without_its_secret_fails_visibly(process, capsys, name):
    put_config(totvs_config())
    app = process(name)
    with pytest.raises(SettingError, match="SUPABASE_SECRET_ID"):
        app.handler({}, CONTEXT)
    assert metric(capsys.readouterr().out, "ConfigurationFaults") == [1.0]


def test_p6_whoever_wakes_the_closing_without_its_secret_is_to_come_again(process, capsys):
    put_secret("supabase")
    assert process("lot_closure").handler(wake(WAKE_SECRET), CONTEXT)["statusCode"] == 503
    assert metric(capsys.readouterr().out, "ConfigurationFaults") == [1.0]


# ------------------------------------------------------------------------------------------------------- rotated keys


def test_p6_p9_a_rotated_database_key_makes_another_client(process, monkeypatch):
    configured()
    keys, connect = [], supabase.connect

    def connected(url, key, *more, **named):
        keys.append(key)
        return connect(url, key, *more, **named)

    monkeypatch.setattr(supabase, "connect", connected)
    database = process("txt_parser")._database
    first = database.get()
    assert database.get() is first
    put_secret("supabase", "sb_secret_b")
    parameters.read_secret_again("supabase")
    assert database.get() is not first
    assert keys == ["sb_secret_a", "sb_secret_b"]


@pytest.mark.parametrize("key", ["sb_secret_a\n", "sb_secret_ã", "sb secret"])
def test_p9_a_key_that_no_header_can_carry_is_named_and_not_shown(process, key):
    put_secret("supabase", key)
    with pytest.raises(SettingError, match="SUPABASE_SECRET_ID") as refused:
        process("txt_parser")._database.get()
    assert key.strip() not in str(refused.value)


def test_p6_p9_a_rotated_password_of_the_erp_is_used_at_once(process):
    erp = Simulator(0, "sicfar", "nova", None)
    thread = threading.Thread(target=erp.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        configured()
        put_config(totvs_config(f"http://127.0.0.1:{erp.server_address[1]}/api"))
        app = process("totvs_post")
        _, old = app._totvs.get()
        put_secret("totvs", json.dumps({"username": "sicfar", "password": "nova"}))
        with pytest.raises(TotvsAccessError) as refused:
            old.page("produtos", 1, None)
        assert PASSWORD not in str(refused.value)
        _, new = app._totvs.get()
        assert new is not old
        assert new.page("produtos", 1, None).page.rows == []
        old.close()
        new.close()
    finally:
        erp.shutdown()
        erp.server_close()
        thread.join()
