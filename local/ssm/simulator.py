"""Systems Manager's Automation, as far as a runbook and those who start it can tell. Thread-safe; nothing survives it."""

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from local.aws import ACCOUNT, Caller
from local.ssm import documents, shown
from local.ssm.documents import Document
from local.ssm.events import Announcer
from local.ssm.execution import ENDED, Execution, Pace, Surroundings, run
from local.ssm.faults import (
    AutomationDefinitionNotFoundException,
    AutomationDefinitionVersionNotFoundException,
    AutomationExecutionNotFoundException,
    IdempotentParameterMismatch,
    InvalidAutomationExecutionParametersException,
    InvalidDocument,
    InvalidDocumentVersion,
    InvalidFilterKey,
    ValidationException,
)
from local.ssm.journal import Journal
from local.ssm.mishaps import Mishaps
from local.ssm.shelf import AnyDocument, Shelf
from local.ssm.steps.action import Agent
from local.ssm.stopping import alarm_of
from local.ssm.values import resolve

_TOKEN = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
MOST_TAGS = 5
MOST_AT_ONCE = 50


class Simulator:
    """The documents and executions of one account, and the operations on them."""

    def __init__(self, account: Caller, pace: Pace | None = None) -> None:
        self.journal, self.mishaps, self.agents = Journal(), Mishaps(), dict[str, Agent]()
        self.shelf, self._account = Shelf(), account
        announcer = Announcer(account, self.journal)
        self._around = Surroundings(self.journal, self.mishaps, self.agents, pace or Pace(), announcer, self.shelf)
        self._executions: dict[str, Execution] = {}
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    @property
    def executions(self) -> list[Execution]:
        """Every execution, oldest first."""
        return list(self._executions.values())

    @property
    def documents(self) -> list[str]:
        """The names of what is registered."""
        return self.shelf.names

    def stop_all(self) -> None:
        """Cancel what still runs, so that nothing calls an emulator that is going down."""
        for execution in self.executions:
            execution.cancelled.set()

    def create_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name = str(asked.get("Name", ""))
        if not documents.NAME.fullmatch(name):
            raise ValidationException(f"Name {name!r}: 3 to 128 letters, digits, dots, dashes and underscores")
        kind = str(asked.get("DocumentType", "Automation"))
        if kind not in {"Automation", "Command"}:
            raise ValidationException("the simulator registers Automation runbooks and Command documents only")
        return {"DocumentDescription": self._shown(self.shelf.add(name, str(asked.get("Content", "")), kind))}

    def update_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One more version. Like AWS it leaves the default one as it is."""
        made = self.shelf.renew(str(asked.get("Name", "")), str(asked.get("Content", "")))
        return {"DocumentDescription": self._shown(made)}

    def update_document_default_version(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, version = str(asked.get("Name", "")), str(asked.get("DocumentVersion", ""))
        self.shelf.make_default(name, version)
        return {"Description": {"Name": name, "DefaultVersion": version}}

    def describe_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"Document": self._shown(self._asked_for(asked))}

    def get_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = self._asked_for(asked)
        about = {key: value for key, value in self._shown(found).items() if key in {"Name", "Status", "DocumentVersion", "DocumentType"}}
        return about | {"Content": found.content, "DocumentFormat": "YAML"}

    def start_automation_execution(self, asked: Mapping[str, Any], caller: str = "") -> dict[str, Any]:
        """Start, once. A token that was used before is refused, whatever it is sent with: AWS lets none be used again."""
        document = self._runbook(asked)
        tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags", [])}
        if len(tags) > MOST_TAGS:
            raise ValidationException(f"an automation takes {MOST_TAGS} tags at most")
        execution = Execution(
            id=str(uuid.uuid4()),
            document=document,
            parameters=dict(asked.get("Parameters") or {}),
            tags=tags,
            account=self._account,
            executed_by=caller or f"arn:aws:iam::{ACCOUNT}:root",
            alarm=alarm_of(asked),
        )
        execution = replace(execution, account=self._as_role(execution))
        with self._lock:
            self._use(str(asked.get("ClientToken") or uuid.uuid4()))
            self._executions[execution.id] = execution
        threading.Thread(target=run, args=(execution, self._around), daemon=True, name=f"automation-{execution.id}").start()
        return {"AutomationExecutionId": execution.id}

    def get_automation_execution(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"AutomationExecution": shown.detail(self._execution(asked))}

    def describe_automation_executions(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Newest first, every filter must hold."""
        found = [e for e in reversed(self.executions) if all(_passes(e, f["Key"], f["Values"]) for f in asked.get("Filters", []))]
        start = int(asked.get("NextToken") or 0)
        end = start + min(int(asked.get("MaxResults") or MOST_AT_ONCE), MOST_AT_ONCE)
        more = {"NextToken": str(end)} if end < len(found) else {}
        return {"AutomationExecutionMetadataList": [shown.metadata(e) for e in found[start:end]], **more}

    def stop_automation_execution(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        execution = self._execution(asked)
        if execution.status not in ENDED:
            execution.cancelled.set()
        return {}

    def _asked_for(self, asked: Mapping[str, Any]) -> AnyDocument:
        return self.shelf.find(str(asked.get("Name", "")), str(asked.get("DocumentVersion", "")))

    def _shown(self, found: AnyDocument) -> dict[str, Any]:
        return shown.document(found, self.shelf.latest_of(found.name), self.shelf.default_of(found.name))

    def _runbook(self, asked: Mapping[str, Any]) -> Document:
        """The runbook in the version that is asked for, or in its default one."""
        name, version = str(asked.get("DocumentName", "")).rsplit("/", 1)[-1], str(asked.get("DocumentVersion", ""))
        try:
            found = self.shelf.find(name, version)
        except InvalidDocument as error:
            raise AutomationDefinitionNotFoundException(f"there is no document {name!r}") from error
        except InvalidDocumentVersion as error:
            raise AutomationDefinitionVersionNotFoundException(str(error)) from error
        if not isinstance(found, Document):
            raise AutomationDefinitionNotFoundException(f"{name} is no Automation runbook")
        return found

    def _execution(self, asked: Mapping[str, Any]) -> Execution:
        found = self._executions.get(str(asked.get("AutomationExecutionId", "")))
        if found is None:
            raise AutomationExecutionNotFoundException(f"there is no execution {asked.get('AutomationExecutionId')!r}")
        return found

    def _use(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise ValidationException(f"ClientToken {token!r} is not a UUID")
        if token.lower() in self._tokens:
            raise IdempotentParameterMismatch(f"the client token {token} was used before")
        self._tokens.add(token.lower())

    def _as_role(self, execution: Execution) -> Caller:
        """The account as the runbook's role; refused at the start, as AWS does, where the role cannot be assumed."""
        role = str(resolve(execution.document.assume_role, execution.known()) or "")
        if not role:
            return self._account
        try:
            return self._account.role(role, f"automation-{execution.id}"[:64])
        except ClientError as error:
            raise InvalidAutomationExecutionParametersException(f"the role {role} cannot be assumed: {error}") from error


def _passes(execution: Execution, key: str, values: list[str]) -> bool:
    if key == "TagKey":
        return any(value in execution.tags for value in values)
    if key == "ExecutionStatus":
        return execution.status in values
    if key == "ExecutionId":
        return execution.id in values
    if key == "DocumentNamePrefix":
        return execution.document.name.startswith(tuple(values))
    raise InvalidFilterKey(f"the simulator does not filter by {key!r}")
