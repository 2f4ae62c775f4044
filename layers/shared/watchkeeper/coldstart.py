"""Keeps the garbage collector away while a handler is imported. The only module here that does something when it is imported.

Importing makes hundreds of thousands of objects that live as long as the process. The collector goes through them again and
again and finds nothing; that is an eighth of a cold start (docs/decisions/0010). A handler imports this before anything
else, and says at its end that it is over.
"""

import gc

gc.disable()


def over() -> None:
    """All is imported: what there is now stays, so the collector need never look at it; it works on what comes."""
    gc.freeze()
    gc.enable()
