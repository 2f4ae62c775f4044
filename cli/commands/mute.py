"""Not this, until then: what somebody knows about already opens no incident, and fires once when the mute ends and it still does."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta

from pydantic import ValidationError

from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import columns, plain, span
from cli.trouble import DONE, NO, Trouble
from watchkeeper.errors import Stale
from watchkeeper.ids import ulid
from watchkeeper.models import Severity
from watchkeeper.quiet import Mute, Scope

_UNITS = {"m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=90)
MOST_WOKEN = 500
SCOPES = ("services", "alarms", "sources", "environments", "accounts", "fingerprints")


def duration(said: str) -> timedelta:
    """30m, 2h, 3d."""
    if (
        said[:-1].isdigit()
        and said[-1:] in _UNITS
        and timedelta() < (found := timedelta(seconds=int(said[:-1]) * _UNITS[said[-1]])) <= LONGEST
    ):
        return found
    raise ArgumentTypeError("write a time such as 30m, 2h or 3d, at most 90d")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", nargs="?", help="what fires in this incident: its id, the end of its id, or: latest")
    for scope in SCOPES:
        parser.add_argument(f"--{scope[:-1]}", dest=scope, action="append", default=[], metavar="NAME", help="a `*` at its end: the rest")
    parser.add_argument("--severity", dest="severities", action="append", default=[], type=Severity, help="sev1 to sev4")
    parser.add_argument("--tag", dest="tags", action="append", default=[], metavar="NAME=VALUE", help="a label, or a tag of the resource")
    parser.add_argument("--for", dest="lasts", type=duration, required=True, metavar="TIME", help="30m, 2h, 3d")
    parser.add_argument("--why", required=True, help="one sentence that everyone will read")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who mutes it (else: the AWS identity)")


def mute(desk: Desk) -> int:
    at, said = desk.clock(), desk.said
    until, who = at + said.lasts, said.who or desk.stack.who()
    try:
        one = Mute(id=ulid(at)[-8:].lower(), scope=_scope(desk), since=at, until=until, reason=said.why, by=who)
    except ValidationError as error:
        raise Trouble(error.errors()[0]["msg"].removeprefix("Value error, "), todo="./watchkeeper mute --help") from error
    desk.stack.mutes.put(one)
    desk.out.print(
        plain(f"Muted as {one.id} for {span(said.lasts)}; it counts within half a minute. Take it back: ./watchkeeper unmute {one.id}")
    )
    return DONE


def _scope(desk: Desk) -> Scope:
    said = desk.said
    tags = dict(tag.partition("=")[::2] for tag in said.tags)
    prints = list(said.fingerprints)
    if said.incident:
        incident = story_of(desk.stack, said.incident).incident
        prints += incident.firing or (incident.fingerprint,)
    lists = {name: tuple(getattr(said, name)) for name in (*SCOPES, "severities")}
    return Scope(**lists | {"fingerprints": tuple(prints), "tags": tags})


def unmute(desk: Desk) -> int:
    """What it kept quiet is looked at in a few minutes, when every worker knows that it is gone."""
    at = desk.clock()
    one = next((mute for mute in desk.stack.mutes.all(at) if mute.id == desk.said.id), None)
    if one is None:
        raise Trouble(f"there is no mute {desk.said.id}", todo="see which there are: ./watchkeeper mutes", code=NO)
    desk.stack.mutes.remove(one.id)
    woken = 0
    for episode in desk.stack.incidents.waking_before(one.until, MOST_WOKEN):
        if episode.suppressed_by == f"mute/{one.id}":
            try:
                desk.stack.incidents.put_episode(episode.but(revision=episode.revision + 1, suppressed_until=at))
                woken += 1
            except Stale:
                continue  # an alert came just now, and it was looked at with that
    desk.out.print(plain(f"{one.id} is gone. {woken} that it kept quiet are looked at within five minutes, and fire if they still do."))
    return DONE


def mutes(desk: Desk) -> int:
    at = desk.clock()
    found = sorted(desk.stack.mutes.all(at), key=lambda mute: mute.until)
    if not found:
        desk.out.print(plain("Nothing is muted. What the team's file keeps quiet is in config/noise.yaml."))
        return DONE
    table = columns("mute", "ends in", "by", "what", "why")
    for one in found:
        what = ", ".join(f"{name} {_words(value)}" for name, value in one.scope if value)
        table.add_row(*map(plain, (one.id, span(one.until - at), one.by, what, one.reason)))
    desk.out.print(table)
    return DONE


def _words(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unmute_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="as ./watchkeeper mutes shows it")


COMMANDS = (
    Command("mute", "keep alerts quiet for a while; what still fires then fires once", mute, arguments),
    Command("unmute", "take a mute back", unmute, _unmute_arguments),
    Command("mutes", "list what people have muted", mutes),
)
