"""What the standing orders come to: how far each has been trusted, what they would do, and what an edit of them changes."""

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cli.command import Command, Desk
from cli.orders.deployed import deployed
from cli.orders.judging import Asked, Would
from cli.orders.looking_back import Difference, differences, past_of, standings_of, without_calendars
from cli.orders.reading import alerts_of, incident_of, kept_quiet
from cli.orders.rehearsing import Rehearsed, rehearsed
from cli.screen import columns, plain, span
from cli.stack import ROOT
from cli.trouble import DONE, NO, Trouble
from reception.envelopes import parse
from watchkeeper.actions import Risk, catalogue
from watchkeeper.errors import BadPayload, WatchkeeperError
from watchkeeper.links import defanged
from watchkeeper.models import Alert, Cause, Incident, Standing
from watchkeeper.orders.ladder import counted, lower_bound, mode_now
from watchkeeper.orders.model import Order, StandingOrders
from watchkeeper.orders.times import calendars_asked
from watchkeeper.quiet import read_noise
from watchkeeper.team import Services, read_orders_file, read_yaml

FILE = "standing-orders.yaml"
CONFIG = ROOT / "config"
MOST_ALERTS, MOST_SHOWN, MOST_INCIDENTS = 10, 50, 1000
STYLE = {Would.RUN: "bold green", Would.ONE: "magenta", Would.TWO: "magenta", Would.REFUSE: "dim"}


def _show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--orders", type=Path, default=CONFIG, metavar="FILE", help="these orders (config/standing-orders.yaml)")


def show(desk: Desk) -> int:
    """Each order with its rung and record. Without a stack that can be asked: what the file says, and why there is no more."""
    orders = _read(desk.said.orders)
    standings, why_not = _standings(desk, orders)
    table = columns("order", "action", "mode", "may now", "record on its rung")
    for order in orders.orders:
        standing = standings.get(order.name) if order.ladder else Standing(name=order.name)
        now, record = (mode_now(order, standing).value, _record(order, standing)) if standing else ("not known", "not known")
        table.add_row(*map(plain, (order.name, order.action, order.mode.value, now, record)))
    desk.out.print(plain(f"Version {orders.version}. What no order names is never done."))
    desk.out.print(table)
    for freeze in orders.freeze:
        ends = freeze.ends(desk.clock())
        holds = f"asked of {freeze.calendar}" if freeze.calendar else f"holds for {span(ends - desk.clock())}" if ends else "not now"
        desk.out.print(plain(f"freeze {freeze.id}: {holds}"))
    if why_not:
        desk.out.print(plain(why_not, "yellow"))
    return DONE


def _read(path: Path) -> StandingOrders:
    """A file, or the one of a folder."""
    return read_orders_file(path / FILE if path.is_dir() else path)


def _standings(desk: Desk, orders: StandingOrders) -> tuple[dict[str, Standing], str]:
    if not any(order.ladder for order in orders.orders):
        return {}, ""
    try:
        return standings_of(desk.stack, orders), ""
    except (Trouble, WatchkeeperError, BotoCoreError, ClientError) as error:
        return {}, f"How far they have come is not known: {str(error).splitlines()[0]}"


def _record(order: Order, standing: Standing) -> str:
    if order.ladder is None:
        return "no ladder"
    right, runs = counted(order, standing)
    said = f"{right} of {runs} right, so at least {lower_bound(right, runs):.2f}"
    top = mode_now(order, standing) is order.mode
    return said if top else f"{said}; the next rung takes {order.ladder.runs} runs and {order.ladder.precision:.2f}"


def _when(said: str) -> datetime:
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise ArgumentTypeError("write a time such as 2026-12-24T03:00 (UTC), or with its offset") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _calendar(said: str) -> tuple[str, str]:
    name, _, state = said.rpartition("=")
    if not name or state not in {"open", "closed"}:
        raise ArgumentTypeError("write NAME=open or NAME=closed")
    return name, state


def _test_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--event", type=Path, required=True, metavar="FILE", help="one of events/, or another as Lambda would get it")
    parser.add_argument("--orders", type=Path, metavar="FILE", help="these orders (standing-orders.yaml of --config)")
    parser.add_argument("--config", type=Path, default=CONFIG, metavar="DIR", help="services.yaml and noise.yaml (config)")
    parser.add_argument("--at", type=_when, metavar="TIME", help="as if it came then (now)")
    parser.add_argument("--calendar", dest="calendars", type=_calendar, action="append", default=[], metavar="NAME=open|closed",
                        help="what a Change Calendar says then; one that is not said counts as unknown, which freezes")  # fmt: skip


def test(desk: Desk) -> int:
    """0 where something would be done or asked, 1 where nothing would."""
    said, at = desk.said, desk.said.at or desk.clock()
    orders = _read(said.orders or said.config)
    alerts = alerts_of(_event(said.event), at, read_yaml(said.config / "services.yaml", Services))
    if not alerts:
        desk.out.print(plain("It holds no alert, so nothing would be done."))
    would = [_one(desk, orders, alert, at) for alert in alerts[:MOST_ALERTS]]
    if len(alerts) > MOST_ALERTS:
        desk.out.print(plain(f"… and {len(alerts) - MOST_ALERTS} more alerts.", "dim"))
    return DONE if any(would) else NO


def _event(path: Path) -> dict[str, object]:
    todo = "samples lie in events/; see events/README.md"
    try:
        event = parse(path.read_bytes())
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}", todo=todo) from error
    except BadPayload as error:
        raise Trouble(f"{path}: {error}", todo=todo) from error
    if not isinstance(event, dict):
        raise Trouble(f"{path} is no event: an event is a JSON object", todo=todo)
    return event


def _one(desk: Desk, orders: StandingOrders, alert: Alert, at: datetime) -> bool:
    """One alert's part of the answer, and whether anything would be done or asked for it."""
    incident = incident_of(alert, at)
    desk.out.print(plain(f"{alert.source}: {defanged(alert.title)}", "bold"))
    if incident is None:
        desk.out.print(plain(f"  It is {alert.kind.value} and opens no incident, so nothing would be done.\n"))
        return False
    desk.out.print(plain(f"  {_about(incident)}"))
    quiet = kept_quiet(alert, read_noise(desk.said.config), at)
    if quiet:
        desk.out.print(plain(f"  noise.yaml: {quiet}", "yellow"))
    asked = Asked("", incident, Cause.UNKNOWN, at, alert.labels, dict(desk.said.calendars))
    rows = list(rehearsed(orders, catalogue(), asked))
    _table(desk, rows)
    _left_out(desk, orders, rows)
    return any(row.outcome.would is not Would.REFUSE for row in rows)


def _about(one: Incident) -> str:
    facts = (one.service, one.environment, one.account, one.severity.value, one.alarm_name)
    return f"would open an incident of {', '.join(fact for fact in facts if fact)}"


def _table(desk: Desk, rows: Sequence[Rehearsed]) -> None:
    if not rows:
        desk.out.print(plain("  No order speaks of it, so nothing would be done: people are told, with what was found."))
        return
    table = columns("if the cause is", "action", "", "order", "confidence", "target", "why")
    for row in rows:
        order, would = row.outcome.order, row.outcome.would
        table.add_row(
            plain(", ".join(cause.value for cause in row.causes)), plain(row.action.name), plain(would.value, STYLE.get(would, "")),
            plain(row.outcome.name), plain(f"{order.min_confidence:.2f}" if order else ""), plain(defanged(row.target)),
            plain(row.outcome.why),
        )  # fmt: skip
    desk.out.print(table)


def _left_out(desk: Desk, orders: StandingOrders, rows: Sequence[Rehearsed]) -> None:
    others = len(set(catalogue()) - {row.action.name for row in rows})
    says = [f"{others} other action(s) of the catalogue: no order names them for such an incident."]
    if any(row.outcome.order and row.outcome.order.ladder for row in rows):
        says.append("Ladders are taken at their start; where they stand is in: ./watchkeeper orders show")
    if any(row.action.risk is not Risk.LOW and row.outcome.would is Would.RUN for row in rows):
        without = orders.guardian.without_key.value
        says.append(f"Above low risk the guardian sees the plan first, and may refuse it or ask a person; without a model key: {without}.")
    if rows:
        says.append("Before anything runs the gate also looks at the kill switch, the target's tag and state, caps, cooldown and limits.")
    for line in says:
        desk.out.print(plain(f"  {line}", "dim"))
    desk.out.print()


def _diff_arguments(parser: ArgumentParser) -> None:
    which = f"two files; one: against the deployed orders; none: the deployed ones and config/{FILE}"
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=which)
    parser.add_argument("--most", type=int, default=MOST_INCIDENTS, metavar="N", help=f"look at the newest N incidents ({MOST_INCIDENTS})")


def diff(desk: Desk) -> int:
    """0 where every incident would have been judged the same, 1 where one would not."""
    files: list[Path] = desk.said.files
    if len(files) > 2:
        raise Trouble("more than two files", todo="./watchkeeper orders diff --help")
    old = _read(files[0]) if len(files) == 2 else deployed(desk.stack)
    new = _read(files[-1] if files else CONFIG)
    past, seen = past_of(desk.stack, desk.clock(), max(1, desk.said.most))
    found = list(differences(without_calendars(old), without_calendars(new), past, standings_of(desk.stack, old, new)))
    desk.out.print(
        plain(f"{old.version} → {new.version}, over {seen} incident(s) of the last 30 days; an action was proposed in {len(past)}.")
    )
    if left := sorted(calendars_asked(old) | calendars_asked(new)):
        desk.out.print(plain(f"What these calendars said then is not known, so their freezes are left out: {', '.join(left)}", "yellow"))
    if seen >= desk.said.most:
        desk.out.print(plain(f"Only the newest {seen} were looked at; more with --most.", "yellow"))
    _differences(desk, [one for one in found if not one.terms])
    _terms(desk, [one for one in found if one.terms])
    return NO if found else DONE


def _differences(desk: Desk, found: Sequence[Difference]) -> None:
    if not found:
        desk.out.print(plain("Each would have been judged the same.", "green"))
        return
    table = columns("incident", "service", "action", "was", "would be", "why")
    for one in found[:MOST_SHOWN]:
        why = f"{one.now.name or 'no order'}: {one.now.why}"
        cells = (one.incident.id, one.incident.service, one.action, one.was.would.value, one.now.would.value, why)
        table.add_row(*map(plain, cells))
    desk.out.print(table)
    if len(found) > MOST_SHOWN:
        desk.out.print(plain(f"… and {len(found) - MOST_SHOWN} more.", "dim"))
    counts = Counter((one.action, one.was.would, one.now.would) for one in found)
    for (action, was, now), count in counts.most_common():
        desk.out.print(plain(f"{count} x {action}: {was.value} → {now.value}"))


def _terms(desk: Desk, found: Sequence[Difference]) -> None:
    counts = Counter((one.action, one.now.name, ", ".join(one.terms)) for one in found)
    for (action, name, terms), count in counts.most_common():
        desk.out.print(plain(f'{count} x {action} by "{name}": the same, under other terms: {terms}'))


COMMANDS = (
    Command("orders show", "each standing order, what it may do now, and its record", show, _show_arguments),
    Command("orders test", "what would happen for an event, and why", test, _test_arguments),
    Command("orders diff", "what an edit of the orders changes over the last 30 days of incidents", diff, _diff_arguments),
)
