"""By which setting of the clock the pieces of a spool were read, so that their batch can say if it was a wrong one.

A piece may wait for days before it is sealed, and what is known of the clock it was read by comes later as a rule: the
network was away, and with it S3's time. Kept is therefore one span per setting of the clock, from its first piece to
the next span's; it is judged anew when a batch is sealed.

What no witness has seen, and none can see any more because the computer was started again since, stays in doubt with
an offset of 0.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass, replace

from edge_gateway.clock import STEP_MS, Judgement
from sicfar.counts.batch import ClockDoubt

_NOBODY = ClockDoubt(0, "marca")


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces from `piece` on, read by a clock with this setting; `run`: the process, whose monotonic clock it was."""

    piece: int
    run: str
    setting_ms: int
    witnessed: bool
    doubt: ClockDoubt | None = None


Spans = tuple[Span, ...]


def noted(spans: Spans, piece: int, clock: Judgement, run: str) -> Spans:
    """The spans with a piece that was just read; the same object if it belongs to the last one."""
    new = Span(piece, run, clock.setting_ms, clock.witnessed, clock.doubt)
    return spans if spans and _same(spans[-1], new) else (*spans, new)


def _same(span: Span, new: Span) -> bool:
    if (span.run, span.witnessed) != (new.run, new.witnessed) or abs(span.setting_ms - new.setting_ms) > STEP_MS:
        return False
    return (span.doubt and span.doubt.witness) == (new.doubt and new.doubt.witness)


def judged(spans: Spans, clock: Judgement, run: str) -> Spans:
    """The spans as the present judgement sees them."""
    return tuple(_judged(span, clock, run) for span in spans)


def _judged(span: Span, clock: Judgement, run: str) -> Span:
    if not clock.witnessed:
        return span
    # The same setting in another process: the computer was not started again in between.
    if span.run == run or abs(span.setting_ms - clock.setting_ms) <= STEP_MS:
        return replace(span, witnessed=True, doubt=clock.of(span.setting_ms))
    return span if span.witnessed or span.doubt else replace(span, doubt=_NOBODY)


def worst(spans: Spans, first: int, last: int, clock: Judgement) -> ClockDoubt | None:
    """The largest doubt of the clock that pieces `first` to `last` were read by, or that it is in now."""
    ends = [*(span.piece for span in spans[1:]), last + 1]
    read = [span.doubt for span, end in zip(spans, ends, strict=False) if span.piece <= last and end > first]
    return max(filter(None, (*read, clock.doubt)), key=lambda doubt: abs(doubt.offset_ms), default=None)


def without(spans: Spans, until: int) -> Spans:
    """The spans once every piece up to `until` is gone: those of later pieces, and the last, which may go on."""
    return tuple(span for at, span in enumerate(spans) if at + 1 == len(spans) or spans[at + 1].piece > until + 1)


def to_json(spans: Spans) -> str:
    """Text for the spool."""
    return json.dumps([astuple(span) for span in spans])


def from_json(text: str) -> Spans:
    """Inverse of `to_json`. A text that the disk has changed leaves every piece unwitnessed."""
    try:
        return tuple(
            Span(
                int(piece), str(run), int(setting_ms), bool(witnessed), said and ClockDoubt(int(said[0]), str(said[1]))
            )
            for piece, run, setting_ms, witnessed, said in json.loads(text)
        )
    except (LookupError, TypeError, ValueError):
        return (Span(0, "", 0, witnessed=False),)
