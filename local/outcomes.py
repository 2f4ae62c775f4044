"""What each story has to come to, beyond what is true of every one of them."""

from collections.abc import Callable, Iterator

from local.acm.renewal import record
from local.check import Check
from local.ssm.journal import Call
from local.stage import Stage
from local.world import archive, catalog, website, workers
from local.world.repositories import CACHE_COMMIT, CACHE_FILE, CACHE_LINE, ORDERS, POOL_PULL_REQUEST
from watchkeeper.models import Analysis, Cause, Ruling, Status
from watchkeeper.story import Story

Outcome = Callable[[Stage, Story], Iterator[Check]]
PULL_REQUEST = f"{ORDERS}#{POOL_PULL_REQUEST}"


def treated(stage: Stage, story: Story) -> Iterator[Check]:
    """Planned, allowed by an order, run once, proved by its alarm, over."""
    ruling = story.plan.verdict.ruling if story.plan else None
    yield Check("the gate let the plan run", ruling is Ruling.RUN, f"ruling {ruling}")
    own = f"watchkeeper-{story.execution.id}" if story.execution else ""
    runs = [execution for execution in stage.simulator.executions if own and own in execution.tags]
    yield Check("exactly one execution of the runbook", len(runs) == 1, f"{len(runs)} executions")
    effects = [call for call in stage.simulator.journal.effects if any(call.execution_id == run.id for run in runs)]
    yield Check("exactly one effect on the world", len(effects) == 1, f"{len(effects)}: {[c.api for c in effects]}")
    passed = bool(story.verification and story.verification.passed)
    yield Check("verified by its alarm", passed, story.verification.why if story.verification else "not verified")
    yield Check("resolved", story.incident.status is Status.RESOLVED, story.incident.status.value)


def blocked_for_a_person(stage: Stage, story: Story) -> Iterator[Check]:
    """The pull request is named and its revert proposed; nothing is done before somebody says so."""
    yield _cause(story, Cause.POOL_EXHAUSTED)
    yield _names(story, f"#{POOL_PULL_REQUEST}")
    plan = story.plan
    proposed = (plan.action, plan.target.id) if plan else ("nothing", "")
    yield Check("the revert of that pull request is planned", proposed == ("github-revert", PULL_REQUEST), " ".join(proposed))
    yield Check(
        "the gate asks a person", bool(plan and plan.verdict.ruling is Ruling.ASK), plan.verdict.ruling.value if plan else "no plan"
    )
    waits = story.incident.status is Status.AWAITING_APPROVAL
    yield Check("it waits for that person", waits, f"{story.incident.status.value}: {story.history[-1].says}")
    done = stage.standins.github.changed
    yield Check("nothing was run, and GitHub is as it was", story.execution is None and not done, f"{[one.what for one in done]}")
    yield _card_says(stage, story, PULL_REQUEST)


def traced_to_a_line(stage: Stage, story: Story) -> Iterator[Check]:
    """Three kills are one incident, which names the commit, the file and the line, and starts nothing anew."""
    yield Check("three kills are one incident", story.incident.alert_count == 3, f"{story.incident.alert_count} alerts")
    yield _cause(story, Cause.OUT_OF_MEMORY)
    yield _names(story, CACHE_COMMIT[:12])
    yield _names(story, f"{CACHE_FILE}:{CACHE_LINE}")
    proposed = [one.action for one in story.analysis.proposed] if story.analysis else []
    yield Check("nothing is proposed that would only start it again", not proposed and story.plan is None, ", ".join(proposed))
    yield _escalated(story)
    yield _card_says(stage, story, CACHE_COMMIT[:12])


def told_which_record(stage: Stage, story: Story) -> Iterator[Check]:
    """The record that has to be added, letter by letter, in a step for a person."""
    yield _cause(story, Cause.CERTIFICATE_EXPIRING)
    wanted = record(website.DOMAIN)
    steps = story.analysis.steps if story.analysis else ()
    exact = [step for step in steps if wanted["Name"] in step and wanted["Value"] in step and "CNAME" in step]
    yield Check("a step gives the exact CNAME", len(exact) == 1, f"{steps}")
    yield _escalated(story)
    yield _card_says(stage, story, wanted["Value"])


def cleaned_up(stage: Stage, story: Story) -> Iterator[Check]:
    """The very command was sent once, and the disk has room again."""
    yield _cause(story, Cause.DISK_FULL)
    yield from treated(stage, story)
    sent = [call for call in _done_to(stage, stage.world.archive.instance) if call.api == "SendCommand"]
    yield Check("the command went to the host once", len(sent) == 1, f"{len(sent)} times")
    left = stage.world.archive.used
    yield Check("the disk has room again", left < archive.LINE, f"{left} %")


def scaled_as_asked(stage: Stage, story: Story) -> Iterator[Check]:
    """What a person asked for in PagerDuty was done as the order says, noted on that incident's timeline, and resolved there."""
    yield _cause(story, Cause.REQUESTED)
    yield from treated(stage, story)
    capacity = stage.world.workers.capacity
    yield Check("the group has what the order gives", capacity == workers.ENOUGH, f"{capacity}")
    asked_on = stage.world.workers.asked_on
    notes = [note.content for note in asked_on.notes] if asked_on else []
    told = [heading for heading in NOTED if any(text.startswith(heading) for text in notes)]
    yield Check("each step is on PagerDuty's timeline", told == list(NOTED), f"{[text.splitlines()[0] for text in notes]}")
    yield Check("resolved in PagerDuty", bool(asked_on and asked_on.status == "resolved"), asked_on.status if asked_on else "no incident")


def not_helped(stage: Stage, story: Story) -> Iterator[Check]:
    """The restart was done once, proved nothing, cannot be taken back, and a person is told all of that."""
    yield _cause(story, Cause.CPU_SATURATION)
    reboots = [call for call in _done_to(stage, stage.world.reports.instance) if call.api == "RebootInstances"]
    yield Check("restarted once and not again", len(reboots) == 1, f"{len(reboots)} reboots")
    yield from _in_vain(stage, story)


def taken_back(stage: Stage, story: Story) -> Iterator[Check]:
    """More tasks did not help, so that the service has as many again as it began with, and a person is told."""
    yield _cause(story, Cause.CPU_SATURATION)
    calls = [call for call in stage.simulator.journal.effects if call.parameters.get("service") == catalog.SERVICE]
    counts = [int(call.parameters.get("desiredCount", 0)) for call in calls]
    yield Check("scaled out once, and back once", counts[1:] == [catalog.WANTED] and counts[0] > catalog.WANTED, f"{counts}")
    yield Check("the service is as it was", stage.world.catalog.tasks == catalog.WANTED, f"{stage.world.catalog.tasks} tasks")
    yield from _in_vain(stage, story)


OUTCOMES: dict[str, Outcome] = {
    "checkout": treated,
    "storefront": treated,
    "archive": cleaned_up,
    "workers": scaled_as_asked,
    "orders": blocked_for_a_person,
    "recommender": traced_to_a_line,
    "website": told_which_record,
    "reports": not_helped,
    "catalog": taken_back,
}
RUNS = {"checkout": 1, "storefront": 1, "archive": 1, "workers": 1, "reports": 1, "catalog": 2}
NOTED = ("What we found", "The runbook is running", "The runbook has ended well", "Resolved")


def _done_to(stage: Stage, instance: str) -> list[Call]:
    """What runbooks changed about this instance."""
    return [call for call in stage.simulator.journal.effects if instance in str(call.parameters)]


def _in_vain(stage: Stage, story: Story) -> Iterator[Check]:
    kinds = [record.kind for record in story.history]
    yield Check("that it did not help is on record", "verification.failed" in kinds, ", ".join(kinds))
    yield _escalated(story)
    yield _card_says(stage, story, "It did not help")
    yield _card_says(stage, story, "A person has to take over")


def _cause(story: Story, wanted: Cause) -> Check:
    found = story.analysis.cause if story.analysis else Cause.UNKNOWN
    return Check(f"the cause is {wanted.value}", found is wanted, found.value)


def _names(story: Story, what: str) -> Check:
    """In its own words, and with a quote of the evidence for it."""
    analysis = story.analysis
    quoted = bool(analysis and any(what in citation.quote for citation in analysis.citations))
    said = bool(analysis and what in _words(analysis))
    return Check(f"the analysis names {what}", said and quoted, f"said: {said}, quoted: {quoted}: {_words(analysis) if analysis else ''}")


def _words(analysis: Analysis) -> str:
    return "\n".join([analysis.summary, analysis.root_cause, *analysis.contributing, *analysis.steps])


def _escalated(story: Story) -> Check:
    return Check("a person has it", story.incident.status is Status.ESCALATED, story.incident.status.value)


def _card_says(stage: Stage, story: Story, what: str) -> Check:
    """In the card or in a reply below it, whichever of them people were sent."""
    cards = {delivery.refs.get("card") for delivery in story.deliveries}
    shown = [str((m.text, m.blocks, [(r.text, r.blocks) for r in m.replies])) for m in stage.standins.slack.messages if m.ts in cards]
    return Check(f"Slack says {what}", any(what in text for text in shown), f"{len(shown)} cards")
