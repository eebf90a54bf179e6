"""Waiting ends by what there is to see, never because a machine is slow; and what never comes is named."""

import itertools

import pytest

from local import waiting
from local.waiting import LAST_RESORT_S, Patience, StalledError, until


class Clock:
    """Stands in for the module `time`: only sleeping makes it go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(waiting, "time", made)
    return made


def test_the_answer_of_the_condition_is_given_back(clock: Clock) -> None:
    answers = iter([0, [], "there"])
    assert until(lambda: next(answers), "it") == "there"
    assert clock.now == 2 * waiting.PAUSE_S


def test_what_moves_is_waited_for_as_long_as_it_moves(clock: Clock) -> None:
    steps = itertools.count()
    until(lambda: clock.now > 20 * LAST_RESORT_S, "a slow one", state=lambda: next(steps), pause_s=LAST_RESORT_S / 2)


def test_what_does_not_move_is_named_with_what_was_seen_last(clock: Clock) -> None:
    with pytest.raises(StalledError, match=r"the upload: nothing has moved for 300 s; seen last: \(3, 'half'\)"):
        until(lambda: False, "the upload", state=lambda: (3, "half"))
    assert LAST_RESORT_S < clock.now < LAST_RESORT_S + 1


def test_a_list_that_grows_is_progress(clock: Clock) -> None:
    grown: list[int] = []
    patience = Patience("all of it", state=lambda: grown)
    for number in range(3):
        grown.append(number)
        patience.look()
        clock.now += LAST_RESORT_S
    clock.now += 1
    with pytest.raises(StalledError, match="all of it"):
        patience.look()


def test_an_ended_process_is_not_waited_for_but_its_last_act_counts(clock: Clock) -> None:
    with pytest.raises(StalledError, match="its last act: the process that should bring it about has ended"):
        until(lambda: False, "its last act", alive=lambda: False)
    assert clock.now < 1
    looks = iter([False, True])
    assert until(lambda: next(looks), "its last act", alive=lambda: False)
