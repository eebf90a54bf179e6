"""A report in our words becomes the request the ERP is sent; and the ERP's list answers whether it has a report."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from sicfar.database.codes import ReportKind
from sicfar.errors import PermanentError
from sicfar.settings import SettingError
from sicfar.totvs.answers import Answer
from sicfar.totvs.canonical import canonical
from sicfar.totvs.config import ReportEndpoint, Reports
from sicfar.totvs.events import Page
from sicfar.totvs.rendering import ErpRequest, ReportError, render
from sicfar.totvs.report_values import Report, facts
from sicfar.totvs.success import Expected, comparable, holds
from sicfar.totvs.template_parts import said_at
from sicfar.totvs.templates import Section, Template


class QueryUnusableError(PermanentError):
    """The ERP's answer does not tell whether it has the report."""


_SECTIONS = {ReportKind.LOSSES: "losses", ReportKind.STATUS: "status"}


def section(kind: ReportKind) -> str:
    """The part of the configuration's `reports` that is about reports of a kind."""
    return _SECTIONS.get(kind, "production")


def endpoints(reports: Reports) -> dict[str, ReportEndpoint]:
    """Where reports go, by the part of the configuration that says so."""
    return {"production": reports.production, "losses": reports.losses, "status": reports.status}


def endpoint(reports: Reports, kind: ReportKind) -> ReportEndpoint:
    """Where reports of a kind go."""
    return endpoints(reports)[section(kind)]


def expected(reports: Reports, kind: ReportKind, external_id: str) -> Expected:
    """What the answer to a report must look like."""
    return Expected(f"totvs.reports.{section(kind)}.success", external_id, endpoint(reports, kind).success)


def require_success_shapes(reports: Reports, where: str) -> None:
    """Refuse a configuration in which no answer would confirm a report of some kind. Raises SettingError."""
    missing = [f"totvs.reports.{name}.success" for name, one in endpoints(reports).items() if one.success is None]
    if missing:
        raise SettingError(
            "success_undeclared",
            f"falta {', '.join(missing)}: sem a forma da resposta de sucesso nada é enviado",
            where=where,
            action="na homologação, `sicfar totvs ensaio` envia um apontamento marcado e propõe a forma a colar;"
            " para publicar antes, só com a leitura, use --sem-envios",
        )


def template_section(reports: Reports, kind: ReportKind) -> Section | None:
    """How reports of a kind are written; None if this ERP is not sent them."""
    return _template(reports).section(kind)


def written(reports: Reports, report: Report, tenant_id: str | None = None) -> ErpRequest:
    """The request to send for a report of a kind that is sent. Raises ReportError, naming every field that does not
    fit."""
    section = _section(reports, report.kind)
    whole = bool(report.reverses.get("inteiro"))
    if report.kind is ReportKind.REVERSAL and section.whole != whole:
        said = "por inteiro" if section.whole else "por quantidade"
        raise ReportError(
            "report_unwritable",
            f"o modelo estorna {said}, e o estorno foi feito {'por inteiro' if whole else 'por quantidade'}",
            where=report.external_id,
            action=f"grave o parâmetro ESTORNO_INTEIRO = {int(section.whole)}; este envio é de decidir_envio",
        )
    usual = endpoint(reports, report.kind).path
    return render(_template(reports), section, facts(report, tenant_id), reports, usual)


def _template(reports: Reports) -> Template:
    return reports.template or canonical()


def _section(reports: Reports, kind: ReportKind) -> Section:
    section = template_section(reports, kind)
    if section is None:
        raise ReportError("not_sent", f"o modelo de totvs.reports não envia {kind.value}")
    return section


def report_row(query_by_path: bool, parameter: str, external_id: str, answer: Answer) -> Mapping[str, object] | None:
    """What the answer to a query shows of the report; None if it is not there. Raises QueryUnusableError.

    Only an answer that is surely about this id counts: an empty list says no, a row with the id says yes. Rows of other
    ids mean that the service does not filter, and then nothing is known.
    """
    value = answer.json()
    if query_by_path:
        if isinstance(value, dict) and holds(value, external_id):
            return value
        raise _unusable(external_id, "a resposta não traz o identificador perguntado")
    try:
        items = Page.model_validate(value).rows
    except ValidationError:
        raise _unusable(external_id, "a resposta não é uma lista de apontamentos (items)") from None
    for item in items:
        if isinstance(item, dict) and holds(item, external_id):
            return item
    if items:
        raise _unusable(external_id, f"o serviço devolveu outros apontamentos: não filtra por {parameter}")
    return None


_SAID = ("boas", "refugo", "refugos", "perdas", "status")
"""What a report says that must be the same in the ERP; the rest is who, when and why."""


def require_same(
    reports: Reports, kind: ReportKind, external_id: str, body: bytes | None, row: Mapping[str, object]
) -> None:
    """Hold a report against the ERP's row of it, amount by amount.

    Raises QueryUnusableError if they differ, or if the row shows no amount: then it may be this report or an earlier
    one of the same name.
    """
    sent: object = json.loads(body or b"{}")
    shown = {str(name).lower(): value for name, value in row.items()}
    told = {
        place[-1]: amount
        for place, _ in said_at(_section(reports, kind).body, _SAID)
        if place and (amount := _at(sent, place)) is not None
    }
    names = [name for name in told if name.lower() in shown]
    if not names:
        raise _unusable(external_id, "a resposta não traz as quantidades, e o banco voltou a uma cópia antiga")
    for name in names:
        if _comparable(told[name]) != _comparable(shown[name.lower()]):
            raise _unusable(external_id, f"no TOTVS {name} é {shown[name.lower()]}, aqui é {told[name]}")


def _at(value: object, place: tuple[str, ...]) -> object:
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _comparable(value: object) -> object:
    if isinstance(value, list):
        return sorted(repr(_comparable(item)) for item in value)
    if isinstance(value, dict):
        return sorted((str(name).lower(), repr(_comparable(item))) for name, item in value.items())
    return comparable(value)


def _unusable(external_id: str, what: str) -> QueryUnusableError:
    return QueryUnusableError(
        "query_unusable",
        what,
        where=external_id,
        action="confira totvs.reports.*.query; uma pessoa decide este envio com decidir_envio",
    )
