"""`sicfar-gateway.cmd instalar|atualizar|voltar|desinstalar|verificar`: the gateway as a Windows service.

Exit codes: 0 done, 1 not done or something is wrong, 2 refused before anything was changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_gateway.commands.report import Result
from edge_gateway.logs import set_up_console
from edge_gateway.service import installer
from edge_gateway.service.places import Places
from sicfar.errors import ConfigurationError, SicfarError

if sys.platform != "win32":
    raise ImportError("these are commands for Windows; for Linux see docs/gateway.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    set_up_console()
    options = _parser().parse_args(arguments)
    try:
        return _report(options.command, _act(Places.of_this_computer(), options))
    except ConfigurationError as error:
        print(f"recusado: {error}", file=sys.stderr)
        return 2
    except (SicfarError, OSError) as error:
        print(f"erro: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sicfar-gateway.cmd", description="O gateway SicFar como serviço do Windows.")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="instalar|atualizar|voltar|desinstalar|verificar"
    )
    install = commands.add_parser("instalar", help="copia o programa, cria o serviço e o inicia")
    install.add_argument("--config", required=True, type=Path, metavar="ARQUIVO", help="a configuração (gateway.json)")
    install.add_argument("--credenciais", required=True, type=Path, metavar="ARQUIVO", help="perfil [default] da AWS")
    account = r"conta sem senha (gMSA, como FABRICA\gateway$); por padrão a do próprio serviço"
    install.add_argument("--conta", default=installer.VIRTUAL_ACCOUNT, metavar="CONTA", help=account)
    commands.add_parser("atualizar", help="passa para a versão deste pacote; volta sozinho se ela não subir")
    commands.add_parser("voltar", help="volta para a versão anterior; o spool continua o mesmo")
    commands.add_parser("desinstalar", help="remove serviço e programa; o spool e a configuração ficam")
    commands.add_parser("verificar", help="mostra se serviço, conta, hora, antivírus e permissões estão como devem")
    return parser


def _act(places: Places, options: argparse.Namespace) -> Iterator[Result]:
    match options.command:
        case "instalar":
            return installer.install(places, options.config, options.credenciais, options.conta)
        case "atualizar":
            return installer.upgrade(places)
        case "voltar":
            return installer.roll_back(places)
        case "desinstalar":
            return installer.uninstall(places)
        case _:
            return installer.verify(places)


def _report(command: str, results: Iterator[Result]) -> int:
    wrong = False
    for result in results:
        print(f"{result.level:6} {result.text}", flush=True)
        wrong |= result.level == "erro"
    # What surrounds the service is reported after an act, and decides the exit code only where that was the question.
    return 1 if wrong and command == "verificar" else 0


if __name__ == "__main__":
    sys.exit(main())
