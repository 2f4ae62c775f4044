"""What opens a cloud account: keys, session tokens and signed links of AWS, Google, Azure and smaller ones."""

import re

from watchkeeper.redaction.kind import ASSIGNED, Kind, own

_AWS_ID = r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"
_FORTY = r"(?<![A-Za-z0-9/+])(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def _is_mixed(match: re.Match[str]) -> bool:
    """Forty random base64 characters hold capitals and small letters; a git SHA, a path or a word does not."""
    secret = match["secret"]
    return any(c.isupper() for c in secret) and any(c.islower() for c in secret)


CLOUD = (
    Kind("aws-access-key", ("akia", "asia", "abia", "acca"), rf"(?:{_AWS_ID})+(?![A-Z0-9])"),
    Kind("aws-secret-key", ("key",), rf"(?i:secret[_-]?(?:access[_-]?)?key){ASSIGNED}{_FORTY}", _is_mixed),
    Kind("aws-secret-key", ("akia", "asia"), rf"A[KS]IA[A-Z0-9]{{16}}(?![A-Z0-9])[\s\S]{{1,80}}?{_FORTY}", _is_mixed),
    Kind(
        "aws-session-token",
        ("fwogzxivyxdz", "fqogzxivyxdz", "fqodyxdz", "iqojb3jpz2lux2vj"),
        r"(?:F[wQ]oGZXIvYXdz|FQoDYXdz|IQoJb3JpZ2luX2Vj)(?:[A-Za-z0-9/+_=-]|%2[BbFf]|%3[Dd]){40,}",
    ),
    Kind(
        "presigned-url",
        ("x-amz-", "x-goog-", "signature", "sig"),
        r"(?:[?&;]|%3[Ff]|%26|u0026)(?i:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig)(?:=|%3[Dd])"
        r"(?P<secret>(?:(?!%26)[^\s&\"'<>\\;]){16,}+)",
    ),
    Kind(
        "azure-key", ("accountkey", "sharedaccesskey"), r"(?i:(?:account|sharedaccess)key)\s?[=:]\s?\"?(?P<secret>[A-Za-z0-9+/]{20,}={0,2})"
    ),
    Kind("azure-secret", ("8q~",), r"[A-Za-z0-9_.~-]{3}8Q~[A-Za-z0-9_.~-]{31,}"),
    Kind("google-key", ("aiza",), r"AIza[A-Za-z0-9_-]{35}"),
    Kind("google-oauth", ("ya29.", "1//0", "gocspx-"), r"(?:ya29\.[A-Za-z0-9._-]{20,}|1//0[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,})"),
    Kind("digitalocean-token", ("o_v1_", "op_v1_"), r"do[opr]_v1_[a-f0-9]{40,}"),
    Kind("heroku-key", ("hrku-", "heroku"), rf"HRKU-[A-Za-z0-9_-]{{20,}}|(?i:heroku)[A-Za-z0-9_ .-]{{0,24}}{ASSIGNED}(?P<secret>{_UUID})"),
    Kind("vault-token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    Kind("vault-token", ("vault",), rf"(?i:vault[_-]?(?:root[_-]?)?token){ASSIGNED}(?P<secret>[sbr]\.[A-Za-z0-9]{{24,}})"),
    Kind("terraform-token", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}"),
    Kind("databricks-token", ("dapi",), own("dapi") + r"[a-f0-9]{32}(?:-\d)?"),
)
