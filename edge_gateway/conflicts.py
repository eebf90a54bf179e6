"""What contradicts something elsewhere in the configuration: two places that each alone are right.

A count that is read twice is added twice, so two places that read one thing are refused, and the message names both.
What may be meant is only a doubt, for ``check`` to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from edge_gateway.filesystems import is_networked
from edge_gateway.folders.names import folded
from edge_gateway.folders.place import Where, is_this_machine, local_path, may_share, one_computer
from edge_gateway.machines.description import AnyMachine
from edge_gateway.machines.modbus_config import ModbusConfig, Register
from edge_gateway.machines.opcua_config import OpcUaConfig, OpcUaPoint
from edge_gateway.section import SENSORS

_MANUALS_FIRST: Final = {"holding": 40_001, "input": 30_001}
"""What manuals call the register 0 of a table."""

if TYPE_CHECKING:
    from edge_gateway.config import Config, FolderConfig


def conflicts(config: Config) -> Iterator[str]:
    """Every contradiction, as ``path: what is wrong; what to do`` (Portuguese)."""
    yield from _of_the_sensors(config)
    yield from _counted_twice(config)
    for machine in config.machines:
        yield from _read_twice(_points(machine))
    yield from _two_connections(config.machines)
    folders = [(folder, path, Where.leads(path)) for folder in config.files for path in [_path(folder)]]
    yield from _two_readers(folders)
    yield from _spool(config, folders)
    yield from _page(config)


def doubts(config: Config) -> Iterator[str]:
    """What may be a mistake and may be meant: a register as manuals number it; two ports of what may be one device."""
    for machine in config.machines:
        for where, point in _points(machine):
            first = _MANUALS_FIRST.get(point.table, 0) if isinstance(point, Register) else 0
            if isinstance(point, Register) and first <= point.address < first + 9_999:
                yield f"{where}: se {point.address} é o número do manual, o registrador é {point.address - first}"
    for one, other in combinations(map(_Device, config.machines), 2):
        if one.port != other.port and one.answers_like(other):
            for ours, theirs in one.shared(other):
                yield (
                    f"{theirs}: {other.machine.address} parece o mesmo aparelho de {one.machine.address}, e {ours} lê "
                    "o mesmo contador; confirme que são dois aparelhos"
                )


@dataclass(frozen=True, slots=True)
class _Device:
    """Where a machine answers."""

    machine: AnyMachine

    @property
    def host(self) -> str:
        return self._parts.hostname or ""

    @property
    def port(self) -> int:
        return self._parts.port or 0

    @property
    def _parts(self) -> SplitResult:
        address = self.machine.address
        return urlsplit(address if "//" in address else f"//{address}")

    def answers_like(self, other: _Device) -> bool:
        """Whether both are of one protocol, computer and unit."""
        ours, theirs = self.machine, other.machine
        units = [getattr(machine, "device_id", None) for machine in (ours, theirs)]
        return type(ours) is type(theirs) and units[0] == units[1] and one_computer(self.host, other.host)

    def shared(self, other: _Device) -> Iterator[tuple[str, str]]:
        """The paths of every two counters that are read at one place."""
        for path, point in _points(self.machine):
            for theirs, its in _points(other.machine):
                if _overlap(point, its):
                    yield path, theirs


def _of_the_sensors(config: Config) -> Iterator[str]:
    for folder in config.files:
        if folder.format is None and folder.name != SENSORS:
            yield f"clps.{folder.name}.format: falta; só clps.{SENSORS} tem o formato dos sensores"
    for machine in config.machines:
        if machine.name == SENSORS:
            yield f"clps.{SENSORS}.protocol: não serve; use file, ou dê outro nome à máquina"


def _counted_twice(config: Config) -> Iterator[str]:
    counting: dict[str, str] = {}
    places = [
        (line, f"clps.{folder.name}.{'format.line' if folder.format and folder.format.line else 'aliases'}")
        for folder in config.files
        for line in folder.lines
    ]
    places += [
        (line.line, f"clps.{machine.name}.lines.{line.line}")
        for machine in config.machines
        for line in machine.lines
        if line.counts
    ]
    for line, where in places:
        if line in counting:
            yield (
                f'{where}: a linha {line} já é contada em {counting[line]}; deixe uma só com "role": "contagem" e '
                'dê à outra "role": "conferencia"'
            )
        counting.setdefault(line, where)


def _points(machine: AnyMachine) -> list[tuple[str, object]]:
    """Where the configuration names a counter of the machine, and the counter's place."""
    named: list[tuple[str, object]] = []
    for line in machine.lines:
        for key, counter in zip(("production", "rejected"), line.counters, strict=False):
            named.append((f"clps.{machine.name}.lines.{line.line}.{key}", counter.point))
    if isinstance(machine, ModbusConfig) and machine.heartbeat is not None:
        named.append((f"clps.{machine.name}.heartbeat", machine.heartbeat.register))
    return named


def _read_twice(points: Sequence[tuple[str, object]]) -> Iterator[str]:
    for (where, point), (other, its) in combinations(points, 2):
        if _overlap(point, its):
            yield f"{other}: {its} já é lido em {where} ({point}); confira os endereços na lista da máquina"


def _overlap(one: object, other: object) -> bool:
    """Whether two places share a word, or are one node."""
    match one, other:
        case Register(), Register():
            ends = one.address + one.words, other.address + other.words
            return one.table == other.table and one.address < ends[1] and other.address < ends[0]
        case OpcUaPoint(), OpcUaPoint():
            return _node(one) == _node(other)
    return False


def _node(point: OpcUaPoint) -> tuple[object, ...]:
    return point.node.uri, point.node.index, point.node.identifier, point.count, point.index


def _two_connections(machines: Sequence[AnyMachine]) -> Iterator[str]:
    """Many devices take one connection, and answer two badly."""
    for one, other in combinations(map(_Device, machines), 2):
        if one.port != other.port or type(one.machine) is not type(other.machine):
            continue
        if not one_computer(one.host, other.host):
            continue
        ours, theirs = (f"clps.{device.machine.name}.address" for device in (one, other))
        paths = [urlsplit(device.machine.address).path for device in (one, other)]
        if isinstance(one.machine, OpcUaConfig) and paths[0] != paths[1]:
            # Two endpoints of one server: nothing is wrong with that unless they read one node.
            for read, again in one.shared(other):
                yield f"{again}: o mesmo nó do mesmo servidor já é lido em {read}; deixe um dos dois"
            continue
        same = f"o endereço {other.machine.address} já é lido em {ours}"
        if one.machine.address != other.machine.address:
            same = f"{other.machine.address} é o mesmo aparelho de {ours} ({one.machine.address})"
        yield f"{theirs}: {same}; descreva em uma só entrada todas as linhas desse aparelho, em lines"


def _path(folder: FolderConfig) -> str:
    return local_path(folder.gateway, folder.path, folder.mount) or folder.path


def _two_readers(folders: Sequence[tuple[FolderConfig, str, Where]]) -> Iterator[str]:
    """A file that two entries read would be counted twice."""
    for (one, _, where), (other, _, there) in combinations(folders, 2):
        if may_share(folded(one.files), folded(other.files)) and where.is_folder(there):
            yield (
                f"clps.{other.name}.files: um arquivo pode servir a {other.files!r} e ao {one.files!r} de "
                f"clps.{one.name}, que lê a mesma pasta; dê a cada formato dela nomes que não se confundam, como "
                "cvx_*.csv e kv_*.csv"
            )


def _spool(config: Config, folders: Sequence[tuple[FolderConfig, str, Where]]) -> Iterator[str]:
    if config.gateway is None:
        return
    spool = str(config.gateway.spool)
    if is_networked(spool):
        yield f"gateway.spool: {spool} fica em outro computador; use uma pasta em um disco deste"
        return
    ours = Where.leads(spool)
    for folder, path, followed in folders:
        where = f"clps.{folder.name}.path"
        if ours.is_folder(followed):
            yield f"gateway.spool: {spool} é a pasta seguida em {where}; dê ao spool uma pasta só dele"
        elif ours.is_inside(followed):
            yield f"gateway.spool: {spool} fica dentro da pasta seguida em {where} ({path}); ponha-o fora dela"
        elif followed.is_inside(ours):
            yield f"{where}: {path} fica dentro de gateway.spool ({spool}); ponha o spool fora dela"


def _page(config: Config) -> Iterator[str]:
    if config.gateway is None or config.gateway.page is None:
        return
    _, port = config.gateway.page
    for device in map(_Device, config.machines):
        if device.port == port and is_this_machine(device.host):
            yield (
                f"gateway.page: a porta {port} deste computador já é a de clps.{device.machine.name}.address; "
                "escolha outra"
            )
