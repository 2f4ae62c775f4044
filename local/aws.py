"""Clients for the emulated account. Whatever AWS profile, region or key this machine has is not looked at."""

import os
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import boto3
import botocore.session
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Credentials:
    """What a call is signed with. The account's own number stands for its root."""

    key: str = ACCOUNT
    secret: str = "laptop"
    token: str | None = None


ROOT_OF_ACCOUNT = Credentials()


class Caller(Protocol):
    """Somebody who may call AWS: the emulated account, or a test's own."""

    def client(self, service: str) -> Any:
        """A client of this service."""

    def role(self, arn: str, session: str) -> "Caller":
        """The same, as this role."""

    def environment(self) -> dict[str, str]:
        """What a program has to find in its environment to be the same caller."""


@dataclass(frozen=True)
class Account:
    """The emulated account behind one address. `doors` are services that have an address of their own: what stands in front of the
    emulator for them."""

    url: str
    credentials: Credentials = field(default=ROOT_OF_ACCOUNT)
    doors: tuple[tuple[str, str], ...] = ()

    def client(self, service: str) -> Any:
        """A client of this service; the same one for the same caller, since clients are safe to share between threads."""
        return _client(service, dict(self.doors).get(service, self.url), self.credentials)

    def role(self, arn: str, session: str) -> "Account":
        """The same account, as this role. Raises ClientError where the role cannot be assumed."""
        found = self.client("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]
        return Account(self.url, Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]), self.doors)

    def environment(self) -> dict[str, str]:
        """The address and the keys; of this machine nothing, neither a profile nor a proxy."""
        who = self.credentials
        return {
            "AWS_ENDPOINT_URL": self.url,
            **{f"AWS_ENDPOINT_URL_{service.upper()}": url for service, url in self.doors},
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": who.key,
            "AWS_SECRET_ACCESS_KEY": who.secret,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        } | ({"AWS_SESSION_TOKEN": who.token} if who.token else {})


@cache
def _client(service: str, url: str, who: Credentials) -> Any:
    return _session().client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=who.key,
        aws_secret_access_key=who.secret,
        aws_session_token=who.token,
        config=Config(
            retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=60, max_pool_connections=32, proxies={}
        ),
    )


@cache
def _session() -> boto3.Session:
    """A session that reads no profile and no configuration file of this machine."""
    nowhere = {name: (None, None, value, None) for name, value in (("profile", None), ("config_file", os.devnull))}
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=nowhere))
