"""A plan in, an opinion out, in less than twenty seconds. Safe to run twice: it stores nothing and does nothing."""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from guardian.service import judge
from guardian.wiring import wiring
from watchkeeper.models import Objection, Opinion, PlanShown
from watchkeeper.telemetry import count, logger

TO_ANSWER = 1.5  # seconds that are left for the way back


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    put_together = wiring()

    def seconds_left() -> float:
        return min(put_together.settings.deadline_seconds, context.get_remaining_time_in_millis() / 1000 - TO_ANSWER)

    try:
        opinion = judge(PlanShown.model_validate(event), put_together, seconds_left)
    except ValidationError:
        opinion = Opinion(objection=Objection.DOWN, reasons=("What it was asked about is no plan.",))
    count("Opinions", objection=opinion.objection.value)
    return opinion.model_dump(mode="json")


coldstart.over()
