"""What TOTVS sends is read whole, whatever its style and encoding, and what is wrong is named, never dropped."""

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.totvs.charset import UndecodableError, decode
from sicfar.totvs.events import Event, PageError, Refusal, read_events, read_page, read_row
from sicfar.totvs.mapping import Mapping
from sicfar.totvs.model import Kind, fields

ROW = {
    "C2_NUM": 146734,
    "C2_PRODUTO": "07010013       ",
    "C2_QUANT": 17254,
    "C2_YLOTE": "25L16503F ",
    "B1_DESC": "SOL. CLORETO DE SÓDIO 0,9% 250ML – SF  ",
    "B1_YQTML": "2,5",
    "C2_YDOSSIE": "16503F/25",
    "C2_EMISSAO": "31/10/2025",
    "C2_DATRF": "        ",
}
CANONICAL: dict[str, Any] = {
    "tipo": "ordem",
    "dados": {
        "numero_op": "146734",
        "produto_codigo": "07010013",
        "quantidade": "17254",
        "numero_lote": "25L16503F",
        "descricao": "SOL. CLORETO DE SÓDIO 0,9% 250ML – SF",
        "volume_ml": 2.50,
        "dossie": "16503F/25",
        "data_emissao": "2025-10-31",
        "situacao": "ABERTA",
    },
}


def read(value: object, mapping: Mapping = Mapping(), charset: str = "utf-8") -> list[Event | Refusal]:  # noqa: B008
    return read_events(json.dumps(value, ensure_ascii=False).encode(charset), f"x; charset={charset}", mapping)


def event(value: object, **more: Any) -> Event:
    (found,) = read(value, **more)
    assert isinstance(found, Event), found
    return found


def errors(value: object) -> set[tuple[str, str]]:
    (found,) = read(value)
    assert isinstance(found, Refusal), found
    return {(error.field, error.code) for error in found.errors}


def order(**more: object) -> dict[str, object]:
    return {"tipo": "ordem", "dados": {**CANONICAL["dados"], **more}}


# ---------------------------------------------------------------------------------------------------- equal content


def test_columns_of_protheus_and_our_own_json_are_the_same_event():
    assert event(ROW).data == event(CANONICAL).data
    assert event(ROW).sha256 == event(CANONICAL).sha256


def test_utf8_and_cp1252_are_the_same_event():
    assert event(ROW, charset="cp1252") == event(ROW)


@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=200))
def test_any_text_cp1252_can_write_survives_both_encodings(text):
    told = order(descricao=text)
    assert event(told, charset="cp1252").data["descricao"] == event(told).data["descricao"] == (text.strip() or None)


def test_column_names_are_taken_in_small_letters_too():
    assert event({key.lower(): value for key, value in ROW.items()}).data == event(ROW).data


# ----------------------------------------------------------------------------------------------------- order numbers


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({"C2_NUM": 1234}, "001234"),
        ({"C2_NUM": "001234"}, "001234"),
        ({"C2_NUM": "146734", "C2_ITEM": "01", "C2_SEQUEN": "001"}, "14673401001"),
        ({"C2_NUM": 146734, "C2_ITEM": 1, "C2_SEQUEN": 2}, "14673401002"),
        ({"C2_NUM": "146734", "C2_ITEM": "9A", "C2_SEQUEN": "001", "C2_ITEMGRD": "A01"}, "1467349A001A01"),
        ({"C2_NUM": "146734", "C2_ITEM": "  ", "C2_SEQUEN": "   ", "C2_ITEMGRD": "   "}, "146734"),
        ({"C2_NUM": "146734", "C2_OP": "14673402001   "}, "14673402001"),
    ],
)
def test_an_order_number_is_put_together_with_its_zeros(columns, number):
    assert event({**ROW, **columns}).data["numero_op"] == number


def test_item_and_sequence_come_together_or_not_at_all():
    assert ("C2_ITEM", "VALOR") in errors({**ROW, "C2_ITEM": "01"})


def test_a_code_sent_as_a_number_is_refused_because_its_zeros_are_gone():
    (refusal,) = read(order(produto_codigo=7010013))
    assert "perde os zeros" in refusal.errors[0].message


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"C2_DATRF": "20251101"}, "ENCERRADA"),
        ({"C2_DATRF": "  /  /  "}, "ABERTA"),
        ({"D_E_L_E_T_": "*", "C2_DATRF": "20251101"}, "CANCELADA"),
        ({"D_E_L_E_T_": " "}, "ABERTA"),
    ],
)
def test_an_order_is_open_finished_or_cancelled_by_its_columns(columns, state):
    assert event({**ROW, **columns}).data["situacao"] == state


# ------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2,5", "2.5"),
        ("1.234,56", "1234.56"),
        ("1234.56", "1234.56"),
        (17254, "17254"),
        (0.1, "0.1"),
        ("0", "0"),
        ("-0,0", "0"),
        ("7450,000", "7450"),
        (" 12 ", "12"),
        ("100", "100"),
        (999_999_999_999, "999999999999"),
    ],
)
def test_a_quantity_keeps_every_digit(sent, kept):
    assert event(order(quantidade=sent)).data["quantidade"] == kept


@given(st.decimals(0, 999_999_999_999, places=6))
def test_a_quantity_comes_out_as_it_went_in_however_it_was_written(amount):
    for sent in (f"{amount:f}", f"{amount:f}".replace(".", ",")):
        assert Decimal(event(order(quantidade=sent)).data["quantidade"]) == amount


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("7.450", "VALOR"), ("1.234.567", "VALOR"),
        ("muito", "TIPO"), (True, "TIPO"), ([1], "TIPO"), ("1,2,3", "TIPO"), ("1.23,4.5", "TIPO"), (10**40, "TIPO"),
        ("1e5", "TIPO"), (-1, "VALOR"), ("0,0000001", "VALOR"), (10**12, "VALOR"), ("", "VAZIO"), (None, "VAZIO"),
    ],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_and_never_rounded(sent, code):
    assert errors(order(quantidade=sent)) == {("dados.quantidade", code)}


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("20251031", "2025-10-31"),
        ("2025-10-31", "2025-10-31"),
        ("31/10/2025", "2025-10-31"),
        ("20251031 13:00", "2025-10-31"),
        ("2025-10-31T13:00:00-03:00", "2025-10-31"),
        ("        ", None),
        ("  /  /  ", None),
        ("00000000", None),
        (None, None),
    ],
)
def test_a_date_is_read_in_every_form_protheus_writes(sent, day):
    assert event(order(data_validade=sent)).data["data_validade"] == day


@pytest.mark.parametrize(
    "sent", ["31/02/2025", "2025-13-01", "ontem", 20251031, "2025-10", "20251031x", "2025-03-15T99:99"]
)
def test_a_day_that_does_not_exist_is_refused(sent):
    assert errors(order(data_validade=sent)) == {("dados.data_validade", "DATA")}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-03-15T08:15:01-03:00", "2026-03-15T11:15:01.000Z"),
        ("2026-03-15T08:15:01", "2026-03-15T11:15:01.000Z"),
        ("20260315 08:15", "2026-03-15T11:15:00.000Z"),
        ("2026-03-15T11:15:01.250Z", "2026-03-15T11:15:01.250Z"),
        ("", None),
    ],
)
def test_an_instant_without_an_offset_is_the_plants_time(sent, kept):
    assert event({**CANONICAL, "ocorrido_em": sent}).happened_at == kept


@pytest.mark.parametrize(
    ("zone", "sent", "kept"),
    [
        (None, "2026-03-15 11:15:01.250", "2026-03-15T11:15:01.250Z"),
        (None, "20260315 11:15:01", "2026-03-15T11:15:01.000Z"),
        (None, "2026-03-15T08:15:01-03:00", "2026-03-15T11:15:01.000Z"),
        ("America/Fortaleza", "2026-03-15 08:15:01", "2026-03-15T11:15:01.000Z"),
        (None, " ", None),
    ],
)
def test_p11_a_stamp_without_an_offset_is_utc_or_its_columns_zone(zone, sent, kept):
    mapping = mapped(carimbos={"S_T_A_M_P_": zone}) if zone else Mapping()
    assert event({**ROW, "S_T_A_M_P_": sent}, mapping=mapping).happened_at == kept
    assert event({**ROW, "s_t_a_m_p_": sent}, mapping=mapping).happened_at == kept


def test_p11_stamps_in_utc_order_with_plant_times():
    order_told = event({**CANONICAL, "ocorrido_em": "2026-03-15T08:00:00"})
    cancelled = event({**ROW, "D_E_L_E_T_": "*", "S_T_A_M_P_": "2026-03-15 11:00:01.000"})
    assert order_told.happened_at is not None
    assert cancelled.happened_at is not None
    assert cancelled.happened_at > order_told.happened_at


def test_a_declared_instant_counts_before_a_stamp_and_a_date_stays_a_day():
    told = {**ROW, "ocorrido_em": "2026-03-15T08:00:00", "S_T_A_M_P_": "2026-03-15 23:59:59"}
    found = event({**told, "C2_EMISSAO": "20260315"})
    assert found.happened_at == "2026-03-15T11:00:00.000Z"
    assert found.data["data_emissao"] == "2026-03-15"


@pytest.mark.parametrize(("sent", "flag"), [("1", True), ("2", False), ("", False), (True, True), ("S", True)])
def test_a_flag_is_read_as_protheus_writes_it(sent, flag):
    row = {"B1_COD": "07010013", "B1_DESC": "SOL", "B1_MSBLQL": sent}
    assert event(row).data["bloqueado"] is flag


def test_a_field_not_sent_is_absent_and_one_sent_blank_is_null():
    dados = event({"tipo": "ordem", "dados": {**CANONICAL["dados"], "dossie": "  "}}).data
    assert dados["dossie"] is None
    assert "data_validade" not in dados


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_letters_a_database_cannot_hold_are_refused(text):
    body = json.dumps(order(descricao=text)).encode()
    (found,) = read_events(body, None)
    assert isinstance(found, Refusal)
    assert found.errors[0].field == "dados.descricao"


def test_a_text_longer_than_its_column_is_refused_not_cut():
    assert errors(order(numero_lote="X" * 41)) == {("dados.numero_lote", "COMPRIMENTO")}


def test_all_faults_of_an_event_are_named_at_once_in_the_senders_words():
    row = {"C2_NUM": "146734", "C2_QUANT": "muito", "C2_EMISSAO": "31/02/2025"}
    assert errors(row) == {("C2_PRODUTO", "AUSENTE"), ("C2_QUANT", "TIPO"), ("C2_EMISSAO", "DATA")}
    told = {"tipo": "produto", "dados": {"produto_codigo": ""}}
    assert errors(told) == {("dados.produto_codigo", "VAZIO"), ("dados.descricao", "AUSENTE")}


@pytest.mark.parametrize("version", [-1, "abc", 1.5, True, "9" * 31, [1]])
def test_a_version_is_a_whole_number_that_grows(version):
    assert errors({**CANONICAL, "versao": version}) == {("versao", "VALOR")}


def test_a_version_keeps_its_value_not_its_zeros():
    assert event({**CANONICAL, "versao": "0017"}).version == "17"
    assert event({**ROW, "versao": 17}).version == "17"


# ---------------------------------------------------------------------------------------------------------- the body


@pytest.mark.parametrize(
    "body",
    [b"", b"nada", b"[]", b"null", b"1", b'"x"', b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000, b"\x81\x8d",
     b'{"a": ' + b"9" * 5000 + b"}", b"{}", b'{"tipo": "ordem"}', b'{"tipo": ["ordem"], "dados": {}}',
     b"[" + b"{}," * 1000 + b"{}]"],
)  # fmt: skip
def test_p8_what_is_no_event_is_a_refusal_with_a_reason(body):
    found = read_events(body, None)
    assert all(isinstance(one, Refusal) and one.errors[0].message for one in found)
    assert found


@given(st.binary(max_size=300), st.sampled_from([None, "application/json", "charset=cp1252", "charset=base64", "x"]))
def test_p8_no_bytes_whatever_break_the_reader(body, media):
    assert read_events(body, media)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
names = st.sampled_from([name for kind in Kind for one in fields(kind) for name in (one.name, *one.columns)])
envelopes = st.fixed_dictionaries(
    {
        "tipo": st.sampled_from([*Kind, "outro"]) | json_values,
        "dados": st.dictionaries(names, json_values) | json_values,
    },
    optional={"id": json_values, "versao": json_values, "ocorrido_em": json_values},
)


@given(st.lists(envelopes | st.dictionaries(names, json_values) | json_values, min_size=1, max_size=6))
def test_p8_every_item_gets_an_answer_in_its_place(items):
    found = read_events(json.dumps(items).encode(), None)
    if not any(isinstance(one, Refusal) and one.errors[0].code == "JSON" for one in found):  # NaN
        assert [one.index for one in found] == list(range(len(items)))
    for one in found:
        json.dumps(one.as_json())
        if isinstance(one, Event):
            json.dumps(one.as_json()).encode()
            assert one.data.keys() <= {field.name for field in fields(one.kind)}
            for name, value in one.data.items():
                assert isinstance(value, bool) == (name in ("bloqueado", "excluido")) or value is None
                if isinstance(value, str):
                    assert 0 < len(value) <= 200


def test_the_good_events_around_a_bad_one_are_read():
    found = read([CANONICAL, {"tipo": "nada"}, ROW])
    assert [type(one) for one in found] == [Event, Refusal, Event]


# ----------------------------------------------------------------------------------------------------------- mapping


def mapped(**parts: object) -> Mapping:
    return Mapping.model_validate(parts)


def test_another_services_names_values_and_line_codes_are_translated():
    mapping = mapped(
        linhas={"L01": "SPEP-ENV-A"},
        campos={"ordem": {"numero_op": "Number", "linha_id": "Line.Code", "situacao": "StatusType"}},
        valores={"ordem": {"situacao": {"5": "ENCERRADA"}}},
    )
    row = {
        **CANONICAL["dados"],
        "volume_ml": Decimal("2.5"),
        "Number": "146735",
        "Line": {"Code": "L01"},
        "StatusType": 5,
    }
    found = read_row(Kind.ORDER, row, mapping, 0)
    assert isinstance(found, Event)
    assert (found.data["numero_op"], found.data["linha_id"]) == ("146735", "SPEP-ENV-A")
    assert found.data["situacao"] == "ENCERRADA"


def test_another_envelope_is_recognised_and_its_items_become_events():
    mapping = mapped(
        envelopes=[{"quando": {"Header.Transaction": "PRODUCTIONORDER"}, "tipo": "ordem", "id": "Header.UUID",
                    "ocorrido_em": "Header.GeneratedOn", "itens": "Content.Orders"}]
    )  # fmt: skip
    header = {"Transaction": "PRODUCTIONORDER", "UUID": "u-1", "GeneratedOn": "2026-03-15T08:00:00"}
    body = {"Header": header, "Content": {"Orders": [CANONICAL["dados"], {"numero_op": "1"}, CANONICAL["dados"]]}}
    found = read([body, CANONICAL], mapping)
    assert [one.index for one in found] == [0, 1, 2, 3]
    assert [one.event_id for one in found] == ["u-1#0", "u-1#1", "u-1#2", None]
    assert isinstance(found[1], Refusal)
    assert found[1].errors[0].field == "Content.Orders[1].produto_codigo"
    assert found[0].happened_at == "2026-03-15T11:00:00.000Z"


def test_p2_orders_of_other_branches_or_types_are_ignored():
    mapping = mapped(filiais=["0101"], tiposOrdem=["F"])
    counting = event({**ROW, "C2_FILIAL": "0101 ", "C2_TPOP": "F"}, mapping=mapping)
    assert counting.ignored is None
    other = event({**ROW, "C2_FILIAL": "0102"}, mapping=mapping)
    assert other.ignored == "OPs de filial 0102 não contam; contam as de 0101."
    planned = event({**ROW, "C2_FILIAL": "0101", "C2_TPOP": "P"}, mapping=mapping)
    assert planned.ignored == "OPs de tipo P não contam; contam as de F."
    assert event(ROW, mapping=mapping).ignored is None  # a shared table says no branch
    assert event({**ROW, "C2_FILIAL": "0102", "C2_TPOP": "P"}).ignored is None


def test_p2_the_branch_is_told_to_the_database_unless_only_one_counts():
    row = {**ROW, "C2_FILIAL": "0101"}
    assert event(row).data["filial"] == "0101"
    assert event(row, mapping=mapped(filiais=["0101", "0102"])).data["filial"] == "0101"
    assert "filial" not in event(row, mapping=mapped(filiais=["0101"])).data


# ------------------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("body", "rows", "more"),
    [
        ('{"items": [{}], "hasNext": true}', 1, True),
        ('{"Items": [{}, {}], "HasNext": "false"}', 2, False),
        ('{"items": [], "hasNext": "true"}', 0, True),
        ('{"items": [{}]}', 1, None),
        ("[{}, {}]", 2, None),
    ],
)
def test_a_page_is_read_in_every_shape_the_guides_show(body, rows, more):
    page = read_page(body.encode(), None)
    assert (len(page.rows), page.has_next) == (rows, more)


@pytest.mark.parametrize("body", ["<html>", "{}", '{"items": {}}', "1", '{"items": [{"a'])
def test_what_is_no_page_is_told(body):
    with pytest.raises(PageError):
        read_page(body.encode(), None)


# ----------------------------------------------------------------------------------------------------------- charset


@pytest.mark.parametrize(
    "media", [None, "charset=cp1252", "application/json", 'application/json; charset="CP1252"', "a; charset=nenhum"]
)
def test_bytes_of_cp1252_are_read_however_badly_they_are_declared(media):
    assert decode("ação – nº".encode("cp1252"), media) == "ação – nº"


def test_a_declared_charset_that_does_not_fit_gives_way_to_one_that_does():
    assert decode("ação".encode(), "application/json; charset=ascii") == "ação"
    assert decode(b"\xef\xbb\xbf{}", "application/json") == "{}"


def test_bytes_that_are_no_text_are_told_with_their_place():
    with pytest.raises(UndecodableError) as refused:
        decode(b"ab\x81", None)
    assert refused.value.where == "byte 2"


def test_what_the_webhook_reads_with_imports_neither_network_nor_aws():
    heavy = ("httpx", "supabase", "postgrest", "boto3", "botocore", "aws_lambda_powertools", "sicfar.totvs.config")
    code = f"import sys, sicfar.totvs.inbox; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
