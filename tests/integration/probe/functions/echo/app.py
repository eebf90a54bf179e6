"""Tells which bytes of the request arrived."""

import base64
import hashlib
import json
import logging

logger = logging.getLogger(__name__)


def handler(event, _context):
    """Return the SHA-256 of the body, and whether it came as base64."""
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    logger.warning("%d bytes", len(body))
    said = {"base64": event["isBase64Encoded"], "sha256": hashlib.sha256(body).hexdigest()}
    return {"statusCode": 200, "body": json.dumps(said)}
