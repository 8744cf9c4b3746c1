"""A receipt binds the log to a place; evidence convicts a log that broke it, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, NotVerified
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, sign, vkey
from comity.tlog.receipt import Dropped, Receipt, check, convict
from tests.tlog.a_log import HUB, HUB_KEY, ORIGIN, checkpoint, hashes, leaf_hashes, signed, signer

HASHES = leaf_hashes(60)
MINE = merkle.leaf_hash(b"what was acknowledged")


def promise(index: int, leaf: bytes = MINE, origin: str = ORIGIN) -> Note:
    return Receipt(origin, index, (leaf,)).signed(HUB)


def test_a_receipt_is_spelt_as_its_four_lines_and_the_logs_signature() -> None:
    text = f"w3id.org/comity/receipt@v1\n{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    note = promise(7, bytes(32))
    assert text == note.text
    assert (sign(text, ORIGIN, HUB),) == note.signatures
    assert Receipt(ORIGIN, 7, (bytes(32),)) == check(Note.parse(str(note)), HUB_KEY)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
    st.integers(0, 2**62),
    st.lists(hashes, min_size=1, max_size=3),
)
def test_a_receipt_is_read_as_it_was_written_and_is_never_a_checkpoint(
    origin: str, index: int, leaves: list[bytes]
) -> None:
    receipt = Receipt(origin, index, tuple(leaves))
    assert receipt == Receipt.parse(str(receipt))
    with pytest.raises(FormatError):
        Checkpoint.parse(str(receipt))


@given(st.sampled_from(["w3id.org/comity/receipt@v1", "1", ORIGIN]), st.integers(1, 9))
def test_a_checkpoint_is_never_a_receipt(origin: str, size: int) -> None:
    """Whatever the log is called."""
    with pytest.raises(FormatError):
        Receipt.parse(str(Checkpoint(origin, size, bytes(32))))
    with pytest.raises(FormatError):
        Receipt.parse(str(Checkpoint(origin, size, bytes(32), ("extension",))))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"w3id.org/comity/receipt@v2\n{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        f"w3id.org/comity/receipt@v1\n{ORIGIN}\n07\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        f"w3id.org/comity/receipt@v1\n{ORIGIN}\n7\nAAAA\n",
        f"w3id.org/comity/receipt@v1\n{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        f"w3id.org/comity/receipt@v1\n{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
        f"w3id.org/comity/receipt@v1\n{ORIGIN}\n7\n",
        "w3id.org/comity/receipt@v1\n\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ],
)
def test_another_spelling_is_no_receipt(text: str) -> None:
    with pytest.raises(FormatError):
        Receipt.parse(text)


def test_a_receipt_by_another_key_or_of_another_log_is_none() -> None:
    """One key may, unwisely, sign for two logs."""
    receipt = Receipt(ORIGIN, 7, (MINE,))
    forged = Note(str(receipt), (sign(str(receipt), ORIGIN, signer(9)),))
    elsewhere = Receipt("log.example/elsewhere", 7, (MINE,))
    mixed = Note(str(elsewhere), (sign(str(elsewhere), ORIGIN, HUB),))
    for note in (forged, mixed, promise(7, origin="log.example/elsewhere")):
        with pytest.raises(NotVerified, match="not signed by the log"):
            check(note, HUB_KEY)


@given(st.integers(0, 59), st.integers(1, 60))
def test_another_leaf_at_the_promised_place_convicts_the_log(index: int, size: int) -> None:
    """Also after the record was sent. A log that is not that long yet convicts nobody."""
    receipt, head = promise(index), signed(checkpoint(HASHES[:size]))
    if index >= size:
        with pytest.raises(FormatError):
            convict(receipt, head, index, merkle.nodes(HASHES))
        return
    dropped = convict(receipt, head, index, merkle.nodes(HASHES))
    dropped.verify(HUB_KEY)
    assert dropped == Dropped.parse(str(dropped))
    Dropped.parse(str(dropped).encode()).verify(HUB_KEY)


@given(st.integers(0, 55), st.integers(0, 4), st.integers(0, 4))
def test_one_false_leaf_of_many_that_were_promised_convicts(index: int, false: int, asked: int) -> None:
    """At its own place only."""
    leaves = [MINE if i == false else HASHES[index + i] for i in range(5)]
    note = Receipt(ORIGIN, index, tuple(leaves)).signed(HUB)
    dropped = convict(note, signed(checkpoint(HASHES)), index + asked, merkle.nodes(HASHES))
    if asked == false:
        Dropped.parse(str(dropped)).verify(HUB_KEY)
    else:
        with pytest.raises(NotVerified, match="kept its promise"):
            dropped.verify(HUB_KEY)
    with pytest.raises(FormatError):
        convict(note, signed(checkpoint(HASHES)), index + 5, merkle.nodes(HASHES))


@given(st.integers(0, 59), st.integers(0, 59))
def test_a_log_that_kept_its_promise_is_never_convicted(index: int, shown: int) -> None:
    """Not by its own leaf, nor by a leaf of another place, nor by one that it never had."""
    receipt, head = promise(index, HASHES[index]), signed(checkpoint(HASHES))
    paths = merkle.inclusion(index, 60, HASHES), merkle.inclusion(shown, 60, HASHES)
    for leaf, path in ((HASHES[index], paths[0]), (MINE, paths[0]), (HASHES[shown], paths[1])):
        with pytest.raises(NotVerified):
            Dropped(receipt, head, index, leaf, path).verify(HUB_KEY)


def test_what_the_log_did_not_sign_convicts_nobody() -> None:
    head, receipt = checkpoint(HASHES), Receipt(ORIGIN, 7, (MINE,))
    forged_head = Note(str(head), (sign(str(head), ORIGIN, signer(9)),))
    forged_receipt = Note(str(receipt), (sign(str(receipt), ORIGIN, signer(9)),))
    elsewhere = checkpoint(HASHES, "log.example/elsewhere")
    other = Note(str(elsewhere), (sign(str(elsewhere), ORIGIN, HUB),))
    for pair in ((promise(7), forged_head), (forged_receipt, signed(head)), (promise(7), other)):
        with pytest.raises(NotVerified):
            convict(*pair, 7, merkle.nodes(HASHES)).verify(HUB_KEY)
    with pytest.raises(NotVerified):
        convict(promise(7), signed(head), 7, merkle.nodes(HASHES)).verify(vkey("log.example/elsewhere", HUB_KEY.key))


def test_evidence_in_another_shape_is_refused() -> None:
    good = convict(promise(7), signed(checkpoint(HASHES)), 7, merkle.nodes(HASHES))
    for bad in (b"", b"short"):
        with pytest.raises(FormatError):
            Dropped(good.receipt, good.checkpoint, 7, bad, good.path)
    with pytest.raises(FormatError):
        Dropped(good.receipt, good.checkpoint, 7, good.leaf, (bytes(32),) * 64)
    with pytest.raises(FormatError):
        Dropped(good.checkpoint, good.receipt, 7, good.leaf, good.path)
    text = str(good)
    for broken in ("", text[:-1], text + "\n", text.replace("dropped@v1", "dropped@v2"), text.replace("\n", "\n\n", 1)):
        with pytest.raises(FormatError):
            Dropped.parse(broken)
