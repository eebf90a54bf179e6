"""What an alarm watches of the errors that somebody must look at, whatever function met them."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sicfar.errors import Fate, SicfarError, UnknownError, typed


def count(metrics: Metrics, error: SicfarError) -> None:
    """Count an error: `UnknownFailures` if this version does not know what it means, `ConfigurationFaults` if a
    secret, a parameter, a setting or a permission is wrong. What led to it counts too. An ordinary outage is neither.
    """
    met = (error, error.__cause__)
    if any(isinstance(one, UnknownError) for one in met):
        metrics.add_metric("UnknownFailures", MetricUnit.Count, 1)
    elif any(isinstance(one, SicfarError) and one.fate is Fate.CONFIGURATION for one in met):
        metrics.add_metric("ConfigurationFaults", MetricUnit.Count, 1)


@contextmanager
def counted(metrics: Metrics) -> Iterator[None]:
    """Count the error that ends the block, and let it pass: the function fails visibly."""
    try:
        yield
    except Exception as error:
        count(metrics, typed(error))
        raise
