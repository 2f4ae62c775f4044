"""The patients: a host and a service in the emulated account that fall ill when told to and get well when really treated."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from local.aws import Account
from local.ssm.journal import Journal
from local.world.checkout import Checkout
from local.world.patient import Patient
from local.world.storefront import Storefront
from local.world.workload import Workload


@dataclass(frozen=True)
class World:
    """Both patients, built and well."""

    checkout: Checkout
    storefront: Storefront

    @property
    def patients(self) -> tuple[Patient, ...]:
        return (self.checkout, self.storefront)


@contextmanager
def built(account: Account, alert_topic: str, journal: Journal) -> Iterator[World]:
    """The world, with its metrics running until the end of the `with`. `journal` is where treatment is seen."""
    with ThreadPoolExecutor(2) as pool:
        checkout = pool.submit(Checkout.build, account, alert_topic, journal)
        storefront = pool.submit(Storefront.build, account, alert_topic)
        world = World(checkout.result(), storefront.result())
    with Workload(world.patients):
        yield world
