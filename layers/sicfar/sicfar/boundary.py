"""What crosses to the database, a queue, a log or a command: English names inside, the alias of each field outside.

The answers of the database are of frozen subclasses (`sicfar.database.answers`); keys that are not known here are
ignored, for during a deploy an older function meets a newer database.
"""

from pydantic import BaseModel, ConfigDict


class Boundary(BaseModel):
    """Made in code by the fields' names, read from outside by their aliases; raises pydantic's ValidationError."""

    # Built when it is first used: a function uses few of them, and its start is not to pay for the rest.
    model_config = ConfigDict(extra="ignore", validate_by_name=True, validate_by_alias=True, defer_build=True)

    def as_json(self) -> dict[str, object]:
        """All fields by their aliases, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True)
