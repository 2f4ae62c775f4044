"""What SES was given to send, as the emulator keeps it."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from local.aws import ACCOUNT

TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Mail:
    """One mail."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    at: str


@dataclass(frozen=True)
class Mailbox:
    """Every mail of the emulated account, oldest first."""

    emulator_url: str

    def mails(self) -> list[Mail]:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.emulator_url}/_ministack/ses/messages?account={ACCOUNT}", timeout=TIMEOUT_SECONDS) as answer:
            found: list[dict[str, Any]] = json.load(answer)["messages"].get(ACCOUNT, [])
        return [
            Mail(m["MessageId"], m["Source"], tuple(m["To"]), m["Subject"], m["BodyText"] or "", m["BodyHtml"] or "", str(m["Timestamp"]))
            for m in found
        ]
