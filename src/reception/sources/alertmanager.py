"""Prometheus Alertmanager, webhook version 4: a group of alerts, each with the fingerprint of its labels.

The same alert notified again has the same start, and so is the same alert to us: repeats and peers of one cluster fold.
"""

from collections.abc import Iterator

from reception.fields import Body
from reception.grouped import named, read_group
from reception.proofs import Bearer
from reception.sources.registry import Received, source
from watchkeeper.models import Alert


@source(
    "alertmanager",
    samples=("events/alertmanager-firing.json", "events/alertmanager-resolved.json"),
    proof=Bearer(),
    vendor="Prometheus Alertmanager",
    docs="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    sends_key=False,  # only its newer versions can send a header of one's own
)
def read_alertmanager(body: Body, received: Received) -> Iterator[Alert]:
    """Each member of the group is an alert of its own."""
    yield from read_group(body, received, "alertmanager", named)
