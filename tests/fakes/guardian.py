"""The Lambda behind the adapter that asks the guardian, as strict as botocore's own model of the call."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.fakes.strict_aws import faults_in, model_of


@dataclass
class StrictLambda:
    """The one call that is made of Lambda. `answer` is the function's payload; `fault` an AWS error code with its status, or a time-out."""

    answer: bytes = b"null"
    function_error: str = ""
    fault: tuple[str, int] | None = None
    times_out: bool = False
    invoked: list[dict[str, Any]] = field(default_factory=list)

    def says(self, value: object) -> "StrictLambda":
        self.answer = json.dumps(value).encode()
        return self

    def invoke(self, **request: Any) -> dict[str, Any]:
        wrong = faults_in(model_of("lambda").operation_model("Invoke").input_shape, request)
        assert not wrong, wrong
        self.invoked.append(request)
        if self.times_out:
            raise ReadTimeoutError(endpoint_url="https://lambda")
        if self.fault:
            code, status = self.fault
            answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "Invoke")
        failed = {"FunctionError": self.function_error} if self.function_error else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(self.answer), **failed}
