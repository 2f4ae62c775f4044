"""PagerDuty against a stand-in that refuses what PagerDuty refuses, over real HTTP: pages for our incidents, notes on theirs."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cli.team_faults import faults_in
from distribution.channels.pagerduty import incidents_there
from local.places import ROOT
from local.standins.http import Request
from local.standins.pagerduty import ACCEPT, PagerDutyAccount
from local.standins.pagerduty_incident import PdIncident
from tests.fakes.words import an_alert
from tests.unit.distribution.places import PAGER, PAGER_CREDENTIALS, House, house
from tests.unit.distribution.stories import HOSTILE, ID, Night
from watchkeeper.errors import ChannelDown, Throttled
from watchkeeper.models import AlertKind, DeliveryStatus, Row, Severity

WHOLE = ("opened", "analysing", "analysed", "remediating", "succeeded", "resolved")
TOKEN = PAGER_CREDENTIALS["pagerduty_api_token"]


class FromThere(Night):
    """The same night, begun by an incident of PagerDuty's."""

    def __init__(self, incidents: Any, *theirs: str, source: str = "pagerduty-action") -> None:
        super().__init__(incidents)
        self.theirs, self.source = theirs, source

    def opened(self) -> "Night":
        rows: list[Row] = [
            an_alert(source="pagerduty-action", fingerprint=f"fp-{one}", labels={"pagerduty_incident": one, "requested_action": "restart"})
            for one in self.theirs
        ]
        happened = [("incident.opened", "PagerDuty asks for restart.")]
        return self._step("reception", happened, rows=rows, source=self.source, alarm_name="checkout-cpu-high")


@contextmanager
def paged(credentials: dict[str, str] | None = None, **where: Any) -> Iterator[House]:
    channel = PAGER.but(where=where)
    with house(channel, credentials=PAGER_CREDENTIALS if credentials is None else credentials) as home:
        yield home


@contextmanager
def noted(theirs: int = 1, source: str = "pagerduty-action") -> Iterator[tuple[House, list[PdIncident]]]:
    with paged() as home:
        incidents = [home.pagerduty.open("Orders wait longer than five minutes", "checkout") for _ in range(theirs)]
        home.night = FromThere(home.incidents, *(one.id for one in incidents), source=source)
        yield home, incidents


def lived(home: House, *steps: str) -> None:
    for step in steps:
        getattr(home.night, step)()
        assert home.tell() == []


def told(incident: PdIncident) -> list[str]:
    return [one.content.partition(" (")[0] for one in incident.notes]


def actions(incident: PdIncident) -> list[str]:
    return [event["event_action"] for event in incident.events]


def test_our_incident_is_raised_once_and_resolved_under_its_own_id() -> None:
    with paged() as home:
        lived(home, *WHOLE)
        [raised] = home.pagerduty.incidents
        assert (raised.key, raised.status, actions(raised)) == (ID, "resolved", ["trigger", "resolve"])
        payload = raised.events[0]["payload"]
        assert (payload["severity"], payload["source"], payload["component"]) == ("error", "i-0123456789abcdef0", "checkout")
        assert payload["custom_details"]["incident"] == ID
        assert (raised.notes, home.delivery(PAGER).status) == ([], DeliveryStatus.PAID)


@pytest.mark.parametrize(
    ("severity", "word"), [(Severity.SEV1, "critical"), (Severity.SEV2, "error"), (Severity.SEV3, "warning"), (Severity.SEV4, "info")]
)
def test_every_severity_has_pagerdutys_word(severity: Severity, word: str) -> None:
    with paged() as home:
        home.night._step("reception", [("incident.opened", "It opened.")], severity=severity)
        assert home.tell() == []
        assert home.pagerduty.incidents[0].events[0]["payload"]["severity"] == word


def test_what_is_over_before_it_could_be_told_pages_nobody() -> None:
    with paged() as home:
        home.night.opened().analysing().analysed().remediating().succeeded().resolved()
        assert home.tell() == []
        assert (home.pagerduty.incidents, home.delivery(PAGER).status) == ([], DeliveryStatus.PAID)
        home.night.reopened()
        assert home.tell() == []
        [raised] = home.pagerduty.incidents
        assert actions(raised) == ["trigger"]
        assert raised.title.startswith("It fires again: SEV2 checkout")


def test_what_led_to_the_end_is_left_out_when_the_end_is_there() -> None:
    with paged() as home:
        lived(home, "opened")
        home.night.analysing().analysed().asked().resolved()
        assert home.tell() == []
        assert actions(home.pagerduty.incidents[0]) == ["trigger", "resolve"]
        assert {record.seq for record in home.night.story.history if record.kind == "approval.asked"} <= set(home.delivery(PAGER).said)


def test_a_decision_and_a_takeover_are_told_to_whoever_was_paged() -> None:
    with paged() as home:
        lived(home, "opened", "analysing", "analysed", "asked")
        [raised] = home.pagerduty.incidents
        assert raised.events[-1]["payload"]["summary"].startswith("A decision is needed: SEV2 checkout: ")
        assert "Approve the plan before" in raised.events[-1]["payload"]["custom_details"]["do now"]
        lived(home, "failed")
        assert [one.key for one in home.pagerduty.incidents] == [ID]
        assert raised.events[-1]["payload"]["summary"].startswith("A person has to take over: ")
        assert raised.status == "triggered"


def test_a_takeover_after_somebody_has_agreed_pages_anew_and_the_end_resolves_both() -> None:
    """PagerDuty pages nobody about what is acknowledged, so the takeover is raised for itself."""
    with paged() as home:
        lived(home, "opened", "analysing", "analysed", "asked")
        home.night._step("person:ada", [("approval.given", "Ada Lovelace approved.")])
        assert home.tell() == []
        assert [one.status for one in home.pagerduty.incidents] == ["acknowledged"]
        lived(home, "remediating", "failed")
        assert [(one.key, one.status) for one in home.pagerduty.incidents] == [(ID, "acknowledged"), (f"{ID}/takeover", "triggered")]
        lived(home, "resolved")
        assert {one.status for one in home.pagerduty.incidents} == {"resolved"}


def test_no_machine_acknowledges_for_a_person() -> None:
    with paged() as home:
        lived(home, "opened", "analysing", "analysed", "remediating", "succeeded")
        assert [one.status for one in home.pagerduty.incidents] == ["triggered"]


def test_an_event_whose_answer_got_lost_makes_no_second_incident() -> None:
    with paged() as home:
        for step in WHOLE:
            getattr(home.night, step)()
            home.pagerduty.deaf = 1
            home.tell()
            home.settle(home.due(PAGER))
            home.pagerduty.deaf = 0
        assert [(one.key, one.status) for one in home.pagerduty.incidents] == [(ID, "resolved")]


@pytest.mark.parametrize("source", ["pagerduty", "pagerduty-action"])
def test_their_incident_has_a_note_for_each_moment_and_is_resolved_at_the_end(source: str) -> None:
    with noted(source=source) as (home, [theirs]):
        lived(home, *WHOLE)
        assert told(theirs) == ["What we found", "The runbook is running", "The runbook has ended well", "Resolved"]
        assert theirs.status == "resolved"
        assert (len(home.pagerduty.incidents), theirs.events) == (1, [])
        found, running, _, last = (one.content for one in theirs.notes)
        assert "Root cause: The checkout worker leaks memory" in found
        assert "Plan: Reboot the instance: i-0123456789abcdef0" in running
        assert "Proof: The alarm checkout-cpu-high went back to OK" in last
        assert {one.user for one in theirs.notes} == {"watchkeeper@example.com"}
        assert all(one.content.splitlines()[-1].startswith(f"Watchkeeper {ID}, moment ") for one in theirs.notes)


def test_their_incident_hears_when_it_did_not_help_and_stays_open() -> None:
    with noted() as (home, [theirs]):
        lived(home, "opened", "analysing", "analysed", "remediating", "failed")
        assert told(theirs) == ["What we found", "The runbook is running", "The runbook failed", "A person has to take over"]
        assert theirs.status == "triggered"
        assert "Do now: Take over" in theirs.notes[-1].content


def test_an_action_asked_for_on_an_incident_that_we_hold_already_is_answered_there_too() -> None:
    """Raised by us for the alarm, and noted where a person pressed the button."""
    with noted(source="cloudwatch") as (home, [theirs]):
        lived(home, *WHOLE)
        assert [(one.key, one.status) for one in home.pagerduty.incidents] == [("", "resolved"), (ID, "resolved")]
        assert len(theirs.notes) == 4


def test_every_incident_that_asked_is_told() -> None:
    with noted(theirs=2) as (home, incidents):
        lived(home, *WHOLE)
        assert [(len(one.notes), one.status) for one in incidents] == [(4, "resolved")] * 2


def test_a_note_whose_answer_got_lost_comes_once() -> None:
    with noted() as (home, [theirs]):
        for step in WHOLE:
            getattr(home.night, step)()
            home.pagerduty.deaf = 1
            home.tell()
            home.settle(home.due(PAGER))
            home.pagerduty.deaf = 0
        assert (told(theirs), theirs.status) == (
            ["What we found", "The runbook is running", "The runbook has ended well", "Resolved"], "resolved",
        )  # fmt: skip


class Died(BaseException):
    """The worker is gone in the middle of it."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("theirs", [0, 1])
def test_a_worker_that_dies_at_any_write_loses_nothing_and_says_nothing_twice(theirs: int, moment: str) -> None:
    for deadly in range(1, 12):
        with noted(theirs=theirs, source="pagerduty" if theirs else "cloudwatch") as (home, _):
            home.night.opened().analysing().analysed()
            left = [deadly]

            def die(left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] == 0:
                    raise Died

            setattr(home.incidents, moment, die)
            with suppress(Died):
                home.tell()
            setattr(home.incidents, moment, lambda: None)
            home.tell()
            home.settle(home.due(PAGER))
            [one] = home.pagerduty.incidents
            assert (len(one.notes), len({event["dedup_key"] for event in one.events})) == (theirs, 1 - theirs), deadly
            assert home.delivery(PAGER).status is DeliveryStatus.PAID


def test_an_incident_that_somebody_resolved_there_is_left_alone() -> None:
    with noted() as (home, [theirs]):
        lived(home, "opened")
        theirs.status = "resolved"
        lived(home, "resolved")
        assert not any(call.startswith("PUT") for call in home.pagerduty.calls)
        assert "by hand" not in theirs.notes[-1].content


def test_what_may_not_be_resolved_is_said_in_the_note() -> None:
    with noted() as (home, [theirs]):
        home.pagerduty.stubborn = "Your user may not resolve incidents of this team."
        lived(home, "opened", "resolved")
        assert theirs.notes[-1].content.startswith("Please resolve this incident by hand: PagerDuty refuses PUT /incidents/")
        assert "may not resolve incidents of this team" in theirs.notes[-1].content
        assert home.delivery(PAGER).status is DeliveryStatus.PAID


def test_only_pagerdutys_own_alerts_say_which_incident_it_is() -> None:
    """A label of that name may be in anything that somebody sends."""
    with noted(theirs=0) as (home, _):
        ids = {"generic": "QFORGED00001", "pagerduty": "Q0000000REAL", "pagerduty-action": "../../users"}
        alerts: list[Row] = [an_alert(source=source, fingerprint=source, labels={"pagerduty_incident": one}) for source, one in ids.items()]
        home.night._step("reception", [("incident.opened", "It opened.")], rows=alerts)
        assert incidents_there(home.night.story) == ("Q0000000REAL",)


def test_a_withdrawn_request_is_told_where_it_was_made() -> None:
    with noted(theirs=0) as (home, _):
        gone = an_alert(source="pagerduty-action", kind=AlertKind.RESOLVED, labels={"pagerduty_incident": "Q0000000REAL"})
        home.night._step("reception", [("incident.opened", "It opened.")], rows=[gone])
        assert incidents_there(home.night.story) == ("Q0000000REAL",)


@pytest.mark.parametrize("theirs", [0, 1])
def test_a_429_waits_until_the_window_ends_and_then_sends_once(theirs: int) -> None:
    with noted(theirs=theirs, source="pagerduty" if theirs else "cloudwatch") as (home, _):
        home.pagerduty.throttled = 1
        home.night.opened().analysing().analysed()
        assert [(type(error), error.retry_after) for error in home.tell()] == [(Throttled, 7.0)]
        assert home.delivery(PAGER).attempting == ""
        home.settle(home.due(PAGER))
        [one] = home.pagerduty.incidents
        assert (len(one.events), len(one.notes)) == (1 - theirs, theirs)


def test_an_outage_is_waited_out() -> None:
    with paged() as home:
        home.pagerduty.down = 3
        home.night.opened()
        assert [type(error) for error in home.tell()] == [ChannelDown]
        assert "PagerDuty answers with its own fault: HTTP 503" in home.delivery(PAGER).failure
        home.settle(home.due(PAGER))
        assert len(home.pagerduty.incidents) == 1


@pytest.mark.parametrize(
    ("theirs", "without", "why"),
    [
        (0, ("pagerduty_routing_key",), "not set up: missing pagerduty_routing_key in the channels secret"),
        (1, ("pagerduty_api_token",), "not set up: missing pagerduty_api_token in the channels secret"),
        (1, ("pagerduty_from",), "not set up: missing pagerduty_from in the channels secret"),
        (0, tuple(PAGER_CREDENTIALS), "not set up: the channels secret holds neither"),
    ],
)
def test_what_is_not_set_up_is_said(theirs: int, without: tuple[str, ...], why: str) -> None:
    with paged({name: value for name, value in PAGER_CREDENTIALS.items() if name not in without}) as home:
        if theirs:
            home.night = FromThere(home.incidents, home.pagerduty.open("It burns", "checkout").id)
        home.night.opened().analysing().analysed()
        assert home.tell() == []
        assert home.delivery(PAGER).status is DeliveryStatus.REFUSED
        assert home.delivery(PAGER).failure.startswith(why)


def test_a_team_may_want_notes_and_no_pages() -> None:
    with paged({name: PAGER_CREDENTIALS[name] for name in ("pagerduty_api_token", "pagerduty_from")}, **{"raise": False}) as home:
        lived(home, *WHOLE)
        assert (home.pagerduty.incidents, home.delivery(PAGER).status) == ([], DeliveryStatus.PAID)


@pytest.mark.parametrize(
    ("secret", "theirs", "why"),
    [
        ({"pagerduty_api_token": "old"}, 1, "HTTP 401: the API token is not valid: put a new pagerduty_api_token into the channels secret"),
        ({"pagerduty_from": "nobody@example.com"}, 1, "Requester User Not Found"),
        ({"pagerduty_routing_key": "f" * 32}, 0, "PagerDuty refuses the event with HTTP 400: Event object is invalid; Invalid routing key"),
        ({"pagerduty_routing_key": "short"}, 0, "Length of 'routing_key' is incorrect"),
    ],
)
def test_a_wrong_secret_is_refused_in_a_sentence_and_a_right_one_counts_with_the_next_change(
    secret: dict[str, str], theirs: int, why: str
) -> None:
    with paged({**PAGER_CREDENTIALS, **secret}) as home:
        if theirs:
            home.night = FromThere(home.incidents, home.pagerduty.open("It burns", "checkout").id)
        home.night.opened().analysing().analysed()
        assert home.tell() == []
        failure = home.delivery(PAGER).failure
        assert why in failure
        assert TOKEN not in failure
        assert PAGER_CREDENTIALS["pagerduty_routing_key"] not in failure
        home.secrets.lying["channels"] = PAGER_CREDENTIALS
        lived(home, "remediating")
        assert home.delivery(PAGER).status is DeliveryStatus.PAID


@pytest.mark.parametrize(("said", "faults"), [("false", 0), ("true", 0), ('"no"', 1)])
def test_config_check_knows_what_the_channel_takes(tmp_path: Path, said: str, faults: int) -> None:
    shutil.copytree(ROOT / "config", tmp_path, dirs_exist_ok=True)
    channels = tmp_path / "channels.yaml"
    channels.write_text(channels.read_text().replace("kind: pagerduty\n", f"kind: pagerduty\n    where: {{raise: {said}}}\n"))
    found = [fault for fault in faults_in(tmp_path) if fault.startswith("channels.yaml")]
    assert (len(found), all("raise: true or false" in fault for fault in found)) == (faults, True)


def test_an_incident_that_is_gone_there_is_refused_in_a_sentence() -> None:
    with paged() as home:
        home.night = FromThere(home.incidents, "QGONE0000001")
        home.night.opened().analysing().analysed()
        assert home.tell() == []
        failure = home.delivery(PAGER).failure
        assert failure == "PagerDuty refuses POST /incidents/QGONE0000001/notes with HTTP 404: Not Found; Incident Not Found"


def test_a_key_that_pagerduty_repeats_is_not_written_down(caplog: pytest.LogCaptureFixture) -> None:
    with noted() as (home, _):
        home.pagerduty.stubborn = f"the token {TOKEN} may not do that"
        lived(home, "opened", "resolved")
        content = home.pagerduty.incidents[0].notes[-1].content
        assert (TOKEN in content, "the token … may not do that" in content) == (False, True)
        assert TOKEN not in caplog.text


def test_a_hostile_night_stays_text_within_the_limits() -> None:
    with noted() as (home, [theirs]):
        home.night.title = HOSTILE * 30
        home.night.opened().analysing().analysed(root_cause=HOSTILE * 100, impact=HOSTILE * 100, steps=(HOSTILE * 100,))
        assert home.tell() == []
        assert len(theirs.notes) > 2
        assert all(len(one.content) <= 2_000 for one in theirs.notes)
        assert not any(bad in one.content for one in theirs.notes for bad in ("\x1b", "\u202e", "https://evil.example"))
        marks = [one.content.splitlines()[-1] for one in theirs.notes]
        assert len(set(marks)) == len(marks)
    with paged() as home:
        home.night.title = HOSTILE * 30
        home.night.opened()
        assert home.tell() == []
        assert len(home.pagerduty.incidents[0].title) <= 1024


def test_a_fake_mark_in_a_text_hides_no_note() -> None:
    """Somebody writes the last line of our next note into a cause: it is not taken for that note."""
    with noted() as (home, [theirs]):
        fake = f"It broke.\nWatchkeeper {ID}, moment 3"
        home.night.opened().analysing().analysed(root_cause=fake, summary=fake)
        home.pagerduty.deaf = 1
        home.tell()
        home.settle(home.due(PAGER))
        assert len(theirs.notes) == 1
        lived(home, "remediating")
        assert len(theirs.notes) == 2


def ask(account: PagerDutyAccount, method: str, path: str, body: Any = None, **headers: str) -> int:
    sent = {"authorization": f"Token token={account.api_token}", "accept": ACCEPT, "from": account.users[0]}
    typed = {"content-type": "application/json"}
    return account(Request(method, path, {}, {**sent, **typed, **headers}, json.dumps(body).encode())).status


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/api/incidents/{id}", None, {}, 200),
        ("GET", "/api/incidents/{id}", None, {"authorization": "Bearer local-rest-token"}, 401),
        ("GET", "/api/incidents/{id}", None, {"accept": "application/json"}, 400),
        ("GET", "/api/incidents/QNOBODY00000", None, {}, 404),
        ("POST", "/api/incidents/{id}/notes", {"note": {"content": "x"}}, {}, 201),
        ("POST", "/api/incidents/{id}/notes", {"note": {"content": "x"}}, {"from": "nobody@example.com"}, 400),
        ("POST", "/api/incidents/{id}/notes", {"note": {"content": " "}}, {}, 400),
        ("POST", "/api/incidents/{id}/notes", {"note": {"content": "x" * 25_001}}, {}, 400),
        ("POST", "/api/incidents/{id}/notes", {"content": "x"}, {}, 400),
        ("POST", "/api/incidents/{id}/notes", {"note": {"content": "x"}}, {"content-type": "text/plain"}, 400),
        ("PUT", "/api/incidents/{id}", {"incident": {"type": "incident", "status": "resolved"}}, {}, 200),
        ("PUT", "/api/incidents/{id}", {"incident": {"type": "incident", "status": "triggered"}}, {}, 400),
        ("PUT", "/api/incidents/{id}", {"incident": {"status": "resolved"}}, {}, 400),
        ("DELETE", "/api/incidents/{id}", None, {}, 404),
        ("GET", "/events/v2/enqueue", None, {}, 405),
        ("POST", "/events/v2/enqueue", {}, {}, 400),
    ],
)
def test_the_stand_in_refuses_what_pagerduty_refuses(method: str, path: str, body: Any, headers: dict[str, str], status: int) -> None:
    account = PagerDutyAccount()
    one = account.open("It burns", "checkout")
    assert ask(account, method, path.format(id=one.id), body, **headers) == status


def test_what_is_resolved_cannot_be_resolved_again() -> None:
    account = PagerDutyAccount()
    path, body = f"/api/incidents/{account.open('It burns', 'checkout').id}", {"incident": {"type": "incident", "status": "resolved"}}
    assert [ask(account, "PUT", path, body) for _ in range(2)] == [200, 400]


PAYLOAD = {"summary": "It burns", "source": "i-1", "severity": "error"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 202),
        ({"event_action": "open"}, 400),
        ({"dedup_key": "k" * 256}, 400),
        ({"payload": {**PAYLOAD, "summary": "s" * 1025}}, 400),
        ({"payload": {**PAYLOAD, "severity": "sev1"}}, 400),
        ({"payload": {"summary": "It burns"}}, 400),
        ({"payload": None}, 400),
        ({"links": [{"text": "no address"}]}, 400),
        ({"severity": "error"}, 400),
        ({"event_action": "resolve", "payload": None}, 202),
        ({"event_action": "resolve", "dedup_key": "", "payload": None}, 400),
    ],
)
def test_the_events_api_checks_every_field(change: dict[str, Any], status: int) -> None:
    account = PagerDutyAccount()
    event = {"routing_key": account.routing_key, "event_action": "trigger", "dedup_key": "k", "payload": PAYLOAD, **change}
    event = {name: value for name, value in event.items() if value is not None}
    assert ask(account, "POST", "/events/v2/enqueue", event) == status


def test_resolving_what_is_not_open_is_dropped_and_a_new_trigger_is_a_new_incident() -> None:
    account = PagerDutyAccount()

    def send(action: str) -> None:
        event = {"routing_key": account.routing_key, "event_action": action, "dedup_key": "k", "payload": PAYLOAD}
        assert ask(account, "POST", "/events/v2/enqueue", event) == 202

    for action in ("resolve", "trigger", "trigger", "resolve", "acknowledge", "trigger"):
        send(action)
    assert [(one.status, len(one.events)) for one in account.incidents] == [("resolved", 3), ("triggered", 1)]
