"""What an ARN names, as our words have it."""

import re

from watchkeeper.models import Resource

_ONE_KIND = {"sqs": "sqs:queue", "sns": "sns:topic", "s3": "s3:bucket", "codepipeline": "codepipeline:pipeline"}
_ARN = re.compile(r"arn:(?P<partition>aws[\w-]*):(?P<service>[\w-]+):(?P<region>[\w-]*):(?P<account>\d*):(?P<rest>\S+)")


def from_arn(arn: str, *, trusted: bool) -> Resource | None:
    """The resource of an ARN, or none where the text is no ARN."""
    match = _ARN.fullmatch(arn.strip())
    if match is None:
        return None
    kind, separator, name = re.match(r"([^:/]*)([:/]?)(.*)", match["rest"], re.DOTALL).groups()  # type: ignore[union-attr]  # it matches any text
    own_id = name.removesuffix(":*") if separator else kind
    type_of = f"{match['service']}:{kind}" if separator else _ONE_KIND.get(match["service"], match["service"])
    if not own_id:
        return None
    return Resource(type=type_of, id=own_id, arn=arn.strip(), account=match["account"], region=match["region"], trusted=trusted)
