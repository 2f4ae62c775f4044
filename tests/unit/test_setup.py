"""Finding a Python: the one that is named first, one in a version manager's folder, or one line that says what to install."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "setup" / "find-python.sh"
BASE = Path(sys._base_executable)  # type: ignore[attr-defined]  # the interpreter that this environment was made from
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Machine:
    """A machine with a shell, and the Pythons that a test puts on it."""

    root: Path

    def python(self, place: str, *, works: bool = True) -> Path:
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if works:
            path.write_text(f'#!/bin/sh\nexec "{BASE}" "$@"\n')
        else:
            path.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
        path.chmod(0o755)
        return path

    def find(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.root / "bin"), "HOME": str(self.root / "home")}
        command = [str(self.root / "bin" / "bash"), str(SCRIPT), *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own script


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    for name in ("bash", "ls"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return Machine(tmp_path)


def test_python3_itself_if_it_will_do(machine: Machine) -> None:
    wanted = machine.python("bin/python3")
    machine.python("bin/python3.13")
    assert machine.find().stdout.strip() == str(wanted)


def test_another_name_where_python3_is_too_old(machine: Machine) -> None:
    machine.python("bin/python3", works=False)
    wanted = machine.python("bin/python3.12")
    assert machine.find().stdout.strip() == str(wanted)


@pytest.mark.parametrize(
    "place",
    [
        "home/.pyenv/versions/3.12.1/bin/python3.12",
        "home/.asdf/installs/python/3.13.0/bin/python3.13",
        "home/.local/share/mise/installs/python/3.11/bin/python3.11",
        "home/.local/share/uv/python/cpython-3.13.0-linux/bin/python3.13",
        "home/a folder/../.pyenv/versions/3.11.7/bin/python3.11",
    ],
)
def test_a_version_managers_folder(machine: Machine, place: str) -> None:
    (machine.root / "home" / "a folder").mkdir(parents=True)
    machine.python("bin/python3", works=False)
    machine.python(place)
    assert machine.find().stdout.strip() == os.path.normpath(machine.root / place)


def test_a_shim_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.python(f"bin/python{VERSION}", works=False)
    wanted = machine.python(f"home/.pyenv/versions/{VERSION}.9/bin/python{VERSION}")
    assert machine.find(VERSION).stdout.strip() == str(wanted)


def test_an_exact_version_is_exact(machine: Machine) -> None:
    machine.python("bin/python3.99")
    found = machine.find("3.99")
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "install Python 3.99" in found.stderr


def test_without_any_one_line_says_what_to_install(machine: Machine) -> None:
    machine.python("bin/python3", works=False)
    found = machine.find()
    if found.returncode == 0:
        pytest.skip("this machine has a Python in a system folder, which is found as it should be")
    assert found.stderr.count("\n") == 1
    assert "Python 3.11, 3.12 or 3.13" in found.stderr
