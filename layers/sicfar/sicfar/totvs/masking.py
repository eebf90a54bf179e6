"""What is put down of a call to the ERP holds no secret, in whatever form the ERP repeats it.

An ERP that echoes a request does so as it pleases: percent-encoded, with JSON's or HTML's escapes, as base64 (the form
of Basic authentication), as hexadecimal digits, in another charset. So the text is brought to plain bytes first, each
with its place in the text; where a secret stands in these, the text's own stretch is replaced.
"""

import base64
import html
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MASK = "***"
WINDOW = 64 * 1024
"""Characters of a text that are looked at for an excerpt."""

_SECRET_PARAMETERS = ("password", "senha", "token", "access_token", "refresh_token", "secret", "username")
_LONGEST_FORM = 12
"""Characters that one of a secret may take, e.g. in JSON within JSON."""
_SHORTEST_PIECE = 4
"""Base64 characters of a secret inside a longer text by which it is still recognised."""
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/_-")
_NESTED = 4  # encodings of encodings that are undone

_JSON = r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[^\sux]"
_HTML = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"
_PERCENT = r"%[0-9A-Fa-f]{2}|\+"
_ESCAPES = tuple(re.compile(one) for one in (f"{_JSON}|{_HTML}|{_PERCENT}", _JSON, _HTML, _PERCENT))
"""On plain text whose characters are its bytes in UTF-8: all escapes there are, for where several were used; and those
of one kind, for what looks like another kind's beside a secret."""
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def masked_url(url: str) -> str:
    """The URL with the values of anything that could be a secret, and user information, replaced."""
    parts = urlsplit(url)
    query = [(key, MASK if key.lower() in _SECRET_PARAMETERS else value) for key, value in parse_qsl(parts.query, True)]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(query, safe="*,:+")))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it replaced, in any of the forms above."""
    known = [_forms(one) for one in secrets if one]
    stretches: list[tuple[int, int]] = []
    for plain, places in _readings(text):
        lowered = plain.lower()
        for forms in known:
            stretches += [(places[begin], places[end]) for begin, end in _found(plain, forms.written)]
            stretches += [(places[begin], places[end]) for begin, end in _found(lowered, forms.digits)]
            for begin, end in _found(plain, forms.pieces):
                while begin and plain[begin - 1] in _BASE64:
                    begin -= 1
                while end < len(plain) and plain[end] in _BASE64:
                    end += 1
                stretches.append((places[begin], places[end]))
    made, at = [], 0
    for begin, end in sorted(stretches):
        if begin >= at:
            made += [text[at:begin], MASK]
        at = max(at, end)
    return "".join([*made, text[at:]])


def excerpt(text: str, secrets: Iterable[str], most: int) -> str:
    """The beginning of a text, at most so long, masked before it is cut: half a secret is one too."""
    known = [one for one in secrets if one]
    hidden = masked(text[:WINDOW], known)
    if len(text) > WINDOW:
        # The window may have cut a secret in two.
        hidden = hidden[: max(0, len(hidden) - _LONGEST_FORM * max(map(len, known), default=0))]
    return hidden[:most]


@dataclass(frozen=True, slots=True)
class _Forms:
    """A secret as plain bytes, in any charset, with what escapes it holds itself undone or not; as hexadecimal digits;
    and the parts of a longer text's base64 that depend on it alone."""

    written: tuple[str, ...]
    digits: tuple[str, ...]
    pieces: tuple[str, ...]


@lru_cache(maxsize=64)
def _forms(secret: str) -> _Forms:
    encoded = [secret.encode("utf-8", "surrogatepass")]
    for charset in ("cp1252", "latin-1"):
        encoded += [secret.encode(charset, "replace"), encoded[0].decode(charset, "replace").encode()]
    encoded += [secret.encode("ascii", "replace"), re.sub(r"[^\x00-\x7f]", "\ufffd", secret).encode()]
    every = list(dict.fromkeys(encoded))
    written = (form for one in every for form in _levels(one.decode("latin-1")))
    pieces = (form for one in every for piece in _pieces(one) for form in _levels(piece))
    return _Forms(tuple(dict.fromkeys(written)), tuple(one.hex() for one in every), tuple(dict.fromkeys(pieces)))


def _pieces(secret: bytes) -> Iterator[str]:
    """What base64 makes of a secret, wherever in a longer text it begins."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        piece = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(piece) >= _SHORTEST_PIECE:
            yield piece
            yield piece.translate(str.maketrans("+/", "-_"))


def _found(plain: str, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    for form in forms:
        at = plain.find(form)
        while at >= 0:
            yield at, at + len(form)
            at = plain.find(form, at + 1)


def _readings(text: str) -> Iterator[tuple[str, list[int]]]:
    """The text as plain bytes (a character each), with the place in the text at which each begins and the last ends;
    then with escapes undone, once more for each encoding of an encoding."""
    if text.isascii():
        plain, places = text, list(range(len(text) + 1))
    else:
        plain = "".join(map(_bytes, text))
        places = [at for at, one in enumerate(text) for _ in _bytes(one)] + [len(text)]
    yield from _undone_by_levels(plain, places)


def _levels(plain: str) -> list[str]:
    return [form for form, _ in _undone_by_levels(plain, list(range(len(plain) + 1)))]


def _undone_by_levels(plain: str, places: list[int]) -> Iterator[tuple[str, list[int]]]:
    yield plain, places
    for escapes in _ESCAPES:
        before, at = plain, places
        for _ in range(_NESTED):
            undone, at = _undone(before, at, escapes)
            if undone == before:
                break
            before = undone
            yield undone, at


def _undone(plain: str, places: list[int], escapes: re.Pattern[str]) -> tuple[str, list[int]]:
    made: list[str] = []
    found: list[int] = []
    at = 0
    for match in escapes.finditer(plain):
        meant = _meant(match[0])
        made += [plain[at : match.start()], meant]
        found += places[at : match.start()] + [places[match.start()]] * len(meant)
        at = match.end()
    return "".join([*made, plain[at:]]), found + places[at:]


def _meant(escape: str) -> str:
    """The plain bytes one escape stands for."""
    if escape == "+":
        return " "
    if escape[0] == "%":
        return chr(int(escape[1:], 16))
    if escape[0] == "&":
        return _bytes(html.unescape(escape))
    code = escape[1:]
    if code[0] == "u":
        units = bytes.fromhex("".join(part[:4] for part in code.split("u")[1:]))
        return _bytes(units.decode("utf-16-be", "surrogatepass"))
    if code[0] == "x":
        return chr(int(code[1:], 16))
    return _CONTROLS.get(code, code)


def _bytes(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")
