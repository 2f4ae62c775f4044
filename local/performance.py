"""One performance: all stories played, told, checked, and what went wrong shown where it can be read."""

import sys
import time
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from local import play, verdict
from local.deploy import STACK
from local.options import Options
from local.places import NotReady
from local.play import Ending
from local.showing import Teller
from local.stage import Stage, raised

GOOD, BAD = 0, 1
LOG_LINES = 15
WIDE = 160
ROUTINE = ("START ", "END ", "REPORT ", "INIT_START", '{"_aws"')


def perform(told: Options) -> int:
    """Zero when everything happened that should; what did not happen is named."""
    teller = Teller(Console(width=None if sys.stdout.isatty() else WIDE))
    teller.say(f"Watchkeeper on this machine. {told.reasoner.value[0].upper()}{told.reasoner.value[1:]}.", "bold")
    try:
        with raised(told, teller.step) as stage:
            return _on_stage(stage, teller, told)
    except NotReady as error:
        teller.say(f"The demo cannot go on: {error}", "red")
    except (ClientError, BotoCoreError) as error:
        teller.say(f"The demo cannot go on: {error}. The emulator's log is the newest .work/emulator-*.log.", "red")
    return BAD


def _on_stage(stage: Stage, teller: Teller, told: Options) -> int:
    teller.step("checkout-1 runs out of processor time; the tasks of storefront die; those of recommender are killed")
    teller.step("orders-db runs out of connections after a deployment; the certificate of www.example.com is not renewed")
    endings = play.play(stage, teller.heard)
    for ending in endings:
        teller.story(ending, stage)
    checks = verdict.judge(stage, endings)
    teller.checks(checks)
    failed = [check for check in checks if not check.ok]
    for ending in (ending for ending in endings if ending.unfinished):
        _show_log(stage, teller, ending)
    teller.say(f"\nWhat Slack, Jira and the mailbox got: {stage.standins.url}", "bold")
    if failed:
        teller.say(f"{len(failed)} of {len(checks)} steps did not happen: " + "; ".join(check.step for check in failed), "red")
    else:
        teller.say(f"All {len(checks)} steps happened.", "green")
    if not told.once:
        teller.say("It stays up until you press Ctrl-C.")
        _wait_for_ever()
    return BAD if failed else GOOD


def _show_log(stage: Stage, teller: Teller, ending: Ending) -> None:
    """The end of the log of the function that most likely knows why."""
    function = f"{STACK}-{play.culprit(ending)}"
    try:
        events = stage.stack.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    except (ClientError, BotoCoreError) as error:
        teller.log_tail(function, [f"cannot be read: {error}"])
        return
    lines = [line for event in events for line in event["message"].splitlines() if not line.startswith(ROUTINE)]
    teller.log_tail(function, lines[-LOG_LINES:] or ["nothing was logged"])


def _wait_for_ever() -> NoReturn:
    while True:
        time.sleep(3600)
