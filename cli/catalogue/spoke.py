"""The catalogue's part of spoke.yaml: what a further account needs so that the hub can run its runbooks there.

It is made of the same files as the hub's own. Names follow the hub's stack, because remediation finds documents and roles by name.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from cli.catalogue.template import Written, between_marks, changes, logical, may_run, runbooks, stop_policy
from watchkeeper.actions import Action

LOOKS = "LookOnly"
_REFERENCES = re.compile(r"(?:!GetAtt |!Ref |\$\{)(?!AWS::)(\w+)")


def written(spoke: str, hub: str, folder: Path, actions: Sequence[Action]) -> str:
    """spoke.yaml with its part as runbooks/ and the hub's template have it now; ValueError where the marks are missing."""
    return between_marks(spoke, "\n".join(part(folder, travelling(folder, actions), looks_of(hub))).replace("AWS::StackName", "HubStack"))


def travelling(folder: Path, actions: Sequence[Action]) -> list[Action]:
    """Those that need nothing of the hub's stack, neither as a parameter nor in their role: what acts on GitHub does so from the hub."""
    return [action for action in actions if not action.from_stack and not _of_the_hub(folder, action)]


def _of_the_hub(folder: Path, action: Action) -> set[str]:
    """What the role refers to beside what comes along with it."""
    along = {f"{logical(action.command)}Command"} if action.command else set()
    return set(_REFERENCES.findall((folder / "roles" / f"{action.name}.yaml").read_text())) - along


def looks_of(hub: str) -> list[str]:
    """What the inventory looks at, as the hub's own remediation may."""
    role = yaml.load(hub, Loader=Written)["Resources"]["RemediationRole"]  # noqa: S506 - a SafeLoader of ours
    statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return sorted(action for one in statements if isinstance(one, dict) and one["Sid"] == LOOKS for action in one["Action"])


def part(folder: Path, actions: Sequence[Action], looks: Sequence[str]) -> Iterator[str]:
    """Every resource of the catalogue, in a further account."""
    yield from runbooks(folder, actions)
    yield from may_run(actions, "ActsHere")
    yield _may_look(looks)
    yield stop_policy(
        "The kill switch in IAM of this account; ./watchkeeper stop puts it onto every role that acts.", changes(folder, actions)
    )


def _may_look(looks: Sequence[str]) -> str:
    listed = "".join(f"              - {call}\n" for call in looks)
    return f"""\
  MayLook:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: What the inventory looks at. IAM knows no resources for these calls, and none of them changes anything.
      Roles: [!Ref ActsHere]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: LookOnly
            Effect: Allow
            Action:
{listed}            Resource: "*"
"""
