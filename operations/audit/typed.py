"""What people typed of closed orders, held against what was frozen: refused units where the line's rule takes theirs,
and samples. With the machines' units (`checks`) they give the good ones.

The machine's refused units come from the seconds that the same audit holds against the objects, and what was typed from
rows that are sealed. Shifts are those of the signed Diários.
"""

from collections import Counter

from pydantic import Field

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence
from operations.audit.rows import Row
from operations.audit.rows.totals import Frozen

# Closed orders that are neither open again nor changed a moment ago: the next round proposes what differs there.
_CLOSED = """
fechadas as (
    select f.id, f.numero_op from public.fechamentos_lote as f
    where not exists (select from public.apuracoes_pendentes as a where a.numero_op = f.numero_op)
      and not exists (
          select from public.periodos_ordem as p where p.numero_op = f.numero_op and upper_inf(p.intervalo)
      )
)
"""
_SAMPLES = """
with {closed}
select f.numero_op, v.linha_id, v.tipo, sum(v.quantidade)::bigint as quantidade
from fechadas as f inner join public.perdas_vigentes as v on v.numero_op = f.numero_op
where v.tipo <> 'REFUGO'
group by 1, 2, 3
""".replace("{closed}", _CLOSED)
_FROZEN = """
with {closed}
select f.numero_op, x.linha_id, x.tipo, sum(x.quantidade)::bigint as quantidade
from fechadas as f
cross join lateral (
    select t.linha_id, t.tipo, t.quantidade from public.fechamento_totais as t where t.fechamento_id = f.id
    union all
    select a.linha_id, a.tipo, a.diferenca from public.ajustes_fechamento as a
    where a.fechamento_id = f.id and a.situacao <> 'SUPERADO'
) as x
where x.tipo <> 'PRODUZIDA'
group by 1, 2, 3
""".replace("{closed}", _CLOSED)
_SHIFTS = """
with {closed},
digitadas as (
    select f.numero_op, l.linha_id, l.regra_refugo
    from fechadas as f
    cross join public.linhas as l
    where (l.regra_refugo <> 'MAQUINA' or exists (
        select from public.conciliacoes_refugo as c where c.numero_op = f.numero_op and c.linha_id = l.linha_id
    )) and (
        exists (select from public.periodos_ordem as p where p.numero_op = f.numero_op and p.linha_id = l.linha_id)
        or exists (select from public.perdas_vigentes as v where v.numero_op = f.numero_op and v.linha_id = l.linha_id)
        or exists (
            select from public.contagens_manuais as m where m.numero_op = f.numero_op and m.linha_id = l.linha_id
        )
    )
),
turnos as (
    select d.numero_op, d.linha_id, d.regra_refugo, s.janela
    from digitadas as d
    inner join (select distinct b.linha_id, b.janela from public.diarios_bordo as b) as s on s.linha_id = d.linha_id
),
numeros as (
    select t.numero_op, t.linha_id, t.regra_refugo, t.janela, coalesce((
        select sum(v.rejeicao * p.fator_rejeicao)
        from public.periodos_ordem as p
        inner join public.contagens_minuto as c
            on c.linha_id = p.linha_id and c.minuto >= date_trunc('minute', lower(p.intervalo * t.janela))
            and c.minuto < upper(p.intervalo * t.janela)
        cross join lateral unnest(c.rejeicao) with ordinality as v (rejeicao, i)
        where p.numero_op = t.numero_op and p.linha_id = t.linha_id and p.intervalo && t.janela
          and c.minuto + (v.i - 1) * interval '1 second' <@ (p.intervalo * t.janela)
    ), 0) + coalesce((
        select sum(i.rejeicao * i.fator_rejeicao) from public.contagens_intervalo as i
        where i.numero_op = t.numero_op and i.linha_id = t.linha_id and i.ate <@ t.janela
    ), 0) + coalesce((
        select sum(m.rejeicao) from public.contagens_manuais as m
        where m.numero_op = t.numero_op and m.linha_id = t.linha_id and m.janela && t.janela and not exists (
            select from public.contagens_manuais as n
            where n.numero_op = m.numero_op and n.linha_id = m.linha_id and n.janela = m.janela and n.id > m.id
        )
    ), 0) as maquina, coalesce((
        select sum(v.quantidade) from public.perdas_vigentes as v
        where v.numero_op = t.numero_op and v.linha_id = t.linha_id and v.tipo = 'REFUGO' and v.em <@ t.janela
    ), 0) as digitado
    from turnos as t
)
select n.numero_op, n.linha_id, n.regra_refugo, n.maquina::bigint, n.digitado::bigint, (
    select c.vale from public.conciliacoes_refugo as c
    where c.numero_op = n.numero_op and c.linha_id = n.linha_id and c.janela = n.janela
      and c.maquina = n.maquina and c.digitado = n.digitado
    order by c.id desc limit 1
) as vale
from numeros as n
""".replace("{closed}", _CLOSED)


class _AmountRow(Row, frozen=True):
    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")
    kind: Frozen = Field(alias="tipo")
    amount: int = Field(alias="quantidade")


class _ShiftRow(Row, frozen=True):
    """Both figures of an order's shift on a line. ``stands``: which of them somebody said holds, of these two."""

    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")
    rule: str = Field(alias="regra_refugo")
    machine: int = Field(alias="maquina")
    typed: int = Field(alias="digitado")
    stands: str | None = Field(alias="vale")

    @property
    def refused(self) -> int:
        """The units refused: the typed ones by the line's rule or by what somebody said, else the machine's."""
        return self.typed if "DIGITADO" in (self.rule, self.stands) else self.machine


def typed(evidence: Evidence, tell: Tell) -> None:
    """Tell each closed order, line and kind whose frozen units are not what was typed."""
    wanted: Counter[tuple[str, str, Frozen]] = Counter()
    judged: set[tuple[str, str]] = set()
    for shift in evidence.stream(_ShiftRow, _SHIFTS):
        judged.add((shift.order, shift.line))
        wanted[shift.order, shift.line, Frozen.REFUSED] += shift.refused
    for sample in evidence.stream(_AmountRow, _SAMPLES):
        wanted[sample.order, sample.line, sample.kind] += sample.amount
    found: Counter[tuple[str, str, Frozen]] = Counter()
    for frozen in evidence.stream(_AmountRow, _FROZEN):
        # Refused units that the machine alone counts are held against the objects (`checks`).
        if frozen.kind is not Frozen.REFUSED or (frozen.order, frozen.line) in judged:
            found[frozen.order, frozen.line, frozen.kind] += frozen.amount
    for order, line, kind in sorted(wanted.keys() | found.keys()):
        have, want = found[order, line, kind], wanted[order, line, kind]
        if have != want:
            tell(
                Difference(
                    code="FECHAMENTO",
                    detail=f"{kind.lower()}: congelado com os ajustes não é o que se digitou",
                    line=line,
                    order=order,
                    expected=str(want),
                    found=str(have),
                )
            )
