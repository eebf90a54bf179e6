"""What an event is about, in the words of the database's `referencia`: also of a row that cannot be read whole.

Only the fields that name the subject count. A product's code is never shown as an order's. Standard library only.
"""

from collections.abc import Mapping

from sicfar.totvs.model import Kind

KEYS: dict[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("numero_op",),
    Kind.PRODUCT: ("produto_codigo",),
    Kind.MATERIAL: ("insumo_codigo",),
    Kind.LOT: ("produto_codigo", "numero_lote"),
    Kind.SPEED: ("linha_id", "produto_codigo", "vigente_desde"),
}
"""The fields that name what an event of a kind is about, in their order."""


def subject(kind: Kind, data: Mapping[str, object]) -> str | None:
    """Return the reference as far as its fields could be read; None if the first could not."""
    parts: list[str] = []
    for name in KEYS[kind]:
        value = data.get(name)
        if not isinstance(value, str):
            break
        parts.append(value)
    return "/".join(parts) or None
