"""Signed notes: one spelling, and signatures that bind name, key, algorithm and text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.keys import PublicKey
from comity.tlog.note import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey, sign, vkey
from comity.tlog.spelling import b64
from tests.tlog.a_log import lattice_signer, names, signatures, signer

lines = st.lists(signatures, min_size=1, max_size=5).map(tuple)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60).map(lambda text: text + "\n")


@given(texts, lines)
def test_a_note_is_read_as_it_is_written(text: str, lines: tuple[SignatureLine, ...]) -> None:
    """As text and as bytes, also where the text itself has empty lines."""
    note = Note(f"{text}\n{text}", lines)
    assert note == Note.parse(str(note))
    assert note == Note.parse(str(note).encode())


@given(names, st.sampled_from([ED25519, COSIGNATURE]))
def test_a_vkey_is_read_as_it_is_written(name: str, algorithm: int) -> None:
    key = vkey(name, signer(1).public, algorithm)
    assert key == Vkey.parse(str(key))


@given(names)
@settings(max_examples=20)
def test_a_vkey_of_ml_dsa_is_read_as_it_is_written(name: str) -> None:
    key = vkey(name, lattice_signer(1).public, MLDSA_COSIGNATURE)
    assert key == Vkey.parse(str(key))


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        (ED25519, lattice_signer(1).public),
        (COSIGNATURE, lattice_signer(1).public),
        (MLDSA_COSIGNATURE, signer(1).public),
        (0x02, signer(1).public),
        (0x05, lattice_signer(1).public),
    ],
)
def test_a_key_of_another_algorithm_is_no_vkey(algorithm: int, key: PublicKey) -> None:
    with pytest.raises(FormatError, match="algorithm"):
        vkey("a", key, algorithm)


@given(texts, names)
def test_a_signature_holds_for_its_key_and_text_alone(text: str, name: str) -> None:
    line = sign(text, name, signer(1))
    key = vkey(name, signer(1).public)
    assert Note(text, (line,)).signed_by(key)
    assert not Note(f"x{text}", (line,)).signed_by(key)
    assert not Note(text, (line,)).signed_by(vkey(f"{name}x", signer(1).public))
    assert not Note(text, (line,)).signed_by(vkey(name, signer(2).public))
    assert not Note(text, (line,)).signed_by(vkey(name, signer(1).public, COSIGNATURE))


def test_one_bad_line_of_a_key_spoils_its_good_one() -> None:
    """signed-note: if a signature from a known key fails to verify, reject the whole note."""
    line = sign("text\n", "a", signer(1))
    bad = SignatureLine("a", line.id, bytes(64))
    assert not Note("text\n", (line, bad)).signed_by(vkey("a", signer(1).public))


def test_lines_of_unknown_keys_are_ignored() -> None:
    """Even where they share the name."""
    line, other = sign("text\n", "a", signer(1)), sign("text\n", "a", signer(2))
    assert Note("text\n", (other, line)).signed_by(vkey("a", signer(1).public))


def test_a_line_is_added_once() -> None:
    line = sign("text\n", "a", signer(1))
    more = sign("text\n", "b", signer(2))
    assert (line, more) == Note("text\n", (line,)).with_lines(line, more, more).signatures


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— a AAAAAAAA",
        "text\n— a AAAAAAAA\n",
        "text\n\n- a AAAAAAAA\n",
        "text\n\n— a\n",
        "text\n\n— a AAAA\n",
        "text\n\n— a AAAAAAA\n",
        "text\n\n— a AAAAAAAB==\n",
        "text\n\n—  a AAAAAAAA\n",
        "text\n\n— a+b AAAAAAAA\n",
        "text\n\n— a\u00a0b AAAAAAAA\n",
        "text\n\n— a AAAAAAAA\n\n",
        "te\rxt\n\n— a AAAAAAAA\n",
        "te\0xt\n\n— a AAAAAAAA\n",
        b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAAA\n",
        "te\ud800xt\n\n— a AAAAAAAA\n",
        "text\n\n" + "— a AAAAAAAA\n" * 101,
    ],
)
def test_another_spelling_of_a_note_is_refused(bad: str | bytes) -> None:
    with pytest.raises(FormatError):
        Note.parse(bad)


def test_a_hundred_signatures_can_be_read() -> None:
    """As many as Go's reference reader takes."""
    assert 100 == len(Note.parse("text\n\n" + "— a AAAAAAAA\n" * 100).signatures)


@pytest.mark.parametrize("text", ["", "text", "te\txt\n"])
def test_what_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(FormatError):
        sign(text, "a", signer(1))


def test_a_key_of_small_order_is_no_vkey() -> None:
    """The point (0, 1), whose signatures verifiers judge differently."""
    text = b64(bytes([ED25519, 1]) + bytes(31))
    with pytest.raises(FormatError, match="small order"):
        Vkey.parse(f"a+00000000+{text}")
