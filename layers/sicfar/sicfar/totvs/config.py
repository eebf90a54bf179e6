"""`config/endpoints.json`: where TOTVS is and how it is asked, for people who know the ERP and not this code.

Only `baseUrl` must be changed. Every other key has the value most sites want; a key that cannot be used stops the start
with its name, its value and what to write instead, all faults at once. The file's JSON Schema is made from these models
(`python -m local.contracts`); a description is a noun phrase, for it also completes "escreva …".
"""

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sicfar.references import Latest, Reference, read_again, resolve
from sicfar.settings import SettingError
from sicfar.totvs.intake import USUAL, Intake, config_folder, config_reference, config_text, read_file
from sicfar.totvs.mapping import NonEmpty
from sicfar.totvs.success import SuccessShape
from sicfar.totvs.templates import Template, embedded
from sicfar.validation import Strict, refused

LOCK_TEXTS = ("registro bloqueado", "registro em uso", "registro esta em uso", "tabela bloqueada", "deadlock")
"""What Protheus says of a lock, whatever HTTP status it says it with: the one place where text decides. Compared
without accents and capitals."""

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "172.17.0.1")

Count = Annotated[int, Field(strict=True)]
ServicePath = Annotated[str, Field(pattern="^/", description="o caminho depois de baseUrl", examples=["/produtos"])]


class Endpoints(Strict):
    """Paths of the services; those of an optional one that is not given are not read."""

    orders: ServicePath = Field(alias="ordens", examples=["/ordens-producao"])
    products: ServicePath = Field(alias="produtos")
    lots: ServicePath = Field(alias="lotes", examples=["/lotes"])
    materials: ServicePath | None = Field(None, alias="insumos")
    material_lots: ServicePath | None = Field(None, alias="lotesInsumo")
    speeds: ServicePath | None = Field(None, alias="velocidades")


class StableOrder(Strict):
    """For each service a key that never changes, so that rows do not move between pages while they are read."""

    orders: str = Field("numero_op", alias="ordens")
    products: str = Field("produto_codigo", alias="produtos")
    lots: str = Field("produto_codigo,numero_lote", alias="lotes")
    materials: str = Field("insumo_codigo", alias="insumos")
    material_lots: str = Field("produto_codigo,numero_lote", alias="lotesInsumo")
    speeds: str = Field("linha_id,produto_codigo", alias="velocidades")


class Auth(Strict):
    """How we identify ourselves: `bearer` with a token from `token_url`, or `basic`."""

    type: Literal["bearer", "basic"]
    token_url: str = Field(
        "", validate_default=True, description="o caminho depois de baseUrl", examples=["/auth/token"]
    )
    username: Reference = Field(default_factory=lambda: _in_the_secret("username"))
    password: Reference = Field(default_factory=lambda: _in_the_secret("password"))

    @field_validator("token_url")
    @classmethod
    def _needed_by_bearer(cls, path: str, info: ValidationInfo) -> str:
        if info.data.get("type") == "bearer" and not path.startswith("/"):
            raise refused("escreva o caminho depois de baseUrl, p. ex. /auth/token")
        return path


def _in_the_secret(key: str) -> str:
    """Where user name and password are unless the file says otherwise."""
    secret_id = os.environ.get("TOTVS_SECRET_ID")
    return f"secretsmanager:{secret_id}#{key}" if secret_id else f"env:TOTVS_{key.upper()}"


class Timeouts(Strict):
    """How long a call may take: until connected, until answered."""

    connect_seconds: Count = Field(5, ge=1, le=30, description="segundos até conectar")
    read_seconds: Count = Field(60, ge=1, le=300, description="segundos até responder")


class ChangedSince(Strict):
    """How rows changed since an instant are asked for; `overlap_minutes` are read again each time."""

    parameter: str = Field("alteradoDesde", description="o nome do parâmetro")
    format: Literal["iso", "protheus", "date"] = Field(
        "iso", description="iso (UTC), protheus (20260315 08:15:00) ou date, estes na hora da fábrica"
    )
    overlap_minutes: Count = Field(1440, ge=1, le=44_640, description="quanto do já lido é lido de novo")


class Query(Strict):
    """How the ERP is asked whether it has a report: a list filtered by ``parameter``, or a ``{id}`` in the path."""

    path: ServicePath
    parameter: str = Field("id_externo", description="o nome do parâmetro")


class ReportEndpoint(Strict):
    """Where reports of a kind go, if their template does not say. No ``query``: a doubtful one waits for a person. No
    ``success``: nothing would confirm one, so none is sent."""

    path: ServicePath = "/apontamentos"
    query: Query | None = Field(None, description="onde perguntar se um envio já entrou")
    success: SuccessShape | None = Field(None, description="a forma da resposta a um envio gravado")

    @model_validator(mode="before")
    @classmethod
    def _asked_where_it_goes(cls, value: object) -> object:
        if not isinstance(value, dict) or not isinstance(value.get("query"), dict):
            return value
        return {**value, "query": {"path": value.get("path", cls.model_fields["path"].default), **value["query"]}}


class Lengths(Strict):
    """Longest text Protheus takes per field: BC_MOTIVO, B8_LOTECTL as delivered, H6_OP, B1_COD as grown; the external
    id is ours."""

    reason: Count = Field(8, alias="codigo", ge=1, le=250)
    lot: Count = Field(10, alias="numero_lote", ge=1, le=250)
    order: Count = Field(14, alias="numero_op", ge=1, le=250)
    product: Count = Field(30, alias="produto_codigo", ge=1, le=250)
    external_id: Count = Field(50, alias="id_externo", ge=1, le=250)


class Losses(ReportEndpoint):
    """Where losses go."""

    path: ServicePath = "/perdas"


class Status(ReportEndpoint):
    """Where the status of a lot goes."""

    path: ServicePath = "/lotes/status"


class Reports(Strict):
    """What is reported to TOTVS, and how: endpoints, reason codes (ours → the ERP's), longest texts, digits."""

    production: ReportEndpoint = Field(USUAL, validate_default=True)
    losses: Losses = Field(USUAL, validate_default=True)
    status: Status = Field(USUAL, validate_default=True)
    codes: dict[str, NonEmpty] = Field({}, description="código de refugo do SicFar → do TOTVS")
    longest: Lengths = Field(USUAL, alias="lengths", validate_default=True)
    digits: Count = Field(12, ge=1, le=18, description="algarismos das quantidades")
    decimals: Count = Field(0, ge=0, le=6, description="casas das quantidades")
    template: Template | None = Field(
        None,
        description="o modelo dos envios: um objeto, ou um arquivo relativo a este",
        examples=["relatorios/mata681.json"],
    )

    @field_validator("template", mode="before")
    @classmethod
    def _embedded(cls, value: object, info: ValidationInfo) -> object:
        try:
            return embedded(value, info.context)
        except SettingError as error:
            raise refused(error.action) from error

    @cached_property
    def lengths(self) -> dict[str, int]:
        """The longest texts by the names of our fields."""
        return self.longest.model_dump(by_alias=True)


class TotvsConfig(Intake):
    """The `totvs` part of the file."""

    model_config = ConfigDict(extra="forbid")

    allow_http: bool = Field(default=False, strict=True, description="http:// é aceito, só numa rede fechada (VPN)")
    base_url: str = Field(
        description="o endereço dos serviços",
        examples=["https://totvs.farmace.com/api"],
        json_schema_extra={"format": "uri"},
    )
    services: Endpoints = Field(alias="endpoints")
    auth: Auth
    tenant_id: str | None = Field(None, description="empresa e filial", examples=["01,0101"])
    timeouts: Timeouts = Field(USUAL, validate_default=True)
    page_size: Count = Field(100, ge=1, le=1000, description="linhas por página")
    max_pages: Count = Field(500, ge=1, le=100_000, description="páginas de um serviço por execução")
    concurrency: Count = Field(3, ge=1, le=3, description="pedidos ao TOTVS ao mesmo tempo")
    changed_since: ChangedSince | None = Field(USUAL, validate_default=True)
    stable_order: StableOrder = Field(USUAL, alias="order", validate_default=True)
    reports: Reports = Field(USUAL, validate_default=True)
    ca_bundle: str | None = Field(None, description="um arquivo PEM ou uma referência ao texto dele")
    lock_texts: tuple[NonEmpty, ...] = Field(LOCK_TEXTS, description="textos de um registro bloqueado")

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str, info: ValidationInfo) -> str:
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            parts, host = None, None
        if "@" in url:
            raise refused("tire usuário e senha do endereço; eles vão em auth, por referência", hidden=True)
        if parts is None or not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
            raise refused("escreva o endereço do serviço, p. ex. https://totvs.farmace.com/api")
        if parts.scheme == "http" and host not in _LOCAL_HOSTS and not info.data.get("allow_http"):
            raise refused('use https; só numa rede fechada (VPN), escreva também "allowHttp": true')
        return url

    @classmethod
    def parse(cls, text: str, where: str, folder: Path | None = None) -> "TotvsConfig":
        """Read the file's text, in whose `folder` it may name a template. Raises SettingError with every fault, each
        naming key, value and fix."""
        return read_file(ConfigFile, text, where, folder).totvs

    @cached_property
    def endpoints(self) -> dict[str, str]:
        """Path of each service that is read, by its name in the file."""
        return self.services.model_dump(by_alias=True, exclude_none=True)

    @cached_property
    def order(self) -> dict[str, str]:
        """Stable key of each service, by its name in the file."""
        return self.stable_order.model_dump(by_alias=True)

    def url(self, path: str) -> str:
        """`base_url` with a path appended, as the file's example means it (never joined as a relative URL)."""
        return self.base_url.rstrip("/") + "/" + path.lstrip("/")


class ConfigFile(Strict):
    """The whole file: the gateway's parts are its own business."""

    editor_schema: str | None = Field(None, alias="$schema", description="para o editor; o SicFar não a lê")
    totvs: TotvsConfig
    clps: object = Field(None, description="as máquinas (docs/gateway.md)")
    gateway: object = Field(None, description="o gateway (docs/gateway.md)")


def load_config(reference: str) -> TotvsConfig:
    """Read the configuration from `ssm:/name`, `env:NAME` or `file:/path`. Raises SettingError."""
    return TotvsConfig.parse(*config_text(reference), config_folder(reference))


def latest_config(tell: Callable[[str], None]) -> Latest[tuple[str, str], TotvsConfig]:
    """The configuration as it is now; ``tell`` hears of a change that cannot be used."""
    return Latest(
        lambda: config_text(config_reference()),
        lambda found: TotvsConfig.parse(*found, config_folder(config_reference())),
        tell,
    )


def credentials(auth: Auth) -> tuple[str, str]:
    """User name and password of the ERP. Raises SettingError."""
    return resolve(auth.username, "totvs.auth.username"), resolve(auth.password, "totvs.auth.password")


def read_credentials_again(auth: Auth) -> None:
    """Read user name and password anew at once, for the ERP refused them; not more than once a minute."""
    for reference in {auth.username.partition("#")[0], auth.password.partition("#")[0]}:
        read_again(reference)
