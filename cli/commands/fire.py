"""An alert by hand, through the front door: signed and with the key, as any tool would send it."""

import base64
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests

from cli.command import Command, Desk
from cli.screen import plain
from cli.trouble import CANNOT, DONE, NO, Trouble
from reception.signature import SIGNATURE, TIMESTAMP, sign

SECONDS = 30


def arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--alarm", metavar="NAME", help="an alert by this name, as a tool of yours would send it")
    which.add_argument("--sample", metavar="FILE", help="this JSON as it is, e.g. events/webhook-generic.json")
    parser.add_argument("--service", default="unknown", help="with --alarm: the service that it is about")
    parser.add_argument("--resolved", action="store_true", help="with --alarm: say that it is over")


def run(desk: Desk) -> int:
    body = _sample(desk.said.sample) if desk.said.sample else _alert(desk.said.alarm, desk.said.service, resolved=desk.said.resolved)
    secret = desk.stack.secret("WebhookSecretArn").get("generic", "")
    if not secret:
        raise Trouble("the stack has no webhook secret yet", "it would refuse what we send", "put one: ./deploy.sh --help", CANNOT)
    stamp = str(int(desk.clock().timestamp()))
    answer = _post(desk, body, {TIMESTAMP: stamp, SIGNATURE: f"v1={sign(body, stamp, secret)}"})
    taken = 200 <= answer.status_code < 300
    desk.out.print(
        plain(f"{'Taken' if taken else 'Refused'} with {answer.status_code}: {answer.text.strip()[:500]}", "green" if taken else "red")
    )
    if taken:
        desk.out.print(plain("See it: ./watchkeeper incidents"))
    return DONE if taken else NO


def _post(desk: Desk, body: bytes, headers: dict[str, str]) -> requests.Response:
    key = desk.stack.client("apigateway").get_api_key(apiKey=desk.stack.output("ApiKeyId"), includeValue=True)["value"]
    url = f"{desk.stack.output('ApiUrl').rstrip('/')}/webhooks/generic"
    try:
        return requests.post(url, data=body, headers={"content-type": "application/json", "x-api-key": key, **headers}, timeout=SECONDS)
    except requests.RequestException as error:
        raise Trouble(f"{url} does not answer: {error}", "the alert was not taken", "./watchkeeper doctor shows what is wrong") from error


def _alert(name: str, service: str, *, resolved: bool) -> bytes:
    said: dict[str, Any] = {
        "title": name,
        "status": "resolved" if resolved else "firing",
        "service": service,
        "fingerprint": name,
        "description": "Sent by hand with ./watchkeeper fire.",
    }
    return json.dumps(said).encode()


def _sample(path: str) -> bytes:
    """The file's bytes; of an API Gateway event the body that it carries."""
    try:
        raw = Path(path).read_bytes()
        event = json.loads(raw)
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}", todo="see what there is: ls events") from error
    except ValueError as error:
        raise Trouble(f"{path} is not JSON: {error}", todo="mend it, or take one of events/") from error
    if isinstance(event, dict) and "httpMethod" in event and isinstance(event.get("body"), str):
        return base64.b64decode(event["body"]) if event.get("isBase64Encoded") else event["body"].encode()
    return raw


COMMANDS = (Command("fire", "send a signed test alert to the stack's webhook", run, arguments),)
