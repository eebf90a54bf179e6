"""docs/implantacao.md, run as written from two empty accounts: the command in an environment of its own, then each
step.

What a command asks for is given on its standard input, as the guide says it may be. `make setup` and `make release`,
which the guide names in a sentence, are the build's own and tried by CI: the release here is of the same build.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from local.bundle import ROOT
from local.stack import emulator, erp, postgres, supabase_lite
from local.stack.cloud import repair_concurrency
from local.stack.emulator import Emulator
from local.stack.erp import Erp
from local.stack.run_folder import temporary_run
from local.stack.supabase_lite import Supabase
from local.stack.usuarios import grant, sign_up
from tests.e2e.test_deployment import NOT_SHOWN, api, release  # noqa: F401 - a fixture
from tests.support.tree import copy_tree

GUIDE = (ROOT / "docs" / "implantacao.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (\S.*)$", GUIDE, re.MULTILINE)
NOT_RUN = {
    "certutil -hashfile sicfar-windows-<versão>.zip SHA256": "Windows' own; make test-windows tries what is in the zip",
}
DOOR = {
    *("GET /saude", "webhook sem assinatura", "webhook grande demais", "webhook assinado, em ensaio"),
    "POST /fechamentos sem segredo",
}
"""Probes of an address that only AWS's own names lead to: as written they cannot reach the emulator, so they must fail,
and are made once more with `--endereco`."""
EMAIL, PASSWORD = "ti@fabrica.example", "uma senha da homologação"


@dataclass(frozen=True)
class Computer:
    """A computer of IT: a folder with the repository, an empty account, a Supabase without a table, an ERP."""

    folder: Path
    aws: Emulator
    supabase: Supabase
    database_url: str
    totvs: Erp
    environment: dict[str, str]

    def run(self, command: str, typed: str = "") -> tuple[int, str]:
        """Run a line in a shell; its exit code, and what it printed, without what was typed secretly."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        for secret in (self.supabase.secret_key, self.totvs.password, PASSWORD, self.database_url):
            assert secret not in told
        return done.returncode, told


@contextmanager
def computer(folder: Path, release: Path) -> Iterator[Computer]:  # noqa: F811
    with temporary_run() as run:
        (empty := folder / "sem-migracoes").mkdir()
        database = postgres.start(run)
        supabase = supabase_lite.start(run, database, empty)
        totvs, aws = erp.start(run), emulator.start(run)
        # What IT does in AWS's console: the sender of the digest, and the gateway's access key as a profile.
        aws.emails.create_email_identity(EmailIdentity="fabrica.example")
        profile = folder / "credentials"
        profile.write_text("[gateway]\naws_access_key_id = test\naws_secret_access_key = test\n", encoding="utf-8")
        repository = folder / "repositorio"
        copy_tree(repository)
        shutil.copytree(release, repository / "dist" / "nuvem")
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        tools = (repository / "dist" / "sicfar" / "bin", ROOT / ".tools" / "bin", Path(sys.base_prefix) / "bin")
        path = os.pathsep.join([*map(str, tools), kept["PATH"]])
        environment = {**kept, **aws.environment(), "PATH": path, "AWS_SHARED_CREDENTIALS_FILE": str(profile)}
        yield Computer(repository, aws, supabase, database.url, totvs, environment)


def configure(it: Computer) -> None:
    """Chapter 3: the two files, from those that are shipped."""
    example = json.loads((it.folder / "config" / "ambientes" / "exemplo.json").read_text(encoding="utf-8"))
    file = it.folder / "config" / "ambientes" / "homolog.json"
    file.write_text(json.dumps({**example, "supabaseUrl": it.supabase.url}), encoding="utf-8")
    (it.folder / "config" / "endpoints.json").write_text(it.totvs.configuration(), encoding="utf-8")


def probes(told: str) -> dict[str, str]:
    """What `sicfar testar` said of each probe."""
    lines = [line for line in told.splitlines() if len(line) > 54 and line[17:19] == "  "]
    return {line[19:53].strip(): line[:17].strip() for line in lines}


def failed(told: str) -> set[str]:
    return {what for what, outcome in probes(told).items() if outcome == "falhou"}


def test_p9_the_guide_leads_from_two_empty_accounts_to_a_closed_lot(tmp_path: Path, release: Path) -> None:  # noqa: F811
    assert set(NOT_RUN) < set(COMMANDS)
    # Of the two ways to the command the one that ends in it on this computer comes first.
    installed = [one for one in COMMANDS if one.startswith(("uv ", "python3 ", "dist/"))]
    todo = installed + [one for one in COMMANDS if one not in installed and one not in NOT_RUN]
    with computer(tmp_path, release) as it:
        configure(it)
        here = it.database_url
        login = f"{EMAIL}\n{PASSWORD}\n"
        secrets = f"{it.supabase.secret_key}\n{it.totvs.username}\n{it.totvs.password}\n{here}\n"
        expected: dict[str, tuple[str, int, str]] = {
            "sicfar migrar --ambiente homolog --simular": (here, 0, "migrações por aplicar"),
            "sicfar migrar --ambiente homolog": (here, 0, "migrações aplicadas"),
            "sicfar preparar --ambiente homolog --simular": ("", 1, "por fazer"),
            "sicfar preparar --ambiente homolog": (secrets, 1, "sicfar totvs publicar --config config/endpoints.json"),
            "sicfar implantar --ambiente homolog --simular": ("", 0, "nada foi feito (simulação)"),
            "sicfar implantar --ambiente homolog": ("s\n", 0, "Implantado."),
            "sicfar testar --ambiente homolog": ("", 1, "falharam"),
            "sicfar testar --ambiente homolog --alarme --perfil-gateway gateway": ("", 1, "alarme disparado"),
            "sicfar testar --ambiente homolog --lote": (login, 1, "pessoa da homologação"),
        }
        assert set(expected) <= set(todo)
        for command in todo:
            if command == "sicfar testar --ambiente homolog --lote":  # chapter 8.2
                user, _ = sign_up(it.supabase, EMAIL, PASSWORD)
                grant(here, user, "GESTOR")
            typed, code, text = expected.get(command, ("", 0, ""))
            seen, told = it.run(command, typed)
            assert seen == code, f"{command}: {told}"
            assert text in told, f"{command}: {told}"
            if " testar " in command:
                assert failed(told) >= DOOR, told
                _, told = it.run(f"{command} --endereco {api(it.aws)}", typed)
                assert failed(told) <= {"inscrição dos alarmes confirmada"}, told  # the emulator confirms none
                assert {what for what, one in probes(told).items() if one == "não mostrado aqui"} <= NOT_SHOWN
            elif "publicar" in command:
                assert "Nada falta" in it.run("sicfar preparar --ambiente homolog")[1]
            elif command == "sicfar implantar --ambiente homolog":
                repair_concurrency(it.aws)
                assert it.run("sicfar implantar --ambiente homolog", "s\n")[1].count("a pilha já era assim") == 1
                assert "O banco já era desta versão" in it.run("sicfar migrar --ambiente homolog", here)[1]
        with psycopg.connect(here) as connection:
            assert connection.execute("select numero_lote, boas from fechamentos_lote").fetchall() == [("TESTE", 37)]


@pytest.mark.parametrize("command", NOT_RUN)
def test_what_the_guide_has_for_windows_stands_in_it(command: str) -> None:
    assert COMMANDS.count(command) == 1
