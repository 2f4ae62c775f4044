"""Who is asked: the whole truth table of the routing."""

import pytest

from analysis.opinion import Opinion
from analysis.thinking.routing import Known, choose, speaks_of
from tests.unit.analysis.stories import cpu_incident
from tests.unit.analysis.thinking_stories import a_draft, hypotheses
from watchkeeper.models import Cause, Hypothesis, Incident, Route, Severity
from watchkeeper.team import Thinking, When

CPU, DEPLOY, UNKNOWN = Cause.CPU_SATURATION, Cause.BAD_DEPLOY, Cause.UNKNOWN
SEV1, SEV2, SEV3 = Severity.SEV1, Severity.SEV2, Severity.SEV3
SURE, UNSURE, CLUELESS = a_draft(), a_draft(confidence=0.69), a_draft(cause=UNKNOWN, confidence=0.9)
CLEAR = hypotheses((CPU, 0.8), (DEPLOY, 0.6))
ORDER = Thinking(name="checkout at night", when=When(services=("check*",)))
ANOTHER = Thinking(name="storefront", when=When(services=("storefront",)))


def triage(cause: Cause = CPU, confidence: float = 0.9) -> Opinion:
    return a_draft(cause=cause, confidence=confidence)


@pytest.mark.parametrize(
    ("incident", "draft", "likely", "orders", "said", "route", "why"),
    [
        pytest.param(cpu_incident(), SURE, CLEAR, (), triage(), Route.TRIAGE, "", id="all agree"),
        pytest.param(cpu_incident(severity=SEV3), UNSURE, (), (), triage(), Route.TRIAGE, "", id="unsure rules, sure triage, sev3"),
        pytest.param(cpu_incident(severity=SEV1), SURE, CLEAR, (), triage(), Route.DEEP, "it is sev1", id="sev1"),
        pytest.param(
            cpu_incident(environment="production"), SURE, CLEAR, (), triage(), Route.TRIAGE, "", id="sev2 in production, sure rules"
        ),
        pytest.param(
            cpu_incident(environment="Prod "), UNSURE, CLEAR, (), triage(), Route.DEEP, "sev2 in production", id="and unsure ones"
        ),
        pytest.param(
            cpu_incident(environment="prod"), CLUELESS, (), (), triage(), Route.DEEP, "sev2 in production", id="and clueless ones"
        ),
        pytest.param(cpu_incident(environment="staging"), UNSURE, CLEAR, (), triage(), Route.TRIAGE, "", id="sev2 elsewhere"),
        pytest.param(
            cpu_incident(environment="prod", severity=SEV3), UNSURE, CLEAR, (), triage(), Route.TRIAGE, "", id="sev3 in production"
        ),
        pytest.param(
            cpu_incident(), SURE, hypotheses((DEPLOY, 0.7), (CPU, 0.8)), (), triage(), Route.DEEP, "between cpu_saturation and", id="a tie"
        ),
        pytest.param(cpu_incident(), SURE, hypotheses((CPU, 0.8), (DEPLOY, 0.69)), (), triage(), Route.TRIAGE, "", id="nearly a tie"),
        pytest.param(
            cpu_incident(), SURE, hypotheses((CPU, 0.2), (UNKNOWN, 0.2)), (), triage(), Route.TRIAGE, "", id="unknown ties with nobody"
        ),
        pytest.param(cpu_incident(), SURE, CLEAR, (), triage(confidence=0.59), Route.DEEP, "only 59% sure", id="an unsure triage"),
        pytest.param(cpu_incident(), SURE, CLEAR, (), triage(confidence=0.6), Route.TRIAGE, "", id="a triage just sure enough"),
        pytest.param(cpu_incident(), SURE, CLEAR, (), triage(UNKNOWN), Route.DEEP, "found no cause", id="a clueless triage"),
        pytest.param(cpu_incident(), SURE, CLEAR, (), triage(DEPLOY), Route.DEEP, "says bad_deploy and the rules", id="another cause"),
        pytest.param(cpu_incident(), SURE, CLEAR, (), None, Route.TRIAGE, "", id="no triage is no doubt"),
        pytest.param(cpu_incident(severity=SEV1), SURE, CLEAR, (), None, Route.DEEP, "sev1", id="sev1 without a triage"),
        pytest.param(cpu_incident(), SURE, CLEAR, (ORDER,), triage(), Route.ORDERED, "(checkout at night)", id="by order"),
        pytest.param(cpu_incident(severity=SEV1), SURE, CLEAR, (ORDER,), None, Route.ORDERED, "standing orders", id="an order beats all"),
        pytest.param(cpu_incident(), SURE, CLEAR, (ANOTHER,), triage(), Route.TRIAGE, "", id="an order for another service"),
    ],
)
def test_the_route(
    incident: Incident,
    draft: Opinion,
    likely: tuple[Hypothesis, ...],
    orders: tuple[Thinking, ...],
    said: Opinion | None,
    route: Route,
    why: str,
) -> None:
    chosen = choose(Known(incident, draft, likely, orders, said))
    assert chosen.route is route
    assert why in chosen.why
    assert bool(chosen.why) == (route is not Route.TRIAGE)


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        (When(), True),
        (When(services=("checkout",)), True),
        (When(services=("storefront",)), False),
        (When(environments=("prod*",)), True),
        (When(environments=("staging",)), False),
        (When(sources=("cloudwatch",)), True),
        (When(sources=("grafana",)), False),
        (When(alarms=("checkout-*",)), True),
        (When(alarms=("checkout-disk",)), False),
        (When(severities=(SEV1, SEV2)), True),
        (When(severities=(SEV1,)), False),
        (When(causes=(CPU,)), True),
        (When(causes=(DEPLOY,)), False),
        (When(services=("checkout",), severities=(SEV1,)), False),
    ],
)
def test_an_order_speaks_of_what_its_when_names(when: When, *, speaks: bool) -> None:
    assert speaks_of(when, cpu_incident(environment="production"), CPU) is speaks
