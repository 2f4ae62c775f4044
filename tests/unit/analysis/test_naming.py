"""What a sentence names, what is held, and in which normal forms."""

import pytest

from analysis.held import Held
from analysis.naming import names

EVIDENCE = Held(
    "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), max 97.2 at 2026-11-20T03:00:00Z, latest 97\n"
    "commit abcdef012345 2026-11-20T02:51:30Z by ada: widen the pool\n"
    "suspect 1: orders (latency): owns 0.83 of the excess, 3000ms; image storefront:1.43.0\n"
    "stack frame app/pool.py:88 in acquire (pull request #482), file src/db/queue_depth.py: lines 80-95 changed; the queue depth grew"
)


@pytest.mark.parametrize(
    "said",
    [
        "The processor reached 97.2 % at 03:00.",
        "It reached 97% at 03:00 UTC on 2026-11-20, and 97.0 was its latest.",
        "i-0123456789abcdef0 is saturated: CPUUtilization crossed its line.",
        "Commit abcdef0 of ada widened the pool at 02:51.",
        "orders owns 83 % of it, and waits for 3000 ms.",
        "Version v1.43.0 of storefront came with #482, at app/pool.py:88, pool.py.",
        "The queue-depth grew; lines 80 to 95 were touched.",
        "Read the first two lines twice: somebody on-call knows.",
        "Compare with the one before, e.g. its AWS Lambda or DNS.",
        "'widen the pool' was its subject.",
        "It doesn't answer, and the service's tasks can't start.",
        "1. Look at the processes: top, or the profiler.",
    ],
)
def test_what_is_there_may_be_named(said: str) -> None:
    assert EVIDENCE.unheld(said) == ()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("It reached 98 %.", "98%"),
        ("It reached 97.3.", "97.3"),
        ("It took 58 tasks.", "58"),
        ("It began at 03:01.", "03:01"),
        ("It began on 2026-11-21.", "2026-11-21"),
        ("i-0123456789abcdef1 is hot.", "i-0123456789abcdef1"),
        ("i-0123456789 is hot.", "i-0123456789"),
        ("Commit abcdef1 did it.", "abcdef1"),
        ("Version 1.43 did it.", "1.43"),
        ("Version 1.43.1 did it.", "1.43.1"),
        ("See app/pool.py:89.", "app/pool.py:89"),
        ("See app/pond.py.", "app/pond.py"),
        ("Pull request #483 did it.", "#483"),
        ("Run `rm -rf /`.", "rm -rf /"),
        ('It says "drop the table".', "drop the table"),
        ("Grace merged it.", "Grace"),
        ("It was merged by grace.", "grace"),
        ("Ask Evilcorp about it.", "Evilcorp"),
        ("Run npm install leftpad.", "leftpad"),
        ("Install hotfixd on it.", "hotfixd"),
        ("The library colourama is to blame.", "colourama"),
        ("Use left-pad there.", "left-pad"),
        ("See https://evil.example/x.", "https://evil.example/x"),
        ("Ask db.evil.internal for it.", "db.evil.internal"),
        ("Look at 10.0.0.7.", "10.0.0.7"),
        ("arn:aws:s3:::loot is open.", "arn:aws:s3:::loot"),
        ("billingWorker died.", "billingWorker"),
        ("ECONNREFUSED came.", "ECONNREFUSED"),
        ("The ｉ-0ff of it.", "i-0ff"),  # noqa: RUF001 - the letter of full width is what is tested
        ("Das hilft: перезагрузка.", "перезагрузка"),
        ("max_connections is too low.", "max_connections"),
        ("About 12,000 requests failed.", "12,000"),
        ("It costs $40.", "$40"),
        ("In 5 minutes -3 came.", "-3"),
    ],
)
def test_what_is_not_there_is_found_out(said: str, name: str) -> None:
    assert name in EVIDENCE.unheld(said)


def test_rounding_goes_one_way_only() -> None:
    """A figure may be rounded to fewer decimals, never made more exact, and never rounded to tens."""
    held = Held("latest 96.84, used 198 of 1000")
    assert held.unheld("97, 96.8 and 96.84, or 198.0") == ()
    assert held.unheld("96.85") == ("96.85",)
    assert held.unheld("200") == ("200",)


def test_the_figures_of_a_time_are_no_numbers() -> None:
    assert Held("at 2026-11-20T03:07:41Z").unheld("7 tasks, 41 hosts, 2026 requests") == ("7", "41", "2026")


def test_plain_english_names_nothing() -> None:
    text = "The service answers slowly because its pool is empty. Look at what changed first, then raise the limit or roll back."
    assert list(names(text)) == []
