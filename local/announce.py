"""Tells `./watchkeeper` where the laptop stack is, in .work/stack.json, for as long as a `with` lasts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.aws import REGION
from local.deploy import Stack
from local.places import WORK

PLACE = WORK / "stack.json"


@contextmanager
def announced(stack: Stack, place: Path = PLACE) -> Iterator[None]:
    """The last stack that was started is the one that is found. Only our own announcement is taken back."""
    who = stack.account.credentials
    said = json.dumps(
        {
            "endpoint_url": stack.account.url,
            "region": REGION,
            "access_key_id": who.key,
            "secret_access_key": who.secret,
            "outputs": {**stack.outputs, "ApiUrl": stack.api_url},
        },
        indent=2,
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(said)
    try:
        yield
    finally:
        if place.is_file() and place.read_text() == said:
            place.unlink()
