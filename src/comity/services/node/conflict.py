"""Two views of one log that cannot both be true: kept as evidence, and after that this node says nothing more.

Decides what is kept. A proven split view (`tlog.evidence`, which convicts by itself) stops the node until its office
has looked at the file; a view that is only older, or served incompletely, stops it while it lasts.
"""

from pathlib import Path

from comity.adapters import durable
from comity.adapters.client import Client
from comity.adapters.folder import PRIVATE_FILE
from comity.errors import ComityError, NotVerified
from comity.services.node.reader import Reader
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence, convict
from comity.tlog.note import Note
from comity.tlog.tile import Tile, node_reader

FOLDER = "evidence"
SPLIT = "split-view"


def halt(home: Path) -> None:
    """NotVerified if a proven split view lies in the state folder."""
    if found := sorted((home / FOLDER).glob(f"{SPLIT}-*")):
        raise NotVerified(
            "the log's key signed two views that cannot both be true; this node says nothing more",
            where=str(found[0]),
            way_out="show the file to the other members; remove it only by the office's own decision",
        )


def keep(home: Path, reader: Reader, client: Client, note: Note) -> None:
    """Keep what the hub showed beside what was read before: as proof if it is one, else as two notes."""
    if reader.note is None or reader.log is None:
        return
    before, now = Checkpoint.of(reader.note), Checkpoint.of(note)
    try:
        evidence = _convict(reader, client, note)
        evidence.verify(reader.log)
    except ComityError:
        name, text = f"checkpoint-{now.size}-after-{before.size}", f"{reader.note}\n{note}"
    else:
        name, text = f"{SPLIT}-{before.size}-{now.size}", str(evidence)
    path = home / FOLDER / name
    if not path.exists():
        durable.write(path, text.encode(), mode=PRIVATE_FILE)


def _convict(reader: Reader, client: Client, note: Note) -> Evidence:
    """Both notes, with the proof out of the longer log: from this node's own hashes, or from the hub's tiles."""
    if reader.note is None:
        raise NotVerified("nothing was read before", where="split view")
    size = Checkpoint.of(note).size
    if size <= reader.size:
        return convict(reader.note, note, reader.node)

    def tile(wanted: Tile) -> bytes:
        if (data := client.file(str(wanted))) is None:
            raise NotVerified("a tile is missing", where=str(wanted))
        return data

    return convict(reader.note, note, node_reader(size, tile))
