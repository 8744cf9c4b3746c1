"""Sigsum's spelling of a log (sigsum.org, log v1; proof version 2): what `sigsum-verify` reads, offline.

Sigsum logs that somebody signed the digest of a file, and nothing else: a leaf has 128 bytes, and the log is called
after its key. Its tree heads and cosignatures are those of c2sp.org, spelt in hex. Decides the spelling and what a
proof shows; which files are logged is left to others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from comity.errors import FormatError, NotVerified
from comity.keys import PublicKey, Signer, Verifier, raw_public
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.merkle import leaf_hash, verify_inclusion
from comity.tlog.note import COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.quorum import Cosigned, Policy, Witness
from comity.tlog.spelling import HASH, LARGEST, b64, decimal, text_of

FOLDER: Final = "sigsum"  # of a twin's static files, beside those of the log whose twin it is
CHECKPOINT: Final = f"{FOLDER}/checkpoint"
POLICY: Final = f"{FOLDER}/policy"  # by which a reader judges its proofs, in Sigsum's syntax
KEY: Final = f"{FOLDER}/hub.pub"  # that signs its leaves, as OpenSSH writes it
ORIGIN: Final = "sigsum.org/v1/tree/"  # and the key's hash: the name of every Sigsum log
LEAF: Final = b"sigsum.org/v1/tree-leaf\0"
SIGNATURE: Final = 64  # bytes, Ed25519
LENGTH: Final = HASH + SIGNATURE + HASH  # of a leaf
LONGEST: Final = 63  # hashes of a path


def key_hash(key: PublicKey) -> bytes:
    """How Sigsum names a key: SHA-256 of its 32 raw bytes."""
    return sha256(raw_public(key)).digest()


def log_vkey(key: PublicKey) -> Vkey:
    """The key of a Sigsum log, named by its origin."""
    return Vkey(ORIGIN + key_hash(key).hex(), key)


@dataclass(frozen=True, slots=True)
class Leaf:
    """That the holder of a key signed a file's digest: SHA-256 of that digest, signature, hash of the key."""

    checksum: bytes
    signature: bytes
    key_hash: bytes

    def __post_init__(self) -> None:
        if (len(self.checksum), len(self.signature), len(self.key_hash)) != (HASH, SIGNATURE, HASH):
            found = f"{len(bytes(self))} bytes"
            raise FormatError("not a leaf", where="sigsum leaf", found=found, wanted=f"{LENGTH} bytes")

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read what `bytes` writes."""
        return cls(data[:HASH], data[HASH : HASH + SIGNATURE], data[HASH + SIGNATURE :])

    @classmethod
    def of(cls, digest: bytes, signer: Signer) -> Self:
        """The leaf of a file with this SHA-256; the same each time, as Ed25519 signs without dice (RFC 8032)."""
        checksum = sha256(digest).digest()
        return cls(checksum, signer.sign(LEAF + checksum), key_hash(signer.public))

    def __bytes__(self) -> bytes:
        return self.checksum + self.signature + self.key_hash

    def says(self, digest: bytes, key: PublicKey) -> bool:
        """Whether this key signed the digest, and the leaf says so."""
        if (self.checksum, self.key_hash) != (sha256(digest).digest(), key_hash(key)):
            return False
        return Verifier(key).verifies(self.signature, LEAF + self.checksum)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's cosignature (0x04) of the proof's tree head, under the hash of its key."""

    key_hash: bytes
    time: int
    signature: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the value of a `cosignature=` line."""
        key, time, signature = _words(text, 3)
        return cls(_hex(key, HASH), decimal(time, where="sigsum cosignature"), _hex(signature, SIGNATURE))

    def __str__(self) -> str:
        return f"{self.key_hash.hex()} {self.time} {self.signature.hex()}"


@dataclass(frozen=True, slots=True)
class Proof:
    """That a file's digest is in a Sigsum log: everything that `sigsum-verify` wants beside file, key and policy."""

    log: bytes  # hash of the log's key
    submitter: bytes  # hash of the key that signed the leaf
    leaf: bytes  # its signature
    size: int
    root: bytes
    head: bytes  # the log's signature of the tree head
    cosignatures: tuple[Cosignature, ...]
    index: int
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        # A tree of one leaf has no path, and its proof no third part: Sigsum leaves out what is implied.
        if not 0 <= self.index < self.size <= LARGEST or len(self.path) > LONGEST or (self.size == 1 and self.path):
            found = f"leaf {self.index} of {self.size}, {len(self.path)} hashes"
            raise FormatError("no proof has this shape", where="sigsum proof", found=found)
        if len({cosignature.key_hash for cosignature in self.cosignatures}) != len(self.cosignatures):
            raise FormatError("one witness twice", where="sigsum proof", wanted="a cosignature a key")

    @classmethod
    def of(cls, leaf: Leaf, index: int, path: tuple[bytes, ...], note: Note, policy: Policy) -> Self:
        """The proof out of the twin log's leaf, path and checkpoint, with the cosignatures that the policy knows.

        NotVerified, QuorumShort: the checkpoint is not one that the policy lets count.
        """
        head = policy.check(note).checkpoint
        vkey = next(log.vkey for log in policy.logs if log.vkey.name == head.origin)
        signature = next(line.signature for line in note.signatures if line.names(vkey))
        found = (_cosignature(note, witness) for witness in policy.quorum.witnesses)
        given = tuple(one for one in found if one is not None)
        signed = (key_hash(vkey.key), leaf.key_hash, leaf.signature)
        return cls(*signed, head.size, head.root, signature, given, index, path)

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; refuse every other spelling, and proofs of another version."""
        text = text_of(data, where="sigsum proof")
        first, _, rest = text.partition("\n\n")
        head, _, inclusion = rest.partition("\n\n")
        log, leaf = _values(first + "\n", "version=2", ("log", "leaf"))
        submitter, signature = _words(leaf, 2)
        size, root, signed, *cosignatures = _values(head, "", ("size", "root_hash", "signature"), "cosignature")
        index, path = "0", []
        if inclusion:
            index, *path = _values(inclusion, "", ("leaf_index",), "node_hash")
        proof = cls(
            _hex(log, HASH),
            _hex(submitter, HASH),
            _hex(signature, SIGNATURE),
            decimal(size, where="sigsum size"),
            _hex(root, HASH),
            _hex(signed, SIGNATURE),
            tuple(map(Cosignature.parse, cosignatures)),
            decimal(index, where="sigsum leaf_index"),
            tuple(_hex(node, HASH) for node in path),
        )
        if str(proof) != text:
            raise FormatError("not the one spelling of a proof", where="sigsum proof", found=repr(text[:80]))
        return proof

    def __str__(self) -> str:
        head = [f"size={self.size}", f"root_hash={self.root.hex()}", f"signature={self.head.hex()}"]
        parts = [
            ["version=2", f"log={self.log.hex()}", f"leaf={self.submitter.hex()} {self.leaf.hex()}"],
            head + [f"cosignature={cosignature}" for cosignature in self.cosignatures],
            [f"leaf_index={self.index}", *(f"node_hash={node.hex()}" for node in self.path)],
        ]
        return "\n\n".join("\n".join(part) for part in (parts if self.size > 1 else parts[:2])) + "\n"

    def verify(self, digest: bytes, key: PublicKey, policy: Policy) -> Cosigned:
        """The cosigned tree head that a file of this SHA-256 stands under, signed by this key; a Refused otherwise."""
        where = f"sigsum proof of leaf {self.index}"
        leaf = Leaf(sha256(digest).digest(), self.leaf, self.submitter)
        if not leaf.says(digest, key):
            found, wanted = self.submitter.hex(), key_hash(key).hex()
            raise NotVerified("the key did not sign this file", where=where, found=found, wanted=wanted)
        cosigned = policy.check(self._note(policy))
        head = cosigned.checkpoint
        if not verify_inclusion(leaf_hash(bytes(leaf)), self.index, head.size, head.root, self.path):
            raise NotVerified("the file is not in the log at this place", where=where, wanted=b64(head.root))
        return cosigned

    def _note(self, policy: Policy) -> Note:
        """The tree head as the checkpoint that it is; cosignatures of unknown keys are left out."""
        vkey = next((log.vkey for log in policy.logs if key_hash(log.vkey.key) == self.log), None)
        if vkey is None:
            raise NotVerified("a log that the policy does not know", where="sigsum proof", found=self.log.hex())
        known = {key_hash(w.vkey.key): w.vkey for w in policy.quorum.witnesses if w.vkey.algorithm == COSIGNATURE}
        lines = [SignatureLine(vkey.name, vkey.id, self.head)]
        for one in self.cosignatures:
            if (witness := known.get(one.key_hash)) is not None:
                lines.append(SignatureLine(witness.name, witness.id, one.time.to_bytes(8, "big") + one.signature))
        return Note(str(Checkpoint(vkey.name, self.size, self.root)), tuple(lines))


def policy_text(policy: Policy) -> str:
    """A policy in Sigsum's syntax: raw keys in hex. A name with '#', which begins a comment there, is refused."""
    rows = [f"log {raw_public(log.vkey.key).hex()} {log.url}" for log in policy.logs]
    rows += [f"witness {w.name} {raw_public(w.vkey.key).hex()} {w.url}" for w in policy.quorum.witnesses]
    rows += [f"group {group.name} {group.least} {' '.join(group.members)}" for group in policy.quorum.groups]
    rows.append(f"quorum {policy.quorum.name}")
    if any("#" in row for row in rows):
        raise FormatError("a name or address that Sigsum would cut off", where="sigsum policy", wanted="no '#'")
    return "".join(f"{row.rstrip()}\n" for row in rows)


def key_text(key: PublicKey, comment: str) -> str:
    """A public key as OpenSSH writes it (RFC 8709), which Sigsum's programs read."""
    kind, raw = b"ssh-ed25519", raw_public(key)
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, raw))
    return f"{kind.decode()} {b64(blob)} {comment}\n"


def _cosignature(note: Note, witness: Witness) -> Cosignature | None:
    """The earliest cosignature that a witness gave; `policy.check` has shown that all that name it hold."""
    found: Mapping[int, bytes] = {
        time: line.signature[8:]
        for line in note.signatures
        if witness.vkey.algorithm == COSIGNATURE and (time := time_of(line, witness.vkey, note.text)) is not None
    }
    return Cosignature(key_hash(witness.vkey.key), min(found), found[min(found)]) if found else None


def _values(text: str, version: str, names: tuple[str, ...], repeated: str = "") -> list[str]:
    """Values of `name=value` lines in their order; behind them any number of lines of one more name."""
    rows = text.removesuffix("\n").split("\n")
    if version and rows.pop(0) != version:
        raise FormatError("another version of proof", where="sigsum proof", found=repr(text[:40]), wanted=version)
    values = []
    for place, row in enumerate(rows):
        name, equals, value = row.partition("=")
        if not equals or name != (names[place] if place < len(names) else repeated):
            raise FormatError("not the line that comes next", where="sigsum proof", found=repr(row[:80]))
        values.append(value)
    if len(values) < len(names):
        raise FormatError("a proof ends too soon", where="sigsum proof", wanted=", ".join(names))
    return values


def _words(text: str, count: int) -> list[str]:
    words = text.split(" ")
    if len(words) != count:
        raise FormatError("not so many words", where="sigsum proof", found=repr(text[:80]), wanted=str(count))
    return words


def _hex(text: str, length: int) -> bytes:
    """Bytes of lower-case hex of the right length."""
    if len(text) != 2 * length or not set(text) <= set("0123456789abcdef"):
        raise FormatError("not hex", where="sigsum proof", found=repr(text[:80]), wanted=f"{2 * length} digits")
    return bytes.fromhex(text)
