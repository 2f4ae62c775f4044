"""What the command line says of standing orders: how they stand, what they would do, and what an edit changes."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.commands.orders import CONFIG
from cli.orders.deployed import deployed
from cli.orders.judging import Asked, Would, judged
from cli.stack import Stack
from cli.trouble import Trouble
from local.standins.http import Reply, Request, Server
from tests.fakes.words import NIGHT, an_incident
from tests.unit.cli.conftest import ANALYSIS, MotoStack, Terminal, publish
from watchkeeper.change import change
from watchkeeper.models import Cause, Happening, ProposedAction, Run, Standing
from watchkeeper.orders.model import StandingOrders
from watchkeeper.team import read_orders

ROOT = Path(__file__).parents[3]
EVENTS = sorted(path.name for path in (ROOT / "events").glob("*.json"))
HOT = str(ROOT / "events" / "cloudwatch-alarm-sns.json")
AUTO = "orders: [{name: restart, action: ec2-restart, mode: auto}]"


def orders(folder: Path, text: str, name: str = "standing-orders.yaml") -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return str(folder / name)


def row(out: str, word: str) -> str:
    return next(line for line in out.splitlines() if word in line)


@pytest.fixture
def alone() -> Terminal:
    """A command line that has no stack."""
    return Terminal(Stack(None, {}, "no stack"))


# ---------------------------------------------------------------- orders show


def stands(stack: Stack, name: str, rung: str, *right: bool) -> None:
    runs = tuple(Run(at=NIGHT + timedelta(minutes=at), incident_id=f"INC-{at}", rung=rung, right=good) for at, good in enumerate(right))
    stack.incidents.put_revised(Standing(name=name, revision=1, rung=rung, runs=runs))


LADDER = "{name: a, action: ec2-restart, mode: auto, ladder: {start: observe, runs: 20, precision: 0.8}}"


def test_each_order_is_shown_with_its_rung_and_its_record(terminal: Terminal, tmp_path: Path) -> None:
    stands(terminal.stack, "a", "suggest", *[True] * 9, False)
    file = orders(tmp_path, f"orders: [{LADDER}, {{name: b, action: ecs-redeploy, mode: approve}}]")
    assert terminal.run("orders", "show", "--orders", file) == 0
    assert "suggest     9 of 10 right, so at least 0.60; the next rung takes 20 runs and 0.80" in row(terminal.out, "ec2-restart")
    assert "approve(1)  no ladder" in row(terminal.out, "ecs-redeploy")


def test_an_order_that_nothing_ran_under_stands_at_its_start(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("orders", "show", "--orders", orders(tmp_path, f"orders: [{LADDER}]")) == 0
    assert "observe  0 of 0 right" in row(terminal.out, "ec2-restart")


def test_where_no_stack_can_be_asked_the_file_is_shown_and_why_there_is_no_more(tmp_path: Path, stack: Stack) -> None:
    class Nowhere(Terminal):
        def _open(self, choice: object) -> Stack:
            raise Trouble("no stack watchkeeper in eu-west-1")

    terminal = Nowhere(stack)
    assert terminal.run("orders", "show", "--orders", orders(tmp_path, f"orders: [{LADDER}]")) == 0
    assert "not known" in row(terminal.out, "ec2-restart")
    assert "How far they have come is not known: no stack watchkeeper in eu-west-1" in terminal.out


def test_freezes_are_shown_as_they_are_now_and_no_stack_is_asked_without_a_ladder(alone: Terminal, tmp_path: Path) -> None:
    freezes = "[{id: a, cron: '0 0 * * *', lasts: 5h, everything: true}, {id: b, cron: '0 9 * * *', lasts: 1h, everything: true}]"
    assert alone.run("orders", "show", "--orders", orders(tmp_path, f"{AUTO}\nfreeze: {freezes}")) == 0
    assert "freeze a: holds for 1h59m" in alone.out
    assert "freeze b: not now" in alone.out
    assert alone.named == []


# ---------------------------------------------------------------- orders test


def test_an_event_is_told_with_what_would_happen_and_why(alone: Terminal) -> None:
    assert alone.run("orders", "test", "--event", HOT) == 0
    assert "would open an incident of checkout, production, 123456789012, sev2, checkout-cpu-high" in alone.out
    said = row(alone.out, "restart a saturated checkout host")
    for part in ("cpu_saturation", "ec2-restart", "runs by itself", "0.70", "i-0123456789abcdef0", "the order says auto"):
        assert part in said
    assert "the guardian sees the plan first" in alone.out
    assert alone.named == []


@pytest.mark.parametrize(
    ("said", "would", "why", "code"),
    [
        (AUTO, "runs by itself", "the order says auto", 0),
        (AUTO.replace("auto", "approve(2)"), "asks two people", "the order says approve(2)", 0),
        (AUTO.replace("auto", "suggest"), "is only suggested", "the order says suggest", 0),
        (AUTO.replace("auto", "observe"), "is only observed", "the order says observe", 0),
        (AUTO.replace("auto", "never"), "is refused", "the order forbids it", 1),
        (f"orders: [{LADDER}]", "is only observed", "on its way to auto it has earned observe", 0),
        (AUTO.replace("auto", "auto, hours: {days: [sat]}"), "asks one person", "in force sat 09:00-17:00 UTC, and it is not that now", 0),
        (AUTO.replace("auto", "auto, hours: {days: [sat], outside: refuse}"), "is refused", "it is not that now", 1),
        (f"{AUTO}\nfreeze: [{{id: f, cron: '0 0 * * *', lasts: 5h, everything: true}}]", "is refused",
         'The freeze "f" holds until 2026-11-20 05:00 UTC', 1),
        (f"{AUTO}\nfreeze: [{{id: f, calendar: c, frozen_while: closed, everything: true}}]", "is refused",
         "until the calendar c can be read", 1),
    ],
)  # fmt: skip
def test_what_each_word_of_an_order_comes_to(said: str, would: str, why: str, code: int, alone: Terminal, tmp_path: Path) -> None:
    """At three on a Friday night."""
    assert alone.run("orders", "test", "--event", HOT, "--orders", orders(tmp_path, said)) == code
    assert would in row(alone.out, "i-0123456789abcdef0  ")
    assert why in alone.out


def test_the_time_and_the_calendars_can_be_said(alone: Terminal, tmp_path: Path) -> None:
    file = orders(tmp_path, f"{AUTO}\nfreeze: [{{id: f, calendar: c, frozen_while: closed, everything: true}}]")
    assert alone.run("orders", "test", "--event", HOT, "--orders", file, "--calendar", "c=open") == 0
    assert alone.run("orders", "test", "--event", HOT, "--orders", file, "--calendar", "c=closed") == 1
    file = orders(tmp_path, AUTO.replace("auto", "auto, hours: {days: [sat], outside: refuse}"))
    assert alone.run("orders", "test", "--event", HOT, "--orders", file, "--at", "2026-11-21T12:00") == 0
    assert alone.run("orders", "test", "--event", HOT, "--orders", file, "--at", "2026-11-21T08:59") == 1


def test_what_a_person_asks_for_by_name_is_told_with_that_cause(alone: Terminal, tmp_path: Path) -> None:
    event = str(ROOT / "events" / "pagerduty-action.json")
    when = "when: {labels: {requested_action: scale-group}, causes: [requested]}"
    said = f"orders: [{{name: a, action: asg-set-capacity, mode: approve, {when}}}]"
    assert alone.run("orders", "test", "--event", event, "--orders", orders(tmp_path, said)) == 0
    assert row(alone.out, "asks one person").startswith("requested")
    assert alone.run("orders", "test", "--event", HOT, "--orders", orders(tmp_path, said)) == 1


def test_no_order_no_action(alone: Terminal, tmp_path: Path) -> None:
    assert alone.run("orders", "test", "--event", HOT, "--orders", orders(tmp_path, "orders: []")) == 1
    assert "No order speaks of it, so nothing would be done" in alone.out


def test_what_is_over_and_what_is_kept_quiet_is_said(alone: Terminal, tmp_path: Path) -> None:
    assert alone.run("orders", "test", "--event", HOT.replace(".json", "-ok.json")) == 1
    assert "It is resolved and opens no incident" in alone.out
    orders(tmp_path, AUTO)
    (tmp_path / "services.yaml").write_text("services: []")
    (tmp_path / "noise.yaml").write_text("windows: [{id: night, cron: '0 2 * * *', lasts: 3h, everything: true}]")
    assert alone.run("orders", "test", "--event", HOT, "--config", str(tmp_path)) == 0
    assert "noise.yaml: Kept quiet by the window night until 2026-11-20 05:00 UTC" in alone.out


@pytest.mark.parametrize("name", EVENTS)
def test_every_sample_can_be_asked_about(name: str, alone: Terminal) -> None:
    assert alone.run("orders", "test", "--event", str(ROOT / "events" / name)) in {0, 1}
    assert alone.out


@pytest.mark.parametrize(
    "text", [None, "not JSON", "[1, 2]", "[" * 100_000, '{"httpMethod": "POST", "path": "/nowhere"}',
             '{"httpMethod": "POST", "path": "/webhooks/generic", "body": "x", "isBase64Encoded": true}'],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_told_in_a_sentence(text: str | None, alone: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    if text is not None:
        path.write_text(text)
    assert alone.run("orders", "test", "--event", str(path)) == 2


@pytest.mark.parametrize("text", ['{"Records": [{"body": 5}]}', '{"AlarmName": 7, "NewStateValue": []}', "{}"])
def test_an_event_of_no_known_shape_is_read_as_reception_would(text: str, alone: Terminal, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(text)
    assert alone.run("orders", "test", "--event", str(tmp_path / "event.json")) in {0, 1}


def test_orders_that_cannot_be_read_are_told_by_field(alone: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = orders(tmp_path, AUTO.replace("auto", "always"), "draft.yaml")
    assert alone.run("orders", "test", "--event", HOT, "--orders", file) == 2
    assert "draft.yaml: orders.0.mode: " in capsys.readouterr().err


def test_a_question_is_never_answered_by_acting_alone() -> None:
    asked = Asked("ec2-restart", an_incident(source="goal"), Cause.CPU_SATURATION, NIGHT)
    assert judged(read_orders(CONFIG), asked).would is Would.ONE


# ---------------------------------------------------------------- orders diff


@pytest.fixture
def proposed(stack: Stack) -> None:
    """One incident of tonight whose analysis proposed a restart, at 0.82, and one that nothing was proposed for."""
    first = publish(stack)
    analysis = ANALYSIS.but(id="AN-2", proposed=(ProposedAction(action="ec2-restart"),))
    told = Happening(actor="analysis", kind="analysis.done", says="Analysed.")
    stack.incidents.write(change(first, [told], NIGHT, rows=[analysis], quiet=True, analysis_id="AN-2"))
    publish(stack, id="INC-01M7WZ49C1ER8E2XA9F4D4TE0X")


def compare(terminal: Terminal, folder: Path, old: str, new: str, *more: str) -> int:
    return terminal.run("orders", "diff", orders(folder, old, "old.yaml"), orders(folder, new, "new.yaml"), *more)


@pytest.mark.usefixtures("proposed")
@pytest.mark.parametrize(
    ("new", "says"),
    [
        (AUTO.replace("auto", "approve"), "runs by itself → asks one person"),
        (AUTO.replace("auto", "auto, min_confidence: 0.9"), "runs by itself → is refused"),
        (AUTO.replace("auto", "auto, when: {services: [storefront]}"), "runs by itself → is refused"),
        (AUTO.replace("auto", "auto, hours: {days: [sat]}"), "runs by itself → asks one person"),
        (f"{AUTO}\nfreeze: [{{id: f, cron: '0 0 * * *', lasts: 5h, everything: true}}]", "runs by itself → is refused"),
    ],
)
def test_what_an_edit_would_have_changed_is_shown_and_counted(new: str, says: str, terminal: Terminal, tmp_path: Path) -> None:
    assert compare(terminal, tmp_path, AUTO, new) == 1
    assert f"1 x ec2-restart: {says}" in terminal.out
    assert row(terminal.out, "INC-01M7WZ49C1ER8E2XA9F4D4TE0W")
    assert "over 2 incident(s) of the last 30 days; an action was proposed in 1." in terminal.out


@pytest.mark.usefixtures("proposed")
def test_the_same_under_other_terms_is_told_apart(terminal: Terminal, tmp_path: Path) -> None:
    assert compare(terminal, tmp_path, AUTO, AUTO.replace("auto", "auto, cooldown: 2h, caps: {per_target: 1}")) == 1
    assert '1 x ec2-restart by "restart": the same, under other terms: cooldown, caps' in terminal.out
    assert "Each would have been judged the same." in terminal.out


@pytest.mark.usefixtures("proposed")
def test_an_edit_that_changes_nothing_is_0(terminal: Terminal, tmp_path: Path) -> None:
    assert compare(terminal, tmp_path, AUTO, AUTO + " # a word") == 0
    freeze = "freeze: [{id: f, calendar: c, frozen_while: open, everything: true}]"
    assert compare(terminal, tmp_path, AUTO, f"{AUTO}\n{freeze}") == 0
    assert "What these calendars said then is not known, so their freezes are left out: c" in terminal.out


@pytest.mark.usefixtures("proposed")
def test_only_the_last_30_days_count_and_only_so_many(terminal: Terminal, tmp_path: Path) -> None:
    terminal.at = NIGHT + timedelta(days=31)
    assert compare(terminal, tmp_path, AUTO, AUTO.replace("auto", "never")) == 0
    terminal.at = NIGHT + timedelta(days=1)
    compare(terminal, tmp_path, AUTO, AUTO.replace("auto", "never"), "--most", "1")
    assert "Only the newest 1 were looked at" in terminal.out


@pytest.mark.usefixtures("proposed")
def test_where_it_stands_on_its_ladder_counts(terminal: Terminal, tmp_path: Path) -> None:
    stands(terminal.stack, "restart", "suggest", True)
    assert compare(terminal, tmp_path, AUTO, AUTO.replace("auto", "auto, ladder: {start: observe}")) == 1
    assert "runs by itself → is only suggested" in terminal.out


def test_three_files_are_one_too_many(alone: Terminal) -> None:
    assert alone.run("orders", "diff", "a", "b", "c") == 2


class Functions:
    """As much of Lambda as is asked for: a function with two layers, the second one the team's."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"FunctionName": FunctionName, "Layers": [{"Arn": "shared:1"}, {"Arn": "config:7"}]}

    def get_layer_version_by_arn(self, *, Arn: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"Content": {"Location": f"{self._url}/{Arn}", "CodeSize": 100}}


class DeployedStack(MotoStack):
    url = ""

    def client(self, service: str) -> Any:
        return Functions(self.url) if service == "lambda" else super().client(service)


def layer(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        for name, text in files.items():
            into.writestr(f"{name.replace('_', '-')}.yaml", text)
    return packed.getvalue()


@pytest.mark.usefixtures("proposed")
def test_the_deployed_orders_are_those_in_the_layer(stack: Stack, tmp_path: Path) -> None:
    kept = {"/shared:1": layer(other="a: b"), "/config:7": layer(standing_orders=AUTO)}

    def serve(request: Request) -> Reply:
        return Reply(200, kept[request.path])

    with Server({"": serve}) as server:
        there = DeployedStack(stack._session, {**stack.outputs, "ReceptionFunctionArn": "arn:function"}, stack.name)
        there.url = server.url
        assert deployed(there).orders[0].name == "restart"
        terminal = Terminal(there)
        assert terminal.run("orders", "diff", orders(tmp_path, AUTO.replace("auto", "never"))) == 1
        assert "1 x ec2-restart: runs by itself → is refused" in terminal.out
        for broken in (layer(services="services: []"), b"no zip"):
            kept["/config:7"] = broken
            with pytest.raises(Trouble):
                deployed(there)
    with pytest.raises(Trouble):
        deployed(there)


def test_orders_of_no_stack_are_trouble(alone: Terminal, tmp_path: Path) -> None:
    assert alone.run("orders", "diff", orders(tmp_path, AUTO)) == 2


def test_an_outcome_names_the_order_that_counts() -> None:
    asked = Asked("ec2-restart", an_incident(), Cause.CPU_SATURATION, NIGHT, confidence=0.8)
    assert judged(StandingOrders(orders=()), asked).name == ""
    assert judged(read_orders(CONFIG), asked).name == "restart a saturated checkout host"
