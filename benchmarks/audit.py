"""What an audit costs: batches of all 37 lines as a gateway seals them, five seconds each, recorded and audited.

The bucket is this process's memory, so that what is measured is our own work; PostgreSQL without fsync. Each case runs
in a process of its own, because memory is measured too.
"""

import multiprocessing
import resource
import time
from datetime import UTC, datetime

from benchmarks.figures import block, table
from local.simulators.s3 import Bucket
from local.stack import migrated
from local.stack.database import T0, Database, Rpc
from operations.audit.differences import Difference
from operations.audit.evidence import Evidence
from operations.audit.run import Audit
from sicfar.aws.notifications import ObjectRef, announcement
from sicfar.counts.batch import seal
from sicfar.counts.record import Record, format_record
from sicfar.ingest.intake import Intake, Message

_BUCKET = "bench"
_SECONDS = 5
_DAY = 86_400 // _SECONDS


def run(most: int) -> str:
    """Audit a fifth of `most` batches, then all of them, and return the report."""
    rows: list[list[str]] = []
    with migrated.cluster() as cluster:
        for size in (most // 5, most):
            with cluster.fresh() as url, multiprocessing.get_context("spawn").Pool(1) as alone:
                rows.append(alone.apply(_case, (url, size)))
    said = [
        f"`python -m benchmarks audit`: batches of 37 lines, {_SECONDS} s each, one record a second and line.",
        f"A day of such a gateway is {_DAY:,} batches; reading them from S3 goes on beside it, ten at a time.",
    ]
    head = ["batches", "CPU, ms a batch", "CPU, s a day", "most memory, MB"]
    return block("Auditing: `audit`", said, table(head, rows))


def _case(url: str, size: int) -> list[str]:
    db = Database(url)
    lines = [row["linha_id"] for row in db.sql("select linha_id from linhas order by 1")]
    db.gateway("planta-1", *lines)
    db.lot("000123")
    boss = db.person("SUPERVISOR")
    for line in lines[::2]:
        db.open(boss, "000123", line, T0)
    bucket = Bucket(_BUCKET)
    intake = Intake(bucket, Rpc(db))  # type: ignore[arg-type]
    for number in range(size):
        batch = seal(
            gateway="planta-1",
            epoch="a" * 32,
            seq=number + 1,
            sealed_at=datetime.fromtimestamp(T0, UTC),
            marks=[],
            lines=[
                format_record(Record((T0 + number * _SECONDS + n) * 1000, line, 1, 0))
                for line in lines
                for n in range(_SECONDS)
            ],
            unreadable=[],
        )
        version = bucket.write(batch.key, batch.body)
        ref = ObjectRef(_BUCKET, batch.key, version.id, len(batch.body), datetime.now(UTC))
        failures = intake.process([Message("m", announcement(ref))]).failures
        if failures:
            raise failures["m"]
    found: list[Difference] = []
    begun = time.process_time()
    with db.connection.transaction():
        Audit(Evidence(db.connection), bucket, _BUCKET, found.append, grace_s=0).run()  # type: ignore[arg-type]
    each = (time.process_time() - begun) / size
    if found:
        raise RuntimeError(str(found[0]))
    db.close()
    most_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [str(size), f"{each * 1000:.1f}", f"{each * _DAY:.0f}", str(most_memory)]
