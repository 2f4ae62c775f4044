"""Which log lines belong to the stack trace before them, where every line of it came as an event of its own."""

import re
from collections.abc import Sequence

from analysis.signals.stack_frames import LONGEST_LINE, frame_of

BEGINS_A_FRAME = re.compile(r"^(?:\s|at |File |from |/\S+\.go:\d)")
PART = re.compile(
    r"^\s*(?:Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|goroutine \d+ \[|created by |\[signal |---> |--- End of |"
    r"During handling of the above|The above exception was|\[Previous line repeated|[\^~]+\s*$|$)"
)
GO_CALL = re.compile(r"^[\w./-]+(?:\.\(\*?\w+\))?\.[\w.-]+\(.*\)$")
GOROUTINE = re.compile(r"^goroutine \d+ \[")
INDENTED = re.compile(r"^\s+\S")


def runs_on(line: str, trace: Sequence[str]) -> bool:
    """Whether the line goes on with this trace, of which the first line is an error and the others have run on before.

    What a program says of itself begins at the first column and is no frame, so it ends the trace.
    """
    line, last = line[:LONGEST_LINE].rstrip("\n"), trace[-1][:LONGEST_LINE]
    if PART.match(line):
        return True
    if BEGINS_A_FRAME.match(line) and frame_of(line, last):
        return True
    if INDENTED.match(line):  # the line of source below a frame
        return len(trace) > 1 and frame_of(last) is not None
    return bool(GO_CALL.match(line)) and any(GOROUTINE.match(one) for one in trace)
