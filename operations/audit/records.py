"""What people did and what was said to the ERP: records against seals, signatures, master data, typed numbers.

With no object of a machine: a day's records take seconds, and the function `auditoria` looks at them every night.
"""

from datetime import datetime

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence
from operations.audit.master_data import master_data
from operations.audit.seals.chain import Chain
from operations.audit.seals.rows import Rows
from operations.audit.seals.verifying import Verifying
from operations.audit.signatures import signatures
from operations.audit.summary import Summary
from operations.audit.typed import typed


def check_records(
    evidence: Evidence,
    chain: Chain,
    summary: Summary,
    tell: Tell,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Look at all of it; of the seals at those between the two instants, all of them if None."""
    if fault := chain.lock_fault():
        tell(Difference(code="SELOS_SEM_TRAVA", detail=f"os selos podem ser apagados: {fault}"))
    verifying = Verifying(evidence, Rows(evidence.connection), chain, tell, since=since, until=until)
    verifying.check()
    summary.seals, summary.sealed_rows, summary.last_seal = verifying.seals, verifying.sealed_rows, verifying.last
    summary.signatures = signatures(evidence, tell)
    summary.master_tables = master_data(evidence, tell)
    typed(evidence, tell)
