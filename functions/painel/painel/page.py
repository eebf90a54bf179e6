"""Pages: templates filled in, what plant people read written their way, and the headers every page has.

Links are relative, and all pages lie one level deep (`/painel/<screen>`): a stage's prefix or a custom domain changes
nothing.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BeforeValidator

from painel.session import Visitor
from sicfar.instants import PLANT_TZ

DOMAIN_PREFIX = re.compile(r"^/(?!painel(?:/|$))[^/]+")
"""A custom domain's base path, which API Gateway leaves in the path."""
SCREENS = [
    ("agora", "Agora", ()),
    ("turno", "Meu turno", ()),
    ("pendencias", "Pendências", ()),
    ("lotes", "Lotes", ()),
    ("integracao", "Integração", ("GESTOR", "ADMIN")),
    ("cadastros", "Cadastros", ("GESTOR", "ADMIN")),
]
"""Path, name and the roles whose menu shows it; none = everybody's."""

_HERE = Path(__file__).parent
_STATIC = {one.name: one for one in (_HERE / "static").iterdir() if one.is_file()}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: dict[str, str | list[str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}

router = Router()


@router.get("/painel/estatico/<name>", compress=True)
def static(name: str) -> Response[bytes]:
    """A stylesheet or script; its link carries a hash, so a browser may keep it."""
    if name not in _STATIC:
        raise NotFoundError(name)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(200, f"{kind}; charset=utf-8", _STATIC[name].read_bytes(), headers)


def render(
    visitor: Visitor, template: str, /, status: int = 200, done: str = "", told: Sequence[str] = (), **facts: object
) -> Response[str]:
    """A page or, if the template is one of `partes/`, a part of one, for a visitor; with what was done, or refused."""
    account = visitor.pessoa or visitor.posto
    shown = [(path, name) for path, name, roles in SCREENS if account and (not roles or account.may(*roles))]
    text = (
        _templates()
        .get_template(template)
        .render(facts, visitor=visitor, account=account, screens=shown, screen=template[:-5], done=done, told=told)
    )
    return Response(status, "text/html; charset=utf-8", text, dict(_HEADERS), compress=True)


def failure(visitor: Visitor, status: int, what: str, action: str) -> Response[str]:
    """A page that says what went wrong and what to do."""
    return render(visitor, "falha.html", status, told=[what], action=action)


def redirect(target: str) -> Response[str]:
    """Go to another page, by a relative link; after a form was taken in as well."""
    return Response(303, "text/plain", "", {**_HEADERS, "Location": target})


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(numero=number, hora=clock, data_hora=date_and_clock, desde=since, instante=instant)
    made.globals.update(static=_link, integrity=_integrity, typed=field)
    return made


def number(value: float | Decimal | None) -> str:
    """A whole or decimal number as Brazil writes it: 1.234,5. Nothing is a dash."""
    if value is None:
        return "–"
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def instant(value: str | datetime) -> datetime:
    """An instant of the database's, in the plant's time."""
    made = datetime.fromisoformat(value) if isinstance(value, str) else value
    return made.astimezone(PLANT_TZ)


def typed_instant(text: str) -> str:
    """What was typed into a field of a day and a time, the plant's, for the database. Raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=PLANT_TZ).isoformat()


def field(value: str | datetime | None) -> str:
    """An instant as such a field takes it."""
    return instant(value).strftime("%Y-%m-%dT%H:%M:%S") if value else ""


Instant = Annotated[datetime, BeforeValidator(lambda value: value and instant(value))]
"""An instant in an answer. Supabase Lite writes an offset of whole hours as `+00`, which pydantic does not read."""


def clock(value: str | datetime | None) -> str:
    """Hour and minute in the plant: 14:32."""
    return instant(value).strftime("%H:%M") if value else "–"


def date_and_clock(value: str | datetime | None) -> str:
    """Day and minute in the plant: 15/03/2026 14:32."""
    return instant(value).strftime("%d/%m/%Y %H:%M") if value else "–"


def since(value: str | datetime | None) -> str:
    """As short as it is clear: 14:32 if today in the plant, else 15/03 14:32."""
    if not value:
        return "–"
    made = instant(value)
    return made.strftime("%H:%M" if made.date() == datetime.now(UTC).astimezone(PLANT_TZ).date() else "%d/%m %H:%M")


@cache
def _digest(name: str) -> bytes:
    return hashlib.sha384(_STATIC[name].read_bytes()).digest()


def _link(name: str) -> str:
    return f"estatico/{name}?v={_digest(name).hex()[:12]}"


def _integrity(name: str) -> str:
    return f"sha384-{base64.b64encode(_digest(name)).decode()}"


def query(fields: Mapping[str, str], *kept: str) -> dict[str, str]:
    """The fields of a link that a page hands on: those of `kept` that are given."""
    return {name: fields[name] for name in kept if fields.get(name)}


def number_asked(fields: Mapping[str, str]) -> int:
    """Which page of a list a link asks for; what is no such number is the first."""
    number = fields.get("pagina", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
