"""SicFar's own shape of reports: what is sent where the configuration names no template.

The keys stand in the order in which they have always been sent, and a report that was made before a key existed goes
without it. `config/relatorios/canonico.json` says the same.
"""

from collections.abc import Mapping
from functools import cache

from sicfar.totvs.templates import Template, read_template

_IDENTITY = {"id_externo": "{id_externo}", "operacao": "{operacao}"}
_ORDER = {"numero_op": "{numero_op|se houver}", "numero_lote": "{numero_lote|se houver}"}
_STAGE = {"etapa": "{etapa|se houver}"}
_PRODUCT = {"produto_codigo": "{produto_codigo|se houver}"}
_REJECTS = {"refugos": ["{cada refugos}", {"codigo": "{codigo}", "quantidade": "{quantidade}"}]}
_LOSSES = {"perdas": ["{cada perdas}", {"tipo": "{tipo}", "quantidade": "{quantidade}"}]}

_PRODUCTION = {
    **_IDENTITY,
    "fim": "{fim|se houver}",
    "boas": "{boas}",
    **_STAGE,
    "inicio": "{inicio|se houver}",
    "refugo": "{refugo|se houver}",
    "parcial": "{parcial|se houver}",
    **_REJECTS,
    **_ORDER,
    "contador_final": "{contador_final|se houver}",
    **_PRODUCT,
    "contador_inicial": "{contador_inicial|se houver}",
}
_CORRECTION = {
    **_IDENTITY,
    "boas": "{boas}",
    **_STAGE,
    "motivo": "{motivo|se houver}",
    **_LOSSES,
    **_REJECTS,
    **_ORDER,
    **_PRODUCT,
}

CANONICAL: Mapping[str, object] = {
    "descricao": "O formato do próprio SicFar: vale quando a configuração não nomeia um modelo.",
    "envios": {
        "PRODUCAO": {"corpo": _PRODUCTION},
        "PARCIAL": "PRODUCAO",
        "AJUSTE": {"corpo": _CORRECTION},
        "ESTORNO": "AJUSTE",
        "PERDAS": {"corpo": {**_IDENTITY, **_STAGE, **_LOSSES, **_ORDER, **_PRODUCT}},
        "STATUS": {
            "corpo": {
                **_IDENTITY,
                "em": "{em|se houver}",
                **_STAGE,
                "status": "{status|se houver}",
                **_ORDER,
                **_PRODUCT,
            },
        },
    },
}


@cache
def canonical() -> Template:
    """The template, checked once a process."""
    return read_template(CANONICAL, "canonico")
