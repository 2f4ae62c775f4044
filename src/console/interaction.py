"""What Slack says when somebody presses a button: as much of it as counts, read strictly, from a request that was proven."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from console.bodies import only_field, read_json
from console.refusals import not_theirs, stranger
from watchkeeper.people import People, Person, person_by_slack

SHORT, LONG = 64, 2000


class _Part(BaseModel):
    """Slack adds fields as it likes; those that count have to be there."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Named(_Part):
    id: str = Field(max_length=SHORT)


class _User(_Named):
    team_id: str = Field(default="", max_length=SHORT)


class _Container(_Part):
    type: Literal["message"]
    message_ts: str = Field(max_length=SHORT)
    channel_id: str = Field(max_length=SHORT)


class _Action(_Part):
    type: Literal["button"]
    action_id: str = Field(max_length=255)
    value: str = Field(default="", max_length=LONG)


class Pressed(_Part):
    """A `block_actions` payload: one button of one message."""

    type: Literal["block_actions"]
    team: _Named
    user: _User
    api_app_id: str = Field(default="", max_length=SHORT)
    channel: _Named
    container: _Container
    response_url: str = Field(default="", max_length=LONG)
    actions: tuple[_Action, ...] = Field(min_length=1, max_length=1)

    @property
    def action(self) -> _Action:
        return self.actions[0]


def read(raw: bytes) -> Pressed:
    """The payload in the form that Slack sends."""
    return read_json(only_field(raw, "payload"), Pressed, field="payload")


def presser(pressed: Pressed, people: People) -> Person:
    """Who it was. Our workspace, our app, one channel throughout, and somebody whom people.yaml knows; 403 for all else."""
    if not people.slack_team:
        raise stranger("people.yaml names no slack_team, so nothing that comes from Slack counts.")
    if pressed.team.id != people.slack_team or pressed.user.team_id not in {"", people.slack_team}:
        raise stranger("That is not the workspace which people.yaml names.")
    if people.slack_app and pressed.api_app_id != people.slack_app:
        raise stranger("That is not the app which people.yaml names.")
    if pressed.channel.id != pressed.container.channel_id:
        raise not_theirs("That button is in two channels at once, so it decides nothing.")
    person = person_by_slack(people, pressed.user.id)
    if person is None:
        raise stranger(f"You ({pressed.user.id}) are not in people.yaml, so your answer does not count. Ask your team to add you.")
    return person
