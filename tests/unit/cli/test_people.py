"""Who may answer is listed; a token is made for one of them, and taken away, without touching anybody else's."""

import json

import pytest

from tests.unit.cli.conftest import Terminal

SIGNING = {"slack_signing_secret": "s", "api_token_grace": "grace's", "api_token_ada_previous": "older"}


@pytest.fixture
def store(terminal: Terminal) -> Terminal:
    made = terminal.stack.client("secretsmanager").create_secret(Name="ConsoleSecret", SecretString=json.dumps(SIGNING))
    terminal.stack.outputs = {**terminal.stack.outputs, "ConsoleSecretArn": made["ARN"]}
    return terminal


def stored(terminal: Terminal) -> dict[str, str]:
    return terminal.stack.secret("ConsoleSecretArn")


def test_everybody_is_listed_with_where_they_answer_from(store: Terminal) -> None:
    assert store.run("people") == 0
    lines = {line.split()[0]: line for line in store.out.splitlines()}
    assert ("approver" in lines["ada"], "the API" in lines["ada"], "Slack" in lines["ada"]) == (True, False, True)
    assert ("admin" in lines["grace"], "the API" in lines["grace"]) == (True, True)


def test_without_such_a_stack_the_file_is_shown_all_the_same(terminal: Terminal) -> None:
    assert terminal.run("people") == 0
    assert "not known" in terminal.out


def test_a_token_is_made_shown_once_and_replaces_the_one_before(store: Terminal) -> None:
    tokens = []
    for _ in range(2):
        assert store.run("people", "ada", "--token") == 0
        tokens.append(stored(store)["api_token_ada"])
        assert tokens[-1] in store.out
    assert len(set(tokens)) == 2
    assert all(len(token) >= 32 for token in tokens)
    assert stored(store) == {"slack_signing_secret": "s", "api_token_grace": "grace's", "api_token_ada": tokens[-1]}
    assert store.run("people") == 0
    assert not [token for token in tokens if token in store.out]


def test_a_token_is_taken_away_even_of_who_has_left(store: Terminal) -> None:
    assert store.run("people", "grace", "--retire") == 0
    assert stored(store) == {name: value for name, value in SIGNING.items() if name != "api_token_grace"}
    assert store.run("people", "gone", "--retire") == 1


@pytest.mark.parametrize("arguments", [("mallory", "--token"), ("mallory",)])
def test_nobody_else_gets_one(store: Terminal, arguments: tuple[str, ...]) -> None:
    assert store.run("people", *arguments) == 1
    assert stored(store) == SIGNING


def test_a_token_is_somebodys(store: Terminal) -> None:
    assert store.run("people", "--token") == 2
