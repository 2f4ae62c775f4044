"""The environment in one typed class for each Lambda; what is missing or wrong is named as the person sees it."""

import pytest

from watchkeeper.errors import Misconfigured
from watchkeeper.settings import AnalysisSettings, ReceptionSettings, RemediationSettings, Settings

STORE = {"INCIDENTS_TABLE": "incidents", "AUDIT_TABLE": "audit", "BUCKET": "bucket"}
RECEPTION = STORE | {"INTAKE_QUEUE_URL": "i", "ANALYSIS_QUEUE_URL": "a", "WEBHOOK_SECRET_ID": "w"}


def test_the_variable_of_a_field_is_its_name_in_capitals() -> None:
    settings = ReceptionSettings.from_env(RECEPTION | {"SETTLE_MINUTES": "5", "ENVIRONMENT": "production", "UNRELATED": "x"})
    assert (settings.incidents_table, settings.settle_minutes, settings.environment) == ("incidents", 5, "production")


def test_an_empty_variable_is_a_missing_one() -> None:
    assert ReceptionSettings.from_env(RECEPTION | {"SETTLE_MINUTES": ""}).settle_minutes == 10
    with pytest.raises(Misconfigured, match="INCIDENTS_TABLE: field required"):
        ReceptionSettings.from_env(RECEPTION | {"INCIDENTS_TABLE": ""})


def test_everything_that_is_missing_or_wrong_is_named_at_once() -> None:
    with pytest.raises(Misconfigured) as wrong:
        RemediationSettings.from_env({"BUCKET": "bucket", "APPROVAL_MINUTES": "soon"})
    said = " ".join(wrong.value.args)
    for name in ("RemediationSettings", "INCIDENTS_TABLE", "AUDIT_TABLE", "RUNBOOK_PREFIX", "APPROVAL_MINUTES"):
        assert name in said
    assert "BUCKET" not in said


def test_settings_do_not_change() -> None:
    settings = Settings.from_env({})
    with pytest.raises(ValueError, match="frozen"):
        settings.stack = "other"  # type: ignore[misc]  # that is the point


def test_without_an_argument_it_is_the_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "watchkeeper-test")
    assert Settings.from_env().stack == "watchkeeper-test"


def test_budgets_are_numbers() -> None:
    more = STORE | {"REMEDIATION_QUEUE_URL": "r", "ANALYSES_TABLE": "t", "BUDGET_PER_INCIDENT_USD": "0.25"}
    assert AnalysisSettings.from_env(more).budget_per_incident_usd == 0.25
