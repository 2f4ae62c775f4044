"""How things look on a terminal. What others wrote is shown as it is: it cannot colour, link or move anything."""

from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from watchkeeper.models import Severity, Status

STATUS_STYLE = {
    Status.OPEN: "bold red",
    Status.INVESTIGATING: "yellow",
    Status.AWAITING_APPROVAL: "bold magenta",
    Status.REMEDIATING: "yellow",
    Status.VERIFYING: "cyan",
    Status.RESOLVED: "green",
    Status.ESCALATED: "bold red",
    Status.SUPPRESSED: "dim",
}
SEVERITY_STYLE = {Severity.SEV1: "bold red", Severity.SEV2: "red", Severity.SEV3: "yellow", Severity.SEV4: "dim"}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def plain(words: object, style: str = "") -> Text:
    """Text without markup, and without the characters that would command a terminal."""
    return Text("".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in str(words)), style=style)


def status(value: Status) -> Text:
    return plain(value.value.replace("_", " "), STATUS_STYLE[value])


def severity(value: Severity) -> Text:
    return plain(value.value, SEVERITY_STYLE[value])


def span(time: timedelta) -> str:
    """As people say it, in its two largest units: 3d4h, 12m5s, 0s."""
    left, said = max(0, int(time.total_seconds())), []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            said.append(f"{count}{unit}")
    return "".join(said[:2]) or "0s"


def clock(at: datetime) -> str:
    return at.strftime("%H:%M:%S")


def columns(*names: str) -> Table:
    """A table without lines."""
    table = Table(*names, box=None, pad_edge=False, header_style="bold dim", show_header=any(names))
    table.expand = False
    return table
