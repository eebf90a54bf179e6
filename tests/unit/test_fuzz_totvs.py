"""What claims to come from TOTVS, any bytes: nobody unsigned is read, nothing crashes, all that was signed is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicfar.totvs import inbox
from tests.fuzz import strategies, targets

ODD_TEXT = st.text(st.characters() | st.sampled_from("\ud800\0 é"), max_size=20)


@settings(max_examples=200)
@given(strategies.webhook_bodies)
def test_p8_p9_a_signed_body_is_kept_200_or_422_an_unsigned_one_401(data: bytes) -> None:
    targets.webhook(data)


@settings(max_examples=150)
@given(st.lists(ODD_TEXT | st.sampled_from(strategies.STAMPS), min_size=4, max_size=4))
def test_p9_no_header_whatever_it_holds_is_a_signature_or_an_error(parts: list[str]) -> None:
    targets.signature("\n".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=100)
@given(strategies.pages | st.binary(max_size=40))
def test_p8_a_pulled_page_is_rows_that_can_be_kept_or_a_declared_error(data: bytes) -> None:
    targets.page(data)


def test_p9_a_body_is_not_looked_at_before_its_signature_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "read_request", lambda *_: pytest.fail("read before it was authenticated"))
    assert targets.answer(targets.signed(b"{}", None, "outro segredo qualquer")).status == 401


@pytest.mark.parametrize(
    "body", [b"1e99999999999999999999", b'{"tipo":"ordem","dados":{"quantidade":-0e-99999999999999999999}}']
)
def test_p8_a_number_of_an_absurd_exponent_is_answered_422(body: bytes) -> None:
    reply = targets.answer(targets.signed(body, "application/json"))
    assert reply.status == 422
    assert "expoente" in reply.reason


def test_p7_an_envelope_that_holds_no_event_is_answered_422_and_kept() -> None:
    reply = targets.answer(targets.signed(b'{"Tipo": "SB1", "Itens": []}', None))
    assert reply.status == 422
    event: Any
    (event,) = inbox.reception(reply.message or "", targets.CONFIG).events
    assert event["recusa"][0]["codigo"] == "VAZIO"


def test_p8_an_envelope_of_too_many_events_is_refused_as_a_whole() -> None:
    body = b'{"Tipo": "SB1", "Itens": [' + b"0," * 80_000 + b"0]}"
    reply = targets.answer(targets.signed(body, None))
    assert reply.status == 422
    assert len(json.dumps(reply.body)) < 1_000
    event: Any
    (event,) = inbox.reception(reply.message or "", targets.CONFIG).events
    assert event["recusa"][0]["codigo"] == "COMPRIMENTO"


@pytest.mark.parametrize("header", ["x-sicfar-timestamp", "x-sicfar-signature"])
def test_p9_half_of_a_surrogate_pair_in_a_header_is_a_wrong_signature(header: str) -> None:
    given = targets.signed(b"{}", None)
    odd = {"x-sicfar-timestamp": "2026-03-15\ud80011:15:01+00:00", "x-sicfar-signature": "\ud800"}
    headers = {name.lower(): value for name, value in given.headers.items()} | {header: odd[header]}
    assert targets.answer(replace(given, headers=headers)).status == 401


def test_a_correlation_id_that_no_header_can_hold_is_replaced_by_our_own() -> None:
    given = targets.signed(b"{}", None)
    assert replace(given, headers={"x-correlation-id": "ação"}).correlation == "pedido-1"
