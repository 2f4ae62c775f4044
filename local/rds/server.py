"""RDS's door on loopback: hands every call on to the emulator, and adds what that lacks.

A Multi-AZ instance has a standby in another zone; a reboot that forces a failover exchanges the two, and is refused where there is
none. A change of storage is refused when it is less than a tenth more, or while the last one is still optimized; afterwards the
instance says `storage-optimization`, until a story ends that.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from local.aws import REGION, Account
from local.passing_on import pass_on
from local.standins.http import Reply, Request, Server

SPACE = "http://rds.amazonaws.com/doc/2014-10-31/"
CONTENT_TYPE = {"content-type": "text/xml"}
HERE, THERE = f"{REGION}a", f"{REGION}b"
Asked = dict[str, str]


class Door:
    """`optimizing` are the instances whose storage was changed, for a story to take out again."""

    def __init__(self, account: Account) -> None:
        self.optimizing = set[str]()
        self._failed_over = set[str]()
        self._beyond, self._rds = account.url, account.client("rds")

    def __call__(self, request: Request) -> Reply:
        asked = dict(parse_qsl(request.body.decode()))
        refused = self._refusal(asked)
        if refused:
            return refused
        reply = pass_on(request, self._beyond)
        if reply.status != 200:
            return reply
        after: dict[str, Callable[[str], None]] = {"RebootDBInstance": self._rebooted(asked), "ModifyDBInstance": self._modified(asked)}
        after.get(asked.get("Action", ""), _nothing)(asked.get("DBInstanceIdentifier", ""))
        return Reply(200, self._laid_over(reply.body), CONTENT_TYPE)

    def _refusal(self, asked: Asked) -> Reply | None:
        name = asked.get("DBInstanceIdentifier", "")
        if asked.get("Action") == "RebootDBInstance" and _forces(asked) and not self._now(name).get("MultiAZ"):
            return _error("InvalidParameterCombination", "Cannot force failover since the instance is not configured for high availability")
        if asked.get("Action") == "ModifyDBInstance" and "AllocatedStorage" in asked:
            return self._storage_refusal(name, int(asked["AllocatedStorage"]))
        return None

    def _storage_refusal(self, name: str, wanted: int) -> Reply | None:
        if name in self.optimizing:
            return _error("InvalidDBInstanceState", "The instance's storage is being optimized; wait until it is available")
        least = self._now(name).get("AllocatedStorage", 0) * 1.1
        if wanted < least:
            return _error("InvalidParameterCombination", f"Invalid storage size: it must be increased by at least 10 percent, to {least:g}")
        return None

    def _now(self, name: str) -> dict[str, Any]:
        """The instance as the emulator has it; empty where it has none, which it will say itself."""
        found = self._rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])["DBInstances"]
        return dict(found[0]) if found else {}

    def _rebooted(self, asked: Asked) -> Callable[[str], None]:
        return self._exchange if _forces(asked) else _nothing

    def _modified(self, asked: Asked) -> Callable[[str], None]:
        return self.optimizing.add if "AllocatedStorage" in asked else _nothing

    def _exchange(self, name: str) -> None:
        self._failed_over ^= {name}

    def _laid_over(self, body: bytes) -> bytes:
        ET.register_namespace("", SPACE)
        tree = ET.fromstring(body)
        for instance in tree.iterfind(".//{*}DBInstance"):
            self._lay_over(instance)
        return bytes(ET.tostring(tree, encoding="utf-8", xml_declaration=True))

    def _lay_over(self, instance: ET.Element) -> None:
        name = instance.findtext("{*}DBInstanceIdentifier") or ""
        status, zone = instance.find("{*}DBInstanceStatus"), instance.find("{*}AvailabilityZone")
        if status is not None and status.text == "available" and name in self.optimizing:
            status.text = "storage-optimization"
        if zone is not None and instance.findtext("{*}MultiAZ") == "true":
            zone.text, other = (THERE, HERE) if name in self._failed_over else (HERE, THERE)
            ET.SubElement(instance, zone.tag.replace("AvailabilityZone", "SecondaryAvailabilityZone")).text = other


def _forces(asked: Asked) -> bool:
    return asked.get("ForceFailover") == "true"


def _nothing(_: str) -> None:
    """Most calls change nothing here."""


def _error(code: str, message: str) -> Reply:
    told = (
        f"<ErrorResponse xmlns='{SPACE}'><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
    return Reply(400, told.encode(), CONTENT_TYPE)


@contextmanager
def serving(account: Account) -> Iterator[tuple[Door, str]]:
    """The door for this account, and the address at which it listens."""
    door = Door(account)
    with Server({"": door}) as server:
        yield door, server.url
