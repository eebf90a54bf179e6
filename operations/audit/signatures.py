"""Every signature, computed again: its own hash, what the trail says of it, and who may have made it."""

from datetime import datetime, timedelta

from pydantic import Field

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence
from operations.audit.rows import Row
from operations.audit.seals.seal import row_hash

LOGIN_HOLDS = timedelta(days=1)
"""How long before a signature its login may be at most: the highest value of LOGIN_RECENTE_SEGUNDOS."""


_ACCOUNTS = """
select count(*) = 3 as existe
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where n.nspname = 'auth' and c.relname = 'users' and a.attname in ('id', 'created_at', 'last_sign_in_at')
  and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
"""
_KNOWN = """exists (
    select from auth.users as u
    where u.id = d.usuario_id and u.last_sign_in_at is not null and u.created_at <= d.assinado_em
)"""
_SIGNATURES = """
select d.id, d.linha_id, (pg_catalog.to_jsonb(d) operator(pg_catalog.-) 'sha256'::text)::text as texto, d.sha256,
    t.dito, d.assinado_em, d.autenticado_em, {known} as conhecida
from public.diarios_bordo as d
left join lateral (
    select x.depois ->> 'sha256' as dito
    from public.trilha_auditoria as x
    where x.objeto = 'diarios_bordo:' || d.id and x.acao = 'assinar_diario' and x.usuario_id = d.usuario_id
    order by x.id limit 1
) as t on true
order by d.id
"""


class _SignatureRow(Row, frozen=True):
    id: int
    line: str = Field(alias="linha_id")
    text: str = Field(alias="texto")
    sha256: str
    said: str | None = Field(alias="dito")
    signed_at: datetime = Field(alias="assinado_em")
    signed_in_at: datetime = Field(alias="autenticado_em")
    known: bool = Field(alias="conhecida")


class _ThereRow(Row, frozen=True):
    there: bool = Field(alias="existe")


def signatures(evidence: Evidence, tell: Tell) -> int:
    """Check all of them; returns how many there are. The session writes instants as the seals have them."""
    (accounts,) = evidence.all(_ThereRow, _ACCOUNTS)
    number = 0
    # Supabase Auth's own word where this user may read it.
    for row in evidence.stream(_SignatureRow, _SIGNATURES.replace("{known}", _KNOWN if accounts.there else "true")):
        number += 1
        faults = (
            ("ASSINATURA_ALTERADA", "o conteúdo não dá o SHA-256 assinado", row_hash(row.text) != row.sha256),
            ("ASSINATURA_SEM_TRILHA", "a trilha não diz que esta pessoa assinou isto", row.said != row.sha256),
            ("ASSINATURA_SEM_LOGIN", "quem a assina nunca entrou no SicFar", not row.known),
            (
                "ASSINATURA_SEM_LOGIN",
                "o login não foi pouco antes da assinatura",
                not timedelta(0) <= row.signed_at - row.signed_in_at <= LOGIN_HOLDS,
            ),
        )
        for code, what, wrong in faults:
            if wrong:
                name = f"diarios_bordo:{row.id}"
                tell(Difference(code=code, detail=f"{name}: {what}", line=row.line, record=name))
    return number
