"""`sicfar arquivar`: the words on the command line, and what is printed."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

AREA = "arquivar"


def add(areas: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    commands = areas.add_parser(
        AREA, help="um ano encerrado em arquivos com seus SHA-256, e a volta deles a um banco vazio"
    ).add_subparsers(dest="command", required=True)
    write = commands.add_parser(
        "ano",
        help="escreve o arquivo de um ano numa pasta nova; só lê o banco e o bucket",
        epilog="O banco vem de DATABASE_URL, com o dono das tabelas; a conta AWS, do ambiente.",
    )
    write.add_argument("ano", type=int)
    write.add_argument("--pasta", required=True, type=Path, help="pasta a criar")
    back = commands.add_parser("restaurar", help="enche um banco vazio, das mesmas migrações, com um arquivo")
    back.add_argument("--pasta", required=True, type=Path, help="pasta de um arquivo")


def run(chosen: argparse.Namespace) -> int:
    """Write or restore an archive."""
    import boto3

    from operations.archive.restoring import restore
    from operations.archive.writing import archive
    from sicfar.aws.clients import CLIENT
    from sicfar.settings import text

    begun = time.monotonic()
    if chosen.command == "ano":
        done = archive(text("DATABASE_URL"), chosen.ano, chosen.pasta, boto3.client("s3", config=CLIENT))
    else:
        done = restore(text("DATABASE_URL"), chosen.pasta)
    rows = sum(one.rows for one in done.tables.values())
    objects = done.objects.objects if done.objects else 0
    took = time.monotonic() - begun
    print(f"{done.year}: {rows} linhas de {len(done.tables)} tabelas, {objects} objetos, em {took:.0f} s")
    return 0
