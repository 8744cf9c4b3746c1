"""One file that shows offline that an entry is in a log (c2sp.org/tlog-proof): index, path, cosigned checkpoint.

Decides whether the entry stands under the checkpoint and the checkpoint under the reader's policy. The extra data are
not authenticated by anything.
"""

from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError, NotVerified
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash, verify_inclusion
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy
from comity.tlog.spelling import HASH, LARGEST, b64, decimal, hash_of, text_of, unb64

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST = 63  # hashes of a path in a tree of at most 2^63 - 1 leaves


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry has this index in the log whose checkpoint the note is."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= LARGEST or len(self.path) > LONGEST or any(len(x) != HASH for x in self.path):
            found = f"index {self.index}, {len(self.path)} hashes"
            raise FormatError("no proof has this shape", where="proof", found=found, wanted=f"{LONGEST} hashes at most")
        Checkpoint.of(self.note)

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        head, blank, note = text_of(data, where="proof").partition("\n\n")
        header, *rows = head.split("\n")
        if header != HEADER or not blank:
            raise FormatError("not a proof", where="proof", found=repr(head[:80]), wanted=HEADER)
        extra = b""
        if rows and rows[0].startswith("extra "):
            extra = unb64(rows.pop(0).removeprefix("extra "), where="proof extra")
            if not extra:
                raise FormatError("extra data of no bytes", where="proof", wanted="no such line")
        if not rows or not rows[0].startswith("index "):
            raise FormatError("no index", where="proof", found=repr(head[:80]), wanted="index N")
        index = decimal(rows.pop(0).removeprefix("index "), where="proof index")
        path = tuple(hash_of(row, where="proof path") for row in rows[: LONGEST + 1])
        return cls(index, path, Note.parse(note), extra)

    def __str__(self) -> str:
        extra = [f"extra {b64(self.extra)}"] if self.extra else []
        return "\n".join([HEADER, *extra, f"index {self.index}", *map(b64, self.path), "", str(self.note)])

    def verify(self, entry: bytes, policy: Policy) -> Cosigned:
        """The cosigned checkpoint that the entry stands under; NotVerified or QuorumShort, a Refused, otherwise."""
        cosigned = policy.check(self.note)
        head = cosigned.checkpoint
        if not verify_inclusion(leaf_hash(entry), self.index, head.size, head.root, self.path):
            raise NotVerified(
                "the entry is not in the log at this place",
                where=f"proof of leaf {self.index} of {head.origin}",
                found=f"leaf hash {b64(leaf_hash(entry))}",
                wanted=f"a path to root {b64(head.root)} of {head.size} leaves",
            )
        return cosigned
