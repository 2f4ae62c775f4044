"""`python -m local.demo`: the whole stack on this machine, and nine incidents played through it."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from local import options

STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """What the performance comes to; 130 when somebody stopped it. Either way nothing of it is left."""
    told = options.read(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _stop)
    try:
        from local.performance import perform  # here, so that Ctrl-C while all of it loads ends as quietly as later

        return perform(told)
    except KeyboardInterrupt:
        print("\nStopped. Everything that was started is ended.")
        return STOPPED


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
