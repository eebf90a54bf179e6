"""The sweep that has quarantined pieces read again, and the parser that reads them, for entries made by hand."""

from typing import Any

from local.stack.database import Database


def reread(db: Database, *files: dict[str, Any]) -> list[str]:
    """Everything asked for is read again, until nothing more is; what became of each piece. `files`: all there were."""
    known = {file["chave"]: file for file in files}
    became: list[str] = []
    while True:
        with db.as_role("service_role"):
            asked = db.one("select quarentenas_a_reprocessar(100)")
        if not asked:
            return became
        became += db.situations(
            *(known[one["chave"]] | ({"reprocessar": one["id"]} if one["trecho"] else {}) for one in asked)
        )
