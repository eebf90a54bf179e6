"""Gzip as a stream: whole, cut, damaged, put together, exploding."""

import gzip
import hashlib
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.counts.compression import DecompressedTooLargeError, TornBatchError, plain_chunks

LIMIT = 10_000_000


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


@given(parts=st.lists(st.binary(max_size=2000), min_size=1, max_size=4), places=st.lists(st.integers(0), max_size=9))
def test_gzip_in_any_chunks_and_members_gives_the_plain_bytes(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(gzip.compress(part) for part in parts)
    assert b"".join(plain_chunks(cut(data, places), limit=LIMIT)) == b"".join(parts)


@given(data=st.binary(max_size=300), places=st.lists(st.integers(0), max_size=9))
def test_what_does_not_begin_like_gzip_is_passed_on(data: bytes, places: list[int]) -> None:
    if not data.startswith(b"\x1f\x8b"):
        assert b"".join(plain_chunks(cut(data, places), limit=LIMIT)) == data


def test_pieces_are_small_whatever_comes_in() -> None:
    zeros = bytes(3_000_000)
    for data in (zeros, gzip.compress(zeros)):
        pieces = list(plain_chunks([data], limit=LIMIT))
        assert b"".join(pieces) == zeros
        assert max(map(len, pieces)) <= 256 * 1024


def test_p8_gzip_cut_anywhere_is_torn() -> None:
    data = gzip.compress(hashlib.shake_128(b"").digest(200) + b"a" * 500)
    for length in range(2, len(data)):
        with pytest.raises(TornBatchError, match="cortado"):
            list(plain_chunks([data[:length]], limit=LIMIT))


def test_p8_damaged_gzip_is_torn_and_says_where() -> None:
    data = bytearray(gzip.compress(b"contagens" * 100))
    data[-5] ^= 1
    with pytest.raises(TornBatchError, match="corrompido") as caught:
        list(plain_chunks([bytes(data)], limit=LIMIT))
    assert caught.value.where.startswith("byte ")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_p8_cut_gzip_says_at_which_byte_whatever_its_pieces_and_members(size: int) -> None:
    data = gzip.compress(b"contagens" * 40) + gzip.compress(b"mais")[:-3]
    with pytest.raises(TornBatchError) as caught:
        list(plain_chunks((data[begin : begin + size] for begin in range(0, len(data), size)), limit=LIMIT))
    assert caught.value.where == f"byte {len(data)} do objeto"


def test_p8_garbage_behind_gzip_is_torn() -> None:
    with pytest.raises(TornBatchError):
        list(plain_chunks([gzip.compress(b"a"), b"lixo"], limit=LIMIT))


@pytest.mark.parametrize("data", [b"a" * 100, gzip.compress(b"a" * 100)])
def test_exactly_the_limit_is_accepted_and_one_byte_more_is_not(data: bytes) -> None:
    assert b"".join(plain_chunks([data], limit=100)) == b"a" * 100
    with pytest.raises(DecompressedTooLargeError, match="99 bytes"):
        list(plain_chunks([data], limit=99))


def test_p8_a_gzip_bomb_ends_at_the_limit_and_takes_no_memory() -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)
    seen: list[int] = []
    tracemalloc.start()
    try:
        with pytest.raises(DecompressedTooLargeError):
            seen.extend(map(len, plain_chunks([bomb], limit=1_000_000)))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert sum(seen) <= 1_000_000
