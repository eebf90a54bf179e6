"""What the uploader does with the answers of S3: each kept from losing or doubling a batch, told in words, retried."""

from __future__ import annotations

import itertools
import json
import random
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge_gateway import uploader as module
from edge_gateway.__main__ import main
from edge_gateway.clock import OwnClock, instant
from edge_gateway.logs import JsonFormatter
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import SealedBatch, Spool
from edge_gateway.uploader import S3Store, UploadConfigurationError, Uploader
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from sicfar.errors import SicfarError
from tests.support.reading import Reading

NOW = 1_773_573_301_250
BUCKET = "sicfar-contagens"
OWN = "contagens/farmace-spep/"


@dataclass(frozen=True)
class Request:
    at: float
    method: str
    key: str
    prefix: str
    condition: str
    body: bytes


Answer = Callable[[Request], tuple[int, str] | bytes | None]
"""Status and error code; bytes to be sent as they are before the connection is closed; None to close it at once."""


def status(number: int, code: str = "") -> Answer:
    return lambda _: (number, code)


def hang_up(_: Request) -> None:
    """Close the connection without a word."""


def least_privilege(request: Request) -> tuple[int, str]:
    """The rights of a gateway's own credential: PutObject under its prefix, ListBucket of its prefix."""
    puts = request.method == "PUT" and request.key.startswith(OWN)
    lists = request.method == "GET" and not request.key and request.prefix.startswith(OWN)
    return (200, "") if puts or lists else (403, "AccessDenied")


class S3(ThreadingHTTPServer):
    """A server that speaks as much S3 as a gateway hears; what it answers is told by the test, by default 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.always: Answer = status(200)
        self.requests: list[Request] = []
        self.behind_s = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """A client that no longer waits is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        url = urllib.parse.urlsplit(self.path)
        prefix = urllib.parse.parse_qs(url.query).get("prefix", [""])[0]
        key = url.path.removeprefix(f"/{BUCKET}").removeprefix("/")
        condition = self.headers.get("If-None-Match", "")
        request = Request(time.monotonic(), self.command, key, prefix, condition, body)
        self.server.requests.append(request)
        told = (self.server.answers.pop(0) if self.server.answers else self.server.always)(request)
        if told is None or isinstance(told, bytes):
            self.wfile.write(told or b"")
            self.close_connection = True
            return
        number, code = told
        text = f"<Error><Code>{code}</Code><Message>told</Message></Error>" if code else ""
        if number == 200 and self.command == "GET":
            text = "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"
        self.send_response(number)
        self.send_header("Content-Length", str(len(text)))
        if number == 301 and code:
            self.send_header("x-amz-bucket-region", "sa-east-1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((time.time() if timestamp is None else timestamp) - self.server.behind_s)

    do_PUT = do_GET = do_HEAD = answer  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3]:
    with S3() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool", "farmace-spep", seal_records=10)
    made.store("keyence", *Reading([Record(NOW + number, "SPEP-ENV-A", 1, 0) for number in range(3)]).stored, NOW)
    made.seal({}, NOW, allow_empty=False)
    yield made
    made.close()


@pytest.fixture
def uploader(s3: S3, spool: Spool) -> Iterator[Uploader]:
    made = Uploader(spool, S3Store(BUCKET, None), first_wait_s=0.05)
    yield made
    made.stop(LAST_RESORT_S)


def waiting_batch(spool: Spool) -> SealedBatch:
    batch = spool.next_sealed()
    assert batch is not None
    return batch


def failures(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """The log lines of failed uploads as the service manager gets them."""
    logged = [json.loads(JsonFormatter().format(record)) for record in list(caplog.records)]
    return [line for line in logged if line["event"] == "upload_failed"]


def waits(caplog: pytest.LogCaptureFixture) -> list[float]:
    """How long it waited after each failed upload, seconds."""
    return [float(str(line["retry_in_s"])) for line in failures(caplog)]


def uploaded(spool: Spool) -> bool:
    return spool.waiting() == (0, 0)


def test_p1_412_is_success(s3: S3, spool: Spool, uploader: Uploader) -> None:
    s3.always = status(412, "PreconditionFailed")
    uploader.start()
    until(lambda: uploaded(spool), "the batch taken as uploaded")
    assert [request.condition for request in s3.requests] == ["*"]


@pytest.mark.parametrize(
    ("answer", "code", "said", "to_do"),
    [
        (status(403, "AccessDenied"), "bucket_refused", "a AWS recusou o acesso", f"s3:PutObject em {OWN}*"),
        (status(403), "bucket_refused", "a AWS recusou o acesso (403)", f"s3:PutObject em {OWN}*"),
        (status(404, "NoSuchBucket"), "bucket_refused", "o bucket não existe", "gateway.bucket"),
        (status(403, "InvalidAccessKeyId"), "bucket_refused", "não conhece esta chave", "AWS_ACCESS_KEY_ID"),
        (status(403, "SignatureDoesNotMatch"), "bucket_refused", "chave secreta", "AWS_SECRET_ACCESS_KEY"),
        (status(403, "RequestTimeTooSkewed"), "bucket_refused", "o relógio deste computador", "acerte a hora"),
        (status(400, "ExpiredToken"), "bucket_refused", "a credencial da AWS venceu", "AWS_ACCESS_KEY_ID"),
        (status(301, "PermanentRedirect"), "bucket_refused", "outra região", "gateway.region"),
        (status(500, "InternalError"), "upload_unavailable", "a AWS respondeu InternalError", "tenta de novo"),
        (status(503, "SlowDown"), "upload_unavailable", "a AWS respondeu SlowDown", "tenta de novo"),
        (
            status(409, "ConditionalRequestConflict"),
            "upload_unavailable",
            "ConditionalRequestConflict",
            "tenta de novo",
        ),
        (hang_up, "upload_unavailable", "sem conexão com a AWS", "tenta de novo"),
    ],
)
def test_p6_a_refused_batch_is_kept_reported_and_sent_again_unchanged(
    s3: S3,
    spool: Spool,
    uploader: Uploader,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    code: str,
    said: str,
    to_do: str,
) -> None:
    s3.always = answer
    batch = waiting_batch(spool)
    uploader.start()
    until(lambda: len(failures(caplog)) >= 3, "three attempts")
    told = read_status(tmp_path / "spool")
    assert (told.sealed_batches, told.sealed_records) == (1, 3)
    assert said in told.upload_error
    assert to_do in told.upload_error
    failed = failures(caplog)
    assert [line["failures"] for line in failed[:2]] == [1, 2]
    assert {line["code"] for line in failed} == {code}
    assert told.upload_error in {line["message"] for line in failed}
    assert {line["level"] for line in failed} == {"ERROR" if code == "bucket_refused" else "WARNING"}
    assert "secret-of-the-test" not in json.dumps(failed)
    s3.always = status(200)
    until(lambda: uploaded(spool), "the upload once S3 takes it")
    assert read_status(tmp_path / "spool").upload_error == ""
    sent = {(request.key, request.body) for request in s3.requests if request.method == "PUT"}
    assert sent == {(batch.key, batch.body)}


def test_p6_a_proxy_with_endless_redirects_does_not_end_the_uploading(
    s3: S3, spool: Spool, uploader: Uploader, tmp_path: Path
) -> None:
    s3.always = status(301)
    uploader.start()
    until(lambda: read_status(tmp_path / "spool").upload_error, "the reason")
    assert "tenta de novo" in read_status(tmp_path / "spool").upload_error
    s3.always = status(200)
    until(lambda: uploaded(spool), "the upload")


def test_p6_attempts_double_their_distance_and_a_success_resets_it(
    s3: S3, spool: Spool, uploader: Uploader, caplog: pytest.LogCaptureFixture
) -> None:
    s3.answers = [status(503, "SlowDown")] * 5
    uploader.start()
    until(lambda: uploaded(spool), "the upload")
    assert waits(caplog) == [0.05, 0.1, 0.2, 0.4, 0.8]
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(s3.requests)]
    assert all(wait <= gap for wait, gap in zip(waits(caplog), gaps, strict=True)), "never earlier"
    s3.answers = [status(503, "SlowDown")]
    spool.store("keyence", *Reading([Record(NOW, "SPEP-ENV-A", 1, 0)]).stored, NOW)
    spool.seal({}, NOW, allow_empty=False)
    uploader.wake()
    until(lambda: uploaded(spool), "the next upload")
    assert waits(caplog)[5:] == [0.05]


def test_p6_the_distance_between_attempts_has_a_cap(
    s3: S3, spool: Spool, uploader: Uploader, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKOFF_CAP_S", 0.1)
    s3.answers = [status(503, "SlowDown")] * 7
    uploader.start()
    until(lambda: uploaded(spool), "the upload")
    assert waits(caplog) == [0.05, *[0.1] * 6]


def test_p6_a_long_outage_is_logged_now_and_then(
    s3: S3, spool: Spool, uploader: Uploader, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKOFF_CAP_S", 0.001)
    s3.answers = [status(503, "SlowDown")] * 160
    uploader.start()
    until(lambda: uploaded(spool), "the upload", state=lambda: len(s3.requests))
    assert [line["failures"] for line in failures(caplog)] == [*range(1, 11), 75, 150]


def test_p6_a_connection_refused_is_told_as_no_connection(
    s3: S3, spool: Spool, uploader: Uploader, tmp_path: Path
) -> None:
    s3.shutdown()
    s3.server_close()
    uploader.start()
    until(lambda: read_status(tmp_path / "spool").upload_error, "the reason")
    assert "sem conexão com a AWS" in read_status(tmp_path / "spool").upload_error
    assert spool.waiting() == (0, 1)


def test_p6_an_answer_that_does_not_come_is_given_up_and_asked_for_again(
    s3: S3, spool: Spool, uploader: Uploader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ANSWER_S", 0.3)
    enough = threading.Event()

    def never(_: Request) -> None:
        enough.wait(LAST_RESORT_S)

    s3.always = never
    uploader.start()
    until(lambda: read_status(tmp_path / "spool").upload_error, "the reason")
    assert "Read timeout" in read_status(tmp_path / "spool").upload_error
    s3.always = status(200)
    enough.set()
    until(lambda: uploaded(spool), "the upload")


def test_p6_credentials_given_at_run_time_are_used_without_a_restart(
    s3: S3, spool: Spool, uploader: Uploader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    uploader.start()
    until(lambda: read_status(tmp_path / "spool").upload_error, "the reason")
    assert "faltam as credenciais da AWS" in read_status(tmp_path / "spool").upload_error
    assert not s3.requests
    text = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret-of-the-test\n"
    (tmp_path / "credentials").write_text(text)
    until(lambda: uploaded(spool), "the upload with the new credentials")


def test_p1_after_a_restart_the_same_bytes_go_up_under_the_same_key(s3: S3, spool: Spool, tmp_path: Path) -> None:
    s3.always = status(500, "InternalError")
    first = Uploader(spool, S3Store(BUCKET, None), first_wait_s=0.05)
    first.start()
    until(lambda: s3.requests, "an attempt")
    first.stop(LAST_RESORT_S)
    spool.close()
    s3.always = status(200)
    again = Spool(tmp_path / "spool", "farmace-spep", seal_records=10)
    second = Uploader(again, S3Store(BUCKET, None))
    second.start()
    until(lambda: uploaded(again), "the upload")
    second.stop(LAST_RESORT_S)
    again.close()
    assert len({(request.key, request.body) for request in s3.requests}) == 1
    assert s3.requests[0].key.startswith(OWN)


def test_an_endpoint_that_is_no_address_is_told_with_its_variable(
    s3: S3, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(UploadConfigurationError, match="AWS_ENDPOINT_URL"):
        S3Store(BUCKET, None).put(waiting_batch(spool))


class Bucket:
    """Keeps objects as S3 does, and answers as badly as it may: before or after it has stored what it was given."""

    HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\nETag: "1"\r\n\r\n<Half'
    CUT = b"HTTP/1.1 200 OK\r\nContent-Le"
    FAULTS = ("500", "403", "503", "away", "stored, no answer", "stored, cut", "stored, half", "stored, 500", "slow")

    def __init__(self, seed: int) -> None:
        self.objects: dict[str, bytes] = {}
        self.chance = random.Random(seed)
        self.seen: Counter[str] = Counter()

    def __call__(self, request: Request) -> tuple[int, str] | bytes | None:
        fault = "" if self.chance.random() < 0.3 else self.chance.choice(self.FAULTS)
        self.seen[fault] += 1
        if fault in ("500", "403", "503"):
            return int(fault), {"500": "InternalError", "403": "AccessDenied", "503": "SlowDown"}[fault]
        if fault == "away":
            return None
        known = request.key in self.objects
        if not known:
            self.objects[request.key] = request.body
        if fault == "slow":
            time.sleep(0.4)  # longer than anybody waits
        if fault == "stored, 500":
            return 500, "InternalError"
        answers: dict[str, tuple[int, str] | bytes | None] = {
            "stored, no answer": None,
            "stored, cut": self.CUT,
            "stored, half": self.HALF,
        }
        return answers.get(fault, (412, "PreconditionFailed") if known else (200, ""))


def test_p1_whatever_s3_answers_each_batch_is_there_once_as_sealed(
    s3: S3, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(module, "_ANSWER_S", 0.3)
    monkeypatch.setattr(module, "BACKOFF_CAP_S", 0.02)
    s3.always = bucket = Bucket(seed)
    uploader = Uploader(spool, S3Store(BUCKET, None), first_wait_s=0.01)
    uploader.start()
    try:
        for number in range(3, 13):
            spool.store("keyence", *Reading([Record(NOW + number, "SPEP-ENV-A", 1, 0, origin=str(number))]).stored, NOW)
            spool.seal({}, NOW, allow_empty=False)
            uploader.wake()
            until(lambda: uploaded(spool), f"batch {number}; seed {seed}", state=lambda: len(s3.requests))
    finally:
        uploader.stop(LAST_RESORT_S)
    batches = sorted(
        (read_batch(BatchKey.parse(key), [body]) for key, body in bucket.objects.items()), key=lambda b: b.key.seq
    )
    assert [batch.key.seq for batch in batches] == list(range(1, 12))
    assert sum(batch.tally.records for batch in batches) == 13
    assert len(bucket.seen) > 3
    assert read_status(tmp_path / "spool").upload_error == ""


@pytest.mark.parametrize("answer", [status(200), status(403, "RequestTimeTooSkewed"), status(500, "InternalError")])
def test_p11_whatever_s3_answers_says_what_time_it_is(s3: S3, spool: Spool, answer: Answer) -> None:
    s3.always = answer
    clock = OwnClock()
    with suppress(SicfarError):
        S3Store(BUCKET, None, clock).put(waiting_batch(spool))
    low_ms, high_ms = clock.s3_offset(instant()) or (1, 0)
    assert low_ms <= 0 <= high_ms


def test_p11_until_s3_answers_it_is_asked_for_the_time_alone(s3: S3, spool: Spool) -> None:
    spool.confirm(1, NOW)
    clock = OwnClock()
    uploader = Uploader(spool, S3Store(BUCKET, None, clock), first_wait_s=0.02, clock=clock)
    s3.answers = [hang_up, hang_up]
    assert uploader.unanswered
    uploader.start()
    until(lambda: not uploader.unanswered, "an answer")
    uploader.stop(LAST_RESORT_S)
    assert clock.witnessed
    assert [(request.method, request.prefix) for request in s3.requests] == [("GET", OWN)] * 3


# -- check -------------------------------------------------------------------------------------------------------------


def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    config = folder / "gateway.json"
    values = {"gateway": {"id": "farmace-spep", "bucket": BUCKET, "spool": str(folder / "spool")}}
    config.write_text(json.dumps(values), encoding="utf-8")
    return main(["check", "--config", str(config)]), capsys.readouterr().out


def test_p9_check_and_upload_need_no_more_than_the_gateways_own_rights(
    s3: S3, spool: Spool, uploader: Uploader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.always = least_privilege
    code, said = checked(tmp_path, capsys)
    assert code == 0
    assert f"bucket: s3://{BUCKET}/{OWN} responde" in said
    uploader.start()
    until(lambda: uploaded(spool), "the upload")
    assert [(request.method, request.key, request.prefix) for request in s3.requests[:1]] == [("GET", "", OWN)]


@pytest.mark.parametrize(
    ("answer", "exit_code", "said"),
    [
        (status(403, "AccessDenied"), 2, f"dê a esta credencial a permissão s3:ListBucket com o prefixo {OWN}"),
        (status(404, "NoSuchBucket"), 2, "crie o bucket ou corrija gateway.bucket"),
        (status(403, "InvalidAccessKeyId"), 2, "a AWS não conhece esta chave de acesso"),
        (status(301, "PermanentRedirect"), 2, "corrija gateway.region"),
        (status(500, "InternalError"), 1, "a AWS respondeu InternalError"),
        (hang_up, 1, "sem conexão com a AWS"),
    ],
)
def test_check_says_what_each_refusal_means(
    s3: S3, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, exit_code: int, said: str
) -> None:
    s3.always = answer
    code, shown = checked(tmp_path, capsys)
    assert code == exit_code
    assert said in shown


@pytest.mark.parametrize(
    ("behind_s", "level", "exit_code"),
    [(0, "ok", 0), (20, "aviso", 0), (-20, "aviso", 0), (90, "erro", 1), (-90, "erro", 1)],
)
def test_p11_check_measures_the_clock_by_s3s_answer(
    s3: S3, tmp_path: Path, capsys: pytest.CaptureFixture[str], behind_s: int, level: str, exit_code: int
) -> None:
    s3.behind_s = behind_s
    code, shown = checked(tmp_path, capsys)
    assert code == exit_code
    said = re.search(r"^(\w+) +relógio: a hora deste computador é a do S3 ([+-]\d+),\d s \(± ", shown, re.MULTILINE)
    assert said is not None
    assert said[1] == level
    assert abs(int(said[2]) - behind_s) <= 3


def test_p11_check_without_an_answer_says_that_nothing_was_compared(
    s3: S3, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.always = hang_up
    assert "relógio: sem resposta do S3" in checked(tmp_path, capsys)[1]
