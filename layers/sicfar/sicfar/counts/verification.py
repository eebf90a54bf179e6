"""Whether a batch is what its key and its last line say: digests taken while its bytes pass."""

import hashlib
from collections.abc import Iterable, Iterator

from sicfar.counts.compression import TornBatchError
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import comment_values, excerpt

_TRAILER_BYTES = 4_096  # the last line is 110 bytes; room for keys of later writers


class StoredBytes:
    """The object's bytes as stored, digested on the way."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            yield chunk

    def verify(self, key: BatchKey) -> None:
        """Take what is left and compare the digest with the key's."""
        for _ in self:
            pass
        found = self._digest.hexdigest()[:16]
        if found != key.digest16:
            raise TornBatchError(
                f"os bytes gravados não são os que o gateway enviou (sha256 {found}…)", where=key.format()
            )


class Ending:
    """Passes the plain bytes through and digests all but the last line, which says what the digest must be."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self._tail = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._tail += piece
            if (surplus := len(self._tail) - _TRAILER_BYTES) > 0:
                self._digest.update(self._tail[:surplus])
                del self._tail[:surplus]
            yield piece

    def verify(self, records: int) -> None:
        """Compare the last line with what came before it, once all pieces were taken. Raises TornBatchError."""
        begin = self._tail.rfind(b"\n", 0, -1) + 1
        last = bytes(self._tail[begin:])
        if not (last.startswith(b"# fim ") and last.endswith(b"\n")):
            raise TornBatchError(f"o lote não acaba em uma linha '# fim ...': {excerpt(last)}")
        self._digest.update(self._tail[:begin])
        values = comment_values(last.decode("utf-8", "replace"))
        if values.get("sha256") != self._digest.hexdigest():
            raise TornBatchError("o sha256 da linha # fim não confere com o conteúdo do lote")
        if values.get("registros") != str(records):
            raise TornBatchError(f"# fim anuncia {excerpt(values.get('registros', ''))} registros; há {records}")
