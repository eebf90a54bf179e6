"""One report of the outbox, sent once.

The row in `envios_totvs` holds order, attempts and times; this module claims it, asks first where it is in doubt,
sends, and puts down what came of it. Whatever happens between two steps, the lease tells: a report whose sender
vanished is in doubt, never simply sent again. Where the ERP can be asked, it is asked before anything goes a second
time; where its answer leaves open whether it booked a report, only a query that shows it, or a person, settles it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sicfar.database import supabase
from sicfar.database.answers import Claim, Claimed, ClaimFailed, Concluded, NothingToSend
from sicfar.database.codes import ReportSituation
from sicfar.database.requests import Attempt, Conclusion
from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError, typed
from sicfar.totvs.answers import TotvsRefusedError, TotvsUnrecognisedError
from sicfar.totvs.asking import ask
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.conclusions import Conclusions, Limits, is_doubtful
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.rendering import ErpRequest
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import endpoint, endpoints, expected, require_same, template_section, written
from sicfar.totvs.success import Expected

if TYPE_CHECKING:
    from sicfar.database.supabase import Client


_OF_ONE_SERVICE = (403, 404, 405)
"""Statuses that tell of the service that was called, and not of the others."""


class ReportFailedError(PermanentError):
    """The report was refused, or tried too often: its message belongs in the dead letter queue."""


class NotConfirmableError(ConfigurationError):
    """The configuration does not say what the answer to a booked report looks like, so none can be sent."""


class UnrecordedError(TransientError):
    """The `delivery` of a report could not be put down, for whatever reason; it must not be lost."""

    def __init__(self, cause: SicfarError, delivery: "Delivery") -> None:
        super().__init__(cause.code, cause.what, where=cause.where, action=cause.action)
        self.delivery = delivery


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one sending of a report, and the calls that led to it."""

    conclusion: Conclusion
    attempts: tuple[Attempt, ...]


class Poster:
    """Tells the ERP the reports it is rung for."""

    def __init__(
        self,
        config: TotvsConfig,
        client: TotvsClient,
        database: "Client",
        limits: Limits,
        attempts: list[Attempt],
        met: Callable[[SicfarError], None] = lambda _error: None,
    ) -> None:
        """``attempts`` is the list the client's `record` fills; ``met`` is told each error that kept a report from
        being sent."""
        self._config = config
        self._client = client
        self._database = database
        self._limits = limits
        self._attempts = attempts
        self._met = met
        self._conclude = Conclusions(config.reports, limits, client.masked)

    def ring(self, report_id: int, bell: str, more_time: Callable[[], bool]) -> list[Delivery]:
        """Send the report, and the following ones of its order while there is `more_time`; returns what came of them.

        ``bell`` is the message that rang. Raises ReportFailedError if the message belongs in the dead letter queue,
        UnrecordedError if a delivery could not be put down, and what the database raises before that.
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
            answer = self._put_down(delivery)
            if answer.situation in (ReportSituation.REFUSED, ReportSituation.EXHAUSTED):
                raise self._failed(claim.report_id, delivery.conclusion.code, delivery.conclusion.error)
            following = answer.following
        return done

    def _claim(self, report_id: int, bell: str) -> Claim:
        may_ask = any(one.query for one in endpoints(self._config.reports).values())
        return supabase.reivindicar_envio(self._database, report_id, bell, self._limits.lease, may_ask=may_ask)

    def _failed(self, report: int, code: str | None, error: str | None) -> ReportFailedError:
        return ReportFailedError(
            code or "report_failed",
            error or "o envio não foi aceito",
            where=f"envios_totvs {report}",
            action="corrija a causa e reenvie pela fila de mortos, ou decida com decidir_envio",
        )

    def _put_down(self, delivery: Delivery) -> Concluded:
        try:
            return supabase.concluir_envio(self._database, delivery.conclusion, delivery.attempts)
        except Exception as error:  # noqa: BLE001 - passed on, with what must not be lost
            # Whatever it was: the ERP has answered, and nothing else knows what.
            cause = typed(error)
            raise UnrecordedError(cause, delivery) from cause

    def _deliver(self, claim: Claimed) -> Delivery:
        self._client.correlation = claim.external_id
        self._attempts.clear()
        doubtful = claim.ask_first if claim.in_doubt is None else claim.in_doubt
        try:
            if template_section(self._config.reports, claim.kind) is None:
                return self._recorded(claim, self._conclude.unwanted(claim), None)
            asks = claim.ask_first and (doubtful or self._may_ask(claim))
            if asks:
                conclusion = self._asked(claim)
                if conclusion:
                    return self._recorded(claim, conclusion, None)
                doubtful = False
            request, answer = self._written(claim), self._confirming(claim)
            if claim.probe and not asks:
                self._look()
        except SicfarError as error:
            self._met(error)
            conclusion = self._conclude.failed(claim, error, in_doubt=doubtful, asking=True)
            return self._recorded(claim, conclusion, None)
        return self._recorded(claim, self._sent(claim, request, answer), request.body)

    def _written(self, claim: Claimed) -> ErpRequest:
        report = Report(claim.kind, claim.external_id, claim.content, claim.master)
        return written(self._config.reports, report, self._config.tenant_id)

    def _confirming(self, claim: Claimed) -> Expected:
        """The answer that would confirm the report. Raises NotConfirmableError."""
        answer = expected(self._config.reports, claim.kind, claim.external_id)
        if answer.shape is None:
            raise _not_confirmable(answer.where)
        return answer

    def _asked(self, claim: Claimed) -> Conclusion | None:
        """What asking settles; None if the report is not there and may be sent. Raises QueryUnusableError, Totvs…Error.

        One that may have been made anew since the ERP was told must be there with these amounts.
        """
        reports = self._config.reports
        row = ask(self._client, reports, claim.kind, claim.external_id)
        if row is None:
            return None if claim.may_repeat else self._conclude.not_shown(claim)
        if claim.compare:
            require_same(reports, claim.kind, claim.external_id, self._written(claim).body, row)
        return self._conclude.found(claim, row)

    def _look(self) -> None:
        """Read one row of what is pulled anyway, so that no report is put in doubt to find out whether the ERP is back.

        Raises what says that it is not. That this one service refuses, is not there or is not ours to read says nothing
        of the reports' own.
        """
        try:
            self._client.read("sonda", self._config.endpoints["ordens"], {"page": "1", "pageSize": "1"})
        except TotvsRefusedError:
            return
        except SicfarError:
            if not self._attempts or self._attempts[-1].status not in _OF_ONE_SERVICE:
                raise

    def _sent(self, claim: Claimed, request: ErpRequest, answer: Expected) -> Conclusion:
        """Send, and say what came of it."""
        try:
            booked = self._client.post(
                claim.kind.lower(), request.path, request.body, answer, method=request.method, headers=request.headers
            )
        except TotvsUnrecognisedError as error:
            return self._conclude.unrecognised(claim, error)
        except TotvsRefusedError as error:
            return self._refused(claim, error)
        except SicfarError as error:
            self._met(error)
            return self._conclude.failed(claim, error, in_doubt=is_doubtful(error), asking=False)
        return self._conclude.booked(claim, booked.answer, booked.key)

    def _refused(self, claim: Claimed, error: TotvsRefusedError) -> Conclusion:
        """It has answered, so it is not at work any more: whether it has booked the report can be asked at once."""
        if error.doubt and self._may_ask(claim):
            try:
                row = ask(self._client, self._config.reports, claim.kind, claim.external_id)
            except SicfarError:
                return self._conclude.refused_in_doubt(claim, error)
            if row is not None:
                return self._conclude.found(claim, row)
            error.doubt = False
        return self._conclude.failed(claim, error, in_doubt=error.doubt, asking=False)

    def _may_ask(self, claim: Claimed) -> bool:
        return endpoint(self._config.reports, claim.kind).query is not None

    def _recorded(self, claim: Claimed, conclusion: Conclusion, body: bytes | None) -> Delivery:
        """The conclusion with every call made, the report's own with what was sent and answered."""
        calls: list[Attempt] = []
        for attempt in self._attempts:
            more: dict[str, object] = {"report_id": claim.report_id}
            if attempt.operation == claim.kind.lower():
                more["body"] = body.decode() if body else None
                more["answer"] = attempt.answer or attempt.error
            calls.append(attempt.model_copy(update=more))
        return Delivery(conclusion, tuple(calls))


def _not_confirmable(where: str) -> NotConfirmableError:
    return NotConfirmableError(
        "no_success_shape",
        f"{where} não está na configuração: nenhuma resposta confirmaria o envio, e nada é enviado",
        where=where,
        action="na homologação, `sicfar totvs ensaio` propõe a forma; cole-a na configuração e publique-a",
    )
