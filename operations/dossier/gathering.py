"""A lot as the database knows it, in one read-only snapshot: a query per table of the dossier, never a page of it.

Names of people are those of today's directory; a signature carries the name it was made with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from operations.audit.evidence import connected, read_as
from operations.audit.rows import Row
from operations.dossier.rows import (
    ActRow,
    AdjustmentRow,
    CallRow,
    ChangeRow,
    ClosingRow,
    FileRow,
    HandRow,
    HeldRow,
    HourRow,
    LossRow,
    LotRow,
    PeriodRow,
    PieceRow,
    ReportRow,
    SheetRow,
    ShiftRow,
    SignatureRow,
    SourceRow,
    TakenRow,
)
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    import psycopg

R = TypeVar("R", bound=Row)


class UnknownOrderError(PermanentError):
    """No such order."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Everything of one order at one instant."""

    taken: TakenRow
    lot: LotRow
    periods: Sequence[PeriodRow]
    sources: Sequence[SourceRow]
    hours: Sequence[HourRow]
    shifts: Sequence[ShiftRow]
    """The amounts as they stand now."""
    closing: ClosingRow | None
    frozen: Sequence[ShiftRow]
    adjustments: Sequence[AdjustmentRow]
    losses: Sequence[LossRow]
    by_hand: Sequence[HandRow]
    held: Sequence[HeldRow]
    pieces: Sequence[PieceRow]
    signatures: Sequence[SignatureRow]
    sheets: Sequence[SheetRow]
    acts: Sequence[ActRow]
    changes: Sequence[ChangeRow]
    reports: Sequence[ReportRow]
    calls: Sequence[CallRow]
    files: Sequence[FileRow]


_TAKEN = "select now() as em, (select max(m) from jsonb_array_elements_text(migracoes_aplicadas()) as m) as migracao"

_LOT = """
select l.*, d.descricao as produto, coalesce(l.registro_anvisa, d.registro_anvisa) as registro_anvisa
from lotes_producao as l left join produtos as d on d.produto_codigo = l.produto_codigo
where l.numero_op = normalizar_op(%(op)s)
"""

_PERIODS = """
select p.linha_id, l.nome, l.etapa, lower(p.intervalo) as de, upper(p.intervalo) as ate, p.fator_producao,
    p.fator_rejeicao
from periodos_ordem as p inner join linhas as l on l.linha_id = p.linha_id
where p.numero_op = %(op)s order by p.linha_id, p.intervalo
"""

_SOURCES = """
select f.linha_id, f.fonte, f.papel, f.de, f.ate
from fontes_linha as f
where exists (
    select from periodos_ordem as p
    where p.numero_op = %(op)s and p.linha_id = f.linha_id and p.intervalo && tstzrange(f.de, f.ate)
)
order by f.linha_id, f.de, f.fonte
"""

# An hour of the plant's clock is one of UTC: the offset is whole hours. A count over time belongs to where it ends.
_HOURS = """
select h.linha_id, h.hora, j.producao, j.rejeicao, j.producao_maquina, j.rejeicao_maquina
from (
    select p.linha_id, g.hora
    from periodos_ordem as p
    cross join lateral generate_series(
        date_trunc('hour', lower(p.intervalo)),
        coalesce(upper(p.intervalo), now()) - interval '1 microsecond', interval '1 hour'
    ) as g (hora)
    where p.numero_op = %(op)s
    union
    select i.linha_id, date_trunc('hour', i.ate) from contagens_intervalo as i where i.numero_op = %(op)s
) as h
cross join lateral producao_janela(h.linha_id, tstzrange(h.hora, h.hora + interval '1 hour'), false) as j
where j.numero_op = %(op)s and (j.producao_maquina > 0 or j.rejeicao_maquina > 0)
order by h.linha_id, h.hora
"""

_SHIFTS = "select * from interno.totais_op(%(op)s) order by linha_id, inicio, tipo, codigo"

_CLOSING = """
select f.*, p.nome as por
from fechamentos_lote as f left join pessoas_vigentes as p on p.usuario_id = f.usuario_id
where f.numero_op = %(op)s
"""

_FROZEN = """
select t.*
from fechamento_totais as t inner join fechamentos_lote as f on f.id = t.fechamento_id
where f.numero_op = %(op)s order by t.linha_id, t.inicio, t.tipo, t.codigo
"""

_ADJUSTMENTS = """
select a.*, p.nome as por
from ajustes_fechamento as a
inner join fechamentos_lote as f on f.id = a.fechamento_id
left join pessoas_vigentes as p on p.usuario_id = a.decidido_por
where f.numero_op = %(op)s order by a.id
"""

_LOSSES = """
select v.linha_id, v.em, v.tipo, coalesce(v.codigo, '') as codigo, v.quantidade, q.observacao, p.nome as por
from perdas_vigentes as v
left join perdas_qualidade as q on q.id = v.id
left join pessoas_vigentes as p on p.usuario_id = q.usuario_id
where v.numero_op = %(op)s order by v.linha_id, v.em, v.id
"""

_BY_HAND = """
select m.linha_id, m.data, m.turno, m.producao, m.rejeicao, false as confere, a.id is not null as vale, m.motivo,
    p.nome as por, m.registrada_em
from contagens_manuais as m
left join contagens_manuais_atuais as a on a.id = m.id
left join pessoas_vigentes as p on p.usuario_id = m.usuario_id
where m.numero_op = %(op)s
union all
select c.linha_id, c.data, c.turno, c.produzidas, c.refugadas, true, false, c.motivo, p.nome, c.registrada_em
from conferencia_manual as c left join pessoas_vigentes as p on p.usuario_id = c.usuario_id
where c.numero_op = %(op)s
order by linha_id, data, turno, registrada_em
"""

_HELD = """
select i.*, a.chave, p.nome as por
from contagens_intervalo as i
inner join arquivos_ingeridos as a on a.id = i.arquivo_id
left join pessoas_vigentes as p on p.usuario_id = i.decidida_por
where i.numero_op = %(op)s or i.situacao not in ('ATRIBUIDA', 'CONFERENCIA') and exists (
    select from periodos_ordem as o
    where o.numero_op = %(op)s and o.linha_id = i.linha_id and o.intervalo && tstzrange(i.desde, i.ate, '[]')
)
order by i.linha_id, i.desde, i.id
"""

_PIECES = """
select q.*, p.nome as por
from quarentena as q left join pessoas_vigentes as p on p.usuario_id = q.resolvida_por
where exists (
    select from periodos_ordem as o
    where o.numero_op = %(op)s and o.linha_id = q.linha_id and o.intervalo && tstzrange(q.de, q.ate, '[]')
)
order by q.id
"""

_SIGNATURES = """
select d.id, d.linha_id, d.data, d.turno, d.nome, d.papel, d.significado, d.autenticado_em, d.assinado_em, d.substitui,
    d.motivo, d.sha256, verificar_assinatura(d.id) as vale,
    exists (select from fechamentos_lote as f where f.numero_op = %(op)s and d.id = any(f.assinaturas)) as do_fechamento
from interno.turnos_op(%(op)s) as t
inner join diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
order by d.linha_id, d.janela, d.id
"""

_SHEETS = """
select c.linha_id, c.data, c.turno, 'confirmou' as ato, c.equipe, c.observacao as texto, c.nome, c.papel, c.em
from interno.turnos_op(%(op)s) as t
inner join confirmacoes_turno as c on c.linha_id = t.linha_id and c.janela = t.janela
union all
select d.linha_id, d.data, d.turno, 'devolveu', '{}', d.motivo, d.nome, d.papel, d.em
from interno.turnos_op(%(op)s) as t
inner join devolucoes_diario as d on d.linha_id = t.linha_id and d.janela = t.janela
order by linha_id, data, turno, em
"""

# Of what belongs to the order, and what names it; also a decision on several matters, one of which is the order's.
_ACTS = """
with assuntos (objeto) as (
    select 'lotes_producao:' || %(op)s
    union all
    select 'fechamentos_lote:' || f.id from fechamentos_lote as f where f.numero_op = %(op)s
    union all
    select 'periodos_ordem:' || p.id from periodos_ordem as p where p.numero_op = %(op)s
    union all
    select 'envios_totvs:' || e.id from envios_totvs as e where e.numero_op = %(op)s
    union all
    select 'perdas_qualidade:' || q.id from perdas_qualidade as q where q.numero_op = %(op)s
    union all
    select 'contagens_intervalo:' || i.id from contagens_intervalo as i where i.numero_op = %(op)s
    union all
    select 'quarentena:' || q.id
    from quarentena as q
    inner join periodos_ordem as p on p.linha_id = q.linha_id and p.intervalo && tstzrange(q.de, q.ate, '[]')
    where p.numero_op = %(op)s
    union all
    select 'diarios_bordo:' || d.id
    from interno.turnos_op(%(op)s) as t
    inner join diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
)
select t.*, p.nome as por
from trilha_auditoria as t left join pessoas_vigentes as p on p.usuario_id = t.usuario_id
where t.objeto in (select a.objeto from assuntos as a)
    or %(op)s in (t.antes ->> 'numero_op', t.depois ->> 'numero_op')
    or jsonb_typeof(t.depois -> 'itens') = 'array' and exists (
        select from jsonb_array_elements_text(t.depois -> 'itens') as i
        where split_part(t.objeto, ':', 1) || ':' || i in (select a.objeto from assuntos as a)
    )
order by t.id
"""

_CHANGES = "select * from alteracoes_op where numero_op = %(op)s order by id"

_REPORTS = """
select e.*, p.nome as por
from envios_totvs as e left join pessoas_vigentes as p on p.usuario_id = e.decidido_por
where e.numero_op = %(op)s order by e.ordem
"""

_CALLS = """
select t.*
from tentativas_integracao as t inner join envios_totvs as e on e.id = t.envio_id
where e.numero_op = %(op)s order by t.id
"""

_FILES = """
select distinct on (p.linha_id, a.de, a.arquivo_id) p.linha_id, a.*
from periodos_ordem as p
cross join lateral arquivos_da_linha(
    p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity'), null
) as a
where p.numero_op = %(op)s order by p.linha_id, a.de, a.arquivo_id
"""


def gather(database_url: str, order: str) -> Lot:
    """All of an order. Raises UnknownOrderError or DatabaseUnreadableError."""
    with connected(database_url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        (taken,) = _all(connection, TakenRow, _TAKEN, order)
        found = _all(connection, LotRow, _LOT, order)
        if not found:
            raise UnknownOrderError(
                "order_unknown",
                f"a OP {order} não existe neste banco",
                where="DATABASE_URL",
                action="confira o número na tela Lotes",
            )
        known = found[0].order
        closings = _all(connection, ClosingRow, _CLOSING, known)
        return Lot(
            taken=taken,
            lot=found[0],
            periods=_all(connection, PeriodRow, _PERIODS, known),
            sources=_all(connection, SourceRow, _SOURCES, known),
            hours=_all(connection, HourRow, _HOURS, known),
            shifts=_all(connection, ShiftRow, _SHIFTS, known),
            closing=closings[0] if closings else None,
            frozen=_all(connection, ShiftRow, _FROZEN, known),
            adjustments=_all(connection, AdjustmentRow, _ADJUSTMENTS, known),
            losses=_all(connection, LossRow, _LOSSES, known),
            by_hand=_all(connection, HandRow, _BY_HAND, known),
            held=_all(connection, HeldRow, _HELD, known),
            pieces=_all(connection, PieceRow, _PIECES, known),
            signatures=_all(connection, SignatureRow, _SIGNATURES, known),
            sheets=_all(connection, SheetRow, _SHEETS, known),
            acts=_all(connection, ActRow, _ACTS, known),
            changes=_all(connection, ChangeRow, _CHANGES, known),
            reports=_all(connection, ReportRow, _REPORTS, known),
            calls=_all(connection, CallRow, _CALLS, known),
            files=_all(connection, FileRow, _FILES, known),
        )


def _all(connection: "psycopg.Connection[tuple[object, ...]]", kind: type[R], query: str, order: str) -> list[R]:
    from psycopg.rows import dict_row

    with connection.cursor(row_factory=dict_row) as cursor:
        return [read_as(kind, row) for row in cursor.execute(query.encode(), {"op": order})]
