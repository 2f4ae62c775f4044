"""One night, told as the stages tell it: every step is a real change on a real chain, so that what is shown is what can be."""

from datetime import datetime, timedelta
from typing import Any

from tests.fakes.memory import MemoryIncidents
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.change import change
from watchkeeper.models import (
    Analysis,
    Answer,
    Approval,
    Cause,
    Citation,
    Engine,
    Evidence,
    Execution,
    ExecutionStatus,
    Happening,
    Plan,
    Reason,
    Row,
    Ruling,
    Severity,
    Status,
    StepResult,
    Verdict,
    Verification,
)
from watchkeeper.story import Story, tell

ID = an_incident().id
LOG_LINE = "03:00:41 worker-7 GC overhead limit exceeded: 98% of time in collection"
METRIC = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#metricsV2"
LINK = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fcheckout$252Fapp"


class Night:
    """An incident that goes on when it is told to. Each step is one version of it."""

    def __init__(self, incidents: Any = None, title: str = an_incident().title) -> None:
        self.incidents = incidents if incidents is not None else MemoryIncidents()
        self.at = NIGHT
        self.title = title

    @property
    def story(self) -> Story:
        story = tell(self.incidents, ID)
        assert story
        return story

    def opened(self) -> "Night":
        return self._step("reception", [("incident.opened", f"{self.title} opened this incident.")], alarm_name="checkout-cpu-high")

    def joined(self, times: int = 1) -> "Night":
        for number in range(2, 2 + times):
            self._step("reception", [("alert.joined", "The same alarm fired again.")], alert_count=number)
        return self

    def analysing(self) -> "Night":
        return self._step("analysis", [("analysis.started", "The evidence is being gathered.")], status=Status.INVESTIGATING)

    def analysed(self, **but: Any) -> "Night":
        analysis = an_analysis(**but)
        says = f"Root cause, {analysis.confidence:.0%} sure: {analysis.root_cause}"
        rows = [*evidence(), analysis]
        return self._step("analysis", [("analysis.completed", says)], rows=rows, analysis_id=analysis.id)

    def blind(self) -> "Night":
        """An analysis that saw nothing."""
        rows = [
            Evidence(id="E1", collector="metric_window", answer=Answer.NOTHING, asked="CPUUtilization", summary="", collected_at=self.at),
            Evidence(
                id="E2", collector="log_lines", answer=Answer.NOT_ALLOWED, asked="/checkout/app", summary="",
                permission="logs:FilterLogEvents", collected_at=self.at,
            ),
            Evidence(
                id="E3", collector="recent_changes", answer=Answer.FAILED, asked="CloudTrail", summary="",
                why="no answer within 8 s", collected_at=self.at,
            ),
        ]  # fmt: skip
        analysis = an_analysis(
            root_cause="Unknown: no evidence could be read.", summary="Unknown: no evidence could be read.", cause=Cause.UNKNOWN,
            confidence=0.1, citations=(), contributing=(), impact="", proposed=(), prevention=(), engine=Engine.DETERMINISTIC, model="",
            missing=("E2: the log lines of /checkout/app; grant logs:FilterLogEvents",),
            notes=("Claude was not asked: no key is set.",), steps=("Open the alarm and look at the instance.",),
        )  # fmt: skip
        happened = [("analysis.completed", "The root cause is unknown: what was needed could not be read.")]
        return self._step("analysis", happened, rows=[*rows, analysis], analysis_id=analysis.id)

    def asked(self, **but: Any) -> "Night":
        why = "The order “ask before restarting anything else” wants a person's approval."
        reasons = (Reason(check="order", ruling=Ruling.ASK, why=why), Reason(check="confidence", ruling=Ruling.RUN, why="82 % is enough."))
        plan = a_plan(Ruling.ASK, reasons, expires_at=self.at + timedelta(minutes=15), **but)
        happened = [("plan.made", "Reboot the instance: a person has to approve."), ("approval.asked", "May the instance be rebooted?")]
        return self._step("remediation", happened, rows=[plan], plan_id=plan.id, status=Status.AWAITING_APPROVAL)

    def agreed(self, approver: str = "ada") -> "Night":
        """The first of two says yes, so that the question stays open."""
        plan = self.story.plan
        assert plan
        yes = Approval(
            plan_id=plan.id, args_hash=plan.args_hash, state_hash=plan.state_hash, approver=approver, approved=True, via="slack", at=self.at
        )
        return self._step("remediation", [("approval.counted", "The first of two agrees.")], rows=[yes])

    def explained(self) -> "Night":
        return self._step("person:ada", [("explanation.asked", "Ada Lovelace asked for an explanation.")])

    def refused(self) -> "Night":
        reasons = (
            Reason(check="tag", ruling=Ruling.REFUSE, why="The instance has no tag AutoRemediate=true."),
            Reason(check="confidence", ruling=Ruling.RUN, why="82 % is enough."),
        )
        plan = a_plan(Ruling.REFUSE, reasons)
        happened = [
            ("plan.made", "Reboot the instance: refused."),
            ("incident.escalated", "The fix is not allowed: a person has to take over."),
        ]
        return self._step("remediation", happened, rows=[plan], plan_id=plan.id, status=Status.ESCALATED)

    def remediating(self) -> "Night":
        plan = a_plan(Ruling.RUN, (Reason(check="order", ruling=Ruling.RUN, why="The order allows it."),))
        run = an_execution(ExecutionStatus.STARTED, self.at)
        happened = [
            ("plan.made", "Reboot the instance: allowed by a standing order."),
            ("action.claimed", "The restart is about to begin."),
            ("action.started", "The runbook watchkeeper-ec2-restart is rebooting i-0123456789abcdef0."),
        ]
        return self._step("remediation", happened, rows=[plan, run], plan_id=plan.id, execution_id=run.id, status=Status.REMEDIATING)

    def succeeded(self) -> "Night":
        steps = (
            StepResult(name="CheckTag", status="Success"),
            StepResult(name="Reboot", status="Success"),
            StepResult(name="WaitUntilRunning", status="Success"),
        )
        run = an_execution(ExecutionStatus.SUCCEEDED, self.at - timedelta(seconds=70)).but(ended_at=self.at, steps=steps)
        return self._step("remediation", [("action.succeeded", "The instance is back.")], rows=[run], status=Status.VERIFYING)

    def failed(self) -> "Night":
        steps = (StepResult(name="Reboot", status="Failed", message="InsufficientInstanceCapacity"),)
        run = an_execution(ExecutionStatus.FAILED, self.at).but(
            ended_at=self.at, steps=steps, failure="Reboot: InsufficientInstanceCapacity"
        )
        happened = [
            ("action.failed", "The runbook failed at Reboot."),
            ("incident.escalated", "The fix failed: a person has to take over."),
        ]
        return self._step("remediation", happened, rows=[run], status=Status.ESCALATED)

    def resolved(self) -> "Night":
        why = "The alarm checkout-cpu-high went back to OK after the restart and stayed OK for 1 period."
        proof = Verification(execution_id="exec-1", passed=True, alarm_state="OK", why=why, at=self.at)
        happened = [("verification.passed", "The alarm is OK."), ("incident.resolved", "The restart helped: the alarm is OK again.")]
        return self._step("remediation", happened, rows=[proof], status=Status.RESOLVED, resolved_at=self.at)

    def reopened(self) -> "Night":
        return self._step("reception", [("incident.reopened", "The alarm fires again.")], status=Status.OPEN, resolved_at=None)

    def _step(self, actor: str, happened: list[tuple[str, str]], rows: list[Row] | None = None, **fields: Any) -> "Night":
        before = self.incidents.load(ID) or an_incident(version=0, title=self.title, status=Status.OPEN)
        said = [Happening(actor=actor, kind=kind, says=says) for kind, says in happened]
        self.incidents.write(change(before, said, self.at, rows=rows or [], **fields))
        self.at += timedelta(seconds=35)
        return self


def an_analysis(**but: Any) -> Analysis:
    return Analysis.model_validate(
        {
            "id": "analysis-1",
            "engine": Engine.CLAUDE,
            "model": "claude-haiku-5-5",
            "summary": "CPU went from 20 % to 97 % within two minutes while requests stayed flat; the log fills with garbage collection.",
            "root_cause": "The checkout worker leaks memory and spends its CPU on garbage collection.",
            "cause": Cause.CPU_SATURATION,
            "confidence": 0.82,
            "severity": Severity.SEV2,
            "impact": "Checkout answers in 9 s instead of 0.3 s.",
            "contributing": ("The instance has run for 41 days without a restart.",),
            "citations": (Citation(evidence_id="E1", quote="97.2"), Citation(evidence_id="E2", quote=LOG_LINE)),
            "missing": ("E4: recent changes; grant cloudtrail:LookupEvents",),
            "steps": ("Reboot the instance.", "Take a heap dump when memory passes 80 % again."),
            "prevention": ("Alarm on memory, not only on CPU.",),
            "notes": ("Two of four citations did not hold and were dropped.",),
            "made_at": NIGHT,
            **but,
        }
    )


def evidence() -> list[Evidence]:
    looked = [
        ("metric_window", Answer.FOUND, "CPUUtilization rose from 20 to 97.2 at 02:58", "", METRIC),
        ("log_lines", Answer.FOUND, "412 lines match ERROR|GC, most of them one template", "", LINK),
        ("resource_state", Answer.NOTHING, "", "", ""),
        ("recent_changes", Answer.NOT_ALLOWED, "", "cloudtrail:LookupEvents", ""),
    ]
    return [
        Evidence(
            id=f"E{n}", collector=collector, answer=answer, asked=collector, summary=summary, permission=permission,
            link=link, collected_at=NIGHT,
        )
        for n, (collector, answer, summary, permission, link) in enumerate(looked, start=1)
    ]  # fmt: skip


def a_plan(ruling: Ruling, reasons: tuple[Reason, ...], **but: Any) -> Plan:
    order = "restart a saturated checkout host" if ruling is Ruling.RUN else ""
    return Plan.model_validate(
        {
            "id": "plan-1",
            "incident_id": ID,
            "action": "ec2-restart",
            "target": INSTANCE,
            "parameters": {"instance_id": INSTANCE.id},
            "args_hash": "a" * 64,
            "state_hash": "b" * 64,
            "verdict": Verdict(ruling=ruling, reasons=reasons, order=order, orders_version="0123456789ab"),
            "made_at": NIGHT,
            **but,
        }
    )


def an_execution(status: ExecutionStatus, at: datetime) -> Execution:
    return Execution(
        id="exec-1", incident_id=ID, plan_id="plan-1", status=status, document="watchkeeper-ec2-restart",
        automation_id="11112222-3333-4444-5555-666677778888", claimed_at=at,
    )  # fmt: skip


HOSTILE = (
    "<!channel> @here <@U123> <https://evil.example|click> https://evil.example/x?a=1&b=2 www.evil.example "
    "<script>alert(1)</script><img src=x onerror=alert(1)> `rm -rf` *bold* \x1b[31mred\u202egnp.exe"
)


def hostile() -> Night:
    """Every text that somebody else may have written tries to break out."""
    citations = (Citation(evidence_id="E2", quote=HOSTILE),)
    night = Night(title=HOSTILE).opened().analysing()
    return night.analysed(
        root_cause=HOSTILE, summary=f"{HOSTILE}!", citations=citations, missing=(HOSTILE,), contributing=(HOSTILE,), impact=HOSTILE,
        steps=(HOSTILE,), notes=(HOSTILE,), prevention=(HOSTILE,),
    )  # fmt: skip


STAGES: dict[str, Any] = {
    "opened": lambda: Night().opened(),
    "analysed": lambda: Night().opened().joined(3).analysing().analysed(),
    "awaiting-approval": lambda: Night().opened().analysing().analysed().asked(),
    "remediating": lambda: Night().opened().analysing().analysed().remediating(),
    "resolved": lambda: Night().opened().analysing().analysed().remediating().succeeded().resolved(),
    "escalated": lambda: Night().opened().analysing().analysed().refused(),
    "no-evidence": lambda: Night().opened().analysing().blind().refused(),
    "hostile": hostile,
}
