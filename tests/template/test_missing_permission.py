"""Any one permission that the remediation role lacks is named on the incident, which is then a person's: no retry storm, nothing twice.

Every permission that template.yaml grants to the role has to stand in one of the tables, and every row of them is played with the real
wiring (tests/template/permissions_played.py).
"""

import hashlib
import time
from collections.abc import Iterator

import boto3
import pytest

from remediation.wiring import wiring
from tests.fakes.permissions import Needed
from tests.fakes.remediation import completed
from tests.fakes.template import resources
from tests.template.night_without import MOST_RECEIVED, Night, Stage, Watch, stage
from tests.template.permissions_played import ABROAD, ALONE, ASKED, NOT_SAID, OF_THE_SERVICE, PULL_REQUEST, RESTART, SAID, Missing
from tests.template.reading import branches, in_policy
from watchkeeper.errors import NotAllowed
from watchkeeper.ids import now
from watchkeeper.messages import ApprovalAnswered, look_again
from watchkeeper.models import Status, StoredPayload
from watchkeeper.storage.queues import ClaimCheck

FEW = 3  # deliveries for a whole way: the analysis, what ended, what the alarm says


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("config")) as found:
        yield found


def granted() -> set[tuple[str, str]]:
    """Every permission of the role, in its own policy and in those that the catalogue writes for it, by the statement it stands in."""
    own = resources()["RemediationRole"]["Properties"]["Policies"]
    lent = [
        one["Properties"]
        for one in resources().values()
        if one["Type"] == "AWS::IAM::ManagedPolicy" and {"Ref": "RemediationRole"} in one["Properties"].get("Roles", [])
    ]
    assert lent
    statements = [each for policy in (*own, *lent) for each in in_policy("RemediationRole", policy["PolicyDocument"])]
    assert all(branches(each.effect) == ["Allow"] and each.sid for each in statements)
    return {(each.sid, action) for each in statements for action in each.actions}


def test_every_permission_of_the_role_is_played() -> None:
    played = {(one.sid, one.permission) for one in (*SAID, *NOT_SAID)} | ALONE | OF_THE_SERVICE
    assert played == granted()


ELSEWHERE = {repr(ABROAD), repr(PULL_REQUEST)}  # another account, and GitHub, which nobody plays here
NIGHTS = [night for name, night in {repr(one.night): one.night for one in SAID}.items() if name not in ELSEWHERE]


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: f"{night.action} of {night.resource.type} {night.mode} {night.ends}")
def test_with_every_permission_each_of_these_nights_runs(on: Stage, night: Night) -> None:
    """Else the refusals below would prove nothing."""
    with on.watch(night) as at:
        at.opened()
        at.deliver(completed())
        assert at.incident.status is (Status.REMEDIATING if night.mode == "auto" else Status.AWAITING_APPROVAL), at.said
        assert len(at.ssm.started) == (night.mode == "auto")
        assert "not allowed" not in at.said


def test_the_whole_way_needs_few_deliveries_and_nothing_that_only_the_service_does(
    on: Stage
) -> None:  # fmt: skip
    with on.watch(RESTART) as at:
        at.opened()
        at.play()
        assert at.incident.status is Status.RESOLVED
        assert at.deliveries == FEW
        assert not {one.permission for one in at.aws.used} & {permission for _, permission in OF_THE_SERVICE}


@pytest.mark.parametrize("missing", [one for one in SAID if not one.once], ids=str)
def test_a_missing_permission_is_named_and_nothing_is_started(on: Stage, missing: Missing) -> None:
    with on.watch(missing.night, missing.needed) as at:
        at.opened()
        at.play()
        named_and_a_persons(at, missing)


@pytest.mark.parametrize("missing", [one for one in SAID if one.once], ids=str)
def test_one_that_goes_missing_after_the_start_is_named(on: Stage, missing: Missing) -> None:
    with on.watch(missing.night, missing.needed, once=missing.once) as at:
        at.opened()
        at.play()
        named_and_a_persons(at, missing)


def named_and_a_persons(at: Watch, missing: Missing) -> None:
    assert at.aws.refused, "this night does not need it"
    assert f"not allowed: {missing.permission} on " in at.said, at.said
    assert at.is_a_persons, at.incident
    assert len(at.ssm.started) == missing.started
    assert at.deliveries <= FEW
    asked = len(at.aws.refused)
    assert at.once(at.look), "what is a person's is left alone"
    assert len(at.aws.refused) == asked


# ------------------------------------------------------- the store and the queue themselves, where nothing can be said on the incident


@pytest.mark.parametrize("missing", NOT_SAID, ids=str)
def test_what_cannot_be_written_fails_by_name_and_goes_on_once_it_may(on: Stage, missing: Missing) -> None:
    with on.watch(RESTART, missing.needed, once=missing.once) as at:
        at.opened()
        assert not at.deliver(completed()), "the record ends in the dead letter queue, where an alarm waits for it"
        assert at.deliveries == MOST_RECEIVED
        assert len(at.ssm.started) <= (1 if missing.once else 0)
        assert at.aws.refused, "this night does not need it"
        with pytest.raises(NotAllowed) as told:
            at.fails(completed())
        assert told.value.permission == missing.permission
        assert missing.on in told.value.resource
        at.given_back()
        at.go_on()
        assert at.incident.status is Status.VERIFYING
        assert len(at.ssm.started) == 1


def test_a_message_that_a_dead_worker_owes_to_remediation_names_what_is_missing_to_send_it(on: Stage) -> None:
    with on.watch(RESTART, Needed("sqs:SendMessage", "remediation")) as at:
        at.opened(owes=True)
        assert not at.deliver(at.look)
        with pytest.raises(NotAllowed, match=r"^not allowed: sqs:SendMessage on .*remediation"):
            at.fails(at.look)
        assert not at.ssm.started
        at.given_back()
        at.go_on()
        assert at.incident.status is Status.VERIFYING
        assert len(at.ssm.started) == 1


def test_a_record_that_cannot_be_put_off_comes_back_all_the_same_and_says_why(on: Stage) -> None:
    with on.watch(RESTART, Needed("sqs:ChangeMessageVisibility", "remediation")) as at:
        at.opened()
        at.deliver(completed())
        at.ssm.finish()
        assert not at.once(at.look), "its alarm is OK and has to hold"
        with pytest.raises(NotAllowed, match=r"^not allowed: sqs:ChangeMessageVisibility on .*remediation"):
            at.fails(at.look)
        time.sleep(1.1)
        assert at.once(at.look)
        assert at.incident.status is Status.RESOLVED


def test_an_answer_that_cannot_be_held_against_the_audit_trail_fails_by_name_and_is_recorded_once_it_may(on: Stage) -> None:
    with on.watch(ASKED, Needed("dynamodb:Query", "audit")) as at:
        at.opened()
        at.deliver(completed())
        plan = at.plan
        forged = ApprovalAnswered(
            incident_id=at.incident.id,
            resource_group=at.night.resource.arn,
            plan_id=plan.id,
            args_hash="another",
            state_hash=plan.state_hash,
            approver="mallory",
            approved=True,
            via="cli",
            at=now(),
        )
        assert not at.deliver(forged)
        with pytest.raises(NotAllowed, match=r"^not allowed: dynamodb:Query on audit$"):
            at.fails(forged)
        at.given_back()
        assert at.once(forged)
        assert "does not count" in at.said
        assert not at.ssm.started


def test_a_claim_check_that_may_not_be_fetched_fails_by_name_and_is_taken_in_once_it_may(on: Stage) -> None:
    with on.watch(RESTART, Needed("s3:GetObject", "messages/")) as at:
        at.opened()
        body = completed().model_dump_json().encode()
        boto3.client("s3").put_object(Bucket="bucket", Key="messages/m1", Body=body)
        stored = StoredPayload(bucket="bucket", key="messages/m1", sha256=hashlib.sha256(body).hexdigest(), size=len(body))
        check = ClaimCheck(stored=stored).model_dump_json()
        assert not at.deliver(check)
        with pytest.raises(NotAllowed, match=r"^not allowed: s3:GetObject on bucket/messages/m1$"):
            at.fails(check)
        at.given_back()
        assert at.once(check)
        assert at.incident.status is Status.REMEDIATING


def test_a_message_too_long_for_its_queue_that_may_not_be_laid_down_fails_by_name(on: Stage) -> None:
    """Nothing that remediation sends is that long; its outbox would be."""
    with (
        on.watch(RESTART, Needed("s3:PutObject", "messages/")),
        pytest.raises(NotAllowed, match=r"^not allowed: s3:PutObject on bucket/mess"),
    ):
        wiring().publisher.outbox.send([look_again("INC-1", "g", "x" * 200_001, now())])


def test_where_nothing_is_delivered_the_queues_age_tells() -> None:
    """What the service itself lacks, no code of ours can say."""
    alarms = [one["Properties"] for one in resources().values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    aged = [one for one in alarms if one.get("MetricName") == "ApproximateAgeOfOldestMessage"]
    assert any("RemediationQueue" in str(one["Dimensions"]) for one in aged)
