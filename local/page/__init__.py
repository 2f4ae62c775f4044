"""One page on loopback: what Slack, Jira, PagerDuty, the mailbox and GitHub got, and each incident's timeline. Plain HTML, nothing from
elsewhere."""

import urllib.error
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from local.page.adf_shown import adf
from local.page.slack_shown import blocks
from local.standins.http import Reply, Request
from watchkeeper.models import Status

if TYPE_CHECKING:
    from local.stage import Stage

HTML = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'",
    "cache-control": "no-store",
}


class Page:
    """A stand-in for a browser's eyes: serves `/`. Until there is a stage it says that it is being set up."""

    def __init__(self) -> None:
        self._stage: Stage | None = None

    def shows(self, stage: "Stage") -> None:
        """From now on."""
        self._stage = stage

    def __call__(self, request: Request) -> Reply:
        if request.method != "GET" or request.path != "/":
            return Reply(404, {"error": f"there is no {request.method} {request.path}; the page is at /"})
        try:
            return Reply(200, self._render().encode(), HTML)
        except (ClientError, BotoCoreError, urllib.error.URLError) as error:
            return Reply(503, _template("waiting.html.j2", why=f"The emulator does not answer: {error}").encode(), HTML)

    def _render(self) -> str:
        stage = self._stage
        if stage is None:
            return _template("waiting.html.j2", why="The stack is being set up.")
        stories = stage.stories()
        repositories = stage.standins.github.repositories.values()
        return _template(
            "page.html.j2",
            stories=stories,
            going_on=not stories or any(not _over(story.incident.status) for story in stories),
            threads=list(reversed(stage.standins.slack.messages)),
            pressers=stage.standins.slack.interactivity.users,
            whispers=stage.standins.slack.interactivity.ephemerals,
            issues=list(reversed(stage.standins.jira.issues)),
            pages=list(reversed(stage.standins.pagerduty.incidents)),
            mails=list(reversed(stage.mailbox.mails())),
            pulls=[(repository, pull) for repository in repositories for pull in reversed(repository.pull_requests)],
            opened=stage.standins.github.changed,
            calls=stage.simulator.journal.effects,
            reasoner=stage.options.reasoner.value,
        )


def _over(status: Status) -> bool:
    """Nothing will change by itself for a while, so the page need not look again and close what its reader has opened."""
    return status.ended or status in {Status.ESCALATED, Status.AWAITING_APPROVAL}


def _template(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"slack": blocks, "adf": adf}
    return environment
