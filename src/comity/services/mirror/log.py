"""A copy of one log: every leaf is hashed here, the tiles are made anew out of the leaves, the checkpoint comes last.

Decides what may be copied: what lies under the root of a checkpoint that the log's own key signed, and that grows out
of what was copied before. A source that contradicts it is not followed by one byte; the contradiction is proven
(`tlog.evidence`). Who must have cosigned is for whoever runs the copy to say (`judge`). Holds the right edge of the
tree, never the leaves: after a kill it goes on from the bundles that it finds on its disk.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.errors import ComityError, FormatError, NotVerified, Unreachable
from comity.model.job import Silent, Tell
from comity.services.mirror.disk import PUBLIC_FILE, Disk
from comity.services.mirror.lineage import Lineage
from comity.services.mirror.shown import Shown
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence, convict
from comity.tlog.merkle import Node, span
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import b64
from comity.tlog.tile import ENTRIES, WIDTH, Edge, Tile, bundles, encode_bundle, hash_entries, node_reader, served

CHECKPOINT: Final = "checkpoint"
AT_ONCE: Final = 16  # bundles written together, so that what waits for the disk waits once
MUCH: Final = 16 * 2**20  # bytes of them

Get = Callable[[str], bytes | None]
Visit = Callable[[int, tuple[bytes, ...]], None]  # index of the first leaf, leaves


class SplitView(NotVerified):
    """The source shows another log than was copied, under the log's own signature; the evidence says so to anyone."""

    def __init__(self, evidence: Evidence, log: Vkey, *, where: str) -> None:
        self.evidence, self.log = evidence, log
        older, newer = Checkpoint.of(evidence.older), Checkpoint.of(evidence.newer)
        super().__init__(
            "the log's key signed two views that cannot both be true; nothing of the other view was copied",
            where=where,
            found=f"sizes {older.size} and {newer.size}",
            way_out="show the evidence to the log's witnesses; what was copied before is served as it is",
        )


class LogCopy:
    """The copy of one log below one folder."""

    def __init__(
        self,
        public: Path,
        get: Get,
        *,
        where: str,
        key: Callable[[bytes], Vkey],
        visit: Visit,
        judge: Callable[[Note], None] = lambda note: None,
        moves: bool = False,
        tell: Tell | None = None,
    ) -> None:
        """Go on from what is on the disk.

        Args:
            get: a file of the source by its path, or None.
            where: the source's address.
            key: the log's key out of leaf 0, where that is how it is known.
            visit: told of every leaf once it is on the disk, and again at each start.
            judge: raises for a checkpoint that is not to be followed, whatever the log's key signed.
            moves: the log may go to another hub, as its leaves say (`lineage`).
        """
        self._disk, self._get, self._where, self._key = Disk(public), get, where, key
        self._visit, self._judge, self._tell = visit, judge, tell or Silent()
        self._path = public / CHECKPOINT
        self._edge = Edge()
        self._lineage = Lineage() if moves else None
        self.note = Note.parse(self._path.read_bytes()) if self._path.is_file() else None
        self.damaged = ""  # what of the disk's leaves did not make the checkpoint, if so; they are copied again
        self._load(beyond=True)

    @property
    def size(self) -> int:
        """Leaves copied, whether a checkpoint covers them yet or not."""
        return self._edge.size

    @property
    def log(self) -> Vkey | None:
        """The log's key, as of all leaves that are here; None before leaf 0."""
        first = self._first()
        return first if first is None or self._lineage is None else self._lineage.key(first, self.size)

    def _first(self) -> Vkey | None:
        """The key that leaf 0 names."""
        first = self._disk.entries(Tile(ENTRIES, 0, min(self.size, WIDTH))) if self.size else None
        return self._key(first[0]) if first else None

    def follow(self, note: Note) -> None:
        """Copy the leaves that a checkpoint adds.

        Raises:
            SplitView: another log than before, with the evidence; no judge is asked whether to keep a proof.
            NotVerified: a file is not the log's, or its key did not sign the checkpoint.
            Unreachable: the source does not answer, or a file is missing.
        """
        checkpoint = Checkpoint.of(note)
        shown = Shown(checkpoint, self._fetch, where=self._where)
        self._check(note, shown)
        self._compare(note, shown)
        self._judge(note)
        if shown.size > self.size:
            self._extend(shown)
        self._disk.repair(self._edge.partial() if shown.size == self.size else ())

    def publish(self, note: Note) -> bool:
        """Put a checkpoint in its place, once all it promises is on the disk; True if it is another than before.

        One that is older is left. Of one size the source's last is taken: more lines are not better ones, so a copy
        that counted them could be made to keep false ones for ever.
        """
        checkpoint = Checkpoint.of(note)
        if self.note is not None:
            before = Checkpoint.of(self.note)
            if checkpoint.size < before.size or str(note) == str(self.note):
                return False
        if checkpoint.size > self.size:
            raise NotVerified("a checkpoint beyond the leaves", where=str(self._path), found=str(checkpoint.size))
        durable.write(self._path, str(note).encode(), mode=PUBLIC_FILE)
        self.note = note
        return True

    def _check(self, note: Note, shown: Shown) -> None:
        """NotVerified unless the log's key signed the checkpoint as its own."""
        log = self._first()
        if log is None and shown.size:
            log = self._key(shown.entries(Tile(ENTRIES, 0, min(shown.size, WIDTH)))[0])
        if log is not None and self._lineage is not None:
            log = self._under(log, self._lineage, shown)
        if log is None or log.name != shown.checkpoint.origin or not note.signed_by(log):
            raise NotVerified(
                "the checkpoint is not signed by the log that leaf 0 names", where=f"{self._where}/{CHECKPOINT}"
            )

    def _under(self, first: Vkey, lineage: Lineage, shown: Shown) -> Vkey:
        """The log's key for a view: where that names another log, the leaves that it adds are asked why."""
        log = lineage.key(first, shown.size)
        if log.name == shown.checkpoint.origin or shown.size <= self.size:
            return log
        further = lineage.copy()
        for bundle in bundles(shown.size, self.size):
            start = bundle.index * WIDTH
            skip = max(self.size - start, 0)
            further.read(first, start + skip, shown.entries(bundle)[skip:])
        return further.key(first, shown.size)

    def _compare(self, note: Note, shown: Shown) -> None:
        """What was copied before must be how the view begins, or the view how the copy does."""
        if self.note is not None:
            known = Checkpoint.of(self.note)
            if shown.size < known.size:
                if span(0, shown.size, self._own(known.size)) != shown.checkpoint.root:
                    raise self._split(note, self._own(known.size))
            elif span(0, known.size, shown.node) != known.root:
                raise self._split(note, shown.node)
        if shown.size < self.size or span(0, self.size, shown.node) != self._edge.root():
            # Leaves that no published checkpoint covers: left by a copy that was killed, perhaps of another view.
            self._load(beyond=False)

    def _split(self, note: Note, node: Node) -> NotVerified:
        """The proof, if it is one."""
        log = self.log
        try:
            if self.note is None or log is None:
                raise NotVerified("nothing was copied before")
            evidence = convict(self.note, note, node)
            evidence.verify(log)
        except ComityError as e:
            return NotVerified(
                "the source and the copy contradict each other, and the copy's files prove nothing",
                where=str(self._path),
                found=e.what,
                way_out="start the mirror again: it looks at each of its files",
            )
        return SplitView(evidence, log, where=self._where)

    def _own(self, size: int) -> Node:
        """Hashes of the copy's own tree."""

        def read(tile: Tile) -> bytes:
            if (data := self._disk.read(tile)) is None:
                raise NotVerified("a file of the copy is missing", where=str(self._disk.public / str(tile)))
            return data

        return node_reader(size, read)

    def _extend(self, shown: Shown) -> None:
        """The leaves from here to the view's end, a few bundles at a time."""
        start, leaves, files, held = self.size, list[bytes](), list[tuple[Tile, bytes]](), 0
        for bundle in bundles(shown.size, self.size):
            entries = shown.entries(bundle)
            leaves += entries[max(start - bundle.index * WIDTH, 0) :]
            files.append((bundle, encode_bundle(entries)))
            held += len(files[-1][1])
            if len(files) == AT_ONCE or held > MUCH:
                self._take(leaves, files)
                self._tell(self.size, shown.size, "leaves")
                start, leaves, files, held = self.size, [], [], 0
        self._take(leaves, files)
        if self._edge.root() != shown.checkpoint.root:
            raise NotVerified(
                "the leaves do not make the checkpoint's root",
                where=f"{self._where}, checkpoint {shown.size} of {shown.checkpoint.origin}",
                found=b64(self._edge.root()),
                wanted=b64(shown.checkpoint.root),
            )

    def _take(self, leaves: list[bytes], files: list[tuple[Tile, bytes]]) -> None:
        """Leaves, shown to be the log's: on the disk with their tiles, then in memory."""
        edge, full = self._edge.extend(hash_entries(leaves))
        self._disk.write([*files, *full])
        first, self._edge = self.size, edge
        self._read(first, tuple(leaves))

    def _read(self, start: int, leaves: tuple[bytes, ...]) -> None:
        """Leaves that are on the disk and in the edge."""
        if self._lineage is not None and (first := self._first()) is not None:
            self._lineage.read(first, start, leaves)
        self._visit(start, leaves)

    def _fetch(self, tile: Tile) -> bytes:
        """A file of the source; a partial one out of the full one that has taken its place."""
        try:
            data = served(tile, lambda one: self._get(str(one)))
        except FormatError as e:
            where = f"{self._where}/{Tile(tile.level, tile.index)}"
            raise NotVerified("not a file of the log", where=where, found=e.found, wanted=e.wanted) from None
        if data is None:
            raise Unreachable("a part of the log is missing", where=f"{self._where}/{tile}", way_out="ask again later")
        return data

    def _load(self, *, beyond: bool) -> None:
        """The edge of what is on the disk: up to the checkpoint, and `beyond` it as far as bundles are full."""
        known = Checkpoint.of(self.note) if self.note is not None else None
        self._edge = Edge()
        if known is not None:
            for bundle in bundles(known.size):
                if not self._found(bundle):
                    self.damaged = f"{bundle} is missing, or torn"
                    break
                self._tell(self.size, known.size, "leaves on this disk")
            else:
                whole = (self.size, self._edge.root()) == (known.size, known.root)
                self.damaged = "" if whole else f"tile/entries does not make the root of its {CHECKPOINT}"
            if self.damaged:
                self._edge = Edge()
                return
            self._disk.repair(self._edge.partial())
        while beyond and self._found(Tile(ENTRIES, self.size // WIDTH)):
            pass

    def _found(self, bundle: Tile) -> bool:
        """Take a bundle from the disk, and make its tiles again where they are missing; False if it is not there."""
        entries = self._disk.entries(bundle)
        if entries is None:
            return False
        leaves = entries[self.size - bundle.index * WIDTH :]
        edge, full = self._edge.extend(hash_entries(leaves))
        self._disk.repair(full)
        first, self._edge = self.size, edge
        self._read(first, leaves)
        return True
