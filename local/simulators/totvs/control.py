"""What `/_control` tells the simulated ERP: what to hold, how to misbehave, which webhooks to send."""

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import httpx

from local.simulators.totvs.moods import MOODS
from local.simulators.totvs.state import ANSWERING, BENDING, Fault, State
from local.waiting import LAST_RESORT_S
from sicfar.webhooks.signature import sign


def described(state: State) -> dict[str, Any]:
    """What it holds, and how it misbehaves at the moment."""
    with state.lock:
        return {
            "rows": {entity: len(rows) for entity, rows in state.tables.kept.items()},
            "faults": [asdict(fault) for fault in state.faults if fault.times != 0],
            "kinds": [*BENDING, *ANSWERING, *MOODS],
            "booked": list(state.booked),
        }


def controlled(state: State, orders: dict[str, Any]) -> dict[str, Any]:
    """Do what `/_control` says, in this order: clear, work off the queue, columns and stamps of rows, load, settings,
    faults, webhook, emit."""
    if orders.get("clear"):
        with state.lock:
            state.faults.clear()
            state.tables.clear()
            state.booked.clear()
            state.queued.clear()
    if orders.get("queue"):
        state.work_off_queue()
    with state.lock:
        state.tables.columns = orders.get("columns", state.tables.columns)
        state.tables.stamped = orders.get("stamps", state.tables.stamped)
    for entity, rows in orders.get("load", {}).items():
        state.store(entity, rows)
    with state.lock:
        state.token_seconds = orders.get("token_seconds", state.token_seconds)
        if orders.get("expire_tokens"):
            state.tokens.clear()
        if "faults" in orders:
            state.changed.set()
            state.changed = threading.Event()
            state.faults = [Fault(**fault) for fault in orders["faults"]]
            unknown = {fault.kind for fault in state.faults} - {*BENDING, *ANSWERING, *MOODS}
            if unknown:
                raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        state.webhook = orders.get("webhook", state.webhook)
    sent = [_emitted(state, one) for one in orders.get("emit", [])]
    return {**described(state), "sent": sent}


def _emitted(state: State, what: dict[str, Any]) -> dict[str, Any]:
    """Send one webhook as TOTVS would; `lost` never leaves, `times` says how often the very same request goes."""
    with state.lock:
        webhook = state.webhook
        body = state.tables.told(what.get("body"))
    text = what["text"] if "text" in what else json.dumps(body, ensure_ascii=False)
    charset = what.get("charset", "utf-8")
    data = text.encode(charset)
    if what.get("lost"):
        return {"status": None, "body": None}
    timestamp = str(int(datetime.now(UTC).timestamp()))
    headers = {
        "Content-Type": f"application/json; charset={charset}",
        "X-SicFar-Timestamp": timestamp,
        "X-SicFar-Signature": sign(webhook["secret"], timestamp, data),
    }
    with httpx.Client(trust_env=False, timeout=LAST_RESORT_S) as client:
        for _ in range(what.get("times", 1)):
            answer = client.post(webhook["url"], content=data, headers=headers)
    return {"status": answer.status_code, "body": answer.text}
