"""EC2 instances for the tests of actions, what their SSM agents run a command in, and an account in moto for what the emulator lacks."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import boto3
from moto import mock_aws

from local.aws import REGION, Account
from local.ssm.execution import Pace
from local.ssm.simulator import Simulator
from local.ssm.steps.action import Agent
from remediation.inventory import AwsInventory
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

IMAGE = "ami-12345678"


def marked(*, allowed: bool = True, **more: str) -> list[dict[str, str]]:
    """Tags as EC2 takes them, with the one that lets us in or without it."""
    tags = {"Name": "host", **({"AutoRemediate": "true"} if allowed else {}), **more}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def an_instance(theatre: Theatre, *, allowed: bool = True) -> Resource:
    made = theatre.client("ec2").run_instances(
        ImageId=IMAGE,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": marked(allowed=allowed)}],
    )
    return Resource(type="ec2:instance", id=made["Instances"][0]["InstanceId"], trusted=True)


def shell(folder: Path, instead: dict[str, str] | None = None) -> Agent:
    """An agent that runs the script for real, as sh does, with programs in `folder` before those of this machine.

    `instead` is what it reads in place of other text, such as folders of the test's own; a script without that text is not run.
    """

    def agent(lines: Sequence[str]) -> tuple[int, str]:
        script = "\n".join(lines)
        for text, ours in (instead or {}).items():
            if script.count(text) != 1:
                return 99, f"the script does not say {text!r} once"
            script = script.replace(text, ours)
        environment = {"PATH": f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"}
        done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - our own command document, in folders of the test's own
        return done.returncode, done.stdout + done.stderr

    return agent


def program(folder: Path, name: str, script: str) -> None:
    """A program of the test's own that the script finds first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


class MotoAccount:
    """A Caller whose AWS is moto, in this process. Every role is itself."""

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")

    def role(self, arn: str, session: str) -> "MotoAccount":
        return self

    def environment(self) -> dict[str, str]:
        return {}


class MotoTheatre(Theatre):
    """The same simulator, runbooks and inventory; only the account is another one."""

    def __init__(self) -> None:
        super().__init__(cast("Account", MotoAccount()))  # a Caller is all that a theatre needs; tests on the emulator read its address too
        self.simulator = Simulator(self.account, Pace(poll_seconds=0.01, longest_sleep_seconds=0.01, between_steps_seconds=0.0))
        self.inventory = AwsInventory(self.account.client)


@contextmanager
def in_moto() -> Iterator[Theatre]:
    with mock_aws():
        made = MotoTheatre()
        yield made
        made.simulator.stop_all()
