"""Configuration that people write: models that take no key they do not have, and every fault of it said at once.

`faults` translates pydantic's errors. Each says where, what is there, and what to write instead; a mistyped key also
which one was probably meant. A value that may be a secret is never shown.
"""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

HIDDEN = "hidden"
"""The type of a custom error whose value is not shown."""
SAID = "said"
"""The type of a custom error that says itself what is wrong."""


class Strict(BaseModel):
    """A part of a configuration: keys in camelCase, read-only, nothing unknown."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
        defer_build=True,
        hide_input_in_errors=True,
    )


class Secret:
    """Marks a field, in its `Annotated`, whose value may be a secret."""


def refused(fix: str, *, hidden: bool = False) -> PydanticCustomError:
    """The error of a validator of ours: ``fix`` is what to write instead."""
    return PydanticCustomError(HIDDEN if hidden else "refused", "{fix}", {"fix": fix})


def said(message: str) -> PydanticCustomError:
    """The error of a validator of ours that looks into several values: ``message`` is all there is to say."""
    return PydanticCustomError(SAID, "{fix}", {"fix": message})


def nearest(name: str, names: Sequence[str], *, alike: float = 0.6) -> str | None:
    """The name that a mistyped one was probably meant to be; None if none is near.

    `alike`: how much of both must agree, 0 to 1; more where the answer is a refusal and not advice.
    """
    import difflib  # only who mistypes a name needs it

    return next(iter(difflib.get_close_matches(name, names, 1, alike)), None)


def faults(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Every fault of a value that `model` refused, in Portuguese: ``path: what is there; what to write instead``."""
    return [_fault(one, model) for one in error.errors(include_url=False)]


def instead(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What to write instead of a value that `model` refused."""
    return _fix(error, _followed(error["loc"], model)[1])


def _fault(error: ErrorDetails, model: type[BaseModel]) -> str:
    path, field, keys = _followed(error["loc"], model)
    if error["type"] == "extra_forbidden":
        mistyped = str(error["loc"][-1])
        path = f"{_followed(error['loc'][:-1], model)[0]}.{mistyped}" if len(error["loc"]) > 1 else mistyped
        near = nearest(mistyped, keys)
        return f"{path}: chave desconhecida; " + (f"seria `{near}`?" if near else f"as chaves são {', '.join(keys)}")
    if error["type"].startswith("union_tag_"):
        return _which(error, path, field)
    if error["type"] == SAID:
        return f"{path}: {_fix(error, field)}"
    if error["type"] == "missing":
        return f"{path}: falta; {_fix(error, field)}"
    shown = "(oculto)" if error["type"] == HIDDEN or _is_secret(field) else _shown(error["input"], field)
    return f"{path}: {shown} não serve; {_fix(error, field)}"


def _which(error: ErrorDetails, path: str, field: FieldInfo) -> str:
    """The fault of an object that does not say, or says wrongly, which of several kinds it is."""
    key = str(field.discriminator)
    given = error["input"].get(key)
    there = "falta" if given is None else f"{_shown(given, FieldInfo())} não serve"
    return f"{path}.{key}: {there}; use um de {', '.join(_kinds(field))}"


def _kinds(field: FieldInfo) -> dict[str, type[BaseModel]]:
    """The models of a value that may be of several kinds, by what its discriminator says of each."""
    return {
        str(kind): model
        for model in get_args(field.annotation)
        if field.discriminator
        for kind in get_args(model.model_fields[str(field.discriminator)].annotation)
    }


def _followed(location: Sequence[int | str], model: type[BaseModel]) -> tuple[str, FieldInfo, list[str]]:
    """The path of an error as the file has it, the field it is about, and the keys of the object it is in."""
    path, field, keys = "", FieldInfo.from_annotation(model), list[str]()
    parts: tuple[Any, ...] = ()
    for step in location:
        if step == "[key]":  # the error is about the key just passed, not about its value
            return path, FieldInfo.from_annotation(parts[0]), keys
        if step in (kinds := _kinds(field)):
            field = FieldInfo.from_annotation(kinds[str(step)])
            keys = [info.alias or name for name, info in kinds[str(step)].model_fields.items()]
            continue
        inside = _without_none(field.annotation)
        fields = getattr(inside, "model_fields", {})
        named = {info.alias or name: info for name, info in fields.items()}
        keys, parts = list(named), get_args(inside)
        if step in fields:  # of a default pydantic gives the field's name
            step = fields[step].alias or step
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
        below: list[Any] = [one for one in parts if one is not Ellipsis][-1:]
        field = named.get(str(step)) or (FieldInfo.from_annotation(below[0]) if below else FieldInfo())
    return path or "o arquivo", field, keys


def _without_none(annotation: object) -> object:
    """What a value is that may also be null."""
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _without_none(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _fix(error: ErrorDetails, field: FieldInfo) -> str:
    """What to write instead."""
    if fix := error.get("ctx", {}).get("fix"):
        return str(fix)
    kind, inside = error["type"], _without_none(field.annotation)
    choices = get_args(inside) if get_origin(inside) is Literal else _members(inside)
    if choices:
        return f"use um de {', '.join(map(str, choices))}"
    wanted = _wanted(kind, inside, field)
    if kind == "missing" and inside in (bool, int) and field.description:
        wanted += f" ({field.description})"
    return f"escreva {wanted}" + (f", p. ex. {field.examples[0]}" if field.examples else "")


def _wanted(kind: str, inside: object, field: FieldInfo) -> str:
    """What a value has to be, as the object of "escreva"."""
    if kind == "too_short":
        return "ao menos um item"
    if kind == "too_long":
        return f"no máximo {_bound(field, MaxLen)} itens"
    if inside is bool:
        return "true ou false"
    if inside is int:
        return f"um inteiro de {_bound(field, Ge)} a {_bound(field, Le)}"
    if get_origin(inside) in (tuple, frozenset):
        return "uma lista [ … ]"
    if _holds_several(inside):
        return "um objeto { … }"
    if kind == "string_type" and not _is_secret(field):
        return "um texto entre aspas"
    return field.description or "outro valor"


def _is_secret(field: FieldInfo) -> bool:
    """Whether a field, or what a list holds, is marked as a secret."""
    parts = [one for one in get_args(_without_none(field.annotation)) if one is not Ellipsis]
    marks = [*field.metadata, *(mark for part in parts for mark in FieldInfo.from_annotation(part).metadata)]
    return any(isinstance(mark, Secret) for mark in marks)


def _members(annotation: object) -> list[object]:
    return list(annotation) if isinstance(annotation, type) and issubclass(annotation, Enum) else []


def _holds_several(annotation: object) -> bool:
    """Whether it is an object or a list."""
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return is_model or get_origin(annotation) in (dict, tuple, frozenset, Mapping)


def _bound(field: FieldInfo, kind: type[Ge] | type[Le] | type[MaxLen]) -> object:
    attribute = {Ge: "ge", Le: "le", MaxLen: "max_length"}[kind]
    return next((getattr(mark, attribute) for mark in field.metadata if isinstance(mark, kind)), "…")


def _shown(value: object, field: FieldInfo) -> str:
    """A value as a fault quotes it. Of objects and lists, and in their place, only the sort: they may hold a secret."""
    if isinstance(value, dict | list | tuple):
        return "um objeto" if isinstance(value, dict) else "uma lista"
    if isinstance(value, str) and _holds_several(_without_none(field.annotation)):
        return "um texto"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "…"
