"""A real gateway process cut off from S3: its page still says what each line made, also after kill -9."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

from local.processes import LOOPBACK, free_port
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from sicfar.instants import format_instant, now_ms

LINES = ("SPEP-ENV-A", "SPEP-ENV-B")
KILLS = 3


def shown(port: int) -> dict[str, tuple[int, int]]:
    """Made and rejected by line, over all shifts; nothing while the page does not answer."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/turnos", timeout=LAST_RESORT_S) as answer:
            html = answer.read().decode()
    except OSError:
        return {}
    found: dict[str, tuple[int, int]] = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html):
        cells = [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        if cells and cells[0] in LINES:
            made, rejected = (int(cell.replace(".", "")) for cell in cells[1:3])
            before = found.get(cells[0], (0, 0))
            found[cells[0]] = before[0] + made, before[1] + rejected
    return found


def test_p6_cut_off_from_s3_the_page_counts_each_record_once_after_kill(tmp_path: Path) -> None:
    data, page = tmp_path / "data", free_port()
    data.mkdir()
    away = f"http://{LOOPBACK}:{free_port()}"
    login = {"AWS_ACCESS_KEY_ID": "teste", "AWS_SECRET_ACCESS_KEY": "teste", "AWS_REGION": "sa-east-1"}
    gateway = GatewayProcess(
        tmp_path,
        {
            "clps": {"keyence": {"protocol": "file", "path": str(data), "poll_ms": 50}},
            "gateway": {
                "id": "farmace-spep",
                "bucket": "sicfar-contagens",
                "spool": str(tmp_path / "spool"),
                "seal_seconds": 1,
                "page": f"{LOOPBACK}:{page}",
                "shifts": {"D1": "06:00", "D2": "14:15", "N1": "22:30"},
            },
        },
        {"AWS_ENDPOINT_URL": away, **login},
    )
    written = dict.fromkeys(LINES, (0, 0))

    def write(records: int) -> None:
        """What the sensors do, whether the gateway runs or not."""
        for line in LINES:
            at = now_ms()
            text = "".join(f"{format_instant(at)},{line},{number % 3},{number % 2}\n" for number in range(records))
            with (data / f"{line}.txt").open("ab") as file:
                file.write(text.encode())
            made, rejected = written[line]
            written[line] = made + sum(n % 3 for n in range(records)), rejected + sum(n % 2 for n in range(records))

    try:
        for number in range(KILLS + 1):
            gateway.start()
            for _ in range(20):
                write(number + 5)
            until(lambda: shown(page) != {}, "the page", state=lambda: gateway.log.read_text(), alive=gateway.running)
            write(4)
            if number < KILLS:
                gateway.kill()
                write(7)  # read by the next one
        until(lambda: shown(page) == written, "every record on the page, once", state=lambda: (shown(page), written))
    finally:
        gateway.kill()
