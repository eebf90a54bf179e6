"""The key of a batch names exactly one batch and its bytes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.counts.compression import QuarantineError
from sicfar.counts.keys import BatchKey, BatchKeyError

EPOCH = "9f3c" * 8
KEY = f"contagens/farmace-spep/{EPOCH}/2026/03/15/000000184467-0123456789abcdef.txt.gz"


def test_a_key_is_written_and_read() -> None:
    key = BatchKey("farmace-spep", EPOCH, 184467, date(2026, 3, 15), "0123456789abcdef")
    assert key.format() == KEY
    assert BatchKey.parse(KEY) == key


@given(
    gateway=st.from_regex(r"[a-z0-9][a-z0-9-]{1,62}", fullmatch=True),
    epoch=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    seq=st.integers(1, 10**12 - 1),
    day=st.dates(),
    digest=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
)
def test_every_key_is_read_back(gateway: str, epoch: str, seq: int, day: date, digest: str) -> None:
    key = BatchKey(gateway, epoch, seq, day, digest)
    assert BatchKey.parse(key.format()) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "avulsos/a.txt",
        KEY + "\n",
        "x" + KEY,
        KEY.replace(".gz", ""),
        KEY.replace("farmace-spep", "Farmace"),
        KEY.replace("farmace-spep", "f"),
        KEY.replace("farmace-spep", "-farmace"),
        KEY.replace("farmace-spep", "f" * 64),
        KEY.replace(EPOCH, EPOCH[1:]),
        KEY.replace(EPOCH, EPOCH.upper()),
        KEY.replace("/03/", "/13/"),
        KEY.replace("/03/15", "/02/30"),
        KEY.replace("/03/", "/3/"),
        KEY.replace("000000184467", "000000000000"),
        KEY.replace("000000184467", "184467"),
        KEY.replace("0123456789abcdef", "0123456789ABCDEF"),
        KEY.replace("0123456789abcdef", "0123456789abcde"),
    ],
)
def test_p9_any_other_name_is_no_batch(key: str) -> None:
    with pytest.raises(BatchKeyError, match="chave de lote inválida") as caught:
        BatchKey.parse(key)
    assert isinstance(caught.value, QuarantineError)
    assert caught.value.code == "batch_key_invalid"
    assert caught.value.action


@pytest.mark.parametrize("seq", [0, -1, 10**12])
def test_a_sequence_number_begins_at_one_and_fits_its_digits(seq: int) -> None:
    with pytest.raises(BatchKeyError, match="sequência"):
        BatchKey("farmace-spep", EPOCH, seq, date(2026, 3, 15), "0" * 16)


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("x", "'x'; esperado contagens/<gateway>/<época>/<aaaa>/<mm>/<dd>/<sequência>-<sha256>.txt.gz"),
        (KEY.replace("farmace-spep", "F"), "gateway 'F'; esperado minúsculas, algarismos e -"),
        (KEY.replace(EPOCH, "9f"), "época '9f'; esperado 32 algarismos hexadecimais"),
        (KEY.replace("000000184467", "000000000000"), "sequência 0; esperado de 1 a 999999999999"),
        (KEY.replace("0123456789abcdef", "x"), "'x'; esperado 16 algarismos hexadecimais"),
    ],
)
def test_p8_a_wrong_key_says_which_part_is_wrong_and_who_wrote_it(key: str, what: str) -> None:
    with pytest.raises(BatchKeyError) as caught:
        BatchKey.parse(key)
    action = "confira quem gravou o objeto; só o gateway escreve em contagens/"
    assert str(caught.value) == f"chave de lote inválida: {what} — {action}"
