"""Everything in which the laptop's copy of template.yaml differs from the one that AWS gets. All of it is here, and is said aloud.

The emulator refuses a whole template for one type that it does not know, so these are left out of the packaged copy.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Template = dict[str, Any]

UNKNOWN_TYPES = {
    "AWS::SSM::Document": "the Automation simulator holds and runs the runbooks",
    "AWS::CloudWatch::CompositeAlarm": "the emulator has no composite alarms in CloudFormation",
    "AWS::CloudWatch::AnomalyDetector": "the emulator knows no anomaly bands",
    "AWS::SecretsManager::RotationSchedule": "the emulator rotates nothing",
    "AWS::Logs::QueryDefinition": "saved queries are for the console",
    "AWS::Budgets::Budget": "nothing costs anything here",
}
WHY = {
    "COLLECTOR_SECONDS": " (instead of 8: here five analyses start cold at the same time on one machine)",
    "OBSERVE_SECONDS": " (instead of 60, and the sweeper comes every 5 seconds: nobody watches a story for longer)",
    "VERIFY_SECONDS": " (instead of 300: how long a fix has before an alarm that still fires says that it failed)",
    "AWS_ENDPOINT_URL_SSM": " (the Automation simulator, which hands on what is not Automation)",
    "AWS_ENDPOINT_URL_ACM": " (the emulator's ACM, with the renewal of certificates that it does not know laid over it)",
    "AWS_ENDPOINT_URL_ECS": " (the emulator's ECS, with the history of deployments and the scheduler that it does not have)",
    "AWS_ENDPOINT_URL_RDS": " (the emulator's RDS, with standbys and the optimizing of storage that it does not have)",
    "AWS_ENDPOINT_URL_SQS": " (the emulator's SQS, with message move tasks and the sources of a dead letter queue)",
    "AWS_ENDPOINT_URL_EC2": " (the emulator's EC2, where a dry run does nothing)",
    "AWS_ENDPOINT_URL_CODEDEPLOY": " (a CodeDeploy of our own, the emulator has none)",
}
MOST_NAMED = 3
REF = re.compile(r"\$\{(\w+)\}")


def for_the_laptop(template: Template, environment: dict[str, str], *, iam: bool) -> tuple[Template, list[str]]:
    """The packaged copy, and a sentence for everything that is different in it."""
    copy = deepcopy(template)
    said = _leave_out(copy)
    variables = copy["Globals"]["Function"]["Environment"]["Variables"]
    variables.update(environment)
    said += [f"every function gets {name}={value}{WHY.get(name, '')}" for name, value in environment.items()]
    if iam:
        said += _ease(copy)
    return copy, said


def _leave_out(template: Template) -> list[str]:
    gone: dict[str, list[str]] = {}
    for name, resource in list(template["Resources"].items()):
        why = UNKNOWN_TYPES.get(resource["Type"], "")
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
            why = "the emulator has no metric math"
        if why:
            del template["Resources"][name]
            _name_instead_of_reference(template, name, resource["Properties"].get("Name", ""))
            gone.setdefault(f"({resource['Type']}): {why}", []).append(name)
    return [f"left out {_listed(names)} {why}" for why, names in gone.items()]


def _listed(names: list[str]) -> str:
    """A few by their names, many by their number: they stand in the template one below the other."""
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{names[0]} and {len(names) - 1} more"


def _name_instead_of_reference(template: Template, gone: str, name: Any) -> None:
    """What referred to the resource now says its name, which is what the reference would have given."""
    pattern = name["Fn::Sub"] if isinstance(name, dict) and "Fn::Sub" in name else str(name)

    def change(node: Any) -> Any:
        if node == {"Ref": gone}:
            return name
        if isinstance(node, dict) and isinstance(node.get("Fn::Sub"), str):
            return {"Fn::Sub": REF.sub(lambda m: pattern if m[1] == gone else m[0], node["Fn::Sub"])}
        return node

    for part in ("Resources", "Outputs"):
        template[part] = _walk(template.get(part, {}), change)


def _ease(template: Template) -> list[str]:
    """What the emulator's IAM judges otherwise than AWS would: each is a refusal that AWS does not give."""
    said: set[str] = set()

    def change(node: Any) -> Any:
        if isinstance(node, dict) and node.get("Effect") in {"Allow", "Deny"}:
            for why, ease in EASINGS.items():
                eased = ease(node)
                if eased != node:
                    said.add(f"with --iam: {why}")
                    node = eased
        return node

    template["Resources"] = _walk(template["Resources"], change)
    return sorted(said)


def _without_tls(statement: Template) -> Template:
    keys = {key for test in statement.get("Condition", {}).values() for key in test}
    if statement["Effect"] == "Deny" and keys == {"aws:SecureTransport"}:
        return {**statement, "Condition": {"Bool": {"aws:SecureTransport": "never"}}}
    return statement


def _without_unknown_keys(statement: Template) -> Template:
    if statement["Effect"] != "Allow" or "Condition" not in statement:
        return statement
    tests = {test: {k: v for k, v in of.items() if k not in UNKNOWN_KEYS} for test, of in statement["Condition"].items()}
    kept = {test: of for test, of in tests.items() if of}
    return {**{k: v for k, v in statement.items() if k != "Condition"}, **({"Condition": kept} if kept else {})}


def _on_all_of_them(statement: Template) -> Template:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    looks = statement.get("Sid") == "LookAtThingsOfThisAccount"
    unjudged = statement["Effect"] == "Allow" and (looks or all(action.startswith(("ecs:", "ses:")) for action in actions))
    return {**statement, "Resource": "*"} if unjudged else statement


UNKNOWN_KEYS = {
    "aws:ResourceTag/AutoRemediate",
    "ses:FromAddress",
    "aws:SourceArn",
    "aws:SourceAccount",
    "iam:PassedToService",
    "iam:PolicyARN",
}
EASINGS: dict[str, Callable[[Template], Template]] = {
    "the statements that demand TLS say nothing, the emulator speaks plain HTTP": _without_tls,
    f"conditions on {', '.join(sorted(UNKNOWN_KEYS))} are left out, the emulator does not fill them in": _without_unknown_keys,
    "what is allowed on certain ECS services, SES identities and things to look at is allowed on all, it knows few ARNs": _on_all_of_them,
}


def _walk(node: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(node)
    if isinstance(changed, dict):
        return {key: _walk(value, change) for key, value in changed.items()}
    if isinstance(changed, list):
        return [_walk(value, change) for value in changed]
    return changed
