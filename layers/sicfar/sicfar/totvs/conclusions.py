"""What came of a claimed report, as it is put down: booked, refused, in doubt, or to be tried again, and when."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sicfar.database.answers import Claimed
from sicfar.database.codes import ReportSituation
from sicfar.database.requests import Conclusion
from sicfar.errors import Fate, SicfarError
from sicfar.totvs.answers import (
    TotvsAccessError,
    TotvsRefusedError,
    TotvsUnavailableError,
    TotvsUnrecognisedError,
)
from sicfar.totvs.config import Reports
from sicfar.totvs.rendering import ReportError
from sicfar.totvs.reports import QueryUnusableError, endpoint


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts, all from the template.

    ``ladder`` are the waits after the first, second … refusal that may pass, its last one repeated; ``lease`` outlives
    the process; ``settle`` is how long a doubtful report is left alone before the ERP is asked: it may be at work.
    """

    ladder: Sequence[int]
    attempts: int
    lease: int
    settle: int
    breaker_failures: int
    breaker_seconds: int

    def wait(self, earlier: int) -> int:
        """The wait after `earlier` attempts before this one, at random between three quarters and all of it."""
        longest = self.ladder[min(earlier, len(self.ladder) - 1)]
        return random.randint(longest * 3 // 4, longest)  # noqa: S311 - jitter, not a secret


class Conclusions:
    """Makes the conclusion of a report from what its calls came to. ``hide`` takes secrets out of a text."""

    def __init__(self, reports: Reports, limits: Limits, hide: Callable[[str], str]) -> None:
        self._reports = reports
        self._limits = limits
        self._hide = hide

    def booked(self, claim: Claimed, answer: str, key: str | None) -> Conclusion:
        """The ERP has just booked it."""
        return self._made(claim, ReportSituation.CONFIRMED, answered=True, answer=answer, erp_key=key)

    def found(self, claim: Claimed, row: Mapping[str, object]) -> Conclusion:
        """The ERP shows it in `row`."""
        shape = endpoint(self._reports, claim.kind).success
        key = shape.key_of(row) if shape else None
        return self.booked(claim, "já estava no TOTVS", key)

    def not_shown(self, claim: Claimed) -> Conclusion:
        """The ERP has answered it in a way that leaves open whether it booked it, and does not show it (yet): it may
        wait in a queue of its own. Asked about a few times more; never sent again but by a person."""
        error = TotvsUnrecognisedError(
            "not_shown",
            "o TOTVS respondeu de um modo que não diz se gravou o envio, e a consulta não o mostra",
            action="procure-o no TOTVS, também na fila dele, e decida com decidir_envio",
        )
        spent = claim.attempts + 1 >= self._limits.attempts
        wait = None if spent else max(self._limits.settle, self._limits.wait(claim.attempts))
        return self._made(claim, ReportSituation.IN_DOUBT, error, counts=True, wait_s=wait, answered=True, doubt=True)

    def unrecognised(self, claim: Claimed, error: TotvsUnrecognisedError) -> Conclusion:
        """The ERP has just answered it with success, but not as declared."""
        wait = self._later(claim)
        return self._made(claim, ReportSituation.IN_DOUBT, error, counts=True, wait_s=wait, answered=True, doubt=True)

    def refused_in_doubt(self, claim: Claimed, error: TotvsRefusedError) -> Conclusion:
        """The ERP has refused it, may have booked it before, and could not be asked just now."""
        return self._made(
            claim, ReportSituation.IN_DOUBT, error, counts=True, wait_s=self._limits.settle, answered=True
        )

    def unwanted(self, claim: Claimed) -> Conclusion:
        """This ERP is not sent reports of the kind: the order's next report may go."""
        error = ReportError("not_sent", f"o modelo de totvs.reports não envia {claim.kind.value}")
        return self._made(claim, ReportSituation.DISCARDED, error, answered=None)

    def failed(self, claim: Claimed, error: SicfarError, *, in_doubt: bool, asking: bool) -> Conclusion:
        """An error met it. ``in_doubt``: it may be booked, by this or an earlier sending; ``asking``: it met the
        question whether it is, and nothing was sent."""
        if isinstance(error, QueryUnusableError):
            return self._made(claim, ReportSituation.IN_DOUBT, error, answered=None)
        if isinstance(error, TotvsUnavailableError):
            return self._unavailable(claim, error, in_doubt=in_doubt, asking=asking)
        if isinstance(error, TotvsRefusedError):
            return self._made(claim, ReportSituation.REFUSED, error, counts=True, answered=True, doubt=error.doubt)
        if error.fate is Fate.PERMANENT:
            return self._made(claim, ReportSituation.REFUSED, error, answered=None, doubt=in_doubt)
        # Address, credentials or configuration are wrong: no report's fault, and nothing goes until they are mended.
        situation = ReportSituation.IN_DOUBT if in_doubt else ReportSituation.PENDING
        return self._made(claim, situation, error, wait_s=self._limits.wait(1), answered=False)

    def _unavailable(self, claim: Claimed, error: TotvsUnavailableError, *, in_doubt: bool, asking: bool) -> Conclusion:
        """ "Not now" is an attempt of the report if a service answered it to the report itself, and no other call had
        failed just before: that would be an outage, which may last for days and is no report's fault. A lock is the
        report's own, for the service is well."""
        well = error.code == "erp_locked"
        outage = claim.probe and not well
        counts = error.answered and not asking and not outage
        earlier = 0 if outage else claim.attempts
        spent = counts and earlier + 1 >= self._limits.attempts
        if in_doubt:
            wait = None if spent else self._later(claim)
            return self._made(claim, ReportSituation.IN_DOUBT, error, counts=counts, wait_s=wait, answered=False)
        if spent:
            return self._made(claim, ReportSituation.EXHAUSTED, error, counts=True, answered=False)
        if not error.answered:
            return self._made(claim, ReportSituation.PENDING, error, wait_s=self._limits.wait(0), answered=False)
        wait = max(self._limits.wait(earlier), int(error.retry_after or 0))
        return self._made(claim, ReportSituation.PENDING, error, counts=counts, wait_s=wait, answered=well)

    def _later(self, claim: Claimed) -> int | None:
        """When a report in doubt is asked about; None if only a person can settle it."""
        return self._limits.settle if endpoint(self._reports, claim.kind).query else None

    def _made(
        self,
        claim: Claimed,
        situation: ReportSituation,
        error: SicfarError | None = None,
        *,
        answered: bool | None,
        counts: bool = False,
        wait_s: int | None = None,
        answer: str | None = None,
        erp_key: str | None = None,
        doubt: bool = False,
    ) -> Conclusion:
        return Conclusion(
            external_id=claim.external_id,
            lease=claim.lease,
            situation=situation,
            counts=counts,
            wait_s=wait_s,
            code=error.code if error else None,
            error=self._hide(error.what) if error else None,
            answer=answer,
            erp_key=erp_key,
            doubt=doubt,
            answered=answered,
            breaker_failures=self._limits.breaker_failures,
            breaker_s=self._limits.breaker_seconds,
        )


def is_doubtful(error: SicfarError) -> bool:
    """Whether what met this error may have been done all the same."""
    return isinstance(error, TotvsUnavailableError | TotvsRefusedError | TotvsAccessError) and error.doubt
