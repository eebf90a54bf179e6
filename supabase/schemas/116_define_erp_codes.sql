-- How TOTVS calls what the plant calls otherwise: a line's resource, a stage's operation, a person. Reports carry them.

-- A code as the ERP has it; NULL or blank for none.
create function interno.exigir_codigo_totvs(p_campo text, p_codigo text, p_maximo integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    return nullif(interno.exigir_nome(p_campo, coalesce(p_codigo, ''), 0, p_maximo), '');
end $$;
comment on function interno.exigir_codigo_totvs(text, text, integer) is
'Devolve o código sem brancos nas pontas, nulo se vazio; PT422 TEXTO_INVALIDO, TEXTO_LONGO.';

create function public.definir_recurso(p_linha_id text, p_recurso text, p_centro_custo text, p_motivo text)
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
    v_papel := interno.exigir_papel('definir_recurso', v_linha.setor);
    if v_linha.linha_id is null then
        perform interno.recusar('404', 'LINHA_DESCONHECIDA', format('Não há linha %L.', left(p_linha_id, 64)), 'Confira o código da linha.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.linhas
    set recurso_totvs = interno.exigir_codigo_totvs('recurso', p_recurso, 20),
        centro_custo_totvs = interno.exigir_codigo_totvs('centro_custo', p_centro_custo, 20)
    where linha_id = p_linha_id
    returning * into v_linha;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_linha);
end $$;
comment on function public.definir_recurso(text, text, text, text) is
'Diz o recurso (máquina) e o centro de custo da linha no TOTVS; nulos = nenhum. Vale para o que fechar depois. Devolve a linha.';
revoke all on function public.definir_recurso(text, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_recurso(text, text, text, text) to authenticated, service_role;

create function public.definir_operacao(
    p_prefixo text, p_etapa text, p_operacao text, p_armazem text, p_tipo_movimento text, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_operacao', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.etapas_familia;
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.etapas_familia
    set operacao_totvs = interno.exigir_codigo_totvs('operacao', p_operacao, 10),
        armazem_totvs = interno.exigir_codigo_totvs('armazem', p_armazem, 10),
        tipo_movimento_totvs = interno.exigir_codigo_totvs('tipo_movimento', p_tipo_movimento, 10)
    where prefixo = btrim(p_prefixo) and etapa = p_etapa
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    if v_depois.prefixo is null then
        perform interno.recusar(
            '404', 'ETAPA_DESCONHECIDA', format('A família %L não tem a etapa %L.', left(p_prefixo, 30), left(p_etapa, 20)),
            'Defina antes a etapa da família com definir_etapa; o prefixo vazio é o geral.'
        );
    end if;
    return to_jsonb(v_depois);
end $$;
comment on function public.definir_operacao(text, text, text, text, text, text) is
'Diz a operação do roteiro, o armazém e o tipo de movimento do TOTVS de uma etapa da família (prefixo vazio = o geral); nulos = nenhum. Vale para o que fechar depois.';
revoke all on function public.definir_operacao(text, text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_operacao(text, text, text, text, text, text) to authenticated, service_role;

create function public.definir_operador(p_usuario_id uuid, p_operador text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_operador', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.pessoas set operador_totvs = interno.exigir_codigo_totvs('operador', p_operador, 20)
    where usuario_id = p_usuario_id
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    if v_depois.usuario_id is null then
        perform interno.recusar(
            '404', 'PESSOA_DESCONHECIDA', 'Esta pessoa ainda não tem nome no SicFar.', 'Diga antes o nome dela com definir_pessoa.'
        );
    end if;
    return to_jsonb(v_depois);
end $$;
comment on function public.definir_operador(uuid, text, text) is
'Diz o código da pessoa no TOTVS, que vai nos apontamentos que ela assina; nulo = nenhum. Devolve a pessoa.';
revoke all on function public.definir_operador(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_operador(uuid, text, text) to authenticated, service_role;
