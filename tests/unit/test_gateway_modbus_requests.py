"""Which requests read which registers, and what the words mean: a golden case per known mistake of the field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.machines.modbus_config import WORD_ORDERS, Register
from edge_gateway.machines.modbus_requests import MAX_WORDS, Block, decode, encode, group, in_every_order

REGISTERS = st.builds(
    Register,
    st.sampled_from(["holding", "input"]),
    st.integers(0, 400),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(WORD_ORDERS),
)


def spans(registers: list[Register]) -> list[tuple[str, int, int]]:
    return [(block.table, block.address, block.words) for block in group(registers)]


def h(address: int, words: int = 2) -> Register:
    return Register("holding", address, words)


@pytest.mark.parametrize(
    ("registers", "expected"),
    [
        pytest.param([h(100), h(102), h(104)], [("holding", 100, 6)], id="neighbours share a request"),
        pytest.param([h(104), h(100), h(102)], [("holding", 100, 6)], id="in whatever order they are configured"),
        pytest.param([h(100), h(103)], [("holding", 100, 2), ("holding", 103, 2)], id="a hole is never asked for"),
        pytest.param([h(100), h(100)], [("holding", 100, 2)], id="one register for two counters is read once"),
        pytest.param([h(100, 4), h(102)], [("holding", 100, 4)], id="overlapping values share their words"),
        pytest.param([h(100), h(101, 1)], [("holding", 100, 2)], id="a word inside a value"),
        pytest.param(
            [Register("input", 100), h(102)], [("holding", 102, 2), ("input", 100, 2)], id="tables are never mixed"
        ),
        pytest.param([h(n, 1) for n in range(125)], [("holding", 0, 125)], id="125 words are one request"),
        pytest.param(
            [h(n, 1) for n in range(126)], [("holding", 0, 125), ("holding", 125, 1)], id="the 126th is another"
        ),
        pytest.param(
            [h(2 * n) for n in range(63)], [("holding", 0, 124), ("holding", 124, 2)], id="no value is cut in two"
        ),
        pytest.param([h(65_534)], [("holding", 65_534, 2)], id="the last register of the table"),
        pytest.param([], [], id="nothing to read"),
    ],
)
def test_registers_become_the_fewest_requests(registers: list[Register], expected: list[tuple[str, int, int]]) -> None:
    assert spans(registers) == expected


@given(st.lists(REGISTERS, max_size=60))
def test_every_register_is_whole_in_exactly_one_request(registers: list[Register]) -> None:
    blocks = group(registers)
    found = [reg for block in blocks for reg in block.registers]
    assert sorted(map(str, found)) == sorted(map(str, set(registers)))
    for block in blocks:
        assert block.words <= MAX_WORDS
        words = {reg.address + word for reg in block.registers for word in range(reg.words)}
        assert words == set(range(block.address, block.address + block.words))


@given(st.data(), st.sampled_from(WORD_ORDERS), st.sampled_from([1, 2, 4]))
def test_a_value_survives_its_words_in_every_order(data: st.DataObject, order: str, words: int) -> None:
    value = data.draw(st.integers(0, (1 << 16 * words) - 1))
    assert decode(encode(value, words, order), order) == value  # type: ignore[arg-type]


def test_the_four_orders_of_one_reading() -> None:
    # 0x000A_ABCD = 699,341; what a display shows tells which order is the machine's.
    assert in_every_order([0x000A, 0xABCD]) == {
        "ABCD": 0x000AABCD,
        "CDAB": 0xABCD000A,
        "BADC": 0x0A00CDAB,
        "DCBA": 0xCDAB0A00,
    }
    assert encode(0x0102_0304_0506_0708, 4, "CDAB") == [0x0708, 0x0506, 0x0304, 0x0102]


def test_a_block_gives_each_register_its_own_words() -> None:
    first, second = Register("holding", 100, 2), Register("holding", 102, 2, "CDAB")
    (block,) = group([first, second])
    assert block.values([0, 7, 9, 0]) == {first: 7, second: 9}
    assert block.alone() == [Block("holding", 100, 2, (first,)), Block("holding", 102, 2, (second,))]
