"""The cache: the same trouble has the same signature, and a cached analysis must hold on today's evidence."""

from analysis.analyst.draft import draft
from analysis.case import Case
from analysis.memory import remembered, signature, to_keep
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import a_case
from watchkeeper.models import Analysis, Answer, Citation, Engine

FIRST = {
    "alert": "title: CPUUtilization of i-0123456789abcdef0 is above 80",
    "metric": "metric: AWS/EC2 CPUUtilization (InstanceId=i-1), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
    "3 points from a to b: min 12 at 2026-11-20T02:58:00Z, max 97 at 2026-11-20T03:00:00Z, latest 97\n"
    "first crossing at 2026-11-20T02:59:00Z with 95, 2 points in all",
}
NEXT_WEEK = {name: text.replace("2026-11-20", "2026-11-27").replace("97", "98.25").replace("95,", "91,") for name, text in FIRST.items()}


def signed(case: Case, orders: str = "v1", model: str = "claude-haiku-5-5") -> str:
    return signature(case, draft(case), orders, None, model)


def kept(*citations: Citation) -> Analysis:
    case = a_case(FIRST)
    facts = {**draft(case).model_dump(), "citations": citations, "id": "a", "engine": Engine.CLAUDE, "made_at": NIGHT}
    return to_keep(Analysis.model_validate(facts), case)


def test_the_same_trouble_on_another_night_has_the_same_signature() -> None:
    assert signed(a_case(FIRST)) == signed(a_case(NEXT_WEEK))


def test_other_evidence_other_orders_another_model_or_another_alarm_has_another() -> None:
    base = a_case(FIRST)
    others = [
        signed(a_case(FIRST, logs=Answer.NOT_ALLOWED)),
        signed(base, orders="v2"),
        signed(base, model="claude-opus-5-5"),
        signed(a_case(FIRST, base.incident.but(fingerprint="fp-other"))),
        signed(a_case({**FIRST, "metric": FIRST["metric"].replace("max 97", "max 20")})),
    ]
    assert len({signed(base), *others}) == 6


def test_a_cached_citation_becomes_todays_line() -> None:
    cached = kept(Citation(evidence_id="E2", quote="first crossing at 2026-11-20T02:59:00Z with 95"))
    assert cached.citations[0].evidence_id == "metric"
    again = remembered(cached, a_case({"metric": NEXT_WEEK["metric"]}))
    assert again is not None
    assert again.citations == (Citation(evidence_id="E1", quote="first crossing at 2026-11-27T02:59:00Z with 91, 2 points in all"),)


def test_a_citation_that_does_not_come_back_sets_the_analysis_aside() -> None:
    there = Citation(evidence_id="E1", quote="CPUUtilization of i-0123456789abcdef0 is above 80")
    gone = Citation(evidence_id="E2", quote="first crossing at 2026-11-20T02:59:00Z with 95")
    assert remembered(kept(there, gone), a_case({**FIRST, "metric": "no point crosses the alarm line"})) is None
    assert remembered(kept(), a_case(FIRST)) is None
