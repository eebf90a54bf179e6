"""The database as the functions see it: SQL functions called through Supabase's API, one call one transaction.

One client lives as long as the process (making one costs 37 ms a call), over HTTP/1.1 (long-lived HTTP/2 connections
break under supabase-py, and are slower here), with finite time-outs and its own retries off: the queues decide.
Order of the clocks: client time-out < Lambda time-out < queue visibility.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
from postgrest.exceptions import APIError
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError

# Supabase ends a statement of the API after 8 s; waiting longer than that and the way there helps nobody.
TIMEOUT = httpx.Timeout(12.0, connect=3.0)

# SQLSTATE classes that pass by themselves: connection, rollback (deadlock, serialisation), resources, operator
# intervention (time-out, shutdown), lock not available, system error.
_TRANSIENT_CLASSES = ("08", "40", "53", "55", "57", "58")

# No permission, no such function or column, invalid authorisation: the same for every call until somebody acts.
_ACCESS_CLASSES = ("28", "42")


class DatabaseUnavailableError(TransientError):
    """Supabase did not answer, or cannot now. Whether the call took effect is unknown; ours may be repeated."""


class DatabaseRefusedError(PermanentError):
    """The database refused this very call; the same call will be refused again."""


class DatabaseAccessError(ConfigurationError):
    """URL, key or migrations do not fit: nothing works until somebody mends the configuration."""


DATABASE_ERRORS = (DatabaseUnavailableError, DatabaseRefusedError, DatabaseAccessError)


def connect(url: str, secret_key: str) -> Client:
    """A client for the project at `url`, acting with the secret key (service_role). Keep it for the process's life."""
    http = httpx.Client(http2=False, timeout=TIMEOUT, limits=httpx.Limits(max_keepalive_connections=2))
    options = SyncClientOptions(
        auto_refresh_token=False, persist_session=False, postgrest_client_retry=False, httpx_client=http
    )
    return create_client(url, secret_key, options)


def registrar_contagens(client: Client, arquivos: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Record what some files counted, in one transaction; a result per file, in the files' order.

    The shapes are those of the SQL function `registrar_contagens`. Raises DatabaseUnavailableError,
    DatabaseRefusedError or DatabaseAccessError, for the call as a whole.
    """
    return _answers(client, "registrar_contagens", {"p_arquivos": list(arquivos)}, len(arquivos))


def receber_eventos_totvs(client: Client, recebimento: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hand one request's or page's events over, in one transaction; a result per event, in their order.

    The shapes are those of the SQL function `receber_eventos_totvs`. Raises as registrar_contagens does.
    """
    events = recebimento["eventos"]
    return _answers(client, "receber_eventos_totvs", {"p_recebimento": dict(recebimento)}, len(events))


def registrar_tentativas(client: Client, tentativas: Sequence[Mapping[str, Any]]) -> None:
    """Add calls to the record of attempts. Raises as registrar_contagens does."""
    if tentativas:
        _rpc(client, "registrar_tentativas", {"p_tentativas": list(tentativas)})


def iniciar_sincronizacao(client: Client, entidade: str) -> tuple[datetime | None, int]:
    """Where a pull of an entity begins: everything changed until that instant (UTC) is known; and the page to ask."""
    result = _rpc(client, "iniciar_sincronizacao_totvs", {"p_entidade": entidade})
    if not isinstance(result, dict):
        raise _unexpected(client, "iniciar_sincronizacao_totvs", result)
    since = result["alterado_desde"]
    return datetime.fromisoformat(since) if since else None, result["proxima_pagina"]


def concluir_sincronizacao(
    client: Client, entidade: str, iniciada_em: datetime, situacao: str, proxima_pagina: int, resumo: Mapping[str, Any]
) -> int:
    """Put a pull on record; returns how many parked events found what they waited for."""
    arguments = {
        "p_entidade": entidade,
        "p_iniciada_em": iniciada_em.isoformat(),
        "p_situacao": situacao,
        "p_proxima_pagina": proxima_pagina,
        "p_resumo": dict(resumo),
    }
    result = _rpc(client, "concluir_sincronizacao_totvs", arguments)
    if not isinstance(result, dict):
        raise _unexpected(client, "concluir_sincronizacao_totvs", result)
    return int(result["reaplicados"])


def _answers(client: Client, function: str, params: dict[str, Any], expected: int) -> list[dict[str, Any]]:
    result = _rpc(client, function, params)
    if not isinstance(result, list) or len(result) != expected:
        raise _unexpected(client, function, result)
    return result


def _unexpected(client: Client, function: str, result: object) -> DatabaseAccessError:
    return DatabaseAccessError(
        code="unexpected_result",
        what=f"{function} devolveu {type(result).__name__}, ou menos respostas do que se pediu",
        where=str(client.supabase_url),
        action="aplique as migrações desta versão (supabase db push)",
    )


def fate_of_sqlstate(sqlstate: str, *, what: str, where: str) -> SicfarError:
    """The typed error for a refusal that carries a SQLSTATE (five characters; `PTxyz` carries an HTTP status)."""
    if sqlstate[:2] in _TRANSIENT_CLASSES:
        return DatabaseUnavailableError(
            code="database_busy", what=what, where=where, action="nenhuma: nova tentativa automática"
        )
    return DatabaseRefusedError(
        code="database_refused", what=what, where=where, action="leia o motivo; corrija e reenvie pela fila de mortos"
    )


def error_of(answer: Mapping[str, Any], where: str) -> SicfarError:
    """The typed error of one file's or event's answer of the situation ERRO."""
    refusal = answer["erro"]
    return fate_of_sqlstate(refusal["sqlstate"], what=f"{refusal['codigo']}: {refusal['mensagem']}", where=where)


def _rpc(client: Client, function: str, params: dict[str, Any]) -> object:
    where = f"{client.supabase_url} rpc {function}"
    try:
        return client.rpc(function, params).execute().data
    except httpx.TransportError as cause:
        raise DatabaseUnavailableError(
            code="database_unreachable",
            what=f"o Supabase não respondeu ({type(cause).__name__}: {cause})",
            where=where,
            action="nenhuma: nova tentativa automática",
        ) from cause
    except APIError as cause:
        raise _api_error(cause, where) from cause


def _api_error(error: APIError, where: str) -> SicfarError:
    code = str(error.code or "")
    what = " · ".join(str(part) for part in (code, error.message, error.details, error.hint) if part)
    is_sqlstate = len(code) == 5
    if (
        code in {"401", "403"}
        or code.startswith(("PGRST1", "PGRST2", "PGRST3"))
        or (is_sqlstate and code[:2] in _ACCESS_CLASSES)
    ):
        return DatabaseAccessError(
            code="database_access",
            what=what,
            where=where,
            action="confira SUPABASE_URL, o segredo SUPABASE_SECRET_ID e as migrações aplicadas",
        )
    if is_sqlstate:
        return fate_of_sqlstate(code, what=what, where=where)
    # Everything else is an HTTP status of a gateway, a proxy's HTML or a pool's PGRST0xx: away for now.
    return DatabaseUnavailableError(
        code="database_unavailable", what=what, where=where, action="nenhuma: nova tentativa automática"
    )
