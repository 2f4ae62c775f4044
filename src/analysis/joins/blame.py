"""Which commit wrote the line in which the program broke: stack frames of the logs against the files of GitHub's commits.

The lines of the evidence, the strong ones first:

    stack frame <path>:<line> in <function> is in a line that <12-hex sha> changed (pull request #482)
    stack frame <path>:<line> in <function>: file changed by <12-hex sha>, other lines (pull request #482)

`<path>` is the file in the repository; lines are counted as the commit left the file. A frame is of a file when one of the two
paths, without the folder in which containers keep their program, is the end of the other. Where two changed files could be
meant, nothing is said. What is not in both texts is in no line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.evidence.ask import Found, Nothing
from analysis.joins.join import Brought, Join
from analysis.signals.stack_frames import Frame, frames

PULL_REQUEST = re.compile(r"^pull request #(?P<number>\d+) merged \S+Z by .* \(commit (?P<sha>[0-9a-f]{12})\)$")
COMMIT = re.compile(r"^commit (?P<sha>[0-9a-f]{12}) \S+Z by ")
FILE = re.compile(r"^file (?P<path>.+) in (?P<sha>[0-9a-f]{12}): (?:lines (?P<ranges>\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*) changed|lines .*)$")
ROOTS = (
    "app",
    "src",
    "code",
    "srv",
    "workspace",
    "work",
    "build",
    "home/app",
    "opt/app",
    "usr/src/app",
    "usr/app",
    "var/task",
    "var/www/app",
)
SOURCE_ROOT = re.compile(r"^(?:[^/]+/)*?(?:java|kotlin|scala|groovy)/")
MOST_FRAMES = 200
MOST_LINES = 20
LONGEST_FUNCTION = 120


@dataclass(frozen=True)
class Touched:
    """A file as a commit left it, with the runs of lines that the commit wrote. `order` counts commits from the newest."""

    path: str
    sha: str
    ranges: tuple[tuple[int, int], ...]
    order: int

    def wrote(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.ranges)


@dataclass(frozen=True)
class Blamed:
    frame: Frame
    touched: Touched


def join(brought: Brought) -> Found | Nothing:
    """Each frame once, by the commit that wrote its line, else by the newest that touched its file."""
    touched, pulls = _commits(brought.texts["github"])
    seen = _seen(brought.texts["logs"])
    if not seen:
        return Nothing("The logs hold no stack frame of the service's own code.")
    blamed = [one for frame in seen for one in _blamed(frame, touched, pulls)]
    strong = [one for one in blamed if one.touched.wrote(one.frame.line)]
    weak = [one for one in blamed if not one.touched.wrote(one.frame.line)]
    if not blamed:
        return Nothing(f"{len(seen)} stack frames, and no commit that GitHub showed touched their files.")
    lines = [_line(one, pulls) for one in (*strong, *weak)][:MOST_LINES]
    counted = (
        f"{len(strong)} of {len(seen)} stack frames are in lines that a commit of the window changed, {len(weak)} in files that one did."
    )
    return Found(summary=f"{counted} {lines[0]}", body="\n".join(dict.fromkeys(lines)))


def _commits(text: str) -> tuple[list[Touched], Mapping[str, str]]:
    """The files in the order of the text, and the pull request of each commit that has one."""
    pulls: dict[str, str] = {}
    order: dict[str, int] = {}
    touched = []
    for line in text.split("\n"):
        if pull := PULL_REQUEST.match(line):
            pulls.setdefault(pull["sha"], pull["number"])
        elif commit := COMMIT.match(line):
            order.setdefault(commit["sha"], len(order))
        elif (file := FILE.match(line)) and file["sha"] in order:
            touched.append(Touched(file["path"], file["sha"], tuple(_ranges(file["ranges"] or "")), order[file["sha"]]))
    return touched, pulls


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for run in filter(None, text.split(", ")):
        first, _, last = run.partition("-")
        yield int(first), int(last or first)


def _seen(logs: str) -> list[Frame]:
    """The service's own frames, each place once, as the log has them first."""
    places: dict[tuple[str, int], Frame] = {}
    for frame in frames(logs):
        if not frame.foreign and len(places) < MOST_FRAMES:
            places.setdefault((frame.path, frame.line), frame)
    return list(places.values())


def _blamed(frame: Frame, touched: Sequence[Touched], pulls: Mapping[str, str]) -> list[Blamed]:
    """At most one: a commit that wrote the line before one that did not, one with a pull request before one without, the newest."""
    meant = [one for one in touched if _same(frame, one.path)]
    if len({one.path for one in meant}) != 1:
        return []
    best = min(meant, key=lambda one: (not one.wrote(frame.line), one.sha not in pulls, one.order))
    return [Blamed(frame, best)]


def _same(frame: Frame, path: str) -> bool:
    """Whether the frame's file is this file of the repository. Kotlin leaves folders of the package out below its source root."""
    if frame.of_class:
        below = SOURCE_ROOT.sub("", path, count=1)
        return _ends(path, frame.path) or ("/" in below and below != path and _ends(frame.path, below))
    return _whole(frame.path, path) or any(_ends(path, own) for own in _without_root(frame.path))


def _whole(seen: str, path: str) -> bool:
    """All of the repository's path is the end of what the program saw; a name alone only where programs have their root."""
    return _ends(seen, path) if "/" in path else path in {seen.removeprefix("./"), *_without_root(seen)}


def _without_root(seen: str) -> Iterable[str]:
    """What is left below the places where containers keep their program; of one folder at least, a name alone says too little."""
    plain = seen.removeprefix("./").lstrip("/")
    return {plain.removeprefix(f"{root}/") for root in ROOTS if plain.startswith(f"{root}/")} | {plain}


def _ends(whole: str, end: str) -> bool:
    return "/" in end and f"/{whole}".endswith(f"/{end}")


def _line(one: Blamed, pulls: Mapping[str, str]) -> str:
    touched, frame = one.touched, one.frame
    named = f" (pull request #{pulls[touched.sha]})" if touched.sha in pulls else ""
    place = f"stack frame {touched.path}:{frame.line} in {frame.function[:LONGEST_FUNCTION]}"
    if touched.wrote(frame.line):
        return f"{place} is in a line that {touched.sha} changed{named}"
    return f"{place}: file changed by {touched.sha}, other lines{named}"


JOIN = Join(
    name="blame",
    order=110,
    provenance="stack frames of the logs, which the application wrote, against the lines that GitHub's commits wrote",
    needs=("logs", "github"),
    asked="Did a commit of the window write the line in which the program broke?",
    join=join,
)
