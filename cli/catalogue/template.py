"""The catalogue's part of template.yaml: for each action its document, command and role; what remediation may start; what stops it.

It stands between two marks and is written from runbooks/ by `make catalogue`; a test holds the file to it. Everything else in the
template is written by hand.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from watchkeeper.actions import Action, camel
from watchkeeper.lockdown import allows, only_reads

BEGIN, END = "  # >>> the catalogue: written by `make catalogue`\n", "  # <<< the catalogue\n"
STARTS = (
    "ssm:StartAutomationExecution",
    "ssm:SendAutomationSignal",
    "ssm:SendCommand",
    "iam:PassRole",
    "lambda:InvokeFunction",
    "sts:AssumeRole",
)
BY_AN_ALARM = "stopped-by-an-alarm"  # what every runbook's role may do so that an alarm can stop it (docs/decisions/0022)
A_POLICY = 12  # so many runbooks fit into one managed policy, whose limit is 6,144 characters


def logical(name: str) -> str:
    """`ec2-restart` is Ec2Restart in the template."""
    return camel(name.replace("-", "_"))


def written(template: str, folder: Path, actions: Sequence[Action]) -> str:
    """The template with its part as runbooks/ has it now; ValueError where the marks are missing."""
    return between_marks(template, "\n".join(part(folder, actions)))


def between_marks(text: str, inside: str) -> str:
    """The text with this between its marks; ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the template has no marks for the catalogue")
    return before + begin + inside + end + after


def part(folder: Path, actions: Sequence[Action]) -> Iterator[str]:
    """Every resource of the catalogue, in the hub's own account."""
    yield from runbooks(folder, actions)
    yield from may_run(actions, "RemediationRole")
    yield stop_policy("The kill switch in IAM; ./watchkeeper stop puts it onto every role that acts.", changes(folder, actions))


def runbooks(folder: Path, actions: Sequence[Action]) -> Iterator[str]:
    """Of each action its document, what it sends to instances, and its role."""
    for action in actions:
        yield _document(f"{logical(action.name)}Document", action.name, "Automation", f"runbooks/{action.name}.yaml")
        if action.command:
            yield _document(f"{logical(action.command)}Command", action.command, "Command", f"runbooks/commands/{action.command}.yaml")
        yield _role(action.name, (folder / "roles" / f"{action.name}.yaml").read_text())


def may_run(actions: Sequence[Action], starter: str) -> Iterator[str]:
    """Policies by which this role may start them and lend them their roles."""
    for number, start in enumerate(range(0, len(actions), A_POLICY), start=1):
        yield _policy(number, [action.name for action in actions[start : start + A_POLICY]], starter)


def changes(folder: Path, actions: Sequence[Action]) -> list[str]:
    """Every call by which the role of some runbook could change something, as IAM writes it."""
    allowed = {call for action in actions for call in allows(statements(folder, action.name))}
    return sorted(call for call in allowed if not only_reads(call))


def statements(folder: Path, name: str) -> list[dict[str, Any]]:
    """The statements of this runbook's role; what CloudFormation fills in is left as it is written."""
    found: list[dict[str, Any]] = yaml.load((folder / "roles" / f"{name}.yaml").read_text(), Loader=Written)  # noqa: S506 - a SafeLoader of ours
    return found


class Written(yaml.SafeLoader):
    """YAML in which `!Sub` and its like are the text behind them."""


Written.add_multi_constructor("!", lambda _loader, _tag, node: node.value)


def stop_policy(says: str, calls: Sequence[str]) -> str:
    """Start, Lend, Invoke and Assume are nobody's any more; what a runbook's role could change is denied to those roles alone, because
    the functions need some of it for their own queues and tables, to say that nothing is done."""
    listed = "".join(f"              - {call}\n" for call in calls)
    return f"""\
  StopPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: !Sub ${{AWS::StackName}}-stop
      Description: {says}
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: StartNothing
            Effect: Deny
            Action: [{", ".join(STARTS)}]
            Resource: "*"
          - Sid: ChangeNothing
            Effect: Deny
            Action:
{listed}            Resource: "*"
            Condition: # AWS names the role here, the emulator the session that was made with it
              ArnLike:
                aws:PrincipalArn:
                  - !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/${{AWS::StackName}}-runbook-*"
                  - !Sub "arn:${{AWS::Partition}}:sts::${{AWS::AccountId}}:assumed-role/${{AWS::StackName}}-runbook-*"
"""


def _document(resource: str, name: str, kind: str, path: str) -> str:
    return f"""\
  {resource}:
    Type: AWS::SSM::Document
    Properties:
      Name: !Sub ${{AWS::StackName}}-{name}
      DocumentType: {kind}
      DocumentFormat: YAML
      UpdateMethod: NewVersion
      Content: {{Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {path}}}}}}}
"""


def _role(name: str, statements: str) -> str:
    indented = "".join(f"              {line}" if line.strip() else line for line in statements.splitlines(keepends=True))
    return f"""\
  {logical(name)}Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub ${{AWS::StackName}}-runbook-{name}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: ssm.amazonaws.com}}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {{aws:SourceAccount: !Ref AWS::AccountId}}
              ArnLike: {{aws:SourceArn: !Sub "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:automation-execution/*"}}
      Policies:
        - PolicyName: {name}
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
{indented}        - PolicyName: {BY_AN_ALARM}
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: AskTheAlarm
                Effect: Allow
                Action: cloudwatch:DescribeAlarms
                Resource: !Sub "arn:${{AWS::Partition}}:cloudwatch:${{AWS::Region}}:${{AWS::AccountId}}:alarm:*"
              - Sid: StopItself # SSM asks with this role; an execution has no name that could be written here beforehand
                Effect: Allow
                Action: ssm:StopAutomationExecution
                Resource: !Sub "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:automation-execution/*"
"""


def _policy(number: int, names: Sequence[str], starter: str) -> str:
    """SSM asks for the right to start on the document, on its definition and on the execution that comes of it."""
    arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}"
    documents = [f'                - !Sub "{arn}:document/${{{logical(name)}Document}}"\n' for name in names]
    definitions = [f'                - !Sub "{arn}:automation-definition/${{{logical(name)}Document}}:*"\n' for name in names]
    roles = [f"                - !GetAtt {logical(name)}Role.Arn\n" for name in names]
    return f"""\
  MayRun{number}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: Which runbooks remediation may start, and the roles that it lends them.
      Roles: [!Ref {starter}]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: Start
            Effect: Allow
            Action: ssm:StartAutomationExecution
            Resource:
{"".join(documents)}{"".join(definitions)}                - !Sub "{arn}:automation-execution/*"
          - Sid: Lend
            Effect: Allow
            Action: iam:PassRole
            Resource:
{"".join(roles)}            Condition: {{StringEquals: {{iam:PassedToService: ssm.amazonaws.com}}}}
"""
