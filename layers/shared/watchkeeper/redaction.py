"""Secrets and personal data become stable placeholders, before anything is stored, logged, sent or shown to a model.

The placeholder carries a short keyed digest: two lines about one secret still match, and the secret cannot be guessed
back from it without the key.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Kind:
    """A kind of secret: what it looks like. Where the pattern has a group `secret`, only that part is replaced."""

    name: str
    pattern: re.Pattern[str]


# No pattern may begin with an unbounded run: a hostile line of 20 KB would be scanned again from each of its characters.
def _kind(name: str, pattern: str, flags: int = 0) -> Kind:
    return Kind(name, re.compile(pattern, flags))


KINDS = (
    _kind("private-key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
    _kind("aws-access-key", r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),
    _kind("presigned-url", r"(?<=[?&])(?P<secret>X-Amz-(?:Signature|Credential|Security-Token)=[^&\s\"']+)"),
    _kind("jwt", r"\beyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    _kind("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{16,}"),
    _kind("slack-token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    _kind("slack-webhook", r"https://hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9/]{20,})"),
    _kind("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})"),
    _kind("url-password", r"\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]+:(?P<secret>[^\s@/]+)@"),
    _kind("authorization", r"(?i)\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+(?P<secret>[A-Za-z0-9._~+/=-]{8,})"),
    _kind("bearer", r"(?i)\bbearer\s+(?P<secret>[A-Za-z0-9._~+/=-]{16,})"),
    _kind(
        "secret",
        r"(?i)(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|session[_-]?token|client[_-]?secret)"
        r"[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\s\"',;&}{\[\]]{4,})",
    ),
    _kind("email", r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,63}\b"),
    _kind("card", r"\b(?:\d[ -]?){12,18}\d\b"),
)

PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(kind.name for kind in KINDS)}):[0-9a-f]{{8}}\]")
_LONGEST_NAME = max(len(kind.name) for kind in KINDS) + len("[:")


def _is_ours(match: re.Match[str], group: str | int) -> bool:
    """Does this lie within a placeholder? `secret:` and `password:` are in their names, and look like one to the patterns."""
    start, end = match.span(group)
    opening = match.string.rfind("[", max(0, start - _LONGEST_NAME), start + 1)
    ours = PLACEHOLDER.match(match.string, opening) if opening >= 0 else None
    return ours is not None and ours.end() >= end


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and digits[0] in {2, 3, 4, 5, 6} and sum(doubled) % 10 == 0


@dataclass(frozen=True)
class Redactor:
    """Replaces with `[kind:digest]`. The same key and the same secret give the same placeholder."""

    key: bytes

    def __call__(self, text: str) -> str:
        for pattern, placeholder in self._replacements:
            text = pattern.sub(placeholder, text)
        return text

    @cached_property
    def _replacements(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
        """Made once: an alert has twenty texts, and each is looked at for every kind."""
        return tuple((kind.pattern, self._placeholder(kind)) for kind in KINDS)

    def _placeholder(self, kind: Kind) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            named = match.groupdict().get("secret")
            secret = named or match.group()
            if _is_ours(match, "secret" if named else 0) or secret.startswith("[") or (kind.name == "card" and not _is_card(secret)):
                return match.group()
            tag = hmac.new(self.key, secret.encode(), hashlib.sha256).hexdigest()[:8]
            return match.group().replace(secret, f"[{kind.name}:{tag}]")

        return replace
