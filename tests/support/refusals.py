"""What the database refused, for tests."""

from collections.abc import Callable

import psycopg
import pytest


def code(call: Callable[..., object]) -> tuple[str | None, str | None]:
    """SQLSTATE and stable code of the refusal that the call must meet."""
    with pytest.raises(psycopg.Error) as error:
        call()
    return error.value.sqlstate, error.value.diag.message_primary
