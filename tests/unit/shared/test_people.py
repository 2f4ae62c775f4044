"""people.yaml: read strictly, nobody is two people, and nobody gets a say that it does not give."""

from pathlib import Path

import pytest

from watchkeeper.errors import Misconfigured
from watchkeeper.people import (
    FILE,
    People,
    Person,
    Role,
    may_approve,
    person_by_aws,
    person_by_id,
    person_by_slack,
    why_not,
)
from watchkeeper.team import read_yaml

SAMPLE = Path(__file__).parents[3] / "config" / FILE
ARN = "arn:aws:iam::123456789012:user/ada"


def written(tmp_path: Path, text: str) -> People:
    (tmp_path / FILE).write_text(text)
    return read_yaml(tmp_path / FILE, People)


def test_the_sample_names_an_owner_of_each_sample_service() -> None:
    services = (SAMPLE.parent / "services.yaml").read_text()
    people = read_yaml(SAMPLE, People)
    owners = {line.split("owner:")[1].strip() for line in services.splitlines() if "owner:" in line}
    assert owners <= {team for person in people.people for team in person.teams}
    assert {person.role for person in people.people} == {Role.APPROVER, Role.ADMIN}


def test_they_are_found_by_what_they_are_called_elsewhere() -> None:
    people = People(people=(Person(id="ada", name="Ada", slack="U0ADA", aws=(ARN,)), Person(id="ben", name="Ben")))
    assert [person_by_id(people, "ada"), person_by_slack(people, "U0ADA"), person_by_aws(people, ARN)] == [people.people[0]] * 3
    assert [person_by_id(people, "ADA"), person_by_slack(people, "ada"), person_by_aws(people, ARN + "x")] == [None] * 3


def test_who_has_no_name_elsewhere_is_not_found_by_an_empty_one() -> None:
    people = People(people=(Person(id="ben", name="Ben"),))
    assert [person_by_id(people, ""), person_by_slack(people, ""), person_by_aws(people, "")] == [None] * 3


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("{id: ada, name: Ada}, {id: ada, name: Another}", id="one id twice"),
        pytest.param("{id: ada, name: Ada, slack: U0ADA}, {id: ben, name: Ben, slack: U0ADA}", id="one Slack user twice"),
        pytest.param("{id: ada, name: A, email: a@x.test}, {id: ben, name: B, email: A@x.test}", id="one address twice"),
        pytest.param(f"{{id: ada, name: A, aws: ['{ARN}']}}, {{id: ben, name: B, aws: ['{ARN}']}}", id="one ARN twice"),
        pytest.param("{id: remediation, name: R}", id="a stage"),
        pytest.param("{id: Ada, name: Ada}", id="an id in capitals"),
        pytest.param("{id: 'ada\\n', name: Ada}", id="an id with a line end"),
        pytest.param("{id: ada, name: Ada, slack: ada}", id="a display name for a Slack id"),
        pytest.param("{id: ada, name: Ada, aws: ['arn:aws:sts::123456789012:assumed-role/oncall/*']}", id="an ARN for many"),
        pytest.param("{id: ada, name: Ada, role: root}", id="a role that is none"),
        pytest.param("{id: ada, name: Ada, rôle: admin}", id="a field that is none"),
        pytest.param("{id: ada}", id="no name"),
    ],
)
def test_what_leaves_open_who_somebody_is_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(Misconfigured):
        written(tmp_path, f"people: [{line}]")


def test_an_empty_file_lists_nobody(tmp_path: Path) -> None:
    assert written(tmp_path, "") == People()


@pytest.mark.parametrize(
    ("role", "teams", "wanted", "may"),
    [
        (Role.VIEWER, ("a",), (), False),
        (Role.RESPONDER, ("a",), ("a",), False),
        (Role.APPROVER, (), (), True),
        (Role.APPROVER, ("a",), ("a", "b"), True),
        (Role.APPROVER, ("c",), ("a", "b"), False),
        (Role.ADMIN, (), (), True),
        (Role.ADMIN, ("c",), ("a",), False),
    ],
)
def test_who_may_approve(role: Role, teams: tuple[str, ...], wanted: tuple[str, ...], *, may: bool) -> None:
    person = Person(id="ada", name="Ada", role=role, teams=teams)
    assert may_approve(person, wanted) is may
    assert bool(why_not(person, wanted)) is not may


def test_roles_are_ranked() -> None:
    assert [role.may(Role.RESPONDER) for role in Role] == [False, True, True, True]
