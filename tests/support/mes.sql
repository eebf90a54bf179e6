-- Tables of the MES's shape: names, columns and integer ids of its live application, as far as its OEE functions and the
-- guide read them. Not the MES's own definitions.

create table public.tblinhaproducao (
    linhaproducao_id integer primary key, linhaproducao text not null, tipo text not null, deletado text not null default 'N'
);
create table public.tbproduto (
    produto_id integer primary key, referencia text not null, descricao text not null, deletado text not null default 'N'
);
create table public.tbturno (
    turno_id integer primary key, codigo text not null, turno text not null, hora_inicio time not null,
    hora_fim time not null, meta_oee numeric(5, 2), deletado text not null default 'N'
);
create table public.tbvelocidadenominal (
    velocidade_id integer generated always as identity primary key, linhaproducao_id integer not null,
    produto_id integer not null, velocidade numeric(10, 2) not null, deletado text not null default 'N',
    created_at timestamptz not null default now()
);
create table public.tbusuario (
    usuario_id integer primary key, user_id uuid, usuario text not null, login text, perfil_id integer, perfil text,
    deletado text not null default 'N'
);
create table public.tboee_parada (
    oeeparada_id integer primary key, codigo text not null, classe text, natureza text, parada text, descricao text,
    deletado text not null default 'N'
);
create table public.tboee_turno (
    oeeturno_id bigint generated always as identity primary key, data date not null, linhaproducao_id integer not null,
    linhaproducao text, produto_id integer not null, produto text, turno_id integer not null, turno text,
    turno_hi time not null, turno_hf time not null, velocidade numeric(10, 2), status text not null default 'Aberto',
    deletado text not null default 'N'
);
create table public.tboee_turno_producao (
    oeeturnoproducao_id bigint generated always as identity primary key, oeeturno_id bigint not null, data date,
    turno_id integer, linhaproducao_id integer, produto_id integer, hora_inicio time, hora_final time,
    quantidade numeric(10, 2) not null, velocidade numeric(10, 2), deletado text default 'N',
    unique (oeeturno_id, hora_inicio)
);
create table public.tboee_turno_perda (
    oeeturnoperda_id bigint generated always as identity primary key, oeeturno_id bigint not null, data date,
    perda numeric(10, 2) not null, deletado text not null default 'N'
);
create table public.tboee_turno_parada (
    oeeturnoparada_id bigint generated always as identity primary key, oeeturno_id bigint not null, data date,
    oeeparada_id integer, parada text, natureza text, classe text, hora_inicio time, hora_fim time, observacao text,
    deletado text not null default 'N'
);
create table public.tboee_turno_lote (
    oeeturnolote_id integer generated always as identity primary key, oeeturno_id bigint not null, lote text, data date,
    fabricacao date, validade date check (validade >= fabricacao), hora_inicio time, hora_fim time,
    qtd_inicial numeric(10, 2) check (qtd_inicial >= 0), qtd_final numeric(10, 2), perda numeric(10, 2),
    qtd_produzida numeric(10, 2), total_producao numeric(10, 2), deletado text default 'N'
);
grant select on all tables in schema public to authenticated;

insert into public.tblinhaproducao values
(11, 'SPEP 1 - LINHA A - ENVASE', 'Envase'), (12, 'SPEP 1 - LINHA B - ENVASE', 'Envase'),
(18, 'SPEP 1 - LINHA A - EMBALAGEM ESTEIRA 2', 'Embalagem');
insert into public.tbproduto values (301, '07010012', 'SOL. CLORETO DE SODIO 0,9% 100ML'), (302, '07010013', 'OUTRO');
insert into public.tbturno values
(1, 'D1', 'Diurno 1', '06:00', '18:00', 85), (2, 'N1', 'Noturno 1', '18:00', '06:00', 85),
(3, 'D2', 'Diurno 2', '06:00', '18:00', 85), (4, 'N2', 'Noturno 2', '18:00', '06:00', 85);
insert into public.tboee_parada values (71, 'SPEP-P1.3', 'Parada Não Planejada', 'Manutenção', 'Quebra Falha', '');
