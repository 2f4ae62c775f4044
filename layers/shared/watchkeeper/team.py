"""The team's word: config/*.yaml, read strictly, versioned by the hash of its bytes."""

import hashlib
import os
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from watchkeeper.errors import Misconfigured
from watchkeeper.models import Severity, Word
from watchkeeper.orders.model import (
    Caps,
    Day,
    Freeze,
    GuardianTerms,
    Hours,
    Keyless,
    Ladder,
    Limits,
    Mode,
    Order,
    Outside,
    StandingOrders,
    Thinking,
    When,
)
from watchkeeper.team_files import Duration, read_yaml

__all__ = [
    "Caps",
    "Channel",
    "ChannelKind",
    "Channels",
    "Day",
    "Duration",
    "Freeze",
    "GuardianTerms",
    "Hours",
    "Keyless",
    "Ladder",
    "Limits",
    "Mode",
    "Order",
    "Outside",
    "Service",
    "Services",
    "StandingOrders",
    "Thinking",
    "When",
    "channels",
    "config_dir",
    "read_orders",
    "read_orders_file",
    "read_yaml",
    "services",
    "standing_orders",
]


class Service(Word):
    """What belongs to a service, and whose it is."""

    name: str
    owner: str = ""
    environment: str = ""
    resources: tuple[str, ...] = Field(default=(), description="ids or ARNs; a `*` at the end stands for the rest")
    alarms: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default={}, description="tags or labels that all of its resources carry, where no name tells")
    repository: str = ""
    depends_on: tuple[str, ...] = Field(default=(), description="names of the services that this one cannot do without")


class Services(Word):
    services: tuple[Service, ...] = ()


class ChannelKind(StrEnum):
    SLACK = "slack"
    JIRA = "jira"
    EMAIL = "email"
    PAGERDUTY = "pagerduty"


class Channel(Word):
    """One place where people are told. `where` is the kind's own: a channel, a project key, addresses."""

    id: str
    kind: ChannelKind
    where: dict[str, Any] = {}
    services: tuple[str, ...] = ()
    at_least: Severity = Severity.SEV4


class Channels(Word):
    channels: tuple[Channel, ...] = ()


def config_dir() -> Path:
    """Where config/ is: WATCHKEEPER_CONFIG, the layer's /opt, or a layer folder on the import path (the emulator's)."""
    for place in (os.environ.get("WATCHKEEPER_CONFIG", ""), "/opt", *sys.path):
        if place and Path(place, "standing-orders.yaml").is_file():
            return Path(place)
    raise Misconfigured("config/standing-orders.yaml is in no layer; set WATCHKEEPER_CONFIG to the folder it lies in")


def read_orders(folder: Path) -> StandingOrders:
    """The standing orders of this folder."""
    return read_orders_file(folder / "standing-orders.yaml")


def read_orders_file(path: Path) -> StandingOrders:
    """The standing orders, with the hash of their bytes as version."""
    orders = read_yaml(path, StandingOrders)
    return orders.but(version=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


@cache
def standing_orders() -> StandingOrders:
    return read_orders(config_dir())


@cache
def services() -> Services:
    return read_yaml(config_dir() / "services.yaml", Services)


@cache
def channels() -> Channels:
    return read_yaml(config_dir() / "channels.yaml", Channels)
