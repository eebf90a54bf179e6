"""One marked report to a homologation ERP: what is sent, what it answers, and the shape of success that suggests.

The proposal is read by a person before it goes into the configuration: only they see in the ERP whether it has booked.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sicfar.database.codes import ReportKind
from sicfar.database.requests import Attempt
from sicfar.errors import PermanentError, SicfarError
from sicfar.totvs.answers import TotvsRefusedError, TotvsUnrecognisedError
from sicfar.totvs.asking import ask
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import parse_json
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import endpoint, section, written
from sicfar.totvs.success import LONGEST_KEY, Expected, SuccessShape, is_blank, same

KINDS = {"production": ReportKind.PRODUCTION, "losses": ReportKind.LOSSES, "status": ReportKind.STATUS}
"""Part of the configuration's `reports` → the report that rehearses it."""

MARK = "ENSAIO"
_KEY = re.compile(r"ident|numseq|recno|internalid|integrationreport|chave|sequen|^id$", re.IGNORECASE)
"""Names that an ERP gives its own key of what it booked."""
_VERDICT = re.compile(r"^(sucesso|success|ok|status|situacao|resultado|result|codigo|code|errorcode)$", re.IGNORECASE)
"""Names of fields that say how it went."""


class RehearsalError(PermanentError):
    """The rehearsal is not for this ERP."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the marked report is about: things that homologation has.

    ``values``: what a template asks of the master data besides (`recurso`, `operacao_totvs`, …), by our names.
    """

    order: str
    product: str
    lot: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Rehearsal:
    """What was sent, and what came of it; everything without secrets.

    ``request``: method, address and the template's own headers. ``error``: what the SicFar would make of the answer;
    ``shown``: whether the configured query shows the report, in words; ``proposal``: the shape of success that the
    answer suggests, None if it suggests none.
    """

    external_id: str
    body: str
    request: str
    attempt: Attempt | None = None
    error: str = ""
    shown: str = ""
    proposal: Mapping[str, object] | None = None
    notes: list[str] = field(default_factory=list)


def require_homologation(config: TotvsConfig, host: str) -> None:
    """Refuse any ERP but the one whose host a person has named as homologation's. Raises RehearsalError."""
    configured = urlsplit(config.base_url).hostname or ""
    if host.strip().casefold() != configured.casefold():
        raise RehearsalError(
            "not_homologation",
            f"a configuração é de {configured}, e a homologação é {host}",
            where="totvs.baseUrl",
            action="ensaie com a configuração da homologação; o ensaio grava um apontamento no TOTVS",
        )


def rehearse(
    config: TotvsConfig, client: TotvsClient, attempts: Sequence[Attempt], name: str, sample: Sample, now: datetime
) -> Rehearsal:
    """Send one marked report. ``attempts`` is the list the client's `record` fills. Raises ReportError."""
    kind = KINDS[name]
    external_id = f"SF-{MARK}-{sample.order}-{now:%Y%m%d%H%M%S}"
    report = Report(kind, external_id, _content(kind, sample, now), _master(sample, now))
    request = written(config.reports, report, config.tenant_id)
    lines = [
        f"{request.method} {config.url(request.path)}",
        *(f"{key}: {value}" for key, value in request.headers.items()),
    ]
    body = (request.body or b"").decode()
    done = Rehearsal(external_id, client.masked(body), client.masked("\n".join(lines)))
    client.correlation = external_id
    try:
        # No answer confirms it: it is the answer that is wanted.
        unknown = Expected(f"totvs.reports.{section(kind)}.success", external_id, None)
        client.post(kind.lower(), request.path, request.body, unknown, method=request.method, headers=request.headers)
    except TotvsUnrecognisedError:
        pass
    except SicfarError as error:
        done.error = str(error)
        if not isinstance(error, TotvsRefusedError):
            done.notes.append("Sem a resposta do serviço não há forma a propor.")
    done.attempt = next((one for one in reversed(attempts) if one.operation == kind.lower()), None)
    if done.attempt and done.attempt.status and 200 <= done.attempt.status < 300:
        _propose(done, set(_texts(json.loads(body or "{}"))))
    done.shown = _shown(config, client, kind, external_id)
    return done


def _content(kind: ReportKind, sample: Sample, now: datetime) -> Mapping[str, object]:
    head = {
        "numero_op": sample.order,
        "numero_lote": sample.lot,
        "produto_codigo": sample.product,
        "etapa": "ENVASE",
    }
    if kind is ReportKind.LOSSES:
        return {**head, "perdas": [{"tipo": "RETEM", "quantidade": 1}]}
    if kind is ReportKind.STATUS:
        return {**head, "status": "CONCLUIDO", "em": now.isoformat()}
    return {
        **head,
        "parcial": True,
        "boas": 1,
        "refugo": 0,
        "refugos": [],
        "contador_inicial": 0,
        "contador_final": 1,
        "inicio": (now - timedelta(minutes=1)).isoformat(),
        "fim": now.isoformat(),
    }


def _master(sample: Sample, now: datetime) -> Mapping[str, object]:
    line = {"linha_id": MARK, "nome": MARK} | {
        name: value for name, value in sample.values.items() if name in ("linha_id", "recurso", "centro_custo")
    }
    begun = (now - timedelta(minutes=1)).isoformat()
    known = {"numero_op_totvs": sample.order, "inicio": begun, "fim": now.isoformat(), "lancado_em": now.isoformat()}
    known["assinante"] = MARK
    return {**known, **sample.values, "linhas": [line]}


def _texts(value: object) -> Iterator[str]:
    """Every single value of a body."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value).strip()


def _shown(config: TotvsConfig, client: TotvsClient, kind: ReportKind, external_id: str) -> str:
    if endpoint(config.reports, kind).query is None:
        return "sem totvs.reports.*.query o TOTVS não pode ser perguntado: o que ficar em dúvida espera uma pessoa"
    try:
        row = ask(client, config.reports, kind, external_id)
    except SicfarError as error:
        return f"a consulta não serve: {error}"
    return "a consulta o mostra" if row is not None else "a consulta não o mostra"


# ---------------------------------------------------------------------------------------------------- the proposal


def _propose(done: Rehearsal, sent: Collection[str]) -> None:
    """Put a shape together from what the answer shows of the report."""
    attempt = done.attempt
    text = (attempt.answer if attempt else None) or ""
    try:
        answer = parse_json(text) if text.strip() else None
    except ValueError:
        done.notes.append("A resposta não é JSON: nenhuma forma a confirmaria. O serviço precisa responder em JSON.")
        return
    shape: dict[str, object] = {"status": [attempt.status if attempt else 0]}
    items, item = _place(answer, done.external_id)
    echo = next((name for name, value in item.items() if same(value, done.external_id)), None)
    key = next((name for name in item if _KEY.search(name) and _is_key(item[name], sent)), None)
    if items:
        shape["items"] = items
    if echo:
        shape["id"] = echo
    if key:
        shape["key"] = key
    verdicts = list(_verdicts(answer, "/" if items else ""))
    if verdicts:
        shape["must"] = verdicts
    if text.strip() and not (echo or key or verdicts):
        done.notes.append("Nada na resposta prova que o envio foi gravado: o serviço precisa devolver o id_externo.")
        return
    SuccessShape.model_validate(shape)
    done.proposal = {"success": shape}
    done.notes += _advice(done, echo, key)


def _advice(done: Rehearsal, echo: str | None, key: str | None) -> Iterator[str]:
    if done.error:
        yield "O SicFar lê essa resposta como erro. Só declare a forma se o apontamento está no TOTVS."
    if echo is None:
        yield "A resposta não devolve o id_externo: qualquer resposta com esses campos confirmaria o envio."
    if key is None:
        yield "A resposta não traz a chave do TOTVS: um estorno que a pede esperaria uma pessoa."


def _place(answer: object, external_id: str) -> tuple[str | None, Mapping[str, object]]:
    """The list of items and ours in it; else the answer itself."""
    if not isinstance(answer, dict):
        return None, {}
    for name, value in answer.items():
        ours = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        if len(ours) == 1 and any(same(one, external_id) for one in ours[0].values()):
            return name, ours[0]
    return None, answer


def _verdicts(answer: object, root: str) -> Iterator[Mapping[str, object]]:
    """The fields of the answer's root that say how it went."""
    for name, value in answer.items() if isinstance(answer, dict) else ():
        if _VERDICT.match(name) and not is_blank(value) and not isinstance(value, list | dict):
            yield {"field": root + name, "values": [value if isinstance(value, bool | int) else str(value)]}


def _is_key(value: object, sent: Collection[str]) -> bool:
    if isinstance(value, bool | list | dict) or is_blank(value) or len(str(value).strip()) > LONGEST_KEY:
        return False
    return str(value).strip() not in sent
