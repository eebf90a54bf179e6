import json
from datetime import UTC, datetime

import pytest

from sicfar.aws.notifications import NotAnS3EventError, object_refs
from sicfar.errors import Fate


def record(key, *, event="ObjectCreated:Put", **entity):
    return {
        "eventName": event,
        "eventTime": "2026-03-15T11:15:05.123Z",
        "s3": {"bucket": {"name": "plant"}, "object": {"key": key, "size": 7, **entity}},
    }


def body(*records):
    return json.dumps({"Records": list(records)})


def test_keys_with_blanks_accents_and_plus_signs_arrive_unchanged():
    (ref,) = object_refs(body(record("avulsos/produ%C3%A7%C3%A3o+da+linha+A%2BB.txt")))
    assert ref.key == "avulsos/produção da linha A+B.txt"


def test_one_message_may_announce_several_objects_with_their_versions():
    refs = object_refs(body(record("a", versionId="1"), record("b", versionId="2"), record("c")))
    assert [(ref.key, ref.version_id) for ref in refs] == [("a", "1"), ("b", "2"), ("c", None)]


def test_the_instant_of_writing_is_aware_and_utc():
    (ref,) = object_refs(body(record("a")))
    assert ref.written_at == datetime(2026, 3, 15, 11, 15, 5, 123000, tzinfo=UTC)


def test_the_test_event_of_s3_and_deletions_announce_nothing():
    assert object_refs(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "plant"})) == []
    assert object_refs(body(record("a", event="ObjectRemoved:Delete"))) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "not json", "[]", "null", "7", "{}", '{"Records": 3}', '{"Records": [{}]}', '{"Records": [null]}'),
        body({**record("a"), "eventTime": "yesterday"}),
        body({**record("a"), "s3": {}}),
    ],
)
def test_p8_whatever_is_no_s3_event_is_permanent_and_shows_the_text(text):
    with pytest.raises(NotAnS3EventError) as caught:
        object_refs(text)
    assert caught.value.fate is Fate.PERMANENT
    assert text[:50] in str(caught.value).replace("\\\\", "\\").replace("\\'", "'")
