"""Keys: one spelling, strict registration, and signatures as RFC 8032 gives them."""

import base64
from hashlib import sha256, sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import keys
from comity.errors import FormatError
from comity.keys import ED25519, ML_DSA_44, Ed25519Signer, MlDsa44Signer, Verifier, public_text

P = 2**255 - 19

# RFC 8032, 7.1: secret, public, message, signature.
RFC8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]

# Points of order 1, 2, 4 and 8, and the encodings of them that a lax verifier also reads
# (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, eprint 2020/1244, table 6).
DEGENERATE = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC8032)
def test_signatures_are_those_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    signer = Ed25519Signer(bytes.fromhex(secret))
    assert public_text(bytes.fromhex(public)) == signer.public
    assert bytes.fromhex(signature) == signer.sign(bytes.fromhex(message))
    assert Verifier(signer.public).verifies(bytes.fromhex(signature), bytes.fromhex(message))


@pytest.mark.parametrize("raw", DEGENERATE)
def test_degenerate_keys_are_refused(raw: str) -> None:
    """Verifiers disagree on what they sign."""
    with pytest.raises(FormatError):
        keys.register(public_text(bytes.fromhex(raw)))


@pytest.mark.parametrize("point", sorted(keys.SMALL_ORDER))
def test_the_points_of_small_order_are_those_that_eight_times_is_nothing(point: bytes) -> None:
    """Reckoned here by the law of addition (RFC 8032, 5.1.4, in affine coordinates)."""
    d = -121665 * pow(121666, -1, P) % P
    value = int.from_bytes(point, "little")
    sign, y = value >> 255, value % 2**255
    x = next(x for x in square_roots((y * y - 1) * pow(d * y * y + 1, -1, P) % P) if x % 2 == sign)
    for _ in range(3):
        product = d * x * x * y * y % P
        x, y = 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P
    assert (0, 1) == (x, y)


def square_roots(square: int) -> tuple[int, ...]:
    """Both roots modulo P, by Euler: P is 5 modulo 8."""
    root = pow(square, (P + 3) // 8, P)
    return tuple(
        x
        for x in (root, P - root, root * pow(2, (P - 1) // 4, P) % P, -root * pow(2, (P - 1) // 4, P) % P)
        if x * x % P == square
    )


def test_a_signature_whose_first_half_has_small_order_does_not_hold() -> None:
    """R is the neutral element, S = k a: OpenSSL and Go accept it, libsodium does not. The key's owner can make it."""
    secret, message = b"1" * 32, b"I never said it"
    public = keys.register(Ed25519Signer(secret).public)
    half = bytearray(sha512(secret).digest()[:32])
    half[0] &= 248
    half[31] = half[31] & 127 | 64
    point = (1).to_bytes(32, "little")
    k = int.from_bytes(sha512(point + public + message).digest(), "little")
    order = 2**252 + 27742317777372353535851937790883648493
    signature = point + (k * int.from_bytes(half, "little") % order).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    assert not Verifier(public_text(public)).verifies(signature, message)


def test_a_key_off_the_curve_is_refused() -> None:
    """y = 2 has no x: (y^2 - 1) / (d y^2 + 1) is no square."""
    with pytest.raises(FormatError, match="not a point"):
        keys.register(public_text((2).to_bytes(32, "little")))


@given(st.integers(0, 18))
def test_a_key_of_p_or_more_is_refused(more: int) -> None:
    with pytest.raises(FormatError, match="canonical"):
        keys.register(public_text((P + more).to_bytes(32, "little")))


@given(st.binary(min_size=32, max_size=32))
def test_keys_that_signers_make_are_registered(secret: bytes) -> None:
    signer = Ed25519Signer(secret)
    assert base64.b64decode(signer.public.removeprefix("ed25519:")) == keys.register(signer.public)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_or_message_does_not_hold(secret: bytes, message: bytes, at: int, flip: int) -> None:
    signer = Ed25519Signer(secret)
    signature = signer.sign(message)
    changed = bytes([*signature[:at], signature[at] ^ flip, *signature[at + 1 :]])
    verifier = Verifier(signer.public)
    assert verifier.verifies(signature, message)
    assert not verifier.verifies(changed, message)
    assert not verifier.verifies(signature, message + b"x")


@pytest.mark.parametrize("signature", [b"", b"x" * 63, b"x" * 65])
def test_a_signature_of_another_length_does_not_hold(signature: bytes) -> None:
    assert not Verifier(Ed25519Signer(b"1" * 32).public).verifies(signature, b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ed25519:",
        "ed25519:AAAA",
        "rsa:" + base64.b64encode(b"1" * 32).decode(),
        base64.b64encode(b"1" * 32).decode(),
        "ed25519:" + base64.b64encode(b"1" * 32).decode().rstrip("="),
        "ed25519:" + base64.b64encode(b"1" * 32).decode() + "\n",
        "ed25519:" + base64.b64encode(b"1" * 31 + b"\x01").decode()[:-2] + "F=",
        "ED25519:" + base64.b64encode(b"1" * 32).decode(),
        "ed25519:" + base64.b64encode(b"1" * 1312).decode(),
        "ml-dsa-44:" + base64.b64encode(b"1" * 32).decode(),
        "ml-dsa-44:" + base64.b64encode(b"1" * 1311).decode(),
        "ml-dsa-44:" + base64.b64encode(b"1" * 1312).decode().rstrip("="),
        "ml-dsa-65:" + base64.b64encode(b"1" * 1952).decode(),
    ],
)
def test_a_key_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        keys.raw_public(text)


def test_a_key_is_named_by_the_hash_of_its_raw_bytes() -> None:
    """DSSE leaves the keyid open; ours is SHA-256 of the raw public key."""
    raw = bytes.fromhex(RFC8032[0][1])
    assert sha256(raw).hexdigest() == keys.key_id(public_text(raw))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 2419), st.integers(1, 255))
@settings(max_examples=20)
def test_a_changed_signature_or_message_of_ml_dsa_does_not_hold(
    seed: bytes, message: bytes, at: int, flip: int
) -> None:
    """Signatures of one message differ from each other, and each holds."""
    signer = MlDsa44Signer(seed)
    signature, again = signer.sign(message), signer.sign(message)
    changed = bytes([*signature[:at], signature[at] ^ flip, *signature[at + 1 :]])
    verifier = Verifier(signer.public)
    assert 2420 == len(signature)
    assert signature != again
    assert verifier.verifies(signature, message)
    assert verifier.verifies(again, message)
    assert not verifier.verifies(changed, message)
    assert not verifier.verifies(signature, message + b"x")


@pytest.mark.parametrize("length", [0, 64, 2419, 2421])
def test_a_signature_of_ml_dsa_of_another_length_does_not_hold(length: int) -> None:
    assert not Verifier(MlDsa44Signer(b"1" * 32).public).verifies(bytes(length), b"")


def test_a_purpose_takes_keys_of_one_algorithm() -> None:
    """Whoever asks for Ed25519 gets nothing else, and the other way round."""
    edwards, lattice = Ed25519Signer(b"1" * 32).public, MlDsa44Signer(b"1" * 32).public
    assert 32 == len(keys.register(edwards, algorithm=ED25519))
    assert 1312 == len(keys.register(lattice, algorithm=ML_DSA_44))
    for key, other in ((edwards, ML_DSA_44), (lattice, ED25519)):
        with pytest.raises(FormatError, match="another algorithm"):
            keys.register(key, algorithm=other)
