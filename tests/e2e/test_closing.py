"""From a signed Diário to what TOTVS has booked, on the deployed template. Each test has an order of its own."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from local.waiting import LAST_RESORT_S
from tests.support import queues
from tests.support.gateway import START
from tests.support.stack import restart, supabase_away, totvs_away

LINE = "SPPV-ENV-VIDRO02"
CALLING_S = 0.6
"""Seconds between two looks that call a function."""


@pytest.fixture(scope="module")
def counted(plant):
    """A line whose gateway has reported past everything these tests do."""
    gateway = plant.gateway(LINE)
    gateway.upload(gateway.seal((0, 0), second=3600))
    return gateway


@pytest.fixture
def lot(plant, counted, eventually):
    """An order that ran on the line, one after the other, by hand-typed quantities of its own; not signed yet."""
    return Lots(plant, counted, eventually)


class Lots:
    """Makes orders that ran for ten seconds each, so that many fit into one signed shift."""

    begun = 0

    def __init__(self, plant, gateway, eventually):
        self.plant, self.gateway, self.eventually = plant, gateway, eventually

    def made(self, *counts):
        ops, seconds = [], []
        begun = Lots.begun
        for made, rejected in counts:
            first = START + timedelta(seconds=10 * Lots.begun)
            Lots.begun += 1
            op = self.plant.open_order(LINE, first)
            self.plant.close_order(op, LINE, first + timedelta(seconds=10))
            ops.append(op)
            seconds += [(made, rejected), *[(0, 0)] * 9]
        self.gateway.upload(self.gateway.seal(*seconds, second=10 * begun))
        for op, (made, rejected) in zip(ops, counts, strict=True):
            self.eventually(lambda op=op: self.plant.total(op), (made, rejected))
        return ops

    def closed(self, *counts):
        ops = self.made(*counts)
        self.plant.sign(LINE, "mais uma OP no turno")
        answer = self.plant.wake()
        assert answer.status_code == 200, answer.text
        for op in ops:
            self.eventually(lambda op=op: self.plant.status(op), "CONCLUIDO")
        return ops


@pytest.fixture(autouse=True)
def behaving(plant):
    yield
    plant.stack.totvs.faults()


def settled(plant, op):
    """The schedule's part, until the order's reports have all ended."""
    plant.wake()
    return plant.states(op)


def configured(plant, **reports):
    """Give TotvsPost another configuration."""
    stack = plant.stack
    stack.aws.ssm.put_parameter(
        Name="/sicfar/local/totvs-envios",
        Value=stack.totvs.configuration(reports=reports),
        Type="String",
        Overwrite=True,
    )
    restart(stack, "TotvsPost", TOTVS_CONFIG="ssm:/sicfar/local/totvs-envios", REINICIO=str(time.time()))


@pytest.fixture(scope="class")
def asking(plant):
    """TOTVS can be asked whether it has a report."""
    query = {"path": "/apontamentos", "parameter": "id_externo"}
    configured(plant, production={"query": query}, status={"query": {**query, "path": "/lotes/status"}})
    yield
    configured(plant)


def test_p4_p5_a_signed_lot_closes_and_totvs_books_it_once_in_order(plant, lot, eventually):
    (op,) = lot.closed((20, 3))
    eventually(lambda: plant.booked(op), [("TOTAL", 17), ("STATUS", None)])
    (production, _) = plant.reports(op)
    assert production["conteudo"]["refugos"] == [{"codigo": "MAQUINA", "quantidade": 3}]
    eventually(lambda: plant.states(op), ["CONFIRMADO"] * 2)
    attempts = plant.sql("select * from tentativas_integracao where envio_id = %s", production["id"])
    assert [(one["resultado"], one["status_http"], one["correlacao"]) for one in attempts][-1] == (
        "OK", 201, production["id_externo"]
    )  # fmt: skip
    plant.wake()
    assert len(plant.booked(op)) == 2


def test_p9_the_wake_up_is_authenticated_and_its_body_means_nothing(plant):
    assert plant.wake("errado" * 4).status_code == 401
    assert plant.wake().json().keys() == {"fechadas", "aguardam", "em_andamento"}


def test_p5_a_report_cut_off_after_booking_waits_where_none_can_ask(plant, lot, eventually):
    plant.stack.totvs.faults({"kind": "cut_after", "path": "/api/apontamentos"})
    (op,) = lot.closed((5, 0))
    eventually(lambda: plant.states(op), ["INCERTO", "PENDENTE"])
    time.sleep(3)  # past the time after which TOTVS would be asked, if it could be
    for _ in range(3):
        plant.wake()
        eventually(lambda: queues.idle(plant.sqs, plant.stack.deployment.outputs["PostQueueUrl"]))
    assert plant.states(op) == ["INCERTO", "PENDENTE"]
    assert plant.booked(op) == [("TOTAL", 5)]
    (waiting,) = [row for row in plant.sql("select * from pendencias where tipo = 'ENVIO'") if op in row["descricao"]]
    plant.decide(waiting["funcao"], p_id=waiting["detalhes"]["p_id"], p_decisao="ENTROU", p_motivo="visto na SH6")
    eventually(lambda: settled(plant, op), ["CONFIRMADO"] * 2, CALLING_S)
    assert plant.booked(op) == [("TOTAL", 5), ("STATUS", None)]


def test_p6_p10_a_refused_report_is_a_dead_letter_and_replays_once(plant, lot, eventually):
    plant.stack.totvs.faults({"kind": "refused_report", "times": None, "path": "/api/apontamentos"})
    (op,) = lot.closed((8, 2))
    external = f"SF-{op}-PRODUCAO-0001"

    def letters():
        report = plant.reports(op)[0]["id"]
        found = plant.invoke("DlqRedriveName", acao="listar", fila="post")["cartas"]
        return [letter for letter in found if json.loads(letter["corpo"])["envio"] == report]

    eventually(lambda: bool(letters()), True, CALLING_S)
    letter = letters()[0]
    assert (letter["codigo"], letter["fila"]) == ("erp_refused", "sicfar-local-post-dlq")
    assert "Motivo de perda não cadastrado" in letter["motivo"]

    def calls_per_message():
        """A slow machine's schedule may send a second message; each is delivered five times and costs one call."""
        (found,) = plant.sql(
            "select (select count(*) from tentativas_integracao as t where t.correlacao = e.id_externo and t.operacao ="
            " 'producao') as calls, (select count(distinct m) from unnest(string_to_array(e.campainha, E'\\n')) as m)"
            " as messages from envios_totvs as e where e.id_externo = %s",
            external,
        )
        return found["calls"] / found["messages"]

    eventually(calls_per_message, 1)
    # A replay before anything was mended is one more attempt, no more.
    environment = {**os.environ, **plant.stack.aws.environment()}
    command = [str(Path(sys.executable).parent / "sicfar"), "dlq"]
    chosen = ["--ambiente", "local", "--fila", "post"]

    def run(*arguments):
        return subprocess.run(
            [*command, *arguments], env=environment, capture_output=True, text=True, timeout=LAST_RESORT_S
        )

    listed = run("list", *chosen)
    assert (listed.returncode, "Motivo de perda não cadastrado" in listed.stdout) == (0, True), listed.stderr
    dry = run("replay", *chosen, "--id", letter["id"], "--simular")
    assert "1 cartas" in dry.stdout
    assert letter["id"] in {one["id"] for one in letters()}
    plant.stack.totvs.faults()
    replayed = run("replay", *chosen, "--id", letter["id"])
    assert (replayed.returncode, "1/1" in replayed.stdout) == (0, True), replayed.stdout + replayed.stderr
    done = plant.sql("select fase, quem, comprovado from tratamentos_mensagens where mensagem_id = %s", letter["id"])
    assert [one["fase"] for one in done] == ["PEDIDO", "FEITO"]
    assert {(one["quem"].split(":")[2], one["comprovado"]) for one in done} <= {("sts", True), ("iam", True)}
    eventually(lambda: settled(plant, op), ["CONFIRMADO"] * 2, CALLING_S)
    # On a slow machine the schedule rings for it once more before it is refused: one more letter, one more replay.
    for other in letters():
        run("replay", *chosen, "--id", other["id"])
    eventually(letters, [], CALLING_S)
    assert plant.booked(op) == [("TOTAL", 6), ("STATUS", None)]


def test_p6_totvs_away_for_a_scaled_day_all_drains_in_order(plant, lot, eventually):
    """Scaled: the ladder is 1, 2, 3, 4 s, the breaker waits 3 s. A hundred lots close meanwhile, and probes fail."""
    erp = plant.stack.totvs
    sqs = plant.stack.aws.sqs
    ops = lot.made(*[(n % 7 + 1, 0) for n in range(100)])
    plant.sign(LINE, "cem OPs no turno")
    calls = (
        "select extract(epoch from t.em) at from tentativas_integracao t"
        " join envios_totvs e on e.id = t.envio_id where e.numero_op = any(%s) order by t.em"
    )

    def over() -> bool:
        assert plant.wake().status_code == 200
        time.sleep(1)
        return {plant.status(op) for op in ops} == {"CONCLUIDO"} and len(plant.sql(calls, ops)) >= 5 + 3

    with totvs_away(plant.stack):
        eventually(over)
        sent = [row["at"] for row in plant.sql(calls, ops)]
        assert plant.sql("select estado from disjuntores")[0]["estado"] != "FECHADO"
    probes = sent[5:]  # three failures open the breaker, while others are under way
    apart = [later - earlier for earlier, later in itertools.pairwise(probes)]
    assert min(apart) >= 3, "one probe at a time, each at least the breaker's pause apart"
    assert queues.idle(sqs, plant.stack.deployment.outputs["PostDlqUrl"])

    def drained():
        time.sleep(1)
        plant.wake()
        query = "select count(*) n from envios_totvs where numero_op = any(%s) and situacao <> 'CONFIRMADO'"
        return plant.sql(query, ops)[0]["n"]

    eventually(drained, 0)
    booked = {op: [] for op in ops}
    for one in erp.booked():
        if one["numero_op"] in booked:
            booked[one["numero_op"]].append((one["operacao"], one.get("boas")))
    assert booked == {op: [("TOTAL", n % 7 + 1), ("STATUS", None)] for n, op in enumerate(ops)}
    assert queues.idle(sqs, plant.stack.deployment.outputs["PostDlqUrl"])
    spent = plant.sql("select max(tentativas) n from envios_totvs where numero_op = any(%s)", ops)[0]["n"]
    assert spent == 0, "no answer, no attempt"
    eventually(lambda: queues.idle(sqs, plant.stack.deployment.outputs["PostQueueUrl"]))


def test_p6_supabase_away_while_a_report_is_told_and_it_is_booked_once(plant, lot, eventually):
    erp = plant.stack.totvs
    erp.faults({"kind": "slow", "seconds": LAST_RESORT_S, "path": "/api/apontamentos"})
    (op,) = lot.closed((9, 0))
    eventually(lambda: plant.states(op), ["ENVIANDO", "PENDENTE"])
    post = plant.stack.deployment.outputs["PostQueueUrl"]
    with supabase_away(plant.stack):
        erp.faults()  # now it answers
        eventually(lambda: plant.booked(op), [("TOTAL", 9)])
        eventually(lambda: queues.put_off(plant.sqs, post) > 0)  # the sender has given Supabase up
    eventually(lambda: settled(plant, op), ["CONFIRMADO"] * 2, CALLING_S)
    assert plant.booked(op) == [("TOTAL", 9), ("STATUS", None)]
    assert queues.idle(plant.stack.aws.sqs, plant.stack.deployment.outputs["PostDlqUrl"])


def test_p4_signed_before_all_batches_came_it_waits_and_closes_right(plant, eventually):
    line = "SPPV-ENV-VIDRO03"
    gateway = plant.gateway(line)
    op = plant.open_order(line)
    batches = [gateway.seal(*[(1, 0)] * 60, second=60 * n) for n in range(10)]
    gateway.upload(batches[0])
    plant.close_order(op, line, START + timedelta(minutes=10))
    eventually(lambda: plant.total(op), (60, 0))
    (warning,) = plant.sign(line)["avisos"]
    assert warning["codigo"] == "FONTE_ATRASADA"
    assert op not in plant.wake().json()["fechadas"]

    def missing():
        plant.wake()
        rows = plant.sql("select faltas from fechamentos_pendentes where numero_op = %s", op)
        return [falta["codigo"] for row in rows for falta in row["faltas"]]

    assert missing() == ["FONTE_ATRASADA"]
    for batch in batches[1:]:
        gateway.upload(batch)
    eventually(lambda: plant.total(op), (600, 0))
    eventually(missing, ["DIARIO_ALTERADO"], CALLING_S)
    plant.sign(line, "chegou o que faltava do gateway")
    plant.wake()
    eventually(lambda: plant.booked(op), [("TOTAL", 600), ("STATUS", None)])


def test_p1_a_batch_whose_announcement_was_lost_is_found_in_the_bucket(plant, eventually):
    line = "SPPV-ENV-VIDRO04"
    gateway = plant.gateway(line)
    op = plant.open_order(line)
    one, two, three = (gateway.seal((n, 0), second=10 * n) for n in (1, 2, 3))
    gateway.upload(one)
    eventually(lambda: plant.total(op), (1, 0))
    notifications = plant.s3.get_bucket_notification_configuration(Bucket=plant.bucket)
    notifications.pop("ResponseMetadata", None)
    plant.s3.put_bucket_notification_configuration(Bucket=plant.bucket, NotificationConfiguration={})
    gateway.upload(two)
    stray = two.key.rsplit("/", 1)[0] + "/000000000002-nada.txt"
    plant.unrecorded.add(stray)
    plant.s3.put_object(Bucket=plant.bucket, Key=stray, Body=b"x", IfNoneMatch="*")
    plant.s3.put_bucket_notification_configuration(Bucket=plant.bucket, NotificationConfiguration=notifications)
    gateway.upload(three)
    eventually(lambda: plant.total(op), (4, 0))

    def swept():
        plant.wake()
        return plant.total(op)

    eventually(swept, (6, 0), CALLING_S)


def test_p10_quarantined_counts_count_once_the_line_has_an_owner(plant, eventually):
    line = "SPPV-ENV-VIDRO05"
    gateway = plant.gateway("SPPV-EMB-SALA01")
    gateway.line = line
    op = plant.open_order(line)
    batch = gateway.seal((3, 1), (4, 0))
    gateway.upload(batch)
    eventually(lambda: len(plant.quarantine(batch.key)), 1)
    plant.owns(line, gateway.name)
    (held,) = plant.quarantine(batch.key)
    plant.decide("reprocessar_quarentena", p_id=held["id"], p_motivo="a linha passou a este gateway")

    def counted():
        plant.wake()
        return plant.total(op)

    eventually(counted, (7, 1), CALLING_S)
    assert plant.quarantine(batch.key)[0]["decisao"] == "REPROCESSADO"


@pytest.mark.parametrize("name", ["txt", "totvs", "post"])
def test_p6_p10_a_dead_letter_returns_to_its_queue_or_is_kept_discarded(plant, eventually, name):
    queue = plant.stack.deployment.queues[f"sicfar-local-{name}"]
    text = f"ninguém de {name}"
    plant.sqs.send_message(QueueUrl=queue, MessageBody=text)
    command = {"fila": f"{name}-dlq", "filtro": {"texto": text}}

    def letters():
        return plant.invoke("DlqRedriveName", acao="mostrar", **command)["cartas"]

    eventually(lambda: len(letters()), 1, CALLING_S)
    (first,) = letters()
    assert first["codigo"] in ("not_an_s3_event", "message_unreadable", "not_a_doorbell")
    received = plant.sqs.receive_message(QueueUrl=f"{queue}-dlq", AttributeNames=["All"], VisibilityTimeout=0)
    assert received["Messages"][0]["Attributes"]["DeadLetterQueueSourceArn"].endswith(f":sicfar-local-{name}")
    moved = plant.invoke("DlqRedriveName", acao="reenviar", **command)
    assert (moved["movidas"], moved["restam"]) == (1, 0)
    eventually(lambda: [letter["id"] != first["id"] for letter in letters()], [True], CALLING_S)
    assert plant.invoke("DlqRedriveName", acao="descartar", **command)["erro"]["codigo"] == "reason_missing"
    plant.invoke("DlqRedriveName", acao="descartar", **command, motivo="teste da fila")
    assert letters() == []
    (kept,) = plant.sql("select quem, motivo from mensagens_descartadas where corpo = %s", text)
    assert kept["quem"].startswith("não comprovado (requisição ")
    assert kept["motivo"] == "teste da fila"


def poster_processes(stack):
    """The processes that run this stack's TotvsPost, known by their environment."""
    ours = {b"POWERTOOLS_SERVICE_NAME=totvs_post", f"SUPABASE_URL={stack.supabase.url}".encode()}
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdecimal() and ours <= set((folder / "environ").read_bytes().split(b"\0")):
                found.append(int(folder.name))
    return found


@pytest.mark.usefixtures("asking")
class TestWhereTotvsCanBeAsked:
    """Together, for each change of its configuration starts the sender anew; late, for what a killed sender had in work
    stays in its queue until the visibility timeout."""

    @pytest.mark.parametrize("cut", ["cut_after", "cut_before", "html_500"])
    def test_p5_a_report_cut_off_anywhere_is_booked_exactly_once(self, plant, lot, eventually, cut):
        plant.stack.totvs.faults({"kind": cut, "path": "/api/apontamentos"})
        (op,) = lot.closed((6, 1))
        eventually(lambda: settled(plant, op), ["CONFIRMADO"] * 2, CALLING_S)
        assert plant.booked(op) == [("TOTAL", 5), ("STATUS", None)]

    def test_p5_a_sender_killed_in_mid_report_tells_it_exactly_once(self, plant, lot, eventually):
        plant.stack.totvs.faults({"kind": "slow", "seconds": LAST_RESORT_S, "path": "/api/apontamentos"})
        (op,) = lot.closed((3, 0))
        eventually(lambda: plant.states(op), ["ENVIANDO", "PENDENTE"])
        killed = poster_processes(plant.stack)
        assert killed
        for process in killed:
            os.kill(process, signal.SIGKILL)
        plant.stack.totvs.faults()
        eventually(lambda: settled(plant, op), ["CONFIRMADO"] * 2, CALLING_S)
        assert plant.booked(op) == [("TOTAL", 3), ("STATUS", None)]


def test_p6_while_the_breaker_is_open_nothing_is_fetched_from_totvs_either(plant):
    plant.sql_do("update disjuntores set estado = 'ABERTO', sonda_em = now() + interval '1 hour'")
    plant.stack.totvs.forget()
    try:
        assert plant.invoke("TotvsSyncName") == {"pausa": True, "entidades": []}
        assert plant.stack.totvs.received() == []
    finally:
        plant.sql_do("update disjuntores set estado = 'FECHADO', sonda_em = null")


def test_p9_two_secrets_wake_the_closing_while_one_is_being_changed(plant, eventually):
    stack = plant.stack
    new = "segredo-novo-do-fechamento"
    both = json.dumps([new, stack.closings_secret])
    stack.aws.secrets.put_secret_value(SecretId="sicfar/local/fechamentos", SecretString=both)
    for secret in (new, stack.closings_secret):
        eventually(lambda secret=secret: plant.wake(secret).status_code, 200)
    assert plant.wake("x" * 26).status_code == 401


def test_what_totvs_is_told_is_what_the_document_says(plant):
    """Last, so that it sees what every test before it told."""
    document = yaml.safe_load(Path("docs/openapi-totvs.yaml").read_text(encoding="utf-8"))
    names = {"STATUS": "Situacao", "PERDAS": "Perdas"}
    booked = plant.stack.totvs.booked()
    assert {"TOTAL", "STATUS"} <= {one["operacao"] for one in booked}
    for one in booked:
        schema = {"$ref": f"#/components/schemas/{names.get(one['operacao'], 'Producao')}"}
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(one)
