"""Everything that a story needs, raised in order and taken down in the opposite one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from local import deploy, doors, emulator, world
from local.announce import announced
from local.aws import Account
from local.deploy import Say, Stack
from local.emulator import Emulator, free_port
from local.mailbox import Mailbox
from local.metronome import Metronome
from local.options import Options, Reasoner
from local.page import Page
from local.ssm.server import serving
from local.ssm.simulator import Simulator
from local.standins.claude import ClaudeStandIn
from local.standins.github import GithubStandIn
from local.standins.http import Server, StandIn
from local.standins.jira import JiraSite
from local.standins.pagerduty import PagerDutyAccount
from local.standins.pagerduty_workflow import Workflow
from local.standins.slack import SlackWorkspace
from local.world import Surroundings, World, workers
from local.world.repositories import repositories
from watchkeeper.ids import now
from watchkeeper.storage.blobs import S3Anchors
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.story import Story, tell

SLACK_TOKEN, JIRA_EMAIL, JIRA_TOKEN, CLAUDE_KEY = "xoxb-laptop", "watchkeeper@example.com", "laptop", "laptop"
PAGERDUTY_KEY, PAGERDUTY_TOKEN, PAGERDUTY_FROM = "laptop0laptop0laptop0laptop0lapt", "laptop", "watchkeeper@example.com"
PATIENCE = {"COLLECTOR_SECONDS": "25", "OBSERVE_SECONDS": "5", "VERIFY_SECONDS": "12"}
GITHUB_READS, GITHUB_WRITES = "laptop-reads", "laptop-writes"
MAIL_FROM, MAIL_TO = "watchkeeper@example.com", "oncall@example.com"


@dataclass(frozen=True)
class Standins:
    """Those who are written to."""

    slack: SlackWorkspace
    jira: JiraSite
    pagerduty: PagerDutyAccount
    claude: ClaudeStandIn
    github: GithubStandIn
    url: str


@dataclass(frozen=True)
class Stage:
    """A running stack with its world, and everything that can be looked at."""

    options: Options
    emulator: Emulator
    simulator: Simulator
    standins: Standins
    stack: Stack
    world: World
    incidents: DynamoIncidents
    anchors: S3Anchors
    mailbox: Mailbox

    @property
    def account(self) -> Account:
        return self.emulator.account

    def stories(self, most: int = 20) -> list[Story]:
        """Every incident with what hangs on it, newest first."""
        found = (tell(self.incidents, incident.id) for incident in self.incidents.recent(most))
        return [story for story in found if story]


@contextmanager
def raised(options: Options, say: Say) -> Iterator[Stage]:
    """The whole stage, for as long as the `with` lasts."""
    with ExitStack() as end:
        running = end.enter_context(emulator.running(iam=options.iam))
        say(f"emulator healthy at {running.url}" + (", enforcing IAM" if options.iam else ""))
        behind = end.enter_context(doors.opened(running.account))
        account = behind.before(running.account)
        simulator, ssm_url = end.enter_context(serving(account, iam=options.iam))
        page = Page()
        standins = end.enter_context(_standins(page, options))
        stack = _deployed(options, running, standins, behind.environment | {"AWS_ENDPOINT_URL_SSM": ssm_url} | PATIENCE, say)
        deploy.register_documents(Account(ssm_url).client("ssm"))
        end.enter_context(announced(stack))
        end.enter_context(Metronome(running.account, f"{deploy.STACK}-sweeper"))
        around = Surroundings(simulator.journal, simulator.agents, behind.certificates, _on_call(standins.pagerduty, stack))
        _lets_slack_in(standins, stack)
        patients = end.enter_context(world.built(account, stack.outputs["AlertTopicArn"], around))
        say("the patients are there: three hosts, three services, a group of workers, a database, a certificate")
        stage = Stage(
            options, running, simulator, standins, stack, patients,
            DynamoIncidents(stack.client("dynamodb"), stack.outputs["IncidentsTableName"], stack.outputs["AuditTableName"]),
            S3Anchors(stack.client("s3"), stack.outputs["BucketName"], now, 1), Mailbox(running.url),
        )  # fmt: skip
        page.shows(stage)
        yield stage


@contextmanager
def _standins(page: Page, options: Options) -> Iterator[Standins]:
    """Everybody who is written to, behind one address."""
    slack, jira, claude = SlackWorkspace(SLACK_TOKEN), JiraSite(JIRA_EMAIL, JIRA_TOKEN), ClaudeStandIn()
    pagerduty = PagerDutyAccount(PAGERDUTY_KEY, PAGERDUTY_TOKEN, (PAGERDUTY_FROM,))
    github = GithubStandIn(*repositories(), token=GITHUB_READS, write_token=GITHUB_WRITES)
    doors: dict[str, StandIn] = {
        "": page, "slack": slack, "jira": jira, "pagerduty": pagerduty, "claude": claude, "github": github,
    }  # fmt: skip
    with Server(doors, free_port(options.port)) as server:
        yield Standins(slack, jira, pagerduty, claude, github, server.url)


def _deployed(options: Options, running: Emulator, standins: Standins, environment: dict[str, str], say: Say) -> Stack:
    """The stack with its secrets filled and its sender verified."""
    packaged = deploy.package(running.scratch)
    say("packaged the functions and the four layers")
    parameters = {
        "SlackApiUrl": f"{standins.url}/slack/api",
        "JiraUrl": f"{standins.url}/jira",
        "GithubApiUrl": f"{standins.url}/github",
        "MailFrom": MAIL_FROM,
        "PageUrl": standins.url,
        "SlackHooksUrl": f"{standins.url}/slack",
        "PagerdutyApiUrl": f"{standins.url}/pagerduty/api",
        "PagerdutyEventsUrl": f"{standins.url}/pagerduty/events",
    }
    more = environment | _claude_environment(options, standins)
    stack = deploy.deploy(running.account, packaged, parameters, more, say, iam=options.iam)
    say(f"template.yaml deployed: {len(stack.outputs)} outputs")
    channels = {"slack_bot_token": SLACK_TOKEN, "jira_email": JIRA_EMAIL, "jira_api_token": JIRA_TOKEN}
    channels |= {"pagerduty_routing_key": PAGERDUTY_KEY, "pagerduty_api_token": PAGERDUTY_TOKEN, "pagerduty_from": PAGERDUTY_FROM}
    key = CLAUDE_KEY if options.reasoner is Reasoner.STAND_IN else options.anthropic_key
    tools, runbooks = {"github_token": GITHUB_READS}, {"github_write_token": GITHUB_WRITES}
    given = {"ChannelsSecretArn": channels, "ToolsSecretArn": tools, "RunbookSecretArn": runbooks}
    given["ConsoleSecretArn"] = {"slack_signing_secret": standins.slack.interactivity.signing_secret}
    deploy.fill_secrets(stack, given | {"ClaudeSecretArn": {"anthropic_api_key": key} if key else {}})
    for address in (MAIL_FROM, MAIL_TO):
        stack.client("ses").verify_email_identity(EmailAddress=address)
    return stack


def _lets_slack_in(standins: Standins, stack: Stack) -> None:
    """Where the stand-in's buttons lead, as a Slack app's interactivity is set up."""
    buttons = standins.slack.interactivity
    buttons.url, buttons.hooks_url = f"{stack.api_url}/slack/interactions", f"{standins.url}/slack"


def _on_call(pagerduty: PagerDutyAccount, stack: Stack) -> PagerDutyAccount:
    """PagerDuty with the workflow that somebody has set up there, as docs/integrations/pagerduty-action.md says."""
    secret = stack.secret("WebhookSecretArn")["pagerduty-action"]
    url = f"{stack.api_url}/pagerduty/autonomous/action"
    pagerduty.workflows[workers.ACTION] = Workflow(workers.ACTION, url, secret, stack.api_key, workers.CONSTANTS)
    return pagerduty


def _claude_environment(options: Options, standins: Standins) -> dict[str, str]:
    if options.reasoner is Reasoner.STAND_IN:
        return {"ANTHROPIC_BASE_URL": f"{standins.url}/claude"}
    return {"ANTHROPIC_BASE_URL": options.anthropic_url} if options.anthropic_url and options.anthropic_key else {}
