"""lambda-custom, performed with functions of the emulated account that are registered as actions."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.functions import a_function
from tests.actions.theatre import Theatre
from tests.fakes.template import ROOT
from watchkeeper.actions import built_in, catalogue
from watchkeeper.actions.lambda_custom import ARGUMENTS
from watchkeeper.custom_actions import CustomAction, CustomActions, entries, read_custom_actions
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Resource

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
SERVICE = Resource(type="ecs:service", id="shop/storefront", trusted=True)
WARM: dict[str, Any] = {
    "name": "warm-cache",
    "function": f"{ARN}:warm-cache:live",
    "target_type": "ecs:service",
    "parameters": {"size": "^[1-9][0-9]{0,3}$"},
    "risk": "low",
    "says": "Warm the cache",
    "expected_effect": "The cache is warm.",
    "helps_with": ["timeouts"],
    "why_irreversible": "a warm cache needs no cooling",
}
ECHO = "def h(event, context): return event"
BREAKS = "def h(event, context): raise RuntimeError('no room in the cache')"


def registered(**but: Any) -> CustomAction:
    return CustomAction.model_validate({**WARM, **but})


def invoke(theatre: Theatre, one: CustomAction, given: dict[str, Any]) -> tuple[str, str, dict[str, list[str]]]:
    """Its runbook, run as a plan would: how it ended, why, and what it tells."""
    parameters = one.entry.parameters(SERVICE, {}, given).for_runbook()
    execution = theatre.execute(one.entry.document, parameters)
    return execution.status, execution.failure, execution.outputs


def with_alias(theatre: Theatre, name: str, source: str, **but: Any) -> CustomAction:
    a_function(theatre, name, source=source, **but)
    theatre.client("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return registered(function=f"{ARN}:{name}:live")


def test_it_invokes_the_function_once_with_all_that_it_needs_and_no_more(theatre: Theatre) -> None:
    status, failure, outputs = invoke(theatre, with_alias(theatre, "warm-cache", ECHO), {"size": "200"})
    assert (status, failure) == ("Success", "")
    sent = json.loads(outputs["invoke.Answer"][0])
    token = sent.pop("token")
    assert sent == {"action": "warm-cache", "target": {"type": "ecs:service", "id": "shop/storefront"}, "arguments": {"size": "200"}}
    assert re.fullmatch(r"[0-9a-f-]{36}", token)
    assert outputs["invoke.Version"] == ["1"]
    assert [call.api for call in theatre.simulator.journal.effects if call.parameters.get("Token") == token] == ["invoke_registered"]


def test_a_function_that_fails_is_a_runbook_that_fails(theatre: Theatre) -> None:
    status, failure, _ = invoke(theatre, with_alias(theatre, "breaks", BREAKS), {"size": "1"})
    assert status == "Failed"
    assert "the function failed" in failure
    assert "no room in the cache" in failure


def test_a_function_without_the_tag_is_not_invoked(theatre: Theatre) -> None:
    status, failure, outputs = invoke(theatre, with_alias(theatre, "not-an-action", ECHO, tags={}), {"size": "1"})
    assert (status, outputs["invoke.Answer"]) == ("Failed", [])
    assert "AutoRemediate=true" in failure


def test_a_lost_answer_is_told_and_not_tried_again(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("invoke", How.FAIL_AFTER, "lambda-custom", "the answer was lost"))
    known = len(theatre.simulator.journal.effects)
    status, failure, _ = invoke(theatre, with_alias(theatre, "once", ECHO), {"size": "1"})
    assert (status, len(theatre.simulator.journal.effects) - known) == ("Failed", 1)
    assert "the answer was lost" in failure


@pytest.mark.parametrize(
    "given",
    [{}, {"size": "0"}, {"size": 5}, {"size": "5\n"}, {"size": "5", "more": "1"}, {"more": "1"}],
)
def test_only_what_its_patterns_say_goes_in(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="size"):
        registered().entry.parameters(SERVICE, {}, given)


@pytest.mark.parametrize("value", ['a"b', "a\\b", "{{ global:REGION }}", "ü", "a\nb", "x" * 201])
def test_no_pattern_of_the_teams_lets_in_what_is_no_value(value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        registered(parameters={"size": "^(?s:.*)$"}).entry.parameters(SERVICE, {}, {"size": value})


def test_the_runbook_holds_arguments_to_the_same() -> None:
    assert re.fullmatch(ARGUMENTS, "{}")
    assert re.fullmatch(ARGUMENTS, '{"a": "1", "b": "two [words]; and more"}')
    assert not re.fullmatch(ARGUMENTS, '{"a": {"b": "c"}}')


@pytest.mark.parametrize("id_", ["shop/storefront; rm", "", "shop\nfront", "{{ global:REGION }}", "*"])
def test_a_target_that_is_no_name_is_refused(id_: str) -> None:
    with pytest.raises(ValueError, match="target_id"):
        registered().entry.parameters(SERVICE.but(id=id_), {}, {"size": "1"})


def test_an_entry_says_what_was_registered() -> None:
    entry = registered(seconds=30).entry
    assert (entry.name, entry.document, entry.risk, entry.reversible) == ("warm-cache", "lambda-custom", "low", False)
    assert entry.why_irreversible == "a warm cache needs no cooling"
    assert entry.parameters(SERVICE, {}, {"size": "1"}).for_runbook()["Seconds"] == ["30"]
    assert f"it runs {ARN}:warm-cache:live" in entry.needs


@pytest.mark.parametrize(
    ("but", "why"),
    [
        ({"function": f"{ARN}:warm-cache"}, "function"),
        ({"function": f"{ARN}:warm-cache:$LATEST"}, "function"),
        ({"function": "warm-cache"}, "function"),
        ({"name": "Warm Cache"}, "name"),
        ({"parameters": {"size": "[0-9]+"}}, "begins with"),
        ({"parameters": {"size": "^[0-9$"}}, "no pattern"),
        ({"parameters": {"Size": "^1$"}}, "parameters"),
        ({"why_irreversible": ""}, "takes it back"),
        ({"inverse": "cool it"}, "takes it back"),
        ({"seconds": 541}, "seconds"),
        ({"risk": "none"}, "risk"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_registration_is_strict(but: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        registered(**but)


@pytest.mark.parametrize("name", ["ec2-restart", "lambda-custom"])
def test_a_registered_name_shadows_none_of_ours(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} is taken"):
        entries(CustomActions(actions=(registered(name=name),)), built_in())


def test_no_name_is_registered_twice() -> None:
    with pytest.raises(Misconfigured, match="warm-cache is taken"):
        entries(CustomActions(actions=(registered(), registered())), {})


def test_the_catalogue_has_what_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchkeeper import custom_actions

    (tmp_path / "standing-orders.yaml").write_text("orders: []")
    (tmp_path / "custom-actions.yaml").write_text(json.dumps({"actions": [WARM]}))
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(tmp_path))
    custom_actions.custom_actions.cache_clear()
    catalogue.cache_clear()
    try:
        assert catalogue()["warm-cache"].says == "Warm the cache"
        assert set(catalogue()) == {*built_in(), "warm-cache"}
        assert "lambda-custom" not in catalogue()
    finally:
        custom_actions.custom_actions.cache_clear()
        catalogue.cache_clear()


def test_the_file_that_ships_registers_nothing_and_its_example_is_right() -> None:
    text = (ROOT / "config" / "custom-actions.yaml").read_text()
    assert read_custom_actions(ROOT / "config") == CustomActions()
    lines = [line.removeprefix("#") for line in text.splitlines() if line.startswith("#  ")]
    import yaml

    [example] = yaml.safe_load("\n".join(lines))
    assert CustomAction.model_validate(example).name == "warm-cache"


def test_a_folder_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_custom_actions(tmp_path) == CustomActions()
