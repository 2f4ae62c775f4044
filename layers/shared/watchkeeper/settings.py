"""The environment, read here and nowhere else, into one frozen class per Lambda. What is missing is named."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from watchkeeper.errors import Misconfigured


class Settings(BaseModel):
    """What every Lambda knows. The environment variable of a field is its name in capitals."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    environment: str = "dev"
    stack: str = "watchkeeper"
    stack_id: str = ""
    aws_region: str = "us-east-1"
    config_version: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """This class from the environment; Misconfigured names every variable that is missing or wrong."""
        source = os.environ if env is None else env
        found = {name: source[name.upper()] for name in cls.model_fields if source.get(name.upper(), "") != ""}
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][0]!s}".upper() + f": {fault['msg'].lower()}" for fault in error.errors())
            raise Misconfigured(f"{cls.__name__} from the environment: {faults}") from error


class StoreSettings(Settings):
    """For those that change incidents."""

    incidents_table: str
    audit_table: str
    bucket: str
    intake_queue_url: str = ""
    analysis_queue_url: str = ""
    remediation_queue_url: str = ""
    distribution_queue_url: str = ""
    anchor_days: int = Field(default=365, description="how long the heads of audit chains cannot be deleted")


class ReceptionSettings(StoreSettings):
    intake_queue_url: str
    analysis_queue_url: str
    webhook_secret_id: str
    settle_minutes: int = 10
    max_body_bytes: int = 1_000_000


class AnalysisSettings(StoreSettings):
    remediation_queue_url: str
    analyses_table: str
    claude_secret_id: str = ""
    tools_secret_id: str = Field(default="", description="read-only tokens: github_token, and those that mcp-servers.yaml names")
    github_api_url: str = "https://api.github.com"
    claude_triage_model: str = "claude-haiku-5-5"
    claude_deep_model: str = "claude-sonnet-5-5"
    claude_ordered_model: str = "claude-opus-5-5"
    claude_provider: str = "anthropic"
    budget_per_incident_usd: float = 0.25
    budget_per_day_usd: float = 5.0
    budget_per_month_usd: float = 50.0
    collector_seconds: float = 8.0
    deadline_seconds: float = 60.0
    lease_seconds: int = 180
    cache_hours: int = 72


class RemediationSettings(StoreSettings):
    runbook_prefix: str = Field(description="SSM documents are named prefix-action")
    runbook_role_prefix: str = Field(description="ARN of the roles that the runbooks assume, up to the action")
    approval_minutes: int = 15
    observe_seconds: int = 60
    verify_seconds: int = Field(default=300, description="how long a fix is given at least before an alarm that fires says that it failed")
    tools_secret_id: str = Field(default="", description="read-only tokens, to look at targets outside AWS: github_token")
    runbook_secret_id: str = Field(default="", description="named to the runbooks that need it; this function may not read it")
    github_api_url: str = "https://api.github.com"
    spoke_accounts: str = Field(default="", description="further accounts that we may act in, parted by commas")
    spoke_role_name: str = Field(default="", description="the role that spoke.yaml makes in each of them")
    spoke_external_id_secret: str = Field(default="", description="holds spoke_external_id")
    toolbox_function: str = Field(default="", description="named to the runbook that calls a tool over MCP")
    guardian_function: str = Field(default="", description="asked before anything is done; empty where there is no guardian")
    guardian_ask_usd: float = Field(default=0.12, description="what asking it once can cost at worst, which is set aside first")
    guardian_budget_per_day_usd: float = 1.0
    analyses_table: str = Field(default="", description="where the guardian's purse lies")


class GuardianSettings(Settings):
    """The second model: its key and nothing else. It stores nothing, so that it is not told where anything is stored."""

    claude_secret_id: str = ""
    claude_provider: str = "anthropic"
    guardian_model: str = "claude-opus-5-5"
    guardian_ask_usd: float = Field(default=0.12, description="a question that could cost more is not asked")
    deadline_seconds: float = Field(default=15.0, gt=0, lt=20)


class DistributionSettings(StoreSettings):
    distribution_queue_url: str
    channels_secret_id: str
    slack_api_url: str = "https://slack.com/api"
    jira_url: str = ""
    pagerduty_api_url: str = "https://api.pagerduty.com"
    pagerduty_events_url: str = "https://events.pagerduty.com"
    mail_from: str = ""
    page_url: str = ""


class ConsoleSettings(StoreSettings):
    remediation_queue_url: str
    distribution_queue_url: str
    analyses_table: str
    console_secret_id: str = Field(description="slack_signing_secret, and api_token_<id> for each person who calls the API")
    slack_hooks_url: str = Field(default="https://hooks.slack.com", description="where Slack takes what only one person shall read")
    stop_policy_arn: str = Field(default="", description="the policy that IAM stops everything by")
    remediation_role_arn: str = ""
    runbook_role_prefix: str = Field(default="", description="ARN of the roles that the runbooks assume, up to the action")
    max_form_bytes: int = 500_000
    max_call_bytes: int = 10_000


class SweeperSettings(StoreSettings):
    analysis_queue_url: str
    remediation_queue_url: str
    distribution_queue_url: str
    intake_queue_url: str


class ToolboxSettings(Settings):
    """Calls MCP tools for a runbook: where its journal lies, and a secret of its own, which no model's function may read."""

    incidents_table: str
    toolbox_secret_id: str = Field(default="", description="the keys that mcp-servers.yaml names, with tokens that may act")


class EvalSettings(Settings):
    """The command line, where it asks Claude by itself to judge it."""

    anthropic_api_key: str = ""


class CliSettings(StoreSettings):
    """The command line, which finds these in the stack's outputs."""

    remediation_queue_url: str
