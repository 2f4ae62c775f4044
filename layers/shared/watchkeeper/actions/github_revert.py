"""Open a pull request on GitHub that reverts a merged one. Nothing is merged: that stays a person's, and so does the deployment.

Its inverse is to close the pull request that it opened, which anybody who may see it can judge and do; until it is merged,
nothing has changed. A pull request carries the tag that the gate asks for as a label: AutoRemediate.

The alarm cannot prove it: it fires on until a person has merged and the pipeline has deployed. So an execution that succeeds
hands the incident over with the address of the pull request, and when the alarm clears afterwards, that resolves it.
"""

import re

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

PULL_REQUEST = re.compile(r"(?P<repository>[^#]+)#(?P<number>[^#]+)")


class GithubRevert(Parameters):
    repository: str = Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")
    number: str = Field(pattern=r"^[1-9][0-9]{0,8}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    found = PULL_REQUEST.fullmatch(target.id)
    if found is None:
        raise ValueError("a pull request is written owner/repository#number")
    return GithubRevert(repository=found["repository"], number=found["number"])


ACTION = Action(
    name="github-revert",
    says="Open a pull request that reverts",
    target_type="github:pull-request",
    parameters=_parameters,
    helps_with=(Cause.BAD_DEPLOY, Cause.POOL_EXHAUSTED),
    risk=Risk.MEDIUM,
    expected_effect="A pull request that takes the change back is there to review. It merges and deploys nothing; closing it undoes it.",
    ready_when={"state": ("merged",), "reverted": ("no",)},
    inverse="close the pull request that it opened",
    seconds=120,
    from_stack=("GithubApiUrl", "SecretId"),
    left_to_do="Review and merge it, and see that it is deployed; the alarm then says whether it helped. To take it back, close it.",
)
