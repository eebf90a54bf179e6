"""Many deliverers at once, while orders open and close, lots are looked at and quarantine is decided: every unit counts
exactly once, and nobody is turned away or told of a deadlock."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, loose, span
from tests.support.oracle import Oracle, Span, Unit

LINES = ["SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C", "SPPV-ENV-VIDRO01"]
OPS = ["000001", "000002", "000003", "000004"]
DELIVERERS = 16


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", *LINES[:3])
    db.owner(LINES[3], "avulso")
    db.lot(*OPS, *(f"1{op[1:]}" for op in OPS))
    return db


class Story:
    """Messages to deliver, and the oracle that knows what they come to."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        owners: list[tuple[str, str, int, int | None]] = [(line, "planta-1", 0, None) for line in LINES[:3]]
        owners.append((LINES[3], "avulso", 0, None))
        self.oracle = Oracle(factors={LINES[0]: [(0, (8, 1))]}, owners=owners)
        self.messages = [self.sealed(seq) for seq in range(1, 61)]
        for number in range(10):  # each loose file under two names
            self.messages += self.loose(number)

    def sealed(self, seq: int) -> dict[str, Any]:
        counts = {line: self.seconds() for line in self.chance.sample(LINES[:3], self.chance.randint(1, 3))}
        since = (T0 + self.chance.randrange(600)) * 1000
        gap = Span(seq, LINES[1], since, since + self.chance.randrange(20_000), (self.chance.randrange(1, 9), 0), False)
        units = [Unit(line, second, pair) for line, cells in counts.items() for second, pair in cells.items()]
        self.oracle.deliver(str(seq), "planta-1", units, [gap])
        if seq % 4 == 0:  # a line that is not this gateway's
            stray = {T0 + seq: (2, 1)}
            self.oracle.deliver(f"stray {seq}", "planta-1", [Unit(LINES[3], T0 + seq, (2, 1))], [])
            counts[LINES[3]] = stray
        spans = [span(gap.line, gap.since_ms / 1000, gap.until_ms / 1000, *gap.counts)]
        return batch(seq, counts, spans=spans, marks=[(line, T0 + seq) for line in LINES[:3]])

    def seconds(self) -> dict[int, tuple[int, int]]:
        return {
            T0 + self.chance.randrange(600): (self.chance.randrange(1, 5), self.chance.randrange(2))
            for _ in range(self.chance.randrange(1, 30))
        }

    def loose(self, number: int) -> list[dict[str, Any]]:
        cells = {T0 + 60 * number + n: (1, 0) for n in range(20)}
        self.oracle.deliver(f"avulso {number}", "avulso", [Unit(LINES[3], s, pair) for s, pair in cells.items()], [])
        return [loose(f"{name}-{number}.txt", "", f"conteúdo {number}", {LINES[3]: cells}) for name in "ab"]


def deliver(url: str, messages: list[dict[str, Any]], seed: int) -> None:
    """Every message twice, shuffled, in calls of any size."""
    chance = random.Random(seed)
    mine = chance.sample(messages * 2, 2 * len(messages))
    database = Database(url)
    while mine:
        size = chance.randint(1, 10)
        call, mine = mine[:size], mine[size:]
        answers = database.record(*call)
        assert {answer["situacao"] for answer in answers} <= {"APLICADO", "JA_APLICADO"}, answers
    database.close()


def supervise(url: str, person: str, line: str, op: str) -> list[tuple[str, str, int]]:
    """Run two orders on a line again and again at other times, annulling them between; return the last run's steps."""
    database, after, dates = Database(url), f"1{op[1:]}", random.Random(op)
    steps: list[tuple[str, str, int]] = []
    for _ in range(12):
        for verb, which, at in steps:
            if verb == "open":
                database.shut(person, which, line, at)
        start, change, end = (T0 + second for second in sorted(dates.sample(range(600), 3)))
        steps = [("open", op, start), ("shut", op, change), ("open", after, change), ("shut", after, end)]
        for verb, which, at in steps:
            (database.open if verb == "open" else database.shut)(person, which, line, at)
    database.close()
    return steps


def close_lots(url: str, over: threading.Event) -> None:
    database = Database(url)
    while not over.is_set():
        database.close_lots()
    database.close()


def decide(url: str, person: str, messages: list[dict[str, Any]], over: threading.Event) -> None:
    """Have each quarantined piece read again (it is still nobody's), or throw it away."""
    database, known = Database(url), {message["chave"]: message for message in messages}
    seen: set[int] = set()
    while not over.is_set():
        for row in database.sql("select id, chave from quarentena where resolvida_em is null order by id"):
            number, key = row["id"], row["chave"]
            why = {"p_id": number, "p_motivo": "conferido"}
            if number in seen:
                database.call(person, "resolver_quarentena", **why)
            else:
                database.call(person, "reprocessar_quarentena", **why)
                assert database.situations(known[key] | {"reprocessar": number}) == ["APLICADO"]
                left = database.sql("select id from quarentena where resolvida_em is null and id > %s", number)
                seen |= {r["id"] for r in left}
    database.close()


def test_p1_p2_shuffled_concurrent_deliveries_end_in_the_exact_totals(
    plant: Database,
) -> None:
    story, person = Story(20260315), plant.person("GESTOR")
    oracle = story.oracle
    over = threading.Event()
    with ThreadPoolExecutor(DELIVERERS + len(LINES) + 2) as pool:
        others = [
            pool.submit(close_lots, plant.url, over),
            pool.submit(decide, plant.url, person, story.messages, over),
        ]
        deliveries = [pool.submit(deliver, plant.url, story.messages, seed) for seed in range(DELIVERERS)]
        orders = [pool.submit(supervise, plant.url, person, line, op) for line, op in zip(LINES, OPS, strict=True)]
        for delivery in deliveries:
            delivery.result()
        for line, order in zip(LINES, orders, strict=True):
            for verb, which, at in order.result():
                (oracle.open if verb == "open" else oracle.close)(which, line, at)
        over.set()
        for other in others:
            other.result()

    expected, found = oracle.totals(), plant.totals()
    assert {where: found[where] for where in expected} == {where: total[:2] for where, total in expected.items()}
    assert not any(any(total) for where, total in found.items() if where not in expected)
    for line in LINES:
        balance = plant.balance(line)
        assert tuple(balance[p] for p in ("atribuido", "sem_ordem", "retido", "quarentena")) == oracle.balance(line)
    assert plant.one("select ultima_seq_continua from epocas_gateway") == 60
    assert {r["s"] for r in plant.sql("select extract(epoch from ate)::int - %s as s from marcas_linha", T0)} == {60}
    deadlocks = plant.one("select deadlocks from pg_stat_database where datname = current_database()")
    assert deadlocks == 0, "one lock order, so nobody ever waits in a circle"


def test_p1_one_batch_in_many_hands_at_once_counts_once(plant: Database) -> None:
    messages = [batch(n, {LINES[0]: {T0: (1, 0)}}) for n in (1, 2)]

    def hand_in(turn: int) -> list[str]:
        database = Database(plant.url)
        answers = database.situations(*(messages if turn % 2 else reversed(messages)))
        database.close()
        return answers

    with ThreadPoolExecutor(16) as pool:
        answers = [answer for call in pool.map(hand_in, range(16)) for answer in call]
    assert answers.count("APLICADO") == 2
    assert answers.count("JA_APLICADO") == 30
    assert plant.balance(LINES[0])["sem_ordem"] == (2, 0)


def test_p1_concurrent_batches_of_marks_advance_each_sequence_once(plant: Database) -> None:
    def hand_in(seed: int) -> None:
        database = Database(plant.url)
        for seq in random.Random(seed).sample(range(1, 41), 40):
            assert database.situations(batch(seq, marks=[(LINES[0], T0 + seq)])) != ["ERRO"]
        database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hand_in, range(8)))
    (row,) = plant.sql("select ultima_seq_continua, maior_seq from epocas_gateway")
    assert tuple(row.values()) == (40, 40)
    assert plant.one("select extract(epoch from ate)::int from marcas_linha") == T0 + 40
