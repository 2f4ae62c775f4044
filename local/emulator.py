"""MiniStack on loopback, for as long as a `with` lasts. Nothing of it stays: no process, no folder, no open port."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from local import keeper
from local.aws import ACCOUNT, REGION, Account
from local.places import EMULATOR_PYTHON, ROOT, WORK, NotReady

HOST = "127.0.0.1"
USUAL_PORT = 4566
LOGS_KEPT = 4
HEALTHY_WITHIN_SECONDS = 20.0
A_MOMENT = 0.5
TRIES = 3
IN_USE = "already in use"
KEPT_FROM_THIS_MACHINE = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "HTTPS_PROXY",
    "https_proxy",
)


@dataclass(frozen=True)
class Emulator:
    """A running emulator: its address, where it logs, and a folder that is gone when it is."""

    url: str
    log: Path
    scratch: Path
    iam: bool

    @property
    def account(self) -> Account:
        return Account(self.url)


def free_port(wanted: int = 0) -> int:
    """The wanted port if nobody has it, any free one otherwise."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise NotReady(f"no free port on {HOST}; end a program that listens and try again")


def environment(port: int, scratch: Path, *, iam: bool) -> dict[str, str]:
    """What the emulator and the Lambda processes that it starts see: of this machine only what a process needs to run.

    AWS profiles and model keys stay out. So does PYTHONDONTWRITEBYTECODE, which would make every cold start compile anew.
    """
    return {name: os.environ[name] for name in KEPT_FROM_THIS_MACHINE if name in os.environ} | {
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "CLOUDTRAIL_RECORDING": "1",
        "AUTH": "true" if iam else "false",
        "TMPDIR": str(scratch),
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "laptop",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{HOST},localhost",
        "no_proxy": f"{HOST},localhost",
        "PYTHONUNBUFFERED": "1",
        "LOG_LEVEL": "INFO",
    }


@contextmanager
def running(*, iam: bool = False, port: int = USUAL_PORT) -> Iterator[Emulator]:
    """A healthy emulator on the wanted port or, where that is busy, on another one; also where somebody is quicker to take it."""
    if not EMULATOR_PYTHON.exists():
        raise NotReady("the emulator is not installed: run `make demo`, which installs it")
    for old in sorted(WORK.glob("emulator-*.log"), key=lambda log: log.stat().st_mtime)[:-LOGS_KEPT]:
        old.unlink(missing_ok=True)
    emulator, process = _started(port, iam=iam)
    try:
        yield emulator
    finally:
        _ended(process)


def _started(wanted: int, *, iam: bool) -> "tuple[Emulator, subprocess.Popen[bytes]]":
    """One that is healthy. Between finding a port and taking it there is time for another program."""
    for attempt in range(TRIES):
        emulator, process = _start(free_port(0 if attempt else wanted), iam=iam)
        try:
            _wait_until_healthy(emulator, process)
        except NotReady:
            _ended(process)
            if attempt < TRIES - 1 and IN_USE in emulator.log.read_text(errors="replace"):
                continue
            raise
        except BaseException:
            _ended(process)
            raise
        return emulator, process
    raise AssertionError("the last attempt returns or raises")


def _start(port: int, *, iam: bool) -> "tuple[Emulator, subprocess.Popen[bytes]]":
    scratch = WORK / "tmp" / f"{os.getpid()}-{secrets.token_hex(3)}"
    emulator = Emulator(f"http://{HOST}:{port}", WORK / f"emulator-{port}.log", scratch, iam)
    process = subprocess.Popen(
        [sys.executable, "-I", keeper.__file__, str(scratch), str(emulator.log), str(EMULATOR_PYTHON), "-m", "ministack"],
        env=environment(port, scratch, iam=iam),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    return emulator, process


def _ended(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin:
        process.stdin.close()
    process.wait()


def _is_ours(process: "subprocess.Popen[bytes]") -> bool:
    """Was it our process that answered? Had another one been quicker to take the port, ours would end within a moment."""
    try:
        process.wait(timeout=A_MOMENT)
    except subprocess.TimeoutExpired:
        return True
    return False


def _wait_until_healthy(emulator: Emulator, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with direct.open(f"{emulator.url}/_ministack/health", timeout=1):
                pass
            if _is_ours(process):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    last = emulator.log.read_text(errors="replace").strip().splitlines()[-3:]
    raise NotReady(f"the emulator did not come up at {emulator.url}; the end of {emulator.log}: {' | '.join(last) or '(empty)'}")
