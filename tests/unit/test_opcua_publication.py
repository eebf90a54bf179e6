"""A publication read the quick way says what the library says of it; anything unusual is left to the library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.machines.opcua_publication import PlainChanges, read_publication
from edge_gateway.machines.opcua_values import Value, counter_of, scalar_counter, to_ms

AT = datetime(2026, 3, 15, 11, 15, 1, 250_000, tzinfo=UTC)
KINDS = {
    kind: st.integers(0 if kind.name.startswith("U") or kind.name == "Byte" else -(1 << (bits - 1)), top)
    for kind, bits in (
        (ua.VariantType.SByte, 8),
        (ua.VariantType.Byte, 8),
        (ua.VariantType.Int16, 16),
        (ua.VariantType.UInt16, 16),
        (ua.VariantType.Int32, 32),
        (ua.VariantType.UInt32, 32),
        (ua.VariantType.Int64, 64),
        (ua.VariantType.UInt64, 64),
    )
    for top in [(1 << (bits if kind.name.startswith("U") or kind.name == "Byte" else bits - 1)) - 1]
}
TIMES = st.none() | st.datetimes(datetime(1601, 1, 2), datetime(9999, 12, 31, 23, 59, 58)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
CHANGES = st.sampled_from(list(KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), KINDS[kind], st.sampled_from([0, 0x00A60000]), TIMES, TIMES)
)


def changed(
    value: object,
    kind: ua.VariantType,
    status: int = 0,
    source: datetime | None = AT,
    server: datetime | None = AT,
    handle: int = 7,
) -> ua.MonitoredItemNotification:
    times: Any = (source, server)
    content = ua.DataValue(ua.Variant(value, kind), ua.StatusCode(ua.UInt32(status)), *times)
    return ua.MonitoredItemNotification(ua.IntegerId(handle), content)


def publication(*notifications: Any, **header: Any) -> bytes:
    message = ua.NotificationMessage(ua.Counter(9), AT, list(notifications))
    result = ua.PublishResult(ua.IntegerId(3), [ua.Counter(8), ua.Counter(9)], True, message, [ua.StatusCode()])
    response = ua.PublishResponse(ResponseHeader=ua.ResponseHeader(AT, ua.IntegerId(5), **header), Parameters=result)
    return bytes(struct_to_binary(response))


def told(response: ua.PublishResponse) -> list[tuple[int, Value, int | None]]:
    """Handle, counter and time of each change, whoever read it."""
    found = []
    for each in response.Parameters.NotificationMessage.NotificationData:
        if isinstance(each, PlainChanges):
            found += [(one.handle, scalar_counter(one.raw, one.width, 0, 32), one.at_ms) for one in each.items]
        else:
            for one in each.MonitoredItems:
                at_ms = to_ms(one.Value.SourceTimestamp) or to_ms(one.Value.ServerTimestamp)
                found.append((one.ClientHandle, counter_of(one.Value, 0, 32), at_ms))
    return found


@given(st.lists(st.lists(CHANGES, max_size=5), max_size=3))
def test_plain_counters_are_what_the_library_reads(lists: list[list[Any]]) -> None:
    notifications = [
        ua.DataChangeNotification(
            [
                changed(value, kind, status, source, server, handle)
                for handle, (kind, value, status, source, server) in enumerate(changes)
            ]
        )
        for changes in lists
    ]
    data = publication(*notifications)
    ours, theirs = read_publication(data), struct_from_binary(ua.PublishResponse, Buffer(data))
    assert ours is not None
    assert told(ours) == told(theirs)
    for name in ("SubscriptionId", "MoreNotifications"):
        assert getattr(ours.Parameters, name) == getattr(theirs.Parameters, name)
    for name in ("SequenceNumber", "PublishTime"):
        message, other = ours.Parameters.NotificationMessage, theirs.Parameters.NotificationMessage
        assert getattr(message, name) == getattr(other, name)


@pytest.mark.parametrize(
    "item",
    [
        changed(1, ua.VariantType.Int32, 0x80000000),
        changed(1, ua.VariantType.Int32, 0x40000000),
        changed(1.5, ua.VariantType.Double),
        changed([1, 2], ua.VariantType.Int32),
        changed(None, ua.VariantType.Null),
        ua.MonitoredItemNotification(
            ua.IntegerId(7), ua.DataValue(ua.Variant(1, ua.VariantType.Int32), SourcePicoseconds=ua.UInt16(3))
        ),
    ],
    ids=["bad", "uncertain", "no integer", "array", "nothing", "picoseconds"],
)
def test_one_unusual_value_leaves_all_to_the_library(item: ua.MonitoredItemNotification) -> None:
    plain = changed(1, ua.VariantType.Int32)
    assert read_publication(publication(ua.DataChangeNotification([plain]))) is not None
    assert read_publication(publication(ua.DataChangeNotification([plain, item]))) is None


def test_what_is_no_plain_publication_is_left_to_the_library() -> None:
    ended = ua.StatusChangeNotification(ua.StatusCode(ua.UInt32(0x800A0000)))
    assert read_publication(publication(ended)) is None
    assert read_publication(publication(ServiceResult=ua.StatusCode(ua.UInt32(0x80000000)))) is None
    assert read_publication(publication(StringTable=["x"])) is None
    assert read_publication(b"\x01\x00\x8d\x01" + publication()[4:]) is None


def test_bytes_that_end_early_or_late_are_left_to_the_library() -> None:
    data = publication(ua.DataChangeNotification([changed(1, ua.VariantType.Int32)]))
    assert all(read_publication(data[:end]) is None for end in range(len(data)))
    assert read_publication(data + b"\0") is None


def test_a_time_no_machine_has_is_none() -> None:
    for at in (datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1601, 1, 1, tzinfo=UTC) + timedelta(days=1)):
        data = publication(ua.DataChangeNotification([changed(1, ua.VariantType.Int32, 0, at, None)]))
        read = read_publication(data)
        assert read is not None
        assert told(read) == [(7, Value(1), None)]
