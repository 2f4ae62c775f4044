"""CodeDeploy: deployments of the applications and groups that services.yaml, the service's tags or an authenticated field name.

    deployment <t>: codedeploy d-ABC of <application>/<group>: Succeeded, revision <where> (was <where>)

Deployments are listed by time and not by application, because an application can only be asked for together with each of
its groups; those of others are left out.
"""

from typing import Any

from analysis.evidence.ask import Ask, stamp
from analysis.evidence.deployed.kind import Between, Happened, Kind, Tell, plain, region_of
from analysis.evidence.deployed.tagged import PERMISSION as TAGS
from analysis.evidence.deployed.tagged import tagged_or_why
from watchkeeper.storage.aws import in_our_words

LIST, GET = "codedeploy:ListDeployments", "codedeploy:BatchGetDeployments"
AT_ONCE = 25  # BatchGetDeployments takes no more
MOST = 50


def look(ask: Ask, between: Between, tell: Tell) -> None:
    by_tag, why = tagged_or_why(ask, "codedeploy")
    ours = _named(ask) | {resource.id for resource in by_tag}
    if ours:
        _deployments(ask, ours, between, tell)
    if why:
        raise why


def _deployments(ask: Ask, ours: set[str], between: Between, tell: Tell) -> None:
    client = ask.client("codedeploy", region_of(ask))
    with in_our_words(LIST, ", ".join(sorted(ours))):
        ids = client.list_deployments(createTimeRange={"start": between.since, "end": between.until}).get("deployments", [])[:MOST]
    for first in range(0, len(ids), AT_ONCE):
        with in_our_words(GET, ", ".join(sorted(ours))):
            told = client.batch_get_deployments(deploymentIds=ids[first : first + AT_ONCE]).get("deploymentsInfo", [])
        for one in told:
            name, group = str(one.get("applicationName", "")), str(one.get("deploymentGroupName", ""))
            if {name, f"{name}/{group}"} & ours and between.holds(one["createTime"]):
                tell(Happened(one["createTime"], _line(ask, one, name, group)))


def _named(ask: Ask) -> set[str]:
    """Applications, and groups as application/group, that the team's word or an authenticated field names."""
    return {resource.id for resource in (*ask.near("codedeploy:application"), *ask.near("codedeploy:deploymentgroup"))}


def _line(ask: Ask, one: dict[str, Any], name: str, group: str) -> str:
    revision, before = _revision(ask, one.get("revision") or {}), _revision(ask, one.get("previousRevision") or {})
    was = f" (was {before})" if before else ""
    failed = one.get("errorInformation") or {}
    why = f", {plain(ask, failed.get('code', ''))}: {plain(ask, failed.get('message', ''))}" if failed else ""
    head = f"deployment {stamp(one['createTime'])}: codedeploy {one.get('deploymentId', '')} of {plain(ask, name)}/{plain(ask, group)}"
    return f"{head}: {one.get('status', '')}, revision {revision or 'not told'}{was}{why}"


def _revision(ask: Ask, revision: dict[str, Any]) -> str:
    """Where the revision lies; of one that is written into the deployment its hash."""
    if s3 := revision.get("s3Location"):
        version = f" version {s3['version']}" if s3.get("version") else ""
        return plain(ask, f"s3://{s3.get('bucket', '')}/{s3.get('key', '')}{version}")
    if github := revision.get("gitHubLocation"):
        return plain(ask, f"{github.get('repository', '')}@{github.get('commitId', '')}")
    written = revision.get("string") or revision.get("appSpecContent") or {}
    return f"sha256 {plain(ask, written.get('sha256', ''))[:12]}" if written.get("sha256") else ""


KIND = Kind(
    name="codedeploy",
    applies=lambda ask: bool(_named(ask) or (ask.service and ask.service.tags)),
    look=look,
    permissions=(LIST, GET, TAGS),
)
