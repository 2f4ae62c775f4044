"""TLS: the certificate is held against the registered name, though the connection is made to the checked address."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mcp_client.servers import Servers
from tests.fakes.mcp_side import SECRET, Strict, all_of, registered, strict_server, tool


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mcp.test")])
    since = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(since).not_valid_after(since + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("mcp.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return pem, private


@pytest.fixture
def strict(certificate: tuple[Path, Path]) -> Iterator[Strict]:
    pem, private = certificate
    hosts = ("mcp.test:*", "other.test:*")
    with strict_server(Strict(tools=[tool("search_code")]), hosts=hosts, ssl_certfile=str(pem), ssl_keyfile=str(private)) as running:
        yield running


@pytest.mark.parametrize(("host", "found"), [("mcp.test", 1), ("other.test", 0)])
def test_the_certificate_has_to_be_the_registered_names(host: str, found: int, strict: Strict, certificate: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    url = strict.url.replace("http://localhost", f"https://{host}")
    servers = Servers(lambda: all_of(registered(url)), lambda: {"mcp": SECRET}, resolve=lambda *_: ["127.0.0.1"], tls=trusting)
    assert len(servers.offers(5).tools) == found
    assert bool(strict.requests) is bool(found)  # a wrong name gets no request, so no secret


def test_an_authority_that_nobody_knows_is_refused(strict: Strict) -> None:
    url = strict.url.replace("http://localhost", "https://mcp.test")
    servers = Servers(lambda: all_of(registered(url)), lambda: {"mcp": SECRET}, resolve=lambda *_: ["127.0.0.1"])
    assert "cannot be reached" in servers.offers(5).missing[0]
