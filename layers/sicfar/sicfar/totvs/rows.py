"""One row, in our own names or in Protheus's columns, read into an event or into everything that is wrong with it."""

import hashlib
import json
from functools import cache
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, ValidationError

from sicfar.boundary import Boundary
from sicfar.totvs.mapping import Mapping, at_path
from sicfar.totvs.model import ROWS, Kind, Named, Notice, Order, Reading, Row, fields
from sicfar.totvs.repeated import repeated_key
from sicfar.totvs.subjects import KEYS, subject
from sicfar.totvs.values import shown
from sicfar.validation import instead

_Model = TypeVar("_Model", bound=Reading)

REFUSAL_CODES = ("AUSENTE", "VAZIO", "TIPO", "VALOR", "COMPRIMENTO", "DATA", "DESCONHECIDO", "JSON", "CHARSET")
"""Every code a refused field can have: senders may rely on them."""


class FieldError(Boundary):
    """What is wrong with one field; `field` is its name or path as the sender wrote it."""

    field: str = Field(alias="campo")
    code: str = Field(alias="codigo")
    message: str = Field(alias="mensagem")


class Event(Boundary):
    """One thing told, ready for the database, in the shape `receber_eventos_totvs` takes.

    ``index`` is its place in the body. ``data`` holds only fields that were sent, by the names of their columns.
    ``happened_at`` is UTC. ``sha256`` is over kind, data, version and instant: equal for equal content, whatever its
    encoding or column style. ``ignored`` says why it is none of ours, if so.
    """

    index: int = Field(alias="indice")
    kind: Kind = Field(alias="tipo")
    data: dict[str, str | bool | None] = Field(alias="dados")
    event_id: str | None = Field(alias="evento_id")
    version: str | None = Field(alias="versao")
    happened_at: str | None = Field(alias="ocorrido_em")
    sha256: str
    ignored: str | None = Field(None, alias="ignorado")


class Refusal(Boundary):
    """Something sent that is no event, in the same shape; ``reference`` is what it seems to be about."""

    index: int = Field(alias="indice")
    kind: Kind | None = Field(alias="tipo")
    event_id: str | None = Field(None, alias="evento_id")
    reference: str | None = Field(None, alias="referencia")
    errors: tuple[FieldError, ...] = Field(alias="recusa")


class RowReader:
    """Reads one row into its kind's model; what is wrong is named as the sender wrote it."""

    def __init__(
        self,
        kind: Kind,
        row: dict[str, object],
        meta: dict[str, object],
        mapping: Mapping,
        index: int,
        prefix: str = "",
    ) -> None:
        self._kind = kind
        self._row = row
        self._meta = meta
        self._mapping = mapping
        self._index = index
        self._prefix = prefix
        self._upper = {key.upper(): key for key in row}
        self._errors: list[FieldError] = []

    def read(self) -> Event | Refusal:
        """The row's event, or everything wrong with it."""
        sent: dict[str, object] = {}
        names: dict[str, str] = {}
        for field in fields(self._kind):
            name, raw = self._find(field)
            names[field.name] = name or self._expected_name(field)
            if name is not None:
                sent[field.name] = self._translated(field.name, raw)
        row = self._valid(ROWS[self._kind], sent, names)
        notice = self._notice()
        twice = repeated_key([self._row, self._meta])
        if twice is not None:
            self._wrong("", "JSON", repetition(twice))
        if row is None or self._errors:
            # Which of two values was meant is not known, so neither is what a row with a repeated key is about.
            reference = self._subject(self._right(sent, names)) if twice is None else None
            return Refusal(
                index=self._index,
                kind=self._kind,
                event_id=notice.event_id,
                reference=reference,
                errors=tuple(self._errors),
            )
        data = row.as_json()
        if len(self._mapping.branches) == 1:
            data.pop("filial", None)  # the only one that counts can meet no other's number
        content = json.dumps(
            [self._kind.value, data, notice.version, notice.happened_at], sort_keys=True, separators=(",", ":")
        )
        return Event(
            index=self._index,
            kind=self._kind,
            data=data,
            event_id=notice.event_id,
            version=notice.version,
            happened_at=notice.happened_at,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            ignored=self._why_ignored(row),
        )

    def _subject(self, right: dict[str, object]) -> str | None:
        """What a row is about, from those of its keys that can be read."""
        return subject(
            self._kind, {name: _read(self._kind, name, right[name]) for name in KEYS[self._kind] if name in right}
        )

    def _why_ignored(self, row: Row) -> str | None:
        """Why an order is none of those that count by the configuration."""
        if isinstance(row, Order):
            for what, said, counting in (
                ("filial", row.branch, self._mapping.branches),
                ("tipo", row.order_type, self._mapping.order_types),
            ):
                if said and counting and said not in counting:
                    return f"OPs de {what} {said} não contam; contam as de {', '.join(counting)}."
        return None

    def _notice(self) -> Notice:
        """What comes with the row, without what is wrong of it. A stamp column says when, if nothing else does, in the
        zone of that column."""
        sent = {field: raw for field, raw in self._meta.items() if field in ("id", "versao", "ocorrido_em")}
        names, zone = {field: field for field in sent}, None
        columns = {key.upper(): (key, raw) for key, raw in (self._row | self._meta).items()}
        for column, zone_of_column in self._mapping.stamps.items():
            if "ocorrido_em" not in sent and column.upper() in columns:
                names["ocorrido_em"], sent["ocorrido_em"] = columns[column.upper()]
                zone = zone_of_column
        notice = self._valid(Notice, sent, names, zone)
        return notice or Notice.model_validate(self._right(sent, names), context=zone)

    def _right(self, sent: dict[str, object], names: dict[str, str]) -> dict[str, object]:
        """What was sent of the fields nothing is wrong with."""
        wrong = {error.field for error in self._errors}
        return {field: raw for field, raw in sent.items() if safe(names[field]) not in wrong}

    def _valid(
        self, model: type[_Model], sent: dict[str, object], names: dict[str, str], zone: ZoneInfo | None = None
    ) -> _Model | None:
        try:
            return model.model_validate(sent, context=zone)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                name = names[str(one["loc"][0])]
                if one["type"] == "missing":
                    self._wrong(name, "AUSENTE", "campo obrigatório")
                elif one["type"].isupper():
                    self._wrong(name, one["type"], one["msg"])
                elif one["input"] is None:
                    self._wrong(name, "VAZIO", "campo obrigatório enviado em branco")
                else:
                    self._wrong(name, "VALOR", f"{shown(one['input'])} não serve; {instead(one, model)}")
            return None

    def _translated(self, field: str, raw: object) -> object:
        """A value in our words: by the table of its field, a line's code by the table of lines."""
        raw = self._mapping.values.get(self._kind, {}).get(field, {}).get(str(raw).strip(), raw)
        is_line = field == "linha_id" and isinstance(raw, str)
        return self._mapping.lines.get(str(raw).strip(), raw) if is_line else raw

    def _find(self, field: Named) -> tuple[str | None, object]:
        """The field's value under its mapped, our own or Protheus's name."""
        mapped = self._mapping.fields.get(self._kind, {}).get(field.name)
        if mapped:
            there, raw = at_path(self._row, mapped)
            if there:
                return self._prefix + mapped, raw
        if field.name in self._row:
            return self._prefix + field.name, self._row[field.name]
        sent = [self._upper[column] for column in field.columns if column in self._upper]
        # Two columns may carry the same thing (a site's own and the standard one): the one that is filled counts.
        filled = [key for key in sent if self._row[key] is not None and str(self._row[key]).strip()]
        if sent:
            key = (filled or sent)[0]
            return self._prefix + key, self._row[key]
        return self._composed(field)

    def _composed(self, field: Named) -> tuple[str | None, object]:
        """What a Protheus order row says in several columns."""
        if self._kind is not Kind.ORDER or not any(column.startswith("C2_") for column in self._upper):
            return None, None
        if field.name == "numero_op":
            return self._order_number()
        if field.name == "situacao":
            if str(self._column("D_E_L_E_T_") or "").strip() == "*":
                return "D_E_L_E_T_", "CANCELADA"
            if "C2_DATRF" in self._upper:
                finished = str(self._column("C2_DATRF") or "").strip(" /-0:")
                return self._upper["C2_DATRF"], "ENCERRADA" if finished else "ABERTA"
            return "C2_NUM", "ABERTA"
        return None, None

    def _order_number(self) -> tuple[str | None, object]:
        """C2_OP, or number, item, sequence and grid put together; numbers get back the zeros JSON took from them."""
        if str(self._column("C2_OP") or "").strip():
            return self._upper["C2_OP"], self._column("C2_OP")
        parts = {}
        for column, width in (("C2_NUM", 6), ("C2_ITEM", 2), ("C2_SEQUEN", 3), ("C2_ITEMGRD", 0)):
            raw = self._column(column)
            whole = isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**6
            parts[column] = f"{raw:0{width}d}" if whole and width else str(raw).strip() if raw is not None else ""
        if not parts["C2_NUM"]:
            return (self._upper["C2_NUM"], None) if "C2_NUM" in self._upper else (None, None)
        if bool(parts["C2_ITEM"]) != bool(parts["C2_SEQUEN"]):
            self._wrong("C2_ITEM", "VALOR", "C2_ITEM e C2_SEQUEN vêm juntos, ou nenhum dos dois")
        return self._upper["C2_NUM"], "".join(parts.values())

    def _expected_name(self, field: Named) -> str:
        """What the sender of such a row would call a field that is missing."""
        if not any(column.startswith(("C2_", "B1_", "B8_")) for column in self._upper):
            return self._prefix + field.name
        return self._prefix + (field.columns or ("C2_NUM" if field.name == "numero_op" else field.name,))[0]

    def _column(self, name: str) -> object:
        key = self._upper.get(name)
        return None if key is None else self._row[key]

    def _wrong(self, name: str, code: str, text: str) -> None:
        self._errors.append(FieldError(field=safe(name), code=code, message=text))


@cache
def _adapter(kind: Kind, name: str) -> TypeAdapter[object]:
    info = next(info for info in ROWS[kind].model_fields.values() if info.alias == name)
    return TypeAdapter(Annotated[(info.annotation, *info.metadata)])


def _read(kind: Kind, name: str, raw: object) -> object:
    """One field by itself, as it would stand in the event."""
    adapter = _adapter(kind, name)
    return adapter.dump_python(adapter.validate_python(raw), mode="json")


def repetition(key: str) -> str:
    """Say that a key is written twice."""
    return f"a chave {safe(key)!r} está repetida"


def refused(index: int, kind: Kind | None, name: str, code: str, text: str) -> Refusal:
    """A refusal for one reason."""
    return Refusal(index=index, kind=kind, errors=(FieldError(field=name, code=code, message=text),))


def safe(name: str) -> str:
    """A sender's own key, as an answer may repeat it."""
    return name if len(name) <= 80 and name.isprintable() else ascii(name)[:80]
