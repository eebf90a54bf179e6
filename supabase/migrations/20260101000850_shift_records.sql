-- What a shift is, and what people type into it: units counted by hand, refused units, samples.
--
-- What was typed stays: a correction is a new row, a withdrawal a row that names the one it withdraws.

create table public.parametros (
    nome text primary key check (nome ~ '^[A-Z][A-Z_]*$'),
    valor integer not null check (valor >= 0),
    descricao text not null
);
comment on table public.parametros is 'Prazos e interruptores que a fábrica decide. Fonte: administração do SicFar.';
comment on column public.parametros.nome is 'Nome do parâmetro. Fonte: SicFar.';
comment on column public.parametros.valor is 'Valor inteiro, na unidade que a descrição diz. Fonte: administração do SicFar.';
comment on column public.parametros.descricao is 'O que decide, e em que unidade. Fonte: SicFar.';
insert into public.parametros (nome, valor, descricao) values
('LOGIN_RECENTE_SEGUNDOS', 900, 'Idade máxima do login de quem assina, em segundos.'),
('FECHAMENTO_LIMITE_SEGUNDOS', 28800, 'Espera, em segundos desde o fim da OP, depois da qual se fecha com ressalva.'),
('SILENCIO_SEGUNDOS', 600, 'Depois de quanto tempo sem notícia um gateway ou uma linha está em silêncio, em segundos.'),
('PARCIAIS_SEGUNDOS', 0, 'Intervalo, em segundos, dos apontamentos parciais ao TOTVS; 0 = só no fechamento.');
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

create table public.pessoas (
    usuario_id uuid primary key,
    nome text not null check (length(btrim(nome)) >= 3)
);
comment on table public.pessoas is 'Nome de quem assina, como sai na assinatura. Fonte: administração do SicFar.';
comment on column public.pessoas.usuario_id is 'Usuário autenticado (sub do JWT). Fonte: Supabase Auth.';
comment on column public.pessoas.nome is 'Nome por extenso. Fonte: administração do SicFar.';
create trigger auditar after insert or update or delete on public.pessoas
for each row execute function interno.auditar_cadastro('usuario_id');

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
insert into public.turnos (turno, inicio, fim) values
('D1', '06:00', '18:00'), ('D2', '06:00', '18:00'), ('N1', '18:00', '06:00'), ('N2', '18:00', '06:00');

-- Which stages an order of a family passes through, and which of them TOTVS hears of. Stages are never summed.
create table public.etapas_familia (
    prefixo text not null,
    etapa text not null check (etapa in ('ENVASE', 'EMBALAGEM')),
    apontada boolean not null,
    primary key (prefixo, etapa)
);
comment on table public.etapas_familia is 'Etapas obrigatórias da OP, por família de produto; vale o prefixo mais longo. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.prefixo is 'Começo do código do produto; vazio = todos. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.etapa is 'Etapa sem a qual a OP não fecha. Fonte: cadastro da fábrica.';
comment on column public.etapas_familia.apontada is 'Verdadeiro na etapa cuja produção é informada ao TOTVS; uma por família. Fonte: cadastro da fábrica.';
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
    from public.turnos as t
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
    cross join public.turnos as t
    cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as w
    where w.janela && tstzrange(p_de, p_ate, '[]') and (p_de = p_ate or w.janela && tstzrange(p_de, p_ate))
    group by d.dia, w.janela
$$;
comment on function interno.turnos_entre(timestamptz, timestamptz) is 'Janelas de turno que o intervalo toca.';

-- What people type --------------------------------------------------------------------------------------------------

create table public.perdas_qualidade (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    em timestamptz not null,
    tipo text not null check (tipo in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO')),
    codigo text not null default '' check (codigo = btrim(codigo)),
    quantidade integer not null check (quantidade > 0),
    observacao text,
    estorna bigint unique references public.perdas_qualidade,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (estorna is null or observacao is not null)
);
comment on table public.perdas_qualidade is 'Unidades que não são boas: refugo digitado, retém e amostras. Somente acréscimo. Fonte: registrar_refugo.';
comment on column public.perdas_qualidade.id is 'Identificador. Fonte: banco.';
comment on column public.perdas_qualidade.numero_op is 'OP. Fonte: pessoa.';
comment on column public.perdas_qualidade.linha_id is 'Linha. Fonte: pessoa.';
comment on column public.perdas_qualidade.em is 'Quando ocorreu (UTC), dentro de um período da OP na linha. Fonte: pessoa.';
comment on column public.perdas_qualidade.tipo is 'REFUGO, RETEM (amostra retida), AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO (analíticas). Fonte: pessoa.';
comment on column public.perdas_qualidade.codigo is 'Código do motivo do refugo; vazio nos demais. Fonte: pessoa.';
comment on column public.perdas_qualidade.quantidade is 'Unidades. Fonte: pessoa.';
comment on column public.perdas_qualidade.observacao is 'Observação; obrigatória no estorno. Fonte: pessoa.';
comment on column public.perdas_qualidade.estorna is 'Registro que este anula por inteiro. Fonte: estornar_refugo.';
comment on column public.perdas_qualidade.usuario_id is 'Quem registrou. Fonte: Supabase Auth.';
comment on column public.perdas_qualidade.registrada_em is 'Instante do registro (UTC). Fonte: banco.';
create index perdas_qualidade_op on public.perdas_qualidade (numero_op);
create index perdas_qualidade_linha on public.perdas_qualidade (linha_id, em);
create trigger somente_acrescimo before update or delete or truncate on public.perdas_qualidade
for each statement execute function interno.impedir_alteracao();

create table public.contagens_manuais (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos,
    janela tstzrange not null,
    producao integer not null check (producao >= 0),
    rejeicao integer not null check (rejeicao >= 0),
    motivo text,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (rejeicao <= producao)
);
comment on table public.contagens_manuais is 'Contagem física por OP, linha e turno; vale o registro mais novo. Somente acréscimo. Fonte: registrar_contagem_manual.';
comment on column public.contagens_manuais.id is 'Identificador. Fonte: banco.';
comment on column public.contagens_manuais.numero_op is 'OP. Fonte: pessoa.';
comment on column public.contagens_manuais.linha_id is 'Linha contada à mão. Fonte: pessoa.';
comment on column public.contagens_manuais.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.contagens_manuais.turno is 'Turno. Fonte: pessoa.';
comment on column public.contagens_manuais.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.contagens_manuais.producao is 'Unidades contadas, boas e rejeitadas. Fonte: pessoa.';
comment on column public.contagens_manuais.rejeicao is 'Das contadas, as rejeitadas, em unidades. Fonte: pessoa.';
comment on column public.contagens_manuais.motivo is 'Por que corrige a anterior. Fonte: pessoa.';
comment on column public.contagens_manuais.usuario_id is 'Quem registrou. Fonte: Supabase Auth.';
comment on column public.contagens_manuais.registrada_em is 'Instante do registro (UTC). Fonte: banco.';
create index contagens_manuais_atual on public.contagens_manuais (numero_op, linha_id, janela, id);
create index contagens_manuais_linha on public.contagens_manuais (linha_id, janela);
create trigger somente_acrescimo before update or delete or truncate on public.contagens_manuais
for each statement execute function interno.impedir_alteracao();

create view public.contagens_manuais_atuais with (security_invoker = true) as
select distinct on (m.numero_op, m.linha_id, m.janela)
    m.id,
    m.numero_op,
    m.linha_id,
    m.data,
    m.turno,
    m.janela,
    m.producao,
    m.rejeicao
from public.contagens_manuais as m
order by m.numero_op asc, m.linha_id asc, m.janela asc, m.id desc;
comment on view public.contagens_manuais_atuais is 'A contagem física que vale: a mais nova de cada OP, linha e turno. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.id is 'Registro que vale. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.numero_op is 'OP. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.linha_id is 'Linha. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.data is 'Dia em que o turno começa. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.turno is 'Turno. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.janela is 'Do início ao fim do turno (UTC). Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.producao is 'Unidades contadas, boas e rejeitadas. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.rejeicao is 'Das contadas, as rejeitadas, em unidades. Fonte: contagens_manuais.';

create view public.perdas_vigentes with (security_invoker = true) as
select
    p.id,
    p.numero_op,
    p.linha_id,
    p.em,
    p.tipo,
    p.codigo,
    p.quantidade
from public.perdas_qualidade as p
left join public.perdas_qualidade as e on p.id = e.estorna
where p.estorna is null and e.id is null;
comment on view public.perdas_vigentes is 'As perdas que valem: nem estornadas nem estornos. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.id is 'Registro. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.numero_op is 'OP. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.linha_id is 'Linha. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.em is 'Quando ocorreu (UTC). Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.tipo is 'Tipo. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.codigo is 'Código do motivo. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.quantidade is 'Unidades. Fonte: perdas_qualidade.';

-- Where both the machine and people count refused units and they differ, somebody says which figure holds. The word
-- holds for these two figures only.
create table public.conciliacoes_refugo (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    janela tstzrange not null,
    maquina bigint not null,
    digitado bigint not null,
    vale text not null check (vale in ('MAQUINA', 'DIGITADO')),
    motivo text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp()
);
comment on table public.conciliacoes_refugo is 'Qual refugo vale quando máquina e pessoas divergem. Somente acréscimo. Fonte: conciliar_refugo.';
comment on column public.conciliacoes_refugo.id is 'Identificador. Fonte: banco.';
comment on column public.conciliacoes_refugo.numero_op is 'OP. Fonte: pessoa.';
comment on column public.conciliacoes_refugo.linha_id is 'Linha. Fonte: pessoa.';
comment on column public.conciliacoes_refugo.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.conciliacoes_refugo.maquina is 'Rejeição da máquina então, em unidades. Fonte: contagens.';
comment on column public.conciliacoes_refugo.digitado is 'Refugo digitado então, em unidades. Fonte: perdas_qualidade.';
comment on column public.conciliacoes_refugo.vale is 'MAQUINA ou DIGITADO. Fonte: pessoa.';
comment on column public.conciliacoes_refugo.motivo is 'Por quê. Fonte: pessoa.';
comment on column public.conciliacoes_refugo.usuario_id is 'Quem decidiu. Fonte: Supabase Auth.';
comment on column public.conciliacoes_refugo.em is 'Instante (UTC). Fonte: banco.';
create index conciliacoes_refugo_op on public.conciliacoes_refugo (numero_op, linha_id, janela);
create trigger somente_acrescimo before update or delete or truncate on public.conciliacoes_refugo
for each statement execute function interno.impedir_alteracao();

-- The order's latest period on the line begun by an instant; refuses if there is none.
create function interno.periodo_ate(p_op text, p_linha_id text, p_em timestamptz)
returns public.periodos_ordem
language plpgsql
stable
set search_path = ''
as $$
declare
    v_periodo public.periodos_ordem;
begin
    select * into v_periodo
    from public.periodos_ordem as p
    where p.numero_op = p_op and p.linha_id = p_linha_id and lower(p.intervalo) <= p_em
    order by lower(p.intervalo) desc
    limit 1;
    if v_periodo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', p_op, p_linha_id, interno.hora_local(p_em)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    return v_periodo;
end $$;
comment on function interno.periodo_ate(text, text, timestamptz) is 'Último período da OP na linha começado até o instante; PT409 ORDEM_NAO_ABERTA.';

create function interno.exigir_linha(p_linha_id text)
returns public.linhas
language plpgsql
stable
set search_path = ''
as $$
declare
    v_linha public.linhas;
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id;
    if v_linha.linha_id is null then
        perform interno.recusar(
            '404', 'LINHA_DESCONHECIDA', format('A linha %s não está cadastrada.', coalesce(p_linha_id, '(vazia)')),
            'Confira o código da linha.'
        );
    end if;
    return v_linha;
end $$;
comment on function interno.exigir_linha(text) is 'A linha; PT404 LINHA_DESCONHECIDA.';

create function interno.exigir_janela(p_data date, p_turno text)
returns tstzrange
language plpgsql
stable
set search_path = ''
as $$
declare
    v_janela constant tstzrange := interno.janela_turno(p_data, p_turno);
begin
    if v_janela is null then
        perform interno.recusar(
            '422', 'TURNO_INVALIDO', format('Não há turno %L em %s.', p_turno, coalesce(to_char(p_data, 'DD/MM/YYYY'), '(sem data)')),
            'Informe o dia e um dos turnos cadastrados.'
        );
    end if;
    if lower(v_janela) > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O turno %s de %s ainda não começou.', p_turno, to_char(p_data, 'DD/MM/YYYY')),
            'Informe um turno que já começou.'
        );
    end if;
    return v_janela;
end $$;
comment on function interno.exigir_janela(date, text) is 'Janela de um turno já começado; PT422 TURNO_INVALIDO ou INSTANTE_FUTURO.';

-- Refused units, retained samples, analytical samples. Typed after the order ended, they belong to its end.
create function public.registrar_refugo(
    p_numero_op text, p_linha_id text, p_quantidade integer, p_codigo text default '', p_tipo text default 'REFUGO',
    p_em timestamptz default null, p_observacao text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_em timestamptz := date_trunc('second', coalesce(p_em, clock_timestamp()));
    v_periodo public.periodos_ordem;
    v_nova public.perdas_qualidade;
begin
    if coalesce(p_quantidade, 0) < 1 then
        perform interno.recusar('422', 'QUANTIDADE_INVALIDA', 'A quantidade deve ser um inteiro maior que zero.', 'Corrija a quantidade.');
    end if;
    if p_tipo is null or p_tipo not in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO') then
        perform interno.recusar(
            '422', 'TIPO_INVALIDO', format('Tipo %L desconhecido.', p_tipo),
            'Use REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO.'
        );
    end if;
    if p_tipo = 'REFUGO' and coalesce(btrim(p_codigo), '') = '' then
        perform interno.recusar('422', 'CODIGO_OBRIGATORIO', 'O refugo precisa do código do motivo.', 'Informe o código do motivo.');
    end if;
    if p_tipo = 'REFUGO' and v_linha.regra_refugo = 'MAQUINA' then
        perform interno.recusar(
            '409', 'REFUGO_DA_MAQUINA', format('O refugo da linha %s é o que a máquina rejeita; digitá-lo o contaria duas vezes.', p_linha_id),
            'Se a linha passou a digitar o refugo, mude a regra dela no cadastro.'
        );
    end if;
    if v_em > clock_timestamp() then
        perform interno.recusar('422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_em)), 'Informe um instante até agora.');
    end if;
    v_periodo := interno.periodo_ate(v_op, p_linha_id, v_em);
    v_em := least(v_em, coalesce(upper(v_periodo.intervalo) - interval '1 second', v_em));
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, usuario_id)
    values (
        v_op, p_linha_id, v_em, p_tipo, case when p_tipo = 'REFUGO' then btrim(p_codigo) else '' end, p_quantidade,
        nullif(btrim(p_observacao), ''), interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_refugo', format('perdas_qualidade:%s', v_nova.id), null, to_jsonb(v_nova), v_nova.observacao
    );
    return to_jsonb(v_nova);
end $$;
comment on function public.registrar_refugo(text, text, integer, text, text, timestamptz, text) is
'Registra refugo (com código do motivo), retém ou amostras de uma OP na linha, em unidades. Nulo = agora, ou o fim da OP. Devolve o registro.';

create function public.estornar_refugo(p_id bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao(
        'estornar_refugo', (select linha_id from public.perdas_qualidade where id = p_id)
    );
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.perdas_qualidade;
    v_nova public.perdas_qualidade;
begin
    select * into v_antes from public.perdas_qualidade where id = p_id;
    if v_antes.id is null or v_antes.estorna is not null then
        perform interno.recusar_desconhecido('REFUGO_DESCONHECIDO', format('Não há registro de perda %s a estornar.', p_id));
    end if;
    if exists (select from public.perdas_qualidade where estorna = p_id) then
        perform interno.recusar_decidido(format('O registro %s já foi estornado.', p_id));
    end if;
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, estorna, usuario_id)
    values (
        v_antes.numero_op, v_antes.linha_id, v_antes.em, v_antes.tipo, v_antes.codigo, v_antes.quantidade, v_motivo, p_id,
        interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'estornar_refugo', format('perdas_qualidade:%s', p_id), to_jsonb(v_antes), to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $$;
comment on function public.estornar_refugo(bigint, text) is 'Anula por inteiro um registro de perda, com motivo; o original permanece.';

-- The physical count of one order in one shift of a line that is counted by hand.
create function public.registrar_contagem_manual(
    p_numero_op text, p_linha_id text, p_data date, p_turno text, p_producao integer, p_rejeicao integer default 0,
    p_motivo text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_contagem_manual', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_antes public.contagens_manuais_atuais;
    v_nova public.contagens_manuais;
    v_motivo text := nullif(btrim(p_motivo), '');
begin
    if p_producao is null or p_producao < 0 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de zero em diante, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha está em fontes_linha.'
        );
    end if;
    if not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    if (v_antes.producao, v_antes.rejeicao, v_antes.turno) = (p_producao, p_rejeicao, p_turno) then
        return to_jsonb(v_antes);
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.contagens_manuais (numero_op, linha_id, data, turno, janela, producao, rejeicao, motivo, usuario_id)
    values (v_op, p_linha_id, p_data, p_turno, v_janela, p_producao, p_rejeicao, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    -- What is counted by hand is counted in units.
    perform interno.somar_ordem(
        v_op, p_linha_id, p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0),
        p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0)
    );
    perform interno.anotar_trilha(
        v_papel, 'registrar_contagem_manual', format('contagens_manuais:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $$;
comment on function public.registrar_contagem_manual(text, text, date, text, integer, integer, text) is
'Registra a contagem física de uma OP num turno de uma linha contada à mão, em unidades; corrigir a anterior exige motivo. Devolve o registro.';
