"""A list of unmasking shares: one share of each member of U2, of the kind that U3 asks."""

from dataclasses import replace

import pytest

from comity import canon
from comity.errors import FormatError, SealBroken
from comity.stages.seal.view import Shown, Unmasked, View, read_unmasked
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


PART = {"body": {"digest": canon.digest(b"x"), "size": 1}, "member": "m001"}
SEED = {"box": canon.digest(b"y"), "receiver": "m002", "sender": "m001"}
EMPTY = {
    "exchange": {"digest": canon.digest(b"z"), "index": 1},
    "lists": [],
    "manifests": [],
    "seeds": [],
    "vectors": [],
}


def test_a_view_names_the_bodies_of_its_parts_and_seeds() -> None:
    read = canon.decode(canon.encode({**EMPTY, "manifests": [PART], "seeds": [SEED]}), View)
    assert (canon.digest(b"x"), canon.digest(b"y")) == read.named()


@pytest.mark.parametrize(
    "false",
    [
        {"manifests": [{**PART, "body": {"digest": "nonsense", "size": 1}}]},
        {"vectors": [{**PART, "body": {"digest": canon.digest(b"x"), "size": -1}}]},
        {"seeds": [{**SEED, "box": canon.hex_of(canon.digest(b"y"))}]},
    ],
)
def test_a_view_that_names_what_is_no_digest_is_no_view(false: dict[str, object]) -> None:
    """Whoever copies its bodies looks for them by these names."""
    with pytest.raises(FormatError):
        canon.decode(canon.encode({**EMPTY, **false}), View)
