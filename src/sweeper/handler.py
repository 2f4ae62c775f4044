"""On a schedule: what is stuck or due, put back on its way.

Safe to run twice and to die anywhere: a promise is forgotten only after it was kept, keeping one twice is no fault, and
a look that is asked for twice finds the incident as it lies.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sweeper.service import sweep
from sweeper.wiring import wiring
from watchkeeper.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - the schedule says nothing but when
    return asdict(sweep(wiring()))


coldstart.over()
