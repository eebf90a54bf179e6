"""What a report to the ERP can say: the one table of values that templates, their check and the documentation follow.

Names and meanings are Portuguese: the people who write a template read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sicfar.database.codes import ReportKind

OPERATIONS = {
    ReportKind.PARTIAL: "PARCIAL",
    ReportKind.PRODUCTION: "TOTAL",
    ReportKind.LOSSES: "PERDAS",
    ReportKind.STATUS: "STATUS",
    ReportKind.ADJUSTMENT: "AJUSTE",
    ReportKind.REVERSAL: "ESTORNO",
}
"""Kind of report → what the ERP is told it is. A reversal has positive amounts, as Protheus wants them."""


class Type(StrEnum):
    """How a value is written where a template names no format."""

    TEXT = "texto"
    NUMBER = "número"
    FLAG = "sim ou não"
    INSTANT = "instante"
    DAY = "dia"
    LIST = "lista"


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that a report can say.

    ``kinds`` are the reports that can say it. ``words`` are all words a text can be, if they are few. ``items`` are the
    values of each element of a list.
    """

    name: str
    type: Type
    meaning: str
    kinds: frozenset[ReportKind] = frozenset(ReportKind)
    words: tuple[str, ...] = ()
    items: tuple["Value", ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One report of the outbox. ``master`` is what of the plant's master data was frozen with it."""

    kind: ReportKind
    external_id: str
    content: Mapping[str, object]
    master: Mapping[str, object] = field(default_factory=dict)

    @property
    def reverses(self) -> Mapping[str, object]:
        """Of a reversal: the report it reverses, and whether that is taken back whole."""
        said = self.master.get("estorna")
        return said if isinstance(said, Mapping) else {}


_AMOUNTS = frozenset({ReportKind.PARTIAL, ReportKind.PRODUCTION, ReportKind.ADJUSTMENT, ReportKind.REVERSAL})
_COUNTED = frozenset({ReportKind.PARTIAL, ReportKind.PRODUCTION})
_LOST = frozenset({ReportKind.LOSSES, ReportKind.ADJUSTMENT, ReportKind.REVERSAL})
_REASONED = frozenset({ReportKind.ADJUSTMENT, ReportKind.REVERSAL})
_STATUS = frozenset({ReportKind.STATUS})
_REVERSAL = frozenset({ReportKind.REVERSAL})
_FLAG_WORDS = ("true", "false")
_STAGES = ("ENVASE", "EMBALAGEM")

_SEQUENCE = Value("sequencia", Type.NUMBER, "posição na lista escrita, a partir de 1")
_REJECTS = (
    _SEQUENCE,
    Value("codigo", Type.TEXT, "código do refugo, traduzido por `reports.codes`; `MAQUINA` é o que a máquina rejeita"),
    Value("quantidade", Type.NUMBER, "unidades"),
)
_LOSSES = (
    _SEQUENCE,
    Value(
        "tipo",
        Type.TEXT,
        "tipo da perda",
        words=("RETEM", "AMOSTRA_SEMIACABADO", "AMOSTRA_ACABADO"),
    ),
    Value("quantidade", Type.NUMBER, "unidades"),
)
_LINES = (
    _SEQUENCE,
    Value("linha_id", Type.TEXT, "linha do SicFar"),
    Value("nome", Type.TEXT, "nome da linha"),
    Value("recurso", Type.TEXT, "recurso dela no TOTVS (`definir_recurso`)"),
    Value("centro_custo", Type.TEXT, "centro de custo dela no TOTVS (`definir_recurso`)"),
    Value("inicio", Type.INSTANT, "abertura da OP na linha"),
    Value("fim", Type.INSTANT, "encerramento da OP na linha"),
    Value("boas", Type.NUMBER, "boas da linha; só com uma linha, ou no fechamento de uma OP sem parciais", _COUNTED),
    Value("refugo", Type.NUMBER, "refugo da linha; nos mesmos casos", _COUNTED),
    Value("refugos", Type.LIST, "refugo da linha por código; nos mesmos casos", _COUNTED, items=_REJECTS),
)

VALUES: tuple[Value, ...] = (
    Value("id_externo", Type.TEXT, "identificador do SicFar, único, nunca muda"),
    Value("operacao", Type.TEXT, "o que o envio é", words=tuple(OPERATIONS.values())),
    Value("numero_op", Type.TEXT, "OP como o SicFar a guarda: `01001` no fim é omitido"),
    Value("numero_op_totvs", Type.TEXT, "OP como o TOTVS a escreveu, p. ex. com 11 caracteres"),
    Value("numero_lote", Type.TEXT, "lote"),
    Value("produto_codigo", Type.TEXT, "produto"),
    Value("descricao", Type.TEXT, "descrição do produto"),
    Value("unidade", Type.TEXT, "unidade de medida da OP, senão do produto"),
    Value("fabricacao", Type.DAY, "fabricação do lote"),
    Value("validade", Type.DAY, "validade do lote"),
    Value("etapa", Type.TEXT, "etapa informada", words=_STAGES),
    Value("operacao_totvs", Type.TEXT, "operação do roteiro no TOTVS, da família e etapa (`definir_operacao`)"),
    Value("armazem", Type.TEXT, "armazém no TOTVS, da família e etapa (`definir_operacao`)"),
    Value("tipo_movimento", Type.TEXT, "tipo de movimento no TOTVS, da família e etapa (`definir_operacao`)"),
    Value("linha_id", Type.TEXT, "linha que mais produziu"),
    Value("recurso", Type.TEXT, "recurso dela no TOTVS (`definir_recurso`)"),
    Value("centro_custo", Type.TEXT, "centro de custo dela no TOTVS (`definir_recurso`)"),
    Value("turno", Type.TEXT, "último turno em que a OP produziu"),
    Value("assinante", Type.TEXT, "quem assinou o último Diário de Bordo da OP"),
    Value("operador", Type.TEXT, "código dessa pessoa no TOTVS (`definir_operador`)"),
    Value("empresa", Type.TEXT, "o que está antes da vírgula de `tenantId`"),
    Value("filial", Type.TEXT, "o que está depois da vírgula de `tenantId`"),
    Value("parcial", Type.FLAG, "sim no apontamento parcial; não nos outros", words=_FLAG_WORDS),
    Value("total", Type.FLAG, "o contrário de `parcial`", words=_FLAG_WORDS),
    Value("inicio", Type.INSTANT, "abertura da OP na etapa"),
    Value("fim", Type.INSTANT, "encerramento da OP na etapa; no parcial, o instante dele"),
    Value("lancado_em", Type.INSTANT, "quando o envio foi criado: data de lançamento; não muda ao reenviar"),
    Value("boas", Type.NUMBER, "unidades vendáveis: sem refugo, retém e amostras", _AMOUNTS),
    Value("refugo", Type.NUMBER, "unidades refugadas", _AMOUNTS),
    Value("perdidas", Type.NUMBER, "refugo mais amostras, do que o envio traz", _AMOUNTS | _LOST),
    Value("produzidas", Type.NUMBER, "boas mais perdidas", _AMOUNTS),
    Value("refugos", Type.LIST, "refugo por código", _AMOUNTS, items=_REJECTS),
    Value("perdas", Type.LIST, "o que não é refugo nem vendável, por tipo", _LOST, items=_LOSSES),
    Value("amostras", Type.NUMBER, "soma de `perdas`", _LOST),
    Value("contador_inicial", Type.NUMBER, "contador da OP no início, em contagens da máquina", _COUNTED),
    Value("contador_final", Type.NUMBER, "contador da OP no fim, em contagens da máquina", _COUNTED),
    Value("linhas", Type.LIST, "linhas da etapa informada, a que mais produziu primeiro", items=_LINES),
    Value("status", Type.TEXT, "situação da OP", _STATUS, words=("CONCLUIDO",)),
    Value("em", Type.INSTANT, "quando a situação passou a valer", _STATUS),
    Value("motivo", Type.TEXT, "por que se ajusta ou estorna, como a pessoa escreveu", _REASONED),
    Value("estorna_id_externo", Type.TEXT, "identificador do SicFar do envio que se estorna", _REVERSAL),
    Value("estorna_chave_erp", Type.TEXT, "chave com que o TOTVS o gravou, p. ex. `H6_IDENT`", _REVERSAL),
    Value("estorna_operacao", Type.TEXT, "o que ele era", _REVERSAL, words=tuple(OPERATIONS.values())),
)

Facts = Mapping[str, object]


def facts(report: Report, tenant_id: str | None) -> Facts:
    """Everything that can be said of a report, by the names of `VALUES`; None or absent is what cannot be said."""
    content, master = report.content, report.master
    company, _, branch = (tenant_id or "").partition(",")
    lines = [_line(report, one, alone=len(_rows(master, "linhas")) == 1) for one in _rows(master, "linhas")]
    first: Mapping[str, object] = lines[0] if lines else {}
    rejects, losses = _list(content.get("refugos")), _list(content.get("perdas"))
    partial = bool(content.get("parcial", report.kind is ReportKind.PARTIAL))
    reversed_kind = report.reverses.get("tipo")
    told: dict[str, object] = {
        **{name: value for name, value in master.items() if name not in ("linhas", "por_linha", "estorna")},
        **{name: first.get(name) for name in ("linha_id", "recurso", "centro_custo")},
        "refugo": None if rejects is None else _total(rejects),
        "amostras": None if losses is None else _total(losses),
        **content,
        "id_externo": report.external_id,
        "operacao": OPERATIONS[report.kind],
        "empresa": company,
        "filial": branch,
        "parcial": partial,
        "total": not partial,
        "refugos": rejects,
        "perdas": losses,
        "linhas": lines,
        "estorna_id_externo": report.reverses.get("id_externo"),
        "estorna_chave_erp": report.reverses.get("chave_erp"),
        "estorna_operacao": OPERATIONS[ReportKind(str(reversed_kind))] if reversed_kind else None,
    }
    lost = _sum(told["refugo"], told["amostras"])
    return told | {"perdidas": lost, "produzidas": _sum(told.get("boas"), lost)}


def _line(report: Report, line: Mapping[str, object], *, alone: bool) -> dict[str, object]:
    """A line with its amounts where they are known to add up to the report's: its own, or the report's if alone."""
    amounts: Mapping[str, object] = {}
    by_line = report.master.get("por_linha")
    if isinstance(by_line, Mapping) and isinstance(found := by_line.get(str(line.get("linha_id"))), Mapping):
        amounts = found
    elif alone:
        amounts = {name: report.content.get(name) for name in ("boas", "refugos")}
    rejects = _list(amounts.get("refugos"))
    refused = None if rejects is None else _total(rejects)
    return {**line, "boas": amounts.get("boas"), "refugo": refused, "refugos": rejects}


def _rows(parent: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = parent.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _list(rows: object) -> list[Mapping[str, object]] | None:
    return list(rows) if isinstance(rows, list) else None


def _total(rows: list[Mapping[str, object]]) -> int:
    return sum(amount for row in rows if isinstance(amount := row.get("quantidade"), int))


def _sum(*amounts: object) -> int | None:
    """Of those that are known; None if none is."""
    known = [amount for amount in amounts if isinstance(amount, int)]
    return sum(known) if known else None
