"""A form made of a function's arguments, and what comes back from it."""

import pytest

from painel.acts import Act, Argument, NotTypedError, packed, plain, unpacked

SPAN = {"p_linha_id": "L", "p_de": "2026-03-15T11:00:00+00:00", "p_ate": "2026-03-15T12:00:00.001+00:00"}
BYTES = {"p_id": 9, "p_assunto": "x"}


def argument(name: str, kind: str = "texto", **more: object) -> dict[str, object]:
    made = {"nome": name, "rotulo": name, "tipo": kind, "obrigatorio": True, "opcional": False, "pedir": True}
    return {**made, **more}


def act(*arguments: dict[str, object], **more: object) -> Act:
    made = {"funcao": "f", "titulo": "Fazer", "explicacao": "Faz.", "todos_setores": False, "tela": None}
    return Act.model_validate({**made, "em_lote": True, "confere": [], "argumentos": arguments, **more})


HELD = act(
    argument("p_id", "inteiro", pedir=False, de_detalhes="p_id", ate_visto=True, opcional=True),
    argument("p_assunto", pedir=False, de_detalhes="p_assunto", obrigatorio=False, opcional=True),
    argument("p_op", "op", obrigatorio=False, opcional=True),
    argument("p_motivo", "longo"),
)


def test_p10_a_matters_content_comes_from_the_database_not_the_form() -> None:
    forged = {"p_motivo": ["porque sim"], "p_id": ["1"], "p_assunto": ["outro"], "p_outro": ["1"]}
    assert HELD.call(BYTES, BYTES, forged) == {"p_id": 9, "p_assunto": "x", "p_motivo": "porque sim"}


def test_p10_no_more_is_decided_than_what_was_shown() -> None:
    why = {"p_motivo": ["porque sim"]}
    assert HELD.call({**BYTES, "p_id": 12}, BYTES, why)["p_id"] == 9
    assert HELD.call(BYTES, {**BYTES, "p_id": 12}, why)["p_id"] == 9
    span = act(*(argument(name, "instante", pedir=False, de_detalhes=name, ate_visto=name == "p_ate") for name in SPAN))
    later = {**SPAN, "p_ate": "2026-03-15T10:30:00-03:00"}
    assert span.call(later, SPAN, {})["p_ate"] == SPAN["p_ate"]


@pytest.mark.parametrize(
    "shown",
    [{}, {"p_id": 9}, {"p_id": "9'", "p_assunto": "x"}, {"p_id": None, "p_assunto": "x"}, {**BYTES, "p_assunto": "y"}],
)
def test_p10_a_matter_that_is_not_what_was_shown_is_not_decided(shown: dict[str, object]) -> None:
    with pytest.raises(NotTypedError, match="mudou"):
        HELD.call(BYTES, shown, {"p_motivo": ["porque sim"]})


def test_p10_figures_a_decision_rests_on_must_be_those_shown() -> None:
    adjusted = act(argument("p_motivo", "longo"), confere=["ajustes"])
    why = {"p_motivo": ["porque sim"]}
    assert adjusted.shown({"ajustes": [1], "outro": 2}) == {"ajustes": [1]}
    assert adjusted.call({"ajustes": [1]}, {"ajustes": [1]}, why) == {"p_motivo": "porque sim"}
    with pytest.raises(NotTypedError):
        adjusted.call({"ajustes": [1, 2]}, {"ajustes": [1]}, why)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("texto", "  a b ", "a b"),
        ("inteiro", "1.234", 1234),
        ("inteiro", "-7", -7),
        ("instante", "2026-03-15T08:00:00", "2026-03-15T08:00:00-03:00"),
        ("data", "2026-03-15", "2026-03-15"),
        ("hora", "06:00", "06:00:00"),
        ("sim_nao", "nao", False),
        ("sim_nao", "sim", True),
    ],
)
def test_p10_what_is_typed_becomes_a_value_of_its_type(kind: str, text: str, value: object) -> None:
    assert Argument.model_validate(argument("p", kind)).typed(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [("texto", "  "), ("inteiro", "dez"), ("instante", "ontem"), ("data", "32/1"), ("hora", "25:00")]
)
def test_p10_what_cannot_be_is_refused_with_the_fields_name(kind: str, text: str) -> None:
    with pytest.raises(NotTypedError, match="Hora certa"):
        Argument.model_validate(argument("p", kind, rotulo="Hora certa")).typed(text)


def test_p10_an_empty_field_is_left_out_null_or_what_empty_means() -> None:
    form = act(
        argument("p_a", obrigatorio=False, opcional=True), argument("p_b", obrigatorio=False),
        argument("p_c", obrigatorio=False, vazio=""),
    )  # fmt: skip
    assert form.call({}, {}, {"p_a": [""], "p_b": [" "]}) == {"p_b": None, "p_c": ""}


def test_p10_a_field_the_matter_answers_is_not_asked() -> None:
    form = act(argument("p_linha", de_detalhes="linha"), argument("p_motivo", "longo"))
    assert [one.name for one in form.asked()] == ["p_linha", "p_motivo"]
    assert [one.name for one in form.asked({"linha": "L"}, {"linha": "M"})] == ["p_motivo"]
    assert [one.name for one in form.asked({"linha": "L"}, {})] == ["p_linha", "p_motivo"]
    assert HELD.can_be_called(BYTES)
    assert not HELD.can_be_called({"p_assunto": "x"})


def test_p10_a_suggestion_is_in_the_plants_time() -> None:
    begun = Argument.model_validate(argument("p_de", "instante", sugestao="de"))
    assert begun.suggestion({"de": "2026-03-15T11:00:01.250+00:00"}) == "2026-03-15T08:00:01"
    assert begun.suggestion({}) == ""


def test_p9_what_a_form_brings_back_is_nothing_unless_it_is_what_was_sent() -> None:
    assert unpacked(packed(SPAN)) == SPAN
    for text in ("", "{", "[1]", "1", "null"):
        assert unpacked(text) == {}


def test_p10_functions_are_named_as_the_buttons_are() -> None:
    assert plain("Decida com f_x ou g_x.", {"f_x": "Contar"}) == "Decida com “Contar” ou g_x."
