"""AWS clients of ten lines, which answer what a test laid down and note what they were asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str = "AccessDeniedException", status: int = 400) -> ClientError:
    """What boto3 raises when AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": "refused"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "AnyCall")


@dataclass
class FakeAws:
    """`answers` has, by operation, an answer, an error to raise, or a function of the arguments. Unlisted: an empty answer."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, service: str, region: str) -> "FakeAws":
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation.startswith("_"):
            raise AttributeError(operation)

        def call(**arguments: Any) -> Any:
            self.calls.append((operation, arguments))
            answer = self.answers.get(operation, EMPTY.get(operation, {}))
            answer = answer(**arguments) if callable(answer) else answer
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == operation]


EMPTY: dict[str, Any] = {
    "get_metric_data": {"MetricDataResults": []},
    "filter_log_events": {"events": []},
    "describe_instances": {"Reservations": []},
    "describe_instance_status": {"InstanceStatuses": []},
    "describe_services": {"services": []},
    "list_tasks": {"taskArns": []},
    "describe_tasks": {"tasks": []},
    "lookup_events": {"Events": []},
}
