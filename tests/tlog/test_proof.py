"""Proofs of inclusion that stand alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, NotVerified, QuorumShort
from comity.tlog import merkle
from comity.tlog.proof import Proof
from tests.tlog.a_log import checkpoint, leaf_hashes, policy, signed

HASHES = leaf_hashes(70)
NOTE = signed(checkpoint(HASHES), 1, 2, 3)


def proof(index: int, extra: bytes = b"") -> Proof:
    return Proof(index, merkle.inclusion(index, 70, HASHES), NOTE, extra)


@given(st.integers(0, 69), st.binary(max_size=20))
def test_a_proof_is_read_as_it_is_written_and_holds(index: int, extra: bytes) -> None:
    written = proof(index, extra)
    assert written == Proof.parse(str(written))
    assert 70 == Proof.parse(str(written).encode()).verify(b"entry %d" % index, policy(4)).checkpoint.size


def test_the_only_leaf_of_a_log_has_an_empty_path() -> None:
    alone = Proof(0, (), signed(checkpoint(HASHES[:1]), 1, 2, 3))
    assert alone == Proof.parse(str(alone))
    assert 1 == alone.verify(b"entry 0", policy(4)).checkpoint.size


def test_another_entry_place_or_path_is_not_verified() -> None:
    good = proof(7)
    with pytest.raises(NotVerified):
        good.verify(b"entry 8", policy(4))
    for bad in (
        replace(good, index=8),
        replace(good, path=good.path[:-1]),
        replace(good, path=(*good.path, bytes(32))),
    ):
        with pytest.raises(NotVerified):
            bad.verify(b"entry 7", policy(4))


def test_a_proof_short_of_the_quorum_is_refused() -> None:
    with pytest.raises(QuorumShort):
        proof(7).verify(b"entry 7", policy(5))


@pytest.mark.parametrize(
    "change",
    [
        ("@v1", "@v2"),
        ("index 7", "index 07"),
        ("index 7", "Index 7"),
        ("index 7", "extra \nindex 7"),
        ("index 7", "extra AAAA\nextra AAAA\nindex 7"),
        ("index 7\n", "index 7\nAAAA\n"),
        ("index 7\n", "index 7\n\n"),
        ("\nlog.example", "log.example"),
        ("\n70\n", "\nx\n"),
    ],
)
def test_another_spelling_of_a_proof_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(FormatError):
        Proof.parse(str(proof(7)).replace(*change, 1))
