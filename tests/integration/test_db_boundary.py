"""The boundary to the database against the real SQL: every function called, every answer read by its model.

Each test calls through `sicfar.database.supabase`, so that a name or a word that differs from the SQL function's is
found here and not in a message that waits.
"""

import inspect
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from local.stack.database import T0, Database, Rpc, batch, loose, sha
from sicfar.database import answers, supabase
from sicfar.database.codes import (
    CallResult,
    ClaimSituation,
    EventSituation,
    FileSituation,
    PullSituation,
    ReportKind,
    ReportSituation,
)
from sicfar.database.reception import Origin, Reception
from sicfar.database.requests import Attempt, Conclusion, TreatedLetter, Treatment
from sicfar.errors import Fate, PermanentError
from tests.integration.test_db_closing import DAY, OP, A, plant
from tests.integration.test_db_totvs import event, order, product
from tests.support.plant_time import at

__all__ = ["plant"]  # a fixture
GATEWAY = "planta-1"
LOOSE_LINE = "SPPV-ENV-VIDRO01"


@pytest.fixture
def rpc(db: Database) -> Any:
    """The client, in place of Supabase's own."""
    return Rpc(db)


def attempt(**more: Any) -> Attempt:
    """A call to the ERP that did not come through."""
    given: dict[str, Any] = {
        "at": datetime(2026, 3, 15, 11, 15, 1, 250_000, UTC),
        "operation": "status",
        "method": "POST",
        "url": "https://totvs.test/api/apontamentos",
        "latency_ms": 12,
        "result": CallResult.TRANSIENT,
        "code": "erp_unreachable",
        "error": "recusada",
        "correlation": "SF-1",
        "bytes_sent": 120,
        "bytes_received": 0,
    }
    return Attempt(**{**given, **more})


def conclusion(claim: answers.Claimed, situation: ReportSituation, **more: Any) -> Conclusion:
    """What came of a claimed report."""
    given: dict[str, Any] = {"counts": True, "breaker_failures": 5, "breaker_s": 60, "answered": True}
    own: dict[str, Any] = {"external_id": claim.external_id, "lease": claim.lease, "situation": situation}
    return Conclusion(**{**given, **own, **more})


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("envios_totvs", "situacao", ReportSituation),
        ("envios_totvs", "tipo", ReportKind),
        ("sincronizacoes_totvs", "situacao", PullSituation),
        ("tentativas_integracao", "resultado", CallResult),
    ],
)
def test_a_columns_words_are_those_of_the_enum(db: Database, table: str, column: str, words: type[StrEnum]) -> None:
    assert _checked(db, table, column) == set(words)


def test_the_words_of_events_are_the_columns_and_two_of_the_call(db: Database) -> None:
    kept = _checked(db, "eventos_totvs", "situacao")
    assert set(EventSituation) - kept == {EventSituation.KNOWN, EventSituation.FAILED}
    assert kept <= set(EventSituation)


def _checked(db: Database, table: str, column: str) -> set[str]:
    """The words a column's CHECK allows."""
    query = (
        "select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = %s::regclass and contype = 'c'"
    )
    (text,) = [row["text"] for row in db.sql(query, table) if row["text"].startswith(f"CHECK (({column} = ANY")]
    return set(re.findall(r"'([A-Z_]+)'", text))


# Files ----------------------------------------------------------------------------------------------------------------


def test_p1_each_situation_of_a_file_is_read(db: Database, rpc: Any) -> None:
    db.gateway(GATEWAY, A)
    db.owner(LOOSE_LINE, "avulso")
    good, unknown = batch(1, {A: {T0: (3, 1)}}), batch(1, {A: {T0: (3, 1)}}, gateway="de-outra-planta")
    first = loose("a.txt", "", "x\n", {LOOSE_LINE: {T0: (2, 0)}})
    beginning = {"inicio_sha256": sha("x\n")}
    applied = _record(rpc, good, good, unknown, {**batch(2), "tipo": "fita"}, {**first, **beginning})
    assert [one.situation for one in applied] == ["APLICADO", "JA_APLICADO", "QUARENTENA", "ERRO", "APLICADO"]
    recorded, _, quarantined, failed, _ = applied
    assert (recorded.key, recorded.version_id) == (good["chave"], None)
    assert isinstance(quarantined, answers.FileRecorded)
    assert quarantined.reason == "GATEWAY_DESCONHECIDO"
    assert isinstance(failed, answers.FileFailed)
    assert (failed.refusal.sqlstate, failed.refusal.code) == ("PT422", "TIPO_DESCONHECIDO")
    assert supabase.error_of(failed.refusal, "x").fate is Fate.PERMANENT
    grown = loose("b.txt", "", "x\ny\n", {LOOSE_LINE: {T0: (2, 0), T0 + 1: (1, 0)}})
    (answer,) = _record(rpc, {**grown, **beginning})
    assert isinstance(answer, answers.FileGrown)
    assert {one.situation for one in (*applied, answer)} == set(FileSituation)
    assert answer.prefix == answers.CountedPrefix(length=2, sha256=sha("x\n"), key=first["chave"], version_id="v1")


def _record(rpc: Any, *files: dict[str, Any]) -> Sequence[answers.FileAnswer]:
    return supabase.registrar_contagens(rpc, files)


def test_p6_a_gap_is_read_and_its_file_announced(db: Database, rpc: Any) -> None:
    db.gateway(GATEWAY, A)
    before, behind = batch(1, {A: {T0: (3, 1)}}), batch(4, {A: {T0 + 1: (3, 1)}})
    _record(rpc, before, behind)
    (gap,) = supabase.lacunas_gateways(rpc, 0)
    assert (gap.gateway, gap.epoch, gap.first, gap.last) == (GATEWAY, before["epoca"], 2, 3)
    assert (gap.after_key, gap.before_key) == (before["chave"], behind["chave"])
    assert [supabase.anunciar_lacuna(rpc, "contagens/x") for _ in range(2)] == [True, False]


def test_p10_a_piece_to_read_again_is_read(plant: Database, rpc: Any) -> None:
    line = "SPEP-ENV-D"
    file = batch(2, {line: {at("08:30"): (10, 1)}, A: {at("11:00"): (0, 1)}})
    _record(rpc, file)
    (row,) = plant.pending("QUARENTENA")
    number = row["detalhes"]["p_id"]
    plant.call(plant.boss, "reprocessar_quarentena", p_id=number, p_motivo="a linha agora tem dono")
    (piece,) = supabase.quarentenas_a_reprocessar(rpc, 10)
    assert (piece.id, piece.bucket, piece.key, piece.version_id) == (number, "teste", file["chave"], None)
    assert (piece.size, piece.written_at.timestamp(), piece.part) == (1234, T0, True)


def test_p10_a_decided_clock_is_applied_by_the_run_of_every_minute(plant: Database, rpc: Any) -> None:
    doubt = {"desvio_ms": 7_200_000, "testemunha": "s3"}
    _record(rpc, batch(2, {A: {at("11:00"): (5, 1)}}, relogio=doubt))
    (row,) = plant.pending("RELOGIO_EM_DUVIDA")
    decision = {"p_decisao": "DESLOCAR", "p_motivo": "duas horas adiantado", "p_deslocar_s": 7_200}
    plant.call(plant.person("GESTOR"), "decidir_relogio", p_id=row["detalhes"]["p_id"], **decision)
    rounds = [supabase.aplicar_decisoes_relogio(rpc, 10) for _ in range(3)]
    assert [(one.batches, one.more) for one in rounds] == [(1, True), (0, True), (0, False)]


# Events ---------------------------------------------------------------------------------------------------------------


def test_p8_each_situation_of_an_event_is_read(db: Database, rpc: Any) -> None:
    ignored = order("000001", product="80000001")
    db.sql("insert into familias_sem_lote (prefixo, descricao) values ('80000', 'teste') on conflict do nothing")
    refused = {"indice": 0, "tipo": None, "evento_id": None, "referencia": "x", "recusa": [_fault("faltou")]}
    newer, older = product(text="novo") | {"versao": "2"}, product(text="velho") | {"versao": "1"}
    broken = {**event("produto"), "versao": "não é número"}
    first = _receive(rpc, "a", newer, product(text="novo") | {"versao": "3"}, older, ignored, refused, broken)
    assert [one.situation for one in first] == [
        "APLICADO", "SEM_EFEITO", "SUPERADO", "IGNORADO", "RECUSADO", "ERRO"
    ]  # fmt: skip
    applied, _, _, _, kept, failed = first
    assert isinstance(applied, answers.EventDecided)
    assert (applied.index, applied.kind, applied.reference, applied.changed) == (0, "produto", "07010012", True)
    assert isinstance(kept, answers.EventDecided)
    assert (kept.code, kept.reason, kept.kind) == ("EVENTO_INVALIDO", "quantidade: faltou", None)
    assert isinstance(failed, answers.EventFailed)
    assert (failed.index, failed.event_id, failed.refusal.code) == (5, None, "ERRO_DO_BANCO")
    (parked,) = _receive(rpc, "b", order("000002", product="99999999"))
    (again,) = _receive(rpc, "b", order("000002", product="99999999"))
    assert (parked.situation, again.situation) == (EventSituation.PARKED, EventSituation.KNOWN)
    seen = {one.situation for one in (*first, parked, again)}
    assert seen == set(EventSituation)


def test_p6_a_pull_begins_where_the_last_one_ended(db: Database, rpc: Any) -> None:
    assert supabase.iniciar_sincronizacao(rpc, "ordens") == answers.PullStart(changed_since=None, next_page=1)
    begun = datetime(2026, 3, 15, 11, tzinfo=UTC)
    _receive(rpc, "a", order("000002", product="99999999"))
    db.sql("insert into produtos (produto_codigo) values ('99999999')")
    end = supabase.concluir_sincronizacao(rpc, "ordens", begun, PullSituation.COMPLETE, 3, {"paginas": 2})
    assert end.reapplied == 1
    assert supabase.iniciar_sincronizacao(rpc, "ordens").changed_since == begun
    supabase.concluir_sincronizacao(rpc, "ordens", datetime.now(UTC), PullSituation.INCOMPLETE, 7, {})
    assert supabase.iniciar_sincronizacao(rpc, "ordens").next_page == 7


def test_p6_what_waited_is_released_in_portions(db: Database, rpc: Any) -> None:
    _receive(rpc, "a", order("000002", product="99999999"), order("000003", product="99999999"))
    db.sql("insert into produtos (produto_codigo) values ('99999999')")
    assert supabase.reaplicar_eventos_totvs(rpc, 1) == answers.PullEnd(reapplied=1, more=True)
    assert supabase.reaplicar_eventos_totvs(rpc, 2) == answers.PullEnd(reapplied=1, more=False)


def test_the_rules_of_refusal_codes_are_published(db: Database, rpc: Any) -> None:
    supabase.publicar_regras_totvs(rpc, {"TAMPATORTA": "TT"}, 9, 20)
    rules = {row["regra"]: row["valor"] for row in db.sql("select regra, valor from regras_totvs")}
    assert rules == {"codigos_refugo": {"TAMPATORTA": "TT"}, "codigo_maximo": 9, "lote_maximo": 20}


def _receive(rpc: Any, key: str, *events: dict[str, Any]) -> Sequence[answers.EventAnswer]:
    numbered = [{**one, "indice": number} for number, one in enumerate(events)]
    received = "2026-03-15T11:00:00Z"
    reception = Reception(key, Origin.WEBHOOK, received, "teste", "hmac:1", "application/json", b"{}", numbered)
    return supabase.receber_eventos_totvs(rpc, reception)


def _fault(text: str) -> dict[str, str]:
    return {"campo": "quantidade", "codigo": "AUSENTE", "mensagem": text}


# Reports --------------------------------------------------------------------------------------------------------------


def test_p5_each_answer_to_a_claim_is_read(db: Database, rpc: Any) -> None:
    db.lot(OP)
    report = int(db.one("select interno.criar_envio(%s, 'STATUS', %s)", OP, '{"boas": 5}'))
    following = int(db.one("select interno.criar_envio(%s, 'PERDAS', '{}')", OP))
    assert supabase.campainhas_totvs(rpc, 50, 0) == (report,)
    assert _claim(rpc, following).situation is ClaimSituation.NOTHING
    claim = _claim(rpc, report)
    assert isinstance(claim, answers.Claimed)
    assert (claim.report_id, claim.external_id) == (report, f"SF-{OP}-STATUS-0001")
    assert (claim.kind, claim.attempts, claim.content) == (ReportKind.STATUS, 0, {"boas": 5})
    assert (claim.ask_first, claim.compare) == (False, False)
    assert _claim(rpc, report).situation is ClaimSituation.WAIT
    refused = conclusion(claim, ReportSituation.REFUSED, code="A1", error="não cadastrado", answer="{}")
    concluded = supabase.concluir_envio(rpc, refused, [attempt(status=400, body="{}", answer="não")])
    assert (concluded.situation, concluded.following) == (ReportSituation.REFUSED, None)
    failed = _claim(rpc, report)
    assert failed == answers.ClaimFailed(
        situation=ClaimSituation.FAILED, report_id=report, code="A1", error="não cadastrado"
    )
    (row,) = db.sql("select * from tentativas_integracao where envio_id = %s", report)
    assert (row["status_http"], row["corpo"], row["resposta"], row["resultado"]) == (400, "{}", "não", "TRANSITORIO")


def test_p5_the_orders_next_report_is_named(db: Database, rpc: Any) -> None:
    db.lot(OP)
    reports = [int(db.one("select interno.criar_envio(%s, 'STATUS', '{}')", OP)) for _ in range(2)]
    claim = _claim(rpc, reports[0])
    assert isinstance(claim, answers.Claimed)
    concluded = supabase.concluir_envio(rpc, conclusion(claim, ReportSituation.CONFIRMED), [])
    assert (concluded.situation, concluded.following) == (ReportSituation.CONFIRMED, reports[1])
    stranger = conclusion(claim, ReportSituation.CONFIRMED).model_copy(update={"external_id": "SF-x"})
    assert supabase.concluir_envio(rpc, stranger, [attempt()]).situation is None


def _claim(rpc: Any, report: int) -> answers.Claim:
    return supabase.reivindicar_envio(rpc, report, "mensagem", 60, may_ask=True)


def test_p7_an_attempt_is_kept_whole(db: Database, rpc: Any) -> None:
    supabase.registrar_tentativas(rpc, [attempt()])
    (row,) = db.sql("select * from tentativas_integracao")
    found = Attempt.model_validate(row, by_alias=True, by_name=False)
    assert found == attempt()


def test_p6_an_open_breaker_is_read(db: Database, rpc: Any) -> None:
    assert supabase.disjuntor_aberto(rpc, "TOTVS") is False
    db.sql(
        "update disjuntores set estado = 'ABERTO', aberto_em = now(), sonda_em = now() + interval '1 hour'"
        " where nome = 'TOTVS'"
    )
    assert supabase.disjuntor_aberto(rpc, "TOTVS") is True
    assert supabase.saude_integracao(rpc).breaker_open == 1


# Closing --------------------------------------------------------------------------------------------------------------


def test_p4_a_round_of_closings_is_read(plant: Database, rpc: Any) -> None:
    found = supabase.fechar_lotes(rpc, "")
    assert isinstance(found, answers.ClosingRound)
    assert (found.closed, found.waiting, found.failures, found.after) == ((), 1, (), None)
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    found = supabase.fechar_lotes(rpc, "")
    assert isinstance(found, answers.ClosingRound)
    assert (found.closed, found.waiting, found.adjustments, found.partial_reports) == ((OP,), 0, 0, 0)


def test_p4_an_order_that_cannot_be_closed_is_read(plant: Database, rpc: Any) -> None:
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.sql(
        "create function interno.falhar() returns trigger language plpgsql as"
        " $$ begin raise exception 'disco' using errcode = '53100'; end $$"
    )
    plant.sql("create trigger falhar before insert on fechamentos_lote execute function interno.falhar()")
    found = supabase.fechar_lotes(rpc, "")
    assert isinstance(found, answers.ClosingRound)
    (failure,) = found.failures
    assert (failure.order, failure.refusal.sqlstate, failure.refusal.message) == (OP, "53100", "disco")


def test_p4_a_second_run_of_closings_is_read(db: Database, rpc: Any) -> None:
    other = Database(db.url)
    with other.connection.transaction():
        other.sql("select pg_advisory_xact_lock(hashtext('fechar_lotes'))")
        assert isinstance(supabase.fechar_lotes(rpc, ""), answers.ClosingBusy)
    other.close()


def test_p6_the_health_of_the_integration_is_read(db: Database, rpc: Any) -> None:
    assert supabase.saude_integracao(rpc) == answers.Health(
        breaker_open=0,
        overdue_closings=0,
        stopped_reports=0,
        silent_lines=(),
        silent_gateways=(),
        counts_a_minute={"SPEP": 0, "SPPV": 0, "LIQUIDOS": 0, "CPHD": 0},
    )
    db.gateway(GATEWAY, A)
    db.sql("update gateways set criado_em = now() - interval '1 day'")
    found = supabase.saude_integracao(rpc)
    assert (found.silent_lines, found.silent_gateways) == ((A,), (GATEWAY,))


def test_p6_the_oldest_report_is_one_that_no_person_holds_up(db: Database, rpc: Any) -> None:
    db.lot("000123", "000124", "000125")
    held, behind, refused_last = (
        db.one("select interno.criar_envio(%s, %s, '{}')", op, kind)
        for op, kind in (("000123", "PERDAS"), ("000123", "STATUS"), ("000124", "STATUS"))
    )
    db.sql("update envios_totvs set situacao = 'RECUSADO', proxima_em = null where id = %s", held)
    db.sql("update envios_totvs set situacao = 'CONFIRMADO', proxima_em = null where id = %s", refused_last)
    found = supabase.saude_integracao(rpc)
    assert (found.stopped_reports, found.open_reports, found.oldest_report_s) == (1, 2, 0)
    young = db.one("select interno.criar_envio('000125', 'STATUS', '{}')")
    for report, hours in ((held, 9), (behind, 8), (young, 2)):
        made_earlier(db, report, hours)
    assert 7200 <= supabase.saude_integracao(rpc).oldest_report_s < 7300
    db.sql("update envios_totvs set situacao = 'CONFIRMADO' where id = %s", held)
    assert 28_800 <= supabase.saude_integracao(rpc).oldest_report_s < 28_900
    db.sql("update envios_totvs set situacao = 'INCERTO', proxima_em = null where id = %s", behind)
    assert 7200 <= supabase.saude_integracao(rpc).oldest_report_s < 7300


def made_earlier(db: Database, report: int, hours: int) -> None:
    """Its instant never changes, so the trigger that sees to that is away meanwhile."""
    db.sql("alter table envios_totvs disable trigger proteger")
    db.sql("update envios_totvs set criado_em = now() - make_interval(hours => %s) where id = %s", hours, report)
    db.sql("alter table envios_totvs enable trigger proteger")


def test_p3_the_last_whole_minute_is_told_by_sector(db: Database, rpc: Any) -> None:
    boss = db.person("SUPERVISOR")
    db.gateway(GATEWAY, A, LOOSE_LINE)
    db.lot("000123", "000124")
    now = int(db.one("select floor(extract(epoch from now()))"))
    db.open(boss, "000123", A, now - 3600)
    db.open(boss, "000124", LOOSE_LINE, now - 3600)
    db.shut(boss, "000124", LOOSE_LINE, now - 60)
    for back in range(1, 4):  # whatever minute it is when it is asked
        minute = f"date_trunc('minute', now()) - interval '{back} minutes'"
        db.sql(f"insert into contagens_minuto (linha_id, minuto, total_producao) values (%s, {minute}, 7)", A)
    db.mark(A, now - 30, gateway=GATEWAY)
    found = supabase.saude_integracao(rpc)
    assert found.counts_a_minute == {"SPEP": 7, "SPPV": 0, "LIQUIDOS": 0, "CPHD": 0}
    assert found.open_orders == 1
    assert found.marks_behind_s is not None
    assert 29 <= found.marks_behind_s < 300


# Digests --------------------------------------------------------------------------------------------------------------


def test_p10_a_days_digests_are_read_and_concluded(plant: Database, rpc: Any) -> None:
    admin = plant.person("ADMIN")
    given = {"p_setor": None, "p_endereco": "ti@planta.test", "p_vale": True, "p_motivo": "plantão da TI"}
    plant.call(admin, "definir_endereco_resumo", **given)
    _record(rpc, batch(2, {"SPEP-ENV-D": {at("08:30"): (10, 1)}}), batch(3, {A: {at("11:00"): (7, 0)}}))
    plant.sql("update parametros set valor = 0 where nome = 'RESUMO_ESPERA_HORAS'")
    found = supabase.reivindicar_resumos(rpc, 60, 20)
    today = plant.one("select (now() at time zone 'America/Fortaleza')::date")
    assert (found.day, found.hours, found.unaddressed) == (today, 0, 0)
    (digest,) = found.digests
    assert (digest.sector, digest.addresses) == (None, ("ti@planta.test",))
    groups = {group.kind: group for group in digest.groups}
    assert {kind: group.total for kind, group in groups.items()} == {"SEM_ORDEM": 1, "QUARENTENA": 1}
    (row,) = plant.pending("SEM_ORDEM")
    (matter,) = groups["SEM_ORDEM"].first
    assert (matter.line, matter.sector, matter.text) == (A, "SPEP", row["descricao"])
    assert (matter.since, matter.deciders, matter.function) == (row["desde"], row["quem_decide"], row["funcao"])
    assert supabase.reivindicar_resumos(rpc, 60, 20).digests == ()
    assert supabase.concluir_resumo(rpc, digest, None, "recusado") is True
    (again,) = supabase.reivindicar_resumos(rpc, 60, 20).digests
    assert [supabase.concluir_resumo(rpc, one, "m1", None) for one in (digest, again)] == [False, True]
    assert supabase.saude_integracao(rpc).last_digest == today


# Messages -------------------------------------------------------------------------------------------------------------


def test_p6_why_a_message_failed_is_read(db: Database, rpc: Any) -> None:
    error = PermanentError("not_an_s3_event", "não é um aviso do S3")
    supabase.registrar_falha(rpc, "txt", "m1", "txt-parser", error)
    found = supabase.motivos_falhas(rpc, ["m1", "m2"])
    assert list(found) == ["m1"]
    assert (found["m1"].code, found["m1"].reason, found["m1"].function) == (error.code, str(error), "txt-parser")
    assert found["m1"].at.utcoffset() is not None
    supabase.registrar_descarte(rpc, "txt-dlq", "m1", "corpo", "ti", "teste da fila")
    assert db.one("select corpo from mensagens_descartadas") == "corpo"


def test_p9_who_treated_which_letters_and_the_outcome_is_kept(db: Database, rpc: Any) -> None:
    run = uuid4()

    def note(phase: Literal["PEDIDO", "FEITO", "FALHOU"], *ids: str | None, of: UUID = run) -> None:
        told = tuple(TreatedLetter(id=one, detail="por quê") for one in ids)
        supabase.registrar_tratamento(
            rpc,
            Treatment(
                run=of,
                action="REENVIAR",
                phase=phase,
                queue="txt-dlq",
                who="arn:x",
                proven=True,
                request="r",
                letters=told,
            ),
        )

    note("PEDIDO", "m1", "m2", "m3")
    note("FEITO", "m1")
    note("FALHOU", "m2")
    note("PEDIDO", None, of=uuid4())
    known = supabase.andamento_tratamento(rpc, run)
    assert (known.asked, known.done, known.failed) == (3, 1, 1)
    (row,) = db.sql("select * from tratamentos_mensagens where mensagem_id = 'm1' and fase = 'FEITO'")
    kept = {name: row[name] for name in ("acao", "fila", "quem", "comprovado", "requisicao", "detalhe")}
    assert kept == {
        "acao": "REENVIAR", "fila": "txt-dlq", "quem": "arn:x",
        "comprovado": True, "requisicao": "r", "detalhe": "por quê",
    }  # fmt: skip
    trail = db.sql("select depois from trilha_auditoria where acao = 'reenviar_mensagens' order by id")
    assert [one["depois"] for one in trail] == [
        {"fila": "txt-dlq", "quem": "arn:x", "comprovado": True, "requisicao": "r"}
    ] * 2


def test_every_function_of_the_boundary_is_called_here() -> None:
    functions = {
        name
        for name, one in inspect.getmembers(supabase, inspect.isfunction)
        if one.__module__ == supabase.__name__
        and not name.startswith("_")
        and "client" in inspect.signature(one).parameters
    }
    here = Path(__file__).read_text(encoding="utf-8")
    assert len(functions) == 24
    assert {name for name in functions if f"supabase.{name}(" not in here} == set()
