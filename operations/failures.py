"""What a person reads when a command cannot do its work: one sentence with what, where and what to do next.

Libraries' exceptions become errors of ours here, by their type and by AWS's error codes; what nobody foresaw is wrapped
with what was being done. The traceback is there for whoever asks for it: `--detalhes`, or SICFAR_DEBUG=1.
"""

import functools
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

DETAILS = "--detalhes"
_DEBUG = "SICFAR_DEBUG"
_FAULT, _INTERRUPTED = 2, 130

_Run = Callable[[Sequence[str]], int]


class AwsConfigurationError(ConfigurationError):
    """This computer's AWS settings cannot be used."""


class AwsRefusedError(PermanentError):
    """AWS refused the call, and would again."""


class AwsUnreachableError(TransientError):
    """AWS did not answer, or cannot now."""


class FileUnreadableError(PermanentError):
    """A file is missing, or cannot be read or written."""


class UnforeseenError(PermanentError):
    """Nobody foresaw it: a defect of the command, or of what it uses."""


_CREDENTIALS = "entre de novo (aws sso login, ou as variáveis AWS_ACCESS_KEY_ID e AWS_SECRET_ACCESS_KEY) e repita"
_REFUSALS: dict[str, tuple[str, str, str]] = {
    "access": (
        "aws_access_denied",
        "esta identidade AWS não tem permissão",
        "confira com `aws sts get-caller-identity` quem você é, e peça a permissão a quem cuida da conta",
    ),
    "credential": ("aws_credentials_refused", "a AWS não aceita a credencial", _CREDENTIALS),
    "clock": ("aws_clock", "a AWS recusa a assinatura pela hora dela", "acerte o relógio deste computador e repita"),
    "missing": (
        "aws_not_found",
        "não existe nesta conta e região",
        "confira o nome, o --ambiente, a região (AWS_DEFAULT_REGION) e o perfil (AWS_PROFILE)",
    ),
    "busy": ("aws_busy", "a AWS não atende agora", "nada foi feito; espere um minuto e repita"),
}
_CODES = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"), "access"),
    **dict.fromkeys(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "InvalidToken",
        ),
        "credential",
    ),
    **dict.fromkeys(("RequestExpired", "RequestTimeTooSkewed"), "clock"),
    **dict.fromkeys(
        (
            "ResourceNotFoundException",
            "NoSuchBucket",
            "ParameterNotFound",
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            "404",
        ),
        "missing",
    ),
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "TooManyRequestsException", "ServiceException", "ServiceUnavailable"),
        "busy",
    ),
}


def one_sentence(run: _Run) -> Callable[..., int]:
    """Decorate the entry point: every exception of a command becomes a sentence and an exit code, 2 or 130."""

    @functools.wraps(run)
    def guarded(arguments: Sequence[str] | None = None) -> int:
        given = list(sys.argv[1:] if arguments is None else arguments)
        details = DETAILS in given or os.environ.get(_DEBUG, "") not in ("", "0")
        given = [one for one in given if one != DETAILS]
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a file on Windows is written in CP1252, which lacks some signs
        for name in [one for one, value in os.environ.items() if one.startswith("AWS_") and not value]:
            del os.environ[name]  # botocore takes an empty region for one
        try:
            code = run(given)
            sys.stdout.flush()  # here, where a reader that has left is seen
        except KeyboardInterrupt:
            sys.stderr.write("\ninterrompido\n")
            return _INTERRUPTED
        except BrokenPipeError:  # whoever read our output has what they wanted
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as cause:  # noqa: BLE001 - a person reads a sentence, whatever it was
            if details:
                traceback.print_exc()
            sys.stderr.write(f"erro: {' '.join(str(explained(cause, _doing(given))).split())}\n")
            return _FAULT
        return code

    return guarded


def explained(cause: Exception, doing: str) -> SicfarError:
    """The error of ours that says what an exception means. ``doing``: the command, for what nobody foresaw."""
    if isinstance(cause, SicfarError):
        return _behind(cause) or cause
    if isinstance(cause, OSError) and cause.filename is not None:
        return FileUnreadableError(
            "file_unreadable",
            f"o arquivo não pôde ser aberto ({cause.strerror})",
            where=str(cause.filename),
            action="confira o caminho e a permissão",
        )
    if isinstance(cause, UnicodeDecodeError):
        what = "um arquivo não é um texto em UTF-8"
        return FileUnreadableError("file_unreadable", what, where=doing, action="grave-o como UTF-8 e repita")
    return _of_aws(cause) or UnforeseenError(
        "unforeseen",
        f"erro inesperado ({type(cause).__name__}: {cause})",
        where=doing,
        action=f"repita com {DETAILS} e mande o resultado a quem mantém o SicFar",
    )


def _behind(error: SicfarError) -> SicfarError | None:
    """What AWS said, if that is behind an error that speaks to a function: nothing here is tried again by itself."""
    cause: BaseException = error
    while cause.__cause__:
        cause = cause.__cause__
        if isinstance(cause, Exception) and (found := _of_aws(cause)):
            where = " — ".join(part for part in (error.where, found.where) if part)
            return type(found)(found.code, found.what, where=where, action=found.action)
    return None


def _doing(arguments: Sequence[str]) -> str:
    """The command's words, without what was given to it: a reason or a URL is nobody's business here."""
    words = ["sicfar"]
    for one in arguments:
        if one.startswith("-"):
            break
        words.append(one)
    return " ".join(words)


def _of_aws(cause: Exception) -> SicfarError | None:
    from botocore import exceptions as aws

    if isinstance(cause, aws.ClientError):
        return _refusal(cause)
    if isinstance(cause, aws.NoRegionError):
        action = "defina AWS_DEFAULT_REGION (p. ex. sa-east-1), ou a região do perfil em ~/.aws/config"
        return AwsConfigurationError("aws_no_region", "falta a região da AWS", where=_where(), action=action)
    if isinstance(cause, aws.ProfileNotFound | aws.ConfigParseError | aws.ConfigNotFound):
        what = "o perfil da AWS não existe, ou o arquivo dele não pôde ser lido"
        where = str(getattr(cause, "kwargs", {}).get("path") or "") or _where()
        action = "confira AWS_PROFILE e ~/.aws/config, ou crie o perfil com `aws configure sso`"
        return AwsConfigurationError("aws_profile", what, where=where, action=action)
    if isinstance(
        cause,
        aws.NoCredentialsError
        | aws.PartialCredentialsError
        | aws.CredentialRetrievalError
        | aws.TokenRetrievalError
        | aws.SSOError
        | aws.NoAuthTokenError,
    ):
        what = f"não há credencial da AWS que sirva ({type(cause).__name__})"
        return AwsConfigurationError("aws_no_credentials", what, where=_where(), action=_CREDENTIALS)
    if isinstance(cause, aws.HTTPClientError | aws.ConnectionError):
        what = f"a AWS não respondeu ({type(cause).__name__})"
        where = str(getattr(cause, "kwargs", {}).get("endpoint_url") or "").split("?")[0] or _where()
        action = "confira a rede, o proxy, a região e AWS_ENDPOINT_URL, e repita"
        return AwsUnreachableError("aws_unreachable", what, where=where, action=action)
    if isinstance(cause, aws.BotoCoreError):
        what = f"a AWS não pode ser chamada assim ({type(cause).__name__}: {cause})"
        return AwsConfigurationError("aws_call_invalid", what, where=_where(), action="confira o que foi informado")
    return None


def _refusal(cause: "ClientError") -> SicfarError:
    error = cause.response.get("Error", {})
    code = error.get("Code", "?")
    where = f"{cause.operation_name}, {_where()}"
    said = f"({code}: {error.get('Message', '')})"
    kind = _CODES.get(code)
    if kind is None:
        action = f"leia o motivo; se não ajuda, repita com {DETAILS}"
        return AwsRefusedError("aws_refused", f"a AWS recusou {said}", where=where, action=action)
    name, what, action = _REFUSALS[kind]
    wrong = {"missing": AwsConfigurationError, "credential": AwsConfigurationError, "clock": AwsConfigurationError}
    return (AwsUnreachableError if kind == "busy" else wrong.get(kind, AwsRefusedError))(
        name, f"{what} {said}", where=where, action=action
    )


def _where() -> str:
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "do perfil"
    return f"região {region}, perfil {os.environ.get('AWS_PROFILE', 'default')}"
