"""A list of unmasking shares: one share of each member of U2, of the kind that U3 asks."""

from dataclasses import replace

import pytest

from comity import canon
from comity.errors import SealBroken
from comity.stages.seal.view import Shown, Unmasked, read_unmasked
from tests.builders.rounds import ref

SHARED, SURVIVORS = ("m001", "m002", "m003"), ("m001", "m003")
LISTED = Unmasked(
    exchange=ref(1),
    sender="m001",
    shares=(
        Shown(member="m001", kind="self", share=bytes(32)),
        Shown(member="m002", kind="root", share=bytes(32)),
        Shown(member="m003", kind="self", share=bytes(32)),
    ),
)


def read(listed: Unmasked) -> Unmasked:
    return read_unmasked(canon.encode(listed), exchange=ref(1), sender="m001", shared=SHARED, survivors=SURVIVORS)


def test_the_list_that_is_wanted_is_read() -> None:
    assert read(LISTED) == LISTED


@pytest.mark.parametrize(
    "listed",
    [
        replace(LISTED, exchange=ref(2)),
        replace(LISTED, sender="m003"),
        replace(LISTED, shares=LISTED.shares[:2]),
        replace(LISTED, shares=(*LISTED.shares, LISTED.shares[0])),
        replace(LISTED, shares=LISTED.shares[::-1]),
        replace(LISTED, shares=(replace(LISTED.shares[0], kind="root"), *LISTED.shares[1:])),
        replace(LISTED, shares=(replace(LISTED.shares[0], share=bytes(31)), *LISTED.shares[1:])),
    ],
    ids=["exchange", "sender", "fewer", "more", "order", "kind", "length"],
)
def test_any_other_list_is_refused(listed: Unmasked) -> None:
    with pytest.raises(SealBroken):
        read(listed)


def test_other_bytes_are_no_list() -> None:
    for data in (b"", b"{}", canon.encode(LISTED) + b"\n"):
        with pytest.raises(SealBroken):
            read_unmasked(data, exchange=ref(1), sender="m001", shared=SHARED, survivors=SURVIVORS)
