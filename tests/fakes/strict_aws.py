"""AWS clients that hold both sides to AWS's own model of the service: what is asked, and what a test lays down as the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import ServiceModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator

from tests.fakes.words import NIGHT

IAM_PREFIX = {"monitoring": "cloudwatch"}  # where the name that a request is signed for is not the one of its permissions
DEEPEST = 8


@cache
def model_of(service: str) -> ServiceModel:
    return get_session().get_service_model(service)


@cache
def operations_of(service: str) -> dict[str, str]:
    """The operations of a service by the names of boto3's methods."""
    return {xform_name(name): name for name in model_of(service).operation_names}


def permission_of(service: str, method: str) -> str:
    """The IAM action that this method of a boto3 client asks for."""
    signed_for = model_of(service).signing_name
    return f"{IAM_PREFIX.get(signed_for, signed_for)}:{operations_of(service)[method]}"


def faults_in(shape: Shape | None, value: Any) -> str:
    """What is wrong with a value of this shape: a member that is missing, unknown or of another type. Empty where nothing is."""
    report = ParamValidator().validate(value, shape) if shape else None
    return str(report.generate_report()) if report and report.has_errors() else ""


@dataclass
class StrictAws:
    """`answers` has, by permission, an answer, an error to raise, or a function of the arguments. An unlisted call is a fault.

    `anything` answers in place of what is not listed.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    anything: Callable[[Shape | None], Any] | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    regions: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def __call__(self, service: str, region: str) -> "_Client":
        self.regions.add(region)
        return _Client(self, service)

    @property
    def used(self) -> set[str]:
        return {permission for permission, _ in self.calls}

    def asked(self, permission: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == permission]

    def call(self, service: str, method: str, arguments: dict[str, Any]) -> Any:
        permission, operation = permission_of(service, method), model_of(service).operation_model(operations_of(service)[method])
        self._blame(f"{permission} was asked", faults_in(operation.input_shape, arguments))
        self.calls.append((permission, arguments))
        self._blame(permission, "" if permission in self.answers or self.anything else "was not expected")
        said = self.answers[permission] if permission in self.answers else self.anything(operation.output_shape)  # type: ignore[misc]  # blamed above
        said = said(**arguments) if callable(said) else said
        if isinstance(said, BaseException):
            raise said
        self._blame(f"{permission} answers in this test", faults_in(operation.output_shape, said))
        return said

    def _blame(self, what: str, fault: str) -> None:
        """Noted as well as raised: a collector's caller takes any error for an answer."""
        if fault:
            self.faults.append(f"{what}: {fault}")
            raise AssertionError(self.faults[-1])


@dataclass
class _Client:
    aws: StrictAws
    service: str

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method not in operations_of(self.service):
            raise AttributeError(f"{self.service} has no operation {method}")
        return lambda **arguments: self.aws.call(self.service, method, arguments)


def full(shape: Shape | None, depth: int = 0) -> Any:
    """An answer that says everything that the shape allows, once."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        members = list(shape.members.items())
        chosen = members[:1] if getattr(shape, "is_tagged_union", False) else members
        return {name: full(member, depth + 1) for name, member in chosen if depth < DEEPEST or name in shape.required_members}
    if shape.type_name == "list":
        return [full(shape.member, depth + 1)] if depth < DEEPEST else []
    if shape.type_name == "map":
        return {full(shape.key, depth + 1): full(shape.value, depth + 1)} if depth < DEEPEST else {}
    return _scalar(shape)


def _scalar(shape: Shape) -> Any:
    enum, least = list(getattr(shape, "enum", [])), max(1, int(shape.metadata.get("min", 1)))
    plain: dict[str, Any] = {
        "string": enum[0] if enum else "x" * least,
        "timestamp": NIGHT,
        "boolean": True,
        "double": float(least),
        "float": float(least),
        "blob": b"x",
    }
    return plain.get(shape.type_name, least)
