"""Whatever form an ERP repeats a secret in, none is in what is put down of a call."""

import base64
import contextlib
import json
import urllib.parse
from collections.abc import Callable

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sicfar.database.requests import Attempt
from sicfar.errors import SicfarError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.masking import MASK, excerpt, masked
from sicfar.totvs.success import Expected, SuccessShape

USER = "integra.sicfar"
Form = Callable[[str], str]


def percent(text: str, *, lower: bool = False, charset: str = "utf-8") -> str:
    digits = "%{:02x}" if lower else "%{:02X}"
    return "".join(digits.format(byte) for byte in text.encode(charset, "replace"))


def json_escapes(text: str, *, upper: bool = False) -> str:
    units = text.encode("utf-16-be")
    pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join("\\u" + (pair.upper() if upper else pair) for pair in pairs)


def basic(text: str) -> str:
    return base64.b64encode(f"{USER}:{text}".encode()).decode()


FORMS: dict[str, Form] = {
    "as it is": str,
    "percent": percent,
    "percent, lower": lambda text: percent(text, lower=True),
    "percent, CP1252": lambda text: percent(text, charset="cp1252"),
    "quote": urllib.parse.quote,
    "quote, plus": urllib.parse.quote_plus,
    "quoted twice": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON, every letter": json_escapes,
    "JSON, in capitals": lambda text: json_escapes(text, upper=True),
    "JSON, every other letter": lambda text: "".join(
        json_escapes(one) if at % 2 else json.dumps(one)[1:-1] for at, one in enumerate(text)
    ),
    "HTML": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"),
    "HTML, numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "Basic": basic,
    "Basic, in a URL": lambda text: urllib.parse.quote(basic(text), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, for URLs": lambda text: base64.urlsafe_b64encode(f"?{text}?".encode()).decode().rstrip("="),
    "base64, CP1252": lambda text: base64.b64encode(text.encode("cp1252", "replace")).decode(),
    "digits": lambda text: text.encode().hex(),
    "digits, in capitals": lambda text: text.encode().hex().upper(),
    "wrong charset": lambda text: text.encode().decode("latin-1"),
}
letters = st.characters(min_codepoint=33, max_codepoint=126) | st.characters(min_codepoint=161, max_codepoint=255)
letters |= st.sampled_from(' €"\\%&+/<')
few = settings(max_examples=25)
secrets = st.text(letters, min_size=8, max_size=24).filter(lambda text: text == text.strip())


def plain(text: str) -> str:
    """What anybody can read out of a text by undoing its escapes, as often as there are any."""
    for _ in range(4):
        with contextlib.suppress(ValueError):
            text = json.loads(f'"{text}"')
        text = urllib.parse.unquote(text)
    return text


@pytest.mark.parametrize("form", FORMS)
@few
@given(secret=secrets, before=st.sampled_from(["", "Bearer ", '{"senha":"', "?p=", "<b>"]))
def test_p9_a_secret_is_not_in_the_text_in_any_form(form: str, secret: str, before: str) -> None:
    echo = FORMS[form](secret)
    assume(secret not in before + MASK)
    hidden = masked(f"{before}{echo}\n fim", [secret])
    assert echo not in hidden
    assert secret not in plain(hidden)
    assert MASK in hidden
    assert hidden.endswith("\n fim"), "and the rest is there"


@given(text=st.text(max_size=80))
def test_p7_a_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert masked(text, ["nunca-aparece-aqui", ""]) == text


@given(secret=secrets, at=st.integers(0, 40), most=st.integers(0, 60))
def test_p9_a_secret_that_the_cut_goes_through_is_masked_whole(secret: str, at: int, most: int) -> None:
    shown = excerpt("~" * at + secret + "~" * 40, [secret], most)
    assert len(shown) <= most
    assert not any(part in shown for part in (secret[:6], secret[-6:]) if "~" not in part and "*" not in part)


@pytest.mark.parametrize("at", [64 * 1024 - 5, 64 * 1024 + 5, 0])
def test_p9_the_edge_of_what_is_looked_at_shows_no_part_of_a_secret(at: int) -> None:
    secret = "segredo-na-beirada"
    shown = excerpt(secret * 3 + "~" * max(0, at - 3 * len(secret)) + secret, [secret], 10**6)
    assert "segredo" not in shown


# Through the client: what is recorded, raised and kept ----------------------------------------------------------------


class Echo:
    """A client whose ERP answers whatever it is told to."""

    def __init__(self) -> None:
        totvs = {"baseUrl": "https://totvs.test/api", "auth": {"type": "basic"}}
        totvs |= {"endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"}}
        self.attempts: list[Attempt] = []
        self.answer = httpx.Response(200)
        config = TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")
        self.client = TotvsClient(config, USER, "", record=self.attempts.append)
        self.client._http = httpx.Client(transport=httpx.MockTransport(lambda _request: self.answer))

    def kept(self, password: str, status: int, body: str, media: str) -> str:
        """Everything that is kept of a report's call that is answered so."""
        self.client._login = (USER, password)
        self.attempts.clear()
        self.answer = httpx.Response(status, content=body.encode(), headers={"Content-Type": media})
        shape = SuccessShape(status=(200,), items=None, id="id", key="eco")
        try:
            booked = self.client.post("producao", "/x", b"{}", Expected("totvs.reports.production.success", "1", shape))
            told = f"{booked.answer} {booked.key}"
        except SicfarError as error:
            told = f"{error} {error.args} {error!r}"
        return told + "".join(attempt.model_dump_json() for attempt in self.attempts)


@pytest.fixture(scope="module")
def echo() -> Echo:
    return Echo()


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 500, 503])
@few
@given(
    secret=secrets,
    form=st.sampled_from(sorted(FORMS)),
    frame=st.sampled_from(
        ['{"code":"E","message":"veio %s"}', '{"id":"1","eco":"%s"}', "<html><p>%s</p></html>", "%s", '{"x":["%s"]}']
    ),
)
def test_p9_nothing_kept_of_a_call_holds_what_the_erp_repeated(echo, status, secret, form, frame) -> None:
    repeated = FORMS[form](secret)
    body = frame.replace("%s", repeated)
    assume(secret not in frame and repeated not in frame)
    kept = echo.kept(secret, status, body, "application/json; charset=utf-8")
    assert repeated not in kept
    assert json.dumps(repeated)[1:-1] not in kept
    assert secret not in plain(kept)
