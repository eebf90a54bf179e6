"""The database as the functions see it: SQL functions called through Supabase's API, one call one transaction.

The client is `postgrest`, the part of `supabase` that calls SQL functions: the rest of it (sessions, storage, realtime)
would make a function's start longer by a third and its package larger by 20 MB, and nothing here uses it.
One client lives as long as the process, over HTTP/1.1 (long-lived HTTP/2 connections break under supabase-py, and are
slower here), with finite time-outs and its own retries off: the queues decide.
Order of the clocks: client time-out < Lambda time-out < queue visibility.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
from postgrest import APIError, SyncPostgrestClient
from pydantic import TypeAdapter, ValidationError

from sicfar.database import answers
from sicfar.database.breaker import Breaker
from sicfar.database.codes import PullSituation
from sicfar.database.fates import (
    DatabaseAccessError,
    DatabaseRefusedError,
    DatabaseUnavailableError,
    fate_of_answer,
    fate_of_sqlstate,
    unknown,
)
from sicfar.database.reception import Reception
from sicfar.database.requests import Attempt, Conclusion, Treatment
from sicfar.errors import SicfarError

T = TypeVar("T")

Client = SyncPostgrestClient

# Supabase ends a statement of the API after 8 s; waiting longer than that and the way there helps nobody.
TIMEOUT = httpx.Timeout(12.0, connect=3.0)

DATABASE_ERRORS = (DatabaseUnavailableError, DatabaseRefusedError, DatabaseAccessError)


@dataclass(slots=True)
class _State:
    """What belongs to a client. ``status`` is the last answer's: the client's errors do not say it."""

    breaker: Breaker
    key_refused: Callable[[], None]
    status: int = 0

    def answered(self, response: httpx.Response) -> None:
        self.status = response.status_code


def _ignore() -> None:
    """Nothing is read anew when the key is refused."""


_states: WeakKeyDictionary[Client, _State] = WeakKeyDictionary()


def connect(
    url: str, secret_key: str, breaker: Breaker | None = None, key_refused: Callable[[], None] = _ignore
) -> Client:
    """A client for the project at `url`, acting with the secret key (service_role). Keep it until the key changes.

    The key is sent as `apikey` only: it is no JWT, so no bearer token
    (https://supabase.com/docs/guides/functions/auth-headers). `breaker` is the process's; without one every call is
    made. `key_refused` is called when an answer refuses the key.
    """
    state = _State(breaker or Breaker(), key_refused)
    http = httpx.Client(
        http2=False,
        timeout=TIMEOUT,
        limits=httpx.Limits(max_keepalive_connections=2),
        event_hooks={"response": [state.answered]},
    )
    client = Client(f"{url.rstrip('/')}/rest/v1", headers={"apikey": secret_key}, http_client=http, retry_enabled=False)
    _states[client] = state
    return client


def registrar_contagens(client: Client, files: Sequence[Mapping[str, object]]) -> tuple[answers.FileAnswer, ...]:
    """Record what some files counted, in one transaction; a result per file, in the files' order.

    A file has the shape the SQL function takes (`sicfar.ingest.entries`). Raises DatabaseUnavailableError,
    DatabaseRefusedError or DatabaseAccessError, for the call as a whole.
    """
    return _each(client, "registrar_contagens", {"p_arquivos": list(files)}, answers.FILES, len(files))


def receber_eventos_totvs(client: Client, reception: Reception) -> tuple[answers.EventAnswer, ...]:
    """Hand one request's or page's events over, in one transaction; a result per event, in their order.

    Raises as registrar_contagens does, and so do all that follow.
    """
    arguments = {"p_recebimento": reception.as_json()}
    return _each(client, "receber_eventos_totvs", arguments, answers.EVENTS, len(reception.events))


def registrar_tentativas(client: Client, attempts: Sequence[Attempt]) -> None:
    """Add calls to the record of attempts."""
    if attempts:
        _rpc(client, "registrar_tentativas", {"p_tentativas": [attempt.as_json() for attempt in attempts]})


def iniciar_sincronizacao(client: Client, entity: str) -> answers.PullStart:
    """Where a pull of an entity begins."""
    return _answer(client, "iniciar_sincronizacao_totvs", {"p_entidade": entity}, answers.PULL_START)


def concluir_sincronizacao(
    client: Client,
    entity: str,
    begun_at: datetime,
    situation: PullSituation,
    next_page: int,
    summary: Mapping[str, object],
) -> answers.PullEnd:
    """Put a pull on record, and apply what waited for what it brought."""
    arguments = {
        "p_entidade": entity,
        "p_iniciada_em": begun_at.isoformat(),
        "p_situacao": situation.value,
        "p_proxima_pagina": next_page,
        "p_resumo": dict(summary),
    }
    return _answer(client, "concluir_sincronizacao_totvs", arguments, answers.PULL_END)


def reaplicar_eventos_totvs(client: Client, limit: int) -> answers.PullEnd:
    """Apply the next events that waited for what is there now."""
    return _answer(client, "reaplicar_eventos_totvs", {"p_limite": limit}, answers.PULL_END)


def publicar_regras_totvs(client: Client, codes: Mapping[str, str], longest_code: int, longest_lot: int) -> None:
    """Publish to the database which reject codes and lots fit in the ERP."""
    arguments = {"p_codigos": dict(codes), "p_codigo_maximo": longest_code, "p_lote_maximo": longest_lot}
    _rpc(client, "publicar_regras_totvs", arguments)


def registrar_falha(client: Client, queue: str, message_id: str, function: str, error: SicfarError) -> None:
    """Keep why a message cannot succeed, for whoever looks into the dead letter queue."""
    arguments = {"p_fila": queue, "p_mensagem_id": message_id, "p_funcao": function}
    _rpc(client, "registrar_falha", {**arguments, "p_codigo": error.code, "p_motivo": str(error)})


def motivos_falhas(client: Client, messages: Sequence[str]) -> dict[str, answers.MessageFailure]:
    """The last known failure of each message, by message id."""
    return _answer(client, "motivos_falhas", {"p_mensagens": list(messages)}, answers.FAILURES)


def registrar_descarte(client: Client, queue: str, message_id: str, body: str, who: str, reason: str) -> None:
    """Keep a dead letter somebody throws away, before it is gone."""
    arguments = {"p_fila": queue, "p_mensagem_id": message_id, "p_corpo": body, "p_quem": who, "p_motivo": reason}
    _rpc(client, "registrar_descarte", arguments)


def registrar_tratamento(client: Client, treatment: Treatment) -> None:
    """Keep what somebody asks to be done with dead letters, before it is done, and then what came of it."""
    _rpc(client, "registrar_tratamento", {"p_tratamento": treatment.as_json()})


def andamento_tratamento(client: Client, run: UUID) -> answers.Treated:
    """What a run has come to, as far as it is on record."""
    return _answer(client, "andamento_tratamento", {"p_execucao": str(run)}, answers.TREATED)


def fechar_lotes(client: Client, after: str) -> answers.ClosingAnswer:
    """One round of closings, of orders after `after`."""
    return _answer(client, "fechar_lotes", {"p_depois": after}, answers.CLOSING)


def reivindicar_envio(client: Client, report_id: int, bell: str, lease_s: int, *, may_ask: bool) -> answers.Claim:
    """Claim a report for `lease_s` seconds. ``bell``: the message that rang; ``may_ask``: the ERP can be asked."""
    arguments = {"p_envio": report_id, "p_campainha": bell, "p_lease_s": lease_s, "p_consulta": may_ask}
    return _answer(client, "reivindicar_envio", arguments, answers.CLAIM)


def concluir_envio(client: Client, conclusion: Conclusion, attempts: Sequence[Attempt]) -> answers.Concluded:
    """Put down what came of a claimed report, with every call made."""
    arguments = {
        "p_conclusao": conclusion.as_json(),
        "p_tentativas": [attempt.as_json() for attempt in attempts],
    }
    return _answer(client, "concluir_envio", arguments, answers.CONCLUDED)


def campainhas_totvs(client: Client, limit: int, interval_s: int) -> tuple[int, ...]:
    """The reports to ring for now."""
    return _answer(client, "campainhas_totvs", {"p_limite": limit, "p_intervalo_s": interval_s}, answers.NUMBERS)


def disjuntor_aberto(client: Client, name: str) -> bool:
    """Whether a system must be left alone now. Fails open: a database that cannot say so does not say no."""
    try:
        return _answer(client, "disjuntor_aberto", {"p_nome": name}, answers.YES_OR_NO)
    except DatabaseUnavailableError:
        return False


def lacunas_gateways(client: Client, age_s: int) -> tuple[answers.Gap, ...]:
    """Sequences missing for longer than that, and between which keys of the bucket to look for them."""
    return _answer(client, "lacunas_gateways", {"p_idade_s": age_s}, answers.GAPS)


def anunciar_lacuna(client: Client, key: str) -> bool:
    """Whether a file found for a gap should be announced now; it counts as announced then."""
    return _answer(client, "anunciar_lacuna", {"p_chave": key}, answers.YES_OR_NO)


def quarentenas_a_reprocessar(client: Client, limit: int) -> tuple[answers.Reread, ...]:
    """Quarantined pieces somebody wants read again, with the file to read."""
    return _answer(client, "quarentenas_a_reprocessar", {"p_limite": limit}, answers.REREADS)


def aplicar_decisoes_relogio(client: Client, limit: int) -> answers.ClockRound:
    """Move the next batches of decided clock doubts to the instants of the decision."""
    return _answer(client, "aplicar_decisoes_relogio", {"p_limite": limit}, answers.CLOCK_ROUND)


def saude_integracao(client: Client) -> answers.Health:
    """What the alarms measure."""
    return _answer(client, "saude_integracao", {}, answers.HEALTH)


def reivindicar_resumos(client: Client, lease_s: int, per_kind: int) -> answers.Digests:
    """Claim today's digests that have not been sent, for `lease_s` seconds; each shows `per_kind` matters of a kind."""
    return _answer(client, "reivindicar_resumos", {"p_lease_s": lease_s, "p_itens": per_kind}, answers.DIGESTS)


def concluir_resumo(client: Client, digest: answers.Digest, message_id: str | None, error: str | None) -> bool:
    """Put down that a claimed digest was sent, or why not; False if another run has claimed it since."""
    arguments = {"p_id": digest.id, "p_lease": digest.lease, "p_mensagem_id": message_id, "p_erro": error}
    return _answer(client, "concluir_resumo", arguments, answers.YES_OR_NO)


def _each(
    client: Client, function: str, params: Mapping[str, object], shape: TypeAdapter[tuple[T, ...]], expected: int
) -> tuple[T, ...]:
    found = _answer(client, function, params, shape)
    if len(found) != expected:
        raise _unexpected(client, function, f"{len(found)} respostas para {expected} perguntas")
    return found


def _answer(client: Client, function: str, params: Mapping[str, object], shape: TypeAdapter[T]) -> T:
    result = _rpc(client, function, params)
    try:
        return shape.validate_python(result, by_alias=True, by_name=False)
    except ValidationError as cause:
        first = cause.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "resposta"
        raise _unexpected(client, function, f"{place}: {first['msg']}; veio {first['input']!r:.200}") from cause


def _unexpected(client: Client, function: str, what: str) -> DatabaseAccessError:
    return DatabaseAccessError(
        code="unexpected_result",
        what=f"{function} devolveu o que esta versão não espera: {what}",
        where=str(client.base_url),
        action="aplique as migrações desta versão (supabase db push), ou publique as funções da versão do banco",
    )


def error_of(refusal: answers.Refusal, where: str) -> SicfarError:
    """The typed error of one file or event that could not be recorded."""
    return fate_of_sqlstate(refusal.sqlstate, what=f"{refusal.code}: {refusal.message}", where=where)


def _rpc(client: Client, function: str, params: Mapping[str, object]) -> object:
    where = f"{client.base_url} rpc {function}"
    state = _states.get(client) or _State(Breaker(), _ignore)
    if state.breaker.is_open():
        raise DatabaseUnavailableError(
            code="database_breaker_open",
            what="o Supabase não responde; por uns segundos esta função não o chama",
            where=where,
            action="nenhuma: nova tentativa automática",
        )
    try:
        answer = client.rpc(function, dict(params)).execute().data  # type: ignore[arg-type] # takes any JSON
    except httpx.TransportError as cause:
        state.breaker.failed()
        raise DatabaseUnavailableError(
            code="database_unreachable",
            what=f"o Supabase não respondeu ({type(cause).__name__}: {cause})",
            where=where,
            action="nenhuma: nova tentativa automática",
        ) from cause
    except (httpx.HTTPError, ValueError) as cause:
        state.breaker.succeeded()
        raise unknown(f"{type(cause).__name__}: {cause}", where) from cause
    except APIError as cause:
        what = " · ".join(str(part) for part in (cause.code, cause.message, cause.details, cause.hint) if part)
        error = fate_of_answer(state.status, str(cause.code or ""), what=what, where=where)
        if error.code == "database_unavailable":
            state.breaker.failed()
        else:
            state.breaker.succeeded()
        if isinstance(error, DatabaseAccessError) and state.status in (401, 403):
            state.key_refused()
        raise error from cause
    state.breaker.succeeded()
    return answer
