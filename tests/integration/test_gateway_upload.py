"""The gateway's upload against an S3 that keeps what it is given: a batch exists once, whatever is sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_gateway.spool.store import Spool
from edge_gateway.uploader import S3Store, Uploader
from local.stack.emulator import Emulator
from sicfar.counts.batch import Mark, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from tests.support.reading import Reading

NOW = 1_773_573_301_250
BUCKET = "sicfar-uploads"


@pytest.fixture(scope="module")
def aws(aws: Emulator) -> Emulator:
    aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    aws.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return aws


@pytest.fixture
def store(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return S3Store(BUCKET, None)


def test_p1_a_batch_uploaded_twice_is_there_once_unchanged(tmp_path: Path, aws: Emulator, store: S3Store) -> None:
    spool = Spool(tmp_path, "farmace-spep", seal_records=10)
    marks = [Mark("SPEP-ENV-A", NOW, "ok")]
    spool.store("keyence", *Reading([Record(NOW, "SPEP-ENV-A", 7, 1)], marks=marks).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    batch = spool.next_sealed()
    assert batch is not None
    store.put(batch)
    # The process ended before it heard of its success: the next one sends the same again.
    spool.close()
    again = Spool(tmp_path, "farmace-spep", seal_records=10)
    uploader = Uploader(again, store)
    uploader.start()
    uploader.stop(10)
    assert again.waiting() == (0, 0)
    again.close()
    versions = aws.s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert [item["Key"] for item in versions] == [batch.key]
    body = aws.s3.get_object(Bucket=BUCKET, Key=batch.key)["Body"].read()
    assert body == batch.body
    assert read_batch(BatchKey.parse(batch.key), [body]).tally.records == 1


def test_a_listing_of_the_own_prefix_is_all_check_asks_of_the_bucket(aws: Emulator, store: S3Store) -> None:
    store.check("farmace-spep")
