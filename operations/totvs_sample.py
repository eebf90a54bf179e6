"""`sicfar totvs amostra`: the requests that a configuration makes of a sample lot, without network or secrets."""

import json
from collections.abc import Iterator

from sicfar.database.codes import ReportKind
from sicfar.totvs.calls import JSON_CONTENT, usual_headers
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.rendering import ReportError
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import template_section, written

# Until 22:10 at the plant: in UTC it is the next day already.
_BEGUN, _ENDED, _MADE = "2025-06-06T20:02:11+00:00", "2025-06-07T01:10:40+00:00", "2025-06-07T01:40:05.120+00:00"
_HEADER = {"numero_op": "146734", "numero_lote": "25F0226A", "produto_codigo": "07010012", "etapa": "ENVASE"}
_REJECTS = [{"codigo": "MAQUINA", "quantidade": 94}]
_PRODUCTION = {
    **_HEADER,
    "parcial": False,
    "boas": 17_626,
    "refugo": 94,
    "refugos": _REJECTS,
    "contador_inicial": 0,
    "contador_final": 2_215,
    "inicio": _BEGUN,
    "fim": _ENDED,
}
_CORRECTION = {
    **_HEADER,
    "boas": 38,
    "refugos": [{"codigo": "MAQUINA", "quantidade": 2}],
    "perdas": [{"tipo": "RETEM", "quantidade": 1}],
    "motivo": "lote de contagens atrasado",
}
_LINE = {
    "linha_id": "SPEP-ENV-A",
    "nome": "SPEP01 - Linha A - Envase",
    "recurso": "ENV01",
    "centro_custo": "3101",
    "inicio": _BEGUN,
    "fim": _ENDED,
}
_MASTER = {
    "numero_op_totvs": "14673401001",
    "descricao": "SOLUÇÃO FISIOLÓGICA 0,9% 500 ML",
    "unidade": "UN",
    "fabricacao": "2025-06-06",
    "validade": "2027-06-30",
    "operacao_totvs": "10",
    "armazem": "01",
    "tipo_movimento": "010",
    "turno": "D1",
    "assinante": "Maria das Dores",
    "operador": "000123",
    "inicio": _BEGUN,
    "fim": _ENDED,
    "linhas": [_LINE],
    "lancado_em": _MADE,
}
_CONTENT: dict[ReportKind, dict[str, object]] = {
    ReportKind.PRODUCTION: _PRODUCTION,
    ReportKind.LOSSES: {**_HEADER, "perdas": [{"tipo": "RETEM", "quantidade": 12}]},
    ReportKind.STATUS: {**_HEADER, "status": "CONCLUIDO", "em": _MADE},
    ReportKind.ADJUSTMENT: _CORRECTION,
    ReportKind.REVERSAL: _CORRECTION,
    ReportKind.PARTIAL: {**_PRODUCTION, "parcial": True},
}
KINDS = tuple(_CONTENT)


def sample(kind: ReportKind, *, whole: bool) -> Report:
    """A report of the sample lot; ``whole``: a reversal takes back a whole report."""
    master: dict[str, object] = dict(_MASTER)
    if kind is ReportKind.REVERSAL:
        first = "SF-146734-PRODUCAO-0001"
        master["estorna"] = {"id_externo": first, "chave_erp": "004711", "tipo": "PRODUCAO", "inteiro": whole}
    return Report(kind, f"SF-146734-{kind.value}-0001", _CONTENT[kind], master)


def shown(config: TotvsConfig, kinds: tuple[ReportKind, ...]) -> Iterator[tuple[bool, str]]:
    """Of each kind whether it can be written, and the request, or what is wrong with it."""
    for kind in kinds:
        title = f"=== {kind.value}\n"
        section = template_section(config.reports, kind)
        if section is None:
            yield True, f"{title}não é enviado"
            continue
        try:
            yield True, title + _request(config, sample(kind, whole=section.whole))
        except ReportError as error:
            faults = "\n".join(f"  {fault}" for fault in error.what.split("; "))
            yield False, f"{title}não pode ser escrito:\n{faults}\n  → {error.action}"


def with_template(config: TotvsConfig, value: object, where: str) -> TotvsConfig:
    """The configuration with another template. Raises SettingError."""
    from sicfar.totvs.templates import read_template

    reports = config.reports.model_copy(update={"template": read_template(value, where)})
    return config.model_copy(update={"reports": reports})


def _request(config: TotvsConfig, report: Report) -> str:
    request = written(config.reports, report, config.tenant_id)
    headers = {
        **usual_headers(config, report.external_id),
        "Authorization": f"{config.auth.type.title()} ***",
        **request.headers,
        **(JSON_CONTENT if request.body is not None else {}),
    }
    lines = [f"{request.method} {config.url(request.path)}", *(f"{name}: {text}" for name, text in headers.items())]
    if request.body is not None:
        lines += ["", json.dumps(json.loads(request.body), ensure_ascii=False, indent=2)]
    return "\n".join(lines)
