"""The whole way of one message, with every port in memory: twice, in the wrong order, and dying anywhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from analysis.service import analyse
from analysis.thought import Matter, Thought
from claude.question import Usage
from tests.fakes.aws_accounts import FakeAws
from tests.unit.analysis.stories import House, cpu_night, crash_alert, crash_incident, crash_night
from watchkeeper.audit import faults
from watchkeeper.change import Change, change
from watchkeeper.errors import NotYet, Throttled
from watchkeeper.messages import AnalysisAsked, AnalysisCompleted, IncidentChanged
from watchkeeper.models import Analysis, Answer, Citation, Due, DueKind, Engine, Evidence, Happening, Route, Status
from watchkeeper.states import Move, move


def analyses(house: House) -> list[Analysis]:
    return house.incidents.rows(house.incident.id, Analysis)


def run(house: House, claim: str = "m1", **settings: Any) -> Analysis:
    analyse(house.asked, claim, house.wiring(**settings))
    return analyses(house)[-1]


@dataclass
class Model:
    """A second opinion that quotes a real line, or whatever it is told to quote."""

    quote: str = "first crossing at"
    calls: int = 0
    but: dict[str, Any] = field(default_factory=dict)

    def __call__(self, matter: Matter, seconds_left: Callable[[], float]) -> Thought:
        self.calls += 1
        lines = [(e.evidence.id, line) for e in matter.case.exhibits for line in e.text.splitlines() if self.quote in line]
        quotes = tuple(Citation(evidence_id=name, quote=line) for name, line in lines) or (Citation(evidence_id="E1", quote=self.quote),)
        opinion = matter.draft.but(summary="Claude says so.", citations=quotes, **self.but)
        return Thought(opinion, "", Route.TRIAGE, "claude-haiku-5-5", Usage(fresh=1000, out=100), 0.001)


def test_the_cpu_night_from_alert_to_analysis() -> None:
    house = House(cpu_night())
    analysis = run(house)
    assert (analysis.engine, analysis.cause.value) == (Engine.DETERMINISTIC, "cpu_saturation")
    assert analysis.confidence >= 0.7
    assert [proposal.action for proposal in analysis.proposed] == ["ec2-restart", "asg-set-capacity"]
    assert analysis.notes[0] == "Claude was not asked: there is no Anthropic API key in the secret"
    evidence = house.incidents.rows(house.incident.id, Evidence)
    assert [e.id for e in evidence] == [f"E{number}" for number in range(1, len(evidence) + 1)]
    assert [e.collector for e in evidence if e.answer is Answer.FOUND][:2] == ["alert", "metric"]
    assert (house.now.status, house.now.analysis_id, house.now.due) == (Status.INVESTIGATING, analysis.id, None)
    kinds = [record.kind for record in house.incidents.history(house.incident.id)]
    assert kinds == ["analysis.started", "analysis.completed"]
    assert faults(house.incidents.history(house.incident.id), house.anchors.of(house.incident.id)) == []
    completed = house.outbox.take(AnalysisCompleted)
    assert [(message.analysis_id, message.group) for message in completed] == [(analysis.id, house.incident.group)]
    assert house.outbox.take(IncidentChanged)[-1].version == house.now.version
    assert house.incidents.owed(house.incident.id) == []


def test_the_crash_night_from_alert_to_analysis() -> None:
    house = House(crash_night(), crash_incident(), crash_alert())
    analysis = run(house)
    assert analysis.cause.value == "crash_loop"
    assert [proposal.action for proposal in analysis.proposed] == ["ecs-redeploy"]


def test_every_citation_is_in_the_stored_evidence_and_no_secret_is() -> None:
    house = House(cpu_night())
    analysis = run(house)
    stored = {evidence.id: evidence.body for evidence in house.incidents.rows(house.incident.id, Evidence)}
    assert analysis.citations
    assert all(citation.quote in stored[citation.evidence_id] for citation in analysis.citations)
    assert "Tr0ub4dor" not in "".join(row.model_dump_json() for row in house.incidents.lying[house.incident.id].values())


def test_a_second_delivery_changes_nothing() -> None:
    house = House(cpu_night())
    run(house)
    before, sent = house.now, len(house.outbox.sent)
    analyse(house.asked, "m1", house.wiring())
    analyse(house.asked, "another copy", house.wiring())
    assert (house.now, len(house.outbox.sent), len(analyses(house))) == (before, sent, 1)


def test_while_another_message_holds_the_lease_this_one_leaves_quietly() -> None:
    house = House(cpu_night())
    due = Due(kind=DueKind.ANALYSIS, at=house.clock.tick(0))
    house.clock.tick(-10)
    house.incidents.write(change(house.now, [], house.clock(), quiet=True, status=Status.INVESTIGATING, analysis_claim="m0", due=due))
    analyse(house.asked, "m1", house.wiring())
    assert analyses(house) == []
    assert house.aws.calls == []
    house.clock.tick(11)
    analyse(house.asked, "m1", house.wiring())
    assert len(analyses(house)) == 1
    assert "again" in house.incidents.history(house.incident.id)[0].says


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.ESCALATED, Status.REMEDIATING, Status.SUPPRESSED])
def test_what_is_no_longer_to_be_analysed_is_left_alone(status: Status) -> None:
    house = House(cpu_night())
    house.incidents.write(change(house.now, [], house.clock(), quiet=True, status=status))
    analyse(house.asked, "m1", house.wiring())
    assert (analyses(house), house.aws.calls) == ([], [])


def test_an_incident_that_is_not_there_yet_is_asked_for_again() -> None:
    with pytest.raises(NotYet):
        analyse(AnalysisAsked(incident_id="INC-NONE", version=1), "m1", House(cpu_night()).wiring())


def meanwhile(house: House, happens: Callable[[], Change]) -> FakeAws:
    """AWS answers as before, and while it does, somebody else changes the incident."""
    answer = house.aws.answers["get_metric_data"]
    done: list[int] = []

    def metric(**_: Any) -> Any:
        if not done:
            done.append(1)
            house.incidents.write(happens())
        return answer

    house.aws.answers["get_metric_data"] = metric
    return house.aws


def test_an_alert_that_joins_meanwhile_is_no_reason_to_begin_again() -> None:
    house = House(cpu_night())
    joined = Happening(actor="reception", kind="alert.joined", says="One more.")
    meanwhile(house, lambda: change(house.now, [joined], house.clock(), alert_count=2))
    analysis = run(house)
    assert (house.now.analysis_id, house.now.alert_count) == (analysis.id, 2)
    assert faults(house.incidents.history(house.incident.id)) == []


def test_an_incident_that_clears_meanwhile_is_left_resolved() -> None:
    house = House(cpu_night())
    meanwhile(house, lambda: change(house.now, [], house.clock(), status=move(house.now.status, Move.CLEARED), due=None))
    analyse(house.asked, "m1", house.wiring())
    assert (house.now.status, analyses(house), house.outbox.take(AnalysisCompleted)) == (Status.RESOLVED, [], [])


def test_an_incident_that_reopens_is_analysed_again_and_its_evidence_is_kept() -> None:
    house = House(cpu_night())
    first = run(house)
    before = house.incidents.rows(house.incident.id, Evidence)
    house.incidents.write(change(house.now, [], house.clock(), status=Status.OPEN))
    analyse(AnalysisAsked(incident_id=house.incident.id, version=house.now.version), "m2", house.wiring())
    kept = house.incidents.rows(house.incident.id, Evidence)
    assert kept[: len(before)] == before
    assert [evidence.id for evidence in kept] == [f"E{n}" for n in range(1, 2 * len(before) + 1)]
    assert len(analyses(house)) == 2
    assert house.now.analysis_id != first.id
    late = house.asked
    house.incidents.write(change(house.now, [], house.clock(), status=Status.OPEN))
    analyse(late, "m1", house.wiring())
    assert house.now.status is Status.OPEN, "a late copy of the first message must not take the claim of the next"


def test_claude_is_believed_as_far_as_its_citations_go() -> None:
    house = House(cpu_night(), think=Model())
    analysis = run(house)
    assert (analysis.engine, analysis.summary, analysis.model) == (Engine.CLAUDE, "Claude says so.", "claude-haiku-5-5")
    assert (analysis.tokens_in, analysis.tokens_out, analysis.cost_usd) == (1000, 100, 0.001)


def test_claude_without_a_citation_that_holds_is_not_believed() -> None:
    house = House(cpu_night(), think=Model(quote="never written anywhere"))
    analysis = run(house)
    assert (analysis.engine, analysis.cost_usd) == (Engine.DETERMINISTIC, 0.001)
    assert analysis.notes[0] == "Claude's analysis was set aside: none of its 1 citations is in the evidence"


def test_a_repeat_is_taken_from_the_cache_and_cites_todays_evidence() -> None:
    model = Model()
    first = House(cpu_night(), think=model)
    run(first)
    later = House(cpu_night(), cache=first.cache, think=model, incident=first.incident.but(id="INC-LATER"))
    analysis = run(later)
    assert model.calls == 1
    assert (analysis.engine, analysis.cost_usd, analysis.summary) == (Engine.CACHE, 0.0, "Claude says so.")
    assert "taken from the cache; claude-haiku-5-5 made it at 2026-11-20 03:00 UTC" in analysis.notes[0]
    bodies = {evidence.id: evidence.body for evidence in later.incidents.rows("INC-LATER", Evidence)}
    assert all(citation.quote in bodies[citation.evidence_id] for citation in analysis.citations)


def test_a_repeat_that_the_evidence_no_longer_shows_is_made_anew() -> None:
    model = Model(quote="ERROR retrying")
    first = House(cpu_night(), think=model)
    run(first)
    other = cpu_night()
    other.answers["filter_log_events"]["events"] = other.answers["filter_log_events"]["events"][:2]
    again = House(other, cache=first.cache, think=Model(), incident=first.incident.but(id="INC-LATER"))
    analysis = run(again)
    assert analysis.engine is Engine.CLAUDE
    assert "a cached analysis was set aside: the evidence no longer shows what it cites" in analysis.notes


def test_what_the_rules_say_is_not_cached() -> None:
    house = House(cpu_night())
    run(house)
    assert house.cache.lying == {}


class BrokenCache:
    """A cache on its bad day."""

    def find(self, signature: str) -> Analysis | None:
        raise Throttled("dynamodb:UpdateItem on analyses: slow down")

    def keep(self, analysis: Analysis) -> None:
        raise Throttled("dynamodb:PutItem on analyses: slow down")


def test_a_cache_that_does_not_answer_costs_nothing_but_the_cache() -> None:
    house = House(cpu_night(), think=Model(), cache=BrokenCache())  # type: ignore[arg-type]  # the same port, on a bad day
    analysis = run(house)
    assert analysis.engine is Engine.CLAUDE
    assert any("the cache of analyses did not answer" in note for note in analysis.notes)


def test_what_failed_is_said_and_the_rest_goes_on() -> None:
    aws = cpu_night()
    aws.answers["lookup_events"] = RuntimeError("boom")
    house = House(aws)
    analysis = run(house)
    answers = {evidence.collector: evidence.answer for evidence in house.incidents.rows(house.incident.id, Evidence)}
    assert answers["changes"] is Answer.FAILED
    assert any(line.startswith("changes: failed") for line in analysis.missing)


class Died(BaseException):
    """The process is gone."""


@dataclass
class Fate:
    """Counts every call that leaves the process, and kills it right before or right after number `at`."""

    at: int
    after: bool
    calls: int = 0

    def wrap(self, port: Any, name: str) -> Any:
        return Mortal(port, self)


@dataclass
class Mortal:
    port: Any
    fate: Fate

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.port(*args, **kwargs)
        return self

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.fate.calls += 1
            mine = self.fate.calls == self.fate.at
            if mine and not self.fate.after:
                raise Died
            answer = method(*args, **kwargs)
            if mine:
                raise Died
            return answer

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("same_message", [True, False], ids=["redelivered at once", "asked for by the sweeper"])
def test_a_death_at_any_call_leaves_exactly_one_analysis(*, after: bool, same_message: bool) -> None:
    survived, deaths = False, 0
    while not survived:
        model, house, fate = Model(), House(cpu_night()), Fate(deaths + 1, after)
        house.think = model
        try:
            analyse(house.asked, "m1", house.wiring(fate.wrap))
            survived = True
        except Died:
            deaths += 1
        if not same_message:
            house.clock.tick(181)
        second = house.asked if same_message else AnalysisAsked(incident_id=house.incident.id, version=house.now.version)
        analyse(second, "m1" if same_message else "m2", house.wiring())
        assert len(analyses(house)) == 1
        assert len({message.id for message in house.outbox.take(AnalysisCompleted)}) == 1
        assert (house.now.status, house.now.due, house.incidents.owed(house.incident.id)) == (Status.INVESTIGATING, None, [])
        assert faults(house.incidents.history(house.incident.id), house.anchors.of(house.incident.id)) == []
        assert model.calls <= 2
    assert deaths > 15


def test_many_deliveries_at_once_make_one_analysis() -> None:
    model = Model()
    house = House(cpu_night(), think=model)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: analyse(house.asked, f"m{n}", house.wiring()), range(24)))
    assert len(analyses(house)) == 1
    assert model.calls == 1
    assert len({message.id for message in house.outbox.take(AnalysisCompleted)}) == 1
