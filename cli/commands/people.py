"""Who may answer, and from where. Also makes the token by which one of them calls the API."""

import json
import secrets
from argparse import ArgumentParser

from botocore.exceptions import BotoCoreError, ClientError

from cli.command import Command, Desk
from cli.screen import columns, plain
from cli.trouble import DONE, NO, Trouble
from watchkeeper.people import FILE, Person, person_by_id

OUTPUT, TOKEN = "ConsoleSecretArn", "api_token_"
BYTES = 32


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help=f"one of them, as {FILE} names them")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--token", action="store_true", help="make a token for the API; one that they have stops counting")
    doing.add_argument("--retire", action="store_true", help="take their token away")


def run(desk: Desk) -> int:
    said = desk.said
    if not said.id:
        if said.token or said.retire:
            raise Trouble("nobody is named", todo="./watchkeeper people ID --token")
        return _table(desk)
    person = person_by_id(desk.people(), said.id)
    if person is None and not said.retire:  # whoever has left is retired all the same
        raise Trouble(f"{FILE} knows no {said.id}", todo="see them all: ./watchkeeper people", code=NO)
    if said.token and person:
        return _give(desk, person)
    return _retire(desk, said.id) if said.retire else _table(desk)


def _table(desk: Desk) -> int:
    try:
        stored: dict[str, str] | None = desk.stack.secret(OUTPUT)
    except (Trouble, BotoCoreError, ClientError):
        stored = None  # the file is shown all the same; of the tokens is said that nobody knows
    table = columns("PERSON", "NAME", "ROLE", "TEAMS", "ANSWERS FROM")
    for person in desk.people().people:
        if desk.said.id in {None, person.id}:
            token = ("the API (not known)",) if stored is None else ("the API",) if stored.get(TOKEN + person.id) else ()
            places = (*(("Slack",) if person.slack else ()), *(("AWS identity",) if person.aws else ()), *token)
            table.add_row(*map(plain, (person.id, person.name, person.role.value, ", ".join(person.teams), ", ".join(places) or "nowhere")))
    desk.out.print(table)
    return DONE


def _give(desk: Desk, person: Person) -> int:
    """It is shown this once; what is stored is read by the console alone."""
    token = secrets.token_urlsafe(BYTES)
    _put(desk, _without(desk.stack.secret(OUTPUT), person.id) | {TOKEN + person.id: token})
    desk.out.print(plain(f"{person.name}'s token, shown this once; it counts within half a minute:"))
    desk.out.print(plain(token), soft_wrap=True)
    return DONE


def _retire(desk: Desk, person_id: str) -> int:
    stored = desk.stack.secret(OUTPUT)
    left = _without(stored, person_id)
    if left == stored:
        raise Trouble(f"{person_id} has no token", todo="see who has: ./watchkeeper people", code=NO)
    _put(desk, left)
    desk.out.print(plain(f"{person_id}'s token is gone; functions that are running forget it within five minutes."))
    return DONE


def _without(stored: dict[str, str], person_id: str) -> dict[str, str]:
    return {name: value for name, value in stored.items() if name not in {TOKEN + person_id, f"{TOKEN}{person_id}_previous"}}


def _put(desk: Desk, values: dict[str, str]) -> None:
    desk.stack.client("secretsmanager").put_secret_value(SecretId=desk.stack.output(OUTPUT), SecretString=json.dumps(values))


COMMANDS = (Command("people", "who may answer, and a token for one of them to call the API with", run, arguments),)
