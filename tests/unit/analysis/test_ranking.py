"""The ranking: the draft is its first, draws end by rule, symptoms go, and where nothing decides it says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import MOST_HYPOTHESES, SPECIFICITY, judged, ranked
from tests.unit.analysis.stories import a_case, crash_incident
from watchkeeper.models import Answer, Cause

ROOT = Path(__file__).parents[3]
POOL = "2026-11-20T02:58:3{n}Z /checkout/app app/1  ERROR too many connections"
DENIED = "2026-11-20T02:58:4{n}Z /checkout/app app/1  ERROR AccessDenied when calling the Query operation"
SLOW = "2026-11-20T02:58:5{n}Z /checkout/app app/1  ERROR POST /pay 504 Gateway Timeout"
BOTH = "2026-11-20T02:58:3{n}Z /checkout/app app/1  ERROR AccessDenied: too many connections"


def logs(*kinds: str) -> str:
    return "\n".join(["9 error lines, 80 lines read since 2026-11-20T02:45:00Z:", *(kind.format(n=n) for kind in kinds for n in range(3))])


def causes(texts: dict[str, str]) -> list[Cause]:
    return [hypothesis.cause for hypothesis in ranked(a_case(texts))]


def test_every_cause_has_its_place_among_draws() -> None:
    assert sorted(SPECIFICITY) == sorted(Cause)
    assert {rule.cause for rule in rules()} == set(Cause)


@pytest.mark.parametrize("sample", [sample for rule in rules() for sample in (rule.sample, *rule.more_samples)])
def test_the_draft_is_the_first_hypothesis_and_the_others_are_no_surer(sample: dict[str, str]) -> None:
    case = a_case(dict(sample), crash_incident() if "ecs" in sample else None)
    said, opinion = ranked(case), draft(case)
    assert (said[0].cause, said[0].confidence, said[0].sentence) == (opinion.cause, opinion.confidence, opinion.root_cause)
    confidences = [one.confidence for one in said if one.cause is not Cause.UNKNOWN]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param({"logs": logs(POOL)}, [Cause.POOL_EXHAUSTED], id="one cause"),
        pytest.param({"logs": logs(POOL, SLOW)}, [Cause.POOL_EXHAUSTED], id="a symptom is explained away"),
        pytest.param(
            {"logs": logs(POOL, DENIED)}, [Cause.UNKNOWN, Cause.POOL_EXHAUSTED, Cause.PERMISSION_DENIED], id="nothing decides"
        ),
        pytest.param({"logs": logs(BOTH)}, [Cause.POOL_EXHAUSTED, Cause.PERMISSION_DENIED], id="the same lines are one thing said twice"),
        pytest.param(
            {"logs": logs(POOL, DENIED), "dynamodb": "dynamodb:table t: status ACTIVE, billing PROVISIONED, read 5, write 5\n"
             "throttled: ReadThrottleEvents 9, WriteThrottleEvents 0 in the window"},
            [Cause.THROTTLED, Cause.POOL_EXHAUSTED, Cause.PERMISSION_DENIED], id="a measurement decides",
        ),
        pytest.param({"alert": "title: something is odd"}, [Cause.UNKNOWN], id="nothing carries"),
    ],
)  # fmt: skip  # a truth table reads by the row
def test_what_comes_first_and_what_goes(texts: dict[str, str], expected: list[Cause]) -> None:
    assert causes(texts) == expected


def test_an_undecided_draft_proposes_nothing_and_is_not_confident() -> None:
    opinion = draft(a_case({"logs": logs(POOL, DENIED)}))
    assert (opinion.cause, opinion.proposed) == (Cause.UNKNOWN, ())
    assert opinion.confidence < 0.4


def test_log_lines_do_not_explain_away_what_was_measured() -> None:
    loop = {"ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 0, pending 0\nstopped container web of 1: exit code 1"}
    full = "2026-11-20T02:58:3{n}Z /ecs/storefront web/1  ERROR No space left on device"
    said = [one.cause for one in ranked(a_case({**loop, "logs": logs(full)}, crash_incident()))]
    assert said == [Cause.CRASH_LOOP, Cause.DISK_FULL]


def test_there_are_five_at_most() -> None:
    everything = "\n".join(text for rule in rules() for text in [rule.sample.get("logs", "")] if text)
    measured = {name: text for rule in rules() if rule.cause is not Cause.HEALTHY for name, text in rule.sample.items() if name != "logs"}
    assert len(ranked(a_case({**measured, "logs": everything}, crash_incident()))) == MOST_HYPOTHESES


def test_cannot_tell_stands_only_where_nothing_carries() -> None:
    assert Cause.UNKNOWN not in causes(dict(rules()[0].sample))
    assert [one.cause for one in judged(a_case({}, logs=Answer.FAILED))] == [Cause.UNKNOWN]


SCRIPT = """
from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from tests.unit.analysis.stories import a_case, crash_incident
everything = {}
for rule in rules():
    for sample in (rule.sample, *rule.more_samples):
        for name, text in sample.items():
            everything[name] = everything.get(name, "") + "\\n" + text
        case = a_case(dict(everything), crash_incident())
        print(draft(case).model_dump_json(), [one.model_dump_json() for one in ranked(case)])
"""


def test_the_same_case_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    roots = os.pathsep.join(str(ROOT / root) for root in ("src", "layers/shared", "layers/claude", "layers/tools", "."))
    said = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": roots}
        run = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True, timeout=60)  # noqa: S603 - our own interpreter and script
        said.add(run.stdout)
    assert len(said) == 1
    assert len(said.pop()) > 1_000
