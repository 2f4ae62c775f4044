"""The deep look: turns of a conversation with tools in between, within its steps, tokens, seconds and dollars.

What the model thought and said between the tools is shown to people and not sent back to it beyond a sentence: it would be paid
for again with every turn.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.case import Exhibit
from analysis.thinking.conversation import GIVEN, MOST_USES, READ_CASE, result
from analysis.thinking.journal import Journal
from analysis.thinking.phases import LEAST_SECONDS, Ahead, Event, May, Spent, after, may
from analysis.thinking.purses import NoRoom, Till, worst_of
from analysis.thinking.shapes import Deep
from analysis.thinking.showing import Showing
from analysis.thinking.tokens import PER_BLOCK, bytes_for, tokens, tokens_of
from analysis.thinking.tools import Outcome, Proposal, Refusal, Shown, Toolbox
from claude.errors import ClaudeFailed
from claude.models import Caps, price_of
from claude.question import Question, ToolUse, Turn
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Phase

SENTENCE_BYTES, ARGUMENT_BYTES = 300, 240
RESULT_TOKENS = 900
MOST_PARTS = 6


@dataclass(frozen=True)
class Came:
    """What the loop came to. `tokens` are the prompt tokens that it took, by our count or the bill, whichever is more; `exhibits`
    what the tools brought that was not evidence before."""

    said: Deep | None
    why: str = ""
    model: str = ""
    tokens: int = 0
    exhibits: tuple[Exhibit, ...] = ()


@dataclass
class Inquiry:
    """One run. `seconds_left` is the analysis's, `ticks` the clock that caps.seconds is measured by, `known` the case's evidence ids."""

    till: Till
    tools: Toolbox
    showing: Showing
    journal: Journal
    caps: Caps
    seconds_left: Callable[[], float]
    ticks: Callable[[], float]
    spent: Spent = field(default_factory=Spent)
    phase: Phase = Phase.PLAN
    asked_before: set[str] = field(default_factory=set)
    brought: dict[str, Exhibit] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    def run(self, question: Question[Deep]) -> Came:
        """Turns until it answers, breaks or is stopped. Raises nothing for what Claude, the budget or a tool do."""
        began = self.ticks()
        while True:
            self.spent = replace(self.spent, seconds=self.ticks() - began)
            ahead = self._ahead(question)
            allowed, why = may(self.spent, ahead, self.caps)
            if allowed is May.STOP:
                return self._failed(f"the deeper look was stopped: {why}")
            try:
                turn = self._turn(replace(question, may_use_tools=allowed is May.USE_TOOLS), ahead)
            except NoRoom as error:
                return self._failed(f"Claude was not asked: {error}")
            except ClaudeFailed as error:
                return self._failed(f"Claude gave no usable answer: {error.why}")
            except WatchkeeperError as error:
                return self._failed(f"Claude was not asked: {error}")
            if turn.value is not None:
                return self._done(turn)
            if allowed is May.ANSWER_ONLY or not turn.uses:
                return self._failed("Claude gave no usable answer: it had to answer and did not")
            question = self._went_on(question, turn)

    def _ahead(self, question: Question[Deep]) -> Ahead:
        price = price_of(question.model)
        worst = worst_of(question, price) if price else 0.0
        return Ahead(tokens_of(question), worst, self.seconds_left())

    def _turn(self, question: Question[Deep], ahead: Ahead) -> Turn[Deep]:
        began, before = self.ticks(), self.till.paid.usd
        seconds = min(self.caps.seconds - self.spent.seconds, ahead.seconds_left)
        try:
            turn = self.till.turn(question, seconds)
        finally:
            spent, usd = self.spent, self.till.paid.usd - before
            self.spent = replace(spent, turns=spent.turns + 1, tokens=spent.tokens + ahead.tokens, usd=spent.usd + usd)
        beyond = max(0, turn.usage.prompt - ahead.tokens)
        self.spent = replace(self.spent, tokens=self.spent.tokens + beyond)
        says = turn.says or ("It answers." if turn.value else "It asks for more without saying why.")
        facts = {"tokens_in": turn.usage.prompt, "tokens_out": turn.usage.out, "cost_usd": round(usd, 6), "model": turn.model}
        self.journal.add(self.phase, says, **facts, took_ms=self._since(began))
        return turn

    def _went_on(self, question: Question[Deep], turn: Turn[Deep]) -> Question[Deep]:
        """The question with another round: what it asked for, in short, and what the tools brought."""
        self.phase = after(self.phase, Event.WANTED)
        uses = turn.uses[:MOST_USES]
        sentence = turn.says.encode(errors="replace")[:SENTENCE_BYTES].decode(errors="ignore").strip()
        said: list[dict[str, Any]] = [{"type": "text", "text": sentence}] if sentence else []
        known = {tool["name"] for tool in question.tools}
        said += [_use(use, f"toolu_{self.spent.turns}_{n}", known) for n, use in enumerate(uses)]
        outcomes = [(use, self._used(use)) for use in uses]
        base = tokens_of(replace(question, messages=[*question.messages, {"role": "assistant", "content": said}]))
        each = self._room(base, len(uses))
        results = [result(f"toolu_{self.spent.turns}_{n}", self._told(one, each)) for n, (_, one) in enumerate(outcomes)]
        if any(isinstance(one, Proposal) for _, one in outcomes):
            self.phase = after(after(self.phase, Event.HELD), Event.TOLD)
        else:
            self.phase = after(self.phase, Event.USED)
        rounds = [{"role": "assistant", "content": said}, {"role": "user", "content": results}]
        return replace(question, messages=[*question.messages, *rounds])

    def _room(self, base: int, uses: int) -> int:
        """Tokens for the answer to each use, so that the turn that has to answer still fits."""
        left = self.caps.prompt_tokens - self.spent.tokens - base
        return max(0, min(RESULT_TOKENS, left)) // max(1, uses)

    def _used(self, use: ToolUse) -> Outcome:
        """What the tool brings back, with a step that says so."""
        began = self.ticks()
        outcome = self._looked(use)
        if isinstance(outcome, Refusal) and outcome.unknown:
            self.spent = replace(self.spent, unknown=self.spent.unknown + 1)
        phase = Phase.NEEDS_APPROVAL if isinstance(outcome, Proposal) else Phase.EXECUTE_TOOL
        parts = outcome.parts if isinstance(outcome, Shown) else ()
        self.brought |= {one.exhibit.evidence.id: one.exhibit for one in parts if one.exhibit.evidence.id not in self.known}
        facts = {"tool": use.name, "arguments": use.arguments, "evidence_id": parts[0].exhibit.evidence.id if parts else ""}
        self.journal.add(phase, outcome.says, **facts, took_ms=self._since(began))
        return outcome

    def _looked(self, use: ToolUse) -> Outcome:
        asked = json.dumps([use.name, use.arguments], sort_keys=True, default=str)
        known = any(tool.name == use.name for tool in self.tools.offered())
        if known and asked in self.asked_before:
            return Refusal("that was asked before; the answer is above")
        self.asked_before.add(asked)
        if use.name in {one.name for one in GIVEN}:
            return Refusal("that is above already")
        seconds = min(self.caps.seconds - self.spent.seconds, self.seconds_left()) - LEAST_SECONDS
        if seconds <= 0:
            return Refusal("there is no time left for tools; answer")
        return self.tools.use(use.name, use.arguments, seconds)

    def _told(self, outcome: Outcome, room: int) -> list[str]:
        """The answer in JSON parts that take no more than `room` tokens together."""
        if not isinstance(outcome, Shown):
            says = {"provenance": "Watchkeeper", "refused": self.journal.clean(outcome.says, 120)}
            return [json.dumps(says, ensure_ascii=False)]
        told, left = [], room
        parts = outcome.parts[:MOST_PARTS]
        for number, part in enumerate(parts):
            frame = tokens(self.showing.part(part.exhibit, "", 0)) + 2 * PER_BLOCK
            share = left // (len(parts) - number) - frame
            if share <= 0:
                break
            told.append(self.showing.part(part.exhibit, part.text, bytes_for(share), part.first))
            left -= tokens(told[-1]) + 2 * PER_BLOCK
        return told or [json.dumps({"provenance": "Watchkeeper", "refused": "there is no room left; answer"})]

    def _done(self, turn: Turn[Deep]) -> Came:
        self.phase = after(self.phase, Event.ANSWERED)
        unknown = f" It asked for {self.spent.unknown} tools that nobody offers." if self.spent.unknown else ""
        self.journal.add(self.phase, f"Answered after {self.spent.turns} turns.{unknown}")
        return Came(turn.value, "", turn.model, self.spent.tokens, tuple(self.brought.values()))

    def _failed(self, why: str) -> Came:
        self.phase = after(self.phase, Event.BROKE)
        self.journal.add(self.phase, why)
        return Came(None, why, "", self.spent.tokens, tuple(self.brought.values()))

    def _since(self, began: float) -> int:
        return round((self.ticks() - began) * 1000)


def _use(use: ToolUse, name: str, known: set[str]) -> dict[str, Any]:
    """A use as it goes back into the conversation: under an id of ours, without arguments that are too long to be meant, and
    never of a tool that was not declared, for which the API would refuse the whole request."""
    given = json.dumps(use.arguments, ensure_ascii=False, default=str)
    meant = use.name in known and len(given.encode(errors="replace")) <= ARGUMENT_BYTES
    tool = use.name if use.name in known else READ_CASE.name
    return {"type": "tool_use", "id": name, "name": tool, "input": use.arguments if meant else {}}
