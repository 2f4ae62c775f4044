"""What Systems Manager answers when it refuses a call. The class names are AWS's own codes."""


class SsmError(Exception):
    """A refusal. Its class name goes out as the error code."""

    status = 400

    @property
    def code(self) -> str:
        return type(self).__name__


class ValidationException(SsmError):
    pass


class AccessDeniedException(SsmError):
    pass


class DocumentAlreadyExists(SsmError):
    pass


class InvalidDocument(SsmError):
    pass


class InvalidDocumentContent(SsmError):
    pass


class InvalidDocumentVersion(SsmError):
    pass


class DuplicateDocumentContent(SsmError):
    pass


class InvalidInstanceId(SsmError):
    pass


class InvalidParameters(SsmError):
    pass


class InvalidFilterKey(SsmError):
    pass


class AutomationDefinitionNotFoundException(SsmError):
    pass


class AutomationDefinitionVersionNotFoundException(SsmError):
    pass


class AutomationExecutionNotFoundException(SsmError):
    pass


class InvalidAutomationExecutionParametersException(SsmError):
    pass


class InvalidAutomationStatusUpdateException(SsmError):
    pass


class IdempotentParameterMismatch(SsmError):
    pass
