-- What people and screens read. All views run with the reader's own rights (security_invoker).

-- One row per matter that waits for a person, with the function that settles it.
create view public.pendencias with (security_invoker = true) as
with sem_ordem as (
    select
        t.linha_id,
        (t.em at time zone 'America/Fortaleza')::date as dia,
        sum(t.producao) as producao,
        sum(t.rejeicao) as rejeicao,
        min(t.em) as de,
        max(t.ate) as ate
    from (
        select
            m.linha_id,
            m.minuto as em,
            m.minuto + interval '1 minute' as ate,
            m.sem_ordem_producao - m.justificada_producao as producao,
            m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
        union all
        select
            i.linha_id,
            i.ate as em,
            i.ate,
            i.producao,
            i.rejeicao
        from public.contagens_intervalo as i
        where i.situacao = 'SEM_ORDEM' and not i.justificada
    ) as t
    group by t.linha_id, (t.em at time zone 'America/Fortaleza')::date
),

retidas as (
    select
        r.assunto,
        r.linha_id,
        r.motivo,
        count(*) as itens,
        max(r.id) as ultima,
        sum(r.producao) as producao,
        sum(r.rejeicao) as rejeicao,
        min(r.desde) as de,
        max(r.ate) as ate,
        bool_or('futura' = any(r.flags)) as futura,
        min(r.criada_em) as desde
    from public.contagens_retidas as r
    group by r.assunto, r.linha_id, r.motivo
),

faltas as (
    select
        f.gateway,
        f.epoca,
        count(*) as faixas,
        min(f.anterior) + 1 as de,
        max(f.seq) - 1 as ate,
        sum(f.seq - f.anterior - 1) as sequencias,
        to_jsonb((array_agg(array[f.anterior + 1, f.seq - 1] order by f.seq))[:50]) as primeiras,
        min(f.desde) as desde
    from public.lacunas_sequencia as f
    where f.seq - f.anterior > 1 and f.desde < now() - interval '10 minutes'
    group by f.gateway, f.epoca
),

-- One matter per subject, however often it was sent. A missing reference usually comes by itself within two pulls.
eventos as (
    select
        e.situacao,
        min(e.id) as primeiro,
        max(e.id) as ultimo,
        count(*) as itens,
        min(e.recebido_em) as desde
    from public.eventos_totvs as e
    where e.resolvido_em is null
        and (e.situacao = 'RECUSADO' or e.situacao = 'ESTACIONADO' and e.recebido_em < now() - interval '30 minutes')
    group by e.situacao, e.tipo, coalesce(e.referencia, e.sha256)
)

select -- noqa: ST06
    p.tipo,
    p.chave,
    p.linha_id,
    coalesce(linha.setor, case p.tipo when 'PAPEL_PEDIDO' then p.detalhes ->> 'setor' end) as setor,
    p.descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao(p.funcao), ', ') as quem_decide,
    p.funcao,
    p.detalhes
from (
    select
        'SEM_ORDEM' as tipo,
        s.linha_id || ':' || s.dia as chave,
        s.linha_id,
        s.linha_id as linha_do_setor,
        format(
            'A linha %s contou %s (rejeição %s) sem ordem aberta em %s.',
            s.linha_id, s.producao, s.rejeicao, to_char(s.dia, 'DD/MM/YYYY')
        ) as descricao,
        s.de as desde,
        'justificar_sem_ordem' as funcao,
        jsonb_build_object(
            'p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', s.ate + interval '1 millisecond',
            'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem'
        ) as detalhes
    from sem_ordem as s
    union all
    select
        'RETIDA' as tipo,
        r.assunto,
        r.linha_id,
        r.linha_id as linha_do_setor,
        case
            when r.motivo = 'FRONTEIRA' then format(
                'Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.', r.producao, r.rejeicao
            )
            else format(
                '%s de %s (rejeição %s)%s%s.',
                case
                    when r.futura then 'Contagem'
                    when r.itens = 1 then 'Contagem implausível'
                    else 'Contagens implausíveis'
                end,
                r.producao, r.rejeicao,
                case
                    when r.futura then format(
                        ' datada de %s, muito depois de chegar',
                        to_char(r.ate at time zone 'America/Fortaleza', 'DD/MM/YYYY HH24:MI')
                    )
                end,
                case when r.itens > 1 then format(', em %s registros', r.itens) end
            )
        end,
        r.desde,
        'decidir_retido' as funcao,
        jsonb_build_object(
            'p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate,
            'producao', r.producao, 'rejeicao', r.rejeicao
        )
    from retidas as r
    union all
    select
        'QUARENTENA' as tipo,
        q.assunto,
        case when cardinality(q.linhas) = 1 and q.sem_linha = 0 then q.linhas[1] end,
        case when q.sem_linha = 0 and (
            select count(distinct l.setor) = 1 and count(l.setor) = cardinality(q.linhas)
            from public.linhas as l
            where l.linha_id = any(q.linhas)
        ) then q.linhas[1] end,
        case
            when q.itens = 1 then p.detalhe
            else format(
                '%s itens de %s, desde %s até %s. O primeiro: %s', q.itens,
                case when q.arquivos = 1 then 'um arquivo' else q.arquivos || ' arquivos' end,
                to_char(q.desde at time zone 'America/Fortaleza', 'DD/MM/YYYY HH24:MI'),
                to_char(q.ultimo_em at time zone 'America/Fortaleza', 'DD/MM/YYYY HH24:MI'), p.detalhe
            )
        end,
        q.desde,
        'resolver_quarentena' as funcao,
        jsonb_build_object(
            'p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos,
            'linhas', nullif(q.linhas[:50], '{}'),
            'motivo', p.motivo, 'outros_motivos', coalesce(p.outros_motivos, '{}'), 'de', q.de, 'ate', q.ate,
            'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao,
            'arquivo', p.chave, 'versao_id', p.versao_id, 'byte_de', p.byte_de, 'byte_ate', p.byte_ate,
            'primeiros_bytes', encode(substring(p.amostra for 64), 'escape'),
            'fonte', p.fonte, 'alternativa', case
                when p.fonte is not null then 'definir_fonte'
                when public.reprocessavel(p) then 'reprocessar_quarentena'
            end
        )
    from public.quarentena_assuntos as q
    inner join public.quarentena as p on q.primeiro = p.id
    union all
    select
        'RELOGIO_EM_DUVIDA' as tipo,
        d.id::text,
        null as linha_id,
        null as linha_do_setor,
        format('%s Linhas %s, %s lotes.', d.descricao, array_to_string(d.linhas, ', '), d.lotes),
        d.criada_em,
        'decidir_relogio' as funcao,
        jsonb_build_object(
            'p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate,
            'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes
        )
    from public.duvidas_relogio as d
    where d.decisao is null
    union all
    select
        'SEQUENCIA_AUSENTE' as tipo,
        f.gateway || ':' || f.epoca || ':' || concat_ws('-', f.de, nullif(f.ate, f.de)),
        null as linha_id,
        null as linha_do_setor,
        case
            when f.sequencias = 1 then format('O lote %s do gateway %s não chegou.', f.de, f.gateway)
            when f.faixas = 1 then format(
                'Os lotes de %s a %s do gateway %s não chegaram (%s).', f.de, f.ate, f.gateway, f.sequencias
            )
            else format(
                'Faltam %s lotes do gateway %s, em %s faixas de %s a %s.',
                f.sequencias, f.gateway, f.faixas, f.de, f.ate
            )
        end,
        f.desde,
        'anular_sequencia' as funcao,
        jsonb_build_object(
            'p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', f.faixas > 1,
            'sequencias', f.sequencias, 'faixas', f.primeiras
        )
    from faltas as f
    union all
    select
        'EPOCA_NOVA' as tipo,
        e.gateway || ':' || e.epoca,
        null as linha_id,
        null as linha_do_setor,
        format(
            'O gateway %s foi reinstalado; falta dizer o último envio da instalação anterior (recebido até %s).',
            e.gateway, e.maior_seq
        ),
        n.em,
        'encerrar_epoca' as funcao,
        jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq)
    from public.epocas_gateway as e
    cross join lateral (
        select min(x.primeira_vez_em) as em
        from public.epocas_gateway as x
        where x.gateway = e.gateway and (x.inicio, x.numero) > (e.inicio, e.numero)
    ) as n
    where e.ultima_seq_declarada is null and n.em is not null
    union all
    select
        case e.situacao when 'RECUSADO' then 'EVENTO_RECUSADO' else 'EVENTO_ESTACIONADO' end,
        g.primeiro::text,
        null as linha_id,
        null as linha_do_setor,
        format(
            'Evento do TOTVS (%s)%s: %s', concat_ws(' ', e.tipo, e.referencia),
            case when g.itens > 1 then format(', enviado %s vezes', g.itens) end, e.motivo
        ),
        g.desde,
        'resolver_evento_totvs' as funcao,
        jsonb_build_object(
            'p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia,
            'recebimento', e.recebimento_id, 'itens', g.itens
        )
    from eventos as g
    inner join public.eventos_totvs as e on g.ultimo = e.id
    union all
    select
        o.tipo,
        o.chave,
        o.linha_id,
        o.linha_do_setor,
        o.descricao,
        o.desde,
        o.funcao,
        o.detalhes
    from public.pendencias_ordens as o
    union all
    select
        'ENVIO' as tipo,
        e.id_externo,
        null as linha_id,
        null as linha_do_setor,
        format(
            'Envio %s ao TOTVS (%s, OP %s): %s%s. %s', e.id_externo, e.tipo, e.numero_op, lower(e.situacao),
            case when e.situacao = 'INCERTO' or e.pode_ter_entrado then ', pode ter entrado' end, e.erro
        ),
        coalesce(e.concluido_em, e.tocado_em, e.criado_em),
        'decidir_envio' as funcao,
        jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo)
    from public.envios_totvs as e
    where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null
    union all
    select
        'APONTAMENTO_LINHA' as tipo,
        a.linha_id as chave,
        a.linha_id,
        a.linha_id as linha_do_setor,
        a.descricao,
        a.em,
        a.falta,
        jsonb_build_object('p_linha_id', a.linha_id, 'p_desde', a.desde, 'alternativa', 'suspender_apontamento')
    from public.aprovacoes_apontamento as a
    union all
    select
        'PAPEL_PEDIDO' as tipo,
        r.id::text,
        null as linha_id,
        null as linha_do_setor,
        format(
            '%s pede o papel %s %s para %s: %s', coalesce(gestor.nome, r.pedido_por::text), r.papel,
            coalesce('no setor ' || r.setor, 'em todos os setores'), coalesce(pessoa.nome, r.usuario_id::text), r.motivo
        ),
        r.pedido_em,
        'conceder_papel' as funcao,
        jsonb_build_object(
            'p_id', r.id, 'usuario_id', r.usuario_id, 'papel', r.papel, 'setor', r.setor, 'pedido_por', r.pedido_por,
            'alternativa', 'retirar_pedido_papel'
        )
    from public.pedidos_papel as r
    left join public.pessoas_vigentes as gestor on r.pedido_por = gestor.usuario_id
    left join public.pessoas_vigentes as pessoa on r.usuario_id = pessoa.usuario_id
    where r.situacao = 'PEDIDO'
) as p
left join public.linhas as linha on p.linha_do_setor = linha.linha_id;
comment on view public.pendencias is 'Tudo que espera uma pessoa, uma linha por assunto, com a função que o resolve. Fonte: contagens, quarentena, épocas e o TOTVS.';
comment on column public.pendencias.tipo is 'SEM_ORDEM, RETIDA, QUARENTENA, SEQUENCIA_AUSENTE, EPOCA_NOVA, EVENTO_RECUSADO, EVENTO_ESTACIONADO, OP_CANCELADA, OP_POSTA_DE_LADO, OP_ALTERADA, FECHAMENTO, AJUSTE, ENVIO, APONTAMENTO_LINHA ou PAPEL_PEDIDO.';
comment on column public.pendencias.chave is 'Identifica o assunto dentro do tipo.';
comment on column public.pendencias.linha_id is 'Linha, se o assunto for de uma.';
comment on column public.pendencias.setor is 'Setor da linha, ou o do papel pedido; nulo se de todos.';
comment on column public.pendencias.descricao is 'O que aconteceu, em português.';
comment on column public.pendencias.desde is 'Desde quando espera (UTC).';
comment on column public.pendencias.quem_decide is 'Papéis que podem decidir, separados por vírgula.';
comment on column public.pendencias.funcao is 'Função SQL que resolve o assunto.';
comment on column public.pendencias.detalhes is 'Argumentos da função (p_…) e números do assunto, em contagens da máquina.';
revoke all on public.pendencias from public, anon, authenticated, service_role;
grant select on public.pendencias to authenticated, service_role;
