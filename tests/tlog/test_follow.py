"""A follower misses no leaf."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import NotVerified, QuorumShort
from comity.tlog import merkle
from comity.tlog.follow import Followed, advance, follow, needed, new_leaves
from comity.tlog.tile import ENTRIES, Tile, encode_bundle
from tests.tlog.a_log import checkpoint, leaf_hashes, policy, signed

LEAVES = [b"entry %d" % i for i in range(600)]
HASHES = leaf_hashes(600)


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_follower_goes_on_from_where_it_was(one: int, two: int) -> None:
    cut, size = sorted((one, two))
    first = advance(Followed(), checkpoint(HASHES[:cut]), LEAVES[:cut])
    assert cut == first.size
    then, cosigned = follow(first, signed(checkpoint(HASHES[:size]), 1, 2, 3), policy(4), LEAVES[cut:size])
    assert size == then.size == cosigned.checkpoint.size
    assert merkle.root(HASHES[:size]) == then.range.root()


@given(st.integers(0, 599))
def test_a_log_with_one_leaf_left_out_is_refused(missing: int) -> None:
    """Left out alone, or with another in its place, or with two exchanged."""
    head = checkpoint(HASHES)
    without = LEAVES[:missing] + LEAVES[missing + 1 :]
    other = [*without[:missing], b"other", *without[missing:]]
    moved = [*without, LEAVES[missing]]
    for leaves in [without, other] + [moved] * (missing < 599):
        with pytest.raises(NotVerified):
            advance(Followed(), head, leaves)


def test_a_checkpoint_short_of_the_quorum_is_refused() -> None:
    with pytest.raises(QuorumShort):
        follow(Followed(), signed(checkpoint(HASHES), 1, 2), policy(4), LEAVES)


def test_a_shorter_log_or_another_of_the_same_size_is_refused() -> None:
    """The answer of a restored hub, and of a forked one."""
    read = advance(Followed(), checkpoint(HASHES[:5]), LEAVES[:5])
    with pytest.raises(NotVerified):
        advance(read, checkpoint(HASHES[:4]), [])
    with pytest.raises(NotVerified):
        advance(read, checkpoint(HASHES[1:6]), [])
    assert read == advance(read, checkpoint(HASHES[:5]), [])


@given(st.integers(0, 600), st.integers(0, 600), st.booleans())
def test_new_leaves_come_out_of_the_bundles_that_are_needed(one: int, two: int, late: bool) -> None:
    """Also where the log has grown meanwhile and serves full bundles only."""
    since, size = sorted((one, two))
    fetched = []
    for bundle in needed(size, since):
        tile = Tile(ENTRIES, bundle.index) if late and bundle.index < 2 else bundle
        start = tile.index * 256
        fetched.append((tile, encode_bundle(LEAVES[start : start + tile.width])))
    assert LEAVES[since:size] == list(new_leaves(size, since, fetched))
