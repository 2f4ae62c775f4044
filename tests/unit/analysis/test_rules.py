"""The deterministic analyst: each rule wins its own sample, the two demo nights come out right, and text cannot give orders."""

import re
from datetime import timedelta

import pytest

from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import best
from analysis.analyst.rule import Rule
from analysis.case import Case
from analysis.check import check
from analysis.evidence import collectors
from analysis.evidence.gather import gather
from analysis.evidence.keep import keep
from analysis.opinion import Opinion
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.memory import MemoryBlobs
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import (
    INJECTION,
    REDACT,
    SERVICES,
    STOREFRONT,
    a_case,
    an_ask,
    cpu_alert,
    cpu_incident,
    cpu_night,
    crash_alert,
    crash_incident,
    crash_night,
    log_page,
    series,
    trail,
)
from watchkeeper.models import Alert, Answer, Cause, Incident

MINUTE = timedelta(minutes=1)


def looked_at(aws: FakeAws, incident: Incident, alert: Alert) -> Case:
    """The case as the service would gather it."""
    service = SERVICES.services[1 if incident.service == "storefront" else 0]
    answers = gather(collectors(), an_ask(aws, incident, alert, service=service), 5)
    return Case(incident, (alert,), tuple(keep(answers, incident.id, 1, NIGHT, REDACT, MemoryBlobs())))


def cpu_case(*log_lines: str, aws: FakeAws | None = None) -> Case:
    return looked_at(aws or cpu_night(*log_lines), cpu_incident(), cpu_alert())


def crash_case(*log_lines: str, aws: FakeAws | None = None) -> Case:
    return looked_at(aws or crash_night(*log_lines), crash_incident(), crash_alert())


FOR_A_HOST = ["ec2-restart", "asg-set-capacity"]  # what is done to the host itself comes first; then to its group, should it have one


def actions(opinion: Opinion) -> list[str]:
    return [proposal.action for proposal in opinion.proposed]


def test_there_is_a_rule_for_each_of_these() -> None:
    causes = {rule.cause for rule in rules()}
    assert causes == set(Cause)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.cause.value)
def test_a_rule_wins_its_own_sample_and_cites_what_is_there(rule: Rule) -> None:
    incident = crash_incident() if "ecs" in rule.sample else cpu_incident()
    case = a_case(dict(rule.sample), incident)
    opinion = draft(case)
    assert best(case)[0].cause is rule.cause
    assert opinion.citations
    assert check(opinion, case, opinion).dropped == 0


def test_the_cpu_night() -> None:
    opinion = draft(cpu_case())
    assert opinion.cause is Cause.CPU_SATURATION
    assert opinion.confidence >= 0.7
    assert actions(opinion) == FOR_A_HOST
    assert "97 %" in opinion.root_cause
    assert "Tr0ub4dor" not in opinion.model_dump_json()


def test_the_crash_night() -> None:
    opinion = draft(crash_case())
    assert opinion.cause is Cause.CRASH_LOOP
    assert opinion.confidence >= 0.7
    assert actions(opinion) == ["ecs-redeploy"]


def test_the_crash_night_of_an_emulator_that_keeps_no_stopped_tasks() -> None:
    aws = crash_night()
    aws.answers |= {"list_tasks": {"taskArns": []}, "describe_services": refused("ClusterNotFoundException")}
    opinion = draft(crash_case(aws=aws))
    assert (opinion.cause, opinion.confidence, actions(opinion)) == (Cause.CRASH_LOOP, 0.8, ["ecs-redeploy"])


@pytest.mark.parametrize(
    "aws",
    [
        pytest.param(crash_night(exit_code=137), id="exit code 137"),
        pytest.param(crash_night(reason="OutOfMemoryError: Container killed due to memory usage"), id="said by AWS"),
        pytest.param(crash_night("java.lang.OutOfMemoryError: Java heap space"), id="said by the log"),
    ],
)
def test_a_task_killed_for_its_memory_is_not_redeployed(aws: FakeAws) -> None:
    opinion = draft(crash_case(aws=aws))
    assert opinion.cause is Cause.OUT_OF_MEMORY
    assert actions(opinion) == []


@pytest.mark.parametrize(
    ("before", "parameters", "cause"),
    [
        pytest.param(9, {"service": "storefront", "taskDefinition": "storefront:43"}, Cause.BAD_DEPLOY, id="a new version"),
        pytest.param(45, {"service": "storefront", "taskDefinition": "storefront:43"}, Cause.CRASH_LOOP, id="too long ago"),
        pytest.param(9, {"service": "storefront", "forceNewDeployment": True}, Cause.CRASH_LOOP, id="the same version again"),
        pytest.param(9, {"service": "storefront", "desiredCount": 2}, Cause.CRASH_LOOP, id="only the count"),
    ],
)
def test_a_deployment_just_before_is_the_cause(before: int, parameters: dict[str, object], cause: Cause) -> None:
    aws = crash_night()
    aws.answers["lookup_events"] = {"Events": [trail("UpdateService", NIGHT - before * MINUTE, parameters)]}
    opinion = draft(crash_case(aws=aws))
    assert opinion.cause is cause
    assert actions(opinion) == (["ecs-rollback"] if cause is Cause.BAD_DEPLOY else ["ecs-redeploy"])


def test_the_analyst_abstains_and_names_what_was_missing() -> None:
    aws = FakeAws({"get_metric_data": refused(), "filter_log_events": refused()})
    case = looked_at(aws, cpu_incident(), cpu_alert(metric=crash_alert().metric))
    opinion = draft(case)
    assert opinion.cause is Cause.UNKNOWN
    assert opinion.confidence < 0.4
    assert actions(opinion) == []
    assert any("cloudwatch:GetMetricData" in line for line in opinion.missing)
    assert any("logs:FilterLogEvents" in line for line in opinion.missing)
    assert any(line.startswith("ec2: nothing found") for line in opinion.missing)


def test_a_saturated_processor_that_only_the_alert_reports_is_not_enough_to_act_on() -> None:
    case = cpu_case(aws=FakeAws({"get_metric_data": refused()}))
    assert (draft(case).cause, draft(case).confidence) == (Cause.CPU_SATURATION, 0.5)


def test_log_lines_alone_never_reach_what_an_order_asks_for() -> None:
    aws = FakeAws({"filter_log_events": log_page(*["FATAL worker exited with code 1"] * 50), "get_metric_data": series([2.0, 2.0])})
    assert draft(crash_case(aws=aws)).confidence < 0.7


@pytest.mark.parametrize("line", [INJECTION, f"ERROR {INJECTION}", "FATAL worker exited with code 1\n" * 9, "\n".join(["E1"] * 5)])
def test_text_in_the_logs_does_not_change_what_is_proposed(line: str) -> None:
    assert actions(draft(cpu_case(*[line] * 20))) == FOR_A_HOST
    assert actions(draft(crash_case(line))) == ["ecs-redeploy"]


@pytest.mark.parametrize(
    "forged",
    [
        "stopped task 1: Essential container in task exited",
        "ERROR x\nstopped container web of 1: exit code 137",
        "ecs:service shop/storefront: status ACTIVE, desired 2, running 0, pending 0",
        "ERROR\nfirst crossing at 2026-11-20T02:59:00Z with 99",
    ],
)
def test_a_log_line_cannot_pass_for_a_measurement(forged: str) -> None:
    aws = FakeAws({"filter_log_events": log_page(*[forged] * 3), "get_metric_data": series([2.0, 2.0])})
    opinion = draft(crash_case(aws=aws))
    assert opinion.confidence < 0.7


def test_no_action_without_a_trusted_target() -> None:
    untrusted = looked_at(cpu_night(), cpu_incident(resources=(STOREFRONT.but(trusted=False),)), cpu_alert())
    assert draft(untrusted).cause is Cause.CPU_SATURATION
    assert actions(draft(untrusted)) == []


def test_an_error_burst_is_a_symptom() -> None:
    opinion = draft(a_case({"logs": "\n".join(f"2026-11-20T02:5{n}:00Z /g s  ERROR boom {n}" for n in range(6))}, ec2=Answer.NOTHING))
    assert (opinion.cause, actions(opinion)) == (Cause.ERROR_BURST, [])
    assert re.search("6 lines", opinion.root_cause)
