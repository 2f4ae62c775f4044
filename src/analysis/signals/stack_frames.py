"""Frames of stack traces in text that anybody may have written: which file, which line, in which function.

Each language prints them its own way; a way is one row of WAYS. JVM frames name a class, of which the path is made.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_LINE = 500
LIBRARIES = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|vendor|gems|\.m2|\.nuget|pkg/mod|internal/process)/"
    r"|^/usr/(?:local/)?lib\d*/|^/usr/local/go/|^/opt/(?:java|jdk)|^<|^node:|^internal/|^/var/(?:runtime|lang)/"
)
PLATFORM = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.")


@dataclass(frozen=True)
class Frame:
    """`path` as the program had it, with forward slashes; `of_class` where it was made of a class name and is relative."""

    path: str
    line: int
    function: str
    of_class: bool = False

    @property
    def foreign(self) -> bool:
        """Of a library or of the language itself, which no commit of the repository wrote."""
        if self.of_class:
            return self.path.replace("/", ".").startswith(PLATFORM)
        return bool(LIBRARIES.search(self.path))


@dataclass(frozen=True)
class Way:
    """How a language prints a frame: `sign` is in every one of them and quickly looked for. Where the function stands in the
    line before, `before` finds it there."""

    name: str
    sign: str
    frame: "re.Pattern[str]"
    before: "re.Pattern[str] | None" = None
    read: "Callable[[re.Match[str]], tuple[str, str, bool]] | None" = None


def _jvm(match: "re.Match[str]") -> tuple[str, str, bool]:
    """`app//com.acme.Pool$Lease.take(Pool.java:42)` is in com/acme/Pool.java."""
    owner, _, method = match["call"].rpartition("/")[2].rpartition(".")
    package, _, name = owner.rpartition(".")
    return "/".join([*package.split("."), match["file"]]) if package else match["file"], f"{name}.{method}", True


WAYS = (
    Way("python", 'File "', re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>[^\s,]+))?')),
    Way("jvm", "at ", re.compile(r"\bat (?P<call>[\w.$/@<>-]+)\((?P<file>[\w$-]+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)"), read=_jvm),
    Way(".net", "at ", re.compile(r"\bat (?P<function>[\w.`<>\[\]+|]+)\([^)]*\) in (?P<path>[^:\n]*(?::\\[^:\n]*)?):line (?P<line>\d+)")),
    Way(
        "node",
        "at ",
        re.compile(
            r"\bat (?:async )?(?:new )?(?:(?P<function>[\w.$<>#]+)(?: \[as [^\]]+\])? )?\(?(?:file://|webpack://[^/\s]*/)?"
            r"(?P<path>(?:/|\w:\\|\.{0,2}/|node:)[^\s():]*|[\w@./-]+\.[cm]?[jt]sx?):(?P<line>\d+):\d+\)?"
        ),
    ),
    Way("ruby", ":in ", re.compile(r"(?:^|\s)(?:from )?(?P<path>[\w./-]+\.(?:rb|rake|ru|erb)):(?P<line>\d+):in [`'](?P<function>[^']+)'")),
    Way(
        "go",
        ".go:",
        re.compile(r"^\s*(?P<path>/?[^\s:]+\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?\s*$"),
        before=re.compile(r"^\s*(?:created by )?(?:[\w.-]+/)*(?P<function>[\w.()*\[\]-]+?)(?:\([^()]*\)| in goroutine \d+)?\s*$"),
    ),
)


def frames(text: str) -> Iterator[Frame]:
    """The frames in the order of the text. A trace that lies escaped in one line of JSON is read as well."""
    before = ""
    for line in (piece for whole in text.split("\n") for piece in _unfolded(whole)):
        found = frame_of(line, before)
        if found:
            yield found
        before = line


def _unfolded(line: str) -> list[str]:
    if "{" in line and "\\n" in line:
        line = line.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    return [piece[:LONGEST_LINE] for piece in line.split("\n")]


def frame_of(line: str, before: str = "") -> Frame | None:
    """The frame in this line, where there is one."""
    for way in WAYS:
        if way.sign in line and (match := way.frame.search(line)):
            return _read(way, match, before)
    return None


def _read(way: Way, match: "re.Match[str]", before: str) -> Frame:
    number = int(match["line"][:9])
    if way.read:
        path, function, of_class = way.read(match)
        return Frame(path, number, function, of_class)
    named = match.groupdict().get("function") or ""
    if way.before and (above := way.before.match(before)):
        named = above["function"]
    return Frame(match["path"].replace("\\", "/"), number, named or "an unnamed function")
