"""Logs, metrics and the ids that tie them together. Metrics go out as log lines (EMF), so counting is no call to anybody."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Watchkeeper"
logger = Logger(service="watchkeeper")


def about(incident_id: str, trace_id: str = "") -> None:
    """What is logged from here on speaks of this incident, until the invocation ends."""
    logger.append_keys(incident_id=incident_id, trace_id=trace_id)


def count(name: str, value: float = 1, **dimensions: str) -> None:
    """One more of these. Dimensions are few and bounded: a source, a channel, an engine, a ruling; never an id."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        for key, word in dimensions.items():
            metric.add_dimension(key, word)
