"""Sends through the stack's front door, with its key and proven by the source's secret, as any tool would."""

import requests

from cli.command import Desk
from cli.knocking import knock
from cli.trouble import CANNOT, Trouble
from reception.sources.registry import Source

SECONDS = 30


def sent(desk: Desk, source: Source, body: bytes) -> requests.Response:
    """What the door answers; Trouble where this stack does not take the source, or nobody answers."""
    secret = desk.stack.secret("WebhookSecretArn").get(source.name, "")
    if not secret:
        todo = f"./watchkeeper sources {source.name} --enable"
        raise Trouble(f"{source.name} has no secret on this stack yet", "it would refuse what we send", todo, CANNOT)
    made = knock(source, body, secret, desk.clock())
    key = desk.stack.client("apigateway").get_api_key(apiKey=desk.stack.output("ApiKeyId"), includeValue=True)["value"]
    url = desk.stack.output("ApiUrl").rstrip("/") + made.path
    headers = {"content-type": "application/json", "x-api-key": key, **made.headers}
    try:
        return requests.post(url, data=body, headers=headers, params=dict(made.query), timeout=SECONDS)
    except requests.RequestException as error:
        why = type(error).__name__  # its text may hold the address, and that a secret
        raise Trouble(f"{url} does not answer: {why}", "nothing was taken", "./watchkeeper doctor shows what is wrong") from error
