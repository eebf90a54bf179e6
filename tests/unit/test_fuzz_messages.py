"""Queue messages and objects of any bytes, through the whole intake: bad input hurts only itself (P8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.simulators.s3 import Bucket
from sicfar.counts.keys import BATCHES, LOOSE, BatchKey
from sicfar.database import supabase
from sicfar.database.answers import FileRecorded
from sicfar.database.codes import FileSituation
from sicfar.ingest.intake import Intake, Message
from sicfar.instants import format_instant, to_ms
from tests.fuzz import strategies, targets

NUL = "%00"


@settings(max_examples=200)
@given(strategies.s3_events)
def test_p8_a_message_names_objects_that_can_be_kept_or_fails_for_good(data: bytes) -> None:
    targets.s3_event(data)


def stored(objects: Mapping[str, bytes]) -> Bucket:
    bucket = Bucket("plant")
    for key, body in objects.items():
        bucket.write(key, body)
    return bucket


def announced(key: str) -> str:
    entity = {"key": key.replace("%", "%25").replace("+", "%2B").replace(" ", "+"), "size": 1}
    record = {"eventName": "ObjectCreated:Put", "eventTime": "2026-03-15T11:15:06Z"}
    return json.dumps({"Records": [{**record, "s3": {"bucket": {"name": "plant"}, "object": entity}}]})


def stored_under(data: bytes, kind: int) -> tuple[str, bytes]:
    """A key and its object: a loose file, a batch under its own digest, one under another, a name that is none."""
    key = BatchKey("farmace-spep", "9f3c" * 8, 2, targets.DAY, targets.key_of(data).digest16).format()
    return ((LOOSE + "a.txt", data), (key, data), (key, data + b"x"), (BATCHES + "x", data))[kind]


def all_applied(_client: object, entries: list[dict[str, Any]]) -> list[FileRecorded]:
    return [
        FileRecorded(key=entry["chave"], version_id=entry["versao_id"], situation=FileSituation.APPLIED)
        for entry in entries
    ]


@settings(max_examples=100)
@given(
    objects=st.lists(st.tuples(strategies.counting_files | st.binary(max_size=40), st.integers(0, 3)), max_size=3),
    noise=st.lists(strategies.s3_events, max_size=2),
    attempts=st.integers(0, 4),
)
def test_p8_a_sealed_batch_is_recorded_whatever_messages_lie_beside_it(
    objects: list[tuple[bytes, int]], noise: list[bytes], attempts: int
) -> None:
    bucket = dict(stored_under(data, kind) for data, kind in objects) | {targets.SEALED.key: targets.SEALED.body}
    messages = [Message(f"m{n}", announced(key), attempts) for n, key in enumerate(bucket)]
    messages += [
        Message(f"x{n}", body.decode("utf-8", "replace"), attempts)
        for n, body in enumerate(noise)
        if b"plant" not in body  # what the noise announces is in no bucket
    ]
    calls: list[list[dict[str, Any]]] = []

    def record(client: object, entries: list[dict[str, Any]]) -> list[FileRecorded]:
        calls.append(entries)
        targets.storable(entries)
        return all_applied(client, entries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supabase, "registrar_contagens", record)
        result = Intake(stored(bucket), None).process(messages)  # type: ignore[arg-type]
    (entries,) = calls
    applied = {entry["chave"]: entry for entry in entries}
    good = applied[targets.SEALED.key]
    assert sum(made for line in good["linhas"] for _, made, _ in line["segundos"]) == 1
    assert [(span["producao"], span["rejeicao"]) for span in good["intervalos"]] == [(2, 1), (7, 0)]
    for message, key in zip(messages, bucket, strict=False):
        assert (message.id in result.failures) != (key in applied)


NOT_EVENTS = {
    "levels": "[" * 100_000,
    "a size without end": announced("avulsos/a.txt").replace('"size": 1', '"size": Infinity'),
    "a NUL in the key": announced("avulsos/a.txt").replace("a.txt", NUL),
    "half of a surrogate pair in the key": announced("avulsos/a.txt").replace("a.txt", "\\ud800"),
    "a version that is a number": announced("avulsos/a.txt").replace('"size": 1', '"versionId": 7'),
    "a bucket that is a number": announced("avulsos/a.txt").replace('"plant"', "7"),
    "an instant without its zone": announced("avulsos/a.txt").replace("06Z", "06"),
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_p8_a_message_no_bucket_writes_fails_neighbours_are_recorded(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supabase, "registrar_contagens", all_applied)
    messages = [Message("bad", body), Message("good", announced(targets.SEALED.key))]
    result = Intake(stored({targets.SEALED.key: targets.SEALED.body}), None).process(messages)  # type: ignore[arg-type]
    assert {name: error.code for name, error in result.failures.items()} == {"bad": "not_an_s3_event"}
    assert result.records == 3


def test_an_instant_of_a_year_with_leading_zeros_is_written_with_them() -> None:
    assert format_instant(to_ms(datetime(1, 1, 1, 3, tzinfo=UTC))) == "0001-01-01T03:00:00.000Z"
