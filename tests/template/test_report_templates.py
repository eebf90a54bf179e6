"""The shipped templates of reports give what the ERP's own definitions ask for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from operations.totvs_sample import KINDS, sample
from sicfar.database.codes import ReportKind
from sicfar.totvs.config import Reports
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import template_section, written
from sicfar.totvs.templates import Template, read_template

HERE = Path(__file__).parent


def template(name: str) -> Template:
    return read_template(json.loads(Path(f"config/relatorios/{name}.json").read_text(encoding="utf-8")), name)


def schema(name: str) -> Any:
    return json.loads((HERE / f"{name}.schema.json").read_text(encoding="utf-8"))


def body(name: str, report: Report) -> Any:
    return json.loads(written(Reports(template=template(name)), report, "01,0101").body or b"")


def sparse(report: Report) -> Report:
    """The report of a plant that has registered no more than it must."""
    lines = [{**line, "centro_custo": None} for line in report.master["linhas"]]  # type: ignore[attr-defined]
    empty = dict.fromkeys(("validade", "fabricacao", "operador", "assinante", "turno"))
    content = {**report.content, "refugos": []} if "refugos" in report.content else report.content
    return replace(report, content=content, master={**report.master, **empty, "linhas": lines})


MATA681 = {ReportKind.LOSSES: "losses", ReportKind.REVERSAL: "reversal"}


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not ReportKind.STATUS])
def test_a_report_for_mata681_has_the_columns_it_asks_for(kind, thin):
    report = sample(kind, whole=True)
    told = body("mata681", sparse(report) if thin else report)
    jsonschema.Draft202012Validator(schema("mata681")[MATA681.get(kind, "appointment")]).validate(told)


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not ReportKind.STATUS])
def test_a_report_by_ttalk_is_a_production_appointment(kind, thin):
    report = sample(kind, whole=True)
    told = body("ttalk", sparse(report) if thin else report)
    jsonschema.Draft202012Validator(schema("ttalk")).validate(told)
    content = told["Content"]
    if "ReportQuantity" in content:
        assert content["ReportQuantity"] == content["ApprovedQuantity"] + content["ScrapQuantity"]
        wastes = content.get("ListOfWasteAppointments", [])
        assert sum(one["ScrapQuantity"] for one in wastes) == content["ScrapQuantity"] or thin
        assert len({one["ReportSequence"] for one in wastes}) == len(wastes)


@pytest.mark.parametrize("name", ["mata681", "ttalk"])
def test_an_erp_that_closes_by_the_last_report_is_sent_no_status(name):
    assert template_section(Reports(template=template(name)), ReportKind.STATUS) is None


def test_what_goes_to_mata681_word_for_word():
    told = body("mata681", sample(ReportKind.PRODUCTION, whole=True))
    assert told == {
        "EMPRESA": "01",
        "FILIAL": "0101",
        "IDMES": "SF-146734-PRODUCAO-0001",
        "DADOS": {
            "H6_OP": "14673401001",
            "H6_PRODUTO": "07010012",
            "H6_OPERAC": "10",
            "H6_RECURSO": "ENV01",
            "H6_DTAPONT": "20250606",
            "H6_DATAINI": "20250606",
            "H6_HORAINI": "17:02",
            "H6_DATAFIN": "20250606",
            "H6_HORAFIN": "22:10",
            "H6_PT": "T",
            "H6_QTDPROD": 17626,
            "H6_QTDPERD": 94,
            "H6_LOCAL": "01",
            "H6_LOTECTL": "25F0226A",
            "H6_DTVALID": "20270630",
            "H6_OPERADO": "000123",
            "H6_OBSERVA": "SicFar TOTAL SPEP-ENV-A",
            "D3_TM": "010",
            "D3_CC": "3101",
            "SBC": [{"BC_MOTIVO": "MAQUINA", "BC_QUANT": 94, "BC_LOCORIG": "01", "BC_LOTECTL": "25F0226A"}],
        },
    }


def test_a_reversal_by_ttalk_names_the_report_by_the_erps_own_key():
    told = body("ttalk", sample(ReportKind.REVERSAL, whole=True))["Content"]
    assert told == {
        "MachineCode": "ENV01",
        "ProductionOrderNumber": "14673401001",
        "ActivityCode": "10",
        "ItemCode": "07010012",
        "ReversedReport": True,
        "ReversalDate": "2025-06-06",
        "ListOfReversalAppointments": [{"IntegrationReport": "004711", "ReversalType": "1"}],
        "CompanyId": "01",
        "BranchId": "0101",
    }
