"""The patients: what falls ill in the emulated account when told to, and gets well only when really treated."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from local.acm.server import Acm
from local.aws import Account
from local.ssm.journal import Journal
from local.ssm.steps.action import Agent
from local.standins.pagerduty import PagerDutyAccount
from local.world.archive import Archive
from local.world.catalog import Catalog
from local.world.checkout import Checkout
from local.world.orders import Orders
from local.world.patient import Patient
from local.world.recommender import Recommender
from local.world.reports import Reports
from local.world.storefront import Storefront
from local.world.website import Website
from local.world.workers import Workers
from local.world.workload import Workload


@dataclass(frozen=True)
class World:
    """All patients, built and well. The first four can be treated, what the next three need is a person's to do, and what is tried on
    the last two does not help."""

    checkout: Checkout
    storefront: Storefront
    archive: Archive
    workers: Workers
    orders: Orders
    recommender: Recommender
    website: Website
    reports: Reports
    catalog: Catalog

    @property
    def patients(self) -> tuple[Patient, ...]:
        treatable = (self.checkout, self.storefront, self.archive, self.workers)
        return (*treatable, self.orders, self.recommender, self.website, self.reports, self.catalog)


@dataclass(frozen=True)
class Surroundings:
    """What patients have to do with besides the account: `journal` is where treatment is seen, `agents` are those that run commands on
    instances, and PagerDuty is where somebody may press a button."""

    journal: Journal
    agents: dict[str, Agent]
    acm: Acm
    pagerduty: PagerDutyAccount


@contextmanager
def built(account: Account, alert_topic: str, around: Surroundings) -> Iterator[World]:
    """The world, with its metrics running until the end of the `with`."""
    with ThreadPoolExecutor(2) as pool:
        checkout = pool.submit(Checkout.build, account, alert_topic, around.journal)
        storefront = pool.submit(Storefront.build, account, alert_topic)
        archive = pool.submit(Archive.build, account, alert_topic, around.agents)
        workers = pool.submit(Workers.build, account, around.pagerduty)
        orders = pool.submit(Orders.build, account, alert_topic)
        recommender = pool.submit(Recommender.build, account)
        website = pool.submit(Website.build, account, alert_topic, around.acm)
        reports = pool.submit(Reports.build, account, alert_topic)
        catalog = pool.submit(Catalog.build, account, alert_topic)
        world = World(
            checkout.result(), storefront.result(), archive.result(), workers.result(), orders.result(), recommender.result(),
            website.result(), reports.result(), catalog.result(),
        )  # fmt: skip
    with Workload(world.patients):
        yield world
