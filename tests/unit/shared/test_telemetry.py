"""Logs carry the incident, metrics go out as log lines that CloudWatch counts."""

import io
import json
from collections.abc import Iterator

import pytest

from watchkeeper.telemetry import NAMESPACE, about, count, logger


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Where the logger writes, for the time of a test."""
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    logger.clear_state()
    yield stream
    logger.clear_state()


def test_what_is_logged_speaks_of_the_incident(log: io.StringIO) -> None:
    about("INC-1", "1-trace")
    logger.warning("Slack is slow")
    line = json.loads(log.getvalue())
    assert (line["incident_id"], line["trace_id"], line["message"]) == ("INC-1", "1-trace", "Slack is slow")
    assert line["service"] == "watchkeeper"


def test_a_count_is_an_emf_line(capsys: pytest.CaptureFixture[str]) -> None:
    count("AlertsAccepted", 3, source="cloudwatch")
    line = json.loads(capsys.readouterr().out)
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Namespace"] == NAMESPACE
    assert metrics["Metrics"] == [{"Name": "AlertsAccepted", "Unit": "Count"}]
    assert "source" in metrics["Dimensions"][0]
    assert (line["AlertsAccepted"], line["source"]) == ([3.0], "cloudwatch")


def test_two_counts_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    count("A")
    count("B", channel="slack")
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "B" not in first
    assert "A" not in second
