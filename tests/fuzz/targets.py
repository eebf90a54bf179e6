"""What is fuzzed: one function per door through which somebody else's bytes come in.

Each takes any bytes at all and raises only if a promise is broken: an error that is not declared, a byte that is not
accounted for, a unit too many or too few. `make fuzz` drives them guided by coverage, `tests/unit/test_fuzz_*` by
Hypothesis; neither knows what is inside.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from sicfar.aws.notifications import NotAnS3EventError, ObjectRef, object_refs
from sicfar.counts.batch import Batch, Mark, Unreadable, read_batch, seal
from sicfar.counts.compression import DecompressedTooLargeError, TornBatchError, plain_chunks
from sicfar.counts.keys import BatchKey, BatchKeyError
from sicfar.counts.record import CANONICAL, LineError, format_record, parse_record
from sicfar.counts.sums import Tally
from sicfar.counts.txt import MAX_PROBLEMS, SAMPLE_BYTES, tally
from sicfar.errors import PermanentError, TransientError
from sicfar.ingest.entries import batch_entry
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import PageError, read_page, read_row
from sicfar.totvs.inbox import Reply, Request, reception, take_in
from sicfar.totvs.model import Kind
from sicfar.webhooks.signature import sign
from tests.fuzz.oracle import Said, naive

GATEWAY, EPOCH, DAY = "farmace-spep", "9f3c" * 8, date(2026, 3, 15)
SEALED_AT = datetime(2026, 3, 15, 11, 15, 6, tzinfo=UTC)
HEADER = f"# sicfar-batch 1 gateway={GATEWAY} epoca={EPOCH} seq=1 selado_em=2026-03-15T11:15:06.000Z\n".encode()
GZIP_LIMIT = 1 << 20
NOW = 1_773_573_301.0
SECRET = "segredo-de-dezesseis-ou-mais"


def cut(data: bytes, step: int) -> Iterator[bytes]:
    """Pieces of `step` bytes, the empty ones that streams bring included."""
    yield b""
    for begin in range(0, len(data), step):
        yield data[begin : begin + step]
        yield b""


# ------------------------------------------------------------------------------------------------------- counting files


def counting_file(data: bytes) -> None:
    """P1, P8: a file of any bytes, cut anywhere, says what the oracle says, and no byte of it is unaccounted for."""
    step, body = (1 + data[0], data[1:]) if data else (1, b"")
    agrees(tally(cut(body, step)), naive(body), body)
    agrees(tally([body]), naive(body), body)
    # What was counted before and what is counted now are together what the whole says.
    counted = body.rfind(b"\n", 0, len(body) // 2) + 1
    before, after, whole = tally([body[:counted]]), tally([body], skip=counted), tally([body])
    assert units(before) + units(after) == units(whole)
    assert (before.records + after.records, after.consumed) == (whole.records, whole.consumed)


def units(counts: Tally) -> Counter[tuple[str, int, str]]:
    """Non-zero units per line, second and kind."""
    return Counter(
        {
            (sums.line, second, kind): count
            for sums in counts.lines.values()
            for second, cell in sums.seconds.items()
            for kind, count in zip("pr", cell, strict=True)
            if count
        }
    )


def agrees(counts: Tally, said: Said, data: bytes) -> None:
    """Compare a tally with the oracle's word, and account for every byte."""
    assert units(counts) == +said.units
    assert [(s.line, s.since_ms, s.at_ms, s.produced, s.rejected) for s in counts.spans] == said.spans
    assert (counts.records, counts.bad_lines) == (said.good, len(said.bad))
    assert counts.records == sum(sums.records for sums in counts.lines.values())
    assert counts.size == len(data)
    assert counts.consumed == data.rfind(b"\n") + 1
    assert len(counts.problems) <= MAX_PROBLEMS
    for problem in counts.problems:
        assert data.startswith(problem.sample, problem.byte_from)
        assert len(problem.sample) <= SAMPLE_BYTES
        readable(problem.message)
    for before, after in pairwise(counts.problems):
        assert before.byte_to <= after.byte_from
    reported = [(problem.byte_from, problem.byte_to) for problem in counts.problems]
    for begin, end in said.bad:
        assert any(first <= begin and end <= last for first, last in reported)


def readable(text: str) -> None:
    """What a person is told has nothing invisible in it."""
    assert text.isprintable()


def record(data: bytes) -> None:
    """P8: a line is a record that can be written and read back the same, or a LineError that says what is expected."""
    try:
        read = parse_record(data)
    except LineError as error:
        readable(error.detail)
        return
    assert parse_record(format_record(read), CANONICAL) == read


# -------------------------------------------------------------------------------------------------------------- batches


def key_of(stored: bytes) -> BatchKey:
    """The key under which a gateway would have stored these bytes."""
    return BatchKey(GATEWAY, EPOCH, 1, DAY, hashlib.sha256(stored).hexdigest()[:16])


def batch_of_any_bytes(data: bytes) -> None:
    """P1, P8: whoever wrote it, an object is a batch whose every line is told apart, or one of the declared errors."""
    step, body = (1 + data[0], data[1:]) if data else (1, b"")
    text = HEADER + body
    for stored in (body, text, closed(text), gzip.compress(closed(text), mtime=0)):
        _read_or_declared(key_of(stored), cut(stored, step))


def closed(text: bytes) -> bytes:
    """A batch with a true last line: a fuzzer would never find its way past the digest."""
    said = naive(text)
    return text + f"# fim registros={said.good + len(said.bad)} sha256={hashlib.sha256(text).hexdigest()}\n".encode()


def _read_or_declared(key: BatchKey, chunks: Iterator[bytes]) -> None:
    try:
        batch = read_batch(key, chunks)
    except (PermanentError, TransientError) as error:
        readable(str(error))
        return
    assert batch.tally.consumed == batch.tally.size
    entry = batch_entry(ObjectRef("plant", key.format(), None, 1, SEALED_AT), "0" * 64, batch, arrived_at=SEALED_AT)
    storable(entry.json)


def storable(value: object) -> None:
    """What goes to the database is JSON that PostgreSQL takes: no NUL, no half of a surrogate pair, no NaN.

    One such value would refuse the call for all files of the invocation.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()
    assert "\\u0000" not in text


LINES = [
    "2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,,,,,",
    "2026-03-15T11:15:02.000Z,SPEP-ENV-A,2,1,2026-03-15T11:14:00.000Z,18234,77,relogio,a.txt@1,2026-03-15T08:15:02",
    "2026-03-15T11:15:01.500Z,SPEP-ENV-B,7,0,,,,implausivel,,",
]
SEALED = seal(
    gateway=GATEWAY,
    epoch=EPOCH,
    seq=1,
    sealed_at=SEALED_AT,
    marks=[Mark("SPEP-ENV-A", 1_773_573_301_250, "ok", -180), Mark("SPEP-ENV-B", 1_773_573_301_250, "parado")],
    lines=LINES,
    unreadable=[Unreadable("a.txt@77", "COLUNAS", b"a,b\xff\n")],
)
WHOLE = read_batch(BatchKey.parse(SEALED.key), [SEALED.body])
PLAIN = gzip.decompress(SEALED.body)


def mutated(original: bytes, edits: bytes) -> bytes:
    """The original after edits of four bytes each: where (two), what, and which byte."""
    text = bytearray(original)
    for begin in range(0, len(edits) - 3, 4):
        place = int.from_bytes(edits[begin : begin + 2]) % (len(text) + 1)
        kind, byte = edits[begin + 2] % 4, edits[begin + 3]
        if kind == 0:
            text[place : place + 1] = bytes([byte])
        elif kind == 1:
            text.insert(place, byte)
        elif kind == 2:
            del text[place : place + 1 + byte % 64]
        else:
            text[place:place] = text[max(0, place - 1 - byte) : place]
    return bytes(text)


def damaged_batch(data: bytes) -> None:
    """P1: a batch that was damaged under its own key is never counted as anything but what was sealed."""
    step, edits = (1 + data[0], data[1:]) if data else (1, b"")
    key = BatchKey.parse(SEALED.key)
    for stored in (mutated(SEALED.body, edits), mutated(PLAIN, edits)):
        try:
            batch = read_batch(key, cut(stored, step))
        except TornBatchError:
            assert stored != SEALED.body
            continue
        assert batch == WHOLE
    # Under a key made for the damaged bytes only the batch's own last line can tell, which may say more than it must.
    text = mutated(PLAIN, edits)
    with suppress(PermanentError, TransientError):
        assert counted(read_batch(key_of(text), cut(text, step))) == counted(WHOLE)


def counted(batch: Batch) -> tuple[object, ...]:
    """What a batch says of its lines."""
    return batch.marks, batch.unreadable, batch.tally.lines, batch.tally.spans, batch.tally.problems


def batch_key(data: bytes) -> None:
    """P9: a name that is taken for a batch's is exactly that batch's."""
    name = data.decode("utf-8", "surrogateescape")
    for key in (name, f"contagens/{name}", f"contagens/{GATEWAY}/{EPOCH}/2026/03/15/{name}.txt.gz"):
        try:
            parsed = BatchKey.parse(key)
        except BatchKeyError as error:
            readable(str(error))
            continue
        assert parsed.format() == key


def gzip_stream(data: bytes) -> None:
    """P8: whatever is stored, what comes out is what gzip says, within the limit and in small pieces."""
    step, body = (1 + data[0], data[1:]) if data else (1, b"")
    for stored in (body, b"\x1f\x8b" + body, gzip.compress(body, mtime=0) + body):
        pieces = []
        try:
            for piece in plain_chunks(cut(stored, step), limit=GZIP_LIMIT):
                assert 0 < len(piece) <= 1 << 18
                pieces.append(piece)
        except (TornBatchError, DecompressedTooLargeError):
            assert stored.startswith(b"\x1f\x8b")
            assert sum(map(len, pieces)) <= GZIP_LIMIT
            continue
        assert b"".join(pieces) == (members(stored) if stored.startswith(b"\x1f\x8b") else stored)


def members(stored: bytes) -> bytes:
    """The plain bytes of gzip members put one after the other, by zlib alone."""
    plain = b""
    while stored:
        stream = zlib.decompressobj(31)
        plain += stream.decompress(stored)
        assert stream.eof
        stored = stream.unused_data
    return plain


# ----------------------------------------------------------------------------------------------------------- messages


def s3_event(data: bytes) -> None:
    """P8: a queue message announces objects that can be asked for and told the database, or is a permanent error."""
    try:
        refs = object_refs(data.decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "replace"))
    except UnicodeDecodeError:
        return
    except NotAnS3EventError as error:
        str(error).encode()
        return
    for ref in refs:
        assert ref.written_at.tzinfo is not None
        storable([ref.bucket, ref.key, ref.version_id, ref.size, ref.reread])
        assert ref.bucket
        assert ref.key


# One envelope of each form, and a table of values: what a site that speaks neither of our two styles configures.
MAPPING = {
    "linhas": {"ENV A": "SPEP-ENV-A"},
    "campos": {"ordem": {"quantidade": "Qty.Planned"}},
    "valores": {"ordem": {"situacao": {"1": "ABERTA"}}},
    "envelopes": [
        {"quando": {"Header.Type": "OP"}, "tipo": "ordem", "dados": "Content", "id": "Header.Id", "versao": "Header.V"},
        {"quando": {"Tipo": "SB1"}, "tipo": "produto", "itens": "Itens", "id": "Id", "ocorrido_em": "Em"},
    ],
}


def configured(**webhook: str) -> TotvsConfig:
    """A configuration whose webhooks are authenticated so."""
    totvs = {
        "baseUrl": "https://totvs.example",
        "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
        "auth": {"type": "basic"},
        "mapping": MAPPING,
        "webhook": {"auth": webhook},
    }
    return TotvsConfig.parse(json.dumps({"totvs": totvs}), "fuzz")


CONFIG = configured()
CONFIGS = [configured(type=kind, header="x-sicfar-secret") for kind in ("hmac", "bearer", "header")]
CONTENT_TYPES = (
    None,
    "application/json",
    "charset=cp1252",
    "application/json; charset=utf-16",
    "text/plain; charset=base64",
    "application/json; charset=ISO-8859-1",
)


def webhook(data: bytes) -> None:
    """P8, P9: whoever does not sign is answered 401 unread; who does gets 200, 413 or 422, and all he sent is kept."""
    content_type, body = (CONTENT_TYPES[data[0] % len(CONTENT_TYPES)], data[1:]) if data else (None, b"")
    assert answer(signed(body, content_type, "outro segredo qualquer")).status in {401, 413}
    reply = answer(signed(body, content_type))
    if reply.status == 413:
        assert reply.message is None
        return
    assert reply.status in {200, 422}
    assert reply.message is not None
    received = reception(reply.message, CONFIG)
    sent: dict[str, Any] = received.as_json()
    assert base64.b64decode(sent["bruto"]) == received.raw == body
    storable(sent)
    events = sent["eventos"]
    refused = [event for event in events if "recusa" in event]
    assert events
    assert bool(refused) == (reply.status == 422)
    assert [event["indice"] for event in events] == list(range(len(events)))


def signed(body: bytes, content_type: str | None, secret: str = SECRET) -> Request:
    """A POST signed now."""
    stamp = str(int(NOW))
    headers = {"X-SicFar-Timestamp": stamp, "X-SicFar-Signature": sign(secret, stamp, body)}
    if content_type is not None:
        headers["Content-Type"] = content_type
    return Request(body, headers, "pedido-1", "10.0.0.1", NOW)


def answer(request: Request) -> Reply:
    """Our answer, as API Gateway must be able to pass it on."""
    reply = take_in(request, CONFIG, [SECRET])
    json.dumps(reply.body, ensure_ascii=False, allow_nan=False).encode()
    assert request.correlation.isascii()  # it goes into a header
    return reply


def signature(data: bytes) -> None:
    """P9: whatever the headers hold, it is no signature but that of these bytes; no header is an error."""
    texts = [part.decode("utf-8", "surrogateescape") for part in data.split(b"\n", 3)] + [""] * 4
    stamp, given, correlation, body = texts[:4]
    for headers in (
        {"x-sicfar-timestamp": stamp, "x-sicfar-signature": given, "x-correlation-id": correlation},
        {"x-sicfar-timestamp": str(int(NOW)), "x-sicfar-signature": given},
        {"authorization": f"Bearer {given}", "x-sicfar-secret": given},
    ):
        for config in CONFIGS:
            raw = body.encode("utf-8", "surrogateescape")
            request = Request(raw, headers, "pedido-1", "10.0.0.1", NOW)
            assert request.correlation.isascii()
            assert take_in(request, config, [SECRET]).status in {401, 413} or given.strip() == SECRET


def page(data: bytes) -> None:
    """P8: a page that was pulled is rows or a PageError; a row is an event or a refusal that can be stored."""
    content_type, body = (CONTENT_TYPES[data[0] % len(CONTENT_TYPES)], data[1:]) if data else (None, b"")
    try:
        rows = read_page(body, content_type).rows
    except PageError as error:
        str(error).encode()
        return
    for kind in Kind:
        for index, row in enumerate(rows[:20]):
            storable(read_row(kind, row, CONFIG.mapping, index).as_json())


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        counting_file,
        record,
        batch_of_any_bytes,
        damaged_batch,
        batch_key,
        gzip_stream,
        s3_event,
        webhook,
        signature,
        page,
    )
}
