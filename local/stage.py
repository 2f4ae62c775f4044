"""Everything that a story needs, raised in order and taken down in the opposite one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from local import deploy, emulator, world
from local.acm.server import serving as acm
from local.announce import announced
from local.aws import Account
from local.deploy import Say, Stack
from local.emulator import Emulator, free_port
from local.mailbox import Mailbox
from local.options import Options, Reasoner
from local.page import Page
from local.ssm.server import serving
from local.ssm.simulator import Simulator
from local.standins.claude import ClaudeStandIn
from local.standins.github import GithubStandIn
from local.standins.http import Server, StandIn
from local.standins.jira import JiraSite
from local.standins.slack import SlackWorkspace
from local.world import World
from local.world.repositories import repositories
from watchkeeper.ids import now
from watchkeeper.storage.blobs import S3Anchors
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.story import Story, tell

SLACK_TOKEN, JIRA_EMAIL, JIRA_TOKEN, CLAUDE_KEY = "xoxb-laptop", "watchkeeper@example.com", "laptop", "laptop"
COLLECTOR_SECONDS = "25"
GITHUB_READS, GITHUB_WRITES = "laptop-reads", "laptop-writes"
MAIL_FROM, MAIL_TO = "watchkeeper@example.com", "oncall@example.com"


@dataclass(frozen=True)
class Standins:
    """Those who are written to."""

    slack: SlackWorkspace
    jira: JiraSite
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
        simulator, ssm_url = end.enter_context(serving(running.account, iam=options.iam))
        certificates, acm_url = end.enter_context(acm(running.account))
        page = Page()
        standins = end.enter_context(_standins(page, options))
        environment = {"AWS_ENDPOINT_URL_SSM": ssm_url, "AWS_ENDPOINT_URL_ACM": acm_url, "COLLECTOR_SECONDS": COLLECTOR_SECONDS}
        stack = _deployed(options, running, standins, environment, say)
        deploy.register_runbooks(Account(ssm_url).client("ssm"))
        end.enter_context(announced(stack))
        patients = end.enter_context(world.built(running.account, stack.outputs["AlertTopicArn"], simulator.journal, certificates))
        say("the patients are there: host checkout-1, services shop/storefront and shop/recommender, database orders-db, a certificate")
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
    github = GithubStandIn(*repositories(), token=GITHUB_READS, write_token=GITHUB_WRITES)
    doors: dict[str, StandIn] = {"": page, "slack": slack, "jira": jira, "claude": claude, "github": github}
    with Server(doors, free_port(options.port)) as server:
        yield Standins(slack, jira, claude, github, server.url)


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
    }
    more = environment | _claude_environment(options, standins)
    stack = deploy.deploy(running.account, packaged, parameters, more, say, iam=options.iam)
    say(f"template.yaml deployed: {len(stack.outputs)} outputs")
    channels = {"slack_bot_token": SLACK_TOKEN, "jira_email": JIRA_EMAIL, "jira_api_token": JIRA_TOKEN}
    key = CLAUDE_KEY if options.reasoner is Reasoner.STAND_IN else options.anthropic_key
    tools, runbooks = {"github_token": GITHUB_READS}, {"github_write_token": GITHUB_WRITES}
    given = {"ChannelsSecretArn": channels, "ToolsSecretArn": tools, "RunbookSecretArn": runbooks}
    deploy.fill_secrets(stack, given | {"ClaudeSecretArn": {"anthropic_api_key": key} if key else {}})
    for address in (MAIL_FROM, MAIL_TO):
        stack.client("ses").verify_email_identity(EmailAddress=address)
    return stack


def _claude_environment(options: Options, standins: Standins) -> dict[str, str]:
    if options.reasoner is Reasoner.STAND_IN:
        return {"ANTHROPIC_BASE_URL": f"{standins.url}/claude"}
    return {"ANTHROPIC_BASE_URL": options.anthropic_url} if options.anthropic_url and options.anthropic_key else {}
