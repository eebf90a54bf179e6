"""What a release calls in the database, and what it expects of the answers: recorded once, kept true afterwards.

`python -m tests.support.released NAME` records the calls of the code as it is in tests/hosted/releases.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import MagicMock, patch

import jsonschema
from pydantic import TypeAdapter

from sicfar.database import supabase

FOLDER = Path(__file__).parents[1] / "hosted" / "releases"


class Call(NamedTuple):
    """One SQL function as a release calls it."""

    arguments: list[str]
    answer: dict[str, Any] | None
    """JSON Schema of what it accepts; None: it does not look."""


class _RecordedError(Exception):
    """Ends a call before it is made."""


def boundary() -> Iterator[Callable[..., object]]:
    """Every function of the boundary that makes a call."""
    for name, function in inspect.getmembers(supabase, inspect.isfunction):
        own = function.__module__ == supabase.__name__ and not name.startswith("_")
        if own and "client" in inspect.signature(function).parameters:
            yield function


def attempt(function: Callable[..., object], client: object) -> object:
    """Call a function of the boundary with arguments that are empty of everything."""
    names = [name for name in inspect.signature(function).parameters if name != "client"]
    return function(client, **{name: MagicMock(name=name) for name in names})


def calls() -> dict[str, Call]:
    """What the code calls, as it is."""
    found: dict[str, Call] = {}

    def answered(_client: object, function: str, params: Mapping[str, object], shape: TypeAdapter[Any]) -> None:
        found[function] = Call(sorted(params), _plain(shape.json_schema(by_alias=True, mode="validation")))
        raise _RecordedError

    def unread(_client: object, function: str, params: Mapping[str, object]) -> None:
        found[function] = Call(sorted(params), None)
        raise _RecordedError

    with patch.object(supabase, "_answer", answered), patch.object(supabase, "_rpc", unread):
        for function in boundary():
            try:
                attempt(function, MagicMock())
            except _RecordedError:
                continue
            raise AssertionError(f"{function.__name__} makes no call")
    return found


def _plain(schema: Any) -> Any:
    """Without what only people read."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    spoken = {key for key in ("title", "description") if isinstance(schema.get(key), str)}
    return {key: _plain(part) for key, part in schema.items() if key not in spoken}


@cache
def releases() -> dict[str, dict[str, Call]]:
    """The recorded calls, by release."""
    return {
        file.stem: {name: Call(**call) for name, call in json.loads(file.read_text(encoding="utf-8")).items()}
        for file in sorted(FOLDER.glob("*.json"))
    }


def misfits(function: str, answer: object) -> Iterator[str]:
    """Why recorded releases could not read what the database answered."""
    for release, called in releases().items():
        schema = called[function].answer if function in called else None
        for error in jsonschema.Draft202012Validator(schema).iter_errors(answer) if schema is not None else ():
            yield f"{function}, release {release}: {error.message:.500}"


if __name__ == "__main__":
    recorded = {name: call._asdict() for name, call in sorted(calls().items())}
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(recorded, indent=1, sort_keys=True)
    (FOLDER / f"{sys.argv[1]}.json").write_text(text + "\n", encoding="utf-8")
