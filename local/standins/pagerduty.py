"""PagerDuty, as far as Watchkeeper talks to it: the Events API v2 under /events, the REST API v2 under /api.

Refuses what PagerDuty refuses, in its shapes. Its incidents have a timeline and notes; a person there can start a workflow.
"""

import re
import threading
from collections.abc import Callable
from typing import Any

from local.standins.http import Reply, Request
from local.standins.pagerduty_incident import PdIncident
from local.standins.pagerduty_workflow import Answered, Workflow

Body = dict[str, Any]
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
EVENT_FIELDS = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
PAYLOAD_FIELDS = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
LONGEST_SUMMARY, LONGEST_KEY, LONGEST_EVENT, LONGEST_NOTE = 1024, 255, 512_000, 25_000
ACCEPT = "application/vnd.pagerduty+json;version=2"


class No(Exception):
    """PagerDuty says no."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.reply = Reply(status, body, headers or {})


def rest_no(status: int, code: int, message: str, *errors: str) -> No:
    return No(status, {"error": {"message": message, "code": code, **({"errors": list(errors)} if errors else {})}})


class PagerDutyAccount:
    """A stand-in. `incidents` are PagerDuty's, oldest first; `service` is the one that the routing key belongs to.

    A test may set `throttled` (a 429 with `reset` seconds, as PagerDuty's own header says it), `down` (503), `deaf` (carried out, and
    the answer lost) and `stubborn` (why no incident is let be resolved).
    """

    def __init__(
        self,
        routing_key: str = "0123456789abcdef0123456789abcdef",
        api_token: str = "local-rest-token",
        users: tuple[str, ...] = ("watchkeeper@example.com",),
        service: str = "Watchkeeper",
    ) -> None:
        self.routing_key, self.api_token, self.users, self.service = routing_key, api_token, users, service
        self.incidents: list[PdIncident] = []
        self.workflows: dict[str, Workflow] = {}
        self.calls: list[str] = []
        self.throttled = self.down = self.deaf = 0
        self.reset = 7
        self.stubborn = ""
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.calls.append(f"{request.method} {request.path}")
            if self.throttled:
                self.throttled -= 1
                busy = {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
                return Reply(429, busy, {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": str(self.reset)})
            if self.down:
                self.down -= 1
                return Reply(503, b"Service Unavailable")
            try:
                reply = self._answer(request)
            except No as no:
                reply = no.reply
            if self.deaf:
                self.deaf -= 1
                return Reply(500, b"")
            return reply

    def open(self, title: str, service: str, urgency: str = "high", key: str = "") -> PdIncident:
        """An incident of PagerDuty's own, as another tool or a person opens it."""
        number = len(self.incidents) + 1
        made = PdIncident(f"Q{number:03}WATCHKEEPER"[:14], number, title, service, urgency, key)
        self.incidents.append(made)
        return made

    def press(self, action: str, incident: PdIncident, by: str) -> Answered:
        """A person starts a workflow on an incident: a webhook goes out, and the timeline says so."""
        answered = self.workflows[action].start(incident, by)
        incident.log.append(f"{by} started “{action}”: the webhook was answered with {answered.status}")
        return answered

    def _answer(self, request: Request) -> Reply:
        if request.path == "/events/v2/enqueue":
            return self._event(request)
        for method, pattern, handler in self._routes():
            found = re.fullmatch(f"/api{pattern}", request.path)
            if found and method == request.method:
                self._let_in(request)
                return handler(request, *found.groups())
        raise rest_no(404, 2100, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("GET", "/incidents/([^/]+)", self._read),
            ("PUT", "/incidents/([^/]+)", self._change),
            ("GET", "/incidents/([^/]+)/notes", self._notes),
            ("POST", "/incidents/([^/]+)/notes", self._write),
        ]

    def _let_in(self, request: Request) -> None:
        """A token, the version, and for whatever writes the address of a user of the account."""
        if request.headers.get("authorization") != f"Token token={self.api_token}":
            raise rest_no(401, 2006, "Authentication failed")
        if request.headers.get("accept") != ACCEPT:
            raise rest_no(400, 2001, "Invalid Input Provided", f"Accept must be {ACCEPT}")
        if request.method != "GET" and request.headers.get("from") not in self.users:
            raise rest_no(400, 1008, "Requester User Not Found", "From must be the email address of a valid user")

    def _event(self, request: Request) -> Reply:
        """An event is taken before anything is done with it: 202, whatever becomes of it."""
        if request.method != "POST":
            raise No(405, b"Method Not Allowed")
        event = _object(request, lambda why: invalid_event(why))
        if found := event_faults(event, len(request.body)):
            raise invalid_event(*found)
        if event["routing_key"] != self.routing_key:
            raise invalid_event("Invalid routing key")
        key = str(event.get("dedup_key") or f"generated-{len(self.calls)}")
        self._route(event, key)
        return Reply(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _route(self, event: Body, key: str) -> None:
        action = event["event_action"]
        lying = next((one for one in reversed(self.incidents) if one.key == key and one.status != "resolved"), None)
        if lying is None and action == "trigger":
            payload = event["payload"]
            lying = self.open(payload["summary"], self.service, "high" if payload["severity"] in SEVERITIES[:2] else "low", key)
        if lying is not None:  # to acknowledge or resolve what is not open is dropped
            lying.heard(action, event)

    def _read(self, _request: Request, incident_id: str) -> Reply:
        return Reply(200, {"incident": self._find(incident_id).as_json()})

    def _change(self, request: Request, incident_id: str) -> Reply:
        incident = self._find(incident_id)
        asked = _object(request, lambda why: rest_no(400, 2001, "Invalid Input Provided", why)).get("incident")
        if not isinstance(asked, dict) or asked.get("type") not in {"incident", "incident_reference"}:
            raise rest_no(400, 2001, "Invalid Input Provided", "Incident must be an object with a type")
        status = asked.get("status")
        if status not in {"acknowledged", "resolved"}:
            raise rest_no(400, 2001, "Invalid Input Provided", "Status must be one of: acknowledged, resolved")
        if incident.status == "resolved":
            raise rest_no(400, 2001, "Invalid Input Provided", "Incident Already Resolved")
        if self.stubborn:
            raise rest_no(403, 2010, "Access Denied", self.stubborn)
        incident.status = status
        incident.log.append(f"{status} by {request.headers['from']} through the API")
        return Reply(200, {"incident": incident.as_json()})

    def _notes(self, _request: Request, incident_id: str) -> Reply:
        return Reply(200, {"notes": [one.as_json() for one in self._find(incident_id).notes]})

    def _write(self, request: Request, incident_id: str) -> Reply:
        incident = self._find(incident_id)
        asked = _object(request, lambda why: rest_no(400, 2001, "Invalid Input Provided", why)).get("note")
        content = asked.get("content") if isinstance(asked, dict) else None
        if not isinstance(content, str) or not content.strip():
            raise rest_no(400, 2001, "Invalid Input Provided", "Content can't be blank")
        if len(content) > LONGEST_NOTE:  # where the real limit lies is not documented; ours stay far below
            raise rest_no(400, 2001, "Invalid Input Provided", f"Content is too long (maximum is {LONGEST_NOTE} characters)")
        return Reply(201, {"note": incident.note(content, request.headers["from"]).as_json()})

    def _find(self, incident_id: str) -> PdIncident:
        for incident in self.incidents:
            if incident.id == incident_id:
                return incident
        raise rest_no(404, 2100, "Not Found", "Incident Not Found")


def invalid_event(*errors: str) -> No:
    return No(400, {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)})


def event_faults(event: Body, size: int) -> list[str]:
    """What the Events API would not take, a sentence each."""
    faults = [f"'{unknown}' is no field of an event" for unknown in sorted(event.keys() - EVENT_FIELDS)]
    if not re.fullmatch(r"[0-9a-zA-Z]{32}", str(event.get("routing_key", ""))):
        faults.append("Length of 'routing_key' is incorrect (should be 32 characters)")
    if event.get("event_action") not in ACTIONS:
        faults.append(f"'event_action' is invalid (must be one of {', '.join(ACTIONS)})")
    key = event.get("dedup_key", "")
    if not isinstance(key, str) or len(key) > LONGEST_KEY or (not key and event.get("event_action") != "trigger"):
        faults.append(f"'dedup_key' is missing or too long (maximum is {LONGEST_KEY} characters)")
    if size > LONGEST_EVENT:
        faults.append("the event is larger than 512 KB")
    faults += [f"'links' has one without an href: {one}" for one in event.get("links", []) if not _is_link(one)]
    return faults + (_payload_faults(event.get("payload")) if event.get("event_action") == "trigger" else [])


def _payload_faults(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    faults = [f"'payload.{unknown}' is no field of a payload" for unknown in sorted(payload.keys() - PAYLOAD_FIELDS)]
    blank = [name for name in ("summary", "source") if not isinstance(payload.get(name), str) or not payload[name].strip()]
    faults += [f"'payload.{name}' is missing or blank" for name in blank]
    if len(str(payload.get("summary", ""))) > LONGEST_SUMMARY:
        faults.append(f"'payload.summary' is too long (maximum is {LONGEST_SUMMARY} characters)")
    if payload.get("severity") not in SEVERITIES:
        faults.append(f"'payload.severity' is invalid (must be one of {', '.join(SEVERITIES)})")
    if not isinstance(payload.get("custom_details", {}), dict):
        faults.append("'payload.custom_details' must be an object")
    return faults


def _is_link(one: Any) -> bool:
    return isinstance(one, dict) and str(one.get("href", "")).startswith(("https://", "http://"))


def _object(request: Request, refuse: Callable[[str], No]) -> Body:
    if "application/json" not in request.headers.get("content-type", ""):
        raise refuse("params must be a Hash")
    try:
        body = request.json()
    except ValueError:
        raise refuse("the body is not JSON") from None
    if not isinstance(body, dict):
        raise refuse("the body is no object")
    return body
