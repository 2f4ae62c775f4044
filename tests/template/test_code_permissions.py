"""A function may do as much as its code does, and no more."""

import re
from pathlib import Path

import pytest

from tests.fakes.template import ROOT
from tests.template.reach import actions_on, reaches_out
from tests.template.reading import STAGES, WORKING_OFF, granted, target

CALLS = re.compile(r"\"((?:ec2|ecs|logs|cloudwatch|cloudtrail|ssm|ses):[A-Z][A-Za-z]+|tag:Get[A-Za-z]+|iam:List[A-Za-z]+)\"")
ON_THE_WAY = {"logs:CreateLogStream", "logs:PutLogEvents"}  # the runtime's
IN_OUR_WORDS = re.compile(r"in_our_words\(\s*\"([a-z0-9-]+:[A-Za-z]+)\"")
ASKED_WITH_IT = {"ssm:StartAutomationExecution": {"ssm:AddTagsToResource", "iam:PassRole"}}  # a start with tags and a role asks for all


def code_of(stage: str) -> str:
    return "\n".join(path.read_text() for path in sorted(Path(ROOT, "src", stage.lower()).rglob("*.py")))


def test_what_remediation_calls_is_granted_and_nothing_is_granted_that_it_does_not_call() -> None:
    """In every service, by the permission that is named around each call (test_looks: those are the calls). It names others besides,
    of calls that it asks IAM about and never makes."""
    called = set(IN_OUR_WORDS.findall(code_of("Remediation")))
    assert reaches_out("RemediationRole") == called | {more for call in called for more in ASKED_WITH_IT.get(call, set())}


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "Remediation"])
def test_what_the_code_calls_is_granted_and_nothing_is_granted_that_it_does_not_call(stage: str) -> None:
    """Code names the permission of each call, for its error messages; the role names the same."""
    called = set(CALLS.findall(code_of(stage)))
    may = {action for one in granted(f"{stage}Role") for action in one.actions if CALLS.match(f'"{action}"')} - ON_THE_WAY
    assert may == called


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_may_send_to_the_queues_that_it_is_wired_to(stage: str) -> None:
    wired = {f"{name.title()}Queue" for name in re.findall(r"Queue\.([A-Z]+): settings\.", code_of(stage))}
    sends = {target(r) for one in granted(f"{stage}Role") if "sqs:SendMessage" in one.actions for r in one.resources}
    assert sends - {"IntakeDeadLetters"} == wired


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in WORKING_OFF])
def test_who_works_off_no_queue_reads_none(stage: str) -> None:
    assert "sqs:ReceiveMessage" not in {action for one in granted(f"{stage}Role") for action in one.actions}


@pytest.mark.parametrize("stage", WORKING_OFF)
def test_a_function_reads_its_own_queue_alone(stage: str) -> None:
    own = {"Reception": "IntakeQueue"}.get(stage, f"{stage}Queue")
    (receive,) = [one for one in granted(f"{stage}Role") if "sqs:ReceiveMessage" in one.actions]
    assert [target(one) for one in receive.resources] == [own]
    assert {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"} < set(receive.actions)


TABLE_CALLS = {
    "load": "dynamodb:GetItem", "row": "dynamodb:GetItem", "episode": "dynamodb:GetItem", "linked": "dynamodb:GetItem",
    "cooling": "dynamodb:GetItem", "rows": "dynamodb:Query", "owed": "dynamodb:Query", "put_delivery": "dynamodb:PutItem",
    "episodes": "dynamodb:BatchGetItem", "look_up": "dynamodb:BatchGetItem", "aside": "dynamodb:Query", "tally": "dynamodb:UpdateItem",
    "on_resource": "dynamodb:Query", "of_service": "dynamodb:Query",
    "put_episode": "dynamodb:PutItem", "publish": "dynamodb:PutItem", "settle": "dynamodb:DeleteItem",
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_what_the_code_asks_of_the_tables_is_granted_and_no_more(stage: str) -> None:
    code = code_of(stage)
    if "watchkeeper.story import" in code:  # the layer's own reading, for those who tell the whole story
        code += Path(ROOT, "layers/shared/watchkeeper/story.py").read_text()
    said = set(re.findall(r"(?:incidents|publisher)\.([a-z_]+)\(", code))
    needed = {TABLE_CALLS[call] for call in said if call in TABLE_CALLS} | ({"dynamodb:DeleteItem"} if "publish" in said else set())
    needed |= {call for call in IN_OUR_WORDS.findall(code) if call.startswith("dynamodb:") and stage == "Toolbox"}  # its own journal
    assert actions_on(f"{stage}Role", "IncidentsTable") - ({"dynamodb:Query"} if stage == "Sweeper" else set()) == needed
    assert ("dynamodb:PutItem" in actions_on(f"{stage}Role", "AuditTable")) is bool({"publish", "append"} & said)
    assert ("dynamodb:Query" in actions_on(f"{stage}Role", "AuditTable")) is ("history" in said)


PURSE_AND_CACHE = {
    "DynamoAnalyses(": {"dynamodb:UpdateItem", "dynamodb:PutItem"},
    "DynamoBudget(": {"dynamodb:UpdateItem"},
    ".forget,": {"dynamodb:DeleteItem"},
}


@pytest.mark.parametrize("stage", STAGES)
def test_who_remembers_analyses_or_pays_from_a_purse_may_do_that_there(stage: str) -> None:
    """Whoever only forgets neither finds nor keeps."""
    code = code_of(stage)
    used = {what for what in PURSE_AND_CACHE if what in code}
    used -= {"DynamoAnalyses("} if ".forget," in used else set()
    assert actions_on(f"{stage}Role", "AnalysesTable") == {call for what in used for call in PURSE_AND_CACHE[what]}


def test_the_sweeper_reads_the_index_of_what_is_due_and_no_other() -> None:
    (due,) = [one for one in granted("SweeperRole") if one.actions == ("dynamodb:Query",)]
    assert due.resources == ({"Fn::Sub": "${IncidentsTable.Arn}/index/due"},)


@pytest.mark.parametrize("stage", STAGES)
def test_bytes_are_put_only_under_the_prefixes_that_the_code_uses(stage: str) -> None:
    """Long messages and anchored heads are in the layer; what else a stage stores is in its own code."""
    own = set(re.findall(r"blobs\.put\(\s*f\"([a-z]+)/", code_of(stage)))
    puts = {str(r["Fn::Sub"]).split("/")[1] for one in granted(f"{stage}Role") if "s3:PutObject" in one.actions for r in one.resources}
    heads = {"heads"} if "S3Anchors(" in code_of(stage) else set()
    messages = {"messages"} if "SqsOutbox(" in code_of(stage) else set()
    assert puts == own | messages | heads
