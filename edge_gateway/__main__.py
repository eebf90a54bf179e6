"""`python -m edge_gateway check|run|status|sondar --config FILE`.

Exit codes: 0 well, 1 a problem, 2 the configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from edge_gateway.check import run_checks
from edge_gateway.config import Config, ConfigError, load_config
from edge_gateway.engine import Engine
from edge_gateway.logs import set_up_logging
from edge_gateway.page import open_page
from edge_gateway.probe import follow, machine_of
from edge_gateway.sample import Sample
from edge_gateway.shipper import S3Store, Shipper
from edge_gateway.source import Source
from edge_gateway.sources.keyence import KeyenceSource
from edge_gateway.sources.machine import machine_source
from edge_gateway.spool import Spool
from edge_gateway.status import Status, read_status
from sicfar.errors import ConfigurationError, SicfarError

_log = logging.getLogger(__name__ if __name__ != "__main__" else "edge_gateway.main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="edge_gateway", description="Gateway SicFar: lê as máquinas e envia ao S3.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|run|status|sondar")
    for name, explanation in (
        ("check", "mostra o que seria lido e testa o bucket, sem gravar nem enviar"),
        ("run", "lê, guarda e envia até receber SIGINT ou SIGTERM (Ctrl+C)"),
        ("status", "mostra o spool: o que falta enviar, últimas leituras, marcas"),
        ("sondar", "mostra ao vivo o que a máquina de uma linha conta, sem gravar nem enviar"),
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
        if name == "sondar":
            command.add_argument("linha", metavar="LINHA", help="linha_id, como SPEP-ENV-A")
            command.add_argument("--segundos", type=float, metavar="N", help="encerra depois de N segundos")
    options = parser.parse_args(arguments)
    _speak_utf8()
    try:
        config = load_config(options.config)
        if options.command == "check":
            samples = [Sample(config, path, options.fonte) for path in options.sample or ()]
            return _show(samples) if samples else _check(config, probe=options.probe)
        if options.command == "sondar":
            return _follow(config, options.linha, options.segundos)
        if options.command == "status":
            return _status(config, as_json=options.json)
        return _run(config)
    except ConfigurationError as error:
        print(f"configuração: {error}", file=sys.stderr)
        return 2
    except SicfarError as error:
        print(f"erro: {error}", file=sys.stderr)
        return 1


def _speak_utf8() -> None:
    # A Windows service writes its log in the code page of the machine unless told otherwise.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _check(config: Config, *, probe: bool) -> int:
    worst = 0
    for result in run_checks(config, probe=probe):
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
    troubled = status.erro_envio or any(source.estado != "ok" or source.detalhe for source in status.fontes)
    return 1 if troubled else 0


def _print_status(status: Status) -> None:
    print(f"gateway {status.gateway}  época {status.epoca}  próxima seq {status.proxima_seq}")
    age = status.idade_mais_antigo_s
    oldest = "nada por enviar" if age is None else f"o mais antigo espera há {age} s"
    sealed = f"{status.lotes_selados} lotes selados ({status.registros_selados} registros)"
    print(f"pendentes: {status.registros_pendentes} registros, {sealed}; {oldest}")
    sent = "nunca" if status.ultimo_envio is None else f"{status.ultimo_envio} (seq {status.ultimo_envio_seq})"
    print(f"último envio: {sent}")
    if status.erro_envio:
        print(f"envio com erro: {status.erro_envio}")
    for source in status.fontes:
        print(f"fonte {source.fonte}: {source.estado} desde {source.desde} {source.detalhe}".rstrip())
    for line in status.linhas:
        clock = "" if line.relogio_ms is None else f"  relógio {line.relogio_ms:+d} ms"
        print(
            f"linha {line.linha_id}: {line.estado}  último registro {line.ultimo_registro or '-'}"
            f"  marca {line.marca or '-'}{clock}"
        )
    for pair in status.conferencias:
        print(
            f"conferência {pair.linha_id} em {pair.dia}: {pair.fonte_conferencia} contou {pair.conferencia}, "
            f"{pair.fonte_contagem or 'a fonte da linha'} contou {pair.contagem or 0}, diferença {pair.diferenca:+d}"
        )


def _run(config: Config) -> int:
    gateway = config.require_gateway()
    if not config.files and not config.machines:
        raise ConfigError("nenhuma fonte a ler", "clps", "descreva em clps a pasta dos arquivos TXT ou uma máquina")
    set_up_logging()
    spool = Spool(gateway.spool, gateway.id, seal_records=gateway.seal_records)
    page = open_page(gateway.spool, gateway.page)
    try:
        sources = list(_sources(config, spool))
        shipper = Shipper(spool, S3Store(gateway.bucket, gateway.region))
        engine = Engine(sources, spool, shipper, seal_seconds=gateway.seal_seconds, seal_records=gateway.seal_records)
        facts = {"event": "started", "gateway": gateway.id, "epoca": spool.epoch, "bucket": gateway.bucket}
        _log.info("gateway iniciado", extra=facts)
        asyncio.run(_until_signalled(engine))
    except KeyboardInterrupt:
        # Windows delivers Ctrl+C this way; the engine has already stopped in order.
        pass
    finally:
        if page is not None:
            page.stop()
        spool.close()
    _log.info("gateway encerrado", extra={"event": "stopped"})
    return 0


def _sources(config: Config, spool: Spool) -> Iterator[Source]:
    for folder in config.files:
        positions, marks = spool.positions(folder.name), spool.marks(folder.name)
        yield KeyenceSource(folder, positions, marks, elsewhere=config.counted_elsewhere(folder))
    for machine in config.machines:
        yield machine_source(machine, spool.positions(machine.name), spool.marks(machine.name))


async def _until_signalled(engine: Engine) -> None:
    stop = asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await engine.run(stop)


if __name__ == "__main__":
    sys.exit(main())
