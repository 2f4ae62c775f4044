"""ec2-restart-service: our own command document, run by sh with a systemctl of the test's own."""

from pathlib import Path

import pytest

from tests.actions.hosts import an_instance, program, shell
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

NGINX = {"unit": "nginx.service"}
SYSTEMCTL = """
echo "$@" >> {log}
case "$1" in
  show) echo {loaded} ;;
  restart) exit {restart} ;;
  is-active) [ "$2" = --quiet ] || echo failed; exit {active} ;;
esac
"""


def a_host(theatre: Theatre, folder: Path, *, loaded: str = "loaded", restart: int = 0, active: int = 0) -> Resource:
    program(folder, "systemctl", SYSTEMCTL.format(log=folder / "log", loaded=loaded, restart=restart, active=active))
    program(folder, "sleep", "exit 0")
    target = an_instance(theatre)
    theatre.simulator.agents[target.id] = shell(folder)
    return target


def restarts(folder: Path) -> list[str]:
    log = folder / "log"
    return [line for line in log.read_text().splitlines() if line.startswith("restart")] if log.exists() else []


def test_it_restarts_the_service_once_and_sees_it_stay_up(theatre: Theatre, tmp_path: Path) -> None:
    done = theatre.perform("ec2-restart-service", a_host(theatre, tmp_path), NGINX)
    assert (done.status, done.effects, done.failure) == ("Success", ("ssm:SendCommand",), "")
    assert restarts(tmp_path) == ["restart -- nginx.service"]
    assert done.execution.outputs == {"restartService.Output": ["nginx.service was failed\nnginx.service is active\n"]}
    assert done.after.state == done.before.state
    with pytest.raises(ValueError, match="cannot be taken back"):
        theatre.undo(done)


@pytest.mark.parametrize(
    ("how", "says", "times"),
    [
        pytest.param({"loaded": "not-found"}, "nginx.service is not-found here; nothing was done", 0, id="no such service"),
        pytest.param({"loaded": "masked"}, "nginx.service is masked here; nothing was done", 0, id="masked"),
        pytest.param({"restart": 1}, "nginx.service did not restart", 1, id="it does not restart"),
        pytest.param({"active": 3}, "fell over 1 s after its restart", 1, id="it does not stay up"),
    ],
)
def test_what_goes_wrong_is_told(theatre: Theatre, tmp_path: Path, how: dict[str, object], says: str, times: int) -> None:
    done = theatre.perform("ec2-restart-service", a_host(theatre, tmp_path, **how), NGINX)  # type: ignore[arg-type]  # its own keywords
    assert (done.status, len(restarts(tmp_path))) == ("Failed", times)
    assert says in done.failure


def test_an_instance_that_nobody_marked_is_left_alone(theatre: Theatre, tmp_path: Path) -> None:
    target = a_host(theatre, tmp_path)
    theatre.client("ec2").delete_tags(Resources=[target.id], Tags=[{"Key": "AutoRemediate"}])
    done = theatre.perform("ec2-restart-service", target, NGINX)
    assert (done.status, done.effects, restarts(tmp_path)) == ("Failed", (), [])


def test_the_document_itself_takes_no_other_text(theatre: Theatre, tmp_path: Path) -> None:
    """Were the action and the runbook to let it pass, the command would still refuse it."""
    found = theatre.plan("ec2-restart-service", a_host(theatre, tmp_path), NGINX)
    asked = {"DocumentName": found["CommandName"][0], "Parameters": {"Unit": ["x.service'; reboot; '"]}}
    with pytest.raises(Exception, match="does not match"):
        theatre.simulator.shelf.lines(asked)


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        (None, "has to name the service"),
        (7, "has to name the service"),
        ("nginx", "has to name the service"),
        ("nginx.service; reboot", "has to name the service"),
        ("-x.service", "has to name the service"),
        ("nginx.service\n", "has to name the service"),
        ("amazon-ssm-agent.service", "never restarted from here"),
        ("snap.amazon-ssm-agent.amazon-ssm-agent.service", "never restarted from here"),
        ("sshd.service", "never restarted from here"),
        ("systemd-networkd.service", "never restarted from here"),
        ("dbus.service", "never restarted from here"),
    ],
)
def test_the_order_names_one_that_may_be_restarted(unit: object, says: str) -> None:
    target = Resource(type="ec2:instance", id="i-0123456789abcdef0", trusted=True)
    with pytest.raises(ValueError, match=says):
        catalogue()["ec2-restart-service"].parameters(target, {}, {"unit": unit})
