"""The template files. A name that a template does not know is an error, not an empty space."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from distribution.wording import cut

FOLDER = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    """Only .html.j2 is HTML and escapes by itself; what the others are given has been escaped for their medium."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    made.filters["cut"] = cut
    return made


def render(name: str, **words: Any) -> str:
    """The template filled with these words."""
    return environment().get_template(name).render(**words)
