"""How a charter comes about, and how many founders fit into it."""

import pytest

from comity import canon
from comity.acts.charter import Charter
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.assembly import founding
from comity.errors import FormatError
from comity.tlog.tile import LARGEST_ENTRY
from tests.builders.assembly import charter_of, party, signer

MODEL = charter_of([party("m000")])


def drafted(count: int) -> Charter:
    """A charter of so many founders, of whom fifteen are witnesses."""
    parties = [party(f"m{number:03}") for number in range(count)]
    rules, seconds = MODEL.rules, MODEL.challenge_seconds
    draft = founding.Draft(name=MODEL.name, origin=MODEL.origin, challenge_seconds=seconds, rules=rules)
    ids = [one.id for one in parties]
    return founding.charter(draft, MODEL.hub, reversed(parties), convenor="m000", witnesses=ids[:15])


def signed(charter: Charter) -> bytes:
    """Leaf 0."""
    head = Head(size=0, root=canon.digest(b""))
    return sign(Act(actor="m000", origin=charter.origin, head=head, body=charter), signer("m000", "sign"))


def test_as_many_founders_as_fit_are_drafted_and_their_charter_can_be_signed() -> None:
    """One more would make it larger than a log's entry: by its own length, not by an estimate."""
    with pytest.raises(FormatError) as refused:
        drafted(193)
    assert refused.value.found.startswith("193 founders, ")
    fit = int(refused.value.wanted.split(": ")[1].split()[0])
    assert len(signed(drafted(fit))) <= LARGEST_ENTRY < len(signed(drafted(fit))) + len(signed(drafted(16))) // 16
    with pytest.raises(FormatError, match=f"{fit + 1} founders"):
        drafted(fit + 1)


def test_who_is_no_founder_neither_convenes_nor_witnesses() -> None:
    draft = founding.Draft(name="", origin=MODEL.origin, challenge_seconds=0, rules={})
    for convenor, witness in (("m001", "m000"), ("m000", "m001")):
        with pytest.raises(FormatError, match="not a founder"):
            founding.charter(draft, MODEL.hub, [party("m000")], convenor=convenor, witnesses=[witness])
