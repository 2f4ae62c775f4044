"""An incident as PagerDuty keeps it: its status, what its timeline says, and its notes."""

from dataclasses import dataclass, field
from typing import Any

SITE = "https://shop.pagerduty.com"
STATUSES = {"acknowledge": "acknowledged", "resolve": "resolved"}


@dataclass(frozen=True)
class PdNote:
    id: str
    content: str
    user: str

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "content": self.content, "user": {"summary": self.user, "type": "user_reference"}}


@dataclass
class PdIncident:
    """`key` is the dedup key of the alert that opened it, empty where a person or another tool did; `events` are those of that key,
    `log` is what its timeline shows."""

    id: str
    number: int
    title: str
    service: str
    urgency: str
    key: str = ""
    status: str = "triggered"
    log: list[str] = field(default_factory=list)
    notes: list[PdNote] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{SITE}/incidents/{self.id}"

    def heard(self, action: str, event: dict[str, Any]) -> None:
        """An event of the Events API; what triggers it again changes nothing but the timeline."""
        self.events.append(event)
        self.status = STATUSES.get(action, self.status)
        self.log.append(event["payload"]["summary"] if action == "trigger" else f"{self.status} through the Events API")

    def note(self, content: str, user: str) -> PdNote:
        made = PdNote(f"PNOTE{self.number:03}{len(self.notes) + 1:03}", content, user)
        self.notes.append(made)
        self.log.append(f"a note by {user}: {content.splitlines()[0]}")
        return made

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "type": "incident", "incident_number": self.number, "title": self.title, "status": self.status,
            "urgency": self.urgency, "incident_key": self.key or None, "html_url": self.url,
            "service": {"summary": self.service, "type": "service_reference"},
        }  # fmt: skip
