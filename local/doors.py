"""The doors: services of which the emulator lacks something that a runbook or a story needs. Each is an address of its own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from local.acm.server import Acm
from local.acm.server import serving as acm
from local.aws import Account
from local.codedeploy.deployments import Deployments
from local.codedeploy.server import serving as codedeploy
from local.ec2.server import serving as ec2
from local.ecs.server import Door as EcsDoor
from local.ecs.server import serving as ecs
from local.rds.server import Door as RdsDoor
from local.rds.server import serving as rds
from local.sqs.server import serving as sqs


@dataclass(frozen=True)
class Doors:
    """What a story can set behind them, and where each service is."""

    certificates: Acm
    ecs: EcsDoor
    rds: RdsDoor
    deployments: Deployments
    urls: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """What a function has to find in its environment to go through them."""
        return {f"AWS_ENDPOINT_URL_{service.upper()}": url for service, url in self.urls.items()}

    def before(self, account: Account) -> Account:
        """The account, with its calls to these services through the doors."""
        return replace(account, doors=tuple(self.urls.items()))


@contextmanager
def opened(account: Account) -> Iterator[Doors]:
    with ExitStack() as end:
        certificates, acm_url = end.enter_context(acm(account))
        services, ecs_url = end.enter_context(ecs(account))
        databases, rds_url = end.enter_context(rds(account))
        deployments, codedeploy_url = end.enter_context(codedeploy())
        _, sqs_url = end.enter_context(sqs(account))
        ec2_url = end.enter_context(ec2(account))
        urls = {"acm": acm_url, "ecs": ecs_url, "rds": rds_url, "codedeploy": codedeploy_url, "sqs": sqs_url, "ec2": ec2_url}
        yield Doors(certificates, services, databases, deployments, urls)
