"""The kill switch: one word stops every action, whatever the orders say. It is thrown in two layers, so that neither has to be trusted."""

from argparse import ArgumentParser
from collections import Counter

from rich.text import Text

from cli.command import Command, Desk
from cli.screen import plain
from cli.stopping import FAULTS, OLDER, SPOKE, Layers, deployed, in_a_line, is_spoke, layers_of, lockdown_of
from cli.trouble import DONE, NO

LOOKED_AT = 100
GOOD, BAD, WARNING = "green", "bold red", "yellow"


def stop_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--why", required=True, help="one sentence that everyone will read")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who stops it (else: the AWS identity)")


def stop(desk: Desk) -> int:
    """First the word that the gate reads, then the policy. Each is tried, whatever became of the other."""
    word, iam = _throw(desk), _lock(desk)
    if word and iam:
        desk.out.print(plain("Stopped. Nothing will be done until: ./watchkeeper go", BAD))
        return DONE
    desk.out.print(
        plain(f"Stopped {'in part' if word or iam else 'NOT AT ALL'}. What is told above has to be mended, then: stop again.", BAD)
    )
    return NO


def go(desk: Desk) -> int:
    """First IAM: as long as the switch is thrown the gate refuses, so nothing is claimed that IAM would not let start."""
    if not deployed(desk.stack):
        desk.out.print(plain(f"IAM: {OLDER}", WARNING))
    elif not _unlock(desk):
        desk.out.print(plain("The switch stays thrown, so that nothing half-works. Mend it, then again: ./watchkeeper go", BAD))
        return NO
    if not is_spoke(desk.stack):
        desk.stack.switch.release()
    desk.out.print(plain("Actions may run again, as the standing orders say.", GOOD))
    return DONE


def status(desk: Desk) -> int:
    layers = layers_of(desk.stack)
    desk.out.print(plain(f"Actions: {SPOKE}") if layers.alone else _word(layers.word))
    desk.out.print(plain(f"IAM: {_iam_stands(layers)}", WARNING if layers.fault else ""))
    if layers.disagree:
        desk.out.print(plain(f"The two layers disagree: {layers.disagree}", BAD))
    if not layers.alone:
        _count(desk)
    return NO if layers.disagree else DONE


def _word(thrown: str) -> Text:
    return plain(f"Actions: stopped, {thrown}", "red") if thrown else plain("Actions: may run, as the standing orders say", GOOD)


def _count(desk: Desk) -> None:
    newest = desk.stack.incidents.recent(LOOKED_AT)
    counts = Counter(incident.status for incident in newest)
    said = ", ".join(f"{count} {name.value.replace('_', ' ')}" for name, count in counts.most_common())
    desk.out.print(plain(f"Incidents: {said or 'none'}{f' (of the newest {LOOKED_AT})' if len(newest) == LOOKED_AT else ''}"))


def _iam_stands(layers: Layers) -> str:
    if layers.fault:
        return layers.fault
    every = len(layers.roles)
    shut = every - len(layers.open)
    return {0: f"lets all {every} roles act", every: f"denies all {every} roles"}.get(shut, f"denies {shut} of {every} roles")


def _throw(desk: Desk) -> bool:
    if is_spoke(desk.stack):
        desk.out.print(plain(f"The switch: {SPOKE}."))
        return True
    try:
        desk.stack.switch.throw(desk.said.who or _who(desk), desk.said.why)
    except FAULTS as error:
        desk.out.print(plain(f"The switch: NOT thrown: {in_a_line(error)}", BAD))
        return False
    desk.out.print(plain("The switch: thrown. The gate refuses everything from now on.", GOOD))
    return True


def _who(desk: Desk) -> str:
    """Stopping does not wait for a name."""
    try:
        return desk.stack.who()
    except FAULTS:
        return "somebody whom AWS could not name"


def _lock(desk: Desk) -> bool:
    if not deployed(desk.stack):
        desk.out.print(plain(f"IAM: {OLDER}", BAD))
        return False
    try:
        lock = lockdown_of(desk.stack)
    except FAULTS as error:
        desk.out.print(plain(f"IAM: NOT denied, its roles cannot be listed: {in_a_line(error)}", BAD))
        return False
    failures = lock.down()
    done = len(lock.roles) - len(failures)
    says = "Nothing starts, and what runs is refused its next call, as soon as IAM has told all its servers (seconds)."
    desk.out.print(
        plain(f"IAM: {done} of {len(lock.roles)} roles are denied. {says if not failures else ''}", GOOD if not failures else BAD)
    )
    return _told(desk, failures, "iam:AttachRolePolicy")


def _unlock(desk: Desk) -> bool:
    lock = lockdown_of(desk.stack)
    failures = lock.up()
    free = len(lock.roles) - len(failures)
    desk.out.print(plain(f"IAM: {free} of {len(lock.roles)} roles may act again.", GOOD if not failures else BAD))
    return _told(desk, failures, "iam:DetachRolePolicy")


def _told(desk: Desk, failures: list[str], permission: str) -> bool:
    for failure in failures:
        desk.out.print(plain(f"  failed  {failure}", BAD))
    if failures:
        desk.out.print(plain(f"  To do: try again, or with a profile that has {permission} on these roles (--profile)"))
    return not failures


COMMANDS = (
    Command(
        "stop",
        "throw the kill switch, in the stack and in IAM: no action runs, and what runs is refused its next call",
        stop,
        stop_arguments,
    ),
    Command("go", "release the kill switch", go),
    Command("status", "say whether actions may run, by the switch and by IAM, and how many incidents are in which state", status),
)
