"""The console's entry: requests of people, from API Gateway. So far they answer questions, ask for explanations and stop everything.

Safe to run twice and to die anywhere: an answer is a message whose id is the same for the same answer, and remediation counts a
person once; an explanation is asked for once until something new has happened; a switch that is thrown stays thrown.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from console.door import answer
from console.wiring import wiring
from watchkeeper.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's own signature
    return answer(event, wiring())


coldstart.over()
