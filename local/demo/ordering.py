"""How a demonstration's orders reach SicFar: from the simulated TOTVS, by webhook, and by pull what a webhook lost."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.demo.orders import Order
from local.processes import StackError
from local.stack.erp import Erp

if TYPE_CHECKING:
    from supabase import Client

PATIENCE_S = 20.0


@dataclass(slots=True)
class Ordering:
    """TOTVS announces orders; a signed-in operator waits for them on the screen."""

    totvs: Erp
    pull: Callable[[], dict[str, Any]]
    """Calls the function that pulls; returns its answer."""
    operator: "Client"
    say: Callable[[str], None]

    def announce(self, orders: list[Order]) -> None:
        """Bring all orders in. One webhook is lost, one arrives twice, one order comes before its product.

        Raises StackError if one does not become visible, or if the pull repairs anything but what was lost.
        """
        *told, lost = orders
        early = told[0]
        products = list({order.produto_codigo: order.protheus_product() for order in orders}.values())
        self.totvs.load(produtos=products, ordens=[order.protheus() for order in orders])
        begun = time.monotonic()
        self._send(early.protheus())
        self._send(*products)
        self._await({early.numero_op})
        self.say(
            f"OP {early.numero_op} criada no TOTVS antes do cadastro do produto: visível ao operador"
            f" {time.monotonic() - begun:.1f} s depois, assim que o produto chegou"
        )
        begun = time.monotonic()
        self._send(told[1].protheus())
        self._await({told[1].numero_op})
        self.say(f"OP {told[1].numero_op} criada no TOTVS: visível ao operador em {time.monotonic() - begun:.2f} s")
        self._send(*(order.protheus() for order in told[2:-1]), charset="cp1252")
        self._send(told[-1].protheus(), times=2)
        self._send(lost.protheus(), lost=True)
        self._await({order.numero_op for order in told})
        repaired = self._pull()
        if repaired != [lost.numero_op]:
            raise StackError(f"the pull repaired {repaired}, not only {lost.numero_op}, whose webhook was lost")
        self._await({lost.numero_op})
        self.say(f"aviso da OP {lost.numero_op} perdido: a consulta ao TOTVS a trouxe, e só ela")

    def _send(self, *rows: dict[str, Any], **how: object) -> None:
        refused = [sent for sent in self.totvs.emit(*rows, **how) if sent["status"] not in (200, None)]
        if refused:
            raise StackError(f"a webhook was refused: {refused[0]}")

    def _pull(self) -> list[str]:
        told = self.pull()
        if "entidades" not in told:
            raise StackError(f"the pull from TOTVS failed: {json.dumps(told)[:500]}")
        return [reference for entity in told["entidades"] for reference in entity["reparos"]]

    def _await(self, wanted: set[str]) -> None:
        """Wait until the operator's screen shows the orders."""
        deadline = time.monotonic() + PATIENCE_S
        missing = wanted
        while missing:
            if time.monotonic() > deadline:
                raise StackError(f"orders not visible after {PATIENCE_S:.0f} s: {', '.join(sorted(missing))}")
            rows: Any = self.operator.table("lotes_producao").select("numero_op").execute().data
            missing = wanted - {row["numero_op"] for row in rows}
            time.sleep(0.02)
