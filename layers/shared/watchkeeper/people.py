"""Who may answer, and how they are known: config/people.yaml, read strictly. A name that is not in it has no say."""

from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from watchkeeper.models import Word
from watchkeeper.team import config_dir, read_yaml

FILE = "people.yaml"
# What our own records sign with: a person of this name could not be told from a stage.
STAGES = frozenset(
    {"reception", "analysis", "remediation", "guardian", "distribution", "console", "sweeper", "watchkeeper", "system"},
)
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Team = Annotated[str, StringConstraints(min_length=1, max_length=64)]
SlackUser = Annotated[str, StringConstraints(pattern=r"^([UW][A-Z0-9]{2,20})?$")]
Address = Annotated[str, StringConstraints(pattern=r"^([^@\s<>,;]{1,64}@[^@\s<>,;]{1,190})?$")]
Identity = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*\s]{1,400}$")]


class Role(StrEnum):
    """What somebody may do. Each role may do what those before it may: read, say what helped, decide, stop everything."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    APPROVER = "approver"
    ADMIN = "admin"

    def may(self, what: "Role") -> bool:
        """Is this role at least that one?"""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(what)


class Person(Word):
    """One human being. Their names elsewhere are how they are known there; whoever has none in a place cannot answer from it."""

    id: Id
    name: str = Field(min_length=1, max_length=80)
    slack: SlackUser = ""
    email: Address = ""
    aws: tuple[Identity, ...] = Field(default=(), description="the ARNs that AWS calls them by, whole")
    teams: tuple[Team, ...] = ()
    role: Role = Role.VIEWER


class People(Word):
    """Everybody, and the Slack workspace that their ids are of. `slack_app` is the app's own id, where it is to be checked too."""

    slack_team: str = Field(default="", pattern=r"^(T[A-Z0-9]{2,20})?$")
    slack_app: str = Field(default="", pattern=r"^(A[A-Z0-9]{2,20})?$")
    people: tuple[Person, ...] = ()

    @model_validator(mode="after")
    def _nobody_is_two(self) -> Self:
        """Two people of one id, or one id elsewhere for two people, and nobody could say who has answered."""
        names = {
            "id": [person.id for person in self.people],
            "slack": [person.slack for person in self.people if person.slack],
            "email": [person.email.lower() for person in self.people if person.email],
            "aws": [arn for person in self.people for arn in person.aws],
        }
        for field, found in names.items():
            twice = sorted({name for name in found if found.count(name) > 1})
            if twice:
                raise ValueError(f"{field} {', '.join(twice)} is given more than once")
        ours = sorted(STAGES & set(names["id"]))
        if ours:
            raise ValueError(f"id {', '.join(ours)} is what a part of Watchkeeper is called")
        return self


def person_by_id(people: People, person_id: str) -> Person | None:
    return next((person for person in people.people if person.id == person_id), None) if person_id else None


def person_by_slack(people: People, user_id: str) -> Person | None:
    return next((person for person in people.people if person.slack == user_id), None) if user_id else None


def person_by_aws(people: People, arn: str) -> Person | None:
    return next((person for person in people.people if arn in person.aws), None) if arn else None


def why_not(person: Person, teams: Collection[str]) -> str:
    """Why this person may not decide where one of these teams is wanted (any team where none is named); empty where they may."""
    if not person.role.may(Role.APPROVER):
        return f"{person.name} is {person.role.value} in {FILE}, and deciding takes an approver"
    if teams and not set(teams) & set(person.teams):
        return f"{person.name} is not in {' or '.join(sorted(teams))}, whose decision this is"
    return ""


def may_approve(person: Person, teams: Collection[str]) -> bool:
    """May they decide? Being an admin does not put anybody into a team."""
    return not why_not(person, teams)


@cache
def people() -> People:
    return read_yaml(config_dir() / FILE, People)
