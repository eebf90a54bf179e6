"""The gateway's configuration: the specification's JSON object, checked key by key before anything is opened.

The object of the specification loads unchanged; the gateway reads ``clps`` and ``gateway`` and leaves ``totvs`` alone.
An unknown key is refused with its path and the nearest right name: a mistyped ``alises`` must not become "no aliases".

**What ``gateway`` + ``path`` mean** (`resolve_folder`), first rule that fits:

1. ``path`` is a UNC path (``\\\\host\\share``) or starts with a drive letter (``D:\\dados``): taken literally.
2. ``gateway`` is absent or is this machine (localhost, its name, one of its addresses): ``path`` is a local folder.
3. the host is another machine and ``mount`` is given: ``mount`` is the local folder where that path is mounted.
4. the host is another machine, here is Windows and ``path`` starts with ``/``: the share
   ``\\\\host\\data\\production``.
5. the host is another machine, here is not Windows: ``path`` itself is the mount point and must exist.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from edge_gateway.machines import (
    MACHINE_KEYS,
    Machine,
    Role,
    machine_lines,
    refuse_two_connections,
    refuse_two_counting,
)
from edge_gateway.section import ConfigError as ConfigError
from edge_gateway.section import Section
from edge_gateway.sources.modbus_config import MODBUS_KEYS, parse_modbus
from edge_gateway.sources.opcua_config import OPCUA_KEYS, parse_opcua
from sicfar.batch_key import GATEWAY_ID

Rhythm = Literal["constant", "event"]

_MACHINE_NAME = re.compile(r"^[a-z0-9][a-z0-9_]{0,39}$")
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
_LITERAL_PATH = re.compile(r"^(\\\\|//[^/]|[A-Za-z]:[\\/])")


@dataclass(frozen=True, slots=True)
class KeyenceConfig:
    """One folder of TXT files. ``host`` and ``path`` are the specification's; the rest has defaults.

    ``rhythm``: ``constant`` = the sensor writes all the time (4 records/s), so the last complete record says how far
    the line is known; ``event`` = it writes only when something is made, so "now less ``event_delay_s``" says it.
    """

    host: str | None
    path: str
    files: str = "*.txt"
    aliases: Mapping[str, str] = field(default_factory=dict)
    poll_ms: int = 250
    clock_tolerance_s: int = 300
    mount: str | None = None
    rhythm: Rhythm = "constant"
    event_delay_s: int = 60

    def folder(self) -> Path:
        """The local path to read. Raises ConfigError when the rules of this module give none."""
        return resolve_folder(self.host, self.path, self.mount)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Who this gateway is and where its batches go. Seconds and record counts; ``spool`` is a local folder.

    ``page``: host and port of the status page, None for none. A port alone is this computer's own, seen by nobody else.
    """

    id: str
    bucket: str
    spool: Path
    region: str | None = None
    seal_seconds: int = 5
    seal_records: int = 20_000
    page: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What one configuration file says."""

    keyence: KeyenceConfig | None
    gateway: GatewayConfig | None
    machines: tuple[Machine[object], ...] = ()

    def require_gateway(self) -> GatewayConfig:
        """The section ``run`` and ``status`` cannot do without. Raises ConfigError naming its keys."""
        if self.gateway is None:
            raise ConfigError(
                "falta a seção gateway",
                "gateway",
                'acrescente "gateway": {"id": "farmace-spep", "bucket": "<bucket S3>", "spool": "<pasta local>"}',
            )
        return self.gateway


def is_this_machine(host: str) -> bool:
    """Whether `host` names this computer. An address is ours exactly when a socket can be bound to it."""
    if host.casefold() in {"localhost", socket.gethostname().casefold(), socket.getfqdn().casefold()}:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def resolve_folder(
    host: str | None,
    path: str,
    mount: str | None,
    *,
    windows: bool = sys.platform == "win32",
    this_machine: Callable[[str], bool] = is_this_machine,
) -> Path:
    """Apply the module's five rules. Raises ConfigError when a foreign host's mount point does not exist."""
    if _LITERAL_PATH.match(path) or host is None or this_machine(host):
        return Path(path)
    if mount is not None:
        return Path(mount)
    if windows:
        if path.startswith("/"):
            return Path("\\\\" + host + path.replace("/", "\\"))
        raise ConfigError(
            f"o caminho {path!r} fica em outra máquina ({host}) e não começa com '/'",
            "clps.keyence.path",
            'escreva o compartilhamento completo, como "\\\\\\\\192.168.1.100\\\\data\\\\production"',
        )
    if not Path(path).is_dir():
        raise ConfigError(
            f"a pasta {path} fica em outra máquina ({host}) e não está montada aqui",
            "clps.keyence.path",
            f"monte o compartilhamento de {host} em {path}, ou diga em clps.keyence.mount onde ele está montado",
        )
    return Path(path)


def load_config(path: Path) -> Config:
    """Read and check a configuration file (JSON, UTF-8 with or without BOM). Raises ConfigError."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"não foi possível ler o arquivo de configuração: {reason}", str(path), "confira --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError("o arquivo de configuração não está em UTF-8", str(path), "salve-o como UTF-8") from error
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"o arquivo de configuração não é JSON válido: {error.msg}",
            f"{path}, linha {error.lineno}, coluna {error.colno}",
            "corrija a vírgula, aspa ou chave nesse ponto",
        ) from error
    return parse_config(raw)


def parse_config(raw: object) -> Config:
    """Check an already parsed JSON value. Raises ConfigError."""
    top = Section(raw, "", ("totvs", "clps", "gateway"))
    keyence, machines = _clps(top)
    gateway = top.section("gateway", ("id", "bucket", "spool", "region", "seal_seconds", "seal_records", "page"))
    if keyence is None and not machines and gateway is None:
        raise ConfigError("nada a ler nem a enviar", "clps.keyence", "descreva a pasta dos arquivos TXT nessa chave")
    return Config(keyence, _gateway(gateway) if gateway else None, machines)


PROTOCOLS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[str, Section], Machine[object]]]]] = {
    "modbus": (MODBUS_KEYS, parse_modbus),
    "opcua": (OPCUA_KEYS, parse_opcua),
}
"""The protocols of machines: the keys each knows beside `MACHINE_KEYS`, and how its entry is read."""


def _clps(top: Section) -> tuple[KeyenceConfig | None, tuple[Machine[object], ...]]:
    clps = top.section("clps", None)
    if clps is None:
        return None, ()
    keyence = clps.section("keyence", _KEYENCE_KEYS)
    files = _keyence(keyence) if keyence else None
    machines = tuple(_machine(name, clps) for name in clps.names() if name != "keyence")
    refuse_two_connections(machines)
    counting: list[tuple[str, str, Role]] = []
    if files is not None:
        counting = [(line, "clps.keyence.aliases", "contagem") for line in sorted(set(files.aliases.values()))]
    refuse_two_counting([*counting, *machine_lines(machines)])
    return files, machines


def _machine(name: str, clps: Section) -> Machine[object]:
    where = clps.key(name)
    if not _MACHINE_NAME.match(name):
        raise ConfigError(f"nome de máquina {name!r} inválido", where, "use minúsculas, algarismos e '_', de 1 a 40")
    if difflib.get_close_matches(name, ("keyence",), n=1, cutoff=0.8):
        raise ConfigError(f"chave desconhecida {name!r}", where, "você quis dizer 'keyence'?")
    protocol = clps.required(name, None, "{}").choice("protocol", tuple(PROTOCOLS))
    keys, parse = PROTOCOLS[protocol]
    return parse(name, clps.required(name, (*MACHINE_KEYS, *keys), "{}"))


_KEYENCE_KEYS = (
    "gateway",
    "protocol",
    "path",
    "files",
    "aliases",
    "poll_ms",
    "clock_tolerance_s",
    "mount",
    "rhythm",
    "event_delay_s",
)


def _keyence(section: Section) -> KeyenceConfig:
    protocol = section.text("protocol", default="file")
    if protocol != "file":
        raise ConfigError(f"protocolo {protocol!r} desconhecido", section.key("protocol"), 'use "file"')
    files = section.text("files", default="*.txt")
    if "/" in files or "\\" in files:
        raise ConfigError(
            f"{files!r} contém uma pasta", section.key("files"), "dê só o padrão do nome, como *.txt, e a pasta em path"
        )
    rhythm = section.text("rhythm", default="constant")
    if rhythm not in ("constant", "event"):
        raise ConfigError(f"ritmo {rhythm!r} desconhecido", section.key("rhythm"), 'use "constant" ou "event"')
    return KeyenceConfig(
        host=section.optional_text("gateway"),
        path=section.text("path"),
        files=files,
        aliases=section.aliases("aliases"),
        poll_ms=section.whole("poll_ms", 250, 50, 60_000),
        clock_tolerance_s=section.whole("clock_tolerance_s", 300, 1, 86_400),
        mount=section.optional_text("mount"),
        rhythm="event" if rhythm == "event" else "constant",
        event_delay_s=section.whole("event_delay_s", 60, 1, 86_400),
    )


def _gateway(section: Section) -> GatewayConfig:
    identity = section.text("id")
    if not GATEWAY_ID.fullmatch(identity):
        raise ConfigError(
            f"identificador {identity!r} inválido", section.key("id"), "use minúsculas, algarismos e '-', de 2 a 63"
        )
    bucket = section.text("bucket")
    if not _BUCKET.match(bucket):
        raise ConfigError(f"nome de bucket {bucket!r} inválido", section.key("bucket"), "copie o nome exato do S3")
    return GatewayConfig(
        id=identity,
        bucket=bucket,
        spool=Path(section.text("spool")),
        region=section.optional_text("region"),
        seal_seconds=section.whole("seal_seconds", 5, 1, 3600),
        seal_records=section.whole("seal_records", 20_000, 1, 1_000_000),
        page=_page(section),
    )


def _page(section: Section) -> tuple[str, int] | None:
    text = section.optional_text("page")
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ConfigError(
            f"endereço {text!r} da página inválido",
            section.key("page"),
            'use "127.0.0.1:8080" (só este computador) ou "0.0.0.0:8080" (a rede da planta)',
        )
    return host.strip("[]") or "127.0.0.1", int(port)
