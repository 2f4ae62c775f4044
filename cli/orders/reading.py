"""What reception would make of an event: its alerts, and the incident that each would open. Nothing is sent or stored."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from cli.knocking import body_of, source_of
from cli.trouble import Trouble
from reception.envelopes import Opened, of_event, opened, parse
from reception.folding import Situation, fold
from reception.noise.minimum import rule_for
from reception.noise.quieting import quieting
from reception.resources import Place
from reception.sources.registry import Reading, Received, Source, sources
from reception.tidying import not_ahead, placed, tidied
from watchkeeper.episodes import Episode, Verdict
from watchkeeper.models import Alert, Incident
from watchkeeper.quiet import Noise
from watchkeeper.team import Services

NOWHERE = Place(account="", region="")


def alerts_of(event: Mapping[str, Any], at: datetime, services: Services) -> list[Alert]:
    """Every alert in an event of events/, read and placed as reception does it, each once."""
    found = []
    for inside, source in _inside(event):
        readings = _readings(source, inside, Received(at=at, home=NOWHERE, door=source.name))
        found += [tidied(placed(not_ahead(one, at), services), lambda text: text)[0] for one in readings if isinstance(one, Alert)]
    return list({alert.key: alert for alert in found}.values())


def incident_of(alert: Alert, at: datetime) -> Incident | None:
    """The incident that it would open where none is open for it; none where it is no news of that kind."""
    alone = Situation(alert, Episode(fingerprint=alert.fingerprint), None, at, timedelta(), "INC-of-this-event", "")
    folded = fold(alone)
    return folded.step.after if folded.verdict is Verdict.OPEN and folded.step else None


def kept_quiet(alert: Alert, noise: Noise, at: datetime) -> str:
    """What of noise.yaml would keep it from opening anything at once; empty where nothing does."""
    quiet = quieting(alert, noise.windows, noise.mutes, at)
    if quiet:
        return quiet.says
    rule = rule_for(alert, noise.minimum)
    return f"It opens an incident only with the {rule.count}th within {rule.within.total_seconds() / 60:g} min." if rule else ""


def _readings(source: Source, inside: Opened, received: Received) -> list[Reading]:
    """What a source cannot read comes out as unrecognised, as it does in reception."""
    try:
        return list(source.read(inside.body, received))
    except (LookupError, TypeError, ValueError, AttributeError):
        return list(sources()["unrecognised"].read(inside.body, received))


def _inside(event: Mapping[str, Any]) -> Iterator[tuple[Opened, Source]]:
    if "httpMethod" in event:
        yield _request(event)
        return
    records = event.get("Records")
    each = [one for one in records if isinstance(one, dict)] if isinstance(records, list) else []
    bodies = [one["body"] for one in each if isinstance(one.get("body"), str)]
    for inside in [opened(body) for body in bodies] or [of_event(dict(event))]:
        known = sources()
        yield inside, next((one for one in known.values() if one.recognises and one.recognises(inside.body)), known["unrecognised"])


def _request(event: Mapping[str, Any]) -> tuple[Opened, Source]:
    """Its proof is not asked for: here nobody is let in."""
    source = source_of(event)
    if source is None:
        raise Trouble(f"no source has the path {event.get('path')}", todo="see which there are: ./watchkeeper sources")
    try:
        raw = body_of(event)
    except ValueError as error:
        raise Trouble("the body is said to be base64 and is not", todo="samples lie in events/; see events/README.md") from error
    body = parse(raw)
    inside = {"alerts": body} if isinstance(body, list) else body if isinstance(body, dict) else {"message": str(body)}
    return Opened(inside, raw.decode(errors="replace")), source
