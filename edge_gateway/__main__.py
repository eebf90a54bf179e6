"""`python -m edge_gateway check|run|status|sondar|spool --config FILE`.

Exit codes: 0 well, 1 a problem, 2 the configuration; of `status`, 0 where ``/saude`` answers 200 and 1 where 503.
"""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from edge_gateway.commands.check import run_checks
from edge_gateway.commands.probe import follow_line
from edge_gateway.commands.report import report
from edge_gateway.commands.run import reads_again, run
from edge_gateway.commands.sample import show_samples
from edge_gateway.commands.spool import acknowledge, explain
from edge_gateway.commands.status import show_status
from edge_gateway.config import Config, load_config
from edge_gateway.logs import set_up_console, set_up_logging, silence_libraries
from sicfar.errors import ConfigurationError, SicfarError

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    set_up_console()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "spool" and options.acao == "reconhecer" and not options.por:
        parser.error("reconhecer precisa de --por NOME")
    silence_libraries()
    try:
        return _act(load_config(options.config), options)
    except ConfigurationError as error:
        for fault in str(error).splitlines():
            print(f"configuração: {fault}", file=sys.stderr)
        return 2
    except SicfarError as error:
        print(f"erro: {error}", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - a person gets a line that says what was done; a log, the traceback
        if options.command == "run":
            _log.exception("erro inesperado em run", extra={"event": "command_broken"})
        print(f"erro: {_unexpected(error, options.command)}", file=sys.stderr)
        return 1


def _unexpected(error: Exception, command: str) -> str:
    """One line about what nobody foresaw: what was run, the error, and where in our own code."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "edge_gateway" in frame.filename]
    place = f", em {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    what = f"erro inesperado em {command} ({type(error).__name__}: {error}{place})"
    return f"{what} — envie esta mensagem a quem mantém o gateway"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="edge_gateway", description="Gateway SicFar: lê as máquinas e envia ao S3.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|run|status|sondar|spool")
    for name, explanation in (
        ("check", "mostra o que seria lido e testa o bucket, sem gravar nem enviar"),
        ("run", "lê, guarda e envia até receber SIGINT ou SIGTERM (Ctrl+C)"),
        ("status", "mostra o spool: o que falta enviar, últimas leituras, marcas"),
        ("sondar", "mostra ao vivo o que a máquina de uma linha conta, sem gravar nem enviar"),
        ("spool", "check: explica o spool, íntegro ou danificado, sem mudar nada; reconhecer: confirma os avisos dele"),
    ):
        command = commands.add_parser(name, help=explanation, description=explanation)
        command.add_argument("--config", required=True, type=Path, metavar="ARQUIVO", help="configuração (JSON)")
        if name == "status":
            command.add_argument("--json", action="store_true", help="saída em JSON")
        if name == "check":
            probe = "toca cada máquina, só para ler, e mostra cada contador (Modbus: em todas as ordens de palavra)"
            command.add_argument("--probe", action="store_true", help=probe)
            sample = "mostra linha por linha o que a configuração lê neste arquivo, e nada mais"
            command.add_argument("--sample", action="append", type=Path, metavar="AMOSTRA", help=sample)
            entry = "entrada de clps a que as amostras pertencem, se o nome delas não o diz"
            command.add_argument("--fonte", metavar="NOME", help=entry)
        if name == "spool":
            command.add_argument("acao", choices=("check", "reconhecer"), metavar="check|reconhecer")
            command.add_argument("--por", metavar="NOME", help="quem leu os avisos (para reconhecer)")
        if name == "sondar":
            command.add_argument("linha", metavar="LINHA", help="linha_id, como SPEP-ENV-A")
            command.add_argument("--segundos", type=float, metavar="N", help="encerra depois de N segundos")
    return parser


def _act(config: Config, options: argparse.Namespace) -> int:
    match options.command:
        case "check" if options.sample:
            return show_samples(config, options.sample, options.fonte)
        case "check":
            return report(run_checks(config, with_machines=options.probe))
        case "sondar":
            return follow_line(config, options.linha, options.segundos)
        case "status":
            return show_status(config.require_gateway().spool, as_json=options.json)
        case "spool" if options.acao == "check":
            return report(explain(config.require_gateway().spool, reads_again(config)))
        case "spool":
            print(f"{acknowledge(config.require_gateway().spool, options.por)} avisos reconhecidos")
            return 0
        case _:
            set_up_logging()
            run(config)
            return 0


if __name__ == "__main__":
    sys.exit(main())
