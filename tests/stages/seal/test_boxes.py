"""A box opens for its receiver, in its exchange, from its sender; and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SealBroken
from comity.stages.seal.boxes import SEED_BOX, SHARE_BOX, open_, seal
from comity.stages.seal.derivations import private_key

KEY, OTHER = private_key(b"r" * 32, "envelope", b"k"), private_key(b"q" * 32, "envelope", b"k")
CTX, TEXT = b"c" * 32, b"s" * 64
BOX = seal("share", TEXT, KEY.public, CTX, 1, 2)


def test_a_box_opens_for_its_receiver() -> None:
    assert TEXT == open_("share", BOX, KEY, CTX, 1, 2)


def test_boxes_have_one_size() -> None:
    assert (1200, 1168) == (SHARE_BOX, SEED_BOX)
    assert len(BOX) == SHARE_BOX
    assert len(seal("seed", b"s" * 32, KEY.public, CTX, 1, 2)) == SEED_BOX


def test_two_boxes_of_the_same_text_have_nothing_in_common() -> None:
    """Key and nonce are new in each box."""
    other = seal("share", TEXT, KEY.public, CTX, 1, 2)
    assert other[:32] != BOX[:32]
    assert other[-80:] != BOX[-80:]


@pytest.mark.parametrize(
    ("kind", "key", "ctx", "sender", "receiver"),
    [
        ("seed", KEY, CTX, 1, 2),
        ("share", OTHER, CTX, 1, 2),
        ("share", KEY, b"d" * 32, 1, 2),
        ("share", KEY, CTX, 3, 2),
        ("share", KEY, CTX, 1, 3),
        ("share", KEY, CTX, 2, 1),
    ],
    ids=["kind", "key", "exchange", "sender", "receiver", "turned round"],
)
def test_a_box_opens_nowhere_else(kind: str, key: object, ctx: bytes, sender: int, receiver: int) -> None:
    with pytest.raises(SealBroken):
        open_(kind, BOX, key, ctx, sender, receiver)  # type: ignore[arg-type]


@given(place=st.integers(0, len(BOX) - 1), flip=st.integers(1, 255))
def test_a_corrupted_box_does_not_open(place: int, flip: int) -> None:
    broken = bytearray(BOX)
    broken[place] ^= flip
    with pytest.raises(SealBroken):
        open_("share", bytes(broken), KEY, CTX, 1, 2)


@pytest.mark.parametrize("box", [b"", BOX[:-1], BOX + b"\0", b"\0" * len(BOX)])
def test_what_is_no_box_does_not_open(box: bytes) -> None:
    with pytest.raises(SealBroken):
        open_("share", box, KEY, CTX, 1, 2)
