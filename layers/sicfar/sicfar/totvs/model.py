"""What TOTVS tells, kind by kind: the one table of fields from which reading, schema and documentation follow.

Text is kept without the blanks that pad Protheus's columns; quantities are decimal, written as text; dates are days of
the plant's calendar without a time. A field that is not sent stays as it is stored; one that is sent blank is cleared.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an event is about."""

    ORDER = "ordem"
    """A production order (SC2): one lot on SicFar's screen."""
    PRODUCT = "produto"
    """A product (SB1), whatever its type."""
    MATERIAL = "insumo"
    """A raw or packing material (SB1)."""
    LOT = "lote"
    """A stock lot (SB8), of a product or of an input."""
    SPEED = "velocidade"
    """The qualified speed of a line with a product, units per hour."""


class Type(StrEnum):
    """How a field's value is read."""

    TEXT = "texto"
    QUANTITY = "quantidade"
    DATE = "data"
    FLAG = "logico"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    ``longest`` is in characters. ``columns`` are Protheus's names for it, the first one present wins. ``values``, if
    any, are the only texts allowed. ``positive`` excludes zero.
    """

    name: str
    type: Type
    required: bool = False
    longest: int = 0
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    positive: bool = False


def _text(name: str, longest: int, *columns: str, required: bool = False, values: tuple[str, ...] = ()) -> Field:
    return Field(name, Type.TEXT, required, longest, columns, values)


def _quantity(name: str, *columns: str, required: bool = False, positive: bool = False) -> Field:
    return Field(name, Type.QUANTITY, required, columns=columns, positive=positive)


def _date(name: str, *columns: str) -> Field:
    return Field(name, Type.DATE, columns=columns)


def _flag(name: str, *columns: str) -> Field:
    return Field(name, Type.FLAG, columns=columns)


QUANTITY_PLACES = 6
QUANTITY_LIMIT = 999_999_999_999
"""Protheus's widest quantity has twelve digits; more than six places would have to be rounded."""

LONGEST_ID = 250
"""Of an event's own identifier: TOTVS's own table of processed messages (SOH) takes 250."""
LONGEST_VERSION = 30
MOST_EVENTS = 1000

_ITEM = (
    _text("unidade", 10, "B1_UM"),
    _text("tipo", 10, "B1_TIPO"),
    _flag("bloqueado", "B1_MSBLQL"),
    _flag("excluido", "D_E_L_E_T_"),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ORDER: (
        _text("numero_op", 14, required=True),
        _text("produto_codigo", 30, "C2_PRODUTO", required=True),
        _quantity("quantidade", "C2_QUANT", required=True),
        _text("numero_lote", 40, "C2_YLOTE", "C2_LOTECTL"),
        _text("descricao", 200, "B1_DESC"),
        _text("unidade", 10, "C2_UM", "B1_UM"),
        _text("linha_id", 32),
        _text("dossie", 40, "C2_YDOSSIE"),
        _date("data_emissao", "C2_EMISSAO"),
        _date("data_fabricacao"),
        _date("data_validade", "C2_DTVALID"),
        _date("inicio_previsto", "C2_DATPRI"),
        _quantity("volume_ml", "B1_YQTML"),
        _text("registro_anvisa", 40, "B1_YREGANS"),
        _text("situacao", 10, values=("ABERTA", "ENCERRADA", "CANCELADA")),
    ),
    Kind.PRODUCT: (
        _text("produto_codigo", 30, "B1_COD", required=True),
        _text("descricao", 200, "B1_DESC", required=True),
        *_ITEM,
        _quantity("volume_ml", "B1_YQTML"),
        _text("registro_anvisa", 40, "B1_YREGANS"),
        _text("codigo_barras", 20, "B1_CODBAR"),
    ),
    Kind.MATERIAL: (
        _text("insumo_codigo", 30, "B1_COD", required=True),
        _text("descricao", 200, "B1_DESC", required=True),
        *_ITEM,
    ),
    Kind.LOT: (
        _text("produto_codigo", 30, "B8_PRODUTO", required=True),
        _text("numero_lote", 40, "B8_LOTECTL", required=True),
        _quantity("quantidade", "B8_SALDO"),
        _text("unidade", 10),
        _date("data_fabricacao", "B8_DFABRIC"),
        _date("data_validade", "B8_DTVALID"),
        _text("fornecedor", 200),
        _flag("excluido", "D_E_L_E_T_"),
        _text("situacao", 10, values=("EM_ESTOQUE", "EM_USO", "ESGOTADO", "BLOQUEADO")),
    ),
    Kind.SPEED: (
        _text("linha_id", 32, required=True),
        _text("produto_codigo", 30, required=True),
        _quantity("velocidade", required=True, positive=True),
        _date("vigente_desde"),
        _date("vigente_ate"),
    ),
}
