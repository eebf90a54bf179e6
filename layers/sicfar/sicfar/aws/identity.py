"""Who calls a function, proven by AWS: the caller signs a request to STS that the function then makes.

The caller signs `GetCallerIdentity`, which needs no permission and changes nothing, and sends the signed URL instead of
a name. The function makes the request and STS answers whose signature it is, as aws-iam-authenticator and Vault do it.
The signature covers a header that names the function and the run, so a proof given to one environment is worth nothing
in another. Until it expires the URL is a credential: it is in no log, no error and no record.

What is fetched is decided here, not by the caller: the host is the region's STS, or the configured AWS_ENDPOINT_URL,
and the query holds that action, the signature and nothing else.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError, create_parser

from sicfar.aws.clients import ONCE
from sicfar.errors import PermanentError, TransientError

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_sts import STSClient

HEADER = "x-sicfar-destino"
VALID_S = 60
_CLOCKS_APART = timedelta(minutes=5)
"""How far a person's clock may be from AWS's; STS takes no more than that either."""
_FIXED = {
    "Action": "GetCallerIdentity",
    "Version": "2011-06-15",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Expires": str(VALID_S),
    "X-Amz-SignedHeaders": f"host;{HEADER}",
}
_NEEDED = {*_FIXED, "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}
_OPTIONAL = {"X-Amz-Security-Token"}


class ProofError(PermanentError):
    """A proof that is none: of another place or function, too old, or not signed by anybody STS knows."""


class ProverUnreachableError(TransientError):
    """STS did not answer, so the caller is not proven yet."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an ARN that STS vouches for, or what is said instead."""

    who: str
    proven: bool


def unproven(request: str) -> Caller:
    """Whoever invoked the function without a proof; CloudTrail knows the request."""
    return Caller(f"não comprovado (requisição {request})", proven=False)


def prove(session: "boto3.Session", audience: str) -> str:
    """A proof of who holds the session's credentials, for `audience` alone. Raises botocore's exceptions."""
    sts: STSClient = session.client("sts", config=ONCE.merge(Config(signature_version="v4")))

    def name_the_audience(request: AWSRequest, **_: object) -> None:
        request.headers[HEADER] = audience

    sts.meta.events.register("before-sign.sts.GetCallerIdentity", name_the_audience)
    return sts.generate_presigned_url("get_caller_identity", ExpiresIn=VALID_S, HttpMethod="GET")


class Prover:
    """Asks the STS of the function's own region who signed a proof."""

    def __init__(self, sts: "STSClient") -> None:
        self._endpoint = urlsplit(sts.meta.endpoint_url)
        self._region = sts.meta.region_name
        self._shape = sts.meta.service_model.operation_model("GetCallerIdentity").output_shape
        self._http = URLLib3Session(timeout=10)  # follows no redirect

    def caller(self, proof: str, audience: str) -> Caller:
        """Who signed the proof for `audience`. Raises ProofError or ProverUnreachableError; neither shows the proof."""
        self._check(proof, datetime.now(UTC))
        request = AWSRequest("GET", proof, headers={HEADER: audience})
        try:
            answer = self._http.send(request.prepare())
        except (BotoCoreError, HTTPClientError) as cause:
            # Not chained: the exception's text holds the URL.
            raise ProverUnreachableError(
                "identity_unreachable",
                f"o STS não respondeu à função ({type(cause).__name__}), e quem pede não pôde ser comprovado",
                where=self._endpoint.netloc,
                action="repita o comando; nada foi movido",
            ) from None
        if answer.status_code >= 500:
            raise ProverUnreachableError(
                "identity_unreachable",
                f"o STS respondeu HTTP {answer.status_code}, e quem pede não pôde ser comprovado",
                where=self._endpoint.netloc,
                action="repita o comando; nada foi movido",
            )
        arn = self._arn(answer.status_code, dict(answer.headers), answer.content)
        if not arn:
            raise self._refused(f"o STS não a reconhece (HTTP {answer.status_code})")
        return Caller(arn, proven=True)

    def _check(self, proof: str, now: datetime) -> None:
        try:
            url = urlsplit(proof)
            asked = parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
        except ValueError:
            raise self._refused("não é um endereço") from None
        if (url.scheme, url.netloc) != (self._endpoint.scheme, self._endpoint.netloc):
            raise self._refused("é de outra região ou de outro serviço")
        given = dict(asked)
        known = _NEEDED <= set(given) <= _NEEDED | _OPTIONAL and _FIXED.items() <= given.items()
        if len(given) != len(asked) or not known or url.path not in ("", "/") or url.fragment or "#" in proof:
            raise self._refused("pede outra coisa que a identidade de quem assina")
        if not re.fullmatch(
            rf"[A-Z0-9a-z]+/\d{{8}}/{re.escape(self._region)}/sts/aws4_request", given["X-Amz-Credential"]
        ):
            raise self._refused("é de outra região ou de outro serviço")
        try:
            signed = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise self._refused("não diz quando foi assinada") from None
        if not -_CLOCKS_APART <= now - signed <= _CLOCKS_APART:
            raise self._refused(f"foi assinada às {signed.isoformat()}, e são {now.isoformat(timespec='seconds')}")

    def _arn(self, status: int, headers: dict[str, str], body: bytes) -> str | None:
        if status != 200 or self._shape is None:
            return None
        try:
            read = create_parser("query").parse({"status_code": status, "headers": headers, "body": body}, self._shape)
        except ResponseParserError:
            return None
        arn = read.get("Arn")
        return arn if isinstance(arn, str) and re.fullmatch(r"arn:[\w-]+:(?:iam|sts)::\d{12}:\S+", arn) else None

    def _refused(self, what: str) -> ProofError:
        return ProofError(
            "proof_refused",
            f"a prova de quem pede não vale: {what}",
            where=self._endpoint.netloc,
            action="confira a região, a conta e o relógio deste computador, e repita; nada foi movido",
        )
