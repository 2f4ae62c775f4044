"""AWS CodePipeline: an execution failed; the next of the same pipeline that succeeds ends it."""

from collections.abc import Iterator
from urllib.parse import quote

from reception.eventbridge import Event, News, alert, event_of, is_from
from reception.fields import Body, listing, mapping, text
from reception.sources.registry import Received, source
from watchkeeper.models import Alert, AlertKind, Severity

KINDS = {"FAILED": AlertKind.FIRING, "SUCCEEDED": AlertKind.RESOLVED}


@source(
    "codepipeline",
    samples=("events/codepipeline-failed.json", "events/codepipeline-succeeded.json"),
    recognises=lambda body: is_from(body, "codepipeline", "CodePipeline Pipeline Execution State Change"),
    vendor="AWS CodePipeline",
    docs="https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html",
)
def read_pipeline(body: Body, received: Received) -> Iterator[Alert]:
    """One change of an execution's state is one alert of its pipeline. Only FAILED fires."""
    event = event_of(body, received)
    detail, state = event.detail, text(event.detail, "state").upper()
    pipeline, execution = text(detail, "pipeline") or "without a name", text(detail, "execution-id")
    stage, why = _failed(event, body)
    yield alert(
        "codepipeline",
        event,
        News(
            kind=KINDS.get(state, AlertKind.INFO),
            title=f"Pipeline {pipeline} {state.lower() or 'changed'}"
            + (f" in {stage}" if stage else "")
            + (f": {why[:120]}" if why else ""),
            about=(pipeline,),
            severity=Severity.SEV3,
            vendor_severity=state,
            description=why,
            resources=event.named(event.place.arn("codepipeline", pipeline) if text(detail, "pipeline") else ""),
            labels={"execution": execution, "stage": stage, "trigger": text(mapping(detail.get("execution-trigger")), "trigger-type")},
            console=_console(event, pipeline, execution),
        ),
    )


def _failed(event: Event, body: Body) -> tuple[str, str]:
    """The stage and what its action says, where the event carries them."""
    more = mapping(body.get("additionalAttributes")) or mapping(event.detail.get("additionalAttributes"))
    actions = [mapping(one) for one in listing(more.get("failedActions"))]
    return text(more, "failedStage"), text(actions[0], "additionalInformation") if actions else ""


def _console(event: Event, pipeline: str, execution: str) -> str:
    path = f"codesuite/codepipeline/pipelines/{quote(pipeline, safe='')}/"
    return path + (f"executions/{execution}/timeline" if execution else "view") + f"?region={event.place.region}"
