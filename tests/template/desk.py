"""A checkout with deploy.sh in it, programs that only write down what they are asked, and a door that checks signatures."""

import hashlib
import hmac
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.standins.http import Reply, Request

KEY = "sk-ant-very-secret-0123456789"
HOOK = "https://hooks.slack.com/services/T000/B000/very-secret-hook"
DOOR_SECRET, DOOR_KEY = "very-secret-webhook-signing", "very-secret-api-key"
SECRETS = (KEY, HOOK, DOOR_SECRET, DOOR_KEY)

# One program with three names. It writes down its name, arguments, environment and standard input, and answers as it was told.
# Its second line is a command to the shell and a text to Python, since a #! line takes no space in a path.
RECORDER = """#!/bin/sh
"exec" "{python}" "$0" "$@"
import json, os, pathlib, sys
name, args = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
home = pathlib.Path(os.environ["RECORDER"])
takes = any(arg == "file:///dev/stdin" for arg in args)
said = pathlib.Path("/dev/stdin").read_text() if takes else ""
with (home / "log").open("a") as log:
    log.write(json.dumps({{"name": name, "args": args, "env": dict(os.environ), "stdin": said}}) + "\\n")
for wanted, answer in json.loads((home / "answers").read_text()):
    if " ".join([name, *args]).startswith(wanted):
        print(answer["out"], end="")
        sys.exit(answer["code"])
"""


class Door:
    """What the smoke test knocks at: the API, with its key and its signature."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.broken = False

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        self.seen.append((f"{request.method} {request.path}", reply.status))
        return reply

    def _reply(self, request: Request) -> Reply:
        if self.broken:
            return Reply(500)
        if request.path == "/health":
            return Reply(200, {"status": "ok"})
        if request.headers.get("x-api-key") != DOOR_KEY:
            return Reply(403)
        stamp = request.headers.get("x-watchkeeper-timestamp", "")
        mark = hmac.new(DOOR_SECRET.encode(), f"{stamp}:".encode() + request.body, hashlib.sha256).hexdigest()
        return Reply(202 if request.headers.get("x-watchkeeper-signature") == f"v1={mark}" else 401)


@dataclass
class Desk:
    """A checkout with deploy.sh in it, and a PATH of recorders."""

    home: Path
    door: Door
    answers: dict[str, tuple[str, int]]
    env: dict[str, str] = field(default_factory=dict)
    stdin: str = ""

    def deploy(self, *args: str) -> subprocess.CompletedProcess[str]:
        told = [[wanted, {"out": out, "code": code}] for wanted, (out, code) in self.answers.items()]
        (self.home / "answers").write_text(json.dumps(told))
        clean = {"PATH": f"{self.home / 'bin'}:/usr/bin:/bin", "HOME": str(self.home), "RECORDER": str(self.home), "DEPLOY_PATIENCE": "0"}
        command = [str(self.home / "deploy.sh"), *args]
        return subprocess.run(  # noqa: S603 - our own script, and arguments that the tests write
            command, env=clean | self.env, input=self.stdin, capture_output=True, text=True, check=False, timeout=60
        )

    @property
    def calls(self) -> list[dict[str, Any]]:
        log = self.home / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def order(self) -> list[str]:
        """What was run: the program and its first two words."""
        return [" ".join([call["name"], *[arg for arg in call["args"][:2] if not arg.startswith("-")]]) for call in self.calls]

    def asked(self, program: str, *words: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if call["name"] == program and call["args"][: len(words)] == list(words)]


def stored(desk: Desk) -> dict[str, dict[str, str]]:
    """What was put, by the secret's ARN; the last one counts."""
    puts = desk.asked("aws", "secretsmanager", "put-secret-value")
    return {call["args"][call["args"].index("--secret-id") + 1]: json.loads(call["stdin"]) for call in puts}


def said_anywhere(desk: Desk, done: subprocess.CompletedProcess[str]) -> str:
    """Everything that a bystander could read: the screen, the arguments and the environments of all that was started."""
    seen = [done.stdout, done.stderr, *(json.dumps([call["args"], call["env"]]) for call in desk.calls)]
    return "\n".join(seen)
