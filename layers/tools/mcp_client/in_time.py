"""Work in a thread of its own that is waited for only so long: what a hostile answer keeps busy is left to itself."""

import threading
from collections.abc import Callable
from typing import TypeVar

from mcp_client.errors import Down

T = TypeVar("T")


def in_time(work: Callable[[], T], seconds: float, late: str) -> T:
    """What `work` returns or raises; Down with the sentence `late` where it does not come back in time."""
    values: list[T] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            values.append(work())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread and raised there
            failures.append(error)
        done.set()

    threading.Thread(target=run, name="mcp", daemon=True).start()
    if not done.wait(max(0.0, seconds)):
        raise Down(late)
    if failures:
        raise failures[0]
    return values[0]
