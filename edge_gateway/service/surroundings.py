"""What the gateway needs of Windows: a right clock, an antivirus that leaves the spool alone, private credentials.

Tools print in the language of the installed Windows. What is read from them here is the same in every language: exit
codes, numbers, paths, and security descriptors in SDDL.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PureWindowsPath

from edge_gateway.commands.report import Result
from edge_gateway.service.system import Answer, ask

_LEAP_NOT_SYNCHRONISED = 3
_STRATA = range(1, 16)
_OWN_CLOCK = "0x4C4F434C"
"""Reference id "LOCL" of w32tm: the computer follows its own clock."""
_ACE = re.compile(r"\((?P<kind>[^;()]*);[^;()]*;(?P<rights>[^;()]*);[^;()]*;[^;()]*;(?P<who>[^;()]*)\)")
_EVERYBODY = frozenset({"WD", "AN", "AU", "BU", "IU", "NU", "BG", "S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-32-545"})
"""SDDL of everyone, anonymous, authenticated, users, interactive, network, guests (ntSecurity: sddl.h)."""
_SET_TIME = (
    'w32tm /config /manualpeerlist:"<servidor de hora da fábrica>" /syncfromflags:manual /update; '
    "sc.exe config w32time start= auto; net start w32time"
)


def surroundings(spool: Path, credentials: Path) -> Iterator[Result]:
    """Look at time service, antivirus and credentials; changes nothing."""
    yield judge_time(ask("w32tm.exe", "/query", "/status"))
    listed = "$ErrorActionPreference='Stop'; (Get-MpPreference).ExclusionPath"
    tool = r"WindowsPowerShell\v1.0\powershell.exe"
    yield judge_antivirus(ask(tool, "-NoProfile", "-NonInteractive", "-Command", listed), spool)
    yield judge_credentials(_descriptor(credentials), credentials)


def judge_time(answer: Answer | None) -> Result:
    """From `w32tm /query /status`: its first line is the leap indicator, its second the stratum."""
    action = f"como administrador: {_SET_TIME}"
    if answer is None:
        return Result("aviso", "hora: este Windows não tem w32tm; confira o serviço de hora de outro modo")
    if answer.code != 0:
        return Result("erro", f"hora: o serviço de hora do Windows não está em execução — {action}")
    numbers = [int(found[1]) for line in answer.text.splitlines() if (found := re.search(r":\s*(\d+)\s*\(", line))]
    leap, stratum = (*numbers, -1, -1)[:2]
    if leap == _LEAP_NOT_SYNCHRONISED or stratum not in _STRATA or _OWN_CLOCK in answer.text:
        return Result("erro", f"hora: o relógio deste computador não segue nenhum servidor de hora — {action}")
    return Result("ok", f"hora: sincronizada com um servidor (estrato {stratum})")


def judge_antivirus(answer: Answer | None, spool: Path) -> Result:
    """From Defender's list of excluded folders, one a line."""
    action = f"Add-MpPreference -ExclusionPath '{spool}'"
    if answer is None or answer.code != 0:
        text = f"antivírus: o Defender não responde; se há outro antivírus, exclua nele a pasta {spool}"
        return Result("aviso", text)
    excluded = [PureWindowsPath(line.strip()) for line in answer.text.splitlines() if line.strip()]
    if any(PureWindowsPath(str(spool)).is_relative_to(folder) for folder in excluded):
        return Result("ok", f"antivírus: {spool} está excluída da verificação em tempo real do Defender")
    text = f"antivírus: {spool} não está excluída; um arquivo preso pelo antivírus atrasa a contagem — {action}"
    return Result("aviso", text)


def judge_credentials(sddl: str | None, path: Path) -> Result:
    """From the security descriptor of the file."""
    if sddl is None:
        return Result("aviso", f"credenciais: a permissão de {path} não pôde ser lida; confira com icacls")
    broad = readable_by_everybody(sddl)
    if broad:
        text = f"credenciais: {path} pode ser lido por outras contas ({', '.join(broad)})"
        return Result("erro", f"{text} — execute sicfar-gateway.cmd atualizar, ou acerte com icacls")
    return Result("ok", "credenciais: só a conta do serviço, o sistema e os administradores as leem")


def readable_by_everybody(sddl: str) -> Sequence[str]:
    """The groups of many accounts that an access list lets in."""
    return sorted({ace["who"] for ace in _ACE.finditer(sddl) if ace["kind"] == "A" and ace["who"] in _EVERYBODY})


def _descriptor(path: Path) -> str | None:
    """The file's security descriptor as SDDL, which icacls writes to a file only; None if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "acl"
        answer = ask("icacls.exe", str(path), "/save", str(saved))
        if answer is None or answer.code != 0 or not saved.exists():
            return None
        return saved.read_text(encoding="utf-16-le")
