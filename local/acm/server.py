"""ACM's door on loopback: hands every call on to the emulator and lays renewals over what DescribeCertificate answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.acm.renewal import Renewal
from local.aws import Account
from local.passing_on import pass_on
from local.standins.http import Reply, Request, Server


@dataclass
class Acm:
    """`renewals` by the ARN of the certificate, for a story to set. A certificate without one is as the emulator has it."""

    emulator_url: str
    renewals: dict[str, Renewal] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        reply = pass_on(request, self.emulator_url)
        if reply.status != 200 or not request.headers.get("x-amz-target", "").endswith(".DescribeCertificate"):
            return reply
        said = json.loads(reply.body)
        renewal = self.renewals.get(said["Certificate"]["CertificateArn"])
        if renewal is None:
            return reply
        return Reply(200, {**said, "Certificate": renewal.laid_over(said["Certificate"])}, reply.headers)


@contextmanager
def serving(account: Account) -> Iterator[tuple[Acm, str]]:
    """The door for this account, and the address at which it listens."""
    acm = Acm(account.url)
    with Server({"": acm}) as server:
        yield acm, server.url
