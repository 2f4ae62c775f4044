"""The worker's process is gone, not only its stack: no finally, no handler, nothing of it is left but what it had written.

A child process plays the whole way against ports that lie in this one, and leaves by os._exit before its n-th call; another
child then finds what is there and goes on. What was done to the group is counted here.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from tests.chaos.test_kill_everywhere import PORTS, Watched
from tests.chaos.test_way_back import ASKING, Way
from tests.fakes.remediation import World
from watchkeeper.errors import NotYet, WatchkeeperError
from watchkeeper.team import Order

NEVER = 10**9


@dataclass
class Leaving:
    """Counts the calls to the world, as a Reaper does, and leaves the process at one of them."""

    before: int = NEVER
    calls: int = 0

    def call(self, _name: str, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.before:
            os._exit(9)
        return act(*args, **named)


@dataclass
class There:
    """A port that lies in the parent process; what it raises is raised here."""

    pipe: Connection
    name: str
    lock: Any = field(default_factory=threading.Lock)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):
            raise AttributeError(method)
        return lambda *args, **named: self._ask(method, args, named)

    def __call__(self, *args: Any) -> Any:
        return self._ask("__call__", args, {})

    def _ask(self, method: str, args: Any, named: Any) -> Any:
        self.pipe.send((self.name, method, args, named))
        good, answer = self.pipe.recv()
        if not good:
            raise answer
        return answer


class Parent(Way):
    """The way, with everything that outlives a worker; each child asks it one thing at a time."""

    def serve(self, pipe: Connection) -> None:
        """Until the child is gone."""
        ports = {name: getattr(self.real, name) for name in PORTS} | {"clock": self.real.clock, "way": self}
        while True:
            try:
                name, method, args, named = pipe.recv()
            except EOFError:
                return
            try:
                act = ports[name] if method == "__call__" else getattr(ports[name], method)
                pipe.send((True, act(*args, **named)))
            except Exception as error:  # noqa: BLE001 - whatever a port raises is the child's to meet
                pipe.send((False, error))

    def next_message(self) -> Any:
        return self.queue[0] if self.queue else None

    def done_with_it(self) -> None:
        self.queue.pop(0)

    def later(self, seconds: float) -> None:
        self.real.clock.tick(seconds)

    def world_goes_on(self) -> bool:
        """The runbook ends, people answer, time passes. Is it over?"""
        self.effects.happen()
        self._answer()
        self.real.clock.tick(70)
        self._sweep()
        return self.real.incident.status.value == "escalated" and not self.queue and not self.real.incidents.debts


def child(pipe: Connection, leaving: Leaving) -> None:
    """A worker: takes one message after the other until it leaves, or until there is nothing more to do."""
    way, lock = There(pipe, "way"), threading.Lock()
    world = World(clock=There(pipe, "clock", lock))  # type: ignore[arg-type]  # as much of a clock as is asked
    for name in PORTS:
        setattr(world, name, Watched(name, There(pipe, name, lock), leaving))  # type: ignore[arg-type]  # it leaves instead of raising
    world.orders = way.orders()
    for _ in range(60):
        while (message := way.next_message()) is not None:
            try:
                world.handle(message)
            except NotYet as error:
                way.later(error.retry_after or 1)
            except WatchkeeperError:
                way.later(1)
            else:
                way.done_with_it()
        if way.world_goes_on():
            break
    os._exit(0)


def play(order: Order, leaving: Leaving) -> tuple[Parent, int]:
    """One child that leaves, and one that goes on. How did the first one end?"""
    parent = Parent(reaper=None, order=order)  # type: ignore[arg-type]  # nothing is killed in this process
    parent.orders = lambda: parent.real.orders  # type: ignore[attr-defined]  # asked for by the child
    parent.world = parent.real
    codes = [_one(parent, leaving), _one(parent, Leaving())]
    return parent, codes[0]


def _one(parent: Parent, leaving: Leaving) -> int:
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=child, args=(theirs, leaving))
    process.start()
    theirs.close()
    parent.serve(ours)
    process.join(20)
    ours.close()
    assert process.exitcode is not None, "the child did not end"
    return process.exitcode


def test_a_process_that_exits_at_any_call_loses_and_doubles_nothing() -> None:
    """Before every call; what is there before one call is what was there after the one before it."""
    n = 0
    while True:
        n += 1
        parent, code = play(ASKING, Leaving(before=n))
        parent.check()
        if code == 0:
            break
    assert n > 100
