"""A spool that replaces a lost one reads again what it can: nothing of that counts twice, nothing is lost."""

from itertools import permutations
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso, span

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
OLD, NEW = "a" * 32, "b" * 32
BORN = T0 + 100  # and half a second


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.lot("000123")
    db.boss = db.person("GESTOR")
    db.open(db.boss, "000123", A, T0)
    return db


def old(seq: int, counts, **more):
    return batch(seq, counts, epoch=OLD, inicio="2026-01-01T00:00:00Z", **more)


def new(seq: int, counts, **more):
    return batch(seq, counts, epoch=NEW, inicio="2026-03-15T11:01:40.500Z", **more)


def rows(db: Database) -> list[tuple[int, bool]]:
    """What waits: how much, and whether it is said to be counted already."""
    return [(r["detalhes"]["producao"], "já foi contado" in r["descricao"]) for r in db.pending("QUARENTENA")]


def test_p1_what_a_new_spool_reads_again_waits_split_at_the_lost_mark(
    plant: Database,
) -> None:
    plant.record(old(1, {A: {T0 + 10: (5, 0)}}, marks=[(A, T0 + 11)]))
    again = new(1, {A: {T0 + 10: (5, 0), T0 + 20: (7, 1)}}, anterior=True)
    assert plant.situations(again, again) == ["APLICADO", "JA_APLICADO"]
    assert plant.totals()["000123", A] == (40, 0)
    assert plant.balance(A)["quarentena"] == (12, 1)
    assert rows(plant) == [(5, True), (7, False)]
    counted, lost = plant.pending("QUARENTENA")
    assert {row["detalhes"]["motivo"] for row in (counted, lost)} == {"EPOCA_ANTERIOR"}
    assert {row["detalhes"]["alternativa"] for row in (counted, lost)} == {"reprocessar_quarentena"}

    plant.call(plant.boss, "resolver_quarentena", p_id=counted["detalhes"]["p_id"], p_motivo="o anterior enviou")
    plant.call(plant.boss, "reprocessar_quarentena", p_id=lost["detalhes"]["p_id"], p_motivo="o anterior não enviou")
    assert plant.situations(again | {"reprocessar": lost["detalhes"]["p_id"]}) == ["APLICADO"]
    assert plant.totals()["000123", A] == (96, 1)
    assert plant.pending("QUARENTENA") == []
    assert plant.balance(A)["quarentena"] == (5, 0)


def test_p1_older_records_of_a_new_spool_wait_even_if_unsaid(plant: Database) -> None:
    plant.record(old(1, {A: {T0 + 10: (5, 0)}}))
    gap = [span(A, BORN - 10, BORN + 5, 3), span(A, BORN + 1, BORN + 5, 4)]
    plant.record(new(1, {A: {BORN: (1, 0), BORN + 1: (2, 0)}}, spans=gap))
    # The instant of birth is in the middle of a second; the span that began before it may hold what is counted already.
    assert plant.totals()["000123", A] == ((5 + 2 + 4) * 8, 0)
    assert plant.balance(A)["quarentena"] == (4, 0)


def read_again(db: Database, message, why: str = "conferido") -> list[dict[str, Any]]:
    """Have the one piece that waits read again; returns what waits then."""
    (row,) = db.pending("QUARENTENA")
    number = row["detalhes"]["p_id"]
    db.call(db.boss, "reprocessar_quarentena", p_id=number, p_motivo=why)
    assert db.situations(message | {"reprocessar": number}) == ["APLICADO"]
    return [waiting["detalhes"] for waiting in db.pending("QUARENTENA")]


def reasons(waiting: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [(one["motivo"], *one["outros_motivos"]) for one in waiting]


def hand_over(db: Database, line: str, *owners: tuple[str, int, int | None]) -> None:
    db.sql("delete from fontes_linha where linha_id = %s", line)
    for source, since, until in owners:
        db.owner(line, source, since, until)


def test_p1_a_piece_that_regains_its_owner_still_waits_for_the_lost_spool(plant: Database) -> None:
    plant.record(old(1, {A: {T0 + 10: (5, 0)}}, marks=[(A, T0 + 11)]))
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    again = new(1, {A: {T0 + 10: (5, 0)}}, anterior=True)
    plant.record(again)
    (waiting,) = plant.pending("QUARENTENA")
    assert reasons([waiting["detalhes"]]) == [("NAO_DONO", "EPOCA_ANTERIOR")]
    assert "não conta a linha" in waiting["descricao"]
    assert "já foi contado" in waiting["descricao"]

    hand_over(plant, A, ("planta-1", T0 - 86_400, None))
    left = read_again(plant, again)
    assert reasons(left) == [("EPOCA_ANTERIOR",)]
    assert f"do item {waiting['detalhes']['p_id']}, lido de novo" in plant.pending("QUARENTENA")[0]["descricao"]
    assert plant.totals()["000123", A] == (40, 0), "the machine made 5 cycles of 8 units"
    assert plant.balance(A)["quarentena"] == (5, 0)

    plant.call(plant.boss, "resolver_quarentena", p_id=left[0]["p_id"], p_motivo="o anterior enviou")
    assert plant.totals()["000123", A] == (40, 0)
    assert plant.pending("QUARENTENA") == []


def test_p1_each_reason_of_a_piece_needs_its_own_answer_before_it_counts(plant: Database) -> None:
    plant.record(old(1, {B: {T0: (1, 0)}}))
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    again = new(1, {A: {T0 + 10: (7, 0)}}, anterior=True)
    plant.record(again)
    assert reasons(read_again(plant, again)) == [("NAO_DONO", "EPOCA_ANTERIOR")], "nothing was settled"
    hand_over(plant, A, ("planta-1", T0 - 86_400, None))
    assert reasons(read_again(plant, again)) == [("EPOCA_ANTERIOR",)]
    assert read_again(plant, again, "o anterior não enviou") == []
    assert plant.totals()["000123", A] == (56, 0)


def test_p1_what_the_lost_spool_had_not_sent_may_have_lost_its_owner_since(plant: Database) -> None:
    plant.record(old(1, {B: {T0: (1, 0)}}))
    again = new(1, {A: {T0 + 10: (7, 0)}}, anterior=True)
    plant.record(again)
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    assert reasons(read_again(plant, again, "o anterior não enviou")) == [("NAO_DONO",)]
    hand_over(plant, A, ("planta-1", T0 - 86_400, None))
    assert read_again(plant, again) == []
    assert plant.totals()["000123", A] == (56, 0)


def test_p1_an_epoch_that_turns_out_older_puts_less_in_doubt(plant: Database) -> None:
    plant.record(old(1, {A: {T0: (1, 0)}}), new(1, {A: {BORN + 9: (2, 0)}}))
    plant.record(batch(2, {A: {BORN - 50: (4, 0)}}, epoch=NEW, inicio=iso(BORN - 100)))
    assert plant.totals()["000123", A] == (7 * 8, 0)
    assert plant.pending("QUARENTENA") == []


def test_p1_a_doubt_once_noted_stays_when_the_epoch_turns_out_older(plant: Database) -> None:
    plant.record(old(1, {B: {T0: (1, 0)}}))
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    waiting = new(1, {A: {BORN - 50: (5, 0)}})
    plant.record(waiting, batch(2, {}, epoch=NEW, inicio=iso(BORN - 100)))
    hand_over(plant, A, ("planta-1", T0 - 86_400, None))
    assert reasons(read_again(plant, waiting)) == [("EPOCA_ANTERIOR",)]
    assert plant.totals()["000123", A] == (0, 0)


def test_p1_only_a_piece_of_an_older_epoch_is_split_at_its_mark(plant: Database) -> None:
    plant.record(old(1, {A: {T0: (1, 0)}}, marks=[(A, BORN + 50)]))  # still at work beside the new spool
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    plant.record(new(1, {A: {BORN + 40: (2, 0), BORN + 60: (4, 0)}}))
    (row,) = plant.sql("select motivo, producao, reportado_ate from quarentena")
    assert row == {"motivo": "NAO_DONO", "producao": 6, "reportado_ate": None}


def test_p1_a_line_registered_later_still_waits_for_the_lost_spool(plant: Database) -> None:
    plant.record(old(1, {"LINHA-X": {T0: (5, 0)}}))
    again = new(1, {"LINHA-X": {T0: (5, 0)}}, anterior=True)
    plant.record(again)
    first, second = plant.pending("QUARENTENA")
    assert reasons([first["detalhes"], second["detalhes"]]) == [
        ("LINHA_DESCONHECIDA",),
        ("LINHA_DESCONHECIDA", "EPOCA_ANTERIOR"),
    ]
    plant.call(plant.boss, "resolver_quarentena", p_id=first["detalhes"]["p_id"], p_motivo="conferido")
    plant.sql("insert into linhas (linha_id, nome, setor, etapa) values ('LINHA-X', 'x', 'SPEP', 'ENVASE')")
    assert reasons(read_again(plant, again)) == [("NAO_DONO", "EPOCA_ANTERIOR")]


def test_p1_an_older_piece_is_judged_for_the_lost_spool_too(plant: Database) -> None:
    plant.record(old(1, {A: {T0 + 10: (5, 0)}}))
    hand_over(plant, A, ("manual", T0 - 86_400, None))
    again = new(1, {A: {T0 + 10: (5, 0)}}, anterior=True)
    plant.record(again)
    plant.sql("update quarentena set outros_motivos = null")
    hand_over(plant, A, ("planta-1", T0 - 86_400, None))
    assert reasons(read_again(plant, again)) == [("EPOCA_ANTERIOR",)]
    assert plant.totals()["000123", A] == (40, 0)


def test_p1_a_piece_is_read_again_without_what_was_counted_beside_it(plant: Database) -> None:
    plant.record(old(1, {A: {T0: (1, 0)}}))
    spans = [span(A, BORN - 10, BORN + 5, 3), span(A, BORN + 1, BORN + 5, 4)]
    message = new(1, {}, spans=spans)
    plant.record(message)
    assert plant.totals()["000123", A] == (40, 0)
    assert read_again(plant, message, "o anterior não enviou") == []
    assert plant.totals()["000123", A] == (64, 0)


def test_p1_the_first_epoch_of_a_gateway_counts_what_was_there_before_it(plant: Database) -> None:
    plant.record(new(1, {A: {T0: (5, 0)}}, anterior=True))
    assert plant.totals()["000123", A] == (40, 0)
    assert plant.pending("QUARENTENA") == []


def test_p1_an_epoch_of_another_gateway_puts_nothing_in_doubt(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.record(batch(1, {B: {T0: (1, 0)}}, gateway="planta-2", epoch=OLD))
    plant.record(new(1, {A: {T0: (5, 0)}}, anterior=True))
    assert plant.totals()["000123", A] == (40, 0)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_p1_two_epochs_with_the_same_units_count_them_once(plant: Database, order) -> None:
    messages = [
        old(1, {A: {T0 + 1: (5, 0)}}),
        old(2, {A: {T0 + 2: (7, 0)}}),
        new(1, {A: {T0 + 1: (5, 0), T0 + 2: (7, 0)}}, anterior=True),
        new(2, {A: {BORN + 9: (1, 0)}}),
    ]
    for chosen in order:
        plant.record(messages[chosen])
    found = plant.balance(A)
    counted, waiting = found["atribuido"][0], found["quarentena"][0]
    assert counted + waiting == 25
    assert 13 - counted >= 0, "the same units were counted twice"
    # Nothing that exists once is lost from sight, and what came live from the new spool counts.
    assert counted == 13 if order.index(0) < order.index(2) and order.index(0) < order.index(3) else counted in (1, 13)


def test_p10_the_newer_of_two_epochs_is_in_use_in_any_order_of_arrival(plant: Database) -> None:
    plant.record(new(1, {A: {BORN + 9: (1, 0)}}))
    plant.record(old(1, {A: {T0: (1, 0)}}))
    assert [row["detalhes"]["p_epoca"] for row in plant.pending("EPOCA_NOVA")] == [OLD]


def test_p10_a_gateway_clock_years_ahead_does_not_doubt_all_that_follows(plant: Database) -> None:
    plant.record(batch(1, {A: {T0: (1, 0)}}, epoch=OLD, inicio="2099-01-01T00:00:00Z"))
    began = plant.one("select extract(epoch from clock_timestamp())::bigint")
    plant.open(plant.boss, "000123", B, T0)
    plant.record(batch(1, {B: {began + 3_600: (2, 0)}}, epoch=NEW, inicio=iso(began + 60)))
    assert plant.totals()["000123", B] == (2, 0)


def test_p4_an_epoch_after_a_damaged_spool_has_the_former_end_declared(plant: Database) -> None:
    # It kept all it needs to know what was sent, so it puts nothing in doubt: it says the beginning of the old one.
    plant.record(old(1, {A: {T0: (1, 0)}}))
    salvaged = batch(1, {A: {T0 + 1: (2, 0)}}, epoch=NEW, inicio="2026-01-01T00:00:00Z")
    assert plant.situations(salvaged) == ["APLICADO"]
    assert plant.totals()["000123", A] == (24, 0)
    assert [row["detalhes"]["p_epoca"] for row in plant.pending("EPOCA_NOVA")] == [OLD]
    missing = plant.one("select interno.fontes_em_falta(%s, %s, %s)", A, iso(T0), iso(T0 + 1))
    assert "EPOCA_ABERTA" in [one["codigo"] for one in missing]


def test_p1_an_object_overwritten_after_counting_changes_nothing(plant: Database) -> None:
    message = batch(1, {A: {T0: (5, 0)}}, versao_id="v1", inicio="2026-01-01T00:00:00Z")
    damaged = message | {
        "versao_id": "v2", "sha256": None, "linhas": [], "registros": 0,
        "rejeitado": {"motivo": "BATCH_TORN", "detalhe": "os bytes gravados não são os que o gateway enviou."},
    }  # fmt: skip
    assert plant.situations(message, damaged, damaged, message) == [
        "APLICADO", "QUARENTENA", "QUARENTENA", "JA_APLICADO",
    ]  # fmt: skip
    assert plant.totals()["000123", A] == (40, 0)
    (row,) = plant.pending("QUARENTENA")
    assert row["detalhes"]["motivo"] == "OBJETO_ALTERADO"
    # A read that broke off says the same of the version that was counted: no news.
    assert plant.situations(damaged | {"versao_id": "v1"}) == ["JA_APLICADO"]


def test_p1_a_counted_object_written_again_as_it_was_is_no_news(plant: Database) -> None:
    message = batch(1, {A: {T0: (5, 0)}}, versao_id="v1", inicio="2026-01-01T00:00:00Z")
    assert plant.situations(message, message | {"versao_id": "v2"}) == ["APLICADO", "JA_APLICADO"]
    assert plant.pending("QUARENTENA") == []


def torn(message: dict[str, Any], version: str) -> dict[str, Any]:
    return message | {
        "versao_id": version, "sha256": None, "linhas": [], "registros": 0,
        "rejeitado": {"motivo": "BATCH_TORN", "detalhe": "os bytes gravados não são os que o gateway enviou."},
    }  # fmt: skip


def discard(db: Database) -> None:
    (row,) = db.pending("QUARENTENA")
    db.call(db.boss, "resolver_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="ilegível")
    assert db.pending("QUARENTENA") == []


def test_p1_an_object_written_over_after_a_discard_is_pending(plant: Database) -> None:
    message = batch(1, {A: {T0: (5, 0)}}, inicio="2026-01-01T00:00:00Z")
    plant.record(torn(message, "v1"))
    discard(plant)
    assert plant.situations(torn(message, "v1"), torn(message, "v2"), torn(message, "v2")) == ["QUARENTENA"] * 3
    (row,) = plant.pending("QUARENTENA")
    assert row["detalhes"]["motivo"] == "OBJETO_ALTERADO"
    assert row["detalhes"]["versao_id"] == "v2"
    discard(plant)
    assert plant.situations(torn(message, "v1"), torn(message, "v2")) == ["QUARENTENA"] * 2
    assert plant.pending("QUARENTENA") == []


def test_p1_a_discarded_batch_that_comes_whole_waits_for_a_person(plant: Database) -> None:
    message = batch(1, {A: {T0: (5, 0)}}, inicio="2026-01-01T00:00:00Z", versao_id="v2")
    plant.record(torn(message, "v1"))
    discard(plant)
    assert plant.situations(message, message, torn(message, "v1")) == ["QUARENTENA"] * 3
    assert plant.totals()["000123", A] == (0, 0)
    (row,) = plant.pending("QUARENTENA")
    assert (row["detalhes"]["motivo"], row["detalhes"]["producao"]) == ("OBJETO_ALTERADO", 5)
    plant.call(plant.boss, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="agora está íntegro")
    assert plant.situations(torn(message, "v1"), message, message) == ["QUARENTENA", "APLICADO", "JA_APLICADO"]
    assert plant.totals()["000123", A] == (40, 0)
    assert plant.pending("QUARENTENA") == []
