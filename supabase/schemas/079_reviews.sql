-- Who may do what, and what was done, looked through by a person at intervals: signed as a Diário is, never changed.

create table public.revisoes (
    id bigint generated always as identity primary key,
    tema text not null check (tema in ('ACESSO', 'TRILHA')),
    de timestamptz not null,
    ate timestamptz not null check (ate > de),
    conteudo jsonb not null,
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    significado text not null,
    observacao text not null,
    autenticado_em timestamptz not null,
    assinado_em timestamptz not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table public.revisoes is 'Revisões assinadas dos acessos e da trilha de auditoria, somente acréscimo. Fonte: registrar_revisao.';
comment on column public.revisoes.tema is 'ACESSO (quem pode o quê, e o que mudou nisso) ou TRILHA (o que se fez). Fonte: pessoa.';
comment on column public.revisoes.de is 'Começo do período revisto, inclusive (UTC). Fonte: pessoa.';
comment on column public.revisoes.ate is 'Fim do período revisto, exclusive (UTC). Fonte: pessoa.';
comment on column public.revisoes.conteudo is 'O que se reviu, como conferir_revisao o mostrou. Fonte: banco.';
comment on column public.revisoes.usuario_id is 'Quem assinou. Fonte: Supabase Auth.';
comment on column public.revisoes.nome is 'Nome de quem assinou. Fonte: pessoas.';
comment on column public.revisoes.papel is 'Papel com que assinou. Fonte: papeis_usuario.';
comment on column public.revisoes.significado is 'O que a assinatura quer dizer. Fonte: pessoa.';
comment on column public.revisoes.observacao is 'O que se achou, e o que se fez disso. Fonte: pessoa.';
comment on column public.revisoes.autenticado_em is 'Instante do login de quem assinou (UTC). Fonte: token.';
comment on column public.revisoes.sha256 is 'SHA-256, hexadecimal, de tudo da linha menos o id. Fonte: banco.';
alter table public.revisoes enable row level security;
revoke all on public.revisoes from public, anon, authenticated, service_role;
revoke all on sequence public.revisoes_id_seq from public, anon, authenticated, service_role;
grant select on public.revisoes to authenticated, service_role;
-- It holds everybody's roles, which are shown to those who review them only.
create policy leitura on public.revisoes for select to authenticated using (
    exists (
        select from public.papeis_usuario as p
        where p.papel in ('ADMIN', 'QUALIDADE')
          and p.usuario_id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )
);
create trigger somente_acrescimo before update or delete or truncate on public.revisoes
for each statement execute function interno.impedir_alteracao();

create function interno.acessos_a_rever(p_de timestamptz, p_ate timestamptz)
returns jsonb
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
    select jsonb_build_object(
        'pessoas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'usuario_id', r.usuario_id, 'nome', p.nome, 'papeis', r.papeis,
                'ultimo_ato', (select max(t.em) from public.trilha_auditoria as t where t.usuario_id = r.usuario_id and t.em < p_ate)
            ) order by p.nome, r.usuario_id), '[]')
            from (
                select v.usuario_id, jsonb_agg(concat_ws(' ', v.papel, v.setor) order by v.papel, v.setor) as papeis
                from public.papeis_vigentes as v group by v.usuario_id
            ) as r
            left join public.pessoas_vigentes as p on p.usuario_id = r.usuario_id
        ),
        'mudancas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'id', t.id, 'em', t.em, 'por', t.usuario_id, 'papel', t.papel, 'acao', t.acao, 'antes', t.antes,
                'depois', t.depois, 'motivo', t.motivo
            ) order by t.id), '[]')
            from public.trilha_auditoria as t
            where t.em >= p_de and t.em < p_ate and split_part(t.objeto, ':', 1) in ('papeis_usuario', 'pessoas')
        )
    )
$$;
comment on function interno.acessos_a_rever(timestamptz, timestamptz) is
'Quem tem que papéis hoje, com o último ato de cada um, e cada mudança de papel ou pessoa no período.';

create function interno.trilha_a_rever(p_de timestamptz, p_ate timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    with t as (
        select x.id, x.usuario_id, x.papel, x.acao, split_part(x.objeto, ':', 1) as tabela, x.motivo
        from public.trilha_auditoria as x
        where x.em >= p_de and x.em < p_ate
    )
    select jsonb_build_object(
        'linhas', (select count(*) from t), 'primeira', (select min(t.id) from t), 'ultima', (select max(t.id) from t),
        'sem_pessoa_nem_motivo', (
            select coalesce(jsonb_agg(distinct concat_ws(' ', t.papel, t.acao, t.tabela)), '[]')
            from t where t.usuario_id is null and t.motivo is null and t.papel <> 'SISTEMA'
        ),
        'atos', (
            select coalesce(jsonb_agg(to_jsonb(g) order by g.acao, g.tabela, g.nome, g.papel), '[]')
            from (
                select t.acao, t.tabela, p.nome, t.papel, count(*) as quantos, count(t.motivo) as com_motivo
                from t left join public.pessoas_vigentes as p on p.usuario_id = t.usuario_id
                group by t.acao, t.tabela, p.nome, t.papel
            ) as g
        )
    )
$$;
comment on function interno.trilha_a_rever(timestamptz, timestamptz) is
'O que a trilha do período diz, contado por ato, tabela, pessoa e papel; e o que foi feito direto no banco, sem pessoa nem motivo.';

create function interno.conteudo_revisao(p_tema text, p_de timestamptz, p_ate timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
    perform public.conferir_janela(p_de, p_ate, interval '366 days');
    if p_de >= p_ate or p_ate > clock_timestamp() then
        perform interno.recusar(
            '422', 'INTERVALO_INVALIDO', 'O período a rever termina depois de começar, e já passou.', 'Corrija os instantes.'
        );
    end if;
    return case
        when p_tema = 'ACESSO' then interno.acessos_a_rever(p_de, p_ate)
        else interno.trilha_a_rever(p_de, p_ate)
    end;
end $$;
comment on function interno.conteudo_revisao(text, timestamptz, timestamptz) is 'O que há a rever de um tema num período que já passou, de até 366 dias.';

create function public.conferir_revisao(p_tema text, p_de timestamptz, p_ate timestamptz)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('registrar_revisao', null);
    v_conteudo constant jsonb := interno.conteudo_revisao(p_tema, p_de, p_ate);
begin
    perform interno.exigir_opcao('tema', p_tema, 'ACESSO', 'TRILHA');
    return jsonb_build_object(
        'tema', p_tema, 'de', p_de, 'ate', p_ate, 'conteudo', v_conteudo, 'conteudo_sha256', interno.sha_conteudo(v_conteudo)
    );
end $$;
comment on function public.conferir_revisao(text, timestamptz, timestamptz) is
'O que se vai rever: ACESSO (papéis de hoje e o que mudou no período) ou TRILHA (atos do período), e o SHA-256 dele (p_visto de registrar_revisao).';
revoke all on function public.conferir_revisao(text, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function public.conferir_revisao(text, timestamptz, timestamptz) to authenticated, service_role;

create function public.registrar_revisao(
    p_tema text, p_de timestamptz, p_ate timestamptz, p_visto text, p_significado text, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('registrar_revisao', null);
    v_login constant timestamptz := interno.exigir_login_recente();
    v_nome constant text := interno.exigir_nome_proprio();
    v_observacao constant text := interno.exigir_motivo(p_motivo);
    v_conteudo constant jsonb := interno.conteudo_revisao(p_tema, p_de, p_ate);
    v_nova public.revisoes;
begin
    perform interno.exigir_opcao('tema', p_tema, 'ACESSO', 'TRILHA');
    if coalesce(length(btrim(p_significado)), 0) < 5 then
        perform interno.recusar('422', 'SIGNIFICADO_OBRIGATORIO', 'A assinatura precisa dizer o que significa.', 'Informe o significado da assinatura.');
    end if;
    if p_visto is distinct from interno.sha_conteudo(v_conteudo) then
        perform interno.recusar(
            '409', 'REVISAO_MUDOU', 'O que há a rever não é mais o que você viu.', 'Confira de novo e assine.'
        );
    end if;
    v_nova.tema := p_tema;
    v_nova.de := p_de;
    v_nova.ate := p_ate;
    v_nova.conteudo := v_conteudo;
    v_nova.usuario_id := interno.usuario_atual();
    v_nova.nome := v_nome;
    v_nova.papel := v_papel;
    v_nova.significado := interno.exigir_texto('significado', p_significado, 500);
    v_nova.observacao := v_observacao;
    v_nova.autenticado_em := v_login;
    v_nova.assinado_em := clock_timestamp();
    v_nova.sha256 := interno.sha_revisao(v_nova);
    insert into public.revisoes (
        tema, de, ate, conteudo, usuario_id, nome, papel, significado, observacao, autenticado_em, assinado_em, sha256
    )
    values (
        v_nova.tema, v_nova.de, v_nova.ate, v_nova.conteudo, v_nova.usuario_id, v_nova.nome, v_nova.papel,
        v_nova.significado, v_nova.observacao, v_nova.autenticado_em, v_nova.assinado_em, v_nova.sha256
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_revisao', format('revisoes:%s', v_nova.id), null,
        jsonb_build_object('id', v_nova.id, 'tema', p_tema, 'de', p_de, 'ate', p_ate, 'sha256', v_nova.sha256), v_observacao
    );
    return jsonb_build_object(
        'id', v_nova.id, 'nome', v_nova.nome, 'papel', v_papel, 'assinado_em', v_nova.assinado_em, 'sha256', v_nova.sha256
    );
end $$;
comment on function public.registrar_revisao(text, timestamptz, timestamptz, text, text, text) is
'Assina, com login recente, a revisão de um período que já passou: tema, significado, o que se achou (p_motivo) e o que se viu (p_visto). PT409 REVISAO_MUDOU.';
revoke all on function public.registrar_revisao(text, timestamptz, timestamptz, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_revisao(text, timestamptz, timestamptz, text, text, text)
to authenticated, service_role;

create function interno.sha_revisao(p_revisao public.revisoes)
returns text
language sql
stable
set search_path = ''
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select interno.sha_conteudo(to_jsonb(p_revisao) - 'sha256' - 'id')
$$;
comment on function interno.sha_revisao(public.revisoes) is 'SHA-256 de uma revisão: JSON canônico do PostgreSQL (jsonb), instantes em UTC.';

create function public.verificar_revisao(p_id bigint)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((select interno.sha_revisao(r) = r.sha256 from public.revisoes as r where r.id = p_id), false)
$$;
comment on function public.verificar_revisao(bigint) is 'Verdadeiro se a revisão assinada está como se assinou.';
revoke all on function public.verificar_revisao(bigint) from public, anon, authenticated, service_role;
grant execute on function public.verificar_revisao(bigint) to authenticated, service_role;
