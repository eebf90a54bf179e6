"""The shape in which a file reaches the database: every name the SQL function reads, every value where it belongs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import ClockDoubt, Mark, Unreadable, read_batch, seal
from sicfar.counts.compression import TornBatchError
from sicfar.counts.keys import BatchKey
from sicfar.counts.txt import tally
from sicfar.ingest.entries import Prefix, batch_entry, loose_entry, rejected_entry

EPOCH = "9f3c" * 8
REF = ObjectRef("plant", "avulsos/a.txt", "v7", 321, datetime(2026, 3, 15, 11, 15, 6, tzinfo=UTC), reread=12)
FILE = {
    "bucket": "plant",
    "chave": "avulsos/a.txt",
    "versao_id": "v7",
    "tamanho": 321,
    "gravado_em": "2026-03-15T11:15:06+00:00",
    "reprocessar": 12,
}
ARRIVED = datetime(2026, 3, 15, 11, 15, 7, tzinfo=UTC)
HEADER = "timestamp,linha_id,producao_count,rejeicao_count,desde,flags\n"
ROWS = [
    "2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,\n",
    "2026-03-15T11:15:03.500Z,SPEP-ENV-A,4,2,2026-03-15T11:14:00.125Z,relogio;implausivel\n",
    "2026-03-15T11:15:01.750Z,SPEP-ENV-A,2,1,,\n",
    "lixo\n",
]
COUNTED = [
    {
        "linha_id": "SPEP-ENV-A",
        "registros": 3,
        "de": "2026-03-15T11:15:01.250Z",
        "ate": "2026-03-15T11:15:03.500Z",
        "byte_de": 61,
        "byte_ate": 61 + len("".join(ROWS[:3])),
        "flags": {"relogio": 1, "implausivel": 1},
        "segundos": [[1_773_573_301, 3, 1]],
    }
]
HELD = [
    {
        "linha_id": "SPEP-ENV-A",
        "desde": "2026-03-15T11:14:00.125Z",
        "ate": "2026-03-15T11:15:03.500Z",
        "producao": 4,
        "rejeicao": 2,
        "flags": ["relogio", "implausivel"],
        "byte_de": 61 + len(ROWS[0]),
        "byte_ate": 61 + len(ROWS[0] + ROWS[1]),
    }
]


def test_p7_a_loose_file_reaches_the_database_with_counts_and_places() -> None:
    text = (HEADER + "".join(ROWS)).encode()
    counts = tally([text])
    counted, accepted, beginning = Prefix(), Prefix(len(text), "ab" * 32), Prefix(99, "cd" * 32)
    made = loose_entry(REF, "ef" * 32, counts, counted=counted, accepted=accepted, beginning=beginning)
    entry: dict[str, Any] = dict(made.json)
    (refused,) = entry.pop("quarentena")
    assert made.records == 3
    assert entry == {
        **FILE,
        "tipo": "avulso",
        "sha256": "ef" * 32,
        "prefixo": {"tamanho": 0, "sha256": None},
        "aceito": {"tamanho": len(text), "sha256": "ab" * 32},
        "inicio_sha256": "cd" * 32,
        "registros": 3,
        "linhas": COUNTED,
        "intervalos": HELD,
        "rejeitado": None,
    }
    assert refused.pop("detalhe").startswith("1 campo(s) em 'lixo'")
    assert refused == {
        "motivo": "COLUNAS",
        "linha_id": None,
        "registros": 1,
        "producao": None,
        "rejeicao": None,
        "byte_de": len(text) - 5,
        "byte_ate": len(text),
        "origem": None,
        "amostra_base64": "bGl4bw==",
    }
    nothing = loose_entry(REF, "", tally([b""]), counted=counted, accepted=Prefix(), beginning=Prefix()).json
    assert (nothing["linhas"], nothing["intervalos"], nothing["quarentena"]) == ([], [], [])
    assert nothing["inicio_sha256"] is None


def test_p7_a_batch_reaches_the_database_with_marks_and_unread_pieces() -> None:
    sealed = seal(
        gateway="farmace-spep",
        epoch=EPOCH,
        seq=21,
        sealed_at=datetime(2026, 3, 15, 11, 15, 6, tzinfo=UTC),
        marks=[Mark("SPEP-ENV-A", 1_773_573_301_250, "ok", -180), Mark("B", 1_773_573_301_251, "parado")],
        lines=["2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,,,,,"],
        unreadable=[Unreadable("a b.txt@77", "COLUNAS", b"x\ny\n\xff"), Unreadable("c", "GATEWAY", b"z")],
        clock=ClockDoubt(-7_200_000, "fontes"),
    )
    batch = read_batch(BatchKey.parse(sealed.key), [sealed.body])
    entry: dict[str, Any] = dict(batch_entry(REF, sealed.sha256, batch, arrived_at=ARRIVED).json)
    rows = entry.pop("quarentena")
    (line,) = entry.pop("linhas")
    assert (line["linha_id"], line["segundos"], line["flags"]) == ("SPEP-ENV-A", [[1_773_573_301, 1, 0]], {})
    assert entry == {
        **FILE,
        "tipo": "gateway",
        "sha256": hashlib.sha256(sealed.body).hexdigest(),
        "gateway": "farmace-spep",
        "epoca": EPOCH,
        "seq": 21,
        "chegada": "2026-03-15T11:15:07+00:00",
        "selado_em": "2026-03-15T11:15:06+00:00",
        "relogio": {"desvio_ms": -7_200_000, "testemunha": "fontes"},
        "inicio": None,
        "anterior": False,
        "registros": 1,
        "marcas": [
            {"linha_id": "SPEP-ENV-A", "ate": "2026-03-15T11:15:01.250Z", "estado": "ok", "relogio_ms": -180},
            {"linha_id": "B", "ate": "2026-03-15T11:15:01.251Z", "estado": "parado", "relogio_ms": None},
        ],
        "intervalos": [],
        "rejeitado": None,
    }
    first, second = batch.unreadable
    assert rows == [
        {
            "motivo": "COLUNAS",
            "detalhe": "o gateway não pôde ler o que está em a b.txt@77",
            "linha_id": None,
            "registros": 2,
            "producao": None,
            "rejeicao": None,
            "byte_de": first.byte_from,
            "byte_ate": first.byte_to,
            "origem": "a b.txt@77",
            "amostra_base64": "eAp5Cv8=",
        },
        {
            "motivo": "GATEWAY",
            "detalhe": "o gateway não pôde ler o que está em c",
            "linha_id": None,
            "registros": 1,
            "producao": None,
            "rejeicao": None,
            "byte_de": second.byte_from,
            "byte_ate": second.byte_to,
            "origem": "c",
            "amostra_base64": "eg==",
        },
    ]
    assert first.byte_to == second.byte_from


def test_p1_a_batch_reaches_the_database_with_what_it_says_of_its_epoch() -> None:
    at = datetime(2026, 3, 15, 11, 15, 6, tzinfo=UTC)
    parts: dict[str, Any] = {"gateway": "farmace-spep", "epoch": EPOCH, "seq": 1, "sealed_at": at}
    sealed = seal(**parts, marks=[], lines=[], unreadable=[], epoch_began=at, earlier=True)
    entry = batch_entry(REF, "", read_batch(BatchKey.parse(sealed.key), [sealed.body]), arrived_at=None).json
    assert (entry["inicio"], entry["anterior"]) == ("2026-03-15T11:15:06+00:00", True)


def test_p8_a_nul_in_a_batchs_origin_does_not_reach_the_database() -> None:
    # PostgreSQL takes none in a text and would refuse the call with all its files.
    parts: dict[str, Any] = {
        "gateway": "farmace-spep",
        "epoch": EPOCH,
        "seq": 1,
        "sealed_at": datetime(2026, 3, 15, tzinfo=UTC),
    }
    sealed = seal(**parts, marks=[], lines=[], unreadable=[Unreadable("a\0b", "\0", b"")])
    batch = read_batch(BatchKey.parse(sealed.key), [sealed.body])
    entry: dict[str, Any] = dict(batch_entry(REF, "", batch, arrived_at=None).json)
    (row,) = entry["quarentena"]
    assert (row["origem"], row["motivo"]) == ("a\ufffdb", "\ufffd")
    assert row["detalhe"].endswith(" a\ufffdb")


def test_p8_a_rejected_file_reaches_the_database_with_reason_uncounted() -> None:
    key = BatchKey("farmace-spep", EPOCH, 21, datetime(2026, 3, 15, tzinfo=UTC).date(), "0" * 16)
    error = TornBatchError("cortado", where="byte 9")
    nothing = {**FILE, "sha256": None, "registros": 0, "linhas": [], "intervalos": [], "quarentena": []}
    refused = {"motivo": "BATCH_TORN", "detalhe": str(error)}
    assert rejected_entry(REF, key, error).json == {
        **nothing,
        "tipo": "gateway",
        "gateway": "farmace-spep",
        "epoca": EPOCH,
        "seq": 21,
        "rejeitado": refused,
    }
    assert rejected_entry(REF, None, error).json == {**nothing, "tipo": "avulso", "rejeitado": refused}


def test_p2_records_not_counted_at_their_source_s_time_say_what_that_was() -> None:
    header = "timestamp,linha_id,producao_count,rejeicao_count,desde,flags,timestamp_fonte\n"
    at, source = 1_773_573_301, 1_773_566_101
    rows = [
        "2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,,\n",
        "2026-03-15T11:15:01.750Z,SPEP-ENV-A,2,1,,relogio,2026-03-15T09:15:01.999Z\n",
        "2026-03-15T11:15:01.800Z,SPEP-ENV-A,3,0,,,2026-03-15 06:15:01\n",
        "2026-03-15T11:15:01.900Z,SPEP-ENV-A,4,0,,relogio,15/03%2006:15\n",
        "2026-03-15T11:15:03.500Z,SPEP-ENV-A,5,2,2026-03-15T11:14:00.125Z,relogio,2026-03-15T06:15:03.400-03:00\n",
    ]
    counts = tally([(header + "".join(rows)).encode()])
    made = loose_entry(REF, "ef" * 32, counts, counted=Prefix(), accepted=Prefix(), beginning=Prefix())
    entry: dict[str, Any] = dict(made.json)
    (line,), (held,) = entry["linhas"], entry["intervalos"]
    assert (line["segundos"], line["fontes"]) == ([[at, 10, 1]], [[at, source, 5, 1]])
    assert held["fonte"] == "2026-03-15T09:15:03.400Z"
