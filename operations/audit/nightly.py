"""Each night: the records of the plant's day before, audited, with the result where nobody can take it back."""

import json
from datetime import datetime, timedelta

from operations.audit.differences import Difference
from operations.audit.evidence import connected, snapshot
from operations.audit.records import check_records
from operations.audit.seals.chain import Chain
from operations.audit.summary import Summary
from sicfar.instants import PLANT_TZ

SHOWN = 100
"""Differences that the database keeps; the bucket keeps all."""


def audit_day(database_url: str, chain: Chain, now: datetime) -> Summary:
    """Audit the day that ended last, put the result into the chain's bucket and its copy into the database.

    Raises DatabaseUnreadableError, BucketAccessError or BucketUnavailableError.
    """
    until = now.astimezone(PLANT_TZ).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (until - timedelta(hours=12)).replace(hour=0)
    found: list[Difference] = []
    summary = Summary()
    with snapshot(database_url) as evidence:
        check_records(evidence, chain, summary, found.append, since=since, until=until)
    summary.differences = len(found)
    told = [one.as_json() for one in found]
    result = {"de": since.isoformat(), "ate": until.isoformat(), "resumo": summary.as_json(), "achados": told}
    chain.put_audit(f"{since:%Y-%m-%d}/{now:%Y%m%dT%H%M%S%f}.json", json.dumps(result, ensure_ascii=False).encode())
    with connected(database_url) as connection:
        connection.execute(
            "select interno.registrar_auditoria(%s, %s, %s, %s, %s::jsonb, %s::jsonb)",
            (
                since,
                until,
                summary.last_seal,
                summary.differences,
                json.dumps(summary.as_json()),
                json.dumps(told[:SHOWN]),
            ),
        )
    return summary
