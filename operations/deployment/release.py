"""A release: the built template, one zip for each function and layer, the database's migrations. No build tool needed.

`python -m local.release` makes it on Linux; what deploys it is Python alone, so it may be a Windows.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from sicfar.settings import SettingError
from sicfar.validation import Strict, nearest

DESCRIPTION = "versao.json"
TEMPLATE = "template.json"
CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
"""Types with code of their own, and the property that says where it is."""
USUAL = (Path("nuvem"), Path("dist") / "nuvem")
"""Where a release is: beside the command that came with it, or where `make release` puts it."""
_MIGRATION = re.compile(r"(\d{14})_(\w+)\.sql")


class Description(Strict):
    """`versao.json`."""

    version: str = Field(alias="versao")
    files: dict[str, str] = Field(alias="arquivos")
    """Every other file by its path in the release → its SHA-256."""


class Parameter(BaseModel):
    """A parameter of the template."""

    type: str = Field(alias="Type")
    default: str | int | None = Field(None, alias="Default")
    allowed: list[str | int] = Field(default_factory=list, alias="AllowedValues")
    pattern: str | None = Field(None, alias="AllowedPattern")
    lowest: int | None = Field(None, alias="MinValue")
    highest: int | None = Field(None, alias="MaxValue")


class Template(BaseModel):
    """The template, as far as a deploy looks into it; the rest is CloudFormation's."""

    parameters: dict[str, Parameter] = Field(alias="Parameters")


@dataclass(frozen=True)
class Migration:
    """One step of the database, as the Supabase command line counts it."""

    version: str
    name: str
    path: Path


class Release:
    """A release in a folder, whole as its description says."""

    def __init__(self, folder: Path) -> None:
        """Raises SettingError if something of it is missing or was changed."""
        self.folder = folder
        try:
            text = (folder / DESCRIPTION).read_bytes()
        except OSError as cause:
            raise SettingError(
                "release_missing",
                "não há uma versão do SicFar aqui",
                where=str(folder),
                action="rode o comando na pasta do pacote, ou dê --versao; de um repositório: make release",
            ) from cause
        try:
            self.description = TypeAdapter(Description).validate_json(text)
        except ValidationError as cause:
            raise SettingError("release_invalid", "a descrição da versão não é legível", where=str(folder)) from cause
        for name, digest in self.description.files.items():
            path = folder / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise SettingError(
                    "release_damaged",
                    f"{name} falta ou não é o que saiu da fábrica do pacote",
                    where=str(folder),
                    action="descompacte o pacote de novo, inteiro",
                )

    @cached_property
    def template_text(self) -> str:
        """The template as JSON; code is named by its zip's path in the release."""
        return (self.folder / TEMPLATE).read_text(encoding="utf-8")

    @cached_property
    def template(self) -> Template:
        """What is read of the template here."""
        return Template.model_validate_json(self.template_text)

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """Every migration of this version, in order."""
        found = sorted((self.folder / "migrations").glob("*.sql"))
        parts = ((path, _MIGRATION.fullmatch(path.name)) for path in found)
        return tuple(Migration(part[1], part[2], path) for path, part in parts if part)

    def check_parameters(self, given: Mapping[str, str], own: Mapping[str, str]) -> None:
        """Refuse what the template does not take. Raises SettingError with every fault, and the name probably meant."""
        declared = self.template.parameters
        wrong = []
        for name, value in given.items():
            if name in own:
                wrong.append(f"{name}: segue do ambiente e não se dá")
            elif name not in declared:
                near = nearest(name, list(declared))
                names = ", ".join(one for one in declared if one not in own)
                wrong.append(f"{name}: o template não o tem; " + (f"seria {near}?" if near else f"os que tem: {names}"))
            elif fault := _fault(declared[name], value):
                wrong.append(f"{name}: {value!r} não serve; {fault}")
        missing = [name for name, one in declared.items() if one.default is None and name not in {**own, **given}]
        wrong += [f"{name}: falta" for name in missing]
        if wrong:
            raise SettingError(
                "parameter_refused", "; ".join(wrong), where="parametros", action="corrija o arquivo do ambiente"
            )


def _fault(declared: Parameter, value: str) -> str:
    """What to write instead of a value, empty if the parameter takes it."""
    if declared.type == "Number":
        if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return "escreva um número"
        if declared.lowest is not None and float(value) < declared.lowest:
            return f"o mínimo é {declared.lowest}"
        if declared.highest is not None and float(value) > declared.highest:
            return f"o máximo é {declared.highest}"
    if declared.allowed and value not in map(str, declared.allowed):
        return f"os valores são {', '.join(map(str, declared.allowed))}"
    if declared.pattern and not re.fullmatch(declared.pattern, value):
        return f"deve casar com {declared.pattern}"
    return ""


def find(folder: Path | None) -> Release:
    """The release in `folder`, or in its usual place. Raises SettingError."""
    return Release(folder or next((one for one in USUAL if (one / DESCRIPTION).is_file()), USUAL[0]))
