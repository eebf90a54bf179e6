"""Whether the ERP has a report: asked before anything is sent for the second time."""

from collections.abc import Mapping

from sicfar.database.codes import ReportKind
from sicfar.errors import PermanentError
from sicfar.totvs.answers import TotvsRefusedError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import Reports
from sicfar.totvs.reports import QueryUnusableError, endpoint, report_row


def ask(client: TotvsClient, reports: Reports, kind: ReportKind, external_id: str) -> Mapping[str, object] | None:
    """What the ERP shows of a report; None if it does not have it. Raises QueryUnusableError and Totvs…Error."""
    query = endpoint(reports, kind).query
    if query is None:
        raise QueryUnusableError("no_query", "o TOTVS não pode ser perguntado por este tipo de envio")
    by_path = "{id}" in query.path
    parameters = {} if by_path else {query.parameter: external_id}
    try:
        answer = client.read("consulta", query.path.replace("{id}", external_id), parameters)
    except PermanentError as error:
        if by_path and isinstance(error, TotvsRefusedError) and error.status == 404:
            return None
        raise QueryUnusableError(error.code, error.what, where=error.where, action=error.action) from error
    return report_row(by_path, query.parameter, external_id, answer)
