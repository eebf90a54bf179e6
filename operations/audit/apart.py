"""What is kept apart from the totals: of second sensors, and of sources that counted a line which was another's."""

from collections import defaultdict
from collections.abc import Iterator

from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.evidence import Evidence, Row
from operations.audit.sums import DAY, Expected


def cells(row: Row) -> Iterator[tuple[int, Pair]]:
    """The seconds of a minute that are not nothing."""
    made = row["producao"] or _NOTHING
    rejected = row["rejeicao"] or _NOTHING
    for second in range(60):
        if made[second] or rejected[second]:
            yield row["em"] + second, (made[second], rejected[second])


_NOTHING = (0,) * 60


def shown(evidence: Evidence, expected: Expected, tell: Tell) -> None:
    """What second sensors counted."""
    prints = expected.shown.twin()
    for row in evidence.stream("select *, extract(epoch from minuto)::bigint as em from contagens_conferencia"):
        prints.add((row["linha_id"], row["fonte"]), row["em"], (row["producao"], row["rejeicao"]))
    for (line, source), day in expected.shown.differing(prints):
        tell(
            Difference(
                "CONFERENCIA",
                f"contagens_conferencia da fonte {source}: o dia não é o dos objetos",
                linha_id=line,
                em=instant(day * DAY),
            )
        )


def taken(evidence: Evidence, expected: Expected, tell: Tell) -> None:
    """What left the totals with its source: second by second, and as its quarantine item says."""
    prints = expected.taken.twin()
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in evidence.stream(
        "select q.linha_id, q.fonte, r.*, extract(epoch from r.minuto)::bigint as em from contagens_retiradas as r"
        " inner join quarentena as q on q.id = r.quarentena_id"
        " where coalesce(q.decisao, 'DESCARTADO') = 'DESCARTADO'"
    ):
        for second, pair in cells(row):
            prints.add((row["linha_id"], row["fonte"]), second, pair)
            _add(sums[row["quarentena_id"]], pair)
    for (line, source), day in expected.taken.differing(prints):
        tell(
            Difference(
                "RETIRADA",
                f"contagens_retiradas da fonte {source}: o dia não é o dos objetos",
                linha_id=line,
                em=instant(day * DAY),
            )
        )
    for row in evidence.stream("select * from contagens_intervalo where retirada_id is not null"):
        _add(sums[row["retirada_id"]], (row["producao"], row["rejeicao"]))
    for row in evidence.stream(
        "select * from quarentena where fonte is not null and coalesce(decisao, 'DESCARTADO') = 'DESCARTADO'"
    ):
        found = [row["producao"], row["rejeicao"]]
        if sums[row["id"]] != found:
            tell(
                Difference(
                    "RETIRADA",
                    f"quarentena {row['id']}: não é a soma do que saiu dos totais",
                    linha_id=row["linha_id"],
                    em=instant(int(row["de"].timestamp())),
                    esperado=counts(sums[row["id"]]),
                    encontrado=counts(found),
                )
            )


def _add(to: list[int], pair: Pair) -> None:
    to[0] += pair[0]
    to[1] += pair[1]
