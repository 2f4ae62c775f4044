"""What every collector of a state does around its own question: thing by thing, as far as AWS lets it.

What was found stays, whatever else was refused. Beside it stands a line for each part that is missing:

    not allowed: rds:DescribeEvents
    not read: rds:DescribeEvents on orders-db: Throttling
    not read: an answer is not as expected: KeyError 'DBInstances'
not looked at: 4 more
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from analysis.evidence.ask import Ask, Found, Nothing
from watchkeeper.errors import NotAllowed, Permanent, WatchkeeperError
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

MOST = 5
Thing = TypeVar("Thing")


def each(ask: Ask, things: Sequence[Thing], look: Callable[[Ask, Thing], Iterable[str]], nothing: str) -> Found | Nothing:
    """The lines of each thing, the first MOST of them; `look` answers none for one that is not there. `nothing` is said where none is.

    Each line is told as soon as it is known, so that what comes too late costs nothing that came before. Where there is no line
    at all and something went wrong, that is raised.
    """
    blocks: list[list[str]] = []
    missing: list[WatchkeeperError] = []
    for thing in things[:MOST]:
        block: list[str] = []
        try:
            with _understood():
                for line in look(ask, thing):
                    block.append(line)
                    ask.so_far(_found(ask, [*blocks, block], missing))
        except WatchkeeperError as error:
            missing.append(error)
        if block:
            blocks.append(block)
    if not blocks and missing:
        raise missing[0]
    more = [f"not looked at: {len(things) - MOST} more"] if len(things) > MOST else []
    return _found(ask, blocks, missing, more) if blocks else Nothing(nothing)


def also(ask: Ask, look: Callable[[], list[str]]) -> list[str]:
    """Further lines about what was found already; in their place one that says why not, where AWS does not give them."""
    try:
        with _understood():
            return look()
    except WatchkeeperError as error:
        return [absence(ask, error)]


def answer(permission: str, name: str, absent: Sequence[str], call: Callable[..., Any], **arguments: Any) -> Any:
    """What the call answers; none where AWS says, by one of these codes, that there is no such thing."""
    with in_our_words(permission, name):
        try:
            return call(**arguments)
        except ClientError as error:
            if code_of(error) in absent:
                return None
            raise


def names(things: Sequence[Resource]) -> str:
    return ", ".join(thing.id for thing in things[:MOST])


@contextmanager
def _understood() -> Iterator[None]:
    """An answer of a shape that we do not know costs its own lines and no others."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Permanent(f"an answer is not as expected: {type(error).__name__} {error}") from error


def _found(ask: Ask, blocks: list[list[str]], missing: list[WatchkeeperError], more: Sequence[str] = ()) -> Found:
    absences = dict.fromkeys(absence(ask, error) for error in missing)
    lines = [line for block in blocks for line in block]
    return Found(summary="; ".join(block[0] for block in blocks), body="\n".join([*lines, *absences, *more]))


def absence(ask: Ask, error: WatchkeeperError) -> str:
    """The line that stands for what an error kept from us."""
    return f"not allowed: {error.permission}" if isinstance(error, NotAllowed) else f"not read: {ask.tidy(str(error))}"
