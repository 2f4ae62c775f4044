"""What a catalogue action declares. Data only: who may run it is the standing orders' word, how it runs is its runbook's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from watchkeeper.models import Cause, Resource, Word

State = Mapping[str, Any]
Given = Mapping[str, Any]


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Rehearsal(StrEnum):
    """How a plan can be tried without doing it, beyond asking IAM whether its calls would be allowed, which is always done."""

    IAM = "iam"
    EC2_DRY_RUN = "ec2 dry run"
    CHANGE_SET = "cloudformation change set"


class Parameters(Word):
    """The typed parameters of an action's runbook; each action subclasses it. Field names are the runbook's, in snake case."""

    def for_runbook(self) -> dict[str, list[str]]:
        """As SSM Automation takes them: CamelCase names, lists of text."""
        return {camel(name): [str(value)] for name, value in dict(self).items()}


@dataclass(frozen=True)
class Action:
    """`parameters` makes the typed parameters from a trusted target, its state as the inventory saw it, and what the standing
    order gives (`with`); it raises ValueError, with a sentence for people, when they do not fit. What it sets is absolute: it may
    read the present number from the state, and what goes into the plan is the number to be reached. `takes` are the names that it reads
    of what an order gives.

    `target_type` is looked for among the incident's trusted resources, then in the evidence; where neither names one, the
    inventory reaches it from a resource of one of the `reached_from` types. `ready_when` is the pre-check: facts of the state
    and their good values. `calls` are the calls of the runbook that change something, in order, as `service:Api`.

    `sets` leads from a parameter to the fact of the state that it sets; where a target has several facts of a kind, such as its
    aliases, a parameter in braces says which: `alias {Alias}`. An action that has it is undone by its own runbook, with
    these parameters as the facts were before; else `inverse` says in words what takes it back, or `why_irreversible` why
    nothing does. `proven_by` are named checks that must hold beside the alarm: facts of the target's health and their good values.

    `from_stack` are parameters of the runbook that the stack itself fills in, such as where its secret lies: no plan, no model
    and no person has a say in them. `left_to_do` says what a person still has to do when the runbook has run to its end: then
    no alarm can prove anything yet, and the incident is handed over with it. `takes_out` says that the target serves nothing for a
    while, so that the last healthy one of a fleet is never taken. `command` names the Command document that the runbook sends
    to an instance; a plan pins its hash. `runbook` names the runbook where it has not the action's own name: one may serve several.
    """

    name: str
    says: str
    target_type: str
    parameters: Callable[[Resource, State, Given], Parameters]
    helps_with: tuple[Cause, ...]
    risk: Risk
    expected_effect: str
    ready_when: dict[str, tuple[str, ...]]
    calls: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    reached_from: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    proven_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rehearsal: Rehearsal = Rehearsal.IAM
    sets: dict[str, str] = field(default_factory=dict)
    inverse: str = ""
    why_irreversible: str = ""
    cooldown: timedelta = timedelta(minutes=30)
    seconds: int = 600
    takes_out: bool = False
    command: str = ""
    from_stack: tuple[str, ...] = ()
    left_to_do: str = ""
    runbook: str = ""

    @property
    def document(self) -> str:
        """The name of its runbook, and of that one's role."""
        return self.runbook or self.name

    @property
    def reversible(self) -> bool:
        """Can its own runbook put back what it set?"""
        return bool(self.sets) and not self.why_irreversible

    def facts(self, parameters: Mapping[str, list[str]]) -> dict[str, str]:
        """The fact of the state that each parameter sets, for a run with these parameters."""
        return {name: _named(fact, parameters) for name, fact in self.sets.items()}

    def undone(self, parameters: Mapping[str, list[str]], before: State) -> dict[str, list[str]]:
        """The runbook's parameters that put back what was before; ValueError where the state does not tell it."""
        facts = self.facts(parameters)
        missing = [fact for fact in facts.values() if before.get(fact) in {None, ""}]
        if not self.reversible or missing:
            raise ValueError(f"what it was before is not known: {', '.join(missing) or self.why_irreversible}")
        return {**parameters, **{camel(name): [str(before[fact])] for name, fact in facts.items()}}

    def holds(self, parameters: Mapping[str, list[str]], state: State) -> bool:
        """Is the target now as these parameters set it?"""
        return all([str(state.get(fact))] == list(parameters.get(camel(name), [])) for name, fact in self.facts(parameters).items())


def _named(fact: str, parameters: Mapping[str, list[str]]) -> str:
    for name, values in parameters.items():
        fact = fact.replace(f"{{{name}}}", values[0] if len(values) == 1 else "")
    return fact


def camel(name: str) -> str:
    """`instance_id` is InstanceId to a runbook."""
    return "".join(word.title() for word in name.split("_"))
