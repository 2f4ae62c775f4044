"""Which incident a person means."""

from cli.stack import Stack
from cli.trouble import NO, Trouble
from watchkeeper.story import Story, tell

SEARCHED = 200


def story_of(stack: Stack, named: str) -> Story:
    """The story of `latest`, of an incident's id, or of the only recent one whose id ends so; Trouble where there is none."""
    story = tell(stack.incidents, _id(stack, named))
    if story is None:
        raise Trouble(f"{stack.name} has no incident {named}", todo="see which there are: ./watchkeeper incidents", code=NO)
    return story


def _id(stack: Stack, named: str) -> str:
    if named != "latest" and len(named) == len("INC-") + 26:
        return named.upper()
    recent = stack.incidents.recent(1 if named == "latest" else SEARCHED)
    if named == "latest":
        return recent[0].id if recent else named
    matching = [incident.id for incident in recent if incident.id.endswith(named.upper())]
    if len(matching) > 1:
        raise Trouble(f"{named} is the end of {len(matching)} incidents: {', '.join(matching)}", todo="write more of it", code=NO)
    return matching[0] if matching else named
