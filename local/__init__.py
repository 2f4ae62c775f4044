"""The laptop stack: the product's own template on an emulator, with stand-ins for what it talks to. Never deployed."""

import sys
from pathlib import Path

# `python -m local.demo` reads incidents with the product's own words, which lie where the Lambda layer has them.
_SHARED = str(Path(__file__).parents[1] / "layers" / "shared")
if _SHARED not in sys.path:
    sys.path.append(_SHARED)
