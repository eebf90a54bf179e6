"""A month of production orders shaped like the plant's, as Protheus's services give them: invented, but for the shape.

1,171 rows of 1,134 orders, because a join repeats 37 of them with another description; 1,099 lots, because 35 have two
orders; six product families, of which two open no lot here; volumes with a decimal comma; blanks, nulls and an en dash.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FIRST_OP = 145_343
# Family → orders in the month, products, planned quantities.
_SPEP, _CPHD, _SPPV, _ORAL, _PREPARED, _DRUM = "0701", "0703", "0704", "0706", "0804", "1203"
_SHAPE = {
    _SPEP: (703, 20, (7_450, 37_254, 95_238, 196_078, 190_476, 8_627)),
    _CPHD: (155, 5, (2_400,)),
    _SPPV: (99, 8, (220_150, 62_356, 223_550)),
    _ORAL: (35, 3, (19_851, 16_543)),
    _PREPARED: (58, 2, (360, 500)),
    _DRUM: (84, 1, (4_578,)),
}
TWICE = 37
SHARED_LOTS = 35
SHARED_WITH_OTHER_PRODUCT = 3
WITHOUT_LOT = (_PREPARED, _DRUM)


@dataclass(frozen=True, slots=True)
class Month:
    """Order rows in the order they were made, each with a `versao`; the products they name, and some inputs."""

    orders: list[dict[str, Any]]
    products: list[dict[str, Any]]
    inputs: list[dict[str, Any]]


def month(seed: int = 0) -> Month:
    """The month of a seed; the same seed gives the same month."""
    rng = random.Random(seed)
    products = {family: [f"{family}{n + 1:04}" for n in range(count)] for family, (_, count, _) in _SHAPE.items()}
    families = [family for family, (orders, _, _) in _SHAPE.items() for _ in range(orders)]
    rng.shuffle(families)
    rows = [_row(rng, n, family, products[family]) for n, family in enumerate(families)]
    _share_lots(rng, [row for row in rows if row["C2_PRODUTO"].startswith(_SPEP)], products[_SPEP])
    twice = rng.sample([row for row in rows if not row["C2_PRODUTO"].startswith(WITHOUT_LOT)], TWICE)
    rows += [{**row, "B1_DESC": f"{row['B1_DESC']} – NOVA APRESENTAÇÃO"} for row in twice]
    for n, row in enumerate(rows):
        row["R_E_C_N_O_"] = n + 1
        row["versao"] = n + 1
    return Month(rows, list(_products(rng, products)), list(_inputs()))


def _row(rng: random.Random, n: int, family: str, codes: list[str]) -> dict[str, Any]:
    code = rng.choice(codes)
    lot, dossier = _lot(family, n, rng)
    volume: object = rng.choice([10, 100, 250, 500, "2,5", "0,5"]) if family not in WITHOUT_LOT else 0
    return {
        "C2_EMISSAO": f"{1 + n * 31 // 1134:02}/10/2025",
        "C2_NUM": FIRST_OP + n,
        "C2_PRODUTO": code,
        "B1_DESC": f"SOL. PRODUTO {code} Nº {n % 7}".ljust(60),
        "C2_QUANT": rng.choice(_SHAPE[family][2]),
        "B1_YQTML": volume,
        "B1_YCONC": 0,
        "C2_YDOSSIE": dossier,
        "C2_YLOTE": lot,
        "B1_YREGANS": rng.choice(["1108500010037", None, "DISPENSADO"]),
        "B1_CODBAR": None,
    }


def _lot(family: str, n: int, rng: random.Random) -> tuple[str, str]:
    """A lot and its dossier in the grammar of the family; `n` makes them unique."""
    if family == _SPEP:
        letter = rng.choice("ABCDEFGHI")
        return f"25J{5000 + n}{letter}", f"{5000 + n}{letter}/25"
    if family == _DRUM:
        return f"25J{n:04}-R", f"25J{n:04}-R"
    if family == _PREPARED:
        return f"DP25J{n:03}/1", f"{n}/2025"
    prefix = {_CPHD: "FB", _SPPV: "DP", _ORAL: "DB"}[family]
    return f"{prefix}25J{n:03}", f"{n}/2025"


def _share_lots(rng: random.Random, rows: list[dict[str, Any]], codes: list[str]) -> None:
    """Some lots are issued again under a second order, a few of them with another product and quantity."""
    chosen = rng.sample(rows, 2 * SHARED_LOTS)
    for n, (first, second) in enumerate(zip(chosen[:SHARED_LOTS], chosen[SHARED_LOTS:], strict=True)):
        second.update({name: first[name] for name in ("C2_YLOTE", "C2_YDOSSIE", "C2_PRODUTO", "C2_QUANT", "B1_DESC")})
        if n < SHARED_WITH_OTHER_PRODUCT:
            second["C2_PRODUTO"] = next(code for code in codes if code != first["C2_PRODUTO"])
            second["C2_QUANT"] = first["C2_QUANT"] + 1


def _products(rng: random.Random, products: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    for code in (code for codes in products.values() for code in codes):
        kind = "PI" if code.startswith(_PREPARED) else "PA"
        blocked = rng.choice(["1", "2", "2", ""])
        text = f"PRODUTO {code}".ljust(60)
        yield {"B1_COD": code.ljust(15), "B1_DESC": text, "B1_UM": "UN", "B1_TIPO": kind, "B1_MSBLQL": blocked}


def _inputs() -> Iterator[dict[str, Any]]:
    yield {"B1_COD": "01010001", "B1_DESC": "POLIETILENO BAIXA DENSIDADE", "B1_UM": "KG", "B1_TIPO": "MP"}
    yield {"B1_COD": "02010001", "B1_DESC": "CAIXA DE EMBARQUE 48 UN", "B1_UM": "UN", "B1_TIPO": "EM"}
