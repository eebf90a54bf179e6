"""The guide's installation on Linux, run as written, up to the first record that the service's own account sends."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.waiting import until
from tests.support.small_s3 import S3, environment
from tests.support.tree import ROOT, copy_tree

GUIDE = ROOT / "docs" / "gateway.md"
LINE = "SPEP-ENV-A"
CONFIG = {
    "clps": {"keyence": {"protocol": "file", "path": "/srv/producao"}},
    "gateway": {"id": "farmace-spep", "bucket": "contagens", "spool": "/var/lib/sicfar-gateway", "seal_seconds": 1},
}
COMPUTER = """\
set -euo pipefail
umask 022
# A computer of its own: what is written below these folders lies in memory, and is gone with this process.
mount -t tmpfs tmpfs "$work"
for folder in /etc /opt /srv /var/lib; do
  mkdir -p "$work/upper$folder" "$work/lower$folder"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$work/upper$folder,workdir=$work/lower$folder" "$folder"
done
mkdir /srv/producao
printf '%s' "$records" > /srv/producao/saida.txt
cd "$here"
sudo() { [ "$1" = systemctl ] || env "$@"; }
systemctl() { :; }
journalctl() { :; }
(
{guide}
)
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify /etc/systemd/system/sicfar-gateway.service
fi
"""
SERVICE = """
# As the unit starts it: its account and state folder, its variables alone, no rights, and no home to be seen.
install -d -o {user} -g {user} -m {mode} /var/lib/{state}
variables=$(cat {environment})
for home in /root /home; do mount -t tmpfs -o mode=0 tmpfs "$home"; done
cd /
exec env -i PATH=/usr/bin:/bin $variables \\
  setpriv --reuid={user} --regid={user} --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all {command}
"""


def commands() -> str:
    """The first block of the guide's chapter on Linux."""
    chapter = GUIDE.read_text(encoding="utf-8").split("\n### Linux (systemd)\n")[1].split("\n### ")[0]
    block = re.search(r"(?:^    .*\n)+", chapter, re.MULTILINE)
    assert block
    return block[0]


def unit() -> dict[str, str]:
    """The unit's settings by name."""
    text = (ROOT / "edge_gateway" / "service" / "sicfar-gateway.service").read_text(encoding="utf-8")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def repository(folder: Path) -> Path:
    """A repository to clone, with what is not committed yet."""
    made = folder / "repositorio"
    copy_tree(made)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", "-C", str(made)]
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "as it stands")):
        subprocess.run([*git, *words], check=True)
    return made


@pytest.fixture
def s3() -> Iterator[S3]:
    served = S3(0)
    yield served
    served.shutdown()


@pytest.mark.skipif(os.geteuid() != 0, reason="installs as root, on a computer of its own")
def test_p1_installed_as_written_the_services_account_counts(tmp_path: Path, s3: S3) -> None:
    settings = unit()
    (tmp_path / "gateway.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    variables = environment(s3.server_address[1])
    (tmp_path / "aws.env").write_text(
        "".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8"
    )
    work = tmp_path / "work"
    work.mkdir()
    written = "".join(f"2026-03-15T08:15:{second:02}.000-03:00,{LINE},1,0\n" for second in range(10))
    guide = commands().replace("<repositório>", shlex.quote(str(repository(tmp_path))))
    assert "systemctl enable --now sicfar-gateway" in guide
    service = SERVICE.format(
        user=settings["User"],
        state=settings["StateDirectory"],
        mode=settings["StateDirectoryMode"],
        environment=settings["EnvironmentFile"].removeprefix("-"),
        command=settings["ExecStart"],
    )
    assert settings["ProtectHome"] == "yes"
    tools = os.pathsep.join((str(ROOT / ".tools" / "bin"), os.environ["PATH"]))
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation=private", "bash", "-c", COMPUTER.replace("{guide}", guide) + service],
            env={**os.environ, "PATH": tools, "work": str(work), "here": str(tmp_path), "records": written},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        until(
            lambda: s3.counts()[0][LINE] == 10,
            "the installed service's counts",
            state=lambda: log.read_text(encoding="utf-8")[-3_000:],
            alive=lambda: process.poll() is None,
        )
    finally:
        process.terminate()
        process.wait()
    assert not Path("/etc/systemd/system/sicfar-gateway.service").exists()
