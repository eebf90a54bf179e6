"""How a probe of a deployed stack ended, also where AWS, the API or Supabase refused or did not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from operations.failures import explained
from sicfar.errors import SicfarError


class Outcome(StrEnum):
    """How a probe ended."""

    OK = "ok"
    FAILED = "falhou"
    NOT_SHOWN = "não mostrado aqui"


@dataclass(frozen=True, slots=True)
class Result:
    """One probe."""

    outcome: Outcome
    what: str
    seen: str


def judged(well: bool, what: str, seen: str) -> Result:
    """A probe that had its answer."""
    return Result(Outcome.OK if well else Outcome.FAILED, what, seen)


def attempted(what: str, probe: Callable[[], Result]) -> Result:
    """Make a probe; one that cannot be made has failed."""
    try:
        return probe()
    except (ClientError, BotoCoreError) as cause:
        return Result(Outcome.FAILED, what, explained(cause, what).what)
    except SicfarError as error:
        return Result(Outcome.FAILED, what, str(error))
    except httpx.HTTPError as error:
        return Result(Outcome.FAILED, what, f"{type(error).__name__}: {error}")
