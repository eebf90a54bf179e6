"""A report in our words becomes the bytes the ERP is sent; and the ERP's list answers whether it has a report.

Nothing is cut or rounded to fit: a text too long for its column, or a code the plant has no ERP code for, refuses the
report before it is sent, with the name of what does not fit.
"""

import json
from collections.abc import Mapping
from decimal import Decimal

from sicfar.database.codes import ReportKind
from sicfar.errors import PermanentError
from sicfar.settings import SettingError
from sicfar.totvs.answers import Answer
from sicfar.totvs.config import ReportEndpoint, Reports
from sicfar.totvs.success import Expected, comparable, holds

OPERATIONS = {
    ReportKind.PARTIAL: "PARCIAL",
    ReportKind.PRODUCTION: "TOTAL",
    ReportKind.LOSSES: "PERDAS",
    ReportKind.STATUS: "STATUS",
    ReportKind.ADJUSTMENT: "AJUSTE",
    ReportKind.REVERSAL: "ESTORNO",
}
"""Kind of report → what the ERP is told it is. A reversal has positive amounts, as Protheus wants them."""

_FREE_TEXTS = ("motivo",)


class ReportError(PermanentError):
    """The report cannot be written as this ERP's configuration asks."""


class QueryUnusableError(PermanentError):
    """The ERP's answer does not tell whether it has the report."""


_SECTIONS = {ReportKind.LOSSES: "losses", ReportKind.STATUS: "status"}


def section(kind: ReportKind) -> str:
    """The part of the configuration's `reports` that is about reports of a kind."""
    return _SECTIONS.get(kind, "production")


def endpoint(reports: Reports, kind: ReportKind) -> ReportEndpoint:
    """Where reports of a kind go."""
    of: dict[str, ReportEndpoint] = {
        "production": reports.production,
        "losses": reports.losses,
        "status": reports.status,
    }
    return of[section(kind)]


def expected(reports: Reports, kind: ReportKind, external_id: str) -> Expected:
    """What the answer to a report must look like."""
    return Expected(f"totvs.reports.{section(kind)}.success", external_id, endpoint(reports, kind).success)


def require_success_shapes(reports: Reports, where: str) -> None:
    """Refuse a configuration in which no answer would confirm a report of some kind. Raises SettingError."""
    of = {"production": reports.production, "losses": reports.losses, "status": reports.status}
    missing = [f"totvs.reports.{name}.success" for name, one in of.items() if one.success is None]
    if missing:
        raise SettingError(
            "success_undeclared",
            f"falta {', '.join(missing)}: sem a forma da resposta de sucesso nada é enviado",
            where=where,
            action="na homologação, `sicfar totvs ensaio` envia um apontamento marcado e propõe a forma a colar;"
            " para publicar antes, só com a leitura, use --sem-envios",
        )


def written(reports: Reports, kind: ReportKind, external_id: str, content: Mapping[str, object]) -> bytes:
    """The body to send, JSON in UTF-8. Raises ReportError, naming every field that does not fit."""
    faults: list[str] = []
    fields = endpoint(reports, kind).fields
    told = {"id_externo": external_id, "operacao": OPERATIONS[kind], **content}
    body = {fields.get(name, name): _value(name, value, reports, fields, faults) for name, value in told.items()}
    if faults:
        raise ReportError(
            "report_unwritable",
            "; ".join(faults),
            where=external_id,
            action="corrija totvs.reports na configuração, ou o cadastro, e reenvie",
        )
    return json.dumps(body, ensure_ascii=False).encode()


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
    lowered = {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else {}
    items = value if isinstance(value, list) else lowered.get("items")
    if not isinstance(items, list):
        raise _unusable(external_id, "a resposta não é uma lista de apontamentos (items)")
    for item in items:
        if isinstance(item, dict) and holds(item, external_id):
            return item
    if items:
        raise _unusable(external_id, f"o serviço devolveu outros apontamentos: não filtra por {parameter}")
    return None


_SAID = ("boas", "refugo", "refugos", "perdas", "status")
"""What a report says that must be the same in the ERP; the rest is who, when and why."""


def require_same(reports: Reports, kind: ReportKind, external_id: str, body: bytes, row: Mapping[str, object]) -> None:
    """Hold a report against the ERP's row of it, amount by amount.

    Raises QueryUnusableError if they differ, or if the row shows none of what was told: then nobody knows whether it is
    this report or an earlier one of the same name.
    """
    fields = endpoint(reports, kind).fields
    sent = json.loads(body)
    shown = {str(name).lower(): value for name, value in row.items()}
    names = [name for name in (fields.get(said, said) for said in _SAID) if name in sent and name.lower() in shown]
    if not names:
        raise _unusable(external_id, "a resposta não traz as quantidades, e o banco voltou a uma cópia antiga")
    for name in names:
        if _comparable(sent[name]) != _comparable(shown[name.lower()]):
            raise _unusable(external_id, f"no TOTVS {name} é {shown[name.lower()]}, aqui é {sent[name]}")


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


def _value(name: str, value: object, reports: Reports, fields: Mapping[str, str], faults: list[str]) -> object:
    if isinstance(value, dict):
        return {fields.get(key, key): _value(key, item, reports, fields, faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(name, item, reports, fields, faults) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return _amount(name, value, reports, faults)
    text = reports.codes.get(str(value), str(value)) if name == "codigo" else str(value)
    if name in _FREE_TEXTS:
        return text.encode("cp1252", "replace").decode("cp1252")
    most = reports.lengths.get(name)
    try:
        length = len(text.encode("cp1252"))
    except UnicodeEncodeError:
        faults.append(f"{name} {text!r} tem um caractere que o Protheus não guarda (CP1252)")
        return text
    if most is not None and length > most:
        fix = f"; traduza-o em totvs.reports.codes ({text!r} → código do TOTVS)" if name == "codigo" else ""
        faults.append(f"{name} {text!r} tem {length} caracteres, cabem {most}{fix}")
    return text


def _amount(name: str, value: int | Decimal, reports: Reports, faults: list[str]) -> int | str:
    exact = Decimal(value)
    if exact != round(exact, reports.decimals):
        faults.append(f"{name} {value} tem mais casas que as {reports.decimals} que o TOTVS guarda")
    if len(str(abs(int(exact)))) > reports.digits:
        faults.append(f"{name} {value} tem mais algarismos que os {reports.digits} que o TOTVS guarda")
    return int(exact) if exact == int(exact) else str(exact)
