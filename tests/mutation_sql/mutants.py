"""What can be changed in the SQL functions of `supabase/schemas`, one thing at a time.

A mutant is an edit of a function's text. PL/pgSQL and SQL are read as tokens, not parsed: no parser of the field says
where in the text an expression of PL/pgSQL stands. PostgreSQL itself refuses an edit that is no SQL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*)
    |(?P<text>[Ee]?'(?:[^']|'')*')
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<operator><>|<=|>=|:=|=>|::|\|\||&&|<@|@>|->>|->|\#>>|@\?|!~|[-+*/%<>=~])
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_FUNCTION = re.compile(r"^create function (\S+?)\(.*?^as \$\$\n(.*?)\$\$;$", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r"\b(\w+) in \(((?:\s*'[A-Z_]+',?)+)\)")

_COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
_CALLED = {"least": "greatest", "greatest": "least", "min": "max", "max": "min", "bool_or": "bool_and"}
# A condition stands between two of these, at one depth of parentheses and of case … end.
_OPENS = {"where", "on", "having", "when", "if", "elsif"}
_ENDS = {
    *(
        "then",
        "loop",
        "group",
        "order",
        "limit",
        "offset",
        "returning",
        "union",
        "window",
        "from",
        "select",
        "else",
        "end",
    ),
    *("inner", "left", "full", "cross", "join", "as", "return", "set", "do", "for", "desc", "asc", "into", "using"),
}
_NO_OPERAND = _OPENS | _ENDS | {"and", "or", "not", "in", "by", "any", "all", "between", "case", "interval"}


@dataclass(frozen=True)
class Function:
    """A function as its file defines it."""

    file: str
    """Its file's first word, e.g. ``042``."""
    name: str
    """Qualified, e.g. ``interno.atribuicao``."""
    line: int
    """Of the file, where the definition begins."""
    text: str
    """The whole statement, with its semicolon."""
    body: int
    """Where in the text the body begins."""


@dataclass(frozen=True)
class Mutant:
    """A function with one thing changed."""

    function: Function
    kind: str
    start: int
    end: int
    new: str

    @property
    def statement(self) -> str:
        """What installs it over the right function."""
        text = self.function.text
        changed = text[: self.start] + self.new + text[self.end :]
        return changed.replace("create function", "create or replace function", 1)

    @property
    def line(self) -> int:
        """Of the file, where the change is."""
        return self.function.line + self.function.text.count("\n", 0, self.start)

    @property
    def key(self) -> str:
        """What tells it from the others, and stays when something else in the file changes: the lines it touches."""
        text = self.function.text
        first, last = text.rfind("\n", 0, self.start) + 1, text.find("\n", self.end)
        before, after = text[first : self.start], text[self.end : last]
        old = _short(before + "⟦" + text[self.start : self.end] + "⟧" + after)
        return f"{self.function.name} | {old} → {self.new.strip() or '∅'}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= 240:
        return text
    return f"{text[:110]} … {text[-100:]} #{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else self.text


def functions(folder: Path) -> list[Function]:
    """Every function that the files define, in their order."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        content = path.read_text(encoding="utf-8")
        for match in _FUNCTION.finditer(content):
            line = content.count("\n", 0, match.start()) + 1
            found.append(Function(path.name[:3], match[1], line, match[0], match.start(2) - match.start()))
    return found


def vocabularies(folder: Path) -> list[tuple[str, list[str]]]:
    """The columns that hold one of a few words, each with its words, from the CHECK of their tables."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        for table in re.findall(r"^create table .*?^\)", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for check in re.findall(r"check \((\w+ in \([^)]*\))\)", table):
                found += [(column, re.findall(r"'(\w+)'", words)) for column, words in _WORDS.findall(check)]
    return found


def everything(folder: Path) -> dict[str, Mutant]:
    """All mutants of all functions by their key, in the order of the files; of those that read the same all but the
    first are numbered."""
    words = vocabularies(folder)
    found: dict[str, Mutant] = {}
    for mutant in (mutant for function in functions(folder) for mutant in mutants(function, words)):
        key, n = mutant.key, 1
        while key in found:
            n += 1
            key = f"{mutant.key} ({n})"
        found[key] = mutant
    return found


def mutants(function: Function, words: Sequence[tuple[str, list[str]]]) -> list[Mutant]:
    """Everything that can be changed in a function, in the order of its text."""
    end = function.text.rindex("$$")
    tokens = [
        _Token(match.lastgroup or "", match[0], match.start(), match.end())
        for match in _TOKEN.finditer(function.text, function.body, end)
        if match.lastgroup != "blank"
    ]
    tokens.append(_Token("mark", ";", end, end))
    edits = {
        *_swaps(tokens),
        *_nulls(tokens),
        *_words(tokens, words),
        *_defaults(tokens),
        *_orders(tokens),
        *_conditions(tokens),
    }
    return [Mutant(function, *edit) for edit in sorted(edits, key=lambda edit: (edit[1], edit[2], edit[3]))]


_Edit = tuple[str, int, int, str]  # kind, start, end, what stands there then


def _swaps(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    for n, token in enumerate(tokens):
        before = tokens[n - 1].word if n else ""
        after = tokens[n + 1].word if n + 1 < len(tokens) else ""
        word = token.word
        if token.kind == "operator" and word in _COMPARED:
            if word not in ("=", "<>") and {after, tokens[n - 3].word} & {"clock_timestamp", "now"}:
                continue  # no test can tell a clock's microsecond from the one before
            yield "comparison", token.start, token.end, _COMPARED[word]
        elif token.kind == "operator" and word in ("+", "-"):
            binary = n and _is_operand(tokens[n - 1])
            yield "sign", token.start, token.end, {"+": "-", "-": "+"}[word] if binary else ""
        elif word in _CALLED and after == "(":
            yield "extreme", token.start, token.end, _CALLED[word]
        elif word in ("inner", "left") and after == "join":
            yield "join", token.start, token.end, "left" if word == "inner" else "inner"
        elif word == "exists" or (word == "in" and after == "(" and tokens[n - 2].word != "for"):
            denied = before == "not"
            start = tokens[n - 1].start if denied else token.start
            yield "membership", start, token.end, word if denied else f"not {word}"


def _is_operand(token: _Token) -> bool:
    return token.word in (")", "]") or (token.kind in ("word", "number", "text") and token.word not in _NO_OPERAND)


def _nulls(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    for n, token in enumerate(tokens):
        if token.word not in ("null", "distinct"):
            continue
        words = [other.word for other in tokens[max(0, n - 2) : n]]
        if words[-1:] == ["is"]:
            yield "null", tokens[n - 1].start, token.start, "is not "
        elif words == ["is", "not"]:
            yield "null", tokens[n - 2].start, token.start, "is "


def _words(tokens: Sequence[_Token], words: Sequence[tuple[str, list[str]]]) -> Iterator[_Edit]:
    for n, token in enumerate(tokens):
        if token.kind != "text":
            continue
        literal = token.text.strip("'")
        near = {other.word for other in tokens[max(0, n - 12) : n]}
        known = [group for group in words if literal in group[1] and len(group[1]) > 1]
        known.sort(key=lambda group: group[0] not in near)
        if known:
            group = known[0][1]
            yield "word", token.start, token.end, f"'{group[(group.index(literal) + 1) % len(group)]}'"


def _closing(tokens: Sequence[_Token], opening: int) -> int:
    depth = 0
    for n in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[n].word, 0)
        if depth == 0:
            return n
    return len(tokens) - 1


def _defaults(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    for n, token in enumerate(tokens[:-1]):
        if token.word != "coalesce" or tokens[n + 1].word != "(":
            continue
        end, depth, last = _closing(tokens, n + 1), 0, 0
        for m in range(n + 1, end):
            depth += {"(": 1, ")": -1}.get(tokens[m].word, 0)
            if depth == 1 and tokens[m].word == ",":
                last = m
        if last:
            yield "default", tokens[last].start, tokens[end].start, ""


def _orders(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    for n, token in enumerate(tokens[:-1]):
        if token.word != "order" or tokens[n + 1].word != "by":
            continue
        depth = 0
        for m in range(n + 2, len(tokens)):
            word = tokens[m].word
            ended = depth == 0 and (word in (")", ";", "limit", "offset", "rows", "for", "loop") or word == ",")
            if ended and tokens[m - 1].word in ("desc", "asc"):
                yield "order", tokens[m - 1].start, tokens[m - 1].end, "asc" if tokens[m - 1].word == "desc" else "desc"
            elif ended:
                yield "order", tokens[m - 1].end, tokens[m - 1].end, " desc"
            if ended and word != ",":
                break
            depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(word, 0)


def _conditions(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    """Each condition of a where, on, if and so on, and each side of an and or an or: taken for true, or for false."""
    for run in _runs(tokens):
        for n in range(1, len(run)):
            left, right = tokens[run[n - 1]], tokens[run[n]]
            first, last = run[n - 1] + 1, run[n] - 1
            if first > last or (left.word == "when" and _is_simple_case(tokens, run)):
                continue
            joined = {left.word, right.word} & {"and", "or"}
            if not joined and left.word not in _OPENS:
                continue
            if tokens[first].word == "conflict" or (tokens[first].word in ("true", "false") and first == last):
                continue
            start, end = tokens[first].start, tokens[last].end
            if left.word in ("when", "if", "elsif") and not joined:
                yield "condition", start, end, "false"
            yield "condition", start, end, "false" if joined == {"or"} else "true"


def _is_simple_case(tokens: Sequence[_Token], run: Sequence[int]) -> bool:
    # `case x when y`: what stands there is a value.
    return tokens[run[0]].word == "case" and tokens[run[0] + 1].word != "when"


def _runs(tokens: Sequence[_Token]) -> Iterable[list[int]]:
    """The places that conditions stand between, those of one depth together."""
    stack: list[list[int]] = [[]]
    between = [0]
    done: list[list[int]] = []
    for n, token in enumerate(tokens):
        word = token.word
        if word in ("(", "[", "case"):
            stack.append([n])
            between.append(0)
        elif word in (")", "]") or (word == "end" and len(stack) > 1 and tokens[stack[-1][0]].word == "case"):
            stack[-1].append(n)
            done.append(stack.pop())
            between.pop()
        elif word == "between":
            between[-1] += 1
        elif word == "and" and between[-1]:
            between[-1] -= 1
        elif word == "from" and tokens[n - 1].word == "distinct":
            continue
        elif word in ("and", "or", ",", ";", ":=") or word in _OPENS or word in _ENDS:
            stack[-1].append(n)
    return [*done, *stack]
