"""What the service map says of where it began, read by the rules that look at a dependency and by those it contradicts."""

import re

from analysis.lines import Hit, ReadCase

SUSPECT = re.compile(
    r"suspect 1: (?P<name>\S+) \((?P<kind>[^)]*)\)"
    r"(?:: owns (?P<share>\d(?:\.\d{1,6})?) of the excess (?P<excess>\d{1,6}(?:\.\d{1,6})?))?"
)
NO_SUSPECT = re.compile(r"no suspect: ")
NO_SERVICE = "unknown"


def other_suspect(case: ReadCase) -> Hit | None:
    """The first suspect, if it is another service than the one that the incident is about."""
    first = next(iter(case.hits("service_map", SUSPECT)), None)
    return first if first and case.incident.service not in {first["name"], NO_SERVICE} else None
