"""What one file amounts to, in the shape the SQL function `registrar_contagens` takes.

Pure: a tally goes in, an entry with its JSON comes out. Instants are ISO 8601 in UTC; counts are the machine's own;
byte ranges are half-open offsets into the file's uncompressed text.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import Batch, ClockDoubt, Mark, Unreadable
from sicfar.counts.compression import QuarantineError, TornBatchError
from sicfar.counts.keys import BatchKey
from sicfar.counts.sums import LineSums, Problem, Span, Tally
from sicfar.instants import format_instant

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded of a file: how many records, and the whole of it as it is sent."""

    records: int
    json: Json


@dataclass(frozen=True, slots=True)
class Prefix:
    """The part of a loose file that is counted already: its length in bytes and its SHA-256 in hex ("" for none)."""

    length: int = 0
    sha256: str = ""


def batch_entry(ref: ObjectRef, sha256: str, batch: Batch, *, arrived_at: datetime | None) -> Entry:
    """A sealed batch of a gateway; `sha256` is the stored object's, in hex; `arrived_at` what S3 says of it, UTC."""
    json: Json = {
        **_file(ref, sha256, "gateway"),
        **_sequence(batch.key),
        "chegada": arrived_at.isoformat() if arrived_at else None,
        "selado_em": batch.sealed_at.isoformat(),
        "relogio": _clock(batch.clock) if batch.clock else None,
        "inicio": batch.epoch_began.isoformat() if batch.epoch_began else None,
        "anterior": batch.earlier,
        "registros": batch.tally.records,
        "marcas": [_mark(mark) for mark in batch.marks],
        **_counts(batch.tally),
        "quarentena": [*_problems(batch.tally.problems), *(_unreadable(item) for item in batch.unreadable)],
        "rejeitado": None,
    }
    return Entry(batch.tally.records, json)


def loose_entry(
    ref: ObjectRef, sha256: str, tally: Tally, *, counted: Prefix, accepted: Prefix, beginning: Prefix
) -> Entry:
    """A loose file: what follows `counted`, up to `accepted` (through its last complete line).

    `beginning`: through its first record.
    """
    json: Json = {
        **_file(ref, sha256, "avulso"),
        "prefixo": _prefix(counted),
        "aceito": _prefix(accepted),
        "inicio_sha256": beginning.sha256 or None,
        "registros": tally.records,
        **_counts(tally),
        "quarentena": _problems(tally.problems),
        "rejeitado": None,
    }
    return Entry(tally.records, json)


def rejected_entry(ref: ObjectRef, key: BatchKey | None, error: QuarantineError | TornBatchError) -> Entry:
    """A file of which nothing is counted: it goes to quarantine as a whole, its bytes stay in the bucket.

    `key` tells which sequence number of which gateway it was, where its name still says so.
    """
    json: Json = {
        **_file(ref, None, "gateway" if key else "avulso"),
        **(_sequence(key) if key else {}),
        "registros": 0,
        "linhas": [],
        "intervalos": [],
        "quarentena": [],
        "rejeitado": {"motivo": error.reason, "detalhe": str(error)},
    }
    return Entry(0, json)


def _file(ref: ObjectRef, sha256: str | None, kind: str) -> Json:
    return {
        "bucket": ref.bucket,
        "chave": ref.key,
        "versao_id": ref.version_id,
        "tamanho": ref.size,
        "sha256": sha256,
        "gravado_em": ref.written_at.isoformat(),
        "tipo": kind,
        "reprocessar": ref.reread,
    }


def _sequence(key: BatchKey) -> Json:
    return {"gateway": key.gateway, "epoca": key.epoch, "seq": key.seq}


def _prefix(prefix: Prefix) -> Json:
    return {"tamanho": prefix.length, "sha256": prefix.sha256 or None}


def _clock(doubt: ClockDoubt) -> Json:
    return {"desvio_ms": doubt.offset_ms, "testemunha": doubt.witness}


def _mark(mark: Mark) -> Json:
    return {
        "linha_id": mark.line,
        "ate": format_instant(mark.until_ms),
        "estado": mark.state,
        "relogio_ms": mark.clock_ms,
    }


def _counts(tally: Tally) -> Json:
    return {
        "linhas": [_line(sums) for sums in tally.lines.values()],
        "intervalos": [_span(span) for span in tally.spans],
    }


def _line(sums: LineSums) -> Json:
    return {
        "linha_id": sums.line,
        "registros": sums.records,
        "de": format_instant(sums.first_ms),
        "ate": format_instant(sums.last_ms),
        "byte_de": sums.byte_from,
        "byte_ate": sums.byte_to,
        "flags": sums.flags,
        "segundos": [[second, *counts] for second, counts in sums.seconds.items()],
        **({"fontes": [[*seconds, *counts] for seconds, counts in sums.sourced.items()]} if sums.sourced else {}),
    }


def _span(span: Span) -> Json:
    return {
        "linha_id": span.line,
        "desde": format_instant(span.since_ms),
        "ate": format_instant(span.at_ms),
        "producao": span.produced,
        "rejeicao": span.rejected,
        "flags": list(span.flags),
        "byte_de": span.byte_from,
        "byte_ate": span.byte_to,
        **({} if span.source_ms is None else {"fonte": format_instant(span.source_ms)}),
    }


def _problems(problems: Iterable[Problem]) -> list[Json]:
    return [
        {
            "motivo": problem.reason,
            "detalhe": problem.detail,
            "linha_id": None,
            "registros": problem.lines,
            "producao": None,
            "rejeicao": None,
            "byte_de": problem.byte_from,
            "byte_ate": problem.byte_to,
            "origem": None,
            "amostra_base64": base64.b64encode(problem.sample).decode(),
        }
        for problem in problems
    ]


def _unreadable(item: Unreadable) -> Json:
    # A NUL, which no text of PostgreSQL holds, would make it refuse the call with all its files.
    reason, origin = (text.replace("\0", "\ufffd") for text in (item.reason, item.origin))
    return {
        "motivo": reason,
        "detalhe": f"o gateway não pôde ler o que está em {origin}",
        "linha_id": None,
        "registros": item.data.count(b"\n") or 1,
        "producao": None,
        "rejeicao": None,
        "byte_de": item.byte_from,
        "byte_ate": item.byte_to,
        "origem": origin,
        "amostra_base64": base64.b64encode(item.data).decode(),
    }
