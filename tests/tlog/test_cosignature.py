"""A cosignature binds witness, time and the whole text."""

import pytest
from hypothesis import given, settings

from comity.errors import FormatError
from comity.keys import Verifier
from comity.tlog.cosignature import cosign, signed_by, time_of
from comity.tlog.note import Note, SignatureLine, sign, vkey
from tests.tlog.a_log import (
    ORIGIN,
    checkpoint,
    lattice_key,
    lattice_signer,
    leaf_hashes,
    names,
    signer,
    times,
    witness_key,
)

TEXT = str(checkpoint(leaf_hashes(3)))
W1 = "witness.example/w1"


@given(names, times)
def test_the_time_of_a_cosignature_is_the_one_that_was_signed(name: str, time: int) -> None:
    line = cosign(TEXT, name, time, signer(1))
    assert time == time_of(line, vkey(name, signer(1).public, 0x04), TEXT)


def test_what_is_signed_is_what_the_standard_says() -> None:
    """c2sp.org/tlog-cosignature: two lines, then the note body."""
    line = cosign(TEXT, W1, 1679315147, signer(1))
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    assert (1679315147).to_bytes(8, "big") == line.signature[:8]
    assert Verifier(signer(1).public).verifies(line.signature[8:], message)


def test_a_cosignature_of_another_text_time_key_or_name_is_none() -> None:
    line = cosign(TEXT, W1, 7, signer(1))
    later = SignatureLine(line.name, line.id, (8).to_bytes(8, "big") + line.signature[8:])
    assert time_of(line, witness_key(1), TEXT + "more\n") is None
    assert time_of(later, witness_key(1), TEXT) is None
    assert time_of(line, witness_key(2), TEXT) is None
    assert time_of(line, vkey(W1, signer(1).public), TEXT) is None
    assert time_of(sign(TEXT, W1, signer(1)), witness_key(1), TEXT) is None


@pytest.mark.parametrize(("text", "time"), [("not a checkpoint\n", 7), (TEXT, -1), (TEXT, 2**63)])
def test_nothing_but_a_checkpoint_at_a_time_is_cosigned(text: str, time: int) -> None:
    with pytest.raises(FormatError):
        cosign(text, W1, time, signer(1))


@given(names.filter(lambda name: len(name.encode()) < 256), times)
@settings(max_examples=20)
def test_the_time_of_an_ml_dsa_cosignature_is_the_one_that_was_signed(name: str, time: int) -> None:
    line = cosign(TEXT, name, time, lattice_signer(1))
    assert time == time_of(line, vkey(name, lattice_signer(1).public, 0x06), TEXT)


def test_what_ml_dsa_signs_is_the_struct_of_the_standard() -> None:
    """c2sp.org/tlog-cosignature, ML-DSA-44 signed message: written out by hand here."""
    head = checkpoint(leaf_hashes(3))
    line = cosign(str(head), W1, 1679315147, lattice_signer(1))
    message = (
        b"subtree/v1\n\x00"
        + b"\x12witness.example/w1"
        + (1679315147).to_bytes(8, "big")
        + b"\x14log.example/assembly"
        + bytes(8)
        + bytes(7)
        + b"\x03"
        + head.root
    )
    assert (1679315147).to_bytes(8, "big") == line.signature[:8]
    assert 8 + 2420 == len(line.signature)
    assert Verifier(lattice_signer(1).public).verifies(line.signature[8:], message)


def test_an_ml_dsa_cosignature_of_another_origin_size_root_time_key_or_name_is_none() -> None:
    """Unlike Ed25519 it binds the cosigner's name, so one key may have two."""
    line, key = cosign(TEXT, W1, 7, lattice_signer(1)), lattice_key(1)
    renamed = vkey("witness.example/w2", lattice_signer(1).public, 0x06)
    assert 7 == time_of(line, key, TEXT)
    for other in (checkpoint(leaf_hashes(3), "log.example/other"), checkpoint(leaf_hashes(4))):
        assert time_of(line, key, str(other)) is None
    assert time_of(line, key, TEXT.replace("\n3\n", "\n4\n")) is None
    assert time_of(line, key, "no checkpoint\n") is None
    assert time_of(SignatureLine(W1, line.id, (8).to_bytes(8, "big") + line.signature[8:]), key, TEXT) is None
    assert time_of(SignatureLine(renamed.name, renamed.id, line.signature), renamed, TEXT) is None
    assert time_of(line, lattice_key(2), TEXT) is None
    assert time_of(SignatureLine(W1, witness_key(1).id, line.signature), witness_key(1), TEXT) is None
    assert time_of(SignatureLine(W1, line.id, line.signature[:-1]), key, TEXT) is None


def test_ml_dsa_signs_no_checkpoint_with_extension_lines_and_holds_for_none() -> None:
    """The struct does not bind them (tlog-cosignature: they SHOULD be empty): a line added later would look signed."""
    with pytest.raises(FormatError, match="extension"):
        cosign(TEXT + "more\n", W1, 7, lattice_signer(1))
    assert time_of(cosign(TEXT, W1, 7, lattice_signer(1)), lattice_key(1), TEXT + "more\n") is None


@pytest.mark.parametrize(("name", "origin"), [("w" * 256, ORIGIN), ("w", "o" * 256), ("é" * 128, ORIGIN)])
def test_a_name_longer_than_the_struct_holds_is_not_cosigned(name: str, origin: str) -> None:
    """255 bytes, not characters."""
    text = str(checkpoint(leaf_hashes(3), origin))
    with pytest.raises(FormatError, match="255"):
        cosign(text, name, 7, lattice_signer(1))
    line = SignatureLine(name, vkey(name, lattice_signer(1).public, 0x06).id, bytes(2428))
    assert time_of(line, vkey(name, lattice_signer(1).public, 0x06), text) is None


def test_a_log_may_sign_by_a_cosignature() -> None:
    """tlog-checkpoint, Signatures: ML-DSA-44 cosignatures, or any note signature. Each line that names it must hold."""
    line, key = cosign(TEXT, ORIGIN, 7, lattice_signer(0)), vkey(ORIGIN, lattice_signer(0).public, 0x06)
    assert signed_by(Note(TEXT, (line,)), key)
    assert not signed_by(Note(TEXT, (line, SignatureLine(ORIGIN, key.id, bytes(2428)))), key)
    assert not signed_by(Note(TEXT, (sign(TEXT, ORIGIN, signer(0)),)), key)
    assert signed_by(Note(TEXT, (sign(TEXT, ORIGIN, signer(0)),)), vkey(ORIGIN, signer(0).public))
