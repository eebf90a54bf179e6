"""Reviews of access and of the trail: what is reviewed is shown, signed with a fresh login, and never changed."""

from datetime import datetime, timedelta

import psycopg
import pytest

from local.stack.database import Database

SIGNED = {"p_significado": "Revi os acessos do período.", "p_motivo": "nada a corrigir"}


@pytest.fixture
def quality(db: Database) -> str:
    return db.person("QUALIDADE")


def period(db: Database) -> dict[str, datetime]:
    """Everything until now, by the database's clock."""
    now = db.one("select clock_timestamp()")
    return {"p_de": now - timedelta(days=30), "p_ate": now}


def shown(db: Database, who: str, theme: str, when: dict[str, datetime]):
    return db.call(who, "conferir_revisao", p_tema=theme, **when)


def code(error) -> tuple[str, str]:
    return error.value.sqlstate, error.value.diag.message_primary


def test_p9_a_review_of_access_says_who_may_what_and_what_changed_in_it(db, quality):
    boss = db.person("SUPERVISOR", "SPEP")
    before = period(db)
    asked = db.call(db.person("GESTOR"), "pedir_papel", p_usuario_id=boss, p_papel="GESTOR", p_setor=None,
                    p_motivo="assumiu a gerência")  # fmt: skip
    db.call(db.person("ADMIN"), "conceder_papel", p_id=asked["id"], p_decisao="CONCEDER", p_motivo="pedido do gerente")
    seen = shown(db, quality, "ACESSO", period(db))["conteudo"]
    (person,) = [one for one in seen["pessoas"] if one["usuario_id"] == boss]
    assert person["papeis"] == ["GESTOR", "SUPERVISOR SPEP"]
    assert [one["motivo"] for one in seen["mudancas"]][-1] == "pedido do gerente"
    assert all(
        one["motivo"] != "pedido do gerente" for one in shown(db, quality, "ACESSO", before)["conteudo"]["mudancas"]
    )


def test_p7_a_review_of_the_trail_counts_acts_and_names_those_of_nobody(db, quality):
    db.lot("000123")
    db.open(db.person("SUPERVISOR"), "000123", "SPEP-ENV-A", why="roteiro do dia")
    db.sql("update linhas set maximo_por_segundo = 9 where linha_id = 'SPEP-ENV-A'")
    seen = shown(db, quality, "TRILHA", period(db))["conteudo"]
    (act,) = [one for one in seen["atos"] if one["acao"] == "abrir_ordem"]
    assert (act["tabela"], act["papel"], act["quantos"], act["com_motivo"]) == ("periodos_ordem", "SUPERVISOR", 1, 1)
    assert any(one.endswith("update linhas") for one in seen["sem_pessoa_nem_motivo"])
    assert seen["linhas"] == sum(one["quantos"] for one in seen["atos"])


def test_p7_a_review_is_signed_with_name_meaning_and_what_was_seen(db, quality):
    when = period(db)
    seen = shown(db, quality, "ACESSO", when)
    done = db.call(quality, "registrar_revisao", p_tema="ACESSO", **when, p_visto=seen["conteudo_sha256"], **SIGNED)
    (row,) = db.sql("select * from revisoes")
    assert (row["nome"], row["papel"], row["significado"], row["observacao"]) == (
        done["nome"], "QUALIDADE", SIGNED["p_significado"], SIGNED["p_motivo"]
    )  # fmt: skip
    assert row["conteudo"] == seen["conteudo"]
    assert db.one("select verificar_revisao(%s)", row["id"]) is True
    assert db.one("select count(*) from trilha_auditoria where objeto = %s", f"revisoes:{row['id']}") == 1


def test_p9_a_review_needs_role_fresh_login_meaning_and_what_was_seen(db, quality):
    when = period(db)
    sign = {"p_tema": "TRILHA", **when, **SIGNED}
    seen = shown(db, quality, "TRILHA", when)["conteudo_sha256"]
    for who, arguments, expected in (
        (db.person("SUPERVISOR"), {"p_visto": seen}, ("PT403", "SEM_PERMISSAO")),
        (quality, {"p_visto": "f" * 64}, ("PT409", "REVISAO_MUDOU")),
        (quality, {"p_visto": None}, ("PT409", "REVISAO_MUDOU")),
        (quality, {"p_visto": seen, "p_significado": " "}, ("PT422", "SIGNIFICADO_OBRIGATORIO")),
        (quality, {"p_visto": seen, "p_motivo": ""}, ("PT422", "MOTIVO_OBRIGATORIO")),
        (quality, {"p_visto": seen, "p_ate": when["p_ate"] + timedelta(days=1)}, ("PT422", "INTERVALO_INVALIDO")),
        (quality, {"p_visto": seen, "p_tema": "TUDO"}, ("PT422", "VALOR_INVALIDO")),
    ):
        with pytest.raises(psycopg.Error) as error:
            db.call(who, "registrar_revisao", **{**sign, **arguments})
        assert code(error) == expected
    db.claimed = {"amr": [{"method": "password", "timestamp": 1_000_000_000}]}
    with pytest.raises(psycopg.Error) as error:
        db.call(quality, "registrar_revisao", **sign, p_visto=seen)
    assert code(error) == ("PT403", "LOGIN_ANTIGO")
    assert db.one("select count(*) from revisoes") == 0


def test_p9_a_signed_review_stays_and_a_forged_one_does_not_hold(db, quality):
    when = period(db)
    seen = shown(db, quality, "TRILHA", when)["conteudo_sha256"]
    done = db.call(quality, "registrar_revisao", p_tema="TRILHA", **when, p_visto=seen, **SIGNED)
    with pytest.raises(psycopg.Error):
        db.sql("update revisoes set observacao = 'outra'")
    db.sql("set session_replication_role = replica")
    db.sql("update revisoes set observacao = 'outra'")
    db.sql("set session_replication_role = origin")
    assert db.one("select verificar_revisao(%s)", done["id"]) is False


def test_p9_only_who_reviews_reads_the_reviews(db, quality):
    when = period(db)
    seen = shown(db, quality, "ACESSO", when)["conteudo_sha256"]
    db.call(quality, "registrar_revisao", p_tema="ACESSO", **when, p_visto=seen, **SIGNED)
    for who, rows in ((quality, 1), (db.person("SUPERVISOR"), 0)):
        with db.as_role("authenticated", who):
            assert db.one("select count(*) from revisoes") == rows
