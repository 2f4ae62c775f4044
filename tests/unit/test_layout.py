"""The laws of the house, read from the source: who may import whom, what may happen at import, how long a thing may be.

Each law is a function from the source to its offences, and is shown a small tree that breaks it, so that none can pass by
looking at nothing.
"""

import ast
import graphlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT_ROOTS = ("src", "layers/shared", "layers/claude", "layers/tools")
PACKAGES = ("cli", "local")
STAGES = {"reception", "analysis", "remediation", "guardian", "distribution", "console", "sweeper"}
FUNCTION, FILE, HANDLER = 35, 250, 60

READS_THE_ENVIRONMENT = {
    "layers/shared/watchkeeper/settings.py": "the one reader of settings",
    "layers/shared/watchkeeper/team.py": "finds config/ where no settings exist yet: on a laptop and in a layer",
}
HANDLES_ANTHROPIC = ("analysis", "guardian", "claude")


@dataclass(frozen=True)
class Module:
    name: str
    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def top(self) -> str:
        return self.name.split(".")[0]

    @property
    def lines(self) -> int:
        return self.source.count("\n")


def read(root: Path) -> list[Module]:
    """Every module under the import roots and our top-level packages."""
    places = [(root / base, root / base) for base in IMPORT_ROOTS] + [(root, root / package) for package in PACKAGES]
    found = []
    for base, folder in places:
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path.relative_to(root).as_posix(), path.read_text()))
    return found


def imports(module: Module, *, for_types: bool = True) -> Iterator[tuple[str, int]]:
    """Every name that the module may import, wherever in it, with the line; `from a import b` names a and a.b."""
    guarded = {inner for node in ast.walk(module.tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(module.tree):
        if node in guarded and not for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported: everything but the bodies of functions and what only the type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda) or _is_for_types(child):
            continue
        yield child
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for early in (*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)):
                yield early
                yield from at_import(early)
        else:
            yield from at_import(child)


def stages_stay_apart(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        for name, line in imports(module):
            other = name.split(".")[0]
            if module.top in STAGES and other in STAGES and other != module.top:
                yield f"{module.path}:{line}: {module.top} imports {other}; stages meet in the layer or across a queue"


def arrows_point_down(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        for name, line in imports(module):
            other = name.split(".")[0]
            if module.path.startswith("layers/") and other in {*STAGES, *PACKAGES}:
                yield f"{module.path}:{line}: a layer imports {other}; layers know nobody above them"
            elif module.top in STAGES and other in PACKAGES:
                yield f"{module.path}:{line}: {module.top} imports {other}, which is in no Lambda"


def no_cycles(modules: Iterable[Module]) -> Iterator[str]:
    known = {module.name: module for module in modules}
    graph = {
        name: {other for other, _ in imports(module, for_types=False) if other in known and other != name} for name, module in known.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield "a cycle of imports: " + " <- ".join(error.args[1])


def anthropic_is_lazy(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        for name, line in imports(module):
            if name.split(".")[0] == "anthropic" and module.top not in HANDLES_ANTHROPIC:
                yield f"{module.path}:{line}: {module.top} imports anthropic, whose import costs most of a second"
        for node in at_import(module.tree):
            if isinstance(node, ast.Import | ast.ImportFrom) and "anthropic" in ast.unparse(node).replace(".", " ").split():
                yield f"{module.path}:{node.lineno}: anthropic is imported with the module; import it where it is used"


def environment_is_read_in_one_place(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        if module.path in READS_THE_ENVIRONMENT or module.top == "local":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
                yield f"{module.path}:{node.lineno}: reads the environment; a field of a settings class is the place for it"
            if isinstance(node, ast.ImportFrom) and node.module == "os" and {a.name for a in node.names} & {"environ", "getenv"}:
                yield f"{module.path}:{node.lineno}: takes the environment from os; a field of a settings class is the place for it"


def nothing_happens_at_import(modules: Iterable[Module]) -> Iterator[str]:
    makers = {"boto3.client", "boto3.resource", "boto3.Session", "boto3.session.Session"}
    clocks = {"now", "datetime.now", "datetime.utcnow", "time.time", "time.monotonic", "date.today"}
    for module in modules:
        for node in at_import(module.tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in makers or called in clocks:
                yield f"{module.path}:{getattr(node, 'lineno', 0)}: {called}() runs at import; wiring() is the place for it"


def nothing_is_long(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        most = HANDLER if module.path.endswith("/handler.py") else FILE
        if module.lines > most:
            yield f"{module.path}: {module.lines} lines, at most {most}: it is two things"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION:
                    yield f"{module.path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION}"


def names_say_something(modules: Iterable[Module]) -> Iterator[str]:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    for module in modules:
        if module.name.rsplit(".", 1)[-1] in empty:
            yield f"{module.path}: named for nothing in the domain"


Law = Callable[[Iterable[Module]], Iterator[str]]
LAWS: tuple[Law, ...] = (
    stages_stay_apart,
    arrows_point_down,
    no_cycles,
    anthropic_is_lazy,
    environment_is_read_in_one_place,
    nothing_happens_at_import,
    nothing_is_long,
    names_say_something,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_its_laws(law: Law) -> None:
    assert list(law(read(ROOT))) == []


LONG_FUNCTION = "def long() -> None:\n" + "    pass\n" * 35
BROKEN: list[tuple[Law, dict[str, str], list[str]]] = [
    (stages_stay_apart, {"src/reception/service.py": "from analysis.service import analyse\n"}, ["src/reception/service.py:1"] * 2),
    (stages_stay_apart, {"src/sweeper/service.py": "def sweep() -> None:\n    import console\n"}, ["src/sweeper/service.py:2"]),
    (arrows_point_down, {"layers/shared/watchkeeper/x.py": "import reception.handler\n"}, ["layers/shared/watchkeeper/x.py:1"]),
    (arrows_point_down, {"src/reception/x.py": "import local.demo\n"}, ["src/reception/x.py:1"]),
    (
        no_cycles,
        {"cli/a.py": "from cli import b\n", "cli/b.py": "import cli.c\n", "cli/c.py": "from cli.a import x\n"},
        ["a cycle of imports"],
    ),
    (no_cycles, {"cli/a.py": "import cli.b\n", "cli/b.py": "def late() -> None:\n    import cli.a\n"}, ["a cycle of imports"]),
    (anthropic_is_lazy, {"src/reception/x.py": "def f() -> None:\n    import anthropic\n"}, ["src/reception/x.py:2"]),
    (anthropic_is_lazy, {"layers/claude/claude/x.py": "from anthropic import Anthropic\n"}, ["layers/claude/claude/x.py:1"]),
    (
        anthropic_is_lazy,
        {"src/analysis/x.py": "try:\n    import anthropic.types\nexcept ImportError:\n    raise\n"},
        ["src/analysis/x.py:2"],
    ),
    (environment_is_read_in_one_place, {"src/reception/x.py": "import os\n\nREGION = os.environ['A']\n"}, ["src/reception/x.py:3"]),
    (environment_is_read_in_one_place, {"cli/x.py": "import os\n\n\ndef f():\n    return os.getenv('A')\n"}, ["cli/x.py:5"]),
    (environment_is_read_in_one_place, {"cli/x.py": "from os import environ\n"}, ["cli/x.py:1"]),
    (nothing_happens_at_import, {"src/reception/x.py": "import boto3\n\nsqs = boto3.client('sqs')\n"}, ["src/reception/x.py:3"]),
    (
        nothing_happens_at_import,
        {"src/reception/x.py": "class A:\n    table = boto3.resource('dynamodb').Table('t')\n"},
        ["src/reception/x.py:2"],
    ),
    (nothing_happens_at_import, {"src/reception/x.py": "def f(sqs=boto3.client('sqs')): ...\n"}, ["src/reception/x.py:1"]),
    (nothing_happens_at_import, {"src/reception/x.py": "STARTED = datetime.now(UTC)\n"}, ["src/reception/x.py:1"]),
    (nothing_is_long, {"cli/x.py": LONG_FUNCTION}, ["cli/x.py:1: long has 36 lines"]),
    (nothing_is_long, {"cli/x.py": "X = 1\n" * 251}, ["cli/x.py: 251 lines"]),
    (nothing_is_long, {"src/reception/handler.py": "X = 1\n" * 61}, ["src/reception/handler.py: 61 lines"]),
    (names_say_something, {"src/reception/utils.py": ""}, ["src/reception/utils.py"]),
]


@pytest.mark.parametrize(("law", "files", "offences"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_each_law_can_be_broken(law: Law, files: dict[str, str], offences: list[str], tmp_path: Path) -> None:
    _plant(tmp_path, files)
    found = list(law(read(tmp_path)))
    assert len(found) == len(offences)
    assert all(fault.startswith(offence) for fault, offence in zip(found, offences, strict=True))


def test_what_is_allowed_stays_allowed(tmp_path: Path) -> None:
    """What a law must not take for an offence: lazy imports in their place, factories, other people's words."""
    files = {
        "src/analysis/claude.py": "def ask():\n    import anthropic\n    return anthropic.Anthropic()\n",
        "src/reception/wiring.py": "import boto3\n\n\ndef wiring():\n    return boto3.client('sqs'), datetime.now(UTC)\n",
        "src/reception/x.py": "from reception import wiring\nfrom watchkeeper.models import Alert\nMAKE = lambda: boto3.client('sqs')\n",
        "layers/shared/watchkeeper/models/__init__.py": "from watchkeeper.models.alert import Alert\n",
        "layers/shared/watchkeeper/models/alert.py": "class Alert: ...\n",
        "cli/page.py": "if TYPE_CHECKING:\n    from cli.stage import Stage\n",
        "cli/stage.py": "from cli.page import Page\n",
        "layers/shared/watchkeeper/settings.py": "import os\n\n\ndef f():\n    return os.environ\n",
    }
    _plant(tmp_path, files)
    assert [fault for law in LAWS for fault in law(read(tmp_path))] == []


def test_exceptions_are_about_files_that_exist() -> None:
    assert [path for path in READS_THE_ENVIRONMENT if not (ROOT / path).is_file()] == []


def _plant(root: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
