"""Single values as ERP services write them, read into the one form the database takes."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from sicfar.instants import PLANT_TZ, format_instant, to_ms
from sicfar.totvs.model import QUANTITY_LIMIT, QUANTITY_PLACES, Field, Type

_DATE = re.compile(r"(?:([0-9]{4})-?([0-9]{2})-?([0-9]{2})|([0-9]{2})/([0-9]{2})/([0-9]{4}))(?:[T ][0-9:.,]{2,}.*)?")
_EMPTY_DATE = re.compile(r"[\s/0:-]*")
_COMPACT_INSTANT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,20}),[0-9]{1,20}")
_YES = {"1", "s", "sim", "t", ".t.", "true", "*"}
_NO = {"", "0", "2", "n", "nao", "não", "f", ".f.", "false"}

Value = str | bool | None


class ValueRefusedError(ValueError):
    """The value is not one of the field's; `code` is stable, the text says what was found and what is expected."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def read_value(field: Field, raw: object) -> Value:
    """Return the field's value; None if it was sent blank. Raises ValueRefusedError."""
    match field.type:
        case Type.TEXT:
            return _text(field, raw)
        case Type.QUANTITY:
            return _quantity(field, raw)
        case Type.DATE:
            return _date(raw)
        case Type.FLAG:
            return _flag(raw)


def plain_text(raw: object, longest: int) -> str | None:
    """Return a text without its padding, None if blank. Raises ValueRefusedError."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        hint = ": um número perde os zeros à esquerda" if isinstance(raw, int | Decimal) else ""
        raise ValueRefusedError("TIPO", f"{shown(raw)} não é texto; envie entre aspas{hint}")
    text = raw.strip()
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueRefusedError("VALOR", "o texto tem um caractere que não existe (nulo ou metade de um par UTF-16)")
    if len(text) > longest:
        raise ValueRefusedError("COMPRIMENTO", f"{len(text)} caracteres; o limite é {longest}")
    return text or None


def _text(field: Field, raw: object) -> str | None:
    text = plain_text(raw, field.longest)
    if text is not None and field.values and text not in field.values:
        raise ValueRefusedError("VALOR", f"{shown(text)} não é um de {', '.join(field.values)}")
    return text


def _quantity(field: Field, raw: object) -> str | None:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    amount = _decimal(raw)
    sign_fits = amount > 0 if field.positive else amount >= 0
    if not sign_fits or amount > QUANTITY_LIMIT:
        least = "maior que 0" if field.positive else "de 0"
        raise ValueRefusedError("VALOR", f"{shown(raw)} está fora do permitido: {least} a {QUANTITY_LIMIT}")
    text = f"{amount:f}"
    whole, _, places = text.partition(".")
    places = places.rstrip("0")
    if len(places) > QUANTITY_PLACES:
        raise ValueRefusedError("VALOR", f"{shown(raw)} tem mais de {QUANTITY_PLACES} casas; nada é arredondado")
    return f"{whole}.{places}" if places else whole


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, str):
        text = raw.strip()
        if _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        if _DECIMAL.fullmatch(text):
            return Decimal(text).copy_abs() if Decimal(text) == 0 else Decimal(text)
    elif isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        try:
            # A number like 1e99999 must not be written out digit by digit.
            amount = Decimal(raw)
            if amount.is_finite() and -30 < amount.adjusted() < 30 and len(amount.as_tuple().digits) <= 40:
                return amount.copy_abs() if amount == 0 else amount
        except InvalidOperation:
            pass
    raise ValueRefusedError("TIPO", f"{shown(raw)} não é uma quantidade, como 37254 ou 2,5")


def _date(raw: object) -> str | None:
    if raw is None or (isinstance(raw, str) and _EMPTY_DATE.fullmatch(raw)):
        return None
    match = _DATE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if match is None:
        raise ValueRefusedError("DATA", f"{shown(raw)} não é uma data: AAAAMMDD, AAAA-MM-DD ou DD/MM/AAAA")
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise ValueRefusedError("DATA", f"o dia {shown(raw)} não existe") from None


def _flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    text = "" if raw is None else str(raw).strip().lower() if isinstance(raw, str | int) else "?"
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueRefusedError("TIPO", f"{shown(raw)} não é verdadeiro nem falso")


def read_instant(raw: object) -> str | None:
    """Return an instant as UTC with milliseconds; without an offset it is America/Fortaleza. None if blank.

    Takes ISO 8601 and ``AAAAMMDD HH:MM[:SS]``. Raises ValueRefusedError.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    text = raw.strip() if isinstance(raw, str) else ""
    compact = _COMPACT_INSTANT.fullmatch(text)
    if compact:
        text = f"{compact[1]}-{compact[2]}-{compact[3]}T{compact[4]}"
    try:
        at = datetime.fromisoformat(text if len(text) >= len("2026-03-15T08:15") else "a day is no instant")
        return format_instant(to_ms((at if at.tzinfo else at.replace(tzinfo=PLANT_TZ)).astimezone(UTC)))
    except (ValueError, OverflowError):
        expected = "AAAA-MM-DDTHH:MM:SS, com fuso opcional, ou AAAAMMDD HH:MM:SS"
        raise ValueRefusedError("DATA", f"{shown(raw)} não é um instante: {expected}") from None


def shown(raw: object) -> str:
    """Return a value as an error may quote it: short, on one line."""
    if isinstance(raw, dict | list):
        return "um objeto" if isinstance(raw, dict) else "uma lista"
    if isinstance(raw, bool) or raw is None:
        return {True: "true", False: "false", None: "null"}[raw]
    if isinstance(raw, int) and abs(raw) >= 10**40:
        return "um número enorme"
    text = str(raw) if isinstance(raw, int | Decimal) else ascii(raw) if not str(raw).isprintable() else repr(raw)
    return text if len(text) <= 60 else text[:57] + "…"
