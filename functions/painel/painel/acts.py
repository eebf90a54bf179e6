"""What people do, as the database describes it (`atos_pessoas`): the fields of a form, and what was typed into them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, time

from pydantic import Field

from painel import page
from painel.supabase import Answer
from sicfar.errors import PermanentError

Fields = Mapping[str, Sequence[str]]
"""A posted form: each field's values."""
Details = Mapping[str, object]
"""What a matter says about itself (`pendencias.detalhes`): the arguments of its functions, and figures."""
_INPUTS = {"inteiro": "text", "instante": "datetime-local", "data": "date", "hora": "time"}


class NotTypedError(PermanentError):
    """A field is empty that must not be, or says what its type cannot be; the message names it as the form does."""


class Argument(Answer):
    """One argument of a function; what the attributes mean stands in `supabase/schemas/118_acts.sql`."""

    name: str = Field(alias="nome")
    label: str = Field(alias="rotulo")
    kind: str = Field(alias="tipo")
    required: bool = Field(alias="obrigatorio")
    optional: bool = Field(alias="opcional")
    is_asked: bool = Field(alias="pedir")
    choices: list[dict[str, str]] = Field(default=[], alias="escolhas")
    shortest: int | None = Field(default=None, alias="minimo")
    longest: int | None = Field(default=None, alias="maximo")
    detail: str | None = Field(default=None, alias="de_detalhes")
    grows: bool = Field(default=False, alias="ate_visto")
    suggested: str | None = Field(default=None, alias="sugestao")
    blank: str | None = Field(default=None, alias="vazio")

    @property
    def input_type(self) -> str:
        """The type of its HTML input."""
        return _INPUTS.get(self.kind, "text")

    def given(self, details: Details) -> bool:
        """Whether a matter says it by itself."""
        return self.detail in details

    def suggestion(self, details: Details) -> str:
        """What its field begins with, as an input of its type takes it."""
        value = details.get(self.suggested or "")
        if value is None:
            return ""
        return page.field(str(value)) if self.kind == "instante" else str(value)

    def typed(self, text: str) -> object:
        """The value of what was typed; instants are the plant's time. Raises NotTypedError."""
        text = text.strip()
        if not text:
            if self.required:
                raise NotTypedError("field_missing", f"Falta preencher: {self.label}.")
            return self.blank
        try:
            match self.kind:
                case "inteiro":
                    return int(text.replace(".", ""))
                case "instante":
                    return page.typed_instant(text)
                case "data":
                    return date.fromisoformat(text).isoformat()
                case "hora":
                    return time.fromisoformat(text).isoformat()
                case "sim_nao":
                    return text == "sim"
                case "mapa":
                    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
                    return {code.strip(): int(number) if number.strip() else None for code, _, number in pairs}
        except ValueError:
            raise NotTypedError("field_invalid", f"Não se entende o que foi digitado em: {self.label}.") from None
        return text


class Act(Answer):
    """A function people call, in the plant's words."""

    function: str = Field(alias="funcao")
    title: str = Field(alias="titulo")
    explanation: str = Field(alias="explicacao")
    all_sectors: bool = Field(alias="todos_setores")
    screen: str | None = Field(alias="tela")
    bulk: bool = Field(alias="em_lote")
    compared: list[str] = Field(alias="confere")
    takes: list[Argument] = Field(alias="argumentos")

    def asked(self, *details: Details) -> list[Argument]:
        """What a person is asked for; without details, all that a form of its own asks."""
        return [one for one in self.takes if one.is_asked and not (details and all(one.given(d) for d in details))]

    def can_be_called(self, details: Details) -> bool:
        """Whether the matter and a person together say all that the function needs."""
        return all(one.is_asked or one.given(details) or not one.required for one in self.takes)

    def shown(self, details: Details) -> dict[str, object]:
        """What a person sees of the matter and decides upon: it goes into the form, and is compared when it is back."""
        keys = [one.detail for one in self.takes if one.detail] + self.compared
        return {key: details[key] for key in keys if key in details}

    def call(self, details: Details, shown: Details, fields: Fields) -> dict[str, object]:
        """The call's arguments: of the matter as the database has it now, and of what was typed.

        Raises:
            NotTypedError: a field is missing or invalid, or the matter is not any more what was shown.
        """
        now = self.shown(details)
        growing = {one.detail for one in self.takes if one.grows}
        if any(shown.get(key) != value for key, value in now.items() if key not in growing):
            raise _changed()
        made: dict[str, object] = {}
        for one in self.takes:
            if one.detail in now:
                made[one.name] = _least(now[one.detail], shown.get(one.detail)) if one.grows else now[one.detail]
            elif one.is_asked:
                value = one.typed((fields.get(one.name) or [""])[0])
                if value is not None or not one.optional:
                    made[one.name] = value
        return made


def plain(text: str, titles: Mapping[str, str]) -> str:
    """A text of the database's with the functions it names called as the buttons are."""
    return re.sub(
        r"\b[a-z]+(?:_[a-z]+)+\b", lambda name: f"“{titles[name[0]]}”" if name[0] in titles else name[0], text
    )


def packed(shown: Details) -> str:
    """What was shown, for a hidden field."""
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> dict[str, object]:
    """What `packed` made; what is no such thing is nothing shown, which agrees with no matter."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _changed() -> NotTypedError:
    return NotTypedError("matter_changed", "O assunto mudou desde que foi mostrado: confira-o de novo.")


def _least(now: object, shown: object) -> object:
    """The smaller of two whole numbers, or the earlier of two instants."""
    try:
        return min(
            now, shown, key=lambda value: value if isinstance(value, int) else page.instant(str(value)).timestamp()
        )
    except ValueError:
        raise _changed() from None
