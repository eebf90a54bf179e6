"""The database as the functions see it: SQL functions called through Supabase's API, one call one transaction.

One client lives as long as the process (making one costs 37 ms a call), over HTTP/1.1 (long-lived HTTP/2 connections
break under supabase-py, and are slower here), with finite time-outs and its own retries off: the queues decide.
Order of the clocks: client time-out < Lambda time-out < queue visibility.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from postgrest.exceptions import APIError
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from sicfar.database.breaker import Breaker
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


# Breakers by client; a process has one of each.
_breakers: WeakKeyDictionary[Client, Breaker] = WeakKeyDictionary()


def connect(url: str, secret_key: str, breaker: Breaker | None = None) -> Client:
    """A client for the project at `url`, acting with the secret key (service_role). Keep it for the process's life.

    `breaker` is the process's; without one every call is made.
    """
    http = httpx.Client(http2=False, timeout=TIMEOUT, limits=httpx.Limits(max_keepalive_connections=2))
    options = SyncClientOptions(
        auto_refresh_token=False, persist_session=False, postgrest_client_retry=False, httpx_client=http
    )
    client = create_client(url, secret_key, options)
    if breaker:
        _breakers[client] = breaker
    return client


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
    result = _object(client, "iniciar_sincronizacao_totvs", {"p_entidade": entidade})
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
    return int(_object(client, "concluir_sincronizacao_totvs", arguments)["reaplicados"])


def registrar_falha(client: Client, fila: str, mensagem_id: str, funcao: str, error: SicfarError) -> None:
    """Keep why a message cannot succeed, for whoever looks into the dead letter queue."""
    arguments = {"p_fila": fila, "p_mensagem_id": mensagem_id, "p_funcao": funcao}
    _rpc(client, "registrar_falha", {**arguments, "p_codigo": error.code, "p_motivo": str(error)})


def motivos_falhas(client: Client, mensagens: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The last known failure of each message, by message id."""
    return _object(client, "motivos_falhas", {"p_mensagens": list(mensagens)})


def registrar_descarte(client: Client, fila: str, mensagem_id: str, corpo: str, quem: str, motivo: str) -> None:
    """Keep a dead letter somebody throws away, before it is gone."""
    arguments = {"p_fila": fila, "p_mensagem_id": mensagem_id, "p_corpo": corpo, "p_quem": quem, "p_motivo": motivo}
    _rpc(client, "registrar_descarte", arguments)


def fechar_lotes(client: Client, depois: str) -> dict[str, Any]:
    """One round of closings, of orders after `depois`."""
    return _object(client, "fechar_lotes", {"p_depois": depois})


def reivindicar_envio(client: Client, envio: int, campainha: str, lease_s: int, *, consulta: bool) -> dict[str, Any]:
    """Claim a report; see the SQL function."""
    arguments = {"p_envio": envio, "p_campainha": campainha, "p_lease_s": lease_s, "p_consulta": consulta}
    return _object(client, "reivindicar_envio", arguments)


def concluir_envio(
    client: Client, conclusao: Mapping[str, Any], tentativas: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Put down what came of a claimed report, with every call made; see the SQL function."""
    return _object(client, "concluir_envio", {"p_conclusao": dict(conclusao), "p_tentativas": list(tentativas)})


def campainhas_totvs(client: Client, limite: int, intervalo_s: int) -> list[int]:
    """The reports to ring for now."""
    return _list(client, "campainhas_totvs", {"p_limite": limite, "p_intervalo_s": intervalo_s})


def disjuntor_aberto(client: Client, nome: str) -> bool:
    """Whether a system must be left alone now. Fails open: a database that cannot say so does not say no."""
    try:
        return _rpc(client, "disjuntor_aberto", {"p_nome": nome}) is True
    except DatabaseUnavailableError:
        return False


def lacunas_gateways(client: Client, idade_s: int) -> list[dict[str, Any]]:
    """Sequences missing for longer than that, and between which keys of the bucket to look for them."""
    return _list(client, "lacunas_gateways", {"p_idade_s": idade_s})


def anunciar_lacuna(client: Client, chave: str) -> bool:
    """Whether a file found for a gap should be announced now; it counts as announced then."""
    return _rpc(client, "anunciar_lacuna", {"p_chave": chave}) is True


def quarentenas_a_reprocessar(client: Client, limite: int) -> list[dict[str, Any]]:
    """Quarantined pieces somebody wants read again, with the file to read."""
    return _list(client, "quarentenas_a_reprocessar", {"p_limite": limite})


def saude_integracao(client: Client) -> dict[str, Any]:
    """What the alarms measure."""
    return _object(client, "saude_integracao", {})


def _object(client: Client, function: str, params: dict[str, Any]) -> dict[str, Any]:
    result = _rpc(client, function, params)
    if not isinstance(result, dict):
        raise _unexpected(client, function, result)
    return result


def _list(client: Client, function: str, params: dict[str, Any]) -> list[Any]:
    result = _rpc(client, function, params)
    if not isinstance(result, list):
        raise _unexpected(client, function, result)
    return result


def _answers(client: Client, function: str, params: dict[str, Any], expected: int) -> list[dict[str, Any]]:
    result = _list(client, function, params)
    if len(result) != expected:
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
    breaker = _breakers.get(client) or Breaker()
    if breaker.is_open():
        raise DatabaseUnavailableError(
            code="database_breaker_open",
            what="o Supabase não responde; por uns segundos esta função não o chama",
            where=where,
            action="nenhuma: nova tentativa automática",
        )
    try:
        answer = client.rpc(function, params).execute().data
    except httpx.TransportError as cause:
        breaker.failed()
        raise DatabaseUnavailableError(
            code="database_unreachable",
            what=f"o Supabase não respondeu ({type(cause).__name__}: {cause})",
            where=where,
            action="nenhuma: nova tentativa automática",
        ) from cause
    except APIError as cause:
        error = _api_error(cause, where)
        if error.code == "database_unavailable":
            breaker.failed()
        else:
            breaker.succeeded()
        raise error from cause
    breaker.succeeded()
    return answer


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
