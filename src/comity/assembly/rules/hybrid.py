"""A hybrid public key, as consents carry it: ML-KEM-768, then X25519. Whether anyone could seal a box to it at all.

One key that nobody can use would end the exchange for all, attempt after attempt; so it is refused in the consent.
Which secret belongs to it is known to its member alone.
"""

from typing import Final

KEM: Final = 1184  # bytes of an ML-KEM-768 public key: 768 coefficients of 12 bits, then a seed of 32 bytes (FIPS 203)
KEY: Final = KEM + 32
_Q: Final = 3329
_COEFFICIENTS: Final = KEM - 32  # bytes
_P: Final = 2**255 - 19
# u-coordinates of small order on Curve25519 and its twist: a shared secret with them is zero (RFC 7748, 6.1).
_SMALL: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)


def parts(key: bytes) -> tuple[bytes, bytes]:
    """The ML-KEM key and the X25519 key."""
    return key[:KEM], key[KEM:]


def is_sound(key: bytes) -> bool:
    """Whether a box can be sealed to it: length, the modulus check of FIPS 203, 7.2, and no point of small order."""
    kem, curve = parts(key)
    if len(key) != KEY:
        return False
    for i in range(0, _COEFFICIENTS, 3):
        low, middle, high = kem[i : i + 3]
        if low | (middle & 15) << 8 >= _Q or middle >> 4 | high << 4 >= _Q:
            return False
    return (int.from_bytes(curve, "little") & (2**255 - 1)) % _P not in _SMALL
