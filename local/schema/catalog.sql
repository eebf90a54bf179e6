-- What the catalog says of the schemas in the parameter `ours`, one row an object or property:
-- kind, name, text; class and identifier of the object; class and identifier of its owner, if any; shape, if any.
-- The casts to regprocedure and the functions pg_identify_object and pg_get_…def write names as a statement needs them, qualified, since the caller
-- sets an empty search_path.

with relation as (
    select c.*, (pg_identify_object('pg_class'::regclass, c.oid, 0)).identity as name
    from pg_class as c
    where c.relnamespace::regnamespace::text = any(%(ours)s::text[])
        and (
            c.relkind in ('r', 'p', 'v', 'm', 'f')
            -- The sequence behind an identity column belongs to that column.
            or c.relkind = 'S' and not exists (
                select from pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
            )
        )
),

routine as (
    select p.*, p.oid::regprocedure::text as name
    from pg_proc as p
    where p.pronamespace::regnamespace::text = any(%(ours)s::text[])
),

-- An object without an entry of its own has PostgreSQL's default. What its owner may do is not said.
entitled (noun, name, class, oid, owner, entries) as (
    select
        case relkind when 'S' then 'sequence' else 'table' end, name, 'pg_class'::regclass, oid, relowner,
        coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
    from relation
    union all
    -- Of an identity column's sequence only this is its own; the hosted Supabase gives it to the API's roles.
    select
        'sequence', (pg_identify_object('pg_class'::regclass, c.oid, 0)).identity, 'pg_class'::regclass, c.oid, c.relowner,
        coalesce(c.relacl, acldefault('s', c.relowner))
    from pg_class as c
    where c.relkind = 'S' and c.relnamespace::regnamespace::text = any(%(ours)s::text[])
        and exists (
            select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
        )
    union all
    select 'function', name, 'pg_proc'::regclass, oid, proowner, coalesce(proacl, acldefault('f', proowner))
    from routine
    union all
    select
        'schema', quote_ident(nspname), 'pg_namespace'::regclass, oid, nspowner,
        coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace
    where nspname = any(%(ours)s::text[])
),

said (kind, name, text, class, oid, owner_class, owner, shape) as (
    select
        'schema', quote_ident(nspname), '', 'pg_namespace'::regclass::oid, oid, null::oid, null::oid, null::text[]
    from pg_namespace
    where nspname = any(%(ours)s::text[])

    union all
    select
        'extension', quote_ident(extname), extnamespace::regnamespace::text, 'pg_extension'::regclass, oid,
        null, null, null
    from pg_extension
    where extname <> 'plpgsql'

    union all
    select
        case typtype when 'd' then 'domain' else 'type' end, (pg_identify_object('pg_type'::regclass, t.oid, 0)).identity,
        case typtype
            when 'd' then concat_ws(
                ' ', format_type(typbasetype, typtypmod), case when typnotnull then 'not null' end, 'default ' || typdefault,
                (
                    select string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname)
                    from pg_constraint as k
                    where k.contypid = t.oid and k.contype = 'c'
                )
            )
            when 'e' then (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid)
            else (
                select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum)
                from pg_attribute
                where attrelid = t.typrelid and not attisdropped
            )
        end,
        'pg_type'::regclass, t.oid, null, null, null
    from pg_type as t
    left join pg_class as c on c.oid = t.typrelid
    where t.typnamespace::regnamespace::text = any(%(ours)s::text[])
        and (t.typtype in ('d', 'e') or t.typtype = 'c' and c.relkind = 'c')

    union all
    select
        case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, name,
        case relkind
            when 'v' then format(
                E'create or replace view %%s%%s as\n%%s',
                name, ' with (' || array_to_string(reloptions, ', ') || ')', rtrim(pg_get_viewdef(oid), ';')
            )
            else concat_ws(' ', relkind, relpersistence, array_to_string(reloptions, ', '))
        end,
        'pg_class'::regclass, oid, null, null,
        case when relkind = 'v' then (
            select array_agg(attname || ' ' || format_type(atttypid, atttypmod) order by attnum)
            from pg_attribute
            where attrelid = relation.oid and attnum > 0
        ) end
    from relation

    union all
    select
        'column', r.name || '.' || quote_ident(a.attname),
        concat_ws(
            ' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
            'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
            'default ' || pg_get_expr(d.adbin, d.adrelid),
            'collate ' || nullif(a.attcollation, t.typcollation)::regcollation::text
        ),
        'pg_attribute'::regclass, a.attnum, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    inner join pg_type as t on t.oid = a.atttypid
    left join pg_attrdef as d on d.adrelid = r.oid and d.adnum = a.attnum
    where r.relkind in ('r', 'p', 'f')

    union all
    select -- NOT NULL is said of the column
        'constraint', (pg_identify_object('pg_constraint'::regclass, k.oid, 0)).identity, pg_get_constraintdef(k.oid),
        'pg_constraint'::regclass, k.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_constraint as k on k.conrelid = r.oid and k.contype not in ('n', 't')

    union all
    select
        'index', (pg_identify_object('pg_class'::regclass, i.indexrelid, 0)).identity, pg_get_indexdef(i.indexrelid),
        'pg_class'::regclass, i.indexrelid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_index as i on i.indrelid = r.oid
    where not exists (select from pg_constraint as k where k.conindid = i.indexrelid and k.contype <> 'f')

    union all
    select
        'statistics', (pg_identify_object('pg_statistic_ext'::regclass, s.oid, 0)).identity,
        pg_get_statisticsobjdef(s.oid), 'pg_statistic_ext'::regclass, s.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_statistic_ext as s on s.stxrelid = r.oid

    union all
    select
        case prokind when 'a' then 'aggregate' else 'function' end, name,
        case prokind
            when 'a' then (
                select concat_ws(' ', aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval)
                from pg_aggregate
                where aggfnoid = routine.oid
            )
            else rtrim(pg_get_functiondef(oid), E'\n')
        end,
        'pg_proc'::regclass, oid, null, null,
        array[
            prokind::text, pg_get_function_result(oid), proargnames::text, proargmodes::text,
            proallargtypes::regtype[]::text, pronargdefaults::text
        ]
    from routine

    union all
    select
        'trigger', (pg_identify_object('pg_trigger'::regclass, t.oid, 0)).identity, pg_get_triggerdef(t.oid),
        'pg_trigger'::regclass, t.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal

    union all
    select
        'trigger state', (pg_identify_object('pg_trigger'::regclass, t.oid, 0)).identity, t.tgenabled::text,
        'pg_trigger'::regclass, t.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal and t.tgenabled <> 'O'

    union all
    select
        'row security', name, format('alter table %%s enable row level security', name), 'pg_class'::regclass, oid,
        'pg_class'::regclass, oid, null
    from relation
    where relrowsecurity

    union all
    select
        'policy', (pg_identify_object('pg_policy'::regclass, p.oid, 0)).identity,
        concat_ws(
            ' ', 'create policy', (pg_identify_object('pg_policy'::regclass, p.oid, 0)).identity,
            'as', case when p.polpermissive then 'permissive' else 'restrictive' end,
            'for', case p.polcmd
                when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all'
            end,
            'to', (
                select string_agg(case x when 0 then 'public' else x::regrole::text end, ', ' order by x)
                from unnest(p.polroles) as x
            ),
            'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
            'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        ),
        'pg_policy'::regclass, p.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_policy as p on p.polrelid = r.oid

    union all
    select
        'publication', format('%%I table %%s', p.pubname, r.name),
        format('alter publication %%I add table %%s', p.pubname, r.name),
        'pg_publication_rel'::regclass, x.oid, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_publication_rel as x on x.prrelid = r.oid
    inner join pg_publication as p on p.oid = x.prpubid

    union all
    select
        'privileges', e.noun || ' ' || e.name, coalesce(string_agg(g.text, E'\n' order by g.text), ''),
        e.class, e.oid, e.class, e.oid, null
    from entitled as e
    left join lateral (
        select concat(
            string_agg(lower(privilege_type), ', ' order by privilege_type),
            ' to ', case grantee when 0 then 'public' else grantee::regrole::text end,
            case when is_grantable then ' with grant option' end
        ) as text
        from aclexplode(e.entries)
        where grantee <> e.owner
        group by grantee, is_grantable
    ) as g on true
    group by e.noun, e.name, e.class, e.oid

    union all
    select
        'column privileges', r.name || '.' || quote_ident(a.attname), a.attacl::text,
        'pg_attribute'::regclass, a.attnum, 'pg_class'::regclass, r.oid, null
    from relation as r
    inner join pg_attribute as a on a.attrelid = r.oid and a.attacl is not null

    union all
    select
        'comment', regexp_replace(o.type, '^(table|view|composite) (?=column|type)', '') || ' '
        || case d.classoid when 'pg_proc'::regclass then d.objoid::regprocedure::text else o.identity end,
        d.description, d.classoid, d.objoid, d.classoid, d.objoid, null
    from pg_description as d
    cross join pg_identify_object(d.classoid, d.objoid, d.objsubid) as o
    where o.identity ~ ('(^| on )(' || array_to_string(%(ours)s::text[], '|') || ')($|[.])')
)

select kind, name, text, class::int, oid::int, owner_class::int, owner::int, shape
from said
