"""Stack traces of Java, Python and Node in a text: which exception it was, and where in the team's own code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_LINES = 600
LONGEST = 400
_AT = re.compile(r"\s{1,20}at (?:async )?(\S.{0,390})$")
_HEADER = re.compile(
    r"(?<![\w.$])((?:[A-Za-z_$][\w$]{0,80}\.){0,15}[A-Z]?[\w$]{0,80}(?:Exception|Error|Throwable|Failure|Fault))(?:: (.*))?$"
)
_CAUSE = re.compile(r"\s{0,20}Caused by: ([\w.$]{1,300})(?:: (.*))?$")
_FILE = re.compile(r'\s{1,20}File "([^"]{1,300})", line (\d{1,7})(?:, in (.{1,100}))?$')
_RAISED = re.compile(r"([A-Za-z_][\w.]{0,200})(?:: (.*))?$")
_TRACEBACK = "Traceback (most recent call last):"
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_GENERATED = re.compile(r"\$\$[\w$]{1,100}(?:/(?:0x)?[0-9a-f]{1,20})?")
_LIBRARIES = re.compile(
    r"^(?:java|javax|jakarta|jdk|sun|kotlin|kotlinx|scala|groovy|reactor|akka|okhttp3|com\.(?:sun|amazonaws|fasterxml|zaxxer|google\.common)"
    r"|software\.amazon|org\.(?:springframework|apache|hibernate|eclipse|jboss|postgresql|slf4j|junit)|io\.(?:netty|micrometer|grpc|vertx))\."
    r"|node_modules/|^node:|^internal/|site-packages/|dist-packages/|/lib/python\d|^/var/(?:lang|runtime)/|^<frozen "
)


@dataclass(frozen=True)
class Frame:
    """One call. `name` is for people, `whole` tells it from others, `place` is file and line."""

    name: str
    whole: str
    place: str

    @property
    def own(self) -> bool:
        return not (_LIBRARIES.search(self.whole) or _LIBRARIES.search(self.place))

    @property
    def same(self) -> str:
        """The same for the same code: lines, generated classes and addresses differ from build to build."""
        return re.sub(r"0x[0-9a-f]+|\d+", "#", self.whole)


@dataclass(frozen=True)
class Trace:
    """What was thrown, and the first frame of the team's own; where all frames are a library's, the first of those."""

    type: str
    message: str = ""
    frame: Frame | None = None

    @property
    def name(self) -> str:
        return self.type.rpartition(".")[2].rpartition("$")[2]

    @property
    def same(self) -> tuple[str, str]:
        return self.type, self.frame.same if self.frame else ""

    def __str__(self) -> str:
        where = f" in {self.frame.name} ({self.frame.place})" if self.frame else ""
        return f"{self.name}{where}"


def read_trace(text: str) -> Trace | None:
    """The trace in a text of one log event; none where no frame is found."""
    if "at " not in text and 'File "' not in text:
        return None
    lines = [line[:LONGEST] for line in text.splitlines()[:MOST_LINES]]
    python = any(_TRACEBACK in line or _FILE.match(line) for line in lines)
    return _python(lines) if python else _java_or_node(lines)


def is_continued_by(text: str, line: str) -> bool:
    """Whether this line goes on with the text before it: a frame, a cause, or what a traceback ends with."""
    first, last = line[:LONGEST], text.rpartition("\n")[2]
    if _AT.match(first) or _CAUSE.match(first) or re.match(r"\s{1,20}(?:\S|\Z)", first):
        return True
    if _TRACEBACK in text and (_TRACEBACK in last or last[:1].isspace()):
        return True
    if first.startswith(_CHAINED):
        return _TRACEBACK in text
    begins = first.startswith(_TRACEBACK) or _HEADER.match(first)
    return bool(begins) and ("\n" not in text or text.rstrip().rpartition("\n")[2].startswith(_CHAINED))


def _python(lines: list[str]) -> Trace | None:
    """The last traceback of a chain is the one that was raised; its innermost own frame is the place."""
    start = max((n for n, line in enumerate(lines) if _TRACEBACK in line), default=-1)
    matches = [(n, match) for n, line in enumerate(lines) if n > start and (match := _FILE.match(line))]
    if not matches:
        return None
    frames = [_file_frame(match) for _, match in matches]
    after = [line for line in lines[matches[-1][0] + 1 :] if line and not line[0].isspace()]
    raised = _RAISED.match(after[0]) if after else None
    # Lambda's runtime says first what was raised, and the traceback after it.
    said = raised or next(
        (m for line in reversed(lines[: max(start, 0)]) if (m := _RAISED.match(line.removeprefix("[ERROR]").strip()))), None
    )
    frame = next((frame for frame in reversed(frames) if frame.own), frames[-1])
    return Trace(said[1] if said else "Exception", (said[2] or "") if said else "", frame)


def _file_frame(match: re.Match[str]) -> Frame:
    path, line, function = match[1], match[2], match[3] or "the module"
    return Frame(function, f"{path} {function}", f"{path.rpartition('/')[2]}:{line}")


@dataclass
class _Part:
    """One exception of a chain of causes."""

    type: str
    message: str
    frames: list[Frame]


def _java_or_node(lines: list[str]) -> Trace | None:
    """The last cause is the root of it; where its frames are all a library's, the place is the first own one above."""
    parts = list(_parts(lines))
    frames = [frame for part in parts for frame in part.frames]
    if not frames:
        return None
    root = parts[-1]
    place = next((frame for frame in (*root.frames, *frames) if frame.own), root.frames[0] if root.frames else frames[0])
    return Trace(root.type, root.message, place)


def _parts(lines: list[str]) -> Iterator[_Part]:
    part, said = None, None
    for line in lines:
        cause, at = _CAUSE.match(line), _AT.match(line)
        if cause:
            if part:
                yield part
            part = _Part(cause[1], cause[2] or "", [])
        elif at:
            part = part or _Part(said[1] if said else "Exception", (said[2] or "") if said else "", [])
            part.frames.append(_call_frame(at[1]))
        elif part is None:
            said = _HEADER.search(line) or said
    if part:
        yield part


def _call_frame(said: str) -> Frame:
    """`com.acme.Cart.total(Cart.java:57) ~[app.jar:?]`, `handler (/var/task/index.js:3:11)`, or a place alone."""
    call, _, place = said.partition(" ~[")[0].partition(" [")[0].rstrip(")").partition("(")
    if not place:
        return Frame(_file(call), re.sub(r":\d+", "", call), _file(call))
    name = _GENERATED.sub("", call.strip()).rpartition("/")[2]
    in_file = re.sub(r"(?::\d+){1,2}$", "", place) if "/" in place or ":" in place.partition(":")[2] else ""
    return Frame(".".join(name.split(".")[-2:]), f"{in_file} {name}".strip(), _file(place))


def _file(place: str) -> str:
    """The file's name with its line, without its folder and column."""
    return re.sub(r"(:\d+):\d+$", r"\1", place.rpartition("/")[2])
