"""ec2-clean-temp: our own command document, run by sh on folders of the test's own."""

import os
import time
from pathlib import Path

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.hosts import an_instance, shell
from tests.actions.theatre import Performance, Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

FOLDERS = "for folder in /tmp /var/tmp; do"
THREE_DAYS = 3 * 86400


@pytest.fixture
def host(theatre: Theatre, tmp_path: Path) -> Resource:
    """A marked instance; its /tmp and /var/tmp are in `tmp_path`."""
    target = an_instance(theatre)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "var-tmp").mkdir()
    ours = f"for folder in {tmp_path}/tmp {tmp_path}/var-tmp; do"
    theatre.simulator.agents[target.id] = shell(tmp_path / "bin", {FOLDERS: ours})
    return target


def a_file(path: Path, content: str = "x" * 1000, age: float = THREE_DAYS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def clean(theatre: Theatre, host: Resource, **given: object) -> Performance:
    return theatre.perform("ec2-clean-temp", host, given)


def test_old_files_are_deleted_once_and_what_they_took_is_told(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    old = [a_file(tmp_path / "tmp" / "job" / "dump.bin"), a_file(tmp_path / "var-tmp" / "with a space\nand a line")]
    done = clean(theatre, host)
    assert (done.status, done.effects, done.failure) == ("Success", ("ssm:SendCommand",), "")
    assert [path.exists() for path in old] == [False, False]
    [said] = done.execution.outputs["cleanTemp.Output"]
    assert said.splitlines() == [f"{tmp_path}/tmp: freed 1000 bytes in 1 files", f"{tmp_path}/var-tmp: freed 1000 bytes in 1 files"]
    assert done.after.state == done.before.state
    assert done.proven


def test_everything_else_stays(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    outside = a_file(tmp_path / "outside" / "precious")
    kept = [
        outside,
        a_file(tmp_path / "tmp" / "new", age=0),
        a_file(tmp_path / "tmp" / "empty", content=""),
        a_file(tmp_path / "tmp" / "under-two-names"),
    ]
    (tmp_path / "tmp" / "the-other-name").hardlink_to(kept[-1])
    (tmp_path / "tmp" / "link").symlink_to(outside)
    (tmp_path / "tmp" / "folder-link").symlink_to(outside.parent)
    read_lately = a_file(tmp_path / "tmp" / "read-lately")
    os.utime(read_lately, (time.time(), time.time() - THREE_DAYS))
    done = clean(theatre, host)
    assert done.status == "Success"
    assert [path.exists() for path in (*kept, read_lately)] == [True] * 5
    assert (tmp_path / "tmp" / "link").is_symlink()


def test_how_old_is_the_orders_word(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    two_hours_old = a_file(tmp_path / "tmp" / "a", age=7200)
    assert clean(theatre, host).status == "Success"
    assert two_hours_old.exists()
    assert clean(theatre, host, minutes=60).status == "Success"
    assert not two_hours_old.exists()


def test_a_folder_that_is_a_link_is_not_cleaned(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    (tmp_path / "var-tmp").rmdir()
    precious = a_file(tmp_path / "outside" / "precious")
    (tmp_path / "var-tmp").symlink_to(precious.parent)
    done = clean(theatre, host)
    assert (done.status, precious.exists()) == ("Success", True)
    assert f"{tmp_path}/var-tmp: cannot be read" in done.execution.outputs["cleanTemp.Output"][0]


def test_where_nothing_can_be_read_it_fails(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    (tmp_path / "tmp").rmdir()
    (tmp_path / "var-tmp").rmdir()
    done = clean(theatre, host)
    assert (done.status, done.effects) == ("Failed", ("ssm:SendCommand",))
    assert "neither folder can be read" in done.failure


def test_an_edited_command_is_refused(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    """Somebody makes a further version of the document. A plan made before runs the version that it names; its hash fits no other."""
    old = a_file(tmp_path / "tmp" / "dump.bin")
    planned = theatre.plan("ec2-clean-temp", host)
    content = theatre.simulator.get_document({"Name": planned["CommandName"][0]})["Content"]
    made = theatre.simulator.update_document({"Name": planned["CommandName"][0], "Content": f"{content}# {tmp_path}\n"})
    edited = theatre.run("ec2-clean-temp", host, {**planned, "CommandVersion": [made["DocumentDescription"]["DocumentVersion"]]})
    assert (edited.status, edited.effects, old.exists()) == ("Failed", (), True)
    assert "InvalidDocument: the hash is not that of version" in edited.failure
    unknown = theatre.run("ec2-clean-temp", host, {**planned, "CommandVersion": ["99"]})
    assert (unknown.status, unknown.effects, old.exists()) == ("Failed", (), True)
    assert "InvalidDocumentVersion" in unknown.failure
    assert theatre.run("ec2-clean-temp", host, planned).status == "Success"
    assert not old.exists()


def test_an_instance_that_nobody_marked_is_left_alone(theatre: Theatre, host: Resource, tmp_path: Path) -> None:
    old = a_file(tmp_path / "tmp" / "dump.bin")
    theatre.client("ec2").delete_tags(Resources=[host.id], Tags=[{"Key": "AutoRemediate"}])
    done = clean(theatre, host)
    assert (done.status, done.effects, old.exists()) == ("Failed", (), True)


def test_an_instance_without_an_agent_is_told(theatre: Theatre) -> None:
    done = theatre.perform("ec2-clean-temp", an_instance(theatre))
    assert (done.status, done.effects) == ("Failed", ())
    assert "InvalidInstanceId" in done.failure


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre, host: Resource) -> None:
    theatre.simulator.mishaps.plan(Mishap("cleanTemp", How.FAIL_AFTER, "ec2-clean-temp", "the answer was lost"))
    done = clean(theatre, host)
    assert (done.status, done.effects) == ("Failed", ("ssm:SendCommand",))
    with pytest.raises(ValueError, match="do not come back"):
        theatre.undo(done)


@pytest.mark.parametrize("minutes", [59, 43201, "240", 1.5, True, None])
def test_how_old_has_bounds(minutes: object) -> None:
    target = Resource(type="ec2:instance", id="i-0123456789abcdef0", trusted=True)
    with pytest.raises(ValueError, match="whole number from 60 to 43200"):
        catalogue()["ec2-clean-temp"].parameters(target, {}, {"minutes": minutes})
