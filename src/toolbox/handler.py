"""One tool call, asked for by the runbook mcp-tool, answered when it is done.

Safe to run twice and to die anywhere: the token is on record before the tool is called, and a token on record calls nothing.
"""

from watchkeeper import coldstart  # before anything else

# isort: split

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from toolbox.asked import Asked
from toolbox.service import use
from toolbox.wiring import wiring
from watchkeeper.errors import BadPayload
from watchkeeper.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - nothing of it is asked
    try:
        asked = Asked.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise BadPayload(f"not a call of a tool: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    return use(asked, wiring()).model_dump()


coldstart.over()
