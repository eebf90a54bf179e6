"""A key written twice in one JSON object: of its values one would silently win, so the event it stands in is refused.

The object is read with a mark, so that the other events of its list are not refused with it. Standard library only.
"""


class Repeated(dict[str, object]):
    """An object of JSON in which `key` is written more than once."""

    key: str


def marked(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its pairs, marked if a key is repeated."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    repeated = Repeated(made)
    repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def repeated_key(value: object, apart: object = None) -> str | None:
    """Return a repeated key found in a value, at any depth; None if there is none. ``apart`` is not looked into."""
    left = [value]
    while left:
        one = left.pop()
        if one is apart and apart is not None:
            continue
        if isinstance(one, Repeated):
            return one.key
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return None
