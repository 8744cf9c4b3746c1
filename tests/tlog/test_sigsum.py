"""Sigsum's spelling of a log: leaf, proof, policy."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, NotVerified, QuorumShort, Refused
from comity.tlog import merkle, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note, sign
from comity.tlog.quorum import Log, Policy, charter_quorum
from tests.tlog import a_log

SUBMITTER, LOG = a_log.signer(50), a_log.signer(51)
ORIGIN = sigsum.log_vkey(LOG.public).name
FILES = [sha256(b"file %d" % number).digest() for number in range(5)]
LEAVES = [sigsum.Leaf.of(file, SUBMITTER) for file in FILES]
POLICY = Policy((Log(sigsum.log_vkey(LOG.public)),), charter_quorum([a_log.witness_key(i) for i in (1, 2, 3)]))


def proof(place: int, *witnesses: int, size: int = 5, policy: Policy = POLICY) -> sigsum.Proof:
    """The proof of one of the files, with the cosignatures of witnesses by number."""
    hashes = [merkle.leaf_hash(bytes(leaf)) for leaf in LEAVES[:size]]
    text = str(Checkpoint(ORIGIN, size, merkle.root(hashes)))
    lines = [cosign(text, f"witness.example/w{n}", 1_800_000_000 + n, a_log.signer(n)) for n in witnesses]
    note = Note(text, (sign(text, ORIGIN, LOG), *lines))
    path = merkle.inclusion(place, size, hashes)
    return sigsum.Proof.of(LEAVES[place], place, path, note, policy)


def test_a_leaf_is_128_bytes_in_the_order_of_the_standard() -> None:
    digest = FILES[0]
    key = sigsum.raw_public(SUBMITTER.public)

    found = bytes(LEAVES[0])

    signed = b"sigsum.org/v1/tree-leaf\0" + sha256(digest).digest()
    assert sha256(digest).digest() + SUBMITTER.sign(signed) + sha256(key).digest() == found


def test_a_sigsum_log_is_called_after_its_key() -> None:
    assert "sigsum.org/v1/tree/" + sha256(sigsum.raw_public(LOG.public)).hexdigest() == ORIGIN


@given(st.binary(min_size=128, max_size=128))
def test_what_is_read_as_a_leaf_is_written_back(data: bytes) -> None:
    assert data == bytes(sigsum.Leaf.parse(data))


@pytest.mark.parametrize("length", [0, 127, 129])
def test_a_leaf_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(FormatError):
        sigsum.Leaf.parse(bytes(length))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_what_is_written_as_a_proof_is_read_again(size: int) -> None:
    made = proof(size - 1, 1, 2, 3, size=size)

    assert made == sigsum.Proof.parse(str(made))


@pytest.mark.parametrize("place", range(5))
def test_a_proof_holds_for_its_own_file_and_for_no_other(place: int) -> None:
    made = proof(place, 1, 2, 3)

    assert 5 == made.verify(FILES[place], SUBMITTER.public, POLICY).checkpoint.size
    with pytest.raises(NotVerified, match="did not sign"):
        made.verify(FILES[place - 1], SUBMITTER.public, POLICY)


def test_a_proof_is_refused_under_another_submitter() -> None:
    with pytest.raises(NotVerified, match="did not sign"):
        proof(0, 1, 2, 3).verify(FILES[0], a_log.signer(9).public, POLICY)


def test_a_proof_is_refused_under_a_log_that_the_policy_does_not_know() -> None:
    other = replace(POLICY, logs=(Log(sigsum.log_vkey(a_log.signer(9).public)),))

    with pytest.raises(NotVerified, match="does not know"):
        proof(0, 1, 2, 3).verify(FILES[0], SUBMITTER.public, other)


def test_a_proof_of_another_place_is_refused() -> None:
    with pytest.raises(NotVerified, match="at this place"):
        replace(proof(0, 1, 2, 3), index=1).verify(FILES[0], SUBMITTER.public, POLICY)


def test_too_few_cosignatures_make_no_proof() -> None:
    with pytest.raises(QuorumShort):
        proof(0, 2)  # two of three are the charter's rule


def test_a_cosignature_that_does_not_hold_is_refused() -> None:
    made = proof(0, 1, 2, 3)
    first, *others = made.cosignatures
    bent = replace(made, cosignatures=(replace(first, time=first.time + 1), *others))

    with pytest.raises(NotVerified, match="does not hold"):
        bent.verify(FILES[0], SUBMITTER.public, POLICY)


def test_cosignatures_of_unknown_witnesses_are_left_alone() -> None:
    two = replace(POLICY, quorum=charter_quorum([a_log.witness_key(1), a_log.witness_key(2)]))

    assert ("witness.example/w1", "witness.example/w2") == proof(0, 1, 2, 3).verify(
        FILES[0], SUBMITTER.public, two
    ).names


TEXT = str(proof(3, 1, 2))


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("version=2", "version=1"),
        TEXT.replace("size=5", "size=05"),
        TEXT.replace("leaf_index=3", "leaf_index=5"),
        TEXT.replace("root_hash=", "root_hash=A"),
        TEXT.replace("\n\n", "\n", 1),
        TEXT + "\n",
        TEXT + "node_hash=00\n",
        TEXT.removesuffix("\n"),
        TEXT.upper(),
        TEXT.replace("signature=", "signature= ", 1),
        TEXT.replace("leaf_index=3\n", ""),
        "",
    ],
)
def test_every_other_spelling_of_a_proof_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        sigsum.Proof.parse(text)


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="ascii"))
def test_a_changed_character_is_refused_or_makes_another_proof_that_does_not_hold(at: int, put: str) -> None:
    changed = TEXT[:at] + put + TEXT[at + 1 :]
    if changed == TEXT:
        return

    with pytest.raises((FormatError, Refused)):
        sigsum.Proof.parse(changed).verify(FILES[3], SUBMITTER.public, POLICY)


def test_one_witness_twice_is_refused() -> None:
    made = proof(0, 1, 2, 3)

    with pytest.raises(FormatError, match="twice"):
        replace(made, cosignatures=made.cosignatures + made.cosignatures[:1])


def test_a_policy_names_keys_in_hex_and_the_quorum_as_it_is() -> None:
    log, (first, *_) = sigsum.raw_public(LOG.public).hex(), POLICY.quorum.witnesses
    w1, w2, w3 = (witness.name for witness in POLICY.quorum.witnesses)

    rows = sigsum.policy_text(POLICY).split("\n")

    assert f"log {log}" == rows[0]
    assert f"witness {w1} {sigsum.raw_public(first.vkey.key).hex()}" == rows[1]
    assert [f"group charter-quorum 2 {w1} {w2} {w3}", "quorum charter-quorum", ""] == rows[4:]


def test_a_name_that_sigsum_would_read_as_a_comment_is_refused() -> None:
    named = replace(POLICY, logs=(replace(POLICY.logs[0], url="https://log.example/#top"),))

    with pytest.raises(FormatError, match="cut off"):
        sigsum.policy_text(named)
