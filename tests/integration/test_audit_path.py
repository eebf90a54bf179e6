"""The audit after histories of the whole way of a count: some written down, each a miscount once, and random ones."""

import gzip
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from local.stack.database import T0
from operations.audit.differences import Difference
from operations.audit.evidence import Evidence
from operations.audit.run import Audit
from tests.integration.test_count_path import CountPath
from tests.support.site import BUCKET, GATEWAY, Site

A = Site.SENSORS[0]
BEGINNING = T0 - 86_400


class Audited(CountPath):
    """The same plant; an audit when everything has arrived."""

    def everything_arrives(self) -> None:
        super().everything_arrives()
        # A lost spool may have been declared longer than it was: those sequences come to an end, too.
        for gap in self.db.sql(
            "select gateway, epoca, anterior + 1 as seq, seq - 1 as ate_seq from lacunas_sequencia"
            " where seq - anterior > 1"
        ):
            arguments = {f"p_{name}": value for name, value in gap.items()}
            self.db.call(self.person, "anular_sequencia", **arguments, p_motivo="perdida com o disco")
        found: list[Difference] = []
        with self.db.connection.transaction():
            Audit(Evidence(self.db.connection), self.site.bucket, BUCKET, found.append, grace_s=0).run()  # type: ignore[arg-type]
        assert found == [], [str(one) for one in found]
        self.seen["audited"] += 1


def play(cluster, story: Callable[[Audited], None]) -> None:
    """One history written down, with everything that holds of random ones, and its audit."""

    class Machine(Audited):
        new_database = staticmethod(cluster.fresh)

    Machine.seen = Counter[str]()
    machine = Machine()
    try:
        machine.plant()
        machine.site.clock.ms += 10_000  # its orders are open
        story(machine)
        machine.all_is_as_it_must_be()
    finally:
        machine.teardown()


def seen_by_the_gateway(machine: Audited) -> None:
    """A file is read once it stands still."""
    for _ in range(3):
        machine.site.clock.ms += 12_000
        machine.site.poll("keyence", "no")


def waiting(machine: Audited) -> list[dict[str, Any]]:
    """What waits of files."""
    found = [row["detalhes"] for row in machine.db.pending("QUARENTENA")]
    return [row for row in found if row["fonte"] is None]


def reasons(machine: Audited) -> list[tuple[str, ...]]:
    return sorted({(row["motivo"], *row["outros_motivos"]) for row in waiting(machine)})


def read_all_again(machine: Audited) -> None:
    for row in waiting(machine):
        machine.have_read_again(row)
    machine.parse(machine.site.queue, "ok")


@pytest.mark.parametrize("keeper", ["manual", "planta-2"])
def test_p1_a_lost_spool_and_a_line_handed_over_and_back_count_once(cluster, keeper) -> None:
    def story(machine: Audited) -> None:
        machine.site.write(A, [(5, 0), (1, 1)], 1_500, None)
        seen_by_the_gateway(machine)
        machine.flow()
        counted = machine.db.totals()["000123", A]
        assert counted[0] > 0
        machine.assign(A, keeper, BEGINNING, None)
        machine.site.lose_spool()
        seen_by_the_gateway(machine)
        machine.flow()
        assert reasons(machine) == [("NAO_DONO", "EPOCA_ANTERIOR")]
        read_all_again(machine)
        assert reasons(machine) == [("NAO_DONO", "EPOCA_ANTERIOR")]
        machine.assign(A, GATEWAY, BEGINNING, None)
        machine.parse(machine.site.queue, "ok")
        assert reasons(machine) == [("EPOCA_ANTERIOR",)]
        assert machine.db.totals()["000123", A] == counted

    play(cluster, story)


def test_p1_a_line_handed_over_half_way_settles_each_part_for_itself(cluster) -> None:
    def story(machine: Audited) -> None:
        machine.site.write(A, [(5, 0), (4, 0), (3, 0), (2, 0)], 4_000, None)
        seen_by_the_gateway(machine)
        machine.flow()
        counted = machine.db.totals()["000123", A]
        machine.assign(A, "planta-2", T0 + 8, None)
        machine.site.lose_spool()
        machine.site.write(A, [(1, 0), (1, 0)], 4_000, None)
        seen_by_the_gateway(machine)
        machine.flow()
        assert ("NAO_DONO", "EPOCA_ANTERIOR") in reasons(machine)
        machine.assign(A, GATEWAY, BEGINNING, None)
        machine.parse(machine.site.queue, "ok")
        assert set(reasons(machine)) == {("EPOCA_ANTERIOR",)}
        assert machine.db.totals()["000123", A][0] <= counted[0] + 2 * 8

    play(cluster, story)


def test_p1_an_object_written_over_after_its_torn_batch_was_discarded(cluster) -> None:
    def story(machine: Audited) -> None:
        machine.site.write(A, [(5, 0)], 1_500, None)
        seen_by_the_gateway(machine)
        machine.site.send_all()
        keys = set(machine.site.bucket.objects)
        machine.site.bucket.broken |= keys
        while machine.site.queue:  # a torn batch is read again before it is set aside
            machine.parse(machine.site.queue, "ok")
        assert reasons(machine) == [("BATCH_TORN",)]
        for row in machine.db.pending("QUARENTENA"):
            machine.throw_away(row["detalhes"])
        machine.site.bucket.broken.clear()
        for key in keys:
            machine.site.bucket.write(key, gzip.compress(b"outra coisa", mtime=0))
        while machine.site.queue:
            machine.parse(machine.site.queue, "ok")
        assert reasons(machine) == [("OBJETO_ALTERADO",)]

    play(cluster, story)


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
