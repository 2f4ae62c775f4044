"""How well log templates are found: grouping accuracy, and lines a second.

A line counts as right where the lines of its template are exactly the lines that truly belong together. Without a folder the lines
are drawn from evals/log-templates/formats.yaml by seeded chance; `bench/templates.py <folder>` reads every *_2k.log_structured.csv
below it (columns Content and EventId, as LogHub has them). Prints a line for each set, writes bench/results/templates.json; with
--check it exits 1 below a floor. Where drain3 is installed, --peer measures it on the same lines with the same masks.
"""

import argparse
import csv
import importlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("src", "layers/shared")]

from analysis.signals.templates import fold, mine, tokens_of  # noqa: E402 - a bench runs from a checkout, where nothing is installed

RESULTS = ROOT / "bench" / "results" / "templates.json"
FORMATS = ROOT / "evals" / "log-templates" / "formats.yaml"
PEER_ACCURACY, PEER_PACE = 0.77, 62_000  # drain3 with generic masks on LogHub's 2k sets
FLOOR_OF_A_SET, FLOOR = 0.6, 0.9  # of the drawn sets; LogHub's are harder, and are held against the peer
LINES = 2_000
SLOT = re.compile(r"\{(\w+)\}")
WORDS = {
    "user": "root admin oracle ada grace test postgres deploy ubuntu guest nagios git mysql backup jenkins",
    "topic": "orders payments mail-out invoices cart sessions audit_log search refunds stock shipments users",
    "class": "OrderService com.shop.PaymentListener CartUpdated ValueError TimeoutError org.shop.Application KeyError StockChanged",
    "host": "db.internal web.shop.io mx.example.net node-a.eu.internal proxy.corp.lan ec2-1-2-3-4.compute.amazonaws.com cache.internal",
    "verb": "GET POST PUT DELETE PATCH HEAD",
    "api": "GetItem PutItem ListTasks DescribeServices GetSecretValue SendMessage",
    "dev": "eth0 eth1 sda sdb1 nvme0n1 veth9a8b7c",
    "status": "200 201 204 302 400 401 404 500 502 503",
}
PHRASES = {
    "reason": ("Connection reset by peer", "Broken pipe", "card expired", "out of stock", "Interrupted while waiting", "limit exceeded"),
    "sql": ("SELECT 1", "UPDATE stock SET n = n - 1 WHERE id = 42", "COMMIT", "SELECT id, name FROM users WHERE mail = $1 LIMIT 10"),
}

Grouped = list[object]


@dataclass(frozen=True)
class Measure:
    """One figure of one set."""

    name: str
    value: float
    unit: str
    floor: str = ""
    broken: bool = False

    @property
    def line(self) -> str:
        value = f"{self.value:.3f}" if self.unit == "share" else f"{self.value:.0f}"
        return f"templates.{self.name} {value} {self.unit}" + (f" ({self.floor})" if self.floor else "")


def accuracy(truth: Iterable[object], found: Iterable[object]) -> float:
    """The share of lines whose found group is their true group, no more and no less."""
    pairs = Counter(zip(truth, found, strict=True))
    true, said = Counter[object](), Counter[object]()
    for (is_, says), count in pairs.items():
        true[is_] += count
        said[says] += count
    right = sum(count for (is_, says), count in pairs.items() if count == true[is_] == said[says])
    return right / max(1, sum(true.values()))


def drawn(name: str, templates: list[str], lines: int) -> list[tuple[str, str]]:
    """Lines and their templates. The n-th template is drawn 1/n as often as the first: few are frequent and many are rare."""
    chance = random.Random(name)
    weights = [1 / n for n in range(1, len(templates) + 1)]
    picked = chance.choices(templates, weights, k=lines)
    return [(SLOT.sub(lambda match: _filler(chance, match[1]), template), template) for template in picked]


def _filler(chance: random.Random, slot: str) -> str:
    if slot in WORDS:
        return chance.choice(WORDS[slot].split())
    if slot in PHRASES:
        return chance.choice(PHRASES[slot])
    if slot == "iplist":
        return " ".join(_filler(chance, "ip") for _ in range(chance.randint(1, 3)))
    number, letters = chance.randint, "0123456789abcdef"
    made: dict[str, Callable[[], str]] = {
        "ip": lambda: ".".join(str(number(1, 254)) for _ in range(4)),
        "port": lambda: str(number(1024, 65535)),
        "small": lambda: str(number(0, 9)),
        "num": lambda: str(number(1, 10 ** number(1, 9))),
        "secs": lambda: f"{number(0, 99)}.{number(0, 999)}",
        "block": lambda: f"blk_{number(-(10**18), 10**18)}",
        "uuid": lambda: "-".join("".join(chance.choices(letters, k=k)) for k in (8, 4, 4, 4, 12)),
        "hex": lambda: "".join(chance.choices(letters, k=8)),
        "b62": lambda: "".join(chance.choices("ABCXYZabcxyz0123456789", k=43)),
        "clock": lambda: f"{number(0, 23):02}:{number(0, 59):02}:{number(0, 59):02}",
        "stamp": lambda: f"2026-11-20T{number(0, 23):02}:{number(0, 59):02}:00.123Z",
        "path": lambda: f"/var/lib/{chance.choice(['app', 'data', 'www'])}/{chance.choice(['a', 'b', 'c'])}/file{number(1, 999)}.dat",
        "urlpath": lambda: chance.choice(["/", "/health", "/cart", f"/items/{number(1, 999)}", "/login", f"/search?q={number(1, 99)}"]),
        "pod": lambda: (
            f"{chance.choice(['cart', 'web', 'pay'])}-{''.join(chance.choices('bcdf456789', k=9))}-{''.join(chance.choices('xyzbc', k=5))}"
        ),
        "image": lambda: f"registry.internal/shop/{chance.choice(['cart', 'web'])}:{number(1, 99)}",
        "arn": lambda: f"arn:aws:sts::{number(10**11, 10**12 - 1)}:assumed-role/{chance.choice(['cart', 'web'])}/x",
    }
    return made[slot]()


def read(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """The sets below a folder, by the name before `_2k`."""
    sets = {}
    for path in sorted(folder.rglob("*.log_structured.csv")):
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            sets[path.name.split("_")[0].removesuffix(".log")] = [(row["Content"], row["EventId"]) for row in csv.DictReader(file)]
    return sets


def ours(lines: list[str]) -> Grouped:
    masked = [tokens_of(line) for line in lines]
    named = fold(Counter(masked))
    return [named[tokens] for tokens in masked]


def drain(lines: list[str]) -> Grouped:
    """drain3 as it comes, on lines masked by us."""
    miner_of: Any = importlib.import_module("drain3").TemplateMiner
    config: Any = importlib.import_module("drain3.template_miner_config").TemplateMinerConfig
    miner = miner_of(config=config())
    return [miner.add_log_message(" ".join(tokens_of(line)))["cluster_id"] for line in lines]


def measured(sets: dict[str, list[tuple[str, str]]], group: Callable[[list[str]], Grouped], who: str, *, floors: bool) -> list[Measure]:
    measures, taken, total = [], 0.0, 0
    for name, lines in sets.items():
        began = time.process_time()
        found = group([line for line, _ in lines])
        taken, total = taken + time.process_time() - began, total + len(lines)
        share = accuracy([truth for _, truth in lines], found)
        seen = f"{len({truth for _, truth in lines})} templates, {len(set(found))} found"
        measures.append(Measure(f"{who}accuracy.{name}", share, "share", seen, broken=floors and share < FLOOR_OF_A_SET))
    mean = sum(measure.value for measure in measures) / len(measures)
    floor = f"mean; at least {FLOOR}" if floors else f"mean; peer on LogHub {PEER_ACCURACY}"
    measures.append(Measure(f"{who}accuracy", mean, "share", floor, broken=floors and mean < FLOOR))
    measures.append(Measure(f"{who}pace", total / taken, "lines/s", f"peer {PEER_PACE}", broken=floors and total / taken < PEER_PACE))
    return measures


def order(sets: dict[str, list[tuple[str, str]]]) -> Measure:
    """Whether the templates are the same when the lines come in another order."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    same = []
    for name, lines in sets.items():
        timed = [(noon + timedelta(seconds=n), line) for n, (line, _) in enumerate(lines)]
        same.append(mine(timed) == mine(random.Random(name).sample(timed, len(timed))))
    return Measure("same_in_any_order", sum(same) / len(same), "share", "at least 1", broken=not all(same))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, help="log files with ground truth; without it, lines are drawn")
    parser.add_argument("--check", action="store_true", help="exit 1 below a floor")
    parser.add_argument("--peer", action="store_true", help="measure drain3 too, where it is installed")
    options = parser.parse_args()
    if options.folder:
        sets = read(options.folder)
        if not sets:
            sys.exit(f"no *.log_structured.csv below {options.folder}; without a folder the bench draws its own lines")
    else:
        sets = {name: drawn(name, templates, LINES) for name, templates in yaml.safe_load(FORMATS.read_text()).items()}
    measures = [*measured(sets, ours, "", floors=not options.folder), order(sets)]
    if options.peer:
        measures += measured(sets, drain, "drain3.", floors=False)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(measure) for measure in measures], indent=2) + "\n")
    print("\n".join(measure.line for measure in measures))
    broken = [measure.line for measure in measures if measure.broken]
    if options.check and broken:
        print("\n".join(f"broken: {line}" for line in broken), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
