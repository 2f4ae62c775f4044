"""The request that each page under docs/integrations gives to copy, run as it stands there against the laptop stack."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from reception.sources.registry import Source, sources
from tests.e2e.conftest import Played

pytestmark = pytest.mark.stack
ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
ADDRESS = re.compile(r'"\$api(/[\w/-]+)')


def _requests() -> list[tuple[str, str]]:
    """The page's name and its block with the curl, for every page that has one."""
    pages = sorted((ROOT / "docs" / "integrations").glob("*.md"))
    blocks = ((page.stem, block) for page in pages for block in BLOCK.findall(page.read_text()))
    return [(name, block) for name, block in blocks if "curl -sS" in block]


REQUESTS = _requests()


def _source(block: str) -> Source:
    address = ADDRESS.search(block)
    assert address, "the block names no address of the stack"
    (found,) = [source for source in sources().values() if source.proof and source.path == address[1]]
    return found


def _body(source: Source) -> str:
    event = json.loads((ROOT / source.samples[0]).read_text())
    body: str = base64.b64decode(event["body"]).decode() if event.get("isBase64Encoded") else event["body"]
    return body


@pytest.mark.parametrize(("page", "block"), REQUESTS, ids=[page for page, _ in REQUESTS])
def test_the_request_of_the_page_is_accepted(played: Played, page: str, block: str) -> None:
    source, stack = _source(block), played.stage.stack
    words = {"api": stack.api_url, "key": stack.api_key, "secret": stack.secret("WebhookSecretArn")[source.name], "body": _body(source)}
    script = block.replace("curl -sS", "curl -sS -o /dev/null -w '%{http_code}'")
    environment = {**os.environ, **words, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    shell = ["bash", "-euc", script]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own page, to run it is the test
    assert (done.returncode, done.stdout[-3:]) == (0, "202"), f"{page}: {done.stdout} {done.stderr}"


def test_every_door_has_its_request_but_the_one_that_only_aws_can_sign() -> None:
    assert {_source(block).name for _, block in REQUESTS} == {s.name for s in sources().values() if s.proof} - {"sns"}
