"""Requests of API Gateway (REST, proxy integration) as they reach a function, and its answers.

The types say what is read of an event. Powertools' classes for it would cost the webhook a tenth of its start.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, final


class _Identity(TypedDict, total=False):
    sourceIp: str


class _Context(TypedDict, total=False):
    requestId: str
    identity: _Identity


@final
class ProxyEvent(TypedDict):
    """An event of API Gateway."""

    resource: str
    headers: dict[str, str] | None
    queryStringParameters: dict[str, str] | None
    body: str | None
    isBase64Encoded: bool
    requestContext: _Context


@final
class Schedule(TypedDict, total=False):
    """An event of a schedule, or of somebody who invokes the function by hand: it says nothing."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request: ``body`` are the bytes as they came, ``resource`` is the path as the template names it."""

    resource: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    request_id: str
    source_ip: str


class HttpAnswer(TypedDict):
    """What API Gateway sends back."""

    statusCode: int
    headers: dict[str, str]
    body: str


def request(event: ProxyEvent) -> HttpRequest:
    """Read the event of a request."""
    body = event.get("body") or ""
    context = event["requestContext"]
    return HttpRequest(
        resource=event["resource"],
        headers=event.get("headers") or {},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
        request_id=context["requestId"],
        source_ip=context.get("identity", {}).get("sourceIp", ""),
    )


def answer(status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """An answer in JSON that no cache keeps."""
    always = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return {
        "statusCode": status,
        "headers": {**always, **(headers or {})},
        "body": json.dumps(body, ensure_ascii=False),
    }
