"""What an OPC UA node may say and which of it is a counter; structures laid out by hand, from OPC 30050."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.config import parse_config
from edge_gateway.machines.opcua_config import OpcUaConfig, parse_node
from edge_gateway.machines.opcua_values import counter_of, to_ms
from edge_gateway.section import ConfigError


def value(content: object, kind: ua.VariantType, status: int = 0) -> ua.DataValue:
    return ua.DataValue(ua.Variant(content, kind), ua.StatusCode(ua.UInt32(status)))


def text(content: str | None) -> bytes:
    raw = (content or "").encode()
    return struct.pack("<i", -1) if content is None else struct.pack("<i", len(raw)) + raw


def localized(locale: str | None, words: str | None) -> bytes:
    mask = (locale is not None) + 2 * (words is not None)
    return bytes([mask]) + b"".join(text(part) for part in (locale, words) if part is not None)


def structure(body: bytes) -> ua.ExtensionObject:
    return ua.ExtensionObject(ua.NodeId(69, 7), body)  # type: ignore[arg-type]


texts = st.none() | st.text(max_size=20)
int32 = st.integers(-(1 << 31), (1 << 31) - 1)


@given(texts, texts, texts, texts, texts, texts, int32, int32, int32)
def test_the_accumulated_count_is_found_behind_any_names_and_units(
    name: str | None,
    uri: str | None,
    locale: str | None,
    display: str | None,
    locale2: str | None,
    description: str | None,
    identity: int,
    count: int,
    accumulated: int,
) -> None:
    body = struct.pack("<i", identity) + text(name) + text(uri) + struct.pack("<i", 1)
    body += localized(locale, display) + localized(locale2, description) + struct.pack("<ii", count, accumulated)
    seen = counter_of(value([structure(body)], ua.VariantType.ExtensionObject), 0, 32)
    assert (seen.raw, seen.reason) == (accumulated, "")


def test_the_older_edition_has_three_numbers() -> None:
    body = struct.pack("<iii", 4, 17, 90_000)
    assert counter_of(value([structure(body)], ua.VariantType.ExtensionObject), 0, 32).raw == 90_000


@given(st.binary(max_size=60))
def test_p8_another_structure_is_told_or_read_but_never_an_error(body: bytes) -> None:
    seen = counter_of(value([structure(body)], ua.VariantType.ExtensionObject), 0, 32)
    assert (seen.raw is None) == bool(seen.reason)


@pytest.mark.parametrize("status", [StatusCodes.BadNotConnected, StatusCodes.UncertainLastUsableValue, 0xC0000000])
def test_bad_and_uncertain_are_no_data(status: int) -> None:
    seen = counter_of(value(1000, ua.VariantType.UInt32, status), 0, 32)
    assert seen.raw is None
    assert seen.reason.startswith("qualidade")


def test_good_with_an_overflow_bit_is_good() -> None:
    assert counter_of(value(1000, ua.VariantType.UInt32, 0x480), 0, 32).raw == 1000


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (3.5, ua.VariantType.Double, "o tipo Double não serve"),
        (float("nan"), ua.VariantType.Float, "o tipo Float não serve"),
        (True, ua.VariantType.Boolean, "o tipo Boolean não serve"),
        ("1000", ua.VariantType.String, "o tipo String não serve"),
        (1 << 40, ua.VariantType.UInt64, 'escreva "bits": 64'),
        (None, ua.VariantType.Null, "sem valor"),
        ([], ua.VariantType.UInt32, "o vetor tem 0 elementos"),
    ],
)
def test_p8_what_is_no_counter_says_why(content: object, kind: ua.VariantType, reason: str) -> None:
    seen = counter_of(value(content, kind), 0, 32)
    assert seen.raw is None
    assert reason in seen.reason


def test_an_array_element_is_a_counter_and_a_plain_value_has_no_second() -> None:
    assert counter_of(value([4, 5], ua.VariantType.Int32), 1, 32).raw == 5
    assert "não é um vetor" in counter_of(value(4, ua.VariantType.Int32), 1, 32).reason


def test_a_time_without_zone_is_utc_and_a_machine_without_clock_has_none() -> None:
    assert to_ms(datetime(2026, 3, 15, 11, 15, 1, 250_999)) == 1_773_573_301_250  # noqa: DTZ001
    assert to_ms(datetime(2026, 3, 15, 11, 15, 1, 250_999, UTC)) == 1_773_573_301_250
    assert to_ms(datetime(1601, 1, 1, tzinfo=UTC)) is None
    assert to_ms(None) is None


# ------------------------------------------------------------------------------------------------ configuration

LINE = {"production": {"node": "nsu=urn:x;s=Total"}, "max_per_hour": 4_000}
SECURED = {
    "policy": "Basic256Sha256",
    "certificate": "gateway.der",
    "private_key": "gateway.pem",
    "server_certificate": "maquina.der",
}


def parsed(**more: object) -> OpcUaConfig:
    machine: dict[str, object] = {
        "protocol": "opcua",
        "address": "opc.tcp://10.0.0.5",
        "security": {"policy": "None"},
        "lines": {"SPEP-ENV-A": LINE},
    }
    config = parse_config({"clps": {"maquina": machine | more}}).machines[0]
    assert isinstance(config, OpcUaConfig)
    return config


def test_the_usual_port_is_added() -> None:
    assert parsed().address == "opc.tcp://10.0.0.5:4840"


def test_p9_security_has_to_be_written_down() -> None:
    with pytest.raises(ConfigError, match="security"):
        parse_config({"clps": {"m": {"protocol": "opcua", "address": "opc.tcp://h", "lines": {"SPEP-ENV-A": LINE}}}})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"address": "http://10.0.0.5"}, "clps.maquina.address"),
        ({"address": "opc.tcp://eu:senha@10.0.0.5"}, "eles vão em user e password_file"),
        ({"security": {"policy": "Basic128Rsa15"}}, "clps.maquina.security.policy"),
        ({"security": {"policy": "None", "mode": "Sign"}}, "clps.maquina.security.mode"),
        ({"security": {"policy": "Basic256Sha256"}}, "clps.maquina.security.certificate"),
        ({"user": "sicfar"}, "clps.maquina.password_file"),
        ({"user": "sicfar", "password_file": "senha"}, "a senha iria pela rede sem cifra"),
        ({"user": "a", "password_file": "b", "security": SECURED | {"mode": "Sign"}}, "sem cifra"),
        (
            {"lines": {"SPEP-ENV-A": LINE | {"production": {"node": "Total"}}}},
            'production.node: "Total" não serve; escreva um node id',
        ),
        ({"lines": {"SPEP-ENV-A": LINE | {"production": {"node": "ns=2;i=abc"}}}}, "production.node: "),
        ({"lines": {"SPEP-ENV-A": LINE | {"production": {"packml": "ns=2;s=U"}}}}, '"packml" e "count"'),
        ({"lines": {"SPEP-ENV-A": LINE | {"production": {}}}}, '"node" ou "packml"'),
        ({"lines": {"SPEP-ENV-A": LINE | {"rejected": {"node": "i=1"}}}}, "processed_includes_rejected"),
    ],
)
def test_a_mistake_in_the_configuration_names_its_key(more: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(**more)
    assert said in str(caught.value)


def test_a_namespace_uri_ends_where_the_identifier_begins() -> None:
    ref = parse_node('nsu=http://maker.example/UA/;s="DB"."A;i=2"')
    assert (ref.uri, ref.identifier) == ("http://maker.example/UA/", 's="DB"."A;i=2"')
    assert (parse_node("ns=3;i=10").index, parse_node("i=2258").index) == (3, 0)
