"""What a test asks a queue."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def idle(sqs: "SQSClient", url: str) -> bool:
    """Whether the queue holds nothing at all, visible, in work or delayed."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return all(count == "0" for name, count in attributes.items() if name.startswith("ApproximateNumberOfMessages"))


def put_off(sqs: "SQSClient", url: str) -> int:
    """How many messages wait for their next attempt, after one that failed."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed"])
    return int(attributes["Attributes"]["ApproximateNumberOfMessagesDelayed"])


def records(sqs: "SQSClient", url: str) -> list[dict[str, Any]]:
    """What the queue has to give now, as Lambda hands it to a function."""
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    found = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
    )
    return [
        {
            "messageId": message["MessageId"],
            "body": message["Body"],
            "receiptHandle": message["ReceiptHandle"],
            "attributes": dict(message["Attributes"]),
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
        }
        for message in found.get("Messages", [])
    ]
