"""The intake's own decisions, with a scripted database: which call, which entry, which fate. S3 is moto's."""

import gzip
import json
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from sicfar.counts.batch import Mark, Unreadable, seal
from sicfar.database import supabase
from sicfar.database.answers import FILES
from sicfar.errors import Fate
from sicfar.ingest.intake import TORN_READS, Intake, Message

EPOCH = "9f3c" * 8
AT = datetime(2026, 3, 15, 11, 15, 5, tzinfo=UTC)
LINES = ["2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,,,,,", "2026-03-15T11:15:01.500Z,SPEP-ENV-B,2,1,,,,,,"]


def sealed(seq=1, lines=LINES):
    return seal(
        gateway="farmace-spep",
        epoch=EPOCH,
        seq=seq,
        sealed_at=AT,
        marks=[Mark("SPEP-ENV-A", 1_773_573_301_250, "ok", -180)],
        lines=lines,
        unreadable=[Unreadable("spep01.txt@77", "COLUNAS", b"a,b\xff")],
    )


@pytest.fixture(scope="module")
def s3():
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="plant")
        yield client


class Database:
    """Answers each call with the next of the scripted answers; keeps what it was asked."""

    def __init__(self, monkeypatch):
        self.calls = []
        self.answers = []
        monkeypatch.setattr(supabase, "registrar_contagens", self._answer)

    def _answer(self, _client, entries):
        self.calls.append(entries)
        answer = self.answers.pop(0) if self.answers else "APLICADO"
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            answer = {"situacao": answer}
        told = [{"chave": entry["chave"], "versao_id": entry["versao_id"], **answer} for entry in entries]
        return FILES.validate_python(told)


@pytest.fixture
def database(monkeypatch):
    return Database(monkeypatch)


def put(s3, key, body):
    s3.put_object(Bucket="plant", Key=key, Body=body)
    return key


def announce(*keys, number=1, attempts=0):
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-03-15T11:15:06Z",
            "s3": {"bucket": {"name": "plant"}, "object": {"key": key, "size": 1}},
        }
        for key in keys
    ]
    return Message(f"m{number}", json.dumps({"Records": records}), attempts)


def process(s3, *messages):
    return Intake(s3, None).process(messages)


def test_p3_many_files_of_many_messages_are_one_call(s3, database):
    keys = [put(s3, sealed(seq).key, sealed(seq).body) for seq in range(1, 8)]
    messages = [announce(*keys[:3], number=1), announce(*keys[3:], number=2)]
    result = process(s3, *messages)
    (entries,) = database.calls
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5, 6, 7]
    assert (result.records, result.failures) == (14, {})


def test_p7_an_entry_says_line_second_counts_marks_and_bytes(s3, database):
    batch = sealed()
    process(s3, announce(put(s3, batch.key, batch.body)))
    ((entry,),) = database.calls
    text = gzip.decompress(batch.body)
    for line in entry["linhas"]:
        assert line["linha_id"].encode() in text[line["byte_de"] : line["byte_ate"]]
    assert {line["linha_id"]: line["segundos"] for line in entry["linhas"]} == {
        "SPEP-ENV-A": [[1_773_573_301, 1, 0]],
        "SPEP-ENV-B": [[1_773_573_301, 2, 1]],
    }
    assert entry["marcas"] == [
        {"linha_id": "SPEP-ENV-A", "ate": "2026-03-15T11:15:01.250Z", "estado": "ok", "relogio_ms": -180}
    ]
    (unreadable,) = entry["quarentena"]
    assert (unreadable["origem"], unreadable["motivo"], unreadable["registros"]) == ("spep01.txt@77", "COLUNAS", 1)
    assert entry["sha256"] == batch.sha256


def test_an_invocation_that_announces_nothing_asks_the_database_nothing(s3, database):
    result = process(s3, Message("m1", json.dumps({"Event": "s3:TestEvent"})))
    assert (database.calls, result.failures) == ([], {})


def test_p8_a_message_that_is_no_event_fails_alone(s3, database):
    batch = sealed()
    result = process(s3, Message("bad", "garbage"), announce(put(s3, batch.key, batch.body), number=2))
    assert list(result.failures) == ["bad"]
    assert result.failures["bad"].fate is Fate.PERMANENT
    assert len(database.calls[0]) == 1


def test_p8_a_torn_batch_is_reread_then_quarantined_with_its_sequence(s3, database):
    batch = sealed(seq=21)
    key = put(s3, batch.key, batch.body[:-20])
    for attempts in range(TORN_READS - 1):
        result = process(s3, announce(key, attempts=attempts))
        assert result.failures["m1"].fate is Fate.TRANSIENT
    assert database.calls == []
    result = process(s3, announce(key, attempts=TORN_READS - 1))
    ((entry,),) = database.calls
    assert result.failures == {}
    assert (entry["seq"], entry["rejeitado"]["motivo"], entry["linhas"]) == (21, "BATCH_TORN", [])


@pytest.mark.parametrize(
    "key", ["contagens/nothing.txt", "contagens/farmace-spep/xyz/2026/03/15/1-0.txt.gz", "contagens/"]
)
def test_p8_a_file_under_no_key_of_a_batch_goes_to_quarantine(s3, database, key):
    process(s3, announce(put(s3, key, b"hello")))
    ((entry,),) = database.calls
    assert entry["rejeitado"]["motivo"] == "BATCH_KEY_INVALID"


def test_a_batch_of_unknown_version_is_a_dead_letter_not_quarantine(s3, database):
    import hashlib

    text = gzip.decompress(sealed(seq=31).body).replace(b"# sicfar-batch 1 ", b"# sicfar-batch 9 ")
    body = gzip.compress(text, mtime=0)
    key = sealed(seq=31).key.rsplit("-", 1)[0] + f"-{hashlib.sha256(body).hexdigest()[:16]}.txt.gz"
    result = process(s3, announce(put(s3, key, body)))
    assert result.failures["m1"].fate is Fate.PERMANENT
    assert database.calls == []


def test_an_object_outside_both_prefixes_is_refused(s3, database):
    result = process(s3, announce(put(s3, "elsewhere/a.txt", b"")))
    assert result.failures["m1"].code == "unknown_prefix"
    assert database.calls == []


def test_p6_when_the_database_is_away_every_message_waits(s3, database):
    database.answers = [supabase.DatabaseUnavailableError("database_unreachable", "away")]
    one, two = sealed(41), sealed(42)
    result = process(s3, announce(put(s3, one.key, one.body)), announce(put(s3, two.key, two.body), number=2))
    assert {error.fate for error in result.failures.values()} == {Fate.TRANSIENT}
    assert set(result.failures) == {"m1", "m2"}


@pytest.mark.parametrize(("sqlstate", "fate"), [("40P01", Fate.TRANSIENT), ("22003", Fate.PERMANENT)])
def test_p8_a_file_the_database_refuses_fails_by_its_own_sqlstate(s3, database, sqlstate, fate):
    error = {"sqlstate": sqlstate, "codigo": "X", "mensagem": "y"}
    database.answers = [{"situacao": "ERRO", "erro": error}]
    batch = sealed(51)
    result = process(s3, announce(put(s3, batch.key, batch.body)))
    assert result.failures["m1"].fate is fate


def test_p1_a_counted_loose_file_is_asked_for_its_tail_only(s3, database):
    whole = b"2026-03-15T08:15:01-03:00,SPEP-EMB-H,5,0\n2026-03-15T08:15:02-03:00,SPEP-EMB-H,7,0\n"
    head = whole[: whole.index(b"\n") + 1]
    key = put(s3, "avulsos/turno d1.txt", head)
    process(s3, announce(key.replace(" ", "+")))
    counted = database.calls[0][0]["aceito"]
    put(s3, key, whole)
    database.answers = [
        {"situacao": "PREFIXO", "prefixo": {**counted, "chave": "avulsos/a.txt", "versao_id": None}},
        "APLICADO",
    ]
    result = process(s3, announce(key.replace(" ", "+")))
    tail = database.calls[2][0]
    assert [line["segundos"] for line in tail["linhas"]] == [[[1_773_573_302, 7, 0]]]
    assert (result.records, tail["prefixo"]) == (1, counted)


def test_p6_a_prefix_that_moves_under_every_attempt_is_tried_again_later(s3, database):
    key = put(s3, "avulsos/b.txt", b"2026-03-15T08:15:01-03:00,SPEP-EMB-H,5,0\n")
    database.answers = [
        {"situacao": "PREFIXO", "prefixo": {"tamanho": 0, "sha256": None, "chave": "x", "versao_id": None}}
    ] * 9
    result = process(s3, announce(key))
    assert result.failures["m1"].fate is Fate.TRANSIENT
