"""The rows an audit reads, a model per question: English names inside, the columns as aliases. Instants are aware.

A word that is not here (a new situation or decision) makes the database unreadable for this version; columns that are
not here are not judged.
"""

from pydantic import Field

from operations.audit.differences import Pair
from sicfar.boundary import Boundary


class Row(Boundary, frozen=True):
    """A row; this one's columns are not asked for, only whether it is there."""


class Counted(Row, frozen=True):
    """What was produced and rejected: machine counts, where it does not say otherwise."""

    produced: int = Field(alias="producao")
    rejected: int = Field(alias="rejeicao")

    @property
    def pair(self) -> Pair:
        """Both counters."""
        return self.produced, self.rejected
