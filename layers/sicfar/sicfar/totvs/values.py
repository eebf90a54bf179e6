"""Single values as ERP services write them: annotated types that read them into the one form the database takes.

A blank value is None. What cannot be read is a PydanticCustomError whose type is the stable code of the refusal.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sicfar.instants import PLANT_TZ, format_instant, to_ms

QUANTITY_PLACES = 6
QUANTITY_LIMIT = 999_999_999_999
"""Protheus's widest quantity has twelve digits; more than six places would have to be rounded."""
LONGEST_VERSION = 30

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = re.compile(
    rf"(?:([0-9]{{4}})-?([0-9]{{2}})-?([0-9]{{2}})|([0-9]{{2}})/([0-9]{{2}})/([0-9]{{4}}))(?:[T ]{_TIME})?"
)
_EMPTY_DATE = re.compile(r"[\s/0:-]*")
_COMPACT_INSTANT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,20}),[0-9]{1,20}")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_YES = {"1", "s", "sim", "t", ".t.", "true", "*"}
_NO = {"", "0", "2", "n", "nao", "não", "f", ".f.", "false"}

_ONE_TO_TWELVE, _ONE_TO_31 = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"


@dataclass(frozen=True, slots=True)
class Text:
    """A text without the blanks that pad its column, of at most ``longest`` characters."""

    longest: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        described = handler(schema)
        required = {"minLength": 1, "pattern": r"\S"} if described.get("type") == "string" else {}
        return {**described, "maxLength": self.longest, **required}

    def read(self, raw: object) -> str | None:
        """The text, None if blank."""
        if raw is None:
            return None
        if not isinstance(raw, str):
            hint = ": um número perde os zeros à esquerda" if isinstance(raw, int | Decimal) else ""
            raise PydanticCustomError("TIPO", f"{shown(raw)} não é texto; envie entre aspas{hint}")
        text = raw.strip()
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
            unknown = "o texto tem um caractere que não existe (nulo ou metade de um par UTF-16)"
            raise PydanticCustomError("VALOR", unknown)
        if len(text) > self.longest:
            raise PydanticCustomError("COMPRIMENTO", f"{len(text)} caracteres; o limite é {self.longest}")
        return text or None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a point or a comma, as text or as a number; nothing is rounded. ``positive`` excludes zero."""

    positive: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, object]:
        first, least = ("[1-9][0-9]{0,10}", 1) if self.positive else ("[0-9]{1,11}", 0)
        forms: list[dict[str, object]] = [
            {"type": "integer", "minimum": least, "maximum": QUANTITY_LIMIT},
            # A point and three digits may part thousands: such a text is refused.
            {"type": "string", "pattern": f"^{first}(,[0-9]{{1,{QUANTITY_PLACES}}}|\\.[0-9]{{1,2}})?$"},
        ]
        nullable = schema["type"] == "function-before" and schema["schema"]["type"] == "nullable"
        return {"anyOf": [*forms, {"type": "null"}] if nullable else forms}

    def read(self, raw: object) -> Decimal | None:
        """The amount without zeros that say nothing, None if blank."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        amount = _decimal(raw)
        sign_fits = amount > 0 if self.positive else amount >= 0
        if not sign_fits or amount > QUANTITY_LIMIT:
            least = "maior que 0" if self.positive else "de 0"
            allowed = f"{least} a {QUANTITY_LIMIT}"
            raise PydanticCustomError("VALOR", f"{shown(raw)} está fora do permitido: {allowed}")
        whole, _, places = f"{amount:f}".partition(".")
        places = places.rstrip("0")
        if len(places) > QUANTITY_PLACES:
            rounded = f"{shown(raw)} tem mais de {QUANTITY_PLACES} casas; nada é arredondado"
            raise PydanticCustomError("VALOR", rounded)
        return Decimal(f"{whole}.{places}" if places else whole)


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, str):
        text = raw.strip()
        if _THOUSANDS.fullmatch(text):
            both = f"{shown(raw)} pode ser {text.replace('.', '')} ou {text.partition('.')[0]} e uma fração"
            raise PydanticCustomError("VALOR", f"{both}; envie um número de JSON, ou vírgula decimal")
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
    raise PydanticCustomError("TIPO", f"{shown(raw)} não é uma quantidade, como 37254 ou 2,5")


def read_day(raw: object) -> date | None:
    """The day of a date in any of Protheus's forms, None if blank; a time of day may follow it."""
    if raw is None or (isinstance(raw, str) and _EMPTY_DATE.fullmatch(raw)):
        return None
    match = _DATE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if match is None:
        forms = "AAAAMMDD, AAAA-MM-DD ou DD/MM/AAAA"
        raise PydanticCustomError("DATA", f"{shown(raw)} não é uma data: {forms}")
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise PydanticCustomError("DATA", f"o dia {shown(raw)} não existe") from None


def read_flag(raw: object) -> bool:
    """Yes or no as Protheus writes it; blank is no."""
    if isinstance(raw, bool):
        return raw
    text = "" if raw is None else str(raw).strip().lower() if isinstance(raw, str | int) else "?"
    if text in _YES or text in _NO:
        return text in _YES
    raise PydanticCustomError("TIPO", f"{shown(raw)} não é verdadeiro nem falso")


def read_version(raw: object) -> str | None:
    """A whole number without leading zeros, as text: it may be longer than a machine's integer."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    text = raw.strip() if isinstance(raw, str) else str(raw) if isinstance(raw, int) and raw >= 0 else ""
    if isinstance(raw, bool) or not text.isascii() or not text.isdecimal() or len(text) > LONGEST_VERSION:
        expected = f"um inteiro de até {LONGEST_VERSION} algarismos, maior a cada mudança"
        raise PydanticCustomError("VALOR", f"{shown(raw)} não é {expected}")
    return text.lstrip("0") or "0"


def read_instant(raw: object, info: ValidationInfo) -> str | None:
    """An instant as UTC with milliseconds, None if blank; takes ISO 8601 and ``AAAAMMDD HH:MM[:SS]``.

    Without an offset it is of the zone in the validation's context, else of the plant.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    text = raw.strip() if isinstance(raw, str) else ""
    compact = _COMPACT_INSTANT.fullmatch(text)
    if compact:
        text = f"{compact[1]}-{compact[2]}-{compact[3]}T{compact[4]}"
    zone = info.context if isinstance(info.context, ZoneInfo) else PLANT_TZ
    try:
        at = datetime.fromisoformat(text if len(text) >= len("2026-03-15T08:15") else "a day is no instant")
        return format_instant(to_ms((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)))
    except (ValueError, OverflowError):
        expected = "AAAA-MM-DDTHH:MM:SS, com fuso opcional, ou AAAAMMDD HH:MM:SS"
        raise PydanticCustomError("DATA", f"{shown(raw)} não é um instante: {expected}") from None


Day = Annotated[
    date | None,
    BeforeValidator(read_day),
    WithJsonSchema(
        {
            "description": "AAAA-MM-DD, AAAAMMDD ou DD/MM/AAAA.",
            "type": ["string", "null"],
            "pattern": f"^(20[0-9]{{2}}-?{_ONE_TO_TWELVE}-?{_ONE_TO_31}|{_ONE_TO_31}/{_ONE_TO_TWELVE}/20[0-9]{{2}})$",
        }
    ),
]
"""A day of the plant's calendar."""

Flag = Annotated[bool, BeforeValidator(read_flag)]

Version = Annotated[
    str | None,
    BeforeValidator(read_version),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 10**LONGEST_VERSION - 1},
                {"type": "string", "pattern": f"^[0-9]{{1,{LONGEST_VERSION}}}$"},
                {"type": "null"},
            ]
        }
    ),
]

Instant = Annotated[
    str | None,
    BeforeValidator(read_instant),
    WithJsonSchema(
        {
            "type": ["string", "null"],
            "pattern": f"^20[0-9]{{2}}-{_ONE_TO_TWELVE}-{_ONE_TO_31}"
            "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|-03:00)?$",
        }
    ),
]


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
