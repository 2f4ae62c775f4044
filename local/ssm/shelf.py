"""The registered documents with all their versions. What is asked for without a version is the default one, as in AWS."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from local.ssm import commands, documents
from local.ssm.commands import Command
from local.ssm.documents import Document
from local.ssm.faults import (
    DocumentAlreadyExists,
    DuplicateDocumentContent,
    InvalidDocument,
    InvalidDocumentContent,
    InvalidDocumentVersion,
)

AnyDocument = Document | Command
SHELL_SCRIPT = "AWS-RunShellScript"


@dataclass
class _Versions:
    kept: list[AnyDocument]
    default: str = "1"

    def find(self, version: str) -> AnyDocument | None:
        wanted = {"": self.default, "$DEFAULT": self.default, "$LATEST": self.kept[-1].version}.get(version, version)
        return next((one for one in self.kept if one.version == wanted), None)


@dataclass
class Shelf:
    """Thread-safe. A version, once there, is never changed: an edit is a further version, and is run by whoever asks for it."""

    _named: dict[str, _Versions] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def names(self) -> list[str]:
        return list(self._named)

    def add(self, name: str, content: str, kind: str) -> AnyDocument:
        found = _read(name, content, kind)
        with self._lock:
            if name in self._named:
                raise DocumentAlreadyExists(f"the document {name} exists")
            self._named[name] = _Versions([found])
        return found

    def renew(self, name: str, content: str) -> AnyDocument:
        """One more version of it. The default one stays what it is until `make_default`, as in AWS."""
        kept = self._versions(name).kept
        with self._lock:
            if any(one.content == content for one in kept):
                raise DuplicateDocumentContent(f"the content is that of an earlier version of {name}")
            found: AnyDocument = replace(_read(name, content, kept[0].kind), version=str(len(kept) + 1))
            kept.append(found)
        return found

    def make_default(self, name: str, version: str) -> None:
        self._versions(name).default = self.find(name, version).version

    def find(self, name: str, version: str = "") -> AnyDocument:
        """InvalidDocument where there is none of this name, InvalidDocumentVersion where it has no such version."""
        found = self._versions(name).find(version)
        if found is None:
            raise InvalidDocumentVersion(f"{name} has no version {version!r}")
        return found

    def default_of(self, name: str) -> str:
        return self._versions(name).default

    def latest_of(self, name: str) -> str:
        return self._versions(name).kept[-1].version

    def lines(self, asked: Mapping[str, Any]) -> list[str]:
        """What a SendCommand comes to on an instance; refused where the document is not the one that was meant, or its parameters."""
        name, given = str(asked.get("DocumentName", "")).rsplit("/", 1)[-1], asked.get("Parameters") or {}
        if name == SHELL_SCRIPT and name not in self._named:
            return [str(line) for line in given.get("commands", [])]
        found = self.find(name, str(asked.get("DocumentVersion", "")))
        if not isinstance(found, Command):
            raise InvalidDocument(f"{name} is no Command document")
        if asked.get("DocumentHashType", "Sha256") != "Sha256":
            raise InvalidDocument("the simulator knows hashes of the type Sha256 only")
        if asked.get("DocumentHash", found.sha256) != found.sha256:
            raise InvalidDocument(f"the hash is not that of version {found.version} of {name}")
        return found.lines(given)

    def _versions(self, name: str) -> _Versions:
        if name not in self._named:
            raise InvalidDocument(f"there is no document {name!r}")
        return self._named[name]


def _read(name: str, content: str, kind: str) -> AnyDocument:
    try:
        raw = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise InvalidDocumentContent(f"not YAML or JSON: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise InvalidDocumentContent("a document is a mapping")
    return commands.read(name, content) if kind == Command.kind else documents.read(name, content)
