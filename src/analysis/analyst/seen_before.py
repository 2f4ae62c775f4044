"""What the memory adds: an earlier incident that is seen again today ends a draw and is told. It never makes anything surer."""

import re

from analysis.case import Case
from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause

RECALLED = re.compile(
    r"recalled (?P<id>INC-\S+): \d+ of \d+ lines that it cited are there again, cause (?P<cause>\w+), (?P<fixed>.+), strength [\d.]+$"
)


def recalled(case: Case) -> dict[str, Hit]:
    """The strongest earlier incident of each cause that is seen again, by the cause's word."""
    found: dict[str, Hit] = {}
    for hit in ReadCase(case).hits("recalled", RECALLED):
        found.setdefault(hit["cause"], hit)
    return found


def told(case: Case, cause: Cause) -> tuple[str, ...]:
    """A sentence for people, where this cause was seen before."""
    hit = recalled(case).get(cause.value)
    return (f"It looks like {hit['id']}, {hit['fixed']}.",) if hit and cause is not Cause.UNKNOWN else ()
