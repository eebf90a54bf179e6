"""``python -m local up|down|status|demo``: the embedded stack in the background, or the whole plant live."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from local.demo import run
from local.processes import StackError
from local.stack import example
from local.stack.cloud import ROOT
from local.stack.emulator import Emulator
from local.stack.stack import Stack
from local.stack.usuarios import LOGINS_FILE
from operations import cli


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 not up (status) or failed."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The embedded stack.")
    parser.add_argument("command", choices=["up", "down", "status", "demo", "audit"])
    parser.add_argument("--run-dir", type=Path, default=ROOT / ".local", help="folder of the run (default: .local)")
    chosen = parser.parse_args(arguments)
    stack = Stack(chosen.run_dir, build_dir=ROOT / ".aws-sam" / "build", say=lambda text: print(text, flush=True))
    try:
        if chosen.command == "demo":
            return run.main()
        return {"up": _up, "down": _down, "status": _status, "audit": _audit}[chosen.command](stack)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; all parts were ended", file=sys.stderr)
        return 130


def _up(stack: Stack) -> int:
    if stack.up():
        example.prepare(stack)
    else:
        print("already up")
    _print(stack)
    print(f"{'try':17} .venv/bin/sam local invoke TxtParser -e events/txt_parser.json   (needs a container engine)")
    return 0


def _down(stack: Stack) -> int:
    print("ended" if stack.down() else "nothing was up")
    return 0


def _status(stack: Stack) -> int:
    if not stack.is_up():
        dead = [part.name for part in stack.run.parts if part.process() is None]
        print(f"half dead, without {', '.join(dead)}: run `make up`" if dead else "not up: run `make up`")
        return 1
    _print(stack)
    return 0


def _audit(stack: Stack) -> int:
    described = stack.described()
    os.environ |= Emulator(str(described["aws_endpoint_url"])).environment()
    os.environ["DATABASE_URL"] = str(described["database_url"])
    seals = ["--selos", str(described["seals_bucket"]), "--sem-trava"]
    return cli.main(["auditar", "--bucket", str(described["bucket"]), "--carencia", "0", *seals])


def _print(stack: Stack) -> None:
    described = stack.described()
    for name in ("aws_endpoint_url", "aws_region", "bucket", "api_url", "supabase_url", "painel_url"):
        print(f"{name:17} {described[name] or '-'}")
    print(f"{'parts':17} " + ", ".join(f"{part.name} (pid {part.pid}, port {part.port})" for part in stack.run.parts))
    print(f"{'addresses, keys':17} {stack.run.path / 'stack.json'} (database, Supabase, TOTVS)")
    print(f"{'sign a webhook':17} docs/totvs.md; SICFAR_ENDERECO: its api_url, SICFAR_SEGREDO: its webhook_secret")
    print(f"{'wake the closing':17} POST <api_url>/fechamentos, Authorization: Bearer <its closings_secret>")
    logins = json.loads((stack.run.path / LOGINS_FILE).read_text(encoding="utf-8"))
    for login, password in logins.items():
        print(f"{'sign in':17} {login} / {password}")
    print(f"{'example order':17} OP {example.OP} on {example.LINE}: {example.total(stack)} units")


if __name__ == "__main__":
    sys.exit(main())
