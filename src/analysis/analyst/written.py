"""What programs wrote: the lines of the logs and of the alert that hold some words. Anybody may have written them.

An error line of a kind that was as frequent in the hour before is no news, and no sign of anything that broke just now.
"""

import re
from collections.abc import Sequence

from analysis.lines import Hit, ReadCase, Sheet, Words
from analysis.signals.templates import WILD, tokens_of

COMPARED = re.compile(r"against \d+ lines of the \d+ minutes before: (?P<new>\d{1,9}) kinds of error line are new, (?P<more>\d{1,9}) more")
NEWS = re.compile(r"(?:new|more): (?P<count>\d{1,9}) lines(?:, [\d.]+ expected)? since \S+ in \S+: (?P<template>.*)")
OF_OURS = re.compile(r"(?:new|more|kind): \d|against \d")
DATED = re.compile(r"\d{4}-\d\d-\d\dT\S+Z ")
CUT = "…"
FEW_LINES = 3
SURE_OF_LINES, UNSURE_OF_LINES = 0.6, 0.5


def written(case: ReadCase, words: Words) -> list[Hit]:
    """The lines of the logs that are news, and of the alert, that say so. Our own count of a kind of line is not one more such line."""
    told = case.once(templates_of_news)
    logged = [hit for sheet in case.sheets("logs") for hit in sheet.hold(words) if _is_news(sheet, hit, told)]
    return logged + [hit for sheet in case.sheets("alert") for hit in sheet.hold(words)]


def alone(lines: Sequence[Hit]) -> float:
    """How sure written lines may make us without a measurement: 0.6 from three lines, 0.5 below. Never what orders ask for."""
    return SURE_OF_LINES if len(lines) >= FEW_LINES else UNSURE_OF_LINES


def compared(case: ReadCase) -> Hit | None:
    """The line that says how the error lines compare with the hour before, if they could be compared."""
    return next(iter(case.hits("logs", COMPARED)), None)


def nothing_new(case: ReadCase) -> bool:
    """Were the error lines compared with the hour before, and every kind found as usual?"""
    head = compared(case)
    return head is not None and int(head["new"]) + int(head["more"]) == 0


def templates_of_news(case: ReadCase) -> tuple[tuple[str, ...], ...] | None:
    """The kinds of line that are news, as tokens; none where that is not known, or where not all of them are told."""
    head, told = compared(case), case.hits("logs", NEWS)
    if head is None or int(head["new"]) + int(head["more"]) != len(told):
        return None
    return tuple(tuple(hit["template"].split()) for hit in told)


def _is_news(sheet: Sheet, hit: Hit, told: tuple[tuple[str, ...], ...] | None) -> bool:
    """A further line of a message is news where its first line is."""
    if OF_OURS.match(hit.text):
        return False
    if told is None:
        return True
    number = hit.number
    while number and not DATED.match(sheet.lines[number]):
        number -= 1
    said = tokens_of(sheet.lines[number].partition("  ")[2])
    return any(_fits(said, template) for template in told)


def _fits(said: tuple[str, ...], template: tuple[str, ...]) -> bool:
    if template and template[-1].endswith(CUT):
        template = template[:-1]
        said = said[: len(template)]
    return len(said) == len(template) and all(_same(one, wanted) for one, wanted in zip(said, template, strict=True))


def _same(one: str, wanted: str) -> bool:
    return one == wanted or (WILD in wanted and one.startswith(wanted.partition(WILD)[0]))
