"""Names with a star at the end, as the team writes them in config/."""

from collections.abc import Iterable


def named(value: str, patterns: Iterable[str]) -> bool:
    """Does one of the patterns name this value? `*` at the end stands for the rest; nothing else is special."""
    return any(value.startswith(p[:-1]) if p.endswith("*") else value == p for p in patterns)


def unsaid_or_named(value: str, patterns: Iterable[str]) -> bool:
    """An empty list says nothing, so it matches; a list matches what it names."""
    wanted = tuple(patterns)
    return not wanted or named(value, wanted)
