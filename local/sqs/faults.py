"""What SQS answers when it refuses to move messages. The class names are AWS's own codes."""


class SqsError(Exception):
    """A refusal. Its class name goes out as the error code."""

    @property
    def code(self) -> str:
        return type(self).__name__


class ResourceNotFoundException(SqsError):
    """There is no such queue or no such task."""


class InvalidParameterValue(SqsError):
    """A value that does not fit."""


class UnsupportedOperation(SqsError):
    """Not with this queue, or not now."""
