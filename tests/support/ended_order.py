"""One order that ran and ended: where stories about closing begin."""

from local.stack.database import Database, batch
from tests.support.plant_time import at

LINE = "SPEP-ENV-A"
OP = "000123"
DAY = "2026-03-15"


def one_order_ended(db: Database) -> None:
    """On line A, 8 units a cycle, counted by planta-1: from 08:00 to 10:00, 15 cycles, 3 rejects, not yet signed."""
    db.gateway("planta-1", LINE)
    db.lot(OP)
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.manager = db.person("GESTOR")
    db.open(db.boss, OP, LINE, at("08:00"))
    db.record(batch(1, {LINE: {at("08:30"): (10, 1), at("09:59"): (5, 2)}}))
    db.shut(db.boss, OP, LINE, at("10:00"))


def signed_and_closed(db: Database) -> None:
    """What is needed for that order to close, and a round of closings."""
    db.mark(LINE, at("10:00"))
    db.sign(db.boss, LINE, DAY, "D1")
    db.close_lots()
