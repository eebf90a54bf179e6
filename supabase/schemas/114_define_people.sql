-- Under which name people act, and the two lists that say what TOTVS's products are to the plant.

create function public.definir_pessoa(p_usuario_id uuid, p_nome text, p_motivo text, p_login text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_pessoa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    if p_usuario_id is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa.', 'Informe-a.');
    end if;
    perform interno.exigir_sem_mes('o nome');
    if p_login !~ '^[a-z][a-z0-9._-]{1,39}$' then
        perform interno.recusar(
            '422', 'LOGIN_INVALIDO', format('O nome de login %L não serve.', left(p_login, 40)),
            'Use de 2 a 40 letras minúsculas, algarismos, ponto, hífen ou sublinhado, começando por letra.'
        );
    end if;
    if exists (select from public.pessoas as p where p.nome_login = p_login and p.usuario_id <> p_usuario_id) then
        perform interno.recusar('409', 'LOGIN_OCUPADO', format('O nome de login %s é de outra pessoa.', p_login), 'Escolha outro.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pessoas (usuario_id, nome, nome_login)
    values (p_usuario_id, interno.exigir_nome('nome', p_nome, 3, 80), p_login)
    on conflict (usuario_id) do update set nome = excluded.nome, nome_login = coalesce(excluded.nome_login, pessoas.nome_login)
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $$;
comment on function public.definir_pessoa(uuid, text, text, text) is
'Diz o nome de quem assina, como sai na assinatura, e o de login no painel (nulo = o que já tem). Devolve a pessoa.';
revoke all on function public.definir_pessoa(uuid, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_pessoa(uuid, text, text, text) to authenticated, service_role;

create function public.definir_tipo_insumo(p_tipo text, p_descricao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_tipo_insumo', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_tipo constant text := interno.exigir_nome('tipo', p_tipo, 1, 10);
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_descricao is null then
        delete from public.tipos_insumo where tipo = v_tipo;
    else
        insert into public.tipos_insumo (tipo, descricao) values (v_tipo, interno.exigir_nome('descricao', p_descricao, 3, 80))
        on conflict (tipo) do update set descricao = excluded.descricao;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('tipo', v_tipo, 'descricao', btrim(p_descricao));
end $$;
comment on function public.definir_tipo_insumo(text, text, text) is
'Diz que produtos deste tipo do TOTVS são insumos; descrição nula = não são mais. Vale para o que o TOTVS mandar depois.';
revoke all on function public.definir_tipo_insumo(text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_tipo_insumo(text, text, text) to authenticated, service_role;

create function public.definir_familia_sem_lote(p_prefixo text, p_descricao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_familia_sem_lote', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_prefixo constant text := interno.exigir_nome('prefixo', p_prefixo, 1, 30);
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_descricao is null then
        delete from public.familias_sem_lote where prefixo = v_prefixo;
    else
        insert into public.familias_sem_lote (prefixo, descricao)
        values (v_prefixo, interno.exigir_nome('descricao', p_descricao, 3, 80))
        on conflict (prefixo) do update set descricao = excluded.descricao;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('prefixo', v_prefixo, 'descricao', btrim(p_descricao));
end $$;
comment on function public.definir_familia_sem_lote(text, text, text) is
'Diz que OPs de produtos que começam assim não abrem lote; descrição nula = abrem. Vale para o que o TOTVS mandar depois.';
revoke all on function public.definir_familia_sem_lote(text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.definir_familia_sem_lote(text, text, text) to authenticated, service_role;
