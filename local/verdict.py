"""Did it happen? Every promise of the demo as one check, each with what was found instead."""

from collections.abc import Iterator
from dataclasses import replace

from distribution.channels.pagerduty import incidents_there
from local.check import Check
from local.options import Reasoner
from local.outcomes import OUTCOMES, RUNS
from local.play import Ending
from local.stage import Stage
from watchkeeper.audit import faults
from watchkeeper.models import Answer, DeliveryStatus, Engine, Status
from watchkeeper.story import Story

QUEUES = ("Intake", "Analysis", "Remediation", "Distribution")
KINDS = {"slack": "slack-incidents", "jira": "jira-ops", "mail": "mail-oncall", "pagerduty": "pagerduty-oncall"}
SECRETS = ("Tr0ub4dor-and-3", "3f9a77c1d2e84b60a1")


def judge(stage: Stage, endings: list[Ending]) -> list[Check]:
    """Every check of every story, then those of the whole."""
    checks = [replace(check, step=f"{ending.name}: {check.step}") for ending in endings for check in _of_story(stage, ending)]
    return checks + list(_of_the_whole(stage, endings))


def _of_story(stage: Stage, ending: Ending) -> Iterator[Check]:
    yield Check("one incident", len(ending.stories) == 1, f"{len(ending.stories)} incidents")
    if ending.story is None:
        return
    story = ending.story
    yield from _thought(stage, story)
    yield from OUTCOMES[ending.name](stage, story)
    yield from _told(stage, story, ending.unfinished)
    yield from _paged(stage, story)
    broken = faults(story.history, stage.anchors.of(story.incident.id))
    anchored = len(stage.anchors.of(story.incident.id)) > 0
    yield Check("the audit chain holds against its anchors", not broken and anchored, "; ".join(broken) or "no head is anchored")


def _thought(stage: Stage, story: Story) -> Iterator[Check]:
    analysis = story.analysis
    bodies = {evidence.id: evidence.body for evidence in story.evidence if evidence.answer is Answer.FOUND}
    cited = analysis.citations if analysis else ()
    real = [citation for citation in cited if citation.quote in bodies.get(citation.evidence_id, "")]
    engine = Engine.DETERMINISTIC if stage.options.reasoner is Reasoner.DETERMINISTIC else Engine.CLAUDE
    by, notes = (analysis.engine.value, "; ".join(analysis.notes)) if analysis else ("nobody", "")
    yield Check(f"{engine.value} reasoned", by == engine.value, f"{by}: {notes}")
    yield Check("a cause was found", bool(analysis and analysis.root_cause and analysis.cause != "unknown"), "no cause")
    yield Check("every citation is in the evidence", bool(real) and len(real) == len(cited), f"{len(real)} of {len(cited)}")


def _told(stage: Stage, story: Story, unfinished: str) -> Iterator[Check]:
    """The issue is done with the incident and no sooner; the end of it is a mail of its own."""
    over = story.incident.status is Status.RESOLVED
    paid = {delivery.channel: delivery for delivery in story.deliveries if delivery.status is DeliveryStatus.PAID}
    owed = [f"{d.channel}: {d.failure or d.status.value}" for d in story.deliveries if d.channel not in paid]
    told = len(paid) == len(KINDS) and not unfinished
    yield Check("every channel was told to the end", told, "; ".join(filter(None, (unfinished, *owed))))
    refs = {kind: paid[channel].refs if channel in paid else {} for kind, channel in KINDS.items()}
    cards = [m for m in stage.standins.slack.messages if m.ts == refs["slack"].get("card")]
    yield Check("one Slack thread with replies", len(cards) == 1 and bool(cards[0].replies), f"{len(cards)} threads")
    issues = [i for i in stage.standins.jira.issues if i.key == refs["jira"].get("issue")]
    done = bool(issues) and (issues[0].status == "Done") is over
    word = "moved to Done" if over else "not Done yet"
    yield Check(f"one Jira issue, {word}", len(issues) == 1 and done, f"{len(issues)} issues, {[i.status for i in issues]}")
    mails = [m for m in stage.mailbox.mails() if m.id in refs["mail"].values()]
    word = "a report and an end" if over else "a report"
    yield Check(f"mail with {word}", len(mails) >= (2 if over else 1), f"{len(mails)} mails")


def _paged(stage: Stage, story: Story) -> Iterator[Check]:
    """PagerDuty's own incident is noted on, ours is raised there once; either is resolved with ours, and no sooner."""
    over, theirs = story.incident.status is Status.RESOLVED, set(incidents_there(story))
    known = [one for one in stage.standins.pagerduty.incidents if one.id in theirs or one.key == story.incident.id]
    right = len(known) == 1 and (known[0].status == "resolved") is over
    word = "noted on" if theirs else "raised"
    yield Check(f"one PagerDuty incident, {word}, {'resolved' if over else 'still open'}", right, f"{[(i.id, i.status) for i in known]}")
    noted = [note.content for one in known for note in one.notes]
    yield Check("its timeline says what was found", not theirs or any("What we found" in text for text in noted), f"{len(noted)} notes")


def _of_the_whole(stage: Stage, endings: list[Ending]) -> Iterator[Check]:
    known = len(stage.incidents.recent(50))
    yield Check("nothing else became an incident", known == len(endings), f"{known} incidents")
    threads, issues = len(stage.standins.slack.messages), len(stage.standins.jira.issues)
    yield Check("no message was posted twice", threads == issues == len(endings), f"{threads} Slack threads, {issues} Jira issues")
    runs, planned = len(stage.simulator.executions), sum(RUNS.get(ending.name, 0) for ending in endings)
    yield Check("no runbook ran that nobody planned", runs == planned, f"{runs} executions, {planned} planned")
    for queue in QUEUES:
        waiting = _waiting(stage, stage.stack.outputs[f"{queue}DeadLettersUrl"])
        yield Check(f"the dead letters of {queue.lower()} are empty", waiting == 0, f"{waiting} messages")
    said = _everything_said(stage, endings)
    leaked = [secret for secret in SECRETS if secret in said]
    yield Check("no secret of a log line was stored or sent", not leaked, f"{len(leaked)} found")


def _waiting(stage: Stage, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = stage.stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(value) for value in attributes.values())


def _everything_said(stage: Stage, endings: list[Ending]) -> str:
    slack = [str((m.text, m.blocks, [(r.text, r.blocks) for r in m.replies])) for m in stage.standins.slack.messages]
    jira = [str((issue.fields, [comment.body for comment in issue.comments])) for issue in stage.standins.jira.issues]
    pages = [str((one.log, one.events, [note.content for note in one.notes])) for one in stage.standins.pagerduty.incidents]
    mail = [mail.text + mail.html for mail in stage.mailbox.mails()]
    stored = [str(story) for ending in endings for story in ending.stories]
    return "\n".join([*slack, *jira, *pages, *mail, *stored])
