"""The other shapes of reports that the simulated ERP takes: a service over MATA681 and MATA685, and TTALK's message.

Both keep records that are only ever reversed whole, by the key that the ERP gave them. What is booked is listed in our
own words, so that it adds up with the reports of our own shape.
"""

from collections.abc import Callable, Mapping
from typing import Any

BASE = "/api"
MATA681, REVERSAL, MATA685 = f"{BASE}/mata681", f"{BASE}/mata681/estorno", f"{BASE}/mata685"
TRANSACTIONS = f"{BASE}/totvseai/standardmessage/v1/transactions"

Booked = list[dict[str, Any]]
Answer = tuple[int, dict[str, Any]]


class _RefusedError(Exception):
    """The routine behind the service would not take it."""


def book(path: str, body: Any, booked: Booked) -> Answer:  # noqa: ANN401 - whatever came
    """Book a report; what it is answered."""
    try:
        return _TAKEN[path](body, booked)
    except _RefusedError as error:
        return 400, {"code": "400", "message": str(error), "detailedMessage": "AutoGrLog"}
    except (KeyError, TypeError, AttributeError) as error:
        return 400, {"code": "400", "message": f"Campo obrigatório: {error}", "detailedMessage": "AutoGrLog"}


def asked(query: Mapping[str, str], booked: Booked) -> dict[str, Any]:
    """The appointments of the MATA681-like service, as it lists them."""
    items = [
        {"IDMES": one["id_externo"], "H6_IDENT": one["chave"], "H6_OP": one["numero_op"], "H6_QTDPROD": one["boas"]}
        for one in booked
        if one.get("formato") == "mata681" and query.get("IDMES", one["id_externo"]) == one["id_externo"]
    ]
    return {"items": items, "hasNext": False}


def _mata681(body: dict[str, Any], booked: Booked) -> Answer:
    row = body["DADOS"]
    for name in (
        "H6_OP",
        "H6_PRODUTO",
        "H6_OPERAC",
        "H6_RECURSO",
        "H6_DTAPONT",
        "H6_HORAINI",
        "H6_HORAFIN",
        "H6_LOCAL",
    ):
        if not str(row[name]).strip():
            raise _RefusedError(f"{name} em branco")
    if row["H6_DATAINI"] + row["H6_HORAINI"] > row["H6_DATAFIN"] + row["H6_HORAFIN"]:
        raise _RefusedError("Data/hora final anterior à inicial")
    operation = {"P": "PARCIAL", "T": "TOTAL"}[row["H6_PT"]]
    entry = _entry(body["IDMES"], operation, row["H6_OP"], row["H6_QTDPROD"], _reasons(row.get("SBC", [])))
    if entry["refugo"] != row["H6_QTDPERD"]:
        raise _RefusedError("A soma da SBC difere de H6_QTDPERD")
    key = _keep(entry, "mata681", booked)
    return 201, {"H6_IDENT": key, "H6_OP": row["H6_OP"]}


def _mata685(body: dict[str, Any], booked: Booked) -> Answer:
    row = body["DADOS"]
    key = _keep(_entry(body["IDMES"], "PERDAS", row["BC_OP"], 0, _reasons(row["SBC"])), "mata681", booked)
    return 201, {"H6_IDENT": key, "BC_OP": row["BC_OP"]}


def _reversal(body: dict[str, Any], booked: Booked) -> Answer:
    key = _reverse(body["IDMES"], body["DADOS"]["H6_IDENT"], "mata681", booked)
    return 201, {"H6_IDENT": key}


def _ttalk(body: dict[str, Any], booked: Booked) -> Answer:
    header, content = body["Header"], body["Content"]
    if (header["Transaction"], header["Version"]) != ("ProductionAppointment", "2.004"):
        raise _RefusedError("Transação desconhecida")
    if not content["MachineCode"]:
        raise _RefusedError("MachineCode em branco")
    if content["ReversedReport"]:
        (reversed_,) = content["ListOfReversalAppointments"]
        key = _reverse(header["UUID"], reversed_["IntegrationReport"], "ttalk", booked)
    else:
        wastes = content.get("ListOfWasteAppointments", [])
        if len({one["ReportSequence"] for one in wastes}) != len(wastes):
            raise _RefusedError("ReportSequence repetida")
        reasons = [{"codigo": one["WasteCode"], "quantidade": one["ScrapQuantity"]} for one in wastes]
        good, order = content["ApprovedQuantity"], content["ProductionOrderNumber"]
        entry = _entry(header["UUID"], "TOTAL" if content["CloseOperation"] else "PARCIAL", order, good, reasons)
        if (entry["refugo"], good + entry["refugo"]) != (content["ScrapQuantity"], content["ReportQuantity"]):
            raise _RefusedError("As quantidades não somam")
        key = _keep(entry, "ttalk", booked)
    done = {"ProcessingInformation": {"Status": "ok"}, "ReturnContent": {"IntegrationReport": key}}
    return 200, {"Header": header | {"Type": "Response"}, **done}


def _entry(external: str, operation: str, order: str, good: int, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id_externo": external,
        "operacao": operation,
        "numero_op": order,
        "boas": good,
        "refugo": sum(one["quantidade"] for one in reasons),
        "refugos": reasons,
    }


def _reasons(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"codigo": row["BC_MOTIVO"], "quantidade": row["BC_QUANT"]} for row in rows]


def _keep(entry: dict[str, Any], shape: str, booked: Booked) -> str:
    key = f"{len(booked) + 1:06d}"
    booked.append(entry | {"chave": key, "formato": shape})
    return key


def _reverse(external: str, key: str, shape: str, booked: Booked) -> str:
    if any(one.get("estorna") == key and one["formato"] == shape for one in booked):
        raise _RefusedError(f"O apontamento {key} já foi estornado")
    for one in booked:
        if one.get("chave") == key and one["formato"] == shape and "estorna" not in one:
            kept = {name: one[name] for name in ("numero_op", "boas", "refugo", "refugos")}
            return _keep({"id_externo": external, "operacao": "ESTORNO", **kept, "estorna": key}, shape, booked)
    raise _RefusedError(f"Não há apontamento {key}")


_TAKEN: dict[str, Callable[[dict[str, Any], Booked], Answer]] = {
    MATA681: _mata681,
    REVERSAL: _reversal,
    MATA685: _mata685,
    TRANSACTIONS: _ttalk,
}
PATHS = tuple(_TAKEN)
