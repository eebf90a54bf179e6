"""What TOTVS tells, a model for each kind: reading, the OpenAPI document and the tests follow from them.

A field's alias is its name in our own JSON, `Columns` are Protheus's names for it. A field that is not sent stays as it
is stored, so it is not in a row's `as_json`; one that is sent blank is cleared, so it is there as null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sicfar.totvs.values import Day, Flag, Instant, Quantity, Text, Version

LONGEST_ID = 250
"""Of an event's own identifier: TOTVS's own table of processed messages (SOH) takes 250."""
MOST_EVENTS = 1000


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


class Columns:
    """Protheus's names for a field; of several the first one that is filled counts."""

    def __init__(self, *names: str) -> None:
        self.names = names


class Reading(BaseModel):
    """Something read from what TOTVS sent; keys that are not known are ignored."""

    # Built when it is first used: an event needs one of the kinds, and the webhook starts cold.
    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True, validate_by_name=False)


class InAnyCase(Reading):
    """An object of an answer: services write its keys in whatever capitals."""

    @model_validator(mode="before")
    @classmethod
    def _in_ours(cls, sent: object) -> object:
        if not isinstance(sent, dict):
            return sent
        names = [info.alias or name for name, info in cls.model_fields.items()]
        ours = {name.casefold(): name for name in names}
        return {ours.get(key.casefold(), key): value for key, value in sent.items()}


_ID = "Identificador deste aviso, diferente a cada mudança; o mesmo id com o mesmo conteúdo é uma repetição."
_VERSION = "Inteiro que cresce a cada mudança da mesma coisa; o maior vence, em qualquer ordem de chegada."
_HAPPENED = "Instante da mudança, usado se não houver versao; sem fuso, é a hora da fábrica (America/Fortaleza)."
_NUMBER = "Número da OP com os zeros à esquerda. NNNNNN e NNNNNN01001 são a mesma OP."
_PRODUCT = "Código do produto (B1_COD), com os zeros à esquerda."
_MATERIAL = "Código do insumo (B1_COD), com os zeros à esquerda."
_LOT = "Número do lote. Uma OP que abre lote precisa dele."
_DESCRIPTION = "Descrição (B1_DESC)."
_QUANTITY = "Quantidade, na unidade informada. Até 6 casas; nada é arredondado."
_LINE = "Linha, se o TOTVS a souber (código do SicFar ou traduzido em totvs.mapping.linhas)."
_BRANCH = "Filial da OP. O mesmo número em outra filial é outra OP: só uma delas é aceita."
_ORDER_TYPE = "Tipo da OP: F (firme) ou P (prevista)."
_START = "Dia previsto para começar."
_TYPE = "Tipo do produto (B1_TIPO). MP, EM, ME e MC são insumos."
_DELETED = "Excluído no TOTVS; fica bloqueado no SicFar."
_DELETED_LOT = "Linha excluída no TOTVS (D_E_L_E_T_ = '*'). Na mesma resposta, a linha viva do lote vence a excluída."
_SINCE = "Primeiro dia em que vale; sem ele, o dia do recebimento."


class Row(Reading):
    """The data of one event."""

    def as_json(self) -> dict[str, str | bool | None]:
        """What was sent, by the names of the database's columns."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Notice(Reading):
    """What comes with the data: which change it is, and when it happened."""

    event_id: Annotated[str | None, Text(LONGEST_ID), Field(alias="id", description=_ID)] = None
    version: Annotated[Version, Field(alias="versao", description=_VERSION)] = None
    happened_at: Annotated[Instant, Field(alias="ocorrido_em", description=_HAPPENED)] = None


Product30 = Annotated[str, Text(30), Field(alias="produto_codigo", description=_PRODUCT)]
Text10 = Annotated[str | None, Text(10)]
Text40 = Annotated[str | None, Text(40)]
Unit = Annotated[Text10, Field(alias="unidade", description="Unidade de medida.")]
Made = Annotated[Day, Field(alias="data_fabricacao", description="Dia da fabricação.")]
Expires = Annotated[Day, Field(alias="data_validade", description="Dia da validade.")]
Volume = Annotated[
    Decimal | None, Quantity(), Columns("B1_YQTML"), Field(alias="volume_ml", description="Volume por unidade, em mL.")
]
Registration = Annotated[
    Text40, Columns("B1_YREGANS"), Field(alias="registro_anvisa", description="Registro na ANVISA, ou DISPENSADO.")
]


class Order(Row):
    """A production order."""

    number: Annotated[str, Text(14), Field(alias="numero_op", description=_NUMBER)]
    product: Annotated[Product30, Columns("C2_PRODUTO")]
    quantity: Annotated[Decimal, Quantity(), Columns("C2_QUANT"), Field(alias="quantidade", description=_QUANTITY)]
    lot: Annotated[Text40, Columns("C2_YLOTE", "C2_LOTECTL"), Field(alias="numero_lote", description=_LOT)] = None
    description: Annotated[
        str | None, Text(200), Columns("B1_DESC"), Field(alias="descricao", description=_DESCRIPTION)
    ] = None
    unit: Annotated[Unit, Columns("C2_UM", "B1_UM")] = None
    line: Annotated[str | None, Text(32), Field(alias="linha_id", description=_LINE)] = None
    file: Annotated[Text40, Columns("C2_YDOSSIE"), Field(alias="dossie", description="Dossiê do lote.")] = None
    issued: Annotated[Day, Columns("C2_EMISSAO"), Field(alias="data_emissao", description="Dia da emissão.")] = None
    made: Made = None
    expires: Annotated[Expires, Columns("C2_DTVALID")] = None
    planned_start: Annotated[Day, Columns("C2_DATPRI"), Field(alias="inicio_previsto", description=_START)] = None
    volume: Volume = None
    registration: Registration = None
    situation: Annotated[
        Literal["ABERTA", "ENCERRADA", "CANCELADA"] | None, Text(10), Field(alias="situacao", description="Situação.")
    ] = None
    branch: Annotated[str | None, Text(12), Columns("C2_FILIAL"), Field(alias="filial", description=_BRANCH)] = None
    order_type: Annotated[Text10, Columns("C2_TPOP"), Field(alias="tipo_ordem", description=_ORDER_TYPE)] = None


class Material(Row):
    """A raw or packing material."""

    code: Annotated[str, Text(30), Columns("B1_COD"), Field(alias="insumo_codigo", description=_MATERIAL)]
    description: Annotated[str, Text(200), Columns("B1_DESC"), Field(alias="descricao", description=_DESCRIPTION)]
    unit: Annotated[Unit, Columns("B1_UM")] = None
    type: Annotated[Text10, Columns("B1_TIPO"), Field(alias="tipo", description=_TYPE)] = None
    blocked: Annotated[Flag, Columns("B1_MSBLQL"), Field(alias="bloqueado", description="Bloqueado para uso.")] = False
    deleted: Annotated[Flag, Columns("D_E_L_E_T_"), Field(alias="excluido", description=_DELETED)] = False


class Product(Material):
    """A product."""

    code: Annotated[Product30, Columns("B1_COD")]
    volume: Volume = None
    registration: Registration = None
    barcode: Annotated[
        str | None, Text(20), Columns("B1_CODBAR"), Field(alias="codigo_barras", description="GTIN.")
    ] = None


class Lot(Row):
    """A stock lot."""

    product: Annotated[Product30, Columns("B8_PRODUTO")]
    number: Annotated[str, Text(40), Columns("B8_LOTECTL"), Field(alias="numero_lote", description=_LOT)]
    quantity: Annotated[
        Decimal | None, Quantity(), Columns("B8_SALDO"), Field(alias="quantidade", description=_QUANTITY)
    ] = None
    unit: Unit = None
    made: Annotated[Made, Columns("B8_DFABRIC")] = None
    expires: Annotated[Expires, Columns("B8_DTVALID")] = None
    supplier: Annotated[str | None, Text(200), Field(alias="fornecedor", description="Fornecedor.")] = None
    deleted: Annotated[Flag, Columns("D_E_L_E_T_"), Field(alias="excluido", description=_DELETED_LOT)] = False
    situation: Annotated[
        Literal["EM_ESTOQUE", "EM_USO", "ESGOTADO", "BLOQUEADO"] | None,
        Text(10),
        Field(alias="situacao", description="Situação."),
    ] = None


class Speed(Row):
    """A qualified speed."""

    line: Annotated[str, Text(32), Field(alias="linha_id", description=_LINE)]
    product: Product30
    speed: Annotated[Decimal, Quantity(positive=True), Field(alias="velocidade", description="Unidades por hora.")]
    since: Annotated[Day, Field(alias="vigente_desde", description=_SINCE)] = None
    until: Annotated[Day, Field(alias="vigente_ate", description="Último dia em que vale.")] = None


ROWS: Mapping[Kind, type[Row]] = {
    Kind.ORDER: Order,
    Kind.PRODUCT: Product,
    Kind.MATERIAL: Material,
    Kind.LOT: Lot,
    Kind.SPEED: Speed,
}


@dataclass(frozen=True, slots=True)
class Named:
    """How a field may be named: ours, and Protheus's columns."""

    name: str
    columns: tuple[str, ...]
    required: bool


@cache
def fields(kind: Kind) -> tuple[Named, ...]:
    """The fields of a kind, the one that identifies it first."""
    return tuple(
        Named(
            info.alias or name,
            next((entry.names for entry in info.metadata if isinstance(entry, Columns)), ()),
            info.is_required(),
        )
        for name, info in ROWS[kind].model_fields.items()
    )
