"""Metrics that AWS documents, by namespace and name, with the dimensions each has: an alarm on a name that does not
exist never goes off, and nothing says so.

AWS/Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (seen 2026-11)
AWS/SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

DOCUMENTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("AWS/Lambda", "Invocations"): ("FunctionName",),
    ("AWS/Lambda", "Errors"): ("FunctionName",),
    ("AWS/Lambda", "Throttles"): ("FunctionName",),
    ("AWS/Lambda", "Duration"): ("FunctionName",),
    ("AWS/Lambda", "RecursiveInvocationsDropped"): ("FunctionName",),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ("QueueName",),
    ("AWS/SQS", "ApproximateNumberOfMessagesDelayed"): ("QueueName",),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ("QueueName",),
}
