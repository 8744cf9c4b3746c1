"""Whatever comes in, reading ends in a value that is written back as it came, or in one FormatError."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.tlog import beside, merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, time_of
from comity.tlog.evidence import Evidence
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.proof import Proof
from comity.tlog.quorum import Policy
from comity.tlog.receipt import Dropped, Receipt
from comity.tlog.tile import Tile
from comity.tlog.witness import Request
from tests.tlog.a_log import (
    HUB,
    HUB_KEY,
    ORIGIN,
    checkpoint,
    lattice_key,
    lattice_signer,
    leaf_hashes,
    policy,
    signed,
    witness_key,
)

LEAVES = leaf_hashes(20)
NOTE = signed(checkpoint(LEAVES), 1, 2)
LATTICE = cosign(NOTE.text, "witness.example/w3", 7, lattice_signer(3))
PROMISE = Receipt(ORIGIN, 7, (LEAVES[8], LEAVES[9]))
READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "note": (Note.parse, str(NOTE.with_lines(LATTICE))),
    "checkpoint": (Checkpoint.parse, NOTE.text),
    "line": (SignatureLine.parse, str(LATTICE)),
    "vkey": (Vkey.parse, str(HUB_KEY)),
    "vkey of ML-DSA-44": (Vkey.parse, str(lattice_key(3))),
    "proof": (Proof.parse, str(Proof(7, merkle.inclusion(7, 20, LEAVES), NOTE, b"extra"))),
    "request to a witness": (Request.parse, str(Request(12, merkle.consistency(12, 20, LEAVES), NOTE))),
    "evidence": (Evidence.parse, str(Evidence(signed(checkpoint(LEAVES[:9])), NOTE, LEAVES[0], (LEAVES[1],)))),
    "receipt": (Receipt.parse, str(PROMISE)),
    "dropped leaf": (Dropped.parse, str(Dropped(PROMISE.signed(HUB), NOTE, 7, LEAVES[7], LEAVES[:3]))),
    "side file": (lambda text: beside.text(beside.parse(text)), beside.text([LATTICE, *NOTE.signatures])),
    "tile": (Tile.parse, "tile/1/x001/x234/067.p/8"),
}

pieces = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["\n", "\n\n", " ", "+", "=", "—", "0", "-1", "\0", "\r", "\u2028", "\ud800", "9" * 30, "x", "/"]),
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with a piece cut out, put in, or put in place of another."""
    start = draw(st.integers(0, len(text)))
    stop = draw(st.integers(start, min(len(text), start + 6)))
    return text[:start] + draw(pieces) + text[stop:]


@pytest.mark.parametrize("what", READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_text_is_refused_or_is_another_in_its_one_spelling(what: str, data: st.DataObject) -> None:
    parse, text = READERS[what]
    given_text = data.draw(damaged(text))
    try:
        found = parse(given_text)
    except FormatError:
        return
    assert given_text == str(found)


@pytest.mark.parametrize("what", READERS)
def test_what_no_utf_8_holds_is_refused(what: str) -> None:
    """A lone surrogate: what Python makes of an argument whose bytes are no text."""
    parse, text = READERS[what]
    for place in (0, len(text) // 2, len(text)):
        with pytest.raises(FormatError):
            parse(text[:place] + "\udcff" + text[place:])


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_policy_is_refused_or_is_another(data: st.DataObject) -> None:
    """Blanks and comments may be spelt in many ways."""
    given_text = data.draw(damaged(str(policy(3))))
    try:
        found = Policy.parse(given_text)
    except FormatError:
        return
    assert found == Policy.parse(str(found))


@settings(max_examples=60)
@given(data=st.data(), octets=st.binary(max_size=80))
def test_a_damaged_cosignature_is_none(data: st.DataObject, octets: bytes) -> None:
    """A yes or a no, never an error, whichever key is asked and whatever the text is."""
    for key in (witness_key(1), lattice_key(3), HUB_KEY):
        assert time_of(SignatureLine(key.name, key.id, octets or b"x"), key, data.draw(damaged(NOTE.text))) is None
    other = data.draw(damaged(NOTE.text))
    assert other == NOTE.text or time_of(LATTICE, lattice_key(3), other) is None
