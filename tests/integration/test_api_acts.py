"""What people do through the API: each act's effect, its trail, and each refusal as a screen receives it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack.database import T0, iso, span
from local.stack.stack import Stack
from tests.support.api import Api, Scene

REASON = "conferido na linha"
SCHEMAS = Path(__file__).parents[2] / "supabase" / "schemas"


@pytest.fixture(scope="module")
def api(supabase_stack: Stack) -> Iterator[Api]:
    made = Api(supabase_stack)
    yield made
    made.close()


class Troubled(Scene):
    """A scene where there is something to decide by each function."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.idle = self.new_line("I", active=False)
        held = span(self.line, T0, T0 + 5, 7, 2, "implausivel")
        counts = {self.line: {T0 - 60: (4, 1), T0: (3, 0)}, f"{self.line}-X": {T0: (6, 0)}}
        self.record(self.batch(1, counts, spans=[held]), self.batch(3))
        (row,) = api.operator.rows("contagens_retidas", linha_id=self.line)
        self.held = row["id"]
        (row,) = api.operator.rows("quarentena", linha_id=f"{self.line}-X")
        self.quarantined = row["id"]

    @property
    def source(self) -> dict[str, Any]:
        return {"p_gateway": self.gateway, "p_epoca": self.epoch}

    def without_order(self) -> dict[str, Any]:
        return {"p_linha_id": self.line, "p_de": iso(T0 - 60), "p_ate": iso(T0 - 59)}


@pytest.fixture
def scene(api: Api) -> Iterator[Troubled]:
    yield Troubled(api)
    # Its files were never in a bucket: the closing that shares this database must not send anybody to read them again.
    api.sql("update quarentena set reprocessar_em = null where reprocessar_em is not null")


# Orders ---------------------------------------------------------------------------------------------------------------


def test_p2_an_operators_opening_and_closing_move_units_to_the_second(api: Api, scene: Troubled) -> None:
    closed = api.operator.rpc("encerrar_ordem", **scene.order(scene.op, p_encerrada_em=iso(T0 + 60)))
    assert (closed["aberta_em"], closed["encerrada_em"]) == ("2026-03-15T11:00:00+00:00", "2026-03-15T11:01:00+00:00")
    opened = api.operator.rpc("abrir_ordem", **scene.order(scene.other, p_aberta_em=iso(T0 + 60)))
    assert (opened["numero_op"], opened["linha_id"], opened["encerrada_em"]) == (scene.other, scene.line, None)
    assert (opened["fator_producao"], opened["fator_rejeicao"]) == (1, 1)
    counts = {scene.line: {T0 + 59: (2, 1), T0 + 60: (5, 0)}}
    (answer,) = scene.record(scene.batch(2, counts))
    assert answer["situacao"] == "APLICADO"
    assert (scene.total(scene.op), scene.total(scene.other)) == ((5, 1), (5, 0))
    api.operator.rpc("encerrar_ordem", **scene.order(scene.op, p_encerrada_em=iso(T0 + 59)))
    assert (scene.total(scene.op), scene.total(scene.other)) == ((3, 0), (5, 0))


def test_opening_an_order_now_needs_no_reason_and_is_idempotent(api: Api, scene: Troubled) -> None:
    line = scene.new_line("N")
    arguments = {"p_numero_op": f" {scene.other}  ", "p_linha_id": line}
    first = api.operator.rpc("abrir_ordem", **arguments)
    assert api.operator.rpc("abrir_ordem", **arguments) == first
    assert len(api.operator.rows("periodos_ordem", linha_id=line)) == 1


def test_p2_an_order_opened_late_takes_back_what_its_line_counted_since(api: Api, scene: Troubled) -> None:
    opened = api.supervisor.rpc("abrir_ordem", **scene.order(scene.op, p_aberta_em=iso(T0 - 60)))
    assert opened["id"] == scene.opened["id"]
    assert scene.total(scene.op) == (7, 1)
    assert [row for row in scene.pending() if row["tipo"] == "SEM_ORDEM"] == []


# Refusals -------------------------------------------------------------------------------------------------------------

Case = tuple[str, str, Callable[[Troubled], dict[str, Any]], int, str]
CASES: list[Case] = [
    (
        "of an order on a line that runs another",
        "abrir_ordem",
        lambda s: s.order(s.other, p_aberta_em=iso(T0 + 9)),
        409,
        "LINHA_OCUPADA",
    ),
    (
        "of a closing that would cover another order",
        "encerrar_ordem",
        lambda s: close_over_another(s),
        409,
        "LINHA_OCUPADA",
    ),
    (
        "of an effect that is not what was shown",
        "abrir_ordem",
        lambda s: s.order(s.other, p_aberta_em=iso(T0 - 99), p_visto="0." + "0" * 32),
        409,
        "EFEITO_MUDOU",
    ),
    ("of an order TOTVS never sent", "abrir_ordem", lambda s: s.order("ZZ9999"), 404, "OP_DESCONHECIDA"),
    ("of no order number at all", "abrir_ordem", lambda s: s.order("1 2"), 422, "OP_INVALIDA"),
    (
        "of a cancelled order",
        "abrir_ordem",
        lambda s: s.order(s.cancelled, p_aberta_em=iso(T0 - 99)),
        409,
        "OP_CANCELADA",
    ),
    (
        "on a line out of use",
        "abrir_ordem",
        lambda s: s.order(s.other, p_linha_id=s.idle, p_aberta_em=iso(T0)),
        409,
        "LINHA_INATIVA",
    ),
    (
        "in the future",
        "abrir_ordem",
        lambda s: s.order(s.op, p_aberta_em="2126-01-01T00:00:00Z"),
        422,
        "INSTANTE_FUTURO",
    ),
    (
        "long ago without a reason",
        "abrir_ordem",
        lambda s: s.order(s.other, p_aberta_em=iso(T0 - 99), p_motivo=None),
        422,
        "MOTIVO_OBRIGATORIO",
    ),
    ("of an order that is not open", "encerrar_ordem", lambda s: s.order(s.other), 409, "ORDEM_NAO_ABERTA"),
    (
        "of a closing long ago without a reason",
        "encerrar_ordem",
        lambda s: s.order(s.op, p_encerrada_em=iso(T0 + 9), p_motivo="ok"),
        422,
        "MOTIVO_OBRIGATORIO",
    ),
    (
        "of a justification backwards in time",
        "justificar_sem_ordem",
        lambda s: s.without_order() | {"p_ate": iso(T0 - 60), "p_motivo": REASON},
        422,
        "INTERVALO_INVALIDO",
    ),
    (
        "of a justification of nothing",
        "justificar_sem_ordem",
        lambda s: s.without_order() | {"p_de": iso(T0 - 3600), "p_ate": iso(T0 - 3000), "p_motivo": REASON},
        404,
        "NADA_A_JUSTIFICAR",
    ),
    (
        "of a quarantine that is not there",
        "resolver_quarentena",
        lambda _: {"p_id": 0, "p_motivo": REASON},
        404,
        "QUARENTENA_DESCONHECIDA",
    ),
    (
        "of more pieces than one call takes",
        "resolver_quarentena",
        lambda _: {"p_ids": list(range(10_001)), "p_motivo": REASON},
        422,
        "ITENS_DEMAIS",
    ),
    ("of a quarantine settled before", "resolver_quarentena", lambda s: settled_before(s), 409, "JA_DECIDIDO"),
    (
        "to read again what nobody can read",
        "reprocessar_quarentena",
        lambda s: {"p_id": unreadable(s), "p_motivo": REASON},
        409,
        "NADA_A_REPROCESSAR",
    ),
    (
        "of a decision that is none",
        "decidir_retido",
        lambda s: {"p_id": s.held, "p_decisao": "TALVEZ", "p_numero_op": None, "p_motivo": REASON},
        422,
        "DECISAO_INVALIDA",
    ),
    (
        "of a held count that is not there",
        "decidir_retido",
        lambda _: {"p_id": 0, "p_decisao": "DESCARTAR", "p_numero_op": None, "p_motivo": REASON},
        404,
        "RETIDA_DESCONHECIDA",
    ),
    (
        "of a held count given to an order that never ran there",
        "decidir_retido",
        lambda s: {"p_id": s.held, "p_decisao": "ATRIBUIR", "p_numero_op": s.other, "p_motivo": REASON},
        409,
        "ORDEM_NAO_ABERTA",
    ),
    (
        "of a sequence that arrived",
        "anular_sequencia",
        lambda s: s.source | {"p_seq": 3, "p_motivo": REASON},
        409,
        "SEQUENCIA_RECEBIDA",
    ),
    (
        "of a sequence nobody sent",
        "anular_sequencia",
        lambda s: s.source | {"p_seq": 4, "p_motivo": REASON},
        422,
        "SEQUENCIA_FORA",
    ),
    (
        "of an end before what arrived",
        "encerrar_epoca",
        lambda s: s.source | {"p_ultima_seq": 2, "p_motivo": REASON},
        422,
        "SEQUENCIA_MENOR",
    ),
    (
        "of an end far above what arrived",
        "encerrar_epoca",
        lambda s: s.source | {"p_ultima_seq": 5_000_000_000, "p_motivo": REASON},
        422,
        "SEQUENCIA_IMPLAUSIVEL",
    ),
    (
        "of an época nobody knows",
        "encerrar_epoca",
        lambda s: s.source | {"p_epoca": "e" * 32, "p_ultima_seq": 2, "p_motivo": REASON},
        404,
        "EPOCA_DESCONHECIDA",
    ),
    (
        "of a line that is not registered",
        "abrir_ordem",
        lambda s: s.order(s.op, p_linha_id="NAO-HA"),
        404,
        "LINHA_DESCONHECIDA",
    ),
]


def close_over_another(scene: Troubled) -> dict[str, Any]:
    shut = scene.order(scene.op, p_encerrada_em=iso(T0 + 60))
    scene.api.supervisor.rpc("encerrar_ordem", **shut)
    scene.api.supervisor.rpc("abrir_ordem", **scene.order(scene.other, p_aberta_em=iso(T0 + 60)))
    return shut | {"p_encerrada_em": iso(T0 + 90)}


def unreadable(scene: Troubled) -> int:
    piece = {"motivo": "COLUNAS", "detalhe": "duas colunas", "linha_id": None, "registros": 1, "producao": None}
    piece |= {"rejeicao": None, "byte_de": 1, "byte_ate": 2, "origem": None, "amostra_base64": ""}
    scene.record({**scene.batch(7), "quarentena": [piece]})
    (row,) = scene.api.operator.rows("quarentena", motivo="COLUNAS", chave=scene.batch(7)["chave"])
    identifier: int = row["id"]
    return identifier


def settled_before(scene: Troubled) -> dict[str, Any]:
    arguments = {"p_id": scene.quarantined, "p_motivo": REASON}
    scene.api.manager.rpc("resolver_quarentena", **arguments)
    return arguments


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[0]}")
def test_p10_a_refusal_has_code_status_and_in_portuguese_what_to_do(api: Api, scene: Troubled, case: Case) -> None:
    _, function, arguments, status, code = case
    assert api.manager.refused(function, **arguments(scene)) == (status, code)


def test_a_busy_line_names_its_order_and_since_when_in_plant_time(api: Api, scene: Troubled) -> None:
    response = api.operator.http("POST", "rpc/abrir_ordem", scene.order(scene.other, p_aberta_em=iso(T0 + 9)))
    assert response.json() == {
        "code": "PT409",
        "message": "LINHA_OCUPADA",
        "details": f"A linha {scene.line} está com a OP {scene.op} de 15/03/2026 08:00:00 a agora, ainda aberta"
        " (hora de Fortaleza).",
        "hint": "Encerre essa OP ou escolha outro instante.",
    }


def test_every_refusal_of_orders_and_decisions_is_among_those_tested_here() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SCHEMAS.glob("05*.sql"))
    raised = set(re.findall(r"recusar(?:_desconhecido)?\(\s*(?:'\d{3}', )?'([A-Z_]+)'", text))
    assert "JA_DECIDIDO" in raised
    assert raised <= {case[4] for case in CASES}


# Trail ----------------------------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Troubled], dict[str, Any]]] = {
    "abrir_ordem": lambda s: s.order(s.op, p_aberta_em=iso(T0 - 5), p_motivo=REASON),
    "encerrar_ordem": lambda s: s.order(s.op, p_encerrada_em=iso(T0 + 60), p_motivo=REASON),
    "justificar_sem_ordem": lambda s: {**s.without_order(), "p_motivo": REASON},
    "resolver_quarentena": lambda s: {"p_id": s.quarantined, "p_motivo": REASON},
    "reprocessar_quarentena": lambda s: {"p_id": s.quarantined, "p_motivo": REASON},
    "decidir_retido": lambda s: {"p_id": s.held, "p_decisao": "ATRIBUIR", "p_numero_op": s.op, "p_motivo": REASON},
    "anular_sequencia": lambda s: {**s.source, "p_seq": 2, "p_motivo": REASON},
    "encerrar_epoca": lambda s: {**s.source, "p_ultima_seq": 5, "p_motivo": REASON},
}
# What stood before the act and what stands after it, as far as the act changed something that stood.
TRAILS: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {
    "abrir_ordem": ({"aberta_em": "2026-03-15T11:00:00+00:00"}, {"aberta_em": "2026-03-15T10:59:55+00:00"}),
    "encerrar_ordem": ({"encerrada_em": None}, {"encerrada_em": "2026-03-15T11:01:00+00:00"}),
    "justificar_sem_ordem": (None, {"producao": 4, "rejeicao": 1}),
    "resolver_quarentena": (None, {"decisao": "DESCARTADO", "motivo": "LINHA_DESCONHECIDA", "producao": 6}),
    "reprocessar_quarentena": (None, {"motivo": "LINHA_DESCONHECIDA", "producao": 6}),
    "decidir_retido": ({"situacao": "RETIDA", "motivo": "IMPLAUSIVEL"}, {"situacao": "DECIDIDA", "producao": 7}),
    "anular_sequencia": (None, {"seq": 2, "ate_seq": 2}),
    "encerrar_epoca": ({"ultima_seq_declarada": None}, {"ultima_seq_declarada": 5}),
}


@pytest.mark.parametrize("function", ACTS)
def test_p10_every_act_leaves_a_trail_row_with_who_role_why_old_and_new(
    api: Api, scene: Troubled, function: str
) -> None:
    who = api.person("GESTOR")
    who.rpc(function, **ACTS[function](scene))
    (row,) = who.rows("trilha_auditoria", usuario_id=who.user)
    assert (row["acao"], row["papel"], row["motivo"]) == (function, "GESTOR", REASON)
    before, after = TRAILS[function]
    assert row["depois"].items() >= after.items()
    assert row["antes"] is None if before is None else row["antes"].items() >= before.items()


def test_p7_the_trail_carries_the_correlation_id_of_the_request(api: Api, scene: Troubled) -> None:
    who = api.person("GESTOR")
    who.headers["x-correlation-id"] = "tela-77"
    arguments = {"p_id": scene.quarantined, "p_motivo": REASON}
    assert who.http("POST", "rpc/resolver_quarentena", arguments).status_code == 200
    assert [row["correlacao"] for row in who.rows("trilha_auditoria", usuario_id=who.user)] == ["tela-77"]


def test_an_act_refused_leaves_no_trail(api: Api, scene: Troubled) -> None:
    who = api.person("OPERADOR", "SPEP")
    who.refused("abrir_ordem", **scene.order(scene.other, p_aberta_em=iso(T0 + 9)))
    assert who.rows("trilha_auditoria", usuario_id=who.user) == []


# Pendencies -----------------------------------------------------------------------------------------------------------

ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "SEM_ORDEM": lambda _: {},
    "RETIDA": lambda _: {"p_decisao": "DESCARTAR", "p_numero_op": None},
    "QUARENTENA": lambda _: {},
    "SEQUENCIA_AUSENTE": lambda _: {},
    "EPOCA_NOVA": lambda row: {"p_ultima_seq": row["detalhes"]["maior_seq"]},
}


def test_p10_every_matter_is_settled_by_the_function_it_names(api: Api, scene: Troubled) -> None:
    scene.record(scene.batch(1, epoch="f" * 32))
    overlapping = span(scene.line, T0 - 3, T0 + 2, 5)
    scene.record(scene.batch(4, spans=[overlapping]))
    grown_old(api, scene)
    waiting = scene.pending()
    assert {row["tipo"] for row in waiting} == set(ANSWERS)
    names = api.functions()
    for row in waiting:
        assert row["funcao"] in names
        assert row["descricao"].endswith("."), row
        arguments = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
        arguments |= ANSWERS[row["tipo"]](row) | {"p_motivo": REASON}
        assert arguments.keys() <= names[row["funcao"]].keys()
        deciders = row["quem_decide"].split(", ")
        assert "OPERADOR" not in deciders
        api.person(deciders[0]).rpc(row["funcao"], **arguments)
        left = {(r["tipo"], r["chave"]) for r in scene.pending()}
        assert (row["tipo"], row["chave"]) not in left
    assert scene.pending() == []


def grown_old(api: Api, scene: Troubled) -> None:
    """Let eleven minutes pass for what the scene's gateway sent."""
    api.sql("set session_replication_role = replica")
    older = "update arquivos_ingeridos set ingerido_em = ingerido_em - interval '11 minutes' where gateway = %s"
    api.sql(older, scene.gateway)
    api.sql("set session_replication_role = origin")
