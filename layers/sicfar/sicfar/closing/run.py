"""What happens every minute, or when somebody signs: lots that are complete close, the outbox is rung for, files that
never came are looked for, quarantined pieces that found an owner are read again, and the alarms' figures are taken.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sicfar.aws.notifications import ObjectRef, announcement
from sicfar.counts.batch_key import BatchKey
from sicfar.database import supabase
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from supabase import Client

RINGS = 50
"""Most reports rung for in one run; the next comes in a minute, and a report rings for the next of its order itself."""

_REREADS = 20


@dataclass(slots=True)
class Run:
    """What one run did."""

    fechadas: list[str] = field(default_factory=list)
    aguardam: int = 0
    ajustes: int = 0
    parciais: int = 0
    erros: list[dict[str, Any]] = field(default_factory=list)
    em_andamento: bool = False
    """Another run was at it; this one closed nothing."""
    tocados: int = 0
    reencontrados: int = 0
    """Files in the bucket that had never been announced."""
    relidos: int = 0
    saude: dict[str, Any] = field(default_factory=dict)


class Closing:
    """The run and what it needs. ``sweep_s``: how old a gap must be to be looked for; ``ring_s``: the shortest time
    between two rings for one report. All in seconds."""

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
        run = Run()
        after: str | None = ""
        while after is not None:
            found = supabase.fechar_lotes(self._database, after)
            if found["em_andamento"]:
                run.em_andamento = True
                break
            run.fechadas += found["fechadas"]
            run.aguardam += found["aguardam"]
            run.ajustes += found["ajustes"]
            run.parciais += found["parciais"]
            run.erros += found["erros"]
            after = found["depois"] if more_time() else None
        for report in supabase.campainhas_totvs(self._database, RINGS, self._ring_s):
            self._sqs.send_message(QueueUrl=self._doorbell, MessageBody=json.dumps({"envio": report}))
            run.tocados += 1
        for gap in supabase.lacunas_gateways(self._database, self._sweep_s):
            run.reencontrados += self._announce_missing(gap)
        for piece in supabase.quarentenas_a_reprocessar(self._database, _REREADS):
            self._announce(
                ObjectRef(
                    piece["bucket"],
                    piece["chave"],
                    piece["versao_id"],
                    piece["tamanho"],
                    datetime.fromisoformat(piece["gravado_em"]),
                    piece["id"] if piece["trecho"] else None,
                )
            )
            run.relidos += 1
        run.saude = supabase.saude_integracao(self._database)
        return run

    def _announce_missing(self, gap: Mapping[str, Any]) -> int:
        """Announce again what lies in the bucket between the neighbours of a gap; returns how many files."""
        found = 0
        for entry in self._between(gap):
            try:
                key = BatchKey.parse(entry["Key"])
            except PermanentError:
                continue  # no batch: the parser has put it before a person when it came
            if gap["de"] <= key.seq <= gap["ate"] and supabase.anunciar_lacuna(self._database, entry["Key"]):
                self._announce(ObjectRef(self._bucket, entry["Key"], None, entry["Size"], entry["LastModified"]))
                found += 1
        return found

    def _between(self, gap: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        prefix = f"contagens/{gap['gateway']}/{gap['epoca']}/"
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=gap["depois_de"] or prefix
        )
        for page in pages:
            for entry in page.get("Contents", []):
                if gap["antes_de"] and entry["Key"] >= gap["antes_de"]:
                    return
                yield entry

    def _announce(self, ref: ObjectRef) -> None:
        """Put on the queue what S3 puts there by itself."""
        self._sqs.send_message(QueueUrl=self._files_queue, MessageBody=announcement(ref))
