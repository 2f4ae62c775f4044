"""An SNS topic that posts over HTTPS signs with RSA inside the body, by a certificate that lies at an address in that body.

So the order matters: only a topic that is on our list is asked about, only SNS's own host in that topic's region is fetched from,
and only then is anything compared. The certificate is believed because TLS says whose host it came from; no chain is checked.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reception.fields import moment, text
from reception.rsa import key_of, signed_by
from reception.signature import Shell
from watchkeeper.errors import BadSignature, Transient

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
MOST_KEYS = 20
LARGEST = 20_000
_TOPIC = re.compile(r"arn:aws(?P<partition>-[\w-]+)?:sns:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[\w-]{1,256}(?:\.fifo)?", re.ASCII)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")


def fetch(url: str) -> bytes:
    """GET, without following anywhere else; what does not answer 200 soon and shortly is Transient, and SNS sends again."""
    import urllib3  # only the first certificate pays for it

    try:
        with urllib3.PoolManager() as pool:
            reply = pool.request("GET", url, timeout=3.0, redirect=False, retries=False, preload_content=False)
            body = reply.read(LARGEST)
    except urllib3.exceptions.HTTPError as error:
        raise Transient(f"{url} does not answer") from error
    if reply.status != 200:
        raise Transient(f"{url} answers {reply.status}")
    return bytes(body)


def host_of(topic_arn: str) -> str:
    """SNS's own host for this topic; empty where it is no topic."""
    topic = _TOPIC.fullmatch(topic_arn)
    return f"sns.{topic['region']}.amazonaws.com" + (".cn" if topic["partition"] == "-cn" else "") if topic else ""


def is_of_sns(url: str, topic_arn: str) -> bool:
    """Whether this is an https address of SNS itself in the topic's region, with nothing before or after the host."""
    host = host_of(topic_arn)
    return bool(host) and re.match(rf"https://{re.escape(host)}/", url) is not None and not re.search(r"[\s\\\x00-\x1f]", url)


@dataclass(frozen=True)
class SnsSignature:
    """The stored secret is the list of topic ARNs that may post, separated by commas. Only SignatureVersion 2 counts: 1 is SHA-1.

    No window: SNS tries for up to an hour with the time of the first try. A repeated message folds into itself.
    """

    fetch: Callable[[str], bytes] = fetch
    timed: bool = False
    _keys: dict[str, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def words(self) -> str:
        return "SNS's own signature, version 2, from a topic whose ARN is among the secret's (separated by commas)"

    @property
    def shell(self) -> Shell | None:
        return None

    def verify(self, raw: bytes, _: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        body = _message(raw)
        topic, allowed = body["TopicArn"], {arn.strip() for secret in secrets for arn in secret.split(",")}
        if not host_of(topic) or topic not in allowed:
            raise BadSignature("this topic may not post here: put its ARN into the secret", field="TopicArn")
        if text(body, "SignatureVersion") != "2":
            raise BadSignature("set the topic's attribute SignatureVersion to 2: version 1 is SHA-1", field="SignatureVersion")
        if body["Type"] != "Notification" and not is_of_sns(body["SubscribeURL"], topic):
            raise BadSignature("not an address of SNS in the topic's region", field="SubscribeURL")
        url = text(body, "SigningCertURL")
        if not is_of_sns(url, topic) or not _CERTIFICATE.fullmatch(url.partition(host_of(topic))[2]):
            raise BadSignature("not a certificate of SNS in the topic's region", field="SigningCertURL")
        if not signed_by(self._key(url), content(body), text(body, "Signature")):
            raise BadSignature("the signature is not this message's", field="Signature")
        return moment(body["Timestamp"], now)

    def sign(self, _: bytes, __: str, ___: datetime) -> dict[str, str] | None:
        return None

    def _key(self, url: str) -> tuple[int, int]:
        """SNS changes its certificate now and then, under a new address: those that were seen are kept, up to a bound."""
        if url not in self._keys:
            found = key_of(self.fetch(url))
            if len(self._keys) >= MOST_KEYS:
                self._keys.clear()
            self._keys[url] = found
        return self._keys[url]


def content(body: Mapping[str, Any]) -> bytes:
    """What SNS signs: a line with the name and a line with the value of each field, in the order of the names."""
    present = [name for name in SIGNED[body["Type"]] if isinstance(body.get(name), str)]
    return "".join(f"{name}\n{body[name]}\n" for name in present).encode(errors="surrogatepass")


def _message(raw: bytes) -> dict[str, Any]:
    """The body, which has to be read before it can be proven; with every field that has to be signed, as text."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadSignature("not a message of SNS", field="body") from error
    kind = body.get("Type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in SIGNED:
        raise BadSignature("not a message of SNS", field="Type")
    for name in SIGNED[kind]:
        if not isinstance(body.get(name), str) and name != "Subject":
            raise BadSignature("SNS signs this field, and it is missing", field=name)
    return dict(body)
