"""Who is calling, proven before anything is read: Slack by its signature over the raw bytes, people by a token of their own."""

from collections.abc import Mapping

from console.refusals import NotEnabled, stranger
from console.wiring import Wiring
from watchkeeper.errors import BadSignature
from watchkeeper.people import Person, person_by_id
from watchkeeper.signatures import among, slack_mark, told_at

SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"
SIGNING, TOKEN, BEFORE = "slack_signing_secret", "api_token_", "_previous"
SHORTEST_TOKEN = 32


def by_slack(raw: bytes, headers: Mapping[str, str], wiring: Wiring) -> None:
    """BadSignature unless Slack has signed these bytes within the last five minutes. A secret that was changed just now counts."""
    said = told_at(headers, TIMESTAMP, wiring.clock())
    sent, name = headers.get(SIGNATURE.lower(), ""), wiring.settings.console_secret_id
    if _signed(raw, said, sent, wiring.secrets.get(name)):
        return
    renewed = wiring.secrets.renewed(name)
    if not _signing(renewed):
        raise NotEnabled(f"Slack is not enabled: put its signing secret under `{SIGNING}` into the console's secret", field=SIGNING)
    if not _signed(raw, said, sent, renewed):
        raise BadSignature(f"send {SIGNATURE}: v0=<HMAC-SHA256 of v0:<time>:<body as it is sent>>", field=SIGNATURE.lower())


def by_token(headers: Mapping[str, str], wiring: Wiring) -> Person:
    """The person whose token this is; BadSignature where it is nobody's, 403 where they are not in people.yaml any more."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    name = wiring.settings.console_secret_id
    sent = token.strip() if scheme.lower() == "bearer" else ""
    holders = _holders(sent, wiring.secrets.get(name)) or _holders(sent, wiring.secrets.renewed(name))
    if len(holders) != 1:  # a token that two people share names neither
        raise BadSignature("send Authorization: Bearer <your own API token>", field="authorization")
    person = person_by_id(wiring.people(), holders.pop())
    if person is None:
        raise stranger("That token belongs to nobody in people.yaml.")
    return person


def _signing(stored: Mapping[str, str]) -> list[str]:
    """The secret in use and, while it is being changed, the one before."""
    return [stored[name] for name in (SIGNING, SIGNING + BEFORE) if stored.get(name)]


def _signed(raw: bytes, said: str, sent: str, stored: Mapping[str, str]) -> bool:
    return among([sent], [slack_mark(raw, said, secret) for secret in _signing(stored)])


def _holders(sent: str, stored: Mapping[str, str]) -> set[str]:
    """Whose token this is. All are compared, and one that is too short to be a secret is nobody's."""
    if not sent:
        return set()
    tokens = [(name, token) for name, token in stored.items() if name.startswith(TOKEN) and len(token) >= SHORTEST_TOKEN]
    same = [name for name, token in tokens if among([sent], [token])]
    return {name.removeprefix(TOKEN).removesuffix(BEFORE) for name in same}
