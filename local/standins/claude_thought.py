"""What the stand-in for Claude makes of the evidence in a request: a table of patterns, no model."""

import json
import re
from collections.abc import Iterator
from typing import Any

SIGNS = (
    (re.compile(r"^means [a-z][a-z0-9-]*, "), "requested", ""),
    (re.compile(r"disk_used_percent .*alarm line"), "disk_full", "ec2-clean-temp"),
    (
        re.compile(r"DatabaseConnections .*alarm line|remaining connection slots are reserved", re.IGNORECASE),
        "pool_exhausted",
        "github-revert",
    ),
    (re.compile(r"^renewal: status PENDING_VALIDATION"), "certificate_expiring", ""),
    (re.compile(r"OutOfMemory|exit code 137|oom-?kill", re.IGNORECASE), "out_of_memory", ""),
    (re.compile(r"exited with code [1-9]|Essential container in task exited|running 0\b"), "crash_loop", "ecs-redeploy"),
    (re.compile(r"CPUUtilization.*alarm line|^\d+ points .* max 9\d"), "cpu_saturation", "ec2-restart"),
)
ALSO = re.compile(r"^first crossing at |^ec2:instance |^ecs:service |^autoscaling:group ")
NAMES = re.compile(r"^stack frame \S+ in \S+ is in a line that |^pull request #\d+ merged ")
TO_DO = re.compile(r"^add this record: ")


def told(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What the tool results of the request hold, where it is JSON."""
    blocks = [block for message in body["messages"] if isinstance(message["content"], list) for block in message["content"]]
    results = [block.get("content", "") for block in blocks if block.get("type") == "tool_result"]
    return [found for result in results for found in _objects(result)]


def _objects(result: Any) -> Iterator[dict[str, Any]]:
    texts = [result] if isinstance(result, str) else [part.get("text", "") for part in result]
    for text in texts:
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def thought(body: dict[str, Any]) -> dict[str, Any]:
    """The analysis that the table of signs makes of the evidence. What its sentences name is a line of evidence, as it stands there."""
    evidence = [found for found in told(body) if "evidence_id" in found and "text" in found]
    lines = [(found["evidence_id"], line) for found in evidence for line in found["text"].splitlines() if len(line.strip()) >= 8]
    cause, action, quotes = "unknown", "", lines[:1]
    for sign, name, helps in SIGNS:
        seen = [line for line in lines if sign.search(line[1])]
        if seen:
            cause, action = name, helps
            quotes = seen[-3:] + [line for line in lines if ALSO.search(line[1])][:2]
            break
    words = cause.replace("_", " ")
    named = [line for line in lines if NAMES.search(line[1]) and cause != "unknown"]
    return {
        "summary": f"No model ran, only a table of patterns: the evidence looks like {words}.",
        "root_cause": " ".join([f"The evidence shows the signs of {words}.", *(line for _, line in named[:2])]),
        "cause": cause,
        "confidence": 0.9 if cause != "unknown" else 0.1,
        "severity": "sev2",
        "severity_why": "a table of patterns does not weigh severity",
        "impact": "Not weighed by a table of patterns.",
        "contributing": [],
        "citations": [{"evidence_id": name, "quote": line[:300]} for name, line in dict.fromkeys(quotes + named[:2])],
        "missing": [],
        "steps": ["Read the cited lines.", *(line for _, line in lines if TO_DO.search(line))],
        "proposed": [{"action": action, "why": "a table of patterns says so"}] if action else [],
        "prevention": [],
        "plain_words": f"It looks like {words}; a table of patterns says so.",
    }


def invented(body: dict[str, Any]) -> dict[str, Any]:
    """The same, with proof that there is not."""
    quotes = [
        {"evidence_id": "E1", "quote": "a line that nobody ever wrote"},
        {"evidence_id": "E99", "quote": "evidence that is not there"},
    ]
    return thought(body) | {"citations": quotes, "confidence": 1.0}
