"""Trying a plan without doing it: IAM is always asked, and besides it whatever the action says can be tried (docs/decisions/0021)."""

from collections.abc import Mapping

from remediation.ports import Sighting
from remediation.rehearsing import dry_run, policies, undoing
from remediation.rehearsing.trial import Means, Trial, Way
from watchkeeper.actions import Action, Rehearsal
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Rehearsed, Resource

WAYS: dict[Rehearsal, tuple[Way, ...]] = {
    Rehearsal.IAM: (policies.simulated,),
    Rehearsal.EC2_DRY_RUN: (policies.simulated, dry_run.tried),
    Rehearsal.CHANGE_SET: (policies.simulated, undoing.listed),
}

LONGEST = 300


class AwsRehearsals:
    """The Rehearsals port."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def rehearse(self, action: Action, parameters: Mapping[str, list[str]], target: Resource, seen: Sighting) -> tuple[Rehearsed, ...]:
        trial = Trial(action, parameters, target, seen)
        return tuple(one for way in WAYS[action.rehearsal] for one in self._said(way, trial))

    def _said(self, way: Way, trial: Trial) -> tuple[Rehearsed, ...]:
        """What AWS does not let us try has not passed: a person reads which permission is missing."""
        try:
            return way.tries(trial, self._means)
        except WatchkeeperError as error:
            return (Rehearsed(what=way.what, passed=False, says=f"It could not be tried: {str(error)[:LONGEST]}."),)
