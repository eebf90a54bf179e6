"""The outbox again, with a database that is lost at any moment and comes back as an older copy of itself."""

import json
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from local.stack.database import T0, Database
from tests.integration.test_db_outbox import Telling
from tests.support.outbox import Erp

OPS = ("000001", "000002")
ops = st.sampled_from(OPS)


class Told(Erp):
    """Tells of each report what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, object] = {}

    def __call__(self, request):
        answer = super().__call__(request)
        if request.method == "POST":
            body = json.loads(request.content)
            self.said.setdefault(body["id_externo"], body.get("boas"))
        elif answer.status_code == 200:
            rows = [{**row, "boas": self.said.get(row["id_externo"])} for row in answer.json()["items"]]
            answer = type(answer)(200, json={"items": rows, "hasNext": False})
        return answer


class Losing(Telling):
    """Whatever the lost database had made since its copy is made anew by the same people, in the same order."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.made: list[str] = []
        self.boss_of_all = self.db.person("SUPERVISOR")
        for op, line in zip(OPS, ("SPEP-ENV-A", "SPEP-ENV-B"), strict=True):
            self.db.open(self.boss_of_all, op, line, T0)
        erp = Told()
        self.office.erp = erp
        self.office.add = self.add_with_amounts  # type: ignore[method-assign]

    def add_with_amounts(self, op: str, kind: str = "STATUS") -> int:  # noqa: ARG002 - every report here has amounts
        self.made.append(op)
        amount = json.dumps({"boas": len(self.made)})
        return int(self.db.one("select interno.criar_envio(%s, 'AJUSTE', %s)", op, amount))

    @rule(
        before=st.lists(ops, max_size=2),
        since=st.lists(ops, max_size=2),
        mood=st.sampled_from(["ok", "ok", "cut after"]),
    )
    def a_stretch_is_lost(self, before, since, mood) -> None:
        """A copy is taken, reports are made and told, the database is lost, people make the same ones again."""
        self.ids += [self.office.add(op) for op in before]
        url, name = self.db.url, self.db.one("select current_database()")
        self.db.close()
        copy = self.stack.enter_context(self.cluster.fresh(name))
        self.connect(url)
        self.ids += [self.office.add(op) for op in since]
        self.office.erp.mood = mood
        for report in self.office.due():
            self.ring(report, None, None, True)
        self.db.close()
        self.connect(copy)
        with self.db.as_role("service_role"):
            self.db.one("select declarar_restauracao(now() - interval '1 minute', 'ti', 'o disco se perdeu')")
        del self.made[len(self.made) - len(since) :]
        for op in since:
            self.office.add(op)

    def connect(self, url: str) -> None:
        self.db = Database(url)
        self.stack.callback(self.db.close)
        self.office.db = self.office.rpc.db = self.db


@pytest.mark.parametrize("asking", [True, False])
def test_p5_a_restored_database_tells_nothing_twice_and_forgets_nothing(cluster, asking):
    machine = type("Losing", (Losing,), {"cluster": cluster, "asking": asking})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("RESTORE_EXAMPLES", "4")),
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
