"""Machines with running counters, as they are described in ``clps`` beside ``keyence``: one shape for every protocol.

    "clps": {
      "bottelpack_a": {                          # a name of one's choice; it is the source's name for ever
        "protocol": "modbus",                    # or "opcua"
        "address": "192.168.1.21:502",
        "poll_ms": 250,
        ... keys of the protocol (`modbus_config.py`, `opcua_config.py`) ...
        "lines": {
          "SPEP-ENV-A": {                        # linha_id
            "production": {"holding": 100, "modulus": 1000000},
            "rejected": {"holding": 102},
            "processed_includes_rejected": true,
            "max_per_hour": 750,
            "burst": 10,
            "role": "contagem"
          }
        }
      }
    }

- ``production``, ``rejected``: where a counter stands, in the words of its protocol (a register, a node), and its
  ``modulus``: how many values it shows before it starts again by itself; without it, what the width of the value gives.
- ``processed_includes_rejected``: whether the production counter also counts what was rejected. Standards leave it open
  (PackML's ProdProcessedCount), so it is required as soon as there is a ``rejected``, and has no default. If false, the
  machine counts only good ones, and what was made is both counters together.
- ``max_per_hour``: more than the machine can make in an hour, **in its own counts** (cycles, if it counts cycles): what
  exceeds it is held for a person. ``burst``: what may appear in one reading beyond that; by default ten seconds' worth
  and ten more. Factors (8 units a cycle) are no matter of the gateway: they live in the database.
- ``role``: ``contagem`` (its counts are the line's) or ``conferencia`` (shown beside them, never sent as counts). At
  most one source of a line may have ``contagem``.

A protocol adds a module with the keys it knows and a function from the section to its configuration, one line to
`PROTOCOLS` (`edge_gateway.config`), and one case to `edge_gateway.machines.source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from edge_gateway.machines.counting import Rule
from edge_gateway.section import ConfigError, Section, require_line_id

Role = Literal["contagem", "conferencia"]
Point = TypeVar("Point", covariant=True)
"""Where a counter stands: what a protocol needs to read it."""

MACHINE_KEYS: Final = ("protocol", "address", "poll_ms", "lines")
LINE_KEYS: Final = ("production", "rejected", "processed_includes_rejected", "max_per_hour", "burst", "role")
_LINES_HINT = '{"SPEP-ENV-A": {"production": {...}, "max_per_hour": 750}}'


@dataclass(frozen=True, slots=True)
class Counter(Generic[Point]):
    """One running counter: where it stands and how it behaves."""

    point: Point
    rule: Rule


@dataclass(frozen=True, slots=True)
class Line(Generic[Point]):
    """What one machine counts of one line."""

    line: str
    production: Counter[Point]
    rejected: Counter[Point] | None
    includes_rejected: bool
    """Whether `production` counts the rejected ones too; true where there is no `rejected`."""
    role: Role

    @property
    def counts(self) -> bool:
        """Whether what it counts is the line's; otherwise it is only compared."""
        return self.role == "contagem"

    @property
    def counters(self) -> tuple[Counter[Point], ...]:
        """Production first."""
        return (self.production,) if self.rejected is None else (self.production, self.rejected)


@dataclass(frozen=True, slots=True)
class Machine(Generic[Point]):
    """What every protocol's configuration begins with. ``name``: the key in ``clps``."""

    name: str
    address: str
    poll_ms: int
    lines: tuple[Line[Point], ...]


def parse_lines(
    section: Section, point_keys: tuple[str, ...], parse_point: Callable[[Section], tuple[Point, int]], gap_ms: int
) -> tuple[Line[Point], ...]:
    """The ``lines`` of a machine; what is left to the protocol is the place of a counter.

    `parse_point` returns the point and the width in bits of its values; `point_keys` are the keys it reads. `gap_ms`: a
    longer time between two good readings is a gap. Raises ConfigError.
    """
    return tuple(
        _parse_line(name, line, point_keys, parse_point, gap_ms)
        for name, line in section.table("lines", LINE_KEYS, _LINES_HINT)
    )


def gap_of(poll_ms: int) -> int:
    """The time without a good reading from which on an increment says since when: a few polls, two seconds at least."""
    return max(2_000, 4 * poll_ms)


def read_speed(section: Section) -> tuple[int, int]:
    """A line's ``max_per_hour`` and ``burst``. Raises ConfigError."""
    per_hour = section.optional_whole("max_per_hour", 1, 100_000_000)
    if per_hour is None:
        raise ConfigError(
            "falta a chave 'max_per_hour'",
            section.key("max_per_hour"),
            "diga quanto a máquina não consegue passar em uma hora, nas contagens dela (ciclos, se conta ciclos)",
        )
    return per_hour, section.whole("burst", 10 + per_hour // 360, 0, 1_000_000)


def _parse_line(
    name: str, section: Section, keys: tuple[str, ...], parse_point: Callable[[Section], tuple[Point, int]], gap_ms: int
) -> Line[Point]:
    require_line_id(name, section.path)
    per_hour, burst = read_speed(section)

    def counter(key: str) -> Counter[Point]:
        place = section.required(key, (*keys, "modulus"), '{"holding": 100}')
        point, bits = parse_point(place)
        modulus = place.optional_whole("modulus", 2, 1 << bits) or 1 << bits
        return Counter(point, Rule(per_hour, modulus, burst, gap_ms, bits))

    rejected = counter("rejected") if "rejected" in section.names() else None
    includes = section.optional_flag("processed_includes_rejected")
    if rejected is not None and includes is None:
        raise ConfigError(
            "falta dizer se o contador de produção também conta as rejeitadas",
            section.key("processed_includes_rejected"),
            "true: conta boas e rejeitadas; false: só as boas (rode 10 peças, rejeite 1 e compare com sondar)",
        )
    role = section.choice("role", ("contagem", "conferencia"), default="contagem")
    return Line(
        line=name,
        production=counter("production"),
        rejected=rejected,
        includes_rejected=rejected is None or bool(includes),
        role="contagem" if role == "contagem" else "conferencia",
    )


def refuse_two_counting(lines: Iterable[tuple[str, str, Role]]) -> None:
    """Refuse two sources that both count a line: (linha_id, path of the key, role). Raises ConfigError."""
    counting: dict[str, str] = {}
    for line, where, role in lines:
        if role != "contagem":
            continue
        if line in counting:
            raise ConfigError(
                f"a linha {line} já é contada em {counting[line]}",
                where,
                'deixe uma só com "role": "contagem" e dê à outra "role": "conferencia"',
            )
        counting[line] = where


def refuse_two_connections(machines: Iterable[Machine[object]]) -> None:
    """Refuse two entries of one address: many devices take one connection, and answer two badly. Raises ConfigError."""
    known: dict[str, str] = {}
    for machine in machines:
        if machine.address in known:
            raise ConfigError(
                f"o endereço {machine.address} já é lido em clps.{known[machine.address]}",
                f"clps.{machine.name}.address",
                "descreva em uma só entrada todas as linhas desse aparelho, em lines",
            )
        known[machine.address] = machine.name


def machine_lines(machines: Iterable[Machine[object]]) -> list[tuple[str, str, Role]]:
    """What `refuse_two_counting` asks of each machine."""
    return [
        (line.line, f"clps.{machine.name}.lines.{line.line}", line.role)
        for machine in machines
        for line in machine.lines
    ]
