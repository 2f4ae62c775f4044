"""What the alert itself says, word for word: the one piece of evidence that is always there."""

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from watchkeeper.goals import is_goal
from watchkeeper.models import Alert, MetricRef


def collect(ask: Ask) -> Found | Nothing:
    """Title, reason, metric and log excerpt of the newest alert that fires."""
    alert = ask.alert
    if alert is None:
        return Nothing("The incident has no alert that fires.")
    return Found(summary=f"{alert.source} said: {ask.tidy(alert.title)[:200]}", body="\n".join(_lines(alert, ask)))


def _lines(alert: Alert, ask: Ask) -> list[str]:
    lines = [
        f"source: {alert.source}",
        f"title: {ask.tidy(alert.title)}",
        f"occurred: {stamp(alert.occurred_at)}, alerts so far: {ask.incident.alert_count}",
        f"severity: {alert.severity.value}",
    ]
    if alert.alarm_name:
        lines.append(f"alarm: {ask.tidy(alert.alarm_name)}")
    if alert.metric:
        lines.append(f"metric: {ask.tidy(describe(alert.metric))}")
    if alert.description:
        lines.append(f"says: {ask.tidy(alert.description)}")
    if alert.log_excerpt:
        lines += ["log excerpt:", *(f"  {ask.tidy(line)}" for line in alert.log_excerpt.splitlines()[:200] if line.strip())]
    return lines


def describe(metric: MetricRef) -> str:
    """A metric and the line that it crossed, in one line of text."""
    dimensions = ", ".join(f"{key}={value}" for key, value in sorted(metric.dimensions.items()))
    line = f"; alarm line: {metric.comparison} {figure(metric.threshold)}" if metric.threshold is not None else ""
    return f"{metric.namespace} {metric.name} ({dimensions}), {metric.statistic or 'Average'} over {metric.period_seconds} s{line}"


COLLECTOR = Collector(
    name="alert",
    order=10,
    provenance="the alert as it was received; its free text was written by whoever made the alarm",
    applies=lambda ask: not is_goal(ask.incident),  # what a person asks is no evidence of what they ask about
    asked=lambda ask: f"What does the alert of {ask.incident.id} say?",
    collect=collect,
)
