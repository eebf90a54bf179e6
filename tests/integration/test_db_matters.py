"""One cause is one matter: however many pieces it has, one row of `pendencias` and one call that settles them."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack.database import T0, Counts, Database, batch, loose, span
from tests.support.refusals import code

A, B, E = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-E"
OTHER = "SPPV-ENV-VIDRO01"  # of another sector
WHY = "conferido na linha"
MANY = 3_600


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.lot("000123", "000124")
    db.boss = db.person("GESTOR")
    db.sql("set statement_timeout = '8s'")  # Supabase's
    return db


def printed(row: dict[str, Any]) -> dict[str, Any]:
    """The arguments a matter names."""
    return {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}


def matter(db: Database, kind: str = "QUARENTENA") -> dict[str, Any]:
    (row,) = db.pending(kind)
    return row


def trail(db: Database, function: str) -> list[dict[str, Any]]:
    return db.sql("select objeto, depois from trilha_auditoria where acao = %s order by id", function)


def garbage(n: int, why: str = "COLUNAS", text: bytes = b"lixo") -> dict[str, Any]:
    return {
        "motivo": why, "detalhe": f"{n} campos", "registros": 1, "byte_de": n * 100, "byte_ate": n * 100 + 50,
        "amostra_base64": base64.b64encode(text).decode(), "origem": f"keyence.txt@{n}",
    }  # fmt: skip


def stranger(count: int, lines: Counts, gateway: str = "planta-9") -> Iterator[dict[str, Any]]:
    return (batch(seq, lines, gateway=gateway) for seq in range(1, count + 1))


def record_all(db: Database, files: Iterator[dict[str, Any]]) -> list[str]:
    waiting = list(files)
    return [one for at in range(0, len(waiting), 200) for one in db.situations(*waiting[at : at + 200])]


# What cannot be read --------------------------------------------------------------------------------------------------


def test_p10_unreadable_lines_of_one_reason_are_one_item_of_their_file(plant: Database) -> None:
    lines = [garbage(n, text=b"x" * 900) for n in range(5)] + [garbage(9, "CONTAGEM_INVALIDA", b"\x00\xff;")]
    plant.record(batch(1, {A: {T0: (1, 0)}}, quarentena=lines))
    bad, other = plant.pending("QUARENTENA")
    assert (bad["detalhes"]["motivo"], bad["detalhes"]["itens"], bad["detalhes"]["registros"]) == ("COLUNAS", 1, 5)
    assert bad["descricao"] == "0 campos; e mais 4 trechos do arquivo, pelo mesmo motivo"
    assert (bad["detalhes"]["byte_de"], bad["detalhes"]["byte_ate"]) == (0, 450)
    assert bad["detalhes"]["primeiros_bytes"] == "x" * 64
    assert other["detalhes"]["primeiros_bytes"] == "\\000\\377;"
    rows = plant.sql("select trechos::text, length(amostra) as bytes, origem from quarentena order by id")
    assert [row["bytes"] for row in rows] == [256, 3]
    assert rows[0]["trechos"] == "{[0,50),[100,150),[200,250),[300,350),[400,450)}"
    assert rows[0]["origem"] == "keyence.txt@0"


def test_p10_the_ranges_of_unreadable_lines_are_bounded_and_leave_none_out(plant: Database) -> None:
    plant.record(batch(1, quarentena=[garbage(n) for n in range(MANY)]))
    (row,) = plant.sql("select trechos, registros from quarentena")
    ranges = [(one.lower, one.upper) for one in row["trechos"]]
    assert (len(ranges), row["registros"]) == (1_000, MANY)
    assert ranges[998:] == [(99_800, 99_850), (99_900, (MANY - 1) * 100 + 50)]


def test_p10_unreadable_lines_of_a_gateways_files_are_settled_by_one_call(plant: Database) -> None:
    record_all(plant, (batch(seq, quarentena=[garbage(1), garbage(2)]) for seq in range(1, 31)))
    row = matter(plant)
    assert (row["detalhes"]["itens"], row["detalhes"]["arquivos"], row["detalhes"]["registros"]) == (30, 30, 60)
    assert row["descricao"].startswith("30 itens de 30 arquivos, desde ")
    assert plant.call(plant.boss, row["funcao"], **printed(row), p_motivo=WHY)["itens"] == 30
    assert plant.pending("QUARENTENA") == []
    assert plant.one("select count(*) from quarentena where decisao = 'DESCARTADO' and decisao_motivo = %s", WHY) == 30


def test_p10_a_line_given_up_does_not_give_its_file_up(plant: Database) -> None:
    file = batch(1, {A: {T0: (3, 0)}}, gateway="planta-9", quarentena=[garbage(1)])
    assert plant.situations(file) == ["QUARENTENA"]
    unread = next(row for row in plant.pending("QUARENTENA") if row["detalhes"]["motivo"] == "COLUNAS")
    assert unread["detalhes"]["alternativa"] is None
    plant.call(plant.boss, unread["funcao"], **printed(unread), p_motivo=WHY)
    plant.sql("insert into gateways (gateway) values ('planta-9')")
    assert plant.situations(file) == ["APLICADO"]


# Whole files ----------------------------------------------------------------------------------------------------------


def test_p10_an_unregistered_gateway_is_one_matter_settled_by_one_call(plant: Database) -> None:
    lines = {A: {T0: (3, 0)}, B: {T0: (2, 1)}, E: {T0: (1, 0)}}
    assert set(record_all(plant, stranger(MANY // 3, lines))) == {"QUARENTENA"}
    row = matter(plant)
    assert (row["detalhes"]["itens"], row["detalhes"]["arquivos"]) == (MANY, MANY // 3)
    assert (row["detalhes"]["producao"], row["detalhes"]["linhas"], row["linha_id"]) == (MANY * 2, [A, B, E], None)
    assert (row["setor"], row["detalhes"]["alternativa"]) == ("SPEP", "reprocessar_quarentena")
    plant.sql("insert into gateways (gateway) values ('planta-9')")
    answer = plant.call(plant.boss, row["detalhes"]["alternativa"], **printed(row), p_motivo="gateway cadastrado")
    assert (answer["itens"], answer["restam"]) == (MANY, 0)
    (fact,) = trail(plant, "reprocessar_quarentena")
    assert fact["depois"]["itens"] == [one["id"] for one in plant.sql("select id from quarentena order by id")]
    with plant.as_role("service_role"):
        files = plant.one("select quarentenas_a_reprocessar(200)")
    assert len({file["chave"] for file in files}) == len(files) == 200, "a file is read once for all its lines"
    first = batch(1, lines, gateway="planta-9")
    assert files[0]["chave"] == first["chave"]
    assert plant.situations(first) == ["APLICADO"]
    assert {row["detalhes"]["motivo"] for row in plant.pending("QUARENTENA")} == {"GATEWAY_DESCONHECIDO", "NAO_DONO"}


def test_p10_a_matter_of_thousands_is_thrown_away_by_one_call(plant: Database) -> None:
    record_all(plant, stranger(MANY // 3, {A: {T0: (3, 0)}, B: {T0: (2, 1)}, E: {T0: (1, 0)}}))
    row = matter(plant)
    assert plant.call(plant.boss, row["funcao"], **printed(row), p_motivo=WHY)["itens"] == MANY
    assert plant.pending("QUARENTENA") == []
    (fact,) = trail(plant, "resolver_quarentena")
    assert (fact["objeto"], len(fact["depois"]["itens"])) == ("quarentena:itens", MANY)
    assert plant.balance(A)["quarentena"] == (MANY, 0), "what is given up stays in the balance"


def test_p10_the_pieces_of_a_file_refused_as_a_whole_go_together(plant: Database) -> None:
    plant.record(*stranger(2, {A: {T0: (3, 0)}, B: {T0: (2, 1)}}))
    (first, *_) = plant.sql("select id from quarentena order by id")
    assert plant.call(plant.boss, "resolver_quarentena", p_id=first["id"], p_motivo=WHY)["itens"] == 2
    assert matter(plant)["detalhes"]["itens"] == 2
    assert plant.one("select count(distinct arquivo_id) from quarentena where resolvida_em is null") == 1


def test_p10_no_more_files_are_locked_in_a_call_than_a_database_can(plant: Database) -> None:
    why = {"motivo": "DECOMPRESSED_TOO_LARGE", "detalhe": "passa do limite"}
    files = (loose(f"dia/{n}.txt", "", f"{n}", {}, rejeitado=why, sha256=None, aceito=None) for n in range(1_010))
    record_all(plant, files)
    row = matter(plant)
    assert row["chave"] == "DECOMPRESSED_TOO_LARGE|avulsos/dia/"
    answer = plant.call(plant.boss, row["funcao"], **printed(row), p_motivo=WHY)
    assert (answer["itens"], answer["restam"]) == (1_000, 10)
    rest = matter(plant)
    assert plant.call(plant.boss, rest["funcao"], **printed(rest), p_motivo=WHY)["restam"] == 0
    assert plant.pending("QUARENTENA") == []


# Parts of files -------------------------------------------------------------------------------------------------------


def nobodys(plant: Database, count: int = 4) -> list[int]:
    """A line that is not the gateway's, in some batches; the pieces' numbers."""
    plant.record(*(batch(seq, {E: {T0 + seq: (1, 0)}}) for seq in range(1, count + 1)))
    return [row["id"] for row in plant.sql("select id from quarentena order by id")]


def test_p10_a_line_without_owner_is_one_matter_through_all_its_files(plant: Database) -> None:
    nobodys(plant)
    row = matter(plant)
    assert (row["chave"], row["linha_id"], row["detalhes"]["itens"]) == (f"NAO_DONO|planta-1|{E}", E, 4)
    foreman = plant.person("ENCARREGADO", "SPEP")
    answer = plant.call(foreman, row["detalhes"]["alternativa"], **printed(row), p_motivo=WHY)
    assert answer["itens"] == 4
    with plant.as_role("service_role"):
        assert len(plant.one("select quarentenas_a_reprocessar(200)")) == 4


def test_p10_what_came_after_a_matter_was_listed_waits_for_itself(plant: Database) -> None:
    nobodys(plant)
    row = matter(plant)
    plant.record(batch(9, {E: {T0 + 9: (1, 0)}}))
    assert plant.call(plant.boss, row["funcao"], **printed(row), p_motivo=WHY)["itens"] == 4
    assert matter(plant)["detalhes"]["itens"] == 1
    again = code(lambda: plant.call(plant.boss, row["funcao"], **printed(row), p_motivo=WHY))
    assert again == ("PT409", "JA_DECIDIDO")


def test_p10_a_part_of_a_matter_is_decided_by_the_numbers_of_its_pieces(plant: Database) -> None:
    first, second, third, fourth = nobodys(plant)
    plant.call(plant.boss, "resolver_quarentena", p_ids=[second, third], p_motivo=WHY)
    assert matter(plant)["detalhes"]["itens"] == 2
    assert [row["id"] for row in plant.sql("select id from quarentena where resolvida_em is null order by id")] == [
        first, fourth,
    ]  # fmt: skip
    for ids, refusal in (
        ([third, fourth], ("PT409", "JA_DECIDIDO")),
        ([fourth, 99_999], ("PT404", "QUARENTENA_DESCONHECIDA")),
        (list(range(10_001)), ("PT422", "ITENS_DEMAIS")),
        ([], ("PT404", "QUARENTENA_DESCONHECIDA")),
    ):
        refused = code(lambda ids=ids: plant.call(plant.boss, "resolver_quarentena", p_ids=ids, p_motivo=WHY))
        assert refused == refusal, ids
    plant.call(plant.boss, "reprocessar_quarentena", p_ids=[first, fourth], p_motivo=WHY)
    assert trail(plant, "reprocessar_quarentena")[0]["depois"]["itens"] == [first, fourth]


def test_p9_a_matter_is_decided_by_who_may_decide_all_its_lines(plant: Database) -> None:
    plant.record(*stranger(2, {A: {T0: (3, 0)}, OTHER: {T0: (2, 0)}}))
    row = matter(plant)
    assert row["setor"] is None
    for sector in ("SPEP", "SPPV"):
        person = plant.person("SUPERVISOR", sector)
        refused = code(lambda person=person: plant.call(person, row["funcao"], **printed(row), p_motivo=WHY))
        assert refused == ("PT403", "SEM_PERMISSAO")
    plant.sql("insert into papeis_usuario (usuario_id, papel, setor) values (%s, 'SUPERVISOR', 'SPEP')", person)
    assert plant.call(person, row["funcao"], **printed(row), p_motivo=WHY)["itens"] == 4


def test_p10_the_two_parts_of_a_replaced_spool_stay_two_matters(plant: Database) -> None:
    old: dict[str, Any] = {"epoch": "a" * 32, "inicio": "2026-01-01T00:00:00Z"}
    new: dict[str, Any] = {"epoch": "b" * 32, "anterior": True}
    plant.record(batch(1, {A: {T0 + 10: (5, 0)}}, marks=[(A, T0 + 11)], **old))
    plant.record(*(batch(n, {A: {T0 + n: (1, 0), T0 + 20 + n: (1, 0)}}, **new) for n in (1, 2, 3)))
    counted, lost = plant.pending("QUARENTENA")
    assert [row["detalhes"]["itens"] for row in (counted, lost)] == [3, 3]
    assert "já foi contado" in counted["descricao"]
    assert "já foi contado" not in lost["descricao"]


# Held counts ----------------------------------------------------------------------------------------------------------


def test_p10_a_limit_too_low_for_an_hour_is_one_matter(plant: Database) -> None:
    plant.sql("update linhas set maximo_por_segundo = 1 where linha_id = %s", A)
    plant.open(plant.boss, "000123", A, T0)
    plant.record(batch(1, {A: {T0 + n: (2, n % 2) for n in range(MANY)}}))
    row = matter(plant, "RETIDA")
    assert (row["detalhes"]["itens"], row["detalhes"]["producao"]) == (MANY, 2 * MANY)
    assert row["descricao"] == f"Contagens implausíveis de {2 * MANY} (rejeição {MANY // 2}), em {MANY} registros."
    give = {"p_decisao": "ATRIBUIR", "p_numero_op": "000123", "p_motivo": "o limite estava errado"}
    answer = plant.call(plant.boss, row["funcao"], **printed(row), **give)
    assert (answer["itens"], answer["restam"], answer["producao"]) == (MANY, 0, 2 * MANY)
    assert plant.totals() == {("000123", A): (2 * MANY * 8, MANY // 2)}
    assert plant.pending("RETIDA") == []
    (fact,) = trail(plant, "decidir_retido")
    assert (fact["objeto"], len(fact["depois"]["itens"])) == ("contagens_intervalo:itens", MANY)


def test_p10_each_change_of_order_inside_two_readings_is_its_own_matter(plant: Database) -> None:
    plant.open(plant.boss, "000123", A, T0)
    plant.shut(plant.boss, "000123", A, T0 + 100)
    plant.record(batch(1, spans=[span(A, T0 - 5, T0 + 5, 3)]), batch(2, spans=[span(A, T0 + 95, T0 + 105, 4)]))
    plant.record(batch(3, spans=[span(A, T0 + 200, T0 + 205, 9, 0, "implausivel")]))
    assert [row["detalhes"]["producao"] for row in plant.pending("RETIDA")] == [3, 4, 9]
    row = plant.pending("RETIDA")[0]
    plant.call(plant.boss, row["funcao"], **printed(row), p_decisao="DESCARTAR", p_numero_op=None, p_motivo=WHY)
    assert [row["detalhes"]["producao"] for row in plant.pending("RETIDA")] == [4, 9]


def test_p10_some_of_the_held_counts_go_to_one_order_the_rest_elsewhere(plant: Database) -> None:
    for op, at in (("000123", T0), ("000124", T0 + 10)):
        plant.open(plant.boss, op, A, at)
        plant.shut(plant.boss, op, A, at + 10)
    plant.record(batch(1, spans=[span(A, T0 + 2 * n, T0 + 2 * n + 1, 10**n, 0, "implausivel") for n in range(4)]))
    numbers = [row["id"] for row in plant.sql("select id from contagens_retidas order by ate")]
    for op, ids in (("000123", numbers[:2]), ("000124", numbers[2:3])):
        plant.call(plant.boss, "decidir_retido", p_ids=ids, p_decisao="ATRIBUIR", p_numero_op=op, p_motivo=WHY)
    assert plant.totals() == {("000123", A): (11 * 8, 0), ("000124", A): (100 * 8, 0)}
    rest = matter(plant, "RETIDA")
    assert rest["detalhes"]["itens"] == 1
    wrong = {"p_decisao": "DESCARTAR", "p_numero_op": None, "p_motivo": WHY}
    for ids, refusal in (
        ([numbers[0], numbers[3]], ("PT409", "JA_DECIDIDO")),
        ([numbers[3], 99_999], ("PT404", "RETIDA_DESCONHECIDA")),
        (list(range(10_001)), ("PT422", "ITENS_DEMAIS")),
    ):
        assert code(lambda ids=ids: plant.call(plant.boss, "decidir_retido", p_ids=ids, **wrong)) == refusal, ids


# What closes ----------------------------------------------------------------------------------------------------------


def test_p4_a_lot_waits_for_matters_not_for_their_pieces(plant: Database) -> None:
    plant.sql("update linhas set maximo_por_segundo = 5 where linha_id = %s", A)
    plant.open(plant.boss, "000123", A, T0)
    plant.record(batch(1, {A: {T0 + n: (9, 0) for n in range(50)}}))
    plant.record(*(batch(seq, quarentena=[garbage(1)]) for seq in range(2, 52)))
    plant.shut(plant.boss, "000123", A, T0 + 100)
    plant.close_lots()
    waiting = {row["detalhes"]["codigo"]: row for row in plant.pending("FECHAMENTO")}
    missing = plant.missing("000123")
    assert (missing.count("QUARENTENA"), missing.count("CONTAGEM_RETIDA")) == (1, 1)
    for kind, more in (("QUARENTENA", {}), ("CONTAGEM_RETIDA", {"p_decisao": "DESCARTAR", "p_numero_op": None})):
        row = waiting[kind]
        plant.call(plant.boss, row["funcao"], **printed(row), **more, p_motivo=WHY)
    assert plant.pending("QUARENTENA") == plant.pending("RETIDA") == []
