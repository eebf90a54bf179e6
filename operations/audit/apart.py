"""What is kept apart from the totals: of second sensors, and of sources that counted a line which was another's."""

from collections import defaultdict

from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.evidence import Evidence
from operations.audit.rows.ledger import SpanRow
from operations.audit.rows.totals import ShownRow, TakenPieceRow, TakenRow
from operations.audit.sums import DAY, Expected
from sicfar.instants import to_ms


def shown(evidence: Evidence, expected: Expected, tell: Tell) -> None:
    """What second sensors counted."""
    prints = expected.shown.twin()
    for row in evidence.stream(
        ShownRow, "select *, extract(epoch from minuto)::bigint as em from contagens_conferencia"
    ):
        prints.add((row.line, row.source), row.start, row.pair)
    for (line, source), day in expected.shown.differing(prints):
        tell(
            Difference(
                code="CONFERENCIA",
                detail=f"contagens_conferencia da fonte {source}: o dia não é o dos objetos",
                line=line,
                at=instant(day * DAY),
            )
        )


def taken(evidence: Evidence, expected: Expected, tell: Tell) -> None:
    """What left the totals with its source: second by second, and as its quarantine item says."""
    prints = expected.taken.twin()
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in evidence.stream(
        TakenRow,
        "select q.linha_id, q.fonte, r.*, extract(epoch from r.minuto)::bigint as em from contagens_retiradas as r"
        " inner join quarentena as q on q.id = r.quarentena_id"
        " where coalesce(q.decisao, 'DESCARTADO') = 'DESCARTADO'",
    ):
        for second, pair in row.cells():
            prints.add((row.line, row.source), second, pair)
            _add(sums[row.piece], pair)
    for (line, source), day in expected.taken.differing(prints):
        tell(
            Difference(
                code="RETIRADA",
                detail=f"contagens_retiradas da fonte {source}: o dia não é o dos objetos",
                line=line,
                at=instant(day * DAY),
            )
        )
    for span in evidence.stream(SpanRow, "select * from contagens_intervalo where retirada_id is not null"):
        if span.taken_by is not None:
            _add(sums[span.taken_by], span.pair)
    for piece in evidence.stream(
        TakenPieceRow,
        "select * from quarentena where fonte is not null and coalesce(decisao, 'DESCARTADO') = 'DESCARTADO'",
    ):
        if tuple(sums[piece.id]) != piece.pair:
            tell(
                Difference(
                    code="RETIRADA",
                    detail=f"quarentena {piece.id}: não é a soma do que saiu dos totais",
                    line=piece.line,
                    at=instant(to_ms(piece.since) // 1000),
                    expected=counts(sums[piece.id]),
                    found=counts(piece.pair),
                )
            )


def _add(to: list[int], pair: Pair) -> None:
    to[0] += pair[0]
    to[1] += pair[1]
