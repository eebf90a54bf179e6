"""Real-looking production orders for the simulated plant's lines: numbers, lots, products, sizes as the plant has."""

from dataclasses import dataclass
from datetime import date

MONTHS = "ABCDEFGHIJLM"  # the plant's month letters: November is L, K is skipped


@dataclass(frozen=True, slots=True)
class Order:
    """A production order as TOTVS would announce it. All codes are strings; the planned quantity is in units."""

    numero_op: str
    numero_lote: str
    linha_id: str
    produto_codigo: str
    descricao: str
    quantidade_planejada: int

    def lote(self) -> dict[str, object]:
        """Its row of `lotes_producao`."""
        return {
            "numero_op": self.numero_op,
            "numero_lote": self.numero_lote,
            "linha_id": self.linha_id,
            "produto_codigo": self.produto_codigo,
            "quantidade_planejada": self.quantidade_planejada,
        }

    def produto(self) -> dict[str, object]:
        """Its product's row of `produtos`."""
        return {"produto_codigo": self.produto_codigo, "descricao": self.descricao, "unidade": "UN"}


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


def programme(day: date, *, first_op: int = 146_734) -> list[Order]:
    """The day's orders; line C has two, in the order they run."""
    letter = f"{day:%y}{MONTHS[day.month - 1]}"
    return [
        Order(f"{first_op + n:06}", f"{letter}{5480 + n}{line[-1]}", line, product, text, quantity)
        for n, (line, product, text, quantity) in enumerate(_PROGRAMME)
    ]
