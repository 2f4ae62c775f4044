"""The Directory over AWS: tags by the Resource Groups Tagging API, the account's alias by IAM. Cached per process, bounded in time.

Safe to call twice: it only reads. A failure is remembered for a while, so that an outage costs one wait and not one for each alert.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from reception.enrichment import Known, Tags
from reception.fields import mapping, text
from reception.resources import Place
from watchkeeper.arns import from_arn
from watchkeeper.errors import WatchkeeperError
from watchkeeper.storage.aws import in_our_words
from watchkeeper.telemetry import logger

BOUND_SECONDS = 1.0
LEFT_TO_BEGIN = 0.2
TAGS_SECONDS, ALIAS_SECONDS, FAILED_SECONDS = 300.0, 3600.0, 60.0
MOST_REMEMBERED = 1_000
MOST_ASKED = 20
ALIAS = "alias"
# One try each: who waits is an alert. With the bound above, the slowest answer to both questions comes after two seconds.
BRIEF = Config(connect_timeout=0.3, read_timeout=0.7, retries={"total_max_attempts": 1})

Clients = Callable[[str, str], Any]


@dataclass
class Remembered:
    """Answers until their time is over; the oldest goes when there are too many."""

    most: int
    _kept: OrderedDict[str, tuple[float, Any]] = field(default_factory=OrderedDict)

    def get(self, key: str, now: float) -> Any:
        """None where nothing is remembered."""
        until, value = self._kept.get(key, (0.0, None))
        return value if now < until else None

    def put(self, key: str, value: Any, until: float) -> None:
        self._kept[key] = (until, value)
        self._kept.move_to_end(key)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)


class AwsDirectory:
    """The Directory port. `clients` makes a client by the names of its service and region; `seconds` is a clock that never jumps."""

    def __init__(self, home: Place, clients: Clients, seconds: Callable[[], float]) -> None:
        self._home = home
        self._clients = clients
        self._seconds = seconds
        self._answers = Remembered(MOST_REMEMBERED)

    def look_up(self, account: str, arns: Sequence[str]) -> Known:
        """Only of our own account: the function's role sees no other."""
        if not account or account != self._home.account:
            return Known()
        until = self._seconds() + BOUND_SECONDS
        tags = self._tags(arns[:MOST_ASKED], until)
        return Known(alias=self._alias(until), tags=tags)

    def _tags(self, arns: Iterable[str], until: float) -> dict[str, Tags]:
        found: dict[str, Tags] = {}
        unknown: dict[str, list[str]] = {}
        for arn in dict.fromkeys(arns):
            resource = from_arn(arn, trusted=True)
            if resource is None or resource.account not in {"", self._home.account}:
                continue
            remembered = self._answers.get(arn, self._seconds())
            if remembered is None:
                unknown.setdefault(resource.region or self._home.region, []).append(arn)
            else:
                found[arn] = remembered
        for region, asked in unknown.items():
            found |= self._ask(f"tags of {region}", until, self._tagged, region, asked) or {}
        return found

    def _tagged(self, region: str, arns: list[str]) -> dict[str, Tags]:
        """What was never tagged is not in the answer, and that is remembered too."""
        with in_our_words("tag:GetResources", region):
            answer = self._clients("resourcegroupstaggingapi", region).get_resources(ResourceARNList=arns)
        found: dict[str, Tags] = {arn: {} for arn in arns}
        for one in map(mapping, answer.get("ResourceTagMappingList", ())):
            found[text(one, "ResourceARN")] = {text(mapping(tag), "Key"): text(mapping(tag), "Value") for tag in one.get("Tags", ())}
        for arn in arns:
            self._answers.put(arn, found[arn], self._seconds() + TAGS_SECONDS)
        return found

    def _alias(self, until: float) -> str:
        remembered = self._answers.get(ALIAS, self._seconds())
        if remembered is None:
            remembered = self._ask("the account's alias", until, self._aliased)
        return remembered or ""

    def _aliased(self) -> str:
        with in_our_words("iam:ListAccountAliases", self._home.account):
            aliases = self._clients("iam", self._home.region).list_account_aliases(MaxItems=1).get("AccountAliases", ())
        alias = str(next(iter(aliases), ""))
        self._answers.put(ALIAS, alias, self._seconds() + ALIAS_SECONDS)
        return alias

    def _ask(self, what: str, until: float, question: Callable[..., Any], *about: Any) -> Any:
        """None where there is no time left, where it failed a moment ago, or where it fails now."""
        now = self._seconds()
        if until - now < LEFT_TO_BEGIN or self._answers.get(what, now):
            return None
        try:
            return question(*about)
        except WatchkeeperError as error:
            self._answers.put(what, "failed", self._seconds() + FAILED_SECONDS)
            logger.warning(
                "an alert goes on without its tags or alias", extra={"what": what, "why": type(error).__name__, "says": str(error)}
            )
            return None
