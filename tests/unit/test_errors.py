"""Errors carry their fate by type and say what happened, where, and what to do."""

import pickle

import pytest

from sicfar.errors import ConfigurationError, Fate, PermanentError, SicfarError, TransientError


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        (TransientError, Fate.TRANSIENT),
        (PermanentError, Fate.PERMANENT),
        (ConfigurationError, Fate.CONFIGURATION),
    ],
)
def test_p6_the_type_of_an_error_decides_its_fate(kind: type[SicfarError], fate: Fate) -> None:
    class Specific(kind):  # type: ignore[valid-type,misc]
        pass

    assert Specific("some_code", "algo").fate is fate


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = PermanentError("line_invalid", "linha ilegível", where="a.txt byte 7", action="corrija a linha")
    assert str(error) == "linha ilegível — a.txt byte 7 — corrija a linha"
    assert (error.code, error.what, error.where, error.action) == (
        "line_invalid",
        "linha ilegível",
        "a.txt byte 7",
        "corrija a linha",
    )


def test_an_error_leaves_out_what_is_not_known() -> None:
    assert str(TransientError("timeout", "sem resposta")) == "sem resposta"
    assert str(TransientError("timeout", "sem resposta", action="aguarde")) == "sem resposta — aguarde"


class _SlowError(TransientError):
    def __init__(self, *, seconds: int) -> None:
        super().__init__("slow", f"{seconds} s sem resposta", where="aqui")
        self.seconds = seconds


def test_an_error_with_its_own_signature_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(_SlowError(seconds=7)))  # noqa: S301
    assert isinstance(copy, _SlowError)
    assert (copy.code, copy.seconds, str(copy)) == ("slow", 7, "7 s sem resposta — aqui")
