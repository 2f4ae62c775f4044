"""Whether redaction takes what is secret, leaves what is not, and how long that takes.

Reads a folder of cases/*.yaml (kind to texts, what is secret between ⟦ and ⟧; see evals/redaction/README.md) and ordinary/*.log.
Prints recall for each kind, false touches, the time for an ordinary line and for the worst hostile line of a megabyte, and writes
bench/results/redaction.json; with --check it exits 1 where a floor is broken.
"""

import argparse
import json
import random
import re
import statistics
import string
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "layers" / "shared")]

from watchkeeper.redaction import KINDS, OPTIONAL, PLACEHOLDER, Redactor  # noqa: E402 - a bench runs from a checkout, where nothing is installed

RESULTS = ROOT / "bench" / "results" / "redaction.json"
RECALL, RECALL_OF_A_KIND, FALSE_TOUCHES = 0.99, 0.9, 0.005
PEER_US = 57.0  # the fourteen patterns that stood here before, on the lines of this bench and the machine that it was made on
SLOWEST_S = 1.0
BASE62 = string.ascii_letters + string.digits
ALPHABETS = {
    "base62": BASE62,
    "base64": BASE62 + "+/",
    "mixed": BASE62 + "+/",
    "base64url": BASE62 + "-_",
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "upper32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
}
DRAWN = re.compile(rf"\{{({'|'.join(ALPHABETS)}):(\d+)\}}")
MARKED = re.compile("⟦([^⟧]*)⟧")
HOSTILE = (
    *("a.", "1-", "4111 ", "a@", "x://a:", "://", "://:", "password ", "password=", 'password="', "password=,a", 'password="\\', "token:"),
    *("--token ", "secret='", "eyJaaaaaaaa-", "eyJ", "-----BEGIN PRIV" + "ATE KEY-----", "bearer ", "basic AAAA", "authorization:"),
    *("authorization: digest ", "cookie: a=", "cookie:", "set-cookie: a=b", "AKIA", "AKIA" + "A" * 16 + " ", "sk-", "gl"),
    *("SG.aaaaaaaaaaaaaaaa.", "&sig=", "%26sig%3D", "DE89", "DE89 3704 ", "A1", "key-", "[secret:00000000]", "$2b$", "curl -u a:"),
    *("-u a:b", ";pwd=", "heroku", "twilio_", "pagerduty ", "8Q~", "\\", '"', "=", ":", "{", "+1 2 ", "1.2.3.", "::", "a:"),
    *("oracle:thin:a/", "<password>", "Private-Lines: 1\n", ".a@b", "a@b.c-", "\u0130", "\u017f"),
)


@dataclass(frozen=True)
class Case:
    """One text, and what in it is secret."""

    kind: str
    text: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One figure. `floor` says in words what it may not break, `broken` whether it does."""

    name: str
    value: float
    unit: str
    floor: str = ""
    broken: bool = False

    @property
    def line(self) -> str:
        digits = 3 if self.unit == "share" else 4 if self.unit == "s" else 1
        return f"redaction.{self.name} {self.value:.{digits}f} {self.unit}" + (f" ({self.floor})" if self.floor else "")


def case_of(kind: str, written: str) -> Case:
    """The text as it would be met. What is drawn depends on the text alone."""
    chance = random.Random(written)
    drawn = DRAWN.sub(lambda m: _draw(chance, m[1], int(m[2])), written)
    joined = re.sub(r"(?<!\|)\|(?!\|)", "", drawn)
    return Case(kind, MARKED.sub(r"\1", joined), tuple(MARKED.findall(joined)))


def _draw(chance: random.Random, alphabet: str, length: int) -> str:
    some = [chance.choice(ALPHABETS[alphabet]) for _ in range(length)]
    if alphabet == "mixed":
        some[:3] = ["K", "z", "7"]
    elif alphabet.startswith("base"):
        some[0], some[-1] = chance.choice(BASE62), chance.choice(BASE62)
    return "".join(some)


def cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("cases/*.yaml")):
        written = yaml.safe_load(path.read_text())
        if "contexts" in written:
            contexts = [context.format("⟦{}⟧") for context in written["contexts"]]
            for kind, tokens in written["tokens"].items():
                yield from (case_of(kind, context.replace("⟦{}⟧", f"⟦{token}⟧")) for token in tokens for context in contexts)
        else:
            yield from (case_of(kind, text) for kind, texts in written.items() for text in texts)


def ordinary(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("ordinary/*.log")) for line in path.read_text().splitlines() if line]


def left(case: Case, redact: Redactor) -> list[str]:
    """The secrets of which something remains: all, or six characters from either end of a long one."""
    clean = PLACEHOLDER.sub("", redact(case.text))
    return [secret for secret in case.secrets if any(part in clean for part in _parts(secret))]


def _parts(secret: str) -> tuple[str, ...]:
    return (secret,) if len(secret) < 14 else (secret, secret[:6], secret[-6:])


def recall(met: list[Case], redact: Redactor) -> Iterator[Measure]:
    for kind in sorted({case.kind for case in met}):
        of_kind = [case for case in met if case.kind == kind]
        missed = [secret for case in of_kind for secret in left(case, redact)]
        total = sum(len(case.secrets) for case in of_kind)
        share = 1 - len(missed) / total
        yield Measure(f"recall.{kind}", share, "share", f"{total - len(missed)} of {total}", broken=share < RECALL_OF_A_KIND)
    total, gone = sum(len(case.secrets) for case in met), sum(len(case.secrets) - len(left(case, redact)) for case in met)
    if met:
        yield Measure("recall", gone / total, "share", f"{gone} of {total}, at least {RECALL}", broken=gone / total < RECALL)


def touches(lines: list[str], redact: Redactor) -> Iterator[Measure]:
    touched = [line for line in lines if redact(line) != line]
    if lines:
        share = len(touched) / len(lines)
        floor = f"{len(touched)} of {len(lines)} ordinary lines, at most {FALSE_TOUCHES}"
        yield Measure("false_touches", share, "share", floor, broken=share > FALSE_TOUCHES)


def pace(lines: list[str], redact: Redactor) -> Iterator[Measure]:
    """The median over rounds of one pass over ordinary lines, padded and cut to 200 characters each."""
    alike = [(line * (200 // len(line) + 1))[:200] for line in lines]
    taken = []
    for _ in range(7):
        began = time.process_time()
        for line in alike:
            redact(line)
        taken.append(1e6 * (time.process_time() - began) / len(alike))
    if lines:
        us = statistics.median(taken[1:])
        yield Measure("ordinary_line", us, "us", f"200 characters; before: {PEER_US:.0f} us", broken=us > PEER_US)


def hostile(size: int) -> Iterator[Measure]:
    redact = Redactor(b"bench", also=("ip", "phone"))
    slowest = max((_seconds(redact, (unit * (size // len(unit) + 1))[:size]), unit) for unit in HOSTILE)
    floor = f"the worst of {len(HOSTILE)}: {slowest[1]!r} to {size} characters, less than {SLOWEST_S:.0f} s"
    yield Measure("hostile_line", slowest[0], "s", floor, broken=slowest[0] >= SLOWEST_S)


def _seconds(redact: Redactor, text: str) -> float:
    taken: list[float] = []
    while len(taken) < 3 and (not taken or min(taken) > SLOWEST_S / 2):  # on a busy machine a line close by takes a longer look
        began = time.process_time()
        redact(text)
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "evals" / "redaction", help="holds cases/ and ordinary/")
    parser.add_argument("--check", action="store_true", help="exit 1 where a floor is broken")
    parser.add_argument("--show", action="store_true", help="also print what was missed and what was touched")
    parser.add_argument("--size", type=int, default=1_000_000, help="characters of a hostile line (1,000,000)")
    options = parser.parse_args()
    met, lines = list(cases(options.folder)), ordinary(options.folder)
    if not met and not lines:
        sys.exit(f"{options.folder} holds neither cases/*.yaml nor ordinary/*.log; see evals/redaction/README.md")
    everything = Redactor(b"bench", also=tuple({kind.name for kind in OPTIONAL}))
    usual = Redactor(b"bench")
    kinds = Measure("kinds", len({kind.name for kind in (*KINDS, *OPTIONAL)}), "kinds", "at least 25")
    measures = [kinds, *recall(met, everything), *touches(lines, usual), *pace(lines, usual), *hostile(options.size)]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(measure) for measure in measures], indent=2) + "\n")
    print("\n".join(measure.line for measure in measures))
    if options.show:
        print(
            "\n".join(f"MISSED {case.kind}: {secret!r} in {everything(case.text)!r}" for case in met for secret in left(case, everything))
        )
        print("\n".join(f"TOUCHED {usual(line)}" for line in lines if usual(line) != line))
    broken = [measure.line for measure in measures if measure.broken]
    if options.check and broken:
        print("\n".join(f"broken: {line}" for line in broken), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
