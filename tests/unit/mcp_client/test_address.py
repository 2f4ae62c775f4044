"""Where a server's address may lead: the table of what is refused, however it is written."""

import pytest
from pydantic import ValidationError

from mcp_client.address import checked, forbidden
from mcp_client.door import Door, door_of
from mcp_client.errors import Down, Unsafe
from tests.fakes.mcp_side import SECRET, registered
from watchkeeper.mcp_servers import Auth, AuthKind, Collect, McpServer

PUBLIC = ("93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::5db8:d822", "::ffff:93.184.216.34", "2002:5db8:d822::1")
PRIVATE = (
    "127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::1",
)  # fmt: skip
NEVER = (
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "fd00:ec2::254", "fd00:ec2::23", "100.100.100.200", "fe80::1", "fe80::1%eth0",
    "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "64:ff9b:1::a9fe:a9fe", "224.0.0.1",
    "239.255.255.255", "ff02::1", "::", "0.1.2.3", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "fec0::1",
    "0.0.0.0",  # noqa: S104 - refused, not bound to

    "2001:db8::1", "4000::1", "nonsense", "",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_allowed(address: str) -> None:
    assert (forbidden(address, allow_private=False), forbidden(address, allow_private=True)) == ("", "")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_space_only_where_it_was_said(address: str) -> None:
    assert forbidden(address, allow_private=False)
    assert forbidden(address, allow_private=True) == ""


@pytest.mark.parametrize("address", NEVER)
def test_never_even_where_private_addresses_are_allowed(address: str) -> None:
    assert forbidden(address, allow_private=False)
    assert forbidden(address, allow_private=True)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_what_a_host_is_written_like_does_not_matter(host: str) -> None:
    """As this machine's resolver reads it; one that does not read such a form finds nothing, which is as good."""
    with pytest.raises((Unsafe, Down)):
        checked(host, 443, allow_private=False)


def test_one_address_of_many_is_enough_to_refuse() -> None:
    with pytest.raises(Unsafe):
        checked("mcp.example", 443, allow_private=False, resolve=lambda *_: ["93.184.216.34", "10.0.0.1"])
    assert checked("mcp.example", 443, allow_private=False, resolve=lambda *_: ["93.184.216.34"]) == "93.184.216.34"


def test_without_tls_nothing_leaves_the_private_network() -> None:
    with pytest.raises(Unsafe):
        door_of(registered("http://localhost/mcp"), {"mcp": SECRET}, lambda *_: ["93.184.216.34"])


def test_a_door_never_shows_its_secret() -> None:
    door: Door = door_of(registered("https://mcp.example/mcp"), {"mcp": SECRET}, lambda *_: ["93.184.216.34"])
    assert door.proof == {"authorization": f"Bearer {SECRET}"}
    assert SECRET not in repr(door)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://mcp.example/", "https://", "mcp.example", "https://user:pass@mcp.example/", "https://user@mcp.example/", "https://x/?a=b",
        "https://x/#a", "https://mcp.example:99999/", "https://mcp.example:0/", "https://mcp.example\\@evil.example/", "https://a b/",
        "https://mcp.exämple/", "http://mcp.example/", "http://93.184.216.34/", "https://x\n/",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_registered(url: str) -> None:
    with pytest.raises(ValidationError):
        registered(url)


def test_plain_http_needs_the_word() -> None:
    with pytest.raises(ValidationError):
        registered("http://localhost:1/mcp", allow_private=False)
    assert registered("http://10.0.0.1/mcp").url


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "bearer"}, {"kind": "none", "secret_key": "x"}, {"kind": "header", "secret_key": "x"},
        {"kind": "header", "secret_key": "x", "header": "Host"}, {"kind": "header", "secret_key": "x", "header": "A\r\nB"},
        {"kind": "header", "secret_key": "x", "header": "Mcp-Session-Id"}, {"kind": "bearer", "secret_key": "x", "header": "X-Y"},
    ],
)  # fmt: skip
def test_how_we_prove_ourselves_is_whole_or_refused(auth: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Auth.model_validate(auth)


def test_a_whole_name_counts_before_a_pattern_and_the_longer_pattern_before_the_shorter() -> None:
    tools = {"*": "action:github-revert", "get_*": "read", "get_secret": "action:ecs-redeploy"}
    server = McpServer(name="x", url="https://x/", auth=Auth(kind=AuthKind.NONE), tools=tools)
    assert [server.kind(name) for name in ("get_one", "get_secret", "other")] == ["read", "action:ecs-redeploy", "action:github-revert"]
    assert registered("https://x/").kind("delete") == ""


def test_only_read_tools_are_collected_and_only_trusted_fields_go_in() -> None:
    with pytest.raises(ValidationError):
        registered("https://x/", collect=(Collect(tool="merge"),))
    with pytest.raises(ValidationError):
        Collect(tool="search_code", arguments={"q": ["{title}"]})
    one = Collect(tool="search_code", arguments={"q": ["a {service}", 1], "n": {"r": "{region}"}})
    assert one.filled({"service": "{region}", "region": "eu"}) == {"q": ["a {region}", 1], "n": {"r": "eu"}}
