"""What may stay of the words of an opinion: nothing that names what the evidence does not hold, and no address of others.

In a list the sentence goes; a single text is replaced whole by what the fixed rules say there. What goes is counted and said
without being repeated. Advice (steps, prevention, why an action) may name only what no outsider wrote, see sources.py.
"""

from dataclasses import dataclass

from analysis.naming import plain
from analysis.opinion import Opinion
from analysis.sources import Vocabulary
from watchkeeper.links import foreign_removed
from watchkeeper.models import ProposedAction

LONGEST_TEXT = 1_200
MOST_ITEMS = 10
TEXTS = ("summary", "root_cause", "severity_why", "impact", "plain_words")
TOLD, ADVICE = ("contributing", "missing"), ("steps", "prevention")


@dataclass(frozen=True)
class Kept:
    """The fields of words as far as they hold, how often something was taken out, and a sentence for each field it was taken from."""

    fields: dict[str, object]
    slips: int
    notes: tuple[str, ...]


def words_kept(opinion: Opinion, draft: Opinion, vocabulary: Vocabulary, repositories: tuple[str, ...]) -> Kept:
    """The words of `opinion`; where they do not hold, those of `draft`, which are code's own and pass as they are."""
    keeper = _Keeper(vocabulary, repositories)
    fields: dict[str, object] = {name: keeper.text(name, getattr(opinion, name), getattr(draft, name)) for name in TEXTS}
    fields |= {name: keeper.items(name, getattr(opinion, name), getattr(draft, name)) for name in (*TOLD, *ADVICE)}
    fields["proposed"] = tuple(keeper.proposal(own, opinion.proposed) for own in draft.proposed)
    return Kept(fields, keeper.slips, tuple(keeper.notes))


class _Keeper:
    def __init__(self, vocabulary: Vocabulary, repositories: tuple[str, ...]) -> None:
        self._vocabulary = vocabulary
        self._repositories = repositories
        self.slips = 0
        self.notes: list[str] = []

    def text(self, field: str, said: str, ours: str) -> str:
        if said == ours:
            return short(ours)
        kept, whole = self._held(said, advice=False)
        if kept is None:
            self._slip(f"{_spoken(field)} named what the evidence does not hold; it is the fixed rules' own now")
            return short(ours)
        if not whole:
            self._slip(f"an address was taken out of {_spoken(field)}")
        return kept

    def items(self, field: str, said: tuple[str, ...], ours: tuple[str, ...]) -> tuple[str, ...]:
        kept: dict[str, None] = {}
        gone = 0
        for item in said:
            if item in ours:
                kept[short(item)] = None
                continue
            held, whole = self._held(item, advice=field in ADVICE)
            gone += held is None or not whole
            if held:
                kept[held] = None
        if gone:
            self._slip(f"{gone} of {len(said)} sentences of {_spoken(field)} named what {_whose(field)}, and were dropped or cut", gone)
        if not kept and gone and field in ADVICE:
            return tuple(short(item) for item in ours)[:MOST_ITEMS]
        return tuple(kept)[:MOST_ITEMS]

    def proposal(self, ours: ProposedAction, said: tuple[ProposedAction, ...]) -> ProposedAction:
        """The rules' own proposal, with the model's words for it where they hold."""
        why = next((one.why for one in said if one.action == ours.action and one.why.strip()), ours.why)
        held, whole = (why, True) if why == ours.why else self._held(why, advice=True)
        if held is None or not whole:
            self._slip("why an action is proposed named what no trusted evidence holds; it is the fixed rules' own now")
        return ours.but(why=short(held if held and whole else ours.why))

    def _held(self, said: str, *, advice: bool) -> tuple[str | None, bool]:
        """The text if all its names hold, else none; and whether it is whole: an address may have been taken out."""
        found, removed = foreign_removed(plain(said[: 4 * LONGEST_TEXT]), self._repositories)
        text = short(found)
        held = self._vocabulary.vouched if advice else self._vocabulary.told
        unheld = held.unheld(text) or (self._vocabulary.hearsay(text) if advice else ())
        return (None if unheld else text), not removed

    def _slip(self, note: str, times: int = 1) -> None:
        self.slips += times
        self.notes.append(note)


def short(text: str, most: int = LONGEST_TEXT) -> str:
    """Clean and not too long, cut between words."""
    shown = " ".join(plain(text[: 4 * most]).split(" ")).strip()
    return shown if len(shown) <= most else f"{shown[: most - 1].rsplit(' ', 1)[0]}…"


def _spoken(field: str) -> str:
    return "the " + field.replace("_", " ")


def _whose(field: str) -> str:
    return "no trusted evidence holds" if field in ADVICE else "the evidence does not hold"
