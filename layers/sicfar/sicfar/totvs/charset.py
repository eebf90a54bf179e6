"""The text of a body that came from Protheus.

The server speaks UTF-8 or CP1252, and where its own conversion fails it sends CP1252 bytes under a content type that is
no media type at all, just ``charset=cp1252``. So: what is declared, else UTF-8 if it is valid, else CP1252.
"""

import codecs
import re

from sicfar.errors import PermanentError

_KNOWN = ("utf-8", "cp1252", "iso8859-1", "ascii")
DECLARED = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)


class UndecodableError(PermanentError):
    """The bytes are text in none of the encodings Protheus uses; `where` is the offset of the first such byte."""


def decode(body: bytes, content_type: str | None, default: str = "utf-8") -> str:
    """Return the text of a body, without a byte order mark.

    ``default`` is the encoding tried where the content type declares none. A declared encoding that does not fit the
    bytes, or that nobody knows, gives way to the others. Raises UndecodableError.
    """
    declared = DECLARED.search(content_type or "")
    failure: UnicodeDecodeError | None = None
    for name in (declared[1] if declared else default, "utf-8", "cp1252"):
        try:
            codec = codecs.lookup(name).name
            if codec in _KNOWN:
                return body.decode(codec).removeprefix("\ufeff")
        except LookupError:
            continue
        except UnicodeDecodeError as error:
            failure = error
    at = failure.start if failure else 0
    raise UndecodableError(
        code="charset_undecodable",
        what=f"o byte {body[at]:#04x} não existe em UTF-8 nem em CP1252",
        where=f"byte {at}",
        action="envie em UTF-8 ou CP1252 e declare o charset no Content-Type",
    )
