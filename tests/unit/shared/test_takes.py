"""What an action says that it takes of an order is what it reads, and nothing else."""

import pytest

from watchkeeper.actions import built_in
from watchkeeper.actions.action import Action


class Asked(dict[str, object]):
    """What an order gives, which notes the names that are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, default: object = None) -> object:
        self.names.add(key)
        return default

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return False


@pytest.mark.parametrize("name", sorted(built_in()))
def test_the_page_of_an_action_shows_what_it_takes(name: str) -> None:
    action: Action = built_in()[name]
    module = __import__(action.parameters.__module__, fromlist=["__doc__"])
    text = f"{module.__doc__} {action.needs}"
    assert [word for word in action.takes if word not in text] == []


@pytest.mark.parametrize("name", sorted(name for name, action in built_in().items() if not action.takes))
def test_what_takes_nothing_asks_for_nothing(name: str) -> None:
    from tests.template.test_runbooks import STATES, TARGETS
    from watchkeeper.models import Resource

    action, asked = built_in()[name], Asked()
    target = Resource(type=action.target_type, id=TARGETS[action.target_type], trusted=True)
    action.parameters(target, STATES.get(name, {}), asked)
    assert asked.names == set()
