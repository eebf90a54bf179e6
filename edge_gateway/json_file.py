"""A JSON file that a person wrote: where it is none, by line and column and in the words of who has to correct it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from edge_gateway.section import ConfigError

_LONGEST_INTEGER = 40
_QUOTES = "'“”‘’«»`"
_SPACE = " \t\r\n"


class _Repeating(dict[str, object]):
    """An object in which a key is written more than once."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = {key: times for key, times in Counter(key for key, _ in pairs).items() if times > 1}


def read_json(path: Path, *, apart: str) -> tuple[object, list[str]]:
    """What a file holds (UTF-8, with or without BOM), and of each key written twice in one object what is wrong; the
    key `apart` of the file is not looked at.

    Raises ConfigError if it is no JSON at all.
    """
    text = _text(path)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_integer)
    except json.JSONDecodeError as error:
        at, what, action = _fault(text, error.pos)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        raise ConfigError(
            f"o arquivo de configuração não é JSON válido: {what}", f"{path}, linha {line}, coluna {column}", action
        ) from error
    except RecursionError:
        raise ConfigError(
            "o arquivo de configuração tem níveis demais", str(path), "confira as chaves e os colchetes"
        ) from None
    repeated = [(f"{place}.{key}".lstrip("."), key, times) for place, key, times in _repeated(value, "")]
    ours = [found for found in repeated if found[0].split(".")[0] != apart]
    return value, [_twice(where, key, times, text) for where, key, times in ours]


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"não foi possível ler o arquivo de configuração: {reason}", str(path), "confira --config"
        ) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise ConfigError(
            'o arquivo de configuração está em UTF-16 ("Unicode" no Bloco de Notas)', str(path), "salve-o como UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            'o arquivo de configuração não está em UTF-8 (parece "ANSI", Windows-1252)',
            f"{path}, linha {line}, byte 0x{data[error.start]:02X}",
            "salve-o como UTF-8",
        ) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeating(pairs)


def _integer(digits: str) -> int | float:
    """As float beyond any number that is accepted: Python refuses to make an int of thousands of digits."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _repeated(value: object, path: str) -> Iterator[tuple[str, str, int]]:
    """Path, key and number of times of every key written more than once."""
    if isinstance(value, _Repeating):
        yield from ((path, key, times) for key, times in value.repeated.items())
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _repeated(inside, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _repeated(inside, f"{path}[{number}]")


def _twice(where: str, key: str, times: int, text: str) -> str:
    lines = [text.count("\n", 0, at.start()) + 1 for at in re.finditer(rf"{re.escape(json.dumps(key))}\s*:", text)]
    at = f" (linhas {' e '.join(map(str, lines))})" if len(lines) == times else ""
    return (
        f"{where}: chave escrita {times} vezes no mesmo objeto{at}; só a última valeria: dê outro nome, ou apague uma"
    )


def _fault(text: str, at: int) -> tuple[int, str, str]:
    """Of a text that is no JSON from `at` on: the place, what is there, what to do. Read from the text alone."""
    before, rest = text[:at].rstrip(_SPACE), text[at:].lstrip(_SPACE)
    begins, ended = rest[:1], before[-1:]
    near = re.split(r"[\s,:\]}]", rest, maxsplit=1)[0][:20] or begins
    if not text.strip():
        return at, "o arquivo está vazio", "copie um exemplo de config/"
    if rest.startswith(("//", "/*", "#")):
        return at, "um comentário, que JSON não tem", "apague-o"
    if ended == "," and begins in ("}", "]"):
        return len(before) - 1, f"uma vírgula antes de {begins}", "apague a vírgula"
    if begins == "," and (after := rest[1:].lstrip(_SPACE)[:1]) in ("}", "]"):
        return at, f"uma vírgula antes de {after}", "apague a vírgula"
    if "\\" in text[max(at - 2, 0) : at + 1]:
        return at, "uma barra invertida sozinha", 'escreva cada uma duas vezes, p. ex. "C:\\\\SicFar\\\\spool"'
    if begins and begins in _QUOTES:
        return at, f"a aspa {begins}", 'use a aspa reta dupla, "'
    if not rest:
        return at, "o arquivo termina antes do fim", "feche cada { e [ que foi aberto"
    if text[at] in "\r\n\t" or (begins == '"' and ended in ("", ":", ",", "{", "[")):
        return at, "um texto sem a aspa do fim", 'feche a aspa, "'
    if ended in ('"', "}", "]") or ended.isalnum():
        named = re.search(r'[{,]\s*"[^"]*"$', before)
        lacking, action = ("dois-pontos", "acrescente-os") if named else ("uma vírgula", "acrescente-a")
        return at, f"falta{'m' if named else ''} {lacking} antes de {near}", action
    return at, f"{near} não é um valor", "escreva textos entre aspas; números, true e false sem"
