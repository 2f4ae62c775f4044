"""Where the emulator listens, and what it is told of this machine."""

import socket
from pathlib import Path

import pytest

from local.emulator import HOST, environment, free_port


def test_a_busy_port_is_avoided() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        busy = taken.getsockname()[1]
        assert free_port(busy) != busy


def test_the_emulator_listens_on_loopback_and_sees_no_profile_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "ANTHROPIC_API_KEY", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"):
        monkeypatch.setenv(name, "from this machine")
    told = environment(4711, Path("/scratch"), iam=True)
    assert (told["BIND_HOST"], told["GATEWAY_PORT"], told["AUTH"], told["TMPDIR"]) == ("127.0.0.1", "4711", "true", "/scratch")
    assert "from this machine" not in told.values()
