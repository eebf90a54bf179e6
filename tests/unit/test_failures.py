"""What each exception of a library means to a person, by its type and by AWS's code."""

import os

import pytest
from botocore import exceptions as aws

from operations.failures import explained, one_sentence
from sicfar.aws.objects import BucketUnavailableError
from sicfar.errors import Fate


def refused(code):
    return aws.ClientError({"Error": {"Code": code, "Message": "dito pela AWS"}}, "Invoke")


MEANING = {
    "aws_access_denied": [refused("AccessDeniedException"), refused("AccessDenied")],
    "aws_credentials_refused": [
        refused("ExpiredTokenException"), refused("UnrecognizedClientException"), refused("InvalidClientTokenId"),
        refused("SignatureDoesNotMatch"),
    ],
    "aws_clock": [refused("RequestExpired"), refused("RequestTimeTooSkewed")],
    "aws_not_found": [refused("ResourceNotFoundException"), refused("NoSuchBucket"), refused("ParameterNotFound")],
    "aws_busy": [refused("TooManyRequestsException"), refused("ThrottlingException")],
    "aws_refused": [refused("CodigoNovo")],
    "aws_no_region": [aws.NoRegionError()],
    "aws_profile": [aws.ProfileNotFound(profile="x"), aws.ConfigParseError(path="/x", error="y")],
    "aws_no_credentials": [
        aws.NoCredentialsError(), aws.PartialCredentialsError(provider="env", cred_var="y"),
        aws.UnauthorizedSSOTokenError(), aws.TokenRetrievalError(provider="sso", error_msg="y"),
    ],
    "aws_unreachable": [
        aws.EndpointConnectionError(endpoint_url="https://x/?X-Amz-Signature=s"),
        aws.ConnectTimeoutError(endpoint_url="https://x"), aws.ReadTimeoutError(endpoint_url="https://x"),
        aws.ConnectionClosedError(endpoint_url="https://x"), aws.SSLError(endpoint_url="https://x", error=OSError("y")),
    ],
    "aws_call_invalid": [aws.ParamValidationError(report="x")],
    "file_unreadable": [
        FileNotFoundError(2, "No such file", "x"), PermissionError(13, "no", "x"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "y"),
    ],
    "unforeseen": [KeyError("x"), OSError("sem nome")],
}  # fmt: skip


@pytest.mark.parametrize(("code", "cause"), [(code, one) for code, causes in MEANING.items() for one in causes])
def test_p10_an_exception_says_what_where_and_what_to_do_next(code, cause):
    error = explained(cause, "sicfar dlq list")
    assert (error.code, bool(error.what), bool(error.where), bool(error.action)) == (code, True, True, True)
    assert "Signature=" not in str(error)


def test_p10_nobody_is_promised_another_try_that_nobody_makes():
    error = BucketUnavailableError(code="b", what="x", where="bucket", action="nenhuma: nova tentativa automática")
    error.__cause__ = aws.NoCredentialsError()
    found = explained(error, "sicfar auditar")
    assert (found.code, found.fate) == ("aws_no_credentials", Fate.CONFIGURATION)
    assert "nova tentativa" not in str(found)
    assert "bucket" in found.where


def test_p10_the_entry_point_lets_no_exception_through(capsys, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")

    @one_sentence
    def run(arguments):
        assert "AWS_DEFAULT_REGION" not in os.environ
        raise {"chave": KeyError("x"), "tecla": KeyboardInterrupt()}[arguments[0]]

    assert run(["chave", "--senha", "segredo"]) == 2
    assert run(["tecla"]) == 130
    told = capsys.readouterr().err
    assert "erro: erro inesperado (KeyError: 'x') — sicfar chave — " in told
    assert "segredo" not in told
