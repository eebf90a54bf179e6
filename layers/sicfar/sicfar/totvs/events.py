"""What TOTVS sends, read into events: our own JSON, Protheus's columns, or a mapped envelope.

Reading never raises for what somebody sent: whatever cannot be an event is a refusal that names every wrong field at
once, as the sender wrote it; the events around it are read. Standard library only: the webhook starts cold.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import NoReturn

from sicfar.errors import PermanentError
from sicfar.totvs.charset import UndecodableError, decode
from sicfar.totvs.mapping import Envelope, Mapping, at_path
from sicfar.totvs.model import FIELDS, LONGEST_ID, LONGEST_VERSION, MOST_EVENTS, Field, Kind
from sicfar.totvs.repeated import Repeated, marked, repeated_key
from sicfar.totvs.subjects import subject
from sicfar.totvs.values import Value, ValueRefusedError, plain_text, read_instant, read_value, shown

NOT_MAPPED = Mapping()

_Reading = Callable[[object], str | None]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is its name or path as the sender wrote it."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        """As the sender is answered, and as the database keeps it."""
        return {"campo": self.field, "codigo": self.code, "mensagem": self.message}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing told, ready for the database.

    ``index`` is its place in the body. ``data`` holds only fields that were sent, by the names of their columns.
    ``happened_at`` is UTC. ``sha256`` is over kind, data, version and instant: equal for equal content, whatever its
    encoding or column style.
    """

    index: int
    kind: Kind
    data: dict[str, Value]
    event_id: str | None
    version: str | None
    happened_at: str | None
    sha256: str

    def as_json(self) -> dict[str, object]:
        """The shape `receber_eventos_totvs` takes."""
        return {
            "indice": self.index,
            "tipo": self.kind.value,
            "dados": dict(self.data),
            "evento_id": self.event_id,
            "versao": self.version,
            "ocorrido_em": self.happened_at,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something sent that is no event; ``reference`` is what it seems to be about."""

    index: int
    kind: Kind | None
    errors: tuple[FieldError, ...]
    event_id: str | None = None
    reference: str | None = None

    def as_json(self) -> dict[str, object]:
        """The shape `receber_eventos_totvs` takes."""
        return {
            "indice": self.index,
            "tipo": self.kind and self.kind.value,
            "evento_id": self.event_id,
            "referencia": self.reference,
            "recusa": [error.as_json() for error in self.errors],
        }


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a collection; ``has_next`` is None where the service does not say."""

    rows: list[object]
    has_next: bool | None


class PageError(PermanentError):
    """An answer that is no page of rows."""


class _NotJsonError(ValueError):
    """The text is not JSON we take; its text says why."""


def read_events(
    body: bytes, content_type: str | None, mapping: Mapping = NOT_MAPPED, charset: str = "utf-8"
) -> list[Event | Refusal]:
    """Read a webhook's body: one event or a list of them. Never raises; at least one result."""
    try:
        value = _parsed(decode(body, content_type, charset))
    except (UndecodableError, _NotJsonError) as error:
        code = "CHARSET" if isinstance(error, UndecodableError) else "JSON"
        return [_refused(0, None, "", code, str(error))]
    # Counted as they come out: one envelope may hold none, or more than an answer has room to refuse.
    found = list(islice(_numbered(value if isinstance(value, list) else [value], mapping), MOST_EVENTS + 1))
    if not found:
        return [_refused(0, None, "", "VAZIO", "a lista está vazia; envie ao menos um evento")]
    if len(found) > MOST_EVENTS:
        return [_refused(0, None, "", "COMPRIMENTO", f"mais de {MOST_EVENTS} eventos; envie no máximo tantos por vez")]
    return found


def read_row(kind: Kind, row: object, mapping: Mapping, index: int) -> Event | Refusal:
    """Read one row of a pulled page, whose kind the endpoint tells. Never raises."""
    if not isinstance(row, dict):
        return _refused(index, kind, "", "TIPO", f"{shown(row)} não é um objeto")
    return _Reader(kind, row, row, mapping, index).read()


def read_page(body: bytes, content_type: str | None, charset: str = "utf-8") -> Page:
    """Read ``{"items": […], "hasNext": …}``, with capitals or without, or a bare list. Raises PageError."""
    try:
        value = _parsed(decode(body, content_type, charset))
    except (UndecodableError, _NotJsonError) as error:
        raise _no_page(str(error)) from error
    if isinstance(value, list):
        return Page(value, None)
    keys = {key.lower(): entry for key, entry in value.items()} if isinstance(value, dict) else {}
    rows = keys.get("items")
    if not isinstance(rows, list):
        raise _no_page(f"{shown(value)} sem a lista `items`")
    if (twice := repeated_key(value, apart=rows)) is not None:
        raise _no_page(_twice(twice))
    has_next = keys.get("hasnext")
    return Page(rows, None if has_next is None else str(has_next).strip().lower() == "true")


def _no_page(what: str) -> PageError:
    return PageError(
        "page_unreadable", what, action="confira o serviço do TOTVS: espera-se items e hasNext (docs/totvs.md)"
    )


# --------------------------------------------------------------------------------------------------------- envelopes


def _numbered(items: list[object], mapping: Mapping) -> Iterator[Event | Refusal]:
    """Each item's events in order; an envelope may hold several, so numbers run over all of them."""
    index = 0
    for item in items:
        for reader in _readers(item, mapping, index):
            yield reader.read() if isinstance(reader, _Reader) else reader
            index += 1


def _readers(item: object, mapping: Mapping, index: int) -> "Iterator[_Reader | Refusal]":
    if not isinstance(item, dict):
        yield _refused(index, None, "", "TIPO", f"{shown(item)} não é um objeto de evento")
        return
    if isinstance(item, Repeated) and not _kind_by_columns(item):
        yield _refused(index, None, "", "JSON", _twice(item.key))
        return
    for envelope in mapping.envelopes:
        if all(str(at_path(item, path)[1]) == wanted for path, wanted in envelope.when.items()):
            yield from _unpacked(item, envelope, mapping, index)
            return
    if "dados" in item or "tipo" in item:
        yield _canonical(item, mapping, index)
        return
    kind = _kind_by_columns(item)
    if kind is None:
        text = "não é evento nem linha do Protheus: faltam `tipo` e `dados`, ou colunas C2_, B8_ ou B1_"
        yield _refused(index, None, "", "DESCONHECIDO", text)
        return
    yield _Reader(kind, item, item, mapping, index)


def _canonical(item: dict[str, object], mapping: Mapping, index: int) -> "_Reader | Refusal":
    kind = item.get("tipo")
    if not isinstance(kind, str) or kind not in tuple(Kind):
        return _refused(index, None, "tipo", "VALOR", f"{shown(kind)} não é um de {', '.join(Kind)}")
    data = item.get("dados")
    if not isinstance(data, dict):
        return _refused(index, Kind(kind), "dados", "TIPO", f"{shown(data)} não é um objeto com os campos")
    return _Reader(Kind(kind), data, item, mapping, index, prefix="dados.")


def _unpacked(
    item: dict[str, object], envelope: Envelope, mapping: Mapping, index: int
) -> "Iterator[_Reader | Refusal]":
    paths = {"id": envelope.event_id, "versao": envelope.version, "ocorrido_em": envelope.happened_at}
    meta = {name: at_path(item, path)[1] for name, path in paths.items() if path}
    path = envelope.items or envelope.data
    _, found = at_path(item, path)
    if (twice := repeated_key(item, apart=found)) is not None:
        yield _refused(index, envelope.kind, "", "JSON", _twice(twice))
        return
    rows = found if envelope.items and isinstance(found, list) else [found]
    for n, row in enumerate(rows):
        if isinstance(row, dict):
            prefix = f"{path}[{n}]." if envelope.items else f"{path}."
            # Rows of one envelope share its identifier, so each gets its place in it.
            own = {**meta, "id": f"{meta['id']}#{n}"} if envelope.items and meta.get("id") else meta
            yield _Reader(envelope.kind, row, own, mapping, index + n, prefix=prefix)
        else:
            yield _refused(index + n, envelope.kind, path, "TIPO", f"{shown(row)} não é um objeto com os campos")


def _kind_by_columns(item: dict[str, object]) -> Kind | None:
    columns = {key[:3].upper() for key in item}
    for prefix, kind in (("C2_", Kind.ORDER), ("B8_", Kind.LOT), ("B1_", Kind.PRODUCT)):
        if prefix in columns:
            return kind
    return None


# -------------------------------------------------------------------------------------------------------------- rows


class _Reader:
    """Reads one row field by field, collecting everything that is wrong with it."""

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
        data: dict[str, Value] = {}
        for field in FIELDS[self._kind]:
            self._field(field, data)
        event_id = self._attempt(lambda raw: plain_text(raw, LONGEST_ID), "id", self._meta.get("id"))
        version = self._attempt(_version, "versao", self._meta.get("versao"))
        stamp = "ocorrido_em" if "ocorrido_em" in self._meta else "S_T_A_M_P_"
        happened = self._attempt(read_instant, stamp, self._meta.get(stamp))
        twice = repeated_key([self._row, self._meta])
        if twice is not None:
            self._wrong("", "JSON", _twice(twice))
        if self._errors:
            # Which of two values was meant is not known, so neither is what a row with a repeated key is about.
            about = subject(self._kind, data) if twice is None else None
            return Refusal(self._index, self._kind, tuple(self._errors), event_id, about)
        content = json.dumps([self._kind.value, data, version, happened], sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(content.encode()).hexdigest()
        return Event(self._index, self._kind, data, event_id, version, happened, digest)

    def _field(self, field: Field, data: dict[str, Value]) -> None:
        name, raw = self._find(field)
        if name is None:
            name, raw = self._composed(field)
        if name is None:
            if field.required:
                self._wrong(self._expected_name(field), "AUSENTE", "campo obrigatório")
            return
        table = self._mapping.values.get(self._kind, {}).get(field.name, {})
        raw = table.get(str(raw).strip(), raw)
        try:
            value = read_value(field, raw)
        except ValueRefusedError as error:
            self._wrong(name, error.code, str(error))
            return
        if field.required and value is None:
            self._wrong(name, "VAZIO", "campo obrigatório enviado em branco")
            return
        if field.name == "linha_id" and isinstance(value, str):
            value = self._mapping.lines.get(value, value)
        data[field.name] = value

    def _find(self, field: Field) -> tuple[str | None, object]:
        """The field's value under its mapped, our own or Protheus's name."""
        mapped = self._mapping.fields.get(self._kind, {}).get(field.name)
        if mapped:
            there, raw = at_path(self._row, mapped)
            if there:
                return self._prefix + mapped, raw
        if field.name in self._row:
            return self._prefix + field.name, self._row[field.name]
        first: tuple[str | None, object] = (None, None)
        for column in field.columns:
            key = self._upper.get(column)
            if key is None:
                continue
            # Two columns may carry the same thing (a site's own and the standard one): the one that is filled counts.
            raw = self._row[key]
            if raw is not None and str(raw).strip():
                return self._prefix + key, raw
            first = first if first[0] else (self._prefix + key, raw)
        return first

    def _composed(self, field: Field) -> tuple[str | None, object]:
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

    def _expected_name(self, field: Field) -> str:
        """What the sender of such a row would call a field that is missing."""
        if not any(column.startswith(("C2_", "B1_", "B8_")) for column in self._upper):
            return self._prefix + field.name
        return self._prefix + (field.columns or ("C2_NUM" if field.name == "numero_op" else field.name,))[0]

    def _column(self, name: str) -> object:
        key = self._upper.get(name)
        return None if key is None else self._row[key]

    def _attempt(self, read: _Reading, name: str, raw: object) -> str | None:
        try:
            return read(raw)
        except ValueRefusedError as error:
            self._wrong(name, error.code, str(error))
            return None

    def _wrong(self, name: str, code: str, text: str) -> None:
        self._errors.append(FieldError(_safe(name), code, text))


def _version(raw: object) -> str | None:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    text = raw.strip() if isinstance(raw, str) else str(raw) if isinstance(raw, int) and raw >= 0 else ""
    if isinstance(raw, bool) or not text.isascii() or not text.isdecimal() or len(text) > LONGEST_VERSION:
        expected = f"um inteiro de até {LONGEST_VERSION} algarismos, maior a cada mudança"
        raise ValueRefusedError("VALOR", f"{shown(raw)} não é {expected}")
    return text.lstrip("0") or "0"


def _refused(index: int, kind: Kind | None, name: str, code: str, text: str) -> Refusal:
    return Refusal(index, kind, (FieldError(name, code, text),))


def _safe(name: str) -> str:
    """A sender's own key, as an answer may repeat it."""
    return name if len(name) <= 80 and name.isprintable() else ascii(name)[:80]


# -------------------------------------------------------------------------------------------------------------- JSON


def parse_json(text: str) -> object:
    """Return JSON with fractions as Decimal. Raises ValueError, whose text says why, also for a key written twice."""
    value = _parsed(text)
    if (twice := repeated_key(value)) is not None:
        raise _NotJsonError(_twice(twice))
    return value


def _parsed(text: str) -> object:
    """As parse_json, but an object with a repeated key is marked instead (`sicfar.totvs.repeated`)."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=marked)
    except RecursionError:
        raise _NotJsonError("o JSON tem níveis demais") from None
    except InvalidOperation:
        raise _NotJsonError("o JSON tem um número de expoente absurdo") from None
    except ValueError as error:
        raise _NotJsonError(f"o corpo não é JSON: {str(error)[:200]}") from None


def _not_a_number(name: str) -> NoReturn:
    raise _NotJsonError(f"{name} não é um número de JSON")


def _twice(key: str) -> str:
    return f"a chave {_safe(key)!r} está repetida"
