"""From the spool to S3: the oldest sealed batch, again and again until it is there, then the next.

The key names the content, and the write is conditional (`If-None-Match: *`): a retry can only meet its own bytes, so
412 *is* success and no batch exists twice. Runs in a thread of its own; reading never waits for the network. Back-off
is 1, 2, 4 … s up to a cap of some seconds, for ever: an outage is not an error, and the first batch leaves within ten
seconds of its end. What a person must mend (bucket, credentials, rights)
is told apart by type, with what to do, and is retried all the same, for it is mended without a restart.

Every answer of S3, a refusal too, says what time it is: the first witness of this computer's clock (`clock`). Until S3
has answered once and nothing is sealed, it is asked for that alone.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from edge_gateway.clock import OwnClock, instant
from edge_gateway.s3_client import BotoConfig, aws, s3_client
from edge_gateway.spool.store import SealedBatch, Spool, SpoolDamagedError, SpoolError
from sicfar.counts.keys import BatchKey, gateway_prefix
from sicfar.errors import ConfigurationError, SicfarError, TransientError
from sicfar.instants import now_ms

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)

BACKOFF_CAP_S = 8.0
"""One small request every eight seconds hammers nobody; three days of them are 32,000."""
_LOGGED_FIRST, _LOGGED_EACH = 10, 75
"""Of failures in a row with one reason, the first ones are logged, then one in ten minutes."""
_IDLE_S = 60.0
_ANSWER_S = 20.0
_NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
)
_CREDENTIALS = (
    "configure as credenciais da AWS deste computador (variáveis AWS_ACCESS_KEY_ID e AWS_SECRET_ACCESS_KEY, "
    "ou um perfil em ~/.aws) para o usuário que executa o gateway"
)
_REFUSED = ("AccessDenied", "AllAccessDisabled", "403")
_TO_MEND = {
    "NoSuchBucket": ("o bucket não existe", "crie o bucket ou corrija gateway.bucket"),
    "404": ("o bucket não existe", "crie o bucket ou corrija gateway.bucket"),
    "InvalidAccessKeyId": ("a AWS não conhece esta chave de acesso", _CREDENTIALS),
    "SignatureDoesNotMatch": ("a chave secreta da AWS está errada", _CREDENTIALS),
    "RequestTimeTooSkewed": ("o relógio deste computador está errado", "acerte a hora (serviço de tempo do Windows)"),
    "PermanentRedirect": ("o bucket fica em outra região", "corrija gateway.region"),
    "301": ("o bucket fica em outra região", "corrija gateway.region"),
    "AuthorizationHeaderMalformed": ("o bucket fica em outra região", "corrija gateway.region"),
    "InvalidBucketName": ("o nome do bucket não é válido", "corrija gateway.bucket"),
    "ExpiredToken": ("a credencial da AWS venceu", _CREDENTIALS),
    "InvalidToken": ("a AWS não aceita este token de sessão", _CREDENTIALS),
}


class UploadUnavailableError(TransientError):
    """The object store cannot be reached or is not able to take the batch now."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__("upload_unavailable", what, where=where, action="o gateway continua lendo e tenta de novo")


class UploadConfigurationError(ConfigurationError):
    """Somebody must mend the bucket, the credentials or their rights. The gateway keeps reading and retrying."""

    def __init__(self, code: str, what: str, where: str, action: str) -> None:
        super().__init__(code, what, where=where, action=action)


class ObjectStore(Protocol):
    """Where batches go."""

    def put(self, batch: SealedBatch) -> None:
        """Store the batch under its key, or find that it is there already. Raises the two errors of this module."""

    def check(self, gateway: str) -> None:
        """See whether the store answers. Raises the two errors of this module."""


class S3Store:
    """An S3 bucket; credentials from the usual AWS environment or profile, endpoint from AWS_ENDPOINT_URL if set.

    `clock` gets the ``Date`` of every answer. Safe to use from several threads.
    """

    def __init__(self, bucket: str, region: str | None, clock: OwnClock | None = None) -> None:
        self._bucket = bucket
        self._region = region
        self._clock = clock or OwnClock()
        self._sent = threading.local()
        self._client: S3Client | None = None

    def put(self, batch: SealedBatch) -> None:
        """Conditional PutObject with SHA-256 checksum; 412 means that an earlier attempt arrived.

        Raises UploadUnavailableError or UploadConfigurationError.
        """
        checksum = base64.b64encode(bytes.fromhex(batch.sha256)).decode()
        try:
            self._connected().put_object(
                Bucket=self._bucket,
                Key=batch.key,
                Body=batch.body,
                ContentType="application/gzip",
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
            )
        except Exception as error:
            if isinstance(error, aws.ClientError) and _code(error) in {"PreconditionFailed", "412"}:
                return
            own = gateway_prefix(BatchKey.parse(batch.key).gateway)
            raise self._failure(error, f"s3:PutObject em {own}*") from error

    def check(self, gateway: str) -> None:
        """See whether the store answers: a listing of this gateway's own prefix, all it may list. Raises as `put`."""
        prefix = gateway_prefix(gateway)
        try:
            self._connected().list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=1)
        except Exception as error:
            raise self._failure(error, f"s3:ListBucket com o prefixo {prefix}") from error

    def _connected(self) -> S3Client:
        if self._client is None:
            retries: Any = {"total_max_attempts": 1, "mode": "standard"}
            options = BotoConfig(connect_timeout=5, read_timeout=_ANSWER_S, retries=retries)
            self._client = s3_client(self._region, options)
            self._client.meta.events.register("before-send.s3", self._sends)
            self._client.meta.events.register("after-call.s3", self._answered)
        return self._client

    def _sends(self, **_: object) -> None:
        self._sent.at = instant()

    def _answered(self, http_response: AWSResponse, **_: object) -> None:
        """An answer, a refusal too, says what time it is. Of a call that took several requests this is the last."""
        date = http_response.headers.get("date")
        if date is not None:
            self._clock.s3(date, self._sent.at, instant())

    def _failure(self, error: Exception, permission: str) -> SicfarError:
        told = _told_apart(error, f"s3://{self._bucket}", permission)
        if isinstance(told, ConfigurationError):
            # What a person mends may be a credentials file, which a client reads only once.
            self._client = None
        return told


def _told_apart(error: Exception, where: str, permission: str) -> SicfarError:
    """Any error as one of the two; none may end the uploading thread. `permission`: what the call needs."""
    if isinstance(error, aws.ClientError):
        code = _code(error)
        if code in _REFUSED:
            action = f"dê a esta credencial a permissão {permission}"
            return UploadConfigurationError("bucket_refused", f"a AWS recusou o acesso ({code})", where, action)
        if code in _TO_MEND:
            what, action = _TO_MEND[code]
            return UploadConfigurationError("bucket_refused", f"{what} ({code})", where, action)
        return UploadUnavailableError(f"a AWS respondeu {code}", where)
    if isinstance(error, _NO_CREDENTIALS):
        return UploadConfigurationError(
            "credentials_missing", f"faltam as credenciais da AWS ({error})", where, _CREDENTIALS
        )
    if isinstance(error, aws.BotoCoreError):
        return UploadUnavailableError(f"sem conexão com a AWS: {error}", where)
    if isinstance(error, ValueError) and "endpoint" in str(error):
        action = "corrija ou apague a variável AWS_ENDPOINT_URL"
        return UploadConfigurationError("endpoint_invalid", str(error), where, action)
    # A proxy that answers for S3 can bring botocore to anything, as endless redirects to a RecursionError.
    return UploadUnavailableError(f"resposta que não é da AWS ({error!r}); confira o proxy", where)


def _code(error: aws.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _nobody_waits() -> None:
    """Of an uploader that no engine runs."""


class Uploader:
    """The uploading thread; `wake` it after each sealing.

    `clock`: the one that the store reports to; until it is witnessed the store is asked for its time. None: never.
    """

    def __init__(
        self, spool: Spool, store: ObjectStore, *, first_wait_s: float = 1.0, clock: OwnClock | None = None
    ) -> None:
        self._clock = clock
        self.unanswered = clock is not None and not clock.witnessed
        """Whether a batch sealed now would carry the time of a clock that nobody has witnessed, and could not leave."""
        self._spool = spool
        self._store = store
        self._first_wait_s = first_wait_s
        self._signal = threading.Event()
        self._stopping = False
        self.damage: SpoolDamagedError | None = None
        """Why the thread has ended, if the spool was found damaged."""
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._last_error = ""
        self._ended = False
        self._changed: Callable[[], None] = _nobody_waits

    def start(self, changed: Callable[[], None] | None = None) -> None:
        """Begin with what an earlier process left sealed.

        `changed` is called, in the uploading thread, when a batch has gone, when `unanswered` ends and when the thread
        does.
        """
        self._changed = changed or _nobody_waits
        self._thread.start()
        self._signal.set()

    @property
    def alive(self) -> bool:
        """Whether the thread runs; it ends by itself only through an error nobody expected."""
        return self._thread.is_alive() and not self._ended

    def wake(self) -> None:
        """There may be something to upload."""
        self._signal.set()

    def stop(self, timeout_s: float) -> None:
        """End after the upload under way. What is left is uploaded by the next process."""
        self._stopping = True
        self._signal.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._ship()
        except SpoolDamagedError as error:
            self.damage = error
        finally:
            self._ended = True
            self._changed()

    def _ship(self) -> None:
        failures = 0
        while not self._stopping:
            self._signal.clear()
            try:
                batch = self._spool.next_sealed()
                if batch is None and not self.unanswered:
                    self._signal.wait(_IDLE_S)
                    continue
                started = time.monotonic()
                self._call(batch)
                if batch is None:
                    continue
                self._spool.confirm(batch.seq, now_ms())
            except SpoolDamagedError:
                raise
            except SicfarError as error:
                failures += 1
                wait_s = min(self._first_wait_s * 2 ** min(failures - 1, 10), BACKOFF_CAP_S)
                self._failed(error, failures, wait_s)
                self._sleep(wait_s)
                continue
            self._changed()
            failures = 0
            self._last_error = ""
            milliseconds = round((time.monotonic() - started) * 1000)
            facts = {"seq": batch.seq, "key": batch.key, "records": batch.records, "ms": milliseconds}
            _log.info("lote enviado", extra={"event": "uploaded", **facts})

    def _call(self, batch: SealedBatch | None) -> None:
        """Send a batch, or ask the store for its time alone. A refusal says what time it is as well as a success."""
        answered = False
        try:
            if batch is None:
                self._store.check(self._spool.gateway)
            else:
                self._store.put(batch)
            answered = True
        finally:
            if self.unanswered and (answered or (self._clock is not None and self._clock.witnessed)):
                self.unanswered = False
                self._changed()

    def _sleep(self, seconds: float) -> None:
        """Wait out the back-off: newly sealed batches do not shorten it, stopping does."""
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            self._signal.wait(min(left, 0.5))
            self._signal.clear()

    def _failed(self, error: SicfarError, failures: int, wait_s: float) -> None:
        level = logging.ERROR if isinstance(error, ConfigurationError) else logging.WARNING
        if str(error) == self._last_error and failures > _LOGGED_FIRST and failures % _LOGGED_EACH:
            level = logging.DEBUG
        facts = {"code": error.code, "fate": error.fate.value, "failures": failures, "retry_in_s": wait_s}
        _log.log(level, "%s", error, extra={"event": "upload_failed", **facts})
        if str(error) == self._last_error:
            return
        try:
            self._spool.set_upload_error(str(error), now_ms())
            self._last_error = str(error)
        except SpoolError as spool_error:
            _log.warning("%s", spool_error, extra={"event": "spool_failed", "code": spool_error.code})
