"""aws:runCommand: the pretended agent on the instance where there is one, Run Command of the account otherwise.

A pretended agent is handed what Run Command would hand to a real one: the script of the Command document in the version and
with the hash that were asked for, with its parameters checked as it declares them.
"""

from typing import Any

from local.ssm.steps.action import Action, Done, Hands, StepFailed

_ENDED = {"Success", "Failed", "Cancelled", "TimedOut", "DeliveryTimedOut", "ExecutionTimedOut", "Undeliverable", "Terminated"}
_HANDED_ON = ("DocumentName", "DocumentVersion", "DocumentHash", "DocumentHashType", "Parameters", "TimeoutSeconds", "Comment")
_OF_AWS = "AWS-"
LONGEST_OUTPUT = 2500


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    instances = inputs.get("InstanceIds") or []
    instances = [instances] if isinstance(instances, str) else list(instances)
    if not instances:
        raise StepFailed("aws:runCommand needs InstanceIds")
    unknown = sorted(set(inputs) - {*_HANDED_ON, "InstanceIds"})
    if unknown:
        raise StepFailed(f"aws:runCommand of the simulator takes no {', '.join(unknown)}")
    asked = {key: inputs[key] for key in _HANDED_ON if key in inputs}
    said = [_on(instance, asked, hands) for instance in instances]
    shown = {"Status": "Success", "ResponseCode": 0, "Output": "\n".join(said)[:LONGEST_OUTPUT]}
    return Done(outputs=shown, response=shown)


def _on(instance: str, asked: dict[str, Any], hands: Hands) -> str:
    agent = hands.agent(instance)
    if agent is None and str(asked.get("DocumentName", "")).startswith(_OF_AWS):
        return _through_run_command(instance, asked, hands)
    lines = hands.command(instance, asked)
    code, output = agent(lines) if agent else (0, "")
    if code:
        raise StepFailed(f"the command ended with {code} on {instance}: {output.strip()[-300:]}")
    return output


def _through_run_command(instance: str, asked: dict[str, Any], hands: Hands) -> str:
    command = hands.call("ssm", "SendCommand", {**asked, "InstanceIds": [instance], "MaxConcurrency": "1", "MaxErrors": "0"})["Command"]
    while True:
        hands.pause()
        seen = hands.call("ssm", "GetCommandInvocation", {"CommandId": command["CommandId"], "InstanceId": instance})
        if seen["Status"] == "Success":
            return str(seen.get("StandardOutputContent", ""))
        if seen["Status"] in _ENDED:
            raise StepFailed(f"Run Command ended {seen['Status']} on {instance}: {seen.get('StandardErrorContent', '')[-300:]}")


ACTION = Action("aws:runCommand", _run)
