"""What is kept of a quiet alert fits into its fingerprint's row, which stays below 4 KB whatever came."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reception.noise.frequency import counted
from reception.noise.remembering import ROOM, remembered
from tests.fakes.words import INSTANCE, NIGHT, an_alert
from tests.unit.reception.noise.rules import DAY, HOUR, MINUTE
from watchkeeper.episodes import Episode, Seen
from watchkeeper.models import MetricRef, Resource

WIDE = "火" * 4000
HUGE: dict[str, Any] = {
    "title": WIDE[:250],
    "description": WIDE,
    "log_excerpt": WIDE,
    "labels": {f"{n}{WIDE[:58]}": WIDE[:500] for n in range(40)},
    "links": {f"{n}": WIDE[:2000] for n in range(10)},
    "resources": tuple(Resource(type="t", id=f"{n}{WIDE[:500]}") for n in range(50)),
    "metric": MetricRef(namespace="n", name="m", dimensions={f"{n}": WIDE[:200] for n in range(30)}),
    "service": WIDE[:100],
    "alarm_name": "a" * 255,
}


def test_what_is_small_stays_whole() -> None:
    alert = an_alert(description="short", labels={"a": "b"})
    assert remembered(alert) == alert


def test_what_is_large_keeps_its_key_and_as_much_as_there_is_room_for() -> None:
    alert = an_alert(log_excerpt=WIDE, description="short", labels={"a": "b"})
    assert remembered(alert) == alert.but(log_excerpt="")
    crowded = an_alert(resources=(INSTANCE,) * 30)
    assert 0 < len(remembered(crowded).resources) < 30


@settings(max_examples=30)
@given(st.sets(st.sampled_from(sorted(HUGE))))
def test_it_always_fits_and_is_the_same_alert(fields: set[str]) -> None:
    alert = an_alert(**{field: HUGE[field] for field in fields})
    kept = remembered(alert)
    assert len(kept.model_dump_json().encode()) <= ROOM
    assert (kept.key, kept.severity) == (alert.key, alert.severity)


def test_the_fullest_row_stays_below_four_kilobytes() -> None:
    seen = Seen()
    for minutes in range(0, 8 * 24 * 60, 5):
        seen = counted(seen, NIGHT + minutes * MINUTE, times=1_000)
    fullest = Episode(
        fingerprint="f" * 128,
        revision=10**9,
        open_incident="INC-01M7WZ49C1ER8E2XA9F4D4TE0W",
        last_incident="INC-01M7WZ49C1ER8E2XA9F4D4TE0W",
        resolved_at=NIGHT + timedelta(microseconds=1),
        seen=seen,
        still_firing=True,
        heard_at=NIGHT + timedelta(microseconds=1),
        transitions=tuple(NIGHT + n * MINUTE for n in range(20)),
        held_until=NIGHT + HOUR,
        held_count=10**6,
        suppressed_by="window/" + "w" * 80,
        suppressed_until=NIGHT + DAY,
        occurrences_waiting=tuple(NIGHT + n * MINUTE for n in range(20)),
        last_alert=remembered(an_alert(**HUGE, fingerprint="f" * 128)),
    )
    text = fullest.model_dump_json()
    assert len(text.encode()) <= 4096
    assert Episode.model_validate_json(text) == fullest
