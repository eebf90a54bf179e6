-- What the probes of the local Supabase need; no part of the product.
create table public.notas (id integer primary key, dono uuid not null default auth.uid(), texto text not null);
alter table public.notas enable row level security;
grant select, insert on public.notas to authenticated, service_role;
create policy proprias on public.notas for all to authenticated
  using (dono = auth.uid()) with check (dono = auth.uid());

create function public.quem_sou() returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'papel', current_user,
    'sub', current_setting('request.jwt.claims', true)::jsonb ->> 'sub'
  )
$$;

create function public.recusar(p_sqlstate text) returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = p_sqlstate,
    message = 'LINHA_OCUPADA', detail = 'a linha já tem ordem', hint = 'encerre a ordem';
end $$;
