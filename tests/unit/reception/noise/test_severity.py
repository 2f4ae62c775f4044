"""An incident that grows becomes more severe, and never less."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reception.noise.severity import MOST_NAMED, Size, raised, size_of
from tests.fakes.words import INSTANCE, an_alert, an_incident
from watchkeeper.models import Resource, Severity
from watchkeeper.quiet import Growth

RULES = (
    Growth(resources=5, to=Severity.SEV2),
    Growth(services=3, to=Severity.SEV2),
    Growth(alerts=100, to=Severity.SEV3),
    Growth(resources=10, services=3, to=Severity.SEV1),
)


def sized(alerts: int, resources: int, services: int) -> Size:
    return Size(alerts, tuple(f"i-{n}" for n in range(resources)), tuple(f"service-{n}" for n in range(services)))


@pytest.mark.parametrize(
    ("severity", "size", "becomes"),
    [
        ("sev4", (1, 1, 1), None),
        ("sev4", (100, 1, 1), "sev3"),
        ("sev3", (100, 1, 1), None),
        ("sev3", (5, 5, 1), "sev2"),
        ("sev3", (5, 4, 2), None),
        ("sev4", (3, 1, 3), "sev2"),
        ("sev2", (3, 5, 3), None),
        ("sev2", (10, 10, 3), "sev1"),
        ("sev2", (10, 10, 2), None),
        ("sev1", (500, 20, 20), None),
    ],
)
def test_how_severe_it_becomes(severity: str, size: tuple[int, int, int], becomes: str | None) -> None:
    found = raised(Severity(severity), sized(*size), RULES)
    assert (found and found.severity.value) == becomes


def test_it_says_why() -> None:
    found = raised(Severity.SEV3, sized(31, 20, 1), RULES)
    assert found
    assert found.says == "Raised from sev3 to sev2, because it has grown to 31 alerts, 20+ resources, 1 service."


@given(st.sampled_from(Severity), st.integers(1, 200), st.integers(0, 20), st.integers(0, 20))
def test_never_down(severity: Severity, alerts: int, resources: int, services: int) -> None:
    found = raised(severity, sized(alerts, resources, services), RULES)
    assert found is None or (found.severity.at_least(severity) and found.severity is not severity)


@pytest.mark.parametrize(
    ("incident", "size"),
    [
        pytest.param({}, Size(1, (INSTANCE.arn,), ("checkout",)), id="written before it carried its size"),
        pytest.param({"service": "unknown", "resources": ()}, Size(1, (), ()), id="about nothing we know"),
        pytest.param({"touched": ("a", "b"), "services": ("x",), "alert_count": 7}, Size(7, ("a", "b"), ("x",)), id="as it says"),
    ],
)
def test_how_large_an_incident_is(incident: dict[str, Any], size: Size) -> None:
    assert size_of(an_incident(**incident)) == size


def test_an_alert_adds_what_is_new_and_no_more_than_twenty() -> None:
    size = size_of(an_incident()).with_alert(an_alert(service="storefront")).with_alert(an_alert(service="unknown"), times=3)
    assert size == Size(5, (INSTANCE.arn,), ("checkout", "storefront"))
    for number in range(40):
        size = size.with_alert(an_alert(resources=(Resource(type="ec2:instance", id=f"i-{number}"),)))
    assert (size.alerts, len(size.touched)) == (45, MOST_NAMED)
