"""An act on an order beside what was said of it before it was done."""

from collections import Counter
from typing import Any

import psycopg

from local.stack.database import Database

EFFECTS = {"abrir_ordem": "efeito_abertura", "encerrar_ordem": "efeito_encerramento"}
"""Of each act, the function that says what it would do."""

Standing = Counter[tuple[str, str, str | None, str]]
"""How much stands where: line, situation, order, measure (``maquina`` or ``unidades``, with the counter)."""

COUNTERS = ("producao", "rejeicao")
_SIDE = ("{}_situacao", "{}_op", "producao_{}", "rejeicao_{}")


def standing(db: Database) -> Standing:
    """Where all counts of all lines are now."""
    found: Standing = Counter()
    for row in db.sql("select * from ordens_producao_ativas"):
        for counter in COUNTERS:
            place = (row["linha_id"], "ATRIBUIDA", row["numero_op"])
            found[*place, f"{counter}_maquina"] += row[f"{counter}_maquina"]
            found[*place, f"{counter}_unidades"] += row[f"{counter}_acumulada"]
    for row in db.sql("select * from conservacao_linhas"):
        for counter in COUNTERS:
            found[row["linha_id"], "SEM_ORDEM", None, f"{counter}_maquina"] += row[f"sem_ordem_{counter}"]
            found[row["linha_id"], "RETIDA", None, f"{counter}_maquina"] += row[f"retido_{counter}"]
    return found


def moved(effect: dict[str, Any]) -> Standing:
    """What an effect says that will be more, or less, in each place."""
    found: Standing = Counter()
    for one in effect["movimentos"]:
        for side, sign in (("de", -1), ("para", 1)):
            place = (effect["linha_id"], one[f"{side}_situacao"], one[f"{side}_op"])
            for counter in COUNTERS:
                found[*place, f"{counter}_maquina"] += sign * one[f"{counter}_maquina"]
                found[*place, f"{counter}_unidades"] += sign * (one[f"{counter}_{side}"] or 0)
    return found


def difference(after: Standing, before: Standing) -> dict[tuple[str, str, str | None, str], int]:
    """What changed; places where nothing did are left out."""
    return {place: after[place] - before[place] for place in {*after, *before} if after[place] != before[place]}


def foretold(db: Database, user: str, act: str, why: str | None = "roteiro", **arguments: Any) -> dict[str, Any]:
    """Ask what an act would do, do it as the one that was shown, and compare. Returns the effect.

    Raises psycopg.Error if the act is refused: by the code that its effect names.
    """
    effect = db.call(user, EFFECTS[act], **arguments)
    before = standing(db)
    refusal: psycopg.Error | None = None
    try:
        period = db.call(user, act, **arguments, p_motivo=why, p_visto=effect.get("visto"))
    except psycopg.Error as error:
        refusal = error
    foreseen = effect["recusa"]["codigo"] if effect["recusa"] else None
    assert foreseen == (refusal.diag.message_primary if refusal else None)
    if refusal:
        raise refusal
    assert difference(standing(db), before) == difference(moved(effect), Counter())
    assert all(_goes_somewhere(one) for one in effect["movimentos"]), effect["movimentos"]
    assert (effect["depois"] is None) == ("anulado" in period)
    if effect["depois"] is not None:
        said = {name: value for name, value in effect["depois"].items() if name != "id"}
        assert said == {name: period[name] for name in said}
    return effect


def _goes_somewhere(one: dict[str, Any]) -> bool:
    """Whether a move has counts, and another order, situation or number of units on its other side."""
    sides = ([one[name.format(side)] for name in _SIDE] for side in ("de", "para"))
    return next(sides) != next(sides) and one["producao_maquina"] + one["rejeicao_maquina"] > 0
