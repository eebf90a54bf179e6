"""docs/consultas.md says of each function people call, and of each view the MES reads, what the database says."""

import re

import pytest

from local.schema import reference
from local.stack.database import Database

WRITTEN = "python -m local.schema.reference"
RAISES = re.compile(r"interno\.recusar(?:_desconhecido)?\(|raise exception")


def entries(text: str) -> set[str]:
    return set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def test_p10_the_guide_says_what_the_database_does(db: Database) -> None:
    assert reference.generated() == reference.write(db.connection), f"write it with {WRITTEN}"


def test_p10_each_function_people_may_call_has_an_entry(db: Database) -> None:
    called = {
        row["name"]
        for row in db.sql(
            "select proname as name from pg_proc where pronamespace = 'public'::regnamespace"
            " and has_function_privilege('authenticated', oid, 'execute')"
        )
    }
    views = {
        row["name"] for row in db.sql("select relname as name from pg_class where relkind = 'v' and relname ~ '^mes_'")
    }
    assert len(called) > 50
    assert len(views) >= 5
    assert entries(reference.generated()) == called | views | set(reference.REPLACEABLE)


CHANGES = {
    "a new function": "create function nova(p_um text) returns text language sql as 'select p_um';"
    " comment on function nova(text) is 'Nova.'; grant execute on function nova(text) to authenticated",
    "a function opened": "grant execute on function concluir_resumo(bigint, uuid, text, text) to authenticated",
    "one closed": "revoke execute on function rastrear(text) from authenticated",
    "another error": "create or replace function normalizar_op(p_numero_op text) returns text language plpgsql"
    " immutable as $$ begin perform interno.recusar('409', 'OP_NOVA', '', ''); return ''; end $$",
    "a column less": "drop view mes_turno; create view mes_turno as select data, turno_id from mes_turno_lote",
    "a view gone": "drop view mes_perdas",
}


@pytest.mark.parametrize("change", CHANGES)
def test_p10_what_changes_without_the_guide_is_found(db: Database, change: str) -> None:
    db.connection.execute(CHANGES[change].encode())
    assert reference.write(db.connection) != reference.generated()


def test_p10_each_refusal_in_the_database_is_one_the_guide_can_read(db: Database) -> None:
    """A code written otherwise than as text beside its call would be in no function's list."""
    known = reference.functions(db.connection)
    carriers = {"interno.recusar", "interno.recusar_desconhecido"}
    silent = {
        name
        for name, function in known.items()
        if name not in carriers
        and len(RAISES.findall(function.body)) != len(list(function.codes())) + len(function.passed_on())
    }
    assert silent == set()


def test_p10_what_tests_meet_is_what_the_guide_lists(db: Database) -> None:
    """Of some functions, codes and limits as their tests demand them."""
    known = reference.functions(db.connection)
    assert ("409", "DADO_DO_MES") in reference.refusals("registrar_refugo", known)
    assert ("409", "OP_JA_CONTADA") in reference.refusals("mover_contagem_manual", known)
    assert {"LINHA_INATIVA", "OP_CANCELADA"} <= {code for _, code in reference.refusals("abrir_ordem", known)}
    assert {"REFUGO_DIVERGENTE", "SEM_CONTAGEM_MANUAL"} <= set(reference.reasons("assinar_diario", known))
    assert ("409", "DIARIO_INCOMPLETO") in reference.refusals("assinar_diario", known)
    assert ("404", "NADA_A_MOVER") in reference.refusals("mover_contagem_manual", known)
    assert ("422", "JANELA_GRANDE") in reference.refusals("producao_turno", known)
    text = reference.generated()
    for limit in (
        "`p_motivo` 5 a 2.000 caracteres",
        "`p_fator` inteiro de 1 a 1.000",
        "`p_tipo` um de REFUGO, RETEM, AMOSTRA_SEMIACABADO, AMOSTRA_ACABADO",
        "`p_quantidade` inteiro de 1 a 10.000.000",
        "`p_chave` 1 a 200 caracteres",
    ):
        assert limit in text, limit
