"""The outbox, state by state: who may claim a report, what a conclusion changes, for what the schedule rings.

The cases of one question share a database, an order each.
"""

import json
import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database
from tests.support.refusals import code

OP, OTHER = "000123", "000124"
STATES = ("PENDENTE", "ENVIANDO", "CONFIRMADO", "RECUSADO", "INCERTO", "ESGOTADO", "DESCARTADO")
IN_A_MINUTE = "sonda_em - now() between interval '1 s' and interval '60 s'"
LEASE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def box(db: Database) -> Iterator[Database]:
    """Two orders, and the breaker of another system, which nothing here concerns."""
    db.lot(OP, OTHER)
    db.manager = db.person("GESTOR")
    db.sql("insert into disjuntores (nome, estado, falhas, sonda_em) values ('OUTRO', 'ABERTO', 7, '2099-01-01')")
    yield db
    assert db.sql("select estado, falhas from disjuntores where nome = 'OUTRO'") == [{"estado": "ABERTO", "falhas": 7}]


def report(db: Database, situation: str = "PENDENTE", op: str = OP, kind: str = "STATUS", **columns: Any) -> int:
    """A report in a state; instants as seconds from now. An order without a name is a new one."""
    if not op:
        op = f"9{db.one('select count(*) from lotes_producao'):05}"
        db.lot(op)
    number: int = db.one("select interno.criar_envio(%s, %s, '{}')", op, kind)
    columns = {"situacao": situation, **columns}
    if situation == "ENVIANDO":
        columns = {"lease": LEASE, "lease_ate": 60, "proxima_em": 0, **columns}
    instants = ("proxima_em", "lease_ate", "tocado_em")
    sets = [f"{name} = now() + make_interval(secs => %s)" if name in instants else f"{name} = %s" for name in columns]
    db.sql(f"update envios_totvs set {', '.join(sets)} where id = %s", *columns.values(), number)
    return number


def row(db: Database, number: int) -> dict[str, Any]:
    (found,) = db.sql(
        "select *, xmin::text as version, extract(epoch from proxima_em - now())::float8 as next_s,"
        " extract(epoch from lease_ate - now())::float8 as lease_s from envios_totvs where id = %s",
        number,
    )
    return found


def claim(db: Database, number: int, bell: str = "sino", *, asking: bool = False) -> dict[str, Any]:
    with db.as_role("service_role"):
        found: dict[str, Any] = db.one("select reivindicar_envio(%s, %s, 60, %s)", number, bell, asking)
    return found


def said(answer: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(answer[name] for name in ("situacao", "porque", "consultar", "conferir") if name in answer)


CLAIMS: list[tuple[str, dict[str, Any], bool, tuple[Any, ...]]] = [
    ("PENDENTE", {}, False, ("ENVIAR", False, False)),
    ("PENDENTE", {}, True, ("ENVIAR", False, False)),
    ("PENDENTE", {"proxima_em": 3600}, True, ("ESPERAR",)),
    ("PENDENTE", {"proxima_em": None}, True, ("ENVIAR", False, False)),
    ("PENDENTE", {"restaurado": True}, True, ("ENVIAR", True, True)),
    ("PENDENTE", {"restaurado": True}, False, ("ENVIAR", False, True)),
    ("INCERTO", {}, True, ("ENVIAR", True, False)),
    ("INCERTO", {"proxima_em": 3600}, True, ("ESPERAR",)),
    ("INCERTO", {"proxima_em": None}, True, ("ENVIAR", True, False)),
    ("INCERTO", {}, False, ("NADA", "INCERTO")),
    ("INCERTO", {"restaurado": True}, True, ("ENVIAR", True, True)),
    ("INCERTO", {"restaurado": True, "proxima_em": None}, True, ("NADA", "INCERTO")),
    ("INCERTO", {"restaurado": True}, False, ("NADA", "INCERTO")),
    ("ENVIANDO", {}, True, ("ESPERAR",)),
    ("ENVIANDO", {}, False, ("ESPERAR",)),
    ("ENVIANDO", {"lease_ate": -1}, True, ("ENVIAR", True, False)),
    ("ENVIANDO", {"lease_ate": -1}, False, ("NADA", "INCERTO")),
    ("RECUSADO", {"proxima_em": None}, False, ("ENVIAR", False, False)),
    ("ESGOTADO", {"proxima_em": 3600}, False, ("ENVIAR", False, False)),
    ("PENDENTE", {"campainha": "outra"}, False, ("ENVIAR", False, False)),
    ("PENDENTE", {"campainha": "outra"}, True, ("ENVIAR", True, False)),
    ("RECUSADO", {"campainha": "outra"}, True, ("ENVIAR", True, False)),
    ("ESGOTADO", {"campainha": "outra"}, True, ("ENVIAR", True, False)),
    ("RECUSADO", {"pode_ter_entrado": True, "campainha": "outra"}, True, ("ENVIAR", True, False)),
    ("RECUSADO", {"pode_ter_entrado": True, "campainha": "outra"}, False, ("FALHOU",)),
    ("ESGOTADO", {"pode_ter_entrado": True}, False, ("FALHOU",)),
    ("RECUSADO", {"campainha": "outra\nsino"}, False, ("FALHOU",)),
    ("ESGOTADO", {"campainha": "sino"}, True, ("FALHOU",)),
    ("PENDENTE", {"campainha": "sino"}, False, ("ENVIAR", False, False)),
    ("CONFIRMADO", {}, True, ("NADA", "CONFIRMADO")),
    ("DESCARTADO", {}, True, ("NADA", "DESCARTADO")),
]


def test_p5_what_a_claim_is_answered(box: Database) -> None:
    for situation, columns, asking, expected in CLAIMS:
        case = (situation, columns, asking)
        number = report(box, situation, "", **columns)
        answer = claim(box, number, asking=asking)
        assert said(answer) == expected, case
        after = row(box, number)
        if expected[0] == "ENVIAR":
            assert (after["situacao"], after["lease"]) == ("ENVIANDO", uuid.UUID(answer["lease"])), case
            assert 0 < after["lease_s"] <= 60, case
            assert after["campainha"].split("\n")[-1] == "sino", case
            assert (answer["envio"], answer["id_externo"], answer["conteudo"]) == (number, after["id_externo"], {}), (
                case
            )
        elif expected == ("NADA", "INCERTO"):
            left = (after["situacao"], after["lease"], after["lease_ate"], after["proxima_em"])
            assert left == ("INCERTO", None, None, None), case
        else:
            assert after["situacao"] == situation, case


def test_p5_a_claim_says_what_may_be_booked_and_what_may_be_repeated(box: Database) -> None:
    doubts = {"PENDENTE": False, "INCERTO": True, "RECUSADO": False, "ESGOTADO": False, "ENVIANDO": True}
    for situation, doubtful in doubts.items():
        for maybe in (False, True):
            columns: dict[str, Any] = {"lease_ate": -1} if situation == "ENVIANDO" else {}
            number = report(box, situation, "", pode_ter_entrado=maybe, **columns)
            answer = claim(box, number, asking=True)
            assert (answer["em_duvida"], answer["repetir"]) == (doubtful or maybe, not maybe), (situation, maybe)


def test_p6_a_claim_says_whether_the_call_before_failed(box: Database) -> None:
    for state, failures, probe_s, probe in (
        ("FECHADO", 0, None, False),
        ("FECHADO", 1, None, True),
        ("ABERTO", 5, -1, True),
        ("SONDANDO", 5, -1, True),
    ):
        box.sql(
            "update disjuntores set estado = %s, falhas = %s, sonda_em = now() + make_interval(secs => %s)"
            " where nome = 'TOTVS'",
            state,
            failures,
            probe_s,
        )
        assert claim(box, report(box, "PENDENTE", ""))["sonda"] is probe, state


def test_p6_a_letter_sent_back_while_totvs_is_away_is_not_used_up(box: Database) -> None:
    box.sql(
        "update disjuntores set estado = 'ABERTO', falhas = 5, sonda_em = now() + interval '60 s' where nome = 'TOTVS'"
    )
    beside = report(box, "RECUSADO", OTHER)
    untouched = row(box, beside)["version"]
    for situation, maybe, expected in (
        ("RECUSADO", False, "PENDENTE"),
        ("ESGOTADO", False, "PENDENTE"),
        ("ESGOTADO", True, "INCERTO"),
        ("INCERTO", False, "INCERTO"),
        ("PENDENTE", False, "PENDENTE"),
    ):
        ended = "2026-03-15T11:00:00Z" if situation != expected else None
        number = report(box, situation, "", pode_ter_entrado=maybe, tentativas=10, concluido_em=ended)
        before = row(box, number)
        assert said(claim(box, number, "reenviada", asking=True)) == ("ESPERAR",)
        after = row(box, number)
        assert (after["situacao"], after["tentativas"], after["concluido_em"]) == (expected, 10, None)
        assert (after["version"] == before["version"]) is (situation == expected), situation
        if situation != expected:
            assert 0 < after["next_s"] <= 60, situation
    assert row(box, beside)["version"] == untouched


def test_p5_what_may_be_booked_is_refused_to_a_redrive_with_what_to_do(box: Database) -> None:
    number = report(box, "RECUSADO", pode_ter_entrado=True, erro="HTTP 500 500: Erro em AfterTTS", codigo="erp_refused")
    before = row(box, number)["version"]
    answer = claim(box, number)
    assert (answer["codigo"], answer["envio"]) == ("may_be_booked", number)
    assert "decidir_envio" in answer["erro"]
    assert "AfterTTS" in answer["erro"]
    assert row(box, number)["version"] == before


def test_p5_a_claim_changes_no_other_report(box: Database) -> None:
    beside = [report(box, op=OTHER), report(box, "INCERTO", ""), report(box, "RECUSADO", "")]
    before = [row(box, number)["version"] for number in beside]
    for situation, columns, asking, _ in CLAIMS:
        claim(box, report(box, situation, "", **columns), asking=asking)
    assert [row(box, number)["version"] for number in beside] == before


def test_p5_a_doubt_that_waits_for_a_person_is_written_once(box: Database) -> None:
    number = report(box, "INCERTO")
    assert said(claim(box, number)) == ("NADA", "INCERTO")
    waiting = row(box, number)
    assert waiting["proxima_em"] is None
    assert said(claim(box, number)) == ("NADA", "INCERTO")
    assert row(box, number)["version"] == waiting["version"]


def test_p5_after_lost_partial_reports_every_doubt_is_a_persons(box: Database) -> None:
    number = report(box, "INCERTO", restaurado=True)
    box.sql("insert into restauracoes (copia_de, parciais, quem, motivo) values (now(), false, 'ti', 'disco')")
    assert said(claim(box, number, asking=True))[0] == "ENVIAR"
    other = report(box, "INCERTO", OTHER, restaurado=True)
    plain = report(box, "INCERTO", OTHER)
    box.sql("insert into restauracoes (copia_de, parciais, quem, motivo) values (now(), true, 'ti', 'disco')")
    assert said(claim(box, other, asking=True)) == ("NADA", "INCERTO")
    box.sql("update envios_totvs set situacao = 'DESCARTADO' where id = %s", other)
    assert said(claim(box, plain, asking=True))[0] == "ENVIAR", "made after it"


def test_p5_only_the_first_unfinished_report_of_an_order_is_claimed(box: Database) -> None:
    first, second, other = report(box), report(box), report(box, op=OTHER)
    answer = claim(box, second)
    assert (said(answer), answer["espera"]) == (("NADA", "FORA_DA_VEZ"), first)
    box.sql("update envios_totvs set situacao = 'DESCARTADO' where id = %s", first)
    assert claim(box, first)["envio"] == second, "a message of one that is done rings for the next"
    assert claim(box, other)["envio"] == other
    assert said(claim(box, 999)) == ("NADA", "DESCONHECIDO")


def conclude(db: Database, number: int, situation: str, **more: Any) -> dict[str, Any]:
    told = {
        "id_externo": row(db, number)["id_externo"], "lease": LEASE, "situacao": situation, "conta": False,
        "espera_s": None, "codigo": "c", "erro": "e", "resposta": None, "disjuntor": None, **more,
    }  # fmt: skip
    with db.as_role("service_role"):
        answer: dict[str, Any] = db.one("select concluir_envio(%s, '[]')", json.dumps(told))
    return answer


def test_p5_who_holds_the_lease_says_what_came_of_it(box: Database) -> None:
    ends = {"PENDENTE": False, "CONFIRMADO": True, "RECUSADO": True, "INCERTO": False, "ESGOTADO": True}
    for situation, ended in ends.items():
        number = report(box, "ENVIANDO", "", tentativas=2, resposta="antes")
        answer = conclude(box, number, situation, conta=True, espera_s=30)
        after = row(box, number)
        assert (answer["situacao"], after["situacao"]) == (situation, situation)
        assert (after["tentativas"], after["lease"], after["lease_ate"]) == (3, None, None), situation
        assert 0 < after["next_s"] <= 30, situation
        assert (after["codigo"], after["erro"], after["resposta"]) == ("c", "e", "antes"), situation
        assert (after["concluido_em"] is not None) is ended, situation


def test_p5_what_counts_no_attempt_and_waits_for_a_person(box: Database) -> None:
    number = report(box, "ENVIANDO", tentativas=2)
    conclude(box, number, "PENDENTE", resposta="agora")
    after = row(box, number)
    assert (after["tentativas"], after["proxima_em"], after["resposta"]) == (2, None, "agora")


def test_p5_who_has_lost_the_lease_can_only_confirm(box: Database) -> None:
    other = {"lease": "22222222-2222-4222-8222-222222222222", "disjuntor": False, "falhas": 1, "aberto_s": 60}
    for case in product(STATES, ("CONFIRMADO", "PENDENTE", "RECUSADO", "INCERTO"), (False, True)):
        state, told, restored = case
        number = report(box, state, "", restaurado=restored)
        conclude(box, number, told, **other)
        confirms = told == "CONFIRMADO" and state not in ("CONFIRMADO", "DESCARTADO") and not restored
        assert row(box, number)["situacao"] == ("CONFIRMADO" if confirms else state), case
    assert box.one("select falhas from disjuntores where nome = 'TOTVS'") == 0, "what they say of the ERP is old"


def test_p5_a_conclusion_names_the_next_report_only_if_it_can_go(box: Database) -> None:
    for state in STATES:
        first = report(box, "ENVIANDO", "")
        second = report(box, state, row(box, first)["numero_op"])
        assert conclude(box, first, "CONFIRMADO")["proximo"] == (second if state == "PENDENTE" else None), state


def test_p5_a_conclusion_that_leaves_the_report_pending_names_none(box: Database) -> None:
    first = report(box, "ENVIANDO")
    report(box)
    assert conclude(box, first, "PENDENTE")["proximo"] is None


def test_p5_what_may_be_booked_stays_so_until_it_is_known(box: Database) -> None:
    for situation, told in (("INCERTO", "INCERTO"), ("RECUSADO", "RECUSADO"), ("PENDENTE", "INCERTO")):
        number = report(box, "ENVIANDO", "")
        conclude(box, number, situation, duvida=True)
        assert (row(box, number)["situacao"], row(box, number)["pode_ter_entrado"]) == (told, True)
        box.sql("update envios_totvs set situacao = 'ENVIANDO', lease = %s where id = %s", LEASE, number)
        conclude(box, number, situation, duvida=False)
        assert (row(box, number)["situacao"], row(box, number)["pode_ter_entrado"]) == (told, True)
        conclude(box, number, "CONFIRMADO", duvida=True)
        assert (row(box, number)["situacao"], row(box, number)["pode_ter_entrado"]) == ("CONFIRMADO", False)
    number = report(box, "ENVIANDO")
    conclude(box, number, "RECUSADO")
    assert row(box, number)["pode_ter_entrado"] is False


def test_p5_who_has_lost_the_lease_can_say_that_it_may_be_booked(box: Database) -> None:
    other = {"lease": "22222222-2222-4222-8222-222222222222", "duvida": True}
    for state, restored in product(STATES, (False, True)):
        number = report(box, state, "", restaurado=restored)
        conclude(box, number, "INCERTO", **other)
        known = state in ("CONFIRMADO", "DESCARTADO") or restored
        after = row(box, number)
        assert after["pode_ter_entrado"] is not known, (state, restored)
        assert after["situacao"] == ("INCERTO" if state == "PENDENTE" and not known else state), (state, restored)
        conclude(box, number, "INCERTO", **other)
        assert row(box, number)["version"] == after["version"], "said once"


def test_p5_the_erps_key_is_kept_and_never_changes(box: Database) -> None:
    number = report(box, "ENVIANDO")
    conclude(box, number, "CONFIRMADO", chave_erp="000123")
    assert row(box, number)["chave_erp"] == "000123"
    other = report(box, "ENVIANDO", "", chave_erp="000007")
    conclude(box, other, "CONFIRMADO", chave_erp="000008")
    assert row(box, other)["chave_erp"] == "000007"
    refused = code(lambda: box.sql("update envios_totvs set chave_erp = 'outra' where id = %s", number))
    assert refused == ("PT403", "SOMENTE_ACRESCIMO")
    with pytest.raises(psycopg.errors.CheckViolation):
        report(box, "ENVIANDO", "", chave_erp="x" * 101)


def due(db: Database, limit: int = 50, every_s: int = 600) -> list[int]:
    with db.as_role("service_role"):
        found: list[int] = db.one("select campainhas_totvs(%s, %s)", limit, every_s)
    return found


RINGS: list[tuple[str, dict[str, Any], bool]] = [
    ("PENDENTE", {}, True),
    ("PENDENTE", {"proxima_em": 3600}, False),
    ("PENDENTE", {"proxima_em": None}, False),
    ("INCERTO", {}, True),
    ("INCERTO", {"proxima_em": None}, False),
    ("ENVIANDO", {}, False),
    ("ENVIANDO", {"lease_ate": -1}, True),
    ("ENVIANDO", {"lease_ate": -1, "proxima_em": 3600}, True),
    ("RECUSADO", {}, False),
    ("ESGOTADO", {}, False),
    ("CONFIRMADO", {}, False),
    ("DESCARTADO", {}, False),
    ("PENDENTE", {"tocado_em": -599}, False),
    ("PENDENTE", {"tocado_em": -601}, True),
]


def test_p6_the_schedule_rings_for_heads_whose_time_has_come(box: Database) -> None:
    numbers = [report(box, situation, "", **columns) for situation, columns, _ in RINGS]
    assert due(box) == [number for number, (*_, rings) in zip(numbers, RINGS, strict=True) if rings]
    assert due(box) == [], "not again so soon"


def test_p6_the_schedule_announces_each_orders_head_longest_due_first(box: Database) -> None:
    box.lot("000125")
    late, last = report(box, proxima_em=-50), report(box, op=OTHER, proxima_em=-10)
    report(box, proxima_em=-500)  # behind the first of its order
    first = report(box, "ENVIANDO", "000125", lease_ate=-100, proxima_em=None)
    assert due(box, 2) == sorted([first, late])
    assert due(box, 2) == [last]


@pytest.mark.parametrize(("state", "probe_s", "rings"), [("ABERTO", 60, 0), ("ABERTO", -1, 1), ("SONDANDO", -1, 1)])
def test_p6_while_the_breaker_is_open_one_rings_when_a_probe_is_due(box: Database, state, probe_s, rings) -> None:
    first = [report(box), report(box, op=OTHER)]
    box.sql(
        "update disjuntores set estado = %s, sonda_em = now() + make_interval(secs => %s) where nome = 'TOTVS'",
        state,
        probe_s,
    )
    assert len(due(box)) == rings
    assert box.one("select disjuntor_aberto('TOTVS')") is (probe_s > 0)
    assert claim(box, first[0])["situacao"] == ("ENVIAR" if rings else "ESPERAR")
    if rings:
        assert box.one("select estado from disjuntores where nome = 'TOTVS'") == "SONDANDO"
        assert box.one(
            "select sonda_em - now() between interval '50 s' and interval '60 s' from disjuntores where nome = 'TOTVS'"
        )


def test_p6_the_breaker_opens_after_failures_in_a_row_an_answer_closes(box: Database) -> None:
    def breaker() -> tuple[Any, ...]:
        (found,) = box.sql(
            "select estado, falhas, ultimo_erro, aberto_em is null as a, sonda_em is null as s from disjuntores"
            " where nome = 'TOTVS'"
        )
        return tuple(found.values())

    number = report(box, "ENVIANDO")

    def answered(well: bool | None) -> None:
        box.sql("update envios_totvs set situacao = 'ENVIANDO', lease = %s where id = %s", LEASE, number)
        conclude(box, number, "PENDENTE", disjuntor=well, erro="caiu", falhas=2, aberto_s=60)

    answered(False)
    assert breaker() == ("FECHADO", 1, "caiu", True, True)
    answered(None)
    assert breaker() == ("FECHADO", 1, "caiu", True, True)
    answered(True)
    assert breaker() == ("FECHADO", 0, None, True, True)
    answered(False)
    answered(False)
    assert breaker() == ("ABERTO", 2, "caiu", False, False)
    since = box.one("select aberto_em from disjuntores where nome = 'TOTVS'")
    box.sql("update disjuntores set estado = 'SONDANDO' where nome = 'TOTVS'")
    answered(False)
    assert breaker() == ("ABERTO", 3, "caiu", False, False)
    assert box.one("select aberto_em from disjuntores where nome = 'TOTVS'") == since
    assert box.one(
        "select sonda_em - now() between interval '50 s' and interval '60 s' from disjuntores where nome = 'TOTVS'"
    )
    answered(True)
    assert breaker() == ("FECHADO", 0, None, True, True)
    trail = box.sql("select acao from trilha_auditoria where objeto = 'disjuntores:TOTVS' order by id")
    assert [one["acao"] for one in trail] == ["disjuntor_abriu", "disjuntor_fechou"]


def test_p6_an_answer_while_the_breaker_is_closed_writes_nothing(box: Database) -> None:
    version = "select xmin::text from disjuntores where nome = 'TOTVS'"
    before = box.one(version)
    conclude(box, report(box, "ENVIANDO"), "CONFIRMADO", disjuntor=True, falhas=2, aberto_s=60)
    assert box.one(version) == before


def test_p6_an_open_breaker_that_fails_stays_open_at_any_limit(box: Database) -> None:
    box.sql(
        "update disjuntores set estado = 'SONDANDO', falhas = 1,"
        " aberto_em = now() - interval '1 hour', sonda_em = now() where nome = 'TOTVS'"
    )
    conclude(box, report(box, "ENVIANDO"), "PENDENTE", disjuntor=False, falhas=99, aberto_s=60)
    (left,) = box.sql(
        "select estado, falhas, aberto_em < now() - interval '59 min' as since, sonda_em > now() as later"
        " from disjuntores where nome = 'TOTVS'"
    )
    assert left == {"estado": "ABERTO", "falhas": 2, "since": True, "later": True}


def test_p5_adding_a_report_locks_its_own_order_and_no_other(box: Database) -> None:
    """Or two that add at once would take the same place in its queue."""
    row_of = "select numero_op from lotes_producao where numero_op = %s for no key update nowait"
    other = Database(box.url)
    with box.connection.transaction():
        box.one("select interno.criar_envio(%s, 'STATUS', '{}')", OP)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.sql(row_of, OP)
        assert other.one(row_of, OTHER) == OTHER
    other.close()


def test_p10_a_person_decides_what_waits_for_one(box: Database) -> None:
    decisions = {"ENTROU": "CONFIRMADO", "REENVIAR": "PENDENTE", "DESCARTAR": "DESCARTADO"}
    for case in product(STATES, decisions):
        state, decision = case
        number = report(box, state, "", proxima_em=None, tentativas=4, tocado_em=0)
        decide = {"p_id": number, "p_decisao": decision, "p_motivo": "visto no TOTVS"}
        if state not in ("INCERTO", "RECUSADO", "ESGOTADO"):
            refused = code(lambda: box.call(box.manager, "decidir_envio", **decide))  # noqa: B023
            assert refused == ("PT409", "JA_DECIDIDO"), case
            continue
        box.call(box.manager, "decidir_envio", **decide)
        after, again = row(box, number), decision == "REENVIAR"
        assert (after["situacao"], after["tentativas"]) == (decisions[decision], 0 if again else 4), case
        assert (after["proxima_em"] is not None, after["concluido_em"] is None) == (again, again), case
        assert (after["tocado_em"], str(after["decidido_por"])) == (None, box.manager), case
        assert after["decisao_motivo"] == "visto no TOTVS", case


def test_p10_a_person_may_say_what_totvs_calls_it(box: Database) -> None:
    say = {"p_motivo": "visto na SH6", "p_decisao": "ENTROU"}
    number = report(box, "INCERTO")
    box.call(box.manager, "decidir_envio", p_id=number, p_chave_erp="  000123 ", **say)
    assert row(box, number)["chave_erp"] == "000123"
    blank, known = report(box, "INCERTO", ""), report(box, "INCERTO", "", chave_erp="000007")
    for one in (blank, known):
        box.call(box.manager, "decidir_envio", p_id=one, p_chave_erp=" " if one == blank else "000008", **say)
    assert [row(box, one)["chave_erp"] for one in (blank, known)] == [None, "000007"]
    for wrong in ({"p_decisao": "REENVIAR", "p_chave_erp": "000123"}, {"p_chave_erp": "x" * 101}):
        arguments = {**say, "p_id": report(box, "INCERTO", ""), **wrong}
        refused = code(lambda: box.call(box.manager, "decidir_envio", **arguments))  # noqa: B023
        assert refused == ("PT422", "CHAVE_INVALIDA"), wrong
    longest = report(box, "INCERTO", "")
    box.call(box.manager, "decidir_envio", p_id=longest, p_chave_erp="x" * 100, **say)


def test_p10_a_decision_settles_whether_it_may_be_booked(box: Database) -> None:
    for decision, left in (("ENTROU", False), ("REENVIAR", False), ("DESCARTAR", True)):
        number = report(box, "RECUSADO", "", pode_ter_entrado=True)
        assert "recusado, pode ter entrado" in box.one(
            "select descricao from pendencias where chave = %s", row(box, number)["id_externo"]
        )
        box.call(box.manager, "decidir_envio", p_id=number, p_decisao=decision, p_motivo="visto no TOTVS")
        assert row(box, number)["pode_ter_entrado"] is left, decision


def test_p10_a_decision_is_about_one_report(box: Database) -> None:
    number, other = report(box, "INCERTO"), report(box, "INCERTO", OTHER)
    box.call(box.manager, "decidir_envio", p_id=number, p_decisao="ENTROU", p_motivo="visto no TOTVS")
    assert row(box, other)["situacao"] == "INCERTO"
    unknown = {"p_id": 999, "p_decisao": "ENTROU", "p_motivo": "visto no TOTVS"}
    assert code(lambda: box.call(box.manager, "decidir_envio", **unknown)) == ("PT404", "ENVIO_DESCONHECIDO")


def test_p5_what_totvs_has_confirmed_and_what_a_report_says_stays_so(box: Database) -> None:
    number = report(box, "CONFIRMADO")
    states = [f"situacao = '{state}'" for state in STATES if state not in ("CONFIRMADO", "ENVIANDO")]
    changes = [*states, f"situacao = 'ENVIANDO', lease = '{LEASE}'", "numero_op = '000124'", "ordem = 9"]
    changes += ["id_externo = 'SF-000123-STATUS-0009'", "tipo = 'PARCIAL'", "criado_em = now() - interval '1 day'"]
    changes += ["conteudo = '{\"a\": 1}'", "conteudo = null"]
    for change in changes:
        refused = code(lambda: box.sql(f"update envios_totvs set {change} where id = %s", number))  # noqa: B023
        assert refused == ("PT403", "SOMENTE_ACRESCIMO"), change


# Restoration and dead letters -----------------------------------------------------------------------------------------


def restore(db: Database, partial: bool = False) -> dict[str, Any]:
    db.sql("update parametros set valor = %s where nome = 'PARCIAIS_SEGUNDOS'", 60 if partial else 0)
    with db.as_role("service_role"):
        answer: dict[str, Any] = db.one(
            "select declarar_restauracao(now() - interval '1 hour', 'ti', 'o disco se perdeu')"
        )
    return answer


@pytest.mark.parametrize("partial", [False, True])
def test_p5_open_reports_of_orders_begun_before_a_restoration_are_in_doubt(box: Database, partial: bool) -> None:
    person, numbers = box.person(), {}
    for state, line in zip(STATES, box.sql("select linha_id from linhas order by 1 limit 7"), strict=True):
        numbers[state] = report(box, state, "", campainha="sino", tocado_em=0, proxima_em=None)
        box.open(person, row(box, numbers[state])["numero_op"], line["linha_id"], T0)
    assert restore(box, partial)["em_duvida"] == 5
    for state, number in numbers.items():
        after = row(box, number)
        if state in ("CONFIRMADO", "DESCARTADO"):
            assert (after["situacao"], after["restaurado"]) == (state, False)
            continue
        assert (after["situacao"], after["restaurado"], after["codigo"]) == ("INCERTO", True, "restored"), state
        assert (after["lease"], after["campainha"], after["tocado_em"]) == (None, None, None), state
        assert after["proxima_em"] is not None, state
        assert ("Compare lá o total da OP" in after["erro"]) is partial, state


def test_p5_only_orders_begun_before_a_restoration_are_in_doubt(box: Database) -> None:
    person = box.person()
    box.open(person, OP, "SPEP-ENV-A", T0)
    before, without = report(box), report(box, op=OTHER)
    restore(box)
    assert [row(box, number)["restaurado"] for number in (before, without)] == [True, False]
    begun = box.one("select extract(epoch from now())::bigint") + 30
    box.open(person, OTHER, "SPEP-ENV-B", begun)
    assert row(box, report(box, op=OTHER))["restaurado"] is False


def test_p5_an_order_begun_at_the_instant_of_a_restoration_is_of_after_it(box: Database) -> None:
    box.sql(
        "insert into restauracoes (copia_de, parciais, quem, motivo, declarada_em)"
        " values (to_timestamp(%s), false, 'ti', 'disco', to_timestamp(%s))",
        T0,
        T0 + 60,
    )
    person = box.person()
    box.open(person, OP, "SPEP-ENV-A", T0 + 59)
    box.open(person, OTHER, "SPEP-ENV-B", T0 + 60)
    assert [row(box, report(box, op=op))["restaurado"] for op in (OP, OTHER)] == [True, False]


def test_p5_a_restoration_counts_what_is_in_doubt_because_of_it(box: Database) -> None:
    box.open(box.person(), OP, "SPEP-ENV-A", T0)
    report(box, "CONFIRMADO", restaurado=True)  # of an earlier one, settled
    report(box, "INCERTO", OTHER)  # of an order that was never opened: of its own
    report(box)
    assert restore(box)["em_duvida"] == 1


def test_p5_one_restoration_that_lost_partial_reports_is_enough(box: Database) -> None:
    box.open(box.person(), OP, "SPEP-ENV-A", T0)
    restore(box, partial=True)
    restore(box, partial=False)
    assert "Compare lá o total da OP" in row(box, report(box))["erro"]
    assert [one["parciais"] for one in box.sql("select parciais from restauracoes order by id")] == [True, False]
    report(box, kind="PARCIAL")
    restore(box, partial=False)
    assert box.one("select parciais from restauracoes order by id desc limit 1") is True, "there was one"


@pytest.mark.parametrize("instant", ["null", "now() + interval '1 hour'"])
def test_p5_a_copy_of_the_future_is_refused(box: Database, instant: str) -> None:
    declare = f"select declarar_restauracao({instant}, 'ti', 'o disco se perdeu')"
    assert code(lambda: box.one(declare)) == ("PT422", "INSTANTE_FUTURO")


def test_p6_why_a_message_failed_is_kept_once_a_reason_last_one_shown(box: Database) -> None:
    fail = "select registrar_falha('fila', %s, 'totvs_post', %s, %s)"
    assert box.one(fail, "m1", "a", "um") is True
    assert box.one(fail, "m1", "a", "um") is False
    assert box.one(fail, "m1", "b", "um") is True
    assert box.one(fail, "m1", "a", "dois") is True
    assert box.one(fail, "m2", "a", "um") is True
    assert box.one(fail, "m3", "a", "um") is True
    shown = box.one('select motivos_falhas(\'["m1", "m2", "m9"]\')')
    assert {key: (one["codigo"], one["motivo"]) for key, one in shown.items()} == {
        "m1": ("a", "dois"),
        "m2": ("a", "um"),
    }
    assert box.one("select motivos_falhas('[]')") == {}
