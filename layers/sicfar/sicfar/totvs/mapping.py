"""How this customer's services name things, where they differ from Protheus's own names: configuration, never code.

No public contract exists for the ERP's services, so envelopes, field names, values and line codes can each be mapped.
"""

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.config import JsonDict
from pydantic_core import InitErrorDetails

from sicfar.totvs.model import Kind, fields
from sicfar.validation import Strict, nearest, refused

NonEmpty = Annotated[str, Field(min_length=1, description="um texto não vazio")]
DottedPath = Annotated[str, Field(min_length=1, description="um caminho", examples=["Content.Number"])]
Zone = Annotated[ZoneInfo, Field(description="um fuso", examples=["America/Fortaleza"])]


class Envelope(Strict):
    """Another envelope than ours: recognised by `when` (dotted path → value), its parts found by dotted paths."""

    when: dict[str, NonEmpty] = Field(
        alias="quando", min_length=1, description="como reconhecê-lo", examples=['{"Header.Type": "OP"}']
    )
    kind: Kind = Field(alias="tipo")
    data: DottedPath | None = Field(None, alias="dados")
    items: DottedPath | None = Field(None, alias="itens")
    event_id: DottedPath | None = Field(None, alias="id")
    version: DottedPath | None = Field(None, alias="versao")
    happened_at: DottedPath | None = Field(None, alias="ocorrido_em")

    @model_validator(mode="after")
    def _holds_something(self) -> "Envelope":
        if not self.data and not self.items:
            raise refused("diga em `dados` (um) ou `itens` (vários) onde estão os campos")
        return self


def _named_by_kind(schema: JsonDict) -> None:
    """In the JSON Schema, the names each kind has."""
    below = schema.pop("additionalProperties")
    assert isinstance(below, dict)  # noqa: S101 - that of a dict of dicts
    schema.pop("propertyNames")
    schema["additionalProperties"] = False
    schema["properties"] = {
        kind.value: {**below, "propertyNames": {"enum": [field.name for field in fields(kind)]}} for kind in Kind
    }


class Mapping(Strict):
    """Everything mapped; ``Mapping()`` is nothing."""

    lines: dict[str, NonEmpty] = Field({}, alias="linhas", description="código deles de uma linha → `linha_id`")
    fields: dict[Kind, dict[str, DottedPath]] = Field(
        {},
        alias="campos",
        description="campo do SicFar → caminho deles dentro da linha",
        json_schema_extra=_named_by_kind,
    )
    values: dict[Kind, dict[str, dict[str, NonEmpty]]] = Field(
        {}, alias="valores", description="campo → valor deles → o do SicFar", json_schema_extra=_named_by_kind
    )
    envelopes: tuple[Envelope, ...] = Field((), description="outros formatos de aviso")
    stamps: dict[str, Zone] = Field(
        default_factory=lambda: {"S_T_A_M_P_": ZoneInfo("UTC")},
        json_schema_extra={"default": {"S_T_A_M_P_": "UTC"}},
        alias="carimbos",
        description="coluna que diz quando a linha mudou → fuso em que está escrita",
    )
    branches: tuple[NonEmpty, ...] = Field(
        (), alias="filiais", description="as filiais cujas OPs contam; vazia, todas", examples=['["0101"]']
    )
    order_types: tuple[NonEmpty, ...] = Field(
        (), alias="tiposOrdem", description="os tipos de OP que contam; vazia, todos", examples=['["F"]']
    )

    @field_validator("fields", "values")
    @classmethod
    def _names_exist(cls, by_kind: dict[Kind, dict[str, object]]) -> dict[Kind, dict[str, object]]:
        unknown = [
            InitErrorDetails(type=refused(_instead(name, names)), loc=(kind.value, name), input=name)
            for kind, named in by_kind.items()
            for names in [[field.name for field in fields(kind)]]
            for name in named
            if name not in names
        ]
        if unknown:
            raise ValidationError.from_exception_data(cls.__name__, unknown)
        return by_kind


def _instead(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f"seria `{near}`?" if near else f"os campos são {', '.join(names)}"


def at_path(value: object, path: str) -> tuple[bool, object]:
    """Follow a dotted path; whether it leads anywhere, and where."""
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return False, None
        value = value[key]
    return True, value
