"""Addresses in a text: which are ours, and how the others are shown so that no program makes a link of them.

A text that somebody else may have written, a model included, is shown with its addresses taken apart: `hxxps://evil[.]example`.
A person can still read where it points; nobody's mail program, chat or ticket turns it into something to click.
"""

import re
from urllib.parse import urlsplit

_AWS = re.compile(r"(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com|docs\.aws\.amazon\.com")
_AWS_PRINCIPAL = re.compile(r"[a-z0-9-]+\.amazonaws\.com", re.IGNORECASE)
_TLDS = (
    "com|net|org|info|biz|io|dev|app|ai|co|xyz|online|site|top|club|shop|store|tech|cloud|live|page|link|click|website|space|icu|vip|pro|mobi|"
    "gov|edu|mil|int|eu|uk|us|de|fr|es|nl|ch|se|fi|dk|cz|ru|cn|jp|kr|br|au|ca|mx|ar|za|tr|ua|il|sg|hk|tw|vn|nz|ie|pt|gr|hu|ro|bg|tk|ml|ga|cf|gq|"
    "tv|cc|ws|su|ir|pk|example"
)
_ALSO_WORDS = "py|sh|rs|md|pl|so|ps|zip|mov|id|is|to|me|in|it|at|be|no|my|ly|gl|gd|as|name|host|run|aws|test"
_SCHEME = re.compile(r"\b(?!hxxps?:)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30})://(?P<authority>[^\s/?#<>\"'`|)\]]*)")
_HOST = re.compile(
    rf"(?<![\w@/.\-\[])(?P<host>(?:www\.[\w.-]*\w\.[A-Za-z]{{2,24}}|(?:[\w-]+\.)+(?:{_TLDS})|(?:[\w-]+\.)+(?:{_ALSO_WORDS})(?=(?::\d+)?/)))"
    r"(?![\w-]|\.\w)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.+-])(?P<who>[\w.+%-]+)@(?P<host>[\w-]+(?:\.[\w-]+)+)")
_CONTROL = re.compile(r"<(?P<what>[!@#][^<>\s|]*(?:\|[^<>]*)?|(?:https?|mailto|tel):[^<>]*)>", re.IGNORECASE)
_BARE = r"[\g<what>]"
_ADDRESS = re.compile(
    r"(?:<\s*[A-Za-z][A-Za-z0-9+.-]{1,30}:[^<>\s|]+\|[^<>]*>|\b[A-Za-z][A-Za-z0-9+.-]{1,30}://|\bwww\.|\b(?:mailto|data|javascript|tel):(?=\S))[^\s<>\"'`|\])]*",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"\bmailto:", re.IGNORECASE)
REMOVED = "[an address was removed]"


def defanged(text: str) -> str:
    """The text with every address in it taken apart. Doing it again changes nothing. Names of DNS records, which begin with an
    underscore, and AWS's own service principals stay as they are: nothing makes a link of the ones, nobody else owns the others."""
    safe = _uncontrolled(text)
    safe = _SCHEME.sub(_parted, safe)
    safe = _MAIL.sub(lambda match: f"{match['who']}[@]{_dotted(match['host'])}", safe)
    safe = _HOST.sub(lambda match: match[0] if _harmless(match["host"]) else _dotted(match[0]), safe)
    return _MAILTO.sub("mailto[:]", safe)


def _uncontrolled(text: str) -> str:
    """Without a chat's control sequences. Where one stood inside another, which nobody writes by accident, no angle bracket is left."""
    safe = _CONTROL.sub(_BARE, text)
    return safe.replace("<", "[").replace(">", "]") if _CONTROL.search(safe) else safe


def foreign_removed(text: str, repositories: tuple[str, ...] = ()) -> tuple[str, int]:
    """The text without the addresses that are not ours, and how many there were. Ours are the AWS console and documentation,
    and the web pages of these repositories, given as `owner/name` or as their address."""
    found = 0

    def judged(match: "re.Match[str]") -> str:
        nonlocal found
        if is_ours(match[0].rstrip(".,;:!?"), repositories):
            return match[0]
        found += 1
        return REMOVED

    return _ADDRESS.sub(judged, text), found


def is_ours(url: str, repositories: tuple[str, ...] = ()) -> bool:
    """May somebody be sent there by what a model wrote?"""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username is not None or parts.netloc.lower() != host or port is not None:
        return False
    if _AWS.fullmatch(host):
        return True
    return (
        any(f"{host}{parts.path}/".startswith(f"{_page(repository)}/") for repository in repositories if repository)
        and ".." not in parts.path
    )


def _page(repository: str) -> str:
    bare = repository.removeprefix("https://").removesuffix("/").removesuffix(".git")
    return bare if bare.count("/") > 1 else f"github.com/{bare}"


def _parted(match: "re.Match[str]") -> str:
    scheme, authority = match["scheme"], re.sub(r"(?<!\[)@", "[@]", _dotted(match["authority"]))
    taken_apart = {"http": "hxxp", "https": "hxxps"}.get(scheme.lower())
    return f"{taken_apart}://{authority}" if taken_apart else f"{scheme}[://]{authority}"


def _dotted(host: str) -> str:
    return re.sub(r"(?<!\[)\.(?!\])", "[.]", host)


def _harmless(host: str) -> bool:
    return host.startswith("_") or bool(_AWS_PRINCIPAL.fullmatch(host))
