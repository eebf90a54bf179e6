"""`python -m local.notices FOLDER OUTPUT [LICENCE…]`: names, licences and licence texts of the packages in a folder.

`make build` runs it over the functions' packages, `make bundle` over the gateway's. It fails on a licence that is on no
list of ours and is not named as allowed there: somebody reads that one before it is passed on to the plant.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

PERMISSIVE = frozenset(
    {"Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
)
"""What may be in any function and in the layers. BSD: a package that does not say which of them; MPL-2.0: its
files are passed on unchanged, which is all it asks for."""

GATEWAY = PERMISSIVE | {"LGPL-3.0-or-later"}
"""What may be in the gateway's bundle. LGPL: the package lies there as files that the plant can replace."""

OURS = ("sicfar", "edge-gateway")

_SPELLINGS = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "LGPL-3.0+": "LGPL-3.0-or-later",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""How packages without an SPDX expression write their licence."""

_TEXTS = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)


class LicenceError(Exception):
    """A package's licence is not one we pass on."""


def notices(folder: Path, allowed: frozenset[str]) -> str:
    """The text for the packages in a folder. Raises LicenceError with every package that is not allowed."""
    found = sorted(distributions(path=[str(folder)]), key=lambda one: one.name.lower())
    third = [one for one in found if one.name not in OURS]
    refused = [f"{one.name} {one.version}: {licence(one)}" for one in third if not permitted(licence(one), allowed)]
    if refused or not third:
        raise LicenceError(f"{folder}: {'; '.join(refused) or 'no package'}")
    return "\n\n".join(["Third-party packages and their licences", *map(_notice, third)]) + "\n"


def licence(package: Distribution) -> str:
    """A package's licence as an SPDX expression, or as the package writes it."""
    about = package.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    named = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License :: ")]
    written = [one.strip().partition("\n")[0] for one in about.get_all("License") or ()]
    return " AND ".join(_SPELLINGS.get(one, one) for one in dict.fromkeys(_known(written) or _known(named) or named))


def permitted(expression: str, allowed: frozenset[str]) -> bool:
    """Whether a list of licences allows an expression: one of each OR, every one of each AND."""
    choices = [one.split(" AND ") for one in expression.split(" OR ")]
    return any(all(one.strip(" ()") in allowed for one in together) for together in choices)


def _known(spellings: Iterable[str]) -> list[str]:
    known = GATEWAY | _SPELLINGS.keys()
    return [one for one in spellings if one in known]


def _notice(package: Distribution) -> str:
    files = [one for one in package.files or () if ".dist-info" in str(one) and _TEXTS.search(Path(str(one)).name)]
    texts = [Path(str(one.locate())).read_text(encoding="utf-8", errors="replace").strip() for one in sorted(files)]
    head = f"{'=' * 100}\n{package.name} {package.version}: {licence(package)}"
    return "\n\n".join([head, *texts])


if __name__ == "__main__":
    packages, output = map(Path, sys.argv[1:3])
    try:
        text = notices(packages, PERMISSIVE.union(sys.argv[3:]))
    except LicenceError as error:
        sys.exit(f"a licence that is on no list in local/notices.py: {error}")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
