"""The Windows installation, as far as it can be judged elsewhere: what Windows' tools print, and what is kept where."""

import io
import sys
from pathlib import Path, PureWindowsPath

import pytest

from edge_gateway.logs import set_up_console
from edge_gateway.service.places import Places, Versions
from edge_gateway.service.surroundings import judge_antivirus, judge_credentials, judge_time, readable_by_everybody
from edge_gateway.service.system import Answer, SystemCommandError, order

SPOOL = Path(r"C:\ProgramData\sicfar-gateway\spool")
CREDENTIALS = Path(r"C:\ProgramData\sicfar-gateway\credentials")
FOLLOWS = """\
Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0312500s
ReferenceId: 0xC0A80001 (source IP:  192.168.0.1)
Source: ntp.fabrica.local
Poll Interval: 10 (1024s)
"""
SEGUE = """\
Indicador de Salto: 0(sem aviso)
Camada: 3 (referência secundária - sincronizado por (S)NTP)
Precisão: -23 (119.209ns por tique)
"""
ALONE = """\
Leap Indicator: 3(not synchronized)
Stratum: 0 (unspecified)
ReferenceId: 0x00000000 (unspecified)
Source: Local CMOS Clock
"""
OWN = """\
Leap Indicator: 0(no warning)
Stratum: 1 (primary reference - syncd by radio clock)
ReferenceId: 0x4C4F434C (source name:  "LOCL")
"""


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (Answer(0, FOLLOWS), "ok"),
        (Answer(0, SEGUE), "ok"),
        (Answer(0, ALONE), "erro"),
        (Answer(0, OWN), "erro"),
        (Answer(0, ""), "erro"),
        (Answer(-2147023834, "The service has not been started. (0x80070426)"), "erro"),
        (None, "aviso"),
    ],
)
def test_p11_the_time_service_is_judged_by_its_numbers(answer: Answer | None, level: str) -> None:
    result = judge_time(answer)
    assert result.level == level
    assert level != "erro" or "w32tm /config" in result.text


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (Answer(0, "C:\\ProgramData\\SICFAR-gateway\r\n"), "ok"),
        (Answer(0, "D:\\dados\r\nC:\\ProgramData\\sicfar-gateway\\spool\r\n"), "ok"),
        (Answer(0, "C:\\ProgramData\\sicfar-gateway\\spool2\r\n"), "aviso"),
        (Answer(0, ""), "aviso"),
        (Answer(1, "Get-MpPreference : 0x800106ba"), "aviso"),
        (None, "aviso"),
    ],
)
def test_the_spool_is_looked_for_in_the_antiviruss_exclusions(answer: Answer | None, level: str) -> None:
    result = judge_antivirus(answer, SPOOL)
    assert result.level == level
    assert str(SPOOL) in result.text


@pytest.mark.parametrize(
    ("sddl", "everybody"),
    [
        ("credentials\r\nD:PAI(A;;FR;;;S-1-5-80-1-2-3-4-5)(A;;FA;;;BA)\r\n", []),
        ("credentials\r\nD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)\r\n", ["BU"]),
        ("D:P(A;;FA;;;BA)(A;;FR;;;WD)(A;;FR;;;S-1-5-11)", ["S-1-5-11", "WD"]),
        ("D:P(D;;FA;;;WD)(A;;FA;;;BA)", []),
    ],
)
def test_p9_credentials_that_many_accounts_can_read_are_named(sddl: str, everybody: list[str]) -> None:
    assert readable_by_everybody(sddl) == everybody
    assert judge_credentials(sddl, CREDENTIALS).level == ("erro" if everybody else "ok")


def test_credentials_whose_permissions_cannot_be_seen_are_in_doubt() -> None:
    assert judge_credentials(None, CREDENTIALS).level == "aviso"


def test_data_lie_beside_the_programs_and_versions_are_remembered(tmp_path: Path) -> None:
    places = Places(tmp_path / "programs", tmp_path / "data")
    assert places.versions() == Versions(None, None)
    places.programs.mkdir()
    places.remember(Versions("2", "1"))
    assert places.versions() == Versions("2", "1")
    for path in (places.config, places.credentials, places.log):
        assert path.is_relative_to(places.data)
    assert PureWindowsPath(places.python("2")).parts[-2:] == ("2", "python.exe")


def test_a_tool_that_is_missing_is_an_error_that_names_the_command() -> None:
    with pytest.raises(SystemCommandError) as raised:
        order("icacls.exe", "C:\\a b", "/reset")
    assert raised.value.where == 'icacls.exe "C:\\a b" /reset'


@pytest.mark.parametrize(("asked", "written"), [("", "→ç"), ("cp850", "\\u2192ç"), ("cp1252", "\\u2192ç")])
def test_printing_never_fails_in_a_code_page(monkeypatch: pytest.MonkeyPatch, asked: str, written: str) -> None:
    buffer = io.BytesIO()
    monkeypatch.setenv("PYTHONIOENCODING", asked)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding=asked or "cp1252"))
    monkeypatch.setattr(sys, "stderr", None)  # as in a service
    set_up_console()
    sys.stdout.write("→ç")
    sys.stdout.flush()
    assert buffer.getvalue().decode(asked or "utf-8") == written
