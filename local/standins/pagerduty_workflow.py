"""An incident workflow with one step, Send a Webhook POST: a button on an incident of PagerDuty's."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.standins.pagerduty_incident import PdIncident

SECONDS = 15.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answered:
    """What the webhook was answered; 0 where nobody answered."""

    status: int
    body: str


@dataclass(frozen=True)
class Workflow:
    """`url`, the secret of its Web API connection and the key in its headers are what somebody has set up; `constants` are what they
    have written into the body by hand, such as the resources, beside the fields of the incident."""

    action: str
    url: str
    secret: str
    api_key: str
    constants: Mapping[str, Any]

    def body(self, incident: PdIncident, by: str) -> dict[str, Any]:
        """As docs/integrations/pagerduty-action.md has it."""
        about = {
            "id": incident.id, "number": incident.number, "title": incident.title, "html_url": incident.url,
            "service": incident.service, "urgency": incident.urgency,
        }  # fmt: skip
        asked_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"action": self.action, "incident": about, "requested_by": by, "requested_at": asked_at, **self.constants}

    def start(self, incident: PdIncident, by: str) -> Answered:
        headers = {"content-type": "application/json", "x-api-key": self.api_key, "authorization": f"Bearer {self.secret}"}
        raw = json.dumps(self.body(incident, by)).encode()
        try:
            with DIRECT.open(urllib.request.Request(self.url, data=raw, headers=headers, method="POST"), timeout=SECONDS) as reply:
                return Answered(reply.status, reply.read().decode())
        except urllib.error.HTTPError as error:
            return Answered(error.code, error.read().decode())
        except (urllib.error.URLError, TimeoutError):
            return Answered(0, "")
