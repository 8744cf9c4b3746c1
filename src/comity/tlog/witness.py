"""What a witness answers to `add-checkpoint` (c2sp.org/tlog-witness): yes only to proven growth of what it remembers.

Pure: the caller holds the memory, and on `Accept` must write the new one to disk, in one step with the comparison of
the old, before it cosigns and answers. Otherwise two requests at once roll the memory back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import EMPTY, verify_consistency
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import b64, decimal, hash_of, text_of

LONGEST = 63  # lines of a consistency proof


@dataclass(frozen=True, slots=True)
class Memory:
    """The last checkpoint of one log that this witness cosigned; nothing at first."""

    size: int = 0
    root: bytes = EMPTY


@dataclass(frozen=True, slots=True)
class Accept:
    """The memory to write, then cosign."""

    memory: Memory


@dataclass(frozen=True, slots=True)
class Conflict:
    """409: the log asked from another size than the one remembered, which is the answer's body."""

    size: int
    status: int = 409


@dataclass(frozen=True, slots=True)
class Deny:
    """400, 403, 404 or 422, and why."""

    status: int
    why: str


Answer = Accept | Conflict | Deny


@dataclass(frozen=True, slots=True)
class Request:
    """The body of `add-checkpoint`: from which size, the proof of growth, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; FormatError, a 400, for every other spelling."""
        head, blank, note = text_of(data, where="add-checkpoint").partition("\n\n")
        first, *rows = head.split("\n")
        if not blank or not first.startswith("old ") or len(rows) > LONGEST:
            found, wanted = repr(head[:80]), f"old N, at most {LONGEST} hashes, blank line, checkpoint"
            raise FormatError("not a request", where="add-checkpoint", found=found, wanted=wanted)
        old = decimal(first.removeprefix("old "), where="add-checkpoint")
        return cls(old, tuple(hash_of(row, where="add-checkpoint proof") for row in rows), Note.parse(note))

    def __str__(self) -> str:
        return "\n".join([f"old {self.old}", *map(b64, self.proof), "", str(self.note)])


def decide(memory: Memory, old: int, note: Note, proof: Sequence[bytes], log: Vkey) -> Answer:
    """Whether to cosign, in the order of the standard's checks; `log` is the key whose name is the log's origin.

    The same size with the same root is accepted again: a log that lost the answer may ask for it. The same size with
    another root is 422, as growth without a proof, so that 409 always means: start from my size.
    """
    try:
        checkpoint = Checkpoint.of(note)
    except FormatError as e:
        return Deny(400, str(e))
    if checkpoint.origin != log.name:
        return Deny(404, "unknown log")
    if not note.signed_by(log):
        return Deny(403, "not signed by the log's key")
    if old > checkpoint.size:
        return Deny(400, "the old size is beyond the checkpoint")
    if old != memory.size:
        return Conflict(memory.size)
    if old == 0:
        if proof:
            return Deny(422, "a proof from nothing")
    elif not verify_consistency(old, memory.root, checkpoint.size, checkpoint.root, proof):
        return Deny(422, "the checkpoint does not grow from the one cosigned before")
    return Accept(Memory(checkpoint.size, checkpoint.root))
