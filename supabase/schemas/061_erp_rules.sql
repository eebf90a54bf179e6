-- What can be told to TOTVS is the integration's configuration; here, so that a code of refused units that could not be
-- told after the signature is refused when it is typed, and an order of such a lot when it comes.
create table public.regras_totvs (
    regra text primary key check (regra in ('codigos_refugo', 'codigo_maximo', 'lote_maximo')),
    valor jsonb not null,
    atualizada_em timestamptz not null default clock_timestamp()
);
comment on table public.regras_totvs is 'O que a configuração da integração diz do que se pode informar ao TOTVS. Fonte: totvs.reports, publicada a cada consulta.';
comment on column public.regras_totvs.regra is 'codigos_refugo (código do SicFar → do TOTVS); codigo_maximo, lote_maximo (caracteres que cabem). Fonte: configuração.';
comment on column public.regras_totvs.valor is 'O valor da regra. Fonte: configuração.';
alter table public.regras_totvs enable row level security;
revoke all on public.regras_totvs from public, anon, authenticated, service_role;
grant select on public.regras_totvs to authenticated, service_role;
create policy leitura on public.regras_totvs for select to authenticated using (true);
insert into public.regras_totvs (regra, valor) values
('codigos_refugo', '{}'), ('codigo_maximo', '8'), ('lote_maximo', '10');

create function public.publicar_regras_totvs(p_codigos jsonb, p_codigo_maximo integer, p_lote_maximo integer)
returns void
language sql
security definer
set search_path = ''
as $$
    update public.regras_totvs as r
    set valor = n.valor, atualizada_em = clock_timestamp()
    from (
        values
        ('codigos_refugo', interno.json_recebido(p_codigos)), ('codigo_maximo', to_jsonb(p_codigo_maximo)),
        ('lote_maximo', to_jsonb(p_lote_maximo))
    ) as n (regra, valor)
    where r.regra = n.regra and r.valor <> n.valor
$$;
comment on function public.publicar_regras_totvs(jsonb, integer, integer) is
'Guarda o que a configuração da integração diz do que se pode informar ao TOTVS: a tradução dos códigos de refugo, e quantos caracteres cabem neles e no lote.';
revoke all on function public.publicar_regras_totvs(jsonb, integer, integer)
from public, anon, authenticated, service_role;
grant execute on function public.publicar_regras_totvs(jsonb, integer, integer) to service_role;

-- NULL if nothing speaks against it.
create function interno.por_que_lote_nao_cabe(p_lote text)
returns text
language sql
stable
set search_path = ''
as $$
    select format('O lote %s tem %s caracteres; no apontamento ao TOTVS cabem %s.', p_lote, length(p_lote), r.valor)
    from public.regras_totvs as r
    where r.regra = 'lote_maximo' and length(p_lote) > (r.valor #>> '{}')::integer
$$;
comment on function interno.por_que_lote_nao_cabe(text) is 'Por que o lote não poderia ser informado ao TOTVS; nulo se pode.';

create function interno.exigir_codigo_refugo(p_codigo text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_codigo constant text := interno.exigir_texto('código', p_codigo, 30);
    v_no_totvs text;
    v_cabem integer;
    v_bytes integer;
begin
    if coalesce(v_codigo, '') = '' then
        perform interno.recusar('422', 'CODIGO_OBRIGATORIO', 'O refugo precisa do código do motivo.', 'Informe o código do motivo.');
    end if;
    select
        coalesce(max(r.valor ->> v_codigo) filter (where r.regra = 'codigos_refugo'), v_codigo),
        max((r.valor #>> '{}')::integer) filter (where r.regra = 'codigo_maximo')
    into v_no_totvs, v_cabem
    from public.regras_totvs as r;
    begin
        v_bytes := length(convert_to(v_no_totvs, 'WIN1252'));
    exception when untranslatable_character then
        v_bytes := null;
    end;
    if v_bytes is null or v_bytes > v_cabem or v_no_totvs ~ '[[:cntrl:]]' then
        perform interno.recusar(
            '422', 'CODIGO_SEM_TRADUCAO',
            format('O código %L não pode ser informado ao TOTVS: cabem %s caracteres (CP1252), e a configuração não o traduz.', v_codigo, v_cabem),
            'Use o código que o TOTVS conhece, ou peça à TI que o traduza em totvs.reports.codes.'
        );
    end if;
    return v_codigo;
end $$;
comment on function interno.exigir_codigo_refugo(text) is
'Devolve o código do motivo sem brancos nas pontas; PT422 CODIGO_OBRIGATORIO, ou CODIGO_SEM_TRADUCAO se não cabe no TOTVS.';
