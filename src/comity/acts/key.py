"""The key family: an actor changes a key of its own. The officer key speaks for the others; it says nothing else.

`witness-ml-dsa` is no key of the charter's: an ML-DSA-44 key by which a member cosigns beside its Ed25519 key, for
readers who must trust a checkpoint longer than Ed25519 holds. No rule of the log counts it.
"""

from dataclasses import dataclass
from typing import Final, Literal

from comity import canon
from comity.canon import Digest

Purpose = Literal["sign", "witness", "officer", "witness-ml-dsa"]
WITNESS_ML_DSA: Final = "witness-ml-dsa"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRegistered:
    """A new key for one purpose replaces the old one from here on. Signed by the actor's officer key."""

    purpose: Purpose
    key: str

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
