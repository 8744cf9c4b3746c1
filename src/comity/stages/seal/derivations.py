"""Every key and hash of the seal, from one secret and one label each (SEAL, Derivations). Numpy-free.

D(secret, label, context) = HKDF-SHA256 with salt "comity/seal/1" and info = label | 0x00 | context. Integers are
big-endian: a leaf index 8 bytes, a Shamir index 2. `|` joins fixed lengths, so no two contexts read alike. Which key
serves what is decided here; who may have it is `round`, `member` and `hub`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError

SALT: Final = b"comity/seal/1"
KEM_PART: Final = 1184  # bytes of an ML-KEM-768 public key (FIPS 203); 32 of X25519 follow
KEY: Final = KEM_PART + 32

Kind = Literal["root share", "self share", "pair seed"]
_LABELS: Final[Mapping[Kind, bytes]] = {
    "root share": b"comity/seal/1 root share\x00",
    "self share": b"comity/seal/1 self share\x00",
    "pair seed": b"comity/seal/1 pair seed\x00",
}
KeyKind = Literal["mask", "envelope", "box"]


def derive(secret: bytes, label: str, context: bytes, length: int = 32) -> bytes:
    """D of SEAL: RFC 5869 with SHA-256."""
    return HKDF(hashes.SHA256(), length, SALT, label.encode() + b"\x00" + context).derive(secret)


def opened_context(origin: str, index: int, leaf_hash: bytes) -> bytes:
    """ctx1: the log, and the leaf that opened the exchange."""
    return sha256(b"comity/seal/1 opened" + sha256(origin.encode()).digest() + place(index, 8) + leaf_hash).digest()


def shared_context(ctx1: bytes, index: int, leaf_hash: bytes) -> bytes:
    """ctx2: ctx1, and the leaf that fixed U2."""
    return sha256(b"comity/seal/1 shared" + ctx1 + place(index, 8) + leaf_hash).digest()


def key_context(study: Digest, period: str, attempt: int, member: str) -> bytes:
    """k: the attempt and the member that a pair of keys serves."""
    hashed = sha256(period.encode()).digest(), place(attempt, 8), sha256(member.encode()).digest()
    return canon.raw_of(study) + b"".join(hashed)


def pair_seed(root: bytes, ctx1: bytes, u: int, v: int) -> bytes:
    """s_uv, made by the member of the lower index."""
    return derive(root, "pair", ctx1 + place(u, 2) + place(v, 2))


def mask_key(seed: bytes, ctx2: bytes) -> bytes:
    """AES-256 key of the mask that two members share."""
    return derive(seed, "mask", ctx2)


def self_key(own: bytes, ctx2: bytes) -> bytes:
    """AES-256 key of a member's self mask, from b_u."""
    return derive(own, "self", ctx2)


def commitment(kind: Kind, ctx1: bytes, u: int, v: int, secret: bytes) -> bytes:
    """SHA-256 of a share or seed from u to v, labelled; 32 bytes, as a manifest lists them."""
    return sha256(_LABELS[kind] + ctx1 + u.to_bytes(2, "big") + v.to_bytes(2, "big") + secret).digest()


def place(number: int, size: int) -> bytes:
    """A number in a fixed length, big-endian."""
    return number.to_bytes(size, "big")


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """One key pair of X-Wing: what opens boxes, and its 1216 public bytes. Shows no secret."""

    opens: hpke.MLKEM768X25519PrivateKey = field(repr=False)
    public: bytes


def private_key(secret: bytes, kind: KeyKind, k: bytes) -> PrivateKey:
    """M_u ("mask", from root_u), E_u ("envelope", from env_u), or the key of boxes outside an exchange ("box")."""
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(derive(secret, f"{kind} ml-kem-768", k, 64))
    curve = x25519.X25519PrivateKey.from_private_bytes(derive(secret, f"{kind} x25519", k))
    public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return PrivateKey(hpke.MLKEM768X25519PrivateKey(kem, curve), public)


@lru_cache(maxsize=1024)
def public_key(raw: bytes) -> hpke.MLKEM768X25519PublicKey:
    """What boxes are sealed to; FormatError for bytes that are no key."""
    if len(raw) != KEY:
        raise FormatError("not a key of the seal", where="key", found=f"{len(raw)} bytes", wanted=f"{KEY} bytes")
    try:
        kem = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:KEM_PART])
        curve = x25519.X25519PublicKey.from_public_bytes(raw[KEM_PART:])
    except ValueError as e:
        raise FormatError(
            "not a key of the seal", where="key", found=str(e), wanted="ML-KEM-768, then X25519"
        ) from None
    return hpke.MLKEM768X25519PublicKey(kem, curve)
