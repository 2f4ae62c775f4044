"""The chain shows every edit, drop, swap and insertion; a cut end shows against an anchor."""

import random
from collections.abc import Callable

import pytest

from tests.fakes.words import NIGHT, an_incident
from watchkeeper.audit import GENESIS, Anchor, faults, fingerprint, seal
from watchkeeper.change import change
from watchkeeper.models import AuditRecord, Happening


def a_chain(length: int = 8) -> list[AuditRecord]:
    happenings = [Happening(actor="reception", kind="alert.joined", says=f"Alert {n}.", detail={"n": n}) for n in range(length)]
    return list(change(an_incident(version=0), happenings, NIGHT).records)


def head(chain: list[AuditRecord]) -> Anchor:
    return Anchor(incident_id=chain[-1].incident_id, seq=chain[-1].seq, hash=chain[-1].hash)


def test_a_chain_as_it_was_written_holds() -> None:
    chain = a_chain()
    assert chain[0].previous == GENESIS
    assert faults(chain, [head(chain[:3]), head(chain)]) == []
    assert faults([]) == []


def test_a_record_read_back_from_json_still_holds() -> None:
    chain = [AuditRecord.model_validate_json(record.model_dump_json()) for record in a_chain()]
    assert faults(chain) == []


@pytest.mark.parametrize("field", [name for name in AuditRecord.model_fields if name not in {"hash", "seq", "schema_version"}])
def test_any_edited_field_shows(field: str) -> None:
    chain = a_chain()
    edited = {"detail": {"n": 99}, "at": NIGHT.replace(year=2025)}.get(field, "edited")
    chain[3] = chain[3].but(**{field: edited})
    assert any("record 4 was edited" in fault for fault in faults(chain))


def test_an_edit_that_is_sealed_again_breaks_the_next_link() -> None:
    chain = a_chain()
    forged = chain[3].but(says="Nothing happened.")
    chain[3] = forged.but(hash=fingerprint(forged))
    assert faults(chain) == ["record 5 does not follow the one before it"]


def test_a_chain_that_was_forged_to_its_end_shows_against_the_anchor() -> None:
    chain = a_chain()
    forged = [seal(Happening(actor="x", kind="x", says="x"), "INC-1", seq, NIGHT, GENESIS) for seq in (1,)]
    assert faults(forged) == []
    assert faults(forged, [head(chain[:1])]) == ["record 1 is not the one that was anchored"]


def _drop(chain: list[AuditRecord], at: int) -> None:
    del chain[at]


def _swap(chain: list[AuditRecord], at: int) -> None:
    chain[at], chain[at + 1] = chain[at + 1], chain[at]


def _repeat(chain: list[AuditRecord], at: int) -> None:
    chain.insert(at, chain[at])


@pytest.mark.parametrize("tamper", [_drop, _swap, _repeat])
def test_a_drop_a_swap_and_a_repetition_show_wherever_they_are(tamper: Callable[[list[AuditRecord], int], None]) -> None:
    for at in range(7):
        chain = a_chain()
        tamper(chain, at)
        assert faults(chain), f"{tamper.__name__} at {at}"


def test_a_cut_end_shows_only_against_an_anchor() -> None:
    chain = a_chain()
    for length in range(8):
        assert faults(chain[:length]) == []
        assert faults(chain[:length], [head(chain)]) == ["the chain ends before record 8, which was anchored: it was cut"]


def test_a_hundred_random_edits_show() -> None:
    chance = random.Random(7)  # noqa: S311 - the same edits every time
    for _ in range(100):
        chain = a_chain()
        at = chance.randrange(8)
        chain[at] = chain[at].but(says=chain[at].says + chance.choice("abc "))
        assert faults(chain)
