-- What TOTVS owns of an order and a product is in the trail too: on it a lot is released. What we did of an order (its
-- state) follows from facts that have their own trail.
create trigger auditar after insert or update or delete on public.produtos
for each row execute function interno.auditar_cadastro('produto_codigo', 'atualizado_em');
create trigger auditar after insert or update or delete on public.lotes_producao
for each row execute function interno.auditar_cadastro('numero_op', 'status', 'atualizado_em');

-- Where the trail begins for rows that were there before it: as they stand.
do $$
declare
    v_tabela record;
begin
    for v_tabela in
        select c.relname as nome, convert_from(split_part(encode(t.tgargs, 'escape'), '\000', 1)::bytea, 'UTF8') as chave,
            (
                select string_agg(format('r.j ->> %L', a.attname), ', ' order by a.attnum)
                from pg_index as i
                inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                where i.indrelid = c.oid and i.indisprimary
            ) as colunas
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where t.tgfoid = 'interno.auditar_cadastro'::regproc
        order by c.relname
    loop
        execute format(
            'insert into public.trilha_auditoria (papel, acao, objeto, depois, motivo)
            select ''SISTEMA'', ''existente'', %L || (r.j ->> %L), r.j, ''Como estava quando a trilha deste cadastro começou.''
            from (select to_jsonb(t) as j from public.%I as t) as r
            where not exists (
                select from public.trilha_auditoria as t
                where t.objeto = %L || (r.j ->> %L) and t.acao in (''insert'', ''update'', ''existente'')
                  and array[%s] = array[%s]
            )',
            v_tabela.nome || ':', v_tabela.chave, v_tabela.nome, v_tabela.nome || ':', v_tabela.chave,
            v_tabela.colunas, replace(v_tabela.colunas, 'r.j', 't.depois')
        );
    end loop;
end $$;
