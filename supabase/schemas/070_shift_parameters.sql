-- What a shift is, and what people type into it: units counted by hand, refused units, samples.
--
-- What was typed stays: a correction is a new row, a withdrawal a row that names the one it withdraws.

create table public.parametros (
    nome text primary key check (nome ~ '^[A-Z][A-Z_]*$'),
    valor integer not null check (valor >= 0),
    descricao text not null,
    maximo integer not null,
    constraint parametros_maximo check (valor <= maximo)
);
comment on table public.parametros is 'Prazos e interruptores que a fábrica decide. Fonte: administração do SicFar.';
comment on column public.parametros.valor is 'Valor inteiro, na unidade que a descrição diz. Fonte: administração do SicFar.';
comment on column public.parametros.maximo is 'Maior valor que faz sentido, na unidade que a descrição diz. Fonte: SicFar.';
comment on column public.parametros.descricao is 'O que decide, e em que unidade. Fonte: SicFar.';
alter table public.parametros enable row level security;
revoke all on public.parametros from public, anon, authenticated, service_role;
grant select on public.parametros to authenticated, service_role;
create policy leitura on public.parametros for select to authenticated using (true);
insert into public.parametros (nome, valor, descricao, maximo) values
('LOGIN_RECENTE_SEGUNDOS', 900, 'Idade máxima do login de quem assina, em segundos.', 86400),
('FECHAMENTO_LIMITE_SEGUNDOS', 28800, 'Espera, em segundos desde o fim da OP, depois da qual se fecha com ressalva.',
 2592000),
('SILENCIO_SEGUNDOS', 600, 'Depois de quanto tempo sem notícia um gateway ou uma linha está em silêncio, em segundos.',
 86400),
('PARCIAIS_SEGUNDOS', 0, 'Intervalo, em segundos, dos apontamentos parciais ao TOTVS; 0 = só no fechamento.', 86400),
('RELOGIO_TOLERANCIA_SEGUNDOS', 60, 'Segundos que um lote pode ser selado depois de chegar sem dúvida do relógio.',
 86400),
('FUTURO_LIMITE_SEGUNDOS', 86400, 'Segundos que uma contagem pode ser datada depois de chegar; mais fica retida.',
 2592000),
('SEQ_SALTO_MAXIMO', 1000000, 'Quanto uma sequência pode passar da maior recebida da época; 58 dias de lotes de 5 s.',
 100000000),
('SEQ_INICIAL_MAXIMA', 100000000, 'Maior sequência com que uma época pode começar; 15 anos de lotes de 5 s.',
 1000000000),
('RESUMO_ESPERA_HORAS', 8, 'Horas que uma pendência espera até entrar no resumo diário por e-mail.', 720),
('ASSINAR_ESPERA_SEGUNDOS', 600,
 'Espera pelas fontes que faltam, em segundos desde o fim do turno; depois se assina dizendo qual.',
 86400),
('PARADA_MINUTOS', 5, 'Minutos sem contagem depois dos quais uma linha que reporta está parada.', 1440),
('ESTORNO_INTEIRO', 0, 'Como o TOTVS estorna: 0 = quantidades; 1 = só um apontamento inteiro, pela chave dele.', 1),
('MES_CONECTADO', 0, 'Onde se digita o que é do MES (turnos, nomes, perfis, refugo): 0 = aqui; 1 = só no MES.', 1);
create trigger auditar after insert or update or delete on public.parametros
for each row execute function interno.auditar_cadastro('nome');

create function interno.parametro(p_nome text)
returns integer
language sql
stable
set search_path = ''
as $$
    select p.valor from public.parametros as p where p.nome = p_nome
$$;
comment on function interno.parametro(text) is 'Valor de um parâmetro da fábrica.';

-- Each datum has one owner. What is the MES's is typed here only where there is none.
create function interno.exigir_sem_mes(p_dado text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if interno.parametro('MES_CONECTADO') = 1 then
        perform interno.recusar(
            '409', 'DADO_DO_MES', format('O MES está conectado: %s se digita nele.', p_dado),
            'Digite-o no MES; se ele não estiver conectado, peça à TI que corrija o parâmetro MES_CONECTADO.'
        );
    end if;
end $$;
comment on function interno.exigir_sem_mes(text) is
'PT409 DADO_DO_MES se o MES está conectado (parâmetro MES_CONECTADO): o dado se digita lá.';

create function interno.limite_do_futuro(p_chegada timestamptz)
returns timestamptz
language sql
stable
set search_path = ''
as $$
    select p_chegada + make_interval(secs => interno.parametro('FUTURO_LIMITE_SEGUNDOS'))
$$;
comment on function interno.limite_do_futuro(timestamptz) is
'O último instante (UTC) que uma contagem chegada então pode ter; a que é datada depois fica retida.';

create table public.pessoas (
    usuario_id uuid primary key,
    nome text not null check (length(btrim(nome)) >= 3),
    operador_totvs text,
    nome_login text unique check (nome_login ~ '^[a-z][a-z0-9._-]{1,39}$')
);
comment on table public.pessoas is 'Nome de quem assina, como sai na assinatura. Fonte: administração do SicFar.';
comment on column public.pessoas.usuario_id is 'Usuário autenticado (sub do JWT). Fonte: Supabase Auth.';
comment on column public.pessoas.nome is 'Nome por extenso. Fonte: administração do SicFar.';
comment on column public.pessoas.nome_login is
'Nome com que a pessoa entra no painel: o endereço dela no Supabase Auth sem o domínio; nulo = não aparece nos postos. Fonte: definir_pessoa.';
comment on column public.pessoas.operador_totvs is 'Código da pessoa no TOTVS, informado nos apontamentos. Fonte: definir_operador.';
alter table public.pessoas enable row level security;
revoke all on public.pessoas from public, anon, authenticated, service_role;
grant select on public.pessoas to authenticated, service_role;
create policy leitura on public.pessoas for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.pessoas
for each row execute function interno.auditar_cadastro('usuario_id');

create view public.pessoas_vigentes with (security_invoker = true) as
select
    p.usuario_id,
    p.nome,
    p.operador_totvs,
    p.nome_login
from public.pessoas as p;
comment on view public.pessoas_vigentes is 'O nome de quem assina, o código no TOTVS e o nome de login; substituível onde o MES os diz. Fonte: pessoas.';
revoke all on public.pessoas_vigentes from public, anon, authenticated, service_role;
grant select on public.pessoas_vigentes to authenticated, service_role;

-- Crews alternate (12 x 36): D1 and D2 share the day's hours, N1 and N2 the night's.
create table public.turnos (
    turno text primary key,
    inicio time not null check (extract(second from inicio) = 0),
    fim time not null check (extract(second from fim) = 0)
);
comment on table public.turnos is 'Turnos da fábrica, na hora de Fortaleza; juntos cobrem as 24 h. Fonte: cadastro da fábrica (Atividade 07).';
comment on column public.turnos.turno is 'Código do turno (D1, D2, N1, N2). Fonte: cadastro da fábrica.';
comment on column public.turnos.inicio is 'Hora em que começa (inclusive). Fonte: cadastro da fábrica.';
comment on column public.turnos.fim is 'Hora em que termina (exclusive); até o dia seguinte se não for posterior ao início. Fonte: cadastro da fábrica.';
alter table public.turnos enable row level security;
revoke all on public.turnos from public, anon, authenticated, service_role;
grant select on public.turnos to authenticated, service_role;
create policy leitura on public.turnos for select to authenticated using (true);
insert into public.turnos (turno, inicio, fim) values
('D1', '06:00', '18:00'), ('D2', '06:00', '18:00'), ('N1', '18:00', '06:00'), ('N2', '18:00', '06:00');
create trigger auditar after insert or update or delete on public.turnos
for each row execute function interno.auditar_cadastro('turno');

create view public.turnos_vigentes with (security_invoker = true) as
select
    t.turno,
    t.inicio,
    t.fim
from public.turnos as t;
comment on view public.turnos_vigentes is 'Os turnos e suas horas (Fortaleza); substituível onde o MES os diz, com os mesmos códigos. Fonte: turnos.';
revoke all on public.turnos_vigentes from public, anon, authenticated, service_role;
grant select on public.turnos_vigentes to authenticated, service_role;

-- Which stages an order of a family passes through, and which of them TOTVS hears of. Stages are never summed.
create table public.etapas_familia (
    prefixo text not null,
    etapa text not null check (etapa in ('ENVASE', 'EMBALAGEM')),
    apontada boolean not null,
    operacao_totvs text,
    armazem_totvs text,
    tipo_movimento_totvs text,
    primary key (prefixo, etapa)
);
comment on table public.etapas_familia is 'Etapas obrigatórias da OP, por família de produto; vale o prefixo mais longo. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.prefixo is 'Começo do código do produto; vazio = todos. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.etapa is 'Etapa sem a qual a OP não fecha. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.apontada is 'Verdadeiro na etapa cuja produção é informada ao TOTVS; uma por família. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.operacao_totvs is 'Operação do roteiro no TOTVS em que a etapa se aponta. Fonte: definir_operacao.';
comment on column public.etapas_familia.armazem_totvs is 'Armazém no TOTVS em que a produção entra. Fonte: definir_operacao.';
comment on column public.etapas_familia.tipo_movimento_totvs is 'Tipo de movimento do TOTVS (D3_TM) da produção. Fonte: definir_operacao.';
alter table public.etapas_familia enable row level security;
revoke all on public.etapas_familia from public, anon, authenticated, service_role;
grant select on public.etapas_familia to authenticated, service_role;
create policy leitura on public.etapas_familia for select to authenticated using (true);
create unique index etapas_familia_apontada on public.etapas_familia (prefixo) where apontada;
insert into public.etapas_familia (prefixo, etapa, apontada) values ('', 'ENVASE', true);
create trigger auditar after insert or update or delete on public.etapas_familia
for each row execute function interno.auditar_cadastro('prefixo');

create function interno.etapas(p_produto_codigo text)
returns setof public.etapas_familia
language sql
stable
set search_path = ''
as $$
    select e.*
    from public.etapas_familia as e
    where e.prefixo = (
        select f.prefixo from public.etapas_familia as f
        where starts_with(p_produto_codigo, f.prefixo)
        order by length(f.prefixo) desc
        limit 1
    )
$$;
comment on function interno.etapas(text) is 'Etapas obrigatórias do produto.';

create function interno.janela_turno(p_data date, p_turno text)
returns tstzrange
language sql
stable
set search_path = ''
as $$
    select tstzrange(
        (p_data + t.inicio) at time zone 'America/Fortaleza',
        (p_data + t.fim + case when t.fim <= t.inicio then interval '1 day' else interval '0' end) at time zone 'America/Fortaleza'
    )
    from public.turnos_vigentes as t
    where t.turno = p_turno
$$;
comment on function interno.janela_turno(date, text) is 'Do início ao fim do turno que começa naquele dia da fábrica; nulo se o turno não existe.';

-- The shift windows a stretch of time touches. Crews that share a window are one row.
create function interno.turnos_entre(p_de timestamptz, p_ate timestamptz)
returns table (data date, janela tstzrange, turnos text[])
language sql
stable
set search_path = ''
as $$
    select d.dia::date, w.janela, array_agg(t.turno order by t.turno)
    from generate_series(
        (p_de at time zone 'America/Fortaleza')::date - 1, (p_ate at time zone 'America/Fortaleza')::date, interval '1 day'
    ) as d (dia)
    cross join public.turnos_vigentes as t
    cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as w
    where w.janela && tstzrange(p_de, p_ate, '[]') and (p_de = p_ate or w.janela && tstzrange(p_de, p_ate))
    group by d.dia, w.janela
$$;
comment on function interno.turnos_entre(timestamptz, timestamptz) is 'Janelas de turno que o intervalo toca.';
