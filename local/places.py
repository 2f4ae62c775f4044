"""Where things lie in the checkout. Everything that the laptop stack writes is under `.work/`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".work"
EMULATOR_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"


class NotReady(Exception):
    """The laptop stack cannot go on. The message says what happened and what to do about it."""
