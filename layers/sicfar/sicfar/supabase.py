"""The database as the functions see it: SQL functions called through Supabase's API, one call one transaction.

One client lives as long as the process (making one costs 37 ms a call), over HTTP/1.1 (long-lived HTTP/2 connections
break under supabase-py, and are slower here), with finite time-outs and its own retries off: the queues decide.
Order of the clocks: client time-out < Lambda time-out < queue visibility.
"""

from collections.abc import Mapping, Sequence
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
    result = _rpc(client, "registrar_contagens", {"p_arquivos": list(arquivos)})
    if not isinstance(result, list) or len(result) != len(arquivos):
        raise DatabaseAccessError(
            code="unexpected_result",
            what=f"registrar_contagens devolveu {type(result).__name__} para {len(arquivos)} arquivos",
            where=str(client.supabase_url),
            action="aplique as migrações desta versão (supabase db push)",
        )
    return result


def fate_of_sqlstate(sqlstate: str, *, what: str, where: str) -> SicfarError:
    """The typed error for a refusal that carries a SQLSTATE (five characters; `PTxyz` carries an HTTP status)."""
    if sqlstate[:2] in _TRANSIENT_CLASSES:
        return DatabaseUnavailableError(
            code="database_busy", what=what, where=where, action="nenhuma: nova tentativa automática"
        )
    return DatabaseRefusedError(
        code="database_refused", what=what, where=where, action="leia o motivo; corrija e reenvie pela fila de mortos"
    )


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
