"""What a test asks a queue."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def idle(sqs: "SQSClient", url: str) -> bool:
    """Whether the queue holds nothing at all, visible, in work or delayed."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return all(count == "0" for name, count in attributes.items() if name.startswith("ApproximateNumberOfMessages"))
