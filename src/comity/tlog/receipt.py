"""A receipt: the log's own promise of a leaf's place; and the evidence that it was broken.

`Receipt` is a signed note by the log's key: these leaf hashes stand, or will stand, at this index and those behind it;
one for each leaf of a request, so that many leaves cost one signature. `Dropped` is a receipt beside a checkpoint of
the same key that covers a promised index, and the proof that another leaf stands there. Whoever has the log's key can
check it; no witness is needed. A hub that gives no receipt, or no longer checkpoint, has refused service and is
convicted of nothing. A receipt can never be read as a checkpoint, nor a checkpoint as a receipt.
"""

from dataclasses import dataclass
from typing import Final, Self

from comity.errors import FormatError, NotVerified
from comity.keys import Signer
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Node, prove_inclusion, verify_inclusion
from comity.tlog.note import Note, Vkey, sign
from comity.tlog.spelling import HASH, LARGEST, b64, decimal, hash_of, text_of

RECEIPT: Final = "w3id.org/comity/receipt@v1"
DROPPED: Final = "w3id.org/comity/dropped@v1"
LONGEST: Final = 63  # hashes of a path in a tree of at most 2^63 - 1 leaves


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the log promises: its name, an index, and the RFC 6962 hashes of the leaves that stand from there on."""

    origin: str
    index: int
    leaves: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.origin or "\n" in text_of(self.origin, where="receipt"):
            raise FormatError("not one non-empty line", where="receipt", found=repr(self.origin))
        if not self.leaves or not 0 <= self.index <= LARGEST - len(self.leaves):
            found = f"index {self.index}, {len(self.leaves)} leaves"
            raise FormatError("no leaf stands there", where="receipt", found=found, wanted="an index and its leaves")
        if any(len(leaf) != HASH for leaf in self.leaves):
            raise FormatError("not a leaf hash", where="receipt", wanted=f"{HASH} bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        lines = text_of(text, where="receipt").split("\n")
        if len(lines) < 5 or lines[0] != RECEIPT or lines.pop():
            wanted = f"{RECEIPT}, origin, index and leaf hashes, a line each"
            raise FormatError("not a receipt", where="receipt", found=repr(text[:80]), wanted=wanted)
        leaves = tuple(hash_of(line, where="receipt leaf") for line in lines[3:])
        return cls(lines[1], decimal(lines[2], where="receipt index"), leaves)

    @classmethod
    def of(cls, note: Note) -> Self:
        """The receipt that a note's text is; FormatError if it is none. Signatures are not looked at."""
        return cls.parse(note.text)

    def __str__(self) -> str:
        return "\n".join([RECEIPT, self.origin, str(self.index), *map(b64, self.leaves)]) + "\n"

    def at(self, index: int) -> bytes | None:
        """The leaf hash promised for an index; None if the receipt says nothing of it."""
        return self.leaves[index - self.index] if 0 <= index - self.index < len(self.leaves) else None

    def signed(self, log: Signer) -> Note:
        """The note by which the log promises it. Sign only what is durably in the log."""
        return Note(str(self), (sign(str(self), self.origin, log),))


def check(note: Note, log: Vkey) -> Receipt:
    """The receipt of a note that this log's key signed; NotVerified or FormatError otherwise."""
    receipt = Receipt.of(note)
    if receipt.origin != log.name or not note.signed_by(log):
        found = ", ".join(line.name for line in note.signatures)
        raise NotVerified("a receipt is not signed by the log", where="receipt", found=found, wanted=str(log))
    return receipt


@dataclass(frozen=True, slots=True)
class Dropped:
    """A receipt, a checkpoint that covers a promised index, and what stands there instead, with its inclusion path."""

    receipt: Note
    checkpoint: Note
    index: int
    leaf: bytes
    path: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        receipt, size = Receipt.of(self.receipt), Checkpoint.of(self.checkpoint).size
        if receipt.at(self.index) is None or self.index >= size:
            found, wanted = f"index {self.index}, {size} leaves", "an index under both, receipt and checkpoint"
            raise FormatError("not evidence of a dropped leaf", where="dropped", found=found, wanted=wanted)
        if len(self.path) > LONGEST or any(len(x) != HASH for x in (self.leaf, *self.path)):
            raise FormatError("not a path", where="dropped", wanted=f"{LONGEST} hashes at most")

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        blocks = text_of(data, where="dropped").split("\n\n")
        head, *rows = blocks[0].split("\n")
        if head != DROPPED or len(blocks) != 5 or len(rows) < 2:
            wanted = f"{DROPPED}, an index, a leaf hash and its path, and two notes"
            raise FormatError("not evidence of a dropped leaf", where="dropped", found=repr(head[:80]), wanted=wanted)
        index = decimal(rows[0], where="dropped index")
        leaf, *path = (hash_of(row, where="dropped") for row in rows[1 : LONGEST + 3])
        receipt, checkpoint = f"{blocks[1]}\n\n{blocks[2]}\n", f"{blocks[3]}\n\n{blocks[4]}"
        return cls(Note.parse(receipt), Note.parse(checkpoint), index, leaf, tuple(path))

    def __str__(self) -> str:
        hashes = map(b64, (self.leaf, *self.path))
        return "\n".join([DROPPED, str(self.index), *hashes, "", str(self.receipt), str(self.checkpoint)])

    def verify(self, log: Vkey) -> None:
        """Return if the log's key promised one leaf and signed a log with another at its place; else NotVerified."""
        receipt = check(self.receipt, log)
        head = Checkpoint.of(self.checkpoint)
        if not self.checkpoint.signed_by(log):
            raise NotVerified("a checkpoint is not signed by the log", where="dropped", wanted=str(log))
        if head.origin != receipt.origin:
            found = f"{receipt.origin}, {head.origin}"
            raise NotVerified("receipt and checkpoint of two logs", where="dropped", found=found, wanted="one origin")
        if not verify_inclusion(self.leaf, self.index, head.size, head.root, self.path):
            found = f"leaf hash {b64(self.leaf)} at {self.index} of {head.size}"
            raise NotVerified("the checkpoint does not hold this leaf", where="dropped", found=found)
        if self.leaf == receipt.at(self.index):
            found = f"leaf {self.index}: {b64(self.leaf)}"
            raise NotVerified("the log kept its promise", where="dropped", found=found, wanted="another leaf")


def convict(receipt: Note, checkpoint: Note, index: int, node: Node) -> Dropped:
    """Evidence that a checkpoint holds another leaf at an index; `node` gives hashes of the checkpoint's log.

    FormatError if the checkpoint, or the receipt, does not cover the index.
    """
    path = prove_inclusion(index, Checkpoint.of(checkpoint).size, node)
    return Dropped(receipt, checkpoint, index, node(0, index), path)
