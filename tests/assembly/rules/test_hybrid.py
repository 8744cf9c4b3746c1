"""Hybrid keys: exactly those are sound to which `cryptography` seals a box."""

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from comity.assembly.rules import hybrid

SCALAR = X25519PrivateKey.from_private_bytes(b"1" * 32)
KEM = MLKEM768PrivateKey.from_seed_bytes(b"2" * 64).public_key().public_bytes_raw()
CURVE = SCALAR.public_key().public_bytes_raw()
P = 2**255 - 19


def seals(key: bytes) -> bool:
    """What the library says when it is asked to."""
    try:
        MLKEM768PublicKey.from_public_bytes(key[:1184]).encapsulate()
        SCALAR.exchange(X25519PublicKey.from_public_bytes(key[1184:]))
    except ValueError:
        return False
    return True


def test_a_true_key_is_sound() -> None:
    assert seals(KEM + CURVE)
    assert hybrid.is_sound(KEM + CURVE)
    assert (KEM, CURVE) == hybrid.parts(KEM + CURVE)


@given(st.integers(0, 767), st.integers(3300, 4095))
def test_a_coefficient_that_is_not_reduced_is_refused(place: int, value: int) -> None:
    """FIPS 203, 7.2: the modulus check."""
    bits = int.from_bytes(KEM[:1152], "little")
    bits = bits & ~(4095 << 12 * place) | value << 12 * place
    key = bits.to_bytes(1152, "little") + KEM[1152:] + CURVE
    assert (value < 3329) == seals(key) == hybrid.is_sound(key)


@pytest.mark.parametrize("u", [0, 1, P - 1, P, P + 1, 2**255, 2**255 + 1, 2**255 + P - 1, 2**255 + P, 2**256 - 18])
def test_points_of_small_order_are_refused_in_every_spelling(u: int) -> None:
    key = KEM + u.to_bytes(32, "little")
    assert not seals(key)
    assert not hybrid.is_sound(key)


@pytest.mark.parametrize(
    "u",
    [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ],
)
def test_the_points_of_order_eight_are_refused(u: str) -> None:
    """As listed by D. J. Bernstein, cr.yp.to/ecdh.html."""
    key = KEM + bytes.fromhex(u)
    assert not seals(key)
    assert not hybrid.is_sound(key)


@given(st.binary(min_size=32, max_size=32))
def test_any_other_point_is_sound(u: bytes) -> None:
    assert seals(KEM + u) == hybrid.is_sound(KEM + u)
