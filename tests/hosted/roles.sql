-- The roles of a hosted Supabase, once per server, as far as they matter to us. Run as `supabase_admin`, its superuser;
-- `postgres`, who installs our migrations, is none.
--
-- From the image that hosted projects run, github.com/supabase/postgres, migrations/db:
--   init-scripts/00000000000000-initial-schema.sql                     roles, statement time-outs of anon, authenticated
--   migrations/10000000000000_demote-postgres.sql                      what postgres may do
--   migrations/20221028101028_set_authenticator_timeout.sql, 20231130133139_…  time-outs of authenticator
--   migrations/20230529180330_alter_api_roles_for_inherit.sql          the API's roles inherit
--   migrations/20250605172253_grant_with_admin_to_postgres_….sql       postgres hands the API's roles on
-- Two minutes for everybody else: https://supabase.com/docs/guides/database/postgres/timeouts
-- Not here: pg_safeupdate, which hosted loads into authenticator's sessions (20260413000000_…): test_statements.py.

create role postgres login password :senha createdb createrole replication bypassrls;
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role authenticator login noinherit password :senha;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
create role supabase_auth_admin login noinherit createrole;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter system set statement_timeout = '2min';
