"""How a demonstration's orders reach SicFar: from the simulated TOTVS, by webhook, and by pull what a webhook lost.

TOTVS holds more than the plant's orders, and may answer from a copy that is behind: neither may change a lot.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from local.demo.orders import COLUMNS, FORESEEN, OTHER_BRANCH, Order, elsewhere, foreseen
from local.processes import StackError
from local.stack.erp import Erp
from local.waiting import until

if TYPE_CHECKING:
    from supabase import Client


@dataclass(slots=True)
class Ordering:
    """TOTVS announces orders; a signed-in operator waits for them on the screen."""

    totvs: Erp
    pull: Callable[[], dict[str, Any]]
    """Calls the function that pulls; returns its answer."""
    operator: "Client"
    say: Callable[[str], None]
    _announced: dict[str, Order] = field(default_factory=dict)
    """The plant's orders as TOTVS holds them now, by number."""

    def announce(self, orders: list[Order]) -> None:
        """Bring all orders in. One webhook is lost, one arrives twice, one order comes before its product; another
        branch has an order of the same number, and one is only foreseen.

        Raises StackError if one does not become visible, if the pull repairs anything but what was lost, or if what is
        not ours changes anything.
        """
        *told, lost = orders
        early = told[0]
        self._announced = {order.numero_op: order for order in orders}
        others = [elsewhere(told[1]), foreseen(told[2])]
        products = list({order.produto_codigo: order.protheus_product() for order in orders}.values())
        self.totvs.control(columns=COLUMNS, stamps=True)
        self.totvs.load(produtos=products, ordens=[*(order.protheus() for order in orders), *others])
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
        self._send(*others)
        self._send(lost.protheus(), lost=True)
        self._await({order.numero_op for order in told})
        repaired = self._pull()
        if repaired != [lost.numero_op]:
            raise StackError(f"the pull repaired {repaired}, not only {lost.numero_op}, whose webhook was lost")
        self._await({lost.numero_op})
        self.say(f"aviso da OP {lost.numero_op} perdido: a consulta ao TOTVS a trouxe, e só ela")
        self._set_apart(told[1].numero_op)
        self._answer_late(told[2])

    def faults(self) -> Iterator[str]:
        """What of the lots is not as the plant's orders are in TOTVS, a sentence each."""
        found = {row["numero_op"]: (row["numero_lote"], row["quantidade_planejada"]) for row in self._rows()}
        wanted = {op: (one.numero_lote, one.quantidade_planejada) for op, one in self._announced.items()}
        for op in sorted(found.keys() | wanted.keys()):
            if found.get(op) != wanted.get(op):
                yield f"OP {op}: lote e quantidade no TOTVS {wanted.get(op)}, no SicFar {found.get(op)}"

    def _set_apart(self, op: str) -> None:
        """What is not ours is kept with its reason, and opens no lot."""

        def ignored() -> dict[str, str]:
            asked = self.operator.table("eventos_totvs").select("referencia, motivo").eq("situacao", "IGNORADO")
            rows: Any = asked.execute().data
            return {row["referencia"]: row["motivo"] for row in rows}

        until(lambda: len(ignored()) == 2, "two orders set apart", state=ignored)
        for (one, reason), what in zip(sorted(ignored().items()), (OTHER_BRANCH, FORESEEN), strict=True):
            if one not in (op, "146999") or what not in reason:
                raise StackError(f"OP {one} was set apart for another reason: {reason}")
            self.say(f"OP {one} recebida e posta à parte: {reason}")
        self._require_only_ours()

    def _require_only_ours(self) -> None:
        if wrong := list(self.faults()):
            raise StackError("; ".join(wrong))

    def _answer_late(self, order: Order) -> None:
        """An order changes; then the pull is answered by a copy of TOTVS's database that has not heard of it."""
        changed = replace(order, quantidade_planejada=order.quantidade_planejada + 1_000)
        self._announced[order.numero_op] = changed
        self.totvs.load(ordens=[changed.protheus()])
        self._send(changed.protheus())
        until(lambda: not list(self.faults()), f"order {order.numero_op} changed", state=lambda: list(self.faults()))
        self.totvs.faults({"kind": "stale_rows", "path": "/api/ordens-producao", "times": None})
        repaired = self._pull()
        self.totvs.faults()
        if repaired:
            raise StackError(f"an older answer changed {repaired}")
        self._require_only_ours()
        self.say(
            f"OP {order.numero_op} alterada para {changed.quantidade_planejada} un.; uma consulta respondida com o"
            " carimbo anterior não muda nada"
        )

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

        def visible() -> set[str]:
            return {row["numero_op"] for row in self._rows()}

        until(lambda: wanted <= visible(), f"orders visible: {', '.join(sorted(wanted))}", state=visible, pause_s=0.02)

    def _rows(self) -> list[dict[str, Any]]:
        rows: Any = self.operator.table("lotes_producao").select("*").execute().data
        return list(rows)
