"""How good is the analyst? Every incident case of evals/incidents, judged."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from cli.command import Command, Desk
from cli.judging import report
from cli.judging.cases import EvalCase, case_of, read_cases
from cli.judging.engines import Engine, claude, deterministic, timed
from cli.judging.scores import Judged, judge, summed
from cli.trouble import DONE, NO

CASES = Path(__file__).parents[2] / "evals" / "incidents"
ENGINES: dict[str, Callable[[float], Engine]] = {"deterministic": lambda _: deterministic, "claude": claude}


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text} is not a share between 0 and 1")
    return value


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--engine", choices=sorted(ENGINES), default="deterministic", help="who is judged (deterministic)")
    parser.add_argument("--case", default="", metavar="NAME", help="only the cases whose name holds this")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="FOLDER", help="other cases than those of evals/incidents")
    parser.add_argument("--at-least", type=share, default=0.0, metavar="SHARE", help="exit 1 below this, or for one sure and wrong")
    parser.add_argument("--most-usd", type=float, default=2.0, metavar="USD", help="with claude: what the whole run may cost (2)")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")


def run(desk: Desk) -> int:
    said = desk.said
    engine = ENGINES[said.engine](said.most_usd)
    judged = [_judged(one, engine) for one in read_cases(said.cases, said.case)]
    total = summed(judged)
    if said.json:
        desk.out.print_json(data=report.as_json(judged, total, said.engine))
    else:
        report.show(judged, total, said.engine, desk.out)
    missed = said.at_least > 0 and (total.accuracy < said.at_least or total.sure_and_wrong > 0)
    return NO if missed else DONE


def _judged(one: EvalCase, engine: Engine) -> Judged:
    analysis, seconds = timed(engine, case_of(one))
    return judge(one, analysis, seconds)


COMMANDS = (Command("eval", "judge the analyst by the incident cases of evals/", run, arguments),)
