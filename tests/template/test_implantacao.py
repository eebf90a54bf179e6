"""The guide of the first deploy: each of its commands is one that exists, with options that exist."""

import json
import re
import shlex

import pytest

from local.bundle import ROOT
from operations import cli

GUIDE = (ROOT / "docs" / "implantacao.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in re.findall(r"^    (?:dist/sicfar/bin/)?(sicfar .*)$", GUIDE, re.MULTILINE)]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_guide_is_taken(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Up to the first thing that it needs and is not there; a word that it does not take ends it before."""
    monkeypatch.chdir(ROOT / "tests")  # no environment's file and no release are here
    with pytest.raises(SystemExit) as ended:
        cli.main([*shlex.split(command)[1:], "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: sicfar")


def test_the_guide_has_every_step_in_order() -> None:
    first = {command.split()[1]: GUIDE.index(f"    {command}") for command in reversed(COMMANDS)}
    assert sorted((one for one in first if one != "--help"), key=first.get) == [  # type: ignore[arg-type]
        *("migrar", "preparar", "totvs", "implantar", "testar")
    ]


def test_the_guide_names_every_key_of_the_environments_file() -> None:
    schema = json.loads((ROOT / "config" / "ambiente.schema.json").read_text(encoding="utf-8"))
    table = set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE))
    assert table == set(schema["properties"]) - {"$schema"}
