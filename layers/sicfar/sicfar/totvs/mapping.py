"""How this customer's services name things, where they differ from Protheus's own names: configuration, never code.

No public contract exists for the ERP's services, so envelopes, field names, values and line codes can each be mapped.
"""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field

from sicfar.settings import SettingError
from sicfar.totvs.model import FIELDS, Kind


@dataclass(frozen=True, slots=True)
class Envelope:
    """Another envelope than ours: recognised by `when` (dotted path → value), its parts found by dotted paths."""

    when: AnyMapping[str, str]
    kind: Kind
    data: str
    items: str | None = None
    event_id: str | None = None
    version: str | None = None
    happened_at: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything mapped; ``Mapping()`` is nothing."""

    lines: AnyMapping[str, str] = field(default_factory=dict)
    """Their code of a line → `linha_id`."""
    fields: AnyMapping[Kind, AnyMapping[str, str]] = field(default_factory=dict)
    """Our field → the dotted path of theirs, inside the row."""
    values: AnyMapping[Kind, AnyMapping[str, AnyMapping[str, str]]] = field(default_factory=dict)
    """Field → their value → ours."""
    envelopes: tuple[Envelope, ...] = ()

    @classmethod
    def parse(cls, value: object, where: str) -> "Mapping":
        """Read the configuration's `mapping`. Raises SettingError naming key, value and what to write instead."""
        top = _object(value, where, ("linhas", "campos", "valores", "envelopes"))
        fields = _object(top.get("campos", {}), f"{where}.campos", tuple(Kind))
        values = _object(top.get("valores", {}), f"{where}.valores", tuple(Kind))
        envelopes = top.get("envelopes", [])
        if not isinstance(envelopes, list):
            raise _wrong(f"{where}.envelopes", envelopes, "escreva uma lista de objetos")
        return cls(
            lines=_texts(top.get("linhas", {}), f"{where}.linhas"),
            fields={
                Kind(kind): _texts(paths, f"{where}.campos.{kind}", _names(Kind(kind)))
                for kind, paths in fields.items()
            },
            values={
                Kind(kind): {
                    name: _texts(table, f"{where}.valores.{kind}.{name}")
                    for name, table in _object(tables, f"{where}.valores.{kind}", _names(Kind(kind))).items()
                }
                for kind, tables in values.items()
            },
            envelopes=tuple(_envelope(entry, f"{where}.envelopes[{n}]") for n, entry in enumerate(envelopes)),
        )


def at_path(value: object, path: str) -> tuple[bool, object]:
    """Follow a dotted path; whether it leads anywhere, and where."""
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return False, None
        value = value[key]
    return True, value


def _names(kind: Kind) -> tuple[str, ...]:
    return tuple(known.name for known in FIELDS[kind])


def _envelope(value: object, where: str) -> Envelope:
    entry = _object(value, where, ("quando", "tipo", "dados", "itens", "id", "versao", "ocorrido_em"))
    when = _texts(entry.get("quando", {}), f"{where}.quando")
    if not when:
        raise _wrong(f"{where}.quando", entry.get("quando"), 'diga como reconhecê-lo, p. ex. {"Header.Type": "OP"}')
    if entry.get("tipo") not in tuple(Kind):
        raise _wrong(f"{where}.tipo", entry.get("tipo"), f"use um de {', '.join(Kind)}")
    texts: dict[str, str] = {}
    for name in ("dados", "itens", "id", "versao", "ocorrido_em"):
        path = entry.get(name)
        if isinstance(path, str) and path:
            texts[name] = path
        elif name in entry:
            raise _wrong(f"{where}.{name}", path, "escreva um caminho como Content.Number")
    if "dados" not in texts and "itens" not in texts:
        raise _wrong(where, entry, "diga em `dados` (um) ou `itens` (vários) onde estão os campos")
    return Envelope(
        when=when,
        kind=Kind(str(entry["tipo"])),
        data=texts.get("dados", ""),
        items=texts.get("itens"),
        event_id=texts.get("id"),
        version=texts.get("versao"),
        happened_at=texts.get("ocorrido_em"),
    )


def _object(value: object, where: str, known: tuple[str, ...] = ()) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(where, value, "escreva um objeto { … }")
    for key in value:
        if known and key not in known:
            raise _wrong(f"{where}.{key}", value[key], f"as chaves são {', '.join(known)}")
    return value


def _texts(value: object, where: str, known: tuple[str, ...] = ()) -> dict[str, str]:
    entries = _object(value, where, known)
    for key, text in entries.items():
        if not isinstance(text, str) or not text:
            raise _wrong(f"{where}.{key}", text, "escreva um texto entre aspas")
    return {key: str(text) for key, text in entries.items()}


def _wrong(where: str, value: object, fix: str) -> SettingError:
    return SettingError("setting_invalid", f"{str(value)[:60]!r} não serve", where=where, action=fix)
