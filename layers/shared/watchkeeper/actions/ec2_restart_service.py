"""Restart one systemd service of an EC2 instance. Which one, the order says: `with: {unit: nginx.service}`.

Never a service without which nobody could see or mend what comes of it: the SSM agent, remote login, the message bus, systemd's own.
"""

import re

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

UNIT = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}[.]service$"
LIFELINES = re.compile(r"((snap\.)?amazon-ssm-agent.*|sshd?|dbus(-broker)?|systemd-.*|polkit|cloud-.*|[Nn]etwork.*|getty@.*)\.service")


class Ec2RestartService(Parameters):
    instance_id: str = Field(pattern=r"^i-[0-9a-f]{8,17}$")
    unit: str = Field(pattern=UNIT)


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    unit = given.get("unit")
    if not isinstance(unit, str) or not re.fullmatch(UNIT, unit):
        raise ValueError("the order has to name the service: `with: {unit: nginx.service}`")
    if LIFELINES.fullmatch(unit):
        raise ValueError(f"{unit} is never restarted from here: the instance could not be reached any more if that failed")
    return Ec2RestartService(instance_id=target.id, unit=unit)


ACTION = Action(
    name="ec2-restart-service",
    says="Restart a service of the instance",
    target_type="ec2:instance",
    parameters=_parameters,
    takes=("unit",),
    helps_with=(Cause.CRASH_LOOP, Cause.POOL_EXHAUSTED),
    risk=Risk.MEDIUM,
    expected_effect="The service is down for some seconds and comes back with its processes started anew; the rest of the host runs on.",
    ready_when={"state": ("running",)},
    calls=("ssm:SendCommand",),
    command="restart-service",
    takes_out=True,
    needs=(
        "the instance carries the tag AutoRemediate=true",
        "the SSM agent runs on it, with systemd",
        "the order names the unit",
    ),
    why_irreversible="a restart cannot be taken back; what the service had in memory is gone",
)
