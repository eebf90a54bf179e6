"""Whether the folder that answers is the one that was read before.

An empty mount point, another share, a volume that is not there yet: each is a folder that can be listed, and silence in
it says nothing about the machines. A folder is known by its device and by the files that were read in it:

- a file that holds what was read before is proof, on whatever device (a share gets another number at each mount, and a
  server may be replaced);
- on the device of before, any file that fits the pattern will do: a logger may delete all its old files and begin a
  new one at midnight;
- on another device, without a single known file, it is foreign until a writer is seen at work in it: a file with a
  record that came or grew since the folder was first looked at;
- without a file that fits, it says nothing at all.

A device of 0 is none: some file systems and shares have no number to give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from edge_gateway.config import FolderConfig
from edge_gateway.folders.listing import Look
from edge_gateway.folders.names import fits
from edge_gateway.folders.poll import FolderState, Memory, Signature
from edge_gateway.source import SourceError


def judge(*, known: bool, resumed: bool, fitting: bool, same_device: bool, alive: bool) -> FolderState:
    """Which folder it is.

    `known`: something was read in it before; `resumed`: a file was found that holds it; `fitting`: there is a file that
    fits the pattern; `same_device`: it is on a device of before, or devices have no number; `alive`: a writer is at
    work in it.
    """
    if resumed:
        return FolderState.SAME
    if not fitting:
        return FolderState.EMPTY if known else FolderState.NOTHING_YET
    return FolderState.SAME if not known or same_device or alive else FolderState.FOREIGN


def recognise(
    memory: Memory, look: Look, signatures: Mapping[str, Signature], *, resumed: bool, written: Collection[str]
) -> FolderState:
    """Which folder a look has seen. `written`: files with a record in which no stream of before was found."""
    known = bool(memory.streams)
    if resumed:
        memory.watched = None
        return judge(known=known, resumed=True, fitting=True, same_device=True, alive=False)
    fitting = [name for name in look.names if fits(name, memory.pattern)]
    seen = {name: signatures[name] for name in fitting if name in signatures}
    if not known or not fitting:
        same, alive = True, False
    else:
        devices = {0, *(stream.device for stream in memory.streams.values())}
        same = look.device in devices or any(signature[0] in devices for signature in seen.values())
        alive = memory.watched is not None and any(
            name in written and memory.watched.get(name) != signature for name, signature in seen.items()
        )
    if same or alive:
        memory.watched = None
    elif memory.watched is None:
        memory.watched = seen
    return judge(known=known, resumed=False, fitting=bool(fitting), same_device=same, alive=alive)


def refusal(state: FolderState, config: FolderConfig, known: int) -> SourceError | None:
    """The error of a folder that says nothing about the `known` files that were read before; None if it does."""
    where, pattern = str(config.path), config.files
    if state is FolderState.EMPTY:
        return SourceError(
            f"a pasta está sem nenhum arquivo {pattern}, e {known} já foram lidos nela",
            where,
            "confira se o compartilhamento está montado; se foi esvaziada de propósito, a leitura recomeça sozinha "
            f"com o próximo arquivo {pattern} (serve um vazio, para as marcas andarem)",
        )
    if state is FolderState.FOREIGN:
        return SourceError(
            f"a pasta não é a que era lida: é outro volume, sem nenhum dos {known} arquivos já lidos",
            where,
            "confira o que está montado ali; se a pasta mudou de servidor, ela é aceita sozinha com um dos "
            f"arquivos antigos, ou quando um arquivo {pattern} com registros surge ou cresce nela",
        )
    return None
