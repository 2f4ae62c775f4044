"""Who answers on the command line: a person of people.yaml, by name or by AWS identity, and nobody in another's name."""

import io
from argparse import Namespace
from collections.abc import Sequence

import pytest
from rich.console import Console

from cli.command import Desk
from cli.commands.answer import approve, reject
from cli.trouble import Trouble
from tests.unit.cli.conftest import MINUTE, PLAN, Terminal, publish
from tests.unit.cli.test_deciding import answers
from watchkeeper.models import Approval, Incident, Rehearsed, Verdict
from watchkeeper.people import People, Person, Role

MOTO = "arn:aws:sts::123456789012:user/moto"
ADA = Person(id="ada", name="Ada", teams=("payments",), role=Role.APPROVER)
BEN = Person(id="ben", name="Ben", teams=("shop",), role=Role.APPROVER)
VERA = Person(id="vera", name="Vera", role=Role.VIEWER)


def desk(terminal: Terminal, people: Sequence[Person], who: str = "") -> Desk:
    said = Namespace(incident="latest", yes=True, who=who or None)
    console = Console(file=io.StringIO(), width=200, highlight=False)
    return Desk(said, out=console, clock=lambda: terminal.at, opener=lambda _: terminal.stack, people=lambda: People(people=tuple(people)))


def known_by(person: Person) -> Person:
    """With the identity that this test's credentials have."""
    return person.but(aws=(MOTO,))


@pytest.mark.parametrize(
    ("people", "who", "approver"),
    [
        pytest.param((ADA, BEN), "ada", "ada", id="by name"),
        pytest.param((known_by(ADA), BEN), "", "ada", id="by AWS identity"),
        pytest.param((known_by(ADA), BEN), "ada", "ada", id="by both"),
        pytest.param((), "", MOTO, id="where nobody is listed, whoever AWS says"),
        pytest.param((), "mallory", "mallory", id="where nobody is listed, any name"),
    ],
)
def test_who_answers(terminal: Terminal, waiting: Incident, people: Sequence[Person], who: str, approver: str) -> None:
    assert reject(desk(terminal, people, who)) == 0
    (answer,) = answers(terminal)
    assert (answer.approver, answer.person_id, answer.via) == (approver, approver if people else "", "cli")
    assert answer.incident_id == waiting.id


@pytest.mark.parametrize(
    ("people", "who"),
    [
        pytest.param((ADA, BEN), "mallory", id="an unknown name"),
        pytest.param((ADA, BEN), "Ada", id="a name for an id"),
        pytest.param((ADA, BEN), "", id="an AWS identity that nobody has"),
        pytest.param((known_by(ADA), BEN), "ben", id="in another's name, with credentials that are one's own"),
        pytest.param((VERA,), "vera", id="a viewer"),
    ],
)
def test_who_does_not(terminal: Terminal, waiting: Incident, people: Sequence[Person], who: str) -> None:
    with pytest.raises(Trouble) as trouble:
        approve(desk(terminal, people, who))
    assert trouble.value.code == 1
    assert answers(terminal) == []


def asked(terminal: Terminal, **but: object) -> None:
    """The plan of the waiting incident, with this about it."""
    newer = PLAN.but(**but)
    terminal.stack.client("dynamodb").put_item(
        TableName="incidents", Item={"pk": {"S": newer.incident_id}, "sk": {"S": newer.sort_key}, "doc": {"S": newer.model_dump_json()}}
    )


@pytest.mark.parametrize("but", [{"proposer": "ada"}, {"verdict": Verdict(ruling="ask", reasons=(), approvers=("shop",))}], ids=str)
def test_one_service_refuses_what_it_refuses_in_slack(terminal: Terminal, waiting: Incident, but: dict[str, object]) -> None:
    asked(terminal, **but)
    with pytest.raises(Trouble):
        approve(desk(terminal, (ADA,), "ada"))
    assert answers(terminal) == []


def test_the_same_person_is_not_two(terminal: Terminal) -> None:
    """Their yes through Slack was counted already."""
    incident = publish(terminal.stack)
    yes = Approval(
        plan_id=PLAN.id, args_hash=PLAN.args_hash, state_hash=PLAN.state_hash, approver="ada", approved=True, via="slack", at=terminal.at
    )
    terminal.stack.client("dynamodb").put_item(
        TableName="incidents", Item={"pk": {"S": incident.id}, "sk": {"S": yes.sort_key}, "doc": {"S": yes.model_dump_json()}}
    )
    with pytest.raises(Trouble):
        approve(desk(terminal, (ADA,), "ada"))
    assert answers(terminal) == []


def test_all_of_the_plan_is_shown(terminal: Terminal, waiting: Incident) -> None:
    tried = Rehearsed(what="ec2 dry run", passed=True)
    named = {"target_name": "checkout-1", "target_tags": {"team": "payments"}, "inverse_says": "nothing to put back"}
    asked(terminal, **named, calls=("ec2:RebootInstances",), rehearsed=(tried,), expires_at=terminal.at + 5 * MINUTE)
    assert terminal.run("approve", "latest", "--as", "ada") == 0
    shown = (
        "checkout-1, arn:",
        "team=payments",
        "ec2:RebootInstances",
        "nothing to put back",
        "ec2 dry run: would be let through",
        "in 5m",
    )
    assert [words for words in (*shown, PLAN.ask_id) if words not in terminal.out] == []
