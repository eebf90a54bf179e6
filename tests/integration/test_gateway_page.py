"""The status page as a technician's browser and a monitoring system see it; the browser is a real Chromium."""

from __future__ import annotations

import json
import logging
import re
import shutil
import socket
import struct
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edge_gateway.clock import Instant, OwnClock
from edge_gateway.config import parse_config
from edge_gateway.health import problems
from edge_gateway.machines.counting import State
from edge_gateway.page import StatusPage, open_page
from edge_gateway.section import ConfigError
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import Spool
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import Mark
from sicfar.counts.record import Record
from tests.support.reading import Reading

GOOD, BAD, HOSTILE = "SPEP-ENV-A", "SPPV-ENV-VIDRO01", "<script>document.title='invadido'</script>"


def now_ms() -> int:
    """The time at which all of this happens, for the page too, however long a browser takes to come up."""
    return 1_773_573_301_250


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_gateway.spool.status.now_ms", now_ms)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool", "farmace-spep", seal_records=100)
    yield spool
    spool.close()


def working(spool: Spool) -> None:
    """A gateway that reads a machine and uploads."""
    at = now_ms()
    for start in (at - 20_000, at - 10_000, at):
        records = [Record(start - 1_000, GOOD, 3, 1, produced_raw=1_003, rejected_raw=9)]
        position = {f"{GOOD}/production/x": State(1_003, at).to_json().encode()}
        position[f"{GOOD}/rejected/x"] = State(9, at).to_json().encode()
        reading = Reading(records=records, position=position, marks=[Mark(GOOD, start - 500, "ok", -180)])
        spool.store("bottelpack_a", *reading.stored, start)
        seq = spool.seal({}, start, allow_empty=False)
        assert seq is not None
        spool.confirm(seq, start)
    spool.set_state("bottelpack_a", "ok", "", at)
    spool.beat({"bottelpack_a": at}, at)


def failing(spool: Spool) -> None:
    """The same, with a machine away and a text of somebody else's in its error."""
    working(spool)
    at = now_ms()
    spool.store("vidro", *Reading(marks=[Mark(BAD, at - 600_000, "erro")]).stored, at)
    spool.set_state("vidro", "erro", f"o servidor não responde {HOSTILE}", at - 600_000)
    spool.beat({"bottelpack_a": at, "vidro": 0}, at)


WIDE = "x" * 40
"""A source's name, as long as the configuration allows."""


def crowded(spool: Spool) -> None:
    """Everything the page can show, with the longest words there can be."""
    failing(spool)
    at = now_ms()
    counts = [Record(at, "SPEP-ENV-" + "Z" * 23, 123_456_789, 98_765_432)]
    spool.store(WIDE, *Reading(counts, marks=[Mark(counts[0].line, at, "ok", 86_400_000)]).stored, at)
    spool.store("sensor", *Reading(checked=counts).stored, at)
    spool.set_state(WIDE, "erro", f"/{'pasta' * 20}: não pode ser lida", at)


MEASURED = """<!doctype html><title>medindo</title>
<iframe id="quadro" style="width:400px;height:9000px;border:0"></iframe>
<script>
const quadro = document.getElementById("quadro");
quadro.onload = () => {
  const inside = quadro.contentDocument;
  const wide = [...inside.querySelectorAll("*")].filter((each) => each.scrollWidth > each.clientWidth + 1 &&
    getComputedStyle(each).display !== "inline");
  const cells = [...inside.querySelectorAll("td")];
  document.title = "largura " + inside.documentElement.scrollWidth + "; rolam " + wide.length + " " +
    wide.map((each) => each.tagName + "." + each.className).join(",") + "; letra " +
    Math.min(...cells.map((each) => parseFloat(inside.defaultView.getComputedStyle(each).fontSize)));
};
quadro.srcdoc = PAGE;
</script>"""


@pytest.fixture
def page(spool: Spool, tmp_path: Path) -> Iterator[StatusPage]:
    page = StatusPage(tmp_path / "spool", "127.0.0.1", 0)
    page.start()
    yield page
    page.stop()


def get(page: StatusPage, path: str, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{page.port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=LAST_RESORT_S) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def chromium(page: StatusPage, folder: Path, *options: str, url: str = "") -> str:
    """What Chromium makes of the page. Without Chromium there is no test, and that is a failure."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is missing: apt-get install chromium", pytrace=False)
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", f"--user-data-dir={folder / 'perfil'}", "--window-size=1280,900"]
    url = url or f"http://127.0.0.1:{page.port}/"
    done = subprocess.run([*command, *options, url], capture_output=True, text=True, timeout=LAST_RESORT_S, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


class _Outside(HTMLParser):
    """Everything a document would fetch or run; a link to another page of ours is neither."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        addresses = [value for name, value in attrs if name in ("src", "href")]
        ours = tag == "a" and addresses in (["turnos"], ["./"])
        if tag in ("script", "link", "img", "iframe", "object") or (addresses and not ours):
            self.found.append(tag)


def test_a_technician_sees_lines_last_values_and_that_all_is_well(
    spool: Spool, page: StatusPage, tmp_path: Path
) -> None:
    working(spool)
    seen = chromium(page, tmp_path, "--dump-dom")
    assert 'data-estado="ok"' in seen
    text = re.sub(r"<[^>]+>", "\n", seen)
    for expected in ("Tudo em ordem", GOOD, "1.003", "-180 ms", "bottelpack_a", "Cabe no disco sem rede"):
        assert expected in text, expected
    assert "ainda não medido" not in text


def test_a_technician_sees_in_red_what_is_wrong_and_what_to_do(spool: Spool, page: StatusPage, tmp_path: Path) -> None:
    failing(spool)
    seen = chromium(page, tmp_path, "--dump-dom")
    assert 'data-estado="erro"' in seen
    assert "invadido" not in seen.split("</title>")[0], "a machine's text ran as a script"
    text = re.sub(r"<[^>]+>", "\n", seen)
    assert f"(linhas: {BAD})" in text
    assert "O que fazer: faça o que a mensagem pede; se ela nada pede, confira se a máquina está ligada" in text
    picture = tmp_path / "pagina.png"
    chromium(page, tmp_path, f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("path", "shown"), [("/", "Conferência (segundo sensor"), ("/turnos", "Não é o Diário de Bordo")]
)
def test_at_400_pixels_nothing_on_the_page_scrolls_sideways(
    spool: Spool, page: StatusPage, tmp_path: Path, path: str, shown: str
) -> None:
    crowded(spool)
    body = page.answer(path)[2]
    assert "SPEP-ENV-ZZZ" in body
    assert shown in body
    measuring = tmp_path / "medida.html"
    measuring.write_text(MEASURED.replace("PAGE", json.dumps(body).replace("</", "<\\/")), encoding="utf-8")
    seen = chromium(page, tmp_path, "--dump-dom", "--virtual-time-budget=10000", url=measuring.as_uri())
    assert "<title>largura 400; rolam 0 ; letra 16</title>" in seen, seen[: seen.find("</title>") + 8][-600:]


def raw(page: StatusPage, request: bytes, *, answer: bool = True) -> bytes:
    """What the page says to these bytes; without `answer`, the client hangs up as rudely as it can."""
    with socket.create_connection(("127.0.0.1", page.port), timeout=LAST_RESORT_S) as client:
        client.sendall(request)
        if answer:
            return b"".join(iter(lambda: client.recv(65_536), b""))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return b""


def test_p9_the_page_answers_only_under_this_computers_own_names(spool: Spool, page: StatusPage) -> None:
    working(spool)

    def code(host: str) -> int:
        return page.answer("/saude", host)[0]

    own = ("localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:80", f"{socket.gethostname()}:8080", "localhost.")
    assert {host: code(host) for host in own} == dict.fromkeys(own, 200)
    foreign = ("evil.example", "evil.example:8080", "localhost.evil.example", "203.0.113.7", "", "a b")
    assert {host: code(host) for host in foreign} == dict.fromkeys(foreign, 421)
    said = raw(page, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").decode()
    assert said.startswith("HTTP/1.0 421")
    assert "só responde pelo nome ou endereço do próprio computador" in said
    assert GOOD not in said
    assert raw(page, b"GET /saude HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200"), "a probe that names no host"


def test_clients_that_hang_up_leave_no_traceback_in_the_log(
    spool: Spool, page: StatusPage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    working(spool)
    caplog.set_level(logging.DEBUG, logger="edge_gateway.page")
    for request in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HT", b"\x00\xff\r\n\r\n", b""):
        for _ in range(5):
            raw(page, request, answer=False)
    assert get(page, "/saude")[0] == 200
    until(lambda: "Connection" in caplog.text, "a client that hung up", state=lambda: caplog.text)
    assert "Traceback" not in capfd.readouterr().err
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


@pytest.mark.parametrize("path", ["", "turnos"])
def test_the_page_fetches_nothing_and_forbids_it(spool: Spool, page: StatusPage, path: str) -> None:
    failing(spool)
    url = f"http://127.0.0.1:{page.port}/{path}"
    with urllib.request.urlopen(url, timeout=LAST_RESORT_S) as answer:
        body, headers = answer.read().decode(), dict(answer.headers)
    outside = _Outside()
    outside.feed(body)
    assert outside.found == []
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "http://" not in body
    assert "https://" not in body


def test_health_is_200_while_working_and_503_with_reasons_when_not(spool: Spool, page: StatusPage) -> None:
    working(spool)
    code, body = get(page, "/saude")
    assert (code, json.loads(body)["motivos"]) == (200, [])
    failing(spool)
    until(lambda: get(page, "/saude")[0] == 503, "the fault on the page, which remembers for a second")
    code, body = get(page, "/saude")
    assert code == 503
    assert json.loads(body)["estado"] == "falha"
    assert json.loads(body)["motivos"][0].startswith("vidro: o servidor não responde")


def test_p11_a_wrong_clock_is_the_gateways_and_no_machine_is_blamed(spool: Spool, page: StatusPage) -> None:
    working(spool)
    at = now_ms()
    spool.store("bottelpack_a", *Reading(marks=[Mark(GOOD, at, "ok", -7_200_000)], position={"x": b"1"}).stored, at)
    clock = OwnClock()
    for name in ("bottelpack_a", "bottelpack_b"):
        clock.source(name, "", at - 7_200_000, Instant(at, 5_000))
    spool.beat({"bottelpack_a": at}, at, clock.judge(Instant(at, 5_000)))
    code, body = get(page, "/saude")
    (reason,) = json.loads(body)["motivos"]
    assert code == 503
    told = "relógio: o relógio deste computador está 2 h 00 min adiantado (dizem as máquinas, que concordam entre si)"
    assert reason.startswith(told)
    shown = get(page, "/")[1]
    assert "acerte a hora deste computador" in shown
    assert "acerte o relógio da máquina" not in shown
    assert "sicfar_gateway_clock_offset_seconds 7200" in get(page, "/metrics")[1]


def test_health_is_red_without_a_spool_or_without_a_living_gateway(tmp_path: Path) -> None:
    page = StatusPage(tmp_path / "nada", "127.0.0.1", 0)
    assert page.answer("/saude")[0] == 503
    assert page.answer("/")[0] == 503
    page.stop()
    spool = Spool(tmp_path / "spool", "farmace-spep", seal_records=100)
    spool.close()
    page = StatusPage(tmp_path / "spool", "127.0.0.1", 0)
    code, _, body = page.answer("/saude")
    page.stop()
    assert code == 503
    assert "gateway nunca deu sinal" in body


def test_metrics_are_prometheus_text_with_every_line_and_source(spool: Spool, page: StatusPage) -> None:
    failing(spool)
    code, body = get(page, "/metrics")
    assert code == 200
    sample = re.compile(r'[a-z_]+(\{([a-z]+="(\\.|[^"\\])*",?)+\})? -?[0-9.e+]+')
    values = {}
    for line in body.splitlines():
        if not line.startswith("#"):
            assert sample.fullmatch(line), line
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    assert values["sicfar_gateway_healthy"] == 0
    assert values['sicfar_gateway_source_up{fonte="bottelpack_a"}'] == 1
    assert values['sicfar_gateway_source_up{fonte="vidro"}'] == 0
    assert values[f'sicfar_gateway_line_clock_offset_seconds{{linha="{GOOD}",fonte="bottelpack_a"}}'] == -0.18
    assert values[f'sicfar_gateway_line_made_today{{linha="{GOOD}",fonte="bottelpack_a"}}'] % 3 == 0
    assert values["sicfar_gateway_disk_hours_left"] > 0


def test_p9_nothing_can_be_changed_through_the_page(spool: Spool, page: StatusPage) -> None:
    working(spool)
    assert [get(page, "/", method)[0] for method in ("POST", "PUT", "DELETE")] == [501, 501, 501]
    assert get(page, "/../etc/passwd")[0] == 404
    assert [get(page, path, "HEAD") for path in ("/", "/turnos")] == [(200, "")] * 2


def test_p6_an_outage_of_minutes_is_a_note_and_one_of_half_an_hour_is_red(spool: Spool, tmp_path: Path) -> None:
    working(spool)
    spool.set_upload_error("sem conexão com a AWS", now_ms())
    spool.store("bottelpack_a", *Reading(records=[Record(now_ms(), GOOD, 1, 0)]).stored, now_ms())
    status = read_status(tmp_path / "spool")
    assert [(each.level, each.where) for each in problems(status)] == [("aviso", "envio")]
    longer = replace(status, oldest_s=1_800.0)
    assert [(each.level, each.where) for each in problems(longer)] == [("erro", "envio")]
    short_of_disk = replace(status, hours_left=5.0, upload_error="")
    assert [each.where for each in problems(short_of_disk)] == ["disco"]


def test_a_silent_source_is_red_and_a_removed_one_is_not(spool: Spool, tmp_path: Path) -> None:
    failing(spool)
    at = now_ms()
    spool.beat({"bottelpack_a": at - 120_000}, at)
    found = problems(read_status(tmp_path / "spool"))
    assert [(each.level, each.where) for each in found] == [("erro", "bottelpack_a")]
    assert "não responde à leitura há 2 min" in found[0].what or "120 s" in found[0].what


def test_the_hours_left_follow_the_pace_of_reading_and_not_of_draining(tmp_path: Path) -> None:
    """An hour at one record of 90 bytes or so a second, sealed all at once after an outage."""
    spool = Spool(tmp_path / "spool", "farmace-spep", seal_records=600)
    start = now_ms() - 3_600_000
    for second in range(3_600):
        spool.store("s", *Reading(records=[Record(start + second * 1_000, GOOD, 1, 0)]).stored, start + second * 1_000)
        if second % 10 == 0:
            spool.beat({}, start + second * 1_000)
    while spool.seal({}, now_ms(), allow_empty=False):
        pass
    status = read_status(tmp_path / "spool")
    spool.close()
    assert status.hours_left is not None
    an_hour = status.disk_usable_bytes / status.hours_left
    line = len(f"2026-03-15T11:15:01.000Z,{GOOD},1,0,,,,,,") + 90
    assert 0.8 * 3_600 * line * 1.2 < an_hour < 1.2 * 3_600 * line * 1.2


def test_the_page_is_this_computers_own_and_a_taken_port_stops_nothing(page: StatusPage, tmp_path: Path) -> None:
    def configured(text: str) -> tuple[str, int] | None:
        gateway = {"id": "farmace-spep", "bucket": "sicfar", "spool": "x", "page": text}
        return parse_config({"gateway": gateway}).require_gateway().page

    assert configured(":8080") == configured("8080") == ("127.0.0.1", 8080)
    assert configured("0.0.0.0:8080") == ("0.0.0.0", 8080)  # noqa: S104
    assert configured("[::1]:80") == ("::1", 80)
    with pytest.raises(ConfigError, match=r"gateway\.page"):
        configured("8080/pagina")
    assert open_page(tmp_path, ("127.0.0.1", page.port)) is None
    assert open_page(tmp_path, None) is None


def test_each_shift_prints_on_a_sheet_of_its_own(spool: Spool, page: StatusPage, tmp_path: Path) -> None:
    at = now_ms()
    counts = [Record(at - hours * 3_600_000, GOOD, 3, 1, produced_raw=1_003) for hours in range(0, 48, 12)]
    spool.store("bottelpack_a", *Reading(counts, marks=[Mark(GOOD, at, "ok")]).stored, at)
    printed = tmp_path / "turnos.pdf"
    url = f"http://127.0.0.1:{page.port}/turnos"
    chromium(page, tmp_path, f"--print-to-pdf={printed}", "--no-pdf-header-footer", url=url)
    assert len(re.findall(rb"/Type /Page\b", printed.read_bytes())) == page.answer("/turnos")[2].count("<section>") == 4
