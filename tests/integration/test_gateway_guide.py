"""The guide's installation on Linux, run as written, up to the first record that the service's own account sends; and
another version put in its place, as written, and back."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
cat "$here/registros-0" > /srv/producao/saida.txt
cd "$here"
sudo() { if [ "$1" = systemctl ]; then "$@"; else env "$@"; fi; }
journalctl() { :; }
# systemd's part: one process of the unit's own account, with its state folder, its variables alone, no rights, and no
# home to be seen.
begin() {
  install -d -o {user} -g {user} -m {mode} /var/lib/{state}
  variables=$(tr '\\n' ' ' < {environment})
  unshare --mount bash -c '
    for home in /root /home; do mount -t tmpfs -o mode=0 tmpfs "$home"; done
    cd /
    user="--reuid={user} --regid={user} --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
    exec env -i PATH=/usr/bin:/bin '"$variables"' setpriv $user {command}' &
  echo $! > "$here/pid"
}
end() {
  if [ -e "$here/pid" ]; then
    kill "$(cat "$here/pid")" 2>/dev/null || :
    while kill -0 "$(cat "$here/pid")" 2>/dev/null; do sleep 0.1; done
  fi
}
systemctl() {
  case "$1" in
    enable) begin ;;
    restart) end; begin ;;
  esac
}
trap end EXIT
trap 'exit 1' TERM
(
{guide}
)
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify /etc/systemd/system/sicfar-gateway.service
fi
n=1
while :; do  # another version each time that the test gives one
  while [ ! -e "$here/versao-$n" ]; do sleep 0.1; done
  cat "$here/registros-$n" >> /srv/producao/saida.txt
  ( . "$here/versao-$n" )
  n=$((n + 1))
done
"""


def blocks() -> list[str]:
    """The blocks of the guide's chapter on Linux: the installation, and how another version is put in its place."""
    chapter = GUIDE.read_text(encoding="utf-8").split("\n### Linux (systemd)\n")[1].split("\n### ")[0]
    found = re.findall(r"(?:^    .*\n)+", chapter, re.MULTILINE)
    return [found[0], next(one for one in found if "<versão>" in one)]


def unit() -> dict[str, str]:
    """The unit's settings by name."""
    text = (ROOT / "edge_gateway" / "service" / "sicfar-gateway.service").read_text(encoding="utf-8")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def git(repository: Path, *words: str) -> str:
    """Run git there; returns what it says."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", "-C", str(repository), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(repository: Path) -> str:
    """Commit what is there; returns the commit."""
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "as it stands")
    return git(repository, "rev-parse", "HEAD")


class Computer:
    """A computer with systemd's part played by a shell, and what its gateway uploads."""

    def __init__(self, folder: Path, s3: S3) -> None:
        self.folder, self.s3 = folder, s3
        self.written = 0
        self.versions = 0
        self.repository = folder / "repositorio"
        copy_tree(self.repository)
        git(self.repository, "init", "-q")
        self.first = committed(self.repository)
        self.log = folder / "log"

    def records(self) -> None:
        """Ten more, which the computer writes when it is told of the next version."""
        lines = [f"2026-03-15T08:{self.versions:02}:{second:02}.000-03:00,{LINE},1,0\n" for second in range(10)]
        (self.folder / f"registros-{self.versions}").write_text("".join(lines), encoding="utf-8")
        self.written += len(lines)

    def install(self, version: str) -> None:
        """The guide's block for another version, which counts on, or does not start."""
        self.versions += 1
        self.records()
        block = blocks()[1].replace("<versão>", version)
        file = self.folder / "versao.tmp"
        file.write_text(block, encoding="utf-8")
        file.rename(self.folder / f"versao-{self.versions}")

    def starts(self) -> list[str]:
        """What each process of the service said when it began."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["message"] for line in lines if '"event": "started"' in line]

    def until_started(self, times: int) -> None:
        until(
            lambda: len(self.starts()) == times,
            f"start {times} of the service",
            state=lambda: self.log.read_text(encoding="utf-8")[-3_000:],
            alive=lambda: self.process.poll() is None,
        )

    def until_counted(self) -> None:
        until(
            lambda: self.s3.counts()[0][LINE] == self.written,
            f"{self.written} counts",
            state=lambda: (self.s3.counts()[0], self.log.read_text(encoding="utf-8")[-3_000:]),
            alive=lambda: self.process.poll() is None,
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Installed as the guide says, until the end of the block."""
        settings = unit()
        assert settings["ProtectHome"] == "yes"
        (self.folder / "gateway.json").write_text(json.dumps(CONFIG), encoding="utf-8")
        variables = environment(self.s3.server_address[1])
        (self.folder / "aws.env").write_text(
            "".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8"
        )
        (work := self.folder / "work").mkdir()
        self.records()
        guide = blocks()[0].replace("<repositório>", shlex.quote(str(self.repository)))
        assert "systemctl enable --now sicfar-gateway" in guide
        script = COMPUTER.replace("{guide}", guide)
        for name, value in {
            "user": settings["User"],
            "state": settings["StateDirectory"],
            "mode": settings["StateDirectoryMode"],
            "environment": settings["EnvironmentFile"].removeprefix("-"),
            "command": settings["ExecStart"],
        }.items():
            script = script.replace(f"{{{name}}}", value)
        tools = os.pathsep.join((str(ROOT / ".tools" / "bin"), os.environ["PATH"]))
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation=private", "bash", "-c", script],
                env={**os.environ, "PATH": tools, "work": str(work), "here": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            yield
        finally:
            self.process.terminate()
            self.process.wait()
        assert not Path("/etc/systemd/system/sicfar-gateway.service").exists()


@pytest.fixture
def s3() -> Iterator[S3]:
    served = S3(0)
    yield served
    served.shutdown()


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="installs as root, on a computer of its own")


@AS_ROOT
def test_p1_installed_as_written_the_services_account_counts(tmp_path: Path, s3: S3) -> None:
    computer = Computer(tmp_path, s3)
    with computer.running():
        computer.until_counted()


@AS_ROOT
def test_p1_upgraded_and_rolled_back_on_linux_on_the_same_spool(tmp_path: Path, s3: S3) -> None:
    """Another version as the guide says, one that does not start, and back: each record once, in one época."""
    computer = Computer(tmp_path, s3)
    run = computer.repository / "edge_gateway" / "commands" / "run.py"
    text = run.read_text(encoding="utf-8")
    with computer.running():
        computer.until_counted()
        run.write_text(text.replace('"gateway iniciado"', '"gateway iniciado, versão nova"'), encoding="utf-8")
        for start, version, said in (
            (2, committed(computer.repository), "gateway iniciado, versão nova"),
            (3, computer.first, "gateway iniciado"),
        ):
            computer.install(version)
            computer.until_started(start)
            assert computer.starts()[-1] == said
            computer.until_counted()
        run.write_text("raise SystemExit(1)\n", encoding="utf-8")
        computer.install(committed(computer.repository))
        computer.install(computer.first)
        computer.until_started(4)  # the broken one never said so
        assert computer.starts()[-1] == "gateway iniciado"
        computer.until_counted()
    batches = s3.batches()
    assert len({batch.key.epoch for batch in batches}) == 1
    assert [batch.key.seq for batch in batches] == list(range(1, len(batches) + 1))
