"""The definitions in `supabase/schemas` stay small enough to be read."""

import re
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "supabase" / "schemas"
MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 80
LONGER: set[str] = set()
"""Still to be divided."""
_FUNCTION = re.compile(r"^create function (\S+?)\(.*?^(?:end )?\$\$;$", re.MULTILINE | re.DOTALL)


def test_a_function_has_at_most_eighty_lines() -> None:
    lengths = {
        match[1]: match[0].count("\n") + 1
        for path in SCHEMAS.glob("*.sql")
        for match in _FUNCTION.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(lengths) > 200
    assert {name for name, lines in lengths.items() if lines > MOST_LINES_A_FUNCTION} == LONGER


def test_a_file_has_at_most_four_hundred_lines() -> None:
    lengths = {path.name: path.read_text(encoding="utf-8").count("\n") for path in SCHEMAS.glob("*.sql")}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_A_FILE} == {}
