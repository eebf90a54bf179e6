"""Sealing and the nightly audit, as deployed: with the login and the role they have."""

import json

import pytest
from botocore.exceptions import ClientError

from operations.audit.seals.chain import Chain
from operations.audit.seals.tables import SEALED


@pytest.fixture
def chain(plant) -> Chain:
    return Chain(plant.s3, plant.stack.deployment.outputs["SelosBucketName"], locked=False)


def waiting(plant) -> int:
    """Rows that no seal covers, by the database's index."""
    return sum(
        plant.sql(
            f"select count(*) as n from {table.name} as t where not exists (select from registros_selados as r"
            " where r.tabela = %s and t.id <@ r.faixas)",
            table.name,
        )[0]["n"]
        for table in SEALED
    )


def test_p7_what_people_do_is_sealed_into_a_bucket(plant, chain):
    gateway_line = "CPHD-ACIDA"
    plant.owns(gateway_line, "avulso")
    plant.open_order(gateway_line)
    assert waiting(plant) > 0
    plant.invoke("AuditoriaName", acao="selar")
    seals = [chain.read(kept) for kept in chain.kept()]
    copies = plant.sql("select posicao, sha256 from selos order by posicao")
    assert [(one["posicao"], one["sha256"]) for one in copies] == [
        (seal.header.position, seal.sha256) for seal in seals
    ]
    assert {line.table for seal in seals for line in seal.lines} >= {"trilha_auditoria"}


def test_p7_a_night_finds_nothing_and_puts_it_on_record(plant, chain):
    plant.invoke("AuditoriaName", acao="selar")
    said = plant.invoke("AuditoriaName", acao="auditar")
    assert said.get("diferencas") == 0, said
    (row,) = plant.sql("select diferencas, ultimo_selo, achados from auditorias order by id desc limit 1")
    assert (row["diferencas"], row["achados"]) == (0, [])
    bucket = plant.stack.deployment.outputs["SelosBucketName"]
    listed = plant.s3.list_objects_v2(Bucket=bucket, Prefix="auditorias/")["Contents"]
    kept = json.loads(plant.s3.get_object(Bucket=bucket, Key=listed[-1]["Key"])["Body"].read())
    assert kept["resumo"]["ultimo_selo"] == row["ultimo_selo"]


def test_p7_a_night_that_finds_a_lie_fails_and_says_it(plant):
    """The alarm watches failures; the result is on record before."""
    plant.sql_do("set session_replication_role = replica; update produtos set unidade = 'XX'")
    try:
        said = plant.invoke("AuditoriaName", acao="auditar")
        assert "diferenças" in said["errorMessage"]
        (row,) = plant.sql("select diferencas, achados from auditorias order by id desc limit 1")
        assert row["diferencas"] == len(row["achados"]) > 0
        assert {one["o_que"] for one in row["achados"]} == {"CADASTRO"}
    finally:
        plant.sql_do("update produtos set unidade = null; set session_replication_role = origin")


def test_p7_a_seal_is_not_written_over(plant, chain):
    plant.invoke("AuditoriaName", acao="selar")
    first = next(chain.kept())
    with pytest.raises(ClientError, match="PreconditionFailed"):
        plant.s3.put_object(Bucket=first.ref.bucket, Key=first.ref.key, Body=b"x", IfNoneMatch="*")
