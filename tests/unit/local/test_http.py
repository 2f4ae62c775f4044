"""The server that all stand-ins share."""

import json
import urllib.error
import urllib.request

import pytest

from local.standins.http import Reply, Request, Server


def _echo(request: Request) -> Reply:
    return Reply(
        200, {"path": request.path, "query": request.query, "body": request.body.decode(), "header": request.headers.get("x-a", "")}
    )


def _broken(_: Request) -> Reply:
    raise ValueError("mine")


def _open(url: str, body: bytes | None = None) -> dict[str, object]:
    asked = urllib.request.Request(url, body, {"X-A": "1"})  # noqa: S310 - our own server's address
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - the same
        found: dict[str, object] = json.load(answer)
    return found


def test_a_stand_in_sees_its_own_path_and_everything_else_as_it_came() -> None:
    with Server({"slack": _echo}) as server:
        assert _open(f"{server.url}/slack/api/x?a=1&b=", b"hello") == {
            "path": "/api/x",
            "query": {"a": "1", "b": ""},
            "body": "hello",
            "header": "1",
        }


def test_what_nobody_answers_for_goes_to_the_one_without_a_name() -> None:
    with Server({"": _echo}) as server:
        assert _open(f"{server.url}/any/where")["path"] == "/any/where"


@pytest.mark.parametrize(("path", "status"), [("nobody/x", 404), ("broken/x", 500)])
def test_a_mistake_is_answered_and_not_a_cut_connection(path: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with Server({"broken": _broken}) as server, pytest.raises(urllib.error.HTTPError) as error:
        _open(f"{server.url}/{path}")
    assert error.value.code == status
    error.value.close()
    assert ("ValueError: mine" in capsys.readouterr().err) == (status == 500)
