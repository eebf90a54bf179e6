"""A template of reports is checked whole before the start, and writes exactly what it says or says why it cannot."""

import contextlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.cli import main
from operations.totvs_publishing import LARGEST, publishable
from operations.totvs_sample import KINDS, sample
from sicfar.database.answers import CLAIM, Claimed
from sicfar.database.codes import ReportKind
from sicfar.instants import PLANT_TZ
from sicfar.settings import SettingError
from sicfar.totvs.canonical import CANONICAL, canonical
from sicfar.totvs.config import Reports, TotvsConfig, load_config
from sicfar.totvs.rendering import ErpRequest, ReportError
from sicfar.totvs.report_values import OPERATIONS, VALUES, Report, Type, Value
from sicfar.totvs.reports import require_same, template_section, written
from sicfar.totvs.templates import read_template

FOLDER = Path("config/relatorios")
NAMES = ("canonico", "mata681", "ttalk")


def shipped(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


WHOLE_STORY = {
    "PRODUCAO": "{boas}{refugo}",
    "PARCIAL": "{boas}{refugo}",
    "AJUSTE": "{boas}{perdidas}",
    "ESTORNO": "{boas}{perdidas}{estorna_chave_erp}",
    "PERDAS": "{amostras}",
    "STATUS": "",
}
"""What each report must say, here in a header, so that the bodies of the tests are free."""


def template(body: object, kind: str = "PRODUCAO", **more: Any) -> dict[str, Any]:
    sections: dict[str, Any] = {
        one: {"corpo": {"op": "{numero_op}"}, "cabecalhos": {"X-Tudo": "{id_externo} " + amounts}}
        for one, amounts in WHOLE_STORY.items()
    }
    section = more.pop("section", {})
    headers = {**sections[kind]["cabecalhos"], **section.get("cabecalhos", {})}
    sections[kind] = {"corpo": body, **section, "cabecalhos": headers}
    return {"envios": sections, **more}


def request(
    body: object, kind: ReportKind = ReportKind.PRODUCTION, *, tenant: str | None = "01,0101", **more: Any
) -> ErpRequest:
    limits = {name: more.pop(name) for name in ("codes", "digits", "decimals") if name in more}
    report = more.pop("report", sample(kind, whole=False))
    made = read_template(template(body, kind.value, **more), "modelo")
    return written(Reports(template=made, **limits), report, tenant)


def sent(body: object, kind: ReportKind = ReportKind.PRODUCTION, **more: Any) -> Any:
    return json.loads(request(body, kind, **more).body or b"null")


def with_(kind: ReportKind = ReportKind.PRODUCTION, content: Any = (), **master: Any) -> Report:
    usual = sample(kind, whole=False)
    return replace(usual, content={**usual.content, **dict(content)}, master={**usual.master, **master})


def faults(value: object) -> str:
    with pytest.raises(SettingError) as refused:
        read_template(value, "totvs.reports.template")
    return refused.value.what


# ---------------------------------------------------------------------------------------------------------- canonical


def test_the_shipped_canonical_file_is_the_default():
    assert shipped("canonico") == CANONICAL


texts = st.text('AZaz09 ÇÃõ€°/-"\\', min_size=1, max_size=8).filter(str.strip)
amounts = st.integers(0, 10**12 - 1)


def listed(name: str, words: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({name: words, "quantidade": amounts}), max_size=3)


HEADER = {"numero_op": texts, "numero_lote": texts, "produto_codigo": texts, "etapa": texts}
REJECTS = {"refugos": listed("codigo", texts)}
LOSSES = {"perdas": listed("tipo", texts)}
INSTANT = st.just("2025-06-06T09:02:11+00:00")
COUNTED = {
    **REJECTS,
    **dict.fromkeys(("boas", "refugo", "contador_inicial", "contador_final"), amounts),
    **dict.fromkeys(("inicio", "fim"), INSTANT),
    "parcial": st.booleans(),
}
CORRECTED = {"boas": amounts, **REJECTS, **LOSSES, "motivo": texts}
CONTENT: dict[ReportKind, dict[str, Any]] = {
    ReportKind.PRODUCTION: COUNTED,
    ReportKind.PARTIAL: COUNTED,
    ReportKind.ADJUSTMENT: CORRECTED,
    ReportKind.REVERSAL: CORRECTED,
    ReportKind.LOSSES: LOSSES,
    ReportKind.STATUS: {"status": st.just("CONCLUIDO"), "em": INSTANT},
}


@pytest.mark.parametrize("kind", ReportKind)
@given(data=st.data(), codes=st.dictionaries(texts, texts, max_size=2))
def test_p5_our_own_shape_is_byte_for_byte_what_was_always_sent(kind, data, codes):
    fields = {**HEADER, **CONTENT[kind]}
    drawn = data.draw(st.fixed_dictionaries(fields))
    # PostgreSQL keeps the keys of a jsonb by their length, then by their bytes; so it gives them.
    content = json.loads(json.dumps({name: drawn[name] for name in sorted(drawn, key=lambda name: (len(name), name))}))
    for rows in (content.get("refugos", []), content.get("perdas", [])):
        rows[:] = [{name: row[name] for name in sorted(row, key=len)} for row in rows]
    told = json.loads(json.dumps({"id_externo": "SF-1", "operacao": OPERATIONS[kind], **content}))
    for row in told.get("refugos", []):
        row["codigo"] = codes.get(row["codigo"], row["codigo"])
    made = written(Reports(codes=codes), Report(kind, "SF-1", content, {"numero_op_totvs": "não vai"}))
    assert made == ErpRequest("POST", made.path, {}, json.dumps(told, ensure_ascii=False).encode())


def test_our_own_shape_goes_where_the_configuration_says():
    paths = {kind: written(Reports(), sample(kind, whole=False)).path for kind in ReportKind}
    assert paths.pop(ReportKind.LOSSES) == "/perdas"
    assert paths.pop(ReportKind.STATUS) == "/lotes/status"
    assert set(paths.values()) == {"/apontamentos"}


def test_p5_a_claim_of_an_older_database_is_sent_as_ever():
    claim = {"situacao": "ENVIAR", "envio": 1, "lease": "x", "id_externo": "SF-1", "tipo": "PERDAS", "tentativas": 0}
    answer = CLAIM.validate_python({**claim, "conteudo": {"perdas": []}, "consultar": False, "conferir": False})
    assert isinstance(answer, Claimed)
    made = written(Reports(), Report(answer.kind, answer.external_id, answer.content, answer.master))
    assert made.body == b'{"id_externo": "SF-1", "operacao": "PERDAS", "perdas": []}'


def test_a_report_older_than_a_key_goes_without_it():
    made = json.loads(
        written(Reports(), Report(ReportKind.LOSSES, "SF-1", {"numero_op": "1", "perdas": []})).body or b""
    )
    assert made == {"id_externo": "SF-1", "operacao": "PERDAS", "perdas": [], "numero_op": "1"}


# ------------------------------------------------------------------------------------------------------------ values


def known_in(kind: ReportKind, values: tuple[Value, ...] = VALUES) -> list[Value]:
    return [value for value in values if kind in value.kinds]


@pytest.mark.parametrize("kind", ReportKind)
def test_every_value_can_be_written_in_the_reports_that_have_it(kind):
    body = {}
    for value in known_in(kind):
        if value.type is Type.LIST:
            inner = {
                item.name: f"{{{item.name}}}" for item in known_in(kind, value.items) if item.type is not Type.LIST
            }
            body[value.name] = [f"{{cada {value.name}}}", inner]
        else:
            body[value.name] = f"{{{value.name}}}"
    told = sent(body, kind)
    assert set(told) == set(body)
    numbers = [value.name for value in known_in(kind) if value.type is Type.NUMBER]
    assert all(type(told[name]) is int for name in numbers), "numbers stay numbers"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{inicio|AAAAMMDD}", "20250606"),
        ("{fim|AAAAMMDD}", "20250606"),  # 01:10 of the 7th in UTC is 22:10 of the 6th at the plant
        ("{fim|HH:MM}", "22:10"),
        ("{fim|HH:MM:SS}", "22:10:40"),
        ("{fim|DD/MM/AAAA}", "06/06/2025"),
        ("{fim|AAAA-MM-DD}", "2025-06-06"),
        ("{fim|ISO}", "2025-06-06T22:10:40-03:00"),
        ("{lancado_em|ISO sem fuso}", "2025-06-06T22:40:05"),
        ("{fim}", "2025-06-07T01:10:40+00:00"),
        ("{validade|AAAAMMDD}", "20270630"),
        ("{validade}", "2027-06-30"),
        ("{parcial|P/T}", "T"),
        ("{parcial}", False),
        ("{total}", True),
        ("{boas}", 17_626),
        ("{boas|texto}", "17626"),
        ("{boas|vírgula}", "17626,00"),
        ("{boas|ponto}", "17626.00"),
        ("{produzidas}", 17_720),
        ("{numero_op}", "146734"),
        ("{numero_op|OP11}", "14673401001"),
        ("{numero_op_totvs}", "14673401001"),
        ("{numero_op_totvs|OP11}", "14673401001"),
        ("{empresa}/{filial}", "01/0101"),
        ("SicFar {operacao} {boas} {parcial}", "SicFar TOTAL 17626 false"),
        ("{{{numero_op}}}", "{146734}"),
        ("sem valor", "sem valor"),
    ],
)
def test_a_value_is_written_as_its_format_says(text, told):
    assert sent({"x": text}, decimals=2) == {"x": told}


@given(st.integers(946_684_800_000_000, 4_102_444_799_999_999))
def test_dates_and_hours_are_the_plants(microseconds):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    report = with_(content={"fim": at.isoformat()})
    told = sent({"dia": "{fim|AAAAMMDD}", "hora": "{fim|HH:MM:SS}"}, report=report)
    read = datetime.strptime(told["dia"] + told["hora"], "%Y%m%d%H:%M:%S").replace(tzinfo=PLANT_TZ)
    assert timedelta() <= at - read < timedelta(seconds=1)


def test_an_identifier_has_one_uuid_of_its_own():
    first, again = (sent({"x": "{id_externo|UUID}"})["x"] for _ in range(2))
    other = sent(
        {"x": "{id_externo|UUID}"}, report=replace(sample(ReportKind.PRODUCTION, whole=False), external_id="SF-2")
    )
    assert first == again == str(uuid.UUID(first))
    assert other["x"] != first


def test_a_list_is_written_element_by_element_with_the_values_around_it():
    rows = [{"codigo": "MAQUINA", "quantidade": 3}, {"codigo": "TAMPA", "quantidade": 4}]
    report = with_(content={"refugos": rows})
    body = {
        "L": [
            {"fixo": 1},
            "{cada refugos}",
            {"n": "{sequencia}", "m": "{codigo}", "q": "{quantidade}", "l": "{numero_lote}"},
        ]
    }
    told = sent(body, report=report, codes={"MAQUINA": "R1"})
    assert told["L"] == [
        {"fixo": 1},
        {"n": 2, "m": "R1", "q": 3, "l": "25F0226A"},
        {"n": 3, "m": "TAMPA", "q": 4, "l": "25F0226A"},
    ]


def test_lists_may_stand_in_lists_and_a_body_may_be_one():
    line = {"linha_id": "B", "recurso": "ENV02", "inicio": "2025-06-06T20:02:11+00:00"}
    amounts_of = {
        "SPEP-ENV-A": {"boas": 10, "refugos": []},
        "B": {"boas": 5, "refugos": [{"codigo": "X", "quantidade": 1}]},
    }
    usual = sample(ReportKind.PRODUCTION, whole=False).master["linhas"]
    assert isinstance(usual, list)
    report = with_(linhas=[*usual, line], por_linha=amounts_of)
    body = [
        "{cada linhas}",
        {"r": "{recurso}", "b": "{boas}", "p": "{refugo}", "x": ["{cada refugos|se houver}", "{codigo}"]},
    ]
    assert sent(body, report=report) == [{"r": "ENV01", "b": 10, "p": 0}, {"r": "ENV02", "b": 5, "p": 1, "x": ["X"]}]


def test_p5_amounts_by_line_that_do_not_add_up_are_not_there():
    usual = sample(ReportKind.PRODUCTION, whole=False).master["linhas"]
    assert isinstance(usual, list)
    report = with_(linhas=[*usual, {"linha_id": "B"}])
    body = ["{cada linhas}", {"b": "{boas}"}]
    with pytest.raises(ReportError) as error:
        sent(body, report=report)
    assert "boas não tem valor" in error.value.what
    assert sent(body) == [{"b": 17_626}], "one line alone has the report's own"


@pytest.mark.parametrize(
    ("text", "told"),
    [("{validade|se houver}", {}), ("{validade|ou nulo}", {"x": None}), ("{validade|AAAAMMDD|ou vazio}", {"x": ""})],
)
def test_a_value_that_is_not_there_becomes_what_the_template_says(text, told):
    assert sent({"x": text}, report=with_(validade=None)) == told


def test_a_value_that_is_not_there_and_may_not_miss_refuses_the_report():
    with pytest.raises(ReportError) as error:
        sent({"H6_RECURSO": "{recurso}", "H6_CC": "{centro_custo}"}, report=with_(linhas=[]))
    assert "H6_RECURSO: recurso não tem valor; cadastre-o" in error.value.what
    assert "H6_CC: centro_custo" in error.value.what


def test_words_are_translated_by_the_templates_maps():
    maps = {
        "tipo": {"RETEM": "01", "AMOSTRA_SEMIACABADO": "02", "AMOSTRA_ACABADO": "03"},
        "parcial": {"true": "P", "false": 2},
        "codigo": {"MAQUINA": "R9"},
    }
    body = {"p": "{parcial}", "L": ["{cada perdas}", "{tipo}"], "R": ["{cada refugos}", "{codigo}"]}
    assert sent(body, ReportKind.REVERSAL, mapas=maps) == {"p": 2, "L": ["01"], "R": ["R9"]}
    report = with_(ReportKind.REVERSAL, content={"refugos": [{"codigo": "TAMPA", "quantidade": 1}]})
    with pytest.raises(ReportError) as error:
        sent(body, ReportKind.REVERSAL, mapas=maps, report=report)
    assert "'TAMPA' não está em mapas.codigo" in error.value.what


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("{recurso|até 4}", {}, "X: recurso 'ENV01' tem 5 caracteres, cabem 4"),
        ("{numero_op_totvs|OP11}", {"numero_op_totvs": "146734010010001"}, "tem 15 caracteres, cabem 14"),
        ("{assinante}", {"assinante": "Ана"}, "CP1252"),
        ("SicFar {recurso|até 4}", {}, "'ENV01' tem 5 caracteres"),
    ],
)
def test_what_does_not_fit_names_field_value_and_limit(text, more, told):
    with pytest.raises(ReportError) as error:
        sent({"X": text}, report=with_(**more))
    assert told in error.value.what


def test_path_and_headers_carry_values_too():
    made = request(
        None,
        ReportKind.REVERSAL,
        section={
            "metodo": "DELETE",
            "caminho": "/stopReports/{estorna_chave_erp}/{numero_lote}/reversal",
            "cabecalhos": {"X-Op": "{numero_op}", "X-Nada": "{fabricacao|se houver}"},
        },
        report=with_(ReportKind.REVERSAL, content={"numero_lote": "25F/0226 A"}, fabricacao=None),
        cabecalhos={"x-erp-module": "PCP"},
    )
    assert (made.method, made.path) == ("DELETE", "/stopReports/004711/25F%2F0226%20A/reversal")
    assert made.body is None
    assert {name: made.headers.get(name) for name in ("x-erp-module", "X-Op", "X-Nada")} == {
        "x-erp-module": "PCP",
        "X-Op": "146734",
        "X-Nada": None,
    }
    with pytest.raises(ReportError):
        request({}, cabecalhos={"X-Nome": "{assinante}"}, report=with_(assinante="Conceição"))


def test_an_envelope_holds_every_body():
    made = sent({"op": "{numero_op}"}, envelope={"Header": {"F": "{filial}", "V": 2}, "Content": ["{corpo}"]})
    assert made == {"Header": {"F": "0101", "V": 2}, "Content": [{"op": "146734"}]}


def test_amounts_are_compared_wherever_the_template_puts_them():
    made = read_template(template({"H6": {"H6_QTDPROD": "{boas}"}}, envelope={"DADOS": "{corpo}"}), "modelo")
    reports = Reports(template=made)
    body = written(reports, sample(ReportKind.PRODUCTION, whole=False)).body
    require_same(reports, ReportKind.PRODUCTION, "x", body, {"IDMES": "x", "h6_qtdprod": "17626.00"})
    for row in ({"h6_qtdprod": 17_625}, {"IDMES": "x"}):
        with pytest.raises(Exception, match=r"H6_QTDPROD|quantidades"):
            require_same(reports, ReportKind.PRODUCTION, "x", body, row)


@pytest.mark.parametrize(("declared", "made"), [(True, False), (False, True)])
def test_p5_a_reversal_of_another_manner_than_the_template_is_refused(declared, made):
    value = template({}, "ESTORNO", section={"inteiro": declared})
    with pytest.raises(ReportError) as error:
        written(Reports(template=read_template(value, "modelo")), sample(ReportKind.REVERSAL, whole=made))
    assert f"ESTORNO_INTEIRO = {int(declared)}" in error.value.action


def test_a_status_may_not_be_wanted():
    value = template({})
    value["envios"]["STATUS"] = None
    reports = Reports(template=read_template(value, "modelo"))
    assert template_section(reports, ReportKind.STATUS) is None
    assert template_section(reports, ReportKind.PRODUCTION) is not None


# ------------------------------------------------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "o arquivo: uma lista não serve; escreva um objeto"),
        ({}, "envios: falta"),
        ({"envios": {"PRODUCAO": {"corpo": {}}}}, "envios.AJUSTE: falta"),
        ({"envios": {"PRODUCAO": None}}, "envios.PRODUCAO: só STATUS pode ser null"),
        ({"envios": {"PRODUÇÃO": {"corpo": {}}}}, "use um de PARCIAL, PRODUCAO"),
        ({"envios": {"PRODUCAO": "AJUSTES"}}, "envios.PRODUCAO: um texto não serve; escreva um objeto"),
        ({**template({}), "envio": 1}, "envio: chave desconhecida; seria `envios`?"),
        (template({}, section={"metdo": "PUT"}), "envios.PRODUCAO.metdo: chave desconhecida; seria `metodo`?"),
        (template({}, section={"metodo": "GET"}), "use um de POST, PUT, PATCH, DELETE"),
        (template({}, section={"caminho": "apontamentos"}), "envios.PRODUCAO.caminho"),
        (template({}, section={"cabecalhos": {"X Y": "1"}}), "cabecalhos"),
        (template({}, section={"cabecalhos": {"Authorization": "1"}}), "é do SicFar"),
        (template({}, section={"inteiro": True}), "só cabe em ESTORNO"),
        (template(None), "envios.PRODUCAO.corpo: falta"),
        (template({"X": "{boa}"}), "envios.PRODUCAO.corpo.X: 'boa' não é um valor daqui; seria boas?"),
        (template({"X": "{zzz}"}), "os valores são id_externo"),
        (template({"X": "{motivo}"}), "'motivo' não é um valor daqui"),
        (template({"X": "{boas}"}, "PERDAS"), "envios.PERDAS.corpo.X"),
        (template({"X": "{boas|AAAAMMDD}"}), "'AAAAMMDD' não serve para boas (número); cabem texto, ponto, vírgula"),
        (template({"X": "{inicio|AAAAMMDD|HH:MM}"}), "'HH:MM' não serve"),
        (template({"X": "{parcial|PT}"}), "sim/não, p. ex. P/T"),
        (template({"X": "{boas"}), "sozinho"),
        (template({"X": "boas}"}), "dobre-o: }}"),
        (template({"X": "{refugos}"}), '["{cada refugos}"'),
        (template({"X": ["{cada boas}", {}]}), "envios.PRODUCAO.corpo.X.0"),
        (template({"X": ["{cada refugos}"]}), "falta, depois dela"),
        (template({"X": ["{cada refugos|ou nulo}", {}]}), "só cabe"),
        (template({"X": ["{cada refugos}", {"m": "{tipo}"}]}), "'tipo' não é um valor daqui"),
        (template({}, mapas={"refugos": {}}), "mapas.refugos: não é um valor que se possa traduzir"),
        (template({}, mapas={"tipo": {"RETEM": "1"}}), "falta traduzir AMOSTRA_SEMIACABADO, AMOSTRA_ACABADO"),
        (template({}, mapas={"status": {"CONCLUIDO": "1", "FEITO": "2"}}), "'FEITO' não existe"),
        (template({}, envelope={"A": 1}), '"{corpo}" uma vez'),
        (template({}, envelope={"A": "{corpo}", "B": "{corpo}"}), '"{corpo}" uma vez'),
    ],
)
def test_a_template_that_cannot_be_used_names_the_place_and_the_fix(value, told):
    assert told in faults(value)


SILENT = [
    ("PRODUCAO", "{id_externo} {boas}", "não diz refugos (nem refugo, perdidas, produzidas)"),
    ("PRODUCAO", "{id_externo} {refugo}", "não diz boas"),
    ("AJUSTE", "{id_externo} {boas}{refugo}", "não diz perdas"),
    ("PERDAS", "{id_externo}", "não diz perdas"),
    ("STATUS", "{status}", "não diz id_externo"),
]


@pytest.mark.parametrize(("kind", "said", "told"), SILENT)
def test_p1_a_template_that_leaves_units_out_is_refused(kind, said, told):
    value = template({}, kind)
    value["envios"][kind]["cabecalhos"] = {"X-Tudo": said}
    assert f"envios.{kind}: {told}" in faults(value)


def test_p5_a_whole_reversal_must_say_what_it_reverses():
    value = template({}, "ESTORNO", section={"inteiro": True})
    assert read_template(value, "modelo")
    value["envios"]["ESTORNO"]["cabecalhos"] = {"X-Tudo": "{id_externo}"}
    assert "não diz estorna_chave_erp (nem estorna_id_externo)" in faults(value)


def test_all_faults_of_a_template_are_told_at_once():
    told = faults(template({"A": "{boa}", "B": {"C": "{fim|P/T}"}}, mapas={"x": {}}))
    assert all(place in told for place in ("corpo.A", "corpo.B.C", "mapas.x"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["envios", "corpo", "PRODUCAO", "mapas", "envelope", "cabecalhos"]), inner, max_size=3
            )
        ),
    )
)
def test_whatever_a_template_is_there_is_only_ever_a_setting_error(value):
    for one in (value, template(value), template({}, envelope=value)):
        with contextlib.suppress(SettingError):
            read_template(one, "modelo")


# ------------------------------------------------------------------------------------------ configuration and commands


def configured(tmp_path: Path, value: object) -> Path:
    document = json.loads(Path("config/endpoints.json").read_text(encoding="utf-8"))
    document["totvs"] |= {"reports": {"template": value}, "tenantId": "01,0101"}
    path = tmp_path / "endpoints.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_may_name_a_file_or_hold_the_template(tmp_path, name):
    (tmp_path / "m.json").write_text(json.dumps(shipped(name)), encoding="utf-8")
    named = load_config(f"file:{configured(tmp_path, 'm.json')}")
    held = TotvsConfig.parse(publishable(configured(tmp_path, "m.json")), "ssm:/x")
    assert named.reports.template == held.reports.template
    assert (named.reports.template == canonical()) is (name == "canonico")


def test_a_parameter_cannot_name_a_file(tmp_path):
    with pytest.raises(SettingError, match="sicfar totvs publicar"):
        TotvsConfig.parse(configured(tmp_path, "m.json").read_text(encoding="utf-8"), "ssm:/x")
    with pytest.raises(SettingError, match="escreva um arquivo JSON relativo a"):
        load_config(f"file:{configured(tmp_path, 'nada.json')}")


def test_a_template_too_long_for_a_parameter_is_not_published(tmp_path):
    long = template({f"campo_{n}": "{numero_op}" for n in range(400)})
    with pytest.raises(SettingError, match=f"guarda {LARGEST}"):
        publishable(configured(tmp_path, long))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_of_every_report_is_shown(tmp_path, capsys, name):
    arguments = [
        "totvs",
        "amostra",
        "--config",
        str(configured(tmp_path, None)),
        "--relatorio",
        str(FOLDER / f"{name}.json"),
    ]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    for kind in KINDS:
        assert f"=== {kind.value}\n" in told
    assert "Authorization: Bearer ***" in told
    assert ("não é enviado" in told) is (name != "canonico")
    assert main([*arguments, "--tipo", "PERDAS"]) == 0
    assert "=== PRODUCAO" not in capsys.readouterr().out


def test_a_sample_that_cannot_be_written_says_why(tmp_path, capsys):
    value = template({"X": "{recurso|até 2}"})
    path = tmp_path / "m.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    arguments = ["totvs", "amostra", "--config", str(configured(tmp_path, None)), "--relatorio"]
    assert main([*arguments, str(path)]) == 1
    assert "X: recurso 'ENV01' tem 5 caracteres, cabem 2" in capsys.readouterr().out
    path.write_text(json.dumps(template({"X": "{recurs}"})), encoding="utf-8")
    assert main([*arguments, str(path)]) == 2
    assert "seria recurso?" in capsys.readouterr().err
    assert main([*arguments, str(FOLDER / "ttalk.json"), "--tipo", "X"]) == 2
