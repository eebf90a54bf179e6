"""Lies about what people typed, decided and signed, told after their seal as the database's owner: each is named."""

import gzip
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.stack import migrated
from local.stack.database import T0, Database, batch
from operations.audit.differences import Difference
from operations.audit.evidence import Evidence
from operations.audit.records import check_records
from operations.audit.seals.chain import Chain
from operations.audit.seals.seal import Header, compose
from operations.audit.seals.sealing import seal_rows
from operations.audit.seals.tables import SEALED
from operations.audit.summary import Summary

A, B, HAND = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-EMB-EST02"
OP, TYPED = "000123", "000124"
BUCKET = "selos"
DAY = "2026-03-15"


class Story:
    """A lot that was counted, typed, reconciled, signed, closed; all of it sealed."""

    def __init__(self, db: Database, s3: Any) -> None:
        self.db, self.s3 = db, s3
        self.chain = Chain(s3, BUCKET, locked=False)
        self.refused: list[int] = []

    def play(self) -> None:
        db = self.db
        db.gateway("planta-1", A)
        db.owner(HAND, "manual")
        db.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", A)
        db.lot(OP, TYPED)
        self.boss, self.manager, self.admin = (db.person(role) for role in ("SUPERVISOR", "GESTOR", "ADMIN"))
        db.open(self.boss, OP, A, T0)
        db.record(batch(1, {A: {T0 + n: (10, n % 2) for n in range(200)}}, marks=[(A, T0 + 86_400)]))
        self.seal()
        for amount, kind, code in ((200, "REFUGO", "VAZ"), (7, "RETEM", "")):
            self.refused.append(self.type(amount, kind, code))
        self.seal()
        db.call(
            self.boss,
            "conciliar_refugo",
            p_numero_op=OP,
            p_linha_id=A,
            p_data=DAY,
            p_turno="D1",
            p_vale="DIGITADO",
            p_motivo="o contador falhou",
        )
        db.shut(self.boss, OP, A, T0 + 3_600)
        db.open(self.boss, TYPED, HAND, T0)
        db.call(
            self.boss,
            "registrar_contagem_manual",
            p_numero_op=TYPED,
            p_linha_id=HAND,
            p_data=DAY,
            p_turno="D1",
            p_producao=300,
            p_rejeicao=5,
        )
        db.shut(self.boss, TYPED, HAND, T0 + 3_600)
        self.signature = int(db.sign(self.boss, A, DAY, "D1")["id"])
        self.seal()
        db.close_lots()
        db.sql(
            "insert into tentativas_integracao (em, sistema, sentido, operacao, resultado)"
            " values (now() - interval '2 days', 'TOTVS', 'SAIDA', 'apontar', 'OK')"
        )
        db.call(
            self.manager,
            "definir_fator",
            p_linha_id=B,
            p_contador="producao",
            p_fator=4,
            p_de=T0,
            p_ate=None,
            p_motivo="troca de molde",
        )
        self.seal()

    def type(self, amount: int, kind: str, code: str) -> int:
        return int(
            self.db.call(
                self.boss,
                "registrar_refugo",
                p_numero_op=OP,
                p_linha_id=A,
                p_em=T0 + 60,
                p_tipo=kind,
                p_codigo=code,
                p_quantidade=amount,
            )["id"]
        )

    def seal(self) -> None:
        assert seal_rows(self.db.url, self.chain).seals == 1


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        yield client


@pytest.fixture(scope="module")
def story(cluster: migrated.Cluster, s3: Any) -> Iterator[Story]:
    with cluster.fresh() as url:
        db = Database(url)
        told = Story(db, s3)
        told.play()
        yield told
        db.close()


@pytest.fixture
def lying(story: Story) -> Iterator[Database]:
    """The owner of the database, behind the triggers' back; what is done is undone."""
    with story.db.connection.transaction(force_rollback=True):
        story.db.sql("set local session_replication_role = replica")
        yield story.db


def audited(story: Story, **span: Any) -> tuple[list[Difference], Summary]:
    found: list[Difference] = []
    summary = Summary()
    with story.db.connection.transaction():
        check_records(Evidence(story.db.connection), story.chain, summary, found.append, **span)
    return found, summary


def named(found: list[Difference]) -> set[tuple[str, str | None, int | None]]:
    return {(one.code, one.record, one.seal) for one in found}


def test_p7_nothing_is_found_in_what_is_true(story: Story) -> None:
    found, summary = audited(story)
    assert [str(one) for one in found] == []
    assert (summary.seals, summary.last_seal, summary.signatures) == (4, 4, 1)
    assert summary.sealed_rows == sum(story.db.one(f"select count(*) from {table.name}") for table in SEALED)
    assert story.db.one("select boas from fechamentos_lote where numero_op = %s", OP) == 2000 * 8 - 207


AGAIN = (
    "update diarios_bordo as d set sha256 = encode(sha256(convert_to((to_jsonb(d) - 'sha256')::text, 'UTF8')), 'hex')"
)
REMADE = (
    "update trilha_auditoria as t set depois = t.depois || jsonb_build_object('sha256', d.sha256)"
    " from diarios_bordo as d where t.objeto = 'diarios_bordo:' || d.id"
)
LIES: dict[str, tuple[list[str], set[tuple[str, str | None, int | None]]]] = {
    "200 refused units are 20, and the signature's hash is made again": (
        [
            "update perdas_qualidade set quantidade = 20 where id = {refused}",
            "set local timezone = 'UTC'",
            "update diarios_bordo set conteudo = jsonb_set(conteudo, '{{ordens,0,digitado}}', '20')",
            AGAIN,
        ],
        {
            ("REGISTRO_ALTERADO", "perdas_qualidade:{refused}", 2),
            ("FECHAMENTO", None, None),
            ("REGISTRO_ALTERADO", "diarios_bordo:{signature}", 3),
            ("ASSINATURA_SEM_TRILHA", "diarios_bordo:{signature}", None),
        },
    ),
    "the same, with the trail's row": (
        [
            "update perdas_qualidade set quantidade = 20 where id = {refused}",
            "set local timezone = 'UTC'",
            "update diarios_bordo set conteudo = jsonb_set(conteudo, '{{ordens,0,digitado}}', '20')",
            AGAIN,
            REMADE,
        ],
        {
            ("REGISTRO_ALTERADO", "perdas_qualidade:{refused}", 2),
            ("FECHAMENTO", None, None),
            ("REGISTRO_ALTERADO", "diarios_bordo:{signature}", 3),
            ("REGISTRO_ALTERADO", "trilha_auditoria:{signed}", 3),
        },
    ),
    "a hand count, with its trail's row": (
        [
            "update contagens_manuais set producao = 30 where id = {manual}",
            "update trilha_auditoria set depois = depois || '{{\"producao\": 30}}' where id = {counted}",
        ],
        {
            ("REGISTRO_ALTERADO", "contagens_manuais:{manual}", 3),
            ("REGISTRO_ALTERADO", "trilha_auditoria:{counted}", 3),
        },
    ),
    "a signature taken away, with its trail's row": (
        ["delete from diarios_bordo", "delete from trilha_auditoria where id = {signed}"],
        {
            ("REGISTRO_APAGADO", "diarios_bordo:{signature}", 3),
            ("REGISTRO_APAGADO", "trilha_auditoria:{signed}", 3),
        },
    ),
    "a signature given to somebody else": (
        ["set local timezone = 'UTC'", "update diarios_bordo set usuario_id = '{other}'", AGAIN],
        {
            ("REGISTRO_ALTERADO", "diarios_bordo:{signature}", 3),
            ("ASSINATURA_SEM_TRILHA", "diarios_bordo:{signature}", None),
        },
    ),
    "a row of the trail taken away": (
        ["delete from trilha_auditoria where id = {counted}"],
        {("REGISTRO_APAGADO", "trilha_auditoria:{counted}", 3)},
    ),
    "who did it": (
        ["update trilha_auditoria set usuario_id = '{other}' where id = {counted}"],
        {("REGISTRO_ALTERADO", "trilha_auditoria:{counted}", 3)},
    ),
    "what TOTVS was told, all of it": (
        ["delete from tentativas_integracao"],
        {("REGISTRO_APAGADO", "tentativas_integracao:{attempt}", 4)},
    ),
    "a closing and its totals": (
        [
            "update fechamento_totais set quantidade = 20, codigo = 'VAZ' where tipo = 'REFUGO'",
            "update fechamentos_lote set refugo = 20, boas = boas + 180",
        ],
        {("REGISTRO_ALTERADO", "fechamentos_lote:{closing}", 4), ("FECHAMENTO", None, None)},
    ),
    "the totals of a closing alone": (
        ["update fechamento_totais set quantidade = quantidade + 1 where tipo = 'RETEM'"],
        {("REGISTRO_ALTERADO", "fechamentos_lote:{closing}", 4), ("FECHAMENTO", None, None)},
    ),
    "which figure of refused units holds": (
        ["update conciliacoes_refugo set vale = 'MAQUINA'"],
        {("REGISTRO_ALTERADO", "conciliacoes_refugo:{reconciled}", 3), ("FECHAMENTO", None, None)},
    ),
    "a lot's number": (
        ["update lotes_producao set numero_lote = 'OUTRO' where numero_op = '{op}'"],
        {("CADASTRO", "lotes_producao:{op}", None)},
    ),
    "a lot's validity": (
        ["update lotes_producao set data_validade = '2030-01-01' where numero_op = '{op}'"],
        {("CADASTRO", "lotes_producao:{op}", None)},
    ),
    "a product": (
        ["update produtos set registro_anvisa = 'X'"],
        {("CADASTRO", "produtos:07010012", None)},
    ),
    "when a shift begins": (
        ["update turnos set inicio = inicio + interval '1 hour' where turno = 'D1'"],
        {("CADASTRO", "turnos:D1", None)},
    ),
    "a factor": (
        ["update fatores_linha set fator = 9 where id = {factor}"],
        {("CADASTRO", "fatores_linha:{factor}", None)},
    ),
    "a role nobody gave": (
        ["insert into papeis_usuario (usuario_id, papel) values ('{other}', 'SUPERVISOR') returning id"],
        {("CADASTRO", "papeis_usuario:{next_role}", None)},
    ),
    "a role taken away": (
        ["delete from papeis_usuario where id = {role}"],
        {("CADASTRO", "papeis_usuario:{role}", None)},
    ),
    "a change of master data that the trail does not go on from": (
        [
            'update trilha_auditoria set antes = antes || \'{{"regra_refugo": "DIGITADO"}}\' where id = {rule}',
        ],
        {("REGISTRO_ALTERADO", "trilha_auditoria:{rule}", 1), ("CADASTRO", "linhas:SPEP-ENV-A", None)},
    ),
    "a seal": (
        ["update selos set registros = registros + 1 where posicao = 2"],
        {("SELO_DIVERGE", "selos:2", None)},
    ),
    "all seals, consistently": (
        [
            "update selos set sha256 = encode(sha256(sha256::bytea), 'hex')",
            "update selos set anterior = encode(sha256(anterior::bytea), 'hex')",
        ],
        {("SELO_DIVERGE", f"selos:{n}", None) for n in (1, 2, 3, 4)},
    ),
    "a seal that was never made": (
        ["insert into selos select 5, repeat('a', 64), repeat('b', 64), now(), 1"],
        {("SELO_DIVERGE", "selos:5", None)},
    ),
    "what is sealed, so that a row is sealed once more": (
        [
            "update perdas_qualidade set quantidade = 20 where id = {refused}",
            "update registros_selados set faixas = '{{}}' where tabela = 'perdas_qualidade'",
        ],
        {("REGISTRO_ALTERADO", "perdas_qualidade:{refused}", 2), ("FECHAMENTO", None, None)},
    ),
    "a sealed table made a view": (
        [
            "alter table reconhecimentos_op rename to reconhecimentos",
            "create view reconhecimentos_op as select * from reconhecimentos",
        ],
        {("TABELA_TROCADA", "reconhecimentos_op", None)},
    ),
}


@pytest.fixture(scope="module")
def places(story: Story) -> dict[str, object]:
    one = story.db.one
    return {
        "refused": story.refused[0],
        "signature": story.signature,
        "op": OP,
        "other": uuid.uuid4(),
        "signed": one("select id from trilha_auditoria where acao = 'assinar_diario'"),
        "counted": one("select id from trilha_auditoria where acao = 'registrar_contagem_manual'"),
        "manual": one("select id from contagens_manuais"),
        "attempt": one("select id from tentativas_integracao"),
        "closing": one("select id from fechamentos_lote"),
        "reconciled": one("select id from conciliacoes_refugo"),
        "factor": one("select max(id) from fatores_linha"),
        "role": one("select id from papeis_usuario where usuario_id = %s", story.admin),
        "next_role": one("select max(id) + 1 from papeis_usuario"),
        "rule": one("select id from trilha_auditoria where objeto = %s and acao = 'update'", f"linhas:{A}"),
    }


@pytest.mark.parametrize("lie", LIES)
def test_p7_a_lie_about_a_sealed_row_is_named(
    story: Story, places: dict[str, object], lying: Database, lie: str
) -> None:
    statements, expected = LIES[lie]
    for statement in statements:
        lying.connection.execute(statement.format(**places).encode())
    found, _ = audited(story)
    wanted = {(code, record and record.format(**places), seal) for code, record, seal in expected}
    assert named(found) == wanted, [str(one) for one in found]
    assert all(one.record is None or one.record in str(one) for one in found)


@pytest.fixture
def tampered(story: Story, s3: Any) -> Iterator[Any]:
    """The bucket; versions added in the test are taken away."""
    before = {one["VersionId"] for one in s3.list_object_versions(Bucket=BUCKET)["Versions"]}
    yield s3
    for one in s3.list_object_versions(Bucket=BUCKET)["Versions"]:
        if one["VersionId"] not in before:
            s3.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])


def key(position: int) -> str:
    return f"selos/000000000/{position:012}.txt.gz"


def test_p7_a_seal_written_over_is_named_and_the_first_one_counts(story: Story, tampered: Any) -> None:
    second = story.chain.read(list(story.chain.kept())[1])
    other = compose(second.header, second.lines[:-1])
    tampered.put_object(Bucket=BUCKET, Key=key(2), Body=other.packed)
    found, _ = audited(story)
    assert named(found) == {("SELO_REGRAVADO", "selos:2", None)}


def test_p7_a_seal_that_does_not_follow_the_one_before_is_named(story: Story, tampered: Any) -> None:
    last = story.chain.read(list(story.chain.kept())[-1])
    header = Header(**{**dict(last.header), "position": 5, "previous": "a" * 64})
    tampered.put_object(Bucket=BUCKET, Key=key(5), Body=compose(header, last.lines).packed)
    found, _ = audited(story)
    assert named(found) == {("SELO_QUEBRADO", "selos:5", None)}


def test_p7_an_object_that_is_no_seal_and_a_missing_one_are_named(story: Story, tampered: Any) -> None:
    tampered.put_object(Bucket=BUCKET, Key=key(6), Body=gzip.compress(b"lixo"))
    found, _ = audited(story)
    assert named(found) == {("SELO_AUSENTE", "selos:5", None), ("SELO_ILEGIVEL", "selos:6", None)}


def test_p7_a_row_that_says_it_is_older_than_a_seal_without_it_is_named(story: Story, tampered: Any) -> None:
    """A signature made now for last week, sealed as it was made: its first seal is late by days."""
    db = story.db
    with db.connection.transaction():
        db.sql("set local session_replication_role = replica")
        number = db.one(
            "insert into trilha_auditoria (em, papel, acao, objeto) values (now() - interval '1 day', 'X', 'x', 'x')"
            " returning id"
        )
    assert seal_rows(db.url, story.chain).seals == 1
    try:
        found, _ = audited(story)
        assert named(found) == {("REGISTRO_RETRODATADO", f"trilha_auditoria:{number}", 5)}
    finally:
        with db.connection.transaction():
            db.sql("set local session_replication_role = replica")
            db.sql("delete from trilha_auditoria where id = %s", number)
            db.sql("delete from selos where posicao = 5")


def test_p7_a_row_hidden_from_the_seals_is_named(
    story: Story, lying: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner writes a row below what is sealed and says it is: no seal has it."""
    monkeypatch.setattr("operations.audit.seals.verifying.SEALED_WITHIN", timedelta(0))
    lying.sql(
        "insert into perdas_qualidade (id, numero_op, linha_id, em, tipo, quantidade, usuario_id)"
        " overriding system value values (-1, %s, %s, now(), 'REFUGO', 1, gen_random_uuid())",
        OP,
        A,
    )
    found, _ = audited(story)
    assert ("REGISTRO_SEM_SELO", "perdas_qualidade:-1", None) in named(found)


def test_p7_sealing_that_stopped_is_named(story: Story, lying: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lying.sql("insert into trilha_auditoria (papel, acao, objeto) values ('X', 'x', 'x')")
    assert named(audited(story)[0]) == set()
    monkeypatch.setattr("operations.audit.seals.verifying.SEALED_WITHIN", timedelta(0))
    assert ("SELAGEM_PARADA", "selos", 4) in named(audited(story)[0])


def test_p7_of_a_span_of_time_only_its_seals_are_looked_at(story: Story, lying: Database) -> None:
    lying.sql("delete from tentativas_integracao")
    lying.sql("update perdas_qualidade set quantidade = 20 where id = %s", story.refused[0])
    since, until = (story.chain.read(kept).header.read_at for kept in list(story.chain.kept())[1:3])
    found, summary = audited(story, since=since, until=until)
    assert summary.seals == 1
    # What is closed is looked at whole.
    assert named(found) == {
        ("REGISTRO_ALTERADO", f"perdas_qualidade:{story.refused[0]}", 2),
        ("FECHAMENTO", None, None),
    }


def test_p9_a_bucket_that_locks_nothing_says_so(s3: Any) -> None:
    s3.create_bucket(Bucket="aberto")
    assert Chain(s3, "aberto").lock_fault() == "o bucket não tem Object Lock"
    s3.create_bucket(Bucket="trancado", ObjectLockEnabledForBucket=True)
    assert "0 anos" in str(Chain(s3, "trancado").lock_fault())
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 5}}
    s3.put_object_lock_configuration(
        Bucket="trancado", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert Chain(s3, "trancado").lock_fault() is None
