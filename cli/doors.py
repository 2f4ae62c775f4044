"""The door of one source on one stack: its secret put or changed, and a request to it that can be copied into a shell."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.knocking import body_of, new_secret
from cli.stack import ROOT, Stack
from cli.trouble import Trouble
from reception.sources.registry import Source

OUTPUT = "WebhookSecretArn"
MINUTES = "functions that are running take it with its first request, or within half a minute"


@dataclass(frozen=True)
class Door:
    """`stored` is what the webhook secret holds. Without `reveal` nothing of it is ever shown."""

    stack: Stack
    source: Source
    stored: Mapping[str, str]
    reveal: bool = False


def ask_store(stack: Stack) -> dict[str, str]:
    """All webhook secrets."""
    return stack.secret(OUTPUT)


def enable(stack: Stack, source: Source, given: str) -> str:
    """Give it a secret: the vendor's, or a new one. The one that it has becomes the one before, so that nothing sent is lost."""
    stored = ask_store(stack)
    fresh, old = _read(given) if given else new_secret(source), stored.get(source.name, "")
    if not given and source.proof and source.proof.shell is None:
        raise Trouble(f"a secret for {source.name} cannot be made up", source.proof.words, "give it with --secret FROM")
    if fresh == old:
        return f"{source.name} has this secret already; nothing was changed"
    _put(stack, {**stored, source.name: fresh} | ({f"{source.name}_previous": old} if old else {}))
    return f"{source.name} is enabled; {MINUTES}" if not old else f"{source.name} takes the new secret and the one before; {MINUTES}"


def retire(stack: Stack, source: Source) -> str:
    """End a change of secret: only the new one counts."""
    stored = ask_store(stack)
    if not stored.pop(f"{source.name}_previous", ""):
        return f"{source.name} has no secret but the one in use"
    _put(stack, stored)
    return "the secret before is gone; functions that are running forget it within five minutes"


def _put(stack: Stack, values: Mapping[str, str]) -> None:
    stack.client("secretsmanager").put_secret_value(SecretId=stack.output(OUTPUT), SecretString=json.dumps(values))


def _read(given: str) -> str:
    """A secret is never an argument: arguments are in the shell's history and in the list of processes."""
    kind, _, rest = given.partition(":")
    if given == "-":
        secret = sys.stdin.readline()
    elif kind == "file" and Path(rest).is_file():
        secret = Path(rest).read_text()
    else:
        raise Trouble(
            "--secret takes - (standard input) or file:PATH", "the secret itself would stay in your shell's history", "see --help"
        )
    if not secret.strip():
        raise Trouble("the secret is empty", "nothing was changed")
    return secret.strip()


def example(door: Door) -> str:
    """Lines for a POSIX shell that send the source's first sample, as its vendor would. They work as they are."""
    shell = door.source.proof.shell if door.source.proof else None
    if shell is None:
        return "Only the vendor can prove to be the sender, so that there is no request to copy."
    if not door.stored.get(door.source.name):
        return f"Not enabled. First: ./watchkeeper sources {door.source.name} --enable   (or --secret FROM for one that the vendor made)"
    url = door.stack.output("ApiUrl").rstrip("/") + door.source.path + shell.query
    headers = (*(('-H "x-api-key: $key"',) if door.source.sends_key else ()), *shell.arguments, "-H 'content-type: application/json'")
    lines = [*_key(door), *_secret(door), f"body={shlex.quote(_body(door.source))}", *shell.before]
    return "\n".join([*lines, f'curl -sS "{url}" ' + " ".join(headers) + ' --data-binary "$body"'])


def _key(door: Door) -> list[str]:
    if not door.source.sends_key:
        return []
    if door.reveal:
        key = door.stack.client("apigateway").get_api_key(apiKey=door.stack.output("ApiKeyId"), includeValue=True)["value"]
        return [f"key={shlex.quote(key)}"]
    wanted = f"apigateway get-api-key --api-key {door.stack.output('ApiKeyId')} --include-value --query value --output text"
    return [f"key=$({door.stack.aws()} {wanted})"]


def _secret(door: Door) -> list[str]:
    name = door.source.name
    if door.reveal:
        return [f"secret={shlex.quote(door.stored[name])}"]
    wanted = f"secretsmanager get-secret-value --secret-id {door.stack.output(OUTPUT)} --query SecretString --output text"
    return [f"secret=$({door.stack.aws()} {wanted} | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"{name}\"])')"]


def _body(source: Source) -> str:
    event = json.loads((ROOT / source.samples[0]).read_text())
    return json.dumps(json.loads(body_of(event)), ensure_ascii=False, separators=(", ", ": "))
