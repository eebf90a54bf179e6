-- migrations_applied: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION public.migracoes_aplicadas()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if to_regclass('supabase_migrations.schema_migrations') is null then
        return null;
    end if;
    return (
        select coalesce(jsonb_agg(m.version order by m.version), '[]')
        from supabase_migrations.schema_migrations as m
    );
end $function$;

revoke all on function public.migracoes_aplicadas() from public, anon, authenticated, service_role;
grant execute on function public.migracoes_aplicadas() to service_role;
comment on function public.migracoes_aplicadas() is 'Versões das migrações aplicadas a este banco, em ordem; nulo se ninguém guardou a lista (sicfar preparar).';
