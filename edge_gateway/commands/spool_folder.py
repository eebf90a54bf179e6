"""`check` of the spool's folder: whether a gateway can keep what it reads there, and whether it is this gateway's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge_gateway.commands.report import Result
from edge_gateway.config import GatewayConfig
from edge_gateway.filesystems import NETWORK, filesystem_of
from edge_gateway.health import ALIVE_S, age_s, duration
from edge_gateway.spool.status import NoSpoolError, read_status
from edge_gateway.spool.tables import DATABASE, RESERVE_BYTES

_FAT: Final = frozenset({"vfat", "msdos", "fat", "fat32", "exfat"})
"""They have no journal: a power cut takes the folder's own tables along."""
_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_LITTLE_BYTES: Final = 1 << 30


def check_spool(gateway: GatewayConfig) -> Iterator[Result]:
    """One finding after the other about the folder of the spool; nothing in it is changed."""
    folder = gateway.spool
    existing = next((path for path in (folder, *folder.absolute().parents) if path.exists()), None)
    if existing is None:
        action = "confira gateway.spool e se o disco está montado"
        yield Result("config", f"spool: nem {folder} nem o disco dele existe; {action}")
        return
    if not existing.is_dir():
        yield Result("config", f"spool: {existing} é um arquivo, não uma pasta; corrija gateway.spool")
        return
    yield _writable(folder, existing)
    yield from _disk(folder, existing)
    if (folder / DATABASE).is_file():
        yield _owner(gateway)


def _writable(folder: Path, existing: Path) -> Result:
    action = "dê o direito de gravar à conta que executa o gateway (rode o check nessa mesma conta)"
    try:
        # It has no name, or is deleted at once: the folder stays as it was.
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return Result("config", f"spool: {existing} não pode ser gravada por esta conta ({error.strerror}); {action}")
    if existing != folder:
        return Result("ok", f"spool: {folder} será criada pelo primeiro run")
    for path in sorted(folder.glob("spool.*")):
        if not os.access(path, os.R_OK | os.W_OK):
            return Result("config", f"spool: {path} é de outra conta, e esta não o pode gravar; {action}")
    return Result("ok", f"spool: {folder} pode ser gravada por esta conta")


def _disk(folder: Path, existing: Path) -> Iterator[Result]:
    kind = filesystem_of(existing)
    if kind in NETWORK:
        action = "use uma pasta em disco local deste computador"
        yield Result(
            "config", f"spool: {folder} está em um disco de rede ({kind}), que pode perder o guardado; {action}"
        )
    elif kind in _FAT:
        action = "use um disco com NTFS ou ext4"
        yield Result("config", f"spool: {folder} está em um disco {kind}, que não resiste a queda de energia; {action}")
    elif kind in _MEMORY:
        yield Result("aviso", f"spool: {folder} está na memória ({kind}): ao desligar perde-se o que não foi enviado")
    free = shutil.disk_usage(existing).free
    room = f"spool: {free >> 20} MB livres no disco"
    if free <= RESERVE_BYTES:
        yield Result("erro", f"{room}; com menos de {RESERVE_BYTES >> 20} MB nada novo é lido: libere espaço")
    else:
        yield Result("aviso" if free < _LITTLE_BYTES else "ok", f"{room}{'; é pouco' if free < _LITTLE_BYTES else ''}")


def _owner(gateway: GatewayConfig) -> Result:
    try:
        status = read_status(gateway.spool)
    except NoSpoolError as error:
        return Result("erro", f"spool: {error}")
    if status.gateway != gateway.id:
        action = "restaure gateway.id, ou dê a este gateway outra pasta"
        return Result(
            "config", f"spool: a pasta pertence ao gateway {status.gateway!r}, não a {gateway.id!r}; {action}"
        )
    alive_s = age_s(status, status.alive_at)
    if alive_s is not None and alive_s <= ALIVE_S:
        use = "em uso pelo gateway em execução, como deve ser com o serviço ligado"
    else:
        use = "nenhum gateway em execução" + ("" if alive_s is None else f" (último sinal há {duration(alive_s)})")
    waiting = status.pending_records + status.sealed_records
    return Result("ok", f"spool: é do gateway {status.gateway}; {use}; {waiting} registros por enviar")
