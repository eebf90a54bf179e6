"""One report of the outbox, told once.

The row in `envios_totvs` holds order, attempts and times; this module claims it, asks first where it is in doubt,
sends, and puts down what came of it. Whatever happens between two steps, the lease tells: a report whose sender
vanished is in doubt, never simply sent again.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sicfar.database import supabase
from sicfar.errors import Fate, PermanentError, SicfarError, TransientError
from sicfar.totvs.answers import Answer, TotvsRefusedError, TotvsUnavailableError
from sicfar.totvs.attempts import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.reports import QueryUnusableError, endpoint, report_row, require_same, written

if TYPE_CHECKING:
    from supabase import Client

_KEPT = 4_000  # characters of an answer


class ReportFailedError(PermanentError):
    """The report was refused, or tried too often: its message belongs in the dead letter queue."""


class UnrecordedError(TransientError):
    """The database was away when it should have been told what came of a report; `told` must not be lost."""

    def __init__(self, cause: SicfarError, told: "Told") -> None:
        super().__init__(cause.code, cause.what, where=cause.where, action=cause.action)
        self.told = told


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
class Conclusion:
    """What `concluir_envio` takes; see the SQL function. ``espera_s`` None: a person decides, or it is over."""

    id_externo: str
    lease: str
    situacao: str
    conta: bool
    espera_s: int | None
    codigo: str | None
    erro: str | None
    resposta: str | None
    disjuntor: bool | None
    falhas: int
    aberto_s: int


@dataclass(frozen=True, slots=True)
class Told:
    """A conclusion and the calls that led to it, as the database takes them."""

    conclusao: Mapping[str, Any]
    tentativas: Sequence[Mapping[str, Any]]


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

    def ring(self, report: int, bell: str, more_time: Callable[[], bool]) -> list[Told]:
        """Tell the report, and the following ones of its order while there is `more_time`; returns what was told.

        ``bell`` is the message that rang. Raises ReportFailedError if the message belongs in the dead letter queue,
        UnrecordedError if the database could not be told, and what the database raises.
        """
        done: list[Told] = []
        following: int | None = report
        while following is not None and (not done or more_time()):
            claim = self._claim(following, bell)
            if claim["situacao"] == "FALHOU":
                raise self._failed(claim["envio"], claim["codigo"], claim["erro"])
            if claim["situacao"] != "ENVIAR":
                break
            told = self._tell(claim)
            done.append(told)
            try:
                answer = supabase.concluir_envio(self._database, told.conclusao, told.tentativas)
            except supabase.DatabaseUnavailableError as error:
                raise UnrecordedError(error, told) from error
            if answer["situacao"] in ("RECUSADO", "ESGOTADO"):
                raise self._failed(claim["envio"], told.conclusao["codigo"], told.conclusao["erro"])
            following = answer["proximo"]
        return done

    def _claim(self, report: int, bell: str) -> dict[str, Any]:
        reports = self._config.reports
        may_ask = any(one.query for one in (reports.production, reports.losses, reports.status))
        return supabase.reivindicar_envio(self._database, report, bell, self._limits.lease, consulta=may_ask)

    def _failed(self, report: int, code: str | None, error: str | None) -> ReportFailedError:
        return ReportFailedError(
            code or "report_failed",
            error or "o envio não foi aceito",
            where=f"envios_totvs {report}",
            action="corrija a causa e reenvie pela fila de mortos, ou decida com decidir_envio",
        )

    def _tell(self, claim: Mapping[str, Any]) -> Told:
        self._client.correlation = claim["id_externo"]
        self._attempts.clear()
        body: bytes | None = None
        answer: Answer | None = None
        asked = False
        try:
            if claim["consultar"] and self._has(claim):
                conclusion = self._concluded(claim, "CONFIRMADO", disjuntor=True, resposta="já estava no TOTVS")
                return self._recorded(claim, conclusion, None, None)
            asked = True
            body = self._written(claim)
            path = endpoint(self._config.reports, claim["tipo"]).path
            answer = self._client.post(claim["tipo"].lower(), path, body)
            conclusion = self._accepted(claim, answer)
        except SicfarError as error:
            conclusion = self._refused(claim, error, asked=asked)
        return self._recorded(claim, conclusion, body, answer)

    def _written(self, claim: Mapping[str, Any]) -> bytes:
        return written(self._config.reports, claim["tipo"], claim["id_externo"], claim["conteudo"])

    def _has(self, claim: Mapping[str, Any]) -> bool:
        """Whether the ERP has the report already. Raises QueryUnusableError and Totvs…Error.

        One that may have been made anew since the ERP was told must be there with these amounts.
        """
        query = endpoint(self._config.reports, claim["tipo"]).query
        if query is None:
            raise QueryUnusableError("no_query", "o TOTVS não pode ser perguntado por este tipo de envio")
        by_path = "{id}" in query.path
        parameters = {} if by_path else {query.parameter: claim["id_externo"]}
        try:
            answer = self._client.read("consulta", query.path.replace("{id}", claim["id_externo"]), parameters)
        except PermanentError as error:
            if by_path and self._attempts and self._attempts[-1].status_http == 404:
                return False
            raise QueryUnusableError(error.code, error.what, where=error.where, action=error.action) from error
        row = report_row(by_path, query.parameter, claim["id_externo"], answer)
        if row is not None and claim["conferir"]:
            require_same(self._config.reports, claim["tipo"], claim["id_externo"], self._written(claim), row)
        return row is not None

    def _accepted(self, claim: Mapping[str, Any], answer: Answer) -> Conclusion:
        refused = answer.refused_items()
        if refused:
            told = "; ".join(f"{item.code} {item.message}".strip() for item in refused)
            error = TotvsRefusedError("item_refused", told, action="leia o motivo; corrija no TOTVS ou no envio")
            return self._concluded(claim, "RECUSADO", error, conta=True, disjuntor=True)
        return self._concluded(claim, "CONFIRMADO", disjuntor=True, resposta=answer.text()[:_KEPT])

    def _refused(self, claim: Mapping[str, Any], error: SicfarError, *, asked: bool) -> Conclusion:
        """What an error means for the report. `asked`: it is not in doubt from before (any more)."""
        doubtful = claim["consultar"] and not asked
        if isinstance(error, QueryUnusableError):
            return self._concluded(claim, "INCERTO", error, espera_s=None, disjuntor=None)
        if isinstance(error, TotvsUnavailableError):
            if doubtful or error.doubt:
                spent = error.answered and int(claim["tentativas"]) + 1 >= self._limits.attempts
                wait = self._limits.settle if self._may_ask(claim) and not spent else None
                return self._concluded(
                    claim, "INCERTO", error, conta=error.answered and not doubtful, espera_s=wait, disjuntor=False
                )
            if not error.answered:
                return self._concluded(claim, "PENDENTE", error, espera_s=self._limits.wait(0), disjuntor=False)
            earlier = int(claim["tentativas"])
            if earlier + 1 >= self._limits.attempts:
                return self._concluded(claim, "ESGOTADO", error, conta=True, disjuntor=False)
            wait = max(self._limits.wait(earlier), int(error.retry_after or 0))
            answers = error.code == "erp_locked"
            return self._concluded(claim, "PENDENTE", error, conta=True, espera_s=wait, disjuntor=answers)
        if error.fate is Fate.PERMANENT:
            answered = None if error.code == "report_unwritable" else True
            return self._concluded(claim, "RECUSADO", error, conta=bool(answered), disjuntor=answered)
        # Address or credentials are wrong: no report's fault, and nothing goes until somebody mends them.
        situation = "INCERTO" if doubtful else "PENDENTE"
        return self._concluded(claim, situation, error, espera_s=self._limits.wait(1), disjuntor=False)

    def _may_ask(self, claim: Mapping[str, Any]) -> bool:
        return endpoint(self._config.reports, claim["tipo"]).query is not None

    def _concluded(
        self,
        claim: Mapping[str, Any],
        situation: str,
        error: SicfarError | None = None,
        *,
        disjuntor: bool | None,
        conta: bool = False,
        espera_s: int | None = None,
        resposta: str | None = None,
    ) -> Conclusion:
        limits = self._limits
        return Conclusion(
            id_externo=claim["id_externo"],
            lease=claim["lease"],
            situacao=situation,
            conta=conta,
            espera_s=espera_s,
            codigo=error.code if error else None,
            erro=error.what if error else None,
            resposta=resposta,
            disjuntor=disjuntor,
            falhas=limits.breaker_failures,
            aberto_s=limits.breaker_seconds,
        )

    def _recorded(
        self, claim: Mapping[str, Any], conclusion: Conclusion, body: bytes | None, answer: Answer | None
    ) -> Told:
        """The conclusion with every call made, the report's own with what was sent and answered."""
        rows: list[dict[str, Any]] = []
        for attempt in self._attempts:
            row = {**attempt.as_json(), "envio_id": claim["envio"]}
            if attempt.operacao == claim["tipo"].lower():
                row["corpo"] = body.decode() if body else None
                row["resposta"] = answer.text()[:_KEPT] if answer else attempt.erro
            rows.append(row)
        return Told(asdict(conclusion), rows)


class NotADoorbellError(PermanentError):
    """A queue message that rings for no report."""


def doorbell(body: str) -> tuple[int, Told | None]:
    """The report a message rings for, and what it carries that the database could not be told before.

    Raises NotADoorbellError.
    """
    try:
        message = json.loads(body)
        report = int(message["envio"])
        carried = Told(message["conclusao"], message["tentativas"]) if "conclusao" in message else None
    except (ValueError, KeyError, TypeError) as cause:
        raise NotADoorbellError(
            "not_a_doorbell",
            f"a mensagem não toca por envio nenhum ({type(cause).__name__}: {cause})",
            where=f"corpo: {body[:200]!r}",
            action="descubra quem escreveu na fila; o que espera envio está em envios_totvs",
        ) from cause
    return report, carried
