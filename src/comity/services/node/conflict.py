"""Two views of one log that cannot both be true: kept as evidence, and after that whoever saw them says nothing more.

Decides what is kept, and what stops. A proven split view (`tlog.evidence`, which convicts by itself) is
`split-view.evidence`, a further one `split-view-2.evidence`; it stops a node, or a monitor, until somebody has looked
at the file. A promise that the log broke (`tlog.receipt.Dropped`) is `dropped.evidence`, and stops a node likewise. A
view that is only older, or served incompletely, is kept as two notes and stops them while it lasts.
"""

from pathlib import Path
from typing import Final

from comity.adapters import durable, evidence
from comity.adapters.evidence import DROPPED, SPLIT
from comity.adapters.folder import PRIVATE_FILE
from comity.errors import ComityError, NotVerified
from comity.services.node.reader import Reader, Source
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence, convict
from comity.tlog.note import Note
from comity.tlog.receipt import Dropped
from comity.tlog.tile import Tile, node_reader, served

FOLDER: Final = "evidence"  # of a node's state folder


def halt(home: Path) -> None:
    """NotVerified if a proven split view, or a promise that was broken, lies in the state folder."""
    told = {
        SPLIT: "the log's key signed two views that cannot both be true; this node says nothing more",
        DROPPED: "the log's key promised a leaf, and signed a log without it; this node says nothing more",
    }
    for kind, what in told.items():
        if found := evidence.kept(home / FOLDER, kind):
            way_out = "show the file to the other members; remove it only by the office's own decision"
            raise NotVerified(what, where=str(found[0]), way_out=way_out)


def dropped(home: Path, proof: Dropped) -> None:
    """Keep the evidence that the log broke a promise, and stop; NotVerified."""
    evidence.put(home / FOLDER, DROPPED, str(proof).encode())
    halt(home)


def keep(folder: Path, reader: Reader, client: Source, note: Note) -> Path | None:
    """Keep what the hub showed beside what was read before: as proof if it is one, else as two notes.

    The file of a proof, this one's or an equal one's from before; None if there is none.
    """
    if reader.note is None or reader.log is None:
        return None
    before, now = Checkpoint.of(reader.note), Checkpoint.of(note)
    try:
        proof = _convict(reader, client, note)
        proof.verify(reader.log)
    except ComityError:
        path = folder / f"checkpoint-{now.size}-after-{before.size}"
        if not path.exists():
            durable.write(path, f"{reader.note}\n{note}".encode(), mode=PRIVATE_FILE)
        return None
    return evidence.put(folder, SPLIT, str(proof).encode())


def _convict(reader: Reader, client: Source, note: Note) -> Evidence:
    """Both notes, with the proof out of the longer log: from this node's own hashes, or from the hub's tiles."""
    if reader.note is None:
        raise NotVerified("nothing was read before", where="split view")
    size = Checkpoint.of(note).size
    if size <= reader.size:
        return convict(reader.note, note, reader.node)

    def tile(wanted: Tile) -> bytes:
        if (data := served(wanted, lambda one: client.file(str(one)))) is None:
            raise NotVerified("a tile is missing", where=str(wanted))
        return data

    return convict(reader.note, note, node_reader(size, tile))
