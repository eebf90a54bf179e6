"""The daily digest: who is sent what of `pendencias`, once a day whatever fails, comes twice or comes at once."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from local.stack.database import T0, Database, Rpc, batch
from local.stack.migrated import Cluster
from sicfar.database.answers import Digests
from sicfar.digest.run import Sender, Sent
from sicfar.errors import SicfarError
from tests.support.refusals import code

A, OTHER = "SPEP-ENV-A", "SPPV-ENV-VIDRO01"
WHY = "lista combinada com o setor"


class Ses:
    """SES as far as our code needs it; refuses, or does not answer, addresses named in `refused` and `silent`."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refused: set[str] = set()
        self.silent: set[str] = set()
        self.before = threading.Event()
        self.before.set()

    def send_email(self, **email: Any) -> dict[str, str]:
        self.before.wait()
        to = set(email["Destination"]["ToAddresses"])
        if to & self.refused:
            raise ClientError({"Error": {"Code": "MessageRejected", "Message": "não verificado"}}, "SendEmail")
        if to & self.silent:
            raise ReadTimeoutError(endpoint_url="https://email.test")
        self.sent.append(email)
        return {"MessageId": f"m{len(self.sent)}"}

    def went_to(self) -> list[str]:
        return sorted(address for email in self.sent for address in email["Destination"]["ToAddresses"])

    def text(self, address: str) -> str:
        """Subject and text of the only e-mail an address was sent."""
        (email,) = [one for one in self.sent if address in one["Destination"]["ToAddresses"]]
        simple = email["Content"]["Simple"]
        return f"{simple['Subject']['Data']}\n\n{simple['Body']['Text']['Data']}"


@pytest.fixture
def plant(db: Database) -> Database:
    """Counts without an order on a line of each of two sectors, and a sequence that is missing; all of it is old."""
    db.gateway("planta-1", A, OTHER)
    db.boss = db.person("ADMIN")
    db.record(batch(1, {A: {T0: (5, 0)}}), batch(2, {OTHER: {T0: (7, 1)}}), batch(4))
    db.sql("set session_replication_role = replica")
    db.sql("update arquivos_ingeridos set ingerido_em = ingerido_em - interval '9 hours'")
    db.sql("set session_replication_role = origin")
    return db


@pytest.fixture
def ses() -> Ses:
    return Ses()


def address(db: Database, sector: str | None, email: str, *, holds: bool = True) -> dict[str, Any]:
    return db.call(
        db.boss, "definir_endereco_resumo", p_setor=sector, p_endereco=email, p_vale=holds, p_motivo=WHY
    )  # fmt: skip


def run(db: Database, ses: Ses) -> Sent:
    return Sender(Rpc(db), ses, sender="sicfar@planta.test", environment="teste").run()  # type: ignore[arg-type]


def next_day(db: Database) -> None:
    """What was sent today was sent yesterday."""
    db.sql("update resumos_diarios set dia = dia - 1")


def states(db: Database) -> dict[str | None, str]:
    return {row["setor"]: row["situacao"] for row in db.sql("select setor, situacao from resumos_diarios")}


# What each is sent ----------------------------------------------------------------------------------------------------


def test_p10_each_sector_is_sent_its_own_matters_and_the_rest_is_general(plant: Database, ses: Ses) -> None:
    address(plant, "SPEP", "spep@planta.test")
    address(plant, "SPPV", "sppv@planta.test")
    address(plant, None, "ti@planta.test")
    assert run(plant, ses) == Sent(sent=3, faults=())
    texts = {to: ses.text(f"{to}@planta.test") for to in ("spep", "sppv", "ti")}
    shown = {to: (A in text, OTHER in text, "O lote 3 " in text) for to, text in texts.items()}
    assert shown == {
        "spep": (True, False, False), "sppv": (False, True, False), "ti": (False, False, True)
    }  # fmt: skip
    assert texts["spep"].startswith("SicFar teste: 1 pendência à espera (SPEP), ")
    assert "SEM ORDEM: 1 pendência\n- há " in texts["spep"]
    assert "decide: ENCARREGADO, SUPERVISOR, GESTOR; função: justificar_sem_ordem" in texts["spep"]
    assert ses.sent[0]["FromEmailAddress"] == "sicfar@planta.test"


def test_p10_a_sector_without_an_address_goes_to_the_general_one(plant: Database, ses: Ses) -> None:
    address(plant, None, "ti@planta.test")
    address(plant, None, "gestao@planta.test")
    assert run(plant, ses) == Sent(sent=1, faults=())
    assert ses.went_to() == ["gestao@planta.test", "ti@planta.test"]
    text = ses.text("ti@planta.test")
    assert (A in text, OTHER in text, "O lote 3 " in text) == (True, True, True)
    assert "SicFar teste: 3 pendências à espera (geral)" in text


def test_p10_what_has_not_waited_long_enough_is_left_out(plant: Database, ses: Ses) -> None:
    address(plant, None, "ti@planta.test")
    limit = {"p_nome": "RESUMO_ESPERA_HORAS", "p_motivo": "só o que passa do turno"}
    plant.call(plant.boss, "definir_parametro", p_valor=10, **limit)
    run(plant, ses)
    text = ses.text("ti@planta.test")
    assert ("esperam há 10 h ou mais" in text, A in text, "O lote 3 " in text) == (True, True, False)


def test_p10_nothing_that_waits_is_no_email(db: Database, ses: Ses) -> None:
    db.boss = db.person("ADMIN")
    address(db, "SPEP", "spep@planta.test")
    assert run(db, ses) == Sent(sent=0, faults=())
    assert (ses.sent, states(db)) == ([], {"SPEP": "VAZIO", None: "VAZIO"})


def test_p10_of_many_matters_the_oldest_are_shown_and_the_rest_counted(plant: Database, ses: Ses) -> None:
    address(plant, "SPEP", "spep@planta.test")
    address(plant, None, "ti@planta.test")
    days = [batch(10 + n, {A: {T0 - 3600 + n * 86_400: (1, 0)}}) for n in range(1, 25)]
    plant.record(*days)
    run(plant, ses)
    text = ses.text("spep@planta.test")
    assert ("SEM ORDEM: 25 pendências" in text, text.count("\n- há "), "\n  e mais 5\n" in text) == (True, 20, True)
    assert ("em 15/03/2026" in text, "em 08/04/2026" in text) == (True, False)


def test_p10_every_kind_of_matter_is_sent(plant: Database, ses: Ses) -> None:
    """Whatever `pendencias` shows, by its own words."""
    address(plant, None, "ti@planta.test")
    plant.call(plant.boss, "definir_parametro", p_nome="RESUMO_ESPERA_HORAS", p_valor=0, p_motivo="tudo, para ver")
    plant.lot("000777")
    plant.sql("select interno.criar_envio('000777', 'STATUS', '{}')")
    plant.sql("update envios_totvs set situacao = 'RECUSADO', proxima_em = null, erro = 'código \n errado'")
    plant.sql("delete from apontamentos_linha")
    plant.call(plant.boss, "aprovar_apontamento_ti", p_linha_id=A, p_desde=None, p_motivo="contagens conferidas")
    run(plant, ses)
    text = ses.text("ti@planta.test")
    kinds = {row["tipo"] for row in plant.sql("select distinct tipo from pendencias")}
    assert kinds == {"SEM_ORDEM", "SEQUENCIA_AUSENTE", "ENVIO", "APONTAMENTO_LINHA"}
    assert [kind for kind in kinds if f"\n{kind.replace('_', ' ')}: " not in text] == []
    assert "código errado" in text


# Once a day -----------------------------------------------------------------------------------------------------------


def test_p1_a_second_run_sends_nothing_and_the_next_day_all_of_it(plant: Database, ses: Ses) -> None:
    address(plant, "SPEP", "spep@planta.test")
    address(plant, None, "ti@planta.test")
    assert [run(plant, ses).sent for _ in range(3)] == [2, 0, 0]
    next_day(plant)
    assert [run(plant, ses).sent for _ in range(2)] == [2, 0]
    assert plant.one("select count(*) from resumos_diarios where situacao = 'ENVIADO' and mensagem_id is not null") == 4


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_p6_a_digest_that_failed_is_repeated_and_those_sent_are_not(plant: Database, ses: Ses, how: str) -> None:
    address(plant, "SPEP", "spep@planta.test")
    address(plant, "SPPV", "sppv@planta.test")
    address(plant, None, "ti@planta.test")
    getattr(ses, how).add("spep@planta.test")
    done = run(plant, ses)
    assert (done.sent, [fault.split(":")[0] for fault in done.faults]) == (2, ["SPEP"])
    assert states(plant) == {"SPEP": "PENDENTE", "SPPV": "ENVIADO", None: "ENVIADO"}
    assert plant.one("select erro from resumos_diarios where setor = 'SPEP'").startswith("SPEP: ")
    plant.record(batch(11, {A: {T0 + 172_800: (9, 0)}}))  # the day's digest says what it said
    getattr(ses, how).clear()
    assert run(plant, ses) == Sent(sent=1, faults=())
    assert ses.went_to() == ["spep@planta.test", "sppv@planta.test", "ti@planta.test"]
    assert "SEM ORDEM: 1 pendência\n" in ses.text("spep@planta.test")
    assert plant.one("select (tentativas, erro is null)::text from resumos_diarios where setor = 'SPEP'") == "(2,t)"


def test_p6_what_has_no_address_is_a_fault_until_it_has_one(plant: Database, ses: Ses) -> None:
    address(plant, "SPEP", "spep@planta.test")
    done = run(plant, ses)
    assert (done.sent, [fault.split()[0] for fault in done.faults]) == (1, ["2"])
    assert run(plant, ses).sent == 0
    address(plant, None, "ti@planta.test")
    assert run(plant, ses) == Sent(sent=1, faults=())
    assert ses.went_to() == ["spep@planta.test", "ti@planta.test"]


def test_p6_a_sector_without_address_goes_to_the_general_one(plant: Database, ses: Ses) -> None:
    address(plant, "SPEP", "spep@planta.test")
    address(plant, None, "ti@planta.test")
    ses.refused.add("spep@planta.test")
    run(plant, ses)
    address(plant, "SPEP", "spep@planta.test", holds=False)
    assert run(plant, ses) == Sent(sent=1, faults=())
    assert ses.went_to() == ["ti@planta.test", "ti@planta.test"]


def test_p6_the_digest_of_a_sender_that_vanished_is_sent_by_the_next(plant: Database, ses: Ses) -> None:
    address(plant, None, "ti@planta.test")
    gone = claimed(plant)
    assert run(plant, ses).sent == 0
    plant.sql("update resumos_diarios set lease_ate = now() - interval '1 second' where lease is not null")
    assert run(plant, ses).sent == 1
    (digest,) = gone.digests
    late = "select concluir_resumo(%s, %s, null, 'tarde')"
    assert plant.one(late, digest.id, digest.lease) is False
    assert states(plant) == {None: "ENVIADO"}


def claimed(db: Database) -> Digests:
    with db.as_role("service_role"):
        return Digests.model_validate(db.one("select reivindicar_resumos(300, 20)"))


def test_p6_a_run_the_database_fails_raises_and_marks_nothing_sent(plant: Database, ses: Ses) -> None:
    address(plant, None, "ti@planta.test")
    rpc = Rpc(plant)

    def away(function: str) -> None:
        if function == "concluir_resumo":
            raise psycopg.OperationalError("fora do ar")

    rpc.before = away
    sender = Sender(rpc, ses, sender="s@planta.test", environment="teste")  # type: ignore[arg-type]
    with pytest.raises((SicfarError, psycopg.Error)):
        sender.run()
    assert states(plant) == {None: "ENVIANDO"}


def test_p1_two_runs_at_once_send_each_digest_once(cluster: Cluster, plant: Database, ses: Ses) -> None:
    """Both begin before either has sent anything."""
    for sector, to in (("SPEP", "spep"), ("SPPV", "sppv"), (None, "ti")):
        address(plant, sector, f"{to}@planta.test")
    ses.before.clear()
    done: list[Sent] = []

    def once() -> None:
        other = Database(plant.url)
        done.append(run(other, ses))
        other.close()

    runs = [threading.Thread(target=once) for _ in range(4)]
    for one in runs:
        one.start()
    ses.before.set()
    for one in runs:
        one.join()
    assert sum(one.sent for one in done) == 3
    assert ses.went_to() == ["spep@planta.test", "sppv@planta.test", "ti@planta.test"]
    assert plant.one("select count(*) from resumos_diarios") == 3


def test_p7_a_digest_is_never_deleted(plant: Database, ses: Ses) -> None:
    address(plant, None, "ti@planta.test")
    run(plant, ses)
    assert code(lambda: plant.sql("delete from resumos_diarios")) == ("PT403", "SOMENTE_ACRESCIMO")


# Addresses ------------------------------------------------------------------------------------------------------------


def test_p10_an_address_comes_and_goes_with_its_reason_on_the_trail(plant: Database) -> None:
    answer = address(plant, "SPEP", "  Chefe.SPEP@Planta.test ")
    assert answer == {"setor": "SPEP", "endereco": "chefe.spep@planta.test", "vale": True}
    address(plant, "SPEP", "chefe.spep@planta.test")
    address(plant, None, "chefe.spep@planta.test")
    address(plant, "SPEP", "chefe.spep@planta.test", holds=False)
    assert plant.sql("select setor, endereco from enderecos_resumo") == [
        {"setor": None, "endereco": "chefe.spep@planta.test"}
    ]
    rows = plant.sql(
        "select acao, papel, motivo from trilha_auditoria where objeto like 'enderecos_resumo:%%' order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("insert", "ADMIN", WHY), ("insert", "ADMIN", WHY), ("delete", "ADMIN", WHY)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sector", "email", "expected"),
    [
        ("SPEP", "sem-arroba", "CODIGO_INVALIDO"),
        ("SPEP", "a@b", "TEXTO_INVALIDO"),
        ("SPEP", "dois@planta.test, tres@planta.test", "CODIGO_INVALIDO"),
        ("SPEP", "a@planta.test\nBcc: b@planta.test", "TEXTO_INVALIDO"),
        ("SPEP", "Fulano <a@planta.test>", "CODIGO_INVALIDO"),
        ("SPEP", "ação@planta.test", "CODIGO_INVALIDO"),
        ("SPEP", "a" * 250 + "@planta.test", "TEXTO_LONGO"),
        ("SPEP", None, "TEXTO_INVALIDO"),
        ("spep", "a@planta.test", "VALOR_INVALIDO"),
    ],
)
def test_p8_an_address_that_is_none_is_refused(plant: Database, sector: str, email: str | None, expected: str) -> None:
    assert code(lambda: address(plant, sector, email)) == ("PT422", expected)  # type: ignore[arg-type]
    assert plant.sql("select * from enderecos_resumo") == []


def test_p9_only_the_administration_says_who_is_sent_what(plant: Database) -> None:
    plant.boss = plant.person("GESTOR")
    assert code(lambda: address(plant, None, "a@planta.test")) == ("PT403", "SEM_PERMISSAO")


def test_p8_an_email_goes_to_fifty_addresses_at_most(plant: Database) -> None:
    plant.sql(
        "insert into enderecos_resumo (setor, endereco)"
        " select 'SPEP', n || '@planta.test' from generate_series(1, 50) as n"
    )
    assert code(lambda: address(plant, "SPEP", "mais@planta.test")) == ("PT409", "ENDERECOS_DEMAIS")
    assert address(plant, "SPPV", "mais@planta.test")["vale"] is True


def test_p10_the_health_names_the_day_of_the_last_digest(plant: Database, ses: Ses) -> None:
    def last() -> Iterator[Any]:
        with plant.as_role("service_role"):
            yield plant.one("select saude_integracao() ->> 'ultimo_resumo'")

    assert next(last()) is None
    run(plant, ses)
    assert next(last()) == plant.one("select (now() at time zone 'America/Fortaleza')::date::text")
