"""`sicfar dossie`: the words on the command line, the audit that goes with it, the file that is written."""

from __future__ import annotations

import argparse
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.audit.differences import Difference
    from operations.dossier.gathering import Lot
    from operations.dossier.rendering import Verdict

AREA = "dossie"
_GRACE_S = 600  # as `sicfar auditar` by itself


def add(areas: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    dossier = areas.add_parser(
        AREA,
        help="escreve tudo de uma OP num só HTML que se imprime: contagens, arquivos, assinaturas, TOTVS, auditoria",
        epilog=(
            "O banco vem de DATABASE_URL, com o dono das tabelas; a conta AWS, do ambiente. "
            "Saída 0: tudo confere; 1: uma soma não confere, ou a auditoria achou diferenças; 2: não pôde."
        ),
    )
    dossier.add_argument("op", help="a OP, como na tela Lotes")
    dossier.add_argument(
        "--bucket", help="audita antes este bucket inteiro, e traz o resultado; sem ele, o dossiê diz que não"
    )
    dossier.add_argument("--saida", type=Path, help="arquivo a escrever (dossie-OP.html)")


def run(chosen: argparse.Namespace) -> int:
    """Write the page; the exit code is 0 only if all agrees."""
    from operations.dossier.agreement import agreements
    from operations.dossier.gathering import gather
    from operations.dossier.rendering import render
    from sicfar.settings import text

    url = text("DATABASE_URL")
    lot = gather(url, chosen.op)
    verdict = _audit(url, chosen.bucket, lot) if chosen.bucket else None
    page = render(lot, verdict).encode()
    path = chosen.saida or Path(f"dossie-{re.sub(r'[^0-9A-Za-z]', '_', lot.lot.order)}.html")
    path.write_bytes(page)
    wrong = [one.what for one in agreements(lot) if not one.agrees]
    print(f"{path}: {len(page):,} bytes, SHA-256 {hashlib.sha256(page).hexdigest()}")
    for one in wrong:
        print(f"não confere: {one}")
    if verdict:
        print(verdict.summary)
    return 1 if wrong or (verdict and verdict.summary.differences) else 0


def _audit(url: str, bucket: str, lot: Lot) -> Verdict:
    import boto3

    from operations.audit.run import audit
    from operations.dossier.rendering import Verdict
    from sicfar.aws.clients import CLIENT

    lines = {one.line for one in lot.periods}
    found: list[Difference] = []

    def tell(one: Difference) -> None:
        if one.order == lot.lot.order or (one.order is None and (one.line is None or one.line in lines)):
            found.append(one)

    at = datetime.now(UTC)
    summary = audit(url, boto3.client("s3", config=CLIENT), bucket, tell, grace_s=_GRACE_S)
    return Verdict(bucket, at, summary, found)
