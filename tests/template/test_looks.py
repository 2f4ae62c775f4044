"""What the inventory looks at: its calls, the words around them, the role at home, and the session in another account say the same."""

import importlib
import json
import re

import pytest

from cli.catalogue import spoke
from remediation.abroad import ALWAYS, LOOKS
from remediation.spokes import LONGEST_POLICY, session_policy
from tests.fakes.template import ROOT
from tests.template.calls import FOLDER, PACKAGE, made, named
from tests.template.reading import granted
from watchkeeper.actions import Action, runbooks

MODULES = {
    str(found.TYPE): path.stem
    for path in sorted(FOLDER.glob("*.py"))
    if hasattr(found := importlib.import_module(f"{PACKAGE}{path.stem}"), "TYPE")
}
LOOKING = {kind: name for kind, name in MODULES.items() if made(name)}
ACTIONS = [action for _, action in sorted(runbooks().items())]
# What else looks at no resource that IAM knows: whether an alarm is OK, whether a runbook runs already, whether a calendar is open.
BESIDES = {"cloudwatch:DescribeAlarms", "ssm:DescribeAutomationExecutions", "ssm:GetCalendarState"}
LONGEST_NAMES = "watchkeeper-staging"


@pytest.mark.parametrize("kind", MODULES)
def test_each_call_is_made_under_its_own_name(kind: str) -> None:
    """So that an error names the permission that is missing, and the other tests may go by the names."""
    assert made(MODULES[kind]) == named(MODULES[kind])


def test_calls_are_found_where_they_are_made() -> None:
    """In the module itself, in one that it imports, and not in what it does not come to."""
    assert {"lambda:ListAliases", "sqs:GetQueueUrl"} <= made("lambda_function")
    assert "sqs:ListQueueTags" not in made("lambda_function")
    assert "ecs:ListServiceDeployments" in made("ecs_service")
    assert made("github_pull_request") == made("docker_container") == made("watchkeeper_incident") == set()


def test_a_session_abroad_may_look_as_the_inventory_looks() -> None:
    assert {kind: set(calls) for kind, calls in LOOKS.items()} == {kind: made(name) for kind, name in LOOKING.items()}
    assert all(list(calls) == sorted(calls) for calls in LOOKS.values())


def test_remediation_may_look_as_the_inventory_looks_and_at_nothing_else() -> None:
    (look,) = [one for one in granted("RemediationRole") if one.sid == "LookOnly"]
    assert set(look.actions) == {call for name in LOOKING.values() for call in made(name)} | BESIDES
    assert list(look.actions) == sorted(set(look.actions))


def test_what_is_granted_besides_is_called() -> None:
    code = "".join((ROOT / "src" / "remediation" / f"{name}.py").read_text() for name in ("alarms", "automation", "calendars"))
    assert set(re.findall(r"in_our_words\(\"([^\"]+)\"", code)) >= BESIDES


@pytest.mark.parametrize("action", spoke.travelling(ROOT / "runbooks", ACTIONS), ids=lambda action: action.name)
def test_a_session_with_all_of_it_is_no_longer_than_sts_takes(action: Action) -> None:
    there = f"{LONGEST_NAMES}-{action.document}"
    policy = session_policy(
        action,
        f"arn:aws:ssm:ap-southeast-2:123456789012:document/{there}",
        f"arn:aws:iam::123456789012:role/{LONGEST_NAMES}-runbook-{action.document}",
        (*LOOKS[action.target_type], *ALWAYS),
    )
    assert len(json.dumps(policy, separators=(",", ":"))) <= LONGEST_POLICY
