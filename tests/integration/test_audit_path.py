"""The audit after histories nobody wrote down: what the whole way of a count does at random, audited at its end."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sicfar.audit.differences import Difference
from sicfar.audit.evidence import Evidence
from sicfar.audit.run import Audit
from tests.integration.test_count_path import CountPath
from tests.site import BUCKET, Bucket

WRITTEN = datetime(2026, 3, 15, tzinfo=UTC)


class Listed:
    """A bucket that can be listed."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.get_object = bucket.get_object

    def get_paginator(self, _name: str) -> "Listed":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Bucket == BUCKET
        for key, versions in sorted(self.bucket.objects.items()):
            if key.startswith(Prefix):
                yield {
                    "Versions": [
                        {
                            "Key": key,
                            "VersionId": version.id,
                            "Size": len(version.body),
                            "LastModified": WRITTEN,
                            "IsLatest": version is versions[-1],
                        }
                        for version in versions
                    ]
                }


class Audited(CountPath):
    """The same plant; an audit when everything has arrived."""

    def everything_arrives(self) -> None:
        super().everything_arrives()
        # A lost spool may have been declared longer than it was: those sequences come to an end, too.
        for gap in self.db.sql(
            "select gateway, epoca, s as seq from lacunas_sequencia"
            " cross join generate_series(anterior + 1, seq - 1) as s"
        ):
            arguments = {f"p_{name}": value for name, value in gap.items()}
            self.db.call(self.person, "anular_sequencia", **arguments, p_motivo="perdida com o disco")
        found: list[Difference] = []
        with self.db.connection.transaction():
            Audit(Evidence(self.db.connection), Listed(self.site.bucket), BUCKET, found.append, grace_s=0).run()  # type: ignore[arg-type]
        assert found == [], [str(one) for one in found]
        self.seen["audited"] += 1


def test_p1_p2_an_audit_agrees_with_whatever_history(cluster) -> None:
    seen = Counter[str]()

    class Machine(Audited):
        new_database = staticmethod(cluster.fresh)

    Machine.seen = seen
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(os.environ.get("AUDIT_EXAMPLES", "3")),
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert seen["audited"] > 0
