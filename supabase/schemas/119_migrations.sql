-- Which migrations this database has, for who installs: a version of the functions wants the database of that version.

-- The Supabase command line and `sicfar migrar` keep the list in supabase_migrations; a database installed by hand has
-- none, and that is answered as null.
create function public.migracoes_aplicadas()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if to_regclass('supabase_migrations.schema_migrations') is null then
        return null;
    end if;
    return (
        select coalesce(jsonb_agg(m.version order by m.version), '[]')
        from supabase_migrations.schema_migrations as m
    );
end $$;
comment on function public.migracoes_aplicadas() is
'Versões das migrações aplicadas a este banco, em ordem; nulo se ninguém guardou a lista (sicfar preparar).';
revoke all on function public.migracoes_aplicadas() from public, anon, authenticated, service_role;
grant execute on function public.migracoes_aplicadas() to service_role;
