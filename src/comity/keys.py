"""Who signs: Ed25519 keys, their strict registration, and the two faces `Signer` and `Verifier`.

Secrets stay behind `Signer`. The algorithm is named in the key's text (`ed25519:<base64>`), so another algorithm is
a new value, not a new format. Verifiers of Ed25519 disagree on degenerate keys, so such a key is refused when it is
registered (small order, non-canonical, not on the curve). Signatures are checked without the cofactor (RFC 8032, 5.1.7,
the stricter way): what holds here holds for every verifier.
"""

import base64
import binascii
from functools import lru_cache
from hashlib import sha256
from typing import NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.errors import FormatError

PublicKey = NewType("PublicKey", str)  # "ed25519:" and 44 characters of base64
KeyId = NewType("KeyId", str)  # SHA-256 of the raw public key, 64 hex digits (DSSE keyid)

_P = 2**255 - 19  # RFC 8032, 5.1
_D = -121665 * pow(121666, -1, _P) % _P


class Signer(Protocol):
    """Holds a secret; never shows it."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer:
    """A signer in memory. Where its 32 secret bytes come from and rest is the keyring's affair."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = public_text(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032, 5.1.6)."""
        return self._key.sign(message)


class Verifier:
    """Checks signatures of one registered key."""

    def __init__(self, key: str, *, where: str = "key") -> None:
        self.public = PublicKey(key)
        self.raw = register(key, where=where)
        self._key = Ed25519PublicKey.from_public_bytes(self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def public_text(raw: bytes) -> PublicKey:
    """The text of 32 raw bytes."""
    return PublicKey("ed25519:" + base64.b64encode(raw).decode())


def raw_public(key: str, *, where: str = "key") -> bytes:
    """32 bytes of a key's text; FormatError for another algorithm or spelling."""
    algorithm, _, text = key.partition(":")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if algorithm != "ed25519" or len(raw) != 32 or public_text(raw) != key:
        raise FormatError("not a public key", where=where, found=key, wanted="ed25519:<base64 of 32 bytes>")
    return raw


def key_id(key: str) -> KeyId:
    """SHA-256 of the raw public key in hex, as DSSE names a key."""
    return KeyId(sha256(raw_public(key)).hexdigest())


@lru_cache(maxsize=4096)
def register(key: str, *, where: str = "key") -> bytes:
    """Raw bytes of a key that every verifier reads alike; FormatError for degenerate ones (RFC 8032, 5.1.3)."""
    raw = raw_public(key, where=where)
    value = int.from_bytes(raw, "little")
    sign, y = value >> 255, value & (2**255 - 1)
    if y >= _P:
        raise FormatError("public key is not canonical (y >= p)", where=where, found=key)
    x = _x_of(y)
    if x is None or (x == 0 and sign):
        raise FormatError("public key is not a point of the curve", where=where, found=key)
    if _small_order(x, y):
        raise FormatError("public key has small order: it signs nothing", where=where, found=key)
    return raw


def _x_of(y: int) -> int | None:
    """One root x of -x^2 + y^2 = 1 + d x^2 y^2, or None."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return x if x * x % _P == square else None


def _small_order(x: int, y: int) -> bool:
    """Whether 8 times the point is the neutral element; three doublings in affine coordinates."""
    for _ in range(3):
        dxy = _D * x * x * y * y % _P
        x, y = (
            2 * x * y * pow(1 + dxy, -1, _P) % _P,
            (y * y + x * x) * pow(1 - dxy, -1, _P) % _P,
        )
    return (x, y) == (0, 1)
