"""Gzip of unknown origin, read as a stream with a bound on what comes out."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar

from sicfar.counts.codes import Reason
from sicfar.errors import PermanentError, TransientError

_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with gzip header and trailer
_PIECE = 1 << 18


class TornBatchError(TransientError):
    """The object is cut or damaged: not counted, retried, then quarantined for its ``reason``."""

    reason = Reason.BATCH_TORN

    def __init__(self, what: str, *, where: str = "") -> None:
        action = "nenhuma: nova tentativa automática; se persistir, o arquivo vai para a quarentena"
        super().__init__("batch_torn", what, where=where, action=action)


class QuarantineError(PermanentError):
    """The object is whole, and nothing in it can be counted: it goes to quarantine for its ``reason``.

    Not raised itself: raise a subclass that names one.
    """

    reason: ClassVar[Reason]


class DecompressedTooLargeError(QuarantineError):
    """More comes out of the object than its reader accepts (a gzip bomb, or no counting file)."""

    reason = Reason.DECOMPRESSED_TOO_LARGE

    def __init__(self, limit: int) -> None:
        what = f"o conteúdo descompactado passa de {limit} bytes"
        super().__init__(
            "decompressed_too_large", what, action="confira a origem do arquivo; envie-o em partes menores"
        )


def plain_chunks(chunks: Iterable[bytes], *, limit: int) -> Iterator[bytes]:
    """Yield the plain bytes of an object, gunzipped if it begins with the gzip magic, in pieces of at most 256 KiB.

    Raises TornBatchError on a cut or corrupt stream, DecompressedTooLargeError before a byte past ``limit`` is yielded.
    """
    length = 0
    for piece in _decoded(iter(chunks)):
        length += len(piece)
        if length > limit:
            raise DecompressedTooLargeError(limit)
        yield piece


def _decoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(_MAGIC):
            break
    if head.startswith(_MAGIC):
        yield from _gunzipped(head, chunks)
        return
    for chunk in chain((head,), chunks):
        for begin in range(0, len(chunk), _PIECE):
            yield chunk[begin : begin + _PIECE]


def _gunzipped(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP)
    data = head
    taken = 0
    while True:
        try:
            while data:
                if stream.eof:  # another member follows: files put together with cat are valid gzip
                    stream = zlib.decompressobj(_GZIP)
                if piece := stream.decompress(data, _PIECE):
                    yield piece
                rest = stream.unused_data if stream.eof else stream.unconsumed_tail
                taken += len(data) - len(rest)
                data = rest
        except zlib.error as error:
            raise TornBatchError(f"gzip corrompido: {error}", where=f"byte {taken} do objeto") from error
        following = next(chunks, None)
        if following is None:
            break
        data = following
    if not stream.eof:
        raise TornBatchError("gzip cortado: o objeto acaba antes do fim do fluxo", where=f"byte {taken} do objeto")
