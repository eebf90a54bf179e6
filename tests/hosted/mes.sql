-- The MES lives in the same project: its objects, and what its roles may do, are none of ours.
create table public.tela_do_mes (id bigint generated always as identity primary key, texto text);
create view public.visao_do_mes as select texto from public.tela_do_mes;
create function public.funcao_do_mes() returns integer language sql as $$ select 1 $$;
