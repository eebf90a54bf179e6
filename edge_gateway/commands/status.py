"""`status`: what the spool says, for people or as JSON; the exit code is the judgement of ``/saude``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_gateway.health import Problem, is_healthy, problems
from edge_gateway.spool.status import Status, read_status


def show_status(spool: Path, *, as_json: bool) -> int:
    """Print the state of a spool. Returns 0 where ``/saude`` answers 200, 1 where 503. Raises NoSpoolError."""
    status = read_status(spool)
    found = problems(status)
    if as_json:
        print(json.dumps(status.as_json(), ensure_ascii=False))
    else:
        for line in _lines(status, found):
            print(line)
    return 0 if is_healthy(found) else 1


def _lines(status: Status, found: Sequence[Problem]) -> Iterator[str]:
    yield f"gateway {status.gateway}  época {status.epoch}  próxima seq {status.next_seq}"
    age = status.oldest_s
    oldest = "nada por enviar" if age is None else f"o mais antigo espera há {age} s"
    sealed = f"{status.sealed_batches} lotes selados ({status.sealed_records} registros)"
    yield f"pendentes: {status.pending_records} registros, {sealed}; {oldest}"
    sent = "nunca" if status.last_upload is None else f"{status.last_upload} (seq {status.last_upload_seq})"
    yield f"último envio: {sent}"
    for source in status.sources:
        yield f"fonte {source.name}: {source.state} desde {source.since} {source.detail}".rstrip()
    for line in status.lines:
        clock = "" if line.clock_ms is None else f"  relógio {line.clock_ms:+d} ms"
        yield (
            f"linha {line.line_id}: {line.state}  último registro {line.last_record or '-'}"
            f"  marca {line.mark or '-'}{clock}"
        )
    for pair in status.checks:
        yield (
            f"conferência {pair.line} em {pair.day}: {pair.checking_source} contou {pair.checked}, "
            f"{pair.counting_source or 'a fonte da linha'} contou {pair.counted or 0}, diferença {pair.difference:+d}"
        )
    for problem in found:
        yield f"{problem.level} {problem.where}: {problem.what}; o que fazer: {problem.action}"
    yield "saúde: o gateway faz o seu trabalho" if is_healthy(found) else "saúde: falha, veja as linhas com erro acima"
