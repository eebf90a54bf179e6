-- A person closes an order although something is missing, or decides about adjustments.

create function public.fechar_com_ressalva(p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('fechar_com_ressalva', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_fim timestamptz;
    v_faltas jsonb;
    v_firmes jsonb;
    v_id bigint;
begin
    lock table public.etapas_familia in share mode;
    select max(upper(p.intervalo)) into v_fim from public.periodos_ordem as p where p.numero_op = v_op;
    if v_lote.status not in ('EM_ANDAMENTO', 'A_FECHAR') then
        perform interno.recusar_desconhecido('NADA_A_FECHAR', format('A OP %s não espera fechamento (%s).', v_op, v_lote.status));
    end if;
    v_faltas := interno.faltas_fechamento(v_op, interno.assinaturas_validas(array[v_op]));
    select coalesce(jsonb_agg(f), '[]') into v_firmes
    from jsonb_array_elements(v_faltas) as f
    where f ->> 'codigo' in (
        'OP_CANCELADA', 'SEM_PERIODO', 'ORDEM_ABERTA', 'DIARIO_NAO_ASSINADO', 'DIARIO_DEVOLVIDO', 'DIARIO_ALTERADO', 'REFUGO_DIVERGENTE', 'BOAS_NEGATIVAS', 'TOTAIS_DIVERGEM'
    );
    if v_firmes <> '[]' then
        perform interno.recusar(
            '409', 'FALTA_OBRIGATORIA', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_firmes) as f),
            'Resolva isto primeiro; o resto pode ficar com ressalva.'
        );
    end if;
    if v_faltas <> '[]' and v_fim > clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS')) then
        perform interno.recusar(
            '409', 'AINDA_NO_PRAZO',
            format('A OP %s espera desde %s; só depois de %s minutos se fecha com ressalva.', v_op, interno.hora_local(v_fim),
                interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS') / 60),
            'Espere, ou resolva o que falta.'
        );
    end if;
    v_id := interno.congelar(v_op, v_faltas, case when v_faltas <> '[]' then v_motivo end);
    perform interno.anotar_espera(v_op, '[]');
    perform interno.anotar_trilha(
        v_papel, 'fechar_com_ressalva', 'lotes_producao:' || v_op, null,
        (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id), v_motivo
    );
    return (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id);
end $$;
comment on function public.fechar_com_ressalva(text, text) is
'Fecha uma OP a que ainda faltam contagens, depois do prazo, com motivo; o que faltava fica no fechamento. Diários assinados são obrigatórios.';
revoke all on function public.fechar_com_ressalva(text, text) from public, anon, authenticated, service_role;
grant execute on function public.fechar_com_ressalva(text, text) to authenticated, service_role;

create function interno.ajustes_propostos(p_op text)
returns bigint[]
language sql
stable
set search_path = ''
as $$
    select array(
        select a.id from public.ajustes_fechamento as a
        inner join public.fechamentos_lote as f on f.id = a.fechamento_id
        where f.numero_op = p_op and a.situacao = 'PROPOSTO'
        order by a.id
    )
$$;
comment on function interno.ajustes_propostos(text) is 'Ajustes da OP que esperam decisão.';

-- What changed since the adjustments were proposed is compared first: a person decides about the figures shown. As with
-- a closing, an adjustment is reported only on valid signatures.
create function interno.conferir_ajustes(p_op text, p_decisao text, p_ajustes bigint[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_propostos constant bigint[] := interno.ajustes_propostos(p_op);
    v_faltas jsonb;
begin
    if v_propostos = '{}' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não tem ajuste à espera.', p_op));
    end if;
    if exists (select from public.apuracoes_pendentes as a where a.numero_op = p_op) and not interno.op_aberta(p_op) then
        perform interno.apurar_ajustes(p_op);
    end if;
    if v_propostos <> interno.ajustes_propostos(p_op) or v_propostos <> p_ajustes then
        perform interno.recusar(
            '409', 'AJUSTE_MUDOU', format('A OP %s mudou depois de os ajustes serem propostos.', p_op),
            'Espere um minuto e confira os ajustes de novo.'
        );
    end if;
    v_faltas := interno.faltas_diarios(p_op, interno.assinaturas_validas(array[p_op]));
    if p_decisao = 'APROVAR' and v_faltas <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_A_ASSINAR', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_faltas) as f),
            'Um ajuste só vai ao TOTVS sobre Diários de Bordo assinados: assine-os de novo, com motivo, e aprove em seguida.'
        );
    end if;
end $$;
comment on function interno.conferir_ajustes(text, text, bigint[]) is
'PT404 NADA_A_DECIDIR; PT409 AJUSTE_MUDOU se não são mais os propostos, ou não os de p_ajustes (nulo = quaisquer), DIARIO_A_ASSINAR se se aprova sem assinatura que vale. Exige as linhas travadas.';

-- What is more goes as an adjustment, what is less as a reversal: the ERP takes no negative amounts. One that reverses
-- whole reports has to have accepted them, or it is not known by which key.
create function interno.informar_ajustes(p_op text, p_quantidades jsonb, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_mais constant jsonb := interno.de_um_lado(p_quantidades, 1);
    v_menos constant jsonb := interno.de_um_lado(p_quantidades, -1);
    v_cabeca public.envios_totvs;
    v_envios jsonb := '[]';
begin
    if v_menos <> '{}' and interno.parametro('ESTORNO_INTEIRO') = 1 then
        select * into v_cabeca from interno.cabeca(p_op);
        if v_cabeca.id is not null then
            perform interno.recusar(
                '409', 'ENVIO_PENDENTE',
                format('O envio %s da OP %s ainda não terminou (%s).', v_cabeca.id_externo, p_op, v_cabeca.situacao),
                'Espere que termine, ou decida-o com decidir_envio; só o que o TOTVS aceitou se estorna.'
            );
        end if;
        return interno.estornar_inteiros(p_op, v_mais, v_menos, p_motivo);
    end if;
    if v_mais <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'AJUSTE', v_mais, p_motivo));
    end if;
    if v_menos <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'ESTORNO', v_menos, p_motivo));
    end if;
    return v_envios;
end $$;
comment on function interno.informar_ajustes(text, jsonb, text) is
'Põe na caixa de saída diferenças aprovadas (negativas = a devolver); devolve os envios. PT409 ENVIO_PENDENTE.';

create function public.decidir_ajustes(
    p_numero_op text, p_decisao text, p_motivo text, p_ajustes bigint[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('decidir_ajustes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_f public.fechamentos_lote;
    v_ajustes jsonb;
    v_envios jsonb := '[]';
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    perform interno.travar_op(v_op);
    perform interno.conferir_ajustes(v_op, p_decisao, p_ajustes);
    select * into v_f from public.fechamentos_lote where numero_op = v_op;
    with decididos as (
        update public.ajustes_fechamento
        set situacao = case p_decisao when 'APROVAR' then 'APROVADO' else 'RECUSADO' end, decidido_em = clock_timestamp(),
            decidido_por = interno.usuario_atual(), motivo = v_motivo
        where fechamento_id = v_f.id and situacao = 'PROPOSTO'
        returning id, etapa, linha_id, tipo, codigo, diferenca as quantidade, null::bigint as maquina
    )
    select jsonb_agg(to_jsonb(d)) into v_ajustes from decididos as d;
    if p_decisao = 'APROVAR' and v_f.informado then
        v_envios := interno.informar_ajustes(
            v_op, interno.quantidades_totais(interno.resumo_totais(v_ajustes, v_f.etapa)), v_motivo
        );
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_ajustes', 'fechamentos_lote:' || v_f.id, null,
        jsonb_build_object('decisao', p_decisao, 'ajustes', v_ajustes, 'envios', v_envios), v_motivo
    );
    return jsonb_build_object('numero_op', v_op, 'decisao', p_decisao, 'ajustes', jsonb_array_length(v_ajustes), 'envios', v_envios);
end $$;
comment on function public.decidir_ajustes(text, text, text, bigint[]) is
'Aprova (e põe na caixa de saída, se o fechamento foi informado) ou recusa o que mudou depois do fechamento da OP. p_ajustes: os que a pessoa viu (por id); nulo = quaisquer.';
revoke all on function public.decidir_ajustes(text, text, text, bigint[])
from public, anon, authenticated, service_role;
grant execute on function public.decidir_ajustes(text, text, text, bigint[]) to authenticated, service_role;
