"""Does a real ERP behave as we rely on? Asked politely, read-only, one finding per behaviour.

Meant for a homologation ERP before the first deploy, and for an ADVPL programmer who writes the services: every finding
says what was seen and what to change.
"""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sicfar.errors import SicfarError
from sicfar.instants import format_instant, to_ms
from sicfar.totvs.answers import Answer
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.door import read_rows
from sicfar.totvs.events import Event, Page, Refusal, read_page
from sicfar.totvs.sync import ENTITIES

SAMPLE = 20
"""Rows looked at of each collection."""
SLOW_S = 5.0
_FAR = 100_000
"""A page that no collection reaches."""
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?")


class Verdict(StrEnum):
    """How a behaviour was found."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    WARN = "AVISO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour: as found, and what to do if it is not as it must be."""

    verdict: Verdict
    behaviour: str
    seen: str
    action: str = ""


def check(config: TotvsConfig, client: TotvsClient) -> Iterator[Finding]:
    """Ask the configured ERP and tell what is found; ends early if it cannot be reached at all."""
    first = next(name for name in ENTITIES if name in config.endpoints)
    try:
        client.get(first, {"page": "1", "pageSize": "1"})
    except SicfarError as error:
        yield Finding(Verdict.FAIL, "endereço, certificado e token", error.what, error.action)
        return
    yield Finding(Verdict.PASS, "endereço, certificado e token", f"{config.base_url} respondeu a quem tem token")
    yield _turned_away(config, client, first)
    yield _unknown_resource(client)
    codes: dict[str, set[str]] = {}
    for entity in (name for name in ENTITIES if name in config.endpoints):
        yield from _collection(config, client, entity, codes)
    yield from _references(codes)
    yield _several_at_once(config, client, first)


def _turned_away(config: TotvsConfig, client: TotvsClient, entity: str) -> Finding:
    name = "token errado é recusado com 401"
    try:
        status = client.stranger(config.endpoints[entity]).status
    except SicfarError as error:
        return Finding(Verdict.FAIL, name, error.what, error.action)
    if status == 401:
        return Finding(Verdict.PASS, name, "HTTP 401")
    fix = "o serviço deve responder 401, ou um token vencido não será renovado"
    return Finding(Verdict.FAIL, name, f"HTTP {status}", fix)


def _unknown_resource(client: TotvsClient) -> Finding:
    name = "erro em JSON"
    try:
        answer = client.stranger("/sicfar-recurso-que-nao-existe")
    except SicfarError as error:
        return Finding(Verdict.FAIL, name, error.what, error.action)
    value = answer.json()
    told = answer.error(value)
    if isinstance(value, dict):
        return Finding(Verdict.PASS, name, f"HTTP {answer.status} {told.code}: {told.message}")
    return Finding(Verdict.WARN, name, f"HTTP {answer.status}: {told.message[:80]}", "o erro será lido como texto")


def _collection(config: TotvsConfig, client: TotvsClient, entity: str, codes: dict[str, set[str]]) -> Iterator[Finding]:
    def ask(**more: str) -> tuple[Answer, Page]:
        order = {"order": config.order[entity]} if config.order.get(entity) else {}
        answer = client.get(entity, {"page": "1", "pageSize": str(SAMPLE), **order, **more})
        return answer, read_page(answer.body, answer.headers.get("content-type"), config.charset)

    begun = time.monotonic()
    try:
        answer, page = ask()
        took = time.monotonic() - begun
        yield _latency(entity, took)
        yield _envelope(entity, page)
        yield _size(entity, page)
        yield _charset(entity, answer)
        yield from _rows(config, entity, page, codes)
        yield _stable(entity, page, ask()[1], ask(page="2")[1])
        yield from _paging(config, client, entity)
        if config.changed_since:
            tomorrow = format_instant(to_ms(datetime.now(UTC) + timedelta(days=1)))
            if config.changed_since.format == "iso":
                yield _changed(
                    entity, config.changed_since.parameter, page, ask(**{config.changed_since.parameter: tomorrow})[1]
                )
    except SicfarError as error:
        yield Finding(Verdict.FAIL, f"{entity}: responde", error.what, error.action)


def _latency(entity: str, took: float) -> Finding:
    slow = took > SLOW_S
    fix = "veja o AppServer (Instances, licenças) e o índice da consulta" if slow else ""
    return Finding(Verdict.WARN if slow else Verdict.PASS, f"{entity}: responde", f"em {took * 1000:.0f} ms", fix)


def _envelope(entity: str, page: Page) -> Finding:
    name = f"{entity}: items e hasNext"
    if page.has_next is None:
        fix = "responda hasNext; sem ele o SicFar pede páginas até vir uma vazia, um pedido a mais por leitura"
        return Finding(Verdict.WARN, name, "sem hasNext", fix)
    return Finding(Verdict.PASS, name, f"{len(page.rows)} linhas, hasNext={str(page.has_next).lower()}")


def _size(entity: str, page: Page) -> Finding:
    name = f"{entity}: pageSize respeitado"
    if len(page.rows) > SAMPLE:
        return Finding(Verdict.FAIL, name, f"{len(page.rows)} linhas, pedidas {SAMPLE}", "limite a página a pageSize")
    return Finding(Verdict.PASS, name, f"{len(page.rows)} de até {SAMPLE}")


def _paging(config: TotvsConfig, client: TotvsClient, entity: str) -> Iterator[Finding]:
    """Pages of the size the pull asks for, up to the second, and one far past the end."""
    name, size = f"{entity}: páginas de {config.page_size}", config.page_size
    first, second = (client.page(entity, number, None).page for number in (1, 2))
    others = [row for row in second.rows if row not in first.rows]
    seen = f"{len(first.rows)} linhas na página 1, {len(others)} outras na 2"
    if second.rows and not others and not client.heeds_page(entity, None, first.rows):
        fix = "o serviço deve respeitar page: só as primeiras linhas chegam, e o SicFar não dá a leitura por completa"
        yield Finding(Verdict.FAIL, name, f"a página 2 repete a 1 ({len(first.rows)} linhas): page é ignorado", fix)
        return
    if first.has_next is False and others:
        fix = "corrija hasNext: o SicFar pararia na página 1 e as outras linhas nunca viriam"
        yield Finding(Verdict.FAIL, name, f"hasNext=false, e há mais: {seen}", fix)
    elif len(first.rows) < size and others:
        fix = f"o serviço limita a página; a leitura vai até o fim, mas escreva totvs.pageSize: {len(first.rows)}"
        yield Finding(Verdict.WARN, name, f"limitada a {len(first.rows)}: {seen}", fix)
    elif len(first.rows) > size:
        yield Finding(Verdict.FAIL, name, f"{len(first.rows)} linhas, pedidas {size}", "limite a página a pageSize")
    else:
        yield Finding(Verdict.PASS, name, seen)
    if first.has_next is None:
        yield _past_the_end(client, entity)


def _past_the_end(client: TotvsClient, entity: str) -> Finding:
    name = f"{entity}: página depois da última"
    try:
        rows = client.page(entity, _FAR, None).page.rows
    except SicfarError as error:
        fix = "responda 200 com items vazio, ou hasNext: sem um nem outro a leitura nunca fica completa"
        return Finding(Verdict.FAIL, name, error.what, fix)
    seen = f"{len(rows)} linhas: repete uma página" if rows else "vazia"
    return Finding(Verdict.PASS, name, seen)


def _charset(entity: str, answer: Answer) -> Finding:
    name = f"{entity}: charset"
    media = answer.headers.get("content-type", "")
    beyond = sum(letter > "\x7f" for letter in answer.text())
    if not _MEDIA_TYPE.fullmatch(media):
        fix = "corrija o Content-Type; o corpo foi lido mesmo assim"
        return Finding(Verdict.WARN, name, f"Content-Type {media!r}; {beyond} letras acentuadas lidas", fix)
    if "\ufffd" in answer.text() or "Ã§" in answer.text():
        fix = "o serviço converte o texto duas vezes; use EncodeUTF8 uma só vez"
        return Finding(Verdict.FAIL, name, f"{media}: letras trocadas", fix)
    return Finding(Verdict.PASS, name, f"{media}; {beyond} letras acentuadas lidas")


def _rows(config: TotvsConfig, entity: str, page: Page, codes: dict[str, set[str]]) -> Iterator[Finding]:
    found = read_rows(ENTITIES[entity], page.rows, config, datetime.now(UTC))
    events = [one for one in found if isinstance(one, Event)]
    refusals = [one for one in found if isinstance(one, Refusal)]
    name = f"{entity}: linhas legíveis"
    if refusals:
        told = "; ".join(f"{error.field}: {error.message}" for error in refusals[0].errors)
        fix = "corrija o serviço, ou traduza os nomes em totvs.mapping"
        yield Finding(Verdict.FAIL, name, f"{len(refusals)} de {len(found)} recusadas; a primeira: {told}", fix)
    elif not events:
        yield Finding(Verdict.WARN, name, "nenhuma linha para conferir", "cadastre ao menos uma na homologação")
    else:
        yield Finding(Verdict.PASS, name, f"{len(events)} de {len(events)}")
    for event in events:
        for field in ("produto_codigo", "insumo_codigo"):
            if value := event.data.get(field):
                codes.setdefault(entity, set()).add(str(value))
    numbers = [str(event.data["numero_op"]) for event in events if "numero_op" in event.data]
    if numbers:
        lengths = sorted({len(number) for number in numbers})
        seen = f"de {lengths[0]} a {lengths[-1]} caracteres, p. ex. {numbers[0]}"
        well = all(6 <= length <= 14 for length in lengths)
        fix = "" if well else "envie C2_NUM com 6 posições, ou a OP inteira com 11 ou 14, como texto"
        yield Finding(Verdict.PASS if well else Verdict.FAIL, f"{entity}: número da OP inteiro", seen, fix)


def _stable(entity: str, first: Page, again: Page, second: Page) -> Finding:
    name = f"{entity}: ordem estável, página 2 não repete a 1"
    if again.rows != first.rows:
        return Finding(Verdict.FAIL, name, "a página 1, pedida de novo, veio diferente", "ordene pela chave (order)")
    repeated = [row for row in second.rows if row in first.rows]
    if repeated:
        return Finding(Verdict.FAIL, name, f"{len(repeated)} linhas nas duas páginas", "respeite page e order")
    return Finding(Verdict.PASS, name, f"{len(second.rows)} outras linhas na página 2")


def _changed(entity: str, parameter: str, everything: Page, tomorrow: Page) -> Finding:
    name = f"{entity}: {parameter} respeitado"
    if tomorrow.rows and everything.rows:
        fix = "filtre por data de alteração, ou escreva changedSince: null para ler sempre tudo"
        return Finding(Verdict.FAIL, name, f"{len(tomorrow.rows)} linhas alteradas desde amanhã", fix)
    return Finding(Verdict.PASS, name, "nada alterado desde amanhã")


def _references(codes: dict[str, set[str]]) -> Iterator[Finding]:
    if "ordens" in codes and "produtos" in codes:
        missing = sorted(codes["ordens"] - codes["produtos"])
        name = "produtos das ordens estão em produtos"
        if missing:
            seen = f"não na primeira página: {', '.join(missing[:5])}"
            yield Finding(Verdict.WARN, name, seen, "confira; sem o produto, a OP espera por ele")
        else:
            yield Finding(Verdict.PASS, name, f"{len(codes['ordens'])} conferidos")


def _several_at_once(config: TotvsConfig, client: TotvsClient, entity: str) -> Finding:
    name = f"{config.concurrency} pedidos ao mesmo tempo"
    with ThreadPoolExecutor(config.concurrency) as pool:
        asked = [pool.submit(client.get, entity, {"page": "1", "pageSize": "1"}) for _ in range(config.concurrency)]
        errors = [str(error) for one in asked if (error := one.exception())]
    if errors:
        return Finding(Verdict.FAIL, name, errors[0], "diminua totvs.concurrency ou aumente Instances no AppServer")
    return Finding(Verdict.PASS, name, "todos respondidos")
