"""The judge itself: what is right, what is wrong, what is unsure, and what many answers are worth together."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis.joins import joins
from cli.judging.cases import EvalCase, case_of, read_cases
from cli.judging.engines import deterministic
from cli.judging.scores import Verdict, calibration, judge, summed, wilson
from cli.trouble import Trouble
from local.standins.claude import ClaudeStandIn
from local.standins.http import Server
from tests.fakes.words import NIGHT
from tests.unit.cli.conftest import Terminal
from watchkeeper.models import Analysis, Answer, Cause, Engine, ProposedAction, Severity

NO_SUCH_CAUSE = "about: x\nincident: {title: t}\nevidence: {}\nexpect: {cause: [nonsense]}\n"
NIGHT_OF_THREE = """
about: x
incident: {title: tasks low}
evidence:
  ecs: "ecs:service a/b: status ACTIVE"
  logs: {not_allowed: "logs:FilterLogEvents"}
  metric: {nothing: no point}
expect: {cause: [unknown]}
"""
CASES = Path(__file__).parents[3] / "evals" / "incidents"


def a_case(**expect: object) -> EvalCase:
    about = {"title": "tasks low", "service": "storefront"}
    return EvalCase.model_validate(
        {"name": "one", "about": "a night", "incident": about, "evidence": {}, "expect": {"cause": ["crash_loop"], **expect}}
    )


def an_answer(**but: object) -> Analysis:
    fields = {"cause": Cause.CRASH_LOOP, "confidence": 0.8, "proposed": (ProposedAction(action="ecs-redeploy"),), **but}
    base = {"id": "A", "engine": Engine.DETERMINISTIC, "summary": "s", "root_cause": "It crashes at 03:00.", "severity": Severity.SEV2}
    return Analysis.model_validate({**base, "made_at": NIGHT, **fields})


@pytest.mark.parametrize(
    ("case", "answer", "verdict"),
    [
        pytest.param(a_case(), an_answer(), Verdict.RIGHT, id="the cause is right"),
        pytest.param(a_case(cause=["bad_deploy", "crash_loop"]), an_answer(), Verdict.RIGHT, id="one of two"),
        pytest.param(a_case(), an_answer(cause=Cause.UNKNOWN, confidence=0.1), Verdict.ABSTAINED, id="unsure where it could know"),
        pytest.param(a_case(cause=["unknown"]), an_answer(cause=Cause.UNKNOWN, confidence=0.1), Verdict.RIGHT, id="rightly unsure"),
        pytest.param(a_case(cause=["unknown"]), an_answer(), Verdict.SURE_AND_WRONG, id="sure where nobody can know"),
        pytest.param(a_case(), an_answer(cause=Cause.DISK_FULL, confidence=0.5), Verdict.WRONG, id="wrong and unsure"),
        pytest.param(a_case(), an_answer(cause=Cause.DISK_FULL, confidence=0.7), Verdict.SURE_AND_WRONG, id="wrong and sure"),
        pytest.param(a_case(says=["03:00"]), an_answer(), Verdict.RIGHT, id="says what it must"),
        pytest.param(a_case(says=["04:00"]), an_answer(), Verdict.WRONG, id="does not say what it must"),
        pytest.param(a_case(never_says=["crashes"]), an_answer(), Verdict.WRONG, id="says what it must not"),
        pytest.param(a_case(proposes=[]), an_answer(), Verdict.WRONG, id="proposes where nothing helps"),
        pytest.param(a_case(proposes=["ecs-redeploy"]), an_answer(), Verdict.RIGHT, id="proposes what helps"),
        pytest.param(a_case(never_proposes=["ecs-redeploy"]), an_answer(), Verdict.WRONG, id="proposes what must not be"),
        pytest.param(a_case(at_most=0.7), an_answer(), Verdict.WRONG, id="surer than it may be"),
        pytest.param(a_case(at_least=0.9), an_answer(), Verdict.WRONG, id="less sure than it must be"),
    ],
)
def test_a_verdict(case: EvalCase, answer: Analysis, verdict: Verdict) -> None:
    assert judge(case, answer).verdict is verdict


def test_wilsons_interval_is_the_published_one() -> None:
    """Checked by hand for 8 of 10: 0.4902 to 0.9433."""
    assert [round(edge, 4) for edge in wilson(8, 10)] == [0.4902, 0.9433]
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10)[1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param([(0.9, True)] * 9 + [(0.9, False)], 0.0, id="nine of ten at nine tenths"),
        pytest.param([(0.9, False)] * 10, 0.9, id="sure and always wrong"),
        pytest.param([(1.0, True)] * 4, 0.0, id="certain and right"),
        pytest.param([], 0.0, id="nothing said"),
    ],
)
def test_calibration(said: Sequence[tuple[float, bool]], error: float) -> None:
    assert calibration(said) == pytest.approx(error)


def test_the_sum_counts_each_once() -> None:
    answers = [
        an_answer(),
        an_answer(cause=Cause.UNKNOWN),
        an_answer(cause=Cause.DISK_FULL),
        an_answer(cause=Cause.DISK_FULL, confidence=0.1),
    ]
    total = summed([judge(a_case(), answer) for answer in answers])
    assert (total.cases, total.right, total.abstained, total.wrong, total.sure_and_wrong) == (4, 1, 1, 2, 1)


def test_a_case_is_read_as_the_analysis_would_have_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NIGHT_OF_THREE)
    (one,) = read_cases(tmp_path)
    exhibits = [exhibit for exhibit in case_of(one).exhibits if exhibit.evidence.collector not in {join.name for join in joins()}]
    assert [(e.evidence.id, e.evidence.collector, e.evidence.answer) for e in exhibits] == [
        ("E1", "metric", Answer.NOTHING), ("E2", "logs", Answer.NOT_ALLOWED), ("E3", "ecs", Answer.FOUND),
    ]  # fmt: skip
    assert exhibits[1].evidence.permission == "logs:FilterLogEvents"


@pytest.mark.parametrize("text", ["about: x\n", "about: [\n", NO_SUCH_CAUSE])
def test_a_case_that_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(Trouble, match="cannot be read") as caught:
        read_cases(tmp_path)
    assert "bad.yaml" in "".join(caught.value.args)


def test_our_own_cases_are_as_many_and_as_hard_as_promised() -> None:
    """Forty and more; something misleads in three of ten, and in one of ten nothing is wrong or nothing can be concluded."""
    cases = read_cases(CASES)
    quiet = [one for one in cases if {Cause.UNKNOWN, Cause.HEALTHY} & set(one.expect.cause)]
    assert len(cases) >= 40
    assert sum(1 for one in cases if one.herring) >= 0.3 * len(cases)
    assert len(quiet) >= 0.1 * len(cases)


def test_the_fixed_rules_are_never_sure_and_wrong_on_our_cases() -> None:
    judged = [judge(one, deterministic(case_of(one))) for one in read_cases(CASES)]
    assert [one.case.name for one in judged if one.verdict is Verdict.SURE_AND_WRONG] == []


def test_the_command_prints_a_table_or_json_and_can_be_a_gate(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("about: x\nincident: {title: t}\nevidence: {}\nexpect: {cause: [unknown]}\n")
    (tmp_path / "b.yaml").write_text("about: x\nherring: y\nincident: {title: t}\nevidence: {}\nexpect: {cause: [disk_full]}\n")
    assert terminal.run("eval", "--cases", str(tmp_path)) == 0
    assert "1 of 2 right" in terminal.out
    assert terminal.run("eval", "--cases", str(tmp_path), "--at-least", "0.6") == 1
    assert terminal.run("eval", "--cases", str(tmp_path), "--json") == 0
    told = json.loads(terminal.out)
    assert (told["cases"], told["right"], [one["verdict"] for one in told["each"]]) == (2, 1, ["right", "abstained"])
    assert terminal.run("eval", "--cases", str(tmp_path), "--case", "nonesuch") == 2


def test_claude_is_judged_by_the_way_of_production(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    standin = ClaudeStandIn()
    with Server({"claude": standin}) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"{server.url}/claude")
        assert terminal.run("eval", "--engine", "claude", "--case", "cpu-runaway-job", "--json") == 0
        told = json.loads(terminal.out)
        assert (told["cases"], told["engine"], set(standin.calls)) == (1, "claude", {200})
        assert told["tokens"] > 0
        assert told["usd"] > 0
        calls = standin.calls.total()
        assert terminal.run("eval", "--engine", "claude", "--case", "cpu-runaway-job", "--most-usd", "0", "--json") == 0
        assert json.loads(terminal.out)["tokens"] == 0
        assert standin.calls.total() == calls, "nothing is asked for no money"


def test_without_a_key_claude_is_not_judged(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert terminal.run("eval", "--engine", "claude") == 2
    assert "ANTHROPIC_API_KEY is not set" in capsys.readouterr().err
