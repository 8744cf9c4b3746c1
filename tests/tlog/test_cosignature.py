"""A cosignature binds witness, time and the whole text."""

import pytest
from hypothesis import given

from comity.errors import FormatError
from comity.keys import Verifier
from comity.tlog.cosignature import cosign, time_of
from comity.tlog.note import SignatureLine, sign, vkey
from tests.tlog.a_log import checkpoint, leaf_hashes, names, signer, times, witness_key

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
