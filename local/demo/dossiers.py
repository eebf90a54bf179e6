"""The dossiers of a demonstration's closed lots, for whoever wants to print one."""

from collections.abc import Iterable

from local.stack.cloud import ROOT
from operations.dossier.agreement import agreements
from operations.dossier.gathering import gather
from operations.dossier.rendering import Verdict, render

FOLDER = ROOT / ".local" / "dossies"


def dossiers(database_url: str, orders: Iterable[str], verdict: Verdict) -> tuple[int, list[str]]:
    """Write one page an order; how many, and what in them does not agree."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written, wrong = 0, []
    for order in sorted(set(orders)):
        lot = gather(database_url, order)
        wrong += [f"dossiê da OP {order}: {one.what}" for one in agreements(lot) if not one.agrees]
        (FOLDER / f"dossie-{order}.html").write_text(render(lot, verdict), encoding="utf-8")
        written += 1
    return written, wrong
