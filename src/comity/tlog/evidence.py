"""Evidence: two signed views of one log that cannot both be true, as one record that convicts by itself.

Two checkpoints under the log's own signature: either of one size with two roots; or of two sizes, with the root that
the longer log shows for the shorter one's leaves (`prefix`) and the consistency proof that binds it to the longer root.
Everyone who has the log's key can check it; no witness is needed. A failed proof alone would convict nobody.
"""

from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError, NotVerified
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import signed_by
from comity.tlog.merkle import Node, prove_consistency, span, verify_consistency
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import HASH, b64, hash_of, text_of

HEADER = "w3id.org/comity/split-view@v1"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two notes, the smaller log first, and for different sizes the other prefix with its proof."""

    older: Note
    newer: Note
    prefix: bytes | None = None
    proof: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        older, newer = Checkpoint.of(self.older).size, Checkpoint.of(self.newer).size
        if older > newer:
            raise FormatError("the smaller log comes first", where="split view", found=f"{older}, {newer}")
        if (self.prefix is None) != (older == newer) or (self.proof and self.prefix is None):
            wanted = "a prefix and its proof for two sizes, neither for one"
            raise FormatError(
                "not evidence of a split view", where="split view", found=f"{older}, {newer}", wanted=wanted
            )
        if any(len(x) != HASH for x in self._hashes()):
            raise FormatError("not a hash", where="split view", wanted=f"{HASH} bytes")

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        blocks = text_of(data, where="split view").split("\n\n")
        head, *rows = blocks[0].split("\n")
        if head != HEADER or len(blocks) != 5:
            raise FormatError("not evidence of a split view", where="split view", found=repr(head[:80]), wanted=HEADER)
        hashes = [hash_of(row, where="split view") for row in rows]
        older, newer = f"{blocks[1]}\n\n{blocks[2]}\n", f"{blocks[3]}\n\n{blocks[4]}"
        prefix = hashes.pop(0) if hashes else None
        return cls(Note.parse(older), Note.parse(newer), prefix, tuple(hashes))

    def __str__(self) -> str:
        return "\n".join([HEADER, *map(b64, self._hashes()), "", str(self.older), str(self.newer)])

    def verify(self, log: Vkey, *, origin: str | None = None) -> None:
        """Return if the log's key signed two views that cannot both be true; NotVerified otherwise.

        Args:
            origin: the log's, where its key is not called by it; two views of any other origin convict nobody.
        """
        for note in (self.older, self.newer):
            if not signed_by(note, log):
                raise NotVerified("a view is not signed by the log", where="split view", wanted=str(log))
        older, newer = Checkpoint.of(self.older), Checkpoint.of(self.newer)
        if older.origin != newer.origin:
            found = f"{older.origin}, {newer.origin}"
            raise NotVerified("views of two logs", where="split view", found=found, wanted="one origin")
        if older.origin != (wanted := origin if origin is not None else log.name):
            raise NotVerified("views of another log", where="split view", found=older.origin, wanted=wanted)
        if not self._contradicts(older, newer):
            found = f"sizes {older.size} and {newer.size}"
            raise NotVerified("both views can be true", where="split view", found=found, wanted="a contradiction")

    def _hashes(self) -> list[bytes]:
        return [] if self.prefix is None else [self.prefix, *self.proof]

    def _contradicts(self, older: Checkpoint, newer: Checkpoint) -> bool:
        """Two roots of one size; or the longer log, as its root is bound to it, begins with another tree."""
        if older.size == newer.size:
            return older.root != newer.root
        if self.prefix is None or self.prefix == older.root:
            return False
        return verify_consistency(older.size, self.prefix, newer.size, newer.root, self.proof)


def convict(one: Note, other: Note, node: Node) -> Evidence:
    """Evidence out of two notes; `node` gives hashes of the longer log. FormatError if sizes make no proof."""
    older, newer = sorted((one, other), key=lambda note: Checkpoint.of(note).size)
    small, large = Checkpoint.of(older).size, Checkpoint.of(newer).size
    if small == large:
        return Evidence(older, newer)
    return Evidence(older, newer, span(0, small, node), prove_consistency(small, large, node))
