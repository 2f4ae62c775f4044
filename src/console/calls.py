"""What people's own programs call: an answer to a question, and the switch that stops everything."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from console.bodies import must_be, read_json
from console.proven import by_token
from console.refusals import not_theirs
from console.service import decide
from console.wiring import Wiring
from watchkeeper.answering import Given
from watchkeeper.errors import WatchkeeperError
from watchkeeper.gateway import Reply, headers_of, raw_body, reply
from watchkeeper.models import Word
from watchkeeper.people import Person, Role
from watchkeeper.telemetry import count, logger


def _a_sentence(value: str) -> str:
    if not value.isprintable() or not value.strip():
        raise ValueError("one sentence that everyone will read")
    return value.strip()


class Answered(Word):
    """A person's answer. It names the question and nothing of the plan: what runs is what was shown."""

    ask_id: str = Field(max_length=64)
    answer: Literal["approve", "reject"]


class Stopped(Word):
    """It can only be thrown here; releasing it takes the command line and its credentials."""

    why: Annotated[str, AfterValidator(_a_sentence)] = Field(min_length=3, max_length=300)


def approvals(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """POST /approvals: 202 when it was handed to remediation, which judges it again."""
    person, raw = _known(event, wiring)
    said = read_json(raw, Answered)
    message = decide(said.ask_id, person, Given(said.answer == "approve", "api"), wiring)
    return reply(202, {"incident_id": message.incident_id, "answer": said.answer, "as": person.id})


def switch(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """POST /switch: no action starts any more, whatever the orders say. 502 names what could not be stopped: then try it again."""
    person, raw = _known(event, wiring)
    if not person.role.may(Role.ADMIN):
        raise not_theirs(f"{person.name} is {person.role.value}, and stopping everything takes an admin.")
    said = read_json(raw, Stopped)
    failed = _thrown(person, said.why, wiring)
    count("SwitchThrown")
    logger.warning("the kill switch was thrown", extra={"person": person.id, "why": said.why, "failed": failed})
    return reply(502 if failed else 200, {"stopped": not failed, "failed": failed, "by": person.id, "release": "./watchkeeper go"})


def _thrown(person: Person, why: str, wiring: Wiring) -> list[str]:
    """First the word that the gate reads, then the policy that IAM weighs. Each is tried, whatever became of the other; what failed."""
    failed = []
    try:
        wiring.switch.throw(person.id, why)
    except WatchkeeperError as error:
        failed.append(f"the switch: {error}")
    try:
        return [*failed, *wiring.lock()]
    except WatchkeeperError as error:
        return [*failed, f"IAM: {error}"]


def _known(event: Mapping[str, Any], wiring: Wiring) -> tuple[Person, bytes]:
    """In this order: size, who it is, what kind of body. Nothing of a stranger's is read."""
    raw, headers = raw_body(event, wiring.settings.max_call_bytes), headers_of(event)
    person = by_token(headers, wiring)
    must_be("application/json", headers)
    return person, raw
