"""Who signs: keys of two algorithms, their strict registration, and the two faces `Signer` and `Verifier`.

Secrets stay behind `Signer`. The algorithm is named in the key's text (`ed25519:<base64>`, `ml-dsa-44:<base64>`), so
another algorithm is a new value, not a new format; which purpose takes which is decided where the purpose is.

Verifiers of Ed25519 disagree on degenerate points, so a key that is one is refused when it is registered (small order,
non-canonical, not on the curve), and so is a signature whose first half is one. Signatures are checked without the
cofactor (RFC 8032, 5.1.7, the stricter way): what holds here holds for every verifier. ML-DSA-44 (FIPS 204, empty
context) needs no such care: any 1,312 bytes are a key, and its verification has no choices.

A box key (`mlkem768-x25519:<base64>`) signs nothing: others seal to it what its owner alone may read. Here it is only
spelt; which bytes can be sealed to is decided in `assembly.rules.hybrid`.
"""

import base64
import binascii
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from comity.errors import FormatError

PublicKey = NewType("PublicKey", str)  # "ed25519:" and base64, or another algorithm's name
KeyId = NewType("KeyId", str)  # SHA-256 of the raw public key, 64 hex digits (DSSE keyid)
Algorithm = Literal["ed25519", "ml-dsa-44"]

ED25519: Algorithm = "ed25519"
ML_DSA_44: Algorithm = "ml-dsa-44"
BOX = "mlkem768-x25519"  # what others seal to, and nobody signs with: ML-KEM-768, then X25519 (X-Wing)
BOX_LENGTH = 1184 + 32  # bytes of its raw public key
LENGTHS: dict[Algorithm, int] = {ED25519: 32, ML_DSA_44: 1312}  # bytes of a raw public key

# The points of small order in their one canonical spelling (orders 1, 2, 4, 4, 8, 8, 8, 8; eprint 2020/1244, table 6).
SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)

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


class MlDsa44Signer:
    """The same for ML-DSA-44, from the 32 bytes of its seed (FIPS 204, algorithm 1)."""

    def __init__(self, seed: bytes) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = public_text(self._key.public_key().public_bytes_raw(), ML_DSA_44)

    def sign(self, message: bytes) -> bytes:
        """2,420 bytes, other ones each time: the hedged variant (FIPS 204, 3.4), empty context."""
        return self._key.sign(message)


class Verifier:
    """Checks signatures of one registered key."""

    def __init__(self, key: str, *, where: str = "key") -> None:
        self.public = PublicKey(key)
        self.raw = register(key, where=where)
        self._edwards = algorithm_of(key) == ED25519
        read = Ed25519PublicKey if self._edwards else MLDSA44PublicKey
        self._key = read.from_public_bytes(self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature is this key's over the message, for every verifier."""
        if self._edwards and signature[:32] in SMALL_ORDER:
            return False
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def public_text(raw: bytes, algorithm: Algorithm = ED25519) -> PublicKey:
    """The text of a raw public key."""
    return PublicKey(f"{algorithm}:{base64.b64encode(raw).decode()}")


def algorithm_of(key: str) -> Algorithm:
    """The algorithm that a key's text names; whether the rest is such a key is `raw_public`'s affair."""
    return ML_DSA_44 if key.startswith(f"{ML_DSA_44}:") else ED25519


def raw_public(key: str, *, where: str = "key") -> bytes:
    """The bytes of a key's text; FormatError for an unknown algorithm or another spelling."""
    algorithm, text = algorithm_of(key), key.partition(":")[2]
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != LENGTHS[algorithm] or public_text(raw, algorithm) != key:
        wanted = " or ".join(f"{name}:<base64 of {length} bytes>" for name, length in LENGTHS.items())
        raise FormatError("not a public key", where=where, found=key[:80], wanted=wanted)
    return raw


def box_text(raw: bytes) -> PublicKey:
    """The text of a raw box key."""
    return PublicKey(f"{BOX}:{base64.b64encode(raw).decode()}")


def box_key(text: str, *, where: str = "key") -> bytes:
    """The 1,216 bytes of a box key's text; FormatError for another spelling. Whether it opens anything is not asked."""
    head, _, material = text.partition(":")
    try:
        raw = base64.b64decode(material, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if head != BOX or len(raw) != BOX_LENGTH or box_text(raw) != text:
        wanted = f"{BOX}:<base64 of {BOX_LENGTH} bytes>"
        raise FormatError("not a box key", where=where, found=text[:80], wanted=wanted)
    return raw


def key_id(key: str) -> KeyId:
    """SHA-256 of the raw public key in hex, as DSSE names a key."""
    return KeyId(sha256(raw_public(key)).hexdigest())


@lru_cache(maxsize=4096)
def register(key: str, *, where: str = "key", algorithm: Algorithm | None = None) -> bytes:
    """Raw bytes of a key that every verifier reads alike; FormatError for a degenerate one.

    Args:
        key: its text.
        where: for the message.
        algorithm: the only one that the purpose takes; any, if None.
    """
    raw, found = raw_public(key, where=where), algorithm_of(key)
    if algorithm is not None and algorithm != found:
        raise FormatError("a key of another algorithm", where=where, found=found, wanted=algorithm)
    if found == ED25519:
        _refuse_degenerate(raw, key, where)
    return raw


def _refuse_degenerate(raw: bytes, key: str, where: str) -> None:
    """FormatError unless the 32 bytes are the one spelling of a point that is not of small order (RFC 8032, 5.1.3)."""
    value = int.from_bytes(raw, "little")
    sign, y = value >> 255, value & (2**255 - 1)
    if y >= _P:
        raise FormatError("public key is not canonical (y >= p)", where=where, found=key)
    x = _x_of(y)
    if x is None or (x == 0 and sign):
        raise FormatError("public key is not a point of the curve", where=where, found=key)
    if raw in SMALL_ORDER:
        raise FormatError("public key has small order: it signs nothing", where=where, found=key)


def _x_of(y: int) -> int | None:
    """One root x of -x^2 + y^2 = 1 + d x^2 y^2, or None."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return x if x * x % _P == square else None
