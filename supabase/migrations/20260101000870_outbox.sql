-- What TOTVS is told: one row per report, in order per OP, told once.
--
--   PENDENTE → ENVIANDO → CONFIRMADO | RECUSADO | INCERTO | ESGOTADO;   a person may end one as DESCARTADO.
--
-- Only the first unfinished report of an OP (its head) can be claimed, by lease. A queue message only rings for a row;
-- attempts, next time and order live here. A lease that ran out means that nobody knows whether the report was sent: it
-- is INCERTO, asked about if the ERP can be asked, else decided by a person. Never sent again blindly.

create table public.disjuntores (
    nome text primary key,
    estado text not null default 'FECHADO' check (estado in ('FECHADO', 'ABERTO', 'SONDANDO')),
    falhas integer not null default 0,
    aberto_em timestamptz,
    sonda_em timestamptz,
    ultimo_erro text,
    check ((estado = 'FECHADO') = (sonda_em is null))
);
comment on table public.disjuntores is 'Disjuntor de cada sistema externo: aberto, ninguém o chama, só uma sonda de tempos em tempos. Fonte: totvs_post.';
comment on column public.disjuntores.nome is 'Sistema: TOTVS. Fonte: banco.';
comment on column public.disjuntores.estado is 'FECHADO (chama-se), ABERTO (espera-se), SONDANDO (uma chamada experimenta). Fonte: totvs_post.';
comment on column public.disjuntores.falhas is 'Falhas seguidas. Fonte: totvs_post.';
comment on column public.disjuntores.aberto_em is 'Desde quando está aberto (UTC). Fonte: totvs_post.';
comment on column public.disjuntores.sonda_em is 'ABERTO: quando a próxima sonda pode ir; SONDANDO: quando outra pode tomar o lugar desta (UTC). Fonte: totvs_post.';
comment on column public.disjuntores.ultimo_erro is 'A falha que o abriu ou o mantém aberto. Fonte: totvs_post.';
insert into public.disjuntores (nome) values ('TOTVS');

create table public.envios_totvs (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    ordem integer not null check (ordem > 0),
    id_externo text not null unique check (length(id_externo) <= 50),
    tipo text not null check (tipo in ('PARCIAL', 'PRODUCAO', 'PERDAS', 'STATUS', 'AJUSTE', 'ESTORNO')),
    conteudo jsonb,
    situacao text not null default 'PENDENTE'
    check (situacao in ('PENDENTE', 'ENVIANDO', 'CONFIRMADO', 'RECUSADO', 'INCERTO', 'ESGOTADO', 'DESCARTADO')),
    tentativas integer not null default 0,
    proxima_em timestamptz default clock_timestamp(),
    lease uuid,
    lease_ate timestamptz,
    campainha text,
    tocado_em timestamptz,
    codigo text,
    erro text,
    resposta text,
    restaurado boolean not null default false,
    criado_em timestamptz not null default clock_timestamp(),
    concluido_em timestamptz,
    decidido_por uuid,
    decisao_motivo text,
    unique (numero_op, ordem),
    check ((situacao = 'ENVIANDO') = (lease is not null))
);
comment on table public.envios_totvs is 'Caixa de saída: o que o TOTVS deve saber, na ordem de cada OP; nunca apagado. Fonte: fechamento e apontamentos parciais.';
comment on column public.envios_totvs.id is 'Identificador. Fonte: banco.';
comment on column public.envios_totvs.numero_op is 'OP. Fonte: fechamento.';
comment on column public.envios_totvs.ordem is 'Posição na fila da OP, a partir de 1: um só vai depois de resolvido o anterior. Fonte: banco.';
comment on column public.envios_totvs.id_externo is 'Identificador estável que o TOTVS recebe e pelo qual pode ser perguntado. Fonte: banco.';
comment on column public.envios_totvs.tipo is 'PARCIAL, PRODUCAO (fechamento), PERDAS, STATUS, AJUSTE ou ESTORNO (quantidades a devolver). Fonte: banco.';
comment on column public.envios_totvs.conteudo is 'O que se informa, nos nomes do SicFar, em unidades; a PRODUCAO do fechamento é calculada na primeira vez que vai. Fonte: banco.';
comment on column public.envios_totvs.situacao is 'PENDENTE, ENVIANDO, CONFIRMADO, RECUSADO, INCERTO (pode ter entrado), ESGOTADO (tentativas demais) ou DESCARTADO. Fonte: totvs_post e pessoas.';
comment on column public.envios_totvs.tentativas is 'Vezes que o TOTVS respondeu e não aceitou. Fonte: totvs_post.';
comment on column public.envios_totvs.proxima_em is 'Quando pode ser tentado, ou perguntado (UTC); nulo = espera uma pessoa, ou acabou. Fonte: totvs_post.';
comment on column public.envios_totvs.lease is 'Quem o está enviando. Fonte: totvs_post.';
comment on column public.envios_totvs.lease_ate is 'Até quando (UTC); depois, não se sabe se foi. Fonte: totvs_post.';
comment on column public.envios_totvs.campainha is 'Mensagem da fila que levou à última tentativa. Fonte: totvs_post.';
comment on column public.envios_totvs.tocado_em is 'Último toque da agenda (UTC). Fonte: lot_closure.';
comment on column public.envios_totvs.codigo is 'Código estável da última falha. Fonte: totvs_post.';
comment on column public.envios_totvs.erro is 'O que houve na última falha, e o que fazer. Fonte: totvs_post.';
comment on column public.envios_totvs.resposta is 'Começo do que o TOTVS respondeu ao aceitar. Fonte: TOTVS.';
comment on column public.envios_totvs.restaurado is 'O TOTVS pode tê-lo recebido antes de o banco voltar a uma cópia antiga: pergunta-se, e as quantidades são comparadas. Fonte: declarar_restauracao.';
comment on column public.envios_totvs.criado_em is 'Instante da criação (UTC). Fonte: banco.';
comment on column public.envios_totvs.concluido_em is 'Instante da última situação final (UTC). Fonte: banco.';
comment on column public.envios_totvs.decidido_por is 'Pessoa que o decidiu. Fonte: Supabase Auth.';
comment on column public.envios_totvs.decisao_motivo is 'Por quê. Fonte: pessoa.';
create index envios_totvs_abertos on public.envios_totvs (numero_op, ordem)
where situacao not in ('CONFIRMADO', 'DESCARTADO');

-- What a report says never changes once it was said; a report is never deleted.
create function interno.proteger_envio()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if (old.id, old.numero_op, old.ordem, old.id_externo, old.tipo, old.criado_em)
            is distinct from (new.id, new.numero_op, new.ordem, new.id_externo, new.tipo, new.criado_em)
        or (old.conteudo is not null and old.conteudo is distinct from new.conteudo)
        or (old.situacao = 'CONFIRMADO' and new.situacao <> 'CONFIRMADO') then
        perform interno.recusar(
            '403', 'SOMENTE_ACRESCIMO', format('O envio %s permanece como foi feito.', old.id_externo),
            'Registre a diferença como ajuste.'
        );
    end if;
    return new;
end $$;
comment on function interno.proteger_envio() is 'Gatilho da caixa de saída: o que se informou não muda nem some, e o confirmado continua confirmado.';
create trigger proteger before update on public.envios_totvs
for each row execute function interno.proteger_envio();
create trigger nunca_apagar before delete or truncate on public.envios_totvs
for each statement execute function interno.impedir_alteracao();

create function interno.criar_envio(p_op text, p_tipo text, p_conteudo jsonb)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ordem integer;
    v_numero integer;
    v_id bigint;
begin
    -- The order's row serialises whoever adds to its queue.
    perform from public.lotes_producao where numero_op = p_op for no key update;
    select coalesce(max(e.ordem), 0) + 1, count(*) filter (where e.tipo = p_tipo) + 1 into v_ordem, v_numero
    from public.envios_totvs as e where e.numero_op = p_op;
    -- A database that lost its last days and closes a lot again must give each report the name it had: by order, kind
    -- and number of the kind, whatever other reports there are this time.
    insert into public.envios_totvs (numero_op, ordem, id_externo, tipo, conteudo)
    values (p_op, v_ordem, format('SF-%s-%s-%s', p_op, p_tipo, to_char(v_numero, 'FM0000')), p_tipo, p_conteudo)
    returning id into v_id;
    perform interno.duvidar(v_id);
    return v_id;
end $$;
comment on function interno.criar_envio(text, text, jsonb) is 'Põe um envio no fim da fila da OP; devolve o identificador.';

create function interno.cabeca(p_op text)
returns public.envios_totvs
language sql
stable
set search_path = ''
as $$
    select e from public.envios_totvs as e
    where e.numero_op = p_op and e.situacao not in ('CONFIRMADO', 'DESCARTADO')
    order by e.ordem
    limit 1
$$;
comment on function interno.cabeca(text) is 'Primeiro envio da OP que ainda não acabou; nulo se todos acabaram.';

-- May somebody call now? The breaker's row is locked, so that of many only one becomes the probe. NULL = yes; else the
-- instant to come again.
create function interno.pedir_passagem(p_nome text, p_sonda_s integer)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_d public.disjuntores;
begin
    select * into v_d from public.disjuntores where nome = p_nome for update;
    if v_d.estado = 'FECHADO' then
        return null;
    end if;
    if v_d.sonda_em > clock_timestamp() then
        return v_d.sonda_em;
    end if;
    update public.disjuntores
    set estado = 'SONDANDO', sonda_em = clock_timestamp() + make_interval(secs => p_sonda_s)
    where nome = p_nome;
    return null;
end $$;
comment on function interno.pedir_passagem(text, integer) is
'Nulo se o sistema pode ser chamado (com o disjuntor aberto, só por uma sonda de cada vez); senão, quando voltar.';

create function interno.anotar_passagem(p_nome text, p_bem boolean, p_erro text, p_falhas integer, p_aberto_s integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_antes public.disjuntores;
    v_depois public.disjuntores;
begin
    select * into v_antes from public.disjuntores where nome = p_nome for update;
    if p_bem then
        update public.disjuntores
        set estado = 'FECHADO', falhas = 0, aberto_em = null, sonda_em = null, ultimo_erro = null
        where nome = p_nome and (estado <> 'FECHADO' or falhas > 0)
        returning * into v_depois;
    else
        update public.disjuntores
        set falhas = falhas + 1, ultimo_erro = p_erro,
            estado = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas then 'ABERTO' else 'FECHADO' end,
            aberto_em = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas then coalesce(aberto_em, clock_timestamp()) end,
            sonda_em = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas
                then clock_timestamp() + make_interval(secs => p_aberto_s) end
        where nome = p_nome
        returning * into v_depois;
    end if;
    if (v_antes.estado = 'FECHADO') <> (v_depois.estado = 'FECHADO') then
        perform interno.anotar_trilha(
            'SISTEMA', case v_depois.estado when 'FECHADO' then 'disjuntor_fechou' else 'disjuntor_abriu' end,
            'disjuntores:' || p_nome, to_jsonb(v_antes), to_jsonb(v_depois), p_erro
        );
    end if;
end $$;
comment on function interno.anotar_passagem(text, boolean, text, integer, integer) is
'Anota se o sistema respondeu; abre o disjuntor depois de p_falhas seguidas, por p_aberto_s segundos.';

create function public.disjuntor_aberto(p_nome text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (
        select from public.disjuntores where nome = p_nome and estado <> 'FECHADO' and sonda_em > clock_timestamp()
    )
$$;
comment on function public.disjuntor_aberto(text) is 'Verdadeiro enquanto o sistema não deve ser chamado.';

-- Claim a report. situacao of the answer:
--   ENVIAR    it is yours until lease_ate: send `conteudo`; if `consultar`, ask first whether it is there, and if
--             `conferir`, with these very amounts
--   ESPERAR   not now (breaker, its time, somebody else's lease): the schedule rings again
--   NADA      nothing to do for this ring (done, not the head, waits for a person)
--   FALHOU    refused or exhausted, and this very ring has led to that: the message belongs in the dead letter queue
create function public.reivindicar_envio(
    p_envio bigint, p_campainha text, p_lease_s integer, p_consulta boolean
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_envio public.envios_totvs;
    v_cabeca public.envios_totvs;
    v_volta timestamptz;
    v_consultar boolean;
begin
    select * into v_envio from public.envios_totvs where id = p_envio for update;
    select * into v_cabeca from interno.cabeca(v_envio.numero_op);
    if v_cabeca.id is null then
        return jsonb_build_object('situacao', 'NADA', 'porque', coalesce(v_envio.situacao, 'DESCONHECIDO'));
    end if;
    if v_envio.situacao in ('CONFIRMADO', 'DESCARTADO') then
        -- The same message told this one and then failed with the next of its order: redriven, it rings for that one.
        select * into v_envio from public.envios_totvs where id = v_cabeca.id for update;
    elsif v_cabeca.id <> v_envio.id then
        return jsonb_build_object('situacao', 'NADA', 'porque', 'FORA_DA_VEZ', 'espera', v_cabeca.id);
    end if;
    if v_envio.situacao in ('RECUSADO', 'ESGOTADO') and v_envio.campainha is not distinct from p_campainha then
        return jsonb_build_object('situacao', 'FALHOU', 'envio', v_envio.id, 'codigo', v_envio.codigo, 'erro', v_envio.erro);
    end if;
    if v_envio.situacao = 'ENVIANDO' and v_envio.lease_ate > clock_timestamp() then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_envio.lease_ate);
    end if;
    -- What a restored database may have told before is asked about whenever it can be: also redriven, or said to be new.
    v_consultar := v_envio.situacao in ('ENVIANDO', 'INCERTO') or v_envio.restaurado and p_consulta;
    if v_envio.situacao = 'ENVIANDO' and not p_consulta then
        update public.envios_totvs
        set situacao = 'INCERTO', lease = null, lease_ate = null, proxima_em = null, codigo = 'interrupted',
            erro = 'O envio foi interrompido; não se sabe se chegou ao TOTVS.'
        where id = v_envio.id;
        return jsonb_build_object('situacao', 'NADA', 'porque', 'INCERTO');
    end if;
    -- A person decides: nobody can be asked, or asking for this one report says nothing of partial ones that were lost.
    if v_envio.situacao = 'INCERTO' and (not p_consulta or v_envio.restaurado and (
        v_envio.proxima_em is null or exists (select from public.restauracoes as r where r.parciais)
    )) then
        update public.envios_totvs
        set proxima_em = null, conteudo = coalesce(conteudo, interno.conteudo_fechamento(v_envio.numero_op))
        where id = v_envio.id and (proxima_em is not null or conteudo is null);
        return jsonb_build_object('situacao', 'NADA', 'porque', 'INCERTO');
    end if;
    if v_envio.situacao in ('PENDENTE', 'INCERTO') and v_envio.proxima_em > clock_timestamp() then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_envio.proxima_em);
    end if;
    v_volta := interno.pedir_passagem('TOTVS', p_lease_s);
    if v_volta is not null then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_volta);
    end if;
    if v_envio.conteudo is null then
        v_envio.conteudo := interno.conteudo_fechamento(v_envio.numero_op);
    end if;
    update public.envios_totvs
    set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
        campainha = p_campainha, conteudo = v_envio.conteudo
    where id = v_envio.id
    returning * into v_envio;
    return jsonb_build_object(
        'situacao', 'ENVIAR', 'envio', v_envio.id, 'lease', v_envio.lease, 'id_externo', v_envio.id_externo,
        'tipo', v_envio.tipo, 'numero_op', v_envio.numero_op, 'tentativas', v_envio.tentativas,
        'conteudo', v_envio.conteudo, 'consultar', v_consultar, 'conferir', v_envio.restaurado
    );
end $$;
comment on function public.reivindicar_envio(bigint, text, integer, boolean) is
'Toma um envio para enviar, por p_lease_s segundos; p_consulta: o TOTVS pode ser perguntado. Devolve ENVIAR, ESPERAR, NADA ou FALHOU.';

-- Put down what came of it, with every call made. p_conclusao: id_externo, lease, situacao (PENDENTE = again later,
-- CONFIRMADO, RECUSADO, INCERTO, ESGOTADO), conta (an attempt), espera_s (null = a person), codigo, erro, resposta,
-- disjuntor (true: it answered, false: it did not, null: says nothing), falhas, aberto_s.
-- Said twice, the second says nothing. A lease that is no longer ours may still confirm: that is a fact. Not so for a
-- report that may have been made anew since: a message older than the restored copy speaks of other amounts, and its
-- number may be another report's by now.
create function public.concluir_envio(p_conclusao jsonb, p_tentativas jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_c constant jsonb := interno.json_recebido(p_conclusao);
    v_envio public.envios_totvs;
    v_meu boolean;
    v_proximo public.envios_totvs;
begin
    select * into v_envio from public.envios_totvs where id_externo = v_c ->> 'id_externo' for update;
    perform public.registrar_tentativas((
        select jsonb_agg(t || jsonb_build_object('envio_id', v_envio.id)) from jsonb_array_elements(interno.json_recebido(p_tentativas)) as t
    ));
    v_meu := v_envio.situacao = 'ENVIANDO' and v_envio.lease = (v_c ->> 'lease')::uuid;
    if v_meu or (
        v_c ->> 'situacao' = 'CONFIRMADO' and v_envio.situacao not in ('CONFIRMADO', 'DESCARTADO') and not v_envio.restaurado
    ) then
        update public.envios_totvs
        set situacao = v_c ->> 'situacao', lease = null, lease_ate = null,
            tentativas = tentativas + (v_c ->> 'conta')::boolean::integer,
            proxima_em = clock_timestamp() + make_interval(secs => (v_c ->> 'espera_s')::double precision),
            codigo = v_c ->> 'codigo', erro = v_c ->> 'erro', resposta = coalesce(v_c ->> 'resposta', resposta),
            concluido_em = case when v_c ->> 'situacao' in ('CONFIRMADO', 'RECUSADO', 'ESGOTADO') then clock_timestamp() end
        where id = v_envio.id
        returning * into v_envio;
    end if;
    if v_meu and v_c ->> 'disjuntor' is not null then
        perform interno.anotar_passagem(
            'TOTVS', (v_c ->> 'disjuntor')::boolean, v_c ->> 'erro', (v_c ->> 'falhas')::integer, (v_c ->> 'aberto_s')::integer
        );
    end if;
    select * into v_proximo from interno.cabeca(v_envio.numero_op);
    return jsonb_build_object(
        'situacao', v_envio.situacao,
        'proximo', case when v_proximo.id <> v_envio.id and v_proximo.situacao = 'PENDENTE' then v_proximo.id end
    );
end $$;
comment on function public.concluir_envio(jsonb, jsonb) is
'Registra o que houve com um envio e as chamadas feitas; devolve a situação e o próximo envio da OP, se pode ir.';

-- Which reports the schedule should ring for: heads whose time has come, or whose lease ran out. While the breaker is
-- open none; when a probe is due, one.
create function public.campainhas_totvs(p_limite integer, p_intervalo_s integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d public.disjuntores;
    v_limite integer := p_limite;
    v_tocados jsonb;
begin
    select * into v_d from public.disjuntores where nome = 'TOTVS';
    if v_d.estado <> 'FECHADO' then
        v_limite := case when v_d.sonda_em <= clock_timestamp() then 1 else 0 end;
    end if;
    with cabecas as (
        select distinct on (e.numero_op) e.id, e.situacao, e.proxima_em, e.lease_ate, e.tocado_em
        from public.envios_totvs as e
        where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
        order by e.numero_op, e.ordem
    ),
    devidas as (
        select c.id from cabecas as c
        where (c.situacao in ('PENDENTE', 'INCERTO') and c.proxima_em <= clock_timestamp()
            or c.situacao = 'ENVIANDO' and c.lease_ate <= clock_timestamp())
          and coalesce(c.tocado_em, '-infinity') <= clock_timestamp() - make_interval(secs => p_intervalo_s)
        order by coalesce(c.proxima_em, c.lease_ate)
        limit v_limite
    ),
    tocadas as (
        update public.envios_totvs as e set tocado_em = clock_timestamp()
        from devidas where e.id = devidas.id
        returning e.id
    )
    select coalesce(jsonb_agg(id order by id), '[]') into v_tocados from tocadas;
    return v_tocados;
end $$;
comment on function public.campainhas_totvs(integer, integer) is
'Envios pelos quais a agenda deve tocar agora, no máximo p_limite; um mesmo, não antes de p_intervalo_s segundos.';

-- What a person knows about a report that waits for one.
create function public.decidir_envio(p_id bigint, p_decisao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('decidir_envio', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.envios_totvs;
    v_depois public.envios_totvs;
begin
    perform interno.exigir_decisao(p_decisao, 'ENTROU', 'REENVIAR', 'DESCARTAR');
    select * into v_antes from public.envios_totvs where id = p_id for update;
    if v_antes.id is null then
        perform interno.recusar_desconhecido('ENVIO_DESCONHECIDO', format('Não há envio %s.', p_id));
    end if;
    if v_antes.situacao not in ('INCERTO', 'RECUSADO', 'ESGOTADO') then
        perform interno.recusar_decidido(format('O envio %s não espera ninguém (%s).', v_antes.id_externo, v_antes.situacao));
    end if;
    update public.envios_totvs
    set situacao = case p_decisao when 'ENTROU' then 'CONFIRMADO' when 'REENVIAR' then 'PENDENTE' else 'DESCARTADO' end,
        tentativas = case p_decisao when 'REENVIAR' then 0 else tentativas end,
        proxima_em = case p_decisao when 'REENVIAR' then clock_timestamp() end, tocado_em = null,
        concluido_em = case when p_decisao <> 'REENVIAR' then clock_timestamp() end,
        decidido_por = interno.usuario_atual(), decisao_motivo = v_motivo
    where id = p_id
    returning * into v_depois;
    perform interno.anotar_trilha(
        v_papel, 'decidir_envio', format('envios_totvs:%s', p_id), to_jsonb(v_antes), to_jsonb(v_depois), v_motivo
    );
    return jsonb_build_object('id', p_id, 'id_externo', v_depois.id_externo, 'situacao', v_depois.situacao);
end $$;
comment on function public.decidir_envio(bigint, text, text) is
'Decide um envio incerto, recusado ou esgotado: ENTROU (está no TOTVS), REENVIAR (não está; vai de novo) ou DESCARTAR (não vai mais).';

-- Dead letters --------------------------------------------------------------------------------------------------------

create table public.falhas_mensagens (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    fila text not null,
    mensagem_id text not null,
    funcao text not null,
    codigo text not null,
    motivo text not null
);
comment on table public.falhas_mensagens is 'Por que uma mensagem foi para a fila de mortos. Somente acréscimo. Fonte: as funções que leem filas.';
comment on column public.falhas_mensagens.id is 'Identificador. Fonte: banco.';
comment on column public.falhas_mensagens.em is 'Instante (UTC). Fonte: banco.';
comment on column public.falhas_mensagens.fila is 'Fila de origem. Fonte: função.';
comment on column public.falhas_mensagens.mensagem_id is 'Identificador da mensagem no SQS, o mesmo na fila de mortos. Fonte: SQS.';
comment on column public.falhas_mensagens.funcao is 'Função que a recusou. Fonte: função.';
comment on column public.falhas_mensagens.codigo is 'Código estável do erro. Fonte: função.';
comment on column public.falhas_mensagens.motivo is 'O que houve e o que fazer. Fonte: função.';
create index falhas_mensagens_mensagem on public.falhas_mensagens (mensagem_id);
create trigger somente_acrescimo before update or delete or truncate on public.falhas_mensagens
for each statement execute function interno.impedir_alteracao();

create table public.mensagens_descartadas (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    fila text not null,
    mensagem_id text not null,
    corpo text not null,
    quem text not null check (btrim(quem) <> ''),
    motivo text not null
);
comment on table public.mensagens_descartadas is 'Mensagens mortas que alguém descartou, com o seu conteúdo. Somente acréscimo. Fonte: sicfar dlq discard.';
comment on column public.mensagens_descartadas.id is 'Identificador. Fonte: banco.';
comment on column public.mensagens_descartadas.em is 'Instante (UTC). Fonte: banco.';
comment on column public.mensagens_descartadas.fila is 'Fila de mortos. Fonte: SQS.';
comment on column public.mensagens_descartadas.mensagem_id is 'Identificador da mensagem no SQS. Fonte: SQS.';
comment on column public.mensagens_descartadas.corpo is 'Conteúdo da mensagem. Fonte: SQS.';
comment on column public.mensagens_descartadas.quem is 'Quem descartou, como se identificou. Fonte: pessoa.';
comment on column public.mensagens_descartadas.motivo is 'Por quê. Fonte: pessoa.';
create trigger somente_acrescimo before update or delete or truncate on public.mensagens_descartadas
for each statement execute function interno.impedir_alteracao();

create function public.registrar_falha(p_fila text, p_mensagem_id text, p_funcao text, p_codigo text, p_motivo text)
returns boolean
language sql
security definer
set search_path = ''
as $$
    -- Received several times on its way to the dead letters, told once.
    with nova as (
        insert into public.falhas_mensagens (fila, mensagem_id, funcao, codigo, motivo)
        select p_fila, p_mensagem_id, p_funcao, p_codigo, p_motivo
        where not exists (
            select from public.falhas_mensagens as f
            where f.mensagem_id = p_mensagem_id and f.codigo = p_codigo and f.motivo = p_motivo
        )
        returning id
    )
    select exists (select from nova)
$$;
comment on function public.registrar_falha(text, text, text, text, text) is 'Anota por que uma mensagem não tem conserto por si; uma vez por motivo. Verdadeiro se era nova.';

create function public.motivos_falhas(p_mensagens jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.mensagem_id, t.falha), '{}')
    from (
        select distinct on (f.mensagem_id) f.mensagem_id, jsonb_build_object(
            'em', f.em, 'funcao', f.funcao, 'codigo', f.codigo, 'motivo', f.motivo
        ) as falha
        from public.falhas_mensagens as f
        where f.mensagem_id in (select jsonb_array_elements_text(interno.json_recebido(p_mensagens)))
        order by f.mensagem_id, f.id desc
    ) as t
$$;
comment on function public.motivos_falhas(jsonb) is 'Última falha conhecida de cada mensagem da lista: em, funcao, codigo e motivo.';

create function public.registrar_descarte(p_fila text, p_mensagem_id text, p_corpo text, p_quem text, p_motivo text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id bigint;
begin
    insert into public.mensagens_descartadas (fila, mensagem_id, corpo, quem, motivo)
    values (p_fila, p_mensagem_id, p_corpo, p_quem, interno.exigir_motivo(p_motivo))
    returning id into v_id;
    perform interno.anotar_trilha(
        'SISTEMA', 'descartar_mensagem', format('%s:%s', p_fila, p_mensagem_id), null, jsonb_build_object('quem', p_quem), p_motivo
    );
    return v_id;
end $$;
comment on function public.registrar_descarte(text, text, text, text, text) is 'Guarda uma mensagem morta que alguém descarta, com motivo, antes de ela sair da fila; devolve o identificador.';
