"""What people are shown where they must decide: the exact plan, who may answer, and buttons that carry nothing but the question."""

import json
from typing import Any

import pytest

from distribution.layout import jira, mail, slack
from distribution.moments import Medium, owed
from distribution.reading import brief
from local.standins.slack_blocks import faults
from tests.unit.distribution.stories import Night, an_execution
from watchkeeper.buttons import Button, analysis_of
from watchkeeper.models import ExecutionStatus, Plan, Reason, Rehearsed, Ruling, StepResult, Verdict

EXACT: dict[str, Any] = {
    "target_name": "checkout-1",
    "target_tags": {"AutoRemediate": "true", "team": "payments"},
    "target_state": {"state": "running", "launch_time": "2026-10-10T04:00:00+00:00"},
    "parameters": {"InstanceId": ["i-0123456789abcdef0"]},
    "calls": ("ec2:RebootInstances",),
    "effect": "The instance answers nothing for two minutes.",
    "inverse_says": "nothing has to be put back",
    "rehearsed": (
        Rehearsed(what="iam:SimulatePrincipalPolicy of ec2:RebootInstances", passed=True),
        Rehearsed(what="ec2 dry run", passed=False, says="UnauthorizedOperation"),
    ),
    "why": "it ends the runaway process",
    "verdict": Verdict(
        ruling=Ruling.ASK,
        reasons=(
            Reason(check="order", ruling=Ruling.ASK, why="The order wants two people."),
            Reason(check="confidence", ruling=Ruling.RUN, why="82 % is enough."),
        ),
        approvals=2,
        approvers=("payments",),
    ),
}
TO_BE_READ = (
    "ec2-restart: Reboot the instance", "checkout-1, arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0",
    "AutoRemediate=true, team=payments", "InstanceId=i-0123456789abcdef0", "state=running", "ec2:RebootInstances",
    "The instance answers nothing for two minutes.", "nothing has to be put back",
    "iam:SimulatePrincipalPolicy of ec2:RebootInstances would be let through", "ec2 dry run would fail (UnauthorizedOperation)",
    "it ends the runaway process", "The order wants two people.", "Two people of payments", "not the same one twice", "ada (slack)", "03:",
)  # fmt: skip


def asked() -> Night:
    return Night().opened().analysing().analysed().asked(**EXACT).agreed()


def buttons(message: slack.SlackMessage) -> dict[str, dict[str, Any]]:
    return {element["action_id"]: element for block in message.blocks if block["type"] == "actions" for element in block["elements"]}


def card(night: Night) -> slack.SlackMessage:
    made = slack.card(brief(night.story))
    assert faults(made.blocks) == []
    return made


@pytest.mark.parametrize("medium", ["card", "thread", "feed", "jira", "mail as text", "mail as html"])
def test_the_exact_plan_is_shown_wherever_people_must_decide(medium: str) -> None:
    story = asked().story
    told, record = brief(story), next(record for record in story.history if record.kind == "approval.asked")
    report = mail.report(told, owed(story, (), Medium.MAIL))
    shown = {
        "card": json.dumps(card(asked()).blocks),
        "thread": json.dumps([m.blocks for m in slack.moment(told, record, alone=False)]),
        "feed": json.dumps([m.blocks for m in slack.moment(told, record, alone=True)]),
        "jira": json.dumps(jira.comment(told, record)),
        "mail as text": report.text,
        "mail as html": report.html,
    }[medium]
    assert [words for words in TO_BE_READ if words not in shown] == []


def test_the_buttons_carry_the_question_and_ask_once_more() -> None:
    night = asked()
    made = buttons(card(night))
    assert list(made) == [Button.APPROVE, Button.REJECT, Button.EXPLAIN]
    plan = night.story.plan
    assert isinstance(plan, Plan)
    assert {made[name]["value"] for name in (Button.APPROVE, Button.REJECT)} == {plan.ask_id}
    assert plan.id not in json.dumps(made)
    for name in (Button.APPROVE, Button.REJECT):
        assert "i-0123456789abcdef0" in made[name]["confirm"]["text"]["text"]


def test_when_the_question_is_over_its_buttons_are_gone() -> None:
    for over in (asked().remediating(), asked().refused(), asked().remediating().succeeded().resolved()):
        made = buttons(card(over))
        assert list(made) == [Button.EXPLAIN, Button.RIGHT, Button.WRONG]
        assert over.story.plan
        assert over.story.plan.ask_id not in json.dumps(card(over).blocks)
        assert analysis_of(made[Button.RIGHT]["value"]) == (over.story.incident.id, over.story.incident.analysis_id)


def test_before_anything_is_known_there_is_nothing_to_press() -> None:
    assert buttons(card(Night().opened())) == {}


def test_a_long_plan_is_cut_on_the_card_and_whole_in_the_thread() -> None:
    tags = {f"tag-{number}": "x" * 100 for number in range(50)}
    night = Night().opened().analysing().analysed().asked(**EXACT | {"target_tags": tags})
    told, record = brief(night.story), next(record for record in night.story.history if record.kind == "approval.asked")
    assert "(all of it is in the thread)" in json.dumps(card(night).blocks)
    thread = slack.moment(told, record, alone=False)
    assert [fault for message in thread for fault in faults(message.blocks)] == []
    assert all(f"{name}=" in json.dumps([m.blocks for m in thread]) for name in tags)


def test_the_steps_of_a_runbook_are_on_the_card_while_it_runs() -> None:
    night = Night().opened().analysing().analysed().remediating()
    steps = (StepResult(name="CheckTag", status="Success"), StepResult(name="Reboot", status="InProgress"))
    running = an_execution(ExecutionStatus.STARTED, night.at).but(steps=steps)
    night._step("remediation", [("action.progressed", "Reboot is in progress.")], rows=[running])
    assert "1. CheckTag: Success\\n2. Reboot: InProgress" in json.dumps(card(night).blocks)
    assert "CheckTag" not in json.dumps(card(night.succeeded()).blocks)


def test_an_explanation_tells_the_plan_and_every_check() -> None:
    story = asked().explained().story
    record = owed(story, (), Medium.THREAD)[-1]
    assert record.kind == "explanation.asked"
    shown = json.dumps([m.blocks for m in slack.moment(brief(story), record, alone=False)], ensure_ascii=False)
    for words in ("order: The order wants two people.", "confidence: 82 % is enough.", "The checkout worker leaks memory", "state=running"):
        assert words in shown
    assert [owed(story, (), medium)[-1].kind for medium in (Medium.FEED, Medium.TICKET, Medium.MAIL)] == ["approval.asked"] * 3


def test_two_people_are_asked_for_by_number() -> None:
    assert "2 people have to approve the plan before" in json.dumps(card(asked()).blocks)
