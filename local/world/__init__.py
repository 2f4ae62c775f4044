"""The patients: what falls ill in the emulated account when told to, and gets well only when really treated."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from local.acm.server import Acm
from local.aws import Account
from local.ssm.journal import Journal
from local.world.checkout import Checkout
from local.world.orders import Orders
from local.world.patient import Patient
from local.world.recommender import Recommender
from local.world.storefront import Storefront
from local.world.website import Website
from local.world.workload import Workload


@dataclass(frozen=True)
class World:
    """All patients, built and well. The first two can be treated; what the other three need is a person's to do."""

    checkout: Checkout
    storefront: Storefront
    orders: Orders
    recommender: Recommender
    website: Website

    @property
    def patients(self) -> tuple[Patient, ...]:
        return (self.checkout, self.storefront, self.orders, self.recommender, self.website)


@contextmanager
def built(account: Account, alert_topic: str, journal: Journal, acm: Acm) -> Iterator[World]:
    """The world, with its metrics running until the end of the `with`. `journal` is where treatment is seen."""
    with ThreadPoolExecutor(2) as pool:
        checkout = pool.submit(Checkout.build, account, alert_topic, journal)
        storefront = pool.submit(Storefront.build, account, alert_topic)
        orders = pool.submit(Orders.build, account, alert_topic)
        recommender = pool.submit(Recommender.build, account)
        website = pool.submit(Website.build, account, alert_topic, acm)
        world = World(checkout.result(), storefront.result(), orders.result(), recommender.result(), website.result())
    with Workload(world.patients):
        yield world
