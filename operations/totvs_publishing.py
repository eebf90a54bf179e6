"""What `sicfar totvs publicar` writes into the parameter: the configuration, with the template it names inside it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sicfar.settings import SettingError
from sicfar.totvs.templates import embedded

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

LARGEST = 8 * 1024
"""Bytes of an SSM parameter, advanced tier; up to half of it is the standard tier, at no cost."""


def publishable(path: Path) -> str:
    """The text to store for a configuration that was checked. Raises SettingError if no parameter can hold it."""
    text = path.read_text(encoding="utf-8")
    document = json.loads(text)
    reports = document["totvs"].get("reports", {})
    if isinstance(reports.get("template"), str):
        reports["template"] = embedded(reports["template"], path.parent)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if (size := len(text.encode())) > LARGEST:
        raise SettingError(
            "config_too_large",
            f"a configuração com o modelo tem {size} bytes; um parâmetro do SSM guarda {LARGEST}",
            where=str(path),
            action="encurte o modelo: tire descricao e campos que o TOTVS não lê; um envio igual a outro é o nome dele",
        )
    return text


def publish(ssm: "SSMClient", path: Path, name: str) -> None:
    """Store it as the parameter `name`. Raises SettingError as publishable does."""
    text = publishable(path)
    ssm.put_parameter(Name=name, Value=text, Type="String", Tier="Intelligent-Tiering", Overwrite=True)
