"""What a refusal of the database means for the work: later, never, or set up wrongly.

Never is a short closed list, for what fails for ever goes to the dead letters within seconds: our own refusals, and
values the tables do not take. Set up wrongly are refused keys and what migrations have not made. Everything else is
later; of that, what is not known to pass by itself is counted as unknown.

Codes: SQLSTATEs https://www.postgresql.org/docs/current/errcodes-appendix.html, PostgREST's own
https://docs.postgrest.org/en/stable/references/errors.html.
"""

import re

from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError, UnknownError

_OURS = ("PT403", "PT404", "PT409", "PT422")
"""What `interno.recusar` raises (PTxyz answers as HTTP xyz). None of them says to wait: whatever a call has to wait for
is an answer, not a refusal. A test compares this list with the schemas."""

_REFUSED_CLASSES = ("22", "23")
"""Data, integrity."""

_PASSING_CLASSES = ("08", "25", "26", "40", "53", "55", "57", "58")
"""Connection, the transaction's state (read-only: a full disk, a fail-over), a statement a pooler lost, rollback
(deadlock, serialisation), resources, lock not available, operator intervention (time-out, shutdown), system error."""

_PASSING_STATES = ("0A000",)
"""From a standby each call begins with what it cannot do; after a migration a kept plan does not fit for a while."""

_ACCESS_CLASSES = ("28", "42")
"""Invalid authorisation; no permission, no such function or column: the same for every call until somebody acts."""

_ACCESS_GROUPS = ("PGRST1", "PGRST2", "PGRST3")
"""PostgREST: the request, the schema cache, the key. (PGRST0 is its connection to the database, PGRSTX its defects.)"""

_PASSING_STATUSES = (408, 425, 429)
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_LATER = "nenhuma: nova tentativa automática"


class DatabaseUnavailableError(TransientError):
    """Supabase did not answer, or cannot now. Whether the call took effect is unknown; ours may be repeated."""


class DatabaseUnknownError(DatabaseUnavailableError, UnknownError):
    """An answer this version has no judgement about."""


class DatabaseRefusedError(PermanentError):
    """The database refused this very call; the same call will be refused again."""


class DatabaseAccessError(ConfigurationError):
    """URL, key or migrations do not fit: nothing works until somebody mends the configuration."""


def fate_of_sqlstate(sqlstate: str, *, what: str, where: str) -> SicfarError:
    """The typed error for a refusal that carries a SQLSTATE."""
    kind = sqlstate[:2]
    if sqlstate in _OURS or kind in _REFUSED_CLASSES:
        action = "leia o motivo; corrija e reenvie pela fila de mortos"
        return DatabaseRefusedError("database_refused", what, where=where, action=action)
    if kind in _ACCESS_CLASSES:
        return _access(what, where)
    if kind in _PASSING_CLASSES or sqlstate in _PASSING_STATES:
        return DatabaseUnavailableError("database_busy", what, where=where, action=_LATER)
    return unknown(what, where)


def fate_of_answer(status: int, code: str, *, what: str, where: str) -> SicfarError:
    """The typed error for an HTTP answer that is no success. ``status`` 0: not known; ``code``: what the body or a
    proxy's header names, a status in digits if neither does."""
    if _SQLSTATE.fullmatch(code):
        return fate_of_sqlstate(code, what=what, where=where)
    if not status and code.isdecimal():
        status = int(code)
    if status in (401, 403) or code.startswith(_ACCESS_GROUPS):
        return _access(what, where)
    if code.startswith("PGRST0") or status in _PASSING_STATUSES or (status >= 500 and not code.startswith("PGRST")):
        return DatabaseUnavailableError("database_unavailable", what, where=where, action=_LATER)
    return unknown(what, where)


def _access(what: str, where: str) -> DatabaseAccessError:
    action = "confira SUPABASE_URL, o segredo SUPABASE_SECRET_ID e as migrações aplicadas"
    return DatabaseAccessError("database_access", what, where=where, action=action)


def unknown(what: str, where: str) -> DatabaseUnknownError:
    """The typed error for an answer that cannot be judged."""
    action = "avise quem desenvolve: esta versão não conhece a resposta; a mensagem espera"
    return DatabaseUnknownError("database_unknown", what, where=where, action=action)
