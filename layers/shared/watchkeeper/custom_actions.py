"""The team's own actions: Lambda functions that it has registered in config/custom-actions.yaml, each an entry of the catalogue.

A function is registered with its ARN and a version or alias, so that what runs is what was looked at; with a pattern for each of its
parameters, whose values are the standing order's word alone; and with everything else that an action of the catalogue says of itself.
All of them run by one runbook, lambda-custom, which invokes the function once.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.actions.lambda_custom import GENERIC, LONGEST_SECONDS, LambdaCustom, as_text
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause, Resource, Word
from watchkeeper.team import config_dir
from watchkeeper.team_files import Duration, read_yaml

FILE = "custom-actions.yaml"
NAME = r"^[a-z][a-z0-9-]{2,59}$"
FUNCTION = r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}:[A-Za-z0-9_-]{1,128}$"
TYPE = r"^[a-z0-9-]+:[a-z0-9-]+$"


def _pattern(value: str) -> str:
    """A pattern that is whole: a part of a value that fits is no value that fits."""
    if not (value.startswith("^") and value.endswith("$")):
        raise ValueError("a pattern begins with ^ and ends with $")
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no pattern: {error}") from error
    return value


class CustomAction(Word):
    """One function, registered as an action. Nothing of ours undoes what it does: `inverse` says in words what does, or
    `why_irreversible` why nothing does, and one of the two is said."""

    name: str = Field(pattern=NAME)
    function: str = Field(pattern=FUNCTION, description="its ARN, with a version or an alias, in the stack's account and region")
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Annotated[str, AfterValidator(_pattern)]] = {}
    target_type: str = Field(pattern=TYPE)
    risk: Risk
    says: str = Field(min_length=3, max_length=120)
    expected_effect: str = Field(min_length=3, max_length=500)
    helps_with: tuple[Cause, ...] = ()
    inverse: str = ""
    why_irreversible: str = ""
    seconds: int = Field(default=60, ge=1, le=LONGEST_SECONDS, description="how long the function may take")
    cooldown: Duration = timedelta(minutes=30)
    takes_out: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.inverse) == bool(self.why_irreversible):
            raise ValueError("say in words either what takes it back (inverse) or why nothing does (why_irreversible)")
        return self

    @property
    def entry(self) -> Action:
        """As the catalogue has it."""
        return replace(
            GENERIC,
            name=self.name,
            says=self.says,
            target_type=self.target_type,
            parameters=partial(_parameters, self),
            takes=tuple(self.parameters),
            helps_with=self.helps_with,
            risk=self.risk,
            expected_effect=self.expected_effect,
            inverse=self.inverse,
            why_irreversible=self.why_irreversible,
            needs=(*GENERIC.needs, f"it runs {self.function}"),
            cooldown=self.cooldown,
            takes_out=self.takes_out,
        )


class CustomActions(Word):
    actions: tuple[CustomAction, ...] = ()


def _parameters(registered: CustomAction, target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - what the order gives is all that goes in
    """ValueError for an argument that is missing, unknown, or not as its pattern says."""
    unknown, missing = sorted(set(given) - set(registered.parameters)), sorted(set(registered.parameters) - set(given))
    if unknown or missing:
        raise ValueError(f"the standing order has to give {', '.join(registered.parameters) or 'nothing'} in `with`, and nothing else")
    for name, pattern in registered.parameters.items():
        if not isinstance(given[name], str) or not re.fullmatch(pattern, given[name]):
            raise ValueError(f"{name} is a text that fits {pattern}")
    return LambdaCustom(
        function_arn=registered.function,
        action=registered.name,
        target_type=target.type,
        target_id=target.id,
        arguments=as_text({name: given[name] for name in sorted(given)}),
        seconds=str(registered.seconds),
    )


def entries(custom: CustomActions, ours: Mapping[str, Action]) -> dict[str, Action]:
    """The catalogue's entries of what is registered, by name; Misconfigured where a name is taken."""
    found: dict[str, Action] = {}
    for one in custom.actions:
        if one.name in {*ours, *found, GENERIC.name}:
            raise Misconfigured(f"{FILE}: actions: the name {one.name} is taken; a registered action has one of its own")
        found[one.name] = one.entry
    return found


def read_custom_actions(folder: Path) -> CustomActions:
    """custom-actions.yaml of this folder; a folder without one has none."""
    path = folder / FILE
    return read_yaml(path, CustomActions) if path.is_file() else CustomActions()


@cache
def custom_actions() -> CustomActions:
    """What is registered where the team's word lies; none where it lies nowhere, which the standing orders then say."""
    try:
        folder = config_dir()
    except Misconfigured:
        return CustomActions()
    return read_custom_actions(folder)
