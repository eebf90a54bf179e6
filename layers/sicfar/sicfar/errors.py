"""What can go wrong, by what should happen next.

Every error of this project is of exactly one of three fates, decided by its type and never by its text: try again
later (transient), never try again (permanent), or have the installation mended (configuration). Specific errors
subclass one of the three in the module that raises them.
"""

from enum import StrEnum
from typing import ClassVar

_LONGEST = 1_000  # characters kept of what an unexpected error says


class Fate(StrEnum):
    """What the caller does with work that failed."""

    TRANSIENT = "transient"
    """The same work may succeed later, unchanged: keep it and try again."""
    PERMANENT = "permanent"
    """The same work will fail for ever: record the reason and put it before a person."""
    CONFIGURATION = "configuration"
    """This installation is set up wrongly: name the key. A program stops at its start; a message waits."""


class SicfarError(Exception):
    """An error that says what happened, where, and what to do next.

    ``code`` is stable English snake case, for programs and alarms. The other three are sentences for plant people, in
    Portuguese. Not raised itself: raise a subclass of one of the three fates.
    """

    fate: ClassVar[Fate]

    def __init__(self, code: str, what: str, *, where: str = "", action: str = "") -> None:
        super().__init__(code, what, where, action)
        self.code = code
        self.what = what
        self.where = where
        self.action = action

    def __str__(self) -> str:
        return " — ".join(part for part in (self.what, self.where, self.action) if part)

    def __reduce__(self) -> tuple[object, ...]:
        # Subclasses have their own signatures; without this, an error would not survive pickling between processes.
        return _rebuild, (type(self), self.args, self.__dict__)


class TransientError(SicfarError):
    """Worth trying again: network, time-outs, a file still being written."""

    fate = Fate.TRANSIENT


class UnknownError(TransientError):
    """This version does not know what it means. It may be an outage, so the work is kept and tried again; it may be a
    fault that stays, so each one is counted for an alarm (`UnknownFailures`)."""


class PermanentError(SicfarError):
    """Never worth trying again: the input itself is wrong."""

    fate = Fate.PERMANENT


class ConfigurationError(SicfarError):
    """The installation is set up wrongly; ``where`` names the key."""

    fate = Fate.CONFIGURATION


def typed(error: Exception) -> SicfarError:
    """The error itself if it knows its fate, else one that says what it was."""
    if isinstance(error, SicfarError):
        return error
    unknown = UnknownError(
        "unexpected_error",
        f"{type(error).__name__}: {error}"[:_LONGEST],
        action="avise quem desenvolve: é um defeito, ou algo de fora que mudou; a mensagem espera",
    )
    unknown.__cause__ = error  # a log shows where it came from
    return unknown


def _rebuild(kind: type[SicfarError], args: tuple[object, ...], state: dict[str, object]) -> SicfarError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
