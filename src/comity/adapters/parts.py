"""The journal of finished parts: a block that was done once is not done again, whatever ended the run.

One file for each plan, `<hex of the plan's digest>.parts`: a line that names the plan, then a line for each part, with
its own digest in front. A part is on disk before it counts as done. The last line may be torn by a kill or a power cut
and is dropped; any other line that is not what it was is an error. Decides nothing about what a part means.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters import durable
from comity.canon import Digest
from comity.errors import FormatError, Locked
from comity.model.blocks import Block, Part

VERSION: Final = "comity-parts/1"


class Parts:
    """Finished parts of one plan; append-only."""

    def __init__(self, path: Path, done: dict[Block, Part]) -> None:
        self._path, self._done = path, done

    def __len__(self) -> int:
        return len(self._done)

    @property
    def done(self) -> Mapping[Block, Part]:
        """What is on disk, by block."""
        return self._done

    def append(self, part: Part) -> None:
        """Put a part on disk; DiskFull or WorldError leaves the journal as it was."""
        durable.append(self._path, _line(part))
        self._done[part.block] = part


@contextmanager
def journal(folder: Path, plan: Digest) -> Iterator[Parts]:
    """The journal of a plan, made if there is none.

    Raises:
        Locked: another process works on the same plan.
        FormatError: a line before the last one is not what was written.
    """
    path = place(folder, plan)
    head = f"{VERSION} {plan}\n".encode()
    if not path.exists():
        durable.write(path, head)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Locked(
                "another process computes the same blocks", where=str(path), way_out="wait for it, or stop it"
            ) from None
        done, length = _read(path, head)
        if length < path.stat().st_size:
            os.truncate(path, length)
        yield Parts(path, done)
    finally:
        os.close(descriptor)


def place(folder: Path, plan: Digest) -> Path:
    """Where the journal of a plan lies."""
    return folder / f"{canon.hex_of(plan)}.parts"


def drop(folder: Path, plan: Digest) -> None:
    """Forget a plan's parts: its release is out, or its blocks are to be computed anew."""
    durable.remove(place(folder, plan))


def _line(part: Part) -> bytes:
    body = canon.encode(part)
    return canon.hex_of(canon.digest(body)).encode() + b" " + body + b"\n"


def _read(path: Path, head: bytes) -> tuple[dict[Block, Part], int]:
    """Parts by block, and the length of the lines that hold."""
    data = path.read_bytes()
    if not data.startswith(head):
        raise _broken(path, 1)
    done: dict[Block, Part] = {}
    length = len(head)
    lines = data[length:].splitlines(keepends=True)
    for number, line in enumerate(lines, start=2):
        digest, _, body = line.rstrip(b"\n").partition(b" ")
        if not line.endswith(b"\n") or canon.hex_of(canon.digest(body)).encode() != digest:
            if number <= len(lines):
                raise _broken(path, number)
            break
        part = canon.decode(body, Part, where=f"{path}: line {number}")
        done[part.block] = part
        length += len(line)
    return done, length


def _broken(path: Path, line: int) -> FormatError:
    return FormatError(
        "the journal of finished blocks is not what was written",
        where=f"{path}: line {line}",
        wanted=VERSION,
        way_out="remove the file: its blocks are computed again",
    )
