"""Who may tell SicFar something: only who holds a secret, now, about these very bytes."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.webhooks.auth import WebhookAuth
from sicfar.webhooks.signature import Cause, Refused, Verified, sign, verify

NOW = 1_773_573_301.0
SECRETS = ["segredo-um-de-dezesseis", "segredo-dois-de-dezesseis"]
BODY = "ação".encode("cp1252")


def headers(body: bytes = BODY, secret: str = SECRETS[0], at: str = str(int(NOW))) -> dict[str, str]:
    return {"X-SicFar-Timestamp": at, "x-sicfar-signature": sign(secret, at, body)}


def asked(given: dict[str, str], body: bytes = BODY, now: float = NOW) -> Verified | Refused:
    return verify(WebhookAuth(), SECRETS, given, body, now)


def test_p9_each_of_two_secrets_is_good_and_named_by_its_number():
    assert [asked(headers(secret=secret)).sender for secret in SECRETS] == ["hmac:1", "hmac:2"]


def test_capitals_and_a_prefix_are_the_same_signature():
    for dress in (str.upper, "sha256={}".format):
        given = headers()
        given["x-sicfar-signature"] = dress(given["x-sicfar-signature"])
        assert isinstance(asked(given), Verified)


def test_an_iso_instant_with_offset_is_a_timestamp_local_time_is_not():
    at = datetime.fromtimestamp(NOW, UTC)
    assert isinstance(asked(headers(at=at.isoformat())), Verified)
    assert isinstance(asked(headers(at=f"{at:%Y-%m-%dT%H:%M:%S}")), Refused)


@pytest.mark.parametrize(("off", "good"), [(-300, True), (300, True), (-301, False), (301, False)])
def test_the_window_is_five_minutes_to_either_side(off, good):
    assert isinstance(asked(headers(), now=NOW + off), Verified) is good


@pytest.mark.parametrize("missing", ["X-SicFar-Timestamp", "x-sicfar-signature"])
def test_p9_a_missing_part_is_a_refusal(missing):
    given = headers()
    del given[missing]
    assert isinstance(asked(given), Refused)
    assert isinstance(asked({**headers(), missing: ""}), Refused)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_p9_a_signature_is_good_for_its_own_bytes_only(body, other):
    assert isinstance(asked(headers(body), other), Verified) is (body == other)


@given(st.text(max_size=70), st.text(max_size=30))
def test_p9_nothing_made_up_passes_or_breaks(signature, timestamp):
    assert isinstance(asked({"x-sicfar-timestamp": timestamp, "x-sicfar-signature": signature}), Refused)


def test_p9_a_signature_cannot_be_moved_to_another_time():
    given = headers() | {"X-SicFar-Timestamp": str(int(NOW) + 1)}
    assert isinstance(asked(given), Refused)


def test_a_replay_has_the_key_of_the_original_and_nothing_else_has():
    first, again, other = asked(headers()), asked(headers()), asked(headers(b"x"), b"x")
    assert first.replay_key == again.replay_key != other.replay_key


@pytest.mark.parametrize(
    ("auth", "given", "good"),
    [
        (WebhookAuth(type="bearer"), {"AUTHORIZATION": f"bearer {SECRETS[1]}"}, True),
        (WebhookAuth(type="bearer"), {"Authorization": SECRETS[1]}, False),
        (WebhookAuth(type="bearer"), {"Authorization": "Bearer "}, False),
        (WebhookAuth(type="bearer"), {}, False),
        (WebhookAuth(type="header", header="X-Chave"), {"x-chave": SECRETS[0]}, True),
        (WebhookAuth(type="header", header="X-Chave"), {"x-chave": "outro"}, False),
        (WebhookAuth(type="header", header="X-Chave"), {"x-outra": SECRETS[0]}, False),
    ],
)
def test_p9_a_shared_secret_is_taken_only_where_it_is_configured(auth, given, good):
    assert isinstance(verify(auth, SECRETS, given, BODY, NOW), Verified) is good


# ----------------------------------------------------------------------------------------------- what a 401 may say

GOOD = sign(SECRETS[0], str(int(NOW)), BODY)


@pytest.mark.parametrize(
    ("change", "cause", "text"),
    [
        ({"X-SicFar-Timestamp": ""}, Cause.HEADER, "falta o cabeçalho X-SicFar-Timestamp"),
        ({"x-sicfar-signature": " "}, Cause.HEADER, "falta o cabeçalho X-SicFar-Signature"),
        ({"x-sicfar-signature": base64.b64encode(bytes.fromhex(GOOD)).decode()}, Cause.FORM, "veio em base64"),
        ({"x-sicfar-signature": "sha256=" + base64.b64encode(bytes.fromhex(GOOD)).decode()}, Cause.FORM, "em base64"),
        ({"x-sicfar-signature": GOOD[:40]}, Cause.FORM, "tem 40 algarismos hexadecimais"),
        ({"x-sicfar-signature": "sha1=" + GOOD}, Cause.FORM, "não é hexadecimal"),
        ({"X-SicFar-Timestamp": "2026-03-15T11:15:00"}, Cause.FORM, "não tem fuso"),
        ({"X-SicFar-Timestamp": str(int(NOW) - 400)}, Cause.TIME, "400 s atrasado"),
        ({"X-SicFar-Timestamp": str(int(NOW) + 10_800)}, Cause.TIME, "10800 s adiantado"),
        ({"x-sicfar-signature": "0" * 64}, Cause.SECRET, "o segredo é outro"),
    ],
)
def test_p9_a_refusal_says_which_part_was_wrong_and_no_secret(change: dict[str, str], cause: Cause, text: str) -> None:
    found = asked({**headers(), **change})
    assert isinstance(found, Refused)
    assert found.cause is cause
    assert text in found.reason
    for hidden in (*SECRETS, GOOD, GOOD[:12]):
        assert hidden not in found.reason


def test_p9_a_wrong_secret_is_named_only_after_form_and_time() -> None:
    for change in ({"X-SicFar-Timestamp": "0"}, {"x-sicfar-signature": "x"}, {"X-SicFar-Timestamp": "x"}):
        right = asked({**headers(), **change})
        wrong = asked({**headers(secret="um segredo que é outro"), **change})
        assert isinstance(right, Refused)
        assert isinstance(wrong, Refused)
        assert right == wrong
        assert right.cause is not Cause.SECRET


@pytest.mark.parametrize(
    ("auth", "given", "cause"),
    [
        (WebhookAuth(type="bearer"), {}, Cause.HEADER),
        (WebhookAuth(type="bearer"), {"Authorization": SECRETS[0]}, Cause.FORM),
        (WebhookAuth(type="bearer"), {"Authorization": "Bearer outro"}, Cause.SECRET),
        (WebhookAuth(type="header", header="X-Chave"), {"X-Outra": SECRETS[0]}, Cause.HEADER),
        (WebhookAuth(type="header", header="X-Chave"), {"X-Chave": "outro"}, Cause.SECRET),
    ],
)
def test_p9_of_a_shared_secret_too_the_wrong_part_is_said(
    auth: WebhookAuth, given: dict[str, str], cause: Cause
) -> None:
    found = verify(auth, SECRETS, given, BODY, NOW)
    assert isinstance(found, Refused)
    assert found.cause is cause
    assert SECRETS[0] not in found.reason
