"""Files, batches and streams of any bytes: nothing crashes, good lines count exactly, memory stays flat (P1, P8).

The targets are those of `make fuzz`, which looks further; here each sees the same examples every time.
"""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicfar.counts.batch import read_batch
from sicfar.counts.compression import DecompressedTooLargeError, TornBatchError, plain_chunks
from sicfar.counts.keys import BatchKey
from sicfar.counts.txt import tally
from tests.fuzz import strategies, targets


@settings(max_examples=300)
@given(strategies.counting_files | st.binary(max_size=200))
def test_p1_a_file_of_any_bytes_matches_a_naive_oracle_no_byte_lost(data: bytes) -> None:
    targets.counting_file(data)


@settings(max_examples=150)
@given(strategies.counting_files)
def test_p8_a_line_is_a_record_or_an_error_that_a_person_can_read(data: bytes) -> None:
    for line in data[1:].split(b"\n"):
        targets.record(line)


@settings(max_examples=100)
@given(strategies.counting_files | st.binary(max_size=200))
def test_p8_a_batch_of_any_bytes_is_read_whole_or_refused_by_type(data: bytes) -> None:
    targets.batch_of_any_bytes(data)


@settings(max_examples=200)
@given(st.integers(0, 255), strategies.edits)
def test_p1_a_damaged_batch_counts_only_as_what_was_sealed(step: int, edits: bytes) -> None:
    targets.damaged_batch(bytes([step]) + edits)


def test_p1_a_batch_cut_at_any_byte_is_torn() -> None:
    key = BatchKey.parse(targets.SEALED.key)
    for end in range(len(targets.SEALED.body)):
        with pytest.raises(TornBatchError):
            read_batch(key, [targets.SEALED.body[:end]])


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.text(max_size=30).map(str.encode) | st.just(targets.SEALED.key.encode()))
def test_p9_a_name_taken_for_a_batch_is_exactly_that_batchs(data: bytes) -> None:
    targets.batch_key(data)


@settings(max_examples=200)
@given(
    st.tuples(
        st.integers(0, 255), st.lists(st.binary(max_size=99).map(gzip.compress) | st.binary(max_size=9), max_size=3)
    )
)
def test_p8_any_gzip_gives_its_bytes_or_a_declared_error(
    data: tuple[int, list[bytes]],
) -> None:
    step, members = data
    targets.gzip_stream(bytes([step]) + b"".join(members))


# -- memory ------------------------------------------------------------------------------------------------------------


def endless(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece for _ in range(0, size, len(piece)))


ENDLESS = {
    "a line": (b"x" * 65_536, 16_000_000),
    "a comment": (b"#" * 65_536, 16_000_000),
    "NULs": (bytes(65_536), 16_000_000),
    "comments": (b"#" + b" nota" * 200 + b"\n", 1_500_000),
    "headers": (b"timestamp,linha_id,producao_count,rejeicao_count" + b",x" * 500 + b"\n", 1_500_000),
}


@pytest.mark.parametrize(("piece", "size"), ENDLESS.values(), ids=ENDLESS)
def test_p8_endless_input_takes_no_memory(piece: bytes, size: int) -> None:
    tracemalloc.start()
    try:
        tally(endless(piece, size))
        with pytest.raises(TornBatchError):
            read_batch(targets.key_of(b""), chain([targets.HEADER], endless(piece, size)))
        assert tracemalloc.get_traced_memory()[1] < 1_400_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("member", [gzip.compress(b""), gzip.compress(bytes(100_000))], ids=["empty", "bombs"])
def test_p8_endless_gzip_members_take_no_memory(member: bytes) -> None:
    tracemalloc.start()
    try:
        with suppress(DecompressedTooLargeError):
            for _ in plain_chunks(endless(member * (1 + 4_096 // len(member)), 200_000), limit=10_000_000):
                pass
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
