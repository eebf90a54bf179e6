"""From what an OPC UA server says about a node to the running counter in it. Pure but for the library's types."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Final, NamedTuple

from asyncua import ua

_INTEGERS: Final = {
    ua.VariantType.SByte: 8,
    ua.VariantType.Byte: 8,
    ua.VariantType.Int16: 16,
    ua.VariantType.UInt16: 16,
    ua.VariantType.Int32: 32,
    ua.VariantType.UInt32: 32,
    ua.VariantType.Int64: 64,
    ua.VariantType.UInt64: 64,
}
_GOOD: Final = 0  # the two uppermost bits of a status code: 00 Good, 01 Uncertain, 10 Bad
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the library's instants are UTC and do not say so
_DAY_MS: Final = 86_400_000
_EPOCH_YEAR: Final = 2000
_EPOCH_FILETIME_US: Final = 11_644_473_600_000_000
_FIRST_MS: Final = 946_684_800_000
_LAST_FILETIME: Final = 2_650_467_743_990_000_000
"""The last second of the year 9999: later instants stand for it."""
"""Machines without a clock say 1601 or 1970."""


class Value(NamedTuple):
    """What a node says: its counter, or None with the reason (Portuguese)."""

    raw: int | None
    reason: str = ""


def counter_of(value: ua.DataValue, index: int, bits: int) -> Value:
    """The counter in a data value; element `index` of an array; AccCount of a PackML count structure.

    Bad and Uncertain are no data: what they carry is the last value known, or none.
    """
    status = value.StatusCode
    if status is not None and status.value >> 30 != _GOOD:
        return Value(None, f"qualidade {status.name}")
    variant = value.Value
    if variant is None or variant.Value is None:
        return Value(None, "sem valor")
    content: object = variant.Value
    if isinstance(content, list | tuple):
        if index >= len(content):
            return Value(None, f"o vetor tem {len(content)} elementos e foi pedido o de índice {index}")
        content = content[index]
    elif index:
        return Value(None, _no_array(index))
    if variant.VariantType == ua.VariantType.ExtensionObject:
        return _accumulated(content)
    width = _INTEGERS.get(variant.VariantType)
    if width is None or not isinstance(content, int):
        return Value(None, f"o tipo {variant.VariantType.name} não serve de contador: precisa ser inteiro")
    return _integer(content, width, bits)


def scalar_counter(raw: int, width: int, index: int, bits: int) -> Value:
    """As `counter_of`, of a good scalar integer of so many bits."""
    return Value(None, _no_array(index)) if index else _integer(raw, width, bits)


def _integer(raw: int, width: int, bits: int) -> Value:
    if width > bits:
        return Value(None, f'o valor tem {width} bits: escreva "bits": {width} na configuração do contador')
    return Value(raw)


def _no_array(index: int) -> str:
    return f"não é um vetor, e foi pedido o índice {index}"


def _accumulated(content: object) -> Value:
    """AccCount of PackMLCountDataType. A library that knows the server's type has decoded it; otherwise here."""
    accumulated = getattr(content, "AccCount", None)
    if isinstance(accumulated, int):
        return Value(accumulated)
    body = content.Body if isinstance(content, ua.ExtensionObject) else None
    if not body:
        return Value(None, "a estrutura veio vazia")
    try:
        return Value(_decode_count(body))
    except (struct.error, IndexError, UnicodeDecodeError):
        return Value(None, f"a estrutura de {len(body)} bytes não é um PackMLCountDataType")


def _decode_count(body: bytes) -> int:
    """Binary form of OPC 30050, both editions: 1.00 {ID, Count, AccCount}; 1.01 {ID, Name, Unit, Count, AccCount}.

    Raises struct.error or IndexError if it is neither.
    """
    if len(body) == struct.calcsize("<iii"):
        return int(struct.unpack("<iii", body)[2])
    at = _after_text(body, 4)  # ID, Name
    at = _after_text(body, at) + 4  # EUInformation: NamespaceUri, UnitId
    for _ in range(2):  # DisplayName, Description
        parts = body[at]
        at += 1
        for bit in (1, 2):  # locale, text
            at = _after_text(body, at) if parts & bit else at
    if at + struct.calcsize("<ii") != len(body):
        raise IndexError(at)
    return int(struct.unpack_from("<ii", body, at)[1])


def _after_text(body: bytes, at: int) -> int:
    (length,) = struct.unpack_from("<i", body, at)
    if length < -1 or at + 4 + length > len(body):
        raise IndexError(at)
    return at + 4 + int(max(length, 0))


def to_ms(at: datetime | None) -> int | None:
    """Milliseconds since the epoch of a server's time (UTC, without saying so); None where it says none."""
    if at is None or at.year < _EPOCH_YEAR:
        return None
    since = (at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)) - _EPOCH
    # Asked for each value published: a division by a timedelta takes five times as long.
    return since.days * _DAY_MS + since.seconds * 1_000 + since.microseconds // 1_000


def ms_of_filetime(ticks: int) -> int | None:
    """As `to_ms`, of an instant as it is transferred: 100 ns since 1601."""
    at_ms = (min(ticks, _LAST_FILETIME) // 10 - _EPOCH_FILETIME_US) // 1_000
    return at_ms if at_ms >= _FIRST_MS else None
