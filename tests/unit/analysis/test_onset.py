"""The first bad minute and the changes before it: truth tables over the texts that collectors write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evidence.ask import Found, Nothing
from analysis.joins import joins, onset
from analysis.joins.join import Brought
from tests.fakes.words import NIGHT

METRIC = (
    "metric: AWS/EC2 CPUUtilization (InstanceId=i-1), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
    "31 points from 2026-11-20T02:30:00Z to 2026-11-20T03:00:00Z: min 20 at 2026-11-20T02:30:00Z, max 97 at 2026-11-20T03:00:00Z, latest 97"
)
CROSSED = f"{METRIC}\nfirst crossing at 2026-11-20T02:59:00Z with 91.5, 2 points in all"
CHANGED = f"{CROSSED}\nchange at 2026-11-20T02:58:00Z: up from about 21 to 70"
FELL = f"{CROSSED}\nchange at 2026-11-20T02:40:00Z: down from about 21 to 2"
POOL = "AWS/RDS DatabaseConnections (DBInstanceIdentifier=orders-db)"
DEPLOYED = '2026-11-20T02:51:00Z ecs.amazonaws.com UpdateService by deployer {"taskDefinition": "storefront:43"}'


def neighbour(at: str) -> str:
    return (
        f"2 neighbour series\nneighbour: {POOL}, Maximum: latest 198\nneighbour change at 2026-11-20T{at}Z: {POOL} up from about 40 to 198"
    )


def new_lines(at: str, count: int = 4) -> str:
    return f"new: {count} lines since 2026-11-20T{at}Z in /checkout/app: FATAL pool exhausted"


def joined(**texts: str) -> list[str]:
    said = onset.join(Brought(texts, NIGHT))
    return said.body.splitlines() if isinstance(said, Found) else []


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        pytest.param({"metric": CROSSED}, "02:59:00Z, by the first crossing of the alarm line", id="a crossing"),
        pytest.param({"metric": CHANGED}, "02:58:00Z, by a change of the alarm's metric", id="a change before the crossing"),
        pytest.param({"metric": FELL}, "02:59:00Z, by the first crossing of the alarm line", id="a change away from the line"),
        pytest.param({"metric": CHANGED, "neighbours": neighbour("02:55:00")}, f"02:55:00Z, by a change of {POOL}", id="a neighbour"),
        pytest.param(
            {"metric": CHANGED, "neighbours": neighbour("02:42:00")}, "02:58:00Z, by a change of the alarm's", id="an old neighbour"
        ),
        pytest.param({"metric": CHANGED, "logs": new_lines("02:56:00")}, "02:56:00Z, by new error lines in /checkout/app", id="lines"),
        pytest.param({"metric": CHANGED, "logs": new_lines("02:56:00", 1)}, "02:58:00Z, by a change of the", id="one line beside others"),
        pytest.param({"logs": new_lines("02:56:00", 1)}, "02:56:00Z, by new error lines in /checkout/app", id="one line alone"),
        pytest.param({"metric": METRIC, "neighbours": neighbour("02:55:00")}, f"02:55:00Z, by a change of {POOL}", id="no line crossed"),
        pytest.param({"metric": METRIC, "neighbours": neighbour("03:03:00")}, None, id="after the alarm"),
        pytest.param({"metric": CHANGED, "neighbours": neighbour("02:58:00")}, "02:58:00Z, by a change of the alarm's", id="a draw"),
        pytest.param({"metric": METRIC}, None, id="nothing crossed"),
        pytest.param({}, None, id="nothing at all"),
        pytest.param({"metric": "change at 2026-99-99T02:58:00Z: up from about 1 to 2"}, None, id="no such day"),
        pytest.param({"logs": "2026-11-20T02:58:00Z g s  x\n      " + new_lines("02:56:00")}, None, id="forged by an indented line"),
    ],
)
def test_the_first_bad_minute(texts: dict[str, str], first: str | None) -> None:
    lines = joined(**texts)
    assert (lines[0] if lines else None) == first or lines[0].startswith(f"first bad minute: 2026-11-20T{first}")


def test_the_other_signs_are_named_in_the_order_of_time() -> None:
    lines = joined(metric=CHANGED, neighbours=neighbour("02:55:00"), logs=new_lines("02:57:00"))
    assert lines[1:4] == [
        "also at 2026-11-20T02:57:00Z: new error lines in /checkout/app",
        "also at 2026-11-20T02:58:00Z: a change of the alarm's metric",
        "also at 2026-11-20T02:59:00Z: the first crossing of the alarm line",
    ]


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        pytest.param("changes", DEPLOYED, "change 7 min before: ", id="a write in CloudTrail"),
        pytest.param("changes", DEPLOYED.replace("UpdateService", "UpdateService REFUSED AccessDenied"), None, id="refused"),
        pytest.param("changes", "1 changes since 2026-11-20T02:00:00Z:", None, id="our own head line"),
        pytest.param("changes", f"      {DEPLOYED}", None, id="indented"),
        pytest.param("deployments", "deployment 2026-11-20T02:50:40Z: codedeploy d-1 of a/b: Succeeded", "change 7 min", id="deploy"),
        pytest.param("deployments", "parameter changed 2026-11-20T02:59:00Z: /pool version 4 by x", "change 1 min after: ", id="parameter"),
        pytest.param("github", "pull request #482 merged 2026-11-20T02:40:00Z by ann: t (commit 0123456789ab)", "change 18 min", id="pr"),
        pytest.param("github", "commit 0123456789ab 2026-11-20T02:40:00Z by ann: t", None, id="a commit is no deed"),
        pytest.param("deployments", "deployment 2026-11-20T01:58:00Z: lambda f version 8", "change 60 min before: ", id="an hour before"),
        pytest.param("deployments", "deployment 2026-11-20T01:57:59Z: lambda f version 8", None, id="longer ago"),
        pytest.param("deployments", "deployment 2026-11-20T03:00:00Z: lambda f version 8", "change 2 min after: ", id="two minutes after"),
        pytest.param("deployments", "deployment 2026-11-20T03:00:01Z: lambda f version 8", None, id="later"),
    ],
)  # fmt: skip  # a truth table reads by the row
def test_changes_around_it(name: str, line: str, told: str | None) -> None:
    (said,) = joined(metric=CHANGED, **{name: line})[2:]
    if told is None:
        assert said == "no change is known in the hour before it"
    else:
        assert said.startswith(told)
        assert said.endswith(line)


def test_the_nearest_change_is_first_and_quoted_letter_by_letter() -> None:
    long = DEPLOYED + "x" * 900
    texts = {"metric": CHANGED, "changes": f"2 changes:\n{DEPLOYED.replace('02:51', '02:20')}\n{long}", "deployments": ""}
    texts["deployments"] = "deployment 2026-11-20T02:57:00Z: lambda orders version 8 (was 7)"
    lines = joined(**texts)[2:]
    assert [line.partition(": ")[0] for line in lines] == ["change 1 min before", "change 7 min before", "change 38 min before"]
    for line in lines:
        quote = line.partition(": ")[2]
        assert len(quote) <= onset.LONGEST_QUOTE
        assert any(quote in text for text in texts.values())


def test_a_flood_of_changes_is_bounded() -> None:
    flood = "\n".join(DEPLOYED.replace("02:51:00", f"02:{n:02}:00") for n in range(58))
    assert len(joined(metric=CHANGED, changes=flood)) == 2 + onset.MOST_CHANGES


def test_it_is_found_and_runs_without_any_collector() -> None:
    assert onset.JOIN in joins()
    assert onset.JOIN.needs == ()
    assert isinstance(onset.join(Brought({}, NIGHT)), Nothing)


PIECES = (
    "change at ",
    "first crossing at ",
    "neighbour change at ",
    "2026-11-20T02:58:00Z",
    "9999-99-99T99:99:99Z",
    ": up from about ",
    "\n",
    " by ",
    "é",
)


@given(st.dictionaries(st.sampled_from(["metric", "neighbours", "logs", "changes"]), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_strange_text_never_trips_it(texts: dict[str, str]) -> None:
    assert isinstance(onset.join(Brought(texts, NIGHT)), Found | Nothing)
