"""`password=`-like pairs, wherever they are written: key=value, JSON (escaped too), YAML, XML, a URL, a command line, SQL."""

import re

from watchkeeper.redaction.kind import Kind, compiled, own, words

_NAMES = r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|cvv2?|cvc2?|otp)"
_SUFFIX = r"(?:[_-]?(?:value|text|plain(?:text)?|base64|b64|old|new|confirm(?:ation)?|[0-9]{1,2}))?"
_SEPARATOR = r"[\"'`\\\]]{0,5}\s{0,4}(?P<by>=>|:=|==?|:|%3D|%3A)\s{0,4}\[?"
_BARE = r"(?:[^\s\"'`<>,;&\\]|\\(?![\"'nrtu\\]))"
# A quoted value ends with the mark that it began with. A bare one goes on over a comma, unless a new field begins there.
_VALUE = (
    r"(?P<open>\\{0,3}[\"'`])?"
    r"(?P<secret>(?(open)(?:(?!(?P=open))(?:\\.|[^\\\r\n])){1,}+"
    rf"|{_BARE}{{1,}}+(?:[,;](?=[^\s\"'`<>,;&\\{{\[])(?![\w.-]{{1,40}}[\"']?\s?[=:]){_BARE}{{1,}}+)*+))"
)
_THEN_VALUE = r"[\"'\\]{0,4}\s?[,;]?\s{0,4}[\"'\\]{0,4}(?i:value)[\"'\\]{0,4}\s{0,2}(?P<by>[:=])\s{0,2}"
_KEYS_BEFORE = (
    r"(?:api|access|private|signing|signature|encryption|decryption|crypto|master|shared|auth|app|application|license|service|storage|"
    r"webhook|secret|session|ssh|deploy|hmac|subscription|functions|host|cipher|jwt|rsa|aes|client)[ _.-]?\Z"
)
_NO_SECRETS = words(
    "none null nil true false undefined empty blank missing invalid incorrect expired required optional unset set changed ok failed wrong "
    "default yes no on off redacted filtered masked hidden removed omitted secret password token string unknown rejected accepted valid "
    "denied mismatch not is was has must and or for the a an in to of does needed given provided protected type bearer n/a nan eof"
)
_REFERENCE = (
    r"\$\{|\$\(|\$[A-Z_]+\Z|\{\{|%\(|%[sdvq]\b|@@|arn:aws|ssm:|vault:|projects/|op://|file:|env[:.]|process\.env|os\.(?:environ|getenv)|var\.|"
    r"local\.|data\.|secrets?\.|resolve:|self\.|this\.|config\.|settings\.|ref\+|!ref|\{resolve|/run/secrets/|<|\*{3}|x{4,}\Z|•"
)
_NO_CREDENTIALS = (
    r"(?:next|page|pagination|continuation|marker|client|client_?request|request|idempotency|unexpected|sync|cancellation|resume|start|stop|near)"
    r"[ _-]?\Z"
)
_NO_LETTERS = str.maketrans("", "", "-_'.,!?")
_NAMED = r"[a-z]+(?:[-/.][a-z]+)+\Z"
_WITHIN_ARN = r"arn:aws[\w-]*:\S*:\Z"


def _is_real(match: re.Match[str]) -> bool:
    """No word of a sentence, no reference to where the secret is, no stars."""
    value = match["secret"]
    bare = value.strip("\"'()[]{}<>*.,!?-_ ").lower()
    return (
        len(bare) > (0 if match.groupdict().get("open") else 2)
        and bare not in _NO_SECRETS
        and not compiled(_REFERENCE).match(value)
        and not _is_prose(match)
    )


def _is_prose(match: re.Match[str]) -> bool:
    """`Wrong password: rejected by ldap` is a sentence; `password: horse`, with a line to itself, is YAML."""
    written, value = match.groupdict(), match["secret"]
    if written.get("open") or written.get("by") != ":" or not value.translate(_NO_LETTERS).isalpha():
        return False
    before = match.string[max(0, match.start() - 60) : match.start()]
    begins_line = ("\n" in before or match.start() <= 60) and " " not in before.rpartition("\n")[2].strip(" \t-")
    return not (begins_line and match.string[match.end() : match.end() + 1] in {"", "\n", "\r"})


def _is_value(match: re.Match[str]) -> bool:
    """The words for passwords, secrets and tokens also name other things: those are told by what stands around them."""
    key, value = match["key"].lower(), match["secret"]
    before = match.string[max(0, match.start() - 20) : match.start()].lower()
    if key == "pass" and (value.isdigit() or before[-1:].isalnum() or (match["by"] == ":" and not any(c.isdigit() for c in value))):
        return False  # tests that passed
    if key == "pwd" and (value.startswith(("/", "~", "\\")) or value[1:3] in {":\\", ":/"}):
        return False  # the working directory
    if key[:3] in {"cvv", "cvc", "otp"}:
        return value.isdigit() and 3 <= len(value) <= 8 and not before[-1:].isalnum()
    if key.startswith("token"):
        known = not compiled(_NO_CREDENTIALS).search(before)
        return known and len(value) >= 8 and any(c.isdigit() for c in value) and _is_real(match)
    if key == "secret" and not before[-1:].isalnum() and before[-1:] not in {"_", "-"} and _is_named(match):
        return False
    return _is_real(match)


def _is_named(match: re.Match[str]) -> bool:
    """`secret=shop/db-password` and an ARN say where the secret is, and not what it is."""
    before = match.string[max(0, match.start() - 100) : match.start()]
    return bool(compiled(_NAMED).match(match["secret"]) or compiled(_WITHIN_ARN).search(before))


def _is_key(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 16) : match.start()].lower()
    value = match["secret"]
    random = len(value) >= 8 and any(c.isdigit() for c in value)
    return random and bool(compiled(_KEYS_BEFORE).search(before)) and _is_real(match)


def _is_either(match: re.Match[str]) -> bool:
    return _is_key(match) if match["key"].lower().startswith("key") else _is_value(match)


def _has_digit(match: re.Match[str]) -> bool:
    return any(c.isdigit() for c in match["secret"])


def _is_curl(match: re.Match[str]) -> bool:
    return "curl" in match.string[max(0, match.start() - 200) : match.start()] and not match["secret"].isdigit()


_HINTS = ("pass", "pwd", "secret", "token", "cvv", "cvc", "otp")
PAIRS = (
    Kind("secret", _HINTS, rf"(?P<key>(?i:{_NAMES}{_SUFFIX})){_SEPARATOR}{_VALUE}", _is_value),
    Kind("secret", ("key",), rf"(?P<key>(?i:key){_SUFFIX}){_SEPARATOR}{_VALUE}", _is_key),
    Kind("secret", ("value",), rf"(?P<key>(?i:{_NAMES}|key){_SUFFIX}){_THEN_VALUE}{_VALUE}", _is_either),
    Kind("secret", ("password", "passwd"), r"(?i:passw(?:or)?d) (?:is|was) (?P<secret>[^\s\"',;]{6,})", _has_digit),
    Kind(
        "secret", ("sshpass", "redis-cli"), r"(?:sshpass -p|redis-cli(?: -[hpn] [^\s]{1,80}){0,3} -a) {0,2}[\"']?(?P<secret>[^\s\"']{3,})"
    ),
    Kind("secret", _HINTS, rf"<[A-Za-z:.]{{0,24}}(?P<key>(?i:{_NAMES}))>(?P<secret>[^<>\r\n]{{3,}})<", _is_real),
    Kind("secret", ("--",), rf"--[a-z-]{{0,24}}(?P<key>(?:{_NAMES}|key))\s{{1,4}}(?![-=:]){_VALUE}", _is_real),
    Kind(
        "secret",
        ("identified", "password"),
        r"(?i:identified\s{1,4}by|password)\s{1,4}(?P<open>['\"])(?P<secret>[^'\"\r\n]{3,}+)",
        _is_real,
    ),
    Kind("secret", ("-u", "--user"), r"\s(?:-u|--user)[ =]{0,2}[\"']?[^\s:\"']{1,64}:(?P<secret>[^\s\"']{3,})", _is_curl),
    Kind(
        "password-hash",
        ("$",),
        own(r"\$") + r"(?:2[abxy]|argon2(?:id?|d)|[156y7]|pbkdf2-[a-z0-9]{1,8}|scrypt)\$[A-Za-z0-9./$,=+-]{20,}",
    ),
)
