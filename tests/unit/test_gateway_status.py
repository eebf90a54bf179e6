"""What `status --json` prints: names that monitoring at the plant relies on."""

import json

from edge_gateway.spool.status import CheckStatus, ClockStatus, LineStatus, Notice, SourceStatus, Status

AT = "2026-03-15T11:15:00.000Z"


def test_p7_a_status_is_printed_by_the_names_monitoring_reads():
    status = Status(
        gateway="planta",
        epoch="a1",
        next_seq=42,
        pending_records=7,
        sealed_batches=1,
        sealed_records=3,
        oldest_s=1.5,
        last_upload=AT,
        last_upload_seq=40,
        upload_error="sem rede",
        lines=(LineStatus("L1", "clp", AT, AT, "ok", -180, 12, 1, 9),),
        sources=(SourceStatus("clp", "ok", "", AT, active=False, read_at=AT),),
        checks=(CheckStatus("L1", "2026-03-15", None, None, "sensor", 3),),
        at=AT,
        alive_at=AT,
        disk_free_bytes=9,
        disk_usable_bytes=8,
        hours_left=2.5,
        notices=(Notice(3, AT, "leia"),),
        clock=ClockStatus(True, 7_200_000, "s3"),
    )
    assert json.dumps(status.as_json()) == (
        '{"gateway": "planta", "epoca": "a1", "proxima_seq": 42, "registros_pendentes": 7, "lotes_selados": 1,'
        ' "registros_selados": 3, "idade_mais_antigo_s": 1.5, "ultimo_envio": "2026-03-15T11:15:00.000Z",'
        ' "ultimo_envio_seq": 40, "erro_envio": "sem rede", "linhas": [{"linha_id": "L1", "fonte": "clp",'
        ' "ultimo_registro": "2026-03-15T11:15:00.000Z", "marca": "2026-03-15T11:15:00.000Z", "estado": "ok",'
        ' "relogio_ms": -180, "contador": 12, "rejeitos": 1, "hoje": 9}], "fontes": [{"fonte": "clp", "estado": "ok",'
        ' "detalhe": "", "desde": "2026-03-15T11:15:00.000Z", "ativa": false, "lida_em": "2026-03-15T11:15:00.000Z"}],'
        ' "conferencias": [{"linha_id": "L1", "dia": "2026-03-15", "fonte_contagem": null, "contagem": null,'
        ' "fonte_conferencia": "sensor", "conferencia": 3}], "em": "2026-03-15T11:15:00.000Z",'
        ' "vivo_em": "2026-03-15T11:15:00.000Z", "disco_livre_bytes": 9, "disco_util_bytes": 8, "horas_restantes": 2.5,'
        ' "avisos": [{"id": 3, "em": "2026-03-15T11:15:00.000Z", "texto": "leia"}], "relogio": {"testemunhado": true,'
        ' "desvio_ms": 7200000, "testemunha": "s3"}}'
    )
