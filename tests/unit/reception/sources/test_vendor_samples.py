"""Every sample of these vendors proves itself as it lies there, and goes to its source's address. Damage is test_damage.py's."""

import json

import pytest

from reception.sources.registry import sources
from tests.unit.reception.sources.vendors import AT, EVENTS

VENDORS = ("alertmanager", "datadog", "github", "grafana", "newrelic", "pagerduty", "pagerduty-action", "sentry")
SAMPLES = [(vendor, name.removeprefix("events/").removesuffix(".json")) for vendor in VENDORS for name in sources()[vendor].samples]
SECRET = "a-secret-for-samples-only"


@pytest.mark.parametrize(("vendor", "name"), SAMPLES)
def test_a_sample_proves_itself(vendor: str, name: str) -> None:
    request = json.loads((EVENTS / f"{name}.json").read_text())
    headers = {key.lower(): value for key, value in request["headers"].items()}
    proof = sources()[vendor].proof
    assert proof
    assert proof.verify(request["body"].encode(), headers, [SECRET], AT) == AT
    assert request["path"] == sources()[vendor].path
    assert ("x-api-key" in headers) == sources()[vendor].sends_key


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_says_where_it_is_documented(vendor: str) -> None:
    source = sources()[vendor]
    assert source.vendor
    assert source.docs.startswith("https://")
