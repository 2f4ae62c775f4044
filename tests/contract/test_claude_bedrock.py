"""Claude on Bedrock, as far as one can see without AWS: the path, the signature, and the event stream in AWS's own framing."""

import base64
import json
import re
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from claude import errors
from claude.attempts import Limits, Pace
from claude.client import Claude
from local.standins.claude_stream import streamed
from local.standins.claude_thought import thought
from local.standins.http import Reply, Request, Server
from tests.fakes.claude_side import a_question

MODEL = "eu.anthropic.claude-haiku-5-5-v1:0"
KEYS = Credentials("AKIDEXAMPLE", "a-secret-for-a-test", "a-session")
ASKED = replace(a_question(), model=MODEL)
DATA = re.compile(rb"^data: (.*)$", re.MULTILINE)


def frame(payload: bytes, headers: dict[str, str]) -> bytes:
    """One message of vnd.amazon.eventstream: lengths, their checksum, headers, payload, the checksum of it all."""
    named = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode() for name, value in headers.items()
    )
    prelude = struct.pack("!II", len(named) + len(payload) + 16, len(named))
    body = prelude + struct.pack("!I", zlib.crc32(prelude)) + named + payload
    return body + struct.pack("!I", zlib.crc32(body))


def chunk(event: bytes) -> bytes:
    data = DATA.search(event)
    assert data
    payload = json.dumps({"bytes": base64.b64encode(data[1]).decode()}).encode()
    return frame(payload, {":message-type": "event", ":event-type": "chunk", ":content-type": "application/json"})


@dataclass
class Bedrock:
    """The runtime of one region. `mode` is a status, or how the stream goes."""

    mode: int | str = "ok"
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        if isinstance(self.mode, int):
            return Reply(self.mode, {"message": "Too many tokens, please wait before trying again."})
        return Reply(200, self._events(request), {"content-type": "application/vnd.amazon.eventstream"})

    def _events(self, request: Request) -> Iterator[bytes]:
        text = json.dumps({key: value for key, value in thought(request.json()).items() if key in {"cause", "confidence", "citations"}})
        usage = {"input_tokens": 321, "output_tokens": 45, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        message: dict[str, Any] = {"id": "msg_bdrk", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "usage": usage}
        message |= {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None}
        events = [chunk(event) for event in streamed(message)]
        yield from events if self.mode == "ok" else events[:4]
        if self.mode == "throttled midway":
            yield frame(b'{"message": "slow down"}', {":message-type": "exception", ":exception-type": "throttlingException"})


@contextmanager
def bedrock(mode: int | str = "ok") -> Iterator[tuple[Bedrock, Claude]]:
    runtime = Bedrock(mode)
    pace = Pace(ticks=time.monotonic, sleep=lambda _: None, chance=lambda: 0.5)
    with Server({"": runtime}) as server:
        yield runtime, Claude("bedrock", lambda: "", "eu-west-1", server.url, pace)


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of the function's role, as Lambda gives them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", KEYS.token)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)


def test_it_needs_no_key_and_streams_an_answer() -> None:
    with bedrock() as (runtime, claude):
        said = claude.ask(ASKED, 20)
    assert (said.value.cause.value, said.usage.fresh, said.usage.out) == ("cpu_saturation", 321, 45)
    assert said.value.citations
    (request,) = runtime.requests
    assert request.path == f"/model/{MODEL}/invoke-with-response-stream"
    assert request.json()["anthropic_version"]
    assert not {"model", "stream"} & set(request.json())


def test_the_request_is_signed_by_the_role_for_bedrock_in_its_region() -> None:
    with bedrock() as (runtime, claude):
        claude.ask(ASKED, 20)
    headers = runtime.requests[0].headers
    signed = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\w+)", headers["authorization"])
    assert signed
    assert signed[1].split("/")[2:] == ["eu-west-1", "bedrock", "aws4_request"]
    again = AWSRequest(
        "POST",
        f"http://{headers['host']}{runtime.requests[0].path}",
        headers={name: headers[name] for name in signed[2].split(";")},
        data=runtime.requests[0].body,
    )
    again.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(KEYS, "bedrock", "eu-west-1")
    assert signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again) == signed[3]


def test_the_client_leaves_trying_again_to_us() -> None:
    with bedrock() as (_, claude), claude._open(Limits(time.monotonic() + 5, 5)) as client:
        assert (client.max_retries, client.aws_region) == (0, "eu-west-1")


@pytest.mark.parametrize(
    ("mode", "error", "calls"),
    [
        pytest.param(429, errors.RateLimited, 5, id="throttled: no spending limit, though it does not say how long"),
        pytest.param(503, errors.Overloaded, 5, id="out of order"),
        pytest.param(403, errors.Rejected, 1, id="the role may not"),
        pytest.param("throttled midway", errors.Unreachable, 1, id="throttled in the middle"),
        pytest.param("cut", errors.Unreachable, 1, id="cut off in the middle"),
    ],
)
def test_its_faults_have_the_same_words(mode: int | str, error: type[errors.ClaudeFailed], calls: int) -> None:
    with bedrock(mode) as (runtime, claude), pytest.raises(errors.ClaudeFailed) as failed:
        claude.ask(ASKED, 20)
    assert (type(failed.value), len(runtime.requests)) == (error, calls)
    with pytest.raises(errors.NotAsked) if error is not errors.Rejected else nullcontext():
        claude.ready()
