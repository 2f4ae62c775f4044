"""The sources: a file each in this folder, found by looking. To add one is to add its file and its sample under events/.

The file of one that comes through the HTTP door says no more than this:

    @source(
        "acme",
        samples=("events/acme-firing.json", "events/acme-resolved.json"),
        proof=Hmac("X-Acme-Signature", prefix="sha256="),
        vendor="Acme Alerts",
        docs="https://docs.acme.example/webhooks",
    )
    def read_acme(body: Body, received: Received) -> Iterator[Alert]: ...
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import reception.sources as here
from reception.fields import Body
from reception.resources import Place
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from reception.proofs import Proof  # comes with the first source, and a batch that wakes us pays for no more


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
Handshake = Callable[[Body, Mapping[str, str]], dict[str, Any] | None]
R = TypeVar("R", bound=Reader)


@dataclass(frozen=True)
class Source:
    """One kind of sender.

    `recognises` says whether a body of the intake queue is this source's; none where it only comes through the HTTP door.
    `proof` is what a request at the door has to prove itself with; none where this source has no door.
    `handshake` answers a vendor's ping or confirmation, which is no alert; none for any other body. It is asked after the proof.
    `passes_over` says in words what of this vendor is no alert; empty where every body is at least one.
    `sends_key` is False where the vendor cannot send the API's key, which meters and proves nothing: then the path needs none.
    """

    name: str
    read: Reader
    samples: tuple[str, ...]
    recognises: Recogniser | None = None
    proof: "Proof | None" = None
    handshake: Handshake | None = None
    vendor: str = ""
    docs: str = ""
    path: str = ""
    sends_key: bool = True
    passes_over: str = ""


_found: dict[str, Source] = {}


def source(
    name: str,
    *,
    samples: tuple[str, ...],
    recognises: Recogniser | None = None,
    proof: "Proof | None" = None,
    handshake: Handshake | None = None,
    vendor: str = "",
    docs: str = "",
    path: str = "",
    sends_key: bool = True,
    passes_over: str = "",
) -> Callable[[R], R]:
    """Registers the reader that it decorates under this name. Without a path it is /webhooks/<name>, or /keyless/<name>."""

    def register(read: R) -> R:
        at = path or f"/{'webhooks' if sends_key else 'keyless'}/{name}" if proof else ""
        _found[name] = Source(name, read, samples, recognises, proof, handshake, vendor, docs, at, sends_key, passes_over)
        return read

    return register


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its name."""
    for module in pkgutil.iter_modules(here.__path__):
        importlib.import_module(f"{here.__name__}.{module.name}")
    return dict(sorted(_found.items()))
