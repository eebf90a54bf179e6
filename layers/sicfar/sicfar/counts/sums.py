"""What is found in a counting file: sums per production line, spans, problems."""

from dataclasses import dataclass, field

from sicfar.counts.codes import Reason


@dataclass(slots=True)
class Problem:
    """Neighbouring lines not counted for one reason.

    Bytes are half-open offsets in the uncompressed file; ``line_number`` is the first line's, from 1; ``lines`` how
    many. ``detail`` (Portuguese) and ``sample`` (its first bytes, at most 256) are the first line's. The last problem
    of a file with too many (DEMAIS_PROBLEMAS) spans the good lines between as well; ``lines`` counts the bad ones.
    """

    reason: Reason
    detail: str
    line_number: int
    byte_from: int
    byte_to: int
    lines: int
    sample: bytes

    @property
    def message(self) -> str:
        """The detail with its place, for people: ``linha 12 (byte 480): ...``."""
        more = f" e mais {self.lines - 1}" if self.lines > 1 else ""
        return f"linha {self.line_number}{more} (byte {self.byte_from}): {self.detail}"


@dataclass(slots=True)
class LineSums:
    """All good records of one production line in one file.

    ``seconds``: second since the epoch (UTC) → [produced, rejected] in machine counts; spans are part of ``records``,
    the times, bytes and flags, but their amounts are not in here. ``sourced``: of them, those counted at another time
    than their source's: (second counted at, the source's second) → [produced, rejected]. ``flags``: how many records
    carry each. ``first_ms`` and ``last_ms``: earliest and latest record, not the order in the file.
    """

    line: str
    records: int
    first_ms: int
    last_ms: int
    byte_from: int
    byte_to: int
    seconds: dict[int, list[int]] = field(default_factory=dict)
    sourced: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A record kept one by one: it began in an earlier second than it ended, or is flagged ``implausivel``.

    ``since_ms`` is ``at_ms`` if the record did not say since when. ``source_ms``: its source's own time, if ``at_ms``
    is another.
    """

    line: str
    since_ms: int
    at_ms: int
    produced: int
    rejected: int
    flags: tuple[str, ...]
    byte_from: int
    byte_to: int
    source_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a file says.

    ``records``: good ones; ``bad_lines``: those in ``problems``. ``consumed``: offset behind the last newline;
    ``size``: offset of the end. ``unterminated``: the beginning (at most 256 bytes) of what stands between them, a torn
    last line that is among ``problems`` as LINHA_INCOMPLETA too and may be completed when the file grows.
    """

    lines: dict[str, LineSums]
    spans: list[Span]
    problems: list[Problem]
    records: int
    consumed: int
    size: int
    unterminated: bytes

    @property
    def bad_lines(self) -> int:
        """How many lines were not counted."""
        return sum(problem.lines for problem in self.problems)
