"""Boxes: what one member seals to another, so that the hub only carries it. HPKE base mode (RFC 9180), X-Wing.

Key and nonce are new in each box; nobody chooses them. A box does not name its sender: the sender's logged manifest
does, and `info` binds exchange, sender and receiver, so a box opens nowhere else.
"""

from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke

from comity.errors import SealBroken
from comity.stages.seal.derivations import PrivateKey, place, public_key

SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
OVERHEAD: Final = 1088 + 32 + 16  # ML-KEM-768 ciphertext, X25519 share, GCM tag
SHARE_BOX: Final = OVERHEAD + 64  # share of root | share of b
SEED_BOX: Final = OVERHEAD + 32

BoxKind = Literal["share", "seed"]


def seal(kind: BoxKind, text: bytes, key: bytes, ctx1: bytes, sender: int, receiver: int) -> bytes:
    """The box from one Shamir index to another, to a public key of 1216 bytes."""
    return SUITE.encrypt(text, public_key(key), info=_info(kind, ctx1, sender, receiver))


def open_(kind: BoxKind, box: bytes, key: PrivateKey, ctx1: bytes, sender: int, receiver: int) -> bytes:
    """What is in the box; SealBroken if it was not sealed to this key, in this exchange, by this sender to me."""
    try:
        return SUITE.decrypt(box, key.opens, info=_info(kind, ctx1, sender, receiver))
    except (InvalidTag, ValueError) as e:
        raise SealBroken("a box does not open", where=f"{kind} box {sender}->{receiver}", found=repr(e)) from None


def _info(kind: BoxKind, ctx1: bytes, sender: int, receiver: int) -> bytes:
    return f"comity/seal/1 {kind}".encode() + b"\x00" + ctx1 + place(sender, 2) + place(receiver, 2)
