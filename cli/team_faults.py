"""What is wrong with the team's word: what each file cannot hold, then what the files say of each other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from cli.order_faults import order_faults
from watchkeeper.actions import built_in, catalogue
from watchkeeper.custom_actions import entries, read_custom_actions
from watchkeeper.errors import Misconfigured
from watchkeeper.matching import named
from watchkeeper.mcp_servers import ACTION, McpServers, read_mcp_servers
from watchkeeper.mcp_servers import FILE as MCP
from watchkeeper.models import Word
from watchkeeper.people import FILE as PEOPLE
from watchkeeper.people import People, Role
from watchkeeper.quiet import Noise, read_noise
from watchkeeper.team import Channel, ChannelKind, Channels, Services, StandingOrders, read_yaml

W = TypeVar("W", bound=Word)
ORDERS, SERVICES, CHANNELS, NOISE = "standing-orders.yaml", "services.yaml", "channels.yaml", "noise.yaml"
LONGEST_TOOL_NAME = 64
NEEDS: dict[ChannelKind, dict[str, str]] = {
    ChannelKind.SLACK: {"channel": "a channel id, e.g. C0INCIDENTS"},
    ChannelKind.JIRA: {"project": "a project key, e.g. OPS"},
    ChannelKind.EMAIL: {"to": "a list of addresses"},
    ChannelKind.PAGERDUTY: {},
}


def faults_in(folder: Path) -> list[str]:
    """One line for each fault, with file and field; none when the files can be deployed."""
    found: list[str] = []
    orders, services, channels, people = (_read(folder / name, kind, found) for name, kind in _FILES)
    if isinstance(orders, StandingOrders):
        found += _orders(orders, services if isinstance(services, Services) else None, people if isinstance(people, People) else None)
    if isinstance(services, Services):
        found += _services(services)
    if isinstance(channels, Channels):
        found += _channels(channels, services if isinstance(services, Services) else None)
    try:
        found += _noise(read_noise(folder), services if isinstance(services, Services) else None)
    except Misconfigured as error:
        found += str(error).splitlines()
    try:
        entries(read_custom_actions(folder), built_in())
    except Misconfigured as error:
        found += str(error).splitlines()
    try:
        found += _mcp(read_mcp_servers(folder))
    except Misconfigured as error:
        found += str(error).splitlines()
    return found


_FILES: tuple[tuple[str, type[Word]], ...] = ((ORDERS, StandingOrders), (SERVICES, Services), (CHANNELS, Channels), (PEOPLE, People))


def _read(path: Path, kind: type[W], found: list[str]) -> W | None:
    try:
        return read_yaml(path, kind)
    except Misconfigured as error:
        found += str(error).splitlines()
        return None


def _orders(orders: StandingOrders, services: Services | None, people: People | None) -> Iterator[str]:
    teams = None if people is None else {team for one in people.people if one.role.may(Role.APPROVER) for team in one.teams}
    yield from (f"{ORDERS}: {place}: {says}" for place, says in order_faults(orders, teams))
    scopes = {f"orders.{at}.when": order.when.services for at, order in enumerate(orders.orders)}
    scopes |= {f"thinking.{at}.when": rule.when.services for at, rule in enumerate(orders.thinking)}
    scopes |= {f"freeze.{at}.scope": freeze.scope.services for at, freeze in enumerate(orders.freeze)}
    for place, names in scopes.items():
        yield from _unknown_services(f"{ORDERS}: {place}.services", names, services)


def _services(services: Services) -> Iterator[str]:
    yield from _twice(SERVICES, "services", "name", [service.name for service in services.services])
    for at, service in enumerate(services.services):
        place = f"{SERVICES}: services.{at}.depends_on"
        if service.name in service.depends_on:
            yield f"{place}: {service.name!r} cannot depend on itself"
        for name in service.depends_on:
            if name not in {other.name for other in services.services}:
                yield f"{place}: no service is called {name!r}; there are {', '.join(other.name for other in services.services)}"


def _noise(noise: Noise, services: Services | None) -> Iterator[str]:
    scopes = {f"windows.{at}": window.scope for at, window in enumerate(noise.windows)}
    scopes |= {f"mutes.{at}": mute.scope for at, mute in enumerate(noise.mutes)}
    scopes |= {f"minimum.{at}": rule.scope for at, rule in enumerate(noise.minimum)}
    yield from _twice(NOISE, "windows", "id", [window.id for window in noise.windows])
    yield from _twice(NOISE, "mutes", "id", [mute.id for mute in noise.mutes])
    for place, scope in scopes.items():
        yield from _unknown_services(f"{NOISE}: {place}.scope.services", scope.services, services)
    for at, rule in enumerate(noise.minimum[:-1]):
        if rule.scope.says_nothing:
            yield f"{NOISE}: minimum.{at}: it speaks of every alert, so the rules after it never apply; put it last"


def _mcp(registered: McpServers) -> Iterator[str]:
    yield from _twice(MCP, "servers", "name", [server.name for server in registered.servers])
    for at, server in enumerate(registered.servers):
        for tool, kind in server.tools.items():
            place, action = f"{MCP}: servers.{at}.tools.{tool}", kind.removeprefix(ACTION)
            if action != kind and action not in catalogue():
                yield f"{place}: there is no action {action!r}; there are {', '.join(sorted(catalogue()))}"
            if len(f"mcp__{server.name}__{tool}") > LONGEST_TOOL_NAME:
                yield f"{place}: too long for a model, which would not be offered it; a shorter name of the server may help"


def _channels(channels: Channels, services: Services | None) -> Iterator[str]:
    yield from _twice(CHANNELS, "channels", "id", [channel.id for channel in channels.channels])
    for at, channel in enumerate(channels.channels):
        yield from _where(f"{CHANNELS}: channels.{at}.where", channel)
        yield from _unknown_services(f"{CHANNELS}: channels.{at}.services", channel.services, services)


def _where(place: str, channel: Channel) -> Iterator[str]:
    if channel.kind is ChannelKind.PAGERDUTY and not isinstance(channel.where.get("raise", True), bool):
        yield f"{place}.raise: true or false, without quotes"
    for field, wanted in NEEDS[channel.kind].items():
        value: Any = channel.where.get(field)
        if field == "to":
            if not isinstance(value, list) or not value or not all(isinstance(one, str) and "@" in one for one in value):
                yield f"{place}.{field}: {channel.kind.value} needs {wanted}"
        elif not isinstance(value, str) or not value.strip():
            yield f"{place}.{field}: {channel.kind.value} needs {wanted}"


def _unknown_services(place: str, wanted: Iterable[str], services: Services | None) -> Iterator[str]:
    if services is None:
        return
    known = [service.name for service in services.services]
    for name in wanted:
        if not any(named(one, [name]) for one in known):
            yield f"{place}: no service is called {name!r} in {SERVICES}; there are {', '.join(known) or 'none'}"


def _twice(file: str, group: str, field: str, names: list[str]) -> Iterator[str]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield f"{file}: {group}.{at}.{field}: {name!r} is there twice"
