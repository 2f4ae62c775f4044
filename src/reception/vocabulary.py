"""How other tools say severity and state, and what that is on our scales."""

import re

from watchkeeper.models import AlertKind, Severity

_SEVERITIES = {
    Severity.SEV1: ("sev1", "sev-1", "p1", "p0", "critical", "crit", "fatal", "emergency", "emerg", "disaster", "highest"),
    Severity.SEV2: ("sev2", "sev-2", "p2", "error", "err", "high", "major", "urgent", "alert"),
    Severity.SEV3: ("sev3", "sev-3", "p3", "warning", "warn", "medium", "moderate", "average", "minor", "normal"),
    Severity.SEV4: ("sev4", "sev-4", "p4", "p5", "info", "informational", "information", "notice", "low", "lowest", "debug"),
}
_KINDS = {
    AlertKind.FIRING: ("firing", "alarm", "alerting", "triggered", "trigger", "open", "problem", "critical", "warning", "down", "failed"),
    AlertKind.RESOLVED: ("resolved", "resolve", "ok", "closed", "close", "recovered", "recovery", "cleared", "normal", "up", "healthy"),
    AlertKind.INFO: ("info", "acknowledged", "acknowledge", "insufficient_data", "no_data", "nodata", "pending"),
}
_SEVERITY_OF = {word: severity for severity, words in _SEVERITIES.items() for word in words}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}

# In the name of an alarm `high` and `low` speak of the metric, so only what cannot be misread counts there.
_PLAIN_IN_A_NAME = {"sev1", "sev2", "sev3", "sev4", "p1", "p2", "p3", "p4", "critical", "crit", "fatal", "emergency", "warning", "warn"}
_SAID = re.compile(r"\bseverity\s{0,5}[:=]\s{0,5}([\w-]{1,20})", re.IGNORECASE)


def severity_of(word: str) -> Severity | None:
    """The severity that this word means, or none."""
    return _SEVERITY_OF.get(word.strip().lower())


def kind_of(word: str) -> AlertKind | None:
    """Firing, resolved or informing, if the word says so."""
    return _KIND_OF.get(word.strip().lower())


def severity_said_in(name: str, description: str) -> tuple[Severity | None, str]:
    """`severity: sev1` in the description, or a plain word in the name; with the word itself."""
    said = _SAID.search(description)
    if said and severity_of(said[1]):
        return severity_of(said[1]), said[1]
    for word in re.split(r"[^A-Za-z0-9]+", name):
        if word.lower() in _PLAIN_IN_A_NAME:
            return severity_of(word), word
    return None, ""
