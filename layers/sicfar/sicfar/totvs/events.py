"""What TOTVS sends, read into events: our own JSON, Protheus's columns, or a mapped envelope.

Reading never raises for what somebody sent: whatever cannot be an event is a refusal that names every wrong field at
once, as the sender wrote it; the events around it are read.
"""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Annotated, NoReturn

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from sicfar.errors import PermanentError
from sicfar.totvs.charset import UndecodableError, decode
from sicfar.totvs.mapping import Envelope, Mapping, at_path
from sicfar.totvs.model import MOST_EVENTS, InAnyCase, Kind
from sicfar.totvs.repeated import Repeated, marked, repeated_key
from sicfar.totvs.rows import Event as Event
from sicfar.totvs.rows import FieldError as FieldError
from sicfar.totvs.rows import Refusal as Refusal
from sicfar.totvs.rows import RowReader, refused, repetition
from sicfar.totvs.values import shown

NOT_MAPPED = Mapping.model_construct()  # built only where a configuration is read


def _said_true(raw: object) -> bool | None:
    return None if raw is None else str(raw).strip().lower() == "true"


class Page(InAnyCase):
    """A page of a collection; ``has_next`` is None where the service does not say. A bare list is one too."""

    rows: list[object] = Field(alias="items", description="As linhas desta página.")
    has_next: Annotated[bool | None, BeforeValidator(_said_true)] = Field(
        None, alias="hasNext", description="Se há outra; sem ele, pedem-se páginas até vir uma vazia."
    )

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_bare_list(cls, sent: object) -> object:
        return {"items": sent} if isinstance(sent, list) else sent


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
        return [refused(0, None, "", code, str(error))]
    # Counted as they come out: one envelope may hold none, or more than an answer has room to refuse.
    found = list(islice(_numbered(value if isinstance(value, list) else [value], mapping), MOST_EVENTS + 1))
    if not found:
        return [refused(0, None, "", "VAZIO", "a lista está vazia; envie ao menos um evento")]
    if len(found) > MOST_EVENTS:
        return [refused(0, None, "", "COMPRIMENTO", f"mais de {MOST_EVENTS} eventos; envie no máximo tantos por vez")]
    return found


def read_row(kind: Kind, row: object, mapping: Mapping, index: int) -> Event | Refusal:
    """Read one row of a pulled page, whose kind the endpoint tells. Never raises."""
    if not isinstance(row, dict):
        return refused(index, kind, "", "TIPO", f"{shown(row)} não é um objeto")
    return RowReader(kind, row, row, mapping, index).read()


def read_page(body: bytes, content_type: str | None, charset: str = "utf-8") -> Page:
    """Read ``{"items": […], "hasNext": …}``, with capitals or without, or a bare list. Raises PageError."""
    try:
        value = _parsed(decode(body, content_type, charset))
    except (UndecodableError, _NotJsonError) as error:
        raise _no_page(str(error)) from error
    try:
        page = Page.model_validate(value)
    except ValidationError:
        raise _no_page(f"{shown(value)} sem a lista `items`") from None
    # A row with a repeated key is refused by itself, where rows are read.
    if (twice := repeated_key(value, apart=_items(value))) is not None:
        raise _no_page(repetition(twice))
    return page


def _items(page: object) -> object:
    """The rows of a page as they were parsed."""
    if not isinstance(page, dict):
        return page
    return next((entry for key, entry in page.items() if key.casefold() == "items"), None)


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
            yield reader.read() if isinstance(reader, RowReader) else reader
            index += 1


def _readers(item: object, mapping: Mapping, index: int) -> "Iterator[RowReader | Refusal]":
    if not isinstance(item, dict):
        yield refused(index, None, "", "TIPO", f"{shown(item)} não é um objeto de evento")
        return
    if isinstance(item, Repeated) and not _kind_by_columns(item):
        yield refused(index, None, "", "JSON", repetition(item.key))
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
        yield refused(index, None, "", "DESCONHECIDO", text)
        return
    yield RowReader(kind, item, item, mapping, index)


def _canonical(item: dict[str, object], mapping: Mapping, index: int) -> "RowReader | Refusal":
    kind = item.get("tipo")
    if not isinstance(kind, str) or kind not in tuple(Kind):
        return refused(index, None, "tipo", "VALOR", f"{shown(kind)} não é um de {', '.join(Kind)}")
    data = item.get("dados")
    if not isinstance(data, dict):
        return refused(index, Kind(kind), "dados", "TIPO", f"{shown(data)} não é um objeto com os campos")
    return RowReader(Kind(kind), data, item, mapping, index, prefix="dados.")


def _unpacked(
    item: dict[str, object], envelope: Envelope, mapping: Mapping, index: int
) -> "Iterator[RowReader | Refusal]":
    paths = {"id": envelope.event_id, "versao": envelope.version, "ocorrido_em": envelope.happened_at}
    meta = {name: at_path(item, path)[1] for name, path in paths.items() if path}
    path = envelope.items or envelope.data or ""
    _, found = at_path(item, path)
    if (twice := repeated_key(item, apart=found)) is not None:
        yield refused(index, envelope.kind, "", "JSON", repetition(twice))
        return
    rows = found if envelope.items and isinstance(found, list) else [found]
    for n, row in enumerate(rows):
        if isinstance(row, dict):
            prefix = f"{path}[{n}]." if envelope.items else f"{path}."
            # Rows of one envelope share its identifier, so each gets its place in it.
            own = {**meta, "id": f"{meta['id']}#{n}"} if envelope.items and meta.get("id") else meta
            yield RowReader(envelope.kind, row, own, mapping, index + n, prefix=prefix)
        else:
            yield refused(index + n, envelope.kind, path, "TIPO", f"{shown(row)} não é um objeto com os campos")


def _kind_by_columns(item: dict[str, object]) -> Kind | None:
    columns = {key[:3].upper() for key in item}
    for prefix, kind in (("C2_", Kind.ORDER), ("B8_", Kind.LOT), ("B1_", Kind.PRODUCT)):
        if prefix in columns:
            return kind
    return None


# -------------------------------------------------------------------------------------------------------------- JSON


def parse_json(text: str) -> object:
    """Return JSON with fractions as Decimal. Raises ValueError, whose text says why, also for a key written twice."""
    value = _parsed(text)
    if (twice := repeated_key(value)) is not None:
        raise _NotJsonError(repetition(twice))
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
