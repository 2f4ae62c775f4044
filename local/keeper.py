"""Runs one command and outlives whoever asked for it by just long enough to end it.

Standard input is the leash: when it closes - the parent ended well, by Ctrl-C or by a crash - the command's whole process
group is ended and its scratch folder removed. A file of its own that imports next to nothing, since it starts with every run.

    python keeper.py FOLDER LOG COMMAND...
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

PATIENCE_SECONDS = 2.0


def keep(folder: str, log: str, command: list[str]) -> int:
    """Run the command until the leash is let go or it ends by itself; nothing of it is left afterwards."""
    os.makedirs(folder)  # noqa: PTH103 - pathlib would double the time that this takes to start
    with open(log, "wb") as out:  # noqa: PTH123 - the same
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    threading.Thread(target=_wait_for_end_of_input, args=(process,), daemon=True).start()
    code = process.wait()
    _end_group(process.pid)
    shutil.rmtree(folder, ignore_errors=True)
    return code


def _wait_for_end_of_input(process: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_SECONDS)
        return
    _end_group(process.pid)


def _end_group(group: int) -> None:
    """Ask all of them, then insist. A group with nobody in it is what we want."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.02)
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, lambda *_: None)  # not SIG_IGN, which the command would inherit
    sys.exit(keep(sys.argv[1], sys.argv[2], sys.argv[3:]))
