"""What AWS says to remediation when all is well, beside what moto says: SSM runs, and whoever is asked has nothing against it."""

from datetime import datetime
from io import BytesIO
from typing import Any

from tests.fakes.automation import StrictSsm
from tests.fakes.looked_at import ESTATE
from watchkeeper.ids import now

REHEARSAL = "00000000-0000-4000-8000-000000000000"


def answers(ssm: StrictSsm) -> dict[str, Any]:
    """The estate, SSM as strict as it is, and what IAM, STS, the guardian and the alarm say when all is well."""

    def start(**asked: Any) -> dict[str, Any]:
        rehearses = asked["DocumentName"].endswith("-rehearse-ec2")
        return {"AutomationExecutionId": REHEARSAL} if rehearses else ssm.start_automation_execution(**asked)

    def get(**asked: Any) -> dict[str, Any]:
        if asked["AutomationExecutionId"] != REHEARSAL:
            return {"AutomationExecution": _as_told(ssm.get_automation_execution(**asked)["AutomationExecution"])}
        said = {"rehearse.Said": ["RebootInstances DryRunOperation"]}
        return {"AutomationExecution": {"AutomationExecutionStatus": "Success", "Outputs": said}}

    def listed(**asked: Any) -> dict[str, Any]:
        page = ssm.describe_automation_executions(**asked)
        told = {"AutomationExecutionMetadataList": [_in_a_list(one) for one in page["AutomationExecutionMetadataList"]]}
        return page | told

    def may(**asked: Any) -> dict[str, Any]:
        return {"EvaluationResults": [{"EvalActionName": name, "EvalDecision": "allowed"} for name in asked["ActionNames"]]}

    began = now()
    alarm = {"AlarmName": "checkout-cpu-high", "Period": 1, "EvaluationPeriods": 1}
    return ESTATE | {
        "ssm:StartAutomationExecution": start,
        "ssm:GetAutomationExecution": get,
        "ssm:DescribeAutomationExecutions": listed,
        "ssm:DescribeDocument": ssm.describe_document,
        "ssm:GetCalendarState": {"State": "OPEN"},
        "iam:SimulatePrincipalPolicy": may,
        "lambda:InvokeFunction": lambda **_: {"StatusCode": 200, "Payload": BytesIO(b'{"objection": "none"}')},
        "cloudwatch:DescribeAlarms": lambda **_: {
            "MetricAlarms": [alarm | _state(ssm, began)],
        },
        "secretsmanager:GetSecretValue": lambda **_: {"SecretString": '{"github_token": "t", "spoke_external_id": "a-secret-word"}'},
        "sqs:ChangeMessageVisibility": {},
    }


def _as_told(execution: dict[str, Any]) -> dict[str, Any]:
    """Without what our stand-in keeps for its own tests."""
    return {name: value for name, value in execution.items() if name not in {"Tags", "AlarmConfiguration"}}


def _in_a_list(execution: dict[str, Any]) -> dict[str, Any]:
    """SSM tells no steps there."""
    return {name: execution[name] for name in ("AutomationExecutionId", "AutomationExecutionStatus", "ExecutionStartTime")}


def _state(ssm: StrictSsm, began: datetime) -> dict[str, Any]:
    """It fires until something was started, and is OK since then."""
    if not ssm.started:
        return {"StateValue": "ALARM", "StateUpdatedTimestamp": began}
    since = max(one.get("ExecutionEndTime", one["ExecutionStartTime"]) for one in ssm.started.values())
    return {"StateValue": "OK", "StateUpdatedTimestamp": since}
