"""Makes evidence of answers: redacted, numbered, hashed, and the long bodies in the bucket."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from analysis.case import Exhibit
from analysis.evidence.gather import Answered
from watchkeeper.models import Evidence
from watchkeeper.ports import Blobs

ROW_BYTES = 32 * 1024
LONGEST_SENTENCE = 600


def keep(
    answers: Sequence[Answered], incident_id: str, first: int, at: datetime, redact: Callable[[str], str], blobs: Blobs
) -> list[Exhibit]:
    """One exhibit for each answer, numbered from `first`. A long body is in the bucket when this returns, its row is not
    written yet; its key is made of its own hash, so that storing it twice is storing it once."""
    exhibits = []
    for number, answered in enumerate(answers, start=first):
        raw = redact(answered.body).encode(errors="replace")
        sha256 = hashlib.sha256(raw).hexdigest() if raw else ""
        long = len(raw) > ROW_BYTES
        evidence = Evidence(
            id=f"E{number}",
            collector=answered.collector.name,
            answer=answered.answer,
            asked=redact(answered.asked)[:LONGEST_SENTENCE],
            summary=redact(answered.summary)[:LONGEST_SENTENCE],
            body=raw[:ROW_BYTES].decode(errors="ignore"),
            sha256=sha256,
            stored_key=blobs.put(f"evidence/{incident_id}/{sha256}", raw).key if long else "",
            why=redact(answered.why)[:LONGEST_SENTENCE],
            permission=answered.permission,
            link=answered.link,
            resources=answered.resources,
            collected_at=at,
            took_ms=answered.took_ms,
        )
        exhibits.append(Exhibit(evidence=evidence, text=raw.decode(), provenance=answered.collector.provenance))
    return exhibits
