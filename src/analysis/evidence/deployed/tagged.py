"""What carries the tags that services.yaml gives the service, and which stack made a resource: one tag query each."""

from analysis.evidence.ask import Ask
from analysis.evidence.deployed.kind import region_of
from watchkeeper.arns import from_arn
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

PERMISSION = "tag:GetResources"
STACK_NAME = "aws:cloudformation:stack-name"
MOST = 50


def tagged(ask: Ask, kind: str) -> tuple[Resource, ...]:
    """The resources of this type (as the tagging API writes it) with all tags of the service; the first page of them."""
    tags = ask.service.tags if ask.service else {}
    if not tags:
        return ()
    wanted = [{"Key": key, "Values": [value]} for key, value in sorted(tags.items())]
    client = ask.client("resourcegroupstaggingapi", region_of(ask))
    with in_our_words(PERMISSION, kind):
        answer = client.get_resources(TagFilters=wanted, ResourceTypeFilters=[kind], ResourcesPerPage=MOST)
    found = (from_arn(one["ResourceARN"], trusted=True) for one in answer.get("ResourceTagMappingList", []))
    return tuple(one for one in found if one)


def tagged_or_why(ask: Ask, kind: str) -> tuple[tuple[Resource, ...], WatchkeeperError | None]:
    """The same; where the tags cannot be asked for none and the error, which is raised after what is known otherwise was looked at."""
    try:
        return tagged(ask, kind), None
    except WatchkeeperError as error:
        return (), error


def stacks_by_tag(ask: Ask, arns: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the stacks that made these resources, as CloudFormation wrote them on them."""
    client = ask.client("resourcegroupstaggingapi", region_of(ask))
    with in_our_words(PERMISSION, arns[0]):
        answer = client.get_resources(ResourceARNList=list(arns))
    tags = [tag for one in answer.get("ResourceTagMappingList", []) for tag in one.get("Tags", [])]
    return tuple(tag["Value"] for tag in tags if tag["Key"] == STACK_NAME)
