"""What belongs to people: mail addresses, card and account numbers; where a team wants it also telephone numbers and IP addresses."""

import re
import socket

from watchkeeper.redaction.kind import Kind, compiled, words

# Reserved by RFC 2606 and RFC 6762, or names of machines: nobody reads mail there.
_NOBODY = (".internal", ".local", ".localdomain", ".lan", ".invalid", ".example", ".test", ".arpa", ".compute.amazonaws.com")
_MACHINES = frozenset({"git", "hg", "svn", "noreply", "no-reply", "donotreply", "mailer-daemon"})
_FILES = words("js ts mjs cjs css map json py rb go rs java jar war so dll exe tgz gz zip tar whl png jpg svg sock service")
_IBAN_LENGTHS = dict(
    pair.split(":")
    for pair in words(
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 "
        "FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 "
        "LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 "
        "SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
    )
)
_LABELLED_ID = r"(?:id|ids|trace|span|order|ref|seq|offset|ts|time|timestamp|request|session)[\"'\\]{0,2}\s?[=:#]\s?[\"'\\]{0,2}\Z"
_SCHEMES = (  # who issues it, and how long such a number is
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)


def _is_somebody(match: re.Match[str]) -> bool:
    local, _, domain = match["secret"].lower().rpartition("@")
    labels = domain.split(".")
    if local in _MACHINES or domain.endswith(_NOBODY) or labels[-1] in _FILES:
        return False
    return not labels[0].isdigit() or not labels[-2].isdigit()


def _is_card(match: re.Match[str]) -> bool:
    """The scheme's own lengths and the check digit; and no number that is called an id, of which one in ten would pass."""
    digits = re.sub(r"\D", "", match.group())
    if not compiled(_SCHEMES).fullmatch(digits) or (len(digits) > 16 and match.group().isdigit()):
        return False
    if compiled(_LABELLED_ID).search(match.string[max(0, match.start() - 16) : match.start()].lower()):
        return False
    doubled = (int(c) if i % 2 == 0 else sum(divmod(2 * int(c), 10)) for i, c in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _is_iban(match: re.Match[str]) -> bool:
    """As long as the country's are, and 1 modulo 97."""
    iban = match["secret"].replace(" ", "")
    if str(len(iban)) != _IBAN_LENGTHS.get(iban[:2]):
        return False
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _is_an_address(match: re.Match[str]) -> bool:
    """Loopback and unspecified are the same on every machine and say nothing about anybody."""
    text = match.group()
    if ":" not in text:
        return not text.startswith(("127.", "0.", "255."))
    try:
        socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        return False
    return text not in {"::", "::1"}


_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"

PEOPLE = (
    Kind(
        "email",
        ("@",),
        r"(?<![\w%+.-])[.%+_-]{0,8}+(?P<secret>[\w%+.-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}){0,8}\.[A-Za-z]{2,63})(?![\w])",
        _is_somebody,
    ),
    Kind(
        "card",
        (),
        r"[2-6](?<![\w.-].)\d{3}(?:\d{9,15}|([ -])(?:\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{6}\1\d{4,5}))(?![\w-]|\.\d)",
        _is_card,
    ),
    Kind("iban", (), r"(?P<secret>[A-Z](?<![A-Za-z0-9].)[A-Z]\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])", _is_iban),
)
OPTIONAL = (
    Kind("ip", (".",), rf"(?<![\w.-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\d)", _is_an_address),
    Kind("ip", (":",), r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,34}:)[0-9A-Fa-f:]{3,39}+(?![\w:])", _is_an_address),
    Kind(
        "phone",
        ("+",),
        r"\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5}(?!\d)",
        lambda match: 8 <= sum(c.isdigit() for c in match.group()) <= 15,
    ),
)
