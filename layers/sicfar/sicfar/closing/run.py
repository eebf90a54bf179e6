"""What happens every minute, or when somebody signs: lots that are complete close, the outbox is rung for, files that
never came are looked for, quarantined pieces that found an owner are read again, batches of a wrong clock are moved as
a person decided, and the alarms' figures are taken.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from sicfar.aws.notifications import ObjectRef, announcement
from sicfar.boundary import Boundary
from sicfar.counts.keys import BatchKey, epoch_prefix
from sicfar.database import supabase
from sicfar.database.answers import ClosingBusy, ClosingFailed, ClosingRound, Gap, Health
from sicfar.database.requests import Doorbell
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef
    from mypy_boto3_sqs import SQSClient

    from sicfar.database.supabase import Client

RINGS = 50
"""Most reports announced in one run; the next run comes in a minute, and a report announces the next of its order."""

_REREADS = 200
"""Files and pieces read again a minute: a day of one gateway's batches in an hour and a half."""

_BATCHES = 50
"""Batches moved by one call: on a busy database two to three seconds."""


class Run(Boundary, frozen=True):
    """What one run did. ``busy``: another run was closing; this one closed nothing.

    ``found`` are files in the bucket that had never been announced, ``rung`` the reports rung for, ``moved`` the
    batches that count at other instants now.
    """

    closed: tuple[str, ...] = Field(alias="fechadas")
    waiting: int = Field(alias="aguardam")
    adjustments: int = Field(alias="ajustes")
    partial_reports: int = Field(alias="parciais")
    failures: tuple[ClosingFailed, ...] = Field(alias="erros")
    busy: bool = Field(alias="em_andamento")
    rung: int = Field(alias="tocados")
    found: int = Field(alias="reencontrados")
    reread: int = Field(alias="relidos")
    moved: int = Field(alias="corrigidos")
    health: Health = Field(alias="saude")


class Closing:
    """The run and what it needs. ``sweep_s``: how old a gap must be to be looked for; ``ring_s``: the shortest time
    between two announcements of one report. All in seconds."""

    def __init__(
        self,
        database: "Client",
        s3: "S3Client",
        sqs: "SQSClient",
        *,
        bucket: str,
        files_queue: str,
        doorbell: str,
        sweep_s: int,
        ring_s: int,
    ) -> None:
        self._database = database
        self._s3 = s3
        self._sqs = sqs
        self._bucket = bucket
        self._files_queue = files_queue
        self._doorbell = doorbell
        self._sweep_s = sweep_s
        self._ring_s = ring_s

    def run(self, more_time: Callable[[], bool]) -> Run:
        """Do all of it, beginning no further round of closings once there is no `more_time`. Raises what the database
        raises; what it did until then stays done."""
        rounds, busy = self._close(more_time)
        rung = self._ring()
        found = sum(self._announce_missing(gap) for gap in supabase.lacunas_gateways(self._database, self._sweep_s))
        return Run(
            closed=tuple(order for one in rounds for order in one.closed),
            waiting=sum(one.waiting for one in rounds),
            adjustments=sum(one.adjustments for one in rounds),
            partial_reports=sum(one.partial_reports for one in rounds),
            failures=tuple(failure for one in rounds for failure in one.failures),
            busy=busy,
            rung=rung,
            found=found,
            reread=self._have_reread(),
            moved=self._move_batches(more_time),
            health=supabase.saude_integracao(self._database),
        )

    def _close(self, more_time: Callable[[], bool]) -> tuple[list[ClosingRound], bool]:
        """The rounds of closings, and whether another run was at it."""
        rounds: list[ClosingRound] = []
        after: str | None = ""
        while after is not None:
            answer = supabase.fechar_lotes(self._database, after)
            if isinstance(answer, ClosingBusy):
                return rounds, True
            rounds.append(answer)
            after = answer.after if more_time() else None
        return rounds, False

    def _ring(self) -> int:
        reports = supabase.campainhas_totvs(self._database, RINGS, self._ring_s)
        for report_id in reports:
            self._sqs.send_message(QueueUrl=self._doorbell, MessageBody=Doorbell(report_id=report_id).text())
        return len(reports)

    def _have_reread(self) -> int:
        pieces = supabase.quarentenas_a_reprocessar(self._database, _REREADS)
        for piece in pieces:
            part = piece.id if piece.part else None
            self._announce(ObjectRef(piece.bucket, piece.key, piece.version_id, piece.size, piece.written_at, part))
        return len(pieces)

    def _move_batches(self, more_time: Callable[[], bool]) -> int:
        moved = 0
        more = True
        while more and more_time():
            answer = supabase.aplicar_decisoes_relogio(self._database, _BATCHES)
            moved += answer.batches
            more = answer.more
        return moved

    def _announce_missing(self, gap: Gap) -> int:
        """Announce again what lies in the bucket between the neighbours of a gap; returns how many files."""
        found = 0
        for entry in self._between(gap):
            try:
                key = BatchKey.parse(entry["Key"])
            except PermanentError:
                continue  # no batch: the parser has put it before a person when it came
            if gap.first <= key.seq <= gap.last and supabase.anunciar_lacuna(self._database, entry["Key"]):
                self._announce(ObjectRef(self._bucket, entry["Key"], None, entry["Size"], entry["LastModified"]))
                found += 1
        return found

    def _between(self, gap: Gap) -> "Iterator[ObjectTypeDef]":
        prefix = epoch_prefix(gap.gateway, gap.epoch)
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=gap.after_key or prefix
        )
        for page in pages:
            for entry in page.get("Contents", []):
                if gap.before_key and entry["Key"] >= gap.before_key:
                    return
                yield entry

    def _announce(self, ref: ObjectRef) -> None:
        """Put on the queue what S3 puts there by itself."""
        self._sqs.send_message(QueueUrl=self._files_queue, MessageBody=announcement(ref))
