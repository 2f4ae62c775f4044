"""What travels with a request: credentials in addresses, headers and cookies, tokens and keys written out whole."""

import binascii
import re

from watchkeeper.redaction.kind import Kind, own

_AFTER_NAME = r"[\"'\\\]]{0,4}\s{0,4}(?:=>|[:=,])\s{0,4}[\[\"'\\]{0,4}"
_COOKIE_VALUE = r"[^\s;,=\"'\\]{4,}+"


def _is_user_and_password(match: re.Match[str]) -> bool:
    """`basic` is also a word: only what decodes to `user:password` counts."""
    secret = match["secret"].rstrip("=")
    try:
        return b":" in binascii.a2b_base64(secret + "=" * (-len(secret) % 4), strict_mode=True)
    except binascii.Error:
        return False


def _is_no_word(match: re.Match[str]) -> bool:
    """Behind a scheme stands a credential; without one, `authorization: user-not-found` is a sentence."""
    return bool(match.groupdict().get("scheme")) or any(c.isdigit() for c in match["secret"]) or len(match["secret"]) > 20


HEADERS = (
    Kind(
        "private-key",
        ("private key", "private-lines"),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        r"|Private-Lines: \d{1,4}(?P<secret>(?:\s{1,2}[A-Za-z0-9+/=]{8,64}(?![^\r\n])){1,400})",
    ),
    Kind(
        "jwt",
        ("eyj",),
        own("eyJ", "A-Za-z0-9_-") + r"[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){0,3}",
    ),
    Kind("url-password", ("://",), r"://[^\s:/@\"'<>]{0,128}:(?P<secret>[^\s/\"'<>]{1,256})@"),
    Kind("url-password", ("oracle:thin:",), r"oracle:thin:[^\s/@]{1,64}/(?P<secret>[^\s/@\"']{1,128})@"),
    Kind(
        "connection-string",
        ("password", "pwd"),
        r";\s{0,4}(?i:password|pwd)\s{0,4}=\s{0,4}(?P<secret>[^;\"'\\\r\n]{1,200}+)(?=[;\"'\\\r\n]|\Z)",
        lambda match: match["secret"].strip("*x ") != "" and match["secret"][0] not in "/~",
    ),
    Kind(
        "authorization",
        ("authorization",),
        rf"(?i:authorization){_AFTER_NAME}(?i:digest|hawk|oauth|aws4-hmac-sha256|aws)\s{{1,4}}(?P<secret>[^\r\n\\]{{8,}})",
    ),
    Kind(
        "authorization",
        ("authorization",),
        rf"(?i:authorization){_AFTER_NAME}(?P<scheme>(?i:bearer|basic|token|negotiate|ntlm|apikey|api-key|key|splunk|genie-?key|sso-key)\s{{1,4}}"
        r"(?:token=[\"\\]{0,3})?)?(?P<secret>[^\s\"'\\,;&<>()\[\]]{6,})",
        _is_no_word,
    ),
    Kind("bearer", ("bearer",), r"(?<![A-Za-z])(?i:bearer)(?:\s{1,4}|%20|:\s?|\+)(?P<secret>[A-Za-z0-9._~+/=-]{16,})", _is_no_word),
    Kind("basic", ("basic",), r"(?<![A-Za-z])(?i:basic)\s{1,4}(?P<secret>[A-Za-z0-9+/]{8,}={0,2})", _is_user_and_password),
    Kind(
        "basic", ("auth",), r"(?<![A-Za-z])_?auth[\"'\\]{1,4}\s?:\s?[\"'\\]{1,4}(?P<secret>[A-Za-z0-9+/]{8,}={0,2})", _is_user_and_password
    ),
    Kind("cookie", ("set-cookie",), rf"(?i:set-cookie){_AFTER_NAME}[^\s=;,\"']{{1,80}}=(?P<secret>{_COOKIE_VALUE})"),
    Kind("cookie", ("cookie",), rf"(?<![A-Za-z-])(?i:cookie){_AFTER_NAME}(?P<secret>[^\s=;,\"'\\()]{{1,80}}=[^\"'\\\r\n]{{4,}})"),
    Kind(
        "cookie",
        ("sessid", "jsessionid", "sessionid", "connect.sid", "laravel_session"),
        rf"(?i:jsessionid|phpsessid|asp\.net_sessionid|aspsessionid[a-z]{{0,8}}|connect\.sid|laravel_session)=(?P<secret>{_COOKIE_VALUE})",
    ),
)
