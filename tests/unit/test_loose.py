import gzip
import hashlib
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from sicfar.aws import objects
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.compression import DecompressedTooLargeError
from sicfar.errors import SicfarError
from sicfar.ingest.entries import Prefix
from sicfar.ingest.loose import HEAD_BYTES, NOTHING_COUNTED, ContentChangedError, Counted, first_record, read_loose

LIMIT = 1_000_000
LINES = [f"2026-03-15T08:15:{second:02}.250-03:00,SPEP-EMB-H,{second + 1},0\n".encode() for second in range(40)]


@pytest.fixture(scope="module")
def s3():
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="plant")
        client.put_bucket_versioning(Bucket="plant", VersioningConfiguration={"Status": "Enabled"})
        yield client


def put(s3, body, key="avulsos/a.txt"):
    version = s3.put_object(Bucket="plant", Key=key, Body=body)["VersionId"]
    return ObjectRef("plant", key, version, len(body), datetime(2026, 3, 15, 12, tzinfo=UTC))


def read(s3, ref, counted):
    """The entry as it is sent, or None."""
    entry = read_loose(s3, ref, counted, limit=LIMIT)
    assert entry is None or entry.records == entry.json["registros"]
    return entry and entry.json


def accepted(entry, ref):
    """What the database keeps of an applied entry."""
    return Counted(Prefix(entry["aceito"]["tamanho"], entry["aceito"]["sha256"] or ""), ref.key, ref.version_id)


def made(entry):
    return sum(produced for line in entry["linhas"] for _, produced, _ in line["segundos"])


def test_p1_a_file_that_grew_adds_only_its_tail(s3):
    first = put(s3, b"".join(LINES[:3]))
    one = read(s3, first, None)
    assert (made(one), one["registros"]) == (1 + 2 + 3, 3)
    assert one["prefixo"] == {"tamanho": 0, "sha256": None}
    grown = put(s3, b"".join(LINES[:5]))
    two = read(s3, grown, accepted(one, first))
    assert (made(two), two["registros"]) == (4 + 5, 2)
    assert two["prefixo"] == one["aceito"]
    assert two["aceito"]["sha256"] == hashlib.sha256(b"".join(LINES[:5])).hexdigest()
    (line,) = two["linhas"]
    assert line["byte_de"] == len(b"".join(LINES[:3])), "byte ranges are offsets in the whole file"


def test_p8_a_torn_last_line_waits_and_is_counted_once_it_is_whole(s3):
    torn = put(s3, LINES[0] + LINES[1][:-9])
    one = read(s3, torn, None)
    assert made(one) == 1
    assert one["aceito"]["tamanho"] == len(LINES[0])
    assert [row["motivo"] for row in one["quarentena"]] == ["LINHA_INCOMPLETA"]
    whole = put(s3, LINES[0] + LINES[1])
    two = read(s3, whole, accepted(one, torn))
    assert made(two) == 2
    assert two["quarentena"] == []


def test_p1_an_older_version_that_arrives_late_adds_nothing(s3):
    older = put(s3, b"".join(LINES[:2]))
    newer = put(s3, b"".join(LINES[:4]))
    counted = accepted(read(s3, newer, None), newer)
    assert read(s3, older, counted) is None


def test_p1_an_earlier_stage_of_a_counted_file_adds_nothing(s3):
    newer = put(s3, b"".join(LINES[:4]), key="avulsos/cópia.txt")
    counted = accepted(read(s3, newer, None), newer)
    assert read(s3, put(s3, b"".join(LINES[:2])), counted) is None


def test_p1_a_content_is_identified_through_its_first_record(s3):
    header = b"timestamp,producao_count,linha_id,rejeicao_count\n"
    row = b"2026-03-15T08:15:01-03:00,1,SPEP-EMB-H,0\r\n"
    for noise in (b"", b"lixo\n", b"# um, dois, 3, 4\n\n", header + b"timestamp,1,2,3,4\n" + header):
        start = b"\xef\xbb\xbf" + header + noise
        known = first_record(start + row + LINES[0])
        assert known == Prefix(len(start + row), hashlib.sha256(start + row).hexdigest())
        assert first_record(start + row[:-1]) == NOTHING_COUNTED, "not before it is whole"
    entry = read(s3, put(s3, LINES[0] + LINES[1]), None)
    assert entry["inicio_sha256"] == hashlib.sha256(LINES[0]).hexdigest()
    assert read(s3, put(s3, b"lixo\n" * HEAD_BYTES), None)["inicio_sha256"] is None


def test_p1_content_that_changed_instead_of_growing_is_not_counted(s3):
    first = put(s3, b"".join(LINES[:3]))
    counted = accepted(read(s3, first, None), first)
    for other in (b"".join(LINES[1:9]), b"".join(LINES[1:2])):
        with pytest.raises(ContentChangedError, match="mudou em vez de crescer"):
            read(s3, put(s3, other), counted)


def test_an_empty_version_of_a_counted_file_adds_nothing(s3):
    first = put(s3, LINES[0])
    counted = accepted(read(s3, first, None), first)
    assert read(s3, put(s3, b""), counted) is None


def test_a_header_in_the_counted_part_names_the_tails_columns(s3):
    header = b"timestamp,producao_count,linha_id,rejeicao_count\n"
    rows = [f"2026-03-15T08:15:0{n}-03:00,{n},SPEP-EMB-H,0\n".encode() for n in (1, 2)]
    first = put(s3, header + rows[0])
    one = read(s3, first, None)
    two = read(s3, put(s3, header + rows[0] + rows[1]), accepted(one, first))
    assert (made(one), made(two)) == (1, 2)


def test_p8_a_gzip_bomb_ends_at_the_limit(s3):
    with pytest.raises(DecompressedTooLargeError):
        read(s3, put(s3, gzip.compress(b"0" * 50_000_000)), None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, sum(map(len, LINES))), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
    zipped=st.booleans(),
)
def test_p1_versions_cut_and_read_in_any_order_count_each_line_once(s3, cuts, order, zipped):
    """Against a plain oracle: the longest version seen decides, and only its complete lines count."""
    whole = b"".join(LINES)
    refs = []
    for cut in sorted(cuts):
        body = gzip.compress(whole[:cut]) if zipped else whole[:cut]
        refs.append((cut, put(s3, body)))
    order.shuffle(refs)
    counted, total = None, 0
    for _, ref in refs:
        entry = read(s3, ref, counted)
        if entry:
            total += made(entry)
            counted = accepted(entry, ref)
    complete = whole[: max(cuts)].count(b"\n")
    assert total == sum(range(1, complete + 1))


def test_a_deleted_object_and_a_missing_bucket_tell_their_fates(s3):
    ref = put(s3, LINES[0], key="avulsos/gone.txt")
    s3.delete_object(Bucket="plant", Key=ref.key, VersionId=ref.version_id)
    with pytest.raises(objects.ObjectGoneError, match=r"avulsos/gone\.txt"):
        read(s3, ref, None)
    missing = ObjectRef("no-such-plant", "avulsos/a.txt", None, 1, ref.written_at)
    with pytest.raises(objects.BucketAccessError, match="no-such-plant"):
        read(s3, missing, None)


def test_p6_a_bucket_that_does_not_answer_is_transient():
    class Away:
        def get_object(self, **_):
            raise EndpointConnectionError(endpoint_url="http://away")

    ref = ObjectRef("plant", "avulsos/a.txt", None, 1, datetime(2026, 3, 15, tzinfo=UTC))
    with pytest.raises(objects.BucketUnavailableError):
        read_loose(Away(), ref, None, limit=LIMIT)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "SlowDown", objects.BucketUnavailableError),
        (500, "InternalError", objects.BucketUnavailableError),
        (429, "TooManyRequests", objects.BucketUnavailableError),
        (400, "ExpiredToken", objects.BucketUnavailableError),
        (403, "RequestTimeTooSkewed", objects.BucketUnavailableError),
        (403, "AccessDenied", objects.BucketAccessError),
        (404, "NoSuchBucket", objects.BucketAccessError),
        (404, "NoSuchKey", objects.ObjectGoneError),
        (400, "KMS.DisabledException", objects.BucketUnknownError),
        (405, "MethodNotAllowed", objects.BucketUnknownError),
    ],
)
def test_p6_the_refusal_of_a_bucket_decides_its_fate(status, code, kind):
    class Refusing:
        def get_object(self, **_):
            answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "GetObject")

    ref = ObjectRef("plant", "avulsos/a.txt", None, 1, datetime(2026, 3, 15, tzinfo=UTC))
    with pytest.raises(SicfarError) as refused:
        read_loose(Refusing(), ref, None, limit=LIMIT)
    assert type(refused.value) is kind
