"""Each key and hash of SEAL, written out by hand: with hmac and hashlib alone."""

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from comity import canon
from comity.errors import FormatError
from comity.stages.seal import derivations
from comity.stages.seal.derivations import derive, key_context, private_key, public_key


def by_hand(secret: bytes, label: str, context: bytes, length: int = 32) -> bytes:
    """RFC 5869, 2.2 and 2.3."""
    prk = hmac.new(b"comity/seal/1", secret, sha256).digest()
    info, out, block = label.encode() + b"\x00" + context, b"", b""
    for i in range(1, 4):
        block = hmac.new(prk, block + info + bytes([i]), sha256).digest()
        out += block
    return out[:length]


def test_d_is_hkdf_with_the_salt_of_the_seal() -> None:
    assert by_hand(b"s" * 32, "pair", b"context") == derive(b"s" * 32, "pair", b"context")
    assert by_hand(b"s" * 32, "mask ml-kem-768", b"k", 64) == derive(b"s" * 32, "mask ml-kem-768", b"k", 64)


def test_contexts_are_what_seal_writes() -> None:
    leaf1, leaf2 = sha256(b"leaf 1").digest(), sha256(b"leaf 2").digest()
    ctx1 = sha256(
        b"comity/seal/1 opened" + sha256(b"example.org/log").digest() + (300).to_bytes(8, "big") + leaf1
    ).digest()
    ctx2 = sha256(b"comity/seal/1 shared" + ctx1 + (301).to_bytes(8, "big") + leaf2).digest()
    assert ctx1 == derivations.opened_context("example.org/log", 300, leaf1)
    assert ctx2 == derivations.shared_context(ctx1, 301, leaf2)


def test_seeds_and_masks_follow_from_one_secret_each() -> None:
    ctx = b"c" * 32
    assert by_hand(b"r" * 32, "pair", ctx + b"\x00\x03\x00\x07") == derivations.pair_seed(b"r" * 32, ctx, 3, 7)
    assert by_hand(b"s" * 32, "mask", ctx) == derivations.mask_key(b"s" * 32, ctx)
    assert by_hand(b"b" * 32, "self", ctx) == derivations.self_key(b"b" * 32, ctx)


def test_keys_come_from_their_secret_and_the_attempt() -> None:
    study = canon.digest(b"study")
    k = sha256(b"study").digest() + sha256(b"2020").digest() + (2).to_bytes(8, "big") + sha256(b"m1").digest()
    assert k == key_context(study, "2020", 2, "m1")
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(by_hand(b"r" * 32, "mask ml-kem-768", k, 64))
    curve = x25519.X25519PrivateKey.from_private_bytes(by_hand(b"r" * 32, "mask x25519", k))
    public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    assert public == private_key(b"r" * 32, "mask", k).public
    assert len(public) == 1216
    assert public != private_key(b"r" * 32, "envelope", k).public
    assert public != private_key(b"r" * 32, "mask", key_context(study, "2020", 3, "m1")).public


def test_commitments_are_labelled_by_kind_exchange_and_both_members() -> None:
    ctx = b"c" * 32
    found = derivations.commitment("root share", ctx, 1, 2, b"x" * 32)
    assert sha256(b"comity/seal/1 root share\x00" + ctx + b"\x00\x01\x00\x02" + b"x" * 32).digest() == found
    others = {
        derivations.commitment("self share", ctx, 1, 2, b"x" * 32),
        derivations.commitment("root share", b"d" * 32, 1, 2, b"x" * 32),
        derivations.commitment("root share", ctx, 2, 1, b"x" * 32),
    }
    assert found not in others
    assert len(others) == 3


@pytest.mark.parametrize("raw", [b"", b"\0" * 1215, b"\xff" * 1216, b"\0" * 1217])
def test_bytes_that_are_no_key_are_refused(raw: bytes) -> None:
    """ML-KEM checks its modulus (FIPS 203, 7.2)."""
    with pytest.raises(FormatError):
        public_key(raw)


def test_a_private_key_shows_no_secret() -> None:
    text = repr(private_key(b"r" * 32, "mask", b"k"))
    assert "opens" not in text
