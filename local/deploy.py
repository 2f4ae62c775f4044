"""The same template.yaml that AWS gets, deployed to the emulator."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cli.knocking import new_secret
from local import layers, template
from local.aws import Account
from local.differences import for_the_laptop
from local.places import ROOT, NotReady
from reception.sources.registry import sources

STACK = "watchkeeper"
CODE_BUCKET = "watchkeeper-laptop-code"
CREATED_WITHIN_SECONDS = 60
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """What was deployed: its outputs, and where its API is on this machine."""

    account: Account
    outputs: Mapping[str, str]
    api_url: str

    def client(self, service: str) -> Any:
        return self.account.client(service)

    @property
    def api_key(self) -> str:
        value: str = self.client("apigateway").get_api_key(apiKey=self.outputs["ApiKeyId"], includeValue=True)["value"]
        return value

    def secret(self, name: str) -> dict[str, str]:
        """The values of one of the stack's secrets, by its output's name."""
        found: dict[str, str] = json.loads(self.client("secretsmanager").get_secret_value(SecretId=self.outputs[name])["SecretString"])
        return found


@dataclass(frozen=True)
class Package:
    """What is put to the code bucket, each file under its own name."""

    source: Path
    layers: Mapping[str, Path]


def package(scratch: Path) -> Package:
    """The functions' source and the four layers as zips in the scratch folder."""
    with ThreadPoolExecutor(4) as pool:
        made = {f"{name.title()}Layer": pool.submit(layers.layer, name, scratch) for name in ("shared", "claude", "tools")}
        source = pool.submit(layers.folder, ROOT / "src", scratch, compile_it=True)
        config = layers.folder(ROOT / "config", scratch)
    return Package(source.result(), {**{name: zipped.result() for name, zipped in made.items()}, "ConfigLayer": config})


def deploy(
    account: Account, packaged: Package, parameters: Mapping[str, str], environment: dict[str, str], say: Say, *, iam: bool = False
) -> Stack:
    """Create the stack and whatever the emulator leaves undone. NotReady names the resource that could not be made."""
    original = template.read(ROOT / "template.yaml")
    copy, differences = for_the_laptop(original, environment, iam=iam)
    for difference in differences:
        say(difference)
    _upload(account, packaged, copy)
    cloudformation = account.client("cloudformation")
    try:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=f"{account.url}/{CODE_BUCKET}/template.json",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise NotReady(f"the emulator refuses template.yaml: {error.response['Error']['Message']}") from error
    outputs = _wait_until_created(cloudformation)
    _make_good(account, copy)
    return Stack(account, outputs, _api_url(account, outputs["ApiUrl"]))


def _upload(account: Account, packaged: Package, copy: dict[str, Any]) -> None:
    """Put the zips and the packaged copy, which says where they are instead of where they were."""
    s3 = account.client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)
    copy["Globals"]["Function"]["CodeUri"] = {"Bucket": CODE_BUCKET, "Key": packaged.source.name}
    for name, archive in packaged.layers.items():
        copy["Resources"][name]["Properties"]["ContentUri"] = {"Bucket": CODE_BUCKET, "Key": archive.name}
    for archive in (packaged.source, *packaged.layers.values()):
        s3.put_object(Bucket=CODE_BUCKET, Key=archive.name, Body=archive.read_bytes())
    s3.put_object(Bucket=CODE_BUCKET, Key="template.json", Body=json.dumps(copy, default=str).encode())


def _wait_until_created(cloudformation: Any) -> dict[str, str]:
    deadline = time.monotonic() + CREATED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if not stack["StackStatus"].endswith("CREATE_IN_PROGRESS"):
            raise NotReady(f"the stack ended {stack['StackStatus']}: {_first_failure(cloudformation)}")
        time.sleep(0.1)
    raise NotReady(f"the stack was not created within {CREATED_WITHIN_SECONDS} s")


def _first_failure(cloudformation: Any) -> str:
    events = reversed(cloudformation.describe_stack_events(StackName=STACK)["StackEvents"])
    failed = (
        f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', 'no reason given')}" for e in events if "FAILED" in e["ResourceStatus"]
    )
    return next(failed, "no reason given")


def _make_good(account: Account, copy: dict[str, Any]) -> None:
    """What the emulator's CloudFormation forgets: that items expire, and that a bucket can lock objects."""
    physical = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in _resources(account)}
    for name, resource in copy["Resources"].items():
        wanted = resource["Properties"].get("TimeToLiveSpecification") if resource["Type"] == "AWS::DynamoDB::Table" else None
        if wanted:
            account.client("dynamodb").update_time_to_live(TableName=physical[name], TimeToLiveSpecification=wanted)
        if resource["Type"] == "AWS::S3::Bucket" and resource["Properties"].get("ObjectLockEnabled"):
            locks = {"ObjectLockEnabled": "Enabled"}
            account.client("s3").put_object_lock_configuration(Bucket=physical[name], ObjectLockConfiguration=locks)


def _resources(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return found


def _api_url(account: Account, output: str) -> str:
    """Where the emulator serves what AWS would serve under the output's address."""
    found = re.match(r"https://(\w+)\.execute-api\.[^/]+/(\w+)", output)
    if not found:
        raise NotReady(f"the output ApiUrl is not the address of a REST API: {output}")
    return f"{account.url}/_aws/execute-api/{found[1]}/{found[2]}"


def documents() -> Iterator[tuple[str, str, str]]:
    """Every SSM document of template.yaml, the runbooks and the commands that they send: its name in the stack, its kind, its text."""
    for resource in template.read(ROOT / "template.yaml")["Resources"].values():
        if resource["Type"] == "AWS::SSM::Document":
            about = resource["Properties"]
            name = about["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
            yield name, about["DocumentType"], (ROOT / about["Content"]["Fn::Transform"]["Parameters"]["Location"]).read_text()


def register_documents(ssm: Any) -> None:
    """Hand them to whoever answers for SSM."""
    for name, kind, content in documents():
        ssm.create_document(Name=name, Content=content, DocumentType=kind, DocumentFormat="YAML")


def fill_secrets(stack: Stack, given: Mapping[str, Mapping[str, str]]) -> None:
    """What deploy.sh asks a person for, by the output that names the secret; what is empty is left as it is. And a secret for
    each source at the door, so that all of them can be tried here."""
    secrets = stack.client("secretsmanager")
    doors = {source.name: new_secret(source) for source in sources().values() if source.proof}
    for output, values in {**given, "WebhookSecretArn": doors | stack.secret("WebhookSecretArn")}.items():
        if values:
            secrets.put_secret_value(SecretId=stack.outputs[output], SecretString=json.dumps(dict(values)))
