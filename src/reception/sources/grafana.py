"""Grafana's unified alerting, 12 and later: the contact point `Webhook`, signed together with the time."""

from collections.abc import Iterator

from reception.fields import Body, text
from reception.grouped import named, read_group
from reception.proofs import Hmac
from reception.sources.registry import Received, source
from watchkeeper.models import Alert

# What Grafana fires instead of the rule when it cannot judge it; the rule is then named by a label of its own.
CANNOT_JUDGE = {"DatasourceNoData": "gets no data", "DatasourceError": "cannot be evaluated: its data source fails"}


@source(
    "grafana",
    samples=("events/grafana-firing.json", "events/grafana-resolved.json"),
    proof=Hmac("X-Grafana-Alerting-Signature", timestamp_header="X-Grafana-Alerting-Timestamp", signed="{timestamp}:{body}"),
    vendor="Grafana Alerting",
    docs="https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/",
)
def read_grafana(body: Body, received: Received) -> Iterator[Alert]:
    """Each member of the group is an alert of its own."""
    yield from read_group(body, received, "grafana", _title)


def _title(labels: Body, annotations: Body) -> str:
    fault = CANNOT_JUDGE.get(text(labels, "alertname"))
    return f"{text(labels, 'rulename') or 'An alert rule'} {fault}" if fault else named(labels, annotations)
