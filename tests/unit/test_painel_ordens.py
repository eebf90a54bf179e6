"""What the screen of orders says of an effect."""

import html
import re
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from painel import session, supabase
from painel.screens import ordens
from painel.supabase import Tokens


def move(source: str | None, target: str | None, **more: Any) -> dict[str, Any]:
    """An order's number, or a situation without order."""

    def place(side: str, what: str | None) -> dict[str, str | None]:
        order = what if what and what.isdigit() else None
        return {f"{side}_op": order, f"{side}_situacao": "ATRIBUIDA" if order else what}

    counts = {"producao_maquina": 5, "rejeicao_maquina": 0}
    units = dict.fromkeys(("producao_de", "rejeicao_de", "producao_para", "rejeicao_para"))
    return place("de", source) | place("para", target) | counts | units | more


HOSTILE = "<script>alert(1)</script>"
PERIOD = {"numero_op": "000123", "aberta_em": "2026-03-15T11:00:00+00:00", "encerrada_em": None}
LOT = {"numero_lote": HOSTILE, "produto": HOSTILE}
EFFECT: dict[str, Any] = {
    "ato": "abrir_ordem", "linha_id": "SPEP-ENV-A", "linha": {"nome": "Linha A", "setor": "SPEP"}, "lote": LOT,
    "avisos": [], "recusa": None, "instante": None, "nada_muda": False, "exige_motivo": True, "visto": "1.a",
    "antes": None, "depois": PERIOD, "movimentos": [],
}  # fmt: skip


def visitor() -> session.Visitor:
    """An operator at a desk."""
    end = 9_999_999_999
    tokens = Tokens(access_token="a", refresh_token="b", expires_at=end)
    grants = [session.Grant.model_validate({"papel": "OPERADOR", "setor": "SPEP"})]
    person = session.Session(
        tokens=tokens, user="u", login="ana", signed_in_as="", name="Ana", grants=grants, until=end, shift_end=end
    )
    return session.Visitor(posto=None, pessoa=person, secret="s", polling=False)


def shown(monkeypatch: pytest.MonkeyPatch, query: dict[str, str], **answers: Any) -> str:
    """The page of a link, with what the database answers to each function."""
    monkeypatch.setattr(supabase, "rpc", lambda _tokens, function, **_arguments: answers[function])
    event = {"httpMethod": "GET", "path": "/painel/ordens", "queryStringParameters": query, "headers": {}}
    app = APIGatewayRestResolver()
    app.append_context(visitor=visitor())
    app.include_router(ordens.router)
    answer = app.resolve(event, LambdaContext())
    assert answer["statusCode"] == 200
    assert HOSTILE not in answer["body"]
    return html.unescape(re.sub(r"<[^>]+>", "", answer["body"]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"depois": PERIOD}, "A OP fica aberta desde 15/03/2026 08:00"),
        ({"depois": PERIOD | {"encerrada_em": "2026-03-15T12:00:00+00:00"}}, "até 15/03/2026 09:00"),
        ({"antes": PERIOD | {"aberta_em": "2026-03-15T13:00:00+00:00"}, "depois": PERIOD}, "passa de 15/03/2026 10:00"),
        ({"antes": PERIOD, "depois": None}, "A abertura de 15/03/2026 08:00 é anulada"),
        ({"nada_muda": True, "antes": PERIOD, "depois": PERIOD}, "Nada muda: já está assim"),
        ({"recusa": {"codigo": "X", "detalhe": HOSTILE, "acao": "Outra."}}, f"{HOSTILE} Outra."),
    ],
)
def test_p10_the_page_says_what_becomes_of_the_period(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str
) -> None:
    query = {"linha": "SPEP-ENV-A", "op": "000123", "ato": "abrir", "quando": "2026-03-15T08:00"}
    assert said in shown(monkeypatch, query, efeito_abertura=EFFECT | changes)


def test_p10_a_line_that_runs_an_order_offers_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = PERIOD | LOT | {"producao": 4320, "rejeicao": 270}
    without = {"desde": "2026-03-15T12:00:00+00:00", "producao": 5, "rejeicao": 0}
    line = {"linha_id": "SPEP-ENV-A", "nome": "Linha A", "antes": None, "sem_op": without, "periodos": [listed]}
    page = shown(monkeypatch, {"linha": "SPEP-ENV-A"}, ordens_da_linha=line)
    assert "Encerrar agora" in page
    assert "Outra OP" not in page
    line["periodos"] = [listed | {"encerrada_em": "2026-03-15T12:00:00+00:00"}]
    proposal = LOT | {"numero_op": "000124", "quantidade_planejada": 1000, "unidade": "UN", "razoes": ["LETRA_DO_LOTE"]}
    proposal |= {"motivos": [], "avisos": []}
    page = shown(monkeypatch, {"linha": "SPEP-ENV-A"}, ordens_da_linha=line, ordens_propostas=[proposal])
    assert "Abrir agora" in page
    assert "Abrir desde 15/03 09:00" in page
    assert "a letra do lote é desta linha" in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            move("SEM_ORDEM", "000123", producao_para=4320, rejeicao_para=270),
            "4.320 unidades e 270 de refugo passam de sem OP para a OP 000123",
        ),
        (move("000123", "SEM_ORDEM", producao_de=1, rejeicao_de=0), "1 unidade passa da OP 000123 para sem OP"),
        (
            move("000123", "RETIDA", producao_de=40, rejeicao_de=0),
            "40 unidades passam da OP 000123 para as contagens duvidosas",
        ),
        (move("RETIDA", "SEM_ORDEM"), "5 contagens passam das contagens duvidosas para sem OP"),
        (
            move("RETIDA", "SEM_ORDEM", producao_maquina=1, rejeicao_maquina=2),
            "1 contagem e 2 de refugo passam das contagens duvidosas para sem OP",
        ),
        (
            move("000123", "000123", producao_de=40, rejeicao_de=0, producao_para=25, rejeicao_para=0),
            "25 unidades da OP 000123, por outro fator: eram 40",
        ),
    ],
)
def test_p10_a_move_is_said_in_units_where_an_order_has_them(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], sentence: str
) -> None:
    effect = EFFECT | {"movimentos": [said]}
    page = shown(monkeypatch, {"linha": "SPEP-ENV-A", "op": "000123", "ato": "abrir"}, efeito_abertura=effect)
    assert f"{sentence}." in re.sub(r"\s+", " ", page)
