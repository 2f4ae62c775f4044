"""One stage for every test that only looks or adds: raised once, all stories played and looked at, taken down at the end."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from local import options, play
from local.check import Check
from local.places import EMULATOR_PYTHON, NotReady
from local.play import Ending
from local.stage import Stage, raised
from local.verdict import judge


@dataclass(frozen=True)
class Played:
    """The stage after all stories, how they ended, and what was checked right then."""

    stage: Stage
    endings: list[Ending]
    checks: list[Check]
    heard: list[str]
    page: str


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    if not EMULATOR_PYTHON.exists():
        pytest.skip("the emulator is not installed: make test installs it")
    said: list[str] = []
    try:
        with raised(options.read(["--once", "--port", "0"], {}), said.append) as stage:
            heard: list[str] = []
            endings = play.play(stage, lambda _name, record: heard.append(record.kind))
            with direct() as session:
                page = session.get(stage.standins.url, timeout=10).text
            yield Played(stage, endings, judge(stage, endings), heard, page)
    except NotReady as error:
        pytest.fail(f"{error}; said before: {said}")


def direct() -> requests.Session:
    """Requests to this machine, past any proxy of it."""
    session = requests.Session()
    session.trust_env = False
    return session
