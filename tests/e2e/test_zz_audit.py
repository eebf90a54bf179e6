"""Last of all: the audit of everything the other end-to-end tests did."""

from operations.audit.differences import Difference
from operations.audit.run import audit


def test_p1_an_audit_of_all_that_went_before_finds_nothing(plant, eventually):
    eventually(plant.idle)
    found: list[Difference] = []
    audit(plant.stack.database.url, plant.s3, plant.bucket, found.append, grace_s=60)
    # Of the last minute they are on their way; how long ago the tests were is the machine's.
    assert {(one.code, one.key) for one in found} <= {("OBJETO_SEM_LANCAMENTO", key) for key in plant.unrecorded}, found
