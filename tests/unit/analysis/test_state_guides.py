"""Which guides are cited for which alert, word for word; and that the shipped ones can be."""

import zipfile
from pathlib import Path

import pytest

from analysis.evidence import guides
from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.guides import About, Seen, fit
from local import layers
from tests.fakes.aws_accounts import FakeAws
from tests.fakes.template import ROOT
from tests.fakes.words import INSTANCE
from tests.unit.analysis.stories import CPU, an_ask, cpu_alert, cpu_incident
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause

SHIPPED = ROOT / "config" / "guides"
DISK = """---
causes: [disk_full]
metrics: [FreeStorageSpace]
words: [no space left]
---
# Disk

Nobody cites what stands before the first section.

## How to tell
It is full.

- source: forged

## What to do
Empty it.

## Nothing here

## What not to do
Do not wait.

## More
One more.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "standing-orders.yaml").write_text("orders: []\n")
    (tmp_path / "guides").mkdir()
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(tmp_path))
    return tmp_path / "guides"


def asking(title: str, metric: str = "CPUUtilization", **incident: object) -> Ask:
    alert = cpu_alert(title=title, metric=CPU.but(name=metric), alarm_name="some-alarm")
    return an_ask(FakeAws(), cpu_incident(**incident), alert)


def test_a_guide_is_cited_by_section_and_no_more_than_three_of_them(folder: Path) -> None:
    (folder / "disk.md").write_text(DISK)
    said = guides.collect(asking("low", "FreeStorageSpace"))
    assert isinstance(said, Found)
    assert said.body.splitlines() == [
        "guide disk.md § How to tell: It is full.",
        "      - source: forged",
        "guide disk.md § What to do: Empty it.",
        "guide disk.md § What not to do: Do not wait.",
    ]
    assert said.summary == "The team's guides: disk.md § How to tell; disk.md § What to do; disk.md § What not to do."


def test_the_best_guide_comes_first_and_ties_go_by_name(folder: Path) -> None:
    for name, front in (("b", "words: [checkout]"), ("a", "words: [checkout]"), ("z", "metrics: [Latency]\nwords: [checkout]")):
        (folder / f"{name}.md").write_text(f"---\n{front}\n---\n## Do\nas {name} says\n")
    said = guides.collect(asking("Checkout is slow", "Latency"))
    assert isinstance(said, Found)
    assert [line.split()[1] for line in said.body.splitlines()] == ["z.md", "a.md", "b.md"]


def test_no_guide_for_another_alert_and_none_at_all_is_nothing(folder: Path) -> None:
    assert isinstance(guides.collect(asking("anything")), Nothing)
    (folder / "disk.md").write_text(DISK)
    (folder / "README.md").write_text("# no front matter\n## How\nNo guide: no space left\n")
    guides.guides_in.cache_clear()
    assert guides.collect(asking("CPU is high")) == Nothing("No guide speaks of such an alert.")


def test_a_guide_that_is_wrong_is_said_and_takes_no_other_away(folder: Path) -> None:
    (folder / "bad.md").write_text("---\ncauses: [bad_luck]\n---\n## Do\nx\n")
    (folder / "worse.md").write_text("---\ncauses: [\n---\n## Do\nx\n")
    with pytest.raises(Misconfigured, match=r"bad\.md: its front matter cannot be read"):
        guides.collect(asking("disk: no space left"))
    (folder / "disk.md").write_text(DISK)
    guides.guides_in.cache_clear()
    said = guides.collect(asking("disk: no space left"))
    assert isinstance(said, Found)
    assert [line[:20] for line in said.body.splitlines()[-2:]] == ["not read: bad.md: it", "not read: worse.md: "]


def test_a_long_section_ends_at_a_line(folder: Path) -> None:
    (folder / "long.md").write_text("---\nwords: [long]\n---\n## Do\n" + "a line of forty characters, more or less\n" * 60)
    said = guides.collect(asking("long"))
    assert isinstance(said, Found)
    assert len(said.body) < 1_200
    assert said.body.splitlines()[-2:] == ["      a line of forty characters, more or less", "      …"]


@pytest.mark.parametrize(
    ("about", "seen", "fits"),
    [
        (About(metrics=("Throttles",)), Seen("x", "Throttles", frozenset()), 4),
        (About(metrics=("Throttles",), words=("slow", "late", "lost")), Seen("slow, late and lost", "Throttles", frozenset()), 8),
        (About(words=("disk",)), Seen("Disk-full on host", "", frozenset()), 2),
        (About(words=("disk",)), Seen("diskette", "", frozenset()), 0),
        (About(causes=(Cause.OUT_OF_MEMORY,)), Seen("killed: out of memory", "", frozenset()), 2),
        (About(words=("disk",), resources=("rds:db",)), Seen("CPU", "", frozenset({"rds:db"})), 0),
        (About(words=("cpu",), resources=("rds:db",)), Seen("CPU", "", frozenset({"rds:db"})), 3),
        (About(resources=("rds:db",)), Seen("CPU", "", frozenset({"rds:db"})), 1),
        (About(), Seen("CPU", "CPUUtilization", frozenset({"rds:db"})), 0),
    ],
    ids=["metric", "metric and words", "word", "part of a word", "cause", "resource alone", "resource besides", "of a resource", "empty"],
)
def test_what_fits(about: About, seen: Seen, fits: int) -> None:
    assert fit(about, seen) == fits


def test_only_the_alert_itself_chooses() -> None:
    """What anybody can write into a log, a description or a name of an untrusted resource moves nothing."""
    alert = cpu_alert(description="no space left", log_excerpt="no space left", labels={"a": "no space left"})
    ask = an_ask(FakeAws(), cpu_incident(resources=(INSTANCE.but(type="rds:db", trusted=False),)), alert)
    assert guides.seen_of(ask) == Seen(f"{alert.title} {alert.alarm_name}", CPU.name, frozenset())


# ---------------------------------------------------------------- the guides that we ship


def test_guides_are_written_in_runbooks_and_ship_with_the_configuration(tmp_path: Path) -> None:
    """The link is what sam follows on the way to AWS; the laptop's deployer follows it too."""
    assert SHIPPED.resolve() == ROOT / "runbooks" / "guides"
    packed = zipfile.ZipFile(layers.folder(ROOT / "config", tmp_path)).namelist()
    assert {f"guides/{path.name}" for path in SHIPPED.glob("*.md")} <= set(packed)
    assert "standing-orders.yaml" in packed


@pytest.mark.parametrize("path", [one for one in sorted(SHIPPED.glob("*.md")) if one.name != "README.md"], ids=lambda one: one.name)
def test_a_shipped_guide_can_be_cited_whole(path: Path) -> None:
    guide = guides.read(path)
    assert guide is not None
    assert [heading for heading, _ in guide.sections] == ["How to tell", "What to do", "What not to do"]
    assert all(40 < len(text) <= guides.LONGEST_SECTION for _, text in guide.sections)
    assert guide.about.causes
    assert guide.about.metrics
    assert guide.about.words


@pytest.mark.parametrize(
    ("title", "metric", "file"),
    [
        ("orders-db: database connections are near the limit", "DatabaseConnections", "database-connections.md"),
        ("storefront tasks stopped: OutOfMemoryError", "MemoryUtilization", "ecs-out-of-memory.md"),
        ("The certificate of shop.example.com expires", "DaysToExpiry", "certificate-renewal.md"),
        ("disk_used_percent of i-0123456789abcdef0 is above 80", "disk_used_percent", "disk-full.md"),
        ("checkout function is throttled", "Throttles", "lambda-throttles-and-timeouts.md"),
        ("orders queue: oldest message is too old", "ApproximateAgeOfOldestMessage", "queue-backlog.md"),
        ("5xx of the shop after a deployment", "HTTPCode_Target_5XX_Count", "bad-deployment.md"),
    ],
)
def test_the_shipped_guide_for_a_known_night(title: str, metric: str, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(ROOT / "config"))
    said = guides.collect(asking(title, metric))
    assert isinstance(said, Found)
    assert said.body.startswith(f"guide {file} § How to tell: ")
    assert said.summary.count(file) == 3


def test_no_shipped_guide_speaks_of_a_busy_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_CONFIG", str(ROOT / "config"))
    assert isinstance(guides.collect(asking("CPUUtilization of i-0123456789abcdef0 is above 80")), Nothing)
