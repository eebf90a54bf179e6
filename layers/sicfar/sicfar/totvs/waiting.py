"""Events that waited for a product or a line, applied in portions once it is there.

One product may have thousands of orders waiting for it, more than a statement of the API may take. Each portion is
committed; what is left of it goes on with the next product, pull or repetition of the same message.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sicfar.database import supabase

if TYPE_CHECKING:
    from sicfar.database.supabase import Client

PORTION = 200
"""Events a call applies: half a second, on a database that is not busy."""


def release(database: "Client", more_time: Callable[[], bool]) -> int:
    """Apply what waited and need not any more, while there is time. Return how many events no longer wait."""
    released = 0
    while more_time():
        portion = supabase.reaplicar_eventos_totvs(database, PORTION)
        released += portion.reapplied
        if not portion.more:
            break
    return released
