"""What the screens ask first: each line as it is now, who is signed in, who could do an act."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from local.stack.database import Database, batch
from tests.support.refusals import code

LINE = "SPEP-ENV-A"


def line(db: Database, sector: str | None = "SPEP") -> dict[str, Any]:
    with db.as_role("authenticated", db.person("POSTO", "SPEP")):
        rows = db.sql("select * from agora(%s)", sector)
    return next(row for row in rows if row["linha_id"] == LINE)


def counted(db: Database, minutes_ago: int, made: int, refused: int = 0, without_order: bool = False) -> datetime:
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    db.sql(
        "insert into contagens_minuto (linha_id, minuto, total_producao, total_rejeicao, sem_ordem_producao)"
        " values (%s, %s, %s, %s, %s)",
        *(LINE, minute, made, refused, made if without_order else 0),
    )
    return minute


def reported(db: Database, seconds_ago: int) -> None:
    db.gateway("planta-1", LINE)
    mark = {"linha_id": LINE, "ate": datetime.fromtimestamp(time.time() - seconds_ago, UTC).isoformat(), "estado": "ok"}
    db.record(batch(1, marcas=[{**mark, "relogio_ms": None}], gravado_em=datetime.now(UTC).isoformat()))


@pytest.mark.parametrize(
    ("mark_s", "count_min", "condition"),
    [(5, 1, "PRODUZINDO"), (5, 5, "PRODUZINDO"), (5, 7, "PARADA"), (5, None, "PARADA"), (700, 1, "SEM_SINAL")],
)
def test_p3_a_line_runs_stands_or_is_not_heard_of(db, mark_s, count_min, condition):
    reported(db, mark_s)
    last = counted(db, count_min, 3) if count_min else None
    row = line(db)
    assert row["situacao"] == condition
    if condition == "PARADA":
        assert row["desde"] == (last and last + timedelta(minutes=1))
    if condition == "SEM_SINAL":
        assert row["desde"] == row["ultimo_sinal"]


def test_p3_a_line_may_have_its_own_minutes_to_stand(db):
    reported(db, 5)
    counted(db, 7, 3)
    assert line(db)["situacao"] == "PARADA"
    db.sql("update linhas set parada_minutos = 20 where linha_id = %s", LINE)
    assert line(db)["situacao"] == "PRODUZINDO"


def test_p3_a_line_counted_by_hand_or_by_nobody_says_so(db):
    assert line(db)["situacao"] == "SEM_FONTE"
    db.owner(LINE, "manual")
    assert (line(db)["situacao"], line(db)["desde"]) == ("MANUAL", None)


def test_p3_the_open_order_stands_in_units_with_the_last_hour(db):
    reported(db, 5)
    db.lot("000123")
    db.sql("update fatores_linha set fator = 8 where linha_id = %s and contador = 'producao'", LINE)
    opened = int(time.time()) - 7200
    db.open(db.person(), "000123", LINE, opened)
    counted(db, 1, 10)
    counted(db, 60, 2)
    db.sql(
        "update ordens_producao_ativas set producao_acumulada = 96, rejeicao_acumulada = 5 where numero_op = '000123'"
    )
    row = line(db)
    factor = db.one("select fator_producao from periodos_ordem where numero_op = '000123'")
    assert (row["numero_op"], row["boas"], row["refugo"], row["aberta_em"].timestamp()) == ("000123", 91, 5, opened)
    assert row["minutos"] == [2 * factor, *[0] * 58, 10 * factor]
    db.sql("update linhas set regra_refugo = 'DIGITADO' where linha_id = %s", LINE)
    db.call(
        db.person("OPERADOR"),
        "registrar_refugo",
        p_numero_op="000123",
        p_linha_id=LINE,
        p_quantidade=7,
        p_codigo="QUEBRA",
    )
    row = line(db)
    assert (row["boas"], row["refugo"]) == (89, 7)


def test_p3_counts_without_an_order_and_doubtful_ones_are_shown(db):
    reported(db, 5)
    counted(db, 3, 37, without_order=True)
    counted(db, 25 * 60, 9, without_order=True)  # of the day before yesterday: in pendencias, not on the wall
    assert line(db)["sem_op_producao"] == 37


def test_p3_another_sectors_and_unused_lines_are_left_out(db):
    with db.as_role("authenticated", db.person()):
        every, sector = (db.sql("select * from agora(%s)", which) for which in (None, "SPPV"))
    assert len(every) == db.one("select count(*) from linhas where ativa")
    assert {row["setor"] for row in sector} == {"SPPV"}
    db.sql("update linhas set ativa = false where linha_id = %s", LINE)
    with pytest.raises(StopIteration):
        line(db)


def test_p9_who_is_signed_in_is_said_with_roles_and_shift(db):
    user = db.person("SUPERVISOR", "SPEP")
    with db.as_role("authenticated", user):
        told = db.one("select quem_sou()")
    assert (told["usuario_id"], told["papeis"]) == (user, [{"papel": "SUPERVISOR", "setor": "SPEP"}])
    begin, end = (datetime.fromisoformat(told["turno"][edge]) for edge in ("inicio", "fim"))
    assert begin <= datetime.now(UTC) < end
    assert end - begin == timedelta(hours=12)


def test_p9_only_who_may_do_the_act_has_a_name_tile(db):
    people = {}
    for role, sector in (("OPERADOR", "SPEP"), ("OPERADOR", "SPPV"), ("SUPERVISOR", "SPEP"), ("GESTOR", None)):
        people[role, sector] = db.person(role, sector)
        login = f"{role}.{sector}".lower()
        db.sql("update pessoas set nome_login = %s where usuario_id = %s", login, people[role, sector])
    db.person("SUPERVISOR", "SPEP")  # without a login name

    def tiles(function: str, sector: str | None) -> set[str]:
        with db.as_role("authenticated", db.person("POSTO", "SPEP")):
            return {row["login"] for row in db.sql("select * from pessoas_que_podem(%s, %s)", function, sector)}

    assert tiles("abrir_ordem", "SPEP") == {"operador.spep", "supervisor.spep", "gestor.none"}
    assert tiles("assinar_diario", "SPEP") == {"supervisor.spep", "gestor.none"}
    assert tiles("decidir_envio", None) == {"gestor.none"}
    assert tiles("nada", "SPEP") == set()


def test_p9_a_shared_panel_may_do_nothing(db):
    posto = db.person("POSTO")
    db.lot("000123")
    assert code(lambda: db.open(posto, "000123", LINE)) == ("PT403", "SEM_PERMISSAO")
    # It may see what an act would do, for whoever then signs in and does it.
    acts = db.one(
        "select array_agg(distinct r) from pg_proc, papeis_da_funcao(proname) as p(f), unnest(f) as r"
        " where provolatile = 'v'"
    )
    assert "POSTO" not in acts


def test_p9_a_login_name_is_ones_own(db):
    admin, other, user = db.person("ADMIN"), db.person(), db.person()
    name = {"p_nome": "Maria das Dores", "p_motivo": "cadastro"}
    given = db.call(admin, "definir_pessoa", p_usuario_id=user, p_login="maria.dores", **name)
    assert given["nome_login"] == "maria.dores"
    assert db.call(admin, "definir_pessoa", p_usuario_id=user, **name)["nome_login"] == "maria.dores"
    for login, refused in (("maria.dores", "LOGIN_OCUPADO"), ("Maria", "LOGIN_INVALIDO"), ("a@b", "LOGIN_INVALIDO")):
        arguments = {**name, "p_usuario_id": other, "p_login": login}
        assert code(partial(db.call, admin, "definir_pessoa", **arguments))[1] == refused
