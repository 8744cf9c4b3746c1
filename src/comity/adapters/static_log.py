"""The log as static files under `public/`, exactly where c2sp.org/tlog-tiles puts them, made from `log.db`.

The order is: stage, sign and commit (`LogStore.append`), tiles (`grow`), then the checkpoint, pending and later
published. So whatever a published checkpoint promises is on the disk before it, and what is missing after a crash is
made again from the database. Decides that no published byte ever changes; who signs and cosigns a checkpoint is left to
the caller.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from comity.adapters import durable
from comity.adapters.log import CHUNK, LogStore
from comity.errors import FormatError, NotVerified
from comity.tlog import beside as side
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Node, prove_consistency, prove_inclusion, span
from comity.tlog.note import Note, SignatureLine
from comity.tlog.tile import (
    HEIGHT,
    WIDTH,
    Edge,
    Tile,
    bundles,
    encode_bundle,
    hash_entries,
    narrow,
    node_reader,
    served,
)

CHECKPOINT = "checkpoint"
PENDING = "checkpoint.pending"


def read_tile(public: Path, tile: Tile) -> bytes:
    """Bytes of a tile or bundle; a partial one is cut out of the full one where that has taken its place."""

    def get(one: Tile) -> bytes | None:
        path = public / str(one)
        return path.read_bytes() if path.is_file() else None

    data = served(tile, get)
    if data is None:
        where = str(public / str(tile))
        raise NotVerified("a file of the log is missing", where=where, way_out="open the log again: it is made anew")
    return data


class StaticLog:
    """Tiles, bundles and checkpoints of one `LogStore`. One thread at a time."""

    def __init__(self, public: Path, store: LogStore) -> None:
        self.public = public
        self._store = store
        self._edge = Edge()

    @classmethod
    def open(cls, public: Path, store: LogStore) -> Self:
        """Make what is missing and check all that is there; NotVerified for another byte or a newer checkpoint."""
        log = cls(public, store)
        log._refuse_the_future()
        log.grow()
        log._check_partials()
        log._check(log.published(), CHECKPOINT)
        log._check(log.pending(), PENDING)
        return log

    @property
    def size(self) -> int:
        """Entries whose files are written."""
        return self._edge.size

    def grow(self) -> tuple[int, bytes]:
        """Write the files of all that is committed; the size and root that a checkpoint may now say.

        The root is that of the tiles as written; NotVerified if it is not the one that was committed. DiskFull leaves
        whole files only, and the same call goes on where it stopped.
        """
        size, root = self._store.head()
        edge = self._make(self._edge, size, self._put)
        if edge.root() != root:
            raise NotVerified("the tiles do not make the committed root", where=str(self.public), wanted=root.hex())
        self._edge = edge
        return size, root

    def published(self) -> Note | None:
        """The published checkpoint, or None before the first."""
        return self._read(CHECKPOINT)

    def pending(self) -> Note | None:
        """The checkpoint that waits for cosignatures, or None."""
        return self._read(PENDING)

    def publish(self, text: str) -> None:
        """Replace the published checkpoint by a signed note; NotVerified if it is not of this log, or goes back."""
        note = Note.parse(text)
        self._check(note, CHECKPOINT)
        before, after = self.published(), Checkpoint.of(note)
        if before and ((old := Checkpoint.of(before)).origin != after.origin or old.size > after.size):
            found, wanted = f"{after.size} of {after.origin}", f"{old.size} or more of {old.origin}"
            raise NotVerified("a published checkpoint never goes back", where=CHECKPOINT, found=found, wanted=wanted)
        durable.write(self.public / CHECKPOINT, str(note).encode())

    def publish_pending(self, text: str | None) -> None:
        """Show the checkpoint that waits for cosignatures; None takes it away."""
        if text is None:
            durable.remove(self.public / PENDING)
            return
        note = Note.parse(text)
        self._check(note, PENDING)
        durable.write(self.public / PENDING, str(note).encode())

    def beside(self, size: int, lines: Iterable[SignatureLine]) -> None:
        """Cosignatures of a checkpoint for its side file, beside what stands there: the newest of each key."""
        path = self.public / side.path(size)
        text = side.text([*self.standing(size), *lines]).encode()
        if text != (path.read_bytes() if path.is_file() else b""):
            durable.write(path, text)

    def standing(self, size: int) -> tuple[SignatureLine, ...]:
        """What stands in the side file of a checkpoint; nothing if there is none, or it is damaged: no rule counts what
        stood there, so it keeps no checkpoint from being published."""
        path = self.public / side.path(size)
        with suppress(FormatError, FileNotFoundError):
            return side.parse(path.read_bytes())
        return ()

    def root_at(self, size: int) -> bytes:
        """Root over the first `size` entries, out of the tiles."""
        return span(0, size, self._node())

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that an entry is in the log of `size` entries."""
        return prove_inclusion(index, size, self._node())

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Proof that the log of `new` entries begins with that of `old`."""
        return prove_consistency(old, new, self._node())

    def _node(self) -> Node:
        return node_reader(self._edge.size, lambda tile: read_tile(self.public, tile))

    def _make(self, edge: Edge, size: int, put: Callable[[Tile, bytes], None]) -> Edge:
        """Hand over each file from the edge to `size`: entries first, then hashes of them; nothing large in memory."""
        while edge.size < size:
            start = edge.size // WIDTH * WIDTH
            stop = min(start + CHUNK, size)
            leaves = self._store.leaves(start, stop)
            for bundle in bundles(stop, edge.size):
                at = (bundle.index << HEIGHT) - start
                put(bundle, encode_bundle(leaves[at : at + bundle.width]))
            edge, full = edge.extend(hash_entries(leaves[edge.size - start :]))
            for tile, data in full:
                put(tile, data)
        for tile, data in edge.partial():
            put(tile, data)
        return edge

    def _put(self, tile: Tile, data: bytes) -> None:
        """Write a file once; the same bytes again are no change, other bytes are refused."""
        path = self.public / str(tile)
        if not path.exists():
            durable.write(path, data)
        elif path.read_bytes() != data:
            raise _damaged(path)
        if tile.full and tile.index:
            # The full tile before has long taken the place of its partial ones; a late reader cuts them out of it.
            shutil.rmtree(self.public / f"{Tile(tile.level, tile.index - 1)}.p", ignore_errors=True)

    def _refuse_the_future(self) -> None:
        """Files or a checkpoint beyond the database: an old backup was restored, and going on would fork the log."""
        known = self._store.size
        beyond = [str(tile) for tile in self._tiles() if tile.stop > known]
        for note in (self.pending(), self.published()):
            if note and Checkpoint.of(note).size > known:
                beyond.insert(0, f"a checkpoint of {Checkpoint.of(note).size} entries")
        if beyond:
            raise NotVerified(
                "what is published is newer than the database",
                where=str(self.public),
                found=beyond[0],
                wanted=f"{known} entries at most",
                way_out="restore a newer log.db; never go on from the old one, that would fork the log",
            )

    def _check_partials(self) -> None:
        """A partial file that stayed is the beginning of the wider one that was just checked."""
        for tile in self._tiles():
            if not tile.full:
                self._check_partial(tile)

    def _check_partial(self, tile: Tile) -> None:
        path = self.public / str(tile)
        width = min(WIDTH, (self.size >> HEIGHT * max(tile.level, 0)) - tile.index * WIDTH)
        wider = read_tile(self.public, Tile(tile.level, tile.index, width))
        if path.read_bytes() != narrow(tile, wider, width):
            raise _damaged(path)

    def _tiles(self) -> list[Tile]:
        """Tiles on the disk; leftovers of a write that a crash cut short are swept away."""
        found = []
        for path in sorted((self.public / "tile").rglob("*")):
            if path.is_file() and path.name.startswith(".") and path.name.endswith(".part"):
                path.unlink()
            elif path.is_file():
                found.append(Tile.parse(path.relative_to(self.public).as_posix()))
        return found

    def _check(self, note: Note | None, where: str) -> None:
        """A checkpoint must be of a size whose files are written, under the root that they make."""
        if note is None:
            return
        checkpoint = Checkpoint.of(note)
        if checkpoint.size > self.size or self.root_at(checkpoint.size) != checkpoint.root:
            raise NotVerified(
                "a checkpoint that is not this log's",
                where=str(self.public / where),
                found=f"{checkpoint.size} entries under {checkpoint.root.hex()}",
                wanted=f"the root of at most {self.size} entries",
                way_out="do not publish: two logs must never share one key",
            )

    def _read(self, name: str) -> Note | None:
        path = self.public / name
        return Note.parse(path.read_bytes()) if path.is_file() else None


def _damaged(path: Path) -> NotVerified:
    way_out = "move the file away and open the log again: it is made anew from the database"
    return NotVerified("a published file is not what the database makes", where=str(path), way_out=way_out)
