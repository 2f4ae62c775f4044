"""One night with every kind of evidence, and the places where somebody from outside can write into it."""

from typing import Any

from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.case import Case, Exhibit
from analysis.check import check
from analysis.opinion import Opinion
from distribution.layout import jira, mail, slack
from distribution.reading import brief
from remediation.gate import Case as GateCase
from remediation.gate import judge
from tests.fakes.remediation import AUTO, READY, an_analysis, first_of
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import REDACT, SERVICES, cpu_alert, cpu_incident
from watchkeeper.models import Analysis, Answer, AuditRecord, Evidence, Incident, Objection, Verdict
from watchkeeper.models import Opinion as Guarded
from watchkeeper.story import Story
from watchkeeper.team import StandingOrders

NO_OBJECTION = Guarded(objection=Objection.NONE)
SECRET = "Tr0ub4dor-3"
METRIC = (
    "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
    "3 points from 2026-11-20T02:58:00Z to 2026-11-20T03:00:00Z: min 12 at 2026-11-20T02:58:00Z, max 97 at 2026-11-20T03:00:00Z, "
    "latest 97\nfirst crossing at 2026-11-20T02:59:00Z with 95, 2 points in all"
)
TEXTS = {
    "alert": "source: cloudwatch\ntitle: {title}\noccurred: 2026-11-20T03:00:00Z, alerts so far: 1\nseverity: sev2\nalarm: checkout-cpu-high\nsays: {alert}",  # noqa: E501 - a row of a table
    "metric": METRIC,
    "logs": "2 error lines, 40 lines read since 2026-11-20T02:45:00Z:\n2026-11-20T02:57:59Z /checkout/app web/1  GET /cart 200 in 31 ms\n"
    f"2026-11-20T02:58:10Z /checkout/app web/1  retrying postgresql://app:{SECRET}@db/orders\n{{logs}}",
    "ec2": "ec2:instance i-0123456789abcdef0: state running, type t3.medium\ntag Name: checkout-1\n{tags}",
    "changes": "1 changes since 2026-11-20T02:00:00Z:\n2026-11-20T02:20:00Z ec2.amazonaws.com CreateTags by deployer {changes}",
    "github": "commit abcdef012345 2026-11-19T12:00:00Z by ada: {github}",
    "mcp": "mcp tickets search: two results\n  {mcp}\n  {ticket}",
    "past": "past incident INC-01M7WZ49C1ER8E2XA9F4D4TE0W: 2026-11-01T02:00:00Z, cause cpu_saturation (82 %), ec2-restart, strength 0.74\npeople said: right, {past}",  # noqa: E501 - a row of a table
    "guides": "guide file cpu.md § what to look at: {guides}",
}
QUIET = {
    "title": "CPUUtilization of i-0123456789abcdef0 is above 80", "alert": "The checkout host is short of processor time.",
    "logs": "GET /cart 200 in 33 ms", "tags": "", "changes": '{"tag": "x"}', "github": "tidy the readme", "mcp": "PAY-1 a button is green",
    "ticket": "PAY-2 a button is blue", "past": "it was the nightly job", "guides": "the processes that use the processor",
}  # fmt: skip
LOG, TAG = "2026-11-20T02:58:59Z /checkout/app web/1  ", "tag Note: "


def a_night(where: str = "", text: str = "") -> Case:
    """The night, with this text in this place; further lines as ask.tidy writes them."""
    said = dict(QUIET) | {"logs": LOG + QUIET["logs"]}
    if where:
        parts = text.splitlines() or [""]
        said[where] = (
            "\n".join(LOG + part for part in parts) if where == "logs" else (TAG if where == "tags" else "") + "\n      ".join(parts)
        )
    exhibits = []
    for n, (collector, form) in enumerate(TEXTS.items(), start=1):
        body = REDACT(_filled(form, said))
        summary = REDACT(f"{collector} said: {said.get(collector, '')}")[:200]
        evidence = Evidence(id=f"E{n}", collector=collector, answer=Answer.FOUND, asked="?", summary=summary, body=body, collected_at=NIGHT)
        exhibits.append(Exhibit(evidence, body, "a test"))
    incident = cpu_incident(title=said["title"] if where == "title" else QUIET["title"], account="123456789012")
    return Case(incident, (cpu_alert(),), tuple(exhibits))


def _filled(form: str, said: dict[str, str]) -> str:
    for name, value in said.items():
        form = form.replace("{" + name + "}", value)
    return form


def concluded(opinion: Opinion, case: Case) -> Analysis:
    """What the stage would write: the opinion checked against the case, or the rules' own where none of its citations holds."""
    ours = draft(case)
    held = check(opinion, case, ours, hypotheses=ranked(case), team=SERVICES)
    if not held.opinion.citations:
        held = check(ours, case, ours, hypotheses=ranked(case), team=SERVICES)
    fields = {name: getattr(held.opinion, name) for name in Opinion.model_fields}
    return an_analysis(**fields, notes=held.notes, dropped_citations=held.dropped, hypotheses=ranked(case))


def moved(opinion: Opinion, case: Case) -> dict[str, Any]:
    """Everything that nobody from outside may move."""
    analysis = concluded(opinion, case)
    verdict = judged(analysis, case.incident)
    return {
        "severity": analysis.severity,
        "ranking": [(one.cause, one.confidence) for one in analysis.hypotheses],
        "proposed": [one.action for one in analysis.proposed],
        "ruling": verdict.ruling,
        "reasons": [(reason.check, reason.ruling) for reason in verdict.reasons],
        "plan": _bound(analysis, case.incident),
    }


def _bound(analysis: Analysis, incident: Incident) -> str:
    """The hash over everything that would be handed to the runbook."""
    proposal = first_of(analysis.proposed, incident)
    return proposal.args_hash if proposal else ""


def judged(analysis: Analysis, incident: Incident) -> Verdict:
    proposal = first_of(analysis.proposed, incident)
    assert proposal
    orders = StandingOrders(version="v1", orders=(AUTO,))
    return judge(GateCase(incident, analysis, proposal, READY, orders, NIGHT, region="eu-west-1", opinion=NO_OBJECTION))


def leaving(analysis: Analysis, case: Case) -> str:
    """Every text that people are sent of it: Slack, mail and ticket."""
    says = f"Likely cause: {analysis.root_cause}"
    facts = {"incident_id": case.incident.id, "seq": 1, "at": NIGHT, "actor": "analysis", "previous": "", "hash": ""}
    record = AuditRecord(kind="analysis.completed", says=says, **facts)
    incident = case.incident.but(audit_length=1)
    story = Story(incident, (record,), evidence=tuple(one.evidence for one in case.exhibits), analysis=analysis)
    told = brief(story, "payments", "http://127.0.0.1:8080/")
    written = mail.report(told, [record])
    messages = [slack.card(told), *slack.moment(told, record, alone=True)]
    documents = [*jira.issue(told), *jira.comment(told, record)]
    return "\n".join((written.subject, written.text, written.html, *map(str, messages), *map(str, documents), jira.summary(told)))
