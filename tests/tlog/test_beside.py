"""The side file holds what no rule counts; a reader's own policy counts note and side file together."""

import pytest

from comity.errors import FormatError, NotVerified, QuorumShort
from comity.keys import Ed25519Signer, MlDsa44Signer
from comity.tlog import beside
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.quorum import Group, Quorum, Witness, cosigned
from tests.tlog.a_log import checkpoint, leaf_hashes, signed

HEAD = signed(checkpoint(leaf_hashes(5)))
TIME = 1_700_000_000
OLD = [Ed25519Signer(bytes([i]) * 32) for i in range(1, 4)]
NEW = [MlDsa44Signer(bytes([i]) * 32) for i in range(1, 4)]


def line(signer: Ed25519Signer | MlDsa44Signer, name: str) -> SignatureLine:
    return cosign(HEAD.text, name, TIME, signer)


def quorum_of(*vkeys: Vkey, least: int) -> Quorum:
    witnesses = tuple(Witness(f"w{i}", vkey) for i, vkey in enumerate(vkeys))
    return Quorum(witnesses, (Group("all", least, tuple(w.name for w in witnesses)),), "all")


MINE = quorum_of(*(Vkey(f"w.example/{i}", key.public, MLDSA_COSIGNATURE) for i, key in enumerate(NEW)), least=2)
SIDE = [line(key, f"w.example/{i}") for i, key in enumerate(NEW)]


def test_what_the_note_does_not_hold_is_counted_from_beside_it() -> None:
    """Alone the note is short of the reader's quorum."""
    with pytest.raises(QuorumShort):
        cosigned(HEAD, MINE)
    assert ("w0", "w1") == cosigned(beside.joined(HEAD, SIDE[:2], MINE), MINE).names


def test_a_line_counts_once_wherever_it_stands() -> None:
    note = Note(HEAD.text, (*HEAD.signatures, SIDE[0]))
    with pytest.raises(QuorumShort):
        cosigned(beside.joined(note, [SIDE[0]], MINE), MINE)


def test_a_line_that_says_it_is_a_witnesses_and_is_not_is_refused() -> None:
    """A side file is nobody's word: what stands there is verified as if it stood on the note."""
    forged = SignatureLine(SIDE[1].name, SIDE[1].id, SIDE[0].signature)
    with pytest.raises(NotVerified):
        cosigned(beside.joined(HEAD, [SIDE[0], forged, SIDE[2]], MINE), MINE)


def test_lines_of_strangers_take_no_room() -> None:
    """However many stand on the note or beside it: no reader gets a note of more than 100 signatures."""
    strangers = [line(OLD[0], f"s.example/{i}") for i in range(150)]
    full = Note(HEAD.text, (*HEAD.signatures, *strangers[:99]))
    joined = beside.joined(full, [*strangers, *SIDE], MINE)
    assert [*HEAD.signatures, *SIDE] == list(joined.signatures)


def test_more_witnesses_than_a_note_holds_are_refused_rather_than_cut() -> None:
    keys = [Ed25519Signer(i.to_bytes(32, "big")) for i in range(1, 102)]
    many = quorum_of(*(Vkey(f"m.example/{i}", key.public, COSIGNATURE) for i, key in enumerate(keys)), least=1)
    with pytest.raises(FormatError):
        beside.joined(HEAD, [line(key, f"m.example/{i}") for i, key in enumerate(keys)], many)


def test_a_side_file_is_read_as_it_is_written() -> None:
    """Whatever the order in which the lines came; the newest of a key stands."""
    older = cosign(HEAD.text, "w.example/0", TIME - 1, NEW[0])
    lines = [SIDE[2], older, SIDE[1], SIDE[0], line(OLD[0], "w.example/0")]
    text = beside.text(lines)
    assert text == beside.text(beside.parse(text)) == beside.text(beside.parse(text.encode()))
    assert {SIDE[0], SIDE[1], SIDE[2], lines[-1]} == set(beside.parse(text))
    assert "" == beside.text([])


@pytest.mark.parametrize(
    "text",
    ["", "\n", str(SIDE[0]), f"{SIDE[0]}\n\n", f"{SIDE[1]}\n{SIDE[0]}\n", f"{SIDE[0]}\n{SIDE[0]}\n", "no line\n"],
    ids=["empty", "a blank line", "cut short", "a blank line more", "out of order", "twice", "no line"],
)
def test_another_spelling_of_a_side_file_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        beside.parse(text)
