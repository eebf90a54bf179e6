"""Refuses the messages whose body says so, at once instead of after the visibility timeout."""

import logging
import os

import boto3

logger = logging.getLogger(__name__)
sqs = boto3.client("sqs")


def handler(event, _context):
    """Report "bad" messages as failed and make them visible again right away."""
    bad = [record for record in event["Records"] if record["body"] == "bad"]
    for record in bad:
        sqs.change_message_visibility(
            QueueUrl=os.environ["QUEUE_URL"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
        )
    logger.warning("refused %d of %d", len(bad), len(event["Records"]))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}
