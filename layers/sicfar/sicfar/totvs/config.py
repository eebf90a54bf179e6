"""`config/endpoints.json`: where TOTVS is and how it is asked, for people who know the ERP and not this code.

Only `baseUrl` must be changed. Every other key has the value most sites want; a key that cannot be used stops the start
with its name, its value and what to write instead, all faults at once.
"""

import difflib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sicfar.settings import SettingError
from sicfar.totvs.mapping import Mapping
from sicfar.totvs.references import EXAMPLES, REFERENCE, resolve
from sicfar.webhooks.signature import WebhookAuth

if TYPE_CHECKING:
    from sicfar.totvs.success import SuccessShape
    from sicfar.totvs.templates import Template

REQUIRED_ENDPOINTS = ("ordens", "produtos", "lotes")
OPTIONAL_ENDPOINTS = ("insumos", "lotesInsumo", "velocidades")
STABLE_ORDER = {
    "ordens": "numero_op",
    "produtos": "produto_codigo",
    "lotes": "produto_codigo,numero_lote",
    "insumos": "insumo_codigo",
    "lotesInsumo": "produto_codigo,numero_lote",
    "velocidades": "linha_id,produto_codigo",
}
"""A key that never changes, so that rows do not move between pages while they are read."""

LOCK_TEXTS = ("registro bloqueado", "registro em uso", "registro esta em uso", "tabela bloqueada", "deadlock")
"""What Protheus says of a lock, whatever HTTP status it says it with: the one place where text decides. Compared
without accents and capitals."""

REPORT_LENGTHS = {"codigo": 8, "numero_lote": 10, "numero_op": 14, "produto_codigo": 30, "id_externo": 50}
"""Longest text Protheus takes per field: BC_MOTIVO, B8_LOTECTL as delivered, H6_OP, B1_COD as grown; the external id
is ours."""

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "172.17.0.1")


@dataclass(frozen=True, slots=True)
class Auth:
    """How we identify ourselves: `bearer` with a token from `token_url`, or `basic`."""

    type: str
    token_url: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """How rows changed since an instant are asked for; `overlap_minutes` are read again each time."""

    parameter: str = "alteradoDesde"
    format: str = "iso"
    overlap_minutes: int = 1440


@dataclass(frozen=True, slots=True)
class Query:
    """How the ERP is asked whether it has a report: a list filtered by ``parameter``, or a ``{id}`` in the path."""

    path: str
    parameter: str = "id_externo"


@dataclass(frozen=True, slots=True)
class ReportEndpoint:
    """Where reports of a kind go, if their template does not say. No ``query``: a doubtful one waits for a person. No
    ``success``: nothing would confirm one, so none is sent."""

    path: str
    query: Query | None = None
    success: "SuccessShape | None" = None


@dataclass(frozen=True, slots=True)
class Reports:
    """What TOTVS is told and how: endpoints, the template (None: our own shape), reason codes (ours → the ERP's),
    longest texts, size of quantities."""

    production: ReportEndpoint = field(default_factory=lambda: ReportEndpoint("/apontamentos"))
    losses: ReportEndpoint = field(default_factory=lambda: ReportEndpoint("/perdas"))
    status: ReportEndpoint = field(default_factory=lambda: ReportEndpoint("/lotes/status"))
    codes: dict[str, str] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=lambda: dict(REPORT_LENGTHS))
    digits: int = 12
    decimals: int = 0
    template: "Template | None" = None


@dataclass(frozen=True, slots=True)
class TotvsConfig:
    """The `totvs` part of the file, checked."""

    base_url: str
    endpoints: dict[str, str]
    auth: Auth
    tenant_id: str | None = None
    connect_seconds: int = 5
    read_seconds: int = 60
    page_size: int = 100
    max_pages: int = 500
    concurrency: int = 3
    charset: str = "utf-8"
    changed_since: ChangedSince | None = field(default_factory=ChangedSince)
    order: dict[str, str] = field(default_factory=lambda: dict(STABLE_ORDER))
    mapping: Mapping = field(default_factory=Mapping)
    webhook: WebhookAuth = field(default_factory=WebhookAuth)
    reports: Reports = field(default_factory=Reports)
    ca_bundle: str | None = None
    lock_texts: tuple[str, ...] = LOCK_TEXTS

    @classmethod
    def parse(cls, text: str, where: str, folder: Path | None = None) -> "TotvsConfig":
        """Read the file's text. Raises SettingError with every fault, one a line, each naming key, value and fix.

        ``folder`` is where a file that the text names is looked for; None: it may name none.
        """
        return _Reader(where, folder).read(text)

    def url(self, path: str) -> str:
        """`base_url` with a path appended, as the file's example means it (never joined as a relative URL)."""
        return self.base_url.rstrip("/") + "/" + path.lstrip("/")


def load_config(reference: str) -> TotvsConfig:
    """Read the configuration from `ssm:/name`, `env:NAME` or `file:/path`. Raises SettingError."""
    if not reference.startswith("file:"):
        return TotvsConfig.parse(resolve(reference, "TOTVS_CONFIG"), reference)
    path = Path(reference.removeprefix("file:"))
    try:
        return TotvsConfig.parse(path.read_text(encoding="utf-8"), str(path), path.parent)
    except (OSError, UnicodeDecodeError) as cause:
        raise SettingError("config_unreadable", f"{type(cause).__name__}: {cause}", where=str(path)) from cause


def credentials(auth: Auth) -> tuple[str, str]:
    """User name and password of the ERP. Raises SettingError."""
    return resolve(auth.username, "totvs.auth.username"), resolve(auth.password, "totvs.auth.password")


def webhook_secrets(webhook: WebhookAuth) -> list[str]:
    """The one or two secrets that are valid now. Raises SettingError.

    The default secret's text is one secret, or a JSON list of one or two while it is being changed.
    """
    where = "totvs.webhook.auth.secrets"
    references = webhook.secrets
    if not references:
        secret_id = os.environ.get("TOTVS_WEBHOOK_SECRET_ID")
        references = (f"secretsmanager:{secret_id}" if secret_id else "env:TOTVS_WEBHOOK_SECRET",)
    found: list[str] = []
    for reference in references:
        text = resolve(reference, where)
        if text.startswith("["):
            try:
                several = json.loads(text)
            except ValueError:
                several = None
            if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
                raise SettingError(
                    "secret_invalid", "o segredo começa por [ mas não é uma lista de textos", where=where
                )
            found += several
        else:
            found.append(text)
    if not 1 <= len(found) <= 2 or any(len(one) < 16 for one in found):
        fix = "grave um segredo, ou uma lista de dois durante a troca, de 16 caracteres ou mais"
        raise SettingError("secret_invalid", f"há {len(found)} segredos, ou um deles é curto", where=where, action=fix)
    return found


class _Reader:
    """Collects the faults of one file."""

    def __init__(self, where: str, folder: Path | None) -> None:
        self._where = where
        self._folder = folder
        self._faults: list[str] = []

    def read(self, text: str) -> TotvsConfig:
        try:
            document = json.loads(text)
        except ValueError as cause:
            raise SettingError("config_invalid", f"não é JSON: {cause}", where=self._where) from cause
        totvs = document.get("totvs") if isinstance(document, dict) else None
        if not isinstance(totvs, dict):
            raise SettingError(
                "config_invalid", "falta o objeto `totvs`", where=self._where, action="parta de config/endpoints.json"
            )
        config = self._totvs(totvs)
        if self._faults:
            raise SettingError("config_invalid", "; ".join(self._faults), where=self._where)
        return config

    def _totvs(self, totvs: dict[str, object]) -> TotvsConfig:
        known = (
            "baseUrl endpoints auth tenantId timeouts pageSize maxPages concurrency charset changedSince order mapping"
            " webhook reports caBundle lockTexts allowHttp"
        )
        self._known(totvs, "totvs", known.split())
        timeouts = self._section(totvs, "timeouts", "connectSeconds readSeconds")
        texts = totvs.get("lockTexts", list(LOCK_TEXTS))
        if not isinstance(texts, list) or not all(isinstance(one, str) and one for one in texts):
            self._fault("totvs.lockTexts", texts, "escreva uma lista de textos")
            texts = []
        orders = self._section(totvs, "order", " ".join(STABLE_ORDER))
        return TotvsConfig(
            base_url=self._base_url(totvs),
            endpoints=self._endpoints(totvs),
            auth=self._auth(totvs),
            tenant_id=self._text(totvs, "tenantId", "totvs.tenantId", None),
            connect_seconds=self._number(timeouts, "connectSeconds", "totvs.timeouts.connectSeconds", 5, 1, 30),
            read_seconds=self._number(timeouts, "readSeconds", "totvs.timeouts.readSeconds", 60, 1, 300),
            page_size=self._number(totvs, "pageSize", "totvs.pageSize", 100, 1, 1000),
            max_pages=self._number(totvs, "maxPages", "totvs.maxPages", 500, 1, 100_000),
            concurrency=self._number(totvs, "concurrency", "totvs.concurrency", 3, 1, 3),
            charset=self._choice(totvs, "charset", "totvs.charset", "utf-8", ("utf-8", "cp1252")),
            changed_since=self._changed_since(totvs),
            order={
                name: self._text(orders, name, f"totvs.order.{name}", default) or ""
                for name, default in STABLE_ORDER.items()
            },
            mapping=self._mapping(totvs),
            webhook=self._webhook(totvs),
            reports=self._reports(totvs),
            ca_bundle=self._text(totvs, "caBundle", "totvs.caBundle", None),
            lock_texts=tuple(str(one) for one in texts),
        )

    def _base_url(self, totvs: dict[str, object]) -> str:
        url = self._text(totvs, "baseUrl", "totvs.baseUrl", "") or ""
        try:
            parts = urlsplit(url)
            host, secret = parts.hostname, parts.username or parts.password
        except ValueError:
            parts, host, secret = None, None, None
        if parts is None or not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
            self._fault("totvs.baseUrl", url, "escreva o endereço do serviço, p. ex. https://totvs.farmace.com/api")
        elif secret:
            self._fault(
                "totvs.baseUrl", "(oculto)", "tire usuário e senha do endereço; eles vão em auth, por referência"
            )
        elif parts.scheme == "http" and host not in _LOCAL_HOSTS and totvs.get("allowHttp") is not True:
            fix = 'use https; só numa rede fechada (VPN), escreva também "allowHttp": true'
            self._fault("totvs.baseUrl", url, fix)
        return url

    def _endpoints(self, totvs: dict[str, object]) -> dict[str, str]:
        every = (*REQUIRED_ENDPOINTS, *OPTIONAL_ENDPOINTS)
        section = self._section(totvs, "endpoints", " ".join(every))
        found: dict[str, str] = {}
        for name in every:
            path = section.get(name)
            if path is None and name in OPTIONAL_ENDPOINTS:
                continue
            if not isinstance(path, str) or not path.startswith("/"):
                self._fault(f"totvs.endpoints.{name}", path, "escreva o caminho depois de baseUrl, p. ex. /produtos")
            else:
                found[name] = path
        return found

    def _auth(self, totvs: dict[str, object]) -> Auth:
        section = self._section(totvs, "auth", "type tokenUrl username password")
        kind = self._choice(section, "type", "totvs.auth.type", "", ("bearer", "basic"))
        token_url = self._text(section, "tokenUrl", "totvs.auth.tokenUrl", "") or ""
        if kind == "bearer" and not token_url.startswith("/"):
            fix = "escreva o caminho depois de baseUrl, p. ex. /auth/token"
            self._fault("totvs.auth.tokenUrl", token_url, fix)
        secret_id = os.environ.get("TOTVS_SECRET_ID")
        found = [
            self._reference(
                section,
                key,
                f"totvs.auth.{key}",
                f"secretsmanager:{secret_id}#{key}" if secret_id else f"env:TOTVS_{key.upper()}",
            )
            for key in ("username", "password")
        ]
        return Auth(kind, token_url, *found)

    def _changed_since(self, totvs: dict[str, object]) -> ChangedSince | None:
        if "changedSince" in totvs and totvs["changedSince"] is None:
            return None
        section = self._section(totvs, "changedSince", "parameter format overlapMinutes")
        where = "totvs.changedSince"
        return ChangedSince(
            self._text(section, "parameter", f"{where}.parameter", "alteradoDesde") or "",
            self._choice(section, "format", f"{where}.format", "iso", ("iso", "protheus", "date")),
            self._number(section, "overlapMinutes", f"{where}.overlapMinutes", 1440, 1, 44_640),
        )

    def _webhook(self, totvs: dict[str, object]) -> WebhookAuth:
        section = self._section(totvs, "webhook", "auth")
        auth = self._section(section, "auth", "type header secrets toleranceSeconds", "totvs.webhook")
        secrets = auth.get("secrets", [])
        if not isinstance(secrets, list) or len(secrets) > 2:
            self._fault("totvs.webhook.auth.secrets", "(oculto)", "escreva uma lista de uma ou duas referências")
            secrets = []
        references = tuple(
            self._reference({"secret": one}, "secret", "totvs.webhook.auth.secrets", "") for one in secrets
        )
        where = "totvs.webhook.auth"
        return WebhookAuth(
            self._choice(auth, "type", f"{where}.type", "hmac", ("hmac", "bearer", "header")),
            self._text(auth, "header", f"{where}.header", "X-SicFar-Secret") or "",
            references,
            self._number(auth, "toleranceSeconds", f"{where}.toleranceSeconds", 300, 30, 3600),
        )

    def _reports(self, totvs: dict[str, object]) -> Reports:
        where = "totvs.reports"
        section = self._section(totvs, "reports", "production losses status codes lengths digits decimals template")
        lengths = self._section(section, "lengths", " ".join(REPORT_LENGTHS), where)
        usual = Reports()
        return Reports(
            self._report_endpoint(section, "production", usual.production),
            self._report_endpoint(section, "losses", usual.losses),
            self._report_endpoint(section, "status", usual.status),
            self._texts(section, "codes", where),
            {
                name: self._number(lengths, name, f"{where}.lengths.{name}", most, 1, 250)
                for name, most in REPORT_LENGTHS.items()
            },
            self._number(section, "digits", f"{where}.digits", usual.digits, 1, 18),
            self._number(section, "decimals", f"{where}.decimals", usual.decimals, 0, 6),
            self._template(section.get("template"), f"{where}.template"),
        )

    def _template(self, value: object, where: str) -> "Template | None":
        if value is None:
            return None
        from sicfar.totvs.templates import embedded, read_template  # only those who send reports pay for it

        try:
            return read_template(embedded(value, where, self._folder), where)
        except SettingError as error:
            self._faults.append(error.what)
            return None

    def _report_endpoint(self, reports: dict[str, object], kind: str, usual: ReportEndpoint) -> ReportEndpoint:
        where = f"totvs.reports.{kind}"
        section = self._section(reports, kind, "path query success", "totvs.reports")
        query = None
        if section.get("query") is not None:
            asked = self._section(section, "query", "path parameter", where)
            query = Query(
                self._path(asked, f"{where}.query.path", usual.path),
                self._text(asked, "parameter", f"{where}.query.parameter", "id_externo") or "",
            )
        path = self._path(section, f"{where}.path", usual.path)
        return ReportEndpoint(path, query, self._success(section, where))

    def _success(self, report: dict[str, object], above: str) -> "SuccessShape | None":
        if report.get("success") is None:
            return None
        from pydantic import ValidationError  # the webhook reads no reports, and starts without it

        from sicfar.totvs.success import SHAPE_EXAMPLE, SuccessShape

        declared = self._section(report, "success", "status must mustNot items id key", above)
        try:
            return SuccessShape.model_validate(declared, by_alias=True, by_name=False)
        except ValidationError as cause:
            for error in cause.errors(include_url=False):
                if error["type"] != "extra_forbidden" or len(error["loc"]) > 1:
                    fix = str(error.get("ctx", {}).get("error", SHAPE_EXAMPLE))
                    self._fault(".".join([above, "success", *map(str, error["loc"])]), error["input"], fix)
        return None

    def _mapping(self, totvs: dict[str, object]) -> Mapping:
        try:
            return Mapping.parse(totvs.get("mapping", {}), "totvs.mapping")
        except SettingError as error:
            self._faults.append(f"{error.where}: {error.what}; {error.action}")
            return Mapping()

    # ----------------------------------------------------------------------------------------------- single values

    def _section(self, parent: dict[str, object], key: str, known: str, above: str = "totvs") -> dict[str, object]:
        value = parent.get(key, {})
        if not isinstance(value, dict):
            self._fault(f"{above}.{key}", value, "escreva um objeto { … }")
            return {}
        self._known(value, f"{above}.{key}", known.split())
        return value

    def _known(self, section: dict[str, object], where: str, known: list[str]) -> None:
        for key in section:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                fix = f"seria `{near[0]}`?" if near else f"as chaves são {', '.join(known)}"
                self._faults.append(f"{where}.{key}: chave desconhecida; {fix}")

    def _text(self, section: dict[str, object], key: str, where: str, default: str | None) -> str | None:
        value = section.get(key, default)
        if value is None or isinstance(value, str):
            return value
        self._fault(where, value, "escreva um texto entre aspas")
        return default

    def _path(self, section: dict[str, object], where: str, default: str) -> str:
        path = section.get("path", default)
        if isinstance(path, str) and path.startswith("/"):
            return path
        self._fault(where, path, f"escreva o caminho depois de baseUrl, p. ex. {default}")
        return default

    def _texts(self, section: dict[str, object], key: str, above: str) -> dict[str, str]:
        value = section.get(key, {})
        if isinstance(value, dict) and all(isinstance(text, str) and text for text in value.values()):
            return {str(name): str(text) for name, text in value.items()}
        self._fault(f"{above}.{key}", value, 'escreva um objeto de textos, p. ex. {"nosso": "deles"}')
        return {}

    def _number(self, section: dict[str, object], key: str, where: str, default: int, least: int, most: int) -> int:
        value = section.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._fault(where, value, f"escreva um inteiro de {least} a {most}")
        return default

    def _choice(self, section: dict[str, object], key: str, where: str, default: str, allowed: tuple[str, ...]) -> str:
        value = section.get(key, default)
        if isinstance(value, str) and value in allowed:
            return value
        self._fault(where, value, f"use um de {', '.join(allowed)}")
        return default

    def _reference(self, section: dict[str, object], key: str, where: str, default: str) -> str:
        value = section.get(key, default)
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            return value
        # What was written may be the secret itself.
        self._fault(where, "(oculto)", f"escreva uma referência ({EXAMPLES}), nunca o valor")
        return default

    def _fault(self, where: str, value: object, fix: str) -> None:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        self._faults.append(f"{where}: {shown if len(shown) <= 80 else shown[:77] + '…'} não serve; {fix}")
