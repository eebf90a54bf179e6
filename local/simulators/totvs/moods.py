"""How the simulated ERP answers a report when it is not itself: what it books, and what it says.

Each of these has been seen of a real Protheus, or of what stands in front of one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=iso-8859-1"

SUCCESS = {"status": [201], "items": "items", "id": "id_externo", "key": "ident"}
"""The shape of what it answers when it is itself: `totvs.reports.*.success`."""

PAGES = {
    "login_page": (200, "<!DOCTYPE html><html><head><title>Login</title></head><body>Usuário Senha</body></html>"),
    "page_404": (404, "<html><head><title>404</title></head><body><h1>Página não encontrada</h1></body></html>"),
}
"""What a web server answers in place of the service, to any request: status and page."""

RULE = {"code": "A1", "message": "Quantidade maior que a prevista", "detailedMessage": ""}


@dataclass(frozen=True, slots=True)
class Mood:
    """``books``: whether it books the report; ``later``: not now but when its queue is worked off. ``body`` makes the
    answer of the reports as booked."""

    status: int
    body: Callable[[list[Item]], bytes]
    books: bool = False
    later: bool = False
    media: str = JSON


def _says(value: object) -> Callable[[list[Item]], bytes]:
    return lambda _items: _json(value)


def page(kind: str) -> bytes:
    """The bytes of one of the pages."""
    return PAGES[kind][1].encode("latin-1")


def _says_page(kind: str) -> Callable[[list[Item]], bytes]:
    return lambda _items: page(kind)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _padded(items: list[Item]) -> bytes:
    """As CHAR columns are: padded, in capitals or not, whatever was sent."""
    rows = [{**one, "id_externo": f"{one['id_externo'].lower():<60}", "ident": f"{one['ident']:<20}"} for one in items]
    return _json({"Items": rows})


MOODS: dict[str, Mood] = {
    "refused_report": Mood(
        400, _says({"code": "A1", "message": "Motivo de perda não cadastrado", "detailedMessage": ""})
    ),
    "items_207": Mood(207, lambda items: _json({"items": items[1:], "_messages": [RULE]})),
    "renamed_207": Mood(207, lambda items: _json({"aceitos": items[1:], "rejeitados": [RULE]})),
    "unknown_207": Mood(207, _says({"retorno": [{"linha": 1, "situacao": "N"}]})),
    "json_404": Mood(404, _says({"code": "404", "message": "OP não encontrada", "detailedMessage": ""})),
    "error_in_200": Mood(200, _says({"errorCode": 400, "errorMessage": "Parâmetro inválido"})),
    "ttalk_in_200": Mood(200, _says({"code": "A1", "message": "Motivo de perda não cadastrado"})),
    "lock_in_200": Mood(200, _says({"errorCode": 400, "errorMessage": "Registro bloqueado por outro usuário"})),
    "busy_in_200": Mood(200, _says({"errorCode": 503, "errorMessage": "Server Busy"})),
    "unauthorized_in_200": Mood(200, _says({"errorCode": 401, "errorMessage": "Sessão expirada"})),
    "booked_then_500": Mood(500, _says({"errorCode": 500, "errorMessage": "Erro em AfterTTS"}), books=True),
    "booked_then_error": Mood(200, _says({"code": "W9", "message": "Impressora da etiqueta parada"}), books=True),
    "failed_500": Mood(500, _says({"errorCode": 500, "errorMessage": "AJUDA:A680OP"})),
    "booked_then_page": Mood(200, _says_page("login_page"), books=True, media=HTML),
    "booked_then_303": Mood(303, lambda _items: b"", books=True, media=HTML),
    "cut_json": Mood(201, lambda items: _json({"items": items})[:40], books=True),
    "bare_ok": Mood(200, _says({"ok": True}), books=True),
    "nothing_201": Mood(201, _says({}), books=True),
    "another_201": Mood(201, lambda items: _json({"items": [{**one, "id_externo": "SF-OUTRO-1"} for one in items]})),
    "queued_202": Mood(202, _says({"status": "na fila"}), later=True),
    "padded": Mood(201, _padded, books=True),
}
"""By the kind of fault that asks for one."""
