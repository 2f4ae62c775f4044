"""EC2's door on loopback: a dry run is answered here and reaches nobody, everything else is handed on to the emulator.

It says that it would have been done; whether the caller may, is IAM's to say and is asked apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from local.aws import Account
from local.passing_on import pass_on
from local.standins.http import Reply, Request, Server

XML = {"content-type": "text/xml"}
WOULD_BE_DONE = (
    "<Response><Errors><Error><Code>DryRunOperation</Code><Message>Request would have succeeded, but DryRun flag is set.</Message>"
    "</Error></Errors><RequestID>local</RequestID></Response>"
)


class Door:
    def __init__(self, emulator_url: str) -> None:
        self._beyond = emulator_url

    def __call__(self, request: Request) -> Reply:
        asked = parse_qs(request.body.decode(errors="replace"))
        if asked.get("DryRun", ["false"])[0].lower() == "true":
            return Reply(412, WOULD_BE_DONE.encode(), XML)
        return pass_on(request, self._beyond)


@contextmanager
def serving(account: Account) -> Iterator[str]:
    """The address at which the door for this account listens."""
    with Server({"": Door(account.url)}) as server:
        yield server.url
