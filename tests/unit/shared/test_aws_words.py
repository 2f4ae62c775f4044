"""What AWS answers, in our words: whose move it is, and which permission is to be granted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError

from watchkeeper.errors import NotAllowed, Permanent, Throttled, Transient, WatchkeeperError
from watchkeeper.storage.aws import in_our_words
from watchkeeper.storage.secrets import SecretsManager

ROLE = "arn:aws:iam::123456789012:role/watchkeeper-runbook-ec2-restart"
WHO = "User: arn:aws:sts::123456789012:assumed-role/watchkeeper-remediation/x is not authorized to perform:"
BECAUSE = "because no identity-based policy allows it"


def answered(code: str, message: str = "", status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Called")


@pytest.mark.parametrize(
    ("message", "permission", "on"),
    [
        (
            f"{WHO} ssm:StartAutomationExecution on resource: arn:aws:ssm:::document/x {BECAUSE}",
            "ssm:StartAutomationExecution",
            "the runbook",
        ),
        (f"{WHO} iam:PassRole on resource: {ROLE} {BECAUSE}", "iam:PassRole", ROLE),
        (f"{WHO} ssm:AddTagsToResource {BECAUSE}", "ssm:AddTagsToResource", "the runbook"),
        (f"You are not authorized to perform this operation. {WHO} iam:PassRole on resource: {ROLE}", "iam:PassRole", ROLE),
        ("Access Denied", "ssm:StartAutomationExecution", "the runbook"),
        ("is not authorized to perform: anything at all", "ssm:StartAutomationExecution", "the runbook"),
        ("", "ssm:StartAutomationExecution", "the runbook"),
    ],
    ids=["the call's own", "a role to lend", "a tag to put", "as EC2 says it", "S3's two words", "no permission's name", "nothing"],
)
def test_the_permission_that_iam_names_is_the_one_to_grant(message: str, permission: str, on: str) -> None:
    with pytest.raises(NotAllowed) as told, in_our_words("ssm:StartAutomationExecution", "the runbook"):
        raise answered("AccessDeniedException", message)
    assert (told.value.permission, told.value.resource) == (permission, on)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (answered("UnauthorizedOperation"), NotAllowed),
        (answered("ThrottlingException"), Throttled),
        (answered("InternalError", status=500), Transient),
        (answered("ValidationException"), Permanent),
        (ConnectTimeoutError(endpoint_url="https://x"), Transient),
        (ParamValidationError(report="ExternalId is too short"), Permanent),
    ],
    ids=str,
)
def test_whose_move_it_is(error: Exception, ours: type[WatchkeeperError]) -> None:
    """What botocore itself refuses to send would be refused the next time, too: no queue has to try it again."""
    with pytest.raises(WatchkeeperError) as told, in_our_words("x:Y", "z"):
        raise error
    assert type(told.value) is ours


def test_a_secret_that_may_not_be_read_names_the_permission() -> None:
    class Denied:
        def get_secret_value(self, **_: Any) -> None:
            raise answered("AccessDeniedException", f"{WHO} secretsmanager:GetSecretValue on resource: tools {BECAUSE}")

    with pytest.raises(NotAllowed, match=r"^not allowed: secretsmanager:GetSecretValue on tools$"):
        SecretsManager(Denied()).get("tools")
