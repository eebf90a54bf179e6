"""`sicfar …`: what people of the cloud half do by hand."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sicfar.errors import SicfarError
from sicfar.totvs.config import TotvsConfig, credentials, load_config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only if all is well."""
    parser = argparse.ArgumentParser(prog="sicfar", description="Integrações do SicFar.")
    areas = parser.add_subparsers(dest="area", required=True)
    totvs = areas.add_parser("totvs", help="a conversa com o TOTVS").add_subparsers(dest="command", required=True)
    verify = totvs.add_parser(
        "verificar",
        help="confere, só lendo, se um TOTVS se comporta como o SicFar espera",
        epilog="Usuário e senha vêm de TOTVS_USERNAME e TOTVS_PASSWORD, se a configuração não disser outra coisa.",
    )
    verify.add_argument("--config", required=True, type=Path, help="config/endpoints.json do ambiente")
    publish = totvs.add_parser(
        "publicar", help="grava a configuração, conferida, no parâmetro do SSM que as funções leem"
    )
    publish.add_argument("--config", required=True, type=Path, help="config/endpoints.json do ambiente")
    publish.add_argument("--parametro", required=True, help="nome do parâmetro, p. ex. /sicfar/prod/totvs")
    chosen = parser.parse_args(arguments)
    try:
        config = load_config(f"file:{chosen.config}")
        return _verify(config) if chosen.command == "verificar" else _publish(chosen.config, chosen.parametro)
    except SicfarError as error:
        print(f"erro: {error}", file=sys.stderr)
        return 2


def _verify(config: TotvsConfig) -> int:
    from sicfar.totvs.check import Verdict, check
    from sicfar.totvs.client import TotvsClient

    client = TotvsClient(config, *credentials(config.auth), record=lambda _attempt: None)
    failed = 0
    for finding in check(config, client):
        failed += finding.verdict is Verdict.FAIL
        print(
            f"{finding.verdict:5}  {finding.behaviour}: {finding.seen}"
            + (f"\n       → {finding.action}" if finding.action else "")
        )
    client.close()
    print(f"\n{failed} falhas" if failed else "\nTudo de que o SicFar depende foi confirmado.")
    return 1 if failed else 0


def _publish(path: Path, name: str) -> int:
    import boto3

    from sicfar import aws

    text = path.read_text(encoding="utf-8")
    boto3.client("ssm", config=aws.CLIENT).put_parameter(
        Name=name, Value=text, Type="String", Tier="Intelligent-Tiering", Overwrite=True
    )
    print(f"{path} gravado em {name}; as funções o leem em até 5 minutos")
    return 0
