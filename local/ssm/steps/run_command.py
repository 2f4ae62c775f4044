"""aws:runCommand: the pretended agent on the instance where there is one, Run Command of the account otherwise."""

from typing import Any

from local.ssm.steps.action import Action, Done, Hands, StepFailed

_ENDED = {"Success", "Failed", "Cancelled", "TimedOut", "DeliveryTimedOut", "ExecutionTimedOut", "Undeliverable", "Terminated"}


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    instances = inputs.get("InstanceIds") or []
    instances = [instances] if isinstance(instances, str) else list(instances)
    if not instances:
        raise StepFailed("aws:runCommand needs InstanceIds")
    said = [_on(instance, inputs, hands) for instance in instances]
    return Done(outputs={"Status": "Success", "ResponseCode": 0, "Output": "\n".join(said)})


def _on(instance: str, inputs: dict[str, Any], hands: Hands) -> str:
    agent = hands.agent(instance)
    if agent is None:
        return _through_run_command(instance, inputs, hands)
    code, output = agent([str(line) for line in (inputs.get("Parameters") or {}).get("commands", [])])
    if code:
        raise StepFailed(f"the command ended with {code} on {instance}: {output.strip()[-300:]}")
    return output


def _through_run_command(instance: str, inputs: dict[str, Any], hands: Hands) -> str:
    asked: dict[str, Any] = {key: inputs[key] for key in ("DocumentName", "Parameters", "TimeoutSeconds") if key in inputs}
    command = hands.call("ssm", "SendCommand", {**asked, "InstanceIds": [instance], "MaxConcurrency": "1", "MaxErrors": "0"})["Command"]
    while True:
        hands.pause()
        seen = hands.call("ssm", "GetCommandInvocation", {"CommandId": command["CommandId"], "InstanceId": instance})
        if seen["Status"] == "Success":
            return str(seen.get("StandardOutputContent", ""))
        if seen["Status"] in _ENDED:
            raise StepFailed(f"Run Command ended {seen['Status']} on {instance}: {seen.get('StandardErrorContent', '')[-300:]}")


ACTION = Action("aws:runCommand", _run)
