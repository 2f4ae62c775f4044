"""The runbooks: one for each catalogue action, with its parameters, its role, and an end in time."""

import ast
import re
from typing import Any

import pytest
import yaml
from botocore.session import Session

from cli.catalogue.template import logical, written
from local.ssm import commands
from local.ssm.documents import read
from remediation.rehearsing import dry_run
from tests.fakes.template import ROOT, resources
from tests.template.reading import granted, properties
from watchkeeper.actions import Action, Risk, runbooks
from watchkeeper.custom_actions import CustomAction
from watchkeeper.models import Resource

# Of the functions that a team registers, one that stands for all: they have one runbook between them.
REGISTERED = CustomAction(
    name="lambda-custom", function="arn:aws:lambda:eu-west-1:123456789012:function:warm-cache:live", target_type="ecs:service",
    parameters={"size": "^[0-9]+$"}, risk=Risk.LOW, says="Warm it", expected_effect="It is warm.", why_irreversible="none has to",
)  # fmt: skip
ALL = {**runbooks(), "lambda-custom": REGISTERED.entry}
ACTIONS = sorted(ALL)
KINDS = {
    "aws:executeAwsApi", "aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty", "aws:branch", "aws:sleep", "aws:executeScript",
    "aws:runCommand",
}  # fmt: skip
TARGETS = {
    "autoscaling:group": "shop-web",
    "ec2:volume": "vol-0123456789abcdef0",
    "elb:target": "shop-web/i-0123456789abcdef0/8080",
    "ec2:instance": "i-0123456789abcdef0",
    "ecs:service": "shop/storefront",
    "github:pull-request": "acme/orders#482",
    "ecs:task": "shop/0123456789abcdef0123456789abcdef",
    "rds:db": "orders-db",
    "rds:cluster": "orders",
    "dynamodb:table": "orders",
    "lambda:function": "checkout",
    "sqs:dead-letter-queue": "orders-dlq",
    "events:rule": "feeds-checkout",
    "cloudformation:stack": "shop",
    "codedeploy:deploymentgroup": "shop/web",
    "docker:container": "docker-1/web",
    "watchkeeper:incident": "INC-01KAGHZ1AWQ2E8R7T5Y9V3N6M4",
}
# What an action reads from the state of its target, and what a standing order gives it, for those that need it.
STATES: dict[str, dict[str, Any]] = {
    "alb-deregister-target": {"target_group": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/50dc6c495c0c9188"},
    "asg-instance-refresh": {"desired_capacity": 2, "launches": "lt-0123456789abcdef0 version 3"},
    "asg-replace-instance": {"group": "shop-web"},
    "asg-set-capacity": {"desired_capacity": 2, "min_size": 1, "max_size": 6},
    "ec2-grow-volume": {"size_gib": 100},
    "ecs-scale": {"desired_count": 2},
    "ecs-rollback": {"former_task_definition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:41"},
    "ecs-stop-task": {"service": "storefront"},
    "rds-failover": {"multi_az": "yes", "standby_zone": "eu-west-1b"},
    "rds-cluster-failover": {"next_writer": "orders-2"},
    "rds-grow-storage": {"storage_gib": 100},
    "dynamodb-capacity": {"billing": "PROVISIONED", "read": 10, "write": 5},
    "lambda-alias-rollback": {"alias live": "7", "before alias live": "6"},
    "lambda-redrive": {"source": "orders", "dead_letters": "orders-dlq", "mapping": "21461a26-b611-42b7-9b3c-5be8879e2ea6"},
    "sqs-redrive": {"source": "orders"},
    "eventbridge-rule": {"state": "ENABLED"},
    "cloudformation-rollback": {"status": "UPDATE_IN_PROGRESS"},
    "codedeploy-rollback": {"deployment": "d-A1B2C3D4E"},
    "mcp-tool": {"server": "lookout"},
}
GIVEN: dict[str, dict[str, Any]] = {
    "ec2-restart-service": {"unit": "nginx.service"},
    "lambda-alias-rollback": {"alias": "live"},
    "lambda-concurrency": {"reserved": 50},
    "lambda-custom": {"size": "200"},
    "mcp-tool": {"tool": "restart_container", "arguments": {"container": "{resource_id}"}},
}
ROLE = "AutomationAssumeRole"
# What Automation can compare as text, and hand on: a structure it cannot. A number or a truth is compared as it is written.
# What is registered beside the actions: it tries a call without doing it, and no order can name it.
REHEARSALS = [dry_run.DOCUMENT]
TELLABLE = {"string", "integer", "long", "boolean"}
# What the stack fills in, as it would: an address, and the ARN of a secret.
FROM_STACK = {
    "GithubApiUrl": ["https://ghe.example.com/api/v3"],
    "SecretId": ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:RunbookSecret-a1B2c3"],
    "ToolboxFunction": ["watchkeeper-toolbox"],
    "DistributionQueueUrl": ["https://sqs.eu-west-1.amazonaws.com/123456789012/watchkeeper-distribution.fifo"],
}
# What pins the command that a runbook sends, as a plan adds it.
PINNED = {"CommandName": ["watchkeeper-clean-temp"], "CommandVersion": ["3"], "CommandHash": ["0" * 64]}
# An SDK's name for a service where IAM has another one; and what Automation itself asks for while it waits for a command.
IN_IAM = {"elbv2": "elasticloadbalancing"}
RUN_COMMAND = {"ssm:SendCommand", "ssm:ListCommands", "ssm:ListCommandInvocations"}
CALLED_BY_SCRIPT = re.compile(r'boto3\.client\("(\w+)"[^()]*\)\.(\w+)\(')
# A call whose permission is called otherwise; and what SQS asks of whoever has it move messages, beyond the call itself.
PERMISSIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
MOVES = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"}
BESIDES = {"sqs-redrive": MOVES, "lambda-redrive": MOVES}
# A message that is sent is all that AWS can tell of it: what becomes of it is distribution's own record.
NOTHING_TO_WAIT_FOR = {"ticket-create"}


def runbook(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "runbooks" / f"{name}.yaml").read_text())
    return found


def steps(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = runbook(name)["mainSteps"]
    return found


def calls(name: str) -> list[dict[str, Any]]:
    return [step for step in steps(name) if "Api" in step.get("inputs", {})]


def is_look(step: dict[str, Any]) -> bool:
    return bool(re.match(r"Describe|Get|List", step["inputs"]["Api"]))


def sends(step: dict[str, Any]) -> bool:
    return bool(step["action"] == "aws:runCommand")


def called(step: dict[str, Any]) -> str:
    """The call that a step makes. aws:runCommand sends one command and waits for its end by itself."""
    return "ssm:SendCommand" if sends(step) else f"{step['inputs']['Service']}:{step['inputs']['Api']}"


def scripts(name: str) -> list[dict[str, Any]]:
    return [step for step in steps(name) if step["action"] == "aws:executeScript"]


BY_API = [name for name in ACTIONS if calls(name)]
BY_SCRIPT = [name for name in ACTIONS if not calls(name)]


def given(action: Action) -> dict[str, list[str]]:
    """Everything but the role: what a plan has, and what the stack adds."""
    target = Resource(type=action.target_type, id=TARGETS[action.target_type], trusted=True)
    planned = action.parameters(target, STATES.get(action.name, {}), GIVEN.get(action.name, {})).for_runbook()
    return planned | {name: FROM_STACK[name] for name in action.from_stack} | (PINNED if action.command else {})


def test_every_action_has_its_runbook_and_every_runbook_its_action() -> None:
    assert sorted(path.stem for path in (ROOT / "runbooks").glob("*.yaml")) == ACTIONS
    documents = {name for name, one in resources().items() if one["Type"] == "AWS::SSM::Document"}
    commands = {f"{logical(action.command)}Command" for action in ALL.values() if action.command}
    assert documents == {f"{logical(name)}Document" for name in [*ACTIONS, *REHEARSALS]} | commands
    assert sorted(path.stem for path in (ROOT / "runbooks" / "rehearsals").glob("*.yaml")) == REHEARSALS
    assert sorted(path.stem for path in (ROOT / "runbooks" / "roles").glob("*.yaml")) == ACTIONS
    sent = {action.command for action in ALL.values() if action.command}
    assert {path.stem for path in (ROOT / "runbooks" / "commands").glob("*.yaml")} == sent


def test_the_template_is_what_the_catalogue_writes() -> None:
    """Whoever edits runbooks/ or the catalogue runs `make catalogue`."""
    text = (ROOT / "template.yaml").read_text()
    assert written(text, ROOT / "runbooks", [action for _, action in sorted(ALL.items())]) == text


@pytest.mark.parametrize("name", ACTIONS)
def test_the_stack_registers_the_file_under_the_name_that_the_code_asks_for(name: str) -> None:
    document = properties(f"{logical(name)}Document")
    assert document["Name"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    assert document["Content"]["Fn::Transform"] == {"Name": "AWS::Include", "Parameters": {"Location": f"runbooks/{name}.yaml"}}
    assert (document["DocumentType"], document["UpdateMethod"]) == ("Automation", "NewVersion")
    assert properties(f"{logical(name)}Role")["RoleName"] == {"Fn::Sub": f"${{AWS::StackName}}-runbook-{name}"}


@pytest.mark.parametrize("name", REHEARSALS)
def test_a_rehearsal_is_registered_alike_and_can_only_rehearse(name: str) -> None:
    document = properties(f"{logical(name)}Document")
    assert document["Name"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    assert document["Content"]["Fn::Transform"]["Parameters"] == {"Location": f"runbooks/rehearsals/{name}.yaml"}
    (step,) = yaml.safe_load((ROOT / "runbooks" / "rehearsals" / f"{name}.yaml").read_text())["mainSteps"]
    made = [node for node in ast.walk(ast.parse(step["inputs"]["Script"])) if isinstance(node, ast.Call)]
    of_ec2 = [node for node in made if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "ec2"]
    assert of_ec2
    assert all("DryRun=True" in map(ast.unparse, node.keywords) for node in of_ec2)
    assert name not in ALL


def test_the_prefixes_of_remediation_lead_to_them() -> None:
    variables = properties("RemediationFunction")["Environment"]["Variables"]
    assert variables["RUNBOOK_PREFIX"] == {"Ref": "AWS::StackName"}
    assert variables["RUNBOOK_ROLE_PREFIX"]["Fn::Sub"].endswith(":role/${AWS::StackName}-runbook")


@pytest.mark.parametrize("name", ACTIONS)
def test_its_parameters_are_those_of_the_action(name: str) -> None:
    declared = runbook(name)["parameters"]
    wanted = given(ALL[name])
    assert set(declared) == {*wanted, ROLE}
    for parameter, values in wanted.items():
        assert re.fullmatch(declared[parameter]["allowedPattern"], values[0]), parameter
    assert re.fullmatch(declared[ROLE]["allowedPattern"], f"arn:aws:iam::123456789012:role/watchkeeper-dev-runbook-{name}")
    assert runbook(name)["assumeRole"] == f"{{{{ {ROLE} }}}}"


@pytest.mark.parametrize("bad", ["i-0123; rm -rf /", "", "*", "i-0123456789abcdef0\nx", "{{ global:REGION }}"])
@pytest.mark.parametrize("name", ACTIONS)
def test_its_parameters_take_nothing_else(name: str, bad: str) -> None:
    for parameter, declared in runbook(name)["parameters"].items():
        pattern = declared["allowedPattern"]
        assert pattern.startswith("^"), parameter
        assert pattern.endswith("$"), parameter
        assert not re.fullmatch(pattern, bad), parameter


@pytest.mark.parametrize("name", ACTIONS)
def test_it_is_a_runbook_that_the_simulator_takes(name: str) -> None:
    document = read(name, (ROOT / "runbooks" / f"{name}.yaml").read_text())
    assert document.values({**given(ALL[name]), ROLE: ["arn:aws:iam::123456789012:role/x"]})
    assert {step.action for step in document.steps} <= KINDS


@pytest.mark.parametrize("name", ACTIONS)
def test_it_calls_what_aws_has_with_parameters_that_aws_knows(name: str) -> None:
    """Held against botocore's description of the services, as the service itself would hold it."""
    own = {"Service", "Api", "PropertySelector", "DesiredValues"}
    for step in calls(name):
        shape = Session().get_service_model(step["inputs"]["Service"]).operation_model(step["inputs"]["Api"]).input_shape
        assert shape is not None
        assert set(step["inputs"]) - own <= set(shape.members), step["name"]
        assert set(shape.required_members) <= set(step["inputs"]), step["name"]


@pytest.mark.parametrize("name", ACTIONS)
def test_its_selectors_name_what_aws_answers(name: str) -> None:
    for step in calls(name):
        selectors = [step["inputs"].get("PropertySelector"), *(one["Selector"] for one in step.get("outputs", []))]
        answer = Session().get_service_model(step["inputs"]["Service"]).operation_model(step["inputs"]["Api"]).output_shape
        for selector in filter(None, selectors):
            shape = answer
            for word in re.findall(r"[A-Za-z]+|\[\d+\]", selector):
                shape = shape.member if word.startswith("[") else shape.value if shape.type_name == "map" else shape.members[word]
            assert shape.type_name in TELLABLE, f"{step['name']}: {selector}"


@pytest.mark.parametrize("name", BY_API)
def test_it_looks_before_and_after_and_acts_once(name: str) -> None:
    taken = [step for step in steps(name) if "Api" in step.get("inputs", {}) or sends(step)]
    acts = [index for index, step in enumerate(taken) if sends(step) or not is_look(step)]
    assert tuple(called(taken[act]) for act in acts) == ALL[name].calls
    assert "aws:assertAwsResourceProperty" in [
        step["action"] for step in taken[: acts[0]]
    ]  # which may have to find first what it asks about
    waits = [step["action"] == "aws:waitForAwsResourceProperty" and is_look(step) for step in taken[acts[-1] + 1 :]]
    assert any(waits) or sends(taken[acts[-1]]) or name in NOTHING_TO_WAIT_FOR
    assert all(taken[act]["maxAttempts"] == 1 for act in acts)


@pytest.mark.parametrize("name", [name for name in ACTIONS if any(map(sends, steps(name)))])
def test_a_command_is_our_own_and_held_to_the_version_that_was_planned(name: str) -> None:
    [step] = filter(sends, steps(name))
    held = {key: value for key, value in step["inputs"].items() if key.startswith("Document")}
    assert held == {
        "DocumentName": "{{ CommandName }}", "DocumentVersion": "{{ CommandVersion }}", "DocumentHash": "{{ CommandHash }}",
        "DocumentHashType": "Sha256",
    }  # fmt: skip
    command = commands.read(name, (ROOT / "runbooks" / "commands" / f"{ALL[name].command}.yaml").read_text())
    assert set(command.parameters) == set(step["inputs"]["Parameters"])
    for parameter, declared in command.parameters.items():
        assert declared["allowedPattern"] == runbook(name)["parameters"][parameter]["allowedPattern"]


@pytest.mark.parametrize("name", BY_SCRIPT)
def test_a_script_is_tried_once_by_a_runtime_that_aws_has(name: str) -> None:
    """What it does besides is seen by running it (test_github_revert)."""
    assert not calls(name)
    for step in scripts(name):
        inputs = step["inputs"]
        assert step["maxAttempts"] == 1
        assert step["timeoutSeconds"] <= 600
        assert inputs["Runtime"] == "python3.11"
        compile(inputs["Script"], name, "exec")
        assert f"def {inputs['Handler']}(events, context):" in inputs["Script"]
        assert "{{" not in inputs["Script"], "what is put into a script's text is code; parameters come by InputPayload"


@pytest.mark.parametrize("name", [name for name in BY_API if scripts(name)])
def test_a_script_beside_calls_makes_none_of_its_own(name: str) -> None:
    """It turns one value into another: a look in the journal, and nothing that could be done twice."""
    for step in scripts(name):
        assert "import" not in step["inputs"]["Script"]
        assert step["inputs"]["Handler"].startswith("get_")
        assert "{{" not in step["inputs"]["Script"]


@pytest.mark.parametrize("name", ACTIONS)
def test_it_ends_in_time_and_stops_at_the_first_failure(name: str) -> None:
    spent = 0
    for step in steps(name):
        if step["action"] == "aws:sleep":
            spent += int(step["inputs"]["Duration"].removeprefix("PT").removesuffix("S"))
            continue
        assert step["onFailure"] == "Abort", step["name"]
        spent += step["timeoutSeconds"]
    assert spent <= ALL[name].seconds
    assert [step.get("isEnd", False) for step in steps(name)] == [False] * (len(steps(name)) - 1) + [True]


@pytest.mark.parametrize("name", ACTIONS)
def test_its_role_can_do_each_step_and_nothing_more(name: str) -> None:
    """The permissions of these calls are called like the calls."""
    needed = {f"{IN_IAM.get(step['inputs']['Service'], step['inputs']['Service'])}:{step['inputs']['Api']}" for step in calls(name)}
    needed |= {permission for step in steps(name) if sends(step) for permission in RUN_COMMAND}
    for step in scripts(name):
        found = CALLED_BY_SCRIPT.findall(step["inputs"]["Script"])
        needed |= {f"{service}:{''.join(w.title() for w in api.split('_'))}" for service, api in found}
    needed = {PERMISSIONS.get(one, one) for one in needed} | BESIDES.get(name, set())
    assert {action for one in granted(f"{logical(name)}Role") for action in one.actions} == needed


@pytest.mark.parametrize("name", ACTIONS)
def test_it_tells_what_it_did(name: str) -> None:
    known = {f"{step['name']}.{one['Name']}" for step in steps(name) for one in step.get("outputs", [])}
    known |= {f"{step['name']}.Output" for step in steps(name) if sends(step)}
    assert runbook(name)["outputs"]
    assert set(runbook(name)["outputs"]) <= known


ASKED_FOR_THE_TAG = {"ec2": "resource-id", "autoscaling": "auto-scaling-group"}


@pytest.mark.parametrize("name", [name for name in ACTIONS if name.startswith(("ec2-", "asg-"))])
def test_what_its_owner_has_not_marked_is_left_alone(name: str) -> None:
    """EC2 and Auto Scaling can be asked for one tag of one thing. Elsewhere the role's condition is the only one (test_roles)."""
    asked = [step for step in calls(name) if step["inputs"]["Api"] == "DescribeTags"]
    first_act = next(at for at, step in enumerate(steps(name)) if sends(step) or ("Api" in step.get("inputs", {}) and not is_look(step)))
    for step in asked:
        filters = {one["Name"]: one["Values"] for one in step["inputs"]["Filters"]}
        assert set(filters) == {ASKED_FOR_THE_TAG[step["inputs"]["Service"]], "key"}
        assert (filters["key"], step["inputs"]["DesiredValues"]) == (["AutoRemediate"], ["true"])
        assert step["action"] == "aws:assertAwsResourceProperty"
        assert steps(name).index(step) < first_act
    assert asked


def test_a_rollback_is_not_taken_for_the_deployment_that_was_asked_for() -> None:
    checked = [step["name"] for step in steps("ecs-redeploy") if step["inputs"].get("DesiredValues") == ["{{ redeploy.DeploymentId }}"]]
    order = [step["name"] for step in steps("ecs-redeploy")]
    assert [order.index(name) < order.index("waitUntilRolledOut") for name in checked] == [True, False]
