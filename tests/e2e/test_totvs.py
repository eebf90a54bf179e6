"""TOTVS tells SicFar, through the deployed template: API Gateway → Lambda → SQS → Lambda → Supabase."""

import base64
import json
import random
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from supabase import create_client

from local.simulators.month import WITHOUT_LOT, month
from local.stack import migrated
from local.stack.database import Database
from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator
from local.waiting import LAST_RESORT_S, until
from sicfar.database.reception import Origin, Reception
from sicfar.totvs.events import NOT_MAPPED, read_row
from sicfar.totvs.inbox import LARGEST_BODY
from sicfar.totvs.model import Kind
from sicfar.webhooks.signature import sign
from tests.support import queues
from tests.support.stack import restart, supabase_away


class Totvs:
    """TOTVS's side, and SicFar's tables to look at."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.erp = stack.totvs
        self.url = f"{stack.deployment.api_url}/totvs/eventos"
        self.queue = stack.deployment.outputs["TotvsQueueUrl"]
        self.dlq = stack.deployment.outputs["TotvsDlqUrl"]
        self.sqs = stack.aws.sqs
        self.service = create_client(stack.supabase.url, stack.supabase.secret_key)
        token = create_operator(stack, f"{uuid.uuid4().hex}@planta.example", "OPERADOR", "SPEP")
        self.operator = as_person(stack.supabase, token)
        self.http = httpx.Client(trust_env=False, timeout=LAST_RESORT_S)
        self.db = Database(stack.database.url)
        self._number = 300_000

    def post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return self.http.post(self.url, content=body, headers=headers)

    def signed(self, body: bytes, secret: str | None = None, at: str | None = None, **headers: str) -> dict[str, str]:
        timestamp = at or str(int(time.time()))
        signature = sign(secret or self.erp.webhook_secret, timestamp, body)
        media = {"Content-Type": "application/json"}
        return {**media, "X-SicFar-Timestamp": timestamp, "X-SicFar-Signature": signature, **headers}

    def send(self, value: object, **headers: str) -> httpx.Response:
        body = json.dumps(value).encode()
        return self.post(body, self.signed(body, **headers))

    def new_op(self) -> str:
        self._number += 1
        return str(self._number)

    def order(self, op: str, **more: object) -> dict[str, Any]:
        data = {"numero_op": op, "produto_codigo": "07019001", "quantidade": 37254, "numero_lote": "25L5480A", **more}
        return {"tipo": "ordem", "dados": data}

    def product(self) -> None:
        self.send({"tipo": "produto", "dados": {"produto_codigo": "07019001", "descricao": "SOL. DE TESTE"}})

    def visible(self, op: str) -> dict[str, Any] | None:
        """The lot as a signed-in operator's screen reads it."""
        rows: Any = self.operator.table("lotes_producao").select("*").eq("numero_op", op).execute().data
        return rows[0] if rows else None

    def events(self, op: str) -> list[str]:
        return [row["situacao"] for row in self.db.sql("select situacao from eventos_totvs where referencia = %s", op)]

    def idle(self) -> bool:
        return queues.idle(self.sqs, self.queue)

    def dead(self) -> list[Any]:
        received = self.sqs.receive_message(QueueUrl=self.dlq, MaxNumberOfMessages=10, VisibilityTimeout=1)
        return list(received.get("Messages", []))

    def pull(self) -> dict[str, Any]:
        name = self.stack.deployment.outputs["TotvsSyncName"]
        answer = self.stack.aws.functions.invoke(FunctionName=name, Payload=b"{}")
        told: dict[str, Any] = json.load(answer["Payload"])
        assert "entidades" in told, told
        return {entity["entidade"]: entity for entity in told["entidades"]}


@pytest.fixture(scope="module")
def totvs(stack: Stack):
    made = Totvs(stack)
    made.product()
    yield made
    made.erp.control(clear=True)
    made.db.close()
    made.http.close()


def test_p3_an_order_created_in_totvs_is_a_lot_an_operator_sees(totvs, eventually):
    op = totvs.new_op()
    answer = totvs.send(totvs.order(op), **{"X-Correlation-Id": "protheus-42"})
    assert answer.status_code == 200
    assert answer.json() == {"recebido": True, "correlacao": "protheus-42", "eventos": 1}
    assert answer.headers["x-correlation-id"] == "protheus-42"
    eventually(lambda: totvs.visible(op) is not None)
    assert totvs.visible(op)["linha_id"] == "SPEP-ENV-A"


def test_the_shipped_configuration_works_with_only_the_address_changed(totvs):
    shipped = json.loads(totvs.erp.configuration())
    given = json.loads(totvs.stack.aws.ssm.get_parameter(Name="/sicfar/local/totvs")["Parameter"]["Value"])
    assert given == shipped
    op = totvs.new_op()
    totvs.erp.load(
        produtos=[{"B1_COD": "07019001", "B1_DESC": "SOL. DE TESTE"}],
        ordens=[{"C2_NUM": int(op), "C2_PRODUTO": "07019001", "C2_QUANT": 10, "C2_YLOTE": "25L5480B"}],
    )
    assert op in totvs.pull()["ordens"]["reparos"]
    assert totvs.visible(op) is not None


def test_protheus_columns_in_cp1252_arrive_with_every_letter(totvs, eventually):
    op = totvs.new_op()
    row = {"C2_NUM": int(op), "C2_ITEM": "01", "C2_SEQUEN": "001", "C2_PRODUTO": "07019001  ", "C2_QUANT": "7.450,0",
           "C2_YLOTE": "25L5480B  ", "B1_DESC": "SOLUÇÃO Nº 1 – 0,9%", "B1_YQTML": "2,5", "C2_EMISSAO": "20251031",
           "C2_DATRF": "        "}  # fmt: skip
    (sent,) = totvs.erp.emit(row, charset="cp1252")
    assert sent["status"] == 200
    eventually(lambda: totvs.visible(op) is not None)
    lot = totvs.visible(op)
    assert (lot["descricao"], lot["quantidade_planejada"], lot["volume_ml"]) == ("SOLUÇÃO Nº 1 – 0,9%", 7450, 2.5)
    assert lot["data_emissao"] == "2025-10-31"


# ------------------------------------------------------------------------------------------------ who may, and what


def refused(totvs: Totvs, body: bytes, headers: dict[str, str], op: str) -> None:
    answer = totvs.post(body, headers)
    assert answer.status_code == 401
    assert answer.json()["codigo"] == "NAO_AUTORIZADO"
    assert answer.json()["causa"] in ("CABECALHO", "FORMA", "HORARIO", "SEGREDO")
    assert totvs.idle(), "nothing of it went on"
    assert totvs.events(op) == []
    assert totvs.visible(op) is None


@pytest.mark.parametrize("how", ["missing", "wrong", "other body", "stale", "local time", "no timestamp"])
def test_p9_a_request_not_signed_rightly_and_now_has_no_effect(totvs, eventually, how):
    eventually(totvs.idle)
    op = totvs.new_op()
    body = json.dumps(totvs.order(op)).encode()
    headers = {
        "missing": {"Content-Type": "application/json"},
        "wrong": totvs.signed(body, secret="outro segredo, que ninguém deu"),
        "other body": totvs.signed(body + b" "),
        "stale": totvs.signed(body, at=str(int(time.time()) - 400)),
        "local time": totvs.signed(body, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"),
        "no timestamp": totvs.signed(body) | {"X-SicFar-Timestamp": ""},
    }[how]
    refused(totvs, body, headers, op)


def test_p9_a_signature_in_capitals_and_an_iso_instant_are_as_good(totvs, eventually):
    op = totvs.new_op()
    body = json.dumps(totvs.order(op)).encode()
    headers = totvs.signed(body, at=datetime.now(UTC).isoformat(timespec="seconds"))
    headers["X-SicFar-Signature"] = headers["X-SicFar-Signature"].upper()
    assert totvs.post(body, headers).status_code == 200
    eventually(lambda: totvs.visible(op) is not None)


def test_p1_a_replay_inside_the_window_is_answered_200_and_changes_nothing(totvs, eventually):
    op = totvs.new_op()
    first = json.dumps(totvs.order(op, quantidade=1)).encode()
    headers = totvs.signed(first)
    assert totvs.post(first, headers).status_code == 200
    eventually(lambda: totvs.events(op), ["APLICADO"])
    totvs.send(totvs.order(op, quantidade=2))
    eventually(lambda: totvs.events(op), ["APLICADO", "APLICADO"])
    assert totvs.post(first, headers).status_code == 200
    eventually(totvs.idle)
    assert totvs.events(op) == ["APLICADO", "APLICADO"]
    assert totvs.visible(op)["quantidade_planejada"] == 2


def test_p8_a_body_too_large_is_told_so(totvs):
    body = b'"' + b"x" * LARGEST_BODY + b'"'
    answer = totvs.post(body, totvs.signed(body))
    assert (answer.status_code, answer.json()["codigo"]) == (413, "GRANDE_DEMAIS")


def test_p8_wrong_fields_are_named_and_the_good_event_beside_applies(totvs, eventually):
    op, bad = totvs.new_op(), totvs.new_op()
    row = {"C2_NUM": bad, "C2_QUANT": "muito", "C2_YLOTE": "X", "C2_EMISSAO": "31/02/2025"}
    answer = totvs.send([totvs.order(op), row])
    assert answer.status_code == 422
    told = answer.json()
    assert (told["codigo"], told["aceitos"]) == ("EVENTO_INVALIDO", 1)
    assert {(one["indice"], one["campo"], one["codigo"]) for one in told["erros"]} == {
        (1, "C2_PRODUTO", "AUSENTE"),
        (1, "C2_QUANT", "TIPO"),
        (1, "C2_EMISSAO", "DATA"),
    }
    eventually(lambda: totvs.visible(op) is not None)
    eventually(lambda: totvs.events(bad), ["RECUSADO"])
    query = (
        "select bruto from recebimentos_totvs r join eventos_totvs e on e.recebimento_id = r.id where referencia = %s"
    )
    assert json.loads(bytes(totvs.db.one(query, bad)))[1] == row


def test_p8_a_repeated_key_refuses_its_event_and_the_others_apply(totvs, eventually):
    op, bad = totvs.new_op(), totvs.new_op()
    twice = json.dumps(totvs.order(bad))[:-2] + ', "quantidade": 1}}'
    body = f"[{twice}, {json.dumps(totvs.order(op))}]".encode()
    answer = totvs.post(body, totvs.signed(body))
    assert (answer.status_code, answer.json()["aceitos"]) == (422, 1)
    eventually(lambda: totvs.visible(op) is not None)
    assert totvs.visible(bad) is None


def test_a_rehearsal_says_what_would_happen_and_only_its_attempt_is_kept(totvs, eventually):
    eventually(totvs.idle)
    op = totvs.new_op()
    requests = "select count(*) from recebimentos_totvs"
    kept = totvs.db.one(requests)
    body = json.dumps([totvs.order(op), totvs.order("14 6734")]).encode()
    headers = totvs.signed(body, **{"X-Correlation-Id": f"ensaio-{op}"})
    answer = totvs.http.post(f"{totvs.url}?ensaio=1", content=body, headers=headers)
    assert (answer.status_code, answer.json()["ensaio"], answer.json()["aceitos"]) == (422, True, 1)
    assert answer.json()["lidos"][0]["referencia"] == op
    assert answer.json()["erros"][0]["campo"] == "numero_op"
    query = "select operacao, sentido, status_http from tentativas_integracao where correlacao = %s"
    expected = [{"operacao": "ensaio", "sentido": "ENTRADA", "status_http": 422}]
    eventually(lambda: totvs.db.sql(query, f"ensaio-{op}"), expected)
    assert (totvs.visible(op), totvs.db.one(requests)) == (None, kept)


@pytest.fixture(scope="class")
def webhook_changes(totvs):
    """Afterwards it is as it was deployed."""
    yield
    restart(totvs.stack, "TotvsWebhook")
    until(lambda: totvs.send(totvs.order(totvs.new_op())).status_code == 200, "the webhook as it was deployed")


@pytest.mark.usefixtures("webhook_changes")
class TestAnotherConfiguration:
    """Of the webhook; together, for each change starts it anew."""

    def test_two_secrets_are_valid_while_one_is_being_changed(self, totvs, eventually):
        stack = totvs.stack
        new = "segredo-novo-" + uuid.uuid4().hex
        secret_id = "sicfar/local/totvs-webhook"
        stack.aws.secrets.put_secret_value(SecretId=secret_id, SecretString=json.dumps([new, totvs.erp.webhook_secret]))
        for secret in (new, totvs.erp.webhook_secret):
            op = totvs.new_op()
            body = json.dumps(totvs.order(op)).encode()

            def taken(body=body, secret=secret):
                return totvs.post(body, totvs.signed(body, secret=secret)).status_code

            eventually(taken, 200)
            eventually(lambda op=op: totvs.visible(op) is not None)

    @pytest.mark.parametrize("kind", ["bearer", "header"])
    def test_an_old_appserver_may_show_a_shared_secret_instead_of_signing(self, totvs, eventually, kind):
        stack = totvs.stack
        document = json.loads(totvs.erp.configuration())
        document["totvs"]["webhook"] = {"auth": {"type": kind, "header": "X-Chave"}}
        stack.aws.ssm.put_parameter(Name=f"/sicfar/local/{kind}", Value=json.dumps(document), Type="String")
        restart(stack, "TotvsWebhook", TOTVS_CONFIG=f"ssm:/sicfar/local/{kind}")
        op = totvs.new_op()
        body = json.dumps(totvs.order(op)).encode()

        def shown(secret: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {secret}"} if kind == "bearer" else {"x-chave": secret}

        eventually(lambda: totvs.post(body, shown(totvs.erp.webhook_secret)).status_code, 200)
        assert totvs.post(body, shown("x" * 32)).status_code == 401
        assert totvs.post(body, totvs.signed(body)).status_code == 401
        eventually(lambda: totvs.visible(op) is not None)

    def test_p6_what_cannot_be_stored_is_not_answered_with_success(self, totvs, eventually):
        restart(totvs.stack, "TotvsWebhook", QUEUE_URL=f"{totvs.queue}-que-nao-existe")
        order = totvs.order(totvs.new_op())
        eventually(lambda: totvs.send(order).status_code, 503)
        answer = totvs.send(order)
        assert (answer.json()["codigo"], answer.headers["retry-after"]) == ("INDISPONIVEL", "60")


def test_anybody_may_ask_whether_the_door_is_open(totvs):
    assert totvs.http.get(f"{totvs.stack.deployment.api_url}/saude").json() == {"situacao": "ok"}


# ------------------------------------------------------------------------------------------------- lost and found


def test_p6_a_lost_webhook_is_repaired_by_the_pull_which_names_it(totvs, eventually):
    ops = [totvs.new_op() for _ in range(3)]
    rows = [{"C2_NUM": int(op), "C2_PRODUTO": "07019001", "C2_QUANT": 5, "C2_YLOTE": "25L5480C"} for op in ops]
    totvs.erp.load(ordens=rows)
    for row, lost in zip(rows, (False, True, False), strict=True):
        totvs.erp.emit(row, lost=lost)
    eventually(lambda: totvs.visible(ops[2]) is not None)
    assert totvs.visible(ops[1]) is None
    assert totvs.pull()["ordens"]["reparos"] == [ops[1]]
    assert totvs.visible(ops[1]) is not None
    attempts = totvs.db.sql("select operacao from tentativas_integracao where sentido = 'SAIDA'")
    assert {"token", "ordens", "produtos", "lotes"} <= {row["operacao"] for row in attempts}


def test_p6_while_supabase_is_away_events_wait_no_dead_letter(totvs, eventually):
    ops = [totvs.new_op() for _ in range(4)]
    with supabase_away(totvs.stack):
        for op in ops:
            assert totvs.send(totvs.order(op)).status_code == 200
        for _ in range(2):
            eventually(lambda: queues.put_off(totvs.sqs, totvs.queue) > 0)  # an attempt has failed
            eventually(lambda: queues.put_off(totvs.sqs, totvs.queue) == 0)  # the next one is under way
        assert not totvs.idle()
        assert totvs.dead() == []
    eventually(lambda: [op for op in ops if totvs.visible(op) is None], [])
    eventually(totvs.idle)
    assert totvs.dead() == []


def test_p6_a_message_nobody_of_ours_wrote_is_a_dead_letter_at_once(totvs, eventually):
    totvs.sqs.send_message(QueueUrl=totvs.queue, MessageBody='{"v": 99}')
    letters: list[Any] = []

    def dead() -> bool:
        letters.extend(totvs.dead())
        return bool(letters)

    eventually(dead)
    assert letters[0]["Body"] == '{"v": 99}'
    totvs.sqs.delete_message(QueueUrl=totvs.dlq, ReceiptHandle=letters[-1]["ReceiptHandle"])


# --------------------------------------------------------------------------------------------------------- a month

TABLES = {
    "lotes_producao": "numero_op, numero_lote, produto_codigo, linha_id, linha_origem, quantidade_planejada, descricao,"
    " dossie, volume_ml, registro_anvisa, data_emissao, situacao_totvs, status",
    "produtos": "produto_codigo, descricao, unidade, tipo, bloqueado",
    "insumos": "insumo_codigo, descricao, unidade, tipo, bloqueado",
    "alteracoes_op": "numero_op, codigo",
}


def business(db: Database, ops: list[str], codes: list[str]) -> dict[str, Any]:
    keys = {"lotes_producao": "numero_op", "alteracoes_op": "numero_op", "produtos": "produto_codigo",
            "insumos": "insumo_codigo"}  # fmt: skip
    return {
        table: db.sql(
            f"select {columns} from {table} where {keys[table]} = any(%s) order by {keys[table]}",
            ops if "op" in keys[table].split("_") else codes,
        )
        for table, columns in TABLES.items()
    }


def test_p1_a_month_shuffled_doubled_and_half_pulled_equals_one_pass(totvs, eventually):
    made = month(7)
    ops = sorted({str(row["C2_NUM"]) for row in made.orders})
    codes = [row["B1_COD"].strip() for row in made.products + made.inputs]
    rng = random.Random(11)

    totvs.erp.control(clear=True)
    totvs.erp.load(produtos=made.products + made.inputs, ordens=made.orders)
    told = [row for row in made.orders + made.products + made.inputs if rng.random() < 0.5]
    told = told + rng.sample(told, len(told))
    rng.shuffle(told)
    while told:
        many = rng.randint(1, 40)
        together, told = told[:many], told[many:]
        charset = "utf-8"
        (sent,) = totvs.erp.emit(together, charset=charset, times=rng.choice([1, 1, 2]))
        assert sent["status"] == 200, sent
    eventually(totvs.idle)
    for entity in totvs.pull().values():
        assert entity["situacao"] == "COMPLETA"
    eventually(totvs.idle)

    with migrated.cluster() as cluster, cluster.fresh() as url:
        clean = Database(url)
        for kind, rows in ((Kind.PRODUCT, made.products + made.inputs), (Kind.ORDER, made.orders)):
            events = [read_row(kind, row, NOT_MAPPED, n) for n, row in enumerate(rows)]
            sent = [event.as_json() for event in events]
            request = Reception(str(kind), Origin.WEBHOOK, "2025-11-01T00:00:00Z", "", "", "", b"", sent)
            clean.sql("select receber_eventos_totvs(%s::jsonb)", json.dumps(request.as_json()))
        expected = business(clean, ops, codes)
        clean.close()
    found = business(totvs.db, ops, codes)
    assert len(found["lotes_producao"]) == 1134 - 84 - 58
    assert len(found["alteracoes_op"]) == 37
    assert found == expected
    assert not any(row["produto_codigo"].startswith(WITHOUT_LOT) for row in found["lotes_producao"])
    waiting = totvs.db.one(
        "select count(*) from eventos_totvs where situacao = 'ESTACIONADO' and referencia = any(%s)", ops
    )
    assert waiting == 0
    again = totvs.pull()
    assert [entity["reparados"] for entity in again.values()] == [0] * len(again)


def test_p7_a_lot_leads_back_to_the_bytes_totvs_sent(totvs, eventually):
    op = totvs.new_op()
    body = json.dumps(totvs.order(op), indent=3).encode()
    assert totvs.post(body, totvs.signed(body)).status_code == 200
    eventually(lambda: totvs.visible(op) is not None)
    query = "select encode(bruto, 'base64') from recebimentos_totvs r join eventos_totvs e on e.recebimento_id = r.id"
    assert base64.b64decode(totvs.db.one(f"{query} where e.referencia = %s", op)) == body
