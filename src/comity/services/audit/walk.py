"""One pass over all files of a log: each bundle against its tile, each tile against those below, then the root.

All that is held is the right edge of the tree, one bundle and one tile a level, and the state where leaves are folded.
Decides how a file that is missing, torn or another is named; who signed the head is `whole`'s affair.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from comity.assembly import fold
from comity.assembly.state import State
from comity.errors import FormatError, NotVerified
from comity.model.job import Tell
from comity.services.audit.files import Files
from comity.services.audit.signers import Signers
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.spelling import HASH, b64
from comity.tlog.tile import HEIGHT, Edge, Tile, bundles, decode_bundle, hash_entries, served

CHECKPOINT: Final = "checkpoint"
WHAT: Final = "auditing the log"
LISTED: Final = 20  # leaves without a signature that are named; all are counted


class NoPrefix(NotVerified):
    """The log does not begin as an earlier checkpoint of it says. `evidence`: what convicts its key, if it does."""

    evidence: Evidence | None = None


@dataclass(slots=True)
class Walk:
    """The one pass over the entries; all that it holds is the edge of the tree, and the state where leaves are folded.

    signers: keys that the log has named so far, for an assembly's log.
    keep: takes the entries of each bundle, once they agree with the tile beside it.
    """

    files: Files
    head: Checkpoint
    state: State | None
    signers: Signers | None
    keep: Callable[[tuple[bytes, ...]], None] = lambda entries: None
    edge: Edge = field(default_factory=Edge)
    bundles: int = 0
    tiles: int = 0
    volume: int = 0
    unsigned: list[int] = field(default_factory=list)
    unsigned_count: int = 0
    _since: Checkpoint | None = None

    def expect(self, since: Checkpoint) -> None:
        """On the way the log must have had this root at this size."""
        self._since = since

    def through(self, tell: Tell) -> None:
        """Every bundle in order, then the tiles that are not full, then the root."""
        size = self.head.size
        for tile in bundles(size):
            tell(self.edge.size, size, WHAT)
            entries = self._entries(tile)
            self._grow(tile, entries)
            self._read(entries)
            self.keep(entries)
        for tile, data in self.edge.partial():
            self._compare(tile, data)
        tell(size, size, WHAT)
        if self.edge.root() != self.head.root:
            raise NotVerified(
                "the entries do not make the checkpoint's root",
                where=self.files.place(CHECKPOINT),
                found=b64(self.head.root),
                wanted=b64(self.edge.root()),
                way_out="keep the checkpoint and ask another mirror: one of the two views is false",
            )

    def _entries(self, tile: Tile) -> tuple[bytes, ...]:
        data = read(self.files, tile)
        self.bundles += 1
        self.volume += len(data)
        return decode(self.files, tile, data)

    def _grow(self, bundle: Tile, entries: tuple[bytes, ...]) -> None:
        """The edge by one bundle; stops at an expected size on the way."""
        hashes = hash_entries(entries)
        start = self.edge.size
        if self._since and start < self._since.size <= start + len(hashes):
            inside = self._since.size - start
            reached, _ = self.edge.extend(hashes[:inside])
            if reached.root() != self._since.root:
                raise _no_prefix(self._since, self.files, b64(reached.root()))
        if not bundle.full:
            self._compare_leaves(bundle, hashes)
        self.edge, full = self.edge.extend(hashes)
        for tile, data in full:
            if tile.level == 0:
                self._compare_leaves(bundle, hashes)
            else:
                self._compare(tile, data)

    def _compare_leaves(self, bundle: Tile, hashes: list[bytes]) -> None:
        """The bundle against the level-0 tile beside it; the first leaf that differs is named."""
        tile = Tile(0, bundle.index, bundle.width)
        data = read(self.files, tile)
        if bundle.full:
            self.tiles += 1
        _check_length(self.files, tile, data)
        for place, made in enumerate(hashes):
            held = data[place * HASH : (place + 1) * HASH]
            if held != made:
                raise NotVerified(
                    "an entry is not the one whose hash the tile beside it holds",
                    where=f"{self.files.place(str(bundle))}, leaf {(bundle.index << HEIGHT) + place}",
                    found=b64(made),
                    wanted=f"{b64(held)} of {tile}",
                )

    def _compare(self, tile: Tile, data: bytes) -> None:
        served = read(self.files, tile)
        self.tiles += 1
        _check_length(self.files, tile, served)
        if served != data:
            place = next(i for i in range(tile.width) if served[i * HASH : i * HASH + HASH] != data[i * HASH :][:HASH])
            raise NotVerified(
                "a tile does not hold the hashes that the tiles below it make",
                where=f"{self.files.place(str(tile))}, hash {place}",
                found=b64(served[place * HASH : place * HASH + HASH]),
                wanted=b64(data[place * HASH : place * HASH + HASH]),
            )

    def _read(self, entries: tuple[bytes, ...]) -> None:
        """What the leaves say: folded, or by their envelopes alone."""
        first = self.edge.size - len(entries)
        for place, leaf in enumerate(entries):
            if self.state is not None:
                self.state, _ = fold.step(self.state, leaf)
            if self.signers is not None and not self.signers.signed(leaf):
                self.unsigned_count += 1
                if len(self.unsigned) < LISTED:
                    self.unsigned.append(first + place)


def read(files: Files, tile: Tile) -> bytes:
    """A tile or bundle; a partial one is cut out of the full one where that has taken its place."""
    try:
        data = served(tile, lambda one: files.read(str(one)))
    except FormatError as e:
        where = files.place(str(Tile(tile.level, tile.index)))
        raise NotVerified("a file of the log is torn", where=where, found=e.found, wanted=e.wanted) from None
    if data is None:
        raise NotVerified(
            "a file of the log is missing",
            where=files.place(str(tile)),
            way_out="fetch it again, or ask another mirror",
        )
    return data


def decode(files: Files, tile: Tile, data: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle; NotVerified if it is torn, or not of its width."""
    try:
        return decode_bundle(data, tile.width)
    except FormatError as e:
        where = files.place(str(tile))
        raise NotVerified(
            "an entry bundle is torn, or not of its width", where=where, found=e.found, wanted=e.wanted
        ) from None


def _check_length(files: Files, tile: Tile, data: bytes) -> None:
    if len(data) != tile.width * HASH:
        raise NotVerified(
            "a tile is not as long as its width",
            where=files.place(str(tile)),
            found=f"{len(data)} bytes",
            wanted=f"{tile.width * HASH}",
        )


def _no_prefix(since: Checkpoint, files: Files, found: str) -> NoPrefix:
    return NoPrefix(
        f"the first {since.size} leaves are not those of the earlier checkpoint",
        where=files.place(CHECKPOINT),
        found=found,
        wanted=b64(since.root),
        way_out="keep both checkpoints: the log's key signed two views, and they show it",
    )
