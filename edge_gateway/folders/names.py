"""Names of files as Windows compares them: the same name in any case, on every system.

The loggers and the FTP jobs that make the files run on Windows or on devices that write capital letters
(``OUTPUT.TXT``); a pattern that fits there must fit here.
"""

from __future__ import annotations

import fnmatch


def folded(name: str) -> str:
    """The name, or pattern, without regard to case."""
    return name.casefold()


def fits(name: str, pattern: str) -> bool:
    """Whether a file called so is one that the pattern (``*``, ``?``, ``[...]``) asks for."""
    return fnmatch.fnmatchcase(folded(name), folded(pattern))
