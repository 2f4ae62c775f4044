"""What a monitoring agent does: a point now and then, from a thread of its own."""

import threading
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from local.world.patient import Patient

BEAT_SECONDS = 0.4


class Workload:
    """Beats for every patient while it is entered. A point that could not be published is just not there, as in life."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        self._patients, self._over = patients, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="workload")

    def __enter__(self) -> "Workload":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            for patient in self._patients:
                try:
                    patient.beat()
                except (ClientError, BotoCoreError):
                    continue
