"""Asks every collector at the same time and waits for none longer than its deadline.

A collector that overruns is answered by what it had said so far, else `failed`, and its thread is left to end by itself:
its late word is not heard. The whole takes as long as the slowest, not as long as all together.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from watchkeeper.errors import NotAllowed, WatchkeeperError
from watchkeeper.models import Answer, Resource


class Named(Protocol):
    """Whoever answered: a collector or a join."""

    @property
    def name(self) -> str:
        """As evidence calls it."""

    @property
    def provenance(self) -> str:
        """Where its answers come from, and who may have written them."""


@dataclass(frozen=True)
class Answered:
    """One answer as it came, before it is redacted and stored."""

    collector: Named
    asked: str
    answer: Answer
    summary: str
    body: str = ""
    why: str = ""
    permission: str = ""
    link: str = ""
    resources: tuple[Resource, ...] = ()
    took_ms: int = 0


@dataclass(frozen=True)
class _Came:
    """What a thread came back with: an answer, or the death of the process that it is part of."""

    number: int
    answered: Answered | None
    death: BaseException | None = None


def gather(collectors: Sequence[Collector], ask: Ask, seconds: float, ticks: Callable[[], float] = time.monotonic) -> list[Answered]:
    """One answer for each collector that applies, in their order, `seconds` from now at the latest."""
    asked = [collector for collector in collectors if collector.applies(ask)]
    came: queue.SimpleQueue[_Came] = queue.SimpleQueue()
    so_far: dict[int, Found | Nothing] = {}
    for number, collector in enumerate(asked):
        heard = replace(ask, so_far=partial(so_far.__setitem__, number))
        threading.Thread(target=_run, args=(number, collector, heard, ticks, came), name=f"collect-{collector.name}", daemon=True).start()
    ends = ticks() + seconds
    answers: dict[int, Answered] = {}
    while len(answers) < len(asked):
        try:
            one = came.get(timeout=max(0.0, ends - ticks()))
        except queue.Empty:
            break
        if one.death is not None:
            raise one.death
        if one.answered is not None:
            answers[one.number] = one.answered
    return [answers.get(number) or _late(collector, ask, seconds, so_far.get(number)) for number, collector in enumerate(asked)]


def _run(number: int, collector: Collector, ask: Ask, ticks: Callable[[], float], came: "queue.SimpleQueue[_Came]") -> None:
    began = ticks()
    try:
        answered = _answer(collector, ask, lambda: round((ticks() - began) * 1000))
    except BaseException as death:  # noqa: BLE001 - what ends the process must not end in this thread unheard: gather raises it again
        came.put(_Came(number, None, death))
        return
    came.put(_Came(number, answered))


def _answer(collector: Collector, ask: Ask, took: Callable[[], int]) -> Answered:
    question = collector.asked(ask)
    try:
        told = collector.collect(ask)
    except NotAllowed as error:
        why = f"the analysis role lacks {error.permission}"
        return Answered(
            collector, question, Answer.NOT_ALLOWED, f"Not allowed: {why}.", why=why, permission=error.permission, took_ms=took()
        )
    except WatchkeeperError as error:
        return Answered(collector, question, Answer.FAILED, "The question failed.", why=str(error), took_ms=took())
    except Exception as error:  # noqa: BLE001 - a collector that trips over a strange answer must not take the others down; the evidence says so
        why = f"{type(error).__name__}: {error}"
        return Answered(collector, question, Answer.FAILED, "The answer could not be read.", why=why, took_ms=took())
    return said(collector, question, told, took())


def said(collector: Named, question: str, told: Found | Nothing, took_ms: int) -> Answered:
    """One of the two answers that are values."""
    if isinstance(told, Nothing):
        return Answered(collector, question, Answer.NOTHING, told.summary, took_ms=took_ms)
    return Answered(
        collector, question, Answer.FOUND, told.summary, body=told.body, link=told.link, resources=told.resources, took_ms=took_ms
    )


def _late(collector: Collector, ask: Ask, seconds: float, so_far: Found | Nothing | None) -> Answered:
    question, took_ms = collector.asked(ask), round(seconds * 1000)
    if so_far is not None:
        return said(collector, question, so_far, took_ms)
    why = f"no answer in {seconds:g} s"
    return Answered(collector, question, Answer.FAILED, f"The question failed: {why}.", why=why, took_ms=took_ms)
