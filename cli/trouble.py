"""What went wrong, told to a person: what happened, what it means, what to do. Also the exit codes."""

from collections.abc import Iterator

from botocore import exceptions as aws

from watchkeeper.errors import Misconfigured, NotAllowed, Permanent, Refused, Transient, WatchkeeperError

DONE = 0
NO = 1  # it worked, and the answer is no: a broken chain, a wrong file, an incident that is not there
CANNOT = 2  # it could not be tried: no credentials, no stack, no such option


class Trouble(Exception):
    """Ends the command with these three sentences and this code."""

    def __init__(self, happened: str, means: str = "", todo: str = "", code: int = CANNOT) -> None:
        lines = (happened, means and f"  It means: {means}", todo and f"  To do: {todo}")
        super().__init__("\n".join(line for line in lines if line))
        self.code = code


SIGN_IN = "sign in (aws sso login, aws configure) and name the profile with --profile, or set AWS_PROFILE"
_AWS: tuple[tuple[type[Exception], str, str], ...] = (
    (aws.NoCredentialsError, "this machine has no AWS credentials, so nothing was asked or changed", SIGN_IN),
    (aws.PartialCredentialsError, "the AWS credentials are incomplete", SIGN_IN),
    (aws.ProfileNotFound, "the AWS configuration has no such profile", "see the names with: aws configure list-profiles"),
    (aws.TokenRetrievalError, "the sign-in has run out", "aws sso login, then the same command again"),
    (aws.UnauthorizedSSOTokenError, "the sign-in has run out", "aws sso login, then the same command again"),
    (aws.SSOTokenLoadError, "there is no sign-in yet for this profile", "aws sso login, then the same command again"),
    (aws.NoRegionError, "no region is set", "pass --region, or set AWS_REGION"),
    (aws.EndpointConnectionError, "nobody answers at that address", "is make demo still running? is --region right? is the network up?"),
    (aws.HTTPClientError, "the connection broke or timed out", "try again; nothing is half done"),
)
_CODES = {
    "ExpiredToken": ("the sign-in has run out", SIGN_IN),
    "ExpiredTokenException": ("the sign-in has run out", SIGN_IN),
    "InvalidClientTokenId": ("AWS does not know these credentials", SIGN_IN),
    "UnrecognizedClientException": ("AWS does not know these credentials", SIGN_IN),
    "AccessDenied": ("these credentials may not do that", "use a profile that may, or ask for the permission"),
    "AccessDeniedException": ("these credentials may not do that", "use a profile that may, or ask for the permission"),
    "ResourceNotFoundException": ("the stack's outputs name what is not there any more", "check with: ./watchkeeper doctor"),
}
_OURS: tuple[tuple[type[WatchkeeperError], str, str], ...] = (
    (NotAllowed, "these credentials may not do that", "use a profile that may, or ask for the permission"),
    (Misconfigured, "a setting or a file is missing or wrong", "mend it and run: ./watchkeeper doctor"),
    (Transient, "AWS or the emulator did not answer well", "try again; nothing is half done"),
    (Permanent, "the request was refused", "./watchkeeper doctor shows what the stack lacks"),
    (Refused, "what was given cannot be understood", "see --help"),
)


def explain(error: BaseException) -> Trouble:
    """The three sentences for an error of AWS or of ours; the deepest cause that we know speaks."""
    for cause in _causes(error):
        if isinstance(cause, Trouble):
            return cause
        if isinstance(cause, aws.ClientError):
            code = cause.response.get("Error", {}).get("Code", "")
            if code in _CODES:
                return Trouble(str(cause), *_CODES[code])
        for kind, means, todo in (*_AWS, *_OURS):
            if isinstance(cause, kind):
                return Trouble(str(cause), means, todo)
    return Trouble(str(error) or type(error).__name__, "the command could not be carried out", "./watchkeeper doctor shows what is wrong")


def _causes(error: BaseException) -> Iterator[BaseException]:
    chain = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    return reversed(chain)
