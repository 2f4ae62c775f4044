"""codedeploy-rollback, performed on deployments of local/codedeploy: the emulator has no CodeDeploy, and moto's cannot stop one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.codedeploy.deployments import Deployments, Group
from local.codedeploy.server import arn_of, serving
from local.ssm.mishaps import How, Mishap
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource

STOP = "codedeploy:StopDeployment"
Site = tuple[Theatre, Deployments]


@pytest.fixture(scope="module")
def site(theatre: Theatre) -> Iterator[Site]:
    with serving() as (deployments, url):
        made = Theatre(replace(theatre.account, doors=(("codedeploy", url),)))
        yield made, deployments
        made.simulator.stop_all()


def a_group(site: Site, name: str, **but: Any) -> tuple[Group, Resource]:
    """A group whose revision 7 runs, with a deployment of 8 under way."""
    group = site[1].add(Group("shop", name, "7", **{"tags": {"AutoRemediate": "true"}, **but}))
    site[1].begin(group, "8")
    target = from_arn(arn_of(group), trusted=True)
    assert target
    assert (target.type, target.id) == ("codedeploy:deploymentgroup", f"shop/{name}")
    return group, target


def test_it_stops_and_what_ran_before_runs_again(site: Site) -> None:
    group, target = a_group(site, "web")
    done = site[0].perform("codedeploy-rollback", target)
    assert (done.status, done.effects, done.failure) == ("Success", (STOP,), "")
    assert (done.before.tags, done.before.account) == ({"AutoRemediate": "true"}, "123456789012")
    assert done.before.state["deployment"] == done.parameters["Deployment"][0]
    assert done.after.state["deployment"] == "none"
    assert (group.revision, [(one.revision, one.status) for one in group.deployments]) == ("7", [("7", "Succeeded"), ("8", "Stopped")])
    assert done.execution.outputs == {"findRollback.Deployment": [group.deployments[0].id]}
    assert (done.before.health["last deployment"], done.proven) == ("InProgress", True)
    with pytest.raises(ValueError, match="deployed anew"):
        site[0].undo(done)


def test_a_rollback_that_fails_is_told(site: Site) -> None:
    _, target = a_group(site, "broken", rollback_ends_as="Failed")
    done = site[0].perform("codedeploy-rollback", target)
    assert (done.status, done.effects, done.proven) == ("Failed", (STOP,), False)
    assert "assertRolledBack" in done.failure


def test_a_deployment_that_ended_meanwhile_is_left_alone(site: Site) -> None:
    group, target = a_group(site, "ended")
    planned = site[0].plan("codedeploy-rollback", target)
    group.deployments[0].status = "Succeeded"
    done = site[0].run("codedeploy-rollback", target, planned)
    assert (done.status, done.effects, len(group.deployments)) == ("Failed", (), 1)


def test_the_deployment_of_another_group_is_left_alone(site: Site) -> None:
    _, target = a_group(site, "mine")
    other, _ = a_group(site, "theirs")
    planned = site[0].plan("codedeploy-rollback", target) | {"Deployment": [other.deployments[0].id]}
    done = site[0].run("codedeploy-rollback", target, planned)
    assert (done.status, done.effects, other.deployments[0].status) == ("Failed", (), "InProgress")
    assert "assertItIsOfThisGroup" in done.failure


def test_a_lost_answer_is_told_and_not_tried_again(site: Site) -> None:
    _, target = a_group(site, "unlucky")
    site[0].simulator.mishaps.plan(Mishap("stop", How.FAIL_AFTER, "codedeploy-rollback", "the answer was lost"))
    done = site[0].perform("codedeploy-rollback", target)
    assert (done.status, done.effects) == ("Failed", (STOP,))
    assert "the answer was lost" in done.failure


@pytest.mark.parametrize("own_id", ["shop/nobody", "nobody/web"])
def test_one_that_is_not_there_is_absent(site: Site, own_id: str) -> None:
    a_group(site, "there")
    assert not site[0].see(Resource(type="codedeploy:deploymentgroup", id=own_id, trusted=True)).exists


def test_without_an_arn_there_are_no_tags_that_count(site: Site) -> None:
    _, target = a_group(site, "named")
    assert site[0].see(target.but(arn="")).tags == {}


@pytest.mark.parametrize(("running", "why"), [("none", "none to stop"), ("d-1, d-2", "several"), ("d-x; rm", "deployment")])
def test_what_it_refuses(running: str, why: str) -> None:
    target = Resource(type="codedeploy:deploymentgroup", id="shop/web", trusted=True)
    with pytest.raises(ValueError, match=why):
        catalogue()["codedeploy-rollback"].parameters(target, {"deployment": running}, {})
