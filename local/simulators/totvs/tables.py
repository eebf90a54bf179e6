"""The tables of the simulated ERP: rows by their key, when each changed, what it said before."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

STAMP = "S_T_A_M_P_"
"""The column in which Protheus keeps when a row changed, in UTC."""
_ENTITIES = {"C2_NUM": "ordens", "B8_PRODUTO": "lotes", "B1_COD": "produtos"}
# One row of each kind is one thing, whatever else changes. The same number in another branch is another order.
_KEYS = (
    ("R_E_C_N_O_",),
    ("numero_op",),
    ("C2_NUM", "C2_ITEM", "C2_SEQUEN", "C2_FILIAL"),
    ("produto_codigo", "numero_lote", "linha_id", "vigente_desde"),
    ("B8_PRODUTO", "B8_LOTECTL"),
    ("B1_COD",),
    ("insumo_codigo",),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row since ``changed`` (seconds since the epoch), and the row that it replaced."""

    changed: float
    row: Row
    before: "Kept | None" = None


@dataclass
class Tables:
    """The tables. Whoever calls holds the lock of the simulator's state."""

    kept: dict[str, dict[str, Kept]] = field(default_factory=lambda: defaultdict(dict))
    columns: dict[str, Row] = field(default_factory=dict)
    """Entity → columns that each of its rows has, unless it says them itself: branch, order type."""
    stamped: bool = False
    """Whether a row says when it changed, in answers and in webhooks."""
    _latest: float = 0.0

    def store(self, entity: str, rows: list[Row]) -> None:
        """Keep rows, changed now; a row of the same key is replaced."""
        for row in rows:
            whole = {**self.columns.get(entity, {}), **row}
            key = _key(whole)
            # A stamp has milliseconds, and no two changes have the same.
            self._latest = max(time.time(), self._latest + 0.001)
            self.kept[entity][key] = Kept(self._latest, whole, self.kept[entity].get(key))

    def shown(self, entity: str, since: float, *, stale: bool) -> list[Row]:
        """The rows changed since an instant, in the order of their keys. ``stale``: as they were before their last
        change, as a copy of the database shows them that is behind."""
        found = [one for _, one in sorted(self.kept[entity].items()) if one.changed >= since]
        return [self._stamped((one.before or one) if stale else one) for one in found]

    def told(self, body: object) -> object:
        """A row as a webhook of the ERP brings it; what is no row of a table goes as it is."""
        entity = next((name for column, name in _ENTITIES.items() if isinstance(body, dict) and column in body), None)
        if entity is None or not isinstance(body, dict):
            return body
        whole = {**self.columns.get(entity, {}), **body}
        held = self.kept[entity].get(_key(whole))
        return self._stamped(Kept(held.changed if held else time.time(), whole))

    def clear(self) -> None:
        """Hold nothing, and nothing special."""
        self.kept.clear()
        self.columns, self.stamped = {}, False

    def _stamped(self, one: Kept) -> Row:
        if not self.stamped:
            return one.row
        return {**one.row, STAMP: f"{datetime.fromtimestamp(one.changed, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]}


def _key(row: Row) -> str:
    names = next(names for names in _KEYS if names[0] in row)
    return "/".join(str(row.get(name, "")) for name in names)
