"""One message that nobody can digest is received again and again, and what stands behind it waits."""

import re
from collections import Counter
from collections.abc import Sequence

from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.written import FEW_LINES, written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

QUEUE = re.compile(r"sqs:queue (?P<name>\S+): visible (?P<visible>\d{1,12}), in flight \d+")
LETTERS = re.compile(r"dead letters (?P<name>\S+): visible (?P<visible>\d{1,12}), after (?P<receives>\d{1,6}) receives")
SAYS = Words(
    needles=("messageid", "message id", "message_id", "receive count", "receivecount"),
    pattern=re.compile(r"message[ _]?id\W{1,4}(?P<id>[0-9a-f][0-9a-f-]{7,40})\b", re.IGNORECASE),
)


def look(case: ReadCase) -> Finding | None:
    """0.8 where dead letters are there and grow, or wait beside a message that the logs name three times or an oldest message
    that grows older; 0.75 for the same message three times beside an oldest one that grows older; 0.5 for dead letters alone,
    which may be old, and for the log lines alone."""
    letters = [hit for hit in case.hits("sqs", LETTERS) if int(hit["visible"])]
    again = _again(written(case, SAYS))
    older = next((one for one in series(case, "ApproximateAgeOfOldestMessage") if one.went("up") or one.crossing), None)
    grow = _growing(case, letters)
    if letters and (grow or again or older):
        return _letters(letters, grow, older, again)
    if again and older:
        sentence = f"One message is received again and again, and the oldest of {older.whose} waits {older.most} seconds."
        return Finding(0.75, sentence, cite(older.facts, again, older.shown, case.hits("sqs", QUEUE)))
    if letters:
        first = letters[0]
        sentence = f"{first['visible']} messages lie in {first['name']} after {first['receives']} receives each; since when is not known."
        return Finding(0.5, sentence, cite((first,), case.hits("sqs", QUEUE)), ("they may be old",))
    return (
        Finding(0.5, "One message is received again and again, as log lines say.", cite((), again), ("only log lines say so",))
        if again
        else None
    )


def _letters(letters: Sequence[Hit], grow: Series | None, older: Series | None, again: list[Hit]) -> Finding:
    first = next((hit for hit in letters if grow and hit["name"] == grow.whose), letters[0])
    sentence = f"Messages fail after {first['receives']} receives each and lie in {first['name']}, {first['visible']} by now."
    shown = [hit for one in (grow, older) if one for hit in (one.states, *one.shown)]
    return Finding(0.8, sentence, cite((first,), shown, again))


def _growing(case: ReadCase, letters: Sequence[Hit]) -> Series | None:
    names = {hit["name"] for hit in letters}
    visible = series(case, "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent")
    return next((one for one in visible if one.whose in names and (one.went("up") or (one.crossing and one.above))), None)


def _again(said: list[Hit]) -> list[Hit]:
    """The lines of the message that is named most often, if that is often enough."""
    often = Counter(hit["id"].lower() for hit in said)
    most, times = max(often.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    return [hit for hit in said if hit["id"].lower() == most] if times >= FEW_LINES else []


RULE = Rule(
    cause=Cause.POISON_MESSAGE,
    look=look,
    outranks=frozenset({Cause.ERROR_BURST}),
    sample={
        "sqs": "sqs:queue orders: visible 1200, in flight 20, delayed 0, visibility timeout 30 s\n"
        "dead letters orders-dead: visible 45, after 5 receives",
        "neighbours": "neighbour: AWS/SQS ApproximateAgeOfOldestMessage (QueueName=orders), Maximum: latest 1860, min 2, max 1860\n"
        "neighbour change at 2026-11-20T02:41:00Z: AWS/SQS ApproximateAgeOfOldestMessage (QueueName=orders) up from about 3 to 1860",
        "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
        + "\n".join(
            f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR cannot parse messageId=3b1f0a52-77aa-4a5e-9c1d-0d5c6a7f8e90"
            for n in range(3)
        ),
    },
    more_samples=(
        {
            "logs": "3 error lines, 80 lines read since 2026-11-20T02:45:00Z:\n"
            + "\n".join(f"2026-11-20T02:59:1{n}Z /checkout/app app/1  ERROR cannot parse messageId=3b1f0a52-77aa-4a5e" for n in range(3)),
        },
    ),
    impact="What stands behind that message is handled late, and its own work is not done.",
    steps=(
        "Read the message and what the consumer says of it; keep a copy before anything is deleted.",
        "Let the consumer set aside what it cannot digest, then send the dead letters back.",
        "Do not empty the queue: good messages are in it.",
    ),
    prevention=("Give every queue dead letters with an alarm, and let consumers answer for each message of a batch by itself.",),
    plain_words="One order of work cannot be processed and holds up others behind it.",
)
