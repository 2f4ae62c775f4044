"""Lambda functions of the emulated account, for the actions on them."""

import io
import time
import zipfile
from typing import Any

from tests.actions.theatre import Theatre
from watchkeeper.models import Resource

OURS = {"AutoRemediate": "true"}
ANSWERS = "def h(event, context): return {'version': %d}"


def packed(source: str) -> bytes:
    """A deployment package with this one module."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("m.py", source)
    return body.getvalue()


def a_function(theatre: Theatre, name: str, versions: int = 1, tags: dict[str, str] | None = None, source: str = ANSWERS) -> Resource:
    """A function with so many published versions; it carries the tag unless it is told to carry others."""
    client = theatre.client("lambda")
    made = client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::123456789012:role/function",
        Handler="m.h",
        Code={"ZipFile": packed(_numbered(source, 1))},
        Tags=OURS if tags is None else tags,
        Publish=True,
    )
    for number in range(2, versions + 1):
        client.update_function_code(FunctionName=name, ZipFile=packed(_numbered(source, number)), Publish=True)
    _until_active(client, name, versions)
    return Resource(type="lambda:function", id=name, arn=made["FunctionArn"], trusted=True)


def _numbered(source: str, number: int) -> str:
    return source % number if "%d" in source else source


def _until_active(client: Any, name: str, versions: int) -> None:
    for number in range(1, versions + 1):
        for _ in range(200):
            if client.get_function_configuration(FunctionName=name, Qualifier=str(number))["State"] == "Active":
                break
            time.sleep(0.02)
