"""Every call the deployed functions make to AWS, recorded on its way to the emulator.

Each function gets an address of its own as AWS_ENDPOINT_URL, so that a call names its caller; the functions themselves
are as deployed. What is recorded is what AWS would authorize: action, resource, and the condition keys our policies
ask for.
"""

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local.processes import LOOPBACK
from local.stack.emulator import ACCOUNT, REGION
from local.stack.stack import Stack
from local.waiting import until
from tests.support import queues


@dataclass(frozen=True)
class Call:
    """One call of a function, as AWS would authorize it."""

    function: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


class UnknownCallError(Exception):
    """A call this module cannot translate into an action: teach it, before anything is judged."""


class Recorder:
    """Stands between the functions of a stack and its emulator while it is open."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._lock = threading.Lock()
        self._calls: set[Call] = set()
        self._unknown: list[str] = []
        self._servers: list[ThreadingHTTPServer] = []

    def __enter__(self) -> "Recorder":
        # S3's test event starts the parser. MiniStack 1.5.33 deletes a worker whose function changes at its start and,
        # on that error, every other worker of the function: what they had received stays hidden for minutes.
        sqs, queue = self._stack.aws.sqs, self._stack.deployment.outputs["TxtQueueUrl"]
        until(lambda: queues.idle(sqs, queue), "the parser has answered S3's test event")
        for function, environment in self._stack.deployment.environments.items():
            environment["AWS_ENDPOINT_URL"] = self._serve(function)  # a test that restarts a function keeps it
            # STS asks for no permission, and a caller's proof is bound to the address of the one both of them ask.
            environment["AWS_ENDPOINT_URL_STS"] = self._stack.aws.endpoint_url
            self._stack.aws.functions.update_function_configuration(
                FunctionName=self._stack.deployment.functions[function], Environment={"Variables": environment}
            )
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def calls(self) -> set[Call]:
        """All calls until now. Raises UnknownCallError."""
        with self._lock:
            if self._unknown:
                raise UnknownCallError(self._unknown[0])
            return set(self._calls)

    def _serve(self, function: str) -> str:
        host = urlsplit(self._stack.aws.endpoint_url).netloc

        def record(method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
            try:
                call = translated(function, method, path, headers, body)
            except (KeyError, ValueError) as error:
                with self._lock:
                    self._unknown.append(f"{function}: {method} {path} ({error!r})")
                return
            with self._lock:
                self._calls.add(call)

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the function was ended in the middle of a call
                    self.close_connection = True

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                record(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                upstream = http.client.HTTPConnection(host)
                try:
                    upstream.request(self.command, self.path, body, dict(self.headers))
                    answer = upstream.getresponse()
                    content = answer.read()
                finally:
                    upstream.close()
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                        self.send_header(name, value)
                if self.command != "HEAD":
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - http.server's names

            def log_message(self, *_: Any) -> None:
                """Nothing: what happened is in the record."""

        server = ThreadingHTTPServer((LOOPBACK, 0), Passing)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        return f"http://{LOOPBACK}:{server.server_port}"


def translated(function: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Call:
    """The call a request is. Raises KeyError or ValueError for one that has no translation here."""
    service = headers["authorization"].split("Credential=")[1].split("/")[3]
    if service == "s3":
        return _s3(function, method, path, headers)
    asked = json.loads(body)
    if service == "ses":
        if (method, urlsplit(path).path) != ("POST", "/v2/email/outbound-emails"):
            raise ValueError("an operation of SES")
        sender = asked["FromEmailAddress"]
        return Call(function, "ses:SendEmail", arn("ses", f"identity/{sender}"), (("ses:FromAddress", sender),))
    operation = headers["x-amz-target"].rsplit(".", 1)[1]
    match service:
        case "sqs":
            resource = asked.get("SourceArn") or arn("sqs", asked["QueueUrl"].rsplit("/", 1)[1])
            # A batch asks for the permission of the single call:
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
            operation = operation.removesuffix("Batch")
        case "ssm":
            resource = arn("ssm", f"parameter/{asked['Name'].lstrip('/')}")
        case "secretsmanager":
            resource = secret_arn(asked["SecretId"])
        case _:
            raise ValueError(f"service {service}")
    return Call(function, f"{service}:{operation}", resource)


def _s3(function: str, method: str, path: str, headers: Mapping[str, str]) -> Call:
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    context = []
    if key:
        action = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}[method]
        if "versionId" in query:
            action += "Version"
    elif method == "GET" and query.get("list-type") == ["2"]:
        action = "ListBucket"
        context = [(f"s3:{name}", query[name][0]) for name in ("prefix", "delimiter", "max-keys") if name in query]
    else:
        raise ValueError("an operation of S3")
    if "if-none-match" in headers and method == "PUT":
        context.append(("s3:if-none-match", headers["if-none-match"]))
    return Call(function, f"s3:{action}", f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else ""), tuple(context))


def arn(service: str, name: str) -> str:
    """The ARN of something of the emulated account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def secret_arn(name: str) -> str:
    """A secret's ARN: AWS ends each with six characters of its own, which a policy cannot foresee."""
    return arn("secretsmanager", f"secret:{name}-a1B2c3")
