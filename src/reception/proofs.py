"""The ways in which a request proves who sent it, one for each kind that vendors offer. Every answer but yes is BadSignature.

A proof takes the raw bytes, the headers with their names in lower case, and the secrets that count now (two while one is
being changed); it gives the time to judge the request by. A parameter of the address comes among the headers as `?name`,
which no header can be called. `sign` makes what a right sender sends: the tests, the samples and `watchkeeper sources` use it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from reception.signature import Shell, among, mac, moment_of, told_at
from reception.sns_signature import SnsSignature
from watchkeeper.errors import BadSignature

__all__ = ["AnyOf", "Basic", "Bearer", "Hmac", "Proof", "QueryToken", "SharedHeader", "SnsSignature"]


class Proof(Protocol):
    """What a source asks of its sender."""

    @property
    def timed(self) -> bool:
        """Whether a time is proven with it, so that an old request is refused. Else a replay folds into what it repeats."""

    @property
    def words(self) -> str:
        """For people, in one line."""

    @property
    def shell(self) -> Shell | None:
        """For a copy-paste example; none where only the vendor can make it."""

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        """The time that was proven, or now where the proof holds none; else BadSignature with the field."""

    def sign(self, raw: bytes, secret: str, at: datetime) -> dict[str, str] | None:
        """What to send along with these bytes at this time; none where only the vendor can make it."""


@dataclass(frozen=True)
class Hmac:
    """A keyed hash of what was sent. `signed` says over what: `{body}`, or with `{timestamp}` where a header tells the time."""

    header: str
    prefix: str = ""
    algorithm: Literal["sha256", "sha1", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str = ""
    signed: str = "{body}"
    several: bool = False

    @property
    def timed(self) -> bool:
        return bool(self.timestamp_header)

    @property
    def words(self) -> str:
        how = f"{self.header}: {self.prefix}<{self.encoding} HMAC-{self.algorithm.upper()} of {self.signed}>"
        return f"{how}, {self.timestamp_header}: <unix seconds, ±300>" if self.timed else how

    @property
    def shell(self) -> Shell:
        content = self.signed.replace("{timestamp}", "${now}").replace("{body}", "${body}")
        digest = f'openssl dgst -{self.algorithm} -hmac "$secret"'
        end = "-r | cut -d' ' -f1" if self.encoding == "hex" else "-binary | openssl base64 -A"
        before = (f'signature=$(printf %s "{content}" | {digest} {end})',)
        sent = (f'-H "{self.header}: {self.prefix}$signature"',)
        if not self.timed:
            return Shell(before, sent)
        return Shell(("now=$(date +%s)", *before), (f'-H "{self.timestamp_header}: $now"', *sent))

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        said = told_at(headers, self.timestamp_header, now) if self.timed else ""
        value = headers.get(self.header.lower(), "")
        parts = [part.strip() for part in (value.split(",") if self.several else [value])]
        sent = [part.removeprefix(self.prefix) for part in parts if part.startswith(self.prefix)]
        if not among(sent, [self._mark(raw, said, secret) for secret in secrets if secret]):
            raise BadSignature(f"send {self.words}, over the body as it is sent", field=self.header.lower())
        return moment_of(said) if said else now

    def sign(self, raw: bytes, secret: str, at: datetime) -> dict[str, str]:
        said = str(int(at.timestamp()))
        mark = {self.header: self.prefix + self._mark(raw, said, secret)}
        return {self.timestamp_header: said} | mark if self.timed else mark

    def _mark(self, raw: bytes, said: str, secret: str) -> str:
        before, _, after = self.signed.replace("{timestamp}", said).partition("{body}")
        return mac(before.encode() + raw + after.encode(), secret, self.algorithm, self.encoding)


@dataclass(frozen=True)
class SharedHeader:
    """The secret itself in a header, after `prefix`. It proves who sent it and not what: for vendors that sign nothing."""

    header: str
    prefix: str = ""
    timed: bool = False

    @property
    def words(self) -> str:
        return f"{self.header}: {self.prefix}<the secret>"

    @property
    def shell(self) -> Shell:
        return Shell(arguments=(f'-H "{self.header}: {self.prefix}$secret"',))

    def verify(self, _: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        sent = headers.get(self.header.lower(), "").strip()
        if not among([sent], [self.prefix + secret for secret in secrets if secret]):
            raise BadSignature(f"send {self.words}", field=self.header.lower())
        return now

    def sign(self, _: bytes, secret: str, __: datetime) -> dict[str, str]:
        return {self.header: self.prefix + secret}


def Bearer() -> SharedHeader:  # noqa: N802 - reads as one of the kinds, among which it stands
    """`Authorization: Bearer <secret>`."""
    return SharedHeader("Authorization", "Bearer ")


@dataclass(frozen=True)
class Basic:
    """`Authorization: Basic`, for vendors that only offer user and password. The stored secret is `user:password`."""

    timed: bool = False

    @property
    def words(self) -> str:
        return "Authorization: Basic <base64 of the secret, which is user:password>"

    @property
    def shell(self) -> Shell:
        return Shell(arguments=('-u "$secret"',))

    def verify(self, _: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        sent = headers.get("authorization", "").strip()
        if not among([sent], [self._mark(secret) for secret in secrets if secret]):
            raise BadSignature(f"send {self.words}", field="authorization")
        return now

    def sign(self, _: bytes, secret: str, __: datetime) -> dict[str, str]:
        return {"Authorization": self._mark(secret)}

    def _mark(self, secret: str) -> str:
        return "Basic " + base64.b64encode(secret.encode(errors="surrogatepass")).decode()


@dataclass(frozen=True)
class QueryToken:
    """The secret as a parameter of the address, for vendors that can only call one. The weakest: addresses are written to logs."""

    name: str = "token"
    timed: bool = False

    @property
    def words(self) -> str:
        return f"?{self.name}=<the secret>; weak, because addresses are logged: change it often"

    @property
    def shell(self) -> Shell:
        return Shell(query=f"?{self.name}=$secret")

    def verify(self, _: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        if not among([headers.get(f"?{self.name}", "")], [secret for secret in secrets if secret]):
            raise BadSignature(f"add ?{self.name}=<the secret> to the address", field=f"?{self.name}")
        return now

    def sign(self, _: bytes, secret: str, __: datetime) -> dict[str, str]:
        return {f"?{self.name}": secret}


@dataclass(frozen=True)
class AnyOf:
    """One of several will do, where the vendor leaves the choice. The first is the one to recommend."""

    proofs: tuple[Proof, ...]

    @property
    def timed(self) -> bool:
        return self.proofs[0].timed

    @property
    def words(self) -> str:
        return ", or ".join(proof.words for proof in self.proofs)

    @property
    def shell(self) -> Shell | None:
        return self.proofs[0].shell

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
        refusals = []
        for proof in self.proofs:
            try:
                return proof.verify(raw, headers, secrets, now)
            except BadSignature as refused:
                refusals.append(refused)
        raise refusals[0]

    def sign(self, raw: bytes, secret: str, at: datetime) -> dict[str, str] | None:
        return self.proofs[0].sign(raw, secret, at)
