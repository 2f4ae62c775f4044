"""The HTTP door: is it small enough, does it prove who sent it, can it be read? Then it is queued, and only then accepted."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reception.envelopes import Opened, clean, parse
from reception.fields import mapping
from reception.service import hand_on
from reception.sources.registry import Received, Source, sources
from reception.understanding import only_alerts, understand
from reception.wiring import Wiring
from watchkeeper.errors import BadPayload, BadSignature, Refused, WatchkeeperError
from watchkeeper.gateway import Reply, headers_of, raw_body, reply
from watchkeeper.telemetry import count, logger

if TYPE_CHECKING:
    from reception.proofs import Proof


class NoSuchDoor(Refused):
    """Nothing answers under this path."""

    status = 404


class NotEnabled(Refused):
    """The source is known, and this stack has no secret for it."""

    status = 404


class NoSuchMethod(Refused):
    """The path is right, the method is not."""

    status = 405


class QueueDown(WatchkeeperError):
    """What was read could not be queued, so it is not accepted; the sender has to try again."""


def answer(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """An API Gateway REST proxy event in, its answer out. Whatever happens, the caller gets short JSON and no inner detail."""
    try:
        return _route(event)(event, wiring)
    except Refused as refused:
        count("RequestsRefused", why=type(refused).__name__)
        logger.info("refused", extra={"why": type(refused).__name__, "field": refused.field})
        return reply(refused.status, {"error": str(refused), "field": refused.field})
    except QueueDown:
        logger.exception("a webhook could not be queued")
        return reply(503, {"error": "it could not be queued and is not accepted; send it again", "field": ""}, retry_after="5")
    except Exception:  # noqa: BLE001 - the caller must see no stack trace, and a 5xx makes it send again; logged with all there is
        logger.exception("a webhook failed")
        return reply(500, {"error": "our own fault, and logged; nothing was accepted, send it again", "field": ""})


def _route(event: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Wiring], Reply]:
    path, method = str(event.get("resource") or event.get("path") or ""), event.get("httpMethod")
    wanted, found = ("GET", _health) if path.endswith("/health") else ("POST", _webhook)
    if method != wanted:
        raise NoSuchMethod(f"send a {wanted} request", field="method")
    return found


def _health(_: Mapping[str, Any], __: Wiring) -> Reply:
    return reply(200, {"status": "ok"})


def _webhook(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """In this order: size, proof over the raw bytes, JSON, alerts, queue. Nothing unproven is parsed."""
    source, proof = _source(event)
    raw, headers = raw_body(event, wiring.settings.max_body_bytes), headers_of(event)
    proven_at = _proven(source, proof, raw, headers, wiring)
    body = parse(raw)
    inside = Opened({"alerts": body} if isinstance(body, list) else _an_object(body), clean(raw.decode(errors="replace")))
    greeting = source.handshake(inside.body, headers) if source.handshake else None
    if greeting is not None:
        return reply(200, greeting)
    readings = understand(inside, Received(at=proven_at, home=wiring.home, door=source.name), wiring, known=source)
    try:
        return reply(202, hand_on(only_alerts(readings), wiring))
    except WatchkeeperError as error:
        raise QueueDown("the intake queue did not take it") from error


def _source(event: Mapping[str, Any]) -> tuple[Source, "Proof"]:
    """By its name in the address, else by an address of its own. Without the API's key only those that cannot send it."""
    path, name = str(event.get("path") or ""), mapping(event.get("pathParameters")).get("source")
    doors = {source.name: source for source in sources().values() if source.proof}
    found = doors.get(str(name)) if name else next((s for s in doors.values() if path.endswith((s.path, f"/webhooks/{s.name}"))), None)
    if found is None or found.proof is None:
        raise NoSuchDoor("no such source; there is: " + ", ".join(doors), field="source")
    if "/keyless/" in path and found.sends_key:
        raise NoSuchDoor(f"{found.name} sends the API's key: {found.path}", field="source")
    return found, found.proof


def _proven(source: Source, proof: "Proof", raw: bytes, headers: Mapping[str, str], wiring: Wiring) -> datetime:
    """When, by the proof. What does not prove itself by the secrets that we remember is judged once more by those of now."""
    now, store, name = wiring.clock(), wiring.secrets(), wiring.settings.webhook_secret_id
    live = _live(source, store.get(name))
    try:
        return proof.verify(raw, headers, live, now)
    except BadSignature:
        renewed = _live(source, store.renewed(name))
        if not renewed:
            raise NotEnabled(
                f"{source.name} is not enabled: put its secret under `{source.name}` into the webhook secret", "source"
            ) from None
        if renewed == live:
            raise
        return proof.verify(raw, headers, renewed, now)


def _live(source: Source, stored: Mapping[str, str]) -> tuple[str, ...]:
    """The secret in use and, while it is being changed, the one before."""
    return tuple(stored[name] for name in (source.name, f"{source.name}_previous") if stored.get(name))


def _an_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadPayload("send a JSON object, or a list of them")
    return body
