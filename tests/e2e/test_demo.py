"""The demo as a person starts it: with IAM enforced, with a stand-in for Claude, and stopped at any moment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.places import EMULATOR_PYTHON, ROOT, WORK

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not EMULATOR_PYTHON.exists(), reason="the emulator is not installed: make test installs it"),
]
LONGEST_SECONDS = 240


def _start(*arguments: str) -> "subprocess.Popen[str]":
    """The demo in a session of its own, without a model's key, as `make demo` runs it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "AWS_"))}
    command = [sys.executable, "-u", "-m", "local.demo", "--port", "0", *arguments]
    return subprocess.Popen(  # noqa: S603 - our own demo
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def test_a_performance_that_ends_well_with_iam_enforced_and_a_stand_in_for_claude() -> None:
    """The guardian is asked here, too, by a function that may do nothing else."""
    demo = _start("--once", "--iam", "--claude-standin")
    said, _ = demo.communicate(timeout=LONGEST_SECONDS)
    assert (demo.returncode, "steps happened." in said) == (0, True), said[-6000:]
    assert _left_of(demo.pid) == []


@pytest.mark.parametrize(
    ("moment", "how"),
    [
        pytest.param("emulator healthy", signal.SIGINT, id="Ctrl-C while it is set up"),
        pytest.param("template.yaml deployed", signal.SIGINT, id="Ctrl-C once it is deployed"),
        pytest.param("Gathering evidence", signal.SIGINT, id="Ctrl-C while functions run"),
        pytest.param("about to run", signal.SIGINT, id="Ctrl-C while a runbook runs"),
        pytest.param("Gathering evidence", signal.SIGTERM, id="terminated"),
    ],
)
def test_stopped_midway_nothing_is_left(moment: str, how: signal.Signals) -> None:
    demo = _start()
    _read_until(demo, moment)
    demo.send_signal(how)
    rest, _ = demo.communicate(timeout=30)
    assert (demo.returncode, "Traceback" in rest) == (130, False), rest[-3000:]
    assert _left_of(demo.pid) == []


def test_killed_outright_it_is_still_cleaned_up_after() -> None:
    demo = _start()
    _read_until(demo, "Gathering evidence")
    demo.kill()
    demo.communicate(timeout=30)
    deadline = time.monotonic() + 15
    while _left_of(demo.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _left_of(demo.pid) == []


def test_a_busy_page_port_is_avoided_and_said() -> None:
    first = _start("--port", "8719")
    _read_until(first, "the patients are there")
    second = _start("--port", "8719")
    _read_until(second, "the patients are there")
    for demo in (first, second):
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
        assert demo.returncode == 130


def _read_until(demo: "subprocess.Popen[str]", text: str) -> None:
    said = []
    assert demo.stdout is not None
    for line in demo.stdout:
        said.append(line)
        if text in line:
            return
    raise AssertionError(f"it ended without saying {text!r}: {''.join(said)[-3000:]}")


def _left_of(pid: int) -> list[str]:
    """Scratch folders of this run, and processes that were started in one or with one as their temporary folder."""
    folders = [str(path) for path in (WORK / "tmp").glob(f"{pid}-*")]
    mark = f"{WORK}/tmp/{pid}-".encode()
    return folders + [f"process {path.parent.name}" for path in Path("/proc").glob("[0-9]*/environ") if mark in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
