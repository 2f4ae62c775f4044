"""What was done lately, in one scope; and how far an action has earned to be trusted."""

from typing import Self

from pydantic import ConfigDict, Field

from watchkeeper.models.word import Time, Word


class Claimed(Word):
    """One action that was claimed: what, on what, for which alarm, and where it lies."""

    at: Time
    action: str
    target: str
    fingerprint: str = ""
    incident_id: str = ""
    zone: str = ""


class Revised(Word):
    """A small document of its own beside the incidents, written under the condition that nobody wrote since it was read.

    `revision` is 0 for one that is not written yet. An older reader ignores newer fields.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    revision: int = 0

    @classmethod
    def at(cls, name: str) -> tuple[str, str]:
        """Where it lies: partition and sort key."""
        return f"{cls.__name__.upper()}#{name}", cls.__name__.upper()

    @property
    def place(self) -> tuple[str, str]:
        return self.at(self.name)

    def next(self, **changes: object) -> Self:
        """The next revision, with these fields changed."""
        return self.but(revision=self.revision + 1, **changes)


class Track(Revised):
    """The last day of a scope: `account`, `target/<type>/<id>`, `fleet/<name>`. What is older than a day is left out when it is written."""

    claimed: tuple[Claimed, ...] = ()
    failed: tuple[Claimed, ...] = Field(default=(), description="those of them that failed, did not help or are unknown")


class Run(Word):
    """One time that an action was right or wrong: done, or only said. `rung` is how it was meant then."""

    at: Time
    incident_id: str
    rung: str
    right: bool


class Standing(Revised):
    """How an order stands on its ladder; its name is the order's. The last hundred runs count."""

    rung: str = ""
    since: Time | None = None
    runs: tuple[Run, ...] = ()
