"""Trying a plan without doing it: what IAM, EC2 and CloudFormation say becomes a sentence, whatever they say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from remediation.ports import Sighting
from remediation.rehearsing import WAYS, AwsRehearsals
from remediation.rehearsing.dry_run import PATIENCE_SECONDS, TRIED
from remediation.rehearsing.trial import Means
from tests.fakes.automation import refused
from tests.fakes.strict_aws import StrictAws
from watchkeeper.actions import Action, Rehearsal, catalogue
from watchkeeper.models import Rehearsed, Resource

RESTART, REVERT = catalogue()["ec2-restart"], catalogue()["github-revert"]
INSTANCE = Resource(type="ec2:instance", id="i-0123456789abcdef0", trusted=True)
ARN = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
ROLE = "arn:aws:iam::123456789012:role/watchkeeper-runbook"
PARAMETERS = {"InstanceId": ["i-0123456789abcdef0"]}
SEEN = Sighting(exists=True, account="123456789012", region="eu-west-1", tags={"AutoRemediate": "true", "Team": "shop"})
AUTOMATION = "6f2b1f0e-5d0a-5c0e-9a43-77617463686b"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def simulated(decision: str, **more: Any) -> Callable[..., dict[str, Any]]:
    """IAM's answer to whatever is asked: for all resources denied, for the one that was asked about as given."""

    def answer(**asked: Any) -> dict[str, Any]:
        one = {"EvalResourceName": asked["ResourceArns"][0], "EvalResourceDecision": decision, **more}
        shared = {"EvalDecision": "implicitDeny", "ResourceSpecificResults": [one]}
        return {"EvaluationResults": [{"EvalActionName": name, **shared} for name in asked["ActionNames"]]}

    return answer


def ended(status: str = "Success", said: str = "RebootInstances DryRunOperation") -> dict[str, Any]:
    outputs = {"rehearse.Said": [said]} if said else {}
    return {"AutomationExecution": {"AutomationExecutionId": AUTOMATION, "AutomationExecutionStatus": status, "Outputs": outputs}}


STARTED = {"AutomationExecutionId": AUTOMATION}
GOOD = {
    "iam:SimulatePrincipalPolicy": simulated("allowed"),
    "ssm:StartAutomationExecution": STARTED,
    "ssm:GetAutomationExecution": ended(),
}


class Watch:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def pause(self, seconds: float) -> None:
        self.at += seconds


def rehearsed(aws: StrictAws, action: Action = RESTART, target: Resource = INSTANCE, seen: Sighting = SEEN) -> tuple[Rehearsed, ...]:
    watch = Watch()
    means = Means(lambda service: aws(service, "eu-west-1"), "watchkeeper", ROLE, lambda: watch.at, watch.pause)
    return AwsRehearsals(means).rehearse(action, PARAMETERS, target, seen)


def test_every_way_of_rehearsing_asks_iam_first() -> None:
    assert set(WAYS) == set(Rehearsal)
    assert {ways[0].what for ways in WAYS.values()} == {"IAM"}


def test_a_restart_is_let_through_by_iam_and_would_be_done_by_ec2() -> None:
    iam, ec2 = rehearsed(StrictAws(GOOD))
    assert iam == Rehearsed(what="IAM: ec2:RebootInstances", passed=True, says=f"The runbook's role may do it on {ARN}.")
    assert ec2 == Rehearsed(what="EC2 dry run: RebootInstances", passed=True, says="EC2 would have done it.")


def test_iam_is_asked_about_the_runbooks_role_and_told_the_targets_tags() -> None:
    aws = StrictAws(GOOD)
    rehearsed(aws)
    [asked] = aws.asked("iam:SimulatePrincipalPolicy")
    assert (asked["PolicySourceArn"], asked["ActionNames"], asked["ResourceArns"]) == (
        f"{ROLE}-ec2-restart",
        ["ec2:RebootInstances"],
        [ARN],
    )
    told = {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in asked["ContextEntries"]}
    assert told == {"aws:ResourceTag/AutoRemediate": ["true"], "aws:ResourceTag/Team": ["shop"], "ec2:ResourceTag/AutoRemediate": ["true"]}


def test_no_tag_of_an_enemy_is_too_long_or_too_many_for_iam() -> None:
    """StrictAws holds the request to the lengths that IAM takes."""
    aws = StrictAws(GOOD)
    tags = {f"{number:03}" * 60: "x" * 300 for number in range(80)} | {f"k{number}": "\n\u202e" for number in range(80)}
    rehearsed(aws, seen=SEEN.but(tags=tags))
    assert len(aws.asked("iam:SimulatePrincipalPolicy")[0]["ContextEntries"]) == 50


@pytest.mark.parametrize(
    ("decision", "more", "says"),
    [
        ("implicitDeny", {}, "no policy allows it."),
        ("explicitDeny", {}, "a policy forbids it."),
        ("implicitDeny", {"MissingContextValues": ["aws:RequestedRegion"]}, "no policy allows it; IAM was not told aws:RequestedRegion."),
    ],
)
def test_what_iam_denies_has_not_passed_and_says_why(decision: str, more: dict[str, Any], says: str) -> None:
    iam, _ = rehearsed(StrictAws({**GOOD, "iam:SimulatePrincipalPolicy": simulated(decision, **more)}))
    assert (iam.passed, iam.says) == (False, f"The runbook's role may not do it on {ARN}: {says}")


def test_an_answer_that_speaks_of_another_call_has_not_passed() -> None:
    other = {"EvaluationResults": [{"EvalActionName": "ec2:StopInstances", "EvalDecision": "allowed"}]}
    iam, _ = rehearsed(StrictAws({**GOOD, "iam:SimulatePrincipalPolicy": other}))
    assert (iam.passed, "IAM says nothing" in iam.says) == (False, True)


def test_what_is_not_the_target_is_asked_about_as_if_it_had_the_tag_and_the_sentence_says_so() -> None:
    aws = StrictAws(GOOD)
    replace = catalogue()["asg-replace-instance"]
    watch = Watch()
    means = Means(lambda service: aws(service, "eu-west-1"), "watchkeeper", ROLE, lambda: watch.at, watch.pause)
    [iam] = AwsRehearsals(means).rehearse(replace, {**PARAMETERS, "Group": ["web"]}, INSTANCE, SEEN.but(tags={"Team": "shop"}))
    assert iam.passed
    assert iam.says.endswith("autoScalingGroupName/web, if that carries AutoRemediate=true.")


def test_an_action_that_calls_nothing_of_aws_has_nothing_to_rehearse() -> None:
    aws = StrictAws()
    assert rehearsed(aws, REVERT, Resource(type="github:pull-request", id="acme/orders#1")) == ()
    assert not aws.calls


def test_the_dry_run_is_made_as_the_runbooks_role_by_the_runbook_that_makes_nothing_else() -> None:
    """Remediation holds no permission to reboot anything, dry or not: it starts what may."""
    aws = StrictAws(GOOD)
    rehearsed(aws)
    [started] = aws.asked("ssm:StartAutomationExecution")
    assert started["DocumentName"] == "watchkeeper-rehearse-ec2"
    assert started["Parameters"] == {**PARAMETERS, "Calls": ["RebootInstances"], "AutomationAssumeRole": [f"{ROLE}-ec2-restart"]}
    assert not {permission for permission in aws.used if permission.startswith("ec2:")}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ended(said="RebootInstances UnauthorizedOperation"), "EC2 says UnauthorizedOperation."),
        (ended(said="RebootInstances InvalidInstanceID.NotFound"), "EC2 says InvalidInstanceID.NotFound."),
        (ended(said="RebootInstances NoAnswer"), "EC2 says NoAnswer."),
        (ended(said="StopInstances DryRunOperation"), "EC2 said nothing of it: the rehearsal ended as Success."),
        (ended(said="RebootInstances DryRunOperation <!here>"), "EC2 said nothing of it: the rehearsal ended as Success."),
        (ended("Failed", ""), "EC2 said nothing of it: the rehearsal ended as Failed."),
        (ended("TimedOut", ""), "EC2 said nothing of it: the rehearsal ended as TimedOut."),
        (ended("InProgress", ""), "EC2 did not say within 12 s."),
    ],
)
def test_only_one_answer_of_ec2_has_passed(answer: dict[str, Any], says: str) -> None:
    _, ec2 = rehearsed(StrictAws({**GOOD, "ssm:GetAutomationExecution": answer}))
    assert (ec2.what, ec2.passed, ec2.says) == ("EC2 dry run: RebootInstances", False, says)


def test_a_rehearsal_that_takes_long_is_waited_for_and_no_longer() -> None:
    aws = StrictAws({**GOOD, "ssm:GetAutomationExecution": ended("InProgress", "")})
    rehearsed(aws)
    assert len(aws.asked("ssm:GetAutomationExecution")) == PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("permission", "what", "says"),
    [
        ("iam:SimulatePrincipalPolicy", "IAM", f"not allowed: iam:SimulatePrincipalPolicy on {ROLE}-ec2-restart"),
        (
            "ssm:StartAutomationExecution",
            "EC2 dry run",
            f"not allowed: ssm:StartAutomationExecution on watchkeeper-rehearse-ec2 with iam:PassRole of {ROLE}-ec2-restart",
        ),
        ("ssm:GetAutomationExecution", "EC2 dry run", f"not allowed: ssm:GetAutomationExecution on {AUTOMATION}"),
    ],
)
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_permission_that_is_missing_is_a_sentence_and_the_rest_is_tried(permission: str, what: str, says: str, code: str) -> None:
    found = rehearsed(StrictAws({**GOOD, permission: refused(permission, code, 403)}))
    assert Rehearsed(what=what, passed=False, says=f"It could not be tried: {says}.") in found
    assert len(found) == 2


@pytest.mark.parametrize("code", ["Throttling", "InternalFailure", "NoSuchEntity", "PolicyEvaluation"])
@pytest.mark.parametrize("permission", sorted(GOOD))
def test_nothing_that_aws_answers_is_raised(permission: str, code: str) -> None:
    found = rehearsed(StrictAws({**GOOD, permission: refused(permission, code, 500 if code == "InternalFailure" else 400)}))
    assert [one.passed for one in found].count(False) == 1


def test_every_action_that_wants_a_dry_run_makes_a_call_that_has_one() -> None:
    for action in catalogue().values():
        if action.rehearsal is Rehearsal.EC2_DRY_RUN:
            assert {call.partition(":")[2] for call in action.calls if call.startswith("ec2:")} <= set(TRIED), action.name


STACK = Resource(type="cloudformation:stack", id="shop", arn="arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1", trusted=True)
UNDO = Action(
    name="cloudformation-cancel", says="Take the update back", target_type="cloudformation:stack", parameters=RESTART.parameters,
    helps_with=(), risk=RESTART.risk, expected_effect="It is as before.", ready_when={}, calls=("cloudformation:CancelUpdateStack",),
    rehearsal=Rehearsal.CHANGE_SET,
)  # fmt: skip


def event(name: str, status: str, kind: str = "AWS::Lambda::Function") -> dict[str, Any]:
    own = name == "shop"
    return {
        "StackId": STACK.arn, "EventId": f"{name}-{status}", "StackName": "shop", "LogicalResourceId": name, "Timestamp": NOON,
        "PhysicalResourceId": STACK.arn if own else f"real-{name}", "ResourceStatus": status,
        "ResourceType": "AWS::CloudFormation::Stack" if own else kind,
    }  # fmt: skip


def of_events(*events: dict[str, Any]) -> StrictAws:
    return StrictAws({**GOOD, "cloudformation:DescribeStackEvents": {"StackEvents": list(events)}})


def test_what_an_update_has_touched_is_what_taking_it_back_would_put_back() -> None:
    aws = of_events(
        event("Web", "UPDATE_IN_PROGRESS"),
        event("Api", "UPDATE_COMPLETE"),
        event("Api", "UPDATE_IN_PROGRESS"),
        event("shop", "UPDATE_IN_PROGRESS"),
        event("Old", "UPDATE_COMPLETE"),
        event("shop", "CREATE_COMPLETE"),
    )
    _, undo = rehearsed(aws, UNDO, STACK)
    assert undo.passed
    assert undo.says == "It would put back 2 resource(s): Api (AWS::Lambda::Function), Web (AWS::Lambda::Function)."
    assert aws.used == {"iam:SimulatePrincipalPolicy", "cloudformation:DescribeStackEvents"}


def test_an_update_that_began_just_now_has_touched_nothing() -> None:
    _, undo = rehearsed(of_events(event("shop", "UPDATE_IN_PROGRESS")), UNDO, STACK)
    assert (undo.passed, undo.says) == (True, "The update has touched no resource yet.")


@pytest.mark.parametrize(
    "status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"]
)
def test_a_stack_that_is_not_being_updated_has_nothing_to_take_back(status: str) -> None:
    _, undo = rehearsed(of_events(event("shop", status), event("shop", "UPDATE_IN_PROGRESS")), UNDO, STACK)
    assert (undo.passed, undo.says) == (False, f"The stack is {status}: there is no update to take back.")


def test_a_rollback_that_is_stuck_names_what_the_update_had_touched() -> None:
    stuck = [event("shop", "UPDATE_ROLLBACK_FAILED"), event("Api", "UPDATE_FAILED"), event("shop", "UPDATE_ROLLBACK_IN_PROGRESS")]
    aws = of_events(*stuck, event("Web", "UPDATE_COMPLETE"), event("shop", "UPDATE_IN_PROGRESS"), event("Old", "UPDATE_COMPLETE"))
    _, undo = rehearsed(aws, UNDO, Resource(type=STACK.type, id="shop/6f2b1f0e", trusted=True))
    assert (undo.passed, undo.says.partition(":")[0]) == (True, "It would put back 2 resource(s)")
    assert aws.asked("cloudformation:DescribeStackEvents") == [{"StackName": "shop"}]


def test_a_large_update_is_named_in_part() -> None:
    many = [event(f"R{number:02}", "UPDATE_COMPLETE") for number in range(14)]
    _, undo = rehearsed(of_events(*many, event("shop", "UPDATE_IN_PROGRESS")), UNDO, STACK)
    assert undo.says.startswith("It would put back 14 resource(s): R00 ")
    assert undo.says.endswith(" and 4 more.")
