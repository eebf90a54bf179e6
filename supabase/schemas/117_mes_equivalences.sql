-- How the MES calls what we call otherwise: its integer ids. Data, for both keep their own keys.

create table public.equivalencias_mes (
    tipo text not null check (tipo in ('LINHA', 'PRODUTO', 'TURNO', 'PESSOA', 'PARADA')),
    codigo text not null check (length(codigo) between 1 and 64),
    mes_id integer not null check (mes_id > 0),
    primary key (tipo, codigo),
    unique (tipo, mes_id) deferrable initially immediate -- one statement may exchange two ids
);
comment on table public.equivalencias_mes is
'O id inteiro do MES de cada linha, produto, turno, pessoa e código de parada; único nos dois sentidos. Fonte: definir_equivalencias_mes.';
comment on column public.equivalencias_mes.tipo is 'LINHA, PRODUTO, TURNO, PESSOA ou PARADA. Fonte: pessoa.';
comment on column public.equivalencias_mes.codigo is
'O nosso: linha_id, produto_codigo, turno, usuario_id (UUID); de parada, o código da fábrica (p. ex. SPEP-P1.3). Fonte: pessoa.';
comment on column public.equivalencias_mes.mes_id is
'O do MES: linhaproducao_id, produto_id, turno_id, usuario_id ou oeeparada_id. Fonte: pessoa.';
alter table public.equivalencias_mes enable row level security;
revoke all on public.equivalencias_mes from public, anon, authenticated, service_role;
grant select on public.equivalencias_mes to authenticated, service_role;
create policy leitura on public.equivalencias_mes for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.equivalencias_mes
for each row execute function interno.auditar_cadastro('codigo');

-- What is refused of a list of equivalences, before any of it is written: an id that is none, a code nobody knows.
create function interno.exigir_equivalencias(p_tipo text, p_ids jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_e record;
begin
    for v_e in select e.key as codigo, e.value as mes_id from jsonb_each(p_ids) as e loop
        perform interno.exigir_nome('codigo', v_e.codigo, 1, 64);
        if v_e.mes_id <> 'null' and (
            jsonb_typeof(v_e.mes_id) <> 'number' or (v_e.mes_id #>> '{}')::numeric % 1 <> 0
            or (v_e.mes_id #>> '{}')::numeric not between 1 and 2147483647
        ) then
            perform interno.recusar(
                '422', 'NUMERO_INVALIDO', format('O id de %s no MES é um inteiro de 1 a 2.147.483.647.', v_e.codigo),
                'Corrija o número, ou deixe-o nulo para tirar a equivalência.'
            );
        end if;
        if v_e.mes_id <> 'null' and not (case p_tipo
            when 'LINHA' then exists (select from public.linhas where linha_id = v_e.codigo)
            when 'PRODUTO' then exists (select from public.produtos where produto_codigo = v_e.codigo)
            when 'TURNO' then exists (select from public.turnos where turno = v_e.codigo)
            when 'PESSOA' then exists (select from public.pessoas_vigentes where usuario_id::text = v_e.codigo)
            else true -- the codes of stops are the MES's and the plant's
        end) then
            perform interno.recusar(
                '404', 'CODIGO_DESCONHECIDO', format('Não há %s %L no SicFar.', lower(p_tipo), v_e.codigo), 'Confira o código.'
            );
        end if;
    end loop;
end $$;
comment on function interno.exigir_equivalencias(text, jsonb) is
'PT422 NUMERO_INVALIDO, TEXTO_INVALIDO ou TEXTO_LONGO, PT404 CODIGO_DESCONHECIDO: o que não serve de equivalência.';

create function public.definir_equivalencias_mes(p_tipo text, p_ids jsonb, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_equivalencias_mes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_ids constant jsonb := interno.json_recebido(p_ids);
    v_repetido record;
    v_quantas bigint;
begin
    perform interno.exigir_opcao('tipo', p_tipo, 'LINHA', 'PRODUTO', 'TURNO', 'PESSOA', 'PARADA');
    if v_ids is null or jsonb_typeof(v_ids) <> 'object' or v_ids = '{}' then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a lista: código nosso e id do MES.', 'Informe-a.');
    end if;
    if (select count(*) from jsonb_object_keys(v_ids)) > 1000 then
        perform interno.recusar('422', 'ITENS_DEMAIS', 'São no máximo 1.000 equivalências de cada vez.', 'Divida a lista.');
    end if;
    perform interno.exigir_equivalencias(p_tipo, v_ids);
    perform pg_advisory_xact_lock(hashtext('equivalencias_mes')); -- two people may not give one id to two codes
    select n.mes_id, string_agg(n.codigo, ' e ' order by n.codigo) as codigos into v_repetido
    from (
        select e.key as codigo, (e.value #>> '{}')::integer as mes_id from jsonb_each(v_ids) as e
        union all
        select q.codigo, q.mes_id from public.equivalencias_mes as q where q.tipo = p_tipo and not v_ids ? q.codigo
    ) as n
    where n.mes_id is not null
    group by n.mes_id
    having count(*) > 1
    limit 1;
    if v_repetido.mes_id is not null then
        perform interno.recusar(
            '409', 'ID_REPETIDO', format('O id %s do MES seria de %s.', v_repetido.mes_id, v_repetido.codigos),
            'Cada id é de um só código; corrija a lista, ou tire a outra equivalência.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    delete from public.equivalencias_mes as q where q.tipo = p_tipo and v_ids -> q.codigo = 'null';
    insert into public.equivalencias_mes as q (tipo, codigo, mes_id)
    select p_tipo, e.key, (e.value #>> '{}')::integer from jsonb_each(v_ids) as e where e.value <> 'null'
    on conflict (tipo, codigo) do update set mes_id = excluded.mes_id where q.mes_id <> excluded.mes_id;
    perform interno.declarar_autor('', '');
    select count(*) into v_quantas from public.equivalencias_mes where tipo = p_tipo;
    return jsonb_build_object('tipo', p_tipo, 'ids', v_ids, 'equivalencias', v_quantas);
end $$;
comment on function public.definir_equivalencias_mes(text, jsonb, text) is
'Diz os ids do MES: p_tipo (LINHA, PRODUTO, TURNO, PESSOA ou PARADA) e um objeto código nosso → id (inteiro; nulo = nenhum), até 1.000 de cada vez. Devolve-os e quantas equivalências do tipo há.';
revoke all on function public.definir_equivalencias_mes(text, jsonb, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_equivalencias_mes(text, jsonb, text) to authenticated, service_role;

create function public.definir_minutos_parada(p_linha_id text, p_minutos integer, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel text;
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_linha public.linhas;
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id for no key update;
    v_papel := interno.exigir_papel('definir_minutos_parada', v_linha.setor);
    perform interno.exigir_linha(p_linha_id);
    if p_minutos is not null then
        perform interno.exigir_inteiro('minutos', p_minutos, 1, 1440);
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.linhas set parada_minutos = p_minutos where linha_id = p_linha_id returning * into v_linha;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_linha);
end $$;
comment on function public.definir_minutos_parada(text, integer, text) is
'Diz com quantos minutos seguidos sem contagem a linha está parada (1 a 1.440); nulo = o parâmetro PARADA_MINUTOS. Devolve a linha.';
revoke all on function public.definir_minutos_parada(text, integer, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_minutos_parada(text, integer, text) to authenticated, service_role;

-- Stops people gave a code to. They are the MES's; without one there are none.
create view public.paradas_vigentes with (security_invoker = true) as
select
    null::text as linha_id,
    null::timestamptz as de,
    null::timestamptz as ate,
    null::text as codigo,
    null::text as descricao
where false;
comment on view public.paradas_vigentes is
'As paradas apontadas, com o código da fábrica; substituível onde o MES as diz. Sem MES, vazia. Fonte: MES.';
revoke all on public.paradas_vigentes from public, anon, authenticated, service_role;
grant select on public.paradas_vigentes to authenticated, service_role;
