"""All at the same time, none for longer than its deadline, and nobody's death unheard."""

import threading
import time
from collections.abc import Callable

import pytest

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.gather import Answered, gather
from analysis.evidence.keep import ROW_BYTES, keep
from tests.fakes.aws_accounts import FakeAws
from tests.fakes.memory import MemoryBlobs
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import REDACT, an_ask
from watchkeeper.models import Answer


def a_collector(name: str, collect: Callable[[Ask], Found | Nothing]) -> Collector:
    return Collector(name, 1, "a test", lambda _: True, lambda _: f"What of {name}?", collect)


def test_they_run_in_parallel_and_keep_their_order() -> None:
    together = threading.Barrier(4, timeout=5)

    def wait_for_all(ask: Ask) -> Found:
        together.wait()
        return Found("came", "body")

    answers = gather([a_collector(f"c{n}", wait_for_all) for n in range(4)], an_ask(FakeAws()), 5)
    assert [answer.collector.name for answer in answers] == ["c0", "c1", "c2", "c3"]
    assert {answer.answer for answer in answers} == {Answer.FOUND}


def test_the_late_are_answered_for_and_the_rest_goes_on() -> None:
    released = threading.Event()

    def never(ask: Ask) -> Nothing:
        released.wait(10)
        return Nothing("too late")

    began = time.monotonic()
    answers = gather(
        [a_collector("a", never), a_collector("b", lambda _: Found("s", "b")), a_collector("c", never)], an_ask(FakeAws()), 0.3
    )
    took = time.monotonic() - began
    released.set()
    assert [answer.answer for answer in answers] == [Answer.FAILED, Answer.FOUND, Answer.FAILED]
    assert answers[0].why == "no answer in 0.3 s"
    assert took < 1.5


def test_a_collector_that_trips_takes_nobody_down() -> None:
    def trip(ask: Ask) -> Found:
        raise KeyError("Reservations")

    tripped, fine = gather([a_collector("a", trip), a_collector("b", lambda _: Nothing("none"))], an_ask(FakeAws()), 5)
    assert (tripped.answer, tripped.why) == (Answer.FAILED, "KeyError: 'Reservations'")
    assert fine.answer is Answer.NOTHING


def test_the_death_of_the_process_is_not_swallowed_by_a_thread() -> None:
    def die(ask: Ask) -> Found:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather([a_collector("a", die)], an_ask(FakeAws()), 5)


def test_a_short_body_is_in_the_row_redacted() -> None:
    blobs = MemoryBlobs()
    answered = Answered(
        a_collector("logs", lambda _: Nothing("")), "asked", Answer.FOUND, "api_key=abcdefgh1234", body="api_key=abcdefgh1234"
    )
    exhibit = keep([answered], "INC-1", 3, NIGHT, REDACT, blobs)[0]
    assert exhibit.evidence.id == "E3"
    assert exhibit.evidence.body == exhibit.text == REDACT("api_key=abcdefgh1234") != "api_key=abcdefgh1234"
    assert "abcdefgh1234" not in exhibit.evidence.summary
    assert not blobs.lying


def test_a_long_body_is_in_the_bucket_and_its_beginning_in_the_row() -> None:
    blobs = MemoryBlobs()
    body = "é" * ROW_BYTES
    answered = Answered(a_collector("logs", lambda _: Nothing("")), "asked", Answer.FOUND, "s", body=body)
    evidence = keep([answered], "INC-1", 1, NIGHT, REDACT, blobs)[0].evidence
    stored = blobs.lying[evidence.stored_key]
    assert stored == body.encode()
    assert evidence.stored_key == f"evidence/INC-1/{evidence.sha256}"
    assert len(evidence.body.encode()) <= ROW_BYTES
    assert stored.startswith(evidence.body.encode())
    assert keep([answered], "INC-1", 1, NIGHT, REDACT, blobs)[0].evidence == evidence
