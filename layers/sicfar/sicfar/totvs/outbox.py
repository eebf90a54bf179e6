"""One report of the outbox, sent once.

The row in `envios_totvs` holds order, attempts and times; this module claims it, asks first where it is in doubt,
sends, and puts down what came of it. Whatever happens between two steps, the lease tells: a report whose sender
vanished is in doubt, never simply sent again.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sicfar.database import supabase
from sicfar.database.answers import Claim, Claimed, ClaimFailed, NothingToSend
from sicfar.database.codes import ReportSituation
from sicfar.database.requests import Attempt, Conclusion
from sicfar.errors import Fate, PermanentError, SicfarError, TransientError
from sicfar.totvs.answers import Answer, TotvsRefusedError, TotvsUnavailableError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.rendering import Letter, ReportError
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import QueryUnusableError, endpoint, report_row, require_same, wanted, written

if TYPE_CHECKING:
    from supabase import Client

_KEPT = 4_000  # characters of an answer


class ReportFailedError(PermanentError):
    """The report was refused, or tried too often: its message belongs in the dead letter queue."""


class UnrecordedError(TransientError):
    """The database was away when the `delivery` of a report was to be put down; it must not be lost."""

    def __init__(self, cause: SicfarError, delivery: "Delivery") -> None:
        super().__init__(cause.code, cause.what, where=cause.where, action=cause.action)
        self.delivery = delivery


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one sending of a report, and the calls that led to it."""

    conclusion: Conclusion
    attempts: tuple[Attempt, ...]


class Poster:
    """Tells the ERP the reports it is rung for."""

    def __init__(
        self, config: TotvsConfig, client: TotvsClient, database: "Client", limits: Limits, attempts: list[Attempt]
    ) -> None:
        """``attempts`` is the list the client's `record` fills."""
        self._config = config
        self._client = client
        self._database = database
        self._limits = limits
        self._attempts = attempts

    def ring(self, report_id: int, bell: str, more_time: Callable[[], bool]) -> list[Delivery]:
        """Send the report, and the following ones of its order while there is `more_time`; returns what came of them.

        ``bell`` is the message that rang. Raises ReportFailedError if the message belongs in the dead letter queue,
        UnrecordedError if the database was away when a delivery was to be put down, and what the database raises.
        """
        done: list[Delivery] = []
        following: int | None = report_id
        while following is not None and (not done or more_time()):
            claim = self._claim(following, bell)
            if isinstance(claim, ClaimFailed):
                raise self._failed(claim.report_id, claim.code, claim.error)
            if isinstance(claim, NothingToSend):
                break
            delivery = self._deliver(claim)
            done.append(delivery)
            try:
                answer = supabase.concluir_envio(self._database, delivery.conclusion, delivery.attempts)
            except supabase.DatabaseUnavailableError as error:
                raise UnrecordedError(error, delivery) from error
            if answer.situation in (ReportSituation.REFUSED, ReportSituation.EXHAUSTED):
                raise self._failed(claim.report_id, delivery.conclusion.code, delivery.conclusion.error)
            following = answer.following
        return done

    def _claim(self, report_id: int, bell: str) -> Claim:
        reports = self._config.reports
        may_ask = any(one.query for one in (reports.production, reports.losses, reports.status))
        return supabase.reivindicar_envio(self._database, report_id, bell, self._limits.lease, may_ask=may_ask)

    def _failed(self, report: int, code: str | None, error: str | None) -> ReportFailedError:
        return ReportFailedError(
            code or "report_failed",
            error or "o envio não foi aceito",
            where=f"envios_totvs {report}",
            action="corrija a causa e reenvie pela fila de mortos, ou decida com decidir_envio",
        )

    def _deliver(self, claim: Claimed) -> Delivery:
        self._client.correlation = claim.external_id
        self._attempts.clear()
        body: bytes | None = None
        answer: Answer | None = None
        asked = False
        try:
            if not wanted(self._config.reports, claim.kind):
                return self._recorded(claim, self._unwanted(claim), None, None)
            if claim.ask_first and self._has(claim):
                conclusion = self._concluded(
                    claim, ReportSituation.CONFIRMED, answered=True, answer="já estava no TOTVS"
                )
                return self._recorded(claim, conclusion, None, None)
            asked = True
            letter = self._written(claim)
            body = letter.body
            answer = self._client.post(
                claim.kind.lower(), letter.path, body, method=letter.method, headers=letter.headers
            )
            conclusion = self._accepted(claim, answer)
        except SicfarError as error:
            conclusion = self._refused(claim, error, asked=asked)
        return self._recorded(claim, conclusion, body, answer)

    def _written(self, claim: Claimed) -> Letter:
        report = Report(claim.kind, claim.external_id, claim.content, claim.master)
        return written(self._config.reports, report, self._config.tenant_id)

    def _unwanted(self, claim: Claimed) -> Conclusion:
        """This ERP is not sent reports of the kind: the order's next report may go."""
        what = f"o modelo de totvs.reports não envia {claim.kind.value}"
        return self._concluded(claim, ReportSituation.DISCARDED, ReportError("not_sent", what), answered=None)

    def _has(self, claim: Claimed) -> bool:
        """Whether the ERP has the report already. Raises QueryUnusableError and Totvs…Error.

        One that may have been made anew since the ERP was told must be there with these amounts.
        """
        query = endpoint(self._config.reports, claim.kind).query
        if query is None:
            raise QueryUnusableError("no_query", "o TOTVS não pode ser perguntado por este tipo de envio")
        by_path = "{id}" in query.path
        parameters = {} if by_path else {query.parameter: claim.external_id}
        try:
            answer = self._client.read("consulta", query.path.replace("{id}", claim.external_id), parameters)
        except PermanentError as error:
            if by_path and self._attempts and self._attempts[-1].status == 404:
                return False
            raise QueryUnusableError(error.code, error.what, where=error.where, action=error.action) from error
        row = report_row(by_path, query.parameter, claim.external_id, answer)
        if row is not None and claim.compare:
            require_same(self._config.reports, claim.kind, claim.external_id, self._written(claim).body, row)
        return row is not None

    def _accepted(self, claim: Claimed, answer: Answer) -> Conclusion:
        refused = answer.refused_items()
        if refused:
            told = "; ".join(f"{item.code} {item.message}".strip() for item in refused)
            error = TotvsRefusedError("item_refused", told, action="leia o motivo; corrija no TOTVS ou no envio")
            return self._concluded(claim, ReportSituation.REFUSED, error, counts=True, answered=True)
        return self._concluded(claim, ReportSituation.CONFIRMED, answered=True, answer=answer.text()[:_KEPT])

    def _refused(self, claim: Claimed, error: SicfarError, *, asked: bool) -> Conclusion:
        """What an error means for the report. `asked`: it is not in doubt from before (any more)."""
        doubtful = claim.ask_first and not asked
        if isinstance(error, QueryUnusableError):
            return self._concluded(claim, ReportSituation.IN_DOUBT, error, answered=None)
        if isinstance(error, TotvsUnavailableError):
            if doubtful or error.doubt:
                spent = error.answered and claim.attempts + 1 >= self._limits.attempts
                wait = self._limits.settle if self._may_ask(claim) and not spent else None
                return self._concluded(
                    claim,
                    ReportSituation.IN_DOUBT,
                    error,
                    counts=error.answered and not doubtful,
                    wait_s=wait,
                    answered=False,
                )
            if not error.answered:
                return self._concluded(
                    claim, ReportSituation.PENDING, error, wait_s=self._limits.wait(0), answered=False
                )
            earlier = claim.attempts
            if earlier + 1 >= self._limits.attempts:
                return self._concluded(claim, ReportSituation.EXHAUSTED, error, counts=True, answered=False)
            wait = max(self._limits.wait(earlier), int(error.retry_after or 0))
            answers = error.code == "erp_locked"
            return self._concluded(claim, ReportSituation.PENDING, error, counts=True, wait_s=wait, answered=answers)
        if error.fate is Fate.PERMANENT:
            answered = None if error.code == "report_unwritable" else True
            return self._concluded(claim, ReportSituation.REFUSED, error, counts=bool(answered), answered=answered)
        # Address or credentials are wrong: no report's fault, and nothing goes until somebody mends them.
        situation = ReportSituation.IN_DOUBT if doubtful else ReportSituation.PENDING
        return self._concluded(claim, situation, error, wait_s=self._limits.wait(1), answered=False)

    def _may_ask(self, claim: Claimed) -> bool:
        return endpoint(self._config.reports, claim.kind).query is not None

    def _concluded(
        self,
        claim: Claimed,
        situation: ReportSituation,
        error: SicfarError | None = None,
        *,
        answered: bool | None,
        counts: bool = False,
        wait_s: int | None = None,
        answer: str | None = None,
    ) -> Conclusion:
        limits = self._limits
        return Conclusion(
            external_id=claim.external_id,
            lease=claim.lease,
            situation=situation,
            counts=counts,
            wait_s=wait_s,
            code=error.code if error else None,
            error=error.what if error else None,
            answer=answer,
            answered=answered,
            breaker_failures=limits.breaker_failures,
            breaker_s=limits.breaker_seconds,
        )

    def _recorded(self, claim: Claimed, conclusion: Conclusion, body: bytes | None, answer: Answer | None) -> Delivery:
        """The conclusion with every call made, the report's own with what was sent and answered."""
        calls: list[Attempt] = []
        for attempt in self._attempts:
            more: dict[str, object] = {"report_id": claim.report_id}
            if attempt.operation == claim.kind.lower():
                more["body"] = body.decode() if body else None
                more["answer"] = answer.text()[:_KEPT] if answer else attempt.error
            calls.append(attempt.model_copy(update=more))
        return Delivery(conclusion, tuple(calls))
