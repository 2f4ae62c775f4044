"""The catalogue's part of template.yaml: for each action its document, what it sends to instances, and its role; and what remediation may start.

It stands between two marks and is written from runbooks/ by `make catalogue`; a test holds the file to it. Everything else in the
template is written by hand.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from watchkeeper.actions import Action, camel

BEGIN, END = "  # >>> the catalogue: written by `make catalogue`\n", "  # <<< the catalogue\n"
A_POLICY = 12  # so many runbooks fit into one managed policy, whose limit is 6,144 characters


def logical(name: str) -> str:
    """`ec2-restart` is Ec2Restart in the template."""
    return camel(name.replace("-", "_"))


def written(template: str, folder: Path, actions: Sequence[Action]) -> str:
    """The template with its part as runbooks/ has it now; ValueError where the marks are missing."""
    before, begin, rest = template.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the template has no marks for the catalogue")
    return before + begin + "\n".join(part(folder, actions)) + end + after


def part(folder: Path, actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        yield _document(f"{logical(action.name)}Document", action.name, "Automation", f"runbooks/{action.name}.yaml")
        if action.command:
            yield _document(f"{logical(action.command)}Command", action.command, "Command", f"runbooks/commands/{action.command}.yaml")
        yield _role(action.name, (folder / "roles" / f"{action.name}.yaml").read_text())
    for number, start in enumerate(range(0, len(actions), A_POLICY), start=1):
        yield _policy(number, [action.name for action in actions[start : start + A_POLICY]])


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
{indented}"""


def _policy(number: int, names: Sequence[str]) -> str:
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
      Roles: [!Ref RemediationRole]
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
