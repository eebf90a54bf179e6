-- The rest of the plant's master data, each by one function: who says it, why, and what it was before go to the trail.
-- What TOTVS keeps (products, inputs, lots, orders, speeds) changes by its events alone.

-- Trimmed, within its bounds, and without what no screen shows.
create function interno.exigir_nome(p_campo text, p_texto text, p_minimo integer, p_maximo integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_texto constant text := coalesce(interno.exigir_texto(p_campo, p_texto, p_maximo), '');
begin
    if length(v_texto) < p_minimo or v_texto ~ '[[:cntrl:]]' then
        perform interno.recusar(
            '422', 'TEXTO_INVALIDO', format('O campo %s tem de %s a %s caracteres, em uma linha.', p_campo, p_minimo, p_maximo),
            'Corrija o texto.'
        );
    end if;
    return v_texto;
end $$;
comment on function interno.exigir_nome(text, text, integer, integer) is
'Devolve o texto sem brancos nas pontas; PT422 TEXTO_INVALIDO se curto demais ou com quebras, TEXTO_LONGO se longo demais.';

-- What a code looks like; what it may not be is said as the field says it.
create function interno.exigir_codigo(p_campo text, p_codigo text, p_padrao text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_codigo is null or p_codigo !~ p_padrao then
        perform interno.recusar(
            '422', 'CODIGO_INVALIDO', format('%L não serve de %s.', left(p_codigo, 64), p_campo), 'Corrija o código.'
        );
    end if;
    return p_codigo;
end $$;
comment on function interno.exigir_codigo(text, text, text) is 'Devolve o código; PT422 CODIGO_INVALIDO se não tem a forma esperada.';

create function public.definir_linha(
    p_linha_id text, p_nome text, p_setor text, p_etapa text, p_marca_clp text, p_ativa boolean,
    p_maximo_por_segundo integer, p_regra_refugo text, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel text;
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.linhas;
    v_depois public.linhas;
begin
    select * into v_antes from public.linhas where linha_id = p_linha_id for no key update;
    v_papel := interno.exigir_papel('definir_linha', coalesce(v_antes.setor, p_setor));
    perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    v_papel := interno.exigir_papel('definir_linha', p_setor);
    perform interno.exigir_opcao('etapa', p_etapa, 'ENVASE', 'EMBALAGEM');
    perform interno.exigir_opcao('regra_refugo', p_regra_refugo, 'MAQUINA', 'DIGITADO', 'CONCILIAR');
    if v_antes.etapa <> p_etapa and exists (select from public.periodos_ordem where linha_id = p_linha_id) then
        perform interno.recusar(
            '409', 'LINHA_EM_USO', format('A linha %s já teve ordens na etapa %s.', p_linha_id, v_antes.etapa),
            'Cadastre outra linha para a outra etapa.'
        );
    end if;
    if exists (select from public.linhas where nome = btrim(p_nome) and linha_id <> p_linha_id) then
        perform interno.recusar('409', 'NOME_REPETIDO', format('Já há uma linha com o nome %s.', btrim(p_nome)), 'Escolha outro nome.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.linhas as l (linha_id, nome, setor, etapa, marca_clp, ativa, maximo_por_segundo, regra_refugo)
    values (
        interno.exigir_codigo('linha', p_linha_id, '^[A-Z0-9][A-Z0-9-]{0,31}$'), interno.exigir_nome('nome', p_nome, 3, 80),
        p_setor, p_etapa, nullif(interno.exigir_nome('marca_clp', p_marca_clp, 0, 80), ''), coalesce(p_ativa, true),
        case when p_maximo_por_segundo is not null
            then interno.exigir_inteiro('maximo_por_segundo', p_maximo_por_segundo, 1, 1000000)
        end, p_regra_refugo
    )
    on conflict (linha_id) do update set nome = excluded.nome, setor = excluded.setor, etapa = excluded.etapa,
        marca_clp = excluded.marca_clp, ativa = excluded.ativa, maximo_por_segundo = excluded.maximo_por_segundo,
        regra_refugo = excluded.regra_refugo
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    -- The rule holds for all orders of the line, also for closed ones: what it changes of them is proposed as adjustments.
    if v_antes.regra_refugo <> p_regra_refugo then
        insert into public.apuracoes_pendentes (numero_op)
        select distinct f.numero_op from public.fechamentos_lote as f
        inner join public.fechamento_totais as t on t.fechamento_id = f.id and t.linha_id = p_linha_id;
    end if;
    return to_jsonb(v_depois);
end $$;
comment on function public.definir_linha(text, text, text, text, text, boolean, integer, text, text) is
'Cadastra uma linha ou muda o cadastro dela, por inteiro: nome, setor, etapa, marca do CLP (nula), ativa, máximo plausível por segundo (1 a 1.000.000; nulo) e regra do refugo. Devolve a linha.';
revoke all on function public.definir_linha(text, text, text, text, text, boolean, integer, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_linha(text, text, text, text, text, boolean, integer, text, text)
to authenticated, service_role;

-- What came of a gateway before it was registered is read again; its lines may still want it as their source.
create function public.definir_gateway(p_gateway text, p_descricao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_gateway', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.gateways;
    v_pedidas bigint;
begin
    if p_gateway in ('avulso', 'manual') then
        perform interno.recusar('422', 'CODIGO_INVALIDO', format('%s não é um gateway.', p_gateway), 'Escolha outro nome.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.gateways as g (gateway, descricao)
    values (
        interno.exigir_codigo('gateway', p_gateway, '^[a-z0-9][a-z0-9-]{1,62}$'), interno.exigir_nome('descricao', p_descricao, 0, 200)
    )
    on conflict (gateway) do update set descricao = excluded.descricao
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    update public.quarentena as q
    set reprocessar_em = clock_timestamp(), reprocessar_por = interno.usuario_atual(), reprocessar_motivo = v_motivo
    from public.arquivos_ingeridos as a
    where a.id = q.arquivo_id and a.gateway = p_gateway and a.motivo = 'GATEWAY_DESCONHECIDO' and q.resolvida_em is null
      and q.motivo = 'GATEWAY_DESCONHECIDO';
    get diagnostics v_pedidas = row_count;
    return to_jsonb(v_depois) || jsonb_build_object('a_reler', v_pedidas);
end $$;
comment on function public.definir_gateway(text, text, text) is
'Cadastra um gateway ou muda a descrição dele; o que ele já tinha mandado é lido de novo em até um minuto. Devolve o gateway e quantos itens serão lidos.';
revoke all on function public.definir_gateway(text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_gateway(text, text, text) to authenticated, service_role;

create function public.definir_etapa(p_prefixo text, p_etapa text, p_apontada boolean, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_etapa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_prefixo constant text := interno.exigir_nome('prefixo', p_prefixo, 0, 30);
begin
    perform interno.exigir_opcao('etapa', p_etapa, 'ENVASE', 'EMBALAGEM');
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_apontada then
        update public.etapas_familia set apontada = false where prefixo = v_prefixo and apontada and etapa <> p_etapa;
    end if;
    if p_apontada is null then
        delete from public.etapas_familia where prefixo = v_prefixo and etapa = p_etapa;
    else
        insert into public.etapas_familia (prefixo, etapa, apontada) values (v_prefixo, p_etapa, p_apontada)
        on conflict (prefixo, etapa) do update set apontada = excluded.apontada;
    end if;
    perform interno.declarar_autor('', '');
    if not exists (select from public.etapas_familia where prefixo = '' and apontada) or exists (
        select from public.etapas_familia as e group by e.prefixo having not bool_or(e.apontada)
    ) then
        perform interno.recusar(
            '409', 'SEM_ETAPA_APONTADA', 'Cada família, e o geral (prefixo vazio), tem uma etapa apontada ao TOTVS.',
            'Defina antes a outra etapa como apontada.'
        );
    end if;
    return jsonb_build_object('prefixo', v_prefixo, 'etapa', p_etapa, 'apontada', p_apontada);
end $$;
comment on function public.definir_etapa(text, text, boolean, text) is
'Diz que a etapa é obrigatória nas OPs dos produtos que começam assim (vazio = todos), e se é a apontada ao TOTVS; nulo = não é mais obrigatória.';
revoke all on function public.definir_etapa(text, text, boolean, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_etapa(text, text, boolean, text) to authenticated, service_role;

-- Totals, signatures and closings are of shifts as they are; once there are any, no hours change, and a new crew takes
-- those of one that is there.
create function public.definir_turno(p_turno text, p_inicio time, p_fim time, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_turno', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.turnos;
begin
    perform interno.exigir_sem_mes('o turno');
    perform interno.exigir_codigo('turno', p_turno, '^[A-Z0-9]{1,8}$');
    if p_inicio is null or p_fim is null or extract(second from p_inicio) <> 0 or extract(second from p_fim) <> 0 then
        perform interno.recusar('422', 'INTERVALO_INVALIDO', 'O turno começa e termina em minutos inteiros.', 'Corrija as horas.');
    end if;
    if (exists (select from public.diarios_bordo) or exists (select from public.contagens_manuais)
        or exists (select from public.confirmacoes_turno) or exists (select from public.devolucoes_diario)
        or exists (select from public.conferencia_manual) or exists (select from public.fechamentos_lote))
        and not exists (
            select from public.turnos as t
            where (t.inicio, t.fim) = (p_inicio, p_fim)
              and not exists (select from public.turnos as o where o.turno = p_turno and (o.inicio, o.fim) <> (p_inicio, p_fim))
        ) then
        perform interno.recusar(
            '409', 'TURNO_EM_USO', 'Já há Diários, contagens à mão ou fechamentos nas horas dos turnos de agora.',
            'As horas não mudam mais; um turno novo pode ter as de um que já existe.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.turnos (turno, inicio, fim) values (p_turno, p_inicio, p_fim)
    on conflict (turno) do update set inicio = excluded.inicio, fim = excluded.fim
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $$;
comment on function public.definir_turno(text, time, time, text) is
'Cadastra um turno ou muda as horas dele (hora de Fortaleza), enquanto nada se assinou nem fechou. Devolve o turno.';
revoke all on function public.definir_turno(text, time, time, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_turno(text, time, time, text) to authenticated, service_role;

create function public.definir_parametro(p_nome text, p_valor integer, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_parametro', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_p public.parametros;
begin
    select * into v_p from public.parametros where nome = p_nome for update;
    if v_p.nome is null then
        perform interno.recusar('404', 'PARAMETRO_DESCONHECIDO', format('Não há parâmetro %L.', left(p_nome, 64)), 'Confira o nome.');
    end if;
    perform interno.exigir_inteiro(p_nome, p_valor, 0, v_p.maximo);
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.parametros set valor = p_valor where nome = p_nome returning * into v_p;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_p);
end $$;
comment on function public.definir_parametro(text, integer, text) is
'Muda um prazo ou interruptor da fábrica, de 0 ao máximo dele. Devolve o parâmetro.';
revoke all on function public.definir_parametro(text, integer, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_parametro(text, integer, text) to authenticated, service_role;
