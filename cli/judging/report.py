"""Tells how an analyst did: a line for each case, then all together."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from cli.judging.scores import Judged, Summary, Verdict
from cli.screen import plain

COLOURS = {Verdict.RIGHT: "green", Verdict.ABSTAINED: "yellow", Verdict.WRONG: "red", Verdict.SURE_AND_WRONG: "bold red"}


def show(judged: Sequence[Judged], total: Summary, engine: str, out: Console) -> None:
    """For people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("case", "verdict", "cause", "sure", "what is not as it should be"):
        table.add_column(heading, overflow="fold")
    for one in judged:
        herring = " *" if one.case.herring else ""
        table.add_row(
            plain(one.case.name + herring), plain(one.verdict.value, COLOURS[one.verdict]), plain(one.analysis.cause.value),
            plain(f"{one.analysis.confidence:.0%}"), plain("; ".join(one.faults)),
        )  # fmt: skip
    out.print(table)
    out.print(plain(f"* something misleads in {sum(1 for one in judged if one.case.herring)} of {total.cases} cases"))
    for line in lines(total, engine):
        out.print(plain(line))


def lines(total: Summary, engine: str) -> list[str]:
    """The figures, one a line."""
    each = f"{total.seconds * 1000 / total.cases:.1f} ms a case" if total.cases else ""
    return [
        f"{engine}: {total.right} of {total.cases} right, {total.accuracy:.1%} (95 % interval {total.low:.1%} to {total.high:.1%})",
        f"abstained where an answer was wanted {total.abstained}, wrong {total.wrong}, of these sure of it {total.sure_and_wrong}",
        f"calibration error {total.calibration:.3f}, Brier score {total.brier:.3f} (0 is best)",
        f"tokens {total.tokens}, ${total.usd:.4f}, {each}",
    ]


def as_json(judged: Sequence[Judged], total: Summary, engine: str) -> dict[str, Any]:
    """For machines."""
    return {
        "engine": engine,
        **{name: round(value, 4) if isinstance(value, float) else value for name, value in vars(total).items()},
        "each": [
            {
                "case": one.case.name,
                "herring": one.case.herring,
                "verdict": one.verdict.value,
                "cause": one.analysis.cause.value,
                "expected": [cause.value for cause in one.case.expect.cause],
                "confidence": one.analysis.confidence,
                "faults": list(one.faults),
                "tokens_in": one.analysis.tokens_in,
                "tokens_out": one.analysis.tokens_out,
                "usd": one.analysis.cost_usd,
                "seconds": round(one.seconds, 4),
            }
            for one in judged
        ],
    }
