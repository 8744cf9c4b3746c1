"""What a witness answers to `add-checkpoint` (c2sp.org/tlog-witness): yes only to proven growth of what it remembers;
and what a log takes out of the answer.

Pure: the caller holds the memory, and on `Accept` must write the new one to disk, in one step with the comparison of
the old, before it cosigns and answers. Otherwise two requests at once roll the memory back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from comity.errors import FormatError, NotVerified
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import signed_by_one, time_of
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import EMPTY, prefix_root, verify_consistency
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.spelling import b64, decimal, hash_of, text_of

LONGEST = 63  # lines of a consistency proof
SIZE = "text/x.tlog.size"  # the content type by which a log knows that a 409 tells it where to start


@dataclass(frozen=True, slots=True)
class Known:
    """A log that a witness cosigns: the origin of its checkpoints, and the keys of which one must have signed.

    The origin need not be a key's name: that of the Go checksum database is "go.sum database tree".
    """

    origin: str
    keys: tuple[Vkey, ...]

    @classmethod
    def by(cls, vkey: Vkey) -> Self:
        """A log whose key is called by its origin, as most are."""
        return cls(vkey.name, (vkey,))


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
    """400, 403, 404, 422, or 409 for a second root of one size; and why."""

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


def decide(memory: Memory, old: int, note: Note, proof: Sequence[bytes], log: Known) -> Answer:
    """Whether to cosign, in the order of the standard's checks.

    The same size with the same root is accepted again: a log that lost the answer may ask for it.
    """
    try:
        checkpoint = Checkpoint.of(note)
    except FormatError as e:
        empty = _as_empty(note)
        if empty is None:
            return Deny(400, str(e))
        return _refused(empty, note, log) or Deny(422, "a log without leaves has one root, which is not this one")
    if refused := _refused(checkpoint, note, log):
        return refused
    if old > checkpoint.size:
        return Deny(400, "the old size is beyond the checkpoint")
    if old != memory.size:
        return Conflict(memory.size)
    return _growth(memory, checkpoint, proof)


def _refused(checkpoint: Checkpoint, note: Note, log: Known) -> Deny | None:
    """A log that is not known, or a checkpoint that it did not sign; signatures of other keys are ignored."""
    if checkpoint.origin != log.origin:
        return Deny(404, "unknown log")
    if not signed_by_one(note, log.keys):
        return Deny(403, "invalid signature: not made by a key that is trusted for this log")
    return None


def _growth(memory: Memory, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Answer:
    """Whether the checkpoint grows out of what is remembered, whose size is the one that the log started from."""
    grown = Memory(checkpoint.size, checkpoint.root)
    if memory.size in (0, checkpoint.size):
        if proof:
            return Deny(422, "a consistency proof where there is nothing to prove")
        if memory.size == checkpoint.size and memory.root != checkpoint.root:
            return Deny(409, "another root of the size that was cosigned last")
        return Accept(grown)
    if not verify_consistency(memory.size, memory.root, checkpoint.size, checkpoint.root, proof):
        return Deny(422, "the consistency proof does not lead from the checkpoint cosigned last to this one")
    return Accept(grown)


def _as_empty(note: Note) -> Checkpoint | None:
    """The checkpoint of no leaves that a note would be, had it the one root of an empty log; None for other faults."""
    lines = note.text.split("\n")
    if lines[1:2] != ["0"]:
        return None
    try:
        return Checkpoint.parse("\n".join([*lines[:2], b64(EMPTY), *lines[3:]]))
    except FormatError:
        return None


def contradiction(last: Note, request: Request, log: Known) -> tuple[Evidence, Vkey] | None:
    """The proof that a key of the log signed two views, the last note cosigned and the one asked for; and the key.

    It is where both are of one size; or where the growth that it proves begins with another root than the last one,
    unless the last size is a power of two, for such a proof does not name the root that it begins with.
    """
    try:
        before, now = Checkpoint.of(last), Checkpoint.of(request.note)
        if before.size == now.size:
            made = Evidence(last, own(request.note, log))
        elif before.size != request.old:
            return None
        else:
            prefix = prefix_root(before.size, now.size, now.root, request.proof)
            made = Evidence(last, own(request.note, log), prefix, request.proof)
    except FormatError:
        return None
    return next(((made, key) for key in log.keys if _convicts(made, key, log.origin)), None)


def own(note: Note, log: Known) -> Note:
    """The note under the log's own lines alone; FormatError if there are none."""
    return Note(note.text, tuple(line for line in note.signatures if any(line.names(key) for key in log.keys)))


def _convicts(evidence: Evidence, key: Vkey, origin: str) -> bool:
    try:
        evidence.verify(key, origin=origin)
    except NotVerified:
        return False
    return True


def taken(body: bytes, text: str, vkeys: Sequence[Vkey]) -> tuple[SignatureLine, ...]:
    """Cosignatures of a checkpoint's text in a witness's answer (200), by keys that the log knows of it.

    Lines of other keys are ignored, as the standard says; FormatError if a line is none, or if a line that names a
    known key does not hold.
    """
    rows = text_of(body, where="add-checkpoint").split("\n")
    if rows.pop() != "" or not 1 <= len(rows) <= LONGEST:
        wanted = f"1 to {LONGEST} lines, each ended by a newline"
        raise FormatError("not cosignatures", where="add-checkpoint", found=repr(body[:80]), wanted=wanted)
    lines = [(line, vkey) for line in map(SignatureLine.parse, rows) for vkey in vkeys if line.names(vkey)]
    for line, vkey in lines:
        if time_of(line, vkey, text) is None:
            raise FormatError("a cosignature does not hold", where=vkey.name, wanted="one of the checkpoint asked for")
    return tuple(line for line, _ in lines)
