"""One emulated account for all actions; each test makes the resources that it needs, under names of its own."""

from collections.abc import Iterator

import pytest

from local.emulator import running
from local.places import EMULATOR_PYTHON
from tests.actions.theatre import Theatre


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    if not EMULATOR_PYTHON.exists():
        pytest.skip("the emulator is not installed: make test installs it")
    with running(port=0) as emulator:
        made = Theatre(emulator.account)
        yield made
        made.simulator.stop_all()
