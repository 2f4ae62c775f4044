"""The sweeper's schedule, faster: on AWS it comes every few minutes, which is longer than anybody watches a story."""

import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import Account

BEAT_SECONDS = 5.0


class Metronome:
    """Wakes the sweeper again and again while it is entered. One that could not be woken is woken with the next beat, as on AWS."""

    def __init__(self, account: Account, function: str, every: float = BEAT_SECONDS) -> None:
        self._client: Any = account.client("lambda")
        self._every = every
        self._function, self._over = function, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="metronome")

    def __enter__(self) -> "Metronome":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=b"{}")
            except (ClientError, BotoCoreError):
                continue
