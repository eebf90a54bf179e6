"""What is wrong with a configuration is said in Portuguese, all at once, and a secret is never shown."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError, field_validator

from sicfar.validation import Secret, Strict, faults, instead, refused


class Colour(StrEnum):
    RED = "vermelho"
    BLUE = "azul"


Key = Annotated[str, Secret(), Field(pattern="^[a-z]+$", description="o nome de uma chave")]


class Part(Strict):
    depth_mm: Annotated[int, Field(strict=True)] = Field(5, ge=1, le=9)
    kind: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    name: str = Field("x", min_length=1, description="um nome", examples=["Lata"])
    is_open: Annotated[bool, Field(strict=True)] = False

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name.startswith("senha="):
            raise refused("tire a senha do nome", hidden=True)
        return name


class Round(Strict):
    shape: Literal["round"]
    radius: Annotated[int, Field(strict=True)] = Field(ge=1, le=9, description="do centro à borda")


class Square(Strict):
    shape: Literal["square"]
    sides: dict[str, Part] = Field(min_length=1, description="lados")


class Whole(Strict):
    part: Part
    parts: tuple[Part, ...] = Field((), max_length=1)
    maybe: Part | None = None
    by_name: dict[str, Part] = Field({}, description="nome → peça")
    by_colour: dict[Colour, int] = Field({})
    key: Key = "k"
    keys: tuple[Key, ...] = ()
    tags: frozenset[str] = frozenset()
    shapes: dict[str, Annotated[Round | Square, Field(discriminator="shape")]] = Field({})


def told(value: object) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        Whole.model_validate(value)
    return faults(refusal.value, Whole)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([], "o arquivo: uma lista não serve; escreva um objeto { … }"),
        ({}, "part: falta; escreva um objeto { … }"),
        ({"part": "p"}, "part: um texto não serve; escreva um objeto { … }"),
        ({"part": {"depthMm": 10}}, "part.depthMm: 10 não serve; escreva um inteiro de 1 a 9"),
        ({"part": {"depthMm": "5"}}, 'part.depthMm: "5" não serve; escreva um inteiro de 1 a 9'),
        ({"part": {"depth_mm": 5}}, "part.depth_mm: chave desconhecida; seria `depthMm`?"),
        ({"part": {"q": 5}}, "part.q: chave desconhecida; as chaves são depthMm, kind, colour, name, isOpen"),
        ({"part": {"kind": "c"}}, 'part.kind: "c" não serve; use um de a, b'),
        ({"part": {"colour": "verde"}}, 'part.colour: "verde" não serve; use um de vermelho, azul'),
        ({"part": {"name": ""}}, 'part.name: "" não serve; escreva um nome, p. ex. Lata'),
        ({"part": {"name": "senha=abc"}}, "part.name: (oculto) não serve; tire a senha do nome"),
        ({"part": {"isOpen": 1}}, "part.isOpen: 1 não serve; escreva true ou false"),
        ({"part": {}, "parts": {}}, "parts: um objeto não serve; escreva uma lista [ … ]"),
        ({"part": {}, "parts": [{}, {}]}, "parts: uma lista não serve; escreva no máximo 1 itens"),
        ({"part": {}, "parts": [{"kind": 1}]}, "parts[0].kind: 1 não serve; use um de a, b"),
        ({"part": {}, "maybe": {"kind": 1}}, "maybe.kind: 1 não serve; use um de a, b"),
        ({"part": {}, "byName": {"x": {"kind": 1}}}, "byName.x.kind: 1 não serve; use um de a, b"),
        ({"part": {}, "byColour": {"verde": 1}}, 'byColour.verde: "verde" não serve; use um de vermelho, azul'),
        ({"part": {}, "key": "SEGREDO"}, "key: (oculto) não serve; escreva o nome de uma chave"),
        ({"part": {}, "key": {"x": "SEGREDO"}}, "key: (oculto) não serve; escreva o nome de uma chave"),
        ({"part": {}, "keys": ["a", "SEGREDO"]}, "keys[1]: (oculto) não serve; escreva o nome de uma chave"),
        ({"part": {}, "tags": "a"}, "tags: um texto não serve; escreva uma lista [ … ]"),
        ({"part": {}, "shapes": {"x": []}}, "shapes.x: uma lista não serve; escreva um objeto { … }"),
        ({"part": {}, "shapes": {"x": {}}}, "shapes.x.shape: falta; use um de round, square"),
        ({"part": {}, "shapes": {"x": {"shape": 1}}}, "shapes.x.shape: 1 não serve; use um de round, square"),
        (
            {"part": {}, "shapes": {"x": {"shape": "round"}}},
            "shapes.x.radius: falta; escreva um inteiro de 1 a 9 (do centro à borda)",
        ),
        (
            {"part": {}, "shapes": {"x": {"shape": "round", "radius": 1, "sids": 1}}},
            "shapes.x.sids: chave desconhecida; as chaves são shape, radius",
        ),
        (
            {"part": {}, "shapes": {"x": {"shape": "square", "sides": {}}}},
            "shapes.x.sides: um objeto não serve; escreva ao menos um item",
        ),
        (
            {"part": {}, "shapes": {"x": {"shape": "square", "sides": {"l": {"kind": 1}}}}},
            "shapes.x.sides.l.kind: 1 não serve; use um de a, b",
        ),
        ({"part": {}, "keys": "SEGREDO"}, "keys: (oculto) não serve; escreva uma lista [ … ]"),
    ],
)
def test_a_fault_says_where_what_is_there_and_what_to_write(value, fault):
    assert told(value) == [fault]


def test_every_fault_is_told_at_once():
    wrong = {"part": {"depthMm": 0, "kind": 1}, "parts": [{"q": 1}], "key": 1}
    assert [fault.split(":")[0] for fault in told(wrong)] == ["part.depthMm", "part.kind", "parts[0].q", "key"]


def test_a_long_value_is_cut():
    (fault,) = told({"part": {"kind": "x" * 500}})
    assert len(fault) < 130


def test_p9_the_librarys_own_text_of_an_error_shows_no_value():
    with pytest.raises(ValidationError) as refusal:
        Whole.model_validate({"part": {}, "key": "SEGREDO"})
    assert "SEGREDO" not in str(refusal.value)


def test_what_to_write_can_be_had_without_the_rest():
    with pytest.raises(ValidationError) as refusal:
        Whole.model_validate({"part": {"kind": "c"}})
    assert instead(refusal.value.errors()[0], Whole) == "use um de a, b"
