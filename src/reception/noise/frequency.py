"""How often has this fingerprint come, in the last hour, day and week? Bounded buckets, whatever the order of arrival."""

from dataclasses import dataclass
from datetime import datetime

from watchkeeper.episodes import Seen

_FIVE, _HOUR, _DAY = 300, 3600, 86400
_FIVES, _HOURS, _DAYS = 12, 24, 7


@dataclass(frozen=True)
class Frequency:
    """Occurrences in the last hour (to five minutes), the last day (to the hour) and the last week (to the day)."""

    hour: int
    day: int
    week: int

    @property
    def says(self) -> str:
        """For a person; empty where there is nothing to say about it."""
        spans = ((self.hour, "hour"), (self.day, "day"), (self.week, "week"))
        told = [f"{count} times in the last {span}" for count, span in spans if count > 1]
        return ", ".join(told)


def counted(seen: Seen, occurred_at: datetime, times: int = 1) -> Seen:
    """The counters with this occurrence. What is older than the newest by more than a span is not in that span's buckets,

    so that the outcome is the same in whatever order the occurrences come.
    """
    second = int(occurred_at.timestamp())
    return Seen.model_construct(
        fives=_with(seen.fives, second // _FIVE, times, _FIVES),
        hours=_with(seen.hours, second // _HOUR, times, _HOURS),
        days=_with(seen.days, second // _DAY, times, _DAYS),
    )


def frequency(seen: Seen, at: datetime) -> Frequency:
    """What was counted up to `at`."""
    second = int(at.timestamp())
    return Frequency(
        hour=_sum(seen.fives, second // _FIVE, _FIVES),
        day=_sum(seen.hours, second // _HOUR, _HOURS),
        week=_sum(seen.days, second // _DAY, _DAYS),
    )


def _with(buckets: dict[int, int], bucket: int, times: int, most: int) -> dict[int, int]:
    newest = max(bucket, max(buckets, default=bucket))
    kept = {number: count for number, count in buckets.items() if number > newest - most}
    if bucket > newest - most:
        kept[bucket] = kept.get(bucket, 0) + times
    return kept


def _sum(buckets: dict[int, int], last: int, most: int) -> int:
    return sum(count for bucket, count in buckets.items() if last - most < bucket <= last)
