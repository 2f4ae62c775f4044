"""What is remembered of earlier incidents, how much it is worth, and whether today is like then."""

from datetime import timedelta

import pytest

from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import Judged
from analysis.analyst.rule import Finding
from analysis.evidence.ask import Ask, Found, Nothing, Past
from analysis.evidence.past_incidents import COLLECTOR
from analysis.joins.join import Brought
from analysis.joins.recalled import JOIN
from analysis.recall import earlier, strength
from tests.fakes.memory import MemoryIncidents
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from tests.unit.analysis.stories import a_case
from watchkeeper.change import change
from watchkeeper.models import Analysis, Cause, Citation, Engine, Feedback, Incident, Plan, Row, Ruling, Severity, Verdict, Verification

DAY = timedelta(days=1)
THEN = an_incident(id="INC-THEN", fired_at=NIGHT - 30 * DAY, analysis_id="A1", plan_id="P1", execution_id="X1")
NOW = an_incident(id="INC-NOW", fired_at=NIGHT)
ANALYSIS = Analysis(
    id="A1", engine=Engine.DETERMINISTIC, summary="s", root_cause="The pool ran dry.", cause=Cause.POOL_EXHAUSTED, confidence=0.82,
    severity=Severity.SEV2, made_at=NIGHT, sources={"E3": "logs"},
    citations=(Citation(evidence_id="E3", quote="2026-10-21T02:58:00Z /orders/app web/1  FATAL: no slot left, 112 in use"),),
)  # fmt: skip
PLAN = Plan(
    id="P1", incident_id="INC-THEN", action="ec2-restart", target=INSTANCE, parameters={}, args_hash="a", state_hash="s",
    verdict=Verdict(ruling=Ruling.RUN, reasons=()), made_at=NIGHT,
)  # fmt: skip
HELPED = Verification(execution_id="X1", passed=True, alarm_state="OK", why="It was OK.", at=NIGHT)
FAILED = HELPED.but(passed=False)


def word(*, right: bool, by: str = "ada", hours: int = 0, **but: object) -> Feedback:
    return Feedback.model_validate({"analysis_id": "A1", "by": by, "right": right, "at": NIGHT + timedelta(hours=hours), **but})


def past(*feedback: Feedback, verification: Verification | None = None, incident: Incident = THEN) -> Past:
    return Past(incident, ANALYSIS, PLAN, verification, feedback)


@pytest.mark.parametrize(
    ("then", "worth"),
    [
        pytest.param(past(), 0.3, id="nobody said anything: 0.6, halved in thirty days"),
        pytest.param(past(verification=HELPED), 0.5, id="its fix was proven"),
        pytest.param(past(verification=FAILED), 0.3, id="its fix did not help"),
        pytest.param(past(word(right=True)), 0.5, id="somebody said that it was right"),
        pytest.param(past(word(right=False), verification=HELPED), 0.0, id="people know better than the alarm"),
        pytest.param(past(word(right=False), word(right=True, by="bob", hours=1)), 0.5, id="the last word counts"),
        pytest.param(past(incident=THEN.but(fired_at=NIGHT + DAY)), 0.6, id="a clock that went back makes nothing stronger"),
    ],
)
def test_what_a_memory_is_worth(then: Past, worth: float) -> None:
    assert strength(then, NIGHT) == worth


def store(*incidents: Incident, rows: tuple[Row, ...] = ()) -> MemoryIncidents:
    memory = MemoryIncidents()
    for incident in incidents:
        memory.write(change(incident.but(version=0), [], NIGHT, new=rows if incident is THEN else (), quiet=True))
    return memory


def test_the_same_fingerprint_comes_first_and_itself_never() -> None:
    other = THEN.but(id="INC-OTHER", fingerprint="fp-other", fired_at=NIGHT - DAY)
    unexplained = THEN.but(id="INC-OPEN", analysis_id="")
    memory = store(NOW, other, THEN, unexplained, rows=(ANALYSIS, PLAN, HELPED, word(right=True), word(right=True).but(analysis_id="A0")))
    found = earlier(NOW, memory, NIGHT)
    assert [one.incident.id for one in found] == ["INC-THEN", "INC-OTHER"]
    assert (found[0].analysis, found[0].plan, found[0].verification) == (ANALYSIS, PLAN, HELPED)
    assert [one.analysis_id for one in found[0].feedback] == ["A1"]


def ask(*known: Past) -> Ask:
    return Ask(
        incident=NOW, alerts=(), service=None, now=NIGHT, region="eu-west-1", client=lambda *_: None, redact=str, pause=lambda _: None,
        past=lambda: known,
    )  # fmt: skip


def told(*known: Past) -> str:
    found = COLLECTOR.collect(ask(*known))
    assert isinstance(found, Found)
    return found.body


def test_the_evidence_tells_what_was_done_and_what_people_said() -> None:
    said = word(right=True, true_cause=Cause.DISK_FULL, says="It was\npast incident INC-FAKE: the disk.")
    assert told(past(said, verification=HELPED)).splitlines() == [
        "past incident INC-THEN: 2026-10-21T03:00:00Z, cause pool_exhausted (82%), fixed by ec2-restart, strength 0.5",
        "people said: right, true cause disk_full: It was",
        "      past incident INC-FAKE: the disk.",
        "explained as: The pool ran dry.",
        "cited then, logs: 2026-10-21T02:58:00Z /orders/app web/1  FATAL: no slot left, 112 in use",
    ]
    assert "ec2-restart did not help" in told(past(verification=FAILED))
    assert isinstance(COLLECTOR.collect(ask()), Nothing)


def recalled(text: str, **texts: str) -> str:
    found = JOIN.join(Brought({"past": text, **texts}, NIGHT))
    return found.body if isinstance(found, Found) else ""


def test_only_what_is_seen_again_today_is_recalled() -> None:
    then = told(past(word(right=True), verification=HELPED))
    today = "2026-11-20T02:59:30Z /orders/app web/9  FATAL: no slot left, 97 in use"
    again = "recalled INC-THEN: 1 of 1 lines that it cited are there again, cause pool_exhausted, fixed by ec2-restart, strength 0.5"
    assert recalled(then, logs=today) == again
    assert recalled(then, logs="2026-11-20T02:59:30Z /orders/app web/9  INFO all is well") == ""
    assert recalled(then, metric=today) == "", "the line is looked for where it was found then"


def test_what_people_called_wrong_is_not_recalled_and_a_true_cause_replaces_the_guess() -> None:
    today = "2026-11-20T02:59:30Z /orders/app web/9  FATAL: no slot left, 97 in use"
    assert recalled(told(past(word(right=False))), logs=today) == ""
    assert "cause disk_full" in recalled(told(past(word(right=True, true_cause=Cause.DISK_FULL))), logs=today)


def test_a_cause_that_was_seen_before_ends_a_draw_and_makes_nothing_surer() -> None:
    finding = Finding(0.6, "It is so.", ())
    by_cause = {rule.cause: Judged(rule, finding, measured=True) for rule in rules()}
    disk, throttled = by_cause[Cause.DISK_FULL], by_cause[Cause.THROTTLED]
    drawn = sorted((disk, throttled), key=lambda one: one.place(()))
    assert [one.cause for one in drawn] == [Cause.DISK_FULL, Cause.THROTTLED]
    recalled_first = sorted((disk, throttled), key=lambda one: one.place({"throttled"}))
    assert [one.cause for one in recalled_first] == [Cause.THROTTLED, Cause.DISK_FULL]
    assert {one.finding.confidence for one in recalled_first} == {0.6}


def test_what_was_seen_before_is_told_for_its_own_cause_alone() -> None:
    line = "recalled INC-THEN: 3 of 4 lines that it cited are there again, cause cpu_saturation, fixed by ec2-restart, strength 0.5"
    sample = next(rule.sample for rule in rules() if rule.cause is Cause.CPU_SATURATION)
    with_memory, without = draft(a_case({**sample, "recalled": line})), draft(a_case(dict(sample)))
    assert with_memory.contributing == (*without.contributing, "It looks like INC-THEN, fixed by ec2-restart.")
    assert (with_memory.cause, with_memory.confidence) == (without.cause, without.confidence)
    other = draft(a_case({**sample, "recalled": line.replace("cpu_saturation", "disk_full")}))
    assert other.contributing == without.contributing
