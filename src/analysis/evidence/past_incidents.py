"""What happened to this service before: how it was explained, what was done, whether that helped, and what people said of it.

The lines of an earlier incident, in this order; a line of text that somebody wrote comes after a colon:

    past incident INC-01…: 2026-11-02T03:00:00Z, cause crash_loop (85 %), fixed by ecs-redeploy, strength 0.66
    people said: right|wrong[, true cause disk_full][: their words]
    explained as: its root cause
    cited then, logs: a line that it cited
"""

from collections.abc import Iterator

from analysis.evidence.ask import Ask, Collector, Found, Nothing, Past, stamp
from analysis.recall import last_word, strength

MOST_QUOTES = 4


def collect(ask: Ask) -> Found | Nothing:
    """The best remembered first."""
    known = [(strength(past, ask.now), past) for past in ask.past() if past.analysis]
    if not known:
        return Nothing(f"Nothing like it is known of {ask.incident.service} in the last ninety days.")
    known.sort(key=lambda pair: (-pair[0], pair[1].incident.id))
    lines = [line for worth, past in known for line in _lines(past, worth, ask)]
    return Found(summary=f"{len(known)} earlier incidents of {ask.incident.service}; {lines[0]}", body="\n".join(lines))


def _lines(past: Past, worth: float, ask: Ask) -> Iterator[str]:
    analysis = past.analysis
    if analysis is None:
        return
    how = f"{stamp(past.incident.fired_at)}, cause {analysis.cause.value} ({analysis.confidence:.0%}), {_fixed(past)}"
    yield f"past incident {past.incident.id}: {how}, strength {worth:g}"
    said = last_word(past.feedback)
    if said:
        cause = f", true cause {said.true_cause.value}" if said.true_cause else ""
        words = f": {ask.tidy(said.says)}" if said.says else ""
        yield f"people said: {'right' if said.right else 'wrong'}{cause}{words}"
    yield f"explained as: {ask.tidy(analysis.root_cause)}"
    for one in analysis.citations[:MOST_QUOTES]:
        yield f"cited then, {analysis.sources.get(one.evidence_id, 'evidence')}: {ask.tidy(one.quote)}"


def _fixed(past: Past) -> str:
    if past.plan and past.verification and past.verification.passed:
        return f"fixed by {past.plan.action}"
    return f"{past.plan.action} did not help" if past.plan and past.verification else "not fixed by Watchkeeper"


COLLECTOR = Collector(
    name="past",
    order=80,
    provenance="Watchkeeper's own record of earlier incidents; quotes and people's words are as they were written",
    applies=lambda ask: ask.incident.service != "unknown" or bool(ask.incident.resources),
    asked=lambda ask: f"What happened to {ask.incident.service} before, and what helped?",
    collect=collect,
)
