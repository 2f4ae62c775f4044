"""What can be pointed at the stack: the table, the card with its request to copy, and the care of secrets."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.doors import Door, example
from cli.knocking import new_secret
from cli.stack import Stack
from local.standins.http import Reply, Request, Server
from reception.door import answer
from reception.sources.registry import sources
from tests.fakes.memory import MemorySecrets
from tests.unit.cli.conftest import ApiGateway, Terminal
from tests.unit.reception.world import ROOT, World

AT_THE_DOOR = [source for source in sources().values() if source.proof]
TO_COPY = [source for source in AT_THE_DOOR if source.proof and source.proof.shell]


class Closed(ApiGateway):
    """A client that may not read secrets."""

    def get_secret_value(self, **_: str) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "GetSecretValue")


class ClosedStack(Stack):
    """A stack of whose secrets these credentials may know nothing."""

    def __init__(self, of: Stack) -> None:
        super().__init__(None, of.outputs, of.name)

    def client(self, service: str) -> Any:
        return Closed()


def stored(terminal: Terminal) -> dict[str, str]:
    arn = terminal.stack.output("WebhookSecretArn")
    found: dict[str, str] = json.loads(terminal.stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return found


def test_every_source_is_shown_with_its_route_and_whether_it_is_enabled(terminal: Terminal) -> None:
    assert terminal.run("sources") == 0
    for source in sources().values():
        assert source.name in terminal.out
        assert source.path in terminal.out
    assert "a shared secret" not in terminal.out
    shown = {line.split()[0]: line.split()[1] for line in terminal.out.splitlines() if line and not line.startswith(" ")}
    assert (shown["generic"], shown["cloudwatch"], shown["grafana"]) == ("yes", "always", "no")


def test_without_permission_or_stack_the_rest_is_shown(terminal: Terminal) -> None:
    terminal.stack = ClosedStack(terminal.stack)
    assert terminal.run("sources") == 0
    assert "not known" in terminal.out
    assert "AccessDenied" in terminal.out
    assert terminal.run("sources", "generic") == 0
    assert "AccessDenied" in terminal.out


def test_each_has_a_card(terminal: Terminal) -> None:
    for source in sources().values():
        assert terminal.run("sources", source.name) == 0
        assert source.path in terminal.out
        assert "a shared secret" not in terminal.out


@pytest.mark.parametrize(
    "line", [["unheard-of"], ["cloudwatch", "--enable"], ["--enable"], ["--reveal"], ["generic", "--secret", "the-secret"]]
)
def test_what_cannot_be_done_is_said(line: list[str], terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    before = stored(terminal)
    assert terminal.run("sources", *line) in {1, 2}
    assert capsys.readouterr().err
    assert stored(terminal) == before


def test_a_source_is_enabled_changed_and_rid_of_the_secret_before(terminal: Terminal) -> None:
    assert terminal.run("sources", "grafana", "--enable") == 0
    first = stored(terminal)["grafana"]
    assert first not in terminal.out
    assert len(first) >= 32
    assert terminal.run("sources", "grafana", "--enable") == 0
    changed = stored(terminal)
    assert (changed["grafana_previous"], changed["generic"]) == (first, "a shared secret")
    assert changed["grafana"] != first
    assert terminal.run("sources", "grafana", "--retire") == 0
    assert "grafana_previous" not in stored(terminal)
    assert stored(terminal)["grafana"] == changed["grafana"]
    assert terminal.run("sources", "grafana", "--retire") == 0


def test_a_vendors_own_secret_comes_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from the vendor\n")
    for _ in range(2):
        assert terminal.run("sources", "pagerduty", "--secret", f"file:{path}") == 0
    assert stored(terminal)["pagerduty"] == "from the vendor"
    assert "pagerduty_previous" not in stored(terminal)


def test_the_secret_is_shown_only_when_asked_for(terminal: Terminal) -> None:
    assert terminal.run("sources", "generic") == 0
    assert "get-secret-value" in terminal.out
    assert "get-api-key" in terminal.out
    assert terminal.run("sources", "generic", "--reveal") == 0
    assert "secret='a shared secret'" in terminal.out
    assert "key='value of key-1'" in terminal.out


@pytest.fixture
def door(terminal: Terminal) -> Iterator[dict[str, str]]:
    """The real door behind a real socket, with what API Gateway does before it; it gives the secrets that count there."""
    secrets: dict[str, str] = {}

    def gateway(request: Request) -> Reply:
        path = request.path.partition("?")[0]
        keyless = path.startswith("/keyless/")
        if not keyless and request.headers.get("x-api-key") != "value of key-1":
            return Reply(403, {"message": "Forbidden"})
        world = World(secrets=MemorySecrets({"webhooks": secrets}))
        world.clock.at = datetime.now(UTC)
        event = {
            "httpMethod": "POST", "path": path, "resource": path, "headers": dict(request.headers), "body": request.body.decode(),
            "queryStringParameters": dict(request.query),
        }  # fmt: skip
        reply = answer(event, world.wiring)
        return Reply(reply["statusCode"], json.loads(reply["body"]))

    with Server({"": gateway}) as server:
        terminal.stack.outputs = {**terminal.stack.outputs, "ApiUrl": server.url}
        yield secrets


def test_each_request_to_copy_works_as_it_is(terminal: Terminal, door: dict[str, str]) -> None:
    """In a shell, against the door: only with the secret and the key in place, which elsewhere the AWS command line brings."""
    for source in TO_COPY:
        door[source.name] = new_secret(source)
        lines = example(Door(terminal.stack, source, door, reveal=True))
        for shell in ("sh", "bash"):
            command = [shell, "-euc", lines + " -w '\n%{http_code}'"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - what we print, run as printed
            assert done.stdout.splitlines()[-1:] in (["202"], ["200"]), (source.name, lines, done.stdout, done.stderr)


def test_every_sample_can_be_fired(terminal: Terminal, door: dict[str, str]) -> None:
    terminal.at = datetime.now(UTC)
    door.update({source.name: new_secret(source) for source in TO_COPY})
    arn = terminal.stack.output("WebhookSecretArn")
    terminal.stack.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(door))
    samples = [ROOT / name for source in TO_COPY for name in source.samples]
    for sample in [path for path in samples if "httpMethod" in json.loads(path.read_text())]:
        assert terminal.run("fire", "--sample", str(sample)) == 0, (sample, terminal.out)


def test_firing_at_a_source_that_is_not_enabled_says_how(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.run("fire", "--sample", str(ROOT / "events" / "grafana-firing.json")) == 2
    assert "./watchkeeper sources grafana --enable" in capsys.readouterr().err
