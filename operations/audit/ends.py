"""Every order that counted is open, closed, waiting with its reason, or set aside by a person with a reason."""

from datetime import datetime

from operations.audit.differences import Difference, Tell, instant
from operations.audit.evidence import Evidence
from operations.audit.history import Periods
from operations.audit.rows.totals import OrderRow, OrderState
from operations.audit.sums import Expected


def ends(evidence: Evidence, periods: Periods, expected: Expected, since: datetime, tell: Tell) -> None:
    """Compare each order's state with what its facts say, and name the counted orders that nothing will end.

    An order that changed after ``since`` may wait for the next round of closings.
    """
    counted = {op for (op, _), total in expected.orders.items() if any(total.machine)}
    begun = periods.orders()
    open_ones = periods.open_orders()
    for row in evidence.stream(OrderRow, _ORDERS):
        state = _state(row, is_open=row.order in open_ones, begun=row.order in begun or row.order in counted)
        if row.state is not state:
            tell(
                Difference(
                    code="ESTADO", detail="status da OP", order=row.order, expected=state.value, found=row.state.value
                )
            )
        elif state is OrderState.TO_CLOSE and not row.waits and row.changed_at < since:
            tell(
                Difference(
                    code="ESTADO",
                    detail="a OP não fechou, não espera com um motivo nem foi posta de lado",
                    order=row.order,
                    at=instant(int(row.changed_at.timestamp())),
                )
            )


def _state(row: OrderRow, *, is_open: bool, begun: bool) -> OrderState:
    if row.closed:
        return OrderState.CLOSED
    if row.aside:
        return OrderState.SET_ASIDE
    if is_open:
        return OrderState.IN_PROGRESS
    return OrderState.TO_CLOSE if begun or row.typed else OrderState.PLANNED


_ORDERS = """
select l.numero_op, l.status, l.atualizado_em,
    exists (select from fechamentos_lote as f where f.numero_op = l.numero_op) as fechada,
    exists (select from fechamentos_pendentes as w where w.numero_op = l.numero_op and w.faltas <> '[]') as espera,
    coalesce((
        select d.decisao = 'POR_DE_LADO' and d.motivo <> ''
        from decisoes_ordem as d where d.numero_op = l.numero_op order by d.id desc limit 1
    ), false) as de_lado,
    exists (select from contagens_manuais_atuais as m where m.numero_op = l.numero_op and m.producao > 0)
    or exists (select from perdas_vigentes as v where v.numero_op = l.numero_op)
    or exists (select from contagens_intervalo as i where i.numero_op = l.numero_op) as digitada
from lotes_producao as l
"""
