"""An STS that answers GetCallerIdentity only to whom its signature belongs: it computes each signature itself."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "só-de-teste", "sa-east-1"
ARN = "arn:aws:sts::123456789012:assumed-role/ti/ana"
ANSWER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>{ARN}</Arn><UserId>AIDA:ana</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)
REFUSAL = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"


def signed_by_us(url: str, headers: dict[str, str]) -> bool:
    """Whether the signature is that of KEY over the URL and the headers it names."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    given = asked.pop("X-Amz-Signature", "")
    names = asked.get("X-Amz-SignedHeaders", "").split(";")
    request = AWSRequest(
        "GET",
        parts._replace(query=urlencode(asked)).geturl(),
        headers={name: headers[name] for name in names if name in headers},
    )
    request.context["timestamp"] = asked.get("X-Amz-Date", "")
    auth = SigV4QueryAuth(Credentials(KEY, SECRET), "sts", REGION)
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request) == given


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        good = signed_by_us(f"http://{headers['host']}{self.path}", headers)
        body = (ANSWER if good else REFUSAL).encode()
        self.send_response(200 if good else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """Its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
