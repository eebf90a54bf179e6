"""A report by its template: method, path, headers and body, or every reason why it cannot be written.

Nothing is cut or rounded to fit: a text too long for its column, a value that is missing where the template wants it,
or a code the plant has no ERP code for, refuses the report before it is sent.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from urllib.parse import quote

from sicfar.errors import PermanentError
from sicfar.totvs.placeholders import Empty, Placeholder, formatted, is_empty
from sicfar.totvs.report_values import Facts, Type
from sicfar.totvs.template_parts import Part, Repeat, Text
from sicfar.totvs.templates import Section, Template

_FREE_TEXTS = ("motivo",)
_LENGTH_AS = {"numero_op_totvs": "numero_op", "estorna_id_externo": "id_externo"}
"""Values whose longest text is that of another."""


class ReportError(PermanentError):
    """The report cannot be written as this ERP's configuration asks."""


class Limits(Protocol):
    """What the ERP's columns take: longest texts, codes, size of quantities."""

    @property
    def codes(self) -> Mapping[str, str]:
        """Our reason codes → the ERP's."""

    @property
    def lengths(self) -> Mapping[str, int]:
        """Value → most characters."""

    @property
    def digits(self) -> int:
        """Digits of a quantity before its decimals."""

    @property
    def decimals(self) -> int:
        """Decimals of a quantity."""


@dataclass(frozen=True, slots=True)
class ErpRequest:
    """One request to the ERP; ``body``, if any, is JSON in UTF-8."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


class _Omitted:
    """What is left out of its object or array."""


_OMITTED = _Omitted()


def render(template: Template, section: Section, said: Facts, limits: Limits, usual_path: str) -> ErpRequest:
    """Write one report; ``usual_path`` is where it goes if the template does not say.

    Raises ReportError, naming every field that does not fit.
    """
    rendering = _Rendering(template, limits)
    path = usual_path if section.path is None else rendering.path(section.path, said)
    headers = {name: rendering.header(name, text, said) for name, text in section.headers.items()}
    body: bytes | None = None
    if section.has_body:
        value = rendering.part("", section.body, said)
        body = json.dumps(None if value is _OMITTED else value, ensure_ascii=False).encode()
    if rendering.faults:
        raise ReportError(
            "report_unwritable",
            "; ".join(dict.fromkeys(rendering.faults)),
            where=str(said["id_externo"]),
            action="corrija o modelo ou totvs.reports na configuração, ou o cadastro, e reenvie",
        )
    return ErpRequest(section.method, path, {name: text for name, text in headers.items() if text is not None}, body)


class _Rendering:
    """Writes the parts of one report, and collects what does not fit."""

    def __init__(self, template: Template, limits: Limits) -> None:
        self._maps = template.maps
        self._limits = limits
        self.faults: list[str] = []

    def part(self, place: str, part: Part, said: Facts) -> object:
        if isinstance(part, Text):
            return self._text(place, part, said)
        if isinstance(part, dict):
            made = {key: self.part(_below(place, key), item, said) for key, item in part.items()}
            return {key: item for key, item in made.items() if item is not _OMITTED}
        if isinstance(part, list):
            return self._array(place, part, said)
        return part

    def path(self, text: Text, said: Facts) -> str:
        words: list[str] = []
        for piece in text.pieces:
            value = piece if isinstance(piece, str) else self._written("caminho", piece, said)
            words.append(
                piece if isinstance(piece, str) else quote("" if value is _OMITTED else _words(value), safe="")
            )
        return "".join(words)

    def header(self, name: str, text: Text, said: Facts) -> str | None:
        value = self._text(name, text, said)
        if value is _OMITTED or value is None:
            return None
        words = _words(value)
        if not (words.isascii() and words.isprintable()):
            self.faults.append(f"cabeçalho {name} {words!r} só pode ter letras sem acento, algarismos e sinais")
        return words

    def _array(self, place: str, parts: Sequence[Part], said: Facts) -> object:
        made: list[object] = []
        omitted = False
        for number, part in enumerate(parts):
            if not isinstance(part, Repeat):
                made.append(self.part(f"{place}[{number}]", part, said))
                continue
            rows = said.get(part.each.value.name)
            rows = rows if isinstance(rows, list) else []
            omitted = omitted or part.each.omitted
            for row in rows:
                inner = {**said, **row, "sequencia": len(made) + 1}
                made.append(self.part(f"{place}[{len(made)}]", part.element, inner))
        kept = [item for item in made if item is not _OMITTED]
        return _OMITTED if omitted and not kept else kept

    def _text(self, place: str, text: Text, said: Facts) -> object:
        if len(text.pieces) == 1 and isinstance(text.pieces[0], Placeholder):
            return self._written(place, text.pieces[0], said)
        values = [piece if isinstance(piece, str) else self._written(place, piece, said) for piece in text.pieces]
        return _OMITTED if _OMITTED in values else "".join(_words(value) for value in values)

    def _written(self, place: str, asked: Placeholder, said: Facts) -> object:
        name, raw = asked.value.name, said.get(asked.value.name)
        if is_empty(raw):
            if asked.empty is Empty.FAULT:
                self.faults.append(
                    f"{_named(place, name)} não tem valor; cadastre-o, ou escreva no modelo {{{name}|se houver}}"
                )
                return ""
            return {Empty.OMITTED: _OMITTED, Empty.NULL: None, Empty.BLANK: ""}[asked.empty]
        if name in self._maps:
            value: object = self._mapped(place, name, raw)
        elif asked.value.type is Type.NUMBER:
            value = self._amount(place, asked, raw)
        else:
            value = formatted(asked, self._limits.codes.get(str(raw), raw) if name == "codigo" else raw, 0)
        return self._fitting(place, asked, value) if isinstance(value, str) else value

    def _mapped(self, place: str, name: str, raw: object) -> object:
        word = str(raw).lower() if isinstance(raw, bool) else str(raw)
        table = self._maps[name]
        if word not in table:
            self.faults.append(f"{_named(place, name)} {word!r} não está em mapas.{name} do modelo; traduza-o ali")
            return ""
        return table[word]

    def _amount(self, place: str, asked: Placeholder, raw: object) -> object:
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            self.faults.append(f"{_named(place, asked.value.name)} {raw!r} não é um número")
            return 0
        name, exact, limits = _named(place, asked.value.name), Decimal(raw), self._limits
        if exact != round(exact, limits.decimals):
            self.faults.append(f"{name} {raw} tem mais casas que as {limits.decimals} que o TOTVS guarda")
        if len(str(abs(int(exact)))) > limits.digits:
            self.faults.append(f"{name} {raw} tem mais algarismos que os {limits.digits} que o TOTVS guarda")
        plain: int | str = int(exact) if exact == int(exact) else str(exact)
        return formatted(asked, plain, limits.decimals)

    def _fitting(self, place: str, asked: Placeholder, text: str) -> str:
        name = asked.value.name
        if name in _FREE_TEXTS:
            text = text.encode("cp1252", "replace").decode("cp1252")
        try:
            length = len(text.encode("cp1252"))
        except UnicodeEncodeError:
            self.faults.append(f"{_named(place, name)} {text!r} tem um caractere que o Protheus não guarda (CP1252)")
            return text
        column = (
            None
            if name in _FREE_TEXTS or asked.form == "UUID"
            else self._limits.lengths.get(_LENGTH_AS.get(name, name))
        )
        most = min((one for one in (column, asked.longest) if one is not None), default=None)
        if most is not None and length > most:
            fix = f"; traduza-o em totvs.reports.codes ({text!r} → código do TOTVS)" if name == "codigo" else ""
            self.faults.append(f"{_named(place, name)} {text!r} tem {length} caracteres, cabem {most}{fix}")
        return text


def _named(place: str, name: str) -> str:
    return name if not place or place.rpartition(".")[2] == name else f"{place}: {name}"


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _words(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
