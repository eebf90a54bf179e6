"""The tests, read from their files: a name that begins with `test_p7_` promises P7."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEST = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)
_PROMISE = re.compile(r"test_(p\d+)_")


@dataclass(frozen=True, order=True, slots=True)
class NamedTest:
    """A test function."""

    file: str
    name: str

    @property
    def promise(self) -> str:
        """P1 … P11, or nothing."""
        found = _PROMISE.match(self.name)
        return found[1].upper() if found else ""

    @property
    def place(self) -> str:
        """As pytest takes it."""
        return f"{self.file}::{self.name}"


def all_tests() -> list[NamedTest]:
    """Every test of the repository, sorted."""
    found = {
        NamedTest(path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "tests").rglob("test_*.py")
        if not {".venv", "node_modules"} & set(path.parts)
        for name in _TEST.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(found)


def chosen(found: Iterable[NamedTest], promises: str, words: str) -> list[NamedTest]:
    """The tests of some promises (`P7 P9`; nothing: of any) whose file or name holds one of the words, a pattern."""
    wanted, pattern = set(promises.split()), re.compile(words)
    return [one for one in found if one.promise and (not wanted or one.promise in wanted) and pattern.search(one.place)]
