"""A drill of the kill switch: throw it for real, see that nothing could act, release it. A stop that nobody tried is a hope."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from cli.command import Command, Desk
from cli.drilling import Proof, Question, Watch, denied, let_through, questions, running, tried
from cli.screen import columns, plain
from cli.stopping import OLDER, SPOKE, deployed, is_spoke, layers_of, lockdown_of
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.lockdown import Lockdown


@dataclass(frozen=True)
class Drill:
    """One drill: its reason, by which its own stop is known from anybody else's, and what it looks at."""

    desk: Desk
    lock: Lockdown
    questions: tuple[Question, ...]
    why: str

    def throw(self) -> Iterator[Proof]:
        """Both layers, in the order of a real stop."""
        stack, watch = self.desk.stack, self._from(self.desk.clock())
        stack.switch.throw(stack.who(), self.why)
        yield watch.see("the switch is thrown: the gate refuses everything", lambda: self._gate(stopped=True))
        failures = self.lock.down()
        yield watch.see(f"the policy is on all {len(self.lock.roles)} roles", lambda: (not failures, "; ".join(failures) or "attached"))
        for asked in self.questions:
            yield watch.see(f"cannot: {asked.says}", partial(denied, stack.client("iam"), asked))
        if self.questions:
            yield watch.see("a start that would fail anyway is refused", lambda: tried(stack, self.questions[0]))

    def release(self) -> Iterator[Proof]:
        """Both layers again, unless somebody stops for real by now: then everything stays as it is."""
        stack, watch = self.desk.stack, self._from(self.desk.clock())
        if not stack.switch.thrown().endswith(f": {self.why}"):
            yield self._stays()
            return
        failures = self.lock.up()
        yield watch.see(f"the policy is off all {len(self.lock.roles)} roles", lambda: (not failures, "; ".join(failures) or "detached"))
        if failures:
            return
        if not stack.switch.release(self.why):
            self.lock.down()
            yield self._stays()
            return
        yield watch.see("the switch is released", lambda: self._gate(stopped=False))
        for asked in self.questions:
            yield watch.see(f"no longer denied: {asked.says}", partial(let_through, stack.client("iam"), asked))

    def _gate(self, *, stopped: bool) -> tuple[bool, str]:
        """What the gate reads, right before anything is started."""
        thrown = self.desk.stack.switch.thrown()
        return bool(thrown) is stopped, thrown or "not thrown"

    def _stays(self) -> Proof:
        thrown = self.desk.stack.switch.thrown()
        answer = f"it stays: {thrown}" if thrown else "somebody released it before us"
        return Proof("the switch is released", holds=False, answer=answer, seconds=0.0)

    def _from(self, at: datetime) -> Watch:
        return Watch(at, self.desk.clock, self.desk.pause)


def drill(desk: Desk) -> int:
    """The table of what was proven, and of what was not. Whatever happens in between, it is released at the end."""
    _refuse_where_it_would_do_harm(desk)
    lock = lockdown_of(desk.stack)
    asked = tuple(questions(desk.stack, lock.roles))
    exercise = Drill(desk, lock, asked, f"a drill, since {desk.clock():%H:%M:%S} UTC; it ends by itself")
    proofs: list[Proof] = []
    try:
        _collect(desk, proofs, exercise.throw)
    finally:
        _collect(desk, proofs, exercise.release)
    _table(desk, proofs)
    failed = [proof for proof in proofs if not proof.holds]
    if failed:
        desk.out.print(plain(f"{len(failed)} of {len(proofs)} did not hold. Look with: ./watchkeeper status", "bold red"))
        return NO
    desk.out.print(plain(f"All {len(proofs)} hold: stopped, nothing could act; released, as before.", "green"))
    return DONE


def _refuse_where_it_would_do_harm(desk: Desk) -> None:
    if not deployed(desk.stack):
        raise Trouble("there is nothing to drill", OLDER, code=CANNOT)
    if is_spoke(desk.stack):
        raise Trouble("there is nothing to drill", SPOKE, "drill from the hub's account", CANNOT)
    layers = layers_of(desk.stack)
    stands = layers.word or layers.disagree or layers.fault
    if stands:
        raise Trouble(f"no drill now: {stands}", "a drill ends with a release, and that stop is not its own", "./watchkeeper status", NO)
    busy = running(desk.stack)
    if busy:
        raise Trouble(f"no drill now: {'; '.join(busy)}", "a drill would stop it half-way", "wait until it has ended, then again", NO)


def _collect(desk: Desk, proofs: list[Proof], part: Callable[[], Iterator[Proof]]) -> None:
    for proof in part():
        proofs.append(proof)
        desk.out.print(plain(f"{'holds ' if proof.holds else 'FAILS '} {proof.says}", "green" if proof.holds else "bold red"))


def _table(desk: Desk, proofs: list[Proof]) -> None:
    table = columns("what", "holds", "after", "answer")
    for proof in proofs:
        table.add_row(plain(proof.says), plain("yes" if proof.holds else "NO"), plain(f"{proof.seconds:.1f} s"), plain(proof.answer))
    desk.out.print(table)


COMMANDS = (Command("drill", "throw the kill switch, prove that nothing could act, release it", drill),)
