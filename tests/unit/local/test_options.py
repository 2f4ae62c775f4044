"""The demo's command line."""

import pytest

from local.options import Reasoner, read


@pytest.mark.parametrize(
    ("arguments", "environment", "once", "iam"),
    [
        pytest.param([], {}, False, False, id="nothing said"),
        pytest.param(["--once"], {}, True, False, id="by the command line"),
        pytest.param([], {"ONCE": "1", "IAM": "1"}, True, True, id="by make"),
        pytest.param([], {"ONCE": "0", "IAM": ""}, False, False, id="make says no"),
    ],
)
def test_once_and_iam(arguments: list[str], environment: dict[str, str], once: bool, iam: bool) -> None:
    told = read(arguments, environment)
    assert (told.once, told.iam) == (once, iam)


@pytest.mark.parametrize(
    ("arguments", "environment", "reasoner"),
    [
        pytest.param([], {}, Reasoner.DETERMINISTIC, id="no key"),
        pytest.param([], {"ANTHROPIC_API_KEY": "k"}, Reasoner.CLAUDE, id="a key"),
        pytest.param(["--claude-standin"], {"ANTHROPIC_API_KEY": "k"}, Reasoner.STAND_IN, id="the stand-in is asked for"),
    ],
)
def test_who_reasons_is_said(arguments: list[str], environment: dict[str, str], reasoner: Reasoner) -> None:
    assert read(arguments, environment).reasoner is reasoner
