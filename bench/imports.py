"""What importing each handler costs, against a floor that imports what any Lambda of ours must have.

Each measure is a fresh process with compiled bytecode in a cache of its own, taken in turns with the floor and as CPU time, so
that a busy machine blurs both alike. Handler and floor then make one client, as each does before its first event: with boto3
where that was imported, else with the botocore under it. Prints a line for each handler and writes bench/results/imports.json;
with --check it exits 1 above a budget or where a handler drags in anthropic or mcp: those are imported by the first call that needs
them, in the one function that may make it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BYTECODE = ROOT / ".work" / "bench-bytecode"
RESULTS = ROOT / "bench" / "results" / "imports.json"
BUDGETS = {"reception": 1.35, "remediation": 1.35, "distribution": 1.5, "console": 1.35, "guardian": 1.3, "toolbox": 1.3}
HEAVY = ("anthropic", "mcp")
FLOOR = "boto3, aws_lambda_powertools.logging.logger, aws_lambda_powertools.utilities.batch, aws_lambda_powertools.utilities.typing"
CHILD = """
import json, sys, time
began = time.process_time()
import {modules}
if "boto3" in sys.modules:
    sys.modules["boto3"].client("dynamodb", region_name="eu-west-1")
else:
    import botocore.session
    botocore.session.get_session().create_client("dynamodb", region_name="eu-west-1")
print(json.dumps([1000 * (time.process_time() - began), [name for name in {heavy} if name in sys.modules]]))
"""


@dataclass(frozen=True)
class Cost:
    """One handler's import. `budget` is the highest ratio that --check lets pass, if it has one."""

    handler: str
    ms: float
    floor_ms: float
    ratio: float
    budget: float | None
    heavy: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        most = f", at most {self.budget:.2f}" if self.budget else ""
        return f"imports.{self.handler} {self.ms:.0f} ms (floor {self.floor_ms:.0f} ms: {self.ratio:.2f} times{most})"

    @property
    def fault(self) -> str:
        """Why this may not pass; empty when it may."""
        if self.heavy:
            return f"{self.handler}.handler imports {' and '.join(self.heavy)}; only the call that needs it may pay for that"
        if self.budget and self.ratio > self.budget:
            return f"{self.handler}.handler costs {self.ratio:.2f} times the floor, at most {self.budget:.2f}: see python -X importtime"
        return ""


def measure(modules: str) -> tuple[float, list[str]]:
    """Milliseconds of CPU that importing these takes in a fresh process, and which of the heavy ones came along."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPROFILEIMPORTTIME"}
    env = {key: value for key, value in os.environ.items() if key not in dropped}
    env["PYTHONPATH"] = os.pathsep.join(str(ROOT / folder) for folder in ("src", "layers/shared", "layers/claude", "layers/tools"))
    env["PYTHONPYCACHEPREFIX"] = str(BYTECODE)
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(modules=modules, heavy=HEAVY)], env=env, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        sys.exit(f"importing {modules} failed:\n{done.stderr}")
    ms, heavy = json.loads(done.stdout.splitlines()[-1])
    return ms, heavy


def costs(handlers: list[str], rounds: int) -> list[Cost]:
    """The median over all rounds of each handler's ratio to the floor of the same round."""
    subjects = {"": FLOOR, **{name: f"{name}.handler" for name in handlers}}
    for modules in subjects.values():
        measure(modules)
    taken = [{name: measure(modules) for name, modules in subjects.items()} for _ in range(rounds)]
    return [
        Cost(
            handler=name,
            ms=statistics.median(one[name][0] for one in taken),
            floor_ms=statistics.median(one[""][0] for one in taken),
            ratio=statistics.median(one[name][0] / one[""][0] for one in taken),
            budget=BUDGETS.get(name),
            heavy=tuple(dict.fromkeys(one for round_ in taken for one in round_[name][1])),
        )
        for name in handlers
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="exit 1 above a budget")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    options = parser.parse_args()
    handlers = sorted(path.parent.name for path in ROOT.glob("src/*/handler.py"))
    measured = costs(handlers, options.rounds)
    over = [cost.handler for cost in measured if options.check and cost.fault]
    if over:  # a budget close by, on a busy machine, takes a longer look
        measured = [cost for cost in measured if cost.handler not in over] + costs(over, 3 * options.rounds)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(cost) for cost in measured], indent=2) + "\n")
    for cost in measured:
        print(cost.line)
    faults = [cost.fault for cost in measured if cost.fault] + [
        f"{n} has no handler" for n in BUDGETS if n not in {c.handler for c in measured}
    ]
    if options.check and faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
