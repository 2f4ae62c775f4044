"""Puts the thinking about one matter together: the shelf of its evidence, its tools, and the purses that pay for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.case import Exhibit
from analysis.evidence import collectors
from analysis.evidence.gather import Answered
from analysis.evidence.keep import keep
from analysis.thinking.built_in import BuiltIn
from analysis.thinking.purses import purses
from analysis.thinking.thinker import Thinker
from analysis.thinking.tools import Shelf, Toolbox, Toolboxes
from analysis.thought import Matter, Thought
from watchkeeper.ports import Blobs


def no_more(_: Matter, __: Shelf) -> Sequence[Toolbox]:
    """Where there are no tools but the built-in ones."""
    return ()


@dataclass(frozen=True)
class Assembled:
    """`more` gives further toolboxes for a matter, which put what they bring on its shelf: those of MCP servers."""

    thinker: Thinker
    blobs: Blobs
    more: Callable[[Matter, Shelf], Sequence[Toolbox]] = no_more

    def __call__(self, matter: Matter, seconds_left: Callable[[], float]) -> Thought:
        """What thinking comes to; never an error for what Claude, secrets or the budget do."""
        incident, of = matter.case.incident, self.thinker

        def kept(answered: Answered, number: int) -> Exhibit:
            return keep([answered], f"{incident.id}/{matter.name}", number, of.clock(), of.redact, self.blobs)[0]

        shelf = Shelf(matter.case.exhibits, kept)
        built_in = BuiltIn(shelf, matter.ask, collectors(), of.settings.collector_seconds, of.ticks)
        tools = Toolboxes((built_in, *self.more(matter, shelf)))
        return of(matter, tools, purses(incident, matter.ask.service, of.clock(), of.settings), seconds_left)
