"""An SNS topic that posts over HTTPS, for accounts that cannot reach the intake queue. What it encloses is read by the other sources.

A CloudWatch alarm inside is an alert of the `cloudwatch` source, with the same fingerprint as through the queue.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reception.envelopes import opened
from reception.fields import Body, text
from reception.sns_signature import SnsSignature, fetch, is_of_sns
from reception.sources.registry import Reading, Received, source, sources
from watchkeeper.errors import BadSignature
from watchkeeper.telemetry import count, logger


@dataclass(frozen=True)
class Confirmation:
    """Answers SNS's question whether we want a topic's messages. It is asked after the proof: the topic is on our list.

    Safe to repeat: confirming what is confirmed changes nothing. What SNS does not answer is Transient, and SNS asks again.
    """

    fetch: Callable[[str], bytes] = fetch

    def __call__(self, body: Body, _: Mapping[str, str]) -> dict[str, Any] | None:
        kind, topic = text(body, "Type"), text(body, "TopicArn")
        if kind == "UnsubscribeConfirmation":
            # not undone: whoever may unsubscribe us may also mean it, but from now on this topic is silent
            count("TopicsUnsubscribed")
            logger.warning("a topic no longer posts to us", extra={"topic": topic})
            return {"status": "noted"}
        if kind != "SubscriptionConfirmation":
            return None
        self.fetch(self._address(body, topic))
        logger.info("confirmed a topic", extra={"topic": topic})
        return {"status": "confirmed"}

    def _address(self, body: Body, topic: str) -> str:
        """SNS's own host, and nothing asked of it but to confirm this topic with this token."""
        url = text(body, "SubscribeURL")
        wanted = {"Action": ["ConfirmSubscription"], "TopicArn": [topic], "Token": [text(body, "Token")]}
        if not is_of_sns(url, topic) or urlsplit(url).path != "/" or urlsplit(url).fragment or parse_qs(urlsplit(url).query) != wanted:
            raise BadSignature("not the address that confirms this topic", field="SubscribeURL")
        return url


@source(
    "sns",
    samples=("events/sns-notification.json", "events/sns-confirmation.json"),
    proof=SnsSignature(),
    handshake=Confirmation(),
    vendor="Amazon SNS over HTTPS",
    docs="https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html",
    sends_key=False,
)
def read_enclosed(body: Body, received: Received) -> Iterator[Reading]:
    """What the message holds, by whichever source of the intake queue knows it; else as unrecognised."""
    inside = opened(json.dumps(body)).body
    table = sources()
    found = next((s for s in table.values() if s.recognises and s.recognises(inside)), table["unrecognised"])
    yield from found.read(inside, received)
