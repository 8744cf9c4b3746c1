"""The keys, the log and the checkpoints that all vectors share: fixed seeds, entries by number."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import tree

from comity.keys import Ed25519Signer, MlDsa44Signer, Signer, Verifier
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, ED25519, Note, Vkey, sign

ORIGIN = "log.example/assembly"
TIME = 1_800_000_000
Case = dict[str, Any]


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def seed(name: str) -> bytes:
    """32 bytes that anyone can make again: SHA-256 of a sentence."""
    return sha256(f"test vectors, {name}".encode()).digest()


def entry(index: int) -> bytes:
    return b"entry %d" % index


ENTRIES = [entry(index) for index in range(70_000)]
LEAVES = [tree.leaf(entry) for entry in ENTRIES]


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root(LEAVES[:size]))


class Kept:
    """An ML-DSA-44 key that gives a message the signature that is kept of it, and signs only what is new."""

    def __init__(self, name: str, kept: dict[tuple[str, bytes], bytes]) -> None:
        self.name = name
        self._kept = kept
        self._signer = MlDsa44Signer(seed(name))
        self.public = self._signer.public
        self.used: dict[bytes, bytes] = {}

    def sign(self, message: bytes) -> bytes:
        signature = self.used.get(message) or self._kept.get((self.public, message), b"")
        if not Verifier(self.public).verifies(signature, message):
            signature = self._signer.sign(message)
        self.used[message] = signature
        return signature


class Keys:
    """The log's key, and witnesses 0, 1, ... with a key of each algorithm under one name."""

    def __init__(self, kept: dict[tuple[str, bytes], bytes]) -> None:
        self.log = Ed25519Signer(seed("log"))
        self.edwards = [Ed25519Signer(seed(f"witness {number}")) for number in range(5)]
        self.lattice = [Kept(f"witness {number}, ML-DSA-44", kept) for number in range(3)]

    def witness(self, number: int, algorithm: int = COSIGNATURE) -> Vkey:
        signer: Signer = self.edwards[number] if algorithm == COSIGNATURE else self.lattice[number]
        return Vkey(f"witness.example/w{number}", signer.public, algorithm)

    def log_key(self) -> Vkey:
        return Vkey(ORIGIN, self.log.public, ED25519)

    def signed(self, head: Checkpoint, *witnesses: int) -> Note:
        """A checkpoint under the log's signature, and cosignatures a second apart."""
        text = str(head)
        lines = [
            cosign(text, f"witness.example/w{number}", TIME + later, self.edwards[number])
            for later, number in enumerate(witnesses)
        ]
        return Note(text, (sign(text, head.origin, self.log), *lines))
