"""Anyone can verify a record: against the stack, or from a file without any access to it."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.audit_file import AuditFile, Chain, all_faults
from cli.stack import Choice, Stack
from tests.fakes.words import NIGHT
from tests.unit.cli.conftest import Terminal, publish
from watchkeeper.audit import GENESIS, Anchor, seal
from watchkeeper.models import AuditRecord, Happening, Incident


@pytest.fixture
def export(terminal: Terminal, waiting: Incident, tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    assert terminal.run("audit", "export", waiting.id, "--output", str(path)) == 0
    return path


class NoStack(Terminal):
    """A terminal from which no stack can be reached."""

    def _open(self, choice: Choice) -> Stack:
        raise AssertionError("verifying a file must not look for a stack")


def test_a_chain_in_the_stack_is_verified(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("audit", "verify", "latest") == 0
    assert f"{waiting.id}: 2 records hold, 2 of them under an anchor." in terminal.out


def test_an_export_is_verified_without_the_stack(terminal: Terminal, export: Path) -> None:
    offline = NoStack(terminal.stack)
    assert offline.run("audit", "verify", "--export", str(export)) == 0
    assert "2 records hold" in offline.out


def test_an_export_goes_to_standard_output(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("audit", "export", "latest") == 0
    kept = json.loads(terminal.out)
    assert (kept["incident_id"], len(kept["records"]), len(kept["anchors"])) == (waiting.id, 2, 2)


def _edit(kept: dict[str, Any]) -> None:
    kept["records"][0]["says"] = "Nothing happened."


def _cut(kept: dict[str, Any]) -> None:
    del kept["records"][-1]


def _empty(kept: dict[str, Any]) -> None:
    kept["records"], kept["anchors"] = [], []


def _other(kept: dict[str, Any]) -> None:
    kept["incident_id"] = "INC-OTHER"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (_edit, "record 1 was edited after it was sealed"),
        (_cut, "the chain ends before record 2, which was anchored: it was cut"),
        (_empty, "there is no record of INC-"),
        (_other, "record 1 belongs to INC-01M7WZ49C1ER8E2XA9F4D4TE0W, not to INC-OTHER"),
    ],
)
def test_tampering_shows(tamper: Callable[[dict[str, Any]], None], says: str, terminal: Terminal, export: Path) -> None:
    kept = json.loads(export.read_text())
    tamper(kept)
    export.write_text(json.dumps(kept))
    assert terminal.run("audit", "verify", "--export", str(export)) == 1
    assert says in terminal.out


def test_tampering_in_the_table_shows(terminal: Terminal, waiting: Incident) -> None:
    client = terminal.stack.client("dynamodb")
    where = {"pk": {"S": waiting.id}, "seq": {"N": "2"}}
    client.delete_item(TableName="audit", Key=where)
    assert terminal.run("audit", "verify", "latest") == 1
    assert "it was cut" in terminal.out
    assert "the incident says that its chain has 2 records" in terminal.out


def test_a_tail_without_an_anchor_is_said_aloud(terminal: Terminal, export: Path) -> None:
    kept = json.loads(export.read_text()) | {"format": "watchkeeper-audit/1", "contents": ""}
    del kept["anchors"][1]
    export.write_text(json.dumps(kept))
    assert terminal.run("audit", "verify", "--export", str(export)) == 0
    assert "they have no anchor yet" in terminal.out


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "no audit export"), ("{}", "no audit export: incident_id"), (None, "cannot be read"), ("[]", "no audit export")],
)
def test_what_is_no_export_is_said_so(
    content: str | None, says: str, terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content)
    assert terminal.run("audit", "verify", "--export", str(path)) == 2
    assert says in capsys.readouterr().err


def test_two_incidents_do_not_share_a_chain(terminal: Terminal, waiting: Incident) -> None:
    publish(terminal.stack, id="INC-01M7WZ49C1ER8E2XA9F4D4TE0X")
    for named in (waiting.id, "TE0X"):
        assert terminal.run("audit", "verify", named) == 0


# ---------------------------------------------------------------- what channels were sent

MESSAGES = "INC-01M7WZ49C1ER8E2XA9F4D4TE0W#slack-ops"


@pytest.fixture
def told(terminal: Terminal, waiting: Incident) -> Incident:
    """The incident, and two messages to a channel on their chain."""
    previous = GENESIS
    for seq in (1, 2):
        record = seal(Happening(actor="distribution", kind="message.posted", says="Sent."), MESSAGES, seq, NIGHT, previous)
        terminal.stack.incidents.append(record)
        terminal.stack.anchors.keep(Anchor(incident_id=MESSAGES, seq=seq, hash=record.hash))
        previous = record.hash
    return waiting


def test_messages_are_exported_and_verified_with_the_rest(terminal: Terminal, told: Incident, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    assert terminal.run("audit", "export", "latest", "--output", str(path)) == 0
    assert "2 records and 2 anchors, 2 messages to 1 channels" in terminal.out
    offline = NoStack(terminal.stack)
    assert offline.run("audit", "verify", "--export", str(path)) == 0
    assert f"{told.id}: 2 messages to slack-ops hold, 2 of them under an anchor." in offline.out


def test_a_message_that_left_the_table_shows(terminal: Terminal, told: Incident) -> None:
    terminal.stack.client("dynamodb").delete_item(TableName="audit", Key={"pk": {"S": MESSAGES}, "seq": {"N": "2"}})
    assert terminal.run("audit", "verify", "latest") == 1
    assert "messages of slack-ops: the chain ends before record 2, which was anchored: it was cut" in terminal.out


def test_messages_are_found_by_their_anchors_though_nothing_else_speaks_of_them(terminal: Terminal, told: Incident) -> None:
    """Whoever takes a whole chain and the delivery out of the tables leaves the heads, which nobody can delete."""
    client = terminal.stack.client("dynamodb")
    for seq in ("1", "2"):
        client.delete_item(TableName="audit", Key={"pk": {"S": MESSAGES}, "seq": {"N": seq}})
    client.delete_item(TableName="incidents", Key={"pk": {"S": told.id}, "sk": {"S": "DELIVERY#slack-ops"}})
    assert terminal.run("audit", "verify", "latest") == 1
    assert f"messages of slack-ops: there is no record of {MESSAGES}" in terminal.out


# ---------------------------------------------------------------- a hundred of each


def a_chain(name: str, length: int) -> Chain:
    records: list[AuditRecord] = []
    for seq in range(1, length + 1):
        happening = Happening(actor="test", kind="a.kind", says=f"{name} {seq}", detail={"seq": seq})
        records.append(seal(happening, name, seq, NIGHT, records[-1].hash if records else GENESIS))
    return Chain(name=name, records=tuple(records), anchors=tuple(Anchor(incident_id=name, seq=r.seq, hash=r.hash) for r in records))


def a_file() -> AuditFile:
    own, *messages = (a_chain(name, length) for name, length in (("INC-1", 15), ("INC-1#slack", 9), ("INC-1#jira", 6)))
    return AuditFile(incident_id=own.name, exported_at=NIGHT, records=own.records, anchors=own.anchors, messages=tuple(messages)).sealed()


def with_chain(kept: AuditFile, changed: Chain) -> AuditFile:
    if changed.name == kept.incident_id:
        return kept.but(records=changed.records, anchors=changed.anchors)
    return kept.but(messages=tuple(changed if chain.name == changed.name else chain for chain in kept.messages))


def edited(kept: AuditFile, dice: random.Random) -> AuditFile:
    chain, records = picked(kept, dice)
    at, field = dice.randrange(len(records)), dice.choice(["says", "actor", "kind", "detail", "at", "previous", "hash"])
    value = {"detail": {"seq": -1}, "at": NIGHT + timedelta(seconds=1)}.get(field, "something else")
    records[at] = records[at].but(**{field: value})
    return with_chain(kept, chain.but(records=tuple(records)))


def rewritten(kept: AuditFile, dice: random.Random) -> AuditFile:
    """By somebody who knows how to seal: everything after it is sealed anew."""
    chain, records = picked(kept, dice)
    at = dice.randrange(len(records))
    records[at] = records[at].but(says="something else")
    for place in range(at, len(records)):
        previous = records[place - 1].hash if place else GENESIS
        happening = Happening(**{name: getattr(records[place], name) for name in Happening.model_fields})
        records[place] = seal(happening, chain.name, place + 1, NIGHT, previous)
    return with_chain(kept, chain.but(records=tuple(records)))


def dropped(kept: AuditFile, dice: random.Random) -> AuditFile:
    chain, records = picked(kept, dice)
    del records[dice.randrange(len(records))]
    return with_chain(kept, chain.but(records=tuple(records)))


def swapped(kept: AuditFile, dice: random.Random) -> AuditFile:
    chain, records = picked(kept, dice)
    one, other = dice.sample(range(len(records)), 2)
    records[one], records[other] = records[other], records[one]
    return with_chain(kept, chain.but(records=tuple(records)))


def moved_between_chains(kept: AuditFile, dice: random.Random) -> AuditFile:
    one, other = dice.sample(kept.chains, 2)
    at = dice.randrange(min(len(one.records), len(other.records)))
    put = (*one.records[:at], other.records[at], *one.records[at + 1 :])
    return with_chain(kept, one.but(records=put))


def truncated(kept: AuditFile, dice: random.Random) -> AuditFile:
    chain, records = picked(kept, dice)
    return with_chain(kept, chain.but(records=tuple(records[: dice.randrange(len(records))])))


def truncated_with_its_anchors(kept: AuditFile, dice: random.Random) -> AuditFile:
    chain, records = picked(kept, dice)
    length = dice.randrange(1, len(records))
    return with_chain(kept, chain.but(records=tuple(records[:length]), anchors=chain.anchors[:length]))


def without_a_chain(kept: AuditFile, dice: random.Random) -> AuditFile:
    gone = dice.choice(kept.messages)
    return kept.but(messages=tuple(chain for chain in kept.messages if chain is not gone))


def picked(kept: AuditFile, dice: random.Random) -> tuple[Chain, list[AuditRecord]]:
    chain = dice.choice(kept.chains)
    return chain, list(chain.records)


def test_an_untouched_file_holds() -> None:
    assert all_faults(a_file()) == []
    assert all_faults(AuditFile.model_validate_json(a_file().model_dump_json())) == []


@pytest.mark.parametrize("tamper", [edited, rewritten, dropped, swapped, moved_between_chains, truncated])
def test_a_hundred_of_each_are_found_by_the_chains_and_their_anchors(tamper: Callable[[AuditFile, random.Random], AuditFile]) -> None:
    """Though the whole file is sealed anew after it."""
    missed = [seed for seed in range(100) if not all_faults(tamper(a_file(), random.Random(seed)).sealed())]  # noqa: S311 - the same every time
    assert missed == []


@pytest.mark.parametrize("tamper", [truncated_with_its_anchors, without_a_chain])
def test_a_hundred_that_take_the_anchors_along_are_found_by_the_seal_of_the_file(
    tamper: Callable[[AuditFile, random.Random], AuditFile],
) -> None:
    missed = [seed for seed in range(100) if not all_faults(tamper(a_file(), random.Random(seed)))]  # noqa: S311 - the same every time
    assert missed == []
