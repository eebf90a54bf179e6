"""The deployed template, end to end: an object in the bucket becomes a total. Each test has a line of its own."""

import gzip
import hashlib
import json

import pytest
from botocore.exceptions import ClientError

from sicfar.counts.keys import BatchKey
from tests.support import queues
from tests.support.stack import supabase_away


def row(second, line, made, rejected=0):
    return f"2026-03-15T08:00:{second:02}.000-03:00,{line},{made},{rejected}\n".encode()


def test_p3_a_batch_becomes_a_total_in_units(plant, eventually):
    line = "SPEP-ENV-A"
    gateway = plant.gateway(line)
    op = plant.open_order(line)
    gateway.upload(gateway.seal((2, 1), (3, 0), (0, 0)))
    # Eight cavities a cycle; rejects are units already.
    eventually(lambda: plant.total(op), (5 * 8, 1))


def test_p1_a_batch_uploaded_and_announced_again_counts_once(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-B")
    op = plant.open_order("SPEP-ENV-B")
    batch = gateway.seal((7, 0))
    gateway.upload(batch)
    with pytest.raises(ClientError) as refused:
        gateway.upload(batch)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    plant.announce(batch.key, batch.key)
    plant.announce(batch.key)
    second = gateway.seal((1, 0), second=10)
    gateway.upload(second)
    eventually(plant.idle)
    assert plant.total(op) == (8, 0)


def test_p1_batches_count_in_any_order_and_the_mark_waits_for_the_gap(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-C")
    op = plant.open_order("SPEP-ENV-C")
    one, two, three = (gateway.seal((n, 0), second=10 * n) for n in (1, 2, 3))
    for batch in (three, one):
        gateway.upload(batch)
    eventually(lambda: plant.total(op), (4, 0))

    def mark():
        query = "select extract(epoch from ate - '2026-03-15 11:00:00+00')::int s from marcas_linha where gateway = %s"
        return [found["s"] for found in plant.sql(query, gateway.name)]

    assert mark() == [11]
    gateway.upload(two)
    eventually(mark, [31])
    assert plant.total(op) == (6, 0)


@pytest.mark.parametrize(
    ("line", "key", "pack"),
    [
        ("SPEP-EMB-EST04", "avulsos/contagem manhã + tarde (1).txt", bytes),
        ("SPEP-EMB-EST05", "avulsos/turno D1/esteira 05.txt.gz", gzip.compress),
    ],
)
def test_a_loose_file_counts_whatever_its_name_gzipped_or_plain(plant, eventually, line, key, pack):
    plant.owns(line, "avulso")
    op = plant.open_order(line)
    plant.put(key, pack(row(1, line, 5) + row(2, line, 6, 1)))
    eventually(lambda: plant.total(op), (11, 1))


def test_p1_a_loose_file_that_grows_and_is_copied_counts_each_line_once(plant, eventually):
    line = "SPEP-EMB-EST06"
    plant.owns(line, "avulso")
    op = plant.open_order(line)
    text = b"".join(row(n, line, 1) for n in range(6))
    for length in (2, 4, 6):
        plant.put("avulsos/cresce.txt", text[: length * len(row(0, line, 1))])
    eventually(lambda: plant.total(op), (6, 0))
    plant.put("avulsos/cresce - cópia.txt", text)
    eventually(plant.idle)
    assert plant.total(op) == (6, 0)


def test_p8_a_loose_file_hurts_only_its_own_bad_lines(plant, eventually):
    line = "SPEP-EMB-EST07"
    plant.owns(line, "avulso")
    op = plant.open_order(line)
    key = "avulsos/com defeitos.txt"
    bad = [
        b"2026-03-15T08:00:02,SPEP-EMB-EST07,1\n",
        "Produção;Rejeição\n".encode("cp1252"),
        b"ontem,SPEP-EMB-EST07,1,0\n",
    ]
    torn = row(9, line, 100)[:-1]
    plant.put(key, b"\xef\xbb\xbf" + row(1, line, 5) + b"\r\n".join(bad) + row(3, line, 6) + torn)
    eventually(lambda: plant.total(op), (11, 0))
    found = plant.quarantine(key)
    assert [entry["motivo"] for entry in found][-1] == "LINHA_INCOMPLETA"
    assert bytes(found[-1]["amostra"]) == torn
    assert {entry["motivo"] for entry in found} >= {"COLUNAS", "CODIFICACAO", "INSTANTE_INVALIDO"}


def test_p1_records_of_a_line_not_owned_are_quarantined_with_their_sum(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-D")
    op = plant.open_order("SPEP-ENV-E")
    foreign = plant.gateway("SPEP-ENV-E")
    gateway.line = "SPEP-ENV-E"
    batch = gateway.seal((4, 1), (5, 0))
    gateway.upload(batch)
    eventually(
        lambda: [(e["motivo"], e["producao"], e["rejeicao"]) for e in plant.quarantine(batch.key)], [("NAO_DONO", 9, 1)]
    )
    foreign.upload(foreign.seal((1, 0)))
    eventually(lambda: plant.total(op), (1, 0))


def test_p8_a_torn_batch_is_quarantined_and_its_successor_counts(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-F")
    op = plant.open_order("SPEP-ENV-F")
    torn, good = gateway.seal((9, 0)), gateway.seal((2, 0), second=10)
    plant.s3.put_object(Bucket=plant.bucket, Key=torn.key, Body=torn.body[:-10], IfNoneMatch="*")
    gateway.upload(good)
    eventually(lambda: plant.total(op), (2, 0))
    eventually(lambda: [entry["motivo"] for entry in plant.quarantine(torn.key)], ["BATCH_TORN"])
    eventually(plant.idle)


def test_p6_an_unknown_version_is_a_dead_letter_that_can_return(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-G")
    sealed = gateway.seal((1, 0))
    text = gzip.decompress(sealed.body).replace(b"# sicfar-batch 1 ", b"# sicfar-batch 9 ", 1)
    body = gzip.compress(text, mtime=0)
    good = BatchKey.parse(sealed.key)
    key = BatchKey(good.gateway, good.epoch, good.seq, good.sealed_on, hashlib.sha256(body).hexdigest()[:16]).format()
    plant.s3.put_object(Bucket=plant.bucket, Key=key, Body=body, IfNoneMatch="*")
    plant.unrecorded.add(key)
    letters = []

    def dead():
        letters[:] = [letter for letter in plant.dead_letters() if key.split("/")[1] in letter["Body"]]
        return len(letters)

    eventually(dead, 1)
    assert letters[0]["Attributes"]["DeadLetterQueueSourceArn"].endswith(":sicfar-local-txt")
    assert plant.quarantine(key) == []
    plant.sqs.delete_message(QueueUrl=plant.dlq, ReceiptHandle=letters[0]["ReceiptHandle"])


def test_the_test_event_of_s3_leaves_no_trace(plant, eventually):
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": plant.bucket}
    plant.sqs.send_message(QueueUrl=plant.queue, MessageBody=json.dumps(event))
    eventually(plant.idle)
    assert [letter for letter in plant.dead_letters() if "TestEvent" in letter["Body"]] == []


def test_p6_while_supabase_is_away_counts_wait_no_dead_letter(plant, eventually):
    gateway = plant.gateway("SPEP-ENV-H")
    op = plant.open_order("SPEP-ENV-H")
    gateway.upload(gateway.seal((1, 0)))
    eventually(lambda: plant.total(op), (1, 0))
    with supabase_away(plant.stack):
        for second in range(10, 50, 10):
            gateway.upload(gateway.seal((1, 0), second=second))
        for _ in range(2):
            eventually(lambda: queues.put_off(plant.sqs, plant.queue) > 0)  # an attempt has failed
            eventually(lambda: queues.put_off(plant.sqs, plant.queue) == 0)  # the next one is under way
        assert not plant.idle()
        assert plant.dead_letters() == []
    eventually(lambda: plant.total(op), (5, 0))
    eventually(plant.idle)
    assert plant.dead_letters() == []
