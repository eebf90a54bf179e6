"""The daily digest on the deployed template: what the emulated SES was given to send."""

from typing import Any

import httpx
import pytest

from local.stack.stack import DIGEST_SENDER, Stack
from local.stack.usuarios import as_person, create_operator


def mails(stack: Stack) -> list[dict[str, Any]]:
    """What SES was given, oldest first."""
    answer = httpx.get(f"{stack.aws.endpoint_url}/_ministack/ses/messages", trust_env=False)
    kept: dict[str, list[dict[str, Any]]] = answer.raise_for_status().json()["messages"]
    return [mail for of_account in kept.values() for mail in of_account]


@pytest.fixture
def waiting(plant):
    """A matter of the sector, old enough, and one address for all sectors."""
    admin = as_person(plant.stack.supabase, create_operator(plant.stack, "e2e-admin@planta.example", "ADMIN"))
    admin.rpc(
        "definir_endereco_resumo",
        {"p_setor": None, "p_endereco": "ti@planta.example", "p_vale": True, "p_motivo": "plantão da TI"},
    ).execute()
    gateway = plant.gateway("LIQ-ENV-C")
    gateway.upload(gateway.seal((7, 0)))
    return gateway


def test_p10_the_digest_is_sent_once_a_day_and_again_only_if_it_failed(plant, waiting, eventually):
    stack = plant.stack
    eventually(lambda: plant.sql("select 1 as ja from pendencias where linha_id = 'LIQ-ENV-C'"), [{"ja": 1}])
    failed = plant.invoke("DailyDigestName")
    assert "MessageRejected" in failed["errorMessage"]
    (row,) = plant.sql("select situacao, tentativas, erro from resumos_diarios")
    assert (row["situacao"], row["tentativas"], "MessageRejected" in row["erro"]) == ("PENDENTE", 1, True)
    assert mails(stack) == []
    stack.aws.emails.create_email_identity(EmailIdentity="planta.example")
    assert [plant.invoke("DailyDigestName") for _ in range(2)] == [
        {"enviados": 1, "falhas": []},
        {"enviados": 0, "falhas": []},
    ]
    (mail,) = mails(stack)
    assert (mail["Source"], mail["To"]) == (DIGEST_SENDER, ["ti@planta.example"])
    assert "à espera (geral)" in mail["Subject"]
    assert "SEM ORDEM: " in mail["BodyText"]
    assert "função: justificar_sem_ordem" in mail["BodyText"]
    (row,) = plant.sql("select situacao, mensagem_id from resumos_diarios")
    assert (row["situacao"], row["mensagem_id"]) == ("ENVIADO", mail["MessageId"])
