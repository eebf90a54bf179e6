"""The invented month has the shape of the plant's."""

from collections import Counter

from local.simulators.month import month
from sicfar.totvs.events import NOT_MAPPED, Event, read_row
from sicfar.totvs.model import Kind


def test_the_month_has_the_plants_numbers_of_rows_orders_lots_and_families():
    rows = month(3).orders
    orders = {row["C2_NUM"]: row for row in rows}
    assert (len(rows), len(orders)) == (1171, 1134)
    lots = Counter(row["C2_YLOTE"] for row in orders.values())
    assert (len(lots), sum(1 for times in lots.values() if times == 2), max(lots.values())) == (1099, 35, 2)
    products = {}
    for row in orders.values():
        products.setdefault(row["C2_YLOTE"], set()).add(row["C2_PRODUTO"])
    assert sum(1 for codes in products.values() if len(codes) == 2) == 3
    families = Counter(row["C2_PRODUTO"][:4] for row in orders.values())
    assert families == {"0701": 703, "0703": 155, "0704": 99, "0706": 35, "0804": 58, "1203": 84}
    assert len(month(3).products) == 39


def test_every_row_of_the_month_is_an_event():
    made = month()
    for kind, rows in ((Kind.ORDER, made.orders), (Kind.PRODUCT, made.products + made.inputs)):
        assert all(isinstance(read_row(kind, row, NOT_MAPPED, 0), Event) for row in rows)
    volumes = {read_row(Kind.ORDER, row, NOT_MAPPED, 0).data["volume_ml"] for row in made.orders}
    assert {"2.5", "0.5", "0"} <= volumes
