"""Where tests run in several processes: who runs what."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class OneStage(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test goes to whoever is free, but all that need the laptop stack go to one process: they share a stage and want a core.
    So do all that perform actions."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/actions/"):
            return "the theatre"
        return "the stage" if nodeid.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStage:
    return OneStage(config, log)
