"""The sources: a file each in this folder, found by looking. To add one is to add its file and its sample under events/."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar

import reception.sources as here
from reception.fields import Body
from reception.resources import Place
from watchkeeper.models import Alert


@dataclass(frozen=True)
class Received:
    """What is known of a delivery besides its body. `at` stays the same when it is delivered again."""

    at: datetime
    home: Place
    door: str = "queue"


@dataclass(frozen=True)
class AutomationChanged:
    """Not an alert: an automation that one of our incidents may be waiting for has something new."""

    execution_id: str
    status: str
    at: datetime


Reading = Alert | AutomationChanged
Reader = Callable[[Body, Received], Iterable[Reading]]
Recogniser = Callable[[Body], bool]
R = TypeVar("R", bound=Reader)
Verifier = Callable[[bytes, Mapping[str, str], Sequence[str], datetime], datetime]


@dataclass(frozen=True)
class Source:
    """One kind of sender.

    `recognises` says whether a body of the intake queue is this source's; none where it only comes through the HTTP door.
    `verify` proves a request at the door and gives the time to judge it by; none where this source has no door.
    """

    name: str
    read: Reader
    samples: tuple[str, ...]
    recognises: Recogniser | None = None
    verify: Verifier | None = None


_found: dict[str, Source] = {}


def source(
    name: str, *, samples: tuple[str, ...], recognises: Recogniser | None = None, verify: Verifier | None = None
) -> Callable[[R], R]:
    """Registers the reader that it decorates under this name."""

    def register(read: R) -> R:
        _found[name] = Source(name, read, samples, recognises, verify)
        return read

    return register


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its name."""
    for module in pkgutil.iter_modules(here.__path__):
        importlib.import_module(f"{here.__name__}.{module.name}")
    return dict(sorted(_found.items()))
