"""Every leaf of the log, read and hashed by this node itself: nothing of the hub's own reckoning is believed.

Decides whether a checkpoint that the log's key signed is the root of exactly the leaves that the hub serves, and that
its leaf 0 is the charter that the office pinned. Who cosigned a checkpoint is the affair of `follow`; what to do with
two views that cannot both be true is `conflict`'s.
"""

from collections.abc import Sequence
from functools import lru_cache

from comity import canon
from comity.acts import statement
from comity.acts.charter import Charter
from comity.acts.statement import Body
from comity.adapters.client import Client
from comity.adapters.leaves import Leaves
from comity.assembly import witnesses
from comity.canon import Digest
from comity.errors import ComityError, FormatError, NotVerified, Unreachable
from comity.tlog import follow, merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.follow import Followed
from comity.tlog.merkle import Range
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import b64
from comity.tlog.tile import ENTRIES, HEIGHT, Tile, decode_bundle, narrow


class Reader:
    """The leaves of one log under one pinned charter, and the checkpoint up to which they were read."""

    def __init__(self, client: Client, charter: Digest | None, cache: Leaves | None, *, keep: bool) -> None:
        """Go on where the cache ends; a cache that does not make its own checkpoint's root is forgotten.

        Args:
            charter: pinned; None for a reader without a pin, who takes the charter that the log begins with.
            keep: write to the cache what is read; the desk beside a running node only reads it.
        """
        self._client, self._pinned, self._cache = client, charter, cache if keep else None
        self._forget()
        if cache is not None:
            self._load(*cache.load())

    def _forget(self) -> None:
        self.charter: Charter | None = None
        self.log: Vkey | None = None
        self.note: Note | None = None  # the largest checkpoint whose leaves were read
        self._leaves: list[bytes] = []
        self._hashes: list[bytes] = []
        self._ranges: dict[int, Range] = {0: Range()}
        self._offset = 0  # bytes of the last, unfinished bundle that were read

    @property
    def size(self) -> int:
        """Leaves read."""
        return len(self._hashes)

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Leaves from start to before stop, as read."""
        return self._leaves[start:stop]

    def root(self, size: int) -> bytes:
        """Root over the first `size` leaves, out of this node's own hashes."""
        if size not in self._ranges:
            nearest = max(known for known in self._ranges if known <= size)
            self._ranges[size] = self._ranges[nearest].extend(self._hashes[nearest:size])
        return self._ranges[size].root()

    def node(self, level: int, index: int) -> bytes:
        """Root of a complete subtree, out of this node's own hashes (`merkle.Node`)."""
        return merkle.nodes(self._hashes)(level, index)

    def check(self, note: Note) -> Checkpoint:
        """The checkpoint of a note of this log, signed by its key; the charter is fetched first if it is not known."""
        checkpoint = Checkpoint.of(note)
        if self.log is None or self.charter is None:
            self._meet(checkpoint)
        if self.log is None or checkpoint.origin != self.log.name or not note.signed_by(self.log):
            raise NotVerified(
                "the checkpoint is not signed by the log that the charter names",
                where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
                found=", ".join(line.name for line in note.signatures),
                wanted=str(self.log),
            )
        return checkpoint

    def read(self, note: Note) -> Checkpoint:
        """Read on to a checkpoint; NotVerified if the leaves served, or those read before, do not make its root."""
        checkpoint = self.check(note)
        if checkpoint.size <= self.size:
            if self.root(checkpoint.size) != checkpoint.root:
                raise NotVerified(
                    "the checkpoint is not of the log that was read before",
                    where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
                    found=b64(checkpoint.root),
                    wanted=b64(self.root(checkpoint.size)),
                    way_out="keep both checkpoints and ask another mirror: one of the two views is false",
                )
            return checkpoint
        before = self.size
        leaves = self._fetch(before, checkpoint.size)
        grown = follow.advance(Followed(self._range(before)), checkpoint, leaves)
        self._take(leaves, grown.range, note)
        if self._cache is not None:
            self._cache.append(before, leaves, str(note))
        return checkpoint

    def _range(self, size: int) -> Range:
        self.root(size)
        return self._ranges[size]

    def _meet(self, checkpoint: Checkpoint) -> None:
        """Fetch leaf 0; it must be the charter that the office pinned, and that charter names the log's key."""
        if checkpoint.size == 0:
            raise NotVerified("a log without a charter", where=checkpoint.origin, wanted=self._pinned or "leaf 0")
        leaf = self._bundle(Tile(ENTRIES, 0, min(checkpoint.size, 1 << HEIGHT)), 0)[0]
        self._found(leaf)

    def _found(self, leaf: bytes) -> None:
        body, found = _first(leaf)
        if not isinstance(body, Charter) or self._pinned not in (None, found):
            raise NotVerified(
                "the log begins with another charter",
                where="leaf 0",
                found=found,
                wanted=self._pinned or "a charter",
                way_out="check the hub's address, and the charter's digest with the convenor",
            )
        self.charter, self.log = body, Vkey.parse(witnesses.log_vkey(body))

    def _fetch(self, start: int, stop: int) -> tuple[bytes, ...]:
        """Leaves from start to before stop, as the hub serves them; only bytes that were not read before are asked."""
        found: list[bytes] = []
        for tile in follow.needed(stop, start):
            found += self._bundle(tile, max(start - (tile.index << HEIGHT), 0))
        return tuple(found)

    def _bundle(self, tile: Tile, have: int) -> tuple[bytes, ...]:
        """Entries of a bundle behind the first `have`; a partial one is cut out of the full one that replaced it."""
        offset = self._offset if have else 0
        data = self._client.file(str(tile), since=offset)
        if data is None and not tile.full:
            whole = self._client.file(str(Tile(ENTRIES, tile.index)))
            data = None if whole is None else narrow(tile, whole)[offset:]
        if data is None:
            raise Unreachable(
                "a part of the log is missing", where=f"{self._client.address}/{tile}", way_out="ask again later"
            )
        try:
            return decode_bundle(data, tile.width - have)
        except FormatError as e:
            raise NotVerified(
                "the log's files do not go on where they were read before", where=str(tile), found=e.found
            ) from None

    def _take(self, leaves: Sequence[bytes], grown: Range, note: Note) -> None:
        """Remember leaves that were shown to make the note's root."""
        self._leaves += leaves
        self._hashes += [merkle.leaf_hash(leaf) for leaf in leaves]
        self._ranges = {size: kept for size, kept in self._ranges.items() if size >= self.size - 4096 or not size}
        self._ranges[self.size] = grown
        self._offset = sum(2 + len(leaf) for leaf in self._leaves[self.size >> HEIGHT << HEIGHT :])
        self.note = note

    def _load(self, leaves: Sequence[bytes], text: str) -> None:
        """Take the cache, if its leaves make the root of a checkpoint that the log's key signed."""
        try:
            if leaves:
                self._found(leaves[0])
                note = Note.parse(text)
                checkpoint = self.check(note)
                grown = follow.advance(Followed(), checkpoint, leaves)
                self._take(leaves, grown.range, note)
        except ComityError:
            self._forget()
            if self._cache is not None:
                self._cache.clear()


@lru_cache(maxsize=4)
def _first(leaf: bytes) -> tuple[Body, Digest]:
    """What leaf 0 says, and its digest; read once for all offices of a process."""
    body = statement.read(leaf, where="leaf 0").act.body
    return body, canon.digest(canon.encode(body))


def parse(raw: bytes, *, where: str) -> Note:
    """A note that the hub serves, within the limits of a checkpoint."""
    if len(raw) > 1 << 20:
        raise FormatError("too large for a checkpoint", where=where, found=f"{len(raw)} bytes")
    return Note.parse(raw)
