"""The console's door: which of its addresses was called, and what its caller is told when something is wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from console.calls import approvals, switch
from console.pressing import interactions
from console.refusals import NoSuchDoor, NoSuchMethod
from console.wiring import Wiring
from watchkeeper.errors import Refused
from watchkeeper.gateway import Reply, reply
from watchkeeper.telemetry import count, logger

Door = Callable[[Mapping[str, Any], Wiring], Reply]
DOORS: dict[str, Door] = {"/slack/interactions": interactions, "/approvals": approvals, "/switch": switch}


def answer(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """An API Gateway REST proxy event in, its answer out. Whatever happens, the caller gets short JSON and no inner detail.

    Everyone who is turned away is counted and logged: by which door and why, never with what they brought.
    """
    path = str(event.get("resource") or event.get("path") or "")
    door = next((name for name in DOORS if path.endswith(name)), "")
    try:
        return _opened(door, event)(event, wiring)
    except Refused as refused:
        why = getattr(refused, "why", type(refused).__name__)
        count("AnswersRefused", door=door or "none", why=why)
        logger.warning("turned away", extra={"door": door, "why": why, "field": refused.field, "status": refused.status})
        return reply(refused.status, {"error": str(refused), "field": refused.field})
    except Exception:  # noqa: BLE001 - the caller must see no stack trace; logged with all there is, and the 5xx alarms
        logger.exception("a request of a person failed")
        return reply(500, {"error": "our own fault, and logged; nothing was decided, try it again", "field": ""})


def _opened(door: str, event: Mapping[str, Any]) -> Door:
    if not door:
        raise NoSuchDoor("there is: " + ", ".join(DOORS), field="path")
    if event.get("httpMethod") != "POST":
        raise NoSuchMethod("send a POST request", field="method")
    return DOORS[door]
