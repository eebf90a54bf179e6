"""The gateway's configuration: the specification's JSON object, checked key by key before anything is opened.

The object of the specification loads unchanged; the gateway reads ``clps`` and ``gateway`` and leaves ``totvs`` alone.
An unknown key is refused with its path and the nearest right name: a mistyped ``alises`` must not become "no aliases".

``clps.keyence`` is the folder of the sensors' own files. Any other entry of ``clps`` with ``"protocol": "file"`` is one
more folder, or other files of the same one, whose lines its ``format`` describes; one entry has one layout.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

from edge_gateway.folders.format_config import Descriptor, Pieces, parse_format
from edge_gateway.folders.names import folded
from edge_gateway.machines.description import (
    MACHINE_KEYS,
    Machine,
    Role,
    machine_lines,
    refuse_two_connections,
    refuse_two_counting,
)
from edge_gateway.machines.modbus_config import MODBUS_KEYS, parse_modbus
from edge_gateway.machines.opcua_config import OPCUA_KEYS, parse_opcua
from edge_gateway.section import ConfigError as ConfigError
from edge_gateway.section import Section
from sicfar.counts.keys import GATEWAY_ID

Rhythm = Literal["constant", "event"]

_MACHINE_NAME = re.compile(r"^[a-z0-9][a-z0-9_]{0,39}$")
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
_LITERAL_PATH = re.compile(r"^(\\\\|//[^/]|[A-Za-z]:[\\/])")


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """One folder of TXT files. ``host`` and ``path`` are the specification's; the rest has defaults.

    ``name``: the entry of ``clps``, and the source's name for ever: under another one every file would be read anew.
    ``format``: None for the sensors' own lines.

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
    name: str = "keyence"
    format: Descriptor | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """Every linha_id the configuration names; with a format there are no others."""
        if self.format is not None and self.format.line:
            return (self.format.line,)
        return tuple(sorted(set(self.aliases.values())))

    def folder(self) -> Path:
        """The local path to read. Raises ConfigError when the rules of this module give none."""
        return resolve_folder(self.host, self.path, self.mount, entry=f"clps.{self.name}")


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

    files: tuple[FolderConfig, ...]
    gateway: GatewayConfig | None
    machines: tuple[Machine[object], ...] = ()

    def counted_elsewhere(self, folder: FolderConfig) -> frozenset[str]:
        """The lines that are counted by another source than this folder."""
        by_machines = {line.line for machine in self.machines for line in machine.lines if line.counts}
        return frozenset(by_machines.union(*(other.lines for other in self.files if other is not folder)))

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
    entry: str = "clps.keyence",
    windows: bool = sys.platform == "win32",
    this_machine: Callable[[str], bool] = is_this_machine,
) -> Path:
    """Apply the module's five rules. Raises ConfigError when a foreign host's mount point does not exist.

    ``entry``: the path of the configuration's keys, for that message.
    """
    if _LITERAL_PATH.match(path) or host is None or this_machine(host):
        return Path(path)
    if mount is not None:
        return Path(mount)
    if windows:
        if path.startswith("/"):
            return Path("\\\\" + host + path.replace("/", "\\"))
        raise ConfigError(
            f"o caminho {path!r} fica em outra máquina ({host}) e não começa com '/'",
            f"{entry}.path",
            'escreva o compartilhamento completo, como "\\\\\\\\192.168.1.100\\\\data\\\\production"',
        )
    if not Path(path).is_dir():
        raise ConfigError(
            f"a pasta {path} fica em outra máquina ({host}) e não está montada aqui",
            f"{entry}.path",
            f"monte o compartilhamento de {host} em {path}, ou diga em {entry}.mount onde ele está montado",
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
    top = Section(raw, "", ("$schema", "totvs", "clps", "gateway"))
    files, machines = _clps(top)
    gateway = top.section("gateway", ("id", "bucket", "spool", "region", "seal_seconds", "seal_records", "page"))
    if not files and not machines and gateway is None:
        raise ConfigError("nada a ler nem a enviar", "clps.keyence", "descreva a pasta dos arquivos TXT nessa chave")
    return Config(files, _gateway(gateway) if gateway else None, machines)


PROTOCOLS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[str, Section], Machine[object]]]]] = {
    "modbus": (MODBUS_KEYS, parse_modbus),
    "opcua": (OPCUA_KEYS, parse_opcua),
}
"""The protocols of machines: the keys each knows beside `MACHINE_KEYS`, and how its entry is read."""


def _clps(top: Section) -> tuple[tuple[FolderConfig, ...], tuple[Machine[object], ...]]:
    clps = top.section("clps", None)
    if clps is None:
        return (), ()
    files: list[FolderConfig] = []
    machines: list[Machine[object]] = []
    for name in clps.names():
        if name == "keyence" or _protocol(name, clps) == "file":
            files.append(_folder(name, clps.required(name, _FOLDER_KEYS, "{}")))
        else:
            machines.append(_machine(name, clps))
    refuse_two_connections(machines)
    _refuse_two_readers(files)
    counting: list[tuple[str, str, Role]] = [
        (line, f"clps.{folder.name}.{'format.line' if folder.format and folder.format.line else 'aliases'}", "contagem")
        for folder in files
        for line in folder.lines
    ]
    refuse_two_counting([*counting, *machine_lines(machines)])
    return tuple(files), tuple(machines)


def _protocol(name: str, clps: Section) -> str:
    where = clps.key(name)
    if not _MACHINE_NAME.match(name):
        raise ConfigError(f"nome de máquina {name!r} inválido", where, "use minúsculas, algarismos e '_', de 1 a 40")
    if difflib.get_close_matches(name, ("keyence",), n=1, cutoff=0.8):
        raise ConfigError(f"chave desconhecida {name!r}", where, "você quis dizer 'keyence'?")
    return clps.required(name, None, "{}").choice("protocol", (*PROTOCOLS, "file"))


def _machine(name: str, clps: Section) -> Machine[object]:
    keys, parse = PROTOCOLS[_protocol(name, clps)]
    return parse(name, clps.required(name, (*MACHINE_KEYS, *keys), "{}"))


def _refuse_two_readers(files: Sequence[FolderConfig]) -> None:
    """Refuse two entries that may read one file: it would be counted twice. Raises ConfigError."""
    for index, folder in enumerate(files):
        for other in files[:index]:
            if _place(folder) == _place(other) and may_share(folded(folder.files), folded(other.files)):
                raise ConfigError(
                    f"um arquivo pode servir a {folder.files!r} e ao {other.files!r} de clps.{other.name}",
                    f"clps.{folder.name}.files",
                    "dê a cada formato da mesma pasta nomes que não se confundam, como cvx_*.csv e kv_*.csv",
                )


def _place(folder: FolderConfig) -> tuple[str | None, str]:
    """Which folder it is, by the module's rules: host (None for this machine) and path, as Windows compares them."""
    host: str | None = None
    path = folder.path
    if not (_LITERAL_PATH.match(path) or folder.host is None or is_this_machine(folder.host)):
        host, path = (folder.host, path) if folder.mount is None else (None, folder.mount)
    return host, path.replace("\\", "/").rstrip("/").casefold()


@cache
def may_share(ours: str, theirs: str) -> bool:
    """Whether some file's name can fit both patterns; a set of characters ``[...]`` is taken for any one."""
    ours, theirs = (re.sub(r"\[[^]]+\]", "?", pattern) for pattern in (ours, theirs))
    if ours.startswith("*") or theirs.startswith("*"):
        wild, other = (ours, theirs) if ours.startswith("*") else (theirs, ours)
        return may_share(wild[1:], other) or (bool(other) and may_share(wild, other[1:]))
    if not ours or not theirs:
        return ours == theirs
    alike = ours[0] == theirs[0] or "?" in (ours[0], theirs[0])
    return alike and may_share(ours[1:], theirs[1:])


_FOLDER_KEYS = (
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
    "format",
)


def _folder(name: str, section: Section) -> FolderConfig:
    protocol = section.text("protocol", default="file")
    if protocol != "file":
        raise ConfigError(f"protocolo {protocol!r} desconhecido", section.key("protocol"), 'use "file"')
    files = section.text("files", default="*.txt")
    if "/" in files or "\\" in files:
        raise ConfigError(
            f"{files!r} contém uma pasta", section.key("files"), "dê só o padrão do nome, como *.txt, e a pasta em path"
        )
    aliases, described = section.aliases("aliases"), parse_format(section)
    if described is None and name != "keyence":
        raise ConfigError("falta a chave 'format'", section.key("format"), "só clps.keyence tem o formato dos sensores")
    if described is not None and bool(described.line) == bool(aliases):
        raise ConfigError(
            "aliases não vale com format.line"
            if aliases
            else "falta dizer a linha de cada valor de format.line_column",
            section.key("aliases"),
            "retire uma das duas chaves" if aliases else 'por exemplo {"L1": "SPEP-ENV-A"}',
        )
    by_piece = described is not None and isinstance(described.counting, Pieces)
    rhythm = section.text("rhythm", default="event" if by_piece else "constant")
    if rhythm not in ("constant", "event"):
        raise ConfigError(f"ritmo {rhythm!r} desconhecido", section.key("rhythm"), 'use "constant" ou "event"')
    if by_piece and rhythm == "constant":
        raise ConfigError("uma linha por peça não tem ritmo constante", section.key("rhythm"), 'use "event"')
    return FolderConfig(
        host=section.optional_text("gateway"),
        path=section.text("path"),
        files=files,
        aliases=aliases,
        poll_ms=section.whole("poll_ms", 250, 50, 60_000),
        clock_tolerance_s=section.whole("clock_tolerance_s", 300, 1, 86_400),
        mount=section.optional_text("mount"),
        rhythm="event" if rhythm == "event" else "constant",
        event_delay_s=section.whole("event_delay_s", 60, 1, 86_400),
        name=name,
        format=described,
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
