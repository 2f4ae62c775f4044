"""An alert by hand, through the front door: signed and with the key, as any tool would send it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cli.command import Command, Desk
from cli.knocking import body_of, source_of
from cli.screen import plain
from cli.sending import sent
from cli.trouble import DONE, NO, Trouble
from reception.sources.registry import Source, sources


def arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--alarm", metavar="NAME", help="an alert by this name, as a tool of yours would send it")
    which.add_argument("--sample", metavar="FILE", help="this JSON as it is, or a sample of any source, e.g. events/grafana-firing.json")
    parser.add_argument("--service", default="unknown", help="with --alarm: the service that it is about")
    parser.add_argument("--resolved", action="store_true", help="with --alarm: say that it is over")


def run(desk: Desk) -> int:
    said = desk.said
    source, body = _sample(said.sample) if said.sample else (sources()["generic"], _alert(said.alarm, said.service, resolved=said.resolved))
    answer = sent(desk, source, body)
    taken = 200 <= answer.status_code < 300
    desk.out.print(
        plain(f"{'Taken' if taken else 'Refused'} with {answer.status_code}: {answer.text.strip()[:500]}", "green" if taken else "red")
    )
    if taken:
        desk.out.print(plain("See it: ./watchkeeper incidents"))
    return DONE if taken else NO


def _alert(name: str, service: str, *, resolved: bool) -> bytes:
    said: dict[str, Any] = {
        "title": name,
        "status": "resolved" if resolved else "firing",
        "service": service,
        "fingerprint": name,
        "description": "Sent by hand with ./watchkeeper fire.",
    }
    return json.dumps(said).encode()


def _sample(path: str) -> tuple[Source, bytes]:
    """Whose it is, and the file's bytes; of an API Gateway event the body that it carries. Plain JSON is the generic webhook's."""
    try:
        raw = Path(path).read_bytes()
        event = json.loads(raw)
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}", todo="see what there is: ls events") from error
    except ValueError as error:
        raise Trouble(f"{path} is not JSON: {error}", todo="mend it, or take one of events/") from error
    if isinstance(event, dict) and "httpMethod" in event and isinstance(event.get("body"), str):
        return source_of(event) or sources()["generic"], body_of(event)
    return sources()["generic"], raw


COMMANDS = (Command("fire", "send a test alert through the front door, proven as its source proves it", run, arguments),)
