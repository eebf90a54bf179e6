"""The pure parts of *Meu turno*: how far a line's sheet is, when it may be signed, what a signature then means."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from painel.screens.turno import MEANING, Line, Matter, Shift, State

END = datetime(2026, 3, 15, 21, 0, tzinfo=UTC)
LATE = Matter(codigo="FONTE_ATRASADA", detalhe="O gateway g reportou a linha A até 17:52.", acao="Confira.")


def matter(code: str) -> Matter:
    return Matter(codigo=code, detalhe=f"detalhe de {code}", acao="")


def line(**more: Any) -> Line:
    plain: dict[str, Any] = {
        "linha_id": "A", "linha": "Linha A", "conteudo_sha256": "0" * 64, "ordens": [],
        "sem_ordem": {"producao": 0, "rejeicao": 0}, "paradas": [],
        "confirmacao": None, "devolucoes": [], "motivos": [], "avisos": [], "assinatura": None,
    }  # fmt: skip
    return Line(**plain | more)


def signature(holds: bool) -> dict[str, Any]:
    return {"nome": "Maria", "vale": holds}


def shift(after_end: float = 60, **more: Any) -> Shift:
    """The shift seen so many seconds after its end; sources are waited for ten minutes."""
    plain: dict[str, Any] = {
        "setor": "SPEP", "data": date(2026, 3, 15), "turno": "D1", "turnos": ["D1", "D2"],
        "inicio": END - timedelta(hours=12), "fim": END, "agora": END + timedelta(seconds=after_end),
        "libera_em": END + timedelta(minutes=10), "pode": {}, "anterior": None, "seguinte": None,
    }  # fmt: skip
    return Shift(**plain | more)


@pytest.mark.parametrize(
    ("seen", "after_end", "expected"),
    [
        ({}, 0, State.READY),
        ({}, -1, State.RUNNING),
        ({"motivos": [matter("NADA_A_ASSINAR")]}, 60, State.IDLE),
        ({"motivos": [matter("NADA_A_ASSINAR"), matter("SEM_ORDEM")]}, 60, State.BLOCKED),
        ({"motivos": [matter("CONTAGEM_RETIDA")]}, 60, State.BLOCKED),
        ({"motivos": [matter("CONTAGEM_RETIDA"), matter("DIARIO_DEVOLVIDO")]}, -60, State.RETURNED),
        ({"avisos": [LATE]}, 599, State.WAITING),
        ({"avisos": [LATE]}, 600, State.READY),
        ({"avisos": [LATE], "motivos": [matter("ORDEM_ABERTA")]}, 60, State.BLOCKED),
        ({"assinatura": signature(True), "motivos": [matter("NADA_A_ASSINAR")]}, 60, State.SIGNED),
        ({"assinatura": signature(True)}, -60, State.SIGNED),
        ({"assinatura": signature(False)}, 60, State.READY),
        ({"assinatura": signature(False), "avisos": [LATE]}, 60, State.WAITING),
        ({"assinatura": signature(False), "motivos": [matter("NADA_A_ASSINAR")]}, 60, State.BLOCKED),
    ],
)
def test_p4_a_line_is_signed_only_when_nothing_speaks_against_it(
    seen: dict[str, Any], after_end: float, expected: State
) -> None:
    assert shift(after_end).state(line(**seen)) is expected


def test_p4_only_a_signature_that_no_longer_holds_has_changed() -> None:
    assert [line(assinatura=one).changed for one in (None, signature(True), signature(False))] == [False, False, True]


@pytest.mark.parametrize(
    ("after_end", "minutes"), [(0, 10), (1, 10), (60, 9), (541, 1), (599.5, 1), (600, 0), (900, 0)]
)
def test_the_countdown_counts_begun_minutes_and_ends_at_zero(after_end: float, minutes: int) -> None:
    assert shift(after_end).minutes_left == minutes


def test_p11_a_signature_names_silent_sources_and_missing_confirmations() -> None:
    confirmed = {"nome": "Ana", "em": END, "equipe": ["Ana"], "observacao": None, "mudou": False}
    assert shift().meaning(line(confirmacao=confirmed)) == MEANING
    assert shift().meaning(line()) == f"{MEANING} O operador não confirmou o turno."
    said = shift().meaning(line(confirmacao=confirmed, avisos=[LATE, matter("EPOCA_ABERTA")]))
    late = "Assinado sem esperar: O gateway g reportou a linha A até 17:52; O gateway foi trocado"
    assert said.startswith(f"{MEANING} {late}")
    assert len(shift().meaning(line(avisos=[LATE] * 30))) == 500


@pytest.mark.parametrize(
    ("hours", "late"),
    [(11.99, ""), (12, " Assinado com atraso, 12 h depois do fim do turno."), (50.5, " Assinado com atraso, 50 h")],
)
def test_p11_a_signature_a_shift_after_the_end_says_that_it_is_late(hours: float, late: str) -> None:
    confirmed = {"nome": "Ana", "em": END, "equipe": ["Ana"], "observacao": None, "mudou": False}
    said = shift(hours * 3_600).meaning(line(confirmacao=confirmed))
    assert said.startswith(MEANING + late)
    assert bool(late) == ("atraso" in said)


@pytest.mark.parametrize("code", ["CONTAGEM_RETIDA", "QUARENTENA", "EPOCA_ABERTA"])
def test_the_integrations_words_are_not_shown_in_the_plant(code: str) -> None:
    integration = ("época", "spool", "sequência", "marca", "retida", "quarentena")
    said = Matter(codigo=code, detalhe="A contagem retida 7 da época, em quarentena.", acao="").text
    assert not [word for word in integration if word in said.lower()]


def test_links_carry_sector_day_and_shift() -> None:
    seen = shift(anterior={"data": "2026-03-14", "turno": "N1"})
    assert seen.before
    assert seen.link(linha="SPEP-ENV-A") == "turno?setor=SPEP&data=2026-03-15&turno=D1&linha=SPEP-ENV-A"
    assert seen.link(**seen.before) == "turno?setor=SPEP&data=2026-03-14&turno=N1"
