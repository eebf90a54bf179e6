"""`python -m edge_gateway check|run|status|sondar|spool --config FILE`.

Exit codes: 0 well, 1 a problem, 2 the configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from edge_gateway.commands.check import Result, run_checks
from edge_gateway.commands.probe import follow, machine_of
from edge_gateway.commands.run import reads_again, run
from edge_gateway.commands.sample import Sample
from edge_gateway.commands.spool import acknowledge, explain
from edge_gateway.config import Config, load_config
from edge_gateway.health import disk_problems
from edge_gateway.logs import set_up_console, set_up_logging
from edge_gateway.spool.status import Status, read_status
from sicfar.errors import ConfigurationError, SicfarError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    set_up_console()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "spool" and options.acao == "reconhecer" and not options.por:
        parser.error("reconhecer precisa de --por NOME")
    try:
        return _act(load_config(options.config), options)
    except ConfigurationError as error:
        print(f"configuração: {error}", file=sys.stderr)
        return 2
    except SicfarError as error:
        print(f"erro: {error}", file=sys.stderr)
        return 1


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
            return _show([Sample(config, path, options.fonte) for path in options.sample])
        case "check":
            return _report(run_checks(config, probe=options.probe))
        case "sondar":
            return _follow(config, options.linha, options.segundos)
        case "status":
            return _status(config, as_json=options.json)
        case "spool":
            return _spool(config, options.acao, options.por)
        case _:
            return _run(config)


def _report(results: Iterable[Result]) -> int:
    worst = 0
    for result in results:
        print(f"{result.level:6} {result.text}", flush=True)
        worst = max(worst, {"erro": 1, "config": 2}.get(result.level, 0))
    return worst


def _show(samples: Sequence[Sample]) -> int:
    for sample in samples:
        for line in sample.report():
            print(line, flush=True)
    return 1 if any(sample.unreadable for sample in samples) else 0


def _follow(config: Config, line: str, seconds: float | None) -> int:
    machine, counted = machine_of(config, line)
    with suppress(KeyboardInterrupt, TimeoutError):
        asyncio.run(asyncio.wait_for(follow(machine, counted, partial(print, flush=True)), seconds))
    return 0


def _status(config: Config, *, as_json: bool) -> int:
    status = read_status(config.require_gateway().spool)
    if as_json:
        print(json.dumps(status.as_json(), ensure_ascii=False))
    else:
        _print_status(status)
    sources = any(source.state != "ok" or source.detail for source in status.sources)
    return 1 if status.upload_error or status.notices or not status.disk_usable_bytes or sources else 0


def _print_status(status: Status) -> None:
    print(f"gateway {status.gateway}  época {status.epoch}  próxima seq {status.next_seq}")
    age = status.oldest_s
    oldest = "nada por enviar" if age is None else f"o mais antigo espera há {age} s"
    sealed = f"{status.sealed_batches} lotes selados ({status.sealed_records} registros)"
    print(f"pendentes: {status.pending_records} registros, {sealed}; {oldest}")
    sent = "nunca" if status.last_upload is None else f"{status.last_upload} (seq {status.last_upload_seq})"
    print(f"último envio: {sent}")
    if status.upload_error:
        print(f"envio com erro: {status.upload_error}")
    for problem in disk_problems(status):
        print(f"disco: {problem.what}; {problem.action}")
    for notice in status.notices:
        print(f"aviso de {notice.at}, por reconhecer: {notice.text}")
    for source in status.sources:
        print(f"fonte {source.name}: {source.state} desde {source.since} {source.detail}".rstrip())
    for line in status.lines:
        clock = "" if line.clock_ms is None else f"  relógio {line.clock_ms:+d} ms"
        print(
            f"linha {line.line_id}: {line.state}  último registro {line.last_record or '-'}"
            f"  marca {line.mark or '-'}{clock}"
        )
    for pair in status.checks:
        print(
            f"conferência {pair.line} em {pair.day}: {pair.checking_source} contou {pair.checked}, "
            f"{pair.counting_source or 'a fonte da linha'} contou {pair.counted or 0}, diferença {pair.difference:+d}"
        )


def _run(config: Config) -> int:
    set_up_logging()
    run(config)
    return 0


def _spool(config: Config, act: str, person: str) -> int:
    folder = config.require_gateway().spool
    if act == "check":
        return _report(explain(folder, reads_again(config)))
    print(f"{acknowledge(folder, person)} avisos reconhecidos")
    return 0


if __name__ == "__main__":
    sys.exit(main())
