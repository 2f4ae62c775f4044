"""The stack as a whole: what it is made of, what it keeps, what it tells."""

import tomllib
from typing import Any

import pytest
import yaml

from tests.fakes.template import ROOT, resources, template
from tests.fakes.translated import translated
from tests.template.reading import STAGES, STORING, of_type, properties, references, several, target
from watchkeeper.settings import (
    AnalysisSettings,
    ConsoleSettings,
    DistributionSettings,
    GuardianSettings,
    ReceptionSettings,
    RemediationSettings,
    Settings,
    StoreSettings,
    SweeperSettings,
    ToolboxSettings,
)

SETTINGS: dict[str, type[Settings]] = {
    "Reception": ReceptionSettings,
    "Analysis": AnalysisSettings,
    "Remediation": RemediationSettings,
    "Distribution": DistributionSettings,
    "Sweeper": SweeperSettings,
    "Guardian": GuardianSettings,
    "Toolbox": ToolboxSettings,
    "Console": ConsoleSettings,
}
READ_BY_POWERTOOLS = {"POWERTOOLS_LOG_LEVEL"}
SET_BY_LAMBDA = {"AWS_REGION"}
OUTPUTS = {
    "AlertTopicArn", "ApiUrl", "ApiKeyId", "WebhookSecretArn", "ClaudeSecretArn", "ChannelsSecretArn", "ToolsSecretArn",
    "RunbookSecretArn", "ToolboxSecretArn", "SpokeSecretArn", "ConsoleSecretArn", "StopPolicyArn", "RemediationRoleArn", "RunbookPrefix",
    "IncidentsTableName",
    "AnalysesTableName", "AuditTableName", "BucketName", "IntakeQueueUrl", "AnalysisQueueUrl", "RemediationQueueUrl",
    "DistributionQueueUrl", "IntakeDeadLettersUrl", "AnalysisDeadLettersUrl", "RemediationDeadLettersUrl",
    "DistributionDeadLettersUrl", "ReceptionFunctionArn", "OperationsTopicArn", "IntakeQueueArn", "IntakeDeadLettersArn",
}  # fmt: skip


def variables(stage: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(f"{stage}Function")["Environment"]["Variables"]
    return found


# ---------------------------------------------------------------- the environment


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_gets_what_its_settings_ask_for(stage: str) -> None:
    required = {name.upper() for name, field in SETTINGS[stage].model_fields.items() if field.is_required()}
    assert required <= set(variables(stage))


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_gets_nothing_that_its_settings_do_not_know(stage: str) -> None:
    known = {name.upper() for name in SETTINGS[stage].model_fields} - SET_BY_LAMBDA
    assert set(variables(stage)) <= known | READ_BY_POWERTOOLS


@pytest.mark.parametrize("stage", STAGES)
def test_no_secret_is_in_the_environment(stage: str) -> None:
    """Only where it is kept: a value would show in the console and in every description of the function."""
    assert {name for name in variables(stage) if "SECRET" in name or "KEY" in name or "TOKEN" in name} <= {
        "WEBHOOK_SECRET_ID", "CLAUDE_SECRET_ID", "CHANNELS_SECRET_ID", "TOOLS_SECRET_ID", "RUNBOOK_SECRET_ID", "TOOLBOX_SECRET_ID",
        "SPOKE_EXTERNAL_ID_SECRET", "CONSOLE_SECRET_ID",
    }  # fmt: skip
    secrets = {name for name in variables(stage) if "SECRET" in name}
    assert {translated()[target(variables(stage)[name])]["Type"] for name in secrets} <= {"AWS::SecretsManager::Secret"}


@pytest.mark.parametrize("stage", STAGES)
def test_where_history_is_kept_is_told_to_those_that_write_it(stage: str) -> None:
    """What a function does not know the name of it cannot be made to name."""
    assert issubclass(SETTINGS[stage], StoreSettings) is (stage in STORING)
    told = {"INCIDENTS_TABLE", "AUDIT_TABLE", "BUCKET", "ANCHOR_DAYS"} & set(variables(stage))
    assert told == ({"INCIDENTS_TABLE", "AUDIT_TABLE", "BUCKET", "ANCHOR_DAYS"} if stage in STORING else told & {"INCIDENTS_TABLE"})
    assert ("INCIDENTS_TABLE" in told) is (stage != "Guardian")


def test_the_lease_of_an_analysis_outlives_its_function() -> None:
    settings = AnalysisSettings.model_fields
    timeout = properties("AnalysisFunction")["Timeout"]
    assert settings["deadline_seconds"].default < timeout < settings["lease_seconds"].default


# ---------------------------------------------------------------- the functions


@pytest.mark.parametrize("stage", STAGES)
def test_functions_are_made_alike(stage: str) -> None:
    function = properties(f"{stage}Function")
    assert function["Handler"] == f"{stage.lower()}.handler.lambda_handler"
    assert (ROOT / "src" / stage.lower() / "handler.py").is_file()
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["x86_64"])
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert target(function["LoggingConfig"]["LogGroup"]) == f"{stage}Logs"
    assert function["ReservedConcurrentExecutions"]["Fn::If"][0] == "Reserves"


def test_all_functions_are_built_from_one_folder() -> None:
    assert template()["Globals"]["Function"]["CodeUri"] == "src/"
    assert not [name for name, one in resources().items() if "CodeUri" in one["Properties"]]


def test_the_model_is_carried_by_what_thinks_and_by_nothing_that_acts() -> None:
    """Its import costs most of a second, and what can act must hold nothing of it: the guardian may do nothing but answer."""
    carries = {stage for stage in STAGES if any("ClaudeLayer" in str(layer) for layer in properties(f"{stage}Function")["Layers"])}
    assert carries == {"Analysis", "Guardian"}


def test_the_mcp_client_is_carried_by_what_asks_what_looks_and_what_acts_through_it() -> None:
    """What an MCP server says may come near nothing that decides: remediation takes one strict shape from it, behind one door, and the
    toolbox can do nothing else at all (test_roles)."""
    carries = {stage for stage in STAGES if any("ToolsLayer" in str(layer) for layer in properties(f"{stage}Function")["Layers"])}
    assert carries == {"Analysis", "Remediation", "Toolbox"}
    folder = ROOT / "src" / "remediation"
    speaks = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if "mcp_client" in path.read_text()}
    asks = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if 'clients("mcp")' in path.read_text()}
    assert (speaks, asks) == ({"wiring.py"}, {"inventory/docker_container.py"})


def test_layers_are_built_by_sam_and_the_teams_word_is_not() -> None:
    layers = {name: one for name, one in resources().items() if one["Type"] == "AWS::Serverless::LayerVersion"}
    made_by = {name: one.get("Metadata", {}).get("BuildMethod") for name, one in layers.items()}
    assert made_by == {"SharedLayer": "python3.13", "ClaudeLayer": "python3.13", "ToolsLayer": "python3.13", "ConfigLayer": None}
    for name, one in layers.items():
        assert (ROOT / one["Properties"]["ContentUri"]).is_dir()
        assert one["Properties"]["CompatibleArchitectures"] == ["x86_64"], name
        assert made_by[name] is None or one["Metadata"]["BuildArchitecture"] == "x86_64"


@pytest.mark.parametrize("stage", STAGES)
def test_logs_end_with_their_time(stage: str) -> None:
    assert properties(f"{stage}Logs")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_sweeper_comes_every_five_minutes_and_is_not_repeated() -> None:
    (schedule,) = of_type("AWS::Scheduler::Schedule").values()
    assert (schedule["ScheduleExpression"], schedule.get("State", "ENABLED")) == ("rate(5 minutes)", "ENABLED")
    assert target(schedule["Target"]["Arn"]) == "SweeperFunction"
    assert target(schedule["Target"]["RoleArn"]) == "SweeperScheduleRole"
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0


# ---------------------------------------------------------------- the door


def unlocked() -> set[tuple[str, str]]:
    """The doors that open without the API's key, as paths and methods."""
    (api,) = of_type("AWS::ApiGateway::RestApi").values()
    doors = {(path, method): said for path, methods in api["Body"]["paths"].items() for method, said in methods.items()}
    return {door for door, said in doors.items() if said.get("security") != [{"api_key": []}]}


def test_webhooks_need_a_key_but_for_vendors_that_cannot_send_one_and_health_needs_none() -> None:
    (api,) = of_type("AWS::ApiGateway::RestApi").values()
    doors = {(path, method): said for path, methods in api["Body"]["paths"].items() for method, said in methods.items()}
    keyed = {("/webhooks/{source}", "post"), ("/pagerduty/autonomous/action", "post"), ("/investigations", "post")}
    people = {("/slack/interactions", "post"), ("/approvals", "post"), ("/switch", "post")}  # who prove to the console who they are
    assert set(doors) == keyed | people | {("/keyless/{source}", "post"), ("/health", "get")}
    for door, said in doors.items():
        assert said.get("security", [{}]) in ([[{"api_key": []}]] if door in keyed else [[{}], []]), door


def test_callers_are_slowed_before_they_can_hurt() -> None:
    throttle = properties("UsagePlan")["Throttle"]
    assert 0 < throttle["RateLimit"] <= throttle["BurstLimit"]
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    everything, *narrow = stage["MethodSettings"]
    assert {one["ResourcePath"] for one in narrow} == {f"/{path.replace('/', '~1')}" for path, _ in unlocked()} - {"/~1health"}
    assert all(one["HttpMethod"] == "POST" and one["ThrottlingRateLimit"] < throttle["RateLimit"] for one in narrow)
    assert all(0 < one["ThrottlingRateLimit"] <= one["ThrottlingBurstLimit"] for one in narrow)
    assert (everything["HttpMethod"], everything["ResourcePath"]) == ("*", "/*")
    assert 0 < throttle["RateLimit"] <= everything["ThrottlingRateLimit"]
    assert not [one for one in stage["MethodSettings"] if "DataTraceEnabled" in one]  # it would log bodies and headers, keys among them
    assert target(properties("UsagePlanKey")["KeyId"]) == "ApiKey"


# ---------------------------------------------------------------- what is kept


@pytest.mark.parametrize("name", ["IncidentsTable", "AuditTable", "Bucket"])
def test_history_outlives_the_stack(name: str) -> None:
    assert {translated()[name].get(policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")} == {"Retain"}


def test_tables_are_encrypted_and_can_be_taken_back_in_time() -> None:
    tables = of_type("AWS::DynamoDB::Table")
    assert set(tables) == {"IncidentsTable", "AnalysesTable", "AuditTable"}
    for name, table in tables.items():
        assert table["SSESpecification"]["SSEEnabled"] is True, name
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
    assert "TimeToLiveSpecification" not in tables["AuditTable"]


def test_the_bucket_is_private_encrypted_versioned_and_can_lock() -> None:
    bucket = properties("Bucket")
    assert bucket["ObjectLockEnabled"] is True
    assert "ObjectLockConfiguration" not in bucket  # a default would lock evidence too, and the code names it for each head
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_what_is_kept_for_a_time_goes_and_the_heads_stay() -> None:
    rules = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule} == {"raw/", "evidence/", "cases/", "messages/"}
    assert all("NoncurrentVersionExpiration" in rule for rule in rules if "ExpirationInDays" in rule)
    (messages,) = [rule for rule in rules if rule.get("Prefix") == "messages/"]
    longest = max(one["MessageRetentionPeriod"] for one in of_type("AWS::SQS::Queue").values()) / 86400
    assert messages["ExpirationInDays"] > 2 * longest


def test_topics_are_encrypted_by_a_key_that_alarms_may_use_and_signed_by_version_2() -> None:
    for name, topic in of_type("AWS::SNS::Topic").items():
        assert target(topic["KmsMasterKeyId"]) == "TopicKey", name
        assert topic["SignatureVersion"] == "2", name
    statements = properties("TopicKey")["KeyPolicy"]["Statement"]
    assert {"Service": "cloudwatch.amazonaws.com"} in [one["Principal"] for one in statements]
    assert properties("TopicKey")["EnableKeyRotation"] is True


def test_secrets_are_made_here_or_filled_later_and_never_given() -> None:
    assert properties("WebhookSecret")["GenerateSecretString"]["GenerateStringKey"] == "generic"
    assert "SecretString" not in properties("WebhookSecret")
    spoke = properties("SpokeSecret")
    assert (spoke["GenerateSecretString"]["GenerateStringKey"], "SecretString" in spoke) == ("spoke_external_id", False)
    filled = ("ClaudeSecret", "ChannelsSecret", "ToolsSecret", "RunbookSecret", "ToolboxSecret", "ConsoleSecret")
    assert {*filled, "WebhookSecret", "SpokeSecret"} == set(of_type("AWS::SecretsManager::Secret"))
    assert {properties(name)["SecretString"] for name in filled} == {"{}"}
    assert not [name for name in template()["Parameters"] if any(word in name for word in ("Secret", "Token", "Password", "ApiKey"))]


# ---------------------------------------------------------------- the whole


def test_every_reference_leads_somewhere() -> None:
    known = {*translated(), *template()["Parameters"]}
    for name, one in translated().items():
        assert not {ref for ref in references(one) if ref not in known and not ref.startswith("AWS::")}, name
        assert set(several(one.get("DependsOn", []))) <= set(translated()), name


def test_the_stack_tells_what_others_need() -> None:
    assert set(template()["Outputs"]) == OUTPUTS
    known = {*translated(), *template()["Parameters"], "Api.Stage"}
    assert {ref for ref in references(template()["Outputs"]) if not ref.startswith("AWS::")} <= known


def test_every_parameter_has_a_default_bounds_and_a_use() -> None:
    used = set(references(template()["Resources"])) | set(references(template()["Conditions"])) | set(references(template()["Globals"]))
    for name, parameter in template()["Parameters"].items():
        assert "Default" in parameter, name
        assert set(parameter) & {"AllowedValues", "AllowedPattern", "MinValue"}, name
        assert name in used, name


def test_every_condition_is_used() -> None:
    assert all(f"'{name}'" in str(template()["Resources"]) for name in template()["Conditions"])


def test_samconfig_gives_parameters_that_exist() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    assert set(config) - {"version"} == {"dev", "staging", "prod"}
    assert template()["Parameters"]["Environment"]["AllowedValues"] == ["dev", "staging", "prod"]
    for name, one in config.items():
        if name == "version":
            continue
        deploy = one["deploy"]["parameters"]
        given = dict(pair.split("=", 1) for pair in deploy["parameter_overrides"])
        assert set(given) <= set(template()["Parameters"]), name
        assert (given["Environment"], deploy["stack_name"]) == (name, f"watchkeeper-{name}")
        assert "CAPABILITY_NAMED_IAM" in deploy["capabilities"]
    assert config["prod"]["deploy"]["parameters"]["confirm_changeset"] is True


def test_the_template_has_no_yaml_aliases() -> None:
    """CloudFormation takes none, though every tool on the way does."""
    for path in (ROOT / "template.yaml", ROOT / "cloudwatch-integration.yaml"):
        assert not [token for token in yaml.scan(path.read_text()) if isinstance(token, yaml.AliasToken | yaml.AnchorToken)]
