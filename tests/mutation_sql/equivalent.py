"""Mutants that change nothing anybody can see, by key, each with the reason."""

EQUIVALENT: dict[str, str] = {
    "interno.duvidar | ⟦inner⟧ join public.periodos_ordem as p on p.numero_op = e.numero_op → left": (
        "an order that was never opened begins before no restoration, with a row of nulls as without one"
    ),
    "interno.atribuicao | where c.linha_id = p_linha_id and ⟦c.minuto in (date_trunc('minute', x.de), date_trunc('minute', x.ate))⟧ → true": (
        "the two minutes that a window cuts; of the others whole ones are left out below, and no second of the rest is in it"
    ),
    "interno.atribuicao | and ⟦i.ate >= p_de⟧ and i.desde < p_ate + interval '1 second' → true": (
        "spans beside the window are the same before a change and after it, and only the difference is used"
    ),
    "interno.atribuicao | and i.ate >= p_de and ⟦i.desde < p_ate + interval '1 second'⟧ → true": (
        "spans beside the window are the same before a change and after it, and only the difference is used"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.ate >= p_de and ⟦a.desde < p_ate + interval '1 second'⟧ → true": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.ate >= p_de and a.desde ⟦<⟧ p_ate + interval '1 second' → <=": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and a.minuto ⟦<⟧ p_ate → <=": (
        "what is beside the window is found as it is"
    ),
    "interno.apurar_ajustes | select ⟦max⟧(t.etapa) as etapa, t.linha_id, t.inicio, max(t.data) as data, max(t.turno) as turno, t.tipo, t.codigo, → min": (
        "a line has one stage"
    ),
    "interno.apurar_ajustes | select max(t.etapa) as etapa, t.linha_id, t.inicio, ⟦max⟧(t.data) as data, max(t.turno) as turno, t.tipo, t.codigo, → min": (
        "a shift begins on one day"
    ),
    "public.fechar_lotes | order by o.op⟦⟧ → desc (2)": "in which order closed orders are compared is seen nowhere",
    "interno.criar_parciais | and ⟦exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)⟧ → true": (
        "spares the sums of orders that made nothing, of which nothing is new"
    ),
    "interno.travar_linhas | perform from public.linhas where ⟦linha_id = any(p_linhas)⟧ order by linha_id for no key update; → true": (
        "all lines locked are slower, not wrong"
    ),
    "interno.travar_linhas | perform from public.linhas where linha_id = any(p_linhas) order by linha_id⟦⟧ for no key update; → desc": (
        "whoever locks several lines does it here: one order is as good as the other"
    ),
    "interno.atribuicao | and (u.producao ⟦>⟧ 0 or u.rejeicao > 0) → >=": "seconds of nothing add nothing",
}
