"""A publication that brings plain counters, read without the library's objects.

The library makes some ten objects of every value that changed, in generic code: of a hundred nodes, four times a
second, that costs more than everything else the gateway does with them. Nearly every publication is of one form,
though: no fault, and every change a good scalar integer. That form is read here. Any other one, as soon as a single
byte is not what is expected, is left to the library as a whole: `read_publication` says None.

The binary form is OPC 10000-6, 5.2 and 5.3: little endian; a length of -1 is an array that is not there.
"""

from __future__ import annotations

from functools import cache
from struct import Struct, error
from typing import Final, NamedTuple

from asyncua import ua

from edge_gateway.machines.opcua_values import ms_of_filetime

_RESPONSE, _DATA_CHANGE = b"\x01\x00\x3d\x03", b"\x01\x00\x2b\x03"
"""Encodings of PublishResponse (829) and DataChangeNotification (811)."""
_HEADER: Final = Struct("<4s8xIIBi3s")
"""Type; time, handle and result of the response, no diagnostics, no texts, no additional header."""
_MESSAGE: Final = Struct("<?Iqi")
"""Whether there is more, sequence number, time, how many notifications."""
_NOTIFICATION: Final = Struct("<4sBii")
"""Type, that bytes follow, how many; how many values they are."""
_ID: Final = Struct("<Ii")
_COUNT: Final = Struct("<i")
_ITEM: Final = Struct("<IBB")
_NOTHING: Final = frozenset({-1, 0})
_WIDTHS: Final = {2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 32, 8: 64, 9: 64}
"""Bits of the integers, by the number of their type."""
_CODES: Final = dict(zip(_WIDTHS, "bBhHiIqQ", strict=True))
_VALUE, _STATUS, _SOURCE_TIME, _SERVER_TIME = 1, 2, 4, 8
"""Bits of a value's mask; those above say fractions of a millisecond."""


class PlainChange(NamedTuple):
    """A good scalar integer of so many bits. `at_ms`: the source's time, else the server's, else None."""

    handle: int
    raw: int
    width: int
    at_ms: int | None


class PlainChanges(NamedTuple):
    """What stands in place of a DataChangeNotification of which every value is a `PlainChange`."""

    items: list[PlainChange]


def read_publication(data: bytes) -> ua.PublishResponse | None:
    """The response in `data`, its notifications as `PlainChanges`; None if it is to be read by the library."""
    try:
        return _read(data)
    except error:
        return None  # it ends too early


def _read(data: bytes) -> ua.PublishResponse | None:
    kind, _, result, diagnostics, texts, additional = _HEADER.unpack_from(data)
    if kind != _RESPONSE or result or diagnostics or texts not in _NOTHING or additional != bytes(3):
        return None
    at = _HEADER.size
    subscription, available = _ID.unpack_from(data, at)
    at += _ID.size + 4 * max(0, available)
    more, sequence, published, count = _MESSAGE.unpack_from(data, at)
    at += _MESSAGE.size
    notifications: list[PlainChanges] = []
    for _ in range(count):
        kind, form, size, values = _NOTIFICATION.unpack_from(data, at)
        end = at + _NOTIFICATION.size - _COUNT.size + size
        if kind != _DATA_CHANGE or form != 1:
            return None
        items, at = _items(data, at + _NOTIFICATION.size, values)
        if items is None or _COUNT.unpack_from(data, at)[0] not in _NOTHING or at + _COUNT.size != end:
            return None
        at = end
        notifications.append(PlainChanges(items))
    results = _COUNT.unpack_from(data, at)[0]
    at += _COUNT.size + 4 * max(0, results)
    if _COUNT.unpack_from(data, at)[0] not in _NOTHING or at + _COUNT.size != len(data):
        return None
    message = ua.NotificationMessage(
        SequenceNumber=ua.Counter(sequence),
        PublishTime=ua.uatypes.win_epoch_to_datetime(published),
        NotificationData=notifications,
    )
    found = ua.PublishResult(
        SubscriptionId=ua.IntegerId(subscription), MoreNotifications=more, NotificationMessage=message
    )
    return ua.PublishResponse(Parameters=found)


def _items(data: bytes, at: int, count: int) -> tuple[list[PlainChange] | None, int]:
    """So many values from `at` on, None if one is of another form; and where they end."""
    found: list[PlainChange] = []
    for _ in range(count):
        _, mask, kind = _ITEM.unpack_from(data, at)
        form = _form(mask, kind)
        if form is None:
            return None, at
        handle, _, _, raw, *rest = form.unpack_from(data, at)
        at += form.size
        if mask & _STATUS and rest.pop(0) >> 30:
            return None, at  # uncertain or bad
        at_ms = ms_of_filetime(rest.pop(0)) if mask & _SOURCE_TIME else None
        if mask & _SERVER_TIME:
            at_ms = at_ms or ms_of_filetime(rest.pop(0))
        found.append(PlainChange(handle, raw, _WIDTHS[kind], at_ms))
    return found, at


@cache
def _form(mask: int, kind: int) -> Struct | None:
    """How a value with this mask and type of a variant lies in the bytes; None if it is no scalar integer."""
    code = _CODES.get(kind)
    if code is None or not mask & _VALUE or mask >> 4:
        return None
    rest = "".join(part for bit, part in ((_STATUS, "I"), (_SOURCE_TIME, "q"), (_SERVER_TIME, "q")) if mask & bit)
    return Struct(f"<IBB{code}{rest}")
