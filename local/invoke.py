"""`python -m local.invoke`: the samples in events/ through sam-cli, in the Lambda runtime's own container.

One for each way in goes through `sam local invoke`, which starts a container for it; all others through `sam local
start-lambda`, which keeps one. Samples that are named go through `sam local invoke`. What was built by `make build` is
invoked, with the laptop stack behind it: the same tables, queues and secrets as in the demo.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from cli.knocking import proven_anew, source_of
from local import template
from local.aws import REGION, ROOT_OF_ACCOUNT, Account
from local.bridge import reachable_from_containers
from local.deploy import STACK
from local.emulator import free_port
from local.options import Options
from local.places import ROOT, WORK, NotReady
from local.stage import Stage, raised

BUILT = ROOT / ".aws-sam" / "build"
SAM = ROOT / ".venv-sam" / "bin" / "python"
FUNCTION = "ReceptionFunction"
IMAGE = "public.ecr.aws/lambda/python:3.13-x86_64"
SECONDS = 120
ALL = sorted((ROOT / "events").glob("*.json"))
# One for each way in: SNS through the queue, a request, a log subscription, an alarm's own Lambda action, what nobody can read.
ALONE = {
    "cloudwatch-alarm-sns.json", "webhook-generic.json", "logs-subscription.json", "cloudwatch-alarm-direct.json", "not-json.json",
}  # fmt: skip


@dataclass(frozen=True)
class Sam:
    """`sam local invoke`, told where things are."""

    built: Path
    variables: Path
    scratch: Path

    def invoke(self, event: Path) -> Any:
        """What the function answers in a container of its own; NotReady shows the end of what sam said where it answers nothing."""
        command = self._command("invoke", "--event", str(event))
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=_environment(), cwd=ROOT, check=False)
        answers = [line for line in done.stdout.splitlines() if line.startswith(("{", "null", "[", '"'))]
        if done.returncode or not answers:
            raise NotReady(f"sam local invoke {event.name} did not answer:\n" + "\n".join((done.stderr + done.stdout).splitlines()[-15:]))
        return json.loads(answers[-1])

    @contextmanager
    def warm(self) -> Iterator[Callable[[Path], Any]]:
        """One container that stays, for as long as the `with` lasts: the second sample costs milliseconds and no cold start."""
        port, log = free_port(), self.scratch / "start-lambda.log"
        command = self._command("start-lambda", "--warm-containers", "EAGER", "--host", "127.0.0.1", "--port", str(port))
        client = Account(f"http://127.0.0.1:{port}").client("lambda")
        with log.open("w") as said, subprocess.Popen(command, stdout=said, stderr=said, env=_environment(), cwd=ROOT) as process:
            try:
                _await(port, process, log)
                yield lambda event: json.load(client.invoke(FunctionName=FUNCTION, Payload=event.read_bytes())["Payload"])
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=60)

    def _command(self, verb: str, *options: str) -> list[str]:
        command = [str(SAM), "-m", "samcli", "local", verb, FUNCTION, "--template", str(self.built), *options]
        command += ["--env-vars", str(self.variables), "--layer-cache-basedir", str(WORK / "sam-layers")]
        return command + (["--skip-pull-image"] if _has_image() else [])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local.invoke", description=__doc__)
    parser.add_argument("events", nargs="*", type=Path, default=ALL, help="which samples, each in a container of its own (all)")
    told = parser.parse_args(arguments)
    failed = 0
    try:
        with raised(Options(), lambda _: None) as stage, _sam(stage) as sam:
            alone = [event for event in told.events if event.name in ALONE or told.events != ALL]
            together = [event for event in told.events if event not in alone]
            failed += sum(not _played(event, sam.invoke, stage, sam.scratch) for event in alone)
            if together:
                print(f"{len(together)} more, through `sam local start-lambda`, in one container that stays:", flush=True)
                with sam.warm() as invoke:
                    failed += sum(not _played(event, invoke, stage, sam.scratch) for event in together)
    except NotReady as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if failed else 0


def _played(event: Path, invoke: Callable[[Path], Any], stage: Stage, scratch: Path) -> bool:
    """One sample, with a line of what came of it. What only its vendor can sign is left, and said to be."""
    if is_the_vendors_alone(event):
        print(f"left    {event.name:<38}         only its vendor can sign it", flush=True)
        return True
    began = time.monotonic()
    answer = invoke(_signed_now(event, stage, scratch))
    good = is_good(answer)
    print(f"{'ok    ' if good else 'FAILED'}  {event.name:<38} {time.monotonic() - began:5.1f} s  {json.dumps(answer)[:100]}", flush=True)
    return good


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until sam listens; NotReady with the end of its log where it ends instead or takes too long."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise NotReady("sam local start-lambda did not start:\n" + "\n".join(log.read_text().splitlines()[-15:]))


def is_the_vendors_alone(event: Path) -> bool:
    """Whether nobody but the vendor can prove this request, as with SNS, which signs with a key of its own."""
    source = source_of(json.loads(event.read_text()))
    return source is not None and source.proof is not None and source.proof.shell is None


def is_good(answer: Any) -> bool:
    """No error, no record of a batch that failed, no request that was refused."""
    if not isinstance(answer, Mapping) or "errorType" in answer:
        return answer is None
    return not answer.get("batchItemFailures") and int(answer.get("statusCode", 200)) < 300


@contextmanager
def _sam(stage: Stage) -> Iterator[Sam]:
    """A copy of the built template whose function speaks to the emulator, and the values that the emulator's own function has."""
    if not (BUILT / "template.yaml").is_file():
        raise NotReady("nothing is built yet: make build")
    deployed = stage.stack.client("lambda").get_function_configuration(FunctionName=f"{STACK}-reception")["Environment"]["Variables"]
    with TemporaryDirectory(dir=WORK) as folder, reachable_from_containers(stage.emulator.url) as address:
        copy = template.read(BUILT / "template.yaml")
        function = copy["Resources"][FUNCTION]["Properties"]
        function["Environment"]["Variables"] |= {"AWS_ENDPOINT_URL": address, "POWERTOOLS_TRACE_DISABLED": "true"}
        function.pop("Tracing", None)
        built, variables = BUILT / "laptop.yaml", Path(folder) / "variables.json"
        built.write_text(yaml.safe_dump(copy))
        ours = {name: value for name, value in deployed.items() if not name.startswith("AWS_")}
        variables.write_text(json.dumps({FUNCTION: ours | {"AWS_ENDPOINT_URL": address}}))
        try:
            yield Sam(built, variables, Path(folder))
        finally:
            built.unlink()


def _signed_now(event: Path, stage: Stage, scratch: Path) -> Path:
    """The sample; a webhook is proven anew, because a signature of another day is refused as it should be."""
    sample = json.loads(event.read_text())
    source = source_of(sample)
    if source is None:
        return event
    fresh = scratch / event.name
    secret = stage.stack.secret("WebhookSecretArn").get(source.name, "")
    fresh.write_text(json.dumps(proven_anew(sample, source, secret, datetime.now(UTC))))
    return fresh


@cache
def _has_image() -> bool:
    """Is the runtime's image here? Then it is not asked for again, so that this also works offline."""
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False).returncode
    )


def _environment() -> dict[str, str]:
    """This process's, with the emulated account's key and nothing of a real one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    key = {"AWS_ACCESS_KEY_ID": ROOT_OF_ACCOUNT.key, "AWS_SECRET_ACCESS_KEY": ROOT_OF_ACCOUNT.secret}
    return kept | key | {"AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}


if __name__ == "__main__":
    sys.exit(main())
