"""What nobody could read: for each reason one piece of its file in quarantine, with the byte ranges of all of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Filed
from operations.audit.files import Reading

Range = tuple[int, int]
"""Bytes, half-open."""

_MOST = 1_000
"""Ranges of one reason in one file; the last of them spans all that follow."""


def check_unreadable(filed: Filed, reading: Reading, tell: Tell) -> None:
    """It must be in quarantine, byte for byte. A torn last line may have become whole since."""
    expected: dict[str, list[Range]] = defaultdict(list)
    for problem in reading.tally.problems:
        expected[problem.reason.value].append((problem.byte_from, problem.byte_to))
    for one in reading.unreadable:
        expected[one.reason].append((one.byte_from, one.byte_to))
    found: dict[str, list[Range]] = defaultdict(list)
    for row in filed.quarantined:
        if row.line is None and row.byte_from is not None and row.byte_to is not None:
            found[row.reason] += row.stretches or [(row.byte_from, row.byte_to)]
    for why, ranges in sorted(expected.items()):
        for begin, end in without(bounded(ranges), found[why]):
            tell(
                Difference(
                    code="QUARENTENA_AUSENTE",
                    detail=f"{why}: não está em quarentena o que não pôde ser lido",
                    key=filed.row.key,
                    byte_from=begin,
                    byte_to=end,
                )
            )


def bounded(ranges: Sequence[Range]) -> list[Range]:
    """Ranges, at least one, as the record keeps them: ascending, and not more than it has room for."""
    ordered = sorted(ranges)
    kept = ordered[:_MOST]
    kept[-1] = (kept[-1][0], max(end for _, end in ordered[len(kept) - 1 :]))
    return kept


def without(ranges: Sequence[Range], found: Sequence[Range]) -> Iterator[Range]:
    """Those of the ascending ranges that are not, whole, within what was found."""
    joined: list[list[int]] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    at = 0
    for begin, end in ranges:
        while at < len(joined) and joined[at][1] < end:
            at += 1
        if at == len(joined) or joined[at][0] > begin:
            yield begin, end
