"""What an alert does to its incident: the whole table, and what each answer writes."""

from datetime import timedelta
from typing import Any

import pytest

from reception.folding import Situation, fold
from tests.fakes.words import NIGHT, an_alert, an_incident
from watchkeeper.audit import faults
from watchkeeper.change import Change
from watchkeeper.episodes import Episode, Verdict
from watchkeeper.messages import AnalysisAsked, IncidentChanged, LookAgain
from watchkeeper.models import AlertKind, DueKind, Incident, Severity, Status

MINUTE = timedelta(minutes=1)
ID = an_incident().id
QUIET = Episode(fingerprint="fp-cpu")
OPEN = Episode(fingerprint="fp-cpu", revision=3, open_incident=ID)
CLOSED = Episode(fingerprint="fp-cpu", revision=4, last_incident=ID, resolved_at=NIGHT)
OVER: dict[str, Any] = {"status": Status.RESOLVED, "resolved_at": NIGHT}


def situation(kind: str, minutes: float, episode: Episode, incident: Incident | None, **alert: Any) -> Situation:
    when = NIGHT + minutes * MINUTE
    return Situation(an_alert(kind=AlertKind(kind), occurred_at=when, **alert), episode, incident, when, 10 * MINUTE, "INC-NEW", "1-trace")


def folded(*given: Any, **alert: Any) -> Change:
    found = fold(situation(*given, **alert)).change
    assert found
    assert faults(found.records) == [] or found.incident.version > 1
    return found


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        pytest.param(("firing", 0, QUIET, None), Verdict.OPEN, id="first of its kind"),
        pytest.param(("info", 0, QUIET, None), Verdict.IGNORE, id="information about nothing"),
        pytest.param(("resolved", 0, QUIET, None), Verdict.IGNORE, id="over before it fired"),
        pytest.param(("firing", 1, OPEN, an_incident()), Verdict.JOIN, id="one more"),
        pytest.param(("info", 1, OPEN, an_incident()), Verdict.JOIN, id="information"),
        pytest.param(("resolved", 1, OPEN, an_incident()), Verdict.RESOLVE, id="over"),
        pytest.param(("resolved", 0, OPEN, an_incident()), Verdict.RESOLVE, id="over in the same instant"),
        pytest.param(("resolved", -1, OPEN, an_incident()), Verdict.IGNORE, id="an OK that the next firing overtook"),
        pytest.param(("firing", 5, CLOSED, an_incident(**OVER)), Verdict.REOPEN, id="back within the settling time"),
        pytest.param(("firing", 10, CLOSED, an_incident(**OVER)), Verdict.OPEN, id="back after it"),
        pytest.param(("firing", -1, CLOSED, an_incident(**OVER)), Verdict.IGNORE, id="delivered late"),
        pytest.param(("resolved", -1, CLOSED, an_incident(**OVER)), Verdict.IGNORE, id="OK delivered late"),
        pytest.param(
            ("firing", 5, CLOSED, an_incident(status=Status.ESCALATED)), Verdict.OPEN, id="its last incident lives on by a person"
        ),
        pytest.param(("firing", 5, OPEN, an_incident(**OVER)), Verdict.REOPEN, id="resolved by a stage that left the pointer"),
        pytest.param(("firing", 30, OPEN, an_incident(**OVER)), Verdict.OPEN, id="the same, long ago"),
        pytest.param(("firing", 1, OPEN, None), Verdict.OPEN, id="the incident it points to is gone"),
        pytest.param(("firing", 1, QUIET.but(revision=1, resolved_at=NIGHT), None), Verdict.OPEN, id="an OK was all we ever heard"),
        pytest.param(("firing", -1, QUIET.but(revision=1, resolved_at=NIGHT), None), Verdict.IGNORE, id="its OK came first"),
    ],
)
def test_an_alert_opens_joins_or_closes(given: tuple[Any, ...], verdict: Verdict) -> None:
    found = fold(situation(*given))
    assert found.verdict is verdict
    assert (found.change is not None) == (verdict is not Verdict.IGNORE)


def test_opening_writes_the_incident_its_pointer_and_its_debts() -> None:
    opened = folded("firing", 0, QUIET, None)
    incident = opened.incident
    assert (incident.id, incident.version, incident.status, incident.alert_count) == ("INC-NEW", 1, Status.OPEN, 1)
    assert incident.trace_id == "1-trace"
    assert incident.due
    assert incident.due.kind is DueKind.ANALYSIS
    assert opened.episode == QUIET.but(revision=1, open_incident="INC-NEW")
    assert opened.owed == (
        AnalysisAsked(incident_id="INC-NEW", version=1, trace_id="1-trace"),
        IncidentChanged(incident_id="INC-NEW", version=1, trace_id="1-trace"),
    )
    assert [record.kind for record in opened.records] == ["incident.opened"]
    assert opened.new == (an_alert(),)


def test_joining_is_quiet_unless_it_is_worse() -> None:
    assert folded("firing", 1, OPEN, an_incident()).owed == ()
    worse = folded("firing", 1, OPEN, an_incident(), severity=Severity.SEV1)
    assert worse.incident.severity is Severity.SEV1
    assert [type(m) for m in worse.owed] == [IncidentChanged]
    milder = folded("firing", 1, OPEN, an_incident(), severity=Severity.SEV4)
    assert (milder.incident.severity, milder.incident.alert_count, milder.incident.fired_at) == (Severity.SEV2, 2, NIGHT + MINUTE)


def test_firing_again_takes_back_that_it_had_cleared_unless_it_is_older() -> None:
    cleared = an_incident(status=Status.VERIFYING, cleared_at=NIGHT + 2 * MINUTE)
    assert folded("firing", 3, OPEN, cleared).incident.cleared_at is None
    assert folded("firing", 1, OPEN, cleared).incident.cleared_at == NIGHT + 2 * MINUTE
    assert folded("info", 3, OPEN, cleared).incident.cleared_at == NIGHT + 2 * MINUTE


@pytest.mark.parametrize("status", [Status.OPEN, Status.INVESTIGATING, Status.AWAITING_APPROVAL, Status.ESCALATED, Status.SUPPRESSED])
def test_an_ok_resolves_what_nobody_is_at_work_on(status: Status) -> None:
    over = folded("resolved", 1, OPEN, an_incident(status=status))
    assert (over.incident.status, over.incident.resolved_at, over.incident.due) == (Status.RESOLVED, NIGHT + MINUTE, None)
    assert over.episode == Episode(fingerprint="fp-cpu", revision=4, last_incident=ID, resolved_at=NIGHT + MINUTE)
    assert [record.kind for record in over.records] == ["alert.cleared", "incident.resolved"]
    assert [type(message) for message in over.owed] == [IncidentChanged]


@pytest.mark.parametrize("status", [Status.REMEDIATING, Status.VERIFYING])
def test_an_ok_during_the_work_is_remediations_to_judge(status: Status) -> None:
    over = folded("resolved", 1, OPEN, an_incident(status=status))
    assert (over.incident.status, over.incident.cleared_at, over.episode) == (status, NIGHT + MINUTE, None)
    (look,) = over.owed
    assert isinstance(look, LookAgain)
    assert look.resource_group == an_incident().group
    assert [record.kind for record in over.records] == ["alert.cleared"]


def test_reopening_starts_the_analysis_anew_and_keeps_what_was_tried() -> None:
    before = an_incident(**OVER, version=9, analysis_claim="m", analysis_id="AN-1", plan_id="PL-1", execution_id="EX-1", cleared_at=NIGHT)
    again = folded("firing", 5, CLOSED, before)
    incident = again.incident
    assert (incident.status, incident.version, incident.resolved_at, incident.cleared_at) == (Status.OPEN, 10, None, None)
    assert (incident.analysis_claim, incident.analysis_id, incident.plan_id, incident.execution_id) == ("", "", "", "")
    assert again.owed[0] == AnalysisAsked(incident_id=ID, version=10)
    assert again.episode
    assert (again.episode.open_incident, again.episode.revision) == (ID, 5)
    assert again.records[0].says == f"Fired again 5 min after it was resolved: {before.title}"


def test_an_ok_that_comes_first_is_remembered_once() -> None:
    first = fold(situation("resolved", 0, QUIET, None))
    assert first.episode == Episode(fingerprint="fp-cpu", revision=1, resolved_at=NIGHT)
    assert fold(situation("resolved", 0, first.episode, None)).episode is None
    assert fold(situation("info", 0, QUIET, None)).episode is None
