"""The head of a log at one size (c2sp.org/tlog-checkpoint). Who signed it is the affair of `note` and `quorum`."""

from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError
from comity.tlog.merkle import EMPTY
from comity.tlog.note import Note
from comity.tlog.spelling import HASH, LARGEST, b64, decimal, hash_of, text_of


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves, their root (32 bytes), and lines that nobody audits."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or "\n" in text_of(line, where="checkpoint"):
                raise FormatError("not one non-empty line", where="checkpoint", found=repr(line))
        if not 0 <= self.size <= LARGEST or len(self.root) != HASH:
            raise FormatError("no tree has this size and root", where="checkpoint", found=f"{self.size}")
        if self.size == 0 and self.root != EMPTY:
            raise FormatError("an empty log has one root", where="checkpoint", found=b64(self.root), wanted=b64(EMPTY))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        lines = text_of(text, where="checkpoint").split("\n")
        if len(lines) < 4 or lines.pop() != "":
            wanted = "origin, size and root, a line each"
            raise FormatError("not a checkpoint", where="checkpoint", found=repr(text[:80]), wanted=wanted)
        origin, size, root, *extensions = lines
        where = f"checkpoint of {origin}"
        return cls(origin, decimal(size, where=where), hash_of(root, where=where), tuple(extensions))

    @classmethod
    def of(cls, note: Note) -> Self:
        """The checkpoint that a note's text is; FormatError if it is none. Signatures are not looked at."""
        return cls.parse(note.text)

    def __str__(self) -> str:
        return "\n".join([self.origin, str(self.size), b64(self.root), *self.extensions]) + "\n"
