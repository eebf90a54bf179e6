"""An environment's file, `config/ambientes/<ambiente>.json`: what a deploy must be given by people, and no secret."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from sicfar.settings import SettingError
from sicfar.validation import Strict, faults, refused

FOLDER = Path("config") / "ambientes"


class Environment(Strict):
    """One environment. What is not said has the template's default."""

    json_schema: str | None = Field(None, alias="$schema", description="para o editor")
    name: Literal["local", "homolog", "prod"] = Field(alias="ambiente")
    region: str = Field("sa-east-1", alias="regiao", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", examples=["sa-east-1"])
    supabase_url: str = Field(
        pattern=r"^https?://[^/\s]+/?$", description="a URL do projeto", examples=["https://<ref>.supabase.co"]
    )
    totvs_config: str = Field(
        "config/endpoints.json", description="o arquivo de endereços do TOTVS", examples=["config/endpoints.json"]
    )
    without_reports: bool = Field(False, alias="semEnvios", description="publicar sem as formas de sucesso")
    parameters: dict[str, str] = Field(
        default_factory=dict, alias="parametros", description="outros parâmetros do template, por nome"
    )

    @field_validator("supabase_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("parameters", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """CloudFormation takes text; people write numbers as numbers."""
        if not isinstance(value, Mapping):
            return value
        if wrong := [name for name, one in value.items() if isinstance(one, bool) or not isinstance(one, (str, int))]:
            raise refused(f"escreva um texto ou um número inteiro em {wrong[0]}")
        return {name: str(one) for name, one in value.items()}

    @property
    def stack(self) -> str:
        """Name of the CloudFormation stack."""
        return f"sicfar-{self.name}"

    @property
    def totvs_parameter(self) -> str:
        """Name of the SSM parameter with the ERP's configuration."""
        return f"/sicfar/{self.name}/totvs"

    def secret(self, what: str) -> str:
        """Name of one of the environment's secrets: supabase, totvs, totvs-webhook, fechamentos, auditoria."""
        return f"sicfar/{self.name}/{what}"

    @property
    def own_parameters(self) -> dict[str, str]:
        """The template's parameters that follow from the environment, which nobody gives one by one."""
        return {
            "Ambiente": self.name,
            "SupabaseUrl": self.supabase_url,
            "SupabaseSecretId": self.secret("supabase"),
            "TotvsConfigParametro": self.totvs_parameter,
            "TotvsSecretId": self.secret("totvs"),
            "TotvsWebhookSecretId": self.secret("totvs-webhook"),
            "FechamentosSecretId": self.secret("fechamentos"),
            "AuditoriaSecretId": self.secret("auditoria"),
        }


def load(name: str, file: Path | None, given: Mapping[str, object], parameters: Mapping[str, str]) -> Environment:
    """The environment `name`, from `file` or from its usual place; what is given on the command line goes first.

    Without a usual file the command line must say everything. Raises SettingError, with every fault.
    """
    path = file or FOLDER / f"{name}.json"
    said: dict[str, object] = {}
    if file or path.is_file():
        said = _read(path)
    elif not given.get("supabaseUrl"):
        raise SettingError(
            "environment_missing",
            "o arquivo do ambiente não existe",
            where=str(path),
            action=f"copie {FOLDER / 'exemplo.json'} com este nome e escreva nele a URL do projeto Supabase",
        )
    said = {"ambiente": name, **said, **{key: value for key, value in given.items() if value is not None}}
    if said["ambiente"] != name:
        raise SettingError(
            "environment_mismatch",
            f"o arquivo é do ambiente {said['ambiente']!r}, e o comando diz {name!r}",
            where=str(path),
            action="dê --ambiente e --arquivo do mesmo ambiente",
        )
    if parameters:
        kept = said.get("parametros", {})
        said["parametros"] = {**(kept if isinstance(kept, dict) else {}), **parameters}
    try:
        return Environment.model_validate(said)
    except ValidationError as cause:
        raise SettingError(
            "environment_invalid", "; ".join(faults(cause, Environment)), where=str(path), action="corrija o arquivo"
        ) from None


def _read(path: Path) -> dict[str, object]:
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as cause:
        raise SettingError(
            "environment_unreadable", f"o arquivo não pôde ser lido ({cause.strerror})", where=str(path)
        ) from cause
    except ValueError as cause:
        raise SettingError("environment_not_json", f"não é JSON: {cause}", where=str(path)) from cause
    if not isinstance(said, dict):
        raise SettingError("environment_not_json", "não é um objeto JSON", where=str(path))
    return said
