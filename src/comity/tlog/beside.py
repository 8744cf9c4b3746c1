"""The side file of a checkpoint, `cosignatures/<size>`: cosignatures that stand beside the note, a line each.

A note carries few signatures, for many readers refuse more than they must (16 in the standard, 100 in Go). So the note
holds the log's line and those that the charter counts; all others stand here: further members, second keys, outside
witnesses. No rule of the log counts them. A reader's own policy may, over note and side file together: `joined`.
"""

from collections.abc import Iterable
from typing import Final

from comity.errors import FormatError
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, SignatureLine
from comity.tlog.quorum import Quorum
from comity.tlog.spelling import text_of

FOLDER: Final = "cosignatures"
MOST: Final = 1024  # lines: two for each of 193 members, and many outside witnesses


def path(size: int) -> str:
    """Where the side file of a checkpoint lies, from the log's address."""
    return f"{FOLDER}/{size}"


def parse(data: bytes | str) -> tuple[SignatureLine, ...]:
    """Read what `text` writes; refuse every other spelling."""
    rows = text_of(data, where=FOLDER).split("\n")
    if rows.pop() != "" or not 1 <= len(rows) <= MOST:
        raise FormatError("no side file", where=FOLDER, found=f"{len(rows)} lines", wanted=f"1 to {MOST}, each ended")
    lines = tuple(SignatureLine.parse(row) for row in rows)
    if list(lines) != _ordered(lines):
        raise FormatError("lines out of order, or one key twice", where=FOLDER, wanted="a line for each key")
    return lines


def text(lines: Iterable[SignatureLine]) -> str:
    """The side file of these lines, one for each key; "" of none: then there is no file."""
    return "".join(f"{line}\n" for line in _ordered(lines))


def joined(note: Note, lines: Iterable[SignatureLine], quorum: Quorum) -> Note:
    """The note with the lines of the side file that the quorum's keys made, or say they made.

    Lines of the note by keys that neither log nor quorum know are left out: so there is room for those that count.
    FormatError if even these are more than any note holds. Nothing is verified here.
    """
    known = {(witness.vkey.name, witness.vkey.id) for witness in quorum.witnesses}
    origin = Checkpoint.of(note).origin
    kept = [line for line in note.signatures if line.name == origin or (line.name, line.id) in known]
    more = [line for line in lines if (line.name, line.id) in known and line not in kept]
    return Note(note.text, (*kept, *more))


def _ordered(lines: Iterable[SignatureLine]) -> list[SignatureLine]:
    """By name and key, the last of each."""
    return [line for _, line in sorted({(line.name, line.id): line for line in lines}.items())]
