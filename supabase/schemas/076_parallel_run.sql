-- Parallel run: before the orders of a line are reported to TOTVS, the line runs beside its hand counts.
--
-- A line without a row that holds now is in parallel run. Its orders are counted, signed and closed as all others, but
-- nothing of them goes to TOTVS: the plant reports them by hand, and a second report would double the stock. Who
-- reports an order follows from the instants at which it was first opened on its lines, so that switching a line on or
-- off in the middle of an order never splits it.

create table public.apontamentos_linha (
    linha_id text not null references public.linhas,
    de timestamptz not null,
    ate timestamptz,
    primary key (linha_id, de),
    check (de >= '2000-01-01 00:00+00' and (ate is null or ate > de and isfinite(ate))),
    exclude using gist (linha_id with =, tstzrange(de, ate) with &&)
);
comment on table public.apontamentos_linha is
'Quando a produção da linha é informada ao TOTVS: as OPs nela abertas em [de, ate). Fora disso a linha está em conferência. Fonte: TI e Qualidade.';
comment on column public.apontamentos_linha.de is 'Desde quando (UTC); o começo de 2000 = desde sempre. Fonte: aprovar_apontamento_ti e aprovar_apontamento_qualidade.';
comment on column public.apontamentos_linha.ate is 'Até quando, exclusive (UTC); nulo = sem fim. Fonte: suspender_apontamento.';
alter table public.apontamentos_linha enable row level security;
revoke all on public.apontamentos_linha from public, anon, authenticated, service_role;
grant select on public.apontamentos_linha to authenticated, service_role;
create policy leitura on public.apontamentos_linha for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.apontamentos_linha
for each row execute function interno.auditar_cadastro('linha_id');

-- The first of the two approvals; it goes when the second one comes, or is withdrawn. The trail keeps it.
create table public.aprovacoes_apontamento (
    linha_id text primary key references public.linhas,
    desde timestamptz,
    falta text not null check (falta in ('aprovar_apontamento_ti', 'aprovar_apontamento_qualidade')),
    descricao text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp()
);
comment on table public.aprovacoes_apontamento is
'A primeira das duas aprovações para informar a linha ao TOTVS, enquanto espera a outra. Fonte: TI ou Qualidade.';
comment on column public.aprovacoes_apontamento.desde is 'Desde quando se quer informar (UTC); nulo = desde a segunda aprovação. Fonte: pessoa.';
comment on column public.aprovacoes_apontamento.falta is 'Função com que a outra área aprova. Fonte: banco.';
comment on column public.aprovacoes_apontamento.descricao is 'O que espera, com o motivo da primeira área. Fonte: banco.';
comment on column public.aprovacoes_apontamento.usuario_id is 'Quem aprovou. Fonte: Supabase Auth.';
alter table public.aprovacoes_apontamento enable row level security;
revoke all on public.aprovacoes_apontamento from public, anon, authenticated, service_role;
grant select on public.aprovacoes_apontamento to authenticated, service_role;
create policy leitura on public.aprovacoes_apontamento for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.aprovacoes_apontamento
for each row execute function interno.auditar_cadastro('linha_id');

create function interno.linha_apontada(p_linha_id text, p_em timestamptz)
returns boolean
language sql
stable
set search_path = ''
as $$
    select exists (
        select from public.apontamentos_linha as a where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) @> p_em
    )
$$;
comment on function interno.linha_apontada(text, timestamptz) is
'Verdadeiro se as OPs abertas na linha no instante são informadas ao TOTVS; falso: linha em conferência.';

-- An order of which something was reported stays ours whatever is re-dated or switched afterwards: the rest of it,
-- reported by hand, would come beside what TOTVS has. Of the others, all lines of the reported stage must agree; an
-- order that has not been on one is judged by the lines it has been on.
create function interno.op_apontada(p_op text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
    return exists (select from public.envios_totvs as e where e.numero_op = p_op) or coalesce((
        select bool_and(interno.linha_apontada(t.linha_id, t.aberta))
        from (
            select a.*, bool_or(a.da_etapa) over () as passou
            from (
                select p.linha_id, min(lower(p.intervalo)) as aberta,
                    l.etapa = interno.etapa_apontada(o.produto_codigo) as da_etapa
                from public.periodos_ordem as p
                inner join public.linhas as l on l.linha_id = p.linha_id
                inner join public.lotes_producao as o on o.numero_op = p.numero_op
                where p.numero_op = p_op
                group by p.linha_id, l.etapa, o.produto_codigo
            ) as a
        ) as t
        where t.da_etapa or not t.passou
    ), false);
end $$;
comment on function interno.op_apontada(text) is
'Verdadeiro se o SicFar informa a OP ao TOTVS; falso: não informada, linha em conferência, a fábrica a aponta.';

create function interno.aviso_conferencia(p_lote public.lotes_producao, p_linha_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
    return coalesce((
        select jsonb_build_array(interno.motivo_json('LINHA_EM_CONFERENCIA',
            format('A linha %s está em conferência.', p_linha_id), case when interno.op_apontada(p_lote.numero_op)
                then format('Já se informou da OP %s ao TOTVS: o SicFar segue informando, não a aponte à mão.', p_lote.numero_op)
                else 'O SicFar não informa ao TOTVS as OPs abertas nela agora; aponte-as à mão.'
            end
        ))
        from public.linhas as l
        where l.linha_id = p_linha_id and l.etapa = interno.etapa_apontada(p_lote.produto_codigo)
          and not interno.linha_apontada(p_linha_id, clock_timestamp())
    ), '[]');
end $$;
comment on function interno.aviso_conferencia(public.lotes_producao, text) is
'Para quem abre a OP: a linha está em conferência e quem aponta a OP ao TOTVS; lista vazia se não está.';

-- What both areas call. The line's lock puts two approvals, and an opening beside one, in an order.
create function interno.aprovar_apontamento(
    p_funcao text, p_outra text, p_linha_id text, p_desde timestamptz, p_motivo text
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao(p_funcao, p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_desde constant timestamptz := case when p_desde is not null then lower(interno.exigir_faixa(p_desde, null)) end;
    -- Openings are whole seconds: what was opened in this second was opened before.
    v_de constant timestamptz := coalesce(v_desde, date_trunc('second', clock_timestamp()) + interval '1 second');
    v_quando constant text := coalesce('desde ' || interno.hora_local(v_desde), 'desde a segunda aprovação');
    v_primeira public.aprovacoes_apontamento;
begin
    perform interno.exigir_linha(p_linha_id);
    if exists (
        select from public.apontamentos_linha as a
        where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) && tstzrange(v_de, null)
    ) then
        perform interno.recusar(
            '409', 'LINHA_JA_APONTADA', format('A produção da linha %s já é informada ao TOTVS nesse tempo.', p_linha_id),
            'Confira a linha e o instante.'
        );
    end if;
    select * into v_primeira from public.aprovacoes_apontamento where linha_id = p_linha_id;
    if v_primeira.falta = p_outra then
        perform interno.recusar(
            '409', 'JA_APROVADA', format('Esta área já aprovou a linha %s; falta a outra.', p_linha_id),
            'Espere a outra área, ou retire a aprovação com suspender_apontamento.'
        );
    elsif v_primeira.usuario_id = interno.usuario_atual() then
        perform interno.recusar(
            '409', 'MESMA_PESSOA', 'As duas aprovações são de duas pessoas.', 'Peça a outra pessoa desta área que aprove.'
        );
    elsif v_primeira.linha_id is not null and v_primeira.desde is distinct from v_desde then
        perform interno.recusar(
            '409', 'INSTANTE_DIFERENTE', format('A outra aprovação é para informar %s.', coalesce(
                'desde ' || interno.hora_local(v_primeira.desde), 'desde a segunda aprovação'
            )),
            'Aprove o mesmo instante, ou retire a outra aprovação com suspender_apontamento.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    if v_primeira.linha_id is null then
        insert into public.aprovacoes_apontamento (linha_id, desde, falta, descricao, usuario_id)
        values (
            p_linha_id, v_desde, p_outra, format(
                'Informar ao TOTVS a produção da linha %s, %s: uma área aprovou (%s); falta %s.', p_linha_id, v_quando, v_motivo,
                case p_outra when 'aprovar_apontamento_ti' then 'a TI' else 'a Qualidade' end
            ), interno.usuario_atual()
        );
    else
        delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
        insert into public.apontamentos_linha (linha_id, de) values (p_linha_id, v_de);
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_primeira.linha_id is null then 'AGUARDA' else 'APONTADA' end,
        'falta', case when v_primeira.linha_id is null then p_outra end,
        'de', case when v_primeira.linha_id is null then v_desde else v_de end
    );
end $$;
comment on function interno.aprovar_apontamento(text, text, text, timestamptz, text) is
'Uma das duas aprovações; com a outra, de outra pessoa e para o mesmo instante, a linha passa a ser informada.';

create function public.aprovar_apontamento_ti(p_linha_id text, p_desde timestamptz, p_motivo text)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_ti', 'aprovar_apontamento_qualidade', p_linha_id, p_desde, p_motivo
    )
$$;
comment on function public.aprovar_apontamento_ti(text, timestamptz, text) is
'A TI aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a Qualidade) ou APONTADA.';
revoke all on function public.aprovar_apontamento_ti(text, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_ti(text, timestamptz, text) to authenticated, service_role;

create function public.aprovar_apontamento_qualidade(p_linha_id text, p_desde timestamptz, p_motivo text)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_qualidade', 'aprovar_apontamento_ti', p_linha_id, p_desde, p_motivo
    )
$$;
comment on function public.aprovar_apontamento_qualidade(text, timestamptz, text) is
'A Qualidade aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a TI) ou APONTADA.';
revoke all on function public.aprovar_apontamento_qualidade(text, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_qualidade(text, timestamptz, text)
to authenticated, service_role;

-- Back to the parallel run. What was begun before p_ate stays ours, and so does what was reported in part.
create function public.suspender_apontamento(p_linha_id text, p_ate timestamptz, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('suspender_apontamento', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_ate constant timestamptz := date_trunc('second', coalesce(p_ate, clock_timestamp()));
    v_atual public.apontamentos_linha;
    v_retirada boolean;
begin
    select * into v_atual from public.apontamentos_linha where linha_id = p_linha_id and ate is null;
    perform interno.declarar_autor(v_papel, v_motivo);
    delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
    v_retirada := found;
    if v_atual.linha_id is null and not v_retirada then
        perform interno.recusar(
            '409', 'LINHA_EM_CONFERENCIA', format('A linha %s já está em conferência.', p_linha_id), 'Confira a linha.'
        );
    elsif v_ate > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_ate)), 'Informe um instante até agora.'
        );
    elsif v_ate <= v_atual.de then
        delete from public.apontamentos_linha where linha_id = p_linha_id and de = v_atual.de;
    else
        update public.apontamentos_linha set ate = v_ate where linha_id = p_linha_id and de = v_atual.de;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_retirada then 'RETIRADA' else 'SUSPENSA' end,
        'ate', case when not v_retirada then v_ate end, 'seguem_informadas', to_jsonb(array(
            select distinct p.numero_op
            from public.periodos_ordem as p
            where p.linha_id = p_linha_id
              and not exists (select from public.fechamentos_lote as f where f.numero_op = p.numero_op)
              and interno.op_apontada(p.numero_op)
            order by p.numero_op
        ))
    );
end $$;
comment on function public.suspender_apontamento(text, timestamptz, text) is
'Devolve a linha à conferência desde p_ate (nulo: agora), ou retira a aprovação que espera a outra. Devolve também as OPs não fechadas que o SicFar segue informando.';
revoke all on function public.suspender_apontamento(text, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.suspender_apontamento(text, timestamptz, text) to authenticated, service_role;
