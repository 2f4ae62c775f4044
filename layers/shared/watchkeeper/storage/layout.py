"""How the incidents table is laid out: one partition for an incident, pointers beside it, four sparse indexes.

INC-…      META                the incident            by_time, by_service, due
INC-…      ALERT#… EVIDENCE#…  what hangs on it        (RESOURCE#… : by_resource)
INC-…      OWED#…              a promise of a change   due
INC-…      TALLY#…             how many exact duplicates of a fingerprint came
FP#…       EPISODE             a fingerprint's open incident; due while it is held or suppressed
ASIDE#…    ASIDE#time#id       an alert of the fingerprint that opened nothing, for as long as KEEP_ASIDE
MUTES      MUTE#…              what somebody muted, until it is over
LINK#…     LINK                another system's id for something of an incident
COOL#…     COOL                an action's rest on a target
TRACK#…    TRACK               what was done in a scope within a day
STANDING#… STANDING            how an order stands on its ladder
TOOL#…     CALL                a call of an MCP tool that was begun, until it expires
SWITCH     ACTIONS             the kill switch
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from watchkeeper.change import Change, Cooldown, Owed
from watchkeeper.episodes import Episode
from watchkeeper.models import AuditRecord, Incident, Resource, Revised, Row
from watchkeeper.storage.aws import number, text

if TYPE_CHECKING:
    from watchkeeper.aside import Aside

Item = dict[str, Any]
OWED_FOR = timedelta(seconds=60)
KEEP = timedelta(days=400)
KEEP_ASIDE = timedelta(days=35)


def key(pk: str, sk: str) -> Item:
    return {"pk": text(pk), "sk": text(sk)}


def stamp(at: datetime) -> str:
    """A time that sorts as text."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def month(at: datetime) -> str:
    return at.strftime("%Y-%m")


def incident_item(incident: Incident) -> Item:
    item = key(incident.id, "META") | {
        "doc": text(incident.model_dump_json()),
        "version": number(incident.version),
        "month": text(month(incident.opened_at)),
        "service": text(incident.service),
        "opened_at": text(f"{stamp(incident.opened_at)}#{incident.id}"),
    }
    if incident.due:
        item |= {"due": text("incident"), "due_at": text(stamp(incident.due.at))}
    return item


def row_item(incident_id: str, row: Row) -> Item:
    return key(incident_id, row.sort_key) | {"doc": text(row.model_dump_json())}


def resource_item(incident: Incident, resource: Resource) -> Item:
    name = resource.arn or resource.id
    return key(incident.id, f"RESOURCE#{name}") | {
        "resource": text(name),
        "opened_at": text(f"{stamp(incident.opened_at)}#{incident.id}"),
    }


def episode_item(episode: Episode) -> Item:
    item = key(f"FP#{episode.fingerprint}", "EPISODE") | {
        "doc": text(episode.model_dump_json()),
        "revision": number(episode.revision),
    }
    if episode.wakes_at:
        item |= {"due": text("episode"), "due_at": text(stamp(episode.wakes_at))}
    return item


def revised_item(document: Revised) -> Item:
    return key(*document.place) | {"doc": text(document.model_dump_json()), "revision": number(document.revision)}


def aside_item(row: "Aside") -> Item:
    place = key(*row.place)
    return place | {"doc": text(row.model_dump_json()), "expires": number(int((row.set_at + KEEP_ASIDE).timestamp()))}


def owed_item(owed: Owed, at: datetime) -> Item:
    body = owed.message or owed.anchor
    kind = "message" if owed.message else "anchor"
    return key(owed.incident_id, f"OWED#{owed.id}") | {
        kind: text(body.model_dump_json() if body else ""),
        "due": text("owed"),
        "due_at": text(stamp(at + OWED_FOR)),
    }


def link_item(link: str, change: Change) -> Item:
    return key(f"LINK#{link}", "LINK") | {
        "incident_id": text(change.incident.id),
        "expires": number(int((change.incident.updated_at + KEEP).timestamp())),
    }


def cooldown_item(cooldown: Cooldown) -> Item:
    until = int(cooldown.until.timestamp())
    return key(f"COOL#{cooldown.action}#{cooldown.target}", "COOL") | {"until": number(until), "expires": number(until)}


def audit_item(record: AuditRecord) -> Item:
    return {"pk": text(record.incident_id), "seq": number(record.seq), "doc": text(record.model_dump_json())}
