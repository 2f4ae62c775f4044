"""The Claude adapter, over real HTTP, against a stand-in that refuses what the Messages API refuses and streams as it streams."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from claude import errors
from claude.attempts import PATIENCE_SECONDS, Limits
from claude.call import call
from claude.client import Claude
from claude.question import Effort, Question, Turn, Usage
from tests.fakes.claude_side import TOOLS, Finding, Hours, a_question, an_adapter, evidence, standing_in

if TYPE_CHECKING:
    from anthropic.types import Message

ASKED = a_question()
WONDERING = a_question("nothing that tells anything is in here", may_use_tools=True)


def test_an_answer_comes_back_in_its_shape_with_its_usage() -> None:
    with standing_in() as (standin, url):
        said = an_adapter(url).ask(ASKED, 20)
    assert said.value.cause.value == "cpu_saturation"
    assert said.value.citations
    assert said.usage.fresh > 100
    assert said.usage.out > 10, "what the end of the stream says, not its beginning"
    sent = standin.requests[0].body
    assert sent["stream"] is True
    assert sent["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert sent["output_config"]["effort"] == "low"
    assert sent["tool_choice"] == {"type": "none"}
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("mode", "error", "calls"),
    [
        ("overloaded", errors.Overloaded, 5),
        ("broken", errors.Overloaded, 5),
        ("rate_limited", errors.RateLimited, 1),
        ("spend_cap", errors.SpendCap, 1),
        ("refusal", errors.Declined, 1),
        ("context_exceeded", errors.TooLong, 1),
        ("truncated", errors.Truncated, 1),
        ("invalid_json", errors.Unusable, 1),
        ("wrong_shape", errors.Unusable, 1),
        ("paused", errors.Unusable, 1),
        ("not_a_message", errors.Unusable, 1),
        ("not_json", errors.Unusable, 1),
        ("mad_midway", errors.Unusable, 1),
        ("error_midway", errors.Unreachable, 1),
        ("cut_midway", errors.Unreachable, 1),
    ],
)
def test_every_way_to_fail_has_a_type_and_its_number_of_calls(mode: str, error: type[errors.ClaudeFailed], calls: int) -> None:
    with standing_in(mode) as (standin, url), pytest.raises(errors.ClaudeFailed) as failed:
        an_adapter(url).ask(ASKED, 20)
    assert type(failed.value) is error
    assert failed.value.why
    assert len(standin.requests) == calls


def test_what_was_billed_is_known_where_it_can_be() -> None:
    billed = {}
    for mode in ("overloaded", "refusal", "invalid_json", "error_midway"):
        with standing_in(mode) as (_, url), pytest.raises(errors.ClaudeFailed) as failed:
            an_adapter(url).ask(ASKED, 20)
        billed[mode] = failed.value.usage
    assert billed["overloaded"] == Usage()
    assert all((billed[mode] or Usage()).fresh > 100 for mode in ("refusal", "invalid_json"))
    assert billed["error_midway"] is None, "it may have been"


def test_a_bad_minute_is_waited_for_with_full_jitter() -> None:
    slept: list[float] = []
    with standing_in("overloaded", times=2) as (standin, url):
        assert an_adapter(url, slept=slept).ask(ASKED, 20).value.citations
    assert slept == [0.25, 0.5]
    assert standin.calls == {529: 2, 200: 1}


def test_a_short_retry_after_is_obeyed_and_a_long_one_is_not_waited_for() -> None:
    slept: list[float] = []
    with standing_in("rate_limited_briefly", times=1) as (_, url):
        assert an_adapter(url, slept=slept).ask(ASKED, 20).value.citations
    assert slept == [1.0]
    with standing_in("rate_limited_briefly") as (standin, url), pytest.raises(errors.RateLimited):
        an_adapter(url, slept=slept).ask(ASKED, 1.5)
    assert len(standin.requests) == 1


@pytest.mark.parametrize("mode", ["hang", "hang_midway", "trickle", "slow"])
def test_an_answer_that_does_not_end_is_not_waited_for(mode: str) -> None:
    began = time.monotonic()
    with standing_in(mode) as (_, url), pytest.raises(errors.TimedOut) as failed:
        an_adapter(url).ask(ASKED, 0.8)
    assert time.monotonic() - began < 3
    assert type(failed.value) is errors.TimedOut, "the caller's time was short, so this says nothing of Claude"
    assert failed.value.usage is None, "it may have been billed"


def test_nobody_goes_on_listening_when_the_time_is_up() -> None:
    """Pings keep a connection alive for ever, and an answer that nobody reads is still paid for: so it is hung up."""
    with standing_in() as (standin, url):
        claude = an_adapter(url)
        claude.ask(ASKED, 20)
        standin.behave("trickle")
        with pytest.raises(errors.TimedOut):
            claude.ask(ASKED, 0.5)
        assert len(standin.requests) == 2
        patience = time.monotonic() + 5
        while any(thread.name == "claude" for thread in threading.enumerate()) and time.monotonic() < patience:
            time.sleep(0.05)
        assert time.monotonic() < patience


def called(url: str, seconds: float, silence: float) -> "Message":
    """One attempt, with limits of our own."""
    limits = Limits(ends=time.monotonic() + seconds, silence=silence)
    with an_adapter(url)._open(limits) as client:
        return call(client, ASKED, "none", limits, time.monotonic)


@pytest.mark.parametrize("mode", ["hang", "hang_midway"])
def test_silence_is_recognised_long_before_the_time_is_up(mode: str) -> None:
    began = time.monotonic()
    with standing_in(mode) as (_, url), pytest.raises(errors.Silent):
        called(url, seconds=30, silence=0.3)
    assert time.monotonic() - began < 3


def test_a_long_answer_is_not_silence_but_ends_with_the_time() -> None:
    with standing_in("slow") as (_, url):
        began = time.monotonic()
        assert called(url, seconds=30, silence=0.5).stop_reason == "end_turn"
        assert time.monotonic() - began > 0.5
        with pytest.raises(errors.TimedOut, match="still being written"):
            called(url, seconds=0.5, silence=0.4)


@pytest.mark.parametrize("mode", ["overloaded", "broken", "error_midway", "refused connection"])
def test_claude_down_for_good_costs_seconds_once_a_minute_and_one_request(mode: str) -> None:
    """Ten incidents in the first minute: the first waits for a while, the others do not ask. A minute later one tries it."""
    hours = Hours()
    with standing_in("ok" if mode == "refused connection" else mode) as (standin, url):
        claude = Claude(
            "anthropic", lambda: "sk-test", "eu-west-1", "http://127.0.0.1:1" if mode == "refused connection" else url, hours.pace
        )
        began = hours.pace.ticks()
        with pytest.raises((errors.Overloaded, errors.Unreachable)):
            claude.ask(ASKED, 45)
        assert hours.pace.ticks() - began < PATIENCE_SECONDS + 1
        calls = len(standin.requests)
        for _ in range(9):
            with pytest.raises(errors.NotAsked):
                claude.ready()
            with pytest.raises(errors.NotAsked):
                claude.ask(ASKED, 45)
        assert len(standin.requests) == calls
        hours.sleep(61)
        slept = hours.slept
        with pytest.raises((errors.Overloaded, errors.Unreachable)):
            claude.ask(ASKED, 45)
        with pytest.raises(errors.NotAsked):
            claude.ready()
    assert hours.slept == slept, "the trial is one request"
    assert len(standin.requests) == (0 if mode == "refused connection" else calls + 1)


def test_the_breaker_closes_when_the_trial_is_answered() -> None:
    hours = Hours()
    with standing_in("error_midway", times=1) as (standin, url):
        claude = Claude("anthropic", lambda: "sk-test", "eu-west-1", url, hours.pace)
        with pytest.raises(errors.Unreachable):
            claude.ask(ASKED, 20)
        hours.sleep(61)
        claude.ready()
        assert claude.ask(ASKED, 20).value.citations
        assert claude.ask(ASKED, 20).value.citations
    assert len(standin.requests) == 3


@pytest.mark.parametrize(("mode", "seconds"), [("spend_cap", 900), ("rate_limited", 900), ("overloaded", 60)])
def test_claude_is_left_alone_for_as_long_as_makes_sense(mode: str, seconds: int) -> None:
    hours = Hours()
    with standing_in(mode) as (standin, url):
        claude = Claude("anthropic", lambda: "sk-test", "eu-west-1", url, hours.pace)
        with pytest.raises(errors.ClaudeFailed):
            claude.ask(ASKED, 20)
        asked = len(standin.requests)
        hours.sleep(seconds - 2)
        with pytest.raises(errors.NotAsked):
            claude.ask(ASKED, 20)
        assert len(standin.requests) == asked
        hours.sleep(3)
        claude.ready()


def test_nobody_there() -> None:
    with pytest.raises(errors.Unreachable) as failed:
        an_adapter("http://127.0.0.1:1").ask(ASKED, 20)
    assert failed.value.usage == Usage(), "nothing was sent, so nothing is billed"


def test_who_has_no_time_left_sends_nothing() -> None:
    with standing_in() as (standin, url), pytest.raises(errors.TimedOut):
        called(url, seconds=0.0, silence=1.0)
    assert standin.requests == []


def test_no_key_no_question() -> None:
    with standing_in() as (standin, url), pytest.raises(errors.NotAsked):
        an_adapter(url, key="").ask(ASKED, 20)
    assert standin.requests == []


def test_the_base_url_comes_from_the_environment_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_in() as (standin, url):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        assert Claude("anthropic", lambda: "sk-test", "eu-west-1").ask(ASKED, 20).value.citations
    assert len(standin.requests) == 1


def answered(question: Question[Finding], turn: Turn[Finding], tell: Callable[[str], str]) -> Question[Finding]:
    """The question with this turn and the results of its tools behind it."""
    results = [
        {"type": "tool_result", "tool_use_id": use.id, "content": [{"type": "text", "text": tell(use.arguments.get("evidence_id", ""))}]}
        for use in turn.uses
    ]
    more: list[dict[str, Any]] = [{"role": "assistant", "content": turn.content}, {"role": "user", "content": results}]
    return replace(question, messages=question.messages + more)


def test_a_conversation_uses_tools_until_the_evidence_tells() -> None:
    """The turns go back as they came: the stand-in refuses a turn of its own that was changed, and a use without its result."""
    with standing_in() as (standin, url):
        claude = an_adapter(url)
        first = claude.turn(WONDERING, 20)
        assert (first.value, [(use.name, use.arguments) for use in first.uses]) == (None, [("read_evidence", {"evidence_id": "E2"})])
        assert first.says.startswith("I want to see more")
        assert first.content[0]["signature"]
        assert first.usage.fresh > 100
        second = claude.turn(answered(WONDERING, first, lambda name: evidence(name, "Essential container in task exited")), 20)
    assert second.value is not None
    assert (second.value.cause.value, second.value.citations[0].evidence_id, second.uses) == ("crash_loop", "E2", ())
    assert standin.requests[0].body["tool_choice"] == {"type": "auto"}


def test_several_uses_in_a_turn_and_several_turns() -> None:
    with standing_in() as (standin, url):
        read = [{"name": "read_evidence", "input": {"evidence_id": name}} for name in ("E2", "E3")]
        standin.behave("ok", script=[read, [{"name": "list_evidence", "input": {}}]])
        claude, question = an_adapter(url), replace(ASKED, may_use_tools=True)
        seen = []
        while (turn := claude.turn(question, 20)).value is None:
            seen.append([(use.name, use.arguments) for use in turn.uses])
            question = answered(question, turn, lambda _: "{}")
    assert seen == [[("read_evidence", {"evidence_id": "E2"}), ("read_evidence", {"evidence_id": "E3"})], [("list_evidence", {})]]
    assert turn.value.cause.value == "cpu_saturation"


def test_a_tool_that_there_is_not_is_for_the_conversation_to_refuse() -> None:
    with standing_in() as (standin, url):
        standin.behave("ok", script=[[{"name": "run_shell", "input": {"command": "id"}}]])
        claude, question = an_adapter(url), replace(ASKED, may_use_tools=True)
        first = claude.turn(question, 20)
        assert [use.name for use in first.uses] == ["run_shell"]
        assert claude.turn(answered(question, first, lambda _: "there is no such tool"), 20).value is not None


def test_a_turn_without_tools_is_an_answer() -> None:
    with standing_in("tools_first") as (standin, url):
        turn = an_adapter(url).turn(replace(ASKED, effort=Effort.MEDIUM), 20)
    assert turn.value is not None
    assert standin.requests[0].body["tool_choice"] == {"type": "none"}
    assert standin.requests[0].body["output_config"]["effort"] == "medium"


@pytest.mark.parametrize("mode", ["nameless_tool", "mad_tool_use", "no_tool_use"])
def test_a_tool_use_that_is_none_is_unusable_and_was_billed(mode: str) -> None:
    with standing_in(mode) as (_, url), pytest.raises(errors.Unusable) as failed:
        an_adapter(url).turn(WONDERING, 20)
    assert (failed.value.usage or Usage()).fresh > 100


def test_a_tool_use_is_no_answer_to_a_question_without_tools() -> None:
    with standing_in("no_tool_use") as (_, url), pytest.raises(errors.Unusable, match="stopped for a reason"):
        an_adapter(url).ask(ASKED, 20)


def test_a_changed_turn_and_a_forgotten_result_are_refused_by_the_stand_in() -> None:
    with standing_in() as (_, url):
        claude = an_adapter(url)
        turn = claude.turn(WONDERING, 20)
        changed = replace(turn, content=turn.content[1:])
        with pytest.raises(errors.Rejected):
            claude.turn(answered(WONDERING, changed, lambda _: "{}"), 20)
        forgotten = answered(WONDERING, replace(turn, uses=()), lambda _: "{}")
        with pytest.raises(errors.Rejected):
            claude.turn(forgotten, 20)


def test_the_tools_are_declared_for_every_question() -> None:
    """A prompt cache lives by its prefix, and tools come first in it: so they are there even where none may be used."""
    with standing_in() as (standin, url):
        an_adapter(url).ask(ASKED, 20)
    assert standin.requests[0].body["tools"] == TOOLS
