"""Refusals at reception of what would otherwise fail when it is reported to TOTVS, after a signature.

An order's number must have a valid form, its keys hold no blanks, and a body must be of the charset it declares.
Whether a lot fits where it is reported is checked by the database, which knows whether the order opens one.
"""

import codecs
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sicfar.totvs.charset import DECLARED
from sicfar.totvs.events import Event, FieldError, Refusal, read_events, read_row
from sicfar.totvs.intake import Intake
from sicfar.totvs.model import Kind
from sicfar.totvs.rows import refused
from sicfar.totvs.subjects import subject
from sicfar.totvs.values import shown

_ORDER_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,13}")
"""As the database's `normalizar_op` takes it."""
_INNER = re.compile(r"[\s\x00-\x1f\x7f\x85]")
_KEYS = ("numero_op", "produto_codigo", "numero_lote", "linha_id")
_CALENDAR = (date(1990, 1, 1), date(3000, 1, 1))
"""Days outside are typing errors, such as 0202-03-15."""
_AHEAD = timedelta(days=1)
"""How far an instant may lie ahead of its receipt: one far ahead would beat every later change of its subject."""
_CHARSETS = ("utf-8", "cp1252", "iso8859-1", "ascii")


def read_request(body: bytes, content_type: str | None, config: Intake, at: datetime) -> list[Event | Refusal]:
    """Read a webhook's body, received at an instant, into events and refusals. Never raises; at least one result."""
    misfit = charset_misfit(body, content_type)
    if misfit is not None:
        return [refused(0, None, "", "CHARSET", misfit)]
    found = read_events(body, content_type, config.mapping, config.charset)
    return [checked(one, at) for one in found]


def read_rows(kind: Kind, rows: list[object], config: Intake, at: datetime) -> list[Event | Refusal]:
    """Read the rows of a pulled page, asked for at an instant. Never raises."""
    found = [read_row(kind, row, config.mapping, n) for n, row in enumerate(rows)]
    return [checked(one, at) for one in found]


def charset_misfit(body: bytes, content_type: str | None) -> str | None:
    """Say why the bytes are not of the charset that is declared; None if they are, or none is declared."""
    declared = DECLARED.search(content_type or "")
    if declared is None:
        return None
    name = declared[1]
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    if codec not in _CHARSETS:
        return f"o charset declarado, {shown(name)}, não é aceito; envie em UTF-8 ou CP1252"
    try:
        body.decode(codec)
    except UnicodeDecodeError as error:
        return f"o charset declarado é {name}, mas o byte {body[error.start]:#04x} na posição {error.start} não é dele"
    if codec in ("cp1252", "iso8859-1") and not body.isascii() and _is_utf8(body):
        return f"o charset declarado é {name}, mas os bytes são UTF-8; declare charset=utf-8"
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def checked(found: Event | Refusal, at: datetime) -> Event | Refusal:
    """Return the event, or all that is wrong with it."""
    if isinstance(found, Refusal):
        return found
    errors = (*_texts(found), *_days(found), *_instants(found, at))
    if not errors:
        return found
    return Refusal(
        index=found.index,
        kind=found.kind,
        event_id=found.event_id,
        reference=subject(found.kind, found.data),
        errors=errors,
    )


def _wrong(field: str, code: str, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)


def _texts(event: Event) -> Iterator[FieldError]:
    if event.kind is not Kind.ORDER:
        return
    for name in _KEYS:
        text = event.data.get(name)
        if not isinstance(text, str):
            continue
        if name == "numero_op" and not _ORDER_NUMBER.fullmatch(text):
            expected = "de 1 a 14 letras e algarismos sem acento, sem brancos; depois do primeiro também . / _ -"
            yield _wrong(name, "VALOR", f"{shown(text)} não é um número de OP: {expected}")
        elif _INNER.search(text):
            yield _wrong(name, "VALOR", f"{shown(text)} tem um branco no meio")
        elif not _is_cp1252(text):
            yield _wrong(name, "VALOR", f"{shown(text)} tem um caractere que o Protheus não guarda (CP1252)")


def _is_cp1252(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _days(event: Event) -> Iterator[FieldError]:
    for name, value in event.data.items():
        day = _day(name, value)
        if day is not None and not _CALENDAR[0] <= day < _CALENDAR[1]:
            yield _wrong(name, "DATA", f"o dia {shown(value)} está fora de 1990 a 2999")
    first, last = (_day(name, event.data.get(name)) for name in ("vigente_desde", "vigente_ate"))
    if first is not None and last is not None and last < first:
        yield _wrong("vigente_ate", "DATA", f"a vigência termina em {last}, antes de começar em {first}")


def _day(name: str, value: object) -> date | None:
    dated = name.startswith(("data_", "vigente_")) or name == "inicio_previsto"
    return date.fromisoformat(value) if dated and isinstance(value, str) else None


def _instants(event: Event, at: datetime) -> Iterator[FieldError]:
    if event.happened_at is not None and datetime.fromisoformat(event.happened_at) > at + _AHEAD:
        yield _wrong("ocorrido_em", "DATA", f"{event.happened_at} está mais de um dia no futuro")
