-- Nothing is open by default.
--
-- Each table, view and function of `public` says beside its definition who may use it. It first takes back everything,
-- for the hosted Supabase gives each new object of `public` to the API's roles. `interno` belongs to our own functions.
--
-- A signed-in person reads everything but other people's roles, and writes nothing: that is what functions are for. Nor
-- does the service key: it calls the integration's functions, and may call a person's, which answers readably (PT403)
-- that the key is no person.

revoke all on all functions in schema interno from public, anon, authenticated, service_role;
