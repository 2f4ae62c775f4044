"""Did it happen? Every promise of the demo as one check, each with what was found instead."""

from collections.abc import Iterator
from dataclasses import dataclass

from local.options import Reasoner
from local.play import Ending
from local.stage import Stage
from watchkeeper.audit import faults
from watchkeeper.models import Answer, DeliveryStatus, Engine, Ruling, Status
from watchkeeper.story import Story

QUEUES = ("Intake", "Analysis", "Remediation", "Distribution")
KINDS = {"slack": "slack-incidents", "jira": "jira-ops", "mail": "mail-oncall"}
SECRETS = ("Tr0ub4dor-and-3", "3f9a77c1d2e84b60a1")


@dataclass(frozen=True)
class Check:
    """One step that must have happened. `found` says what was found where it did not."""

    step: str
    ok: bool
    found: str = ""


def judge(stage: Stage, endings: list[Ending]) -> list[Check]:
    """Every check of every story, then those of the whole."""
    checks = [check for ending in endings for check in _of_story(stage, ending)]
    return checks + list(_of_the_whole(stage, endings))


def _of_story(stage: Stage, ending: Ending) -> Iterator[Check]:
    name = ending.alarm
    yield Check(f"{name}: one incident", len(ending.stories) == 1, f"{len(ending.stories)} incidents")
    if ending.story is None:
        return
    story = ending.story
    yield from _thought(stage, name, story)
    yield from _done(stage, name, story)
    yield from _told(stage, name, story, ending.unfinished)
    broken = faults(story.history, stage.anchors.of(story.incident.id))
    anchored = len(stage.anchors.of(story.incident.id)) > 0
    yield Check(f"{name}: the audit chain holds against its anchors", not broken and anchored, "; ".join(broken) or "no head is anchored")


def _thought(stage: Stage, name: str, story: Story) -> Iterator[Check]:
    analysis = story.analysis
    bodies = {evidence.id: evidence.body for evidence in story.evidence if evidence.answer is Answer.FOUND}
    cited = analysis.citations if analysis else ()
    real = [citation for citation in cited if citation.quote in bodies.get(citation.evidence_id, "")]
    engine = Engine.DETERMINISTIC if stage.options.reasoner is Reasoner.DETERMINISTIC else Engine.CLAUDE
    by, notes = (analysis.engine.value, "; ".join(analysis.notes)) if analysis else ("nobody", "")
    yield Check(f"{name}: {engine.value} reasoned", by == engine.value, f"{by}: {notes}")
    yield Check(f"{name}: a cause was found", bool(analysis and analysis.root_cause and analysis.cause != "unknown"), "no cause")
    yield Check(f"{name}: every citation is in the evidence", bool(real) and len(real) == len(cited), f"{len(real)} of {len(cited)}")


def _done(stage: Stage, name: str, story: Story) -> Iterator[Check]:
    ruling = story.plan.verdict.ruling if story.plan else None
    yield Check(f"{name}: the gate let the plan run", ruling is Ruling.RUN, f"ruling {ruling}")
    own = f"watchkeeper-{story.execution.id}" if story.execution else ""
    runs = [execution for execution in stage.simulator.executions if own and own in execution.tags]
    yield Check(f"{name}: exactly one execution of the runbook", len(runs) == 1, f"{len(runs)} executions")
    effects = [call for call in stage.simulator.journal.effects if any(call.execution_id == run.id for run in runs)]
    yield Check(f"{name}: exactly one effect on the world", len(effects) == 1, f"{len(effects)}: {[c.api for c in effects]}")
    passed = bool(story.verification and story.verification.passed)
    yield Check(f"{name}: verified by its alarm", passed, story.verification.why if story.verification else "not verified")
    yield Check(f"{name}: resolved", story.incident.status is Status.RESOLVED, story.incident.status.value)


def _told(stage: Stage, name: str, story: Story, unfinished: str) -> Iterator[Check]:
    paid = {delivery.channel: delivery for delivery in story.deliveries if delivery.status is DeliveryStatus.PAID}
    owed = [f"{d.channel}: {d.failure or d.status.value}" for d in story.deliveries if d.channel not in paid]
    yield Check(
        f"{name}: every channel was told to the end",
        len(paid) == len(KINDS) and not unfinished,
        "; ".join(filter(None, (unfinished, *owed))),
    )
    refs = {kind: paid[channel].refs if channel in paid else {} for kind, channel in KINDS.items()}
    cards = [m for m in stage.standins.slack.messages if m.ts == refs["slack"].get("card")]
    yield Check(f"{name}: one Slack thread with replies", len(cards) == 1 and bool(cards[0].replies), f"{len(cards)} threads")
    issues = [i for i in stage.standins.jira.issues if i.key == refs["jira"].get("issue")]
    done = bool(issues) and issues[0].status == "Done"
    yield Check(f"{name}: one Jira issue, moved to Done", len(issues) == 1 and done, f"{len(issues)} issues, {[i.status for i in issues]}")
    mails = [m for m in stage.mailbox.mails() if m.id in refs["mail"].values()]
    yield Check(f"{name}: mail with a report and an end", len(mails) >= 2, f"{len(mails)} mails")


def _of_the_whole(stage: Stage, endings: list[Ending]) -> Iterator[Check]:
    known = len(stage.incidents.recent(50))
    yield Check("nothing else became an incident", known == len(endings), f"{known} incidents")
    threads, issues = len(stage.standins.slack.messages), len(stage.standins.jira.issues)
    yield Check("no message was posted twice", threads == issues == len(endings), f"{threads} Slack threads, {issues} Jira issues")
    runs = len(stage.simulator.executions)
    yield Check("no runbook ran that nobody planned", runs == len(endings), f"{runs} executions")
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
    mail = [mail.text + mail.html for mail in stage.mailbox.mails()]
    stored = [str(story) for ending in endings for story in ending.stories]
    return "\n".join([*slack, *jira, *mail, *stored])
