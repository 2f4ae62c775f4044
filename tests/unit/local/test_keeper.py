"""What the keeper runs ends with whoever held the leash, with everything that it started itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local import keeper

TWO_PROCESSES = """
import os, pathlib, signal, subprocess, sys, time
STUBBORN
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("pids").write_text(f"{child.pid} {os.getpid()}")
time.sleep(60)
"""


def _soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def _gone(pid: int) -> bool:
    """Not there, or dead and not yet collected by whoever adopted it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("stubborn", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"], ids=["obedient", "ignores being asked"])
def test_nothing_is_left_when_the_leash_is_let_go(tmp_path: Path, stubborn: str) -> None:
    folder = tmp_path / "scratch"
    script = TWO_PROCESSES.replace("STUBBORN", stubborn)
    kept = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, keeper.__file__, folder, tmp_path / "log", sys.executable, "-c", script], stdin=subprocess.PIPE
    )
    assert _soon(lambda: (folder / "pids").exists() and len((folder / "pids").read_text().split()) == 2), (tmp_path / "log").read_text()
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    assert kept.stdin is not None
    kept.stdin.close()
    kept.wait(10)
    assert all(_soon(lambda pid=pid: _gone(pid)) for pid in pids)  # type: ignore[misc]  # a default binds the loop's value
    assert not folder.exists()


def test_what_ends_by_itself_is_cleaned_up_too(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    command = [sys.executable, "-c", "print('hello'); exit(3)"]
    kept = subprocess.Popen([sys.executable, keeper.__file__, folder, tmp_path / "log", *command], stdin=subprocess.PIPE)  # noqa: S603 - our own script
    assert kept.wait(10) == 3
    assert kept.stdin is not None
    kept.stdin.close()
    assert (folder.exists(), (tmp_path / "log").read_text()) == (False, "hello\n")
