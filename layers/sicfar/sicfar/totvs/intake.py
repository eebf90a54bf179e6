"""The part of `config/endpoints.json` that is needed to take in what TOTVS sends: how it is signed, written, named.

It is read apart from the rest, for the webhook starts cold in front of a sender who waits: a fault in what is sent to
TOTVS neither stops nor slows what is heard from it.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from sicfar import settings
from sicfar.references import Latest, resolve
from sicfar.settings import SettingError
from sicfar.totvs.events import parse_json
from sicfar.totvs.mapping import Mapping
from sicfar.validation import Strict, faults
from sicfar.webhooks.auth import LatestSecrets, WebhookAuth

USUAL: Any = {}
"""The default of a part whose keys all have one, read as if it were in the file: a part that is made by itself needs a
validator of its own, and to build those takes as long as to build the whole."""

File = TypeVar("File", bound=Strict)


class Webhook(Strict):
    """How TOTVS identifies itself."""

    auth: WebhookAuth = Field(USUAL, validate_default=True)


class Intake(Strict):
    """What reading events needs of the `totvs` part of the file; its other keys are not looked at."""

    model_config = ConfigDict(extra="ignore")

    charset: Literal["utf-8", "cp1252"] = Field("utf-8", description="o que se supõe quando ninguém o declara")
    mapping: Mapping = Field(USUAL, validate_default=True)
    webhook: Webhook = Field(USUAL, validate_default=True)


class IntakeFile(Strict):
    """The file, of which nothing else is looked at."""

    model_config = ConfigDict(extra="ignore")

    totvs: Intake


def latest_intake(tell: Callable[[str], None]) -> Latest[tuple[str, str], Intake]:
    """The configuration as it is now; ``tell`` hears of a change that cannot be used."""
    return Latest(lambda: config_text(config_reference()), lambda found: read_file(IntakeFile, *found).totvs, tell)


def read_file(model: type[File], text: str, where: str, folder: Path | None = None) -> File:
    """Read a configuration's text; ``folder`` is where it stands, if it is a file. Raises SettingError with every
    fault, each naming key, value and fix."""
    try:
        return model.model_validate(parse_json(text), context=folder)
    except ValidationError as error:
        told = "; ".join(faults(error, model))
    except ValueError as error:
        told = str(error)
    raise SettingError("config_invalid", told, where=where, action="cada chave está explicada em docs/totvs.md")


def config_reference() -> str:
    """Where a function's configuration is. Raises SettingError."""
    return settings.text("TOTVS_CONFIG")


def config_text(reference: str) -> tuple[str, str]:
    """The configuration's text, and where it is from. Raises SettingError."""
    if not reference.startswith("file:"):
        return resolve(reference, "TOTVS_CONFIG"), reference
    path = Path(reference.removeprefix("file:"))
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as cause:
        raise SettingError("config_unreadable", f"{type(cause).__name__}: {cause}", where=str(path)) from cause


def config_folder(reference: str) -> Path | None:
    """Where the configuration's file stands; None if it is no file."""
    return Path(reference.removeprefix("file:")).parent if reference.startswith("file:") else None


def webhook_references(auth: WebhookAuth) -> tuple[str, ...]:
    """Where the secrets of webhooks are."""
    secret_id = os.environ.get("TOTVS_WEBHOOK_SECRET_ID")
    usual = f"secretsmanager:{secret_id}" if secret_id else "env:TOTVS_WEBHOOK_SECRET"
    return auth.secrets or (usual,)


def webhook_secrets(auth: Callable[[], WebhookAuth], tell: Callable[[str], None]) -> LatestSecrets:
    """The one or two secrets that are valid now."""
    return LatestSecrets(lambda: webhook_references(auth()), "totvs.webhook.auth.secrets", tell)
