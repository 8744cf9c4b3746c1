"""The tree by its laws; the published vectors are in tests/corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.tlog import merkle
from tests.tlog.a_log import entries, hashes, leaf_hashes


def mth(leaves: list[bytes]) -> bytes:
    """The Merkle Tree Hash as RFC 6962, 2.1 defines it, word for word."""
    if not leaves:
        return merkle.EMPTY
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(mth(leaves[:split]), mth(leaves[split:]))


def flipped(data: bytes, bit: int) -> bytes:
    """The data with one bit changed."""
    bit %= len(data) * 8
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@given(entries)
def test_a_root_is_the_merkle_tree_hash_of_the_standard(data: list[bytes]) -> None:
    """In one go, leaf by leaf, and in two pieces."""
    leaves = [merkle.leaf_hash(entry) for entry in data]
    made = merkle.Range()
    for leaf in leaves:
        made = made.append(leaf)
    half = len(leaves) // 2
    expected = mth(leaves)
    assert expected == merkle.root(leaves)
    assert expected == made.root()
    assert made == merkle.Range().extend(leaves[:half]).extend(leaves[half:])
    assert len(leaves) == made.size


@given(st.integers(1, 90), st.data())
def test_every_leaf_proves_that_it_is_in(size: int, data: st.DataObject) -> None:
    leaves = leaf_hashes(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(index, size, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, mth(leaves), proof)


@given(st.integers(1, 90), st.data())
def test_a_longer_log_proves_the_shorter(old: int, data: st.DataObject) -> None:
    new = data.draw(st.integers(old, 90))
    leaves = leaf_hashes(new)
    proof = merkle.consistency(old, new, leaves)
    assert merkle.verify_consistency(old, mth(leaves[:old]), new, mth(leaves), proof)


@given(st.integers(2, 90), st.integers(0, 2**16), st.data())
def test_an_inclusion_proof_with_one_bit_changed_fails(size: int, bit: int, data: st.DataObject) -> None:
    """In the leaf, the root, or any hash of the path; and so does another place, another size or length."""
    leaves = leaf_hashes(size)
    index = data.draw(st.integers(0, size - 1))
    parts = [leaves[index], mth(leaves), *merkle.inclusion(index, size, leaves)]
    which = data.draw(st.integers(0, len(parts) - 1))
    leaf, root, *proof = [flipped(part, bit) if i == which else part for i, part in enumerate(parts)]
    assert not merkle.verify_inclusion(leaf, index, size, root, proof)
    leaf, root, *proof = parts
    assert not merkle.verify_inclusion(leaf, (index + 1) % size, size, root, proof)
    assert not merkle.verify_inclusion(leaf, index, size, root, proof[:-1])
    assert not merkle.verify_inclusion(leaf, index, size, root, [*proof, root])
    assert not merkle.verify_inclusion(leaf, index, size, root, [*proof[:-1], proof[-1][:31]])


@given(st.integers(1, 89), st.integers(0, 2**16), st.data())
def test_a_consistency_proof_with_one_bit_changed_fails(old: int, bit: int, data: st.DataObject) -> None:
    new = data.draw(st.integers(old + 1, 90))
    leaves = leaf_hashes(new)
    parts = [mth(leaves[:old]), mth(leaves), *merkle.consistency(old, new, leaves)]
    which = data.draw(st.integers(0, len(parts) - 1))
    before, after, *proof = [flipped(part, bit) if i == which else part for i, part in enumerate(parts)]
    assert not merkle.verify_consistency(old, before, new, after, proof)
    before, after, *proof = parts
    assert not merkle.verify_consistency(old, before, new, after, proof[:-1])
    assert not merkle.verify_consistency(old, before, new, after, [*proof, after])


@given(st.integers(1, 90), st.data())
def test_a_proof_of_one_size_is_none_of_twice_the_size(size: int, data: st.DataObject) -> None:
    """The root would be right; the path is too short."""
    leaves = leaf_hashes(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, before = mth(leaves), mth(leaves[:old])
    assert not merkle.verify_inclusion(leaves[index], index, 2 * size, root, merkle.inclusion(index, size, leaves))
    assert not merkle.verify_consistency(old, before, 2 * size, root, merkle.consistency(old, size, leaves))


@given(st.integers(-3, 9), st.integers(-3, 9), st.lists(st.binary(max_size=33), max_size=6), hashes)
def test_a_check_never_raises(one: int, two: int, proof: list[bytes], root: bytes) -> None:
    """Whatever sizes and lengths come in, the answer is a yes or a no."""
    assert merkle.verify_inclusion(root, one, two, root, proof) in (True, False)
    assert merkle.verify_consistency(one, root, two, root, proof) in (True, False)


def test_nothing_is_proved_from_or_in_an_empty_log() -> None:
    root = merkle.EMPTY
    assert not merkle.verify_inclusion(root, 0, 0, root, [])
    assert not merkle.verify_consistency(0, root, 0, root, [])
    assert not merkle.verify_consistency(0, root, 1, root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_proof_of_no_leaf_cannot_be_asked_for(index: int, size: int) -> None:
    with pytest.raises(FormatError):
        merkle.inclusion(index, size, leaf_hashes(3))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (2, 9)])
def test_a_proof_of_no_growth_cannot_be_asked_for(old: int, new: int) -> None:
    with pytest.raises(FormatError):
        merkle.consistency(old, new, leaf_hashes(3))


@given(st.integers(2, 80), st.data())
def test_a_consistency_proof_names_the_root_that_it_begins_with(new: int, data: st.DataObject) -> None:
    """Unless that is one complete tree; a proof for another root names none."""
    old = data.draw(st.integers(1, new - 1))
    leaves = [merkle.leaf_hash(b"%d" % i) for i in range(new)]
    proof = merkle.consistency(old, new, leaves)
    whole = old.bit_count() == 1
    assert (None if whole else merkle.root(leaves[:old])) == merkle.prefix_root(old, new, merkle.root(leaves), proof)
    assert merkle.prefix_root(old, new, bytes(32), proof) is None
    assert merkle.prefix_root(old, new, merkle.root(leaves), proof[:-1]) is None
    assert merkle.prefix_root(old, new, merkle.root(leaves), (*proof, bytes(32))) is None
