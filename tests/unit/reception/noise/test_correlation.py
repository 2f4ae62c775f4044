"""What belongs together, how much, and why it is said so."""

import random
from datetime import timedelta
from typing import Any

import pytest

from reception.noise.correlation import correlate, deployment_of, grounds_for
from reception.noise.dependencies import Dependencies
from reception.noise.likeness import likeness
from tests.fakes.words import INSTANCE, NIGHT, an_alert, an_incident
from tests.unit.reception.noise.rules import MINUTE
from watchkeeper.models import AlertKind, Incident, Resource, Status
from watchkeeper.quiet import Correlation
from watchkeeper.team import Service, Services

RULE = Correlation()
ACCOUNT, OTHER = "123456789012", "999999999999"
NEEDS = Dependencies.of(
    Services(
        services=(
            Service(name="storefront", depends_on=("checkout",)),
            Service(name="checkout", depends_on=("payments-db", "cache")),
            Service(name="payments-db"),
            Service(name="search"),
        )
    )
)
DISK = Resource(type="ec2:volume", id="vol-1")
HOME = {"account": ACCOUNT, "region": "eu-west-1"}
LATENCY: dict[str, Any] = {"title": "Latency of the shop is high", "fingerprint": "fp-latency", "resources": (), "alarm_name": ""}
ELSEWHERE: dict[str, Any] = {"account": OTHER, "region": "eu-west-1"}


@pytest.mark.parametrize(
    ("alert", "incident", "grounds"),
    [
        pytest.param({"service": "search", "title": "Disk full"}, {}, {"resource": 0.5, "time": 0.2}, id="the same resource"),
        pytest.param(
            {**LATENCY, "resources": (DISK,)},
            {"touched": ("vol-1",)},
            {"resource": 0.5, "service": 0.3, "time": 0.2},
            id="one of a joined alert",
        ),
        pytest.param({**LATENCY, "service": "storefront"}, {}, {"dependency": 0.35, "time": 0.2}, id="it needs the broken one"),
        pytest.param({**LATENCY, "service": "payments-db"}, {}, {"dependency": 0.35, "time": 0.2}, id="the broken one needs it"),
        pytest.param(
            {**LATENCY, "service": "payments-db"}, {"service": "storefront"}, {"dependency": 0.2, "time": 0.2}, id="with one between"
        ),
        pytest.param(LATENCY, {}, {"service": 0.3, "time": 0.2}, id="the same service"),
        pytest.param({**LATENCY, **HOME}, HOME, {"service": 0.3, "time": 0.2, "account": 0.05}, id="in the same account"),
        pytest.param(
            {**LATENCY, "labels": {"release": "v7"}},
            {"deployment": "checkout/v7"},
            {"service": 0.3, "deployment": 0.35, "time": 0.2},
            id="of one deployment",
        ),
        pytest.param({**LATENCY, "occurred_at": NIGHT + 15 * MINUTE}, {}, {"service": 0.3, "time": 0.1}, id="a quarter of an hour later"),
        pytest.param({**LATENCY, "occurred_at": NIGHT - 15 * MINUTE}, {}, {"service": 0.3, "time": 0.1}, id="and earlier"),
        pytest.param({"resources": ()}, {}, {"service": 0.3, "time": 0.2, "text": 0.3}, id="the same words"),
        pytest.param({**LATENCY, "occurred_at": NIGHT + 31 * MINUTE, "resources": (INSTANCE,)}, {}, {}, id="too late"),
        pytest.param({"service": "search", "resources": ()}, {}, {}, id="time and words alone are nothing"),
        pytest.param({**LATENCY, "service": "unknown"}, {"service": "unknown"}, {}, id="unknown is not a service"),
        pytest.param({}, {"status": Status.RESOLVED}, {}, id="it has ended"),
        pytest.param({}, {"status": Status.SUPPRESSED}, {}, id="it is suppressed"),
        pytest.param({**ELSEWHERE}, HOME, {}, id="another account, though all else is the same"),
        pytest.param(
            {**LATENCY, **ELSEWHERE, "service": "storefront"}, HOME, {"dependency": 0.35, "time": 0.2}, id="unless a dependency says so"
        ),
        pytest.param({"environment": "staging"}, {"environment": "production"}, {}, id="another environment"),
        pytest.param(
            {**LATENCY, "environment": "staging", "service": "storefront"}, {"environment": "production"}, {}, id="also for a dependency"
        ),
        pytest.param({**LATENCY, "environment": "staging"}, {}, {"service": 0.3, "time": 0.2}, id="an environment that nobody named"),
    ],
)
def test_the_grounds_for_one_thing(alert: dict[str, Any], incident: dict[str, Any], grounds: dict[str, float]) -> None:
    found = grounds_for(an_alert(**alert), an_incident(**incident), NEEDS, RULE.within)
    assert {ground.what: ground.score for ground in found} == grounds


@pytest.mark.parametrize(
    ("alert", "joins"),
    [
        pytest.param({"service": "search", "title": "Disk full", "occurred_at": NIGHT + 29 * MINUTE}, True, id="a resource is enough"),
        pytest.param({**LATENCY, "service": "storefront"}, True, id="a dependency at the same time"),
        pytest.param({**LATENCY, "service": "storefront", "occurred_at": NIGHT + 10 * MINUTE}, False, id="but not ten minutes later"),
        pytest.param({**LATENCY, "occurred_at": NIGHT + MINUTE}, False, id="the same service is not enough a minute later"),
        pytest.param({"resources": (), "occurred_at": NIGHT + MINUTE}, True, id="but with the same words it is"),
        pytest.param({"kind": AlertKind.INFO}, False, id="information joins nothing"),
        pytest.param({"kind": AlertKind.RESOLVED}, False, id="an OK pairs with its own alarm only"),
    ],
)
def test_it_joins_from_the_threshold_on(alert: dict[str, Any], joins: bool) -> None:
    found = correlate(an_alert(**alert), [an_incident()], NEEDS, RULE)
    assert (found is not None) is joins


def test_the_best_wins_and_the_older_of_two_alike_in_whatever_order() -> None:
    alert = an_alert(service="storefront", title="Checkout fails", resources=(INSTANCE,))
    worse = an_incident(id="INC-0", service="checkout", resources=(), opened_at=NIGHT - 9 * MINUTE)
    younger, older = (an_incident(id=name, opened_at=NIGHT - age * MINUTE) for name, age in (("INC-1", 1), ("INC-2", 2)))
    twin = an_incident(id="INC-3", opened_at=NIGHT - 2 * MINUTE)
    candidates: list[Incident] = [worse, younger, older, twin]
    for seed in range(20):
        random.Random(seed).shuffle(candidates)  # noqa: S311 - an order of a list
        found = correlate(alert, candidates, NEEDS, RULE)
        assert found
        assert found.incident_id == "INC-2"


def test_the_reasons_are_recorded() -> None:
    found = correlate(an_alert(**HOME, occurred_at=NIGHT + MINUTE), [an_incident(**HOME)], NEEDS, RULE)
    assert found
    assert found.says == (
        "Joined, scoring 1.34: the same resource, arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0; "
        "the same service, checkout; 60 s apart; titles alike by 100%; the same account and region, 123456789012 eu-west-1."
    )
    assert found.detail == {"score": 1.343, "grounds": {"resource": 0.5, "service": 0.3, "time": 0.193, "text": 0.3, "account": 0.05}}


def test_a_dependency_says_who_needs_whom() -> None:
    found = correlate(an_alert(**LATENCY, service="payments-db"), [an_incident(service="storefront")], NEEDS, Correlation(threshold=0.4))
    assert found
    assert found.grounds[0].says == "storefront needs checkout needs payments-db"


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("", "", 0, 0),
        ("CPUUtilization of i-0123456789abcdef0 is above 80", "CPUUtilization of i-0fedcba9876543210 is above 95", 1, 1),
        ("checkout: connection refused by payments-db", "storefront: connection to payments-db refused", 0.6, 0.9),
        ("Disk full", "Certificate expires in 7 days", 0, 0),
        ("Zahlungen schlagen fehl für Österreich", "zahlungen schlagen fehl für österreich!", 1, 1),
    ],
)
def test_how_alike_titles_are(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(one, other) <= most
    assert likeness(one, other) == likeness(other, one)


def test_a_deployment_is_of_a_service() -> None:
    assert deployment_of(an_alert(labels={"version": "7"})) == "checkout/7"
    assert deployment_of(an_alert(labels={"team": "x"})) == ""
    assert timedelta(minutes=30) == RULE.within
