"""The key family: an actor changes a key of its own. The officer key speaks for the others; it says nothing else.

`witness-ml-dsa` is no key of the charter's: an ML-DSA-44 key by which a member cosigns beside its Ed25519 key, for
readers who must trust a checkpoint longer than Ed25519 holds. No rule of the log counts it. `box` is none either: the
key to which others seal what only this actor may read (`comity.keys`: `mlkem768-x25519:<base64>`).

Whoever names a signing key holds it: beside each stands the key's own signature over `possession`. So nobody takes
another's key into its name, which would keep the key's owner out of the assembly. A box key signs nothing.

`recovery` is of an actor whose node lost its keys or its disk. It names new keys, and is signed by the officer key; if
that is lost too, by the new officer key, and a motion about the member must have named the very same keys. What the
lost node had spent of a privacy budget and nobody knows any more counts as spent.
"""

from dataclasses import dataclass
from typing import Final, Literal

from comity import canon
from comity.canon import Digest
from comity.model.member import Keys

Purpose = Literal["sign", "witness", "officer", "witness-ml-dsa", "box"]
WITNESS_ML_DSA: Final = "witness-ml-dsa"
BOX: Final = "box"
SHOWN: Final = "comity/key/1"  # first line of what a key signs for itself; nothing else that a key signs begins so


def possession(origin: str, actor: str, purpose: str, key: str) -> bytes:
    """What a key signs to show that who names it holds it: in which log, by whom, and for which purpose."""
    return "".join(f"{line}\n" for line in (SHOWN, origin, actor, purpose, key)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRegistered:
    """A new key for one purpose replaces the old one from here on. Signed by the actor's officer key."""

    purpose: Purpose
    key: str
    proof: bytes = b""  # by the key itself, over `possession`; empty of a box key

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The key's text."""
        return ((self.purpose, canon.digest(self.key.encode())),)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    """A key counts no more; until another is registered the actor cannot use that purpose. Officer key."""

    purpose: Purpose
    key: str

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The key's text."""
        return ((self.purpose, canon.digest(self.key.encode())),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """New keys for an actor that lost its own; the old ones count no more. By the officer key, or after a motion."""

    keys: Keys
    proofs: tuple[bytes, bytes, bytes]  # by the keys themselves, over `possession`: sign, officer, witness

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The keys."""
        return (("keys", canon.digest(canon.encode(self.keys))),)
