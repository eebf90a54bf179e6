"""The gateway's configuration: the specification's JSON object, checked whole before anything is opened.

The object of the specification loads unchanged; the gateway reads ``clps`` and ``gateway`` and leaves ``totvs`` alone.
Every fault is said in one run, each with the path of its key and what to write: what the models here refuse, and what
contradicts something elsewhere in the file (`edge_gateway.conflicts`). The JSON Schema for editors is made from these
models (``python -m local.contracts``).

``clps.keyence`` is the folder of the sensors' own files. Any other entry of ``clps`` with ``"protocol": "file"`` is one
more folder, or other files of the same one, whose lines its ``format`` describes; one entry has one layout.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, PlainValidator, ValidationError, ValidationInfo, field_validator

from edge_gateway.conflicts import conflicts
from edge_gateway.folders.format_config import FormatConfig
from edge_gateway.folders.place import resolve_folder
from edge_gateway.json_file import read_json
from edge_gateway.machines.modbus_config import ModbusConfig
from edge_gateway.machines.opcua_config import OpcUaConfig
from edge_gateway.section import SENSORS, Count, Endpoint, Entry, LineId, Located, Part, PollMs, Seconds, Text
from edge_gateway.section import ConfigError as ConfigError
from sicfar.counts.keys import GATEWAY_ID
from sicfar.validation import faults, nearest, refused, said

Rhythm = Literal["constant", "event"]
SHIFTS: Final[Mapping[str, str]] = {"D1/D2": "06:00", "N1/N2": "18:00"}
"""The plant's, as the database begins with: crews alternate, two share a shift's hours."""


class FolderConfig(Entry):
    """One folder of TXT files. ``gateway`` and ``path`` are the specification's; the rest has defaults.

    ``format``: None for the sensors' own lines.

    ``rhythm``: ``constant`` = the sensor writes all the time (4 records/s), so the last complete record says how far
    the line is known; ``event`` = it writes only when something is made, so "now less ``event_delay_s``" says it.
    """

    protocol: Literal["file"] = "file"
    gateway: Text | None = Field(None, description="o computador onde a pasta está, se não for este")
    path: Text = Field(description="a pasta dos arquivos", examples=['"/data/production"'])
    files: Text = Field("*.txt", description="os nomes dos arquivos a seguir", examples=['"*.csv"'])
    format: FormatConfig | None = Field(None, description="o que há nas linhas, se não for o formato dos sensores")
    aliases: dict[str, LineId] = Field({}, validate_default=True, description="código da máquina → linha_id")
    poll_ms: PollMs = 250
    clock_tolerance_s: Seconds = Field(300, description="segundos que o relógio da máquina pode estar errado")
    mount: Text | None = Field(None, description="onde a pasta do outro computador está montada aqui")
    rhythm: Rhythm | None = Field(
        None, validate_default=True, description="constant: escreve o tempo todo; event: só quando algo é feito"
    )
    event_delay_s: Seconds = Field(60, description="segundos que um registro pode demorar a ser escrito")

    @field_validator("files")
    @classmethod
    def _is_in_no_folder(cls, files: str) -> str:
        if "/" in files or "\\" in files:
            raise refused("escreva só o padrão do nome, p. ex. *.txt, e a pasta em path")
        return files

    @field_validator("aliases")
    @classmethod
    def _name_every_line(cls, aliases: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        described: FormatConfig | None = info.data.get("format")
        if described is not None and bool(described.line) == bool(aliases):
            raise said(
                "não vale com format.line; retire uma das duas chaves"
                if aliases
                else 'falta; diga a linha de cada valor de format.line_column, p. ex. {"L1": "SPEP-ENV-A"}'
            )
        return aliases

    @field_validator("rhythm")
    @classmethod
    def _suits_pieces(cls, rhythm: Rhythm | None, info: ValidationInfo) -> Rhythm | None:
        described: FormatConfig | None = info.data.get("format")
        by_piece = described is not None and described.pieces is not None
        if rhythm == "constant" and by_piece:
            raise refused('uma linha por peça não tem ritmo constante; use "event"')
        return rhythm or ("event" if by_piece else "constant")

    @property
    def lines(self) -> tuple[str, ...]:
        """Every linha_id the configuration names; with a format there are no others."""
        if self.format is not None and self.format.line:
            return (self.format.line,)
        return tuple(sorted(set(self.aliases.values())))

    def folder(self) -> Path:
        """The local path to read. Raises ConfigError when `edge_gateway.folders.place` knows none."""
        return resolve_folder(self.gateway, self.path, self.mount, entry=f"clps.{self.name}")


def _page(value: object) -> Endpoint:
    match = re.fullmatch(r"(?:([^:\[\]\s]*|\[[0-9A-Fa-f:.]+\]):)?(\d{1,5})", value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[2]) < 65_536:
        raise refused('escreva "127.0.0.1:8080" (só este computador) ou "0.0.0.0:8080" (a rede da planta)')
    return Endpoint((match[1] or "").strip("[]") or "127.0.0.1", int(match[2]))


def _at_different_times(shifts: Mapping[str, str]) -> Mapping[str, str]:
    if len(set(shifts.values())) < len(shifts):
        raise said('dois turnos começam na mesma hora; junte as equipes em um nome, p. ex. "D1/D2"')
    return shifts


Shifts = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[\w/ -]{1,20}$", description="o nome do turno, até 20 letras")],
        Annotated[
            str,
            Field(
                pattern="^([01][0-9]|2[0-3]):(00|15|30|45)$",
                description="a hora em que o turno começa, de 15 em 15 minutos",
                examples=['"06:00"'],
            ),
        ],
    ],
    Field(min_length=1, json_schema_extra={"additionalProperties": False}),
    AfterValidator(_at_different_times),
]


class GatewayConfig(Part):
    """Who this gateway is and where its batches go. Seconds and record counts; ``spool`` is a local folder.

    ``page``: host and port of the status page, None for none. A port alone is this computer's own, seen by nobody else.
    ``shifts``: when each begins, in the plant's time, for that page alone; one ends where the next begins.
    """

    id: str = Field(
        pattern=f"^{GATEWAY_ID.pattern}$",
        description="o nome deste gateway (minúsculas, algarismos e '-', de 2 a 63)",
        examples=['"farmace-spep"'],
    )
    bucket: str = Field(pattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", description="o nome exato do bucket no S3")
    spool: Annotated[Path, Located] = Field(description="uma pasta em disco local, só deste gateway")
    region: Text | None = Field(None, description="a região do bucket, se não for a do perfil AWS")
    seal_seconds: Count = Field(5, ge=1, le=3600, description="segundos até um lote ser selado")
    seal_records: Count = Field(20_000, ge=1, le=1_000_000, description="registros até um lote ser selado")
    page: Annotated[Endpoint, PlainValidator(_page, json_schema_input_type=str)] | None = Field(
        None, description="o endereço da página de estado", examples=['"127.0.0.1:8080"']
    )
    shifts: Shifts = Field(
        dict(SHIFTS),
        description="os turnos da página, cada um com a hora em que começa",
        examples=['{"D1/D2": "06:00", "N1/N2": "18:00"}'],
    )


def _is_no_slip(name: str) -> str:
    if name != SENSORS and nearest(name, (SENSORS,), alike=0.8):
        raise refused(f"seria `{SENSORS}`?")
    return name


Name = Annotated[
    str,
    Field(pattern="^[a-z0-9][a-z0-9_]{0,39}$", description="um nome de minúsculas, algarismos e '_', até 40"),
    AfterValidator(_is_no_slip),
]


class Config(Part):
    """What one configuration file says: `totvs` is the cloud's own business."""

    editor_schema: str | None = Field(None, alias="$schema", description="para o editor; o gateway não a lê")
    totvs: object = Field(None, description="o ERP (docs/totvs.md)")
    clps: dict[Name, Annotated[FolderConfig | ModbusConfig | OpcUaConfig, Field(discriminator="protocol")]] = Field(
        {},
        description="as pastas e as máquinas, cada uma com um nome que fica para sempre",
        json_schema_extra={"additionalProperties": False},
    )
    gateway: GatewayConfig | None = Field(None, description="este gateway")

    @field_validator("clps", mode="before")
    @classmethod
    def _sensors_write_files(cls, clps: object) -> object:
        if isinstance(clps, dict) and isinstance(sensors := clps.get(SENSORS), dict):
            return {**clps, SENSORS: {"protocol": "file", **sensors}}
        return clps

    @field_validator("clps")
    @classmethod
    def _are_called(cls, clps: dict[str, Entry]) -> dict[str, Entry]:
        for name, entry in clps.items():
            entry.called(name)
        return clps

    @cached_property
    def files(self) -> tuple[FolderConfig, ...]:
        """The folders, in the order of the file."""
        return tuple(entry for entry in self.clps.values() if isinstance(entry, FolderConfig))

    @cached_property
    def machines(self) -> tuple[ModbusConfig | OpcUaConfig, ...]:
        """The machines, in the order of the file."""
        return tuple(entry for entry in self.clps.values() if not isinstance(entry, FolderConfig))

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


def load_config(path: Path) -> Config:
    """Read and check a configuration file (JSON, UTF-8 with or without BOM). Raises ConfigError."""
    raw, repeated = read_json(path, apart="totvs")
    return parse_config(raw, repeated)


def parse_config(raw: object, known: Sequence[str] = ()) -> Config:
    """Check an already parsed JSON value, of which `known` is wrong already. Raises ConfigError with every fault."""
    wrong = list(known)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        wrong += faults(error, Config)
        config = _sound_part(raw, error)
    wrong += conflicts(config)
    if wrong:
        raise ConfigError("\n".join(wrong))
    if not config.files and not config.machines and config.gateway is None:
        raise ConfigError("nada a ler nem a enviar", "clps.keyence", "descreva a pasta dos arquivos TXT nessa chave")
    return config


def _sound_part(raw: object, error: ValidationError) -> Config:
    """What of a file nothing is wrong with by itself: contradictions in it are said in the same run."""
    broken = {one["loc"][:2] for one in error.errors(include_url=False)}
    top = raw if isinstance(raw, dict) else {}
    clps = top.get("clps")
    entries = clps.items() if isinstance(clps, dict) else ()
    sound: dict[str, object] = {"clps": {name: entry for name, entry in entries if ("clps", name) not in broken}}
    if not any(place[:1] == ("gateway",) for place in broken):
        sound["gateway"] = top.get("gateway")
    return Config.model_validate(sound)
