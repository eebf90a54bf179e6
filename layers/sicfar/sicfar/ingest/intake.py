"""From announced objects to recorded counts: one invocation's files in, one call to the database, a fate per message.

The way of a file: read from the bucket → tallied (`sicfar.counts.batch`, `sicfar.counts.txt`) → an entry
(`sicfar.ingest.entries`) → all entries of the invocation in one `registrar_contagens`. What is already recorded is
success, so every step may be repeated. A file that cannot be read as what it claims to be is an entry too: it goes to
quarantine with its reason.

Only a loose file that was counted before needs a second call: the database answers PREFIXO with the part it has, and
the file is read again, by version, for what follows (`sicfar.ingest.loose`); for the sake of a quarantined piece, for
the stretch the piece came in.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sicfar.aws import objects
from sicfar.aws.notifications import ObjectRef, object_refs
from sicfar.counts.batch import read_batch
from sicfar.counts.compression import QuarantineError, TornBatchError
from sicfar.counts.keys import BATCHES, LOOSE, BatchKey
from sicfar.database import supabase
from sicfar.database.answers import FileFailed, FileGrown, FileRecorded
from sicfar.database.codes import FileSituation
from sicfar.errors import PermanentError, SicfarError, TransientError, typed
from sicfar.ingest.entries import Entry, Prefix, batch_entry, rejected_entry
from sicfar.ingest.loose import Counted, read_loose

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from sicfar.database.supabase import Client

# Uncompressed bytes of a loose file: two days of one line, and its entry still passes through one call. A gzip bomb
# ends here.
LARGEST_LOOSE_FILE = 32 * 1024 * 1024

# A stored object does not mend itself, but a read that broke off may: a torn file is read this often in all.
TORN_READS = 3

# A grown file is read again with the prefix the database has; another worker may have moved it meanwhile.
_ROUNDS = 4


class NotOursError(PermanentError):
    """The object lies under no prefix the parser knows."""


class MovingPrefixError(TransientError):
    """A loose file's counted prefix changed under every attempt; later it will hold still."""


@dataclass(frozen=True, slots=True)
class Message:
    """A queue message: its id, its body, and how many attempts went before."""

    id: str
    body: str
    attempts: int = 0


@dataclass(slots=True)
class Result:
    """What an invocation achieved: each failed message's error, the database's answer per file, records counted."""

    failures: dict[str, SicfarError] = field(default_factory=dict)
    answers: list[FileRecorded] = field(default_factory=list)
    records: int = 0

    @contextmanager
    def failing(self, message: Message) -> Iterator[None]:
        """Keep an error of the block as the message's failure, also one that nobody foresaw: it is of this file."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - settled and logged with the message
            self.failures[message.id] = typed(error)


@dataclass(frozen=True, slots=True)
class _Work:
    """One file on its way to the database."""

    message: Message
    ref: ObjectRef
    entry: Entry


class Intake:
    """Reads, tallies and records; holds the process's clients."""

    def __init__(self, s3: "S3Client", database: "Client") -> None:
        self._s3 = s3
        self._database = database

    def process(self, messages: Iterable[Message]) -> Result:
        """Record what the messages' objects count. Every typed error is told per message; none is raised."""
        result = Result()
        works: list[_Work] = []
        for message in messages:
            with result.failing(message):
                for ref in object_refs(message.body):
                    entry = self._entry(ref, message.attempts, None)
                    if entry:
                        works.append(_Work(message, ref, entry))
        for _ in range(_ROUNDS):
            if not works:
                break
            works = self._record(works, result)
        for work in works:
            result.failures[work.message.id] = MovingPrefixError(
                code="moving_prefix",
                what="a parte já contada do arquivo mudou a cada leitura",
                where=str(work.ref),
                action="nenhuma: nova tentativa automática",
            )
        return result

    def _record(self, works: list[_Work], result: Result) -> list[_Work]:
        """One call for all files; returns those that grew, with entries for their tails."""
        try:
            answers = supabase.registrar_contagens(self._database, [work.entry.json for work in works])
        except SicfarError as error:
            result.failures.update((work.message.id, error) for work in works)
            return []
        grown: list[_Work] = []
        for work, answer in zip(works, answers, strict=True):
            with result.failing(work.message):
                match answer:
                    case FileGrown(key=key, version_id=version_id, prefix=stored):
                        counted = Counted(
                            Prefix(stored.length, stored.sha256 or ""), stored.key, stored.version_id, stored.until
                        )
                        tail = self._entry(work.ref, work.message.attempts, counted)
                        if tail:
                            grown.append(_Work(work.message, work.ref, tail))
                        else:
                            known = FileRecorded(key=key, version_id=version_id, situation=FileSituation.KNOWN)
                            result.answers.append(known)
                    case FileFailed(refusal=refusal):
                        raise supabase.error_of(refusal, str(work.ref))
                    case FileRecorded(situation=situation):
                        result.answers.append(answer)
                        if situation is FileSituation.APPLIED:
                            result.records += work.entry.records
        return grown

    def _entry(self, ref: ObjectRef, attempts: int, counted: Counted | None) -> Entry | None:
        """What the file amounts to; None if all of it is counted already. A file that is not what it claims to be
        becomes an entry for the quarantine. (A batch of an unknown version does not: it waits in the dead letter queue
        for the deploy that knows it.)"""
        key: BatchKey | None = None
        try:
            if ref.key.startswith(LOOSE):
                return read_loose(self._s3, ref, counted, limit=LARGEST_LOOSE_FILE)
            if ref.key.startswith(BATCHES):
                key = BatchKey.parse(ref.key)
                digest = hashlib.sha256()
                stored = objects.stored(self._s3, ref)
                batch = read_batch(key, objects.hashed(stored.chunks(), digest))
                return batch_entry(ref, digest.hexdigest(), batch, arrived_at=stored.written_at)
        except TornBatchError as error:
            if attempts + 1 < TORN_READS:
                raise
            return rejected_entry(ref, key, error)
        except QuarantineError as error:
            return rejected_entry(ref, key, error)
        raise NotOursError(
            code="unknown_prefix",
            what=f"a chave não está em {BATCHES} nem em {LOOSE}; nada foi contado",
            where=str(ref),
            action="confira as notificações do bucket",
        )
