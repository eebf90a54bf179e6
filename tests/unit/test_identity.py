"""A proof of who calls: a real signature, checked for where it leads, resolved by an STS that computes it anew."""

import contextlib
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import boto3
import pytest
from moto import mock_aws

from sicfar.aws import identity
from sicfar.aws.clients import ONCE
from sicfar.aws.identity import HEADER, ProofError, Prover, ProverUnreachableError, prove
from tests.support import sts as fake

AUDIENCE = "sicfar-prod-dlq-redrive/5b1f"


@pytest.fixture
def aws(monkeypatch):
    for name, value in (("ACCESS_KEY_ID", fake.KEY), ("SECRET_ACCESS_KEY", fake.SECRET)):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")


@pytest.fixture
def sts(aws, monkeypatch):
    with fake.serving() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        yield boto3.client("sts", config=ONCE)


def changed(proof, drop=(), **parts):
    url = urlsplit(proof)
    asked = {**dict(parse_qsl(url.query)), **parts}
    return urlunsplit(url._replace(query=urlencode({name: one for name, one in asked.items() if name not in drop})))


def test_p9_sts_says_whose_signature_it_is(sts):
    caller = Prover(sts).caller(prove(boto3.Session(), AUDIENCE), AUDIENCE)
    assert (caller.who, caller.proven) == (fake.ARN, True)


def test_p9_a_proof_for_another_environment_or_run_is_worth_nothing(sts):
    for other in ("sicfar-homolog-dlq-redrive/5b1f", "sicfar-prod-dlq-redrive/0000"):
        with pytest.raises(ProofError, match="não a reconhece"):
            Prover(sts).caller(prove(boto3.Session(), other), AUDIENCE)


def test_p9_the_signature_covers_the_header_that_names_the_function(aws):
    proofs = [dict(parse_qsl(urlsplit(prove(boto3.Session(), one)).query)) for one in (AUDIENCE, "outra")]
    assert {one["X-Amz-SignedHeaders"] for one in proofs} == {f"host;{HEADER}"}
    assert len({one["X-Amz-Signature"] for one in proofs}) == 2
    assert {one["X-Amz-Expires"] for one in proofs} == {"60"}


def test_p9_the_request_bears_the_name_of_this_function(aws, monkeypatch):
    sent = []

    class Network:
        def __init__(self, **_):
            pass

        def send(self, request):
            sent.append(request)
            raise identity.HTTPClientError(error=f"não: {request.url}")

    monkeypatch.setattr(identity, "URLLib3Session", Network)
    prover = Prover(boto3.client("sts"))
    with pytest.raises(ProverUnreachableError) as raised:
        prover.caller(prove(boto3.Session(), "outra"), AUDIENCE)
    (request,) = sent
    assert request.headers[HEADER] == AUDIENCE
    assert request.url.startswith("https://sts.sa-east-1.amazonaws.com/?Action=GetCallerIdentity&")
    assert "Signature" not in f"{raised.value} {raised.value.__cause__}"


ELSEWHERE = {
    "outro servidor": lambda url: url.replace("sts.sa-east-1.amazonaws.com", "sts.sa-east-1.amazonaws.com.mau.example"),
    "servidor com usuário": lambda url: url.replace("https://", "https://sts.sa-east-1.amazonaws.com@169.254.169.254"),
    "porta": lambda url: url.replace("amazonaws.com/", "amazonaws.com:8080/"),
    "sem TLS": lambda url: url.replace("https://", "http://"),
    "outra região": lambda url: url.replace("sts.sa-east-1", "sts.us-east-1"),
    "outro serviço": lambda url: url.replace("https://sts.", "https://sqs."),
    "caminho": lambda url: url.replace("amazonaws.com/", "amazonaws.com/x"),
    "outra ação": lambda url: changed(url, Action="AssumeRole"),
    "ação duas vezes": lambda url: url + "&Action=AssumeRole",
    "mais um parâmetro": lambda url: changed(url, RoleArn="arn"),
    "cabeçalho não assinado": lambda url: changed(url, **{"X-Amz-SignedHeaders": "host"}),
    "validade longa": lambda url: changed(url, **{"X-Amz-Expires": "43200"}),
    "credencial de outra região": lambda url: changed(
        url, **{"X-Amz-Credential": "A/20260101/us-east-1/sts/aws4_request"}
    ),
    "sem assinatura": lambda url: changed(url, drop=("X-Amz-Signature",)),
    "sem data": lambda url: changed(url, **{"X-Amz-Date": "ontem"}),
    "velha": lambda url: changed(
        url, **{"X-Amz-Date": (datetime.now(UTC) - timedelta(minutes=6)).strftime("%Y%m%dT%H%M%SZ")}
    ),
    "fragmento": lambda url: url + "#x",
    "fragmento vazio": lambda url: url + "#",
    "nada": lambda _: "",
    "arquivo": lambda _: "file:///etc/passwd",
    "endereço torto": lambda _: "https://[::1",
}


@pytest.mark.parametrize("other", ELSEWHERE)
def test_p9_nothing_is_fetched_but_the_regions_sts_and_that_action(aws, other, monkeypatch):
    prover = Prover(boto3.client("sts"))
    monkeypatch.setattr(prover._http, "send", lambda _: pytest.fail("it was fetched"))
    with pytest.raises(ProofError) as raised:
        prover.caller(ELSEWHERE[other](prove(boto3.Session(), AUDIENCE)), AUDIENCE)
    assert raised.value.code == "proof_refused"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>", ProofError),
        (302, b"", ProofError),
        (200, b"<html>", ProofError),
        (200, b"<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>", ProofError),
        (503, b"", ProverUnreachableError),
    ],
)
def test_p9_only_an_identity_in_the_answer_is_one(aws, monkeypatch, status, body, error):
    prover = Prover(boto3.client("sts"))
    answer = type("Answer", (), {"status_code": status, "headers": {}, "content": body})
    monkeypatch.setattr(prover._http, "send", lambda _: answer)
    with pytest.raises(error):
        prover.caller(prove(boto3.Session(), AUDIENCE), AUDIENCE)


def test_p9_no_log_holds_the_proof(sts, caplog):
    caplog.set_level(logging.INFO)
    proof = prove(boto3.Session(), AUDIENCE)
    with contextlib.suppress(ProofError):
        Prover(sts).caller(proof, AUDIENCE)
        Prover(sts).caller(proof + "&x=y", AUDIENCE)
    signature = dict(parse_qsl(urlsplit(proof).query))["X-Amz-Signature"]
    assert signature not in "".join(record.getMessage() for record in caplog.records)


def test_p9_in_another_partition_the_host_is_its_own(aws, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    with mock_aws():
        proof = prove(boto3.Session(), AUDIENCE)
    assert urlsplit(proof).netloc == "sts.cn-north-1.amazonaws.com.cn"
    prover = Prover(boto3.client("sts"))
    prover._check(proof, datetime.now(UTC))
