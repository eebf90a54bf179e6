"""The schemas of what SicFar reports to TOTVS in its own shape, made from the template that writes it.

Which keys there are, and which of them may be left out, the template says; what each holds, the table of values; how
long a text and how large a number may be, the limits of the configuration as they are by default.
"""

import json
from collections.abc import Sequence

from operations.totvs_sample import sample
from sicfar.database.codes import ReportKind
from sicfar.totvs.canonical import canonical
from sicfar.totvs.config import Reports
from sicfar.totvs.placeholders import Empty, Placeholder
from sicfar.totvs.report_values import OPERATIONS, Type
from sicfar.totvs.reports import written
from sicfar.totvs.template_parts import Part, Repeat, Text

REPORTS = {
    "Producao": (ReportKind.PRODUCTION, ReportKind.PARTIAL),
    "Correcao": (ReportKind.ADJUSTMENT, ReportKind.REVERSAL),
    "Perdas": (ReportKind.LOSSES,),
    "Situacao": (ReportKind.STATUS,),
}
"""Component of the document → the reports that have this shape."""
_FORMATS = {Type.INSTANT: "date-time", Type.DAY: "date"}
_LIMITS = Reports()

Schema = dict[str, object]


def report_schemas() -> dict[str, object]:
    """The schema of each shape, with an example of each report that has it."""
    schemas: dict[str, object] = {}
    for name, kinds in REPORTS.items():
        section = canonical().section(kinds[0])
        assert section is not None  # noqa: S101 - our own shape sends every report
        examples = [json.loads(written(_LIMITS, sample(kind, whole=False)).body or b"") for kind in kinds]
        schemas[name] = {**_schema(section.body, kinds), "examples": examples}
    return schemas


def _schema(part: Part, kinds: Sequence[ReportKind]) -> Schema:
    """The schema of a part of a body. Raises TypeError for what our own shape does not use."""
    match part:
        case Text(pieces=(Placeholder() as asked,)):
            return _value(asked, kinds)
        case dict():
            required = [key for key, item in part.items() if not _may_be_left_out(item)]
            properties = {key: _schema(item, kinds) for key, item in part.items()}
            return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}
        case [Repeat(each=each, element=element)]:
            return {"type": "array", "description": each.value.meaning, "items": _schema(element, kinds)}
    raise TypeError(f"no schema for {part!r}")


def _may_be_left_out(part: Part) -> bool:
    return isinstance(part, Text) and any(
        isinstance(piece, Placeholder) and piece.empty is Empty.OMITTED for piece in part.pieces
    )


def _value(asked: Placeholder, kinds: Sequence[ReportKind]) -> Schema:
    value = asked.value
    said: Schema = {"description": value.meaning}
    if value.name == "operacao":
        return said | {"enum": [OPERATIONS[kind] for kind in kinds]}
    if value.type is Type.NUMBER:
        return said | {"type": "integer", "minimum": 0, "maximum": 10**_LIMITS.digits - 1}
    if value.type is Type.FLAG:
        return said | {"type": "boolean"}
    if value.words:
        return said | {"enum": list(value.words)}
    said |= {"type": "string"}
    if value.type in _FORMATS:
        said["format"] = _FORMATS[value.type]
    if value.name in _LIMITS.lengths:
        said["maxLength"] = _LIMITS.lengths[value.name]
    return said
