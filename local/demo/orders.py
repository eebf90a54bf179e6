"""Real-looking production orders for the simulated plant's lines: numbers, lots, products, sizes as the plant has."""

from dataclasses import dataclass
from datetime import date

MONTHS = "ABCDEFGHIJLM"  # the plant's month letters: November is L, K is skipped
BRANCH, OTHER_BRANCH = "0101", "0102"
FIRM, FORESEEN = "F", "P"
COLUMNS = {"ordens": {"C2_FILIAL": BRANCH, "C2_TPOP": FIRM}}
"""What every order of the plant says in the ERP's table."""
COUNTING = {"mapping": {"filiais": [BRANCH], "tiposOrdem": [FIRM]}}
"""The configuration's word for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """A production order as TOTVS would announce it. All codes are strings; the planned quantity is in units."""

    numero_op: str
    numero_lote: str
    linha_id: str
    produto_codigo: str
    descricao: str
    quantidade_planejada: int

    def protheus(self) -> dict[str, object]:
        """Its row as Protheus sends it: padded columns, the number without quotes."""
        return {
            "C2_NUM": int(self.numero_op),
            "C2_PRODUTO": f"{self.produto_codigo:<15}",
            "B1_DESC": f"{self.descricao:<60}",
            "C2_QUANT": self.quantidade_planejada,
            "C2_YLOTE": f"{self.numero_lote:<10}",
        }

    def protheus_product(self) -> dict[str, object]:
        """Its product's row as Protheus sends it."""
        return {"B1_COD": f"{self.produto_codigo:<15}", "B1_DESC": self.descricao, "B1_UM": "UN", "B1_TIPO": "PA"}


# Line, product, description, planned units.
_PROGRAMME = (
    ("SPEP-ENV-A", "07010012", "SOL. CLORETO DE SODIO 0,9% 100ML - SF", 37_254),
    ("SPEP-ENV-B", "07010013", "SOL. CLORETO DE SODIO 0,9% 250ML - SF", 7_450),
    ("SPEP-ENV-C", "07010027", "SOL. CLORETO DE SODIO 0,9% DE 10ML - SF", 95_238),
    ("SPEP-ENV-C", "07010026", "AGUA PARA INJECAO DE 10ML - SF", 95_238),
    ("SPEP-ENV-D", "07010028", "SOL. GLICOSE 25% DE 10ML - SF", 95_238),
    ("SPEP-ENV-E", "07010006", "SOL. GLICOSE 5% 500ML - SF", 8_627),
    ("SPEP-ENV-F", "07010049", "SOL. CLORETO DE SODIO 0,9% 1000ML - SF", 14_379),
    ("SPEP-ENV-G", "07010029", "SOL. GLICOSE 50% DE 10ML - SF", 95_238),
    ("SPEP-ENV-H", "07010012", "SOL. CLORETO DE SODIO 0,9% 100ML - SF", 196_078),
    ("SPEP-ENV-I", "07010026", "AGUA PARA INJECAO DE 10ML - SF", 190_476),
    ("SPEP-EMB-EST02", "07010012", "SOL. CLORETO DE SODIO 0,9% 100ML - SF", 37_254),
)


def elsewhere(ours: Order) -> dict[str, object]:
    """An order of another branch with the number of one of ours; another lot."""
    return ours.protheus() | {"C2_FILIAL": OTHER_BRANCH, "C2_YLOTE": "OUTRAFILIA", "C2_QUANT": 1}


def foreseen(ours: Order) -> dict[str, object]:
    """An order that the ERP's planning foresees (MRP); nobody has released it."""
    return ours.protheus() | {"C2_NUM": 146_999, "C2_TPOP": FORESEEN, "C2_YLOTE": "PREVISTA"}


def programme(day: date, *, first_op: int = 146_734) -> list[Order]:
    """The day's orders; line C has two, in the order they run."""
    letter = f"{day:%y}{MONTHS[day.month - 1]}"
    return [
        Order(f"{first_op + n:06}", f"{letter}{5480 + n}{line[-1]}", line, product, text, quantity)
        for n, (line, product, text, quantity) in enumerate(_PROGRAMME)
    ]
